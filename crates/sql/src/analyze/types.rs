//! Names of types (`parse_type.c`), and their modifiers.

use pg::catalog::{PG_CATALOG, PUBLIC, array_type, type_by_oid, type_in_namespace};
use pg::oid::{self, TypeRef};
use pg::text::parse_int4;
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use crate::catalog::Name;
use crate::parse::ast::{ExprKind, Literal, TypeName};

/// `information_schema`'s own oid, as `pg_namespace` has it.
pub fn information_schema() -> Option<Oid> {
    static FOUND: std::sync::LazyLock<Option<Oid>> = std::sync::LazyLock::new(|| {
        pg::catalog::system_relations()
            .iter()
            .find(|relation| relation.name == "information_schema_catalog_name")
            .map(|relation| relation.namespace)
    });
    *FOUND
}

/// The SQL name of a type, for messages (`format_type_be`).
pub fn format_type(ty: Oid) -> String {
    pg::catalog::format_type(ty, None)
}

/// The oid of a schema that holds built-in objects.
pub fn namespace(schema: &str) -> Option<Oid> {
    match schema {
        "pg_catalog" => Some(PG_CATALOG),
        // Functions of an extension are there.
        "public" => Some(PUBLIC),
        "information_schema" => information_schema(),
        _ => None,
    }
}

/// A type name for messages, as it was written.
fn written(names: &[Name], dims: usize) -> String {
    let mut text = names.iter().map(|n| n.folded().to_string()).collect::<Vec<_>>().join(".");
    (0..dims).for_each(|_| text.push_str("[]"));
    text
}

impl Analyzer<'_> {
    /// `typenameTypeIdAndMod`
    pub(super) fn type_name(&mut self, name: &TypeName) -> Result<TypeRef> {
        let pos = self.pos(name.pos);
        if name.percent_type {
            return Err(Error::refused("%TYPE").at(pos));
        }
        let found = match self.qualified(&name.names)? {
            (None, name) => self.type_on_path(&name.folded()),
            (Some(schema), name) => self.type_in_schema(&schema.folded(), &name.folded(), pos)?,
        };
        let undefined = || {
            let text = written(&name.names, name.array_dims);
            Error::new(SqlState::UNDEFINED_OBJECT, format!("type \"{text}\" does not exist")).at(pos)
        };
        let element = found.ok_or_else(undefined)?;
        let typmod = self.typmod(element, name)?;
        if name.array_dims == 0 {
            return Ok(TypeRef { oid: element, typmod });
        }
        let array = array_type(element).ok_or_else(undefined)?;
        Ok(TypeRef { oid: array, typmod })
    }

    fn type_on_path(&self, name: &str) -> Option<Oid> {
        let mut schemas = vec!["pg_catalog".into()];
        schemas.extend(self.search_path().iter().map(|s| s.to_string()));
        schemas
            .iter()
            .filter_map(|schema| type_in_namespace(name, namespace(schema)?))
            .map(|row| row.oid)
            .next()
    }

    fn type_in_schema(&self, schema: &str, name: &str, pos: Option<u32>) -> Result<Option<Oid>> {
        let namespace = self.explicit_namespace(schema, pos)?;
        Ok(type_in_namespace(name, namespace).map(|row| row.oid))
    }

    /// `LookupExplicitNamespace`: the oid of a schema, for what is built in; invalid where there is nothing of that.
    pub(super) fn explicit_namespace(&self, schema: &str, pos: Option<u32>) -> Result<Oid> {
        match namespace(schema) {
            Some(oid) => Ok(oid),
            None if self.cx.snapshot.has_schema(schema) => Ok(Oid::INVALID),
            None => {
                Err(Error::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{schema}\" does not exist"))
                    .at(pos))
            }
        }
    }

    /// `typenameTypeMod`
    fn typmod(&mut self, ty: Oid, name: &TypeName) -> Result<i32> {
        if name.typmods.is_empty() {
            return Ok(-1);
        }
        let pos = self.pos(name.pos);
        let row_name = type_by_oid(ty).map_or("", |row| row.name);
        if !type_by_oid(ty).is_some_and(|row| row.modin.is_valid()) {
            return Err(Error::new(
                SqlState::SYNTAX_ERROR,
                format!("type modifier is not allowed for type \"{}\"", written(&name.names, 0)),
            )
            .at(pos));
        }
        let mut modifiers = Vec::new();
        for expr in &name.typmods {
            let modifier = match &expr.kind {
                ExprKind::Const(Literal::Integer(i)) => Ok(*i),
                ExprKind::Const(Literal::Number(text) | Literal::String(text)) => parse_int4(text),
                ExprKind::Column(names) if names.len() == 1 => parse_int4(&written(names, 0)),
                _ => Err(Error::new(
                    SqlState::SYNTAX_ERROR,
                    "type modifiers must be simple constants or identifiers",
                )),
            };
            modifiers.push(modifier.map_err(|error| error.at(pos))?);
        }
        typmod_in(ty, row_name, &modifiers).map_err(|e| e.at(pos))
    }
}

fn invalid(message: String) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// The `typmodin` functions of the built-in types.
fn typmod_in(ty: Oid, name: &str, modifiers: &[i32]) -> Result<i32> {
    match (ty, modifiers) {
        (oid::VARCHAR | oid::BPCHAR, [n]) => {
            let name = if ty == oid::VARCHAR { "varchar" } else { "char" };
            match *n {
                ..1 => Err(invalid(format!("length for type {name} must be at least 1"))),
                10_485_761.. => Err(invalid(format!("length for type {name} cannot exceed 10485760"))),
                n => Ok(n + 4),
            }
        }
        (oid::BIT | oid::VARBIT, [n]) => {
            let name = if ty == oid::BIT { "bit" } else { "varbit" };
            match *n {
                ..1 => Err(invalid(format!("length for type {name} must be at least 1"))),
                83_886_081.. => Err(invalid(format!("length for type {name} cannot exceed 83886080"))),
                n => Ok(n),
            }
        }
        (oid::NUMERIC, [precision]) => numeric_typmod(*precision, 0),
        (oid::NUMERIC, [precision, scale]) => numeric_typmod(*precision, *scale),
        (oid::NUMERIC, _) => Err(invalid("invalid NUMERIC type modifier".into())),
        (oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ, [n]) => {
            let zone = if matches!(ty, oid::TIMETZ | oid::TIMESTAMPTZ) { " WITH TIME ZONE" } else { "" };
            let word = if matches!(ty, oid::TIME | oid::TIMETZ) { "TIME" } else { "TIMESTAMP" };
            if *n < 0 {
                return Err(invalid(format!("{word}({n}){zone} precision must not be negative")));
            }
            Ok((*n).min(6))
        }
        (oid::INTERVAL, [range]) => Ok(((range & 0x7fff) << 16) | 0xffff),
        (oid::INTERVAL, [range, precision]) => {
            if *precision < 0 {
                return Err(invalid(format!("INTERVAL({precision}) precision must not be negative")));
            }
            Ok(((range & 0x7fff) << 16) | (*precision).min(6))
        }
        _ => {
            let _ = name;
            Err(invalid("invalid type modifier".into()))
        }
    }
}

fn numeric_typmod(precision: i32, scale: i32) -> Result<i32> {
    if !(1..=1000).contains(&precision) {
        return Err(invalid(format!("NUMERIC precision {precision} must be between 1 and 1000")));
    }
    if !(-1000..=1000).contains(&scale) {
        return Err(invalid(format!("NUMERIC scale {scale} must be between -1000 and 1000")));
    }
    Ok(((precision << 16) | (scale & 0x7ff)) + 4)
}
