//! A page of rows, as it was received: columns in the bytes of the message, values read out of them on demand.

use std::fmt;

use bytes::Bytes;

use super::column::SqlColumnType;
use super::value_ref::ValueRef;
use crate::data::decimal::DecimalRef;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};

/// Rows of a result. The values lie in the bytes that the member sent; reading one allocates nothing.
///
/// Getters answer `None` for a null, for a row or column that doesn't exist, and when the column is of another type:
/// look at [`column_type`](Page::column_type) first. Cloning a page is cheap.
#[derive(Clone)]
pub struct Page {
    pub(crate) bytes: Bytes,
    pub(crate) columns: std::sync::Arc<[PageColumn]>,
    pub(crate) rows: usize,
    pub(crate) last: bool,
}

/// Type and place of one column's values.
pub(crate) struct PageColumn {
    pub(crate) column_type: SqlColumnType,
    pub(crate) layout: Layout,
}

/// Where the values of a column are, as offsets into the message (protocol 4.4).
pub(crate) enum Layout {
    /// All null.
    Null,
    /// Packed without nulls: value `r` is at `start + r × width`.
    Dense { start: u32 },
    /// Packed in groups of up to 8 rows: a bitmask, then the values that are not null. Offsets of the bitmasks.
    Sparse { groups: Box<[u32]> },
    /// A frame for each value: offsets of the contents, [`NULL_VALUE`] for a null.
    Frames { values: Box<[u32]> },
    /// Values that this client packed, a place for each row; a bit for each row that has one.
    Cells { values: Box<[u8]>, present: Box<[u8]> },
    /// Values of any length that this client collected: where each begins and ends, [`NO_SPAN`] for a null.
    Spans { spans: Box<[(u32, u32)]> },
}

/// In place of the bounds of a value: no value.
pub(crate) const NO_SPAN: (u32, u32) = (NULL_VALUE, NULL_VALUE);

/// In place of an offset: no value.
pub(crate) const NULL_VALUE: u32 = u32::MAX;

/// One column of a [`Page`].
#[derive(Clone, Copy)]
pub struct PageColumnRef<'a> {
    bytes: &'a [u8],
    rows: usize,
    column: &'a PageColumn,
}

impl Page {
    /// The bytes that it holds.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// The number of rows. A page can be empty without being the last.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// Whether no page follows.
    pub fn is_last(&self) -> bool {
        self.last
    }

    /// The size of the message that holds the rows.
    pub fn size_in_bytes(&self) -> usize {
        let packed = self.columns.iter().map(|column| match &column.layout {
            Layout::Cells { values, present } => values.len() + present.len(),
            Layout::Spans { spans } => spans.len() * size_of::<(u32, u32)>(),
            _ => 0,
        });
        self.bytes.len() + packed.sum::<usize>()
    }

    /// A column, to read many of its values.
    pub fn column(&self, column: usize) -> Option<PageColumnRef<'_>> {
        self.columns.get(column).map(|column| PageColumnRef { bytes: &self.bytes, rows: self.rows, column })
    }

    /// The type of a column.
    pub fn column_type(&self, column: usize) -> Option<SqlColumnType> {
        self.columns.get(column).map(|column| column.column_type)
    }

    /// Whether the value is null (or doesn't exist).
    pub fn is_null(&self, row: usize, column: usize) -> bool {
        self.column(column).is_none_or(|column| column.is_null(row))
    }

    /// A value of any type.
    pub fn value(&self, row: usize, column: usize) -> ValueRef<'_> {
        self.column(column).map_or(ValueRef::Null, |column| column.value(row))
    }
}

