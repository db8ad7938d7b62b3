//! Names of types (`Typename` of `gram.y`): SQL's own words become `pg_catalog`'s names.

use pg::{Result, SqlState};

use super::ast::{Expr, ExprKind, Literal, TypeName};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

/// The bits of `interval`'s fields (`INTERVAL_MASK`).
mod field {
    pub const MONTH: i32 = 1 << 1;
    pub const YEAR: i32 = 1 << 2;
    pub const DAY: i32 = 1 << 3;
    pub const HOUR: i32 = 1 << 10;
    pub const MINUTE: i32 = 1 << 11;
    pub const SECOND: i32 = 1 << 12;
    pub const ALL: i32 = 0x7fff;
}

impl TypeName {
    /// A type of `pg_catalog`.
    pub fn catalog(name: &str, pos: u32) -> TypeName {
        TypeName {
            names: vec![Name::quoted("pg_catalog"), Name::quoted(name)],
            setof: false,
            percent_type: false,
            typmods: Vec::new(),
            array_dims: 0,
            pos,
        }
    }
}

fn integer(value: i32, pos: u32) -> Expr {
    Expr::new(ExprKind::Const(Literal::Integer(value)), pos)
}

/// `INTERVAL_FULL_RANGE`
pub(super) fn full_range(pos: u32) -> Expr {
    integer(field::ALL, pos)
}

