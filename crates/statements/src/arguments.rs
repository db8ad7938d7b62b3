//! Arguments that a function can do something with, where any text or number would mostly be refused.

use pg::{Oid, oid};

type Values = &'static [&'static str];

/// Values for an argument of a function, by its name and place.
pub fn of(name: &str, at: usize, ty: Oid) -> Option<Values> {
    [moments, patterns, texts, numbers].iter().find_map(|table| table(name, at, ty))
}

/// Of times, and the templates of to_char and its relatives.
fn moments(name: &str, at: usize, ty: Oid) -> Option<Values> {
    Some(match (name, at) {
        ("date_trunc", 0) => &[
            "microseconds",
            "milliseconds",
            "second",
            "minute",
            "hour",
            "day",
            "week",
            "month",
            "quarter",
            "year",
            "decade",
            "century",
            "millennium",
        ],
        ("date_trunc", 2) | ("timezone", 0) if ty == oid::TEXT => {
            &["UTC", "Europe/Berlin", "America/New_York", "+03", "EST5EDT"]
        }
        ("date_part" | "extract", 0) => &[
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "epoch",
            "dow",
            "doy",
            "week",
            "quarter",
            "isoyear",
            "millennium",
            "microseconds",
        ],
        ("encode" | "decode", 1) => &["hex", "base64", "escape"],
        ("decode", 0) => &["616263", "YWJj", "abcd", ""],
        ("to_char", 1) => &[
            "YYYY-MM-DD",
            "HH24:MI:SS",
            "Day, DD Month YYYY",
            "999,999.99",
            "FM999.90",
            "S9999",
            "YYYY\"x\"IW-ID",
            "Q CC J",
            "9.99EEEE",
            "RN",
            "FMHH12:MI AM",
            "MI:SS.MS US",
            "0000.00",
            "L99.9PR",
            "TMMon",
            "DDDth",
            "IYYY-IW",
            "SSSS",
            "TZ OF",
        ],
        ("to_date", 0) => &["2024-03-01", "20240301", "01 Mar 2024", "2024-060", "2024-W09-5"],
        ("to_date", 1) => &["YYYY-MM-DD", "YYYYMMDD", "DD Mon YYYY", "YYYY-DDD", "IYYY-\"W\"IW-ID"],
        ("to_timestamp", 0) if ty == oid::TEXT => &["2024-03-01 12:34:56", "12:34 PM", "2024"],
        ("to_timestamp", 1) => &["YYYY-MM-DD HH24:MI:SS", "HH12:MI PM", "YYYY"],
        ("to_number", 0) => &["1,234.5", "-12", "$7.5", "12e3", "5"],
        ("to_number", 1) => &["9,999.9", "S99", "L9.9", "99", "9"],
        _ => return None,
    })
}

/// Of series and powers, and regular expressions.
fn patterns(name: &str, at: usize, ty: Oid) -> Option<Values> {
    Some(match (name, at) {
        ("repeat", 1) | ("lpad" | "rpad", 1) | ("left" | "right", 1) => &["0", "3", "-1", "7", "12"],
        ("generate_series", _) => return series(at, ty),
        ("numeric_power" | "pow" | "power" | "^" | "dpow" | "exp" | "dexp", _) => &["0", "1", "2", "-1", "3"],
        ("factorial" | "numeric_fac", _) => &["0", "1", "5", "20", "33"],
        (
            "regexp_replace"
            | "regexp_match"
            | "regexp_matches"
            | "regexp_split_to_array"
            | "regexp_split_to_table"
            | "regexp_count"
            | "regexp_instr"
            | "regexp_like"
            | "regexp_substr"
            | "~"
            | "!~"
            | "~*"
            | "!~*"
            | "textregexsubstr"
            | "substring",
            1,
        ) if ty == oid::TEXT => &["a", "[a-z]+", "(o)(.)?", "^.", "\\s+", "b*", "(foo|bar)", "\\m[A-Z]", ""],
        ("regexp_match" | "regexp_matches" | "regexp_split_to_array" | "regexp_split_to_table", 2) => {
            &["", "i", "g", "gi", "x", "n"]
        }
        ("regexp_replace", 3 | 5)
        | ("regexp_count", 3)
        | ("regexp_instr", 5)
        | ("regexp_like", 2)
        | ("regexp_substr", 4)
            if ty == oid::TEXT =>
        {
            &["", "i", "n", "c"]
        }
        ("regexp_replace" | "regexp_count" | "regexp_instr" | "regexp_substr", _) if ty == oid::INT4 => {
            &["1", "2", "0"]
        }
        _ => return None,
    })
}

