//! Values between messages and the executor.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use pg::catalog::type_by_oid;
use pg::wire::Format;
use pg::wire::frontend::Bind;
use pg::{Env, Error, Oid, Result, SqlState, Value, oid};

/// The parameters of a Bind message as values of the statement's types.
pub(super) fn parameters(bind: &Bind<'_>, types: &[Oid], env: &Env) -> Result<Arc<[Value]>> {
    let mut values = Vec::with_capacity(types.len());
    for (index, (bytes, type_oid)) in bind.parameters.iter().zip(types).enumerate() {
        let format = bind.parameter_formats.get(index)?;
        let value = match bytes {
            None => Value::Null,
            Some(bytes) => read(bytes, *type_oid, format, env)
                .map_err(|error| in_parameter(error, bind, index, format))?,
        };
        values.push(value);
    }
    Ok(values.into())
}

/// Says which parameter an error is about (`bind_param_error_callback`).
fn in_parameter(mut error: Error, bind: &Bind<'_>, index: usize, format: Format) -> Error {
    let portal = match bind.portal {
        "" => "unnamed portal".to_owned(),
        name => format!("portal \"{name}\""),
    };
    // The text itself is left out, as with PostgreSQL's log_parameter_max_length_on_error = 0.
    let value = if format == Format::Text { " = '...'" } else { "" };
    let number = index + 1;
    if error.code() == SqlState::INVALID_BINARY_REPRESENTATION && error.message().is_empty() {
        error.fields_mut().message = format!("incorrect binary data format in bind parameter {number}");
    }
    error.fields_mut().context = Some(format!("{portal} parameter ${number}{value}"));
    error
}

fn read(bytes: &[u8], type_oid: Oid, format: Format, _env: &Env) -> Result<Value> {
    match (format, type_oid) {
        (Format::Text, oid::INT4) => pg::wire::reader::utf8(bytes)?.parse().map(Value::Int4).map_err(|_| {
            let text = String::from_utf8_lossy(bytes);
            Error::new(
                SqlState::INVALID_TEXT_REPRESENTATION,
                format!("invalid input syntax for type integer: \"{text}\""),
            )
        }),
        (Format::Text, _) => Ok(Value::text(pg::wire::reader::utf8(bytes)?)),
        (Format::Binary, oid::INT4) => bytes
            .try_into()
            .map(|bytes| Value::Int4(i32::from_be_bytes(bytes)))
            .map_err(|_| Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "")),
        _ => Err(Error::refused("this type")),
    }
}

/// Appends a value that is not NULL.
pub(super) fn write(
    value: &Value,
    _type_oid: Oid,
    format: Format,
    out: &mut BytesMut,
    _env: &Env,
) -> Result<()> {
    match (format, value) {
        (Format::Text, Value::Int4(value)) => out.put_slice(value.to_string().as_bytes()),
        (Format::Binary, Value::Int4(value)) => out.put_i32(*value),
        (_, Value::Text(text)) => out.put_slice(text.as_bytes()),
        _ => return Err(Error::refused("this type")),
    }
    Ok(())
}

/// `typlen`
pub(super) fn type_len(type_oid: Oid) -> i16 {
    type_by_oid(type_oid).map_or(-1, |row| row.len)
}
