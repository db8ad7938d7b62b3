//! The tokens of `jsonpath` (`jsonpath_scan.l`).

use crate::{Error, Result, SqlState};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word without quotes.
    Word(String),
    /// A text in quotes.
    String(String),
    /// `$name`, `$"name"`
    Variable(String),
    /// Digits only.
    Integer(String),
    /// Any other number.
    Number(String),
    /// One or two characters.
    Symbol(&'static str),
}

const SYMBOLS: &[&str] = &[
    "&&", "||", "**", "==", "!=", "<>", "<=", ">=", "?", "%", "$", ".", "[", "]", "{", "}", "(", ")", "!",
    "=", "<", ">", "@", ",", "*", ":", "-", "+", "/", "|", "&", "#",
];

fn is_special(c: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/\"\\".contains(c) || matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

/// 42601, as the scanner and the parser report it.
pub(super) fn syntax_error(message: &str, near: &str) -> Error {
    let text = match near {
        "" => format!("{message} at end of jsonpath input"),
        near => format!("{message} at or near \"{near}\" of jsonpath input"),
    };
    Error::new(SqlState::SYNTAX_ERROR, text)
}

/// Cuts a text into tokens, each with its text.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, &str)>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        if let Some(comment) = rest.strip_prefix("/*") {
            let end = comment.find("*/").ok_or_else(|| syntax_error("unexpected end of comment", ""))?;
            rest = &comment[end + 2..];
            continue;
        }
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, length) = token(rest, first)?;
        let (text, after) = rest.split_at(length);
        tokens.push((token, text));
        rest = after;
    }
}

fn token(rest: &str, first: char) -> Result<(Token, usize)> {
    if first == '"' {
        let (text, length) = quoted(rest)?;
        return Ok((Token::String(text), length));
    }
    if first == '$' {
        let name = &rest[1..];
        if name.starts_with('"') {
            let (text, length) = quoted(name)?;
            return Ok((Token::Variable(text), length + 1));
        }
        let length = name.find(is_special).unwrap_or(name.len());
        if length > 0 {
            return Ok((Token::Variable(name[..length].to_owned()), length + 1));
        }
    }
    let decimal = first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit());
    if first.is_ascii_digit() || decimal {
        return number(rest);
    }
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    word(rest)
}

/// A word, with escapes in it.
fn word(rest: &str) -> Result<(Token, usize)> {
    let mut out = String::new();
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        if c == '\\' {
            at += escape(&rest[at..], &mut out)?;
        } else if is_special(c) {
            break;
        } else {
            out.push(c);
            at += c.len_utf8();
        }
    }
    Ok((Token::Word(out), at))
}

/// The longest of `integer`, `decimal` and `real`, behind which nothing may follow that belongs to a word.
fn number(rest: &str) -> Result<(Token, usize)> {
    let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let integer = if rest.starts_with('0') { 1 } else { digits(0) };
    let decimal = rest[integer..].starts_with('.').then(|| integer + 1 + digits(integer + 1));
    let mut end = decimal.unwrap_or(integer);
    // `1..e3` has no exponent: its number is `1.`.
    if rest[end..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        } else if sign > 0 {
            return Err(syntax_error("invalid numeric literal", &rest[..end + 2]));
        }
    }
    if let Some(junk) = rest[end..].chars().next().filter(|c| !is_special(*c)) {
        let end = end + junk.len_utf8();
        return Err(syntax_error("trailing junk after numeric literal", &rest[..end]));
    }
    let text = rest[..end].to_owned();
    Ok((if end == integer { Token::Integer(text) } else { Token::Number(text) }, end))
}

/// A text in quotes, and its length with them.
fn quoted(text: &str) -> Result<(String, usize)> {
    let mut out = String::new();
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' => return Ok((out, at + 1)),
            '\\' => at += escape(&text[at..], &mut out)?,
            c => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    Err(syntax_error("unterminated quoted string", ""))
}

/// A backslash and what follows it: its length.
fn escape(text: &str, out: &mut String) -> Result<usize> {
    let Some(c) = text[1..].chars().next() else {
        return Err(syntax_error("unexpected end after backslash", ""));
    };
    let plain = match c {
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => {
            let digits = text.get(2..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let digits = digits.ok_or_else(|| syntax_error("invalid hex character sequence", &text[..2]))?;
            out.push(character(u32::from_str_radix(digits, 16).unwrap_or_default())?);
            return Ok(4);
        }
        'u' => return unicode(text, out),
        c => c,
    };
    out.push(plain);
    Ok(1 + c.len_utf8())
}

fn character(code: u32) -> Result<char> {
    if code == 0 {
        return Err(Error::new(SqlState::UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
            .detail("\\u0000 cannot be converted to text."));
    }
    char::from_u32(code)
        .ok_or_else(|| invalid_surrogate("Unicode low surrogate must follow a high surrogate."))
}

fn invalid_surrogate(detail: &str) -> Error {
    Error::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath").detail(detail)
}

/// `\uXXXX`, `\u{X…}`, surrogates in pairs.
fn unicode(text: &str, out: &mut String) -> Result<usize> {
    // What is shown is what there is of the escape (`unicodefail`).
    let shown = |text: &str| {
        let braced = text.get(2..).is_some_and(|digits| digits.starts_with('{'));
        let (begin, most) = if braced { (3, 6) } else { (2, 3) };
        let digits = text.bytes().skip(begin).take(most).take_while(u8::is_ascii_hexdigit).count();
        text.get(..begin + digits).unwrap_or(text).to_owned()
    };
    let invalid = || syntax_error("invalid unicode sequence", &shown(text));
    let one = |text: &str| -> Option<(u32, usize)> {
        let digits = text.strip_prefix("\\u")?;
        if let Some(braced) = digits.strip_prefix('{') {
            let end = braced.find('}').filter(|end| (1..=6).contains(end))?;
            return Some((u32::from_str_radix(&braced[..end], 16).ok()?, end + 4));
        }
        let digits = digits.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        Some((u32::from_str_radix(digits, 16).ok()?, 6))
    };
    let (code, length) = one(text).ok_or_else(invalid)?;
    if (0xD800..0xDC00).contains(&code) {
        let (first, rest) = text.split_at(length);
        let next = one(rest);
        if next.is_none() && rest.starts_with("\\u") {
            return Err(syntax_error("invalid unicode sequence", &format!("{first}{}", shown(rest))));
        }
        let is_high = next.is_some_and(|(next, _)| (0xD800..0xDC00).contains(&next));
        let detail = match is_high {
            true => "Unicode high surrogate must not follow a high surrogate.",
            false => "Unicode low surrogate must follow a high surrogate.",
        };
        let low = next.filter(|(low, _)| (0xDC00..0xE000).contains(low));
        let (low, more) = low.ok_or_else(|| invalid_surrogate(detail))?;
        out.push(character(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00))?);
        return Ok(length + more);
    }
    out.push(character(code)?);
    Ok(length)
}