macro_rules! page_getters {
    ($($(#[$doc:meta])* $name:ident -> $result:ty;)*) => {
        impl Page {
            $($(#[$doc])* pub fn $name(&self, row: usize, column: usize) -> Option<$result> {
                self.column(column)?.$name(row)
            })*
        }
    };
}

page_getters! {
    /// A value of a BOOLEAN column.
    bool -> bool;
    /// A value of a TINYINT column.
    i8 -> i8;
    /// A value of a SMALLINT or TINYINT column.
    i16 -> i16;
    /// A value of an INTEGER, SMALLINT or TINYINT column.
    i32 -> i32;
    /// A value of a BIGINT, INTEGER, SMALLINT or TINYINT column.
    i64 -> i64;
    /// A value of a REAL column.
    f32 -> f32;
    /// A value of a DOUBLE or REAL column.
    f64 -> f64;
    /// A value of a DECIMAL column.
    decimal -> DecimalRef<'_>;
    /// A value of a VARCHAR, JSON or ROW column.
    str -> &str;
    /// The bytes of a value of a VARCHAR, JSON or ROW column; that they are UTF-8 was checked when the page arrived.
    text -> &[u8];
    /// A value of a DATE column.
    date -> Date;
    /// A value of a TIME column.
    time -> Time;
    /// A value of a TIMESTAMP column.
    timestamp -> Timestamp;
    /// A value of a TIMESTAMP WITH TIME ZONE column.
    timestamp_tz -> TimestampTz;
    /// A serialized value of an OBJECT column.
    data -> &[u8];
}

impl<'a> PageColumnRef<'a> {
    /// The type of the column.
    pub fn column_type(&self) -> SqlColumnType {
        self.column.column_type
    }

    /// Where in the message a packed value is.
    #[inline]
    fn packed_at(&self, row: usize, width: usize) -> Option<usize> {
        if row >= self.rows {
            return None;
        }
        match &self.column.layout {
            Layout::Dense { start } => Some(*start as usize + row * width),
            Layout::Sparse { groups } => {
                let mask_at = *groups.get(row / 8)? as usize;
                let mask = *self.bytes.get(mask_at)?;
                let bit = 1u8 << (row % 8);
                if mask & bit == 0 {
                    return None;
                }
                Some(mask_at + 1 + (mask & (bit - 1)).count_ones() as usize * width)
            }
            Layout::Null | Layout::Frames { .. } | Layout::Cells { .. } | Layout::Spans { .. } => None,
        }
    }

    #[inline]
    fn packed<const N: usize>(&self, row: usize) -> Option<&'a [u8; N]> {
        match &self.column.layout {
            Layout::Cells { values, present } if is_present(present, row) => {
                values.get(row * N..)?.first_chunk()
            }
            Layout::Cells { .. } => None,
            _ => self.bytes.get(self.packed_at(row, N)?..)?.first_chunk(),
        }
    }

    /// The content of the frame that holds a value.
    #[inline]
    fn framed(&self, row: usize) -> Option<&'a [u8]> {
        let values = match &self.column.layout {
            Layout::Frames { values } => values,
            // What begins where no message can reach is no value.
            Layout::Spans { spans } => {
                let (from, until) = *spans.get(row)?;
                return self.bytes.get(from as usize..until as usize).filter(|_| from != NULL_VALUE);
            }
            _ => return None,
        };
        let at = *values.get(row)?;
        if at == NULL_VALUE {
            return None;
        }
        let at = at as usize;
        let header: &[u8; 4] = self.bytes.get(at.checked_sub(6)?..)?.first_chunk()?;
        let length = (i32::from_le_bytes(*header) as usize).checked_sub(6)?;
        self.bytes.get(at..at.checked_add(length)?)
    }

    fn is(&self, column_type: SqlColumnType) -> bool {
        self.column.column_type == column_type
    }

    /// Whether the value is null (or doesn't exist).
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        if row >= self.rows {
            return true;
        }
        match &self.column.layout {
            Layout::Null => true,
            Layout::Dense { .. } => false,
            // The width doesn't matter for whether there is a value.
            Layout::Sparse { .. } => self.packed_at(row, 0).is_none(),
            Layout::Frames { values } => values.get(row).is_none_or(|at| *at == NULL_VALUE),
            Layout::Cells { present, .. } => !is_present(present, row),
            Layout::Spans { spans } => spans.get(row).is_none_or(|span| *span == NO_SPAN),
        }
    }

    /// A value of a BOOLEAN column.
    #[inline]
    pub fn bool(&self, row: usize) -> Option<bool> {
        if !self.is(SqlColumnType::Boolean) {
            return None;
        }
        self.packed::<1>(row).map(|[byte]| *byte == 1)
    }

    /// A value of a TINYINT column.
    #[inline]
    pub fn i8(&self, row: usize) -> Option<i8> {
        if !self.is(SqlColumnType::TinyInt) {
            return None;
        }
        self.packed(row).map(|bytes| i8::from_le_bytes(*bytes))
    }

    /// A value of a SMALLINT or TINYINT column.
    #[inline]
    pub fn i16(&self, row: usize) -> Option<i16> {
        match self.column.column_type {
            SqlColumnType::SmallInt => self.packed(row).map(|bytes| i16::from_le_bytes(*bytes)),
            _ => self.i8(row).map(i16::from),
        }
    }

    /// A value of an INTEGER, SMALLINT or TINYINT column.
    #[inline]
    pub fn i32(&self, row: usize) -> Option<i32> {
        match self.column.column_type {
            SqlColumnType::Integer => self.packed(row).map(|bytes| i32::from_le_bytes(*bytes)),
            _ => self.i16(row).map(i32::from),
        }
    }

    /// A value of a BIGINT, INTEGER, SMALLINT or TINYINT column.
    #[inline]
    pub fn i64(&self, row: usize) -> Option<i64> {
        match self.column.column_type {
            SqlColumnType::BigInt => self.packed(row).map(|bytes| i64::from_le_bytes(*bytes)),
            _ => self.i32(row).map(i64::from),
        }
    }

    /// A value of a REAL column.
    #[inline]
    pub fn f32(&self, row: usize) -> Option<f32> {
        if !self.is(SqlColumnType::Real) {
            return None;
        }
        self.packed(row).map(|bytes| f32::from_le_bytes(*bytes))
    }

    /// A value of a DOUBLE or REAL column.
    #[inline]
    pub fn f64(&self, row: usize) -> Option<f64> {
        match self.column.column_type {
            SqlColumnType::Double => self.packed(row).map(|bytes| f64::from_le_bytes(*bytes)),
            _ => self.f32(row).map(f64::from),
        }
    }

    /// A value of a DECIMAL column.
    #[inline]
    pub fn decimal(&self, row: usize) -> Option<DecimalRef<'a>> {
        if !self.is(SqlColumnType::Decimal) {
            return None;
        }
        let (unscaled, scale) = self.framed(row)?.get(4..)?.split_last_chunk::<4>()?;
        Some(DecimalRef { unscaled, scale: i32::from_le_bytes(*scale) })
    }

    /// The bytes of a value of a VARCHAR, JSON or ROW column; that they are UTF-8 was checked when the page arrived.
    #[inline]
    pub fn text(&self, row: usize) -> Option<&'a [u8]> {
        match self.column.column_type {
            SqlColumnType::Varchar | SqlColumnType::Json | SqlColumnType::Row => self.framed(row),
            _ => None,
        }
    }

    /// A value of a VARCHAR, JSON or ROW column.
    #[inline]
    pub fn str(&self, row: usize) -> Option<&'a str> {
        self.text(row).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// A serialized value of an OBJECT column.
    #[inline]
    pub fn data(&self, row: usize) -> Option<&'a [u8]> {
        if self.is(SqlColumnType::Object) { self.framed(row) } else { None }
    }

    /// A value of a DATE column.
    #[inline]
    pub fn date(&self, row: usize) -> Option<Date> {
        if !self.is(SqlColumnType::Date) {
            return None;
        }
        self.packed(row).map(date)
    }

    /// A value of a TIME column.
    #[inline]
    pub fn time(&self, row: usize) -> Option<Time> {
        if !self.is(SqlColumnType::Time) {
            return None;
        }
        self.packed(row).map(time)
    }

    /// A value of a TIMESTAMP column.
    #[inline]
    pub fn timestamp(&self, row: usize) -> Option<Timestamp> {
        if !self.is(SqlColumnType::Timestamp) {
            return None;
        }
        self.packed(row).and_then(timestamp)
    }

    /// A value of a TIMESTAMP WITH TIME ZONE column.
    #[inline]
    pub fn timestamp_tz(&self, row: usize) -> Option<TimestampTz> {
        if !self.is(SqlColumnType::TimestampTz) {
            return None;
        }
        let (local, offset) = self.packed::<17>(row)?.split_last_chunk::<4>()?;
        let local = timestamp(local.first_chunk()?)?;
        Some(TimestampTz { local, offset_seconds: i32::from_le_bytes(*offset) })
    }

    /// A value of any type.
    pub fn value(&self, row: usize) -> ValueRef<'a> {
        use SqlColumnType as Type;
        let value = match self.column.column_type {
            Type::Varchar => self.str(row).map(ValueRef::Varchar),
            Type::Boolean => self.bool(row).map(ValueRef::Boolean),
            Type::TinyInt => self.i8(row).map(ValueRef::TinyInt),
            Type::SmallInt => self.i16(row).map(ValueRef::SmallInt),
            Type::Integer => self.i32(row).map(ValueRef::Integer),
            Type::BigInt => self.i64(row).map(ValueRef::BigInt),
            Type::Decimal => self.decimal(row).map(ValueRef::Decimal),
            Type::Real => self.f32(row).map(ValueRef::Real),
            Type::Double => self.f64(row).map(ValueRef::Double),
            Type::Date => self.date(row).map(ValueRef::Date),
            Type::Time => self.time(row).map(ValueRef::Time),
            Type::Timestamp => self.timestamp(row).map(ValueRef::Timestamp),
            Type::TimestampTz => self.timestamp_tz(row).map(ValueRef::TimestampTz),
            Type::Object => self.data(row).map(ValueRef::Object),
            Type::Json => self.str(row).map(ValueRef::Json),
            Type::Row => self.str(row).map(ValueRef::Row),
            Type::Null => None,
        };
        value.unwrap_or(ValueRef::Null)
    }
}

#[inline]
fn is_present(present: &[u8], row: usize) -> bool {
    present.get(row / 8).is_some_and(|bits| bits & (1 << (row % 8)) != 0)
}

fn date(bytes: &[u8; 6]) -> Date {
    let [a, b, c, d, month, day] = *bytes;
    Date { year: i32::from_le_bytes([a, b, c, d]), month, day }
}

fn time(bytes: &[u8; 7]) -> Time {
    let [hour, minute, second, a, b, c, d] = *bytes;
    Time { hour, minute, second, nano: u32::from_le_bytes([a, b, c, d]) }
}

fn timestamp(bytes: &[u8; 13]) -> Option<Timestamp> {
    let (day, of_day) = bytes.split_first_chunk::<6>()?;
    Some(Timestamp { date: date(day), time: time(of_day.first_chunk()?) })
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("rows", &self.rows)
            .field("columns", &self.columns.len())
            .field("last", &self.last)
            .field("size", &self.bytes.len())
            .finish()
    }
}
