//! Why a value is not given: the words of Hazelcast's own errors.

use std::fmt;

use crate::sql::column::SqlColumnType;

/// A value that does not become one of the column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A text that is none of this type's.
    Parse(SqlColumnType),
    /// Values of the first type never become one of the second.
    Convert(SqlColumnType, SqlColumnType),
    Overflow(SqlColumnType, SqlColumnType),
    Infinite(SqlColumnType, SqlColumnType),
    NotANumber(SqlColumnType),
    /// A JSON object or array that should be a text.
    NoText,
    /// The class that the column's type stands for, and the class that was found.
    Mismatch(&'static str, &'static str),
    /// Only the cluster can tell; why.
    NeedsSql(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(to) => write!(f, "Cannot parse VARCHAR value to {}", name(*to)),
            Self::Convert(from, to) => write!(f, "Cannot convert {} to {}", name(*from), name(*to)),
            Self::Overflow(from, to) => {
                write!(f, "Numeric overflow while converting {} to {}", name(*from), name(*to))
            }
            Self::Infinite(from, to) => write!(f, "Cannot convert infinite {} to {}", name(*from), name(*to)),
            Self::NotANumber(to) => write!(f, "Cannot convert NaN to {}", name(*to)),
            Self::NoText => f.write_str("This object must not be encoded"),
            Self::Mismatch(expected, actual) => {
                write!(f, "type mismatch [expectedClass={expected}, actualClass={actual}]")
            }
            Self::NeedsSql(what) => f.write_str(what),
        }
    }
}

/// As `QueryDataTypeFamily` is called.
fn name(column_type: SqlColumnType) -> &'static str {
    match column_type {
        SqlColumnType::Varchar => "VARCHAR",
        SqlColumnType::Boolean => "BOOLEAN",
        SqlColumnType::TinyInt => "TINYINT",
        SqlColumnType::SmallInt => "SMALLINT",
        SqlColumnType::Integer => "INTEGER",
        SqlColumnType::BigInt => "BIGINT",
        SqlColumnType::Decimal => "DECIMAL",
        SqlColumnType::Real => "REAL",
        SqlColumnType::Double => "DOUBLE",
        SqlColumnType::Date => "DATE",
        SqlColumnType::Time => "TIME",
        SqlColumnType::Timestamp => "TIMESTAMP",
        SqlColumnType::TimestampTz => "TIMESTAMP WITH TIME ZONE",
        SqlColumnType::Object => "OBJECT",
        SqlColumnType::Null => "NULL",
        SqlColumnType::Json => "JSON",
        SqlColumnType::Row => "ROW",
    }
}
