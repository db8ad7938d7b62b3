//! Where the wanted fields are in Compact records, by schema.

use std::sync::Arc;

use super::cell::Cell;
use crate::data::compact::record::{Record, boolean, value_kind};
use crate::data::compact::schema::{CompactSchema, FieldKind, Place};
use crate::schemas::Schemas;

/// Schemas that are remembered by one reader.
const MAX_SHAPES: usize = 64;

/// The schemas that a reader has met; the last one is tried first.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    known: Vec<Shape>,
    last: usize,
}

/// A schema, and where in its records the wanted fields are.
#[derive(Debug)]
pub(super) struct Shape {
    schema: Arc<CompactSchema>,
    fields: Box<[Option<(FieldKind, Place)>]>,
}

impl Shapes {
    /// The shape of records of a schema; nothing if the schema isn't known to this client yet.
    #[inline]
    pub(super) fn find<'a>(
        &mut self,
        id: i64,
        schemas: &Schemas,
        wanted: impl Iterator<Item = &'a str>,
    ) -> Option<&Shape> {
        if self.known.get(self.last).is_none_or(|shape| shape.schema.id() != id) {
            self.last = match self.known.iter().position(|shape| shape.schema.id() == id) {
                Some(known) => known,
                None => self.add(schemas.get(id)?, wanted),
            };
        }
        self.known.get(self.last)
    }

    fn add<'a>(&mut self, schema: Arc<CompactSchema>, wanted: impl Iterator<Item = &'a str>) -> usize {
        if self.known.len() >= MAX_SHAPES {
            self.known.clear();
        }
        let place = |name: &str| schema.field(name).map(|field| (field.kind, field.place));
        let fields = wanted.map(place).collect();
        self.known.push(Shape { schema, fields });
        self.known.len() - 1
    }
}

impl Shape {
    /// A record of this schema: what follows the schema's id.
    #[inline]
    pub(super) fn record<'a>(&self, bytes: &'a [u8]) -> Option<Record<'a>> {
        Record::parse(&self.schema, bytes).map(|(record, _)| record)
    }

    /// The places of the wanted fields, in their order; nothing for what the schema hasn't.
    pub(super) fn fields(&self) -> impl Iterator<Item = Option<(FieldKind, Place)>> {
        self.fields.iter().copied()
    }
}

/// The value of a field; nothing if the record is broken.
#[inline]
pub(super) fn read_field<'a>(record: &Record<'a>, kind: FieldKind, place: Place) -> Option<Cell<'a>> {
    let Some(mut reader) = record.field(place)? else { return Some(Cell::Null) };
    Some(match value_kind(kind) {
        FieldKind::Boolean => Cell::Bool(boolean(place, reader.u8()?)),
        FieldKind::Int8 => Cell::Byte(reader.u8()?.cast_signed()),
        FieldKind::Int16 => Cell::Short(reader.i16()?),
        FieldKind::Int32 => Cell::Int(reader.i32()?),
        FieldKind::Int64 => Cell::Long(reader.i64()?),
        FieldKind::Float32 => Cell::Float(reader.f32()?),
        FieldKind::Float64 => Cell::Double(reader.f64()?),
        FieldKind::String => Cell::Text(reader.text()?),
        FieldKind::Decimal => Cell::Decimal(reader.decimal()?),
        FieldKind::Time => Cell::Time(reader.time()?),
        FieldKind::Date => Cell::Date(reader.date()?),
        FieldKind::Timestamp => Cell::Timestamp(reader.timestamp()?),
        FieldKind::TimestampWithTimezone => Cell::TimestampTz(reader.timestamp_tz()?),
        _ => Cell::Opaque("an array or a record within a record"),
    })
}
