//! Expressions: precedence climbing over `a_expr` and `b_expr` of `gram.y`.

use std::sync::Arc;

use pg::{Error, Result, SqlState};

use super::ast::{Expr, ExprKind, FuncArg, FuncCall, Indirection, Literal, OperatorName, SubqueryKind};
use super::parser::{Parser, Placeholders};
use super::token::TokenKind;
use crate::catalog::Name;

/// The levels of `gram.y`, from loosest.
mod level {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const IS: u8 = 4;
    pub const COMPARISON: u8 = 5;
    pub const LIKE: u8 = 6;
    pub const OPERATOR: u8 = 9;
    pub const ADD: u8 = 10;
    pub const MULTIPLY: u8 = 11;
    pub const POWER: u8 = 12;
    pub const AT: u8 = 13;
    pub const COLLATE: u8 = 14;
    pub const MINUS: u8 = 15;
    pub const CAST: u8 = 18;
}

/// What may continue an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Infix {
    Or,
    And,
    Is,
    IsNull(bool),
    Operator,
    Like,
    Between,
    In,
    AtTimeZone,
    Collate,
    Cast,
}

/// What stands in parentheses.
pub(super) enum Parenthesized {
    /// A query.
    Query(Box<super::ast::Query>),
    /// One expression or several.
    Exprs(Vec<Expr>),
}

