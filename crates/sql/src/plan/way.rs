//! The ways in which the rows of a leaf come from the cluster. Whatever the way, they are the same rows, in pages of the
//! same columns: a leaf always has the Hazelcast SQL that gives them, which is what is done when its way can't be gone.

use std::any::Any;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, OnceLock};

use pg::{Error, Oid, Result, Value, oid};

use crate::catalog::{Column, Relation};
use crate::hazelcast::SqlType;
use crate::query::Expr;

use super::piece::quote;
use super::search::IndexSearch;
use super::{Options, RemoteScan};

/// The way in which the rows of a [`super::RemoteScan`] come.
#[derive(Clone, Debug, Default)]
pub enum Way {
    /// By the statement: a job of the cluster's.
    #[default]
    Sql,
    /// The entries of some keys, by map operations on their owners.
    Keys(Box<KeyAccess>),
    /// All entries of the map, by map operations. The statement, which is for entries that can't be read, may leave out
    /// rows that conditions above leave out as well.
    Entries(EntryRead),
    /// One row: the number of the map's entries.
    Size(Arc<str>),
}

impl Way {
    /// Its name, as EXPLAIN and the settings have it.
    pub fn name(&self) -> &'static str {
        match self {
            Way::Sql => "Sql",
            Way::Keys(_) => "Keys",
            Way::Entries(_) => "Entries",
            Way::Size(_) => "Size",
        }
    }
}

/// Which ways may be gone, as PostgreSQL's `enable_*` settings: a way that is off is gone only where there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// `hazelgres.enable_sql`
    pub sql: bool,
    /// `hazelgres.enable_keys`
    pub keys: bool,
    /// `hazelgres.enable_entries`
    pub entries: bool,
    /// `hazelgres.enable_size`
    pub size: bool,
}

impl Default for Ways {
    fn default() -> Ways {
        Ways { sql: true, keys: true, entries: true, size: true }
    }
}

impl Ways {
    const NONE: Ways = Ways { sql: false, keys: false, entries: false, size: false };

    fn allow(&mut self, name: &str) -> Option<()> {
        let way = match name {
            "sql" => &mut self.sql,
            "keys" => &mut self.keys,
            "entries" => &mut self.entries,
            "size" => &mut self.size,
            _ => return None,
        };
        *way = true;
        Some(())
    }
}

/// `hazelgres.map_ways`: the ways that may be gone to the rows of some maps, as `map: way way; map: way`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapWays(Vec<(String, Ways)>);

impl MapWays {
    /// Reads the setting; the error says what is wrong.
    pub fn parse(text: &str) -> std::result::Result<MapWays, String> {
        let maps = text.split(';').map(str::trim).filter(|map| !map.is_empty());
        maps.map(MapWays::one).collect::<std::result::Result<_, _>>().map(MapWays)
    }

    fn one(text: &str) -> std::result::Result<(String, Ways), String> {
        // A map's name may have colons, the names of ways have none.
        let (map, names) = text.rsplit_once(':').ok_or_else(|| format!("\"{text}\" names no ways"))?;
        let mut ways = Ways::NONE;
        for name in names.split([' ', ',']).filter(|name| !name.is_empty()) {
            ways.allow(&name.to_ascii_lowercase())
                .ok_or_else(|| format!("\"{name}\" is none of sql, keys, entries and size"))?;
        }
        if ways == Ways::NONE {
            return Err(format!("\"{text}\" names no ways"));
        }
        Ok((map.trim().to_owned(), ways))
    }

    fn of(&self, map: &str) -> Option<Ways> {
        self.0.iter().rev().find(|(name, _)| name == map).map(|(_, ways)| *ways)
    }
}

impl Options {
    /// The ways that may be gone to the rows of a relation.
    pub(super) fn ways_of(&self, relation: &Relation) -> Ways {
        let maps = self.map_ways.as_ref();
        maps.and_then(|maps| maps.of(map_name(relation))).unwrap_or(self.ways)
    }
}

/// The map that a mapping is of.
fn map_name(relation: &Relation) -> &str {
    relation.mapping().map_or(&*relation.name, |mapping| mapping.external_name.as_str())
}

