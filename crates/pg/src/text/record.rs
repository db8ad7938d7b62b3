//! Records to text (`record_out`).

use bytes::BufMut;

use super::output::output as output_value;
use crate::{Env, Error, Oid, Record, Result, SqlState};

/// The longest text of a field. With every level of records in records it doubles, quotes being doubled.
const FIELD_BYTES_MAX: usize = 256 << 20;

pub(super) fn output<B: BufMut>(record: &Record, env: &Env, out: &mut B) -> Result<()> {
    let mut scratch = Vec::new();
    out.put_u8(b'(');
    for (at, field) in record.fields.iter().enumerate() {
        if at > 0 {
            out.put_u8(b',');
        }
        if field.is_null() {
            continue;
        }
        scratch.clear();
        let ty = record.types.get(at).copied().unwrap_or(Oid::INVALID);
        output_value(field, ty, env, &mut scratch)?;
        if scratch.len() > FIELD_BYTES_MAX {
            let detail = format!("The text of a record's field is longer than {FIELD_BYTES_MAX} bytes.");
            return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "out of memory").detail(detail));
        }
        put_field(&scratch, out);
    }
    out.put_u8(b')');
    Ok(())
}

/// A field, in quotes where it needs them; quotes and backslashes are doubled.
fn put_field(text: &[u8], out: &mut impl BufMut) {
    let special =
        |b: &u8| matches!(b, b'"' | b'\\' | b'(' | b')' | b',' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    if !text.is_empty() && !text.iter().any(special) {
        return out.put_slice(text);
    }
    out.put_u8(b'"');
    for &byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(byte);
        }
        out.put_u8(byte);
    }
    out.put_u8(b'"');
}
