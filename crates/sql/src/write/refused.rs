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
    /// Those columns' types in the cluster, and how they are stored.
    stored: Vec<Option<(SqlType, Form)>>,
    /// Where the columns stand that must not be NULL, the key's first.
    required: Vec<usize>,
}

impl Constraints {
    pub(super) fn new(relation: &Arc<Relation>, columns: &[usize], parts_too: bool) -> Constraints {
        let stored = columns.iter().map(|&index| {
            let column = relation.columns.get(index)?;
            Some((column.cluster_type?, Form::of(relation, column)))
        });
        let (stored, columns) = (stored.collect(), columns.to_vec());
        let mut constraints =
            Constraints { relation: relation.clone(), columns, stored, required: Vec::new() };
        constraints.required = constraints.required(parts_too);
        constraints
    }

    /// The columns that must not be NULL. No part of a key may be so: tools take it for the primary key. (SINK may leave
    /// parts out.)
    fn required(&self, parts_too: bool) -> Vec<usize> {
        let key = match self.whole_key() {
            Some(whole) => vec![whole],
            None if parts_too => self.key_columns(),
            None => Vec::new(),
        };
        let columns = self.relation.columns.iter().enumerate();
        let others = columns.filter(|(_, column)| column.not_null && !column.hidden);
        key.into_iter().chain(others).map(|(index, _)| index).collect()
    }

    /// That a row can be stored.
    pub(super) fn check(&self, row: &[Value], env: &Env) -> Result<()> {
        if let Some(column) = self.null(row) {
            return Err(self.null_in(column, row, env)?);
        }
        row.iter().zip(&self.stored).try_for_each(|(value, stored)| match stored {
            Some((ty, form)) => storable(value, *ty, *form),
            None => Ok(()),
        })
    }

    /// A column that is NULL in the row, or left out, and must not be.
    fn null(&self, row: &[Value]) -> Option<&Column> {
        let missing = |index: &&usize| self.value(row, **index).is_none_or(Value::is_null);
        self.required.iter().find(missing).and_then(|&index| self.relation.columns.get(index))
    }

    /// The error of a column that must not be NULL.
    fn null_in(&self, column: &Column, row: &[Value], env: &Env) -> Result<Error> {
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
        Ok(error)
    }

    /// No key may come twice: said before anything is written, since what is written stays. Keys are compared by their
    /// binary form, so numerics of the same value in other scales count as different, as they do in a map.
    pub(super) fn check_unique(&self, rows: &[Vec<Value>], env: &Env) -> Result<(), (usize, Error)> {
        if rows.len() < 2 || self.key_columns().is_empty() {
            return Ok(());
        }
        let mut seen = HashSet::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            if !seen.insert(self.key_bytes(row, env).map_err(|error| (at, error))?) {
                return Err((at, self.duplicate(std::slice::from_ref(row), env)));
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

/// How a column is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As a member of a JSON object.
    Json,
    /// As a value of its type.
    Typed,
}

impl Form {
    fn of(relation: &Relation, column: &Column) -> Form {
        let external = column.external_name.as_deref().unwrap_or(&column.name);
        let option = if external.starts_with("__key") { "keyFormat" } else { "valueFormat" };
        let format = relation.mapping().and_then(|mapping| mapping.option(option));
        let whole = matches!(external, "this" | "__key");
        if format == Some("json-flat") && !whole { Form::Json } else { Form::Typed }
    }
}

/// That Hazelcast has a value of a type like this one, and can store it so.
pub(super) fn storable(value: &Value, ty: SqlType, form: Form) -> Result<()> {
    let finite = match value {
        Value::Float4(x) => x.is_finite(),
        Value::Float8(x) => x.is_finite(),
        _ => true,
    };
    if !finite && form == Form::Json {
        let message = "NaN and Infinity can't be stored in JSON";
        let hint = "Values of formats compact, portable and double can be NaN and Infinity.";
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message).hint(hint));
    }
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
