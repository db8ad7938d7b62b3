//! `json` and `jsonb`: PostgreSQL's grammar and errors, and `jsonb`'s canonical form and order.

mod compare;
mod layout;
mod lex;
mod parse;
pub mod path;
mod print;

pub use compare::{compare_jsonb, hash_jsonb};
pub(crate) use layout::offset_of;
pub use parse::{parse_json, validate_json, validate_json_strings};
pub use print::{write_json_string, write_jsonb};

use std::sync::Arc;

use crate::{Numeric, Result, Value};

/// A JSON document, as `jsonb` keeps it: keys ordered and unique, numbers as `numeric`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Json {
    Null,
    Bool(bool),
    Number(Numeric),
    String(String),
    Array(Vec<Json>),
    /// In `jsonb`'s order: shorter keys first, then by bytes.
    Object(Vec<(String, Json)>),
    /// What `.datetime()` of a jsonpath has made of a string; in no document (`jbvDatetime`).
    Datetime(Box<Datetime>),
}

/// A date or time in a jsonpath.
#[derive(Clone, Debug, PartialEq)]
pub struct Datetime {
    /// `date`, `time`, `timetz`, `timestamp` or `timestamptz`.
    pub value: Value,
    /// The string that it is as JSON.
    pub text: String,
}

/// `jsonb_in`: the canonical text of a document.
pub fn jsonb_in(text: &str) -> Result<Arc<str>> {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    write_jsonb(&parse_json(text)?, &mut out);
    Ok(out.into())
}

impl Json {
    /// An object of pairs in any order; of equal keys the last wins (`uniqueifyJsonbObject`).
    pub fn object(mut pairs: Vec<(String, Json)>) -> Json {
        // The sort is stable: of equal keys the last one written is the last one here.
        pairs.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes())));
        let mut unique: Vec<(String, Json)> = Vec::with_capacity(pairs.len());
        for pair in pairs {
            match unique.last_mut() {
                Some(last) if last.0 == pair.0 => *last = pair,
                _ => unique.push(pair),
            }
        }
        Json::Object(unique)
    }
}
