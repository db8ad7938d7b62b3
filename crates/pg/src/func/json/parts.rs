//! The scalars of a document, one by one (`iterate_json_values`), and documents with other strings
//! (`transform_json_string_values`).

use std::sync::Arc;

use super::raw::{self, Kind};
use crate::Result;
use crate::json::{Json, parse_json, validate_json_strings, write_json_string, write_jsonb};

/// Which parts of a document are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::func) struct Parts {
    pub(in crate::func) strings: bool,
    pub(in crate::func) numbers: bool,
    pub(in crate::func) booleans: bool,
    pub(in crate::func) keys: bool,
}

/// Shows the parts of a `jsonb`, in its order.
pub(in crate::func) fn of_tree(
    json: &Json,
    parts: Parts,
    see: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    match json {
        Json::String(text) if parts.strings => see(text),
        Json::Bool(value) if parts.booleans => see(if *value { "true" } else { "false" }),
        Json::Number(_) if parts.numbers => {
            let mut text = String::new();
            write_jsonb(json, &mut text);
            see(&text)
        }
        Json::Array(items) => items.iter().try_for_each(|item| of_tree(item, parts, see)),
        Json::Object(members) => members.iter().try_for_each(|(name, value)| {
            if parts.keys {
                see(name)?;
            }
            of_tree(value, parts, see)
        }),
        _ => Ok(()),
    }
}

/// Shows the parts of a `json`, in the order of its text.
pub(in crate::func) fn of_text(
    text: &str,
    parts: Parts,
    see: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<()> {
    validate_json_strings(text)?;
    scalars(text, parts, see)
}

fn scalars(text: &str, parts: Parts, see: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
    match raw::kind(text) {
        Kind::Object => raw::members(text)?.into_iter().try_for_each(|(name, value)| {
            if parts.keys {
                see(&name)?;
            }
            scalars(value, parts, see)
        }),
        Kind::Array => raw::elements(text)?.into_iter().try_for_each(|item| scalars(item, parts, see)),
        Kind::String if parts.strings => see(&raw::decoded(text)?),
        Kind::Number if parts.numbers => see(text.trim_matches(raw::is_space)),
        Kind::Boolean if parts.booleans => see(text.trim_matches(raw::is_space)),
        _ => Ok(()),
    }
}

/// A `jsonb` with other strings.
pub(in crate::func) fn map_tree(text: &str, map: &mut dyn FnMut(&str) -> Result<String>) -> Result<Arc<str>> {
    let mut out = String::new();
    write_jsonb(&mapped(parse_json(text)?, map)?, &mut out);
    Ok(out.into())
}

fn mapped(json: Json, map: &mut dyn FnMut(&str) -> Result<String>) -> Result<Json> {
    Ok(match json {
        Json::String(text) => Json::String(map(&text)?),
        Json::Array(items) => {
            Json::Array(items.into_iter().map(|item| mapped(item, map)).collect::<Result<_>>()?)
        }
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| Ok((name, mapped(value, map)?)));
            Json::Object(members.collect::<Result<_>>()?)
        }
        other => other,
    })
}

/// A `json` with other strings, without space.
pub(in crate::func) fn map_text(text: &str, map: &mut dyn FnMut(&str) -> Result<String>) -> Result<String> {
    validate_json_strings(text)?;
    let mut out = String::new();
    write_mapped(text, map, &mut out)?;
    Ok(out)
}

fn write_mapped(text: &str, map: &mut dyn FnMut(&str) -> Result<String>, out: &mut String) -> Result<()> {
    match raw::kind(text) {
        Kind::Object => {
            out.push('{');
            for (at, (name, value)) in raw::members(text)?.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json_string(&name, out);
                out.push(':');
                write_mapped(value, map, out)?;
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (at, item) in raw::elements(text)?.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_mapped(item, map, out)?;
            }
            out.push(']');
        }
        Kind::String => write_json_string(&map(&raw::decoded(text)?)?, out),
        _ => out.push_str(text.trim_matches(raw::is_space)),
    }
    Ok(())
}
