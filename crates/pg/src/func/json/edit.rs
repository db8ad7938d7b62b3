//! `jsonb`: concatenation, deletion, setting and inserting by path; stripping nulls.

use super::raw::{self, Kind};
use super::{invalid, jsonb, tree};
use crate::func::args::Jsonb;
use crate::json::{Json, validate_json_strings, write_json_string};
use crate::{Array, Error, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "jsonb_concat" => |a: Jsonb<'_>, b: Jsonb<'_>| concatenate(tree(a.0)?, tree(b.0)?).map(|json| jsonb(&json));
    "jsonb_delete" => |a: Jsonb<'_>, name: &str| delete_names(tree(a.0)?, &[name]).map(|json| jsonb(&json));
    "jsonb_delete_array" => |a: Jsonb<'_>, names: &Array|
        delete_names(tree(a.0)?, &steps(names)?.into_iter().flatten().collect::<Vec<_>>()).map(|json| jsonb(&json));
    "jsonb_delete_idx" => |a: Jsonb<'_>, n: i32| delete_index(tree(a.0)?, n).map(|json| jsonb(&json));
    "jsonb_delete_path" => |a: Jsonb<'_>, path: &Array| delete_path(tree(a.0)?, path).map(|json| jsonb(&json));
    "jsonb_set" => |a: Jsonb<'_>, path: &Array, new: Jsonb<'_>, create: bool| set(a.0, path, new.0, create);
    "jsonb_set_lax" => |a: Option<Jsonb<'_>>, path: Option<&Array>, new: Option<Jsonb<'_>>, create: Option<bool>, treatment: Option<&str>|
        set_lax(a, path, new, create, treatment);
    "jsonb_insert" => |a: Jsonb<'_>, path: &Array, new: Jsonb<'_>, after: bool| insert(a.0, path, new.0, after);
    "json_strip_nulls" => |a: &str| {
        let mut out = String::new();
        validate_json_strings(a).and_then(|()| strip_text(a, &mut out)).map(|()| out)
    };
    "jsonb_strip_nulls" => |a: Jsonb<'_>| tree(a.0).map(|a| jsonb(&stripped(a)));
});

/// `jsonb_concat`: objects are merged, anything else becomes an array.
fn concatenate(a: Json, b: Json) -> Result<Json> {
    Ok(match (a, b) {
        (Json::Object(mut a), Json::Object(b)) => {
            a.extend(b);
            Json::object(a)
        }
        (a, b) => {
            let mut items = into_items(a);
            items.extend(into_items(b));
            Json::Array(items)
        }
    })
}

fn into_items(json: Json) -> Vec<Json> {
    match json {
        Json::Array(items) => items,
        other => vec![other],
    }
}

fn delete_names(json: Json, names: &[&str]) -> Result<Json> {
    match json {
        Json::Object(members) => Ok(Json::Object(
            members.into_iter().filter(|(name, _)| !names.contains(&name.as_str())).collect(),
        )),
        Json::Array(items) => {
            let gone = |item: &Json| matches!(item, Json::String(text) if names.contains(&text.as_str()));
            Ok(Json::Array(items.into_iter().filter(|item| !gone(item)).collect()))
        }
        _ => Err(invalid("cannot delete from scalar")),
    }
}

fn delete_index(json: Json, n: i32) -> Result<Json> {
    match json {
        Json::Array(mut items) => {
            if let Some(at) = super::access::place(n, items.len()) {
                items.remove(at);
            }
            Ok(Json::Array(items))
        }
        Json::Object(_) => Err(invalid("cannot delete from object using integer index")),
        _ => Err(invalid("cannot delete from scalar")),
    }
}

