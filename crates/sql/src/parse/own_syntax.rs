//! Functions in whose calls words stand between the arguments (`func_expr_common_subexpr` of `gram.y`).

use pg::Result;

use super::ast::{Expr, ExprKind, FuncArg, FuncCall, Literal, TypeName};
use super::expr::{special, string};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

impl Parser<'_> {
    pub(super) fn has_own_syntax(&self, word: &str) -> bool {
        const WORDS: &[&str] = &[
            "cast",
            "coalesce",
            "extract",
            "greatest",
            "grouping",
            "least",
            "normalize",
            "nullif",
            "overlay",
            "position",
            "substring",
            "treat",
            "trim",
            "xmlconcat",
            "xmlelement",
            "xmlexists",
            "xmlforest",
            "xmlparse",
            "xmlpi",
            "xmlroot",
            "xmlserialize",
        ];
        WORDS.contains(&word)
    }

    /// The forms in which words stand between the arguments.
    pub(super) fn own_syntax(&mut self, word: &str) -> Result<Expr> {
        let pos = self.pos();
        self.advance();
        self.expect_symbol('(')?;
        let expr = match word {
            "cast" => {
                let operand = self.expr()?;
                self.expect("as")?;
                let ty = self.type_name()?;
                Expr::new(ExprKind::Cast(Box::new(operand), ty), pos)
            }
            "coalesce" => Expr::new(ExprKind::Coalesce(self.expr_list()?), pos),
            "greatest" => Expr::new(ExprKind::MinMax(true, self.expr_list()?), pos),
            "least" => Expr::new(ExprKind::MinMax(false, self.expr_list()?), pos),
            "grouping" => Expr::new(ExprKind::Grouping(self.expr_list()?), pos),
            "nullif" => {
                let left = Box::new(self.expr()?);
                self.expect_symbol(',')?;
                Expr::new(ExprKind::NullIf(left, Box::new(self.expr()?)), pos)
            }
            "extract" => self.extract(pos)?,
            "normalize" => self.normalize(pos)?,
            "overlay" => self.overlay(pos)?,
            "position" => {
                let needle = self.b_expr()?;
                self.expect("in")?;
                special("position", vec![self.b_expr()?, needle], pos)
            }
            "substring" => self.substring(pos)?,
            "trim" => self.trim(pos)?,
            _ => return Err(pg::Error::refused(word.to_ascii_uppercase()).at(Some(pos))),
        };
        self.expect_symbol(')')?;
        Ok(expr)
    }

    fn extract(&mut self, pos: u32) -> Result<Expr> {
        let field_pos = self.pos();
        let field = match self.peek().clone() {
            TokenKind::String(text) => text,
            TokenKind::Word { folded, category, .. }
                if category.is_none()
                    || matches!(&*folded, "year" | "month" | "day" | "hour" | "minute" | "second") =>
            {
                folded
            }
            TokenKind::Quoted(text) => text,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        self.expect("from")?;
        let source = self.expr()?;
        Ok(special("extract", vec![string(field, field_pos), source], pos))
    }

    fn normalize(&mut self, pos: u32) -> Result<Expr> {
        let mut args = vec![self.expr()?];
        if self.eat_symbol(',') {
            let form = match self.peek().word() {
                Some(form @ ("nfc" | "nfd" | "nfkc" | "nfkd")) => form.to_ascii_uppercase(),
                _ => return Err(self.unexpected()),
            };
            args.push(string(form.as_str().into(), self.pos()));
            self.advance();
        }
        Ok(special("normalize", args, pos))
    }

    fn overlay(&mut self, pos: u32) -> Result<Expr> {
        let first = self.func_arg()?;
        if !self.is("placing") {
            let args = self.more_args(first)?;
            return Ok(call("overlay", args, pos));
        }
        self.advance();
        let mut args = vec![first.expr, self.expr()?];
        self.expect("from")?;
        args.push(self.expr()?);
        if self.eat("for") {
            args.push(self.expr()?);
        }
        Ok(special("overlay", args, pos))
    }

    fn more_args(&mut self, first: FuncArg) -> Result<Vec<FuncArg>> {
        let mut args = vec![first];
        while self.eat_symbol(',') {
            args.push(self.func_arg()?);
        }
        Ok(args)
    }

    fn substring(&mut self, pos: u32) -> Result<Expr> {
        if self.is_symbol(')') {
            return Ok(call("substring", Vec::new(), pos));
        }
        let first = self.func_arg()?;
        if self.eat("similar") {
            let pattern = self.expr()?;
            self.expect("escape")?;
            let escape = self.expr()?;
            return Ok(special("substring", vec![first.expr, pattern, escape], pos));
        }
        if self.eat("from") {
            let from = self.expr()?;
            let args =
                if self.eat("for") { vec![first.expr, from, self.expr()?] } else { vec![first.expr, from] };
            return Ok(special("substring", args, pos));
        }
        if self.eat("for") {
            let length = self.expr()?;
            if self.eat("from") {
                let from = self.expr()?;
                return Ok(special("substring", vec![first.expr, from, length], pos));
            }
            // The length is cast, lest the pattern forms of substring() are meant.
            let int4 = TypeName::catalog("int4", 0);
            let length = Expr::new(ExprKind::Cast(Box::new(length), int4), 0);
            let one = Expr::new(ExprKind::Const(Literal::Integer(1)), 0);
            return Ok(special("substring", vec![first.expr, one, length], pos));
        }
        let args = self.more_args(first)?;
        Ok(call("substring", args, pos))
    }

    fn trim(&mut self, pos: u32) -> Result<Expr> {
        let name = match self.peek().word() {
            Some("leading") => "ltrim",
            Some("trailing") => "rtrim",
            Some("both") => "btrim",
            _ => "",
        };
        if !name.is_empty() {
            self.advance();
        }
        let name = if name.is_empty() { "btrim" } else { name };
        // trim_list: a_expr FROM expr_list | FROM expr_list | expr_list
        if self.eat("from") {
            return Ok(special(name, self.expr_list()?, pos));
        }
        let first = self.expr()?;
        if self.eat("from") {
            let mut args = self.expr_list()?;
            args.push(first);
            return Ok(special(name, args, pos));
        }
        let mut args = vec![first];
        while self.eat_symbol(',') {
            args.push(self.expr()?);
        }
        Ok(special(name, args, pos))
    }
}

/// A call of a function whose name is a keyword, written as any call.
fn call(name: &str, args: Vec<FuncArg>, pos: u32) -> Expr {
    Expr::new(ExprKind::Func(Box::new(FuncCall::plain(vec![Name::quoted(name)], args))), pos)
}
