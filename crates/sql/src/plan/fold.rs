//! Constant folding over a whole query, before anything is decided by its constants.

use pg::{Env, Result, Value, oid};

use crate::exec::fold;
use crate::query::{Expr, Query};
use crate::walk::for_each_in_query_mut;

use super::flatten::for_each_query_mut;
use super::inline::inline;

/// Computes what is constant in a query and in all queries in it.
pub(super) fn fold_query(query: &mut Query, env: &Env) -> Result<()> {
    let mut result = Ok(());
    for_each_query_mut(query, &mut |query| {
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
    });
    result
}
