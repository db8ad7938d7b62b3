//! Pages written straight into DataRow messages: the way of every row that nothing has to be done with. No value is
//! allocated on it.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use hazelcast_client::{Page, PageColumnRef, SqlColumnType};
use pg::wire::{DataRow, Format};
use pg::{Env, Error, Oid, Result, oid};
use sql::plan::RemoteColumn;

use super::value::{mismatch, out_of_range, readers, text, value};
use super::{decimal, object};
use crate::session::engine::{RowOutput, WriteRows};

/// A page, with the types that its columns are to have.
pub struct PageRows {
    page: Page,
    columns: Arc<[RemoteColumn]>,
    picks: Arc<[usize]>,
}

impl PageRows {
    /// A page whose columns are these, of which some are wanted, in this order.
    pub fn new(page: Page, columns: Arc<[RemoteColumn]>, picks: Arc<[usize]>) -> PageRows {
        PageRows { page, columns, picks }
    }
}

impl WriteRows for PageRows {
    fn len(&self) -> usize {
        self.page.rows()
    }

    fn write(&self, from: usize, most: usize, output: &mut RowOutput<'_>) -> Result<usize> {
        let writers = self.writers(output.formats)?;
        let until = from.saturating_add(most).min(self.page.rows());
        let mut row = from;
        while row < until && output.out.len() < output.full {
            let mut data = DataRow::start(output.out, writers.len());
            if let Err(error) = write_row(&writers, row, &mut data, output.out, output.env) {
                data.abandon(output.out);
                return Err(error);
            }
            data.finish(output.out)?;
            row += 1;
        }
        Ok(row - from)
    }
}

/// A column and how its values are written.
struct Writer<'a> {
    column: PageColumnRef<'a>,
    from: SqlColumnType,
    target: Oid,
    form: Form,
    format: Format,
}

/// The ways of writing a value that are worth one of their own.
#[derive(Clone, Copy)]
enum Form {
    Bool,
    Int,
    Decimal,
    /// Texts, whose binary form is the same.
    Text,
    Object,
    /// Through a value, which for these types is as cheap.
    Value,
}

impl PageRows {
    fn writers(&self, formats: &[Format]) -> Result<Vec<Writer<'_>>> {
        let readers = readers(&self.page, &self.columns)?;
        let mut writers = Vec::with_capacity(self.picks.len());
        for (index, pick) in self.picks.iter().enumerate() {
            let picked = readers.get(*pick).ok_or_else(|| Error::internal("a plan lost a column"))?;
            let (column, target) = *picked;
            let from = column.column_type();
            let format = formats.get(index).copied().unwrap_or_default();
            writers.push(Writer { column, from, target, form: form(from, target), format });
        }
        Ok(writers)
    }
}

fn form(from: SqlColumnType, target: Oid) -> Form {
    use SqlColumnType as From;
    match (from, target) {
        (From::Boolean, oid::BOOL) => Form::Bool,
        (
            From::TinyInt | From::SmallInt | From::Integer | From::BigInt,
            oid::INT2 | oid::INT4 | oid::INT8,
        ) => Form::Int,
        (From::Decimal, oid::NUMERIC) => Form::Decimal,
        (
            From::Varchar | From::Json | From::Row,
            oid::TEXT | oid::VARCHAR | oid::JSON | oid::BPCHAR | oid::UNKNOWN,
        ) => Form::Text,
        (From::Object, oid::TEXT | oid::VARCHAR | oid::JSON) => Form::Object,
        _ => Form::Value,
    }
}

fn write_row(
    writers: &[Writer<'_>],
    row: usize,
    data: &mut DataRow,
    out: &mut BytesMut,
    env: &Env,
) -> Result<()> {
    for writer in writers {
        if writer.column.is_null(row) {
            data.null(out);
        } else if let Form::Text = writer.form {
            data.field(out, text(writer.column.text(row).unwrap_or_default())?.as_bytes());
        } else {
            data.field_with(out, |out| writer.write(row, out, env))?;
        }
    }
    Ok(())
}

impl Writer<'_> {
    fn write(&self, row: usize, out: &mut BytesMut, env: &Env) -> Result<()> {
        let lost = || mismatch(self.from, self.target);
        match self.form {
            Form::Bool => {
                let value = self.column.bool(row).ok_or_else(lost)?;
                out.put_u8(match self.format {
                    Format::Binary => value.into(),
                    _ if value => b't',
                    _ => b'f',
                });
            }
            Form::Int => write_int(self.column.i64(row).ok_or_else(lost)?, self.target, self.format, out)?,
            Form::Decimal => {
                decimal::write(self.column.decimal(row).ok_or_else(lost)?, self.format, out)?;
            }
            Form::Text => out.put_slice(text(self.column.text(row).unwrap_or_default())?.as_bytes()),
            Form::Object => {
                let object = object::text(self.column.data(row).unwrap_or_default(), env)?;
                out.put_slice(text(object.as_bytes())?.as_bytes());
            }
            Form::Value => {
                let value = value(&self.column, row, self.target, env)?;
                match self.format {
                    Format::Binary => pg::binary::send(&value, self.target, env, out)?,
                    _ => pg::text::output(&value, self.target, env, out)?,
                }
            }
        }
        Ok(())
    }
}

fn write_int(value: i64, target: Oid, format: Format, out: &mut BytesMut) -> Result<()> {
    let narrow = |name| move |_| -> Error { out_of_range(name) };
    match target {
        oid::INT2 => {
            let value = i16::try_from(value).map_err(narrow("smallint"))?;
            if format == Format::Binary {
                out.put_i16(value);
                return Ok(());
            }
        }
        oid::INT4 => {
            let value = i32::try_from(value).map_err(narrow("integer"))?;
            if format == Format::Binary {
                out.put_i32(value);
                return Ok(());
            }
        }
        _ if format == Format::Binary => {
            out.put_i64(value);
            return Ok(());
        }
        _ => (),
    }
    out.put_slice(itoa::Buffer::new().format(value).as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_both_formats() {
        let written = |value, target, format| {
            let mut out = BytesMut::new();
            write_int(value, target, format, &mut out).map(|()| out.to_vec())
        };
        assert_eq!(written(-5, oid::INT2, Format::Binary).unwrap(), b"\xff\xfb");
        assert_eq!(written(258, oid::INT4, Format::Binary).unwrap(), b"\0\0\x01\x02");
        assert_eq!(written(-1, oid::INT8, Format::Binary).unwrap(), [0xff; 8]);
        assert_eq!(written(i64::MIN, oid::INT8, Format::Text).unwrap(), b"-9223372036854775808");
        for format in [Format::Text, Format::Binary] {
            assert_eq!(written(40_000, oid::INT2, format).unwrap_err().message(), "smallint out of range");
            assert_eq!(written(1 << 31, oid::INT4, format).unwrap_err().message(), "integer out of range");
        }
    }
}