/// The steps of a path.
fn steps(path: &Array) -> Result<Vec<Option<&str>>> {
    if path.dims.len() > 1 {
        return Err(Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts"));
    }
    Ok(path.items.iter().map(Value::as_str).collect())
}

/// What happens at the end of a path.
enum Change {
    Delete,
    Set { new: Json, create: bool },
    Insert { new: Json, after: bool },
}

fn delete_path(json: Json, path: &Array) -> Result<Json> {
    let steps = steps(path)?;
    match &json {
        Json::Array(items) if items.is_empty() => Ok(json),
        Json::Object(members) if members.is_empty() => Ok(json),
        Json::Array(_) | Json::Object(_) if steps.is_empty() => Ok(json),
        Json::Array(_) | Json::Object(_) => change(json, &steps, 0, &Change::Delete),
        _ => Err(invalid("cannot delete path in scalar")),
    }
}

fn set(a: &str, path: &Array, new: &str, create: bool) -> Result<Value> {
    let (json, new) = (tree(a)?, tree(new)?);
    let steps = steps(path)?;
    if !matches!(json, Json::Array(_) | Json::Object(_)) {
        return Err(invalid("cannot set path in scalar"));
    }
    let empty = match &json {
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    };
    if steps.is_empty() || empty && !create {
        return Ok(jsonb(&json));
    }
    change(json, &steps, 0, &Change::Set { new, create }).map(|json| jsonb(&json))
}

fn insert(a: &str, path: &Array, new: &str, after: bool) -> Result<Value> {
    let (json, new) = (tree(a)?, tree(new)?);
    let steps = steps(path)?;
    if !matches!(json, Json::Array(_) | Json::Object(_)) {
        return Err(invalid("cannot set path in scalar"));
    }
    if steps.is_empty() {
        return Ok(jsonb(&json));
    }
    change(json, &steps, 0, &Change::Insert { new, after }).map(|json| jsonb(&json))
}

/// `jsonb_set_lax`: what to do when the new value is NULL.
fn set_lax(
    a: Option<Jsonb<'_>>,
    path: Option<&Array>,
    new: Option<Jsonb<'_>>,
    create: Option<bool>,
    treatment: Option<&str>,
) -> Result<Value> {
    let (Some(a), Some(path), Some(create)) = (a, path, create) else { return Ok(Value::Null) };
    let Some(treatment) = treatment else { return Err(bad_treatment()) };
    if let Some(new) = new {
        return set(a.0, path, new.0, create);
    }
    match treatment {
        "raise_exception" => Err(Error::new(SqlState::NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
            .detail("Exception was raised because null_value_treatment is \"raise_exception\".")
            .hint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")),
        "use_json_null" => set(a.0, path, "null", create),
        "delete_key" => delete_path(tree(a.0)?, path).map(|json| jsonb(&json)),
        "return_target" => Ok(Value::Jsonb(a.0.into())),
        _ => Err(bad_treatment()),
    }
}

fn bad_treatment() -> Error {
    invalid(
        "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"",
    )
}

/// `setPath`
fn change(json: Json, steps: &[Option<&str>], level: usize, how: &Change) -> Result<Json> {
    let Some(step) = steps.get(level) else { return Ok(json) };
    let step = step.ok_or_else(|| {
        Error::new(
            SqlState::NULL_VALUE_NOT_ALLOWED,
            format!("path element at position {} is null", level + 1),
        )
    });
    match json {
        Json::Object(members) => change_object(members, step?, steps, level, how),
        Json::Array(items) => change_array(items, step?, steps, level, how),
        // A path into a scalar leads nowhere.
        scalar => step.map(|_| scalar),
    }
}

fn change_object(
    mut members: Vec<(String, Json)>,
    name: &str,
    steps: &[Option<&str>],
    level: usize,
    how: &Change,
) -> Result<Json> {
    let last = level + 1 == steps.len();
    let at = members.iter().position(|(own, _)| own == name);
    match (at, last, how) {
        (Some(at), true, Change::Delete) => {
            members.remove(at);
        }
        (Some(at), true, Change::Set { new, .. }) => members[at].1 = new.clone(),
        (Some(_), true, Change::Insert { .. }) => {
            return Err(invalid("cannot replace existing key")
                .hint("Try using the function jsonb_set to replace key value."));
        }
        (Some(at), false, _) => {
            let inner = std::mem::replace(&mut members[at].1, Json::Null);
            members[at].1 = change(inner, steps, level + 1, how)?;
        }
        (None, true, Change::Set { new, create: true } | Change::Insert { new, .. }) => {
            members.push((name.to_owned(), new.clone()));
            return Ok(Json::object(members));
        }
        (None, _, _) => {}
    }
    Ok(Json::Object(members))
}

fn change_array(
    mut items: Vec<Json>,
    step: &str,
    steps: &[Option<&str>],
    level: usize,
    how: &Change,
) -> Result<Json> {
    let n: i32 = step.trim_start().parse().map_err(|_| {
        Error::new(
            SqlState::INVALID_TEXT_REPRESENTATION,
            format!("path element at position {} is not an integer: \"{step}\"", level + 1),
        )
    })?;
    let length = items.len();
    // Before the first is the first place, after the last the one behind it.
    let (at, before) = if n < 0 {
        match length.checked_sub(n.unsigned_abs() as usize) {
            Some(at) => (at, false),
            None => (0, true),
        }
    } else {
        ((n as usize).min(length), false)
    };
    let exists = !before && at < length;
    let last = level + 1 == steps.len();
    match (exists, last, how) {
        (true, true, Change::Delete) => {
            items.remove(at);
        }
        (true, true, Change::Set { new, .. }) => items[at] = new.clone(),
        (true, true, Change::Insert { new, after }) => items.insert(at + usize::from(*after), new.clone()),
        (true, false, _) => {
            let inner = std::mem::replace(&mut items[at], Json::Null);
            items[at] = change(inner, steps, level + 1, how)?;
        }
        (false, true, Change::Set { new, create: true } | Change::Insert { new, .. }) => {
            items.insert(at, new.clone());
        }
        (false, _, _) => {}
    }
    Ok(Json::Array(items))
}

fn stripped(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(_, value)| *value != Json::Null)
                .map(|(name, value)| (name, stripped(value)))
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(stripped).collect()),
        scalar => scalar,
    }
}

/// `json_strip_nulls`: the text without nulls in objects, and without space.
fn strip_text(text: &str, out: &mut String) -> Result<()> {
    match raw::kind(text) {
        Kind::Object => {
            out.push('{');
            let mut first = true;
            for (name, value) in raw::members(text)? {
                if raw::kind(value) == Kind::Null {
                    continue;
                }
                if !first {
                    out.push(',');
                }
                first = false;
                write_json_string(&name, out);
                out.push(':');
                strip_text(value, out)?;
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (at, element) in raw::elements(text)?.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                strip_text(element, out)?;
            }
            out.push(']');
        }
        Kind::String => write_json_string(&raw::decoded(text)?, out),
        _ => out.push_str(text.trim_matches(raw::is_space)),
    }
    Ok(())
}
