//! `format`, `concat`, `quote_ident` and their relatives (PostgreSQL's varlena.c, quote.c).

use std::iter::Peekable;
use std::str::Chars;

use super::output::{arg_type, text_of};
use super::{Call, Kernel};
use crate::catalog::quote_identifier;
use crate::{Error, Result, SqlState, Value, oid};

/// Functions of any number of arguments.
pub(super) const VARIADIC: &[(&str, Kernel)] = &[
    ("text_concat", concat),
    ("text_concat_ws", concat_ws),
    ("text_format", format),
    ("text_format_nv", format),
    ("pg_num_nulls", num_nulls),
    ("pg_num_nonnulls", num_nonnulls),
];

kernels!(KERNELS(call) {
    "quote_ident" => |a: &str| quote_identifier(a).into_owned();
    "quote_literal" => |a: &str| quote_literal(a);
    "quote_nullable" => |a: Option<&str>| a.map_or("NULL".to_owned(), quote_literal);
    "parse_ident" => |a: &str, strict: bool| super::ident::parse_ident(a, strict);
});

/// Functions written in SQL: by way of the text form.
pub(super) const SQL_FUNCTIONS: &[(u32, Kernel)] = &[
    (1285, kernel!(call; |a: &Value| cast_text(call, 0, a).map(|text| quote_literal(&text)))),
    (
        1290,
        kernel!(call; |a: &Value| if a.is_null() {
            Ok("NULL".to_owned())
        } else {
            cast_text(call, 0, a).map(|text| quote_literal(&text))
        }),
    ),
    // (anynonarray || text), (text || anynonarray)
    (2004, kernel!(call; |a: &Value, b: &str| cast_text(call, 0, a).map(|a| a + b))),
    (2003, kernel!(call; |a: &str, b: &Value| cast_text(call, 1, b).map(|b| [a, &b].concat()))),
];

/// What `CAST (argument AS text)` gives, which for a few types is not what is shown of them (`pg_cast`).
fn cast_text(call: &Call<'_>, at: usize, value: &Value) -> Result<String> {
    match (arg_type(call, at), value) {
        (oid::BOOL, Value::Bool(value)) => Ok(if *value { "true" } else { "false" }.to_owned()),
        (oid::INET | oid::CIDR, _) => {
            let mut text = text_of(call, oid::INET, value)?;
            if !text.contains('/') {
                text.push_str(if text.contains(':') { "/128" } else { "/32" });
            }
            Ok(text)
        }
        (ty, _) => text_of(call, ty, value),
    }
}

/// `quote_literal_internal`: with backslashes it is an escape string.
pub(super) fn quote_literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 3);
    if text.contains('\\') {
        out.push('E');
    }
    out.push('\'');
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}

fn num_nulls(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Int4(args.iter().filter(|arg| arg.is_null()).count() as i32))
}

fn num_nonnulls(_: &Call<'_>, args: &[Value]) -> Result<Value> {
    Ok(Value::Int4(args.iter().filter(|arg| !arg.is_null()).count() as i32))
}

/// The texts of arguments that aren't NULL, one after the other.
fn join(call: &Call<'_>, args: &[Value], from: usize, separator: &str) -> Result<Value> {
    let mut out = String::new();
    let mut first = true;
    for (at, value) in args.iter().enumerate().skip(from).filter(|(_, value)| !value.is_null()) {
        if !first {
            out.push_str(separator);
        }
        first = false;
        out.push_str(&text_of(call, arg_type(call, at), value)?);
    }
    Ok(Value::text(out))
}

fn concat(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    join(call, args, 0, "")
}

fn concat_ws(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    match args.first() {
        Some(Value::Text(separator)) => join(call, args, 1, separator),
        _ => Ok(Value::Null),
    }
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn unterminated() -> Error {
    invalid("unterminated format() type specifier").hint("For a single \"%\" use \"%%\".")
}

/// A format specifier: `%[position][flags][width]type`.
#[derive(Default)]
struct Specifier {
    position: Option<usize>,
    left: bool,
    width: Width,
    kind: char,
}

#[derive(Default)]
enum Width {
    #[default]
    None,
    Number(i32),
    /// The value of the next argument, or of the one of that number.
    Argument(Option<usize>),
}

fn number(chars: &mut Peekable<Chars<'_>>) -> Result<Option<i32>> {
    let mut value: Option<i32> = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        let next = value.unwrap_or(0).checked_mul(10).and_then(|value| value.checked_add(digit as i32));
        value = Some(
            next.ok_or_else(|| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"))?,
        );
        chars.next();
    }
    Ok(value)
}

fn argument_number(n: i32) -> Result<usize> {
    if n == 0 {
        return Err(invalid("format specifies argument 0, but arguments are numbered from 1"));
    }
    Ok(n as usize)
}

/// `text_format_parse_format`
fn specifier(chars: &mut Peekable<Chars<'_>>) -> Result<Specifier> {
    let mut spec = Specifier::default();
    let more = |chars: &mut Peekable<Chars<'_>>| {
        if chars.peek().is_none() { Err(unterminated()) } else { Ok(()) }
    };
    more(chars)?;
    if let Some(n) = number(chars)? {
        more(chars)?;
        if chars.peek() == Some(&'$') {
            chars.next();
            spec.position = Some(argument_number(n)?);
            more(chars)?;
        } else {
            // It was the width.
            spec.width = Width::Number(n);
        }
    }
    if matches!(spec.width, Width::None) {
        while chars.next_if_eq(&'-').is_some() {
            spec.left = true;
            more(chars)?;
        }
        if chars.next_if_eq(&'*').is_some() {
            more(chars)?;
            let position = number(chars)?;
            if let Some(n) = position {
                more(chars)?;
                if chars.next_if_eq(&'$').is_none() {
                    return Err(invalid("width argument position must be ended by \"$\""));
                }
                spec.width = Width::Argument(Some(argument_number(n)?));
            } else {
                spec.width = Width::Argument(None);
            }
            more(chars)?;
        } else if let Some(n) = number(chars)? {
            spec.width = Width::Number(n);
            more(chars)?;
        }
    }
    spec.kind = chars.next().ok_or_else(unterminated)?;
    Ok(spec)
}

