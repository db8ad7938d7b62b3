//! Arrays from text and to text: `string_to_array`, `array_to_string`.

use crate::{Array, Value, oid};

kernels!(KERNELS(call) {
    "text_to_array" => |text: Option<&str>, by: Option<&str>| to_array(text, by, None);
    "text_to_array_null" => |text: Option<&str>, by: Option<&str>, null: Option<&str>| to_array(text, by, null);
});

/// The parts of a text: between separators, or its characters if there is none; the null string is NULL.
pub(super) fn split(text: &str, by: Option<&str>, null: Option<&str>) -> Vec<Value> {
    let value = |part: &str| if Some(part) == null { Value::Null } else { Value::text(part) };
    if text.is_empty() {
        return Vec::new();
    }
    match by {
        None => text.chars().map(|c| value(c.encode_utf8(&mut [0; 4]))).collect(),
        Some("") => vec![value(text)],
        Some(by) => text.split(by).map(value).collect(),
    }
}

fn to_array(text: Option<&str>, by: Option<&str>, null: Option<&str>) -> Option<Array> {
    text.map(|text| Array::one_dimensional(oid::TEXT, split(text, by, null)))
}
