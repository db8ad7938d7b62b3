//! The binary format to values, with checks of everything that comes from outside.

use super::array;
use crate::datetime::{self, calendar};
use crate::text::{bpchar, is_reg_type, name, no_record_input, varchar};
use crate::wire::reader::utf8;
use crate::{Env, Error, Interval, Numeric, Oid, Result, SqlState, TypeRef, Value, catalog, oid};

/// Bytes that are read from the front.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(count).ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(front)
    }

    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or_else(crate::other::no_data)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk().ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(*front)
    }

    pub(super) fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    /// Bytes with their length before them; `None` for NULL.
    pub(super) fn sized(&mut self) -> Result<Option<&'a [u8]>> {
        match self.i32()? {
            -1 => Ok(None),
            length => {
                usize::try_from(length).map_err(|_| insufficient()).and_then(|n| self.bytes(n)).map(Some)
            }
        }
    }

    fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn text(&mut self) -> Result<&'a str> {
        utf8(self.take_rest())
    }
}

fn insufficient() -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, "insufficient data left in message")
}

fn out_of_range(what: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range"))
}

/// Reads a value of a type from its binary form (`ReceiveFunctionCall`). All bytes must be used: 22P03 otherwise.
/// The type's modifier is applied.
pub fn recv(bytes: &[u8], ty: TypeRef, env: &Env) -> Result<Value> {
    let mut reader = Reader(bytes);
    let value = read(&mut reader, ty, env)?;
    if reader.0.is_empty() {
        Ok(value)
    } else {
        Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"))
    }
}

fn read(reader: &mut Reader<'_>, ty: TypeRef, env: &Env) -> Result<Value> {
    Ok(match ty.oid {
        oid::BOOL => Value::Bool(reader.byte()? != 0),
        oid::CHAR => Value::Char(reader.byte()?),
        oid::INT2 => Value::Int2(reader.array().map(i16::from_be_bytes)?),
        oid::INT4 => Value::Int4(reader.i32()?),
        oid::INT8 => Value::Int8(reader.i64()?),
        oid::FLOAT4 => Value::Float4(reader.array().map(f32::from_be_bytes)?),
        oid::FLOAT8 => Value::Float8(reader.array().map(f64::from_be_bytes)?),
        oid::NUMERIC => {
            Value::Numeric(Numeric::read_binary(reader.take_rest())?.apply_typmod(ty.typmod)?.into())
        }
        oid::TEXT | oid::UNKNOWN | oid::CSTRING | oid::REFCURSOR | oid::XML => Value::text(reader.text()?),
        oid::VARCHAR => Value::text(varchar(reader.text()?, ty.typmod)?),
        oid::BPCHAR => Value::Text(bpchar(reader.text()?, ty.typmod)?.into()),
        oid::NAME => name_value(reader.text()?)?,
        oid::BYTEA => Value::Bytea(reader.take_rest().into()),
        oid::UUID => Value::Uuid(reader.array()?),
        oid::JSON => {
            let text = reader.text()?;
            crate::json::validate_json(text)?;
            Value::text(text)
        }
        oid::JSONB => jsonb(reader)?,
        oid::VOID => Value::Void,
        oid::RECORD => return Err(no_record_input()),
        oid::OID | oid::XID | oid::CID => Value::Oid(Oid(reader.u32()?)),
        reg if is_reg_type(reg) => Value::Oid(Oid(reader.u32()?)),
        oid::INT2VECTOR => vector(reader, oid::INT2, env)?,
        oid::OIDVECTOR => vector(reader, oid::OID, env)?,
        oid::DATE | oid::TIME | oid::TIMETZ | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::INTERVAL => {
            date_time(reader, ty)?
        }
        _ => return read_by_catalog(reader, ty, env),
    })
}

