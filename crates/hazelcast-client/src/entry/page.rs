//! Pages that this client makes itself, of values that it read out of stored entries.

use bytes::Bytes;

use crate::data::decimal::DecimalRef;
use crate::data::temporal::{Date, Time, Timestamp, TimestampTz};
use crate::sql::column::SqlColumnType;
use crate::sql::page::{Layout, NO_SPAN, Page, PageColumn};

/// The room for texts and other values of any length in one page: their places are 32 bits wide.
const MAX_ARENA: usize = 1 << 31;

/// Collects rows into a [`Page`]. A row begins with nulls everywhere; values are put where there are some, in any order.
#[derive(Debug)]
pub struct PageBuilder {
    columns: Vec<ColumnBuilder>,
    /// Texts, decimals and serialized values, one after the other.
    arena: Vec<u8>,
    rows: usize,
    /// Where the arena was when the last row began.
    row_at: usize,
}

#[derive(Debug)]
struct ColumnBuilder {
    column_type: SqlColumnType,
    /// Bytes of a packed value, 0 for others.
    width: usize,
    values: Vec<u8>,
    present: Vec<u8>,
    spans: Vec<(u32, u32)>,
}

impl PageBuilder {
    /// An empty page with columns of these types.
    pub fn new(types: impl IntoIterator<Item = SqlColumnType>) -> Self {
        let column = |column_type: SqlColumnType| ColumnBuilder {
            column_type,
            width: column_type.packed_width().unwrap_or(0),
            values: Vec::new(),
            present: Vec::new(),
            spans: Vec::new(),
        };
        Self { columns: types.into_iter().map(column).collect(), arena: Vec::new(), rows: 0, row_at: 0 }
    }

    /// The number of rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The bytes of all values so far.
    pub fn size_in_bytes(&self) -> usize {
        let packed: usize = self.columns.iter().map(|column| column.width.max(8)).sum();
        self.arena.len() + packed * self.rows
    }

    /// Begins a row of nulls. Not when the page is too long for another one: then it must be finished first.
    pub(crate) fn begin_row(&mut self) -> bool {
        if self.arena.len() >= MAX_ARENA {
            return false;
        }
        for column in &mut self.columns {
            if column.width == 0 {
                column.spans.push(NO_SPAN);
                continue;
            }
            column.values.resize(column.values.len() + column.width, 0);
            if self.rows.is_multiple_of(8) {
                column.present.push(0);
            }
        }
        self.row_at = self.arena.len();
        self.rows += 1;
        true
    }

    /// Takes the last row back.
    pub(crate) fn undo_row(&mut self) {
        let Some(rows) = self.rows.checked_sub(1) else { return };
        self.rows = rows;
        self.arena.truncate(self.row_at);
        for column in &mut self.columns {
            if column.width == 0 {
                column.spans.truncate(rows);
                continue;
            }
            column.values.truncate(rows * column.width);
            column.present.truncate(rows.div_ceil(8));
            if let Some(bits) = column.present.get_mut(rows / 8) {
                *bits &= !(1 << (rows % 8));
            }
        }
    }

    /// The page, and an empty one to go on with.
    pub fn finish(&mut self, last: bool) -> Page {
        let rows = std::mem::take(&mut self.rows);
        let column = |column: &mut ColumnBuilder| {
            let layout = match column.column_type {
                SqlColumnType::Null => {
                    column.spans.clear();
                    Layout::Null
                }
                _ if column.width == 0 => Layout::Spans { spans: std::mem::take(&mut column.spans).into() },
                _ => Layout::Cells {
                    values: std::mem::take(&mut column.values).into(),
                    present: std::mem::take(&mut column.present).into(),
                },
            };
            PageColumn { column_type: column.column_type, layout }
        };
        let columns = self.columns.iter_mut().map(column).collect();
        self.row_at = 0;
        Page { bytes: Bytes::from(std::mem::take(&mut self.arena)), columns, rows, last }
    }

    /// The place of a packed value in the last row. Nothing if the column's values have another width.
    #[inline]
    fn place<const N: usize>(&mut self, column: usize) -> Option<&mut [u8; N]> {
        let row = self.rows.checked_sub(1)?;
        let column = self.columns.get_mut(column).filter(|column| column.width == N)?;
        *column.present.get_mut(row / 8)? |= 1 << (row % 8);
        column.values.last_chunk_mut()
    }

    #[inline]
    pub(super) fn put<const N: usize>(&mut self, column: usize, bytes: [u8; N]) {
        if let Some(place) = self.place(column) {
            *place = bytes;
        }
    }

    pub(super) fn put_date(&mut self, column: usize, date: Date) {
        self.put(column, date_bytes(date));
    }

    pub(super) fn put_time(&mut self, column: usize, time: Time) {
        self.put(column, time_bytes(time));
    }

    pub(super) fn put_timestamp(&mut self, column: usize, timestamp: Timestamp) {
        self.put(column, timestamp_bytes(timestamp));
    }

