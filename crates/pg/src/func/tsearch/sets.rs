//! Functions that show how text search works, and the parts of a `tsvector`.

use super::{arg, oid_of};
use crate::catalog::system_table;
use crate::func::{Call, SetKernel};
use crate::tsearch::{Configuration, TOKEN_TYPES, TsVector, lexize, tokens};
use crate::{Array, Error, Oid, Result, SqlState, Value, oid};

type Rows = Result<Vec<Vec<Value>>>;

pub(in crate::func) const KERNELS: &[(&str, SetKernel)] = &[
    ("tsvector_unnest", unnest),
    ("ts_parse_byid", parse),
    ("ts_parse_byname", parse),
    ("ts_token_type_byid", token_types),
    ("ts_token_type_byname", token_types),
];

/// Functions written in SQL.
pub(in crate::func) const BY_NAME: &[(&str, SetKernel)] = &[("ts_debug", debug)];

/// The row of `pg_ts_parser` that there is.
const DEFAULT_PARSER: Oid = Oid(3722);

fn unnest(_: &Call<'_>, args: &[Value]) -> Rows {
    let vector: &TsVector = arg(args, 0)?;
    let array = |element, items| Value::Array(Array::one_dimensional(element, items).into());
    let row = |lexeme: &crate::tsearch::Lexeme| {
        let word = Value::text(&*lexeme.word);
        if lexeme.positions.is_empty() {
            return vec![word, Value::Null, Value::Null];
        }
        let places = lexeme.positions.iter().map(|position| Value::Int2(position.place() as i16)).collect();
        let weights = lexeme.positions.iter().map(|position| Value::text(position.letter())).collect();
        vec![word, array(oid::INT2, places), array(oid::TEXT, weights)]
    };
    Ok(vector.lexemes.iter().map(row).collect())
}

/// That the first argument is the parser that there is, by name or by oid.
fn check_parser(parser: &Value) -> Result<()> {
    if let Some(name) = parser.as_str() {
        let name = if name.contains('"') { name.replace('"', "") } else { name.to_ascii_lowercase() };
        let known = matches!(name.as_str(), "default" | "pg_catalog.default");
        let message = || format!("text search parser \"{name}\" does not exist");
        return if known { Ok(()) } else { Err(Error::new(SqlState::UNDEFINED_OBJECT, message())) };
    }
    match oid_of(parser)? {
        DEFAULT_PARSER => Ok(()),
        other => Err(Error::internal(format!("cache lookup failed for text search parser {other}"))),
    }
}

fn parse(_: &Call<'_>, args: &[Value]) -> Rows {
    let [parser, text] = args else { return Err(crate::func::args::arity(args)) };
    check_parser(parser)?;
    let text = text.as_str().unwrap_or("");
    Ok(tokens(text).map(|token| vec![Value::Int4(token.kind.into()), Value::text(token.text)]).collect())
}

fn token_types(_: &Call<'_>, args: &[Value]) -> Rows {
    let [parser] = args else { return Err(crate::func::args::arity(args)) };
    check_parser(parser)?;
    let row = |ty: &crate::tsearch::TokenType| {
        vec![Value::Int4(ty.id.into()), Value::text(ty.alias), Value::text(ty.description)]
    };
    Ok(TOKEN_TYPES.iter().map(row).collect())
}

/// `ts_debug(config, document)`, `ts_debug(document)`: each token with what becomes of it.
fn debug(call: &Call<'_>, args: &[Value]) -> Rows {
    let (oid, text) = match args {
        [Value::Oid(oid), text] => (*oid, text),
        [text] => (call.env.names.reg_in(oid::REGCONFIG, &call.env.text_search_configuration)?, text),
        _ => return Err(crate::func::args::arity(args)),
    };
    // It joins with the catalog: there is nothing where there is no such configuration.
    let known = system_table("pg_ts_config").into_iter().flat_map(|table| table.rows());
    let mut known = known.filter_map(|mut row| row.next().flatten()?.parse().ok());
    if !known.any(|own: u32| own == oid.0) {
        return Ok(Vec::new());
    }
    let configuration = Configuration::by_oid(oid)?;
    tokens(text.as_str().unwrap_or("")).map(|token| debug_row(configuration, token)).collect()
}

fn debug_row(configuration: &Configuration, token: crate::tsearch::Token<'_>) -> Result<Vec<Value>> {
    let array = |element, items| Value::Array(Array::one_dimensional(element, items).into());
    let dictionaries = configuration.dictionaries(token.kind);
    // All dictionaries know every token.
    let first = dictionaries.first().copied();
    let lexemes = match first {
        Some(dictionary) => {
            array(oid::TEXT, lexize(dictionary, token.text)?.into_iter().map(Value::text).collect())
        }
        None => Value::Null,
    };
    let ty = TOKEN_TYPES.iter().find(|ty| ty.id == token.kind);
    Ok(vec![
        ty.map_or(Value::Null, |ty| Value::text(ty.alias)),
        ty.map_or(Value::Null, |ty| Value::text(ty.description)),
        Value::text(token.text),
        array(oid::REGDICTIONARY, dictionaries.iter().copied().map(Value::Oid).collect()),
        first.map_or(Value::Null, Value::Oid),
        lexemes,
    ])
}
