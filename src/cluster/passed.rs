//! Errors of statements of Hazelcast's own, which are passed as they were written: whoever wrote one is told what the
//! member says of it, at the place in the text that the member means.

use std::ops::Range;

use hazelcast_client::{Error as HzError, SqlError, sql_error_code};
use pg::{Error, SqlState};

use super::error::{pg_error, sentence};

/// Neither PostgreSQL nor the standard has a code for what Hazelcast refuses without saying why in a code of its own.
const REFUSED: SqlState = SqlState(*b"42000");

/// The error of the statement that is `text` of `whole`.
pub fn error_of_passed(error: &HzError, whole: &str, text: Range<usize>) -> Error {
    let general = pg_error(error);
    let HzError::Sql(sql) = error else { return general };
    let said = sql.root_message().trim();
    if said.is_empty() {
        return general;
    }
    let place = |(line, column)| position(whole, text.clone(), line, column);
    if let Some((near, at)) = unexpected(said) {
        let message = match near {
            "<EOF>" => "syntax error at end of input".to_owned(),
            near => format!("syntax error at or near \"{near}\""),
        };
        return Error::new(SqlState::SYNTAX_ERROR, message).detail(shortened(said)).at(place(at));
    }
    if let Some(error) = existence(said) {
        return error;
    }
    let (at, said) = located(said).map_or((None, said), |(at, rest)| (Some(at), rest));
    Error::new(code(sql, &general, said), phrase(said)).at(at.and_then(place))
}

/// What Hazelcast says of an object that is there, or is not (`Mapping does not exist: m`), in PostgreSQL's words.
fn existence(said: &str) -> Option<Error> {
    let (words, name) = said.split_once(": ")?;
    let words = words.to_ascii_lowercase();
    let (kind, is_there) =
        match (words.strip_suffix(" already exists"), words.strip_suffix(" does not exist")) {
            (Some(kind), _) => (kind, true),
            (_, Some(kind)) => (kind, false),
            _ => return None,
        };
    // Mappings and views share their names.
    let kind = if kind == "mapping or view" { "relation" } else { kind };
    let code = match (kind, is_there) {
        ("relation", true) => SqlState::DUPLICATE_TABLE,
        (_, true) => SqlState::DUPLICATE_OBJECT,
        ("mapping" | "view", false) => SqlState::UNDEFINED_TABLE,
        (_, false) => SqlState::UNDEFINED_OBJECT,
    };
    let verb = if is_there { "already exists" } else { "does not exist" };
    Some(Error::new(code, format!("{kind} \"{name}\" {verb}")))
}

fn code(error: &SqlError, general: &Error, said: &str) -> SqlState {
    let said = said.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["not supported"]) {
        return SqlState::FEATURE_NOT_SUPPORTED;
    }
    let missing = has(&["does not exist", "doesn't exist", "not found"]);
    match (error.code, general.code()) {
        _ if missing && said.starts_with("function") => SqlState::UNDEFINED_FUNCTION,
        _ if missing && said.starts_with("column") => SqlState::UNDEFINED_COLUMN,
        _ if missing && said.starts_with("object") => SqlState::UNDEFINED_TABLE,
        (sql_error_code::PARSING, _) => SqlState::SYNTAX_ERROR,
        (_, SqlState::INTERNAL_ERROR) if missing => SqlState::UNDEFINED_OBJECT,
        (_, SqlState::INTERNAL_ERROR) => REFUSED,
        (_, code) => code,
    }
}

/// A line and a column of a statement, both from 1.
type Place = (usize, usize);

/// What Hazelcast's parser (JavaCC's `ParseException`) did not expect, and where: `Encountered "x" at line 1, column 8.`
fn unexpected(said: &str) -> Option<(&str, Place)> {
    let (near, rest) = said.strip_prefix("Encountered \"")?.split_once("\" at line ")?;
    let (at, _) = line_and_column(rest)?;
    // More tokens than the unexpected one are told when another was looked for behind it.
    Some((near.split_whitespace().next()?, at))
}

/// Where Hazelcast's validator (Calcite's `CalciteContextException`) means, and what it says:
/// `From line 1, column 8 to line 1, column 9: …`, `At line 1, column 8: …`.
fn located(said: &str) -> Option<(Place, &str)> {
    let rest = said.strip_prefix("From line ").or_else(|| said.strip_prefix("At line "))?;
    let (at, rest) = line_and_column(rest)?;
    let rest = match rest.strip_prefix(" to line ") {
        Some(rest) => line_and_column(rest)?.1,
        None => rest,
    };
    Some((at, rest.strip_prefix(':')?.trim_start()))
}

