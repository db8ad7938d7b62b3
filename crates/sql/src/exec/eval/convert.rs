//! Conversions through text.

use pg::{Env, Error, Oid, Result, TypeRef, Value, oid, text};

/// `CoerceViaIO`: the output function of one type and the input function of the other.
pub(super) fn through_text(from: Oid, to: TypeRef, value: Value, env: &Env) -> Result<Value> {
    if matches!(value, Value::Text(_)) && is_plain_text(from) && is_plain_text(to.oid) {
        return Ok(value);
    }
    let mut bytes = Vec::new();
    text::output(&value, from, env, &mut bytes)?;
    let written = String::from_utf8(bytes).map_err(|_| Error::internal("an output that is no UTF-8"))?;
    if is_plain_text(to.oid) {
        return Ok(Value::text(written));
    }
    text::input(&written, to, env)
}

fn is_plain_text(ty: Oid) -> bool {
    [oid::TEXT, oid::VARCHAR, oid::CSTRING, oid::UNKNOWN].contains(&ty)
}
