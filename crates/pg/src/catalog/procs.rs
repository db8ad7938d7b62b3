//! `pg_proc`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::data::system_table;
use super::extension::extension_procs;
use super::tsv::{self, Row};
use crate::Oid;

/// A row of `pg_proc`.
#[derive(Clone, Debug)]
pub struct Proc {
    /// `oid`
    pub oid: Oid,
    /// `proname`
    pub name: &'static str,
    /// `pronamespace`
    pub namespace: Oid,
    /// `prolang`: 12 internal, 13 c, 14 sql
    pub language: Oid,
    /// `provariadic`: the element type of a variadic last argument, or 0
    pub variadic: Oid,
    /// `prokind`: `f`unction, `p`rocedure, `a`ggregate, `w`indow function
    pub kind: char,
    /// `proisstrict`
    pub strict: bool,
    /// `proretset`
    pub returns_set: bool,
    /// `provolatile`: `i`mmutable, `s`table, `v`olatile
    pub volatility: char,
    /// `pronargdefaults`
    pub defaults: usize,
    /// `prorettype`
    pub result: Oid,
    /// `proargtypes`: the types of the input arguments (`pronargs` is its length)
    pub args: Box<[Oid]>,
    /// `proallargtypes`: with output arguments; none when all are input
    pub all_args: Option<Box<[Oid]>>,
    /// `proargmodes`: `i`n, `o`ut, `b`oth, `v`ariadic, `t`able; empty when all are input
    pub modes: Box<[char]>,
    /// `proargnames`: as many as `all_args` or else `args`, or none at all; unnamed ones are empty
    pub arg_names: Box<[&'static str]>,
    /// `proargdefaults` as a stored expression: see [`super::node_tree_text`]
    pub default_tree: Option<&'static str>,
    /// `prosrc`
    pub source: &'static str,
    /// `prosqlbody` as a stored expression: see [`super::node_tree_text`]
    pub sql_body: Option<&'static str>,
}

impl Proc {
    /// The output columns of a function with output arguments: names and types.
    pub fn outputs(&self) -> Vec<(&'static str, Oid)> {
        let Some(all) = &self.all_args else { return Vec::new() };
        let names = self.arg_names.iter().copied().chain(std::iter::repeat(""));
        self.modes
            .iter()
            .zip(all.iter().zip(names))
            .filter(|(mode, _)| matches!(mode, 'o' | 'b' | 't'))
            .map(|(_, (oid, name))| (name, *oid))
            .collect()
    }
}

struct Procs {
    by_oid: HashMap<Oid, &'static Proc>,
    by_name: HashMap<&'static str, Vec<&'static Proc>>,
}

static ROWS: LazyLock<Vec<Proc>> =
    LazyLock::new(|| system_table("pg_proc").into_iter().flat_map(|t| t.rows()).map(read).collect());

static PROCS: LazyLock<Procs> = LazyLock::new(|| {
    let (rows, extension): (&'static [Proc], &'static [Proc]) = (&ROWS, extension_procs());
    let mut by_name: HashMap<_, Vec<_>> = HashMap::with_capacity(rows.len());
    for row in rows.iter().chain(extension) {
        by_name.entry(row.name).or_default().push(row);
    }
    Procs { by_oid: rows.iter().chain(extension).map(|row| (row.oid, row)).collect(), by_name }
});

fn read(mut row: Row) -> Proc {
    let (oid, name, namespace) = (row.oid(), row.str(), row.oid());
    row.pass(1); // proowner
    let language = row.oid();
    row.pass(2); // procost, prorows
    let variadic = row.oid();
    row.pass(1); // prosupport
    let kind = row.char();
    row.pass(2); // prosecdef, proleakproof
    let (strict, returns_set, volatility) = (row.bool(), row.bool(), row.char());
    row.pass(2); // proparallel, pronargs
    let (defaults, result, args) = (row.num(), row.oid(), tsv::oids(row.str()));
    let all_args = row.opt().map(tsv::oids);
    let modes = tsv::items(row.str()).filter_map(|mode| mode.chars().next()).collect();
    let arg_names = tsv::items(row.str()).collect();
    let default_tree = row.opt();
    row.pass(1); // protrftypes
    let source = row.str();
    row.pass(1); // probin
    let sql_body = row.opt();
    Proc {
        oid,
        name,
        namespace,
        language,
        variadic,
        kind,
        strict,
        returns_set,
        volatility,
        defaults,
        result,
        args,
        all_args,
        modes,
        arg_names,
        default_tree,
        source,
        sql_body,
    }
}

/// All built-in functions.
pub fn procs() -> &'static [Proc] {
    &ROWS
}

/// A function by its oid.
pub fn proc_by_oid(oid: Oid) -> Option<&'static Proc> {
    PROCS.by_oid.get(&oid).copied()
}

/// All functions of a name, in every namespace, in the order of their oids.
pub fn procs_by_name(name: &str) -> &'static [&'static Proc] {
    PROCS.by_name.get(name).map_or(&[], Vec::as_slice)
}

/// A function by its exact signature.
pub fn proc_by_signature(name: &str, args: &[Oid]) -> Option<&'static Proc> {
    procs_by_name(name).iter().copied().find(|row| *row.args == *args)
}
