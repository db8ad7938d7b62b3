//! The operators `~`, `~*`, `!~`, `!~*` and the functions on regular expressions (PostgreSQL's regexp.c).

use std::sync::Arc;

use super::similar::similar_escape;
use super::{Captures, Flags, Regex, Subject};

use crate::{Array, Error, Result, SqlState, Value, oid};

kernels!(KERNELS(call) {
    "textregexeq" => |a: &str, re: &str| is_match(a, re, false);
    "textregexne" => |a: &str, re: &str| is_match(a, re, false).map(|found| !found);
    "texticregexeq" => |a: &str, re: &str| is_match(a, re, true);
    "texticregexne" => |a: &str, re: &str| is_match(a, re, true).map(|found| !found);
    "nameregexeq" => |a: &str, re: &str| is_match(a, re, false);
    "nameregexne" => |a: &str, re: &str| is_match(a, re, false).map(|found| !found);
    "nameicregexeq" => |a: &str, re: &str| is_match(a, re, true);
    "nameicregexne" => |a: &str, re: &str| is_match(a, re, true).map(|found| !found);
    "textregexsubstr" => |a: &str, re: &str| substring(a, re);
    "regexp_like" => |a: &str, re: &str, flags: &str| like(a, re, flags);
    "regexp_like_no_flags" => |a: &str, re: &str| like(a, re, "");
    "regexp_match" => |a: &str, re: &str, flags: &str| first_match(a, re, flags);
    "regexp_match_no_flags" => |a: &str, re: &str| first_match(a, re, "");
    "textregexreplace_noopt" => |a: &str, re: &str, by: &str| replace(a, re, by, Flags::default(), 1, 1);
    "textregexreplace" => |a: &str, re: &str, by: &str, flags: &str| replace_with_flags(a, re, by, flags);
    "textregexreplace_extended" => |a: &str, re: &str, by: &str, start: i32, n: i32, flags: &str|
        replace_extended(a, re, by, start, Some(n), flags);
    "textregexreplace_extended_no_flags" => |a: &str, re: &str, by: &str, start: i32, n: i32|
        replace_extended(a, re, by, start, Some(n), "");
    "textregexreplace_extended_no_n" => |a: &str, re: &str, by: &str, start: i32|
        replace_extended(a, re, by, start, None, "");
    "regexp_split_to_array" => |a: &str, re: &str, flags: &str| split_array(a, re, flags, "regexp_split_to_array()");
    "regexp_split_to_array_no_flags" => |a: &str, re: &str| split_array(a, re, "", "regexp_split_to_array()");
    "regexp_count" => |a: &str, re: &str, start: i32, flags: &str| count(a, re, start, flags);
    "regexp_count_no_flags" => |a: &str, re: &str, start: i32| count(a, re, start, "");
    "regexp_count_no_start" => |a: &str, re: &str| count(a, re, 1, "");
    "regexp_instr" => |a: &str, re: &str, start: i32, n: i32, end: i32, flags: &str, sub: i32|
        instr(a, re, start, n, end, flags, sub);
    "regexp_instr_no_subexpr" => |a: &str, re: &str, start: i32, n: i32, end: i32, flags: &str|
        instr(a, re, start, n, end, flags, 0);
    "regexp_instr_no_flags" => |a: &str, re: &str, start: i32, n: i32, end: i32| instr(a, re, start, n, end, "", 0);
    "regexp_instr_no_endoption" => |a: &str, re: &str, start: i32, n: i32| instr(a, re, start, n, 0, "", 0);
    "regexp_instr_no_n" => |a: &str, re: &str, start: i32| instr(a, re, start, 1, 0, "", 0);
    "regexp_instr_no_start" => |a: &str, re: &str| instr(a, re, 1, 1, 0, "", 0);
    "regexp_substr" => |a: &str, re: &str, start: i32, n: i32, flags: &str, sub: i32| substr(a, re, start, n, flags, sub);
    "regexp_substr_no_subexpr" => |a: &str, re: &str, start: i32, n: i32, flags: &str| substr(a, re, start, n, flags, 0);
    "regexp_substr_no_flags" => |a: &str, re: &str, start: i32, n: i32| substr(a, re, start, n, "", 0);
    "regexp_substr_no_n" => |a: &str, re: &str, start: i32| substr(a, re, start, 1, "", 0);
    "regexp_substr_no_start" => |a: &str, re: &str| substr(a, re, 1, 1, "", 0);
    "similar_to_escape_1" => |pattern: &str| similar_escape(pattern, None);
    "similar_to_escape_2" => |pattern: &str, escape: &str| similar_escape(pattern, Some(escape));
    "similar_escape" => |pattern: Option<&str>, escape: Option<&str>|
        pattern.map(|pattern| similar_escape(pattern, escape)).transpose();
});

