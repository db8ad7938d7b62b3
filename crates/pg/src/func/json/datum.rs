//! Values of any type as JSON (`datum_to_json`, `datum_to_jsonb`).

use super::{invalid, tree};
use crate::env::{DateFormat, DateOrder, DateStyle};
use crate::func::Call;
use crate::func::output::text_of;
use crate::json::{Json, write_json_string};
use crate::{Array, Env, Numeric, Oid, Record, Result, Value, oid};

/// Whether a type's text is a number for JSON.
fn is_number(ty: Oid) -> bool {
    matches!(ty, oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 | oid::NUMERIC)
}

/// Whether a text is a number by JSON's grammar: NaN and the infinities aren't.
fn is_json_number(text: &str) -> bool {
    text.bytes().next_back().is_some_and(|last| last.is_ascii_digit())
}

/// Dates and timestamps as ISO 8601 writes them, whatever the session's style is (`JsonEncodeDateTime`).
pub(super) fn iso(call: &Call<'_>, ty: Oid, value: &Value) -> Result<String> {
    let style = DateStyle { format: DateFormat::Iso, order: DateOrder::Mdy };
    let env = Env { date_style: style, ..call.env.clone() };
    let text = text_of(&Call { env: &env, ..*call }, ty, value)?;
    let Some((date, time)) = text.split_once(' ').filter(|(_, time)| !time.starts_with("BC")) else {
        return Ok(text);
    };
    let (time, era) =
        time.split_once(' ').map_or((time, String::new()), |(time, era)| (time, format!(" {era}")));
    // The zone always has minutes.
    let zone_at = if ty == oid::TIMESTAMPTZ { time.rfind(['+', '-']) } else { None };
    let minutes = match zone_at {
        Some(at) if !time[at..].contains(':') => ":00",
        _ => "",
    };
    Ok(format!("{date}T{time}{minutes}{era}"))
}

/// Writes a value as `json`.
pub(super) fn write(call: &Call<'_>, ty: Oid, value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Array(array) => write_array(call, array, out, false)?,
        Value::Record(record) => write_record(call, record, out, false)?,
        Value::Jsonb(text) => out.push_str(text),
        Value::Text(text) if ty == oid::JSON => out.push_str(text),
        Value::Date(_) | Value::Timestamp(_) | Value::TimestampTz(_) => {
            write_json_string(&iso(call, ty, value)?, out);
        }
        _ => {
            let text = text_of(call, ty, value)?;
            if is_number(ty) && is_json_number(&text) {
                out.push_str(&text)
            } else {
                write_json_string(&text, out)
            }
        }
    }
    Ok(())
}

/// `array_to_json`: nested by dimension; on lines if asked for.
pub(super) fn write_array(call: &Call<'_>, array: &Array, out: &mut String, lines: bool) -> Result<()> {
    if array.items.is_empty() {
        out.push_str("[]");
        return Ok(());
    }
    let lengths: Vec<usize> = array.dims.iter().map(|dim| dim.length.max(0) as usize).collect();
    write_dimension(call, array, &lengths, &array.items, out, lines)
}

fn write_dimension(
    call: &Call<'_>,
    array: &Array,
    lengths: &[usize],
    items: &[Value],
    out: &mut String,
    lines: bool,
) -> Result<()> {
    let (length, inner) = match lengths {
        [] => return items.first().map_or(Ok(()), |item| write(call, array.element, item, out)),
        [length, inner @ ..] => ((*length).max(1), inner),
    };
    out.push('[');
    for (at, part) in items.chunks((items.len() / length).max(1)).enumerate() {
        if at > 0 {
            out.push_str(if lines { ",\n " } else { "," });
        }
        // Only the outermost dimension is put on lines.
        write_dimension(call, array, inner, part, out, false)?;
    }
    out.push(']');
    Ok(())
}

/// `row_to_json`
pub(super) fn write_record(call: &Call<'_>, record: &Record, out: &mut String, lines: bool) -> Result<()> {
    out.push('{');
    for (at, field) in record.fields.iter().enumerate() {
        if at > 0 {
            out.push_str(if lines { ",\n " } else { "," });
        }
        write_json_string(record.names.get(at).map_or("", |name| name), out);
        out.push(':');
        write(call, record.types.get(at).copied().unwrap_or(oid::TEXT), field, out)?;
    }
    out.push('}');
    Ok(())
}

/// Writes the key of a `json` object.
pub(super) fn write_key(call: &Call<'_>, ty: Oid, value: &Value, out: &mut String) -> Result<()> {
    out_of_scalar(ty, value)?;
    let text = key_text(call, ty, value)?;
    write_json_string(&text, out);
    Ok(())
}

/// 22023 for keys that aren't scalars.
fn out_of_scalar(ty: Oid, value: &Value) -> Result<()> {
    let compound = matches!(value, Value::Array(_) | Value::Record(_) | Value::Jsonb(_)) || ty == oid::JSON;
    if compound { Err(invalid("key value must be scalar, not array, composite, or json")) } else { Ok(()) }
}

/// The text of a key.
pub(super) fn key_text(call: &Call<'_>, ty: Oid, value: &Value) -> Result<String> {
    out_of_scalar(ty, value)?;
    match value {
        Value::Bool(value) => Ok(value.to_string()),
        Value::Date(_) | Value::Timestamp(_) | Value::TimestampTz(_) => iso(call, ty, value),
        _ => text_of(call, ty, value),
    }
}

/// A value as a tree.
pub(super) fn to_tree(call: &Call<'_>, ty: Oid, value: &Value) -> Result<Json> {
    Ok(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Jsonb(text) => tree(text)?,
        Value::Text(text) if ty == oid::JSON => tree(text)?,
        Value::Array(array) => {
            let lengths: Vec<usize> = array.dims.iter().map(|dim| dim.length.max(0) as usize).collect();
            if array.items.is_empty() {
                Json::Array(Vec::new())
            } else {
                dimension(call, array, &lengths, &array.items)?
            }
        }
        Value::Record(record) => {
            let member = |(at, field): (usize, &Value)| {
                let name = record.names.get(at).map_or(String::new(), |name| name.to_string());
                let ty = record.types.get(at).copied().unwrap_or(oid::TEXT);
                to_tree(call, ty, field).map(|value| (name, value))
            };
            Json::object(record.fields.iter().enumerate().map(member).collect::<Result<_>>()?)
        }
        Value::Date(_) | Value::Timestamp(_) | Value::TimestampTz(_) => Json::String(iso(call, ty, value)?),
        _ => {
            let text = text_of(call, ty, value)?;
            if is_number(ty) && is_json_number(&text) {
                Json::Number(Numeric::parse(&text)?)
            } else {
                Json::String(text)
            }
        }
    })
}

fn dimension(call: &Call<'_>, array: &Array, lengths: &[usize], items: &[Value]) -> Result<Json> {
    match lengths {
        [] => items.first().map_or(Ok(Json::Null), |item| to_tree(call, array.element, item)),
        [length, inner @ ..] => {
            let size = (items.len() / (*length).max(1)).max(1);
            let parts = items.chunks(size).map(|part| dimension(call, array, inner, part));
            Ok(Json::Array(parts.collect::<Result<_>>()?))
        }
    }
}
