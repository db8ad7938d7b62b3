//! The schema of a Compact record: its type name and its fields, from which the places of the fields follow
//! (`com.hazelcast.internal.serialization.impl.compact.Schema`).

use std::sync::LazyLock;

use crate::sql::column::SqlColumnType;

macro_rules! field_kinds {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// The kind of a field (`FieldKind`). Records hold no characters and no Portables; such kinds are unknown here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum FieldKind {
            $($(#[$doc])* $name = $id,)*
        }

        impl FieldKind {
            /// The kind with this number in the protocol.
            pub fn from_id(id: i32) -> Option<Self> {
                match id {
                    $($id => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

field_kinds! {
    /// `boolean`: one bit.
    Boolean = 1,
    /// `boolean[]`
    ArrayOfBoolean = 2,
    /// `byte`
    Int8 = 3,
    /// `byte[]`
    ArrayOfInt8 = 4,
    /// `short`
    Int16 = 7,
    /// `short[]`
    ArrayOfInt16 = 8,
    /// `int`
    Int32 = 9,
    /// `int[]`
    ArrayOfInt32 = 10,
    /// `long`
    Int64 = 11,
    /// `long[]`
    ArrayOfInt64 = 12,
    /// `float`
    Float32 = 13,
    /// `float[]`
    ArrayOfFloat32 = 14,
    /// `double`
    Float64 = 15,
    /// `double[]`
    ArrayOfFloat64 = 16,
    /// `String`
    String = 17,
    /// `String[]`
    ArrayOfString = 18,
    /// `BigDecimal`
    Decimal = 19,
    /// `BigDecimal[]`
    ArrayOfDecimal = 20,
    /// `LocalTime`
    Time = 21,
    /// `LocalTime[]`
    ArrayOfTime = 22,
    /// `LocalDate`
    Date = 23,
    /// `LocalDate[]`
    ArrayOfDate = 24,
    /// `LocalDateTime`
    Timestamp = 25,
    /// `LocalDateTime[]`
    ArrayOfTimestamp = 26,
    /// `OffsetDateTime`
    TimestampWithTimezone = 27,
    /// `OffsetDateTime[]`
    ArrayOfTimestampWithTimezone = 28,
    /// Another record.
    Compact = 29,
    /// Other records.
    ArrayOfCompact = 30,
    /// `Boolean`
    NullableBoolean = 33,
    /// `Boolean[]`
    ArrayOfNullableBoolean = 34,
    /// `Byte`
    NullableInt8 = 35,
    /// `Byte[]`
    ArrayOfNullableInt8 = 36,
    /// `Short`
    NullableInt16 = 37,
    /// `Short[]`
    ArrayOfNullableInt16 = 38,
    /// `Integer`
    NullableInt32 = 39,
    /// `Integer[]`
    ArrayOfNullableInt32 = 40,
    /// `Long`
    NullableInt64 = 41,
    /// `Long[]`
    ArrayOfNullableInt64 = 42,
    /// `Float`
    NullableFloat32 = 43,
    /// `Float[]`
    ArrayOfNullableFloat32 = 44,
    /// `Double`
    NullableFloat64 = 45,
    /// `Double[]`
    ArrayOfNullableFloat64 = 46,
}

impl FieldKind {
    /// The number of the kind in the protocol.
    pub fn id(self) -> i32 {
        i32::from(self as u8)
    }

    /// The kind that Hazelcast's SQL gives the field of a column (`MetadataCompactResolver`): nullable. Nothing for types
    /// that it has no kind for.
    pub fn of_column(column_type: SqlColumnType) -> Option<Self> {
        Some(match column_type {
            SqlColumnType::Boolean => Self::NullableBoolean,
            SqlColumnType::TinyInt => Self::NullableInt8,
            SqlColumnType::SmallInt => Self::NullableInt16,
            SqlColumnType::Integer => Self::NullableInt32,
            SqlColumnType::BigInt => Self::NullableInt64,
            SqlColumnType::Real => Self::NullableFloat32,
            SqlColumnType::Double => Self::NullableFloat64,
            SqlColumnType::Decimal => Self::Decimal,
            SqlColumnType::Varchar => Self::String,
            SqlColumnType::Date => Self::Date,
            SqlColumnType::Time => Self::Time,
            SqlColumnType::Timestamp => Self::Timestamp,
            SqlColumnType::TimestampTz => Self::TimestampWithTimezone,
            _ => return None,
        })
    }

    /// Bytes of a value that lies in the fixed part; a boolean has a bit there, and all others lie elsewhere.
    pub(crate) fn fixed_size(self) -> Option<usize> {
        match self {
            Self::Int8 => Some(1),
            Self::Int16 => Some(2),
            Self::Int32 | Self::Float32 => Some(4),
            Self::Int64 | Self::Float64 => Some(8),
            _ => None,
        }
    }
}

/// The schema of Compact records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactSchema {
    type_name: String,
    /// In the order of their names.
    fields: Vec<CompactField>,
    id: i64,
    pub(crate) fixed_length: usize,
    pub(crate) variable_fields: usize,
}

/// A field of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactField {
    /// The name.
    pub name: String,
    /// The kind.
    pub kind: FieldKind,
    pub(crate) place: Place,
}

/// Where a field's value is found in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// So many bytes from the beginning of the data.
    Fixed(usize),
    /// A bit of a byte of the fixed part.
    Bit(usize, u8),
    /// At the offset with this number.
    Variable(usize),
}

impl CompactSchema {
    /// A schema of these fields; of two with one name the last counts.
    pub fn new(
        type_name: impl Into<String>,
        fields: impl IntoIterator<Item = (impl Into<String>, FieldKind)>,
    ) -> Self {
        let mut all: Vec<CompactField> = Vec::new();
        for (name, kind) in fields {
            let name = name.into();
            all.retain(|field| field.name != name);
            all.push(CompactField { name, kind, place: Place::Fixed(0) });
        }
        // Java compares texts by their UTF-16 code units.
        all.sort_by(|a, b| a.name.encode_utf16().cmp(b.name.encode_utf16()));
        let mut schema =
            Self { type_name: type_name.into(), fields: all, id: 0, fixed_length: 0, variable_fields: 0 };
        schema.assign_places();
        schema.id = schema.fingerprint();
        schema
    }

    /// The widest fields come first, then booleans by bits; what has no fixed size is found by its number.
    fn assign_places(&mut self) {
        let mut fixed: Vec<&mut CompactField> = Vec::new();
        let mut booleans: Vec<&mut CompactField> = Vec::new();
        for field in &mut self.fields {
            if field.kind == FieldKind::Boolean {
                booleans.push(field);
            } else if field.kind.fixed_size().is_some() {
                fixed.push(field);
            } else {
                field.place = Place::Variable(self.variable_fields);
                self.variable_fields += 1;
            }
        }
        fixed.sort_by_key(|field| std::cmp::Reverse(field.kind.fixed_size()));
        let mut offset = 0;
        for field in fixed {
            field.place = Place::Fixed(offset);
            offset += field.kind.fixed_size().unwrap_or(0);
        }
        for (bit, field) in booleans.iter_mut().enumerate() {
            field.place = Place::Bit(offset + bit / 8, (bit % 8) as u8);
        }
        self.fixed_length = offset + booleans.len().div_ceil(8);
    }

    /// `RabinFingerprint.fingerprint64`.
    fn fingerprint(&self) -> i64 {
        let mut print = Fingerprint(EMPTY);
        print.text(&self.type_name);
        print.number(self.fields.len() as i32);
        for field in &self.fields {
            print.text(&field.name);
            print.number(field.kind.id());
        }
        print.0 as i64
    }

    /// The name of the type, as the serializers of members and clients know it.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The fields, in the order of their names.
    pub fn fields(&self) -> &[CompactField] {
        &self.fields
    }

    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<&CompactField> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fingerprint by which records name their schema.
    pub fn id(&self) -> i64 {
        self.id
    }
}

/// The fingerprint of nothing.
const EMPTY: u64 = 0xc15d_213a_a4d7_a795;

static TABLE: LazyLock<[u64; 256]> = LazyLock::new(|| {
    std::array::from_fn(|byte| {
        (0..8).fold(byte as u64, |print, _| (print >> 1) ^ (EMPTY & (print & 1).wrapping_neg()))
    })
});

struct Fingerprint(u64);

impl Fingerprint {
    fn byte(&mut self, byte: u8) {
        let index = (self.0 ^ u64::from(byte)) as usize & 0xff;
        self.0 = (self.0 >> 8) ^ TABLE.get(index).copied().unwrap_or(0);
    }

    fn number(&mut self, number: i32) {
        number.to_le_bytes().into_iter().for_each(|byte| self.byte(byte));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as i32);
        text.bytes().for_each(|byte| self.byte(byte));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_from_kinds_and_names() {
        let schema = CompactSchema::new(
            "t",
            [
                ("z", FieldKind::Int8),
                ("b2", FieldKind::Boolean),
                ("a", FieldKind::String),
                ("l", FieldKind::Int64),
                ("b1", FieldKind::Boolean),
                ("i", FieldKind::Int32),
                ("c", FieldKind::NullableInt32),
                ("d", FieldKind::Float64),
            ],
        );
        let place = |name| schema.field(name).unwrap().place;
        assert_eq!((place("d"), place("l"), place("i"), place("z")), {
            (Place::Fixed(0), Place::Fixed(8), Place::Fixed(16), Place::Fixed(20))
        });
        assert_eq!((place("b1"), place("b2")), (Place::Bit(21, 0), Place::Bit(21, 1)));
        assert_eq!((place("a"), place("c")), (Place::Variable(0), Place::Variable(1)));
        assert_eq!((schema.fixed_length, schema.variable_fields), (22, 2));
        assert!(schema.field("x").is_none());
    }

    #[test]
    fn kinds_have_the_numbers_of_the_protocol() {
        for id in 0..60 {
            assert_eq!(FieldKind::from_id(id).map(FieldKind::id).unwrap_or(id), id);
        }
        assert_eq!(FieldKind::from_id(5), None);
        assert_eq!(FieldKind::ArrayOfNullableFloat64.id(), 46);
    }
}