/// `substring(text, text, text)`: `substring(text similar pattern escape character)`, written in SQL.
pub(in crate::func) fn substring_similar(a: &str, pattern: &str, escape: &str) -> Result<Value> {
    substring(a, &similar_escape(pattern, Some(escape))?)
}

fn is_match(text: &str, pattern: &str, ignore_case: bool) -> Result<bool> {
    Regex::cached(pattern, Flags { ignore_case, ..Flags::default() })?.is_match(text)
}

/// The text of a capture.
fn captured(subject: &Subject<'_>, captures: &Captures, number: usize) -> Value {
    match captures.get(number).copied().flatten() {
        Some((from, to)) => Value::text(subject.part(from, to)),
        None => Value::Null,
    }
}

/// `substring(text from pattern)`: the first capture if there are any, else the match.
fn substring(text: &str, pattern: &str) -> Result<Value> {
    let regex = Regex::cached(pattern, Flags::default())?;
    let subject = Subject::new(text);
    Ok(match regex.find(&subject, 0)? {
        Some(captures) => captured(&subject, &captures, usize::from(regex.capture_count() > 0)),
        None => Value::Null,
    })
}

/// The flags of a function that has no use for `g`.
fn flags_without_global(text: &str, function: &str) -> Result<Flags> {
    let flags = Flags::parse(text)?;
    if flags.global {
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("{function} does not support the \"global\" option"),
        ));
    }
    Ok(flags)
}

fn like(text: &str, pattern: &str, flags: &str) -> Result<bool> {
    Regex::cached(pattern, flags_without_global(flags, "regexp_like()")?)?.is_match(text)
}

/// `build_regexp_match_result`: the captures, or the whole match if there are none.
fn match_array(regex: &Regex, subject: &Subject<'_>, captures: &Captures) -> Value {
    let numbers = if regex.capture_count() == 0 { 0..=0 } else { 1..=regex.capture_count() };
    let items = numbers.map(|number| captured(subject, captures, number)).collect();
    Value::Array(Array::one_dimensional(oid::TEXT, items).into())
}

fn first_match(text: &str, pattern: &str, flags: &str) -> Result<Option<Value>> {
    let flags = flags_without_global(flags, "regexp_match()").map_err(|error| {
        if flags.contains('g') { error.hint("Use the regexp_matches function instead.") } else { error }
    })?;
    let regex = Regex::cached(pattern, flags)?;
    let subject = Subject::new(text);
    Ok(regex.find(&subject, 0)?.map(|captures| match_array(&regex, &subject, &captures)))
}

/// `setup_regexp_matches`: one match or all. After an empty match the search goes on one character further.
fn all_matches(
    regex: &Regex,
    subject: &Subject<'_>,
    from: usize,
    global: bool,
    split: bool,
) -> Result<Vec<Captures>> {
    let mut found = Vec::new();
    let mut at = from;
    let mut previous_end = 0;
    while at <= subject.chars.len() {
        let Some(captures) = regex.find(subject, at)? else { break };
        let Some((start, end)) = captures.first().copied().flatten() else { break };
        // A splitter must not match nothing at the start, at the end, or right after a match.
        let degenerate = split && (start == end && (start >= subject.chars.len() || start == previous_end));
        if !degenerate {
            found.push(captures);
        }
        if !degenerate || !split {
            previous_end = end;
        }
        if !global {
            break;
        }
        at = if end > at || end > start { end } else { end + 1 };
        if start == end {
            at = end + 1;
        }
    }
    Ok(found)
}

