//! Literals of unknown type become constants of a type through its input function.

use std::sync::Arc;

use pg::{Env, Error, Oid, Result, SqlState, Value, oid};

use super::types::format_type;

/// The value of a text.
pub fn input(type_oid: Oid, _typmod: i32, text: &Arc<str>, env: &Env) -> Result<Value> {
    let trimmed = text.trim();
    let invalid = || {
        Error::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type {}: \"{text}\"", format_type(type_oid)),
        )
    };
    Ok(match type_oid {
        oid::TEXT | oid::VARCHAR | oid::NAME | oid::UNKNOWN | oid::CSTRING | oid::JSON => {
            Value::Text(text.clone())
        }
        oid::INT2 => Value::Int2(trimmed.parse().map_err(|_| invalid())?),
        oid::INT4 => Value::Int4(trimmed.parse().map_err(|_| invalid())?),
        oid::INT8 => Value::Int8(trimmed.parse().map_err(|_| invalid())?),
        oid::OID => Value::Oid(Oid(trimmed.parse().map_err(|_| invalid())?)),
        oid::CHAR => Value::Char(text.bytes().next().unwrap_or(0)),
        oid::FLOAT8 => Value::Float8(trimmed.parse().map_err(|_| invalid())?),
        oid::BOOL => match trimmed.to_ascii_lowercase().as_str() {
            "t" | "true" | "on" | "1" | "yes" | "y" => Value::Bool(true),
            "f" | "false" | "off" | "0" | "no" | "n" => Value::Bool(false),
            _ => return Err(invalid()),
        },
        oid::REGCLASS | oid::REGTYPE | oid::REGPROC | oid::REGNAMESPACE | oid::REGROLE => {
            Value::Oid(env.names.reg_in(type_oid, text)?)
        }
        _ => return Err(Error::refused(format!("a literal of type {}", format_type(type_oid)))),
    })
}
