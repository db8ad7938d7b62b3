//! How a mapping says that keys or values are serialized (`keyFormat`, `valueFormat` and what goes with them).

use crate::sql::column::SqlColumnType;

/// The format of keys or values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryFormat {
    /// One value of a basic type: `int`, `varchar`, `json` …, or `java` with a class that stands for one.
    Basic(SqlColumnType),
    /// `json-flat`: the members of a JSON object.
    JsonFlat,
    /// `compact`
    Compact {
        /// The name of the type.
        type_name: String,
    },
    /// `portable`
    Portable {
        /// The factory of the class.
        factory_id: i32,
        /// The class.
        class_id: i32,
        /// The version of the class, 0 unless the mapping names one.
        version: i32,
    },
    /// What only members can read: another Java class, or a format that this client doesn't know.
    Opaque,
}

impl EntryFormat {
    /// The format of keys (or of values) by the options of a mapping.
    pub fn of_mapping<'a>(key: bool, option: impl Fn(&str) -> Option<&'a str>) -> Self {
        let side = if key { "key" } else { "value" };
        let option = |name: &str| option(&format!("{side}{name}"));
        let number = |name: &str| option(name)?.trim().parse().ok();
        match option("Format") {
            Some("json-flat") => Self::JsonFlat,
            Some("compact") => match option("CompactTypeName") {
                Some(type_name) => Self::Compact { type_name: type_name.to_string() },
                None => Self::Opaque,
            },
            Some("portable") => {
                let version = if option("PortableClassVersion").is_some() {
                    number("PortableClassVersion")
                } else {
                    Some(0)
                };
                match (number("PortableFactoryId"), number("PortableClassId"), version) {
                    (Some(factory_id), Some(class_id), Some(version)) => {
                        Self::Portable { factory_id, class_id, version }
                    }
                    _ => Self::Opaque,
                }
            }
            Some("java") => option("JavaClass").and_then(basic_class).map_or(Self::Opaque, Self::Basic),
            Some(name) => basic_format(name).map_or(Self::Opaque, Self::Basic),
            None => Self::Opaque,
        }
    }
}

/// `JavaClassNameResolver`: names are in lower case only.
fn basic_format(name: &str) -> Option<SqlColumnType> {
    Some(match name {
        "varchar" | "character varying" | "char varying" => SqlColumnType::Varchar,
        "boolean" => SqlColumnType::Boolean,
        "tinyint" => SqlColumnType::TinyInt,
        "smallint" => SqlColumnType::SmallInt,
        "int" | "integer" => SqlColumnType::Integer,
        "bigint" => SqlColumnType::BigInt,
        "decimal" | "dec" | "numeric" => SqlColumnType::Decimal,
        "real" => SqlColumnType::Real,
        "double" | "double precision" => SqlColumnType::Double,
        "date" => SqlColumnType::Date,
        "time" => SqlColumnType::Time,
        "timestamp" => SqlColumnType::Timestamp,
        "timestamp with time zone" => SqlColumnType::TimestampTz,
        "json" => SqlColumnType::Json,
        _ => return None,
    })
}

/// Classes whose converter's own class they are; `BigInteger`, `Date` and others that are converted are not among them.
fn basic_class(name: &str) -> Option<SqlColumnType> {
    Some(match name {
        "java.lang.String" => SqlColumnType::Varchar,
        "boolean" | "java.lang.Boolean" => SqlColumnType::Boolean,
        "byte" | "java.lang.Byte" => SqlColumnType::TinyInt,
        "short" | "java.lang.Short" => SqlColumnType::SmallInt,
        "int" | "java.lang.Integer" => SqlColumnType::Integer,
        "long" | "java.lang.Long" => SqlColumnType::BigInt,
        "java.math.BigDecimal" => SqlColumnType::Decimal,
        "float" | "java.lang.Float" => SqlColumnType::Real,
        "double" | "java.lang.Double" => SqlColumnType::Double,
        "java.time.LocalDate" => SqlColumnType::Date,
        "java.time.LocalTime" => SqlColumnType::Time,
        "java.time.LocalDateTime" => SqlColumnType::Timestamp,
        "java.time.OffsetDateTime" => SqlColumnType::TimestampTz,
        "com.hazelcast.core.HazelcastJsonValue" => SqlColumnType::Json,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[(&str, &str)]) -> EntryFormat {
        let find = |name: &str| options.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        EntryFormat::of_mapping(false, find)
    }

    #[test]
    fn formats_of_options() {
        assert_eq!(of(&[("valueFormat", "int")]), EntryFormat::Basic(SqlColumnType::Integer));
        assert_eq!(of(&[("valueFormat", "INT")]), EntryFormat::Opaque);
        assert_eq!(of(&[("keyFormat", "int")]), EntryFormat::Opaque);
        let java = |class| of(&[("valueFormat", "java"), ("valueJavaClass", class)]);
        assert_eq!(java("java.lang.Long"), EntryFormat::Basic(SqlColumnType::BigInt));
        assert_eq!(java("com.example.Person"), EntryFormat::Opaque);
        assert_eq!(of(&[("valueFormat", "json")]), EntryFormat::Basic(SqlColumnType::Json));
        let compact = of(&[("valueFormat", "compact"), ("valueCompactTypeName", "person")]);
        assert_eq!(compact, EntryFormat::Compact { type_name: "person".to_string() });
        let ids =
            [("valueFormat", "portable"), ("valuePortableFactoryId", "1"), ("valuePortableClassId", "2")];
        assert_eq!(of(&ids), EntryFormat::Portable { factory_id: 1, class_id: 2, version: 0 });
    }
}
