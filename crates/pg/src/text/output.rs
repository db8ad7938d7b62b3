//! The text form of any value.

use std::fmt;

use bytes::BufMut;

use super::{array, bytea, float, is_reg_type, record, scalar};
use crate::{Env, Oid, Result, Value, datetime, oid};

/// Writes formatted text into a buffer of bytes.
struct Text<'a, B>(&'a mut B);

impl<B: BufMut> fmt::Write for Text<'_, B> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.put_slice(text.as_bytes());
        Ok(())
    }
}

/// Appends the text form of a value (`OutputFunctionCall`). NULL has none: nothing is appended.
pub fn output<B: BufMut>(value: &Value, ty: Oid, env: &Env, out: &mut B) -> Result<()> {
    match value {
        Value::Null | Value::Void => {}
        Value::Bool(true) => out.put_u8(b't'),
        Value::Bool(false) => out.put_u8(b'f'),
        Value::Int4(i) => put_integer(*i, out),
        Value::Int8(i) => put_integer(*i, out),
        Value::Int2(i) => put_integer(*i, out),
        Value::Text(text) | Value::Jsonb(text) => out.put_slice(text.as_bytes()),
        Value::Float8(f) => float::write_float8(*f, env.extra_float_digits, out),
        Value::Float4(f) => float::write_float4(*f, env.extra_float_digits, out),
        // Writing to a buffer cannot fail.
        Value::Numeric(n) => n.write_text(&mut Text(out)).unwrap_or_default(),
        Value::Date(date) => datetime::write_date(*date, env.date_style, out),
        Value::Time(time) => datetime::write_time(*time, out),
        Value::TimeTz(time, zone) => datetime::write_timetz(*time, *zone, out),
        Value::Timestamp(timestamp) => datetime::write_timestamp(*timestamp, env.date_style, out),
        Value::TimestampTz(moment) => datetime::write_timestamptz(*moment, env, out)?,
        Value::Interval(interval) => datetime::write_interval(interval, env.interval_style, out),
        Value::Uuid(uuid) => scalar::write_uuid(uuid, out),
        Value::Bytea(bytes) => bytea::write_bytea(bytes, env.bytea_output, out),
        Value::Oid(oid) => put_oid(*oid, ty, env, out),
        Value::Char(byte) => put_char(*byte, out),
        Value::Array(array) => array::output(array, ty, env, out)?,
        Value::Record(record) => record::output(record, env, out)?,
        Value::Other(value) => crate::other::output(value, ty, env, out)?,
    }
    Ok(())
}

fn put_integer(value: impl itoa::Integer, out: &mut impl BufMut) {
    out.put_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// `oidout`, `regclassout` …
fn put_oid(value: Oid, ty: Oid, env: &Env, out: &mut impl BufMut) {
    if !is_reg_type(ty) {
        put_integer(value.0, out);
    } else if value.is_valid() {
        out.put_slice(env.names.reg_out(ty, value).as_bytes());
    } else {
        out.put_u8(if matches!(ty, oid::REGOPER | oid::REGOPERATOR) { b'0' } else { b'-' });
    }
}

/// `charout`: nothing for a zero byte, octal for what is no ASCII.
pub(crate) fn put_char(byte: u8, out: &mut impl BufMut) {
    match byte {
        0 => {}
        0x80.. => {
            let octal = |shift: u8| b'0' + ((byte >> shift) & 7);
            out.put_slice(&[b'\\', octal(6), octal(3), octal(0)]);
        }
        _ => out.put_u8(byte),
    }
}
