//! Collations at calls: aggregates, and functions that can't do without one.

use pg::catalog::{aggregate, proc_by_oid};
use pg::{Error, Oid, Result, SqlState, oid};

use super::{Pass, State, Strength, is_collatable};
use crate::query::{Aggregate, Expr, ExprKind, Operator};

impl Pass {
    /// What an aggregate's arguments give its result.
    pub(super) fn aggregate(&mut self, call: &mut Aggregate) -> Result<State> {
        let kind = aggregate(call.proc).map_or('n', |row| row.kind);
        let variadic = proc_by_oid(call.proc).is_some_and(|row| row.variadic.is_valid());
        // The order of one key may be the result's.
        let merges = call.order_by.len() == 1 && !variadic;
        let mut state = State::default();
        let alone = call.args.len().saturating_sub(if kind == 'h' { call.order_by.len() } else { 0 });
        for arg in call.args.iter_mut().take(alone) {
            let arg = self.expr(arg)?;
            if call.distinct {
                arg.no_conflict()?;
            }
            state.merge(arg)?;
        }
        let mut hypothetical = call.args.iter_mut().skip(alone);
        for key in &mut call.order_by {
            let mut pair = match hypothetical.next() {
                Some(arg) => self.expr(arg)?,
                None => State::default(),
            };
            pair.merge(self.expr(&mut key.expr)?)?;
            pair.no_conflict()?;
            if kind != 'n' && merges {
                state.merge(pair)?;
            }
        }
        Ok(state)
    }
}

/// The error of a call whose arguments have no common collation, when it needs one. PostgreSQL raises it for the first
/// row.
pub(super) fn check(expr: &Expr, parts: State) -> Result<()> {
    if parts.strength != Strength::Conflict {
        return Ok(());
    }
    match &expr.kind {
        ExprKind::Call(call) => of_function(call.proc),
        ExprKind::Aggregate(call) => of_function(call.proc),
        ExprKind::Window(call) => of_function(call.proc),
        ExprKind::AnyList { operator, .. } | ExprKind::AnyArray { operator, .. } => {
            of_function(operator.proc)
        }
        ExprKind::DistinctFrom { equal, .. } | ExprKind::NullIf { equal, .. } => of_function(equal.proc),
        ExprKind::MinMax { .. } => comparison(parts, expr.ty.oid),
        _ => Ok(()),
    }
}

/// The same of a comparison of values of a type.
pub(super) fn comparison(state: State, ty: Oid) -> Result<()> {
    if state.strength == Strength::Conflict && is_collatable(ty) && ty != oid::NAME {
        return Err(indeterminate("string comparison"));
    }
    Ok(())
}

/// The same of an operator.
pub(super) fn operator(state: State, operator: &Operator) -> Result<()> {
    if state.strength == Strength::Conflict { of_function(operator.proc) } else { Ok(()) }
}

fn of_function(proc: Oid) -> Result<()> {
    let Some(row) = proc_by_oid(proc) else { return Ok(()) };
    match row.source {
        "lower" | "upper" | "initcap" => Err(indeterminate(&format!("{}() function", row.source))),
        source if COMPARING.contains(&source) => Err(indeterminate("string comparison")),
        source if source.starts_with("hashtext") || source.starts_with("hashbpchar") => {
            Err(indeterminate("string hashing"))
        }
        source if source.contains("regex") => Err(indeterminate("regular expression")),
        source if source.contains("iclike") || source.contains("icnlike") => Err(indeterminate("ILIKE")),
        _ => Ok(()),
    }
}

/// The functions with `check_collation_set`.
const COMPARING: [&str; 42] = [
    "texteq",
    "textne",
    "text_lt",
    "text_le",
    "text_gt",
    "text_ge",
    "bttextcmp",
    "text_larger",
    "text_smaller",
    "text_starts_with",
    "textpos",
    "replace_text",
    "split_part",
    "bpchareq",
    "bpcharne",
    "bpcharlt",
    "bpcharle",
    "bpchargt",
    "bpcharge",
    "bpcharcmp",
    "bpchar_larger",
    "bpchar_smaller",
    "nameeqtext",
    "namenetext",
    "namelttext",
    "nameletext",
    "namegttext",
    "namegetext",
    "btnametextcmp",
    "texteqname",
    "textnename",
    "textltname",
    "textlename",
    "textgtname",
    "textgename",
    "bttextnamecmp",
    "text_to_array",
    "array_eq",
    "array_lt",
    "array_gt",
    "array_position",
    "array_positions",
];

fn indeterminate(what: &str) -> Error {
    Error::new(
        SqlState::INDETERMINATE_COLLATION,
        format!("could not determine which collation to use for {what}"),
    )
    .hint("Use the COLLATE clause to set the collation explicitly.")
}
