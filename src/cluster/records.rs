//! Compact and Portable records with other values for some of their fields: all that the columns of a mapping don't name
//! stays as it is, to the byte.

use hazelcast_client::{
    self as hz, Client, CompactRecord, CompactSchema, Data, FieldKind, PortableFieldType, PortableRecord,
};
use pg::{Error, Result, SqlState, Value};
use sql::hazelcast::SqlType;

use super::error::pg_error;
use crate::pages::parameter::argument;
use crate::pages::value::column_type;

/// A new value for the field with a name, and the type of the column that it is for.
type Field = (String, Value, SqlType);

/// The record in `old`, an entry of a map, with other values for some fields.
pub(super) async fn with_fields(
    client: &Client,
    old: &Data,
    map: &str,
    fields: &[Field],
) -> Result<hz::Value> {
    let changed = match client.value(old).await {
        Ok(hz::Value::Portable(record)) => portable(&record, fields).map(hz::Value::Portable),
        Ok(hz::Value::Compact(record)) => compact(&record, fields).map(hz::Value::Compact),
        Err(error) if old.compact_schema_id().is_some() => Err(pg_error(&error).into()),
        _ => Err(Unfit::NoRecord),
    };
    changed.map_err(|unfit| unfit.error(map))
}

/// Why a field can't be given a value.
#[derive(Debug)]
enum Unfit {
    NoRecord,
    /// The field has no room for NULL.
    Null(String),
    /// The class of the entry has no such field.
    Missing(String),
    /// The field is of a type that the column's is not stored as.
    Type(String, String, SqlType),
    Other(Error),
}

impl Unfit {
    fn error(self, map: &str) -> Error {
        let refused = |detail: String| {
            Error::new(SqlState::FEATURE_NOT_SUPPORTED, format!("an entry of map \"{map}\" can't be updated"))
                .detail(detail)
        };
        match self {
            Unfit::NoRecord => refused("Its value is neither a Compact nor a Portable record.".to_owned()),
            Unfit::Null(field) => {
                let message =
                    format!("null value in field \"{field}\" of map \"{map}\" violates not-null constraint");
                Error::new(SqlState::NOT_NULL_VIOLATION, message)
                    .detail("The field is of a primitive type in the entry.")
            }
            Unfit::Missing(field) => refused(format!("Its version of the class has no field \"{field}\"."))
                .hint("Write the whole row with SINK INTO."),
            Unfit::Type(field, stored, wanted) => refused(format!(
                "Its field \"{field}\" is of type {stored}, the column of type {}.",
                wanted.name()
            )),
            Unfit::Other(error) => error,
        }
    }
}

impl From<Error> for Unfit {
    fn from(error: Error) -> Unfit {
        Unfit::Other(error)
    }
}

/// A Compact record; a field that its schema has not is added, as Hazelcast's SQL would write it.
fn compact(record: &CompactRecord, fields: &[Field]) -> Result<CompactRecord, Unfit> {
    let schema = record.schema();
    let mut values = record.values().to_vec();
    let mut added: Vec<(&str, FieldKind, hz::Value)> = Vec::new();
    for (name, value, ty) in fields {
        match schema.fields().iter().position(|field| field.name == *name) {
            Some(at) => {
                let kind = schema.fields().get(at).map_or(FieldKind::String, |field| field.kind);
                let new = of_kind(name, value, *ty, kind)?;
                if let Some(place) = values.get_mut(at) {
                    *place = new;
                }
            }
            // It is NULL already.
            None if value.is_null() => {}
            None => {
                let kind =
                    FieldKind::of_column(column_type(*ty)).ok_or_else(|| Unfit::Missing(name.clone()))?;
                added.push((name, kind, of_kind(name, value, *ty, kind)?));
            }
        }
    }
    if added.is_empty() {
        return CompactRecord::new(schema.clone(), values).map_err(|error| pg_error(&error).into());
    }
    with_more(schema, values, added).map_err(|error| pg_error(&error).into())
}

fn with_more(
    schema: &CompactSchema,
    values: Vec<hz::Value>,
    added: Vec<(&str, FieldKind, hz::Value)>,
) -> hz::Result<CompactRecord> {
    let old =
        schema.fields().iter().zip(values).map(|(field, value)| (field.name.as_str(), field.kind, value));
    let mut builder = CompactRecord::builder(schema.type_name());
    for (name, kind, value) in old.chain(added) {
        builder = builder.field(name, kind, value);
    }
    builder.build()
}

/// A value as a field of a kind holds it.
fn of_kind(name: &str, value: &Value, ty: SqlType, kind: FieldKind) -> Result<hz::Value, Unfit> {
    let Some((stored, nullable)) = type_of_kind(kind) else {
        return Err(Unfit::Type(name.to_owned(), format!("{kind:?}"), ty));
    };
    of_type(name, value, ty, stored, nullable)
}