/// `1, column 8` and the rest.
fn line_and_column(text: &str) -> Option<(Place, &str)> {
    let (line, rest) = text.split_once(", column ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (column, rest) = rest.split_at(digits);
    Some(((line.parse().ok()?, column.parse().ok()?), rest))
}

/// A place in a statement as PostgreSQL tells it: in characters of the whole text, from 1. Java counts UTF-16 units.
fn position(whole: &str, text: Range<usize>, line: usize, column: usize) -> Option<u32> {
    let statement = whole.get(text.clone())?;
    let (begin, line) = lines(statement).nth(line.checked_sub(1)?)?;
    let mut units = column.checked_sub(1)?;
    let mut at = begin;
    for char in line.chars() {
        if units == 0 {
            break;
        }
        units = units.saturating_sub(char.len_utf16());
        at += char.len_utf8();
    }
    let before = whole.get(..text.start + at)?;
    u32::try_from(before.chars().count() + 1).ok()
}

/// Lines with the bytes where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |begin, line| {
        let this = *begin;
        *begin += line.len();
        Some((this, line))
    })
}

/// A message of many lines in one, and no longer than can be read.
fn shortened(said: &str) -> String {
    const MOST: usize = 300;
    let text = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default().trim_end()),
        None => sentence(&text),
    }
}

/// A primary message begins in lower case, unless with a name or a word in capitals, and has no full stop.
fn phrase(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(code: i32, message: &str, text: &str) -> (String, String, Option<u32>) {
        let error = SqlError { code, message: Some(message.into()), suggestion: None, origin: None };
        let start = text.find("DROP").or_else(|| text.find("CREATE")).unwrap_or(0);
        let error = error_of_passed(&HzError::Sql(Box::new(error)), text, start..text.len());
        let fields = error.fields();
        (error.code().as_str().to_owned(), error.message().to_owned(), fields.position)
    }

    #[test]
    fn what_the_parser_did_not_expect_is_a_syntax_error_at_its_place() {
        let text = "SELECT 'é';\nCREATE JOB '😀'\n  x y";
        let message = "Encountered \"x y\" at line 2, column 3.\nWas expecting:\n    \"AS\" ...\n";
        let expected = ("42601".to_owned(), "syntax error at or near \"x\"".to_owned(), Some(30));
        assert_eq!(passed(sql_error_code::PARSING, message, text), expected);
        assert_eq!(text.chars().nth(29), Some('x'));
        let end = passed(sql_error_code::PARSING, "Encountered \"<EOF>\" at line 1, column 8.", "DROP JOB");
        assert_eq!(end, ("42601".into(), "syntax error at end of input".into(), Some(8)));
        // Behind a character that Java counts as two.
        let behind =
            passed(sql_error_code::PARSING, "Encountered \"x\" at line 1, column 10.", "DROP '😀' x");
        assert_eq!(behind.2, Some(9));
    }

    #[test]
    fn what_the_validator_says_stands_without_its_place() {
        let said = passed(
            -1,
            "From line 1, column 10 to line 1, column 11: Function 'f' does not exist",
            "DROP VIEW fx",
        );
        assert_eq!(said, ("42883".into(), "function 'f' does not exist".into(), Some(10)));
        let said = passed(
            sql_error_code::PARSING,
            "At line 1, column 1: The OR REPLACE option is required",
            "CREATE",
        );
        assert_eq!(said, ("42601".into(), "the OR REPLACE option is required".into(), Some(1)));
        let said = passed(-1, "From line 1, column 1 to line 1, column 4: ALTER X not supported", "DROP");
        assert_eq!((said.0.as_str(), said.2), ("0A000", Some(1)));
        // A place that the text does not have is none.
        assert_eq!(passed(-1, "At line 9, column 1: no", "DROP").2, None);
    }

    #[test]
    fn what_is_there_and_what_is_not_is_said_as_postgresql_does() {
        for (said, code, message) in [
            ("Mapping does not exist: m", "42P01", "mapping \"m\" does not exist"),
            ("View does not exist: v", "42P01", "view \"v\" does not exist"),
            ("Mapping or view already exists: a: b", "42P07", "relation \"a: b\" already exists"),
            ("Type already exists: t", "42710", "type \"t\" already exists"),
            ("Data connection does not exist: d", "42704", "data connection \"d\" does not exist"),
        ] {
            assert_eq!(passed(-1, said, "DROP"), (code.into(), message.into(), None));
        }
    }

    #[test]
    fn other_errors_are_known_by_their_words() {
        let of = |message: &str| passed(-1, message, "DROP");
        assert_eq!(of("The job 'x' doesn't exist").0, "42704");
        assert_eq!(of("Data connection 'x' not found").0, "42704");
        assert_eq!(
            of("DROP MAPPING is not possible"),
            ("42000".into(), "DROP MAPPING is not possible".into(), None)
        );
        assert_eq!(of("Unknown connector type: x").0, "42000");
    }
}