/// `text_format`
fn format(call: &Call<'_>, args: &[Value]) -> Result<Value> {
    let Some(Value::Text(format)) = args.first() else { return Ok(Value::Null) };
    let mut out = String::new();
    let mut next = 1;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let spec = specifier(&mut chars)?;
        if !matches!(spec.kind, 's' | 'I' | 'L') {
            return Err(invalid(format!("unrecognized format() type specifier \"{}\"", spec.kind))
                .hint("For a single \"%\" use \"%%\"."));
        }
        let (width, left) = width(call, args, &spec, &mut next)?;
        let at = spec.position.unwrap_or(next);
        next = at + 1;
        let value = args.get(at).ok_or_else(|| invalid("too few arguments for format()"))?;
        push_padded(&mut out, &converted(call, arg_type(call, at), value, spec.kind)?, width, left)?;
    }
    Ok(Value::text(out))
}

/// How many bytes the widths in a format may make: written, or the largest that an argument gives.
pub fn format_widths(args: &[Value]) -> usize {
    let Some(Value::Text(format)) = args.first() else { return 0 };
    let given =
        |value: &Value| value.as_i64().map_or(0, |width| usize::try_from(width.unsigned_abs()).unwrap_or(0));
    let largest = args.iter().map(given).max().unwrap_or(0);
    let (mut bytes, mut chars) = (0usize, format.chars().peekable());
    while let Some(c) = chars.next() {
        if c != '%' || chars.next_if_eq(&'%').is_some() {
            continue;
        }
        let Ok(spec) = specifier(&mut chars) else { return bytes };
        bytes = bytes.saturating_add(match spec.width {
            Width::None => 0,
            Width::Number(width) => usize::try_from(width).unwrap_or(0),
            Width::Argument(_) => largest,
        });
    }
    bytes
}

/// `enlargeStringInfo`
pub(super) fn check_buffer(holds: usize, more: usize) -> Result<()> {
    if holds.saturating_add(more) < super::MAX_ALLOCATION {
        return Ok(());
    }
    let detail = format!("Cannot enlarge string buffer containing {holds} bytes by {more} more bytes.");
    Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "out of memory").detail(detail))
}

/// The width, and whether the text goes to the left.
fn width(call: &Call<'_>, args: &[Value], spec: &Specifier, next: &mut usize) -> Result<(usize, bool)> {
    let width = match spec.width {
        Width::None => 0,
        Width::Number(n) => n,
        Width::Argument(position) => {
            let at = position.unwrap_or(*next);
            *next = at + 1;
            let value = args.get(at).ok_or_else(|| invalid("too few arguments for format()"))?;
            match value {
                Value::Null => 0,
                Value::Int4(n) => *n,
                Value::Int2(n) => (*n).into(),
                // Any other type by way of its text.
                other => crate::text::parse_int4(&text_of(call, arg_type(call, at), other)?)?,
            }
        }
    };
    if width == i32::MIN {
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"));
    }
    Ok((width.unsigned_abs() as usize, spec.left || width < 0))
}

fn converted(call: &Call<'_>, ty: crate::Oid, value: &Value, kind: char) -> Result<String> {
    match (kind, value) {
        ('L', Value::Null) => Ok("NULL".into()),
        ('I', Value::Null) => Err(Error::new(
            SqlState::NULL_VALUE_NOT_ALLOWED,
            "null values cannot be formatted as an SQL identifier",
        )),
        (_, Value::Null) => Ok(String::new()),
        (kind, value) => {
            let text = text_of(call, ty, value)?;
            Ok(match kind {
                'I' => quote_identifier(&text).into_owned(),
                'L' => quote_literal(&text),
                _ => text,
            })
        }
    }
}

fn push_padded(out: &mut String, text: &str, width: usize, left: bool) -> Result<()> {
    let missing = width.saturating_sub(super::text::length(text) as usize);
    if left {
        out.push_str(text);
    }
    check_buffer(out.len(), missing)?;
    out.extend(std::iter::repeat_n(' ', missing));
    if !left {
        out.push_str(text);
    }
    Ok(())
}
