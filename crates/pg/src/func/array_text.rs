//! Arrays from text and to text: `string_to_array`, `array_to_string`.

use super::Call;
use super::output::text_of;
use crate::{Array, Result, Value, oid};

kernels!(KERNELS(call) {
    "text_to_array" => |text: Option<&str>, by: Option<&str>| to_array(text, by, None);
    "text_to_array_null" => |text: Option<&str>, by: Option<&str>, null: Option<&str>| to_array(text, by, null);
    "array_to_text" => |array: &Array, by: &str| join(call, array, by, None);
    "array_to_text_null" => |array: Option<&Array>, by: Option<&str>, null: Option<&str>| match (array, by) {
        (Some(array), Some(by)) => join(call, array, by, null).map(Some),
        _ => Ok(None),
    };
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

/// `array_to_text_internal`: all elements of all dimensions.
fn join(call: &Call<'_>, array: &Array, by: &str, null: Option<&str>) -> Result<String> {
    let mut out = String::new();
    let mut first = true;
    for item in &array.items {
        let text = match (item, null) {
            (Value::Null, None) => continue,
            (Value::Null, Some(null)) => null.into(),
            (item, _) => text_of(call, array.element, item)?,
        };
        if !first {
            out.push_str(by);
        }
        first = false;
        out.push_str(&text);
    }
    Ok(out)
}
