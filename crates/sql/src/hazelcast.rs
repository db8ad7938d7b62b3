//! Names of Hazelcast's SQL: its catalog, and its types as column metadata and parameters name them (`SqlColumnType`).

use pg::oid::{self, Oid};

/// The catalog of all that Hazelcast's SQL knows (`QueryUtils.CATALOG`).
pub const CATALOG: &str = "hazelcast";

/// A column type of Hazelcast's SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum SqlType {
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
}

impl SqlType {
    /// The type by its name in information_schema (`TIMESTAMP WITH TIME ZONE`, or with underscores) or in a CREATE
    /// MAPPING (`INT`, `CHARACTER VARYING` …); `None` for one that Hazelcast does not know, which must never reach a
    /// member in a DDL statement (it would poison the catalog).
    pub fn by_name(name: &str) -> Option<SqlType> {
        let name = name.replace('_', " ").to_ascii_uppercase();
        let name = name.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        Some(match name.as_str() {
            "VARCHAR" | "CHARACTER VARYING" | "CHAR VARYING" => SqlType::Varchar,
            "BOOLEAN" => SqlType::Boolean,
            "TINYINT" => SqlType::TinyInt,
            "SMALLINT" => SqlType::SmallInt,
            "INT" | "INTEGER" => SqlType::Integer,
            "BIGINT" => SqlType::BigInt,
            "DECIMAL" | "DEC" | "NUMERIC" => SqlType::Decimal,
            "REAL" => SqlType::Real,
            "DOUBLE" | "DOUBLE PRECISION" => SqlType::Double,
            "DATE" => SqlType::Date,
            "TIME" => SqlType::Time,
            "TIMESTAMP" => SqlType::Timestamp,
            "TIMESTAMP WITH TIME ZONE" => SqlType::TimestampTz,
            "OBJECT" => SqlType::Object,
            "JSON" => SqlType::Json,
            "ROW" => SqlType::Row,
            "NULL" => SqlType::Null,
            _ => return None,
        })
    }

    /// The name to write in `CAST(… AS …)`.
    pub fn name(self) -> &'static str {
        match self {
            SqlType::Varchar => "VARCHAR",
            SqlType::Boolean => "BOOLEAN",
            SqlType::TinyInt => "TINYINT",
            SqlType::SmallInt => "SMALLINT",
            SqlType::Integer => "INTEGER",
            SqlType::BigInt => "BIGINT",
            SqlType::Decimal => "DECIMAL",
            SqlType::Real => "REAL",
            SqlType::Double => "DOUBLE",
            SqlType::Date => "DATE",
            SqlType::Time => "TIME",
            SqlType::Timestamp => "TIMESTAMP",
            SqlType::TimestampTz => "TIMESTAMP WITH TIME ZONE",
            SqlType::Object => "OBJECT",
            SqlType::Null => "NULL",
            SqlType::Json => "JSON",
            SqlType::Row => "ROW",
        }
    }

    /// The PostgreSQL type that a column of this type has.
    pub fn pg_type(self) -> Oid {
        match self {
            SqlType::Varchar => oid::VARCHAR,
            SqlType::Boolean => oid::BOOL,
            SqlType::TinyInt | SqlType::SmallInt => oid::INT2,
            SqlType::Integer => oid::INT4,
            SqlType::BigInt => oid::INT8,
            SqlType::Decimal => oid::NUMERIC,
            SqlType::Real => oid::FLOAT4,
            SqlType::Double => oid::FLOAT8,
            SqlType::Date => oid::DATE,
            SqlType::Time => oid::TIME,
            SqlType::Timestamp => oid::TIMESTAMP,
            SqlType::TimestampTz => oid::TIMESTAMPTZ,
            SqlType::Object | SqlType::Null | SqlType::Row => oid::TEXT,
            SqlType::Json => oid::JSON,
        }
    }
}
