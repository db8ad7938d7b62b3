//! Pages of rows: finds where the values are, and leaves them there (protocol 4.4).

use bytes::Bytes;

use super::cluster::integers;
use super::frame::{BEGIN, END, Frames, NULL};
use crate::error::Malformed;
use crate::sql::column::SqlColumnType;
use crate::sql::page::{Layout, NULL_VALUE, Page, PageColumn};

/// Reads a page out of `frames`, which walk `bytes`. Every place that a getter of the page will look at is checked here.
/// Rows that take no bytes (all null) could be told in any number: `max_rows` bounds them.
pub(super) fn page(frames: &mut Frames<'_>, bytes: &Bytes, max_rows: usize) -> Result<Page, Malformed> {
    frames.begin()?;
    let last = frames.value()?.content.first().copied().ok_or(Malformed("page without its last flag"))? == 1;
    let types = integers(frames.value()?.content)?;
    let mut columns = Vec::with_capacity(types.len());
    let mut rows = None;
    for id in types {
        let column_type = SqlColumnType::from_id(id).ok_or(Malformed("unknown column type"))?;
        let (count, layout) = match column_type.packed_width() {
            Some(width) => packed(frames, width)?,
            None if column_type == SqlColumnType::Null => null_column(frames)?,
            None => framed(frames, column_type, rows.unwrap_or(0))?,
        };
        if count > max_rows {
            return Err(Malformed("page with more rows than were asked for"));
        }
        if *rows.get_or_insert(count) != count {
            return Err(Malformed("page whose columns differ in length"));
        }
        columns.push(PageColumn { column_type, layout });
    }
    frames.finish()?;
    Ok(Page { bytes: bytes.clone(), columns: columns.into(), rows: rows.unwrap_or(0), last })
}

fn offset(at: usize) -> Result<u32, Malformed> {
    u32::try_from(at).ok().filter(|at| *at != NULL_VALUE).ok_or(Malformed("message is too long"))
}

fn count(content: &[u8], at: usize) -> Result<usize, Malformed> {
    let bytes = content.get(at..).and_then(|rest| rest.first_chunk::<4>());
    let count =
        bytes.map(|bytes| i32::from_le_bytes(*bytes)).ok_or(Malformed("column without its length"))?;
    usize::try_from(count).map_err(|_| Malformed("column of negative length"))
}

fn null_column(frames: &mut Frames<'_>) -> Result<(usize, Layout), Malformed> {
    Ok((count(frames.value()?.content, 0)?, Layout::Null))
}

/// Kind, count, and the items in one frame.
fn packed(frames: &mut Frames<'_>, width: usize) -> Result<(usize, Layout), Malformed> {
    /// Kind and count.
    const HEADER: usize = 5;
    let frame = frames.value()?;
    let content = frame.content;
    let count = count(content, 1)?;
    let short = Malformed("column is shorter than its items");
    let layout = match content.first() {
        Some(1) => Layout::Null,
        Some(2) => {
            let end = count.checked_mul(width).and_then(|size| size.checked_add(HEADER));
            if end.is_none_or(|end| end > content.len()) {
                return Err(short);
            }
            Layout::Dense { start: offset(frame.at + HEADER)? }
        }
        Some(3) => {
            let number = count.div_ceil(8);
            // Each group has at least its bitmask.
            if number > content.len() - HEADER {
                return Err(short);
            }
            let mut groups = Vec::with_capacity(number);
            let mut at = HEADER;
            for group in 0..number {
                let mask = *content.get(at).ok_or(short)?;
                groups.push(offset(frame.at + at)?);
                // Bits beyond the last row have no item.
                let rows = (count - group * 8).min(8);
                let items = (mask & (0xffu16 >> (8 - rows)) as u8).count_ones() as usize;
                at += 1 + items * width;
            }
            if at > content.len() {
                return Err(short);
            }
            Layout::Sparse { groups: groups.into() }
        }
        _ => return Err(Malformed("unknown kind of column")),
    };
    Ok((count, layout))
}

/// A list of frames, or nulls.
fn framed(
    frames: &mut Frames<'_>,
    column_type: SqlColumnType,
    expected: usize,
) -> Result<(usize, Layout), Malformed> {
    frames.begin()?;
    // The rows of the columns before were found in the message: this allocates no more than they took.
    let mut values = Vec::with_capacity(expected.min(1 << 16));
    loop {
        let frame = frames.next()?;
        if frame.is(END) {
            break;
        }
        if frame.is(NULL) {
            values.push(NULL_VALUE);
            continue;
        }
        let value = if column_type == SqlColumnType::Json {
            if !frame.is(BEGIN) {
                return Err(Malformed("JSON value without its structure"));
            }
            let value = frames.value()?;
            frames.finish()?;
            value
        } else {
            frame
        };
        if value.is(BEGIN) {
            return Err(Malformed("structure instead of a value"));
        }
        values.push(if check(column_type, value.content)? { offset(value.at)? } else { NULL_VALUE });
    }
    Ok((values.len(), Layout::Frames { values: values.into() }))
}

/// Whether a value is there (a Data of type 0 is a null), provided that it is well formed.
fn check(column_type: SqlColumnType, content: &[u8]) -> Result<bool, Malformed> {
    match column_type {
        SqlColumnType::Decimal => {
            let length = count(content, 0)?;
            if length == 0 || length.checked_add(8) != Some(content.len()) {
                return Err(Malformed("decimal of a wrong length"));
            }
            Ok(true)
        }
        SqlColumnType::Object => match content.get(4..8) {
            Some(type_id) => Ok(type_id != [0; 4]),
            None => Err(Malformed("serialized value without its header")),
        },
        _ => match std::str::from_utf8(content) {
            Ok(_) => Ok(true),
            Err(_) => Err(Malformed("text is not UTF-8")),
        },
    }
}
