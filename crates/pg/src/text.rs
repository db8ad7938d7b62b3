//! Values to text and back (`xxx_out`, `xxx_in`).

mod array;
mod array_in;
mod array_structure;
mod bytea;
mod float;
mod integer;
mod output;
mod record;
mod scalar;
mod string;

use crate::{Array, Env, Error, Oid, Result, SqlState, TypeRef, Value, catalog, datetime, oid};

pub(crate) use array::MAX_SIZE as MAX_ARRAY_SIZE;
pub use array::write_array;
pub use array_in::parse_array;
pub use bytea::{hexadecimal, parse_bytea, write_bytea};
pub use float::{parse_float4, parse_float8, write_float4, write_float8};
pub use integer::{parse_int2, parse_int4, parse_int8, parse_oid};
pub use output::output;
pub(crate) use output::put_char;
pub use scalar::{parse_bool, parse_uuid, write_uuid};
pub(crate) use string::{bpchar, bpchar_cast, char_in, name, varchar, varchar_cast};

/// White space as C's `isspace` has it.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

/// 22P02 about a text for a type.
pub(crate) fn invalid_syntax(type_name: &str, text: &str) -> Error {
    Error::new(
        SqlState::INVALID_TEXT_REPRESENTATION,
        format!("invalid input syntax for type {type_name}: \"{text}\""),
    )
}

/// Reads a value of a type from its text form (`InputFunctionCall`). The type's modifier is applied as an input
/// function does it.
pub fn input(text: &str, ty: TypeRef, env: &Env) -> Result<Value> {
    let typmod = ty.typmod;
    Ok(match ty.oid {
        oid::BOOL => Value::Bool(parse_bool(text)?),
        oid::INT4 => Value::Int4(parse_int4(text)?),
        oid::INT8 => Value::Int8(parse_int8(text)?),
        oid::INT2 => Value::Int2(parse_int2(text)?),
        oid::TEXT | oid::UNKNOWN | oid::CSTRING | oid::REFCURSOR | oid::XML => Value::text(text),
        oid::VARCHAR => Value::text(string::varchar(text, typmod)?),
        oid::BPCHAR => Value::Text(string::bpchar(text, typmod)?.into()),
        oid::NAME => Value::text(string::name(text)),
        oid::CHAR => Value::Char(char_in(text)),
        oid::FLOAT4 => Value::Float4(parse_float4(text)?),
        oid::FLOAT8 => Value::Float8(parse_float8(text)?),
        oid::NUMERIC => Value::Numeric(crate::Numeric::parse(text)?.apply_typmod(typmod)?.into()),
        oid::BYTEA => Value::Bytea(parse_bytea(text)?.into()),
        oid::DATE => Value::Date(datetime::parse_date(text, env)?),
        oid::TIME => Value::Time(datetime::parse_time(text, typmod, env)?),
        oid::TIMETZ => {
            let (time, zone) = datetime::parse_timetz(text, typmod, env)?;
            Value::TimeTz(time, zone)
        }
        oid::TIMESTAMP => Value::Timestamp(datetime::parse_timestamp(text, typmod, env)?),
        oid::TIMESTAMPTZ => Value::TimestampTz(datetime::parse_timestamptz(text, typmod, env)?),
        oid::INTERVAL => Value::Interval(datetime::parse_interval(text, typmod, env)?),
        oid::UUID => Value::Uuid(parse_uuid(text)?),
        oid::JSON => {
            crate::json::validate_json(text)?;
            Value::text(text)
        }
        oid::JSONB => Value::Jsonb(crate::json::jsonb_in(text)?),
        oid::OID => Value::Oid(parse_oid(text)?),
        oid::XID | oid::CID => Value::Oid(integer::parse_xid(text)),
        oid::VOID => Value::Void,
        oid::INT2VECTOR => vector(text, oid::INT2)?,
        oid::OIDVECTOR => vector(text, oid::OID)?,
        oid::RECORD => return Err(no_record_input()),
        _ => return input_by_catalog(text, ty, env),
    })
}

/// The types that the catalog tells about: reg types, arrays, domains.
fn input_by_catalog(text: &str, ty: TypeRef, env: &Env) -> Result<Value> {
    if is_reg_type(ty.oid) {
        return reg_in(text, ty.oid, env);
    }
    if let Some(value) = crate::other::input(text, ty, env)? {
        return Ok(value);
    }
    let Some(row) = catalog::type_by_oid(ty.oid) else {
        return Err(Error::refused(format!("input of type with OID {}", ty.oid)));
    };
    if row.is_array() {
        let array = parse_array(text, TypeRef { oid: row.element, typmod: ty.typmod }, env)?;
        return Ok(Value::Array(array.into()));
    }
    match row.kind {
        'd' => input(text, TypeRef { oid: row.base, typmod: row.base_typmod }, env),
        'p' => Err(Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("cannot accept a value of type {}", row.name),
        )),
        _ if row.name == "pg_node_tree" => Err(Error::new(
            SqlState::FEATURE_NOT_SUPPORTED,
            format!("cannot accept a value of type {}", row.name),
        )),
        _ => Err(Error::refused(format!("input of type {}", row.name))),
    }
}

pub(crate) fn no_record_input() -> Error {
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, "input of anonymous composite types is not implemented")
}

/// Whether a type is an alias of `oid` whose text form is a name.
pub fn is_reg_type(ty: Oid) -> bool {
    matches!(
        ty,
        oid::REGPROC
            | oid::REGPROCEDURE
            | oid::REGOPER
            | oid::REGOPERATOR
            | oid::REGCLASS
            | oid::REGTYPE
            | oid::REGROLE
            | oid::REGNAMESPACE
            | oid::REGCONFIG
            | oid::REGDICTIONARY
            | oid::REGCOLLATION
    )
}

/// `regclassin` and its relatives: `-` is nothing, digits are an oid, the rest is a name.
fn reg_in(text: &str, ty: Oid, env: &Env) -> Result<Value> {
    let no_object = if matches!(ty, oid::REGOPER | oid::REGOPERATOR) { "0" } else { "-" };
    if text == no_object {
        return Ok(Value::Oid(Oid::INVALID));
    }
    let numeric = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    Ok(Value::Oid(if numeric { parse_oid(text)? } else { env.names.reg_in(ty, text)? }))
}

/// `int2vectorin`, `oidvectorin`: numbers with blanks between them.
fn vector(text: &str, element: Oid) -> Result<Value> {
    let items = text.split(is_space).filter(|item| !item.is_empty()).map(|item| {
        Ok(if element == oid::INT2 { Value::Int2(parse_int2(item)?) } else { Value::Oid(parse_oid(item)?) })
    });
    let items = items.collect::<Result<Vec<_>>>()?;
    Ok(Value::Array(Array::vector(element, items).into()))
}