    pub(super) fn put_timestamp_tz(&mut self, column: usize, value: TimestampTz) {
        let mut bytes = [0; 17];
        if let Some((local, offset)) = bytes.split_first_chunk_mut::<13>() {
            *local = timestamp_bytes(value.local);
            offset.copy_from_slice(&value.offset_seconds.to_le_bytes());
        }
        self.put(column, bytes);
    }

    /// A value of any length: `write` appends it.
    #[inline]
    pub(super) fn put_with(&mut self, column: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let from = self.arena.len();
        write(&mut self.arena);
        let span = u32::try_from(from).ok().zip(u32::try_from(self.arena.len()).ok());
        let place = self.columns.get_mut(column).and_then(|column| column.spans.last_mut());
        if let Some((place, span)) = place.zip(span) {
            *place = span;
        }
    }

    #[inline]
    pub(super) fn put_bytes(&mut self, column: usize, bytes: &[u8]) {
        self.put_with(column, |arena| arena.extend_from_slice(bytes));
    }

    /// As the protocol has it: four bytes for a length, the digits, the scale.
    pub(super) fn put_decimal(&mut self, column: usize, decimal: DecimalRef<'_>) {
        self.put_with(column, |arena| {
            let length = i32::try_from(decimal.unscaled.len()).unwrap_or(i32::MAX);
            arena.extend_from_slice(&length.to_le_bytes());
            arena.extend_from_slice(decimal.unscaled);
            arena.extend_from_slice(&decimal.scale.to_le_bytes());
        });
    }
}

fn date_bytes(date: Date) -> [u8; 6] {
    let [a, b, c, d] = date.year.to_le_bytes();
    [a, b, c, d, date.month, date.day]
}

fn time_bytes(time: Time) -> [u8; 7] {
    let [a, b, c, d] = time.nano.to_le_bytes();
    [time.hour, time.minute, time.second, a, b, c, d]
}

fn timestamp_bytes(timestamp: Timestamp) -> [u8; 13] {
    let mut bytes = [0; 13];
    if let Some((date, time)) = bytes.split_first_chunk_mut::<6>() {
        *date = date_bytes(timestamp.date);
        time.copy_from_slice(&time_bytes(timestamp.time));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::value_ref::ValueRef;

    #[test]
    fn rows_are_nulls_until_something_is_put() {
        let types =
            [SqlColumnType::Integer, SqlColumnType::Varchar, SqlColumnType::Decimal, SqlColumnType::Null];
        let mut builder = PageBuilder::new(types);
        for row in 0..20i32 {
            assert!(builder.begin_row());
            if row % 3 == 0 {
                builder.put(0, row.to_le_bytes());
                builder.put_bytes(1, row.to_string().as_bytes());
            }
            if row == 5 {
                builder.put_decimal(2, DecimalRef { unscaled: &[1, 0], scale: -3 });
            }
        }
        let page = builder.finish(true);
        assert_eq!((page.rows(), page.columns(), page.is_last()), (20, 4, true));
        for row in 0..20 {
            let expected = (row % 3 == 0).then_some(row as i32);
            assert_eq!((page.i32(row, 0), page.i64(row, 0)), (expected, expected.map(i64::from)));
            assert_eq!(page.str(row, 1), expected.map(|n| n.to_string()).as_deref());
            assert_eq!(
                (page.is_null(row, 0), page.is_null(row, 1)),
                (expected.is_none(), expected.is_none())
            );
            assert_eq!(page.value(row, 3), ValueRef::Null);
        }
        assert_eq!(page.decimal(5, 2), Some(DecimalRef { unscaled: &[1, 0], scale: -3 }));
        assert!(page.is_null(6, 2) && page.is_null(20, 0));
        assert_eq!(builder.finish(false).rows(), 0);
    }

    #[test]
    fn a_row_can_be_taken_back() {
        let mut builder = PageBuilder::new([SqlColumnType::BigInt, SqlColumnType::Varchar]);
        for row in 0..9i64 {
            builder.begin_row();
            builder.put(0, row.to_le_bytes());
            builder.put_bytes(1, b"ab");
        }
        builder.undo_row();
        builder.begin_row();
        let page = builder.finish(true);
        assert_eq!((page.rows(), page.i64(7, 0), page.str(7, 1)), (9, Some(7), Some("ab")));
        assert!(page.is_null(8, 0) && page.is_null(8, 1));
    }

    #[test]
    fn times_come_out_as_they_went_in() {
        let types =
            [SqlColumnType::Date, SqlColumnType::Time, SqlColumnType::Timestamp, SqlColumnType::TimestampTz];
        let mut builder = PageBuilder::new(types);
        let date = Date::new(-44, 3, 15).unwrap();
        let time = Time::new(23, 59, 58, 999_999_999).unwrap();
        let local = Timestamp { date, time };
        let offset = TimestampTz { local, offset_seconds: -64_800 };
        builder.begin_row();
        builder.put_date(0, date);
        builder.put_time(1, time);
        builder.put_timestamp(2, local);
        builder.put_timestamp_tz(3, offset);
        let page = builder.finish(true);
        assert_eq!((page.date(0, 0), page.time(0, 1)), (Some(date), Some(time)));
        assert_eq!((page.timestamp(0, 2), page.timestamp_tz(0, 3)), (Some(local), Some(offset)));
    }
}
