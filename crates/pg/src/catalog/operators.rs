//! `pg_operator`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::system_table;
use super::tsv::Row;
use crate::Oid;

/// A row of `pg_operator`.
#[derive(Clone, Debug)]
pub struct Operator {
    /// `oid`
    pub oid: Oid,
    /// `oprname`
    pub name: &'static str,
    /// `oprnamespace`
    pub namespace: Oid,
    /// `oprkind`: `b`inary or `l` for prefix
    pub kind: char,
    /// `oprcanmerge`
    pub can_merge: bool,
    /// `oprcanhash`
    pub can_hash: bool,
    /// `oprleft`, 0 for a prefix operator
    pub left: Oid,
    /// `oprright`
    pub right: Oid,
    /// `oprresult`
    pub result: Oid,
    /// `oprcom`
    pub commutator: Oid,
    /// `oprnegate`
    pub negator: Oid,
    /// `oprcode`: the function
    pub code: Oid,
}

static ROWS: LazyLock<Vec<Operator>> =
    LazyLock::new(|| system_table("pg_operator").into_iter().flat_map(|t| t.rows()).map(read).collect());

struct Index {
    by_oid: HashMap<Oid, &'static Operator>,
    by_name: HashMap<&'static str, Vec<&'static Operator>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let rows: &'static [Operator] = ROWS.as_slice();
    let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        by_name.entry(row.name).or_default().push(row);
    }
    Index { by_oid: rows.iter().map(|row| (row.oid, row)).collect(), by_name }
});

fn read(mut row: Row) -> Operator {
    let oid = row.oid();
    // `\` occurs in no operator's name, so that names need no unescaping.
    let (name, namespace) = (row.str(), row.oid());
    row.pass(1); // oprowner
    Operator {
        oid,
        name,
        namespace,
        kind: row.char(),
        can_merge: row.bool(),
        can_hash: row.bool(),
        left: row.oid(),
        right: row.oid(),
        result: row.oid(),
        commutator: row.oid(),
        negator: row.oid(),
        code: row.oid(),
    }
}

/// All built-in operators.
pub fn operators() -> &'static [Operator] {
    &ROWS
}

/// An operator by its oid.
pub fn operator_by_oid(oid: Oid) -> Option<&'static Operator> {
    INDEX.by_oid.get(&oid).copied()
}

/// All operators of a name, binary and prefix, in the order of their oids.
pub fn operators_by_name(name: &str) -> &'static [&'static Operator] {
    INDEX.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// The operator of a name for exactly these types; `left` is 0 for a prefix operator.
pub fn operator_exact(name: &str, left: Oid, right: Oid) -> Option<&'static Operator> {
    operators_by_name(name).iter().copied().find(|row| row.left == left && row.right == right)
}
