//! The columns of a plan's rows: how many, and of which types, as far as it can be told.

use std::collections::HashMap;

use pg::Oid;
use pg::catalog;

use crate::plan::Plan;
use crate::query::{Expr, ExprKind, JoinKind};

/// The types of a plan's columns; invalid where they can't be told.
pub(super) fn columns(plan: &Plan, ctes: &HashMap<usize, Vec<Oid>>) -> Vec<Oid> {
    let of = |exprs: &[Expr]| exprs.iter().map(|expr| expr.ty.oid).collect::<Vec<_>>();
    match plan {
        Plan::Remote(scan) => scan.columns.iter().map(|column| column.ty.oid).collect(),
        Plan::Catalog { relation, columns } => columns
            .iter()
            .map(|at| relation.columns.get(*at).map_or(Oid::INVALID, |column| column.ty.oid))
            .collect(),
        Plan::Values { rows } => rows.first().map(|row| of(row)).unwrap_or_default(),
        Plan::Functions { calls, widths, ordinality } => {
            let mut all: Vec<Oid> =
                calls.iter().zip(widths).flat_map(|(call, width)| call_columns(call, *width)).collect();
            if *ordinality {
                all.push(pg::oid::INT8);
            }
            all
        }
        Plan::Filter { input, .. }
        | Plan::Sort { input, .. }
        | Plan::Limit { input, .. }
        | Plan::Distinct { input, .. } => columns(input, ctes),
        Plan::Project { exprs, .. } | Plan::ProjectSet { exprs, .. } => of(exprs),
        Plan::Join { kind, left, right, .. } | Plan::Apply { kind, left, right, .. } => {
            let mut all = columns(left, ctes);
            if !matches!(kind, JoinKind::Semi | JoinKind::Anti) {
                all.extend(columns(right, ctes));
            }
            all
        }
        Plan::Aggregate { keys, sets, aggregates, .. } => {
            let mut all = of(keys);
            all.extend(aggregates.iter().map(|(_, ty)| ty.oid));
            if sets.is_some() {
                all.push(pg::oid::INT4);
            }
            all
        }
        Plan::Window { input, calls, .. } => {
            let mut all = columns(input, ctes);
            all.extend(calls.iter().map(|(_, ty)| ty.oid));
            all
        }
        Plan::Append { inputs } => inputs.first().map(|input| columns(input, ctes)).unwrap_or_default(),
        Plan::SetOperation { left, .. } => columns(left, ctes),
        Plan::With { ctes: definitions, input } => {
            let mut known = ctes.clone();
            // Forward references (WITH RECURSIVE) need a second look.
            for _ in 0..2 {
                for cte in definitions {
                    let types = columns(&cte.plan, &known);
                    known.insert(cte.id, types);
                }
            }
            columns(input, &known)
        }
        Plan::CteScan { id, columns } => {
            let all = ctes.get(id).map(Vec::as_slice).unwrap_or_default();
            match columns {
                Some(columns) => columns.iter().map(|&at| all.get(at).copied().unwrap_or_default()).collect(),
                None => all.to_vec(),
            }
        }
    }
}

fn call_columns(call: &Expr, width: usize) -> Vec<Oid> {
    if width == 1 && !is_composite(call.ty.oid) {
        return vec![call.ty.oid];
    }
    let mut types = match &call.kind {
        ExprKind::Call(call) => catalog::proc_by_oid(call.proc)
            .map(|row| row.outputs().into_iter().map(|(_, ty)| ty).collect::<Vec<_>>())
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    types.resize(width, Oid::INVALID);
    types
}

/// Whether values of a type are rows.
pub(crate) fn is_composite(ty: Oid) -> bool {
    ty == pg::oid::RECORD || catalog::type_by_oid(ty).is_some_and(|row| row.kind == 'c')
}
