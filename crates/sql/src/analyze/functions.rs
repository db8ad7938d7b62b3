//! Which function a call means (`func_get_detail`; manual, "Functions", in "Type Conversion").

use std::sync::Arc;

use pg::catalog::{self, Proc, procs_by_name, type_by_name};
use pg::oid;
use pg::{Oid, Result};

use super::Analyzer;
use super::candidates::{self, Candidate, matching, select};
use super::coerce::{Context, Pathway, category, is_composite, pathway};
use super::types::{format_type, namespace};
use crate::catalog::Name;
use crate::query::{Expr, ExprKind};

/// What a name in front of arguments means.
pub enum Meaning {
    /// A function.
    Function(&'static Proc, Candidate),
    /// A type: the call is a cast.
    Cast(Oid),
    /// No such function.
    None,
    /// Several.
    Many,
}

impl Analyzer<'_> {
    /// The rows of `pg_proc` that a name may mean.
    fn procs(&self, name: &[Name], pos: Option<u32>) -> Result<Vec<&'static Proc>> {
        let (schema, name) = self.qualified(name).map_err(|error| error.at(pos))?;
        let rows = procs_by_name(&name.folded());
        let Some(schema) = schema else {
            let path: Vec<Oid> = self.search_path().iter().filter_map(|s| namespace(s)).collect();
            let on_path =
                |row: &&&Proc| row.namespace == catalog::PG_CATALOG || path.contains(&row.namespace);
            return Ok(rows.iter().filter(on_path).copied().collect());
        };
        let namespace = self.explicit_namespace(&schema.folded(), pos)?;
        Ok(rows.iter().filter(|row| row.namespace == namespace).copied().collect())
    }

    /// `func_get_detail`
    pub(super) fn function(
        &self,
        name: &[Name],
        args: &[Expr],
        arg_names: &[Arc<str>],
        variadic: bool,
        pos: Option<u32>,
    ) -> Result<Meaning> {
        let rows = self.procs(name, pos)?;
        let inputs: Vec<Oid> = args.iter().map(|a| a.ty.oid).collect();
        let all = candidates::functions(&rows, inputs.len(), arg_names, !variadic);
        let row_of = |c: &Candidate| rows.iter().find(|row| row.oid == c.oid).copied();
        if let Some(exact) = all.iter().find(|c| c.args == inputs)
            && let Some(row) = row_of(exact)
        {
            return Ok(Meaning::Function(row, exact.clone()));
        }
        if let ([arg], [], false) = (args, arg_names, variadic)
            && let Some(ty) = cast_function(name, arg)
        {
            return Ok(Meaning::Cast(ty));
        }
        let found = matching(all, &inputs);
        match select(&found, &inputs) {
            Some(chosen) => match row_of(chosen) {
                Some(row) => Ok(Meaning::Function(row, chosen.clone())),
                None => Ok(Meaning::None),
            },
            None if found.is_empty() => Ok(Meaning::None),
            None => Ok(Meaning::Many),
        }
    }
}

/// `text(x)` where no function is called so: a cast to the type of that name (`FuncNameAsType`).
fn cast_function(name: &[Name], arg: &Expr) -> Option<Oid> {
    let name = match name {
        [name] => name,
        [schema, name] if *schema.folded() == *"pg_catalog" => name,
        _ => return None,
    };
    let row = type_by_name(&name.folded()).filter(|row| !row.is_pseudo() && row.kind != 'c')?;
    let source = arg.ty.oid;
    // Of a literal it is a cast always, of a parameter never.
    if source == oid::UNKNOWN && matches!(arg.kind, ExprKind::Const(_)) {
        return Some(row.oid);
    }
    match pathway(row.oid, source, Context::Explicit)? {
        Pathway::Relabel => Some(row.oid),
        Pathway::InputOutput => {
            let composite = source == oid::RECORD || is_composite(source);
            (!(composite && category(row.oid) == 'S')).then_some(row.oid)
        }
        _ => None,
    }
}

/// `func_signature_string`
pub fn signature(name: &[Name], args: &[Expr], arg_names: &[Arc<str>]) -> String {
    let name = name.iter().map(|n| n.folded().to_string()).collect::<Vec<_>>().join(".");
    let positional = args.len() - arg_names.len().min(args.len());
    let types: Vec<String> = args
        .iter()
        .enumerate()
        .map(|(i, arg)| {
            let ty = format_type(arg.ty.oid);
            match i.checked_sub(positional).and_then(|i| arg_names.get(i)) {
                Some(name) => format!("{name} => {ty}"),
                None => ty,
            }
        })
        .collect();
    format!("{name}({})", types.join(", "))
}
