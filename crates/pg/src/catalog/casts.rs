//! `pg_cast`, and what is binary-coercible.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::data::system_table;
use super::types::{base_type, type_by_oid};
use crate::{Oid, oid};

/// A row of `pg_cast`.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// `oid`
    pub oid: Oid,
    /// `castsource`
    pub source: Oid,
    /// `casttarget`
    pub target: Oid,
    /// `castfunc`, 0 unless the method is `f`
    pub func: Oid,
    /// `castcontext`: `e`xplicit only, in `a`ssignments too, `i`mplicit
    pub context: char,
    /// `castmethod`: `f`unction, `i`nput and output functions, `b`inary-coercible
    pub method: char,
}

static CASTS: LazyLock<BTreeMap<(Oid, Oid), Cast>> = LazyLock::new(|| {
    let rows = system_table("pg_cast").into_iter().flat_map(|t| t.rows());
    rows.map(|mut row| {
        let cast = Cast {
            oid: row.oid(),
            source: row.oid(),
            target: row.oid(),
            func: row.oid(),
            context: row.char(),
            method: row.char(),
        };
        ((cast.source, cast.target), cast)
    })
    .collect()
});

/// The row of `pg_cast` for a pair of types.
pub fn cast(source: Oid, target: Oid) -> Option<&'static Cast> {
    CASTS.get(&(source, target))
}

/// All rows of `pg_cast`, by source and target.
pub fn casts() -> impl Iterator<Item = &'static Cast> {
    CASTS.values()
}

/// Whether a value of one type can be taken as one of the other as it is (`IsBinaryCoercible`).
pub fn is_binary_coercible(source: Oid, target: Oid) -> bool {
    if source == target || matches!(target, oid::ANY | oid::ANYELEMENT | oid::ANYCOMPATIBLE) {
        return true;
    }
    let source = base_type(source, -1).0;
    if source == target {
        return true;
    }
    if let Some(row) = type_by_oid(source) {
        let polymorphic = match target {
            oid::ANYARRAY | oid::ANYCOMPATIBLEARRAY => row.is_array(),
            oid::ANYENUM => row.kind == 'e',
            oid::ANYRANGE | oid::ANYCOMPATIBLERANGE => row.kind == 'r',
            oid::ANYMULTIRANGE | oid::ANYCOMPATIBLEMULTIRANGE => row.kind == 'm',
            oid::RECORD => row.kind == 'c',
            oid::RECORD_ARRAY => type_by_oid(row.element).is_some_and(|element| element.kind == 'c'),
            _ => false,
        };
        if polymorphic {
            return true;
        }
    }
    cast(source, target).is_some_and(|cast| cast.method == 'b' && cast.context == 'i')
}
