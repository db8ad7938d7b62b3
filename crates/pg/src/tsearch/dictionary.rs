//! Dictionaries: what makes lexemes of a token (`dict_simple.c`, `dict_snowball.c`). Those that PostgreSQL comes with are
//! `simple` and the stemmers of Snowball.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::catalog::system_table;
use crate::func::lower;
use crate::{Error, Oid, Result};

/// A dictionary of `pg_ts_dict`.
struct Dictionary {
    name: String,
    stem: Stem,
    stops: HashSet<String>,
}

/// How a word becomes its stem.
enum Stem {
    /// It stays as it is.
    None,
    First(rust_stemmers::Stemmer),
    Second(snowball_stemmers_rs::Stemmer),
    /// An algorithm that neither library has as PostgreSQL has it.
    Missing,
}

/// `DICT_SIMPLE`'s row in `pg_ts_template`.
const SIMPLE: &str = "3727";

/// Words with more bytes have no stem (`dsnowball_lexize`).
const LONGEST: usize = 1000;

static DICTIONARIES: LazyLock<HashMap<u32, Dictionary>> = LazyLock::new(|| {
    let rows = system_table("pg_ts_dict").into_iter().flat_map(|table| table.rows());
    rows.filter_map(|row| {
        let fields: Vec<String> = row.map(|field| field.unwrap_or_default().into_owned()).collect();
        let [oid, name, _, _, template, options] = fields.as_slice() else { return None };
        let stem = if template == SIMPLE { Stem::None } else { stemmer(option(options, "language")) };
        let stops = stop_words(option(options, "stopwords"));
        Some((oid.parse().ok()?, Dictionary { name: name.clone(), stem, stops }))
    })
    .collect()
});

/// `language = 'english', stopwords = 'english'`
fn option<'a>(options: &'a str, name: &str) -> &'a str {
    let found =
        options.split(", ").filter_map(|option| option.split_once(" = ")).find(|(own, _)| *own == name);
    found.map_or("", |(_, value)| value.trim_matches('\''))
}

macro_rules! stop_words {
    ($name:expr; $($language:literal)*) => {
        match $name {
            $($language => include_str!(concat!("../../data/tsearch/", $language, ".stop")),)*
            _ => "",
        }
    };
}

/// `readstoplist`: the first word of each line.
fn stop_words(language: &str) -> HashSet<String> {
    let text = stop_words!(language; "danish" "dutch" "english" "finnish" "french" "german" "hungarian" "italian"
        "nepali" "norwegian" "portuguese" "russian" "spanish" "swedish" "turkish");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(lower).collect()
}

/// The stemmer of a language. Snowball's algorithms change from time to time; of each is taken the library that has the
/// one of PostgreSQL 15 (Snowball 2.2).
fn stemmer(language: &str) -> Stem {
    use {rust_stemmers::Algorithm as First, snowball_stemmers_rs::Algorithm as Second};
    let first = |algorithm| Stem::First(rust_stemmers::Stemmer::create(algorithm));
    let second = |algorithm| Stem::Second(snowball_stemmers_rs::Stemmer::create(algorithm));
    match language {
        "dutch" => first(First::Dutch),
        "english" => first(First::English),
        "german" => first(First::German),
        "hungarian" => first(First::Hungarian),
        "italian" => first(First::Italian),
        "norwegian" => first(First::Norwegian),
        "portuguese" => first(First::Portuguese),
        "romanian" => first(First::Romanian),
        "spanish" => first(First::Spanish),
        "swedish" => first(First::Swedish),
        "tamil" => first(First::Tamil),
        "turkish" => first(First::Turkish),
        "arabic" => second(Second::Arabic),
        "armenian" => second(Second::Armenian),
        "basque" => second(Second::Basque),
        "catalan" => second(Second::Catalan),
        "danish" => second(Second::Danish),
        "finnish" => second(Second::Finnish),
        "hindi" => second(Second::Hindi),
        "indonesian" => second(Second::Indonesian),
        "irish" => second(Second::Irish),
        "nepali" => second(Second::Nepali),
        "russian" => second(Second::Russian),
        "serbian" => second(Second::Serbian),
        "yiddish" => second(Second::Yiddish),
        _ => Stem::Missing,
    }
}

/// The lexeme of a token; none of a stop word.
pub fn lexize(dictionary: Oid, token: &str) -> Result<Option<String>> {
    let Some(dictionary) = DICTIONARIES.get(&dictionary.0) else {
        return Err(Error::internal(format!("cache lookup failed for text search dictionary {dictionary}")));
    };
    let word = lower(token);
    let stemmed = match &dictionary.stem {
        Stem::None if word.is_empty() => return Ok(None),
        Stem::None => return Ok(Some(word)),
        Stem::Missing => {
            return Err(Error::refused(format_args!("text search dictionary {}", dictionary.name)));
        }
        _ if word.len() > LONGEST => return Ok(Some(word)),
        _ if word.is_empty() || dictionary.stops.contains(&word) => return Ok(None),
        Stem::First(stemmer) => stemmer.stem(&word).into_owned(),
        Stem::Second(stemmer) => stemmer.stem(&word).into_owned(),
    };
    // A word of which nothing is left stays as it is.
    Ok(Some(if stemmed.is_empty() { word } else { stemmed }))
}
