//! Type modifiers, of type names as they were read.

use pg::catalog::type_by_oid;
use pg::text::parse_int4;
use pg::{Error, Oid, Result, SqlState, oid};

use super::Name;
use crate::parse::ast::{ExprKind, Literal, TypeName};

/// A type name for messages, as it was written.
pub fn written(names: &[Name], dims: usize) -> String {
    let mut text = names.iter().map(|n| n.folded().to_string()).collect::<Vec<_>>().join(".");
    (0..dims).for_each(|_| text.push_str("[]"));
    text
}

/// `typenameTypeMod`
pub fn modifier(ty: Oid, name: &TypeName) -> Result<i32> {
    if name.typmods.is_empty() {
        return Ok(-1);
    }
    if !type_by_oid(ty).is_some_and(|row| row.modin.is_valid()) {
        let message = format!("type modifier is not allowed for type \"{}\"", written(&name.names, 0));
        return Err(Error::new(SqlState::SYNTAX_ERROR, message));
    }
    let number = |kind: &ExprKind| match kind {
        ExprKind::Const(Literal::Integer(i)) => Ok(*i),
        ExprKind::Const(Literal::Number(text) | Literal::String(text)) => parse_int4(text),
        ExprKind::Column(names) if names.len() == 1 => parse_int4(&written(names, 0)),
        _ => {
            let message = "type modifiers must be simple constants or identifiers";
            Err(Error::new(SqlState::SYNTAX_ERROR, message))
        }
    };
    let modifiers = name.typmods.iter().map(|expr| number(&expr.kind)).collect::<Result<Vec<i32>>>()?;
    typmod_in(ty, &modifiers)
}

fn invalid(message: String) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// The `typmodin` functions of the built-in types.
fn typmod_in(ty: Oid, modifiers: &[i32]) -> Result<i32> {
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
        _ => Err(invalid("invalid type modifier".into())),
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