impl Parser<'_> {
    /// `a_expr`
    pub fn expr(&mut self) -> Result<Expr> {
        self.expr_above(0, false)
    }

    /// `b_expr`: without the operators that SQL's words make.
    pub fn b_expr(&mut self) -> Result<Expr> {
        self.expr_above(0, true)
    }

    /// `expr_list`
    pub fn expr_list(&mut self) -> Result<Vec<Expr>> {
        self.list(Self::expr)
    }

    fn expr_above(&mut self, min: u8, b: bool) -> Result<Expr> {
        self.nested(|p| {
            let left = p.prefix(b)?;
            p.continue_expr(left, min, b)
        })
    }

    /// What binds at least as tightly as `min` behind an operand.
    pub(super) fn continue_expr(&mut self, mut left: Expr, min: u8, b: bool) -> Result<Expr> {
        loop {
            self.split_trailing_placeholder();
            let Some((infix, level)) = self.infix(b) else { return Ok(left) };
            if level < min {
                return Ok(left);
            }
            // AND and OR make flat lists; other operators make trees as deep as the chain is long.
            if !matches!(infix, Infix::And | Infix::Or) {
                self.grow(1)?;
            }
            left = self.infix_rule(left, infix, level, b)?;
        }
    }

    fn infix(&self, b: bool) -> Option<(Infix, u8)> {
        let found = match self.peek() {
            TokenKind::TypeCast => (Infix::Cast, level::CAST),
            TokenKind::Symbol('^') => (Infix::Operator, level::POWER),
            TokenKind::Symbol('*' | '/' | '%') => (Infix::Operator, level::MULTIPLY),
            TokenKind::Symbol('+' | '-') => (Infix::Operator, level::ADD),
            TokenKind::Symbol('<' | '>' | '=') => (Infix::Operator, level::COMPARISON),
            TokenKind::Operator(text) if matches!(&**text, "<=" | ">=" | "<>") => {
                (Infix::Operator, level::COMPARISON)
            }
            TokenKind::Operator(_) => (Infix::Operator, level::OPERATOR),
            TokenKind::Word { .. } => return self.infix_word(b),
            _ => return None,
        };
        Some(found)
    }

    fn infix_word(&self, b: bool) -> Option<(Infix, u8)> {
        let word = self.peek().word()?;
        let next = |words: &[&str]| words.iter().any(|w| self.ahead(1).kind.is_word(w));
        Some(match word {
            "operator" if self.ahead(1).kind.is_symbol('(') => (Infix::Operator, level::OPERATOR),
            "is" if !b
                || next(&["distinct", "document"])
                || (next(&["not"])
                    && ["distinct", "document"].iter().any(|w| self.ahead(2).kind.is_word(w))) =>
            {
                (Infix::Is, level::IS)
            }
            _ if b => return None,
            "or" => (Infix::Or, level::OR),
            "and" => (Infix::And, level::AND),
            "isnull" => (Infix::IsNull(false), level::IS),
            "notnull" => (Infix::IsNull(true), level::IS),
            "like" | "ilike" => (Infix::Like, level::LIKE),
            // SUBSTRING(x SIMILAR y ESCAPE z) has the word, too.
            "similar" if next(&["to"]) => (Infix::Like, level::LIKE),
            "between" => (Infix::Between, level::LIKE),
            "in" => (Infix::In, level::LIKE),
            "not" if next(&["like", "ilike", "similar"]) => (Infix::Like, level::LIKE),
            "not" if next(&["between"]) => (Infix::Between, level::LIKE),
            "not" if next(&["in"]) => (Infix::In, level::LIKE),
            "at" => (Infix::AtTimeZone, level::AT),
            "collate" => (Infix::Collate, level::COLLATE),
            _ => return None,
        })
    }

    fn infix_rule(&mut self, left: Expr, infix: Infix, level: u8, b: bool) -> Result<Expr> {
        let pos = self.pos();
        match infix {
            Infix::Or | Infix::And => {
                self.advance();
                let right = self.expr_above(level + 1, b)?;
                Ok(chain(infix == Infix::And, left, right, pos))
            }
            Infix::IsNull(negated) => {
                self.advance();
                Ok(Expr::new(ExprKind::IsNull(Box::new(left), negated), pos))
            }
            Infix::Is => self.is_rule(left, b),
            Infix::Operator => self.operator_rule(left, level, b),
            Infix::Like => self.like_rule(left),
            Infix::Between => self.between_rule(left),
            Infix::In => self.in_rule(left),
            Infix::AtTimeZone => {
                self.advance();
                self.expect("time")?;
                self.expect("zone")?;
                let zone = self.expr_above(level + 1, b)?;
                Ok(special("timezone", vec![zone, left], pos))
            }
            Infix::Collate => {
                self.advance();
                let collation = self.any_name()?;
                Ok(Expr::new(ExprKind::Collate(Box::new(left), collation), pos))
            }
            Infix::Cast => {
                self.advance();
                let ty = self.type_name()?;
                Ok(Expr::new(ExprKind::Cast(Box::new(left), ty), pos))
            }
        }
    }

    fn operator_rule(&mut self, left: Expr, level: u8, b: bool) -> Result<Expr> {
        let pos = self.pos();
        let op = self.operator_name()?;
        if !b && self.is_any(&["any", "some", "all"]) && self.ahead(1).kind.is_symbol('(') {
            return self.quantified(left, op, pos);
        }
        let right = Box::new(self.expr_above(level + 1, b)?);
        // `a < b < c` has no meaning.
        if level == level::COMPARISON && matches!(self.infix(b), Some((_, level::COMPARISON))) {
            return Err(self.unexpected());
        }
        Ok(Expr::new(ExprKind::Operator { op, left: Some(Box::new(left)), right }, pos))
    }

    /// `ANY (…)`, `SOME (…)`, `ALL (…)` behind an operator.
    fn quantified(&mut self, left: Expr, op: OperatorName, pos: u32) -> Result<Expr> {
        let all = self.is("all");
        self.advance();
        let left = Box::new(left);
        let at = self.ahead(1).clone();
        let kind = match self.parenthesized()? {
            Parenthesized::Query(query) => {
                ExprKind::Subquery(SubqueryKind::Quantified { left, op: Some(op), all }, query)
            }
            Parenthesized::Exprs(exprs) => {
                let mut exprs = exprs.into_iter();
                match (exprs.next(), exprs.next()) {
                    (Some(array), None) => ExprKind::AnyArray { op, all, left, array: Box::new(array) },
                    _ => return Err(self.unexpected_at(&at)),
                }
            }
        };
        Ok(Expr::new(kind, pos))
    }

    fn is_rule(&mut self, left: Expr, b: bool) -> Result<Expr> {
        let pos = self.pos();
        self.advance();
        let negated = self.eat("not");
        let left = Box::new(left);
        if self.eat("distinct") {
            self.expect("from")?;
            let right = Box::new(self.expr_above(level::IS + 1, b)?);
            if matches!(self.infix(b), Some((_, level::IS))) {
                return Err(self.unexpected());
            }
            return Ok(Expr::new(ExprKind::Distinct(left, right, negated), pos));
        }
        if self.eat("document") {
            return Ok(Expr::new(ExprKind::Refused("IS DOCUMENT"), pos));
        }
        let kind = match self.peek().word() {
            _ if b => return Err(self.unexpected()),
            Some("null") => ExprKind::IsNull(left, negated),
            Some("true") => ExprKind::BooleanTest(left, Some(true), negated),
            Some("false") => ExprKind::BooleanTest(left, Some(false), negated),
            Some("unknown") => ExprKind::BooleanTest(left, None, negated),
            Some(form @ ("normalized" | "nfc" | "nfd" | "nfkc" | "nfkd")) => {
                let mut args = vec![*left];
                if form != "normalized" {
                    args.push(string(form.to_ascii_uppercase().as_str().into(), self.pos()));
                    self.advance();
                }
                self.expect("normalized")?;
                let call = special("is_normalized", args, pos);
                return Ok(if negated { Expr::new(ExprKind::Not(Box::new(call)), pos) } else { call });
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Expr::new(kind, pos))
    }

    fn like_rule(&mut self, left: Expr) -> Result<Expr> {
        let pos = self.pos();
        let negated = self.eat("not");
        let word = self.advance();
        let similar = word.kind.is_word("similar");
        if similar {
            self.expect("to")?;
        }
        let symbol = match (word.kind.is_word("ilike"), similar, negated) {
            (_, true, false) => "~",
            (_, true, true) => "!~",
            (true, _, false) => "~~*",
            (true, _, true) => "!~~*",
            (false, _, false) => "~~",
            (false, _, true) => "!~~",
        };
        let op = OperatorName { schema: None, name: symbol.into() };
        if !similar && self.is_any(&["any", "some", "all"]) && self.ahead(1).kind.is_symbol('(') {
            return self.quantified(left, op, pos);
        }
        let mut pattern = self.expr_above(level::LIKE + 1, false)?;
        let escape = if self.eat("escape") { Some(self.expr_above(level::LIKE + 1, false)?) } else { None };
        if matches!(self.infix(false), Some((_, level::LIKE))) {
            return Err(self.unexpected());
        }
        if similar {
            let args = std::iter::once(pattern).chain(escape).collect();
            pattern = special("similar_to_escape", args, pos);
        } else if let Some(escape) = escape {
            pattern = special("like_escape", vec![pattern, escape], pos);
        }
        let (left, right) = (Some(Box::new(left)), Box::new(pattern));
        Ok(Expr::new(ExprKind::Operator { op, left, right }, pos))
    }

    fn between_rule(&mut self, left: Expr) -> Result<Expr> {
        let pos = self.pos();
        let negated = self.eat("not");
        self.advance();
        let symmetric = self.eat("symmetric");
        if !symmetric {
            self.eat("asymmetric");
        }
        let low = self.b_expr()?;
        self.expect("and")?;
        let high = self.expr_above(level::LIKE + 1, false)?;
        if matches!(self.infix(false), Some((_, level::LIKE))) {
            return Err(self.unexpected());
        }
        Ok(Expr::new(ExprKind::Between { operands: Box::new([left, low, high]), negated, symmetric }, pos))
    }

    fn in_rule(&mut self, left: Expr) -> Result<Expr> {
        let pos = self.pos();
        let negated = self.eat("not");
        self.advance();
        let kind = match self.parenthesized()? {
            Parenthesized::Exprs(list) => ExprKind::In { left: Box::new(left), list, negated },
            Parenthesized::Query(query) => {
                let kind = SubqueryKind::Quantified { left: Box::new(left), op: None, all: false };
                let subquery = Expr::new(ExprKind::Subquery(kind, query), pos);
                return Ok(if negated {
                    Expr::new(ExprKind::Not(Box::new(subquery)), pos)
                } else {
                    subquery
                });
            }
        };
        Ok(Expr::new(kind, pos))
    }

    /// `(…)`: a query in parentheses, or expressions between commas.
    pub(super) fn parenthesized(&mut self) -> Result<Parenthesized> {
        self.nested(|p| {
            p.expect_symbol('(')?;
            if p.at_query() {
                let query = p.query()?;
                p.expect_symbol(')')?;
                return Ok(Parenthesized::Query(Box::new(query)));
            }
            let first = if p.is_symbol('(') {
                match p.operand_or_query()? {
                    Ok(query) => return Ok(Parenthesized::Query(Box::new(query))),
                    Err(operand) => p.continue_expr(operand, 0, false)?,
                }
            } else {
                p.expr()?
            };
            let mut exprs = vec![first];
            while p.eat_symbol(',') {
                exprs.push(p.expr()?);
            }
            p.expect_symbol(')')?;
            Ok(Parenthesized::Exprs(exprs))
        })
    }

    /// At the second of two opening parentheses: the whole is a query (its closing parenthesis taken), or its first
    /// operand is here.
    fn operand_or_query(&mut self) -> Result<std::result::Result<super::ast::Query, Expr>> {
        let pos = self.pos();
        match self.parenthesized()? {
            Parenthesized::Query(query) => {
                if self.is_symbol(')') || self.at_query_continuation() {
                    let query = self.continue_query(*query)?;
                    self.expect_symbol(')')?;
                    return Ok(Ok(query));
                }
                let operand = Expr::new(ExprKind::Subquery(SubqueryKind::Scalar, query), pos);
                Ok(Err(self.indirection(operand)?))
            }
            Parenthesized::Exprs(exprs) => Ok(Err(self.parenthesized_operand(exprs, pos)?)),
        }
    }

    fn parenthesized_operand(&mut self, mut exprs: Vec<Expr>, pos: u32) -> Result<Expr> {
        match exprs.pop() {
            Some(only) if exprs.is_empty() => self.indirection(only),
            Some(last) => {
                exprs.push(last);
                self.overlaps(Expr::new(ExprKind::Row(exprs), pos))
            }
            None => Err(self.unexpected()),
        }
    }

    /// `row OVERLAPS row`
    pub(super) fn overlaps(&mut self, left: Expr) -> Result<Expr> {
        let pos = self.pos();
        if !self.is("overlaps") {
            return Ok(left);
        }
        self.advance();
        let right = self.prefix(false)?;
        match (left.kind, right.kind) {
            (ExprKind::Row(mut args), ExprKind::Row(more)) => {
                if args.len() != 2 {
                    return Err(self.error_at(
                        left.pos,
                        "wrong number of parameters on left side of OVERLAPS expression",
                    ));
                }
                if more.len() != 2 {
                    return Err(self.error_at(
                        right.pos,
                        "wrong number of parameters on right side of OVERLAPS expression",
                    ));
                }
                args.extend(more);
                Ok(special("overlaps", args, pos))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn prefix(&mut self, b: bool) -> Result<Expr> {
        let pos = self.pos();
        match self.peek() {
            TokenKind::Symbol('+' | '-') => {
                let op = self.operator_name()?;
                let right = self.expr_above(level::MINUS + 1, b)?;
                Ok(sign(op, right, pos))
            }
            TokenKind::Operator(text) => {
                if text.starts_with('?') && !matches!(self.placeholders, Placeholders::Numbered) {
                    return self.placeholder();
                }
                if matches!(&**text, "<=" | ">=" | "<>") {
                    return Err(self.unexpected());
                }
                self.prefix_operator(b)
            }
            TokenKind::Word { folded, .. } if !b && **folded == *"not" => {
                self.advance();
                let operand = self.expr_above(level::NOT, b)?;
                Ok(Expr::new(ExprKind::Not(Box::new(operand)), pos))
            }
            TokenKind::Word { folded, .. } if !b && **folded == *"default" => {
                self.advance();
                Ok(Expr::new(ExprKind::Default, pos))
            }
            TokenKind::Word { folded, .. }
                if **folded == *"operator" && self.ahead(1).kind.is_symbol('(') =>
            {
                self.prefix_operator(b)
            }
            _ => self.c_expr(),
        }
    }

    fn prefix_operator(&mut self, b: bool) -> Result<Expr> {
        let pos = self.pos();
        let op = self.operator_name()?;
        let right = Box::new(self.expr_above(level::OPERATOR + 1, b)?);
        Ok(Expr::new(ExprKind::Operator { op, left: None, right }, pos))
    }

    /// `?`
    fn placeholder(&mut self) -> Result<Expr> {
        let pos = self.pos();
        self.split_leading_placeholder();
        match self.placeholders {
            Placeholders::Next(n) => {
                self.placeholders = Placeholders::Next(n + 1);
                self.advance();
                self.indirection(Expr::new(ExprKind::Param(n), pos))
            }
            _ => Err(Error::new(SqlState::UNDEFINED_PARAMETER, "there is no parameter $1")
                .hint("Placeholders need the extended protocol.")
                .at(Some(pos))),
        }
    }

    /// `c_expr`: an operand.
    pub(super) fn c_expr(&mut self) -> Result<Expr> {
        let pos = self.pos();
        let literal = match self.peek().clone() {
            TokenKind::Integer(i) => Literal::Integer(i),
            TokenKind::Number(text) => Literal::Number(text),
            TokenKind::String(text) => Literal::String(text),
            TokenKind::Bits(text) => Literal::Bits(text),
            TokenKind::Param(n) => {
                self.advance();
                // $0 becomes a number that no parameter has.
                let index = usize::try_from(n).unwrap_or(usize::MAX).wrapping_sub(1);
                return self.indirection(Expr::new(ExprKind::Param(index), pos));
            }
            TokenKind::Symbol('(') => {
                return match self.parenthesized()? {
                    Parenthesized::Query(query) => {
                        let kind = ExprKind::Subquery(SubqueryKind::Scalar, query);
                        self.indirection(Expr::new(kind, pos))
                    }
                    Parenthesized::Exprs(exprs) => self.parenthesized_operand(exprs, pos),
                };
            }
            TokenKind::Word { .. } | TokenKind::Quoted(_) => return self.word_operand(),
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Expr::new(ExprKind::Const(literal), pos))
    }

    /// `.field`, `[i]`, `.*` behind an operand.
    pub(super) fn indirection(&mut self, operand: Expr) -> Result<Expr> {
        let pos = operand.pos;
        let mut steps = Vec::new();
        loop {
            if self.is_symbol('.') {
                self.advance();
                if self.eat_symbol('*') {
                    steps.push(Indirection::Star);
                } else {
                    steps.push(Indirection::Field(self.label()?));
                }
            } else if self.is_symbol('[') {
                steps.push(self.subscript()?);
            } else {
                break;
            }
        }
        if steps.is_empty() {
            return Ok(operand);
        }
        if let Some(star) = steps.iter().position(|s| matches!(s, Indirection::Star))
            && star + 1 != steps.len()
        {
            return Err(self.error_at(pos, "improper use of \"*\""));
        }
        Ok(Expr::new(ExprKind::Indirection(Box::new(operand), steps), pos))
    }

    fn subscript(&mut self) -> Result<Indirection> {
        self.expect_symbol('[')?;
        let from = if self.is_symbol(':') { None } else { Some(self.expr()?) };
        if !self.eat_symbol(':') {
            self.expect_symbol(']')?;
            return from.map(Indirection::Index).ok_or_else(|| self.unexpected());
        }
        let to = if self.is_symbol(']') { None } else { Some(self.expr()?) };
        self.expect_symbol(']')?;
        Ok(Indirection::Slice(from, to))
    }
}

/// `AND` and `OR` are flat.
fn chain(and: bool, left: Expr, right: Expr, pos: u32) -> Expr {
    let own = left.pos;
    match (and, left.kind) {
        (true, ExprKind::And(mut items)) => {
            items.push(right);
            Expr::new(ExprKind::And(items), own)
        }
        (false, ExprKind::Or(mut items)) => {
            items.push(right);
            Expr::new(ExprKind::Or(items), own)
        }
        (and, kind) => {
            let items = vec![Expr::new(kind, own), right];
            Expr::new(if and { ExprKind::And(items) } else { ExprKind::Or(items) }, pos)
        }
    }
}

/// `doNegate`: a minus before a number makes a negative number.
fn sign(op: OperatorName, right: Expr, pos: u32) -> Expr {
    if &*op.name == "-" {
        match &right.kind {
            ExprKind::Const(Literal::Integer(i)) if *i >= 0 => {
                return Expr::new(ExprKind::Const(Literal::Integer(-*i)), pos);
            }
            ExprKind::Const(Literal::Number(text)) => {
                let negated: Arc<str> = match text.strip_prefix('-') {
                    Some(rest) => rest.into(),
                    None => format!("-{text}").into(),
                };
                return Expr::new(ExprKind::Const(Literal::Number(negated)), pos);
            }
            ExprKind::Const(Literal::Integer(i)) => {
                let literal = match i.checked_neg() {
                    Some(i) => Literal::Integer(i),
                    None => Literal::Number("2147483648".into()),
                };
                return Expr::new(ExprKind::Const(literal), pos);
            }
            _ => {}
        }
    }
    Expr::new(ExprKind::Operator { op, left: None, right: Box::new(right) }, pos)
}

/// A call of a `pg_catalog` function that has a syntax of its own.
pub(super) fn special(name: &str, args: Vec<Expr>, pos: u32) -> Expr {
    let args = args.into_iter().map(|expr| FuncArg { name: None, expr }).collect();
    let name = vec![Name::quoted("pg_catalog"), Name::quoted(name)];
    let call = FuncCall { special: true, ..FuncCall::plain(name, args) };
    Expr::new(ExprKind::Func(Box::new(call)), pos)
}

/// A string constant.
pub(super) fn string(text: Arc<str>, pos: u32) -> Expr {
    Expr::new(ExprKind::Const(Literal::String(text)), pos)
}
