//! Queries and their blocks (`transformSelectStmt`, `transformValuesClause`).

use std::sync::Arc;

use pg::oid::{self, TypeRef};
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use super::common::{common_type, common_typmod};
use super::expr::syntax_error;
use super::names::NO_ORIGIN;
use crate::parse::ast::{self, QueryBody};
use crate::query::{Body, Distinct, Expr, Grouping, OutputColumn, Query, Select, SortKey, Target};
use crate::walk;

impl Analyzer<'_> {
    /// A query in a block of its own; literals of unknown type in its result are text.
    pub(super) fn query(&mut self, query: &ast::Query) -> Result<Query> {
        self.query_in(query, true)
    }

    /// As [`Analyzer::query`]; with `resolve` false, literals in the select list stay unknown.
    pub(super) fn query_in(&mut self, query: &ast::Query, resolve: bool) -> Result<Query> {
        crate::stack::grown(|| {
            let (result, _) = self.in_scope(|a| a.query_in_scope(query, resolve))?;
            Ok(result)
        })
    }

    pub(super) fn query_in_scope(&mut self, query: &ast::Query, resolve: bool) -> Result<Query> {
        let ctes = match &query.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let mut analysed = match &query.body {
            QueryBody::Select(select) => self.select(query, select, resolve)?,
            QueryBody::Values(rows) => self.values(query, rows, resolve)?,
            QueryBody::SetOperation { kind, all, left, right } => {
                self.set_operation(query, *kind, *all, left, right, resolve)?
            }
        };
        analysed.ctes = ctes;
        self.check_locking(query, &mut analysed)?;
        Ok(analysed)
    }

    fn select(&mut self, query: &ast::Query, select: &ast::Select, resolve: bool) -> Result<Query> {
        self.scope()?.window_defs = select.windows.clone();
        let from = self.from(&select.from)?;
        let mut targets = self.in_clause(Clause::Targets, |a| a.targets(&select.targets))?;
        let columns = targets.len();
        let origins: Vec<_> = {
            let scope = self.scope()?;
            targets.iter().map(|target| scope.origin(&target.expr)).collect()
        };
        let filter = self.condition(select.filter.as_ref(), Clause::Where, "WHERE")?;
        let having = self.condition(select.having.as_ref(), Clause::Having, "HAVING")?;
        let order_by = self.order_by(&query.order_by, &mut targets)?;
        let grouping = self.group_by(select, &mut targets)?;
        let distinct = self.distinct(select.distinct.as_deref(), &mut targets, &order_by)?;
        let (offset, limit) = self.limits(query)?;
        self.define_windows(&select.windows)?;
        if resolve {
            self.resolve_unknowns(&mut targets)?;
        }
        let mut select = Select {
            ranges: Vec::new(),
            from,
            filter,
            grouping,
            having,
            windows: Vec::new(),
            distinct,
            targets,
            locked: Vec::new(),
        };
        self.finish_grouped(&mut select)?;
        let scope = self.scope()?;
        select.ranges = scope.take_ranges();
        select.windows = std::mem::take(&mut scope.windows);
        let columns = output_columns(&select.targets, columns, &origins);
        Ok(Query {
            ctes: Vec::new(),
            body: Body::Select(Box::new(select)),
            order_by,
            limit,
            offset,
            with_ties: query.with_ties,
            columns,
        })
    }

    fn condition(&mut self, raw: Option<&ast::Expr>, clause: Clause, name: &str) -> Result<Option<Expr>> {
        let Some(raw) = raw else { return Ok(None) };
        let expr = self.in_clause(clause, |a| a.expr(raw))?;
        self.coerce_to_boolean(expr, name).map(Some)
    }

    fn limits(&mut self, query: &ast::Query) -> Result<(Option<Expr>, Option<Expr>)> {
        let offset = query.offset.as_ref().map(|raw| self.limit(raw, Clause::Offset)).transpose()?;
        let limit = query.limit.as_ref().map(|raw| self.limit(raw, Clause::Limit)).transpose()?;
        Ok((offset, limit))
    }

    /// `parseCheckAggregates`
    fn finish_grouped(&mut self, select: &mut Select) -> Result<()> {
        let grouped = self.scope()?.has_aggregates || select.grouping.is_some() || select.having.is_some();
        if !grouped {
            return Ok(());
        }
        select.grouping.get_or_insert_with(|| Grouping { keys: Vec::new(), sets: None });
        self.add_dependent_keys(select)?;
        let Some(grouping) = &select.grouping else { return Err(Error::internal("a lost GROUP BY")) };
        let grouping = grouping.clone();
        for target in &mut select.targets {
            self.finish_grouping(&mut target.expr, &grouping)?;
        }
        if let Some(having) = &mut select.having {
            self.finish_grouping(having, &grouping)?;
        }
        self.finish_grouping_of_windows(&grouping)?;
        let keys = grouping.keys;
        for target in &select.targets {
            self.check_grouped(&target.expr, &keys)?;
        }
        if let Some(having) = &select.having {
            self.check_grouped(having, &keys)?;
        }
        let windows = self.scope()?.windows.clone();
        for window in &windows {
            for expr in window.partition_by.iter().chain(window.order_by.iter().map(|key| &key.expr)) {
                self.check_grouped(expr, &keys)?;
            }
        }
        let scope = self.scope()?;
        if scope.has_aggregates && scope.self_reference {
            let exprs = select.targets.iter().map(|target| &target.expr).chain(&select.having);
            let position = exprs.filter_map(aggregate_position).next();
            let message = "aggregate functions are not allowed in a recursive query's recursive term";
            return Err(Error::new(SqlState::INVALID_RECURSION, message).at(position));
        }
        Ok(())
    }

    /// `VALUES (…), (…)` by itself.
    fn values(&mut self, query: &ast::Query, rows: &[Vec<ast::Expr>], resolve: bool) -> Result<Query> {
        if query.order_by.iter().any(computes) {
            let (over, select) = over_values(query);
            return self.select(&over, &select, resolve);
        }
        let rows = self.in_clause(Clause::Values, |a| a.value_rows(rows))?;
        let (rows, columns) = self.value_columns(rows, resolve)?;
        let order_by = self.sort_output(&query.order_by, &columns, None)?;
        let (offset, limit) = self.limits(query)?;
        Ok(Query {
            ctes: Vec::new(),
            body: Body::Values(rows),
            order_by,
            limit,
            offset,
            with_ties: query.with_ties,
            columns,
        })
    }

    pub(super) fn value_rows(&mut self, rows: &[Vec<ast::Expr>]) -> Result<Vec<Vec<Expr>>> {
        let width = rows.first().map_or(0, Vec::len);
        let mut analysed = Vec::with_capacity(rows.len());
        for row in rows {
            if row.len() != width {
                let pos = row.first().and_then(|expr| self.pos(expr.pos));
                return Err(syntax_error("VALUES lists must all be the same length", pos));
            }
            analysed.push(self.exprs(row)?);
        }
        Ok(analysed)
    }

    /// The common types of the columns of VALUES, and the rows coerced to them.
    fn value_columns(
        &mut self,
        rows: Vec<Vec<Expr>>,
        resolve: bool,
    ) -> Result<(Vec<Vec<Expr>>, Vec<OutputColumn>)> {
        let width = rows.first().map_or(0, Vec::len);
        let mut types = Vec::with_capacity(width);
        for i in 0..width {
            let column: Vec<&Expr> = rows.iter().filter_map(|row| row.get(i)).collect();
            let all_unknown = column.iter().all(|e| e.ty.oid == oid::UNKNOWN);
            if all_unknown && !resolve {
                types.push(oid::UNKNOWN);
            } else {
                types.push(common_type(&column, Some("VALUES"))?.unwrap_or(oid::TEXT));
            }
        }
        let mut coerced = Vec::with_capacity(rows.len());
        for row in rows {
            let row = row.into_iter().zip(&types).map(|(e, ty)| self.coerce_to_common(e, *ty, "VALUES"));
            coerced.push(row.collect::<Result<Vec<_>>>()?);
        }
        let column = |(i, ty): (usize, &pg::Oid)| OutputColumn {
            name: Arc::from(format!("column{}", i + 1)),
            ty: TypeRef { oid: *ty, typmod: common_typmod(coerced.iter().filter_map(|row| row.get(i)), *ty) },
            origin: NO_ORIGIN,
        };
        let columns = types.iter().enumerate().map(column).collect();
        Ok((coerced, columns))
    }

    /// ORDER BY of VALUES and set operations: by the names and numbers of the result's columns.
    pub(super) fn sort_output(
        &mut self,
        keys: &[ast::SortBy],
        columns: &[OutputColumn],
        sides: Option<&Body>,
    ) -> Result<Vec<SortKey>> {
        let stand_ins: Vec<Target> = columns
            .iter()
            .enumerate()
            .map(|(i, c)| Target { expr: Expr::slot(i, c.ty), name: c.name.clone(), junk: false })
            .collect();
        let mut sort: Vec<SortKey> = Vec::new();
        for key in keys {
            let target = match &key.expr.kind {
                ast::ExprKind::Const(literal) => {
                    Some(self.ordinal(literal, &stand_ins, "ORDER BY", key.expr.pos)?)
                }
                ast::ExprKind::Column(names) if names.len() == 1 => match names.first() {
                    Some(name) => self.target_by_name(name, &stand_ins, "ORDER BY", key.expr.pos)?,
                    None => None,
                },
                _ => None,
            };
            let Some(target) = target else { return Err(self.bad_output_sort(&key.expr, columns, sides)) };
            let ty = columns.get(target).map_or(oid::TEXT, |c| c.ty.oid);
            let descending = self.sort_direction(key, ty, self.pos(key.expr.location()))?;
            if !sort.iter().any(|s| s.target == target) {
                let nulls_first = key.nulls_first.unwrap_or(descending);
                sort.push(SortKey { target, descending, nulls_first });
            }
        }
        Ok(sort)
    }

    fn bad_output_sort(&mut self, raw: &ast::Expr, columns: &[OutputColumn], sides: Option<&Body>) -> Error {
        let pos = self.pos(raw.location());
        // The sides are known by their names to messages, and of no other use; the columns of the result are visible.
        let mut ranges = Vec::new();
        if let Some(body) = sides {
            super::setop::sides_as_ranges(body, &mut ranges);
        }
        let visible = columns.iter().enumerate().map(|(i, c)| super::scope::ItemColumn {
            name: c.name.clone(),
            expr: Expr::slot(i, c.ty),
            hidden: false,
        });
        let item = super::scope::Item::unnamed(visible.collect());
        if let Ok(scope) = self.scope() {
            (scope.ranges, scope.namespace) = (ranges, vec![item]);
        }
        if let Err(error) = self.in_clause(Clause::OrderBy, |a| a.expr(raw)) {
            return error;
        }
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
            .detail("Only result column names can be used, not expressions or functions.")
            .hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
            .at(pos)
    }

    /// A query whose columns have these types: converted in its own select list where that changes nothing else,
    /// otherwise by a block around it.
    pub(super) fn convert_columns(
        &mut self,
        mut query: Query,
        types: &[TypeRef],
        convert: &mut dyn FnMut(&mut Self, Expr, TypeRef) -> Result<Expr>,
    ) -> Result<Query> {
        if query.columns.iter().zip(types).all(|(column, ty)| column.ty == *ty) {
            return Ok(query);
        }
        let simple = query.order_by.is_empty();
        match &mut query.body {
            Body::Select(select) if simple && matches!(select.distinct, Distinct::No) => {
                for (target, ty) in select.targets.iter_mut().filter(|t| !t.junk).zip(types) {
                    let old = std::mem::replace(&mut target.expr, Expr::constant(pg::Value::Null, oid::TEXT));
                    target.expr = convert(self, old, *ty)?;
                }
            }
            Body::Values(rows) if simple => {
                for row in rows {
                    for (expr, ty) in row.iter_mut().zip(types) {
                        let old = std::mem::replace(expr, Expr::constant(pg::Value::Null, oid::TEXT));
                        *expr = convert(self, old, *ty)?;
                    }
                }
            }
            _ => return self.convert_around(query, types, convert),
        }
        for (column, ty) in query.columns.iter_mut().zip(types) {
            column.ty = *ty;
        }
        Ok(query)
    }

    fn convert_around(
        &mut self,
        mut query: Query,
        types: &[TypeRef],
        convert: &mut dyn FnMut(&mut Self, Expr, TypeRef) -> Result<Expr>,
    ) -> Result<Query> {
        walk::shift_query_levels(&mut query, 1);
        let mut columns = query.columns.clone();
        let mut targets = Vec::with_capacity(columns.len());
        for (i, (column, ty)) in columns.iter_mut().zip(types).enumerate() {
            let place = crate::query::ColumnRef { levels_up: 0, range: 0, column: i };
            let expr = Expr::new(crate::query::ExprKind::Column(place), column.ty);
            targets.push(Target { expr: convert(self, expr, *ty)?, name: column.name.clone(), junk: false });
            column.ty = *ty;
        }
        let inner = super::from::subquery_range("unnamed_subquery".into(), query, false);
        let select = Select::plain(vec![inner], vec![crate::query::From::Range(0)], targets);
        Ok(Query::plain(Body::Select(Box::new(select)), columns))
    }
}

