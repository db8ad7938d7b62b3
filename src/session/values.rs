//! Values between messages and the executor.

use std::sync::Arc;

use bytes::BytesMut;
use pg::catalog::type_by_oid;
use pg::wire::Format;
use pg::wire::frontend::Bind;
use pg::wire::reader::utf8;
use pg::{Env, Error, Oid, Result, SqlState, TypeRef, Value};

/// The parameters of a Bind message as values of the statement's types.
pub(super) fn parameters(bind: &Bind<'_>, types: &[Oid], env: &Env) -> Result<Arc<[Value]>> {
    let mut values = Vec::with_capacity(types.len());
    for (index, (bytes, type_oid)) in bind.parameters.iter().zip(types).enumerate() {
        let format = bind.parameter_formats.get(index);
        let value = match bytes {
            None => format.known().map(|_| Value::Null),
            Some(bytes) => read(bytes, *type_oid, format, env),
        };
        values.push(value.map_err(|error| {
            let error = left_over(error, format, &format!("bind parameter {}", index + 1));
            in_parameter(error, bind.portal, index, format, bytes.unwrap_or_default())
        })?);
    }
    Ok(values.into())
}

/// Reads a value.
pub(super) fn read(bytes: &[u8], type_oid: Oid, format: Format, env: &Env) -> Result<Value> {
    let ty = TypeRef::of(type_oid);
    match format.known()? {
        Format::Binary => pg::binary::recv(bytes, ty, env),
        _ => pg::text::input(utf8(bytes)?, ty, env),
    }
}

/// What a receive function leaves over is the message's fault (`exec_bind_message`).
pub(super) fn left_over(mut error: Error, format: Format, place: &str) -> Error {
    if format == Format::Binary
        && error.code() == SqlState::INVALID_BINARY_REPRESENTATION
        && error.message() == "incorrect binary data format"
    {
        error.fields_mut().message.push_str(&format!(" in {place}"));
    }
    error
}

/// Says which parameter an error is about (`bind_param_error_callback`). The text itself is left out, as with
/// PostgreSQL's log_parameter_max_length_on_error = 0: of an empty one nothing is.
fn in_parameter(mut error: Error, portal: &str, index: usize, format: Format, bytes: &[u8]) -> Error {
    let portal = match portal {
        "" => "unnamed portal".to_owned(),
        name => format!("portal \"{name}\""),
    };
    let is_text = format == Format::Text && error.code() != SqlState::CHARACTER_NOT_IN_REPERTOIRE;
    let value = match (is_text, bytes.is_empty()) {
        (true, true) => " = ''",
        (true, false) => " = '...'",
        (false, _) => "",
    };
    error.fields_mut().context = Some(format!("{portal} parameter ${}{value}", index + 1));
    error
}

/// Appends a value that is not NULL.
pub(super) fn write(
    value: &Value,
    type_oid: Oid,
    format: Format,
    out: &mut BytesMut,
    env: &Env,
) -> Result<()> {
    match format.known()? {
        Format::Binary => pg::binary::send(value, type_oid, env, out),
        _ => pg::text::output(value, type_oid, env, out),
    }
}

/// `typlen`
pub(super) fn type_len(type_oid: Oid) -> i16 {
    type_by_oid(type_oid).map_or(-1, |row| row.len)
}
