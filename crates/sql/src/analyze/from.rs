//! The FROM clause (`transformFromClauseItem`): relations, subqueries, functions.

use std::sync::Arc;

use pg::catalog::proc_by_oid;
use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use super::expr::syntax_error;
use super::indirection::{columns_of_type, output_columns};
use super::names::NO_ORIGIN;
use super::scope::Item;
use crate::catalog::{Relation, RelationKind};
use crate::parse::ast::{self, Alias, ColumnDef, RelationName, TableRef};
use crate::query::{Body, Expr, ExprKind, From, Query, Range, RangeColumn, RangeKind};
use crate::session::LockMode;
use crate::walk;

/// The names and types of the columns of a function in FROM.
type FunctionColumns = Vec<(Arc<str>, TypeRef)>;

impl Analyzer<'_> {
    /// `transformFromClause`
    pub(super) fn from(&mut self, items: &[TableRef]) -> Result<Vec<From>> {
        let mut from = Vec::with_capacity(items.len());
        for item in items {
            let (node, names) = self.item_of_from(item)?;
            self.check_name_conflicts(&names)?;
            // Items further right see these through LATERAL only.
            let lateral = names.into_iter().map(|item| Item { lateral_only: true, lateral_ok: true, ..item });
            self.scope()?.namespace.extend(lateral);
            from.push(node);
        }
        for item in &mut self.scope()?.namespace {
            item.lateral_only = false;
            item.lateral_ok = true;
        }
        Ok(from)
    }

    /// An item, and what it makes visible.
    pub(super) fn item_of_from(&mut self, item: &TableRef) -> Result<(From, Vec<Item>)> {
        match item {
            TableRef::Relation { name, alias, .. } => self.relation_item(name, alias.as_ref()),
            TableRef::Subquery { lateral, query, alias, .. } => {
                self.subquery_item(query, alias.as_ref(), *lateral)
            }
            TableRef::Function { calls, rows_from, ordinality, alias, columns, pos, .. } => {
                self.function_item(calls, *rows_from, *ordinality, alias.as_ref(), columns, self.pos(*pos))
            }
            TableRef::Join(join) => self.join(join),
            TableRef::Refused(what, pos) => Err(Error::refused(what).at(self.pos(*pos))),
        }
    }

    fn add_range(&mut self, range: Range, origins: Vec<(Oid, i16)>) -> Result<(From, Vec<Item>)> {
        let scope = self.scope()?;
        let item = scope.add(range, origins);
        Ok((From::Range(scope.ranges.len() - 1), vec![item]))
    }

    /// `checkNameSpaceConflicts`
    pub(super) fn check_name_conflicts(&mut self, new: &[Item]) -> Result<()> {
        let scope = self.scope()?;
        for (i, item) in new.iter().enumerate().filter(|(_, item)| item.name_visible) {
            let others = scope.namespace.iter().chain(new.iter().take(i));
            for other in others.filter(|other| other.name_visible && other.name == item.name) {
                let (Some(name), false) = (&item.name, different_schemas(item, other)) else { continue };
                return Err(Error::new(
                    SqlState::DUPLICATE_ALIAS,
                    format!("table name \"{name}\" specified more than once"),
                ));
            }
        }
        Ok(())
    }

    /// A relation by its name (`parserOpenTable`).
    pub(super) fn relation(&mut self, name: &RelationName, mode: LockMode) -> Result<Arc<Relation>> {
        let pos = self.pos(name.pos);
        if let Some(catalog) = &name.catalog
            && !self.is_database(catalog)
        {
            let schema = name.schema.as_ref().map(|s| s.folded()).unwrap_or_default();
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!(
                    "cross-database references are not implemented: \"{}.{schema}.{}\"",
                    catalog.folded(),
                    name.name.folded()
                ),
            )
            .at(pos));
        }
        let found = self.cx.snapshot.relation(name.schema.as_ref(), &name.name, self.search_path());
        if let Some(relation) = &found {
            self.wants(relation.oid, mode);
        }
        found.ok_or_else(|| {
            let text = match &name.schema {
                Some(schema) => format!("{}.{}", schema.folded(), name.name.folded()),
                None => name.name.folded().to_string(),
            };
            let error =
                Error::new(SqlState::UNDEFINED_TABLE, format!("relation \"{text}\" does not exist")).at(pos);
            let folded = name.name.folded();
            if name.schema.is_none() && self.scopes.iter().any(|scope| scope.future_ctes.contains(&folded)) {
                return error
                    .detail(format!(
                        "There is a WITH item named \"{folded}\", but it cannot be referenced from this part of the \
                         query."
                    ))
                    .hint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.");
            }
            error
        })
    }

    fn relation_item(&mut self, name: &RelationName, alias: Option<&Alias>) -> Result<(From, Vec<Item>)> {
        let pos = self.pos(name.pos);
        if name.schema.is_none()
            && let Some((levels_up, entry)) = self.cte(&name.name, pos)?
        {
            if entry.returns_nothing {
                let message = format!("WITH query \"{}\" does not have a RETURNING clause", entry.name);
                return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos));
            }
            self.scope()?.self_reference |= entry.in_progress;
            let columns = entry.columns.unwrap_or_default();
            let range = Range {
                alias: alias.map_or(entry.name, |alias| alias.name.folded()),
                columns,
                kind: RangeKind::Cte { levels_up, index: entry.index },
                lateral: false,
            };
            return self.add_aliased(range, entry.origins, alias, None);
        }
        let relation = self.relation(name, LockMode::AccessShare)?;
        let schema = alias.is_none().then(|| relation.schema.clone());
        let (range, origins) = self.relation_range(relation, alias.map(|alias| alias.name.folded()))?;
        let (from, mut items) = self.add_aliased(range, origins, alias, pos)?;
        items.iter_mut().for_each(|item| item.schema.clone_from(&schema));
        Ok((from, items))
    }

    /// A range for a relation; a view's is its definition.
    pub(super) fn relation_range(
        &mut self,
        relation: Arc<Relation>,
        alias: Option<Arc<str>>,
    ) -> Result<(Range, Vec<(Oid, i16)>)> {
        let column =
            |c: &crate::catalog::Column| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: c.hidden };
        let origins = relation.columns.iter().map(|c| (relation.oid, c.attnum)).collect();
        let alias = alias.unwrap_or_else(|| relation.name.clone());
        if let RelationKind::View { definition } = &relation.kind {
            let query = self.view(&relation, definition)?;
            let columns = relation.columns.iter().filter(|c| !c.hidden).map(column).collect();
            let kind = RangeKind::Subquery(Box::new(query));
            return Ok((Range { alias, columns, kind, lateral: false }, origins));
        }
        let columns = relation.columns.iter().map(column).collect();
        Ok((Range { alias, columns, kind: RangeKind::Relation(relation), lateral: false }, origins))
    }

    /// Adds a range under the names that an alias gives its columns.
    fn add_aliased(
        &mut self,
        mut range: Range,
        origins: Vec<(Oid, i16)>,
        alias: Option<&Alias>,
        pos: Option<u32>,
    ) -> Result<(From, Vec<Item>)> {
        if let Some(alias) = alias {
            rename_columns(&mut range, alias, pos)?;
        }
        self.add_range(range, origins)
    }

    fn subquery_item(
        &mut self,
        query: &ast::Query,
        alias: Option<&Alias>,
        lateral: bool,
    ) -> Result<(From, Vec<Item>)> {
        let query = self.with_lateral(lateral, |a| a.in_clause(Clause::FromSubquery, |a| a.query(query)))?;
        let origins = query.columns.iter().map(|column| column.origin).collect();
        let name = alias.map(|alias| alias.name.folded()).unwrap_or_default();
        let range = subquery_range(name, query, lateral);
        self.add_aliased(range, origins, alias, None)
    }

    /// Analyses something to which what stands left of it in FROM is visible, or not.
    pub(super) fn with_lateral<T>(
        &mut self,
        lateral: bool,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.scope()?.lateral_active, lateral);
        let result = f(self);
        self.scope()?.lateral_active = before;
        result
    }

    /// `transformRangeFunction`
    fn function_item(
        &mut self,
        calls: &[(ast::Expr, Vec<ColumnDef>)],
        rows_from: bool,
        ordinality: bool,
        alias: Option<&Alias>,
        definitions: &[ColumnDef],
        pos: Option<u32>,
    ) -> Result<(From, Vec<Item>)> {
        let calls = split_unnest(calls);
        self.check_definitions(definitions, calls.len() > 1, rows_from, ordinality)?;
        let (mut exprs, mut widths, mut columns, mut name) = (Vec::new(), Vec::new(), Vec::new(), None);
        for (raw, own) in &calls {
            let mut call = self.with_lateral(true, |a| a.in_clause(Clause::FromFunction, |a| a.expr(raw)))?;
            self.no_inner_sets(&call)?;
            let definitions = if own.is_empty() { definitions } else { own };
            let label = self.figure_name(raw, &call);
            let scalar = alias.filter(|_| calls.len() == 1).map(|alias| alias.name.folded());
            let found = self.function_columns(&call, definitions, &label, scalar)?;
            tell_columns(&mut call, &found);
            widths.push(found.len());
            columns.extend(found);
            exprs.push(call);
            name.get_or_insert(label);
        }
        let mut columns: Vec<RangeColumn> =
            columns.into_iter().map(|(name, ty)| RangeColumn { name, ty, hidden: false }).collect();
        if ordinality {
            columns.push(RangeColumn { name: "ordinality".into(), ty: oid::INT8.into(), hidden: false });
        }
        let mut lateral = false;
        exprs.iter().for_each(|e| walk::visit_columns(e, &mut |column| lateral |= column.levels_up == 0));
        let origins = vec![NO_ORIGIN; columns.len()];
        let range = Range {
            alias: alias.map(|alias| alias.name.folded()).or(name).unwrap_or_default(),
            columns,
            kind: RangeKind::Function { calls: exprs, widths, ordinality },
            lateral,
        };
        self.add_aliased(range, origins, alias, pos)
    }

    /// A function in FROM may return a set, what stands in its arguments may not.
    fn no_inner_sets(&self, call: &Expr) -> Result<()> {
        let mut inner = None;
        walk::for_each_child(call, &mut |child| {
            walk::visit(child, &mut |e| {
                if super::coerce::returns_set(e) {
                    inner = Some(e.position);
                }
                true
            });
        });
        let Some(position) = inner else { return Ok(()) };
        let message = "set-returning functions must appear at top level of FROM";
        Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(position))
    }

    /// Where a column definition list may stand.
    fn check_definitions(
        &self,
        definitions: &[ColumnDef],
        several: bool,
        rows_from: bool,
        ordinality: bool,
    ) -> Result<()> {
        let Some(first) = definitions.first() else { return Ok(()) };
        let (message, hint) = match (several, rows_from, ordinality) {
            (true, true, _) => (
                "ROWS FROM() with multiple functions cannot have a column definition list",
                "Put a separate column definition list for each function inside ROWS FROM().",
            ),
            (true, false, _) => (
                "UNNEST() with multiple arguments cannot have a column definition list",
                "Use separate UNNEST() calls inside ROWS FROM(), and attach a column definition list to each one.",
            ),
            (false, _, true) => (
                "WITH ORDINALITY cannot be used with a column definition list",
                "Put the column definition list inside ROWS FROM().",
            ),
            _ => return Ok(()),
        };
        Err(syntax_error(message, self.pos(first.pos)).hint(hint))
    }

    /// The columns that a function makes (`addRangeTableEntryForFunction`).
    fn function_columns(
        &mut self,
        call: &Expr,
        definitions: &[ColumnDef],
        label: &Arc<str>,
        scalar: Option<Arc<str>>,
    ) -> Result<FunctionColumns> {
        let named = match &call.kind {
            ExprKind::Call(inner) => {
                let inputs: Vec<Oid> = inner.args.iter().map(|arg| arg.ty.oid).collect();
                proc_by_oid(inner.proc).and_then(|proc| output_columns(proc, &inputs))
            }
            _ => None,
        };
        let known = named.or_else(|| columns_of_type(call.ty.oid));
        let position = call.position;
        if call.ty.oid == oid::RECORD && known.is_none() {
            if definitions.is_empty() {
                return Err(syntax_error(
                    "a column definition list is required for functions returning \"record\"",
                    position,
                ));
            }
            let mut columns = Vec::with_capacity(definitions.len());
            for definition in definitions {
                columns.push((definition.name.folded(), self.type_name(&definition.ty)?));
            }
            return Ok(columns);
        }
        if !definitions.is_empty() {
            let message = if known.is_some() && call.ty.oid == oid::RECORD {
                "a column definition list is redundant for a function with OUT parameters"
            } else if known.is_some() {
                "a column definition list is redundant for a function returning a named composite type"
            } else {
                "a column definition list is only allowed for functions returning \"record\""
            };
            let at = definitions.first().and_then(|definition| self.pos(definition.pos));
            return Err(syntax_error(message, at));
        }
        if let Some(columns) = known {
            return Ok(columns);
        }
        // One value: named by a single OUT parameter, the alias, or the function.
        let out = match &call.kind {
            ExprKind::Call(inner) => {
                proc_by_oid(inner.proc).and_then(|proc| match proc.outputs().as_slice() {
                    [(name, _)] if !name.is_empty() => Some(Arc::from(*name)),
                    _ => None,
                })
            }
            _ => None,
        };
        let name = out.or(scalar).unwrap_or_else(|| label.clone());
        Ok(vec![(name, call.ty)])
    }
}

