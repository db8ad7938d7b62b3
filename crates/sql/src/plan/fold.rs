//! Constant folding over a whole query, before anything is decided by its constants.

use pg::{Env, Result, Value, oid};

use crate::exec::fold;
use crate::query::{Body, Expr, ExprKind, GroupKey, Grouping, Query};
use crate::same::same;
use crate::walk::for_each_in_query_mut;

use super::flatten::for_each_query_mut;
use super::inline::inline;

/// Computes what is constant in a query and in all queries in it.
pub(super) fn fold_query(query: &mut Query, env: &Env) -> Result<()> {
    let mut result = Ok(());
    for_each_query_mut(query, &mut |query| {
        let of_keys = targets_of_keys(query);
        let mut fold_one = |expr: &mut Expr| {
            if result.is_err() {
                return;
            }
            inline(expr);
            let nothing = Expr::constant(Value::Null, oid::UNKNOWN);
            match fold(std::mem::replace(expr, nothing), env) {
                Ok(folded) => *expr = folded,
                Err(error) => result = Err(error),
            }
        };
        for_each_in_query_mut(query, &mut fold_one, &mut |_| {});
        keep_apart(query, &of_keys);
    });
    result
}

/// With grouping sets, the target that is each key: the first that looks like it (`findTargetlistEntrySQL99`).
fn targets_of_keys(query: &Query) -> Vec<Option<usize>> {
    match &query.body {
        Body::Select(select) => match &select.grouping {
            Some(Grouping { keys, sets: Some(_) }) => {
                let of_key = |key: &GroupKey| select.targets.iter().position(|t| same(&t.expr, &key.expr));
                keys.iter().map(of_key).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Keys of grouping sets that have become constants, or equal to each other, are still different keys, and what
/// happens to look like one is not it: PostgreSQL knows the targets that are keys by their numbers. COALESCE of as many
/// times the same tells them apart.
fn keep_apart(query: &mut Query, of_keys: &[Option<usize>]) {
    let Body::Select(select) = &mut query.body else { return };
    let Some(grouping) = &mut select.grouping else { return };
    for (index, target) in of_keys.iter().enumerate() {
        let Some((before, [key, ..])) = grouping.keys.split_at_mut_checked(index) else { return };
        let constant = matches!(key.expr.kind, ExprKind::Const(_));
        if !constant && !before.iter().any(|other| same(&other.expr, &key.expr)) {
            continue;
        }
        let ty = key.expr.ty;
        let apart = Expr::new(ExprKind::Coalesce(vec![key.expr.clone(); index + 1]), ty);
        key.expr = apart.clone();
        if let Some(target) = target.and_then(|target| select.targets.get_mut(target)) {
            target.expr = apart;
        }
    }
}
