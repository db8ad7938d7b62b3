//! Rows that can't be inserted, in PostgreSQL's words (`ExecConstraints`, `_bt_check_unique`): Hazelcast's name neither
//! the relation nor the row.

use std::collections::HashSet;
use std::sync::Arc;

use pg::{Env, Error, Numeric, Result, SqlState, TypeRef, Value};

use crate::catalog::{Column, Relation};
use crate::hazelcast::SqlType;

/// How much of a value is shown.
const SHOWN: usize = 64;

/// The binary forms of the parts of a key.
pub(super) type KeyBytes = Vec<Option<Vec<u8>>>;

/// What rows must satisfy, and how it is said that one does not.
#[derive(Clone, Debug)]
pub(super) struct Constraints {
    relation: Arc<Relation>,
    /// Where the columns that are written stand in the relation.
    columns: Vec<usize>,
    /// Parts of keys must not be NULL either.
    parts_too: bool,
}

impl Constraints {
    pub(super) fn new(relation: &Arc<Relation>, columns: &[usize], parts_too: bool) -> Constraints {
        Constraints { relation: relation.clone(), columns: columns.to_vec(), parts_too }
    }

    /// No part of a key may be NULL, nor left out: tools take it for the primary key. (SINK may leave parts out.)
    pub(super) fn check(&self, row: &[Value], env: &Env) -> Result<()> {
        let missing = |&(index, _): &(usize, &Column)| self.value(row, index).is_none_or(Value::is_null);
        let column = match self.whole_key() {
            Some(whole) => missing(&whole).then_some(whole.1),
            None if self.parts_too => self.key_columns().into_iter().find(missing).map(|(_, column)| column),
            None => None,
        };
        let Some(column) = column else { return Ok(()) };
        let message = format!(
            "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
            column.name, self.relation.name
        );
        let visible = self.relation.columns.iter().enumerate().filter(|(_, column)| !column.hidden);
        let values = visible.map(|(index, column)| self.shown(row, index, column.ty, env));
        let values: Vec<String> = values.collect::<Result<_>>()?;
        let detail = format!("Failing row contains ({}).", values.join(", "));
        let mut error = Error::new(SqlState::NOT_NULL_VIOLATION, message).detail(detail);
        let fields = error.fields_mut();
        fields.schema = Some(self.relation.schema.to_string());
        fields.table = Some(self.relation.name.to_string());
        fields.column = Some(column.name.to_string());
        Err(error)
    }

    /// No key may come twice: said before anything is written, since what is written stays. Keys are compared by their
    /// binary form, so numerics of the same value in other scales count as different, as they do in a map.
    pub(super) fn check_unique(&self, rows: &[Vec<Value>], env: &Env) -> Result<()> {
        if rows.len() < 2 || self.key_columns().is_empty() {
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(rows.len());
        for row in rows {
            if !seen.insert(self.key_bytes(row, env)?) {
                return Err(self.duplicate(std::slice::from_ref(row), env));
            }
        }
        Ok(())
    }

    /// The key of a row, to compare it with others.
    pub(super) fn key_bytes(&self, row: &[Value], env: &Env) -> Result<KeyBytes> {
        let part = |&(index, column): &(usize, &Column)| match self.value(row, index) {
            Some(value) if !value.is_null() => {
                let mut bytes = Vec::new();
                pg::binary::send(value, column.ty.oid, env, &mut bytes).map(|()| Some(bytes))
            }
            _ => Ok(None),
        };
        self.key_columns().iter().map(part).collect()
    }

    /// The error of a statement of these rows, which says the key when there is just one row.
    pub(super) fn explain(&self, error: Error, rows: &[Vec<Value>], env: &Env) -> Error {
        if error.code() != SqlState::UNIQUE_VIOLATION {
            return error;
        }
        self.duplicate(rows, env)
    }

    /// The key of one of these rows is there already.
    pub(super) fn duplicate(&self, rows: &[Vec<Value>], env: &Env) -> Error {
        let relation = &self.relation.name;
        let message = format!("duplicate key value violates unique constraint \"{relation}_pkey\"");
        let mut told = Error::new(SqlState::UNIQUE_VIOLATION, message);
        let fields = told.fields_mut();
        fields.schema = Some(self.relation.schema.to_string());
        fields.table = Some(relation.to_string());
        fields.constraint = Some(format!("{relation}_pkey"));
        match rows {
            [row] => match self.key(row, env) {
                Ok((names, values)) => told.detail(format!("Key ({names})=({values}) already exists.")),
                Err(_) => told,
            },
            _ => told.detail("The key of one of the rows already exists."),
        }
    }

    /// The names and values of the key.
    fn key(&self, row: &[Value], env: &Env) -> Result<(String, String)> {
        let columns = self.key_columns();
        let names: Vec<&str> = columns.iter().map(|(_, column)| &*column.name).collect();
        let values = columns.iter().map(|(index, column)| self.shown(row, *index, column.ty, env));
        Ok((names.join(", "), values.collect::<Result<Vec<_>>>()?.join(", ")))
    }

    /// The columns that make the key.
    fn key_columns(&self) -> Vec<(usize, &Column)> {
        match self.whole_key() {
            Some(whole) => vec![whole],
            None => self.relation.key_columns().filter(|(_, column)| !column.hidden).collect(),
        }
    }

    /// The key, when it is a column. A key whose parts are columns has itself as a hidden one.
    fn whole_key(&self) -> Option<(usize, &Column)> {
        let mut columns = self.relation.key_columns();
        let whole = columns.find(|(_, column)| column.external_name.as_deref() == Some("__key"))?;
        let parts = self.relation.key_columns().count() > 1;
        (!parts).then_some(whole)
    }

    /// What a row has for a column of the relation.
    pub(super) fn value<'a>(&self, row: &'a [Value], index: usize) -> Option<&'a Value> {
        self.columns.iter().position(|&column| column == index).and_then(|at| row.get(at))
    }

    /// A value as it is shown in a detail (`ExecBuildSlotValueDescription`).
    fn shown(&self, row: &[Value], index: usize, ty: TypeRef, env: &Env) -> Result<String> {
        let value = match self.value(row, index) {
            Some(value) if !value.is_null() => value,
            _ => return Ok("null".to_owned()),
        };
        let mut text = Vec::new();
        pg::text::output(value, ty.oid, env, &mut text)?;
        let text = String::from_utf8_lossy(&text);
        match text.get(..text.floor_char_boundary(SHOWN)) {
            Some(start) if start.len() < text.len() => Ok(format!("{start}...")),
            _ => Ok(text.into_owned()),
        }
    }
}

/// That Hazelcast has a value of a type like this one.
pub(super) fn storable(value: &Value, ty: SqlType) -> Result<()> {
    let fits = match value {
        Value::Int2(value) => ty != SqlType::TinyInt || i8::try_from(*value).is_ok(),
        Value::Numeric(numeric) => matches!(**numeric, Numeric::Finite { .. }),
        Value::Date(days) => !matches!(*days, i32::MAX | i32::MIN),
        Value::Time(micros) => *micros < 86_400_000_000,
        Value::Timestamp(micros) | Value::TimestampTz(micros) => !matches!(*micros, i64::MAX | i64::MIN),
        _ => true,
    };
    if fits { Ok(()) } else { Err(not_storable(ty)) }
}

pub(super) fn not_storable(ty: SqlType) -> Error {
    let message = format!("value can't be stored as {} in Hazelcast", ty.name());
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message)
}