/// `like_regex` of jsonpath: XQuery's flags `i`, `s`, `m` and `q` (`jspConvertRegexFlags`).
pub(in crate::func) fn like_regex(text: &str, pattern: &str, flags: &str) -> Result<bool> {
    like_regex_pattern(pattern, flags)?.is_match(text)
}

/// Whether `like_regex` can do anything with a pattern: looked at when the path is read (`makeItemLikeRegex`).
pub(crate) fn check_like_regex(pattern: &str, flags: &str) -> Result<()> {
    like_regex_pattern(pattern, flags).map(|_| ())
}

fn like_regex_pattern(pattern: &str, flags: &str) -> Result<Arc<Regex>> {
    let has = |flag: char| flags.contains(flag);
    let flags = Flags {
        ignore_case: has('i'),
        literal: has('q'),
        newline_stops: !has('s') && !has('q'),
        newline_anchors: has('m') && !has('q'),
        ..Flags::default()
    };
    Regex::cached(pattern, flags)
}

/// The rows of `regexp_matches`.
pub(in crate::func) fn matches_rows(text: &str, pattern: &str, flags: &str) -> Result<Vec<Value>> {
    let flags = Flags::parse(flags)?;
    let regex = Regex::cached(pattern, flags)?;
    let subject = Subject::new(text);
    let found = all_matches(&regex, &subject, 0, flags.global, false)?;
    Ok(found.iter().map(|captures| match_array(&regex, &subject, captures)).collect())
}

/// The parts of `regexp_split_to_array` and `regexp_split_to_table`.
pub(in crate::func) fn split_parts(
    text: &str,
    pattern: &str,
    flags: &str,
    function: &str,
) -> Result<Vec<Value>> {
    let regex = Regex::cached(pattern, flags_without_global(flags, function)?)?;
    let subject = Subject::new(text);
    let mut parts = Vec::new();
    let mut at = 0;
    for captures in all_matches(&regex, &subject, 0, true, true)? {
        if let Some((start, end)) = captures.first().copied().flatten() {
            parts.push(Value::text(subject.part(at, start)));
            at = end;
        }
    }
    parts.push(Value::text(subject.part(at, subject.chars.len())));
    Ok(parts)
}

fn split_array(text: &str, pattern: &str, flags: &str, function: &str) -> Result<Array> {
    Ok(Array::one_dimensional(oid::TEXT, split_parts(text, pattern, flags, function)?))
}

fn invalid_value(parameter: &str, value: i32) -> Error {
    Error::new(
        SqlState::INVALID_PARAMETER_VALUE,
        format!("invalid value for parameter \"{parameter}\": {value}"),
    )
}

fn positive(parameter: &str, value: i32) -> Result<usize> {
    if value > 0 { Ok(value as usize) } else { Err(invalid_value(parameter, value)) }
}

fn not_negative(parameter: &str, value: i32) -> Result<usize> {
    usize::try_from(value).map_err(|_| invalid_value(parameter, value))
}

fn count(text: &str, pattern: &str, start: i32, flags: &str) -> Result<i32> {
    let start = positive("start", start)?;
    let regex = Regex::cached(pattern, flags_without_global(flags, "regexp_count()")?)?;
    let subject = Subject::new(text);
    Ok(all_matches(&regex, &subject, start - 1, true, false)?.len() as i32)
}

/// The place of a capture of the n-th match.
fn place(
    subject: &Subject<'_>,
    regex: &Regex,
    start: usize,
    n: usize,
    capture: usize,
) -> Result<Option<(usize, usize)>> {
    // The first group of a pattern that has none is the whole match (`setup_regexp_matches`).
    let capture = if capture == 1 && regex.capture_count() == 0 { 0 } else { capture };
    if capture > regex.capture_count() {
        return Ok(None);
    }
    let found = all_matches(regex, subject, start - 1, true, false)?;
    Ok(found.get(n - 1).and_then(|captures| captures.get(capture).copied().flatten()))
}