/// Entries of a map, and what is read out of each.
#[derive(Clone, Debug)]
pub struct EntryRead {
    /// The mapping, which has the map's name and the formats of keys and values.
    pub relation: Arc<Relation>,
    /// For each column of the scan, the column of the relation; each is there once.
    pub columns: Vec<usize>,
    /// Only what an index finds is read.
    pub search: Option<IndexSearch>,
    /// When it turns out that there are more bytes in the map, they are read by SQL.
    pub max_pull: Option<u64>,
    /// What the cluster's side keeps with the scan from one run to the next.
    pub kept: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl RemoteScan {
    /// How many of the arguments are the statement's.
    pub fn sql_args(&self) -> usize {
        let search = match &self.way {
            Way::Entries(EntryRead { search: Some(search), .. }) => search.arguments(),
            _ => 0,
        };
        self.args.len().saturating_sub(search)
    }

    /// The statement for some columns of a relation, without a condition.
    pub fn select(relation: &Relation, columns: &[usize]) -> String {
        let column = |(slot, &column): (usize, &usize)| {
            let name = relation.columns.get(column).map_or("", |column| &column.name);
            format!("t.{} AS \"c{slot}\"", quote(name))
        };
        let columns: Vec<String> = columns.iter().enumerate().map(column).collect();
        let (schema, name) = (quote(&relation.schema), quote(&relation.name));
        format!("SELECT {} FROM {schema}.{name} AS t", columns.join(", "))
    }

    /// The condition that fixes the key of an entry, in a statement of this kind.
    pub fn key_condition(relation: &Relation, parts: &[KeyPart]) -> String {
        let name = |part: &KeyPart| relation.columns.get(part.column).map_or("", |column| &column.name);
        let tests: Vec<String> = parts.iter().map(|part| format!("(t.{} = ?)", quote(name(part)))).collect();
        format!("({})", tests.join(" AND "))
    }
}

impl EntryRead {
    /// The name of the map.
    pub fn map(&self) -> &str {
        map_name(&self.relation)
    }
}

/// Entries of some keys. The scan's statement is the one for the row of one key; its arguments are the parts of that.
#[derive(Clone, Debug)]
pub struct KeyAccess {
    /// What is read.
    pub read: EntryRead,
    /// The columns of the relation that make the key, with their types in the cluster.
    pub parts: Vec<KeyPart>,
    /// Which keys.
    pub keys: Keys,
}

/// A column that is the key or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPart {
    /// The column of the relation.
    pub column: usize,
    /// Its type.
    pub cluster_type: SqlType,
}

/// Which keys are looked up. Values that are compared with the key by PostgreSQL's equality may be of another type than
/// the key's: [`key_value`] tells the key that they equal.
#[derive(Clone, Debug)]
pub enum Keys {
    /// These, each with a value for each part; the values are constant while the statement runs.
    List(Vec<Vec<Expr>>),
    /// The elements of this array, which is constant while the statement runs.
    Array(Expr),
    /// Those that another part of the plan asks for.
    Given,
}

impl KeyAccess {
    /// The expressions that make the keys.
    pub fn exprs(&self) -> Vec<&Expr> {
        match &self.keys {
            Keys::List(keys) => keys.iter().flatten().collect(),
            Keys::Array(array) => vec![array],
            Keys::Given => Vec::new(),
        }
    }

    /// Whether the key is one value, not a record of parts. Of a key that is not found by its bytes only then a look-up is
    /// enough to know it absent: a record may be stored in another form, which the whole map has to be searched for.
    pub fn is_whole(&self) -> bool {
        let [part] = self.parts.as_slice() else { return false };
        let column = self.read.relation.columns.get(part.column);
        column.is_some_and(|column| column.external_name.as_deref() == Some("__key"))
    }

    /// The keys that equal these, each once. What can't be a key of the map, such as NULL, is left out.
    pub fn distinct(&self, keys: &[Vec<Value>]) -> Vec<Vec<Value>> {
        distinct(keys.iter().filter_map(|key| self.key(key)).collect())
    }

