//! Bytes to values (protocol 5). What isn't known stays as bytes; what is broken is an error, never a panic.

use bytes::Bytes;
use uuid::Uuid;

use super::decimal::Decimal;
use super::encode::MAX_DEPTH;
use super::portable::read::Reader as Portables;
use super::temporal::{Date, Time, Timestamp, TimestampTz};
use super::value::{ArrayKind, Value};
use super::{HEADER, type_id};
use crate::error::Malformed;

/// The value of serialized bytes, header included.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, Malformed> {
    let mut reader = Reader { bytes, at: 4, portables: Portables::new(bytes) };
    let kind = reader.i32()?;
    match reader.payload(kind, 0) {
        Ok(value) => Ok(value),
        // An element of an unknown type has an unknown length: then the whole is left as it is.
        Err(Stop::Unknown) => Ok(Value::Other {
            type_id: kind,
            payload: Bytes::copy_from_slice(bytes.get(HEADER..).unwrap_or_default()),
        }),
        Err(Stop::Malformed(malformed)) => Err(malformed),
    }
}

/// Why reading ends early.
enum Stop {
    Unknown,
    Malformed(Malformed),
}

impl From<Malformed> for Stop {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Reads the Portable records among them.
    portables: Portables<'a>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).ok_or(SHORT)?;
        let bytes = self.bytes.get(self.at..end).ok_or(SHORT)?;
        self.at = end;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.first_chunk().copied().ok_or(SHORT)
    }

    fn u8(&mut self) -> Result<u8, Malformed> {
        self.array().map(|[byte]| byte)
    }

    fn i32(&mut self) -> Result<i32, Malformed> {
        self.array().map(i32::from_be_bytes)
    }

    /// A count; every item takes at least `width` bytes, so that a count can't make this client allocate more than it received.
    fn count(&mut self, width: usize) -> Result<usize, Malformed> {
        let count =
            usize::try_from(self.i32()?).map_err(|_| Malformed("negative count in a serialized value"))?;
        let left = self.bytes.len() - self.at;
        if count.checked_mul(width).is_none_or(|size| size > left) {
            return Err(SHORT);
        }
        Ok(count)
    }

    fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.count(1)?;
        self.take(count)
    }

    /// A text, or null for a length of -1.
    fn text(&mut self) -> Result<Option<String>, Malformed> {
        if self.bytes.get(self.at..self.at + 4) == Some(&[0xff; 4]) {
            self.at += 4;
            return Ok(None);
        }
        let text = std::str::from_utf8(self.counted()?).map_err(|_| Malformed("text is not UTF-8"))?;
        Ok(Some(text.to_string()))
    }

    fn date(&mut self) -> Result<Date, Malformed> {
        Ok(Date { year: self.i32()?, month: self.u8()?, day: self.u8()? })
    }

    fn time(&mut self) -> Result<Time, Malformed> {
        let (hour, minute, second) = (self.u8()?, self.u8()?, self.u8()?);
        Ok(Time { hour, minute, second, nano: self.array().map(u32::from_be_bytes)? })
    }

    fn timestamp(&mut self) -> Result<Timestamp, Malformed> {
        Ok(Timestamp { date: self.date()?, time: self.time()? })
    }

    fn items<T>(
        &mut self,
        width: usize,
        mut read: impl FnMut(&mut Self) -> Result<T, Stop>,
    ) -> Result<Vec<T>, Stop> {
        let count = self.count(width)?;
        (0..count).map(|_| read(self)).collect()
    }

    fn primitives<const N: usize>(
        &mut self,
        kind: ArrayKind,
        make: impl Fn([u8; N]) -> Value,
    ) -> Result<Value, Stop> {
        let items = self.items(N, |reader| Ok(make(reader.array()?)))?;
        Ok(Value::Array(kind, items))
    }

    fn inline(&mut self, depth: usize) -> Result<Value, Stop> {
        let kind = self.i32()?;
        self.payload(kind, depth)
    }

    fn payload(&mut self, kind: i32, depth: usize) -> Result<Value, Stop> {
        if depth > MAX_DEPTH {
            return Err(Malformed("serialized value is nested too deeply").into());
        }
        Ok(match kind {
            type_id::NULL => Value::Null,
            type_id::BYTE => Value::TinyInt(self.array().map(i8::from_be_bytes)?),
            type_id::BOOLEAN => Value::Boolean(self.u8()? != 0),
            type_id::CHARACTER => Value::Character(self.array().map(u16::from_be_bytes)?),
            type_id::SHORT => Value::SmallInt(self.array().map(i16::from_be_bytes)?),
            type_id::INTEGER => Value::Integer(self.i32()?),
            type_id::LONG => Value::BigInt(self.array().map(i64::from_be_bytes)?),
            type_id::FLOAT => Value::Real(self.array().map(f32::from_be_bytes)?),
            type_id::DOUBLE => Value::Double(self.array().map(f64::from_be_bytes)?),
            type_id::STRING => self.text()?.map_or(Value::Null, Value::Varchar),
            type_id::JSON => self.text()?.map_or(Value::Null, Value::Json),
            type_id::BYTE_ARRAY => Value::Bytes(self.counted()?.to_vec()),
            type_id::UUID => Value::Uuid(Uuid::from_bytes(self.array()?)),
            type_id::DATE => Value::JavaDate(self.array().map(i64::from_be_bytes)?),
            type_id::BIG_INTEGER => Value::BigInteger(Decimal::from_be_bytes(self.counted()?, 0)),
            type_id::BIG_DECIMAL => {
                let unscaled = self.counted()?;
                Value::Decimal(Decimal::from_be_bytes(unscaled, self.i32()?))
            }
            type_id::LOCAL_DATE => Value::Date(self.date()?),
            type_id::LOCAL_TIME => Value::Time(self.time()?),
            type_id::LOCAL_DATE_TIME => Value::Timestamp(self.timestamp()?),
            type_id::OFFSET_DATE_TIME => {
                Value::TimestampTz(TimestampTz { local: self.timestamp()?, offset_seconds: self.i32()? })
            }
            type_id::OBJECT_ARRAY => Value::Objects(self.items(4, |reader| reader.inline(depth + 1))?),
            type_id::ARRAY_LIST | type_id::LINKED_LIST => {
                Value::List(self.items(4, |reader| reader.inline(depth + 1))?)
            }
            // An entry of a map: a pair.
            type_id::SIMPLE_ENTRY | type_id::SIMPLE_IMMUTABLE_ENTRY => {
                Value::List(vec![self.inline(depth + 1)?, self.inline(depth + 1)?])
            }
            type_id::DATA_SERIALIZABLE => self.data_serializable(depth)?,
            type_id::PORTABLE => self.portable()?,
            type_id::HASH_MAP => Value::Map(
                self.items(8, |reader| Ok((reader.inline(depth + 1)?, reader.inline(depth + 1)?)))?,
            ),
            _ => self.primitive_array(kind)?,
        })
    }

    fn portable(&mut self) -> Result<Value, Stop> {
        let (record, end) = self.portables.record(self.at).ok_or(Malformed("broken Portable record"))?;
        self.at = end;
        Ok(Value::Portable(record))
    }

    /// Objects of Hazelcast's own classes: the set that the aggregator of distinct values makes, and the entries of maps
    /// (`CanonicalizingHashSet`, `LazyMapEntry`). Others stay as they are.
    fn data_serializable(&mut self, depth: usize) -> Result<Value, Stop> {
        let identified = self.u8()? == 1;
        if !identified {
            return Err(Stop::Unknown);
        }
        match (self.i32()?, self.i32()?) {
            (AGGREGATORS, CANONICALIZING_SET) => {
                Ok(Value::List(self.items(4, |reader| reader.inline(depth + 1))?))
            }
            (MAPS, LAZY_ENTRY) => Ok(Value::List(vec![self.inline(depth + 1)?, self.inline(depth + 1)?])),
            _ => Err(Stop::Unknown),
        }
    }

    fn primitive_array(&mut self, kind: i32) -> Result<Value, Stop> {
        match kind {
            type_id::BOOLEAN_ARRAY => self.primitives(ArrayKind::Boolean, |[byte]| Value::Boolean(byte != 0)),
            type_id::CHARACTER_ARRAY => {
                self.primitives(ArrayKind::Character, |bytes| Value::Character(u16::from_be_bytes(bytes)))
            }
            type_id::SHORT_ARRAY => {
                self.primitives(ArrayKind::SmallInt, |bytes| Value::SmallInt(i16::from_be_bytes(bytes)))
            }
            type_id::INTEGER_ARRAY => {
                self.primitives(ArrayKind::Integer, |bytes| Value::Integer(i32::from_be_bytes(bytes)))
            }
            type_id::LONG_ARRAY => {
                self.primitives(ArrayKind::BigInt, |bytes| Value::BigInt(i64::from_be_bytes(bytes)))
            }
            type_id::FLOAT_ARRAY => {
                self.primitives(ArrayKind::Real, |bytes| Value::Real(f32::from_be_bytes(bytes)))
            }
            type_id::DOUBLE_ARRAY => {
                self.primitives(ArrayKind::Double, |bytes| Value::Double(f64::from_be_bytes(bytes)))
            }
            type_id::STRING_ARRAY => {
                let items = self.items(4, |reader| Ok(reader.text()?.map_or(Value::Null, Value::Varchar)))?;
                Ok(Value::Array(ArrayKind::Varchar, items))
            }
            _ => Err(Stop::Unknown),
        }
    }
}

/// `AggregatorDataSerializerHook`.
const AGGREGATORS: i32 = -29;
const CANONICALIZING_SET: i32 = 19;
/// `MapDataSerializerHook`.
const MAPS: i32 = -4;
const LAZY_ENTRY: i32 = 120;

const SHORT: Malformed = Malformed("serialized value is too short");