/// A value of a column as a field of another type holds it: integers of all widths are one family.
fn of_type(
    name: &str,
    value: &Value,
    ty: SqlType,
    stored: SqlType,
    nullable: bool,
) -> Result<hz::Value, Unfit> {
    if value.is_null() {
        return if nullable { Ok(hz::Value::Null) } else { Err(Unfit::Null(name.to_owned())) };
    }
    if ty != stored && !(is_integer(ty) && is_integer(stored)) {
        return Err(Unfit::Type(name.to_owned(), stored.name().to_owned(), ty));
    }
    Ok(argument(value, stored)?)
}

fn is_integer(ty: SqlType) -> bool {
    matches!(ty, SqlType::TinyInt | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt)
}

/// The SQL type of a kind (`QueryDataTypeUtils`), and whether it has room for NULL.
fn type_of_kind(kind: FieldKind) -> Option<(SqlType, bool)> {
    Some(match kind {
        FieldKind::Boolean => (SqlType::Boolean, false),
        FieldKind::Int8 => (SqlType::TinyInt, false),
        FieldKind::Int16 => (SqlType::SmallInt, false),
        FieldKind::Int32 => (SqlType::Integer, false),
        FieldKind::Int64 => (SqlType::BigInt, false),
        FieldKind::Float32 => (SqlType::Real, false),
        FieldKind::Float64 => (SqlType::Double, false),
        FieldKind::NullableBoolean => (SqlType::Boolean, true),
        FieldKind::NullableInt8 => (SqlType::TinyInt, true),
        FieldKind::NullableInt16 => (SqlType::SmallInt, true),
        FieldKind::NullableInt32 => (SqlType::Integer, true),
        FieldKind::NullableInt64 => (SqlType::BigInt, true),
        FieldKind::NullableFloat32 => (SqlType::Real, true),
        FieldKind::NullableFloat64 => (SqlType::Double, true),
        FieldKind::String => (SqlType::Varchar, true),
        FieldKind::Decimal => (SqlType::Decimal, true),
        FieldKind::Date => (SqlType::Date, true),
        FieldKind::Time => (SqlType::Time, true),
        FieldKind::Timestamp => (SqlType::Timestamp, true),
        FieldKind::TimestampWithTimezone => (SqlType::TimestampTz, true),
        _ => return None,
    })
}

/// A Portable record: it keeps its class and version, which fix what fields it has.
fn portable(record: &PortableRecord, fields: &[Field]) -> Result<PortableRecord, Unfit> {
    for (name, value, _) in fields {
        if record.get(name).is_none() && !value.is_null() {
            return Err(Unfit::Missing(name.clone()));
        }
    }
    let mut builder = PortableRecord::builder(record.id());
    for field in record.fields() {
        let new = fields.iter().find(|(name, ..)| *name == field.name);
        let value = match new {
            None => field.value.clone(),
            Some((name, value, ty)) => match type_of_field(field.field_type) {
                Some((stored, nullable)) => of_type(name, value, *ty, stored, nullable)?,
                None => return Err(Unfit::Type(name.clone(), format!("{:?}", field.field_type), *ty)),
            },
        };
        builder = match field.class {
            Some(class) => builder.nested(&field.name, field.field_type, class, value),
            None => builder.field(&field.name, field.field_type, value),
        };
    }
    if let Some(raw) = record.raw_data() {
        builder = builder.raw_data(raw);
    }
    builder.build().map_err(|error| pg_error(&error).into())
}

/// The SQL type of a Portable field, and whether it has room for NULL.
fn type_of_field(ty: PortableFieldType) -> Option<(SqlType, bool)> {
    Some(match ty {
        PortableFieldType::Boolean => (SqlType::Boolean, false),
        PortableFieldType::Byte => (SqlType::TinyInt, false),
        PortableFieldType::Short => (SqlType::SmallInt, false),
        PortableFieldType::Int => (SqlType::Integer, false),
        PortableFieldType::Long => (SqlType::BigInt, false),
        PortableFieldType::Float => (SqlType::Real, false),
        PortableFieldType::Double => (SqlType::Double, false),
        PortableFieldType::Utf => (SqlType::Varchar, true),
        PortableFieldType::Decimal => (SqlType::Decimal, true),
        PortableFieldType::Date => (SqlType::Date, true),
        PortableFieldType::Time => (SqlType::Time, true),
        PortableFieldType::Timestamp => (SqlType::Timestamp, true),
        PortableFieldType::TimestampWithTimezone => (SqlType::TimestampTz, true),
        _ => return None,
    })
}
