//! Where the wanted fields are in Portable records.

use super::cell::Cell;
use crate::data::portable::{
    Field, PortableFieldType as Type, PortableId, Record, date, nullable, text, time, timestamp, timestamp_tz,
};

/// Where the wanted fields were in the last record: the next one mostly is of the same class.
#[derive(Debug, Default)]
pub(super) struct Portables {
    of: Option<(PortableId, usize)>,
    places: Vec<Option<usize>>,
}

impl Portables {
    /// Looks for the wanted fields. Nothing if the record is broken.
    pub(super) fn learn<'a>(
        &mut self,
        record: &Record<'_>,
        wanted: impl Iterator<Item = &'a str>,
    ) -> Option<()> {
        let of = (record.id, record.fields());
        if self.of == Some(of) {
            return Some(());
        }
        self.of = None;
        self.places.clear();
        let mut names = Vec::with_capacity(record.fields());
        for index in 0..record.fields() {
            names.push(record.field(index)?.name);
        }
        self.places.extend(wanted.map(|path| names.iter().position(|name| is(name, path))));
        self.of = Some(of);
        Some(())
    }

    /// A wanted field; `Some(None)` if records of this class don't have it, nothing if the record is broken.
    #[inline]
    pub(super) fn field<'a>(
        &self,
        record: &Record<'a>,
        wanted: usize,
        path: &str,
    ) -> Option<Option<Field<'a>>> {
        let Some(place) = self.places.get(wanted).copied().flatten() else { return Some(None) };
        let field = record.field(place)?;
        // Two classes with one identity: which one the members know is not known here.
        is(field.name, path).then_some(Some(field))
    }
}

/// Names have one byte for each character (`DataOutput.writeBytes`).
fn is(name: &[u8], path: &str) -> bool {
    name == path.as_bytes() || path.chars().eq(name.iter().map(|byte| char::from(*byte)))
}

/// The value of a field; nothing if it is broken.
#[inline]
pub(super) fn read_field(field: Field<'_>) -> Option<Cell<'_>> {
    let Field { field_type, value: mut reader, .. } = field;
    let null = Some(Cell::Null);
    match field_type {
        Type::Byte => reader.u8().map(|byte| Cell::Byte(byte.cast_signed())),
        Type::Boolean => reader.u8().map(|byte| Cell::Bool(byte != 0)),
        Type::Char => reader.i16().map(|unit| Cell::Char(unit.cast_unsigned())),
        Type::Short => reader.i16().map(Cell::Short),
        Type::Int => reader.i32().map(Cell::Int),
        Type::Long => reader.i64().map(Cell::Long),
        Type::Float => reader.f32().map(Cell::Float),
        Type::Double => reader.f64().map(Cell::Double),
        Type::Utf => text(&mut reader)?.map_or(null, |text| Some(Cell::Text(text))),
        Type::Decimal => {
            nullable(&mut reader, |reader| reader.decimal())?.map_or(null, |value| Some(Cell::Decimal(value)))
        }
        Type::Time => nullable(&mut reader, time)?.map_or(null, |value| Some(Cell::Time(value))),
        Type::Date => nullable(&mut reader, date)?.map_or(null, |value| Some(Cell::Date(value))),
        Type::Timestamp => {
            nullable(&mut reader, timestamp)?.map_or(null, |value| Some(Cell::Timestamp(value)))
        }
        Type::TimestampWithTimezone => {
            nullable(&mut reader, timestamp_tz)?.map_or(null, |value| Some(Cell::TimestampTz(value)))
        }
        _ => Some(Cell::Opaque("an array or a record within a record")),
    }
}
