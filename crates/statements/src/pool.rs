//! The functions, operators and casts that there are, by what they give: rows of `pg_proc`, `pg_operator` and `pg_cast`
//! of which the program says that it has them.

use std::collections::{BTreeMap, BTreeSet};

use pg::catalog::{self, Operator, Proc};
use pg::{Oid, TypeRef, oid};

use crate::literals;

/// Something that makes a value out of values.
#[derive(Debug, Clone)]
pub enum Maker {
    /// A call of a function.
    Function(&'static Proc),
    /// A use of an operator.
    Operator(&'static Operator),
    /// An explicit cast.
    Cast(Oid, Oid),
}

/// A maker with its types made concrete.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is called.
    pub maker: Maker,
    /// The arguments' types.
    pub args: Vec<Oid>,
    /// The result's type.
    pub result: Oid,
}

impl Call {
    /// What it is counted as.
    pub fn name(&self) -> String {
        let types =
            |args: &[Oid]| args.iter().map(|a| literals::type_name(*a)).collect::<Vec<_>>().join(", ");
        match &self.maker {
            Maker::Function(proc) => format!("{}({})", proc.name, types(&proc.args)),
            Maker::Operator(op) if op.left.is_valid() => {
                format!("{} {} {}", types(&[op.left]), op.name, types(&[op.right]))
            }
            Maker::Operator(op) => format!("{} {}", op.name, types(&[op.right])),
            Maker::Cast(from, to) => format!("{}::{}", types(&[*from]), types(&[*to])),
        }
    }
}

/// Everything that can be drawn.
#[derive(Debug, Default)]
pub struct Pool {
    /// The types of which there are values.
    pub types: Vec<Oid>,
    /// All scalar calls.
    pub calls: Vec<Call>,
    /// The calls by their results, as places in `calls`.
    pub by_result: BTreeMap<Oid, Vec<usize>>,
    /// Aggregates of one group.
    pub aggregates: Vec<Call>,
    /// Set-returning functions.
    pub sets: Vec<Call>,
}

/// Functions whose answer depends on the server, the session, the time or chance, or that do something.
const NOT_COMPARABLE: &[&str] = &[
    "version",
    "pg_backend_pid",
    "inet_client_addr",
    "inet_client_port",
    "inet_server_addr",
    "inet_server_port",
    "current_setting",
    "set_config",
    "pg_postmaster_start_time",
    "pg_conf_load_time",
    "pg_sleep",
    "txid_current",
    "now",
    "transaction_timestamp",
    "statement_timestamp",
    "pg_size_bytes",
    "pg_database_size",
    "pg_column_size",
    "pg_column_compression",
    "pg_relation_size",
    "hash_array_extended",
];

impl Pool {
    /// What the program says it has.
    pub fn new() -> Pool {
        let env = pg::Env::default();
        let has = |ty: &Oid| {
            let sample = literals::sample(*ty).unwrap_or_default();
            pg::text::input(sample, TypeRef::of(*ty), &env)
                .map_or_else(|e| e.code() != pg::SqlState::FEATURE_NOT_SUPPORTED, |_| true)
                || matches!(catalog::type_by_oid(*ty), Some(row) if row.name.starts_with("reg"))
        };
        let mut pool = Pool { types: literals::types().filter(has).collect(), ..Pool::default() };
        pool.add_functions();
        pool.add_operators();
        pool.add_casts();
        for (at, call) in pool.calls.iter().enumerate() {
            pool.by_result.entry(call.result).or_default().push(at);
        }
        pool
    }

    fn add_functions(&mut self) {
        for proc in catalog::procs().iter().filter(|proc| comparable(proc)) {
            for (args, result) in self.concrete(&proc.args, proc.result) {
                let call = Call { maker: Maker::Function(proc), args, result };
                match proc.kind {
                    'a' => self.aggregates.push(call),
                    'f' if proc.returns_set => self.sets.push(call),
                    'f' => self.calls.push(call),
                    _ => (),
                }
            }
        }
    }

