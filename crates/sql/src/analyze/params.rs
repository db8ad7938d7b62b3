//! Parameters whose types are found from their places (`parse_param.c`, variable parameters).

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState};

use super::coerce::{Context, can_coerce};
use super::types::format_type;
use super::{Analyzer, Params};
use crate::query::{Expr, ExprKind, OnConflict, Query, Statement};
use crate::stack::grown;
use crate::walk;

/// The protocol counts parameters in 16 bits.
const MAX_PARAMS: usize = 65535;

impl Analyzer<'_> {
    /// `variable_paramref_hook`
    pub(super) fn param(&mut self, index: usize, pos: Option<u32>) -> Result<Expr> {
        if matches!(self.cx.params, Params::None) || index >= MAX_PARAMS {
            return Err(Error::new(
                SqlState::UNDEFINED_PARAMETER,
                format!("there is no parameter ${}", index.wrapping_add(1)),
            )
            .at(pos));
        }
        if self.params.len() <= index {
            self.params.resize(index + 1, Oid::INVALID);
        }
        let Some(ty) = self.params.get_mut(index) else { return Err(Error::internal("a lost parameter")) };
        if !ty.is_valid() {
            *ty = oid::UNKNOWN;
        }
        Ok(Expr::new(ExprKind::Param(index), *ty).at(pos))
    }

    /// `variable_coerce_param_hook`: a parameter of unknown type takes the type that is wanted of it.
    pub(super) fn coerce_param(
        &mut self,
        expr: Expr,
        index: usize,
        target: TypeRef,
        context: Context,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let Some(ty) = self.params.get_mut(index) else { return Err(Error::internal("a lost parameter")) };
        let location = [pos, expr.position].into_iter().flatten().min();
        if *ty == oid::UNKNOWN {
            *ty = target.oid;
        } else if *ty != target.oid {
            let found = *ty;
            // Not unknown any more: another place has said what it is.
            if found == expr.ty.oid && can_coerce(&[found], &[target.oid], context) {
                return self.coerce(Expr { ty: found.into(), ..expr }, target, context, pos);
            }
            return Err(Error::new(
                SqlState::AMBIGUOUS_PARAMETER,
                format!("inconsistent types deduced for parameter ${}", index + 1),
            )
            .detail(format!("{} versus {}", format_type(found), format_type(target.oid)))
            .at(expr.position));
        }
        Ok(Expr { kind: ExprKind::Param(index), ty: TypeRef::of(target.oid), position: location })
    }

    /// `check_variable_parameters`, and what Parse asks of every parameter.
    pub(super) fn finish_params(&self, statement: &Statement) -> Result<Vec<Oid>> {
        let mut wrong = None;
        for_each_param(statement, &mut |index, expr| {
            let known = self.params.get(index).copied().unwrap_or_default();
            if wrong.is_none() && expr.ty.oid == oid::UNKNOWN && known != oid::UNKNOWN {
                wrong = Some((index, expr.position));
            }
        });
        if let Some((index, position)) = wrong {
            return Err(Error::new(
                SqlState::AMBIGUOUS_PARAMETER,
                format!("could not determine data type of parameter ${}", index + 1),
            )
            .at(position));
        }
        for (index, ty) in self.params.iter().enumerate() {
            if !ty.is_valid() || *ty == oid::UNKNOWN {
                return Err(Error::new(
                    SqlState::INDETERMINATE_DATATYPE,
                    format!("could not determine data type of parameter ${}", index + 1),
                ));
            }
        }
        Ok(self.params.clone())
    }
}

fn for_each_param(statement: &Statement, f: &mut dyn FnMut(usize, &Expr)) {
    for change in statement.ctes().iter().filter_map(|cte| cte.change.as_deref()) {
        for_each_param(change, f);
    }
    match statement {
        Statement::Query(query) => in_query(query, f),
        Statement::Insert(insert) => {
            insert.ctes.iter().for_each(|cte| in_query(&cte.query, f));
            in_query(&insert.source, f);
            if let Some(OnConflict::Update { source, .. }) = &insert.on_conflict {
                in_query(source, f);
            }
            insert.returning.iter().for_each(|target| in_expr(&target.expr, f));
        }
        Statement::Update(update) => {
            in_query(&update.source, f);
            update.returning.iter().for_each(|target| in_expr(&target.expr, f));
        }
        Statement::Delete(delete) => {
            in_query(&delete.source, f);
            delete.returning.iter().for_each(|target| in_expr(&target.expr, f));
        }
        Statement::Truncate(_) => {}
        Statement::Explain(explain) => for_each_param(&explain.statement, f),
    }
}

fn in_expr(expr: &Expr, f: &mut dyn FnMut(usize, &Expr)) {
    if let ExprKind::Param(index) = expr.kind {
        f(index, expr);
    }
    walk::for_each_child(expr, &mut |child| in_expr(child, f));
    if let ExprKind::Subquery(subquery) = &expr.kind {
        in_query(&subquery.query, f);
    }
}

fn in_query(query: &Query, f: &mut dyn FnMut(usize, &Expr)) {
    let (exprs, queries) = walk::parts(query);
    exprs.into_iter().for_each(|expr| in_expr(expr, f));
    queries.into_iter().for_each(|inner| grown(|| in_query(inner, f)));
}
