//! Functions that ask the catalog, the session or the server; those that depend on their arguments alone are
//! [`pg::func`]'s. As there, a function is found by its row in `pg_proc`, each file exports tables by the name of
//! PostgreSQL's C function (`prosrc`), which all SQL names and overloads of it share, and strictness is the caller's
//! business. Functions that PostgreSQL writes in SQL are listed by their name.

mod acl;
mod activity;
mod args;
mod comments;
mod definitions;
mod identity;
mod information_schema;
mod locks;
mod privileges;
mod procs;
mod properties;
mod rows;
mod session;
mod sizes;
mod sleep;
mod statements;
mod statistics;
mod time_zones;
mod transactions;
mod visibility;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

use pg::{Oid, Result, Value};

use super::Catalog;
use crate::exec::CancelToken;
use crate::session::Session;

/// What a system function may ask about its call, besides the arguments.
#[derive(Clone, Copy, Debug)]
pub struct SystemCall<'a> {
    /// Settings, clock, names; the types of arguments and result.
    pub call: &'a pg::func::Call<'a>,
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The session.
    pub session: &'a Session,
    /// Whether the statement shall stop, for functions that wait.
    pub cancel: &'a CancelToken,
}

impl SystemCall<'_> {
    /// The existing schemas of the search path.
    fn path(&self) -> Arc<[Arc<str>]> {
        self.session.settings().search_path()
    }
}

/// A system function of one value.
pub type SystemFunction = fn(&SystemCall<'_>, &[Value]) -> Result<Value>;

/// A system function of rows, of one or more columns.
pub type SystemSetFunction = fn(&SystemCall<'_>, &[Value]) -> Result<Vec<Vec<Value>>>;

/// The system function of a row of `pg_proc`.
pub fn system_function(proc: Oid) -> Option<SystemFunction> {
    REGISTRY.functions.get(&proc).copied()
}

/// The set-returning system function of a row of `pg_proc`.
pub fn system_set_function(proc: Oid) -> Option<SystemSetFunction> {
    REGISTRY.sets.get(&proc).copied()
}

/// Tables by the name of the C function.
const BY_SOURCE: &[&[(&str, SystemFunction)]] = &[
    acl::FUNCTIONS,
    definitions::FUNCTIONS,
    identity::FUNCTIONS,
    locks::FUNCTIONS,
    privileges::FUNCTIONS,
    procs::FUNCTIONS,
    properties::FUNCTIONS,
    session::FUNCTIONS,
    sizes::FUNCTIONS,
    sleep::FUNCTIONS,
    statements::FUNCTIONS,
    transactions::FUNCTIONS,
    visibility::FUNCTIONS,
];

/// Functions written in SQL, by name: all overloads.
const BY_NAME: &[&[(&str, SystemFunction)]] =
    &[comments::FUNCTIONS, information_schema::FUNCTIONS, sizes::SQL_FUNCTIONS, sleep::SQL_FUNCTIONS];

/// Of these tables the functions that ask nothing but the catalog, the search path and who asks.
const OF_CATALOG_BY_SOURCE: &[&[(&str, SystemFunction)]] = &[
    acl::FUNCTIONS,
    definitions::FUNCTIONS,
    identity::FUNCTIONS,
    privileges::FUNCTIONS,
    procs::FUNCTIONS,
    properties::FUNCTIONS,
    visibility::FUNCTIONS,
];

/// The same, of those written in SQL.
const OF_CATALOG_BY_NAME: &[&[(&str, SystemFunction)]] =
    &[comments::FUNCTIONS, information_schema::FUNCTIONS];

/// The same, of the others.
const OF_CATALOG: [&str; 10] = [
    "aclexplode",
    "current_database",
    "current_schema",
    "current_schemas",
    "current_user",
    "getdatabaseencoding",
    "pg_is_other_temp_schema",
    "pg_my_temp_schema",
    "pg_options_to_table",
    "session_user",
];

/// Whether a function gives the same for the same arguments as long as the catalog, the search path and the user are the
/// same.
pub fn asks_catalog_alone(proc: Oid) -> bool {
    REGISTRY.of_catalog.contains(&proc)
}

/// Set-returning functions by the name of the C function.
const SETS_BY_SOURCE: &[&[(&str, SystemSetFunction)]] =
    &[acl::SETS, activity::SETS, locks::SETS, rows::SETS, statements::SETS, time_zones::SETS];

struct Registry {
    functions: HashMap<Oid, SystemFunction>,
    sets: HashMap<Oid, SystemSetFunction>,
    of_catalog: HashSet<Oid>,
}

/// Tables by key.
fn gather<F: Copy>(tables: &[&[(&'static str, F)]]) -> HashMap<&'static str, F> {
    tables.iter().flat_map(|table| table.iter().copied()).collect()
}

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    const SQL: Oid = Oid(14);
    let (mut by_source, by_name) = (gather(BY_SOURCE), gather(BY_NAME));
    by_source.extend(gather(privileges::FAMILIES));
    let sets_by_source = gather(SETS_BY_SOURCE);
    let mut of_catalog = gather(OF_CATALOG_BY_SOURCE);
    of_catalog.extend(gather(privileges::FAMILIES));
    let of_catalog_by_name = gather(OF_CATALOG_BY_NAME);
    let mut registry =
        Registry { functions: HashMap::new(), sets: HashMap::new(), of_catalog: HashSet::new() };
    for proc in pg::catalog::procs().iter().chain(pg::catalog::extension_procs()) {
        let in_sql = proc.language == SQL;
        let listed = match in_sql {
            true => of_catalog_by_name.contains_key(proc.name),
            false => of_catalog.contains_key(proc.source) || OF_CATALOG.contains(&proc.source),
        };
        if listed {
            registry.of_catalog.insert(proc.oid);
        }
        if proc.returns_set {
            let found = sets_by_source.get(proc.source);
            registry.sets.extend(found.map(|function| (proc.oid, *function)));
        } else {
            let found = if in_sql { by_name.get(proc.name) } else { by_source.get(proc.source) };
            let found = found.copied().or_else(|| statistics::function(proc));
            registry.functions.extend(found.map(|function| (proc.oid, function)));
        }
    }
    registry
});

#[cfg(test)]
mod tests;