    /// The keys that equal the elements of an array, each once.
    pub fn elements(&self, array: &Value) -> Result<Vec<Vec<Value>>> {
        match array {
            Value::Array(array) => {
                let key = |item| self.key(std::slice::from_ref(item));
                Ok(distinct(array.items.iter().filter_map(key).collect()))
            }
            Value::Null => Ok(Vec::new()),
            _ => Err(Error::internal("an array of keys is no array")),
        }
    }

    /// The key whose parts equal these values.
    pub fn key(&self, values: &[Value]) -> Option<Vec<Value>> {
        self.parts.iter().zip(values).map(|(part, value)| key_value(value, part.cluster_type)).collect()
    }
}

/// Each once, in the order of their first.
fn distinct(keys: Vec<Vec<Value>>) -> Vec<Vec<Value>> {
    if keys.len() < 2 {
        return keys;
    }
    let state = std::hash::RandomState::new();
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::with_capacity(keys.len());
    let mut out: Vec<Vec<Value>> = Vec::with_capacity(keys.len());
    for key in keys {
        let mut hasher = state.build_hasher();
        key.iter().for_each(|value| pg::hash(Oid::INVALID, value, &mut hasher));
        let same = seen.entry(hasher.finish()).or_default();
        if !same.iter().any(|&at| out.get(at) == Some(&key)) {
            same.push(out.len());
            out.push(key);
        }
    }
    out
}

