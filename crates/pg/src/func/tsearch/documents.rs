//! `to_tsvector` of texts and of JSON documents (`to_tsany.c`, `jsonfuncs.c`), and `ts_lexize`.

use super::{arg, configuration, oid_of};
use crate::func::json_parts::{self, Parts};
use crate::func::{Call, Kernel};
use crate::json::Json;
use crate::tsearch::{Document, lexize};
use crate::{Array, Error, Result, SqlState, Value, oid};

pub(in crate::func) const KERNELS: &[(&str, Kernel)] =
    &[("to_tsvector", to_tsvector), ("to_tsvector_byid", to_tsvector)];

pub(in crate::func) const OF_JSON: &[(&str, Kernel)] = &[
    ("json_string_to_tsvector", strings),
    ("json_string_to_tsvector_byid", strings),
    ("jsonb_string_to_tsvector", strings),
    ("jsonb_string_to_tsvector_byid", strings),
    ("json_to_tsvector", chosen),
    ("json_to_tsvector_byid", chosen),
    ("jsonb_to_tsvector", chosen),
    ("jsonb_to_tsvector_byid", chosen),
];

fn to_tsvector(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let (configuration, args) = configuration(call, args)?;
    let mut document = Document::default();
    document.add(configuration, arg(args, 0)?)?;
    Ok(crate::Other::TsVector(document.into_vector()?).into())
}

fn strings(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_json(call, args, |_| Ok(Parts { strings: true, ..Parts::default() }))
}

/// The last argument says which parts count.
fn chosen(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    of_json(call, args, |args| match args {
        [_, Value::Jsonb(flags)] => parts(flags),
        _ => Err(crate::func::args::arity(args)),
    })
}

fn of_json(call: &Call<'_>, args: &[Value], parts: impl Fn(&[Value]) -> Result<Parts>) -> Result<Value> {
    let (configuration, args) = configuration(call, args)?;
    let parts = parts(args)?;
    let mut document = Document::default();
    let mut add = |part: &str| document.add_part(configuration, part);
    match args {
        [Value::Jsonb(text), ..] => json_parts::of_tree(&crate::json::parse_json(text)?, parts, &mut add)?,
        [Value::Text(text), ..] => json_parts::of_text(text, parts, &mut add)?,
        _ => return Err(crate::func::args::arity(args)),
    }
    Ok(crate::Other::TsVector(document.into_vector()?).into())
}

/// `parse_jsonb_index_flags`
fn parts(flags: &str) -> Result<Parts> {
    const HINT: &str = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".";
    let wrong = |message: String| Error::new(SqlState::INVALID_PARAMETER_VALUE, message);
    let flags = match crate::json::parse_json(flags)? {
        Json::Array(flags) => flags,
        Json::Object(_) => return Err(wrong("wrong flag type, only arrays and scalars are allowed".into())),
        scalar => vec![scalar],
    };
    let mut parts = Parts::default();
    for flag in &flags {
        let name = match flag {
            Json::String(name) => name.to_ascii_lowercase(),
            Json::Array(_) | Json::Object(_) => return Err(Error::internal("unexpected end of flag array")),
            _ => return Err(wrong("flag array element is not a string".into()).hint(HINT)),
        };
        match (name.as_str(), flag) {
            ("all", _) => parts = Parts { strings: true, numbers: true, booleans: true, keys: true },
            ("string", _) => parts.strings = true,
            ("numeric", _) => parts.numbers = true,
            ("boolean", _) => parts.booleans = true,
            ("key", _) => parts.keys = true,
            (_, Json::String(name)) => {
                return Err(wrong(format!("wrong flag in flag array: \"{name}\"")).hint(HINT));
            }
            _ => {}
        }
    }
    Ok(parts)
}

pub(super) fn ts_lexize(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    let [dictionary, text] = args else { return Err(crate::func::args::arity(args)) };
    let lexeme = lexize(oid_of(dictionary)?, text.as_str().unwrap_or(""))?;
    let items = lexeme.into_iter().map(Value::text).collect();
    Ok(Value::Array(Array::one_dimensional(oid::TEXT, items).into()))
}
