//! Templates of dates and times (`parse_format`, `DCH_keywords`).

use crate::{Error, Result, SqlState};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// A pattern by its name as written, and what stands around it.
    Pattern(&'static str, Modifiers),
    /// White space or punctuation outside quotes.
    Separator(char),
    /// A character in quotes, or a letter or digit that means nothing.
    Char(char),
}

/// `FM`, `TM`, `TH`, `th`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Modifiers {
    pub fill: bool,
    pub translate: bool,
    /// An ordinal suffix, in upper or lower case.
    pub ordinal: Option<bool>,
}

/// In the order in which they are tried.
const PATTERNS: &[&str] = &[
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "Day", "Dy", "D", "FF1", "FF2",
    "FF3", "FF4", "FF5", "FF6", "FX", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I",
    "J", "MI", "MM", "MONTH", "MON", "MS", "Month", "Mon", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS",
    "SS", "TZH", "TZM", "TZ", "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y", "a.d.", "a.m.", "ad", "am",
    "b.c.", "bc", "cc", "day", "ddd", "dd", "dy", "d", "ff1", "ff2", "ff3", "ff4", "ff5", "ff6", "fx",
    "hh24", "hh12", "hh", "iddd", "id", "iw", "iyyy", "iyy", "iy", "i", "j", "mi", "mm", "month", "mon",
    "ms", "of", "p.m.", "pm", "q", "rm", "sssss", "ssss", "ss", "tzh", "tzm", "tz", "us", "ww", "w", "y,yyy",
    "yyyy", "yyy", "yy", "y",
];

/// The parts of a template.
pub(super) fn parse(template: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        rest = match pattern(rest, &mut nodes) {
            Ok(after) => after,
            Err(after) => literal(after, &mut nodes),
        };
    }
    nodes
}

/// The parts of a template of the SQL standard (`STD_FLAG`): what is no pattern and not in quotes must be one of a few
/// separators.
pub(super) fn parse_standard(template: &str) -> Result<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        rest = match pattern(rest, &mut nodes) {
            Ok(after) => after,
            Err(after) => {
                if let Some(c) = after.chars().next().filter(|c| !"\"-./,':; ".contains(*c)) {
                    let message = format!("invalid datetime format separator: \"{c}\"");
                    return Err(Error::new(SqlState::INVALID_DATETIME_FORMAT, message));
                }
                literal(after, &mut nodes)
            }
        };
    }
    Ok(nodes)
}

/// A pattern, and what follows it; or what follows its modifiers when none does.
fn pattern<'a>(text: &'a str, nodes: &mut Vec<Node>) -> std::result::Result<&'a str, &'a str> {
    let mut rest = text;
    let mut modifiers = Modifiers::default();
    if let Some(after) = rest.strip_prefix("FM").or(rest.strip_prefix("fm")) {
        modifiers.fill = true;
        rest = after;
    } else if let Some(after) = rest.strip_prefix("TM").or(rest.strip_prefix("tm")) {
        modifiers.translate = true;
        rest = after;
    }
    let Some(pattern) = PATTERNS.iter().find(|pattern| rest.starts_with(**pattern)) else { return Err(rest) };
    rest = &rest[pattern.len()..];
    for (suffix, ordinal) in [("TH", Some(true)), ("th", Some(false)), ("SP", None)] {
        if let Some(after) = rest.strip_prefix(suffix) {
            modifiers.ordinal = ordinal;
            rest = after;
            break;
        }
    }
    nodes.push(Node::Pattern(pattern, modifiers));
    Ok(rest)
}

/// Text in quotes, or one character; what follows it.
fn literal<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let Some(quoted) = text.strip_prefix('"') else {
        let text = if text.starts_with("\\\"") { &text[1..] } else { text };
        let mut chars = text.chars();
        let separates = |c: &char| is_space(*c) || is_separator(*c);
        nodes.extend(chars.next().map(|c| if separates(&c) { Node::Separator(c) } else { Node::Char(c) }));
        return chars.as_str();
    };
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => nodes.push(Node::Char(chars.next().unwrap_or('\\'))),
            c => nodes.push(Node::Char(c)),
        }
    }
    chars.as_str()
}

/// White space of C.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

/// `is_separator_char`
pub(super) fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
}
