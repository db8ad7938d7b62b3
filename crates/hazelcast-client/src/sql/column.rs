//! What the columns of a result are.

/// A column type of Hazelcast's SQL (`SqlColumnType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SqlColumnType {
    /// VARCHAR
    Varchar = 0,
    /// BOOLEAN
    Boolean = 1,
    /// TINYINT
    TinyInt = 2,
    /// SMALLINT
    SmallInt = 3,
    /// INTEGER
    Integer = 4,
    /// BIGINT
    BigInt = 5,
    /// DECIMAL
    Decimal = 6,
    /// REAL
    Real = 7,
    /// DOUBLE
    Double = 8,
    /// DATE
    Date = 9,
    /// TIME
    Time = 10,
    /// TIMESTAMP
    Timestamp = 11,
    /// TIMESTAMP WITH TIME ZONE
    TimestampTz = 12,
    /// OBJECT: any Java value
    Object = 13,
    /// NULL: every value is null
    Null = 14,
    /// JSON
    Json = 15,
    /// ROW: the text form of a user-defined type
    Row = 16,
}

impl SqlColumnType {
    /// The type with this number in the protocol.
    pub fn from_id(id: i32) -> Option<Self> {
        use SqlColumnType::*;
        const ALL: [SqlColumnType; 17] = [
            Varchar,
            Boolean,
            TinyInt,
            SmallInt,
            Integer,
            BigInt,
            Decimal,
            Real,
            Double,
            Date,
            Time,
            Timestamp,
            TimestampTz,
            Object,
            Null,
            Json,
            Row,
        ];
        ALL.get(usize::try_from(id).ok()?).copied()
    }

    /// The number of this type in the protocol.
    pub fn id(self) -> i32 {
        self as i32
    }

    /// Bytes of one value in a packed column vector; nothing for types whose values have frames of their own.
    pub(crate) fn packed_width(self) -> Option<usize> {
        use SqlColumnType::*;
        match self {
            Boolean | TinyInt => Some(1),
            SmallInt => Some(2),
            Integer | Real => Some(4),
            BigInt | Double => Some(8),
            Date => Some(6),
            Time => Some(7),
            Timestamp => Some(13),
            TimestampTz => Some(17),
            Varchar | Decimal | Object | Null | Json | Row => None,
        }
    }
}

/// One column of a result (`SqlColumnMetadata`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnMetadata {
    /// The name; names may repeat, expressions without a name are called `EXPR$0`, `EXPR$1` …
    pub name: String,
    /// The type.
    pub column_type: SqlColumnType,
    /// What the member says about nulls; `false` is not to be relied on.
    pub nullable: bool,
}
