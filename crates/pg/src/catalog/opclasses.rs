//! Operator classes: which operators order and hash a type (`pg_opclass`, `pg_amop`, `pg_amproc`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::casts::is_binary_coercible;
use super::data::system_table;
use super::types::{base_type, type_by_oid};
use crate::Oid;

/// `pg_am`: btree.
pub const BTREE: Oid = Oid(403);
/// `pg_am`: hash.
pub const HASH: Oid = Oid(405);

/// A btree strategy (`access/stratnum.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Strategy {
    Less = 1,
    LessEqual = 2,
    Equal = 3,
    GreaterEqual = 4,
    Greater = 5,
}

/// A row of `pg_opclass`.
#[derive(Clone, Debug)]
pub struct OpClass {
    /// `oid`
    pub oid: Oid,
    /// `opcmethod`
    pub method: Oid,
    /// `opcname`
    pub name: &'static str,
    /// `opcfamily`
    pub family: Oid,
    /// `opcintype`
    pub input: Oid,
    /// `opcdefault`
    pub default: bool,
}

static OPCLASSES: LazyLock<Vec<OpClass>> = LazyLock::new(|| {
    let rows = system_table("pg_opclass").into_iter().flat_map(|t| t.rows());
    rows.map(|mut row| {
        let (oid, method, name) = (row.oid(), row.oid(), row.str());
        row.pass(2); // opcnamespace, opcowner
        let (family, input, default) = (row.oid(), row.oid(), row.bool());
        OpClass { oid, method, name, family, input, default }
    })
    .collect()
});

/// Search operators by family, types and strategy.
static AMOPS: LazyLock<HashMap<(Oid, Oid, Oid, u16), Oid>> = LazyLock::new(|| {
    let rows = system_table("pg_amop").into_iter().flat_map(|t| t.rows());
    rows.map(|mut row| {
        row.pass(1);
        let (family, left, right, strategy) = (row.oid(), row.oid(), row.oid(), row.num());
        row.pass(1); // amoppurpose
        ((family, left, right, strategy), row.oid())
    })
    .collect()
});

/// Support functions by family, types and number.
static AMPROCS: LazyLock<HashMap<(Oid, Oid, Oid, u16), Oid>> = LazyLock::new(|| {
    let rows = system_table("pg_amproc").into_iter().flat_map(|t| t.rows());
    rows.map(|mut row| {
        row.pass(1);
        let key = (row.oid(), row.oid(), row.oid(), row.num());
        (key, row.oid())
    })
    .collect()
});

/// All operator classes.
pub fn opclasses() -> &'static [OpClass] {
    &OPCLASSES
}

/// The default operator class of an access method for a type (`GetDefaultOpClass`).
pub fn default_opclass(type_oid: Oid, method: Oid) -> Option<&'static OpClass> {
    let type_oid = base_type(type_oid, -1).0;
    let category = type_by_oid(type_oid)?.category;
    let candidates = || OPCLASSES.iter().filter(move |class| class.method == method && class.default);
    if let Some(exact) = candidates().find(|class| class.input == type_oid) {
        return Some(exact);
    }
    let compatible: Vec<_> =
        candidates().filter(|class| is_binary_coercible(type_oid, class.input)).collect();
    let preferred = |class: &&&OpClass| {
        type_by_oid(class.input).is_some_and(|row| row.preferred && row.category == category)
    };
    let mut best = compatible.iter().filter(preferred);
    match (best.next(), best.next()) {
        (Some(one), None) => Some(one),
        (None, _) if compatible.len() == 1 => compatible.first().copied(),
        _ => None,
    }
}

/// The operator that orders or equates a type in its default btree class.
pub fn btree_operator(type_oid: Oid, strategy: Strategy) -> Option<Oid> {
    let class = default_opclass(type_oid, BTREE)?;
    family_operator(class.family, class.input, class.input, strategy as u16)
}

/// The equality operator of a type as GROUP BY and DISTINCT take it: its btree class's, else its hash class's
/// (`lookup_type_cache`).
pub fn equality_operator(type_oid: Oid) -> Option<Oid> {
    btree_operator(type_oid, Strategy::Equal).or_else(|| {
        let class = default_opclass(type_oid, HASH)?;
        family_operator(class.family, class.input, class.input, 1)
    })
}

/// The three-way comparison function of a type in its default btree class.
pub fn btree_comparison(type_oid: Oid) -> Option<Oid> {
    let class = default_opclass(type_oid, BTREE)?;
    AMPROCS.get(&(class.family, class.input, class.input, 1)).copied()
}

/// The hash function of a type in its default hash class.
pub fn hash_function(type_oid: Oid) -> Option<Oid> {
    let class = default_opclass(type_oid, HASH)?;
    AMPROCS.get(&(class.family, class.input, class.input, 1)).copied()
}

/// An operator of a family.
pub fn family_operator(family: Oid, left: Oid, right: Oid, strategy: u16) -> Option<Oid> {
    AMOPS.get(&(family, left, right, strategy)).copied()
}

/// The btree strategies that an operator has in any family, with the family (`get_op_btree_interpretation`).
pub fn btree_strategies(operator: Oid) -> Vec<(Oid, u16)> {
    let btree: Vec<Oid> = OPCLASSES.iter().filter(|c| c.method == BTREE).map(|c| c.family).collect();
    let mut found: Vec<(Oid, u16)> = AMOPS
        .iter()
        .filter(|((family, ..), oid)| **oid == operator && btree.contains(family))
        .map(|((family, _, _, strategy), _)| (*family, *strategy))
        .collect();
    found.sort_unstable();
    found
}