/// The one value of a key's type that equals a value of perhaps another type; `None` when none does: for NULL, for a
/// number with a fraction, for one that is out of range.
pub fn key_value(value: &Value, cluster_type: SqlType) -> Option<Value> {
    match cluster_type {
        SqlType::TinyInt => whole(value).and_then(|n| i8::try_from(n).ok()).map(|n| Value::Int2(n.into())),
        SqlType::SmallInt => whole(value).and_then(|n| n.try_into().ok()).map(Value::Int2),
        SqlType::Integer => whole(value).and_then(|n| n.try_into().ok()).map(Value::Int4),
        SqlType::BigInt => whole(value).map(Value::Int8),
        SqlType::Varchar => matches!(value, Value::Text(_)).then(|| value.clone()),
        SqlType::Boolean => matches!(value, Value::Bool(_)).then(|| value.clone()),
        SqlType::Date => match value {
            // The cluster has no infinite dates, so no key equals one.
            Value::Date(i32::MAX | i32::MIN) => None,
            Value::Date(_) => Some(value.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The integer that a number equals.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int2(_) | Value::Int4(_) | Value::Int8(_) => value.as_i64(),
        Value::Numeric(number) if number.is_integral() => number.to_i64().ok(),
        Value::Float8(number) => whole_float(*number),
        Value::Float4(number) => whole_float((*number).into()),
        _ => None,
    }
}

fn whole_float(number: f64) -> Option<i64> {
    /// 2^63: the first that is too large; its negative is the smallest that is not.
    const END: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within the range")]
    (number.fract() == 0.0 && (-END..END).contains(&number)).then_some(number as i64)
}

/// Whether the entries of a relation can be read by map operations, as far as its mapping tells. (Values that turn out
/// to be unreadable are asked for by SQL.)
pub(super) fn is_readable(relation: &Relation) -> bool {
    let Some(mapping) = relation.mapping() else { return false };
    // Values of Java classes of their own can only be read by members.
    let of_class = mapping.option("valueFormat").is_none_or(|format| format == "java");
    mapping.connector.eq_ignore_ascii_case("IMap")
        && !mapping.streaming
        && (!of_class || relation.columns.iter().all(|column| !is_member_of_value(column)))
}

fn is_member_of_value(column: &Column) -> bool {
    column.external_name.as_deref().is_some_and(|name| name != "this" && !name.starts_with("__key"))
}

/// Whether keys of this type can be looked up: values are equal exactly when their serialized forms are.
pub(super) fn is_key_type(cluster_type: SqlType) -> bool {
    use SqlType::*;
    matches!(cluster_type, TinyInt | SmallInt | Integer | BigInt | Varchar | Boolean | Date)
}

pub(super) fn is_number(ty: Oid) -> bool {
    [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC, oid::FLOAT4, oid::FLOAT8].contains(&ty)
}

/// Whether [`key_value`] knows the key that a value of a type equals.
pub(super) fn is_comparable(cluster_type: SqlType, value: Oid) -> bool {
    match cluster_type {
        SqlType::Varchar => matches!(value, oid::TEXT | oid::VARCHAR),
        SqlType::Boolean => value == oid::BOOL,
        SqlType::Date => value == oid::DATE,
        _ => is_number(value),
    }
}

/// Whether an equality of a key column of one type, converted to `compared`, with a value of that type fixes the key:
/// the conversion is exact, and different keys stay different.
pub(super) fn compares_exactly(cluster_type: SqlType, compared: Oid) -> bool {
    use SqlType::*;
    match cluster_type {
        TinyInt | SmallInt => {
            [oid::INT2, oid::INT4, oid::INT8, oid::NUMERIC, oid::FLOAT4, oid::FLOAT8].contains(&compared)
        }
        Integer => [oid::INT4, oid::INT8, oid::NUMERIC, oid::FLOAT8].contains(&compared),
        // Not every bigint has its own float8.
        BigInt => [oid::INT8, oid::NUMERIC].contains(&compared),
        Varchar => [oid::TEXT, oid::VARCHAR].contains(&compared),
        Boolean => compared == oid::BOOL,
        Date => compared == oid::DATE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pg::Numeric;

    #[test]
    fn ways_of_maps_are_read() {
        let maps = MapWays::parse("big: sql, keys; a:b : Entries;").unwrap();
        assert_eq!(maps.of("big"), Some(Ways { sql: true, keys: true, ..Ways::NONE }));
        assert_eq!(maps.of("a:b"), Some(Ways { entries: true, ..Ways::NONE }));
        assert_eq!(maps.of("b"), None);
        assert_eq!(MapWays::parse(""), Ok(MapWays::default()));
        for wrong in ["big", "big:", "big: seq"] {
            assert!(MapWays::parse(wrong).is_err(), "{wrong}");
        }
    }

    fn numeric(text: &str) -> Value {
        Value::Numeric(Arc::new(Numeric::parse(text).unwrap()))
    }

    #[test]
    fn keys_equal_numbers_of_other_types() {
        for value in
            [Value::Int2(42), Value::Int8(42), numeric("42.000"), Value::Float8(42.0), Value::Float4(42.0)]
        {
            assert_eq!(key_value(&value, SqlType::Integer), Some(Value::Int4(42)), "{value:?}");
        }
        let none = [
            Value::Null,
            numeric("42.5"),
            numeric("NaN"),
            numeric("1e30"),
            Value::Int8(1 << 31),
            Value::Float8(f64::NAN),
            Value::Float8(f64::INFINITY),
            Value::Float8(0.5),
            Value::text("42"),
        ];
        for value in none {
            assert_eq!(key_value(&value, SqlType::Integer), None, "{value:?}");
        }
        assert_eq!(key_value(&Value::Float8(-0.0), SqlType::BigInt), Some(Value::Int8(0)));
        assert_eq!(
            key_value(&Value::Float8(-9.223_372_036_854_776e18), SqlType::BigInt),
            Some(Value::Int8(i64::MIN))
        );
        assert_eq!(key_value(&Value::Float8(9.223_372_036_854_776e18), SqlType::BigInt), None);
        assert_eq!(key_value(&Value::Int4(128), SqlType::TinyInt), None);
        assert_eq!(key_value(&Value::Date(i32::MAX), SqlType::Date), None);
    }

    #[test]
    fn conversions_that_lose_something_fix_no_key() {
        assert!(compares_exactly(SqlType::Integer, oid::FLOAT8));
        assert!(!compares_exactly(SqlType::Integer, oid::FLOAT4));
        assert!(!compares_exactly(SqlType::BigInt, oid::FLOAT8));
        assert!(!compares_exactly(SqlType::Varchar, oid::BPCHAR));
    }
}