#[allow(clippy::too_many_arguments)]
fn instr(text: &str, pattern: &str, start: i32, n: i32, end: i32, flags: &str, capture: i32) -> Result<i32> {
    let (start, n) = (positive("start", start)?, positive("n", n)?);
    if !matches!(end, 0 | 1) {
        return Err(invalid_value("endoption", end));
    }
    let capture = not_negative("subexpr", capture)?;
    let regex = Regex::cached(pattern, flags_without_global(flags, "regexp_instr()")?)?;
    let place = place(&Subject::new(text), &regex, start, n, capture)?;
    Ok(place.map_or(0, |(from, to)| if end == 1 { to } else { from } as i32 + 1))
}

fn substr(
    text: &str,
    pattern: &str,
    start: i32,
    n: i32,
    flags: &str,
    capture: i32,
) -> Result<Option<String>> {
    let (start, n) = (positive("start", start)?, positive("n", n)?);
    let capture = not_negative("subexpr", capture)?;
    let regex = Regex::cached(pattern, flags_without_global(flags, "regexp_substr()")?)?;
    let subject = Subject::new(text);
    let place = place(&subject, &regex, start, n, capture)?;
    Ok(place.map(|(from, to)| subject.part(from, to).to_owned()))
}

fn replace_with_flags(text: &str, pattern: &str, by: &str, flags: &str) -> Result<String> {
    // Digits are a hint that the start was meant.
    if let Some(digit) = flags.chars().next().filter(char::is_ascii_digit) {
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("invalid regular expression option: \"{digit}\""),
        )
        .hint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly."));
    }
    let flags = Flags::parse(flags)?;
    replace(text, pattern, by, flags, 1, usize::from(!flags.global))
}

fn replace_extended(
    text: &str,
    pattern: &str,
    by: &str,
    start: i32,
    n: Option<i32>,
    flags: &str,
) -> Result<String> {
    let start = positive("start", start)?;
    let n = n.map(|n| not_negative("n", n)).transpose()?;
    let flags = Flags::parse(flags)?;
    // N overrides the global option.
    replace(text, pattern, by, flags, start, n.unwrap_or(usize::from(!flags.global)))
}

/// `replace_text_regexp`: replaces the n-th match, or all if n is 0.
fn replace(text: &str, pattern: &str, by: &str, flags: Flags, start: usize, n: usize) -> Result<String> {
    let regex = Regex::cached(pattern, flags)?;
    let subject = Subject::new(text);
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    let mut at = start - 1;
    let mut number = 0;
    while at <= subject.chars.len() {
        let Some(captures) = regex.find(&subject, at)? else { break };
        let Some((from, to)) = captures.first().copied().flatten() else { break };
        number += 1;
        if n == 0 || n == number {
            out.push_str(subject.part(copied, from));
            push_replacement(&mut out, &subject, &captures, by);
            copied = to;
            if n != 0 {
                break;
            }
        }
        // An empty match: the next character is skipped (and copied later).
        at = if from == to { to + 1 } else { to };
    }
    out.push_str(subject.part(copied, subject.chars.len()));
    Ok(out)
}

/// `appendStringInfoRegexpSubstr`: `\1` to `\9` are captures, `\&` the match, `\\` a backslash.
fn push_replacement(out: &mut String, subject: &Subject<'_>, captures: &Captures, by: &str) {
    let mut chars = by.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let capture = match chars.peek().copied() {
            Some('&') => 0,
            Some(digit @ '1'..='9') => digit as usize - '0' as usize,
            Some('\\') => {
                chars.next();
                out.push('\\');
                continue;
            }
            // A backslash before anything else is itself.
            _ => {
                out.push('\\');
                continue;
            }
        };
        chars.next();
        if let Some((from, to)) = captures.get(capture).copied().flatten() {
            out.push_str(subject.part(from, to));
        }
    }
}
