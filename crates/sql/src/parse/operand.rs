//! Operands that begin with a word: columns, calls, typed literals, and what has a syntax of its own
//! (`func_expr`, `func_expr_common_subexpr`, `case_expr` … of `gram.y`).

use pg::Result;

use super::ast::{
    CaseArm, Expr, ExprKind, FuncArg, FuncCall, Indirection, Literal, SqlValue, SubqueryKind, TypeName,
};
use super::expr::{special, string};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

impl Parser<'_> {
    pub(super) fn word_operand(&mut self) -> Result<Expr> {
        let Some(word) = self.peek().word().map(str::to_owned) else { return self.named() };
        let pos = self.pos();
        if let Some(literal) = match word.as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ => None,
        } {
            self.advance();
            return Ok(Expr::new(ExprKind::Const(literal), pos));
        }
        if word == "current_schema" && !self.ahead(1).kind.is_symbol('(') {
            self.advance();
            return Ok(Expr::new(ExprKind::SqlValue(SqlValue::CurrentSchema, None), pos));
        }
        if let Some((value, precision)) = sql_value(&word) {
            self.advance();
            let mut modifier = None;
            if precision && self.eat_symbol('(') {
                modifier = Some(self.integer()?);
                self.expect_symbol(')')?;
            }
            return Ok(Expr::new(ExprKind::SqlValue(value, modifier), pos));
        }
        let open = self.ahead(1).kind.is_symbol('(');
        match word.as_str() {
            "case" => self.case(),
            "array" if self.ahead(1).kind.is_symbol('[') => {
                self.advance();
                self.array(pos)
            }
            "array" if open => {
                self.advance();
                self.subquery(SubqueryKind::Array, pos)
            }
            "exists" if open => {
                self.advance();
                self.subquery(SubqueryKind::Exists, pos)
            }
            "row" if open => self.row(),
            // Nothing else can begin with these words.
            "array" | "cast" if !open => {
                self.advance();
                Err(self.unexpected())
            }
            _ if open && self.has_own_syntax(&word) => self.own_syntax(&word),
            "collation" if self.ahead(1).kind.is_word("for") => {
                self.skip(2);
                self.expect_symbol('(')?;
                let arg = self.expr()?;
                self.expect_symbol(')')?;
                Ok(special("pg_collation_for", vec![arg], pos))
            }
            "interval" => match self.interval_literal()? {
                Some(literal) => Ok(literal),
                None => self.named(),
            },
            _ => match self.typed_literal()? {
                Some(literal) => Ok(literal),
                None => self.named(),
            },
        }
    }

    fn subquery(&mut self, kind: SubqueryKind, pos: u32) -> Result<Expr> {
        let query = self.query_in_parentheses()?;
        Ok(Expr::new(ExprKind::Subquery(kind, Box::new(query)), pos))
    }

    /// `[a, b]`, nested ones without the word ARRAY.
    fn array(&mut self, pos: u32) -> Result<Expr> {
        self.nested(|p| {
            p.expect_symbol('[')?;
            let items = if p.is_symbol(']') {
                Vec::new()
            } else if p.is_symbol('[') {
                p.list(|p| {
                    let pos = p.pos();
                    p.array(pos)
                })?
            } else {
                p.expr_list()?
            };
            p.expect_symbol(']')?;
            Ok(Expr::new(ExprKind::Array(items), pos))
        })
    }

    fn row(&mut self) -> Result<Expr> {
        let pos = self.pos();
        self.advance();
        self.expect_symbol('(')?;
        let fields = if self.is_symbol(')') { Vec::new() } else { self.list(Self::row_field)? };
        self.expect_symbol(')')?;
        let row = self.indirection(Expr::new(ExprKind::Row(fields), pos))?;
        self.overlaps(row)
    }

    fn row_field(&mut self) -> Result<Expr> {
        self.expr()
    }

    fn case(&mut self) -> Result<Expr> {
        let pos = self.pos();
        self.advance();
        let operand = if self.is("when") { None } else { Some(Box::new(self.expr()?)) };
        let mut arms = Vec::new();
        while self.is("when") {
            let when = self.pos();
            self.advance();
            let condition = self.expr()?;
            self.expect("then")?;
            arms.push(CaseArm { condition, result: self.expr()?, pos: when });
        }
        if arms.is_empty() {
            return Err(self.unexpected());
        }
        let otherwise = if self.eat("else") { Some(Box::new(self.expr()?)) } else { None };
        self.expect("end")?;
        Ok(Expr::new(ExprKind::Case { operand, arms, otherwise }, pos))
    }

    /// A column, a call, or a literal of a type that is named: what an identifier begins.
    fn named(&mut self) -> Result<Expr> {
        let pos = self.pos();
        let first = self.token().clone();
        let (column, function) = (first.kind.is_col_id(), first.kind.is_type_function_name());
        let Some(name) = first.kind.name().filter(|_| column || function) else {
            return Err(self.unexpected());
        };
        self.advance();
        let mut names = vec![name];
        let mut star = false;
        while self.is_symbol('.') {
            self.advance();
            if self.eat_symbol('*') {
                star = true;
                break;
            }
            names.push(self.label()?);
        }
        if !star && self.is_symbol('(') && (function || (column && names.len() > 1)) {
            return self.function_or_literal(names, pos);
        }
        if !star && matches!(self.peek(), TokenKind::String(_)) && (function || (column && names.len() > 1)) {
            let ty = TypeName { names, ..TypeName::catalog("", pos) };
            return self.literal_of(ty, pos);
        }
        if !column {
            return Err(if names.len() > 1 { self.unexpected_at(&first) } else { self.unexpected() });
        }
        if star {
            return Ok(Expr::new(ExprKind::Star(names), pos));
        }
        self.indirection_of_column(names, pos)
    }

    fn indirection_of_column(&mut self, names: Vec<Name>, pos: u32) -> Result<Expr> {
        let column = Expr::new(ExprKind::Column(names), pos);
        if !self.is_symbol('[') {
            return Ok(column);
        }
        self.indirection(column)
    }

    fn literal_of(&mut self, ty: TypeName, pos: u32) -> Result<Expr> {
        let value_pos = self.pos();
        let value = self.string()?;
        Ok(Expr::new(ExprKind::Cast(Box::new(string(value, value_pos)), ty), pos))
    }

    /// `f(…)`, or `t(n) 'x'`
    fn function_or_literal(&mut self, names: Vec<Name>, pos: u32) -> Result<Expr> {
        let call = self.arguments(names)?;
        if matches!(self.peek(), TokenKind::String(_)) {
            let plain = !call.star && !call.distinct && !call.variadic && call.order_by.is_empty();
            if !plain || call.args.iter().any(|arg| arg.name.is_some()) {
                return Err(self.unexpected());
            }
            let typmods = call.args.into_iter().map(|arg| arg.expr).collect();
            let ty = TypeName { names: call.name, typmods, ..TypeName::catalog("", pos) };
            return self.literal_of(ty, pos);
        }
        let call = if self.windowless == Some(pos) { call } else { self.call_clauses(call)? };
        Ok(Expr::new(ExprKind::Func(Box::new(call)), pos))
    }

    fn arguments(&mut self, name: Vec<Name>) -> Result<FuncCall> {
        self.expect_symbol('(')?;
        let mut call = FuncCall::plain(name, Vec::new());
        if self.eat_symbol('*') {
            self.expect_symbol(')')?;
            call.star = true;
            return Ok(call);
        }
        if self.eat_symbol(')') {
            return Ok(call);
        }
        if self.eat("distinct") {
            call.distinct = true;
        } else {
            self.eat("all");
        }
        loop {
            if self.eat("variadic") {
                call.variadic = true;
                call.args.push(self.func_arg()?);
                break;
            }
            call.args.push(self.func_arg()?);
            if !self.eat_symbol(',') {
                break;
            }
        }
        if self.is("order") {
            call.order_by = self.order_by()?;
        }
        self.expect_symbol(')')?;
        Ok(call)
    }

    pub(super) fn func_arg(&mut self) -> Result<FuncArg> {
        let named = matches!(self.ahead(1).kind, TokenKind::ColonEquals | TokenKind::EqualsGreater)
            && self.peek().is_type_function_name();
        if named {
            let name = self.peek().name();
            self.skip(2);
            return Ok(FuncArg { name, expr: self.expr()? });
        }
        Ok(FuncArg { name: None, expr: self.expr()? })
    }

    /// `WITHIN GROUP`, `FILTER`, `OVER` behind a call.
    fn call_clauses(&mut self, mut call: FuncCall) -> Result<FuncCall> {
        if self.is("within") {
            let pos = self.pos();
            self.advance();
            self.expect("group")?;
            if !call.order_by.is_empty() {
                return Err(self.error_at(pos, "cannot use multiple ORDER BY clauses with WITHIN GROUP"));
            }
            if call.distinct {
                return Err(self.error_at(pos, "cannot use DISTINCT with WITHIN GROUP"));
            }
            if call.variadic {
                return Err(self.error_at(pos, "cannot use VARIADIC with WITHIN GROUP"));
            }
            self.expect_symbol('(')?;
            call.order_by = self.order_by()?;
            self.expect_symbol(')')?;
            call.within_group = true;
        }
        if self.eat("filter") {
            self.expect_symbol('(')?;
            self.expect("where")?;
            call.filter = Some(self.expr()?);
            self.expect_symbol(')')?;
        }
        if self.eat("over") {
            call.over = Some(self.over()?);
        }
        Ok(call)
    }

    /// A literal of a type that SQL spells in words: `DATE '…'` is a plain name, but `TIMESTAMP WITH TIME ZONE '…'`,
    /// `CHARACTER VARYING(3) '…'`, `INT '4'` are these.
    fn typed_literal(&mut self) -> Result<Option<Expr>> {
        let pos = self.pos();
        let at = self.at;
        if !self.at_keyword_type() {
            return Ok(None);
        }
        match self.keyword_type() {
            Ok(Some(mut ty)) if matches!(self.peek(), TokenKind::String(_)) => {
                // CHAR '…' and BIT '…' have any length (`ConstCharacter`, `ConstBit`), though CHAR is CHAR(1) elsewhere.
                if self.at <= at + 2 {
                    ty.typmods.clear();
                }
                self.literal_of(ty, pos).map(Some)
            }
            // `numeric(1)` can be nothing but a type with its modifier.
            Ok(Some(ty)) if !ty.typmods.is_empty() && self.at > at + 1 => Err(self.unexpected()),
            Ok(_) => {
                self.at = at;
                Ok(None)
            }
            Err(error) => {
                self.at = at;
                let column = !self.ahead(1).kind.is_symbol('(');
                if column { Ok(None) } else { Err(error) }
            }
        }
    }

    /// `INTERVAL '…' DAY TO SECOND`, `INTERVAL(3) '…'`
    fn interval_literal(&mut self) -> Result<Option<Expr>> {
        let pos = self.pos();
        let at = self.at;
        self.advance();
        let mut typmods = Vec::new();
        if self.is_symbol('(') {
            self.advance();
            let precision = Expr::new(ExprKind::Const(Literal::Integer(self.integer()?)), pos);
            self.expect_symbol(')')?;
            typmods = vec![super::typename::full_range(pos), precision];
        }
        if !matches!(self.peek(), TokenKind::String(_)) {
            if !typmods.is_empty() {
                return Err(self.unexpected());
            }
            self.at = at;
            return Ok(None);
        }
        let value_pos = self.pos();
        let value = self.string()?;
        if typmods.is_empty() {
            typmods = self.interval_fields()?;
        }
        let ty = TypeName { typmods, ..TypeName::catalog("interval", pos) };
        Ok(Some(Expr::new(ExprKind::Cast(Box::new(string(value, value_pos)), ty), pos)))
    }

    /// A function call in FROM.
    pub(super) fn call_in_from(&mut self) -> Result<Expr> {
        let pos = self.pos();
        self.windowless = Some(pos);
        let expr = self.word_operand()?;
        match expr.kind {
            ExprKind::Column(_) | ExprKind::Star(_) | ExprKind::Const(_) | ExprKind::Case { .. } => {
                Err(self.unexpected())
            }
            ExprKind::Indirection(inner, steps) if !steps.iter().any(|s| matches!(s, Indirection::Star)) => {
                Ok(Expr::new(ExprKind::Indirection(inner, steps), pos))
            }
            kind => Ok(Expr::new(kind, expr.pos)),
        }
    }
}

fn sql_value(word: &str) -> Option<(SqlValue, bool)> {
    Some(match word {
        "current_date" => (SqlValue::CurrentDate, false),
        "current_time" => (SqlValue::CurrentTime, true),
        "current_timestamp" => (SqlValue::CurrentTimestamp, true),
        "localtime" => (SqlValue::LocalTime, true),
        "localtimestamp" => (SqlValue::LocalTimestamp, true),
        "current_role" => (SqlValue::CurrentRole, false),
        "current_user" => (SqlValue::CurrentUser, false),
        "session_user" => (SqlValue::SessionUser, false),
        "user" => (SqlValue::User, false),
        "current_catalog" => (SqlValue::CurrentCatalog, false),
        _ => return None,
    })
}