impl Parser<'_> {
    /// `Typename`
    pub fn type_name(&mut self) -> Result<TypeName> {
        let pos = self.pos();
        let setof = self.eat("setof");
        let mut ty = match self.keyword_type()? {
            Some(ty) => ty,
            None => self.generic_type()?,
        };
        ty.setof = setof;
        ty.pos = pos;
        if self.eat("array") {
            ty.array_dims = 1;
            if self.eat_symbol('[') {
                self.integer()?;
                self.expect_symbol(']')?;
            }
            return Ok(ty);
        }
        while self.eat_symbol('[') {
            if !self.is_symbol(']') {
                self.integer()?;
            }
            self.expect_symbol(']')?;
            ty.array_dims += 1;
        }
        Ok(ty)
    }

    fn generic_type(&mut self) -> Result<TypeName> {
        let pos = self.pos();
        if !self.peek().is_type_function_name() {
            return Err(self.unexpected());
        }
        let mut names = vec![self.label()?];
        while self.eat_symbol('.') {
            names.push(self.label()?);
        }
        let mut ty = TypeName { names, ..TypeName::catalog("", pos) };
        if self.is_symbol('%') && self.ahead(1).kind.is_word("type") {
            self.skip(2);
            ty.percent_type = true;
            return Ok(ty);
        }
        ty.typmods = self.modifiers()?;
        Ok(ty)
    }

    fn modifiers(&mut self) -> Result<Vec<Expr>> {
        if !self.eat_symbol('(') {
            return Ok(Vec::new());
        }
        let modifiers = self.expr_list()?;
        self.expect_symbol(')')?;
        Ok(modifiers)
    }

    /// Whether a type that SQL spells in words may be in front.
    pub(super) fn at_keyword_type(&self) -> bool {
        const WORDS: &[&str] = &[
            "bigint",
            "bit",
            "boolean",
            "char",
            "character",
            "dec",
            "decimal",
            "double",
            "float",
            "int",
            "integer",
            "interval",
            "national",
            "nchar",
            "numeric",
            "real",
            "smallint",
            "time",
            "timestamp",
            "varchar",
        ];
        self.peek().word().is_some_and(|word| WORDS.contains(&word))
    }

    /// A type that SQL spells in words: nothing taken when there is none.
    pub(super) fn keyword_type(&mut self) -> Result<Option<TypeName>> {
        let pos = self.pos();
        if !self.at_keyword_type() {
            return Ok(None);
        }
        let Some(word) = self.peek().word().map(str::to_owned) else { return Ok(None) };
        if word == "double" && !self.ahead(1).kind.is_word("precision") {
            return Ok(None);
        }
        self.advance();
        let simple = |name: &str| TypeName::catalog(name, pos);
        Ok(Some(match word.as_str() {
            "int" | "integer" => simple("int4"),
            "smallint" => simple("int2"),
            "bigint" => simple("int8"),
            "real" => simple("float4"),
            "boolean" => simple("bool"),
            "double" => {
                self.advance();
                simple("float8")
            }
            "float" => simple(self.float_precision()?),
            "dec" | "decimal" | "numeric" => TypeName { typmods: self.modifiers()?, ..simple("numeric") },
            "bit" => self.bit_type(pos)?,
            "time" | "timestamp" => self.time_type(&word, pos)?,
            "interval" => self.interval_type(pos)?,
            _ => self.character_type(&word, pos)?,
        }))
    }

    fn float_precision(&mut self) -> Result<&'static str> {
        if !self.eat_symbol('(') {
            return Ok("float8");
        }
        let pos = self.pos();
        let precision = self.integer()?;
        self.expect_symbol(')')?;
        let error =
            |message: &str| Err(pg::Error::new(SqlState::INVALID_PARAMETER_VALUE, message).at(Some(pos)));
        match precision {
            ..1 => error("precision for type float must be at least 1 bit"),
            1..=24 => Ok("float4"),
            25..=53 => Ok("float8"),
            _ => error("precision for type float must be less than 54 bits"),
        }
    }

    fn bit_type(&mut self, pos: u32) -> Result<TypeName> {
        let varying = self.eat("varying");
        let mut typmods = self.modifiers()?;
        if !varying && typmods.is_empty() {
            typmods.push(integer(1, 0));
        }
        Ok(TypeName { typmods, ..TypeName::catalog(if varying { "varbit" } else { "bit" }, pos) })
    }

    fn character_type(&mut self, word: &str, pos: u32) -> Result<TypeName> {
        if word == "national" && !self.eat("character") {
            self.expect("char")?;
        }
        let varying = word == "varchar" || self.eat("varying");
        let mut typmods = Vec::new();
        if self.eat_symbol('(') {
            let at = self.pos();
            typmods.push(integer(self.integer()?, at));
            self.expect_symbol(')')?;
        } else if !varying {
            // char is char(1).
            typmods.push(integer(1, 0));
        }
        Ok(TypeName { typmods, ..TypeName::catalog(if varying { "varchar" } else { "bpchar" }, pos) })
    }

    fn time_type(&mut self, word: &str, pos: u32) -> Result<TypeName> {
        let mut typmods = Vec::new();
        if self.eat_symbol('(') {
            let at = self.pos();
            typmods.push(integer(self.integer()?, at));
            self.expect_symbol(')')?;
        }
        let zone = if self.are(&["with", "time", "zone"]) || self.are(&["without", "time", "zone"]) {
            let zone = self.is("with");
            self.skip(3);
            zone
        } else {
            false
        };
        let name = match (word, zone) {
            ("time", false) => "time",
            ("time", true) => "timetz",
            (_, false) => "timestamp",
            (_, true) => "timestamptz",
        };
        Ok(TypeName { typmods, ..TypeName::catalog(name, pos) })
    }

    fn interval_type(&mut self, pos: u32) -> Result<TypeName> {
        let typmods = if self.eat_symbol('(') {
            let at = self.pos();
            let precision = integer(self.integer()?, at);
            self.expect_symbol(')')?;
            vec![full_range(pos), precision]
        } else {
            self.interval_fields()?
        };
        Ok(TypeName { typmods, ..TypeName::catalog("interval", pos) })
    }

    /// `opt_interval`: the modifiers of `YEAR`, `DAY TO SECOND(3)` …
    pub(super) fn interval_fields(&mut self) -> Result<Vec<Expr>> {
        use field::*;
        let pos = self.pos();
        let Some((first, fields)) = self.interval_field(&[YEAR, MONTH, DAY, HOUR, MINUTE, SECOND]) else {
            return Ok(Vec::new());
        };
        let mut mask = fields;
        if self.is("to") {
            self.advance();
            let allowed: &[i32] = match first {
                YEAR => &[MONTH],
                DAY => &[HOUR, MINUTE, SECOND],
                HOUR => &[MINUTE, SECOND],
                MINUTE => &[SECOND],
                _ => return Err(self.unexpected()),
            };
            let Some((last, _)) = self.interval_field(allowed) else { return Err(self.unexpected()) };
            let order = [YEAR, MONTH, DAY, HOUR, MINUTE, SECOND];
            let range = |field| order.iter().position(|f| *f == field).unwrap_or(0);
            mask = order.iter().take(range(last) + 1).skip(range(first)).sum();
        }
        let mut typmods = vec![integer(mask, pos)];
        if mask & SECOND != 0 && self.eat_symbol('(') {
            let at = self.pos();
            typmods.push(integer(self.integer()?, at));
            self.expect_symbol(')')?;
        }
        Ok(typmods)
    }

    fn interval_field(&mut self, allowed: &[i32]) -> Option<(i32, i32)> {
        let field = match self.peek().word()? {
            "year" => field::YEAR,
            "month" => field::MONTH,
            "day" => field::DAY,
            "hour" => field::HOUR,
            "minute" => field::MINUTE,
            "second" => field::SECOND,
            _ => return None,
        };
        if !allowed.contains(&field) {
            return None;
        }
        self.advance();
        Some((field, field))
    }

    /// Whether a string is in front.
    pub(super) fn at_string(&self) -> bool {
        matches!(self.peek(), TokenKind::String(_))
    }
}
