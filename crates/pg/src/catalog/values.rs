//! Built-in rows as values: the input functions of the few types that the catalog's tables have.

use std::sync::Arc;

use super::data::system_table;
use super::relations::SystemRelation;
use super::types::{base_type, type_by_oid};
use crate::{Array, Oid, Value, oid};

/// The built-in rows of a table, one value per column. Functions (`regproc`) and other objects are [`Value::Oid`].
pub fn system_rows(relation: &SystemRelation) -> Vec<Vec<Value>> {
    let Some(table) = system_table(relation.name) else { return Vec::new() };
    let types: Vec<Oid> = relation.columns.iter().map(|column| column.type_oid).collect();
    table
        .rows()
        .map(|row| {
            let mut values: Vec<Value> = row
                .zip(&types)
                .map(|(field, ty)| field.map_or(Value::Null, |text| decode(*ty, &text)))
                .collect();
            values.resize(types.len(), Value::Null);
            values
        })
        .collect()
}

/// A value from its text form in the data files; what can't be read is NULL.
pub fn decode(type_oid: Oid, text: &str) -> Value {
    match base_type(type_oid, -1).0 {
        oid::BOOL => Value::Bool(text == "t"),
        oid::CHAR => Value::Char(text.bytes().next().unwrap_or(0)),
        oid::INT2 => text.parse().map_or(Value::Null, Value::Int2),
        oid::INT4 => text.parse().map_or(Value::Null, Value::Int4),
        oid::INT8 => text.parse().map_or(Value::Null, Value::Int8),
        oid::FLOAT4 => text.parse().map_or(Value::Null, Value::Float4),
        oid::OID | oid::REGPROC | oid::XID | oid::CID => {
            text.parse().map_or(Value::Null, |n| Value::Oid(Oid(n)))
        }
        oid::INT2VECTOR => vector(oid::INT2, text),
        oid::OIDVECTOR => vector(oid::OID, text),
        other @ (oid::INET | oid::CIDR | oid::PG_LSN | oid::XID8 | oid::TID) => {
            let value = crate::other::input(text, crate::TypeRef::of(other), &crate::Env::default());
            value.ok().flatten().unwrap_or_default()
        }
        other => match type_by_oid(other) {
            Some(row) if row.is_array() => array(row.element, text),
            _ => Value::text(text),
        },
    }
}

fn vector(element: Oid, text: &str) -> Value {
    let items = text.split_ascii_whitespace().map(|item| decode(element, item)).collect();
    Value::Array(Arc::new(Array::vector(element, items)))
}

/// A one-dimensional array in `array_out`'s form.
fn array(element: Oid, text: &str) -> Value {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let mut items = Vec::new();
    let mut chars = inner.chars().peekable();
    while chars.peek().is_some() {
        let (mut item, mut quoted) = (String::new(), false);
        while let Some(c) = chars.next() {
            match c {
                '"' if !quoted && item.is_empty() => {
                    quoted = true;
                    while let Some(c) = chars.next().filter(|c| *c != '"') {
                        item.extend(if c == '\\' { chars.next() } else { Some(c) });
                    }
                }
                ',' => break,
                c => item.push(c),
            }
        }
        items.push(if item == "NULL" && !quoted { Value::Null } else { decode(element, &item) });
    }
    Value::Array(Arc::new(Array::one_dimensional(element, items)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{system_relation, system_relations};

    #[test]
    fn every_built_in_field_can_be_read() {
        for relation in system_relations().iter().filter(|relation| relation.kind == 'r') {
            let Some(table) = system_table(relation.name) else { continue };
            let rows = system_rows(relation);
            assert_eq!(rows.len(), table.rows().count());
            for (values, fields) in rows.iter().zip(table.rows()) {
                for ((value, field), column) in values.iter().zip(fields).zip(&relation.columns) {
                    assert_eq!(value.is_null(), field.is_none(), "{}.{}", relation.name, column.name);
                }
            }
        }
    }

    #[test]
    fn arrays_with_quotes() {
        let Value::Array(array) = decode(oid::ACLITEM_ARRAY, r#"{=r/postgres,"\"a b\"=r/x",""}"#) else {
            panic!()
        };
        assert_eq!(array.items, [Value::text("=r/postgres"), Value::text("\"a b\"=r/x"), Value::text("")]);
        assert_eq!(decode(oid::CHAR, ""), Value::Char(0));
        let pg_proc = system_relation(Oid(1255)).expect("pg_proc");
        let row =
            system_rows(pg_proc).into_iter().find(|row| row[0] == Value::Oid(Oid(1242))).expect("boolin");
        assert_eq!(row[19], Value::Array(Arc::new(Array::vector(oid::OID, vec![Value::Oid(oid::CSTRING)]))));
    }
}
