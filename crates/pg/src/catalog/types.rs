//! `pg_type`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::system_table;
use super::tsv::Row;
use crate::{Oid, oid};

/// A row of `pg_type`.
#[derive(Clone, Debug)]
pub struct Type {
    /// `oid`
    pub oid: Oid,
    /// `typname`
    pub name: &'static str,
    /// `typnamespace`
    pub namespace: Oid,
    /// `typlen`: -1 for variable length, -2 for a C string
    pub len: i16,
    /// `typbyval`
    pub by_value: bool,
    /// `typtype`: `b`ase, `c`omposite, `d`omain, `e`num, `p`seudo, `r`ange, `m`ultirange
    pub kind: char,
    /// `typcategory`
    pub category: char,
    /// `typispreferred`
    pub preferred: bool,
    /// `typdelim`
    pub delimiter: char,
    /// `typrelid`
    pub relation: Oid,
    /// `typsubscript`
    pub subscript: Oid,
    /// `typelem`
    pub element: Oid,
    /// `typarray`
    pub array: Oid,
    /// `typinput`
    pub input: Oid,
    /// `typoutput`
    pub output: Oid,
    /// `typreceive`
    pub receive: Oid,
    /// `typsend`
    pub send: Oid,
    /// `typmodin`
    pub modin: Oid,
    /// `typmodout`
    pub modout: Oid,
    /// `typalign`: `c`har, `s`hort, `i`nt, `d`ouble
    pub align: char,
    /// `typstorage`: `p`lain, `e`xternal, `m`ain, e`x`tended
    pub storage: char,
    /// `typbasetype`
    pub base: Oid,
    /// `typtypmod`
    pub base_typmod: i32,
    /// `typcollation`
    pub collation: Oid,
}

/// `pg_catalog`'s own oid.
pub const PG_CATALOG: Oid = Oid(11);

/// The oid of schema `public`.
pub const PUBLIC: Oid = Oid(2200);

/// `array_subscript_handler`.
const ARRAY_SUBSCRIPT_HANDLER: Oid = Oid(6179);

impl Type {
    /// Whether this is a "true" array type (`IsTrueArrayType`), not one such as `oidvector` or `name` that merely has
    /// elements.
    pub fn is_array(&self) -> bool {
        self.element.is_valid() && self.subscript == ARRAY_SUBSCRIPT_HANDLER
    }

    /// Whether this is a pseudo-type.
    pub fn is_pseudo(&self) -> bool {
        self.kind == 'p'
    }
}

struct Types {
    rows: Vec<Type>,
    by_oid: HashMap<Oid, usize>,
    by_name: HashMap<(&'static str, Oid), usize>,
}

static TYPES: LazyLock<Types> = LazyLock::new(|| {
    let rows: Vec<Type> = system_table("pg_type").into_iter().flat_map(|t| t.rows()).map(read).collect();
    let by_oid = rows.iter().enumerate().map(|(i, t)| (t.oid, i)).collect();
    let by_name = rows.iter().enumerate().map(|(i, t)| ((t.name, t.namespace), i)).collect();
    Types { rows, by_oid, by_name }
});

fn read(mut row: Row) -> Type {
    let (oid, name, namespace) = (row.oid(), row.str(), row.oid());
    row.pass(1); // typowner
    let (len, by_value, kind, category, preferred) =
        (row.num(), row.bool(), row.char(), row.char(), row.bool());
    row.pass(1); // typisdefined
    let (delimiter, relation, subscript, element, array) =
        (row.char(), row.oid(), row.oid(), row.oid(), row.oid());
    let (input, output, receive, send) = (row.oid(), row.oid(), row.oid(), row.oid());
    let (modin, modout) = (row.oid(), row.oid());
    row.pass(1); // typanalyze
    let (align, storage) = (row.char(), row.char());
    row.pass(1); // typnotnull
    let (base, base_typmod) = (row.oid(), row.num());
    row.pass(1); // typndims
    let collation = row.oid();
    Type {
        oid,
        name,
        namespace,
        len,
        by_value,
        kind,
        category,
        preferred,
        delimiter,
        relation,
        subscript,
        element,
        array,
        input,
        output,
        receive,
        send,
        modin,
        modout,
        align,
        storage,
        base,
        base_typmod,
        collation,
    }
}

/// All built-in types.
pub fn types() -> &'static [Type] {
    &TYPES.rows
}

/// A built-in type by its oid.
pub fn type_by_oid(oid: Oid) -> Option<&'static Type> {
    TYPES.by_oid.get(&oid).and_then(|i| TYPES.rows.get(*i))
}

/// A type of `pg_catalog` by its name as the catalog has it (`int4`, not `integer`).
pub fn type_by_name(name: &str) -> Option<&'static Type> {
    type_in_namespace(name, PG_CATALOG)
}

/// A built-in type of any namespace.
pub fn type_in_namespace(name: &str, namespace: Oid) -> Option<&'static Type> {
    // The map's keys live for ever, a look-up's need not: hence the detour over the borrowed form.
    let key: (&str, Oid) = (name, namespace);
    TYPES.by_name.get(&key).and_then(|i| TYPES.rows.get(*i))
}

/// The type a domain stands on in the end, with its modifier; any other type is its own.
pub fn base_type(oid: Oid, typmod: i32) -> (Oid, i32) {
    let (mut oid, mut typmod) = (oid, typmod);
    while let Some(row) = type_by_oid(oid).filter(|row| row.kind == 'd') {
        (oid, typmod) = (row.base, row.base_typmod);
    }
    (oid, typmod)
}

/// The element type of a true array type, looking through domains.
pub fn element_type(array: Oid) -> Option<Oid> {
    let row = type_by_oid(base_type(array, -1).0)?;
    row.is_array().then_some(row.element)
}

/// The array type over a type.
pub fn array_type(element: Oid) -> Option<Oid> {
    match element {
        oid::RECORD => Some(oid::RECORD_ARRAY),
        _ => type_by_oid(element).map(|row| row.array).filter(|array| array.is_valid()),
    }
}