    fn add_operators(&mut self) {
        for op in catalog::operators() {
            let Some(proc) = catalog::proc_by_oid(op.code) else { continue };
            if !sql::exec::answers(proc.oid) || proc.volatility == 'v' {
                continue;
            }
            let args: Vec<Oid> = [op.left, op.right].into_iter().filter(|ty| ty.is_valid()).collect();
            for (args, result) in self.concrete(&args, op.result) {
                self.calls.push(Call { maker: Maker::Operator(op), args, result });
            }
        }
    }

    fn add_casts(&mut self) {
        let known: BTreeSet<Oid> = self.types.iter().copied().collect();
        for cast in catalog::casts() {
            let (from, to) = (cast.source, cast.target);
            let has = !cast.func.is_valid() || sql::exec::answers(cast.func);
            if has && from != to && known.contains(&from) && known.contains(&to) {
                self.calls.push(Call { maker: Maker::Cast(from, to), args: vec![from], result: to });
            }
        }
        for ty in self.types.clone() {
            self.calls.push(Call { maker: Maker::Cast(ty, oid::TEXT), args: vec![ty], result: oid::TEXT });
        }
    }

    /// The ways to make polymorphic types concrete, a few of them; none when there are no values of a type.
    fn concrete(&self, args: &[Oid], result: Oid) -> Vec<(Vec<Oid>, Oid)> {
        let names: Vec<&str> =
            args.iter().chain([&result]).filter_map(|a| Some(catalog::type_by_oid(*a)?.name)).collect();
        let polymorphic = |n: &&str| n.starts_with("any");
        let elements: &[&str] = match names.iter().any(polymorphic) {
            false => &[""],
            true if names.iter().any(|n| n.contains("range")) => &["int4", "numeric", "date"],
            true => &["int4", "text", "numeric", "float8", "date"],
        };
        let mut found = Vec::new();
        for element in elements {
            let concrete: Option<Vec<Oid>> =
                names.iter().map(|name| self.substitute(name, element)).collect();
            if let Some(mut types) = concrete
                && let Some(result) = types.pop()
            {
                found.push((types, result));
            }
        }
        found
    }

    fn substitute(&self, name: &str, element: &str) -> Option<Oid> {
        let name = match name {
            "any" | "anyelement" | "anynonarray" | "anycompatible" | "anycompatiblenonarray" => {
                element.to_owned()
            }
            "anyarray" | "anycompatiblearray" => format!("_{element}"),
            "anyrange" | "anycompatiblerange" => range_of(element)?.0.to_owned(),
            "anymultirange" | "anycompatiblemultirange" => range_of(element)?.1.to_owned(),
            "record" | "anyenum" | "internal" | "cstring" => return None,
            other => other.to_owned(),
        };
        literals::oid(&name).filter(|ty| self.types.contains(ty) || matches!(name.as_str(), "void"))
    }
}

fn range_of(element: &str) -> Option<(&'static str, &'static str)> {
    Some(match element {
        "int4" => ("int4range", "int4multirange"),
        "numeric" => ("numrange", "nummultirange"),
        "date" => ("daterange", "datemultirange"),
        _ => return None,
    })
}

fn comparable(proc: &Proc) -> bool {
    const PG_CATALOG: Oid = Oid(11);
    let system = [
        "pg_",
        "has_",
        "acl",
        "_pg",
        "txid",
        "row_security",
        "to_reg",
        "col_description",
        "obj_description",
        "shobj",
    ];
    proc.namespace == PG_CATALOG
        && proc.volatility != 'v'
        && !NOT_COMPARABLE.contains(&proc.name)
        && !proc.name.ends_with("_transfn")
        && !system.iter().any(|prefix| proc.name.starts_with(prefix))
        && sql::exec::answers(proc.oid)
}
