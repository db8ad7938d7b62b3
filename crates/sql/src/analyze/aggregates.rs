//! Aggregates (`transformAggregateCall`, `check_agglevels_and_constraints`).

use pg::catalog;
use pg::oid::{self, TypeRef};
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::calls::Resolved;
use super::clause::Clause;
use super::coerce::returns_set;
use super::types::format_type;
use crate::parse::ast::{FuncCall, SortBy};
use crate::query::{Aggregate, AggregateSort, CallForm, Expr, ExprKind};
use crate::same::same;
use crate::walk;

impl Analyzer<'_> {
    pub(super) fn aggregate(
        &mut self,
        call: &FuncCall,
        resolved: Resolved,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let Resolved { proc, mut args, result, filter } = resolved;
        let ordered_set = catalog::aggregate(proc.oid).is_some_and(|row| row.kind != 'n');
        let mut order_by = Vec::new();
        if ordered_set {
            let sorted = args.split_off(args.len().saturating_sub(call.order_by.len()));
            for (key, expr) in call.order_by.iter().zip(sorted) {
                order_by.push(self.sort_of(key, expr)?);
            }
        } else {
            let mut foreign = None;
            for key in &call.order_by {
                let (expr, is_argument) = self.sort_key_of(&mut args, &key.expr)?;
                if !is_argument {
                    foreign = foreign.or(Some(expr.position));
                }
                order_by.push(self.sort_of(key, expr)?);
            }
            if call.distinct {
                self.check_distinct(&args, foreign, pos)?;
            }
        }
        if let Some(set) = args.iter().find(|arg| returns_set(arg)) {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "aggregate function calls cannot contain set-returning function calls",
            )
            .hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(set.position));
        }
        let aggregate = Aggregate {
            proc: proc.oid,
            args,
            distinct: call.distinct,
            order_by,
            filter,
            within_group: ordered_set,
        };
        let expr = Expr::new(ExprKind::Aggregate(Box::new(aggregate)), TypeRef::of(result)).at(pos);
        self.check_aggregate(&expr, pos)?;
        Ok(expr)
    }

    /// Where the aggregate belongs, and whether it may stand here.
    fn check_aggregate(&mut self, expr: &Expr, pos: Option<u32>) -> Result<()> {
        let mut nested = None;
        let level = walk::aggregate_level(expr);
        walk::for_each_child(expr, &mut |child| {
            walk::visit_aggregates(child, &mut |inner, depth| {
                if depth > 0 && walk::aggregate_level(inner) == depth + level {
                    let message = "aggregate function calls cannot be nested";
                    nested = nested.or(Some((message, inner.position)));
                }
            });
            walk::visit(child, &mut |inner| {
                match &inner.kind {
                    ExprKind::Aggregate(_) => {
                        nested =
                            nested.or(Some(("aggregate function calls cannot be nested", inner.position)))
                    }
                    ExprKind::Window(_) => {
                        let message = "aggregate function calls cannot contain window function calls";
                        nested = nested.or(Some((message, inner.position)));
                    }
                    _ => {}
                }
                nested.is_none()
            });
        });
        if let Some((message, position)) = nested {
            return Err(Error::new(SqlState::GROUPING_ERROR, message).at(position));
        }
        self.check_outer_aggregate(expr, level, pos)?;
        let owner = self.scopes.len().checked_sub(level + 1);
        let Some(owner) = owner.and_then(|owner| self.scopes.get_mut(owner)) else {
            return Err(Error::internal("an aggregate belongs to no query"));
        };
        if let Some(name) = owner.clause.refuses_aggregates() {
            return Err(Error::new(
                SqlState::GROUPING_ERROR,
                format!("aggregate functions are not allowed in {name}"),
            )
            .at(pos));
        }
        owner.has_aggregates = true;
        Ok(())
    }

    /// What an aggregate of an outer query must not name: anything nearer than its query.
    fn check_outer_aggregate(&self, expr: &Expr, level: usize, pos: Option<u32>) -> Result<()> {
        let ExprKind::Aggregate(call) = &expr.kind else { return Ok(()) };
        let mut nested = None;
        walk::visit_outer_ctes(expr, &mut |levels_up, name| {
            if levels_up < level && nested.is_none() {
                nested = Some(name.clone());
            }
        });
        if let Some(name) = nested {
            let message = "outer-level aggregate cannot use a nested CTE";
            let detail = format!("CTE \"{name}\" is below the aggregate's semantic level.");
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).at(pos));
        }
        let direct = call.args.iter().filter(|_| call.within_group);
        let nearest = direct.clone().filter_map(walk::least_level).min().filter(|nearest| *nearest < level);
        let Some(nearest) = nearest else { return Ok(()) };
        let position = direct.filter_map(|arg| column_position(arg, nearest)).next();
        let message = "outer-level aggregate cannot contain a lower-level variable in its direct arguments";
        Err(Error::new(SqlState::GROUPING_ERROR, message).at(position))
    }

    pub(super) fn filter(&mut self, filter: &crate::parse::ast::Expr) -> Result<Expr> {
        let filter = self.in_clause(Clause::Filter, |a| a.expr(filter))?;
        self.coerce_to_boolean(filter, "FILTER")
    }

    /// A sort expression inside a call: an expression, never a column's number or alias; literals are text.
    pub(super) fn sort_expr(&mut self, expr: &crate::parse::ast::Expr) -> Result<Expr> {
        let expr = self.expr(expr)?;
        if expr.ty.oid == oid::UNKNOWN {
            self.coerce_to_common(expr, oid::TEXT, "ORDER BY")
        } else {
            Ok(expr)
        }
    }

    /// A sort key of an aggregate: an argument, conversion and all, or not (`findTargetlistEntrySQL99`). Literals of no
    /// type are no more the argument when it has got a type; those that have none become texts, here and there.
    fn sort_key_of(&mut self, args: &mut [Expr], raw: &crate::parse::ast::Expr) -> Result<(Expr, bool)> {
        let expr = self.expr(raw)?;
        let unknown = expr.ty.oid == oid::UNKNOWN;
        let found = args.iter_mut().find(|arg| {
            let plain = strip_implicit(arg);
            (!unknown || plain.ty.oid == oid::UNKNOWN) && same(plain, &expr)
        });
        let is_argument = found.is_some();
        match found {
            Some(arg) if unknown => {
                *arg = self.coerce_to_common(expr, oid::TEXT, "ORDER BY")?;
                Ok((arg.clone(), true))
            }
            Some(arg) => Ok((arg.clone(), true)),
            None if unknown => Ok((self.coerce_to_common(expr, oid::TEXT, "ORDER BY")?, is_argument)),
            None => Ok((expr, is_argument)),
        }
    }

    /// `addTargetToSortList`
    pub(super) fn sort_of(&mut self, key: &SortBy, expr: Expr) -> Result<AggregateSort> {
        let descending = self.sort_direction(key, expr.ty.oid, expr.position)?;
        Ok(AggregateSort { expr, descending, nulls_first: key.nulls_first.unwrap_or(descending) })
    }

    /// Whether a key sorts downwards; the type must have an order.
    pub(super) fn sort_direction(&mut self, key: &SortBy, ty: pg::Oid, pos: Option<u32>) -> Result<bool> {
        if let Some((op, op_pos)) = &key.using {
            let at = self.pos(*op_pos);
            let row = self.binary_operator(op, ty, ty, at)?;
            let strategies = catalog::btree_strategies(row.oid);
            return match strategies.iter().find(|(_, s)| matches!(s, 1 | 5)) {
                Some((_, strategy)) => Ok(*strategy == 5),
                None => Err(Error::new(
                    SqlState::WRONG_OBJECT_TYPE,
                    format!("operator {} is not a valid ordering operator", op.name),
                )
                .hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
                .at(at)),
            };
        }
        if !has_order(ty) {
            return Err(Error::new(
                SqlState::UNDEFINED_FUNCTION,
                format!("could not identify an ordering operator for type {}", format_type(ty)),
            )
            .hint("Use an explicit ordering operator or modify the query.")
            .at(pos));
        }
        Ok(key.descending)
    }

    /// `foreign`: where a sort key stands that is no argument.
    fn check_distinct(
        &mut self,
        args: &[Expr],
        foreign: Option<Option<u32>>,
        pos: Option<u32>,
    ) -> Result<()> {
        if args.is_empty() {
            return Err(Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                "an aggregate with DISTINCT must have at least one argument",
            )
            .at(pos));
        }
        if let Some(position) = foreign {
            return Err(Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
            )
            .at(position));
        }
        // Literals of no type are texts here.
        for arg in args.iter().filter(|arg| arg.ty.oid != oid::UNKNOWN) {
            self.check_equality(arg.ty.oid, arg.position)?;
        }
        Ok(())
    }

    /// The type must have an equality, for DISTINCT and GROUP BY.
    pub(super) fn check_equality(&self, ty: pg::Oid, pos: Option<u32>) -> Result<()> {
        let comparable = |ty: pg::Oid| catalog::equality_operator(ty).is_some();
        let element = catalog::element_type(ty);
        let has = match element {
            Some(element) => comparable(element),
            None => comparable(ty) || ty == oid::RECORD || super::coerce::is_composite(ty),
        };
        if has {
            return Ok(());
        }
        Err(Error::new(
            SqlState::UNDEFINED_FUNCTION,
            format!("could not identify an equality operator for type {}", format_type(ty)),
        )
        .at(pos))
    }
}

/// Where the first column of an expression stands that is so far out (`locate_var_of_level`).
fn column_position(expr: &Expr, level: usize) -> Option<u32> {
    let mut found = None;
    walk::visit(expr, &mut |e| {
        if let ExprKind::Column(column) = &e.kind
            && column.levels_up == level
        {
            found = found.or(e.position);
        }
        found.is_none()
    });
    found
}

/// What is under conversions that nobody wrote (`strip_implicit_coercions`).
pub(super) fn strip_implicit(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Coerce { expr, explicit: false, .. } => strip_implicit(expr),
        ExprKind::Call(call) if call.form == CallForm::ImplicitCast => {
            call.args.first().map_or(expr, strip_implicit)
        }
        _ => expr,
    }
}

/// Whether a type has an order.
pub(super) fn has_order(ty: pg::Oid) -> bool {
    match catalog::element_type(ty) {
        Some(element) => has_order(element),
        None => {
            catalog::btree_operator(ty, catalog::Strategy::Less).is_some()
                || ty == oid::RECORD
                || super::coerce::is_composite(ty)
        }
    }
}