/// The columns of a result: the targets that are not junk.
pub(super) fn output_columns(
    targets: &[Target],
    count: usize,
    origins: &[(pg::Oid, i16)],
) -> Vec<OutputColumn> {
    let visible = targets.iter().take(count).zip(origins);
    let column = |(target, origin): (&Target, &(pg::Oid, i16))| OutputColumn {
        name: target.name.clone(),
        ty: target.expr.ty,
        origin: *origin,
    };
    visible.map(column).collect()
}

/// Whether a sort key is more than the name or number of a column.
fn computes(key: &ast::SortBy) -> bool {
    match &key.expr.kind {
        ast::ExprKind::Const(_) => false,
        ast::ExprKind::Column(names) => names.len() > 1,
        _ => true,
    }
}

/// VALUES as PostgreSQL has it, `SELECT * FROM (VALUES …) "*VALUES*"`, over whose columns sort keys may compute.
fn over_values(query: &ast::Query) -> (ast::Query, ast::Select) {
    let rows = ast::Query {
        with: None,
        order_by: Vec::new(),
        limit: None,
        offset: None,
        with_ties: false,
        locking: Vec::new(),
        ..query.clone()
    };
    let alias = ast::Alias { name: crate::catalog::Name::quoted("*VALUES*"), columns: Vec::new() };
    let from =
        ast::TableRef::Subquery { lateral: false, query: Box::new(rows), alias: Some(alias), pos: query.pos };
    let star = ast::Expr::new(ast::ExprKind::Star(Vec::new()), query.pos);
    let select = ast::Select {
        targets: vec![ast::Target { expr: star, name: None, pos: query.pos }],
        from: vec![from],
        ..ast::Select::default()
    };
    let body = ast::QueryBody::Select(Box::new(select.clone()));
    (ast::Query { with: None, body, ..query.clone() }, select)
}

/// Where the first aggregate of an expression stands.
fn aggregate_position(expr: &Expr) -> Option<u32> {
    let mut found = None;
    walk::visit_aggregates(expr, &mut |aggregate, _| found = found.or(aggregate.position));
    found
}
