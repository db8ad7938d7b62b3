//! Values as text inside functions (`OidOutputFunctionCall`).

use super::Call;
use crate::{Error, Oid, Result, Value};

/// The text of a value of a type.
pub(super) fn text_of(call: &Call<'_>, ty: Oid, value: &Value) -> Result<String> {
    let mut bytes = Vec::new();
    crate::text::output(value, ty, call.env, &mut bytes)?;
    String::from_utf8(bytes).map_err(|_| Error::internal("a text form that is not UTF-8"))
}

/// The type of an argument.
pub(super) fn arg_type(call: &Call<'_>, at: usize) -> Oid {
    call.arg_types.get(at).copied().unwrap_or(Oid::INVALID)
}