/// Functions that make rows of whatever the column definition list says are told what that is
/// (`pg::func`'s `json_to_record`).
fn tell_columns(call: &mut Expr, columns: &FunctionColumns) {
    const TOLD: [&str; 8] = [
        "json_to_record",
        "jsonb_to_record",
        "json_to_recordset",
        "jsonb_to_recordset",
        "json_populate_record",
        "jsonb_populate_record",
        "json_populate_recordset",
        "jsonb_populate_recordset",
    ];
    let of_records = call.ty.oid == oid::RECORD;
    let ExprKind::Call(inner) = &mut call.kind else { return };
    // What `unnest` makes of records is looked at when they are there.
    if of_records && proc_by_oid(inner.proc).is_some_and(|proc| proc.source == "array_unnest") {
        let fields = columns.iter().map(|(_, ty)| Expr::constant(pg::Value::Null, *ty)).collect();
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        inner.args.push(Expr::row(fields, names));
        return;
    }
    if !of_records || !proc_by_oid(inner.proc).is_some_and(|proc| TOLD.contains(&proc.source)) {
        return;
    }
    let column = |(name, ty): &(Arc<str>, TypeRef)| {
        let mut text = String::from("[");
        pg::json::write_json_string(name, &mut text);
        text.push_str(&format!(",{},{}]", ty.oid.0, ty.typmod));
        text
    };
    let list = format!("[{}]", columns.iter().map(column).collect::<Vec<_>>().join(","));
    inner.args.push(Expr::constant(pg::Value::text(list), oid::TEXT));
    inner.retset = true;
}

