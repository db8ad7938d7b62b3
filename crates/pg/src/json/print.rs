//! JSON to text (`JsonbToCString`, `escape_json`).

use std::fmt::Write;

use super::Json;

/// Appends a document as `jsonb_out` writes it.
pub fn write_jsonb(json: &Json, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        // Writing to a String cannot fail.
        Json::Number(number) => number.write_text(out).unwrap_or_default(),
        Json::String(text) => write_json_string(text, out),
        Json::Datetime(datetime) => write_json_string(&datetime.text, out),
        Json::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_jsonb(item, out);
            }
            out.push(']');
        }
        Json::Object(pairs) => {
            out.push('{');
            for (at, (key, value)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_json_string(key, out);
                out.push_str(": ");
                write_jsonb(value, out);
            }
            out.push('}');
        }
    }
}

/// Appends a string in quotes (`escape_json`).
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < 32 || b == b'"' || b == b'\\') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        match special.as_bytes().first() {
            Some(b'\x08') => out.push_str("\\b"),
            Some(b'\x0c') => out.push_str("\\f"),
            Some(b'\n') => out.push_str("\\n"),
            Some(b'\r') => out.push_str("\\r"),
            Some(b'\t') => out.push_str("\\t"),
            Some(b'"') => out.push_str("\\\""),
            Some(b'\\') => out.push_str("\\\\"),
            Some(byte) => write!(out, "\\u{byte:04x}").unwrap_or_default(),
            None => {}
        }
        rest = special.get(1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}