fn date_time(reader: &mut Reader<'_>, ty: TypeRef) -> Result<Value> {
    Ok(match ty.oid {
        oid::DATE => {
            let date = reader.i32()?;
            let infinite = matches!(date, datetime::DATE_INFINITY | datetime::DATE_NEG_INFINITY);
            if !infinite && !calendar::is_valid_date(date) {
                return Err(out_of_range("date"));
            }
            Value::Date(date)
        }
        oid::TIME => Value::Time(datetime::apply_time_typmod(time(reader)?, ty.typmod)),
        oid::TIMETZ => {
            let time = time(reader)?;
            let zone = reader.i32()?;
            if zone.unsigned_abs() >= 16 * 3600 {
                return Err(Error::new(
                    SqlState::INVALID_TIME_ZONE_DISPLACEMENT,
                    "time zone displacement out of range",
                ));
            }
            Value::TimeTz(datetime::apply_time_typmod(time, ty.typmod), zone)
        }
        oid::TIMESTAMP => Value::Timestamp(timestamp(reader, ty.typmod)?),
        oid::TIMESTAMPTZ => Value::TimestampTz(timestamp(reader, ty.typmod)?),
        _ => {
            let micros = reader.i64()?;
            let days = reader.i32()?;
            let months = reader.i32()?;
            Value::Interval(datetime::apply_interval_typmod(Interval { months, days, micros }, ty.typmod))
        }
    })
}

fn time(reader: &mut Reader<'_>) -> Result<i64> {
    let time = reader.i64()?;
    if (0..=calendar::USECS_PER_DAY).contains(&time) { Ok(time) } else { Err(out_of_range("time")) }
}

fn timestamp(reader: &mut Reader<'_>, typmod: i32) -> Result<i64> {
    let timestamp = reader.i64()?;
    let infinite = matches!(timestamp, datetime::TIMESTAMP_INFINITY | datetime::TIMESTAMP_NEG_INFINITY);
    if !infinite && !calendar::is_valid_timestamp(timestamp) {
        return Err(out_of_range("timestamp"));
    }
    datetime::apply_timestamp_typmod(timestamp, typmod)
}

/// `namerecv`: too long is an error here.
fn name_value(text: &str) -> Result<Value> {
    if name(text).len() < text.len() {
        return Err(Error::new(SqlState::NAME_TOO_LONG, "identifier too long")
            .detail("Identifier must be less than 64 characters."));
    }
    Ok(Value::text(text))
}

/// `jsonb_recv`: a version, then the text.
fn jsonb(reader: &mut Reader<'_>) -> Result<Value> {
    match reader.array::<1>()? {
        [1] => Ok(Value::Jsonb(crate::json::jsonb_in(reader.text()?)?)),
        [version] => Err(Error::internal(format!("unsupported jsonb version number {version}"))),
    }
}

/// `int2vectorrecv`, `oidvectorrecv`: an array of one dimension from 0.
fn vector(reader: &mut Reader<'_>, element: Oid, env: &Env) -> Result<Value> {
    let array = array::read(reader, TypeRef::of(element), env)?;
    let right = match array.dims.as_slice() {
        [] => true,
        [dim] => dim.lower == 0 && !array.items.iter().any(Value::is_null),
        _ => false,
    };
    if right {
        return Ok(Value::Array(array.into()));
    }
    let name = if element == oid::INT2 { "int2vector" } else { "oidvector" };
    Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, format!("invalid {name} data")))
}

/// Arrays and domains.
fn read_by_catalog(reader: &mut Reader<'_>, ty: TypeRef, env: &Env) -> Result<Value> {
    if let Some(value) = crate::other::recv(reader.rest(), ty, env)? {
        reader.take_rest();
        return Ok(value);
    }
    match catalog::type_by_oid(ty.oid) {
        Some(row) if row.is_array() => {
            let element = TypeRef { oid: row.element, typmod: ty.typmod };
            Ok(Value::Array(array::read(reader, element, env)?.into()))
        }
        Some(row) if row.kind == 'd' => read(reader, TypeRef { oid: row.base, typmod: row.base_typmod }, env),
        Some(row) if !row.receive.is_valid() => Err(Error::new(
            SqlState::UNDEFINED_FUNCTION,
            format!("no binary input function available for type {}", catalog::format_type(ty.oid, None)),
        )),
        Some(row) => Err(Error::refused(format!("binary input of type {}", row.name))),
        None => Err(Error::refused(format!("binary input of type with OID {}", ty.oid))),
    }
}