/// Two relations without aliases may have one name if they are of different schemas.
fn different_schemas(a: &Item, b: &Item) -> bool {
    match (&a.schema, &b.schema) {
        (Some(a), Some(b)) => a != b,
        _ => false,
    }
}

/// `unnest(a, b)` in FROM is two calls side by side.
fn split_unnest(calls: &[(ast::Expr, Vec<ColumnDef>)]) -> Vec<(ast::Expr, Vec<ColumnDef>)> {
    let mut split = Vec::new();
    for (expr, definitions) in calls {
        match &expr.kind {
            ast::ExprKind::Func(call)
                if definitions.is_empty()
                    && call.args.len() > 1
                    && call.name.last().is_some_and(|name| *name.folded() == *"unnest")
                    && !call.variadic
                    && call.args.iter().all(|arg| arg.name.is_none()) =>
            {
                split.extend(call.args.iter().map(|arg| {
                    let name = ["pg_catalog", "unnest"].map(crate::catalog::Name::quoted).to_vec();
                    let one = ast::FuncCall { name, args: vec![arg.clone()], ..(**call).clone() };
                    (ast::Expr::new(ast::ExprKind::Func(Box::new(one)), expr.pos), Vec::new())
                }));
            }
            _ => split.push((expr.clone(), definitions.clone())),
        }
    }
    split
}

