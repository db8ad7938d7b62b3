//! The relations of `pg_catalog` and `information_schema`, with their columns.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::{self, system_table};
use super::tsv;
use crate::Oid;

/// A built-in table, view or index (`pg_class`).
#[derive(Clone, Debug)]
pub struct SystemRelation {
    /// `oid`
    pub oid: Oid,
    /// `relname`
    pub name: &'static str,
    /// `relnamespace`
    pub namespace: Oid,
    /// `reltype`
    pub row_type: Oid,
    /// `relkind`: `r` table, `v` view, `i` index, `t` TOAST table
    pub kind: char,
    /// The columns with positive numbers, in order.
    pub columns: Vec<SystemColumn>,
}

/// A column of a built-in relation (`pg_attribute`).
#[derive(Clone, Copy, Debug)]
pub struct SystemColumn {
    /// `attname`
    pub name: &'static str,
    /// `atttypid`
    pub type_oid: Oid,
    /// `atttypmod`
    pub typmod: i32,
    /// `attnotnull`
    pub not_null: bool,
    /// `attcollation`
    pub collation: Oid,
}

struct Relations {
    rows: Vec<SystemRelation>,
    by_oid: HashMap<Oid, usize>,
}

static RELATIONS: LazyLock<Relations> = LazyLock::new(|| {
    let mut rows: Vec<SystemRelation> = Vec::new();
    for mut row in system_table("pg_class").into_iter().flat_map(|t| t.rows()) {
        let (oid, name, namespace, row_type) = (row.oid(), row.str(), row.oid(), row.oid());
        row.pass(12); // reloftype … relpersistence
        rows.push(SystemRelation { oid, name, namespace, row_type, kind: row.char(), columns: Vec::new() });
    }
    let by_oid: HashMap<Oid, usize> = rows.iter().enumerate().map(|(i, row)| (row.oid, i)).collect();
    let mut columns: Vec<(Oid, i16, SystemColumn)> = Vec::new();
    for mut row in system_table("pg_attribute").into_iter().flat_map(|t| t.rows()) {
        let (relation, name, type_oid) = (row.oid(), row.str(), row.oid());
        row.pass(2); // attstattarget, attlen
        let number: i16 = row.num();
        row.pass(2); // attndims, attcacheoff
        let typmod = row.num();
        row.pass(4); // attbyval, attalign, attstorage, attcompression
        let not_null = row.bool();
        row.pass(7); // atthasdef … attinhcount
        columns.push((
            relation,
            number,
            SystemColumn { name, type_oid, typmod, not_null, collation: row.oid() },
        ));
    }
    columns.retain(|(_, number, _)| *number > 0);
    columns.sort_by_key(|(relation, number, _)| (*relation, *number));
    for (relation, _, column) in columns {
        if let Some(row) = by_oid.get(&relation).and_then(|i| rows.get_mut(*i)) {
            row.columns.push(column);
        }
    }
    Relations { rows, by_oid }
});

/// All built-in relations: tables, views, indexes.
pub fn system_relations() -> &'static [SystemRelation] {
    &RELATIONS.rows
}

/// A built-in relation by its oid.
pub fn system_relation(oid: Oid) -> Option<&'static SystemRelation> {
    RELATIONS.by_oid.get(&oid).and_then(|i| RELATIONS.rows.get(*i))
}

/// A text as PostgreSQL prints it, and with its "pretty" flag: fewer parentheses.
#[derive(Clone, Debug)]
struct Printed {
    plain: String,
    pretty: Option<String>,
}

impl Printed {
    fn get(&self, pretty: bool) -> &str {
        self.pretty.as_deref().filter(|_| pretty).unwrap_or(&self.plain)
    }
}

static VIEWS: LazyLock<HashMap<Oid, Printed>> = LazyLock::new(|| {
    data::views()
        .rows()
        .map(|mut row| {
            let oid = row.oid();
            row.pass(2); // schema, name
            let mut text = || row.next().flatten().map(String::from);
            (oid, Printed { plain: text().unwrap_or_default(), pretty: text() })
        })
        .collect()
});

/// The definition of a system view, as `pg_get_viewdef(oid, pretty)` prints it.
pub fn view_definition(oid: Oid, pretty: bool) -> Option<&'static str> {
    VIEWS.get(&oid).map(|printed| printed.get(pretty))
}

static NODE_TREES: LazyLock<HashMap<String, Printed>> = LazyLock::new(|| {
    data::node_trees()
        .rows()
        .filter_map(|mut row| {
            let tree = row.next()??.into_owned();
            let plain = row.next()??.into_owned();
            Some((tree, Printed { plain, pretty: row.next().flatten().map(String::from) }))
        })
        .collect()
});

/// The text of a stored expression of a built-in object (a `pg_node_tree`), as `pg_get_expr(tree, oid, pretty)`
/// prints it.
pub fn node_tree_text(tree: &str, pretty: bool) -> Option<&'static str> {
    NODE_TREES.get(tree).map(|printed| printed.get(pretty))
}

/// The text of a stored expression as a [`super::Proc`] has it, which is the file's form.
pub fn raw_node_tree_text(tree: &'static str) -> Option<&'static str> {
    node_tree_text(&tsv::unescape(tree), false)
}