/// Of texts and documents.
fn texts(name: &str, at: usize, ty: Oid) -> Option<Values> {
    Some(match (name, at) {
        ("convert_to" | "convert_from" | "length" | "convert", 1 | 2) if ty == oid::NAME => &["UTF8"],
        ("format" | "concat_ws", 0) => &["%s and %I", "%L", "%1$s %1$s", "%%", "no", "%5s|", "%-5s|"],
        ("parse_ident", 0) => &["a.b", "\"A b\".c", "x"],
        ("like_escape" | "similar_escape" | "similar_to_escape", 1) => &["\\", "#", ""],
        ("split_part", 1) => &[" ", ",", "o", ""],
        ("split_part", 2) => &["1", "2", "-1", "3"],
        (
            "jsonb_extract_path"
            | "json_extract_path"
            | "jsonb_extract_path_text"
            | "json_extract_path_text"
            | "#>"
            | "#>>"
            | "#-"
            | "jsonb_set"
            | "jsonb_set_lax"
            | "jsonb_insert",
            1,
        ) => &["{a}", "{b,0}", "{k,n}", "{}", "{0}", "{-1}"],
        ("jsonb_set_lax", 4) => &["raise_exception", "use_json_null", "delete_key", "return_target"],
        ("->" | "->>" | "-" | "?", 1) if ty == oid::TEXT => &["a", "b", "k", "n"],
        ("normalize" | "is_normalized", 1) => &["NFC", "NFD", "NFKC", "NFKD"],
        _ => return None,
    })
}

/// Of arrays, bits and what makes values of parts.
fn numbers(name: &str, at: usize, ty: Oid) -> Option<Values> {
    Some(match (name, at) {
        ("array_fill", 1 | 2) => &["{2}", "{2,2}", "{1}"],
        ("trim_scale" | "width_bucket", 3) => &["1", "4", "10"],
        ("set_bit" | "set_byte", 2) => &["0", "1"],
        ("set_bit" | "set_byte" | "get_bit" | "get_byte", 1) => &["0", "1", "2"],
        ("<<" | ">>" | "int4shl" | "int8shl", 1) if ty == oid::INT4 => &["0", "1", "3", "31"],
        ("make_date" | "make_timestamp" | "make_timestamptz", 0) => &["2024", "1999", "-44"],
        ("make_date" | "make_timestamp" | "make_timestamptz", 1 | 2) => &["1", "2", "12"],
        ("make_time", 0) | ("make_timestamp" | "make_timestamptz", 3) => &["0", "12", "23"],
        ("make_timestamptz", 6) => &["UTC", "Europe/Berlin", "+02"],
        ("chr", 0) => &["65", "228", "128512", "9"],
        ("round" | "trunc", 1) => &["0", "1", "2", "-1"],
        ("timestamp" | "timestamptz" | "time" | "timetz", 1) if ty == oid::INT4 => &["0", "2", "6"],
        ("interval", 1) => &["2147418112"],
        // The planner takes a cast without a length for none, whatever the last argument is.
        ("varchar" | "bpchar" | "bit" | "varbit", 2) => &["t", "f"],
        ("varchar" | "bpchar", 1) if ty == oid::INT4 => &["-1"],
        ("numeric", 1) => &["655366", "-1"],
        ("bit" | "varbit", 1) if ty == oid::INT4 => &["1", "4", "8"],
        ("set_masklen", 1) => &["8", "16", "24"],
        ("int4range" | "numrange" | "daterange" | "int8range" | "tsrange" | "tstzrange", 2) => {
            &["[]", "[)", "(]", "()"]
        }
        _ => return None,
    })
}

/// Series that end.
fn series(at: usize, ty: Oid) -> Option<&'static [&'static str]> {
    Some(match (ty, at) {
        (oid::INTERVAL, _) => &["1 day", "12 hours", "1 mon"],
        (oid::TIMESTAMP | oid::TIMESTAMPTZ, 0) => &["2024-01-30", "2024-02-27 12:00"],
        (oid::TIMESTAMP | oid::TIMESTAMPTZ, _) => &["2024-02-02", "2024-03-01"],
        (_, 2) => &["1", "2", "-1"],
        (_, 0) => &["1", "0", "3"],
        _ => &["3", "5", "1"],
    })
}