/// Puts the names of an alias on the columns of a range.
pub(super) fn rename_columns(range: &mut Range, alias: &Alias, pos: Option<u32>) -> Result<()> {
    let available = range.columns.iter().filter(|column| !column.hidden).count();
    if alias.columns.len() > available {
        return Err(Error::new(
            SqlState::INVALID_COLUMN_REFERENCE,
            format!(
                "table \"{}\" has {available} columns available but {} columns specified",
                range.alias,
                alias.columns.len()
            ),
        )
        .at(pos));
    }
    let visible = range.columns.iter_mut().filter(|column| !column.hidden);
    for (column, name) in visible.zip(&alias.columns) {
        column.name = name.folded();
    }
    Ok(())
}

/// A subquery in FROM. Plain VALUES that refer to nothing outside are kept as such.
pub(super) fn subquery_range(alias: Arc<str>, query: Query, lateral: bool) -> Range {
    let columns = query
        .columns
        .iter()
        .map(|column| RangeColumn { name: column.name.clone(), ty: column.ty, hidden: false })
        .collect();
    let mut outer = false;
    walk::visit_outer_columns(&query, &mut |_| outer = true);
    let has_subquery = |rows: &[Vec<Expr>]| rows.iter().flatten().any(walk::has_subquery);
    let plain = query.ctes.is_empty()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && !outer;
    let kind = match query.body {
        Body::Values(rows) if plain && !has_subquery(&rows) => RangeKind::Values(rows),
        body => RangeKind::Subquery(Box::new(Query { body, ..query })),
    };
    Range { alias, columns, kind, lateral }
}
