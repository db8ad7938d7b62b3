//! A scalar of Java's as a stored entry has it, and how it gets into a column: the rules of Hazelcast's converters
//! (`com.hazelcast.sql.impl.type.converter`).

use super::java_number::{self as number, Digits};
use super::java_time;
use super::page::PageBuilder;
use super::refusal::Refusal;
use crate::data::decimal::DecimalRef;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};
use crate::sql::column::SqlColumnType as Type;

/// A value before it has the column's type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Byte(i8),
    Short(i16),
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Decimal(DecimalRef<'a>),
    BigInteger(&'a [u8]),
    Char(u16),
    Text(&'a str),
    Json(&'a str),
    Date(Date),
    Time(Time),
    Timestamp(Timestamp),
    TimestampTz(TimestampTz),
    /// An object or array inside JSON.
    NonTerminal,
    /// What only the cluster can read; what it is.
    Opaque(&'static str),
}

/// What becomes of a value of another class than the column's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It is converted (`QueryDataType.convert`): json-flat.
    Convert,
    /// It is refused (`QueryDataType.normalize`): all other formats.
    Normalize,
}

impl Cell<'_> {
    /// Puts the value into the column, in the last row of the page.
    #[inline]
    pub(super) fn store(
        self,
        target: Type,
        mode: Mode,
        page: &mut PageBuilder,
        column: usize,
    ) -> Result<(), Refusal> {
        match (self, target) {
            (Cell::Null, _) => {}
            (Cell::Int(value), Type::Integer) => page.put(column, value.to_le_bytes()),
            (Cell::Long(value), Type::BigInt) => page.put(column, value.to_le_bytes()),
            (Cell::Double(value), Type::Double) => page.put(column, value.to_bits().to_le_bytes()),
            (Cell::Text(value), Type::Varchar) | (Cell::Json(value), Type::Json) => {
                page.put_bytes(column, value.as_bytes());
            }
            (Cell::Bool(value), Type::Boolean) => page.put(column, [u8::from(value)]),
            (Cell::Byte(value), Type::TinyInt) => page.put(column, value.to_le_bytes()),
            (Cell::Short(value), Type::SmallInt) => page.put(column, value.to_le_bytes()),
            (Cell::Float(value), Type::Real) => page.put(column, value.to_bits().to_le_bytes()),
            (Cell::Decimal(value), Type::Decimal) => page.put_decimal(column, value),
            (Cell::Date(value), Type::Date) => page.put_date(column, value),
            (Cell::Time(value), Type::Time) => page.put_time(column, value),
            (Cell::Timestamp(value), Type::Timestamp) => page.put_timestamp(column, value),
            (Cell::TimestampTz(value), Type::TimestampTz) => page.put_timestamp_tz(column, value),
            (Cell::Opaque(what), _) => return Err(Refusal::NeedsSql(what)),
            (_, Type::Object) => return self.object(page, column),
            _ if mode == Mode::Convert => return self.convert(target, page, column),
            _ => return Err(self.mismatch(target)),
        }
        Ok(())
    }

    /// As `Converter.convertToSelf` of the column's type.
    fn convert(self, target: Type, page: &mut PageBuilder, column: usize) -> Result<(), Refusal> {
        match self {
            Cell::Text(text) => from_text(text, target, page, column),
            Cell::Long(value) => from_long(value, target, page, column),
            Cell::Double(value) => from_double(value, target, page, column),
            Cell::Bool(value) if target == Type::Varchar => {
                page.put_bytes(column, if value { b"true" } else { b"false" });
                Ok(())
            }
            Cell::Bool(_) => Err(Refusal::Convert(Type::Boolean, target)),
            Cell::NonTerminal if target == Type::Varchar => Err(Refusal::NoText),
            Cell::NonTerminal => Err(Refusal::Convert(Type::Object, target)),
            _ => Err(Refusal::NeedsSql("a value of another type in a mapping of json-flat")),
        }
    }

    /// A value for an OBJECT column, serialized as members serialize it.
    fn object(self, page: &mut PageBuilder, column: usize) -> Result<(), Refusal> {
        use crate::data::type_id as id;
        let mut put = |type_id: i32, write: &dyn Fn(&mut Vec<u8>)| {
            page.put_with(column, |arena| {
                arena.extend_from_slice(&[0; 4]);
                arena.extend_from_slice(&type_id.to_be_bytes());
                write(arena);
            });
        };
        match self {
            Cell::Bool(value) => put(id::BOOLEAN, &|out| out.push(u8::from(value))),
            Cell::Long(value) => put(id::LONG, &|out| out.extend_from_slice(&value.to_be_bytes())),
            Cell::Double(value) => put(id::DOUBLE, &|out| out.extend_from_slice(&value.to_be_bytes())),
            Cell::Text(text) => put(id::STRING, &|out| {
                out.extend_from_slice(&i32::try_from(text.len()).unwrap_or(i32::MAX).to_be_bytes());
                out.extend_from_slice(text.as_bytes());
            }),
            _ => return Err(Refusal::NeedsSql("an OBJECT column")),
        }
        Ok(())
    }

    /// `QueryDataTypeMismatchException`.
    fn mismatch(self, target: Type) -> Refusal {
        match (class(self), class_of(target)) {
            // A mapping may have been made of a class definition that says CHAR; its columns are VARCHAR, too.
            _ if matches!(self, Cell::Char(_)) && target == Type::Varchar => {
                Refusal::NeedsSql("a character in a VARCHAR column")
            }
            // Columns of these types stand for several classes.
            _ if matches!(self, Cell::BigInteger(_)) && target == Type::Decimal => {
                Refusal::NeedsSql("a BigInteger in a DECIMAL column")
            }
            (Some(actual), Some(expected)) => Refusal::Mismatch(expected, actual),
            _ => Refusal::NeedsSql("a value of another type than its column's"),
        }
    }
}

fn class(cell: Cell<'_>) -> Option<&'static str> {
    Some(match cell {
        Cell::Bool(_) => "java.lang.Boolean",
        Cell::Byte(_) => "java.lang.Byte",
        Cell::Short(_) => "java.lang.Short",
        Cell::Int(_) => "java.lang.Integer",
        Cell::Long(_) => "java.lang.Long",
        Cell::Float(_) => "java.lang.Float",
        Cell::Double(_) => "java.lang.Double",
        Cell::Decimal(_) => "java.math.BigDecimal",
        Cell::BigInteger(_) => "java.math.BigInteger",
        Cell::Char(_) => "java.lang.Character",
        Cell::Text(_) => "java.lang.String",
        Cell::Json(_) => "com.hazelcast.core.HazelcastJsonValue",
        Cell::Date(_) => "java.time.LocalDate",
        Cell::Time(_) => "java.time.LocalTime",
        Cell::Timestamp(_) => "java.time.LocalDateTime",
        Cell::TimestampTz(_) => "java.time.OffsetDateTime",
        Cell::Null | Cell::NonTerminal | Cell::Opaque(_) => return None,
    })
}

fn class_of(target: Type) -> Option<&'static str> {
    Some(match target {
        Type::Boolean => "java.lang.Boolean",
        Type::TinyInt => "java.lang.Byte",
        Type::SmallInt => "java.lang.Short",
        Type::Integer => "java.lang.Integer",
        Type::BigInt => "java.lang.Long",
        Type::Real => "java.lang.Float",
        Type::Double => "java.lang.Double",
        Type::Decimal => "java.math.BigDecimal",
        Type::Varchar => "java.lang.String",
        Type::Json => "com.hazelcast.core.HazelcastJsonValue",
        Type::Date => "java.time.LocalDate",
        Type::Time => "java.time.LocalTime",
        Type::Timestamp => "java.time.LocalDateTime",
        Type::TimestampTz => "java.time.OffsetDateTime",
        Type::Object | Type::Null | Type::Row => return None,
    })
}

/// `StringConverter`.
fn from_text(text: &str, target: Type, page: &mut PageBuilder, column: usize) -> Result<(), Refusal> {
    let parsed = Refusal::Parse(target);
    match target {
        Type::TinyInt => page.put(column, number::integer::<i8>(text, target)?.to_le_bytes()),
        Type::SmallInt => page.put(column, number::integer::<i16>(text, target)?.to_le_bytes()),
        Type::Integer => page.put(column, number::integer::<i32>(text, target)?.to_le_bytes()),
        Type::BigInt => page.put(column, number::integer::<i64>(text, target)?.to_le_bytes()),
        Type::Real => page.put(column, number::float::<f32>(text, target)?.to_bits().to_le_bytes()),
        Type::Double => page.put(column, number::float::<f64>(text, target)?.to_bits().to_le_bytes()),
        Type::Decimal => page.put_decimal(column, number::decimal(text)?.as_ref()),
        Type::Boolean if text.eq_ignore_ascii_case("true") => page.put(column, [1]),
        Type::Boolean if text.eq_ignore_ascii_case("false") => page.put(column, [0]),
        Type::Boolean => return Err(number::unreadable(text, target)),
        Type::Date => page.put_date(column, java_time::date(text).ok_or(parsed)?),
        Type::Time => page.put_time(column, java_time::time(text).ok_or(parsed)?),
        Type::Timestamp => page.put_timestamp(column, java_time::timestamp(text).ok_or(parsed)?),
        Type::TimestampTz => page.put_timestamp_tz(column, java_time::timestamp_tz(text).ok_or(parsed)?),
        Type::Varchar | Type::Json => page.put_bytes(column, text.as_bytes()),
        Type::Object | Type::Null | Type::Row => return Err(Refusal::NeedsSql("a column of this type")),
    }
    Ok(())
}

/// `LongConverter`.
fn from_long(value: i64, target: Type, page: &mut PageBuilder, column: usize) -> Result<(), Refusal> {
    let overflow = |_| Refusal::Overflow(Type::BigInt, target);
    match target {
        Type::TinyInt => page.put(column, i8::try_from(value).map_err(overflow)?.to_le_bytes()),
        Type::SmallInt => page.put(column, i16::try_from(value).map_err(overflow)?.to_le_bytes()),
        Type::Integer => page.put(column, i32::try_from(value).map_err(overflow)?.to_le_bytes()),
        Type::BigInt => page.put(column, value.to_le_bytes()),
        Type::Real => page.put(column, (value as f32).to_bits().to_le_bytes()),
        Type::Double => page.put(column, (value as f64).to_bits().to_le_bytes()),
        Type::Decimal => page.put_decimal(column, Digits::small(value.into(), 0).as_ref()),
        Type::Varchar => page.put_with(column, |arena| {
            // Writing into memory can't fail.
            let _ = std::io::Write::write_fmt(arena, format_args!("{value}"));
        }),
        _ => return Err(Refusal::Convert(Type::BigInt, target)),
    }
    Ok(())
}

/// `DoubleConverter`.
fn from_double(value: f64, target: Type, page: &mut PageBuilder, column: usize) -> Result<(), Refusal> {
    let exact =
        matches!(target, Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt | Type::Decimal);
    if exact && value.is_infinite() {
        return Err(Refusal::Infinite(Type::Double, target));
    }
    if exact && value.is_nan() {
        return Err(Refusal::NotANumber(target));
    }
    let overflow = Refusal::Overflow(Type::Double, target);
    match target {
        Type::TinyInt => page.put(column, number::to_i8(value).ok_or(overflow)?.to_le_bytes()),
        Type::SmallInt => page.put(column, number::to_i16(value).ok_or(overflow)?.to_le_bytes()),
        Type::Integer => page.put(column, number::to_i32(value).ok_or(overflow)?.to_le_bytes()),
        Type::BigInt => page.put(column, number::to_i64(value).ok_or(overflow)?.to_le_bytes()),
        Type::Decimal => page.put_decimal(column, number::exact(value).ok_or(overflow)?.as_ref()),
        Type::Real => {
            let narrow = value as f32;
            if narrow.is_infinite() && !value.is_infinite() {
                return Err(overflow);
            }
            page.put(column, narrow.to_bits().to_le_bytes());
        }
        Type::Double => page.put(column, value.to_bits().to_le_bytes()),
        // The digits that Double.toString gives differ between versions of Java.
        Type::Varchar => return Err(Refusal::NeedsSql("a fraction in a VARCHAR column")),
        _ => return Err(Refusal::Convert(Type::Double, target)),
    }
    Ok(())
}
