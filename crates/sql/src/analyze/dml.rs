//! `INSERT`, `SINK`, `UPDATE`, `DELETE` (`transformInsertStmt`, `transformUpdateStmt`, `transformDeleteStmt`).

use std::sync::Arc;

use pg::oid::{self, TypeRef};
use pg::{Error, Result, SqlState, Value};

use super::Analyzer;
use super::clause::Clause;
use super::coerce::Context;
use super::expr::syntax_error;
use super::names::find_all;
use super::types::format_type;
use crate::catalog::{Name, Relation, RelationKind};
use crate::parse::ast::{self, ExprKind as Ast, QueryBody};
use crate::query::{Body, Cte, Delete, Expr, From, Insert, OutputColumn, Query, Select, Target, Update};
use crate::session::LockMode;

impl Analyzer<'_> {
    /// The table that is to be changed.
    fn target_table(&mut self, name: &ast::RelationName) -> Result<Arc<Relation>> {
        let pos = self.pos(name.pos);
        let relation = self.relation(name, LockMode::RowExclusive)?;
        match &relation.kind {
            RelationKind::Mapping(_) => Ok(relation),
            RelationKind::ClusterView { .. } | RelationKind::View { .. } => Err(Error::new(
                SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!("cannot change view \"{}\"", relation.name),
            )
            .at(pos)),
            RelationKind::Catalog => Err(Error::new(
                SqlState::INSUFFICIENT_PRIVILEGE,
                format!("permission denied: \"{}\" is a system catalog", relation.name),
            )),
        }
    }

    /// A table that TRUNCATE empties (`truncate_check_rel`). Utility statements tell no positions.
    pub(super) fn truncated(&mut self, name: &ast::RelationName) -> Result<Arc<Relation>> {
        let relation = self.without_positions(|a| a.relation(name, LockMode::AccessExclusive))?;
        match &relation.kind {
            RelationKind::Mapping(_) => Ok(relation),
            RelationKind::ClusterView { .. } | RelationKind::View { .. } => {
                Err(Error::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a table", relation.name)))
            }
            RelationKind::Catalog => Err(Error::new(
                SqlState::INSUFFICIENT_PRIVILEGE,
                format!("permission denied: \"{}\" is a system catalog", relation.name),
            )),
        }
    }

    /// The error of a part of a column as target: no column of a mapping has parts
    /// (`transformAssignmentIndirection`).
    pub(super) fn no_part(
        &self,
        relation: &Relation,
        column: usize,
        part: &ast::ColumnPart,
        pos: Option<u32>,
    ) -> Error {
        let Some(column) = relation.columns.get(column) else { return Error::internal("a lost column") };
        let ty = format_type(column.ty.oid);
        let message = match part {
            ast::ColumnPart::Element => {
                format!("cannot subscript type {ty} because it does not support subscripting")
            }
            ast::ColumnPart::Field(field) => format!(
                "cannot assign to field \"{}\" of column \"{}\" because its type {ty} is not a composite type",
                field.folded(),
                column.name
            ),
        };
        Error::new(SqlState::DATATYPE_MISMATCH, message).at(pos)
    }

    pub(super) fn target_column(
        &mut self,
        relation: &Relation,
        name: &Name,
        pos: Option<u32>,
    ) -> Result<usize> {
        match find_all(name, &relation.columns, |column| Some(&column.name)).as_slice() {
            [only] => Ok(*only),
            [] => Err(Error::new(
                SqlState::UNDEFINED_COLUMN,
                format!("column \"{}\" of relation \"{}\" does not exist", name.folded(), relation.name),
            )
            .at(pos)),
            _ => Err(Error::new(
                SqlState::AMBIGUOUS_COLUMN,
                format!("column reference \"{}\" is ambiguous", name.folded()),
            )
            .at(pos)),
        }
    }

    pub(super) fn insert(&mut self, insert: &ast::Insert) -> Result<Insert> {
        let (insert, _) = self.in_scope(|a| a.insert_in_scope(insert))?;
        Ok(insert)
    }

    fn insert_in_scope(&mut self, insert: &ast::Insert) -> Result<Insert> {
        let ctes = self.own_with(insert.with.as_ref())?;
        let relation = self.target_table(&insert.relation)?;
        // The table is no part of the source, but messages know it.
        let (range, _) = self.relation_range(relation.clone(), insert.alias.as_ref().map(Name::folded))?;
        self.scope()?.ranges.push(range);
        if let (true, Some(conflict)) = (insert.sink, &insert.on_conflict) {
            return Err(syntax_error("SINK INTO has no ON CONFLICT", self.pos(conflict.pos)));
        }
        let (columns, positions) = self.insert_columns(&relation, &insert.columns)?;
        let (source, columns) = match &insert.source {
            None => default_values(&relation),
            Some(query) => {
                self.insert_source(query, &relation, columns, &positions, insert.columns.is_empty())?
            }
        };
        // From here on the table is there by its name, and nothing of the source.
        self.scope()?.ranges.clear();
        self.add_target(&relation, insert.alias.as_ref())?;
        let on_conflict = insert.on_conflict.as_ref();
        let on_conflict = on_conflict.map(|conflict| self.on_conflict(conflict, &relation)).transpose()?;
        let returning = self.returning_targets(&insert.returning)?;
        Ok(Insert { relation, ctes, columns, source, sink: insert.sink, on_conflict, returning })
    }

    /// The WITH of a change, whose queries everything in it may name.
    fn own_with(&mut self, with: Option<&ast::With>) -> Result<Vec<Cte>> {
        with.map_or_else(|| Ok(Vec::new()), |with| self.with(with))
    }

    /// `checkInsertTargets`: the columns named, or all that are visible.
    fn insert_columns(
        &mut self,
        relation: &Relation,
        named: &[ast::InsertColumn],
    ) -> Result<(Vec<usize>, Vec<Option<u32>>)> {
        if named.is_empty() {
            let visible: Vec<usize> =
                relation.columns.iter().enumerate().filter(|(_, c)| !c.hidden).map(|(i, _)| i).collect();
            let positions = vec![None; visible.len()];
            return Ok((visible, positions));
        }
        let (mut columns, mut positions) = (Vec::new(), Vec::new());
        for column in named {
            let pos = self.pos(column.pos);
            let index = self.target_column(relation, &column.name, pos)?;
            if let Some(part) = &column.part {
                // An element stands where its column does, which an INSERT doesn't read.
                let pos = pos.filter(|_| matches!(part, ast::ColumnPart::Field(_)));
                return Err(self.no_part(relation, index, part, pos));
            }
            if columns.contains(&index) {
                return Err(Error::new(
                    SqlState::DUPLICATE_COLUMN,
                    format!("column \"{}\" specified more than once", column.name.folded()),
                )
                .at(pos));
            }
            columns.push(index);
            positions.push(pos);
        }
        Ok((columns, positions))
    }

    fn insert_source(
        &mut self,
        query: &ast::Query,
        relation: &Relation,
        mut columns: Vec<usize>,
        positions: &[Option<u32>],
        all_columns: bool,
    ) -> Result<(Query, Vec<usize>)> {
        let plain_values = query.with.is_none()
            && query.order_by.is_empty()
            && query.limit.is_none()
            && query.offset.is_none();
        if let (QueryBody::Values(rows), true) = (&query.body, plain_values) {
            let width = rows.first().map_or(0, Vec::len);
            for row in rows {
                if row.len() != width {
                    let pos = row.first().and_then(|expr| self.pos(expr.pos));
                    return Err(syntax_error("VALUES lists must all be the same length", pos));
                }
            }
            let (rows, _) = self.in_scope(|a| {
                a.in_clause(Clause::Values, |a| {
                    let values = a.insert_values(rows, relation, &columns)?;
                    let surplus =
                        values.first().and_then(|row| row.get(columns.len())).and_then(|e| e.position);
                    a.check_width(width, &mut columns, positions, all_columns, surplus)?;
                    a.insert_rows(values, relation, &columns, positions)
                })
            })?;
            let outputs =
                columns.iter().filter_map(|i| relation.columns.get(*i)).map(|c| output(&c.name, c.ty));
            let source = values_query(rows, outputs.collect());
            return Ok((source, columns));
        }
        let source = self.query_in(query, false)?;
        let surplus = match &source.body {
            Body::Select(select) => select.targets.get(columns.len()).and_then(|t| t.expr.position),
            _ => None,
        };
        self.check_width(source.columns.len(), &mut columns, positions, all_columns, surplus)?;
        let types: Vec<TypeRef> =
            columns.iter().filter_map(|i| relation.columns.get(*i)).map(|c| c.ty).collect();
        let mut next = 0;
        let targets = columns.clone();
        let mut convert = |a: &mut Self, expr: Expr, _: TypeRef| {
            let index = targets.get(next % targets.len().max(1)).copied().unwrap_or(0);
            let pos = positions.get(next % targets.len().max(1)).copied().flatten();
            next += 1;
            a.assign(expr, relation, index, pos)
        };
        let source = self.convert_columns(source, &types, &mut convert)?;
        Ok((source, columns))
    }

    fn check_width(
        &mut self,
        width: usize,
        columns: &mut Vec<usize>,
        positions: &[Option<u32>],
        all_columns: bool,
        surplus: Option<u32>,
    ) -> Result<()> {
        if width > columns.len() {
            return Err(syntax_error("INSERT has more expressions than target columns", surplus));
        }
        if width < columns.len() {
            if !all_columns {
                let pos = positions.get(width).copied().flatten();
                return Err(syntax_error("INSERT has more target columns than expressions", pos));
            }
            columns.truncate(width);
        }
        Ok(())
    }

    /// The values as they are written; DEFAULT where a column is there for it.
    fn insert_values(
        &mut self,
        rows: &[Vec<ast::Expr>],
        relation: &Relation,
        columns: &[usize],
    ) -> Result<Vec<Vec<Expr>>> {
        let mut analysed = Vec::with_capacity(rows.len());
        for row in rows {
            let places = columns.iter().copied().map(Some).chain(std::iter::repeat(None));
            let values = row.iter().zip(places).map(|(raw, column)| match column {
                Some(column) => self.value_or_default(raw, relation, column),
                None => self.expr(raw),
            });
            analysed.push(values.collect::<Result<Vec<_>>>()?);
        }
        Ok(analysed)
    }

    fn insert_rows(
        &mut self,
        rows: Vec<Vec<Expr>>,
        relation: &Relation,
        columns: &[usize],
        positions: &[Option<u32>],
    ) -> Result<Vec<Vec<Expr>>> {
        let mut assigned = Vec::with_capacity(rows.len());
        for row in rows {
            let mut values = Vec::with_capacity(row.len());
            for (i, (value, column)) in row.into_iter().zip(columns).enumerate() {
                let pos = positions.get(i).copied().flatten();
                values.push(self.assign(value, relation, *column, pos)?);
            }
            assigned.push(values);
        }
        Ok(assigned)
    }

    /// Columns have no defaults here: DEFAULT is NULL.
    fn value_or_default(&mut self, raw: &ast::Expr, relation: &Relation, column: usize) -> Result<Expr> {
        if !matches!(raw.kind, Ast::Default) {
            return self.expr(raw);
        }
        let ty = relation.columns.get(column).map_or(oid::TEXT.into(), |c| c.ty);
        Ok(Expr::constant(Value::Null, ty).at(self.pos(raw.pos)))
    }

    /// `transformAssignedExpr`
    pub(super) fn assign(
        &mut self,
        expr: Expr,
        relation: &Relation,
        column: usize,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let Some(column) = relation.columns.get(column) else { return Err(Error::internal("a lost column")) };
        let (from, at) = (expr.ty.oid, expr.position);
        let position = expr.position.or(pos);
        self.coerce_to_target(expr, column.ty, Context::Assignment, None)?.ok_or_else(|| {
            Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "column \"{}\" is of type {} but expression is of type {}",
                    column.name,
                    format_type(column.ty.oid),
                    format_type(from)
                ),
            )
            .hint("You will need to rewrite or cast the expression.")
            .at(at.or(position))
        })
    }

    pub(super) fn returning_targets(&mut self, returning: &[ast::Target]) -> Result<Vec<Target>> {
        let mut targets = self.in_clause(Clause::Returning, |a| a.targets(returning))?;
        self.resolve_unknowns(&mut targets)?;
        Ok(targets)
    }

    /// Adds the table that is changed, by its alias, or by its name with and without schema.
    fn add_target(&mut self, relation: &Arc<Relation>, alias: Option<&Name>) -> Result<()> {
        let (range, origins) = self.relation_range(relation.clone(), alias.map(|alias| alias.folded()))?;
        let scope = self.scope()?;
        scope.changes = true;
        let mut target = scope.add(range, origins);
        target.schema = alias.is_none().then(|| relation.schema.clone());
        scope.namespace.push(target);
        Ok(())
    }

    /// Makes the target table range 0, and joins what FROM or USING names with it.
    fn change_scope(
        &mut self,
        relation: &Arc<Relation>,
        alias: Option<&Name>,
        others: &[ast::TableRef],
    ) -> Result<Vec<From>> {
        self.add_target(relation, alias)?;
        // The table is not visible to what stands LATERAL in FROM, but its name is taken.
        let mut from = vec![From::Range(0)];
        let hidden = std::mem::take(&mut self.scope()?.namespace);
        from.extend(self.from(others)?);
        let found = std::mem::replace(&mut self.scope()?.namespace, hidden);
        self.check_name_conflicts(&found)?;
        self.scope()?.namespace.extend(found);
        Ok(from)
    }

    pub(super) fn update(&mut self, update: &ast::Update) -> Result<Update> {
        let (update, _) = self.in_scope(|a| a.update_in_scope(update))?;
        Ok(update)
    }

    fn update_in_scope(&mut self, update: &ast::Update) -> Result<Update> {
        let ctes = self.own_with(update.with.as_ref())?;
        let relation = self.target_table(&update.relation)?;
        let from = self.change_scope(&relation, update.alias.as_ref(), &update.from)?;
        let filter = self.change_filter(update.filter.as_ref())?;
        let returning = self.returning_targets(&update.returning)?;
        let (columns, targets) = self.assignments(&relation, &update.assignments)?;
        let source = Query { ctes, ..self.change_source(from, filter, targets)? };
        Ok(Update { relation, columns, source, returning })
    }

    pub(super) fn change_filter(&mut self, filter: Option<&ast::Expr>) -> Result<Option<Expr>> {
        let Some(raw) = filter else { return Ok(None) };
        let filter = self.in_clause(Clause::Where, |a| a.expr(raw))?;
        self.coerce_to_boolean(filter, "WHERE").map(Some)
    }

    /// The rows to be changed, as a block whose range 0 is the table.
    pub(super) fn change_source(
        &mut self,
        from: Vec<From>,
        filter: Option<Expr>,
        targets: Vec<Target>,
    ) -> Result<Query> {
        let ranges = self.scope()?.take_ranges();
        let columns = targets.iter().map(Target::output).collect();
        let select = Select { filter, ..Select::plain(ranges, from, targets) };
        Ok(Query::plain(Body::Select(Box::new(select)), columns))
    }

    pub(super) fn delete(&mut self, delete: &ast::Delete) -> Result<Delete> {
        let (delete, _) = self.in_scope(|a| {
            let ctes = a.own_with(delete.with.as_ref())?;
            let relation = a.target_table(&delete.relation)?;
            let from = a.change_scope(&relation, delete.alias.as_ref(), &delete.using)?;
            let filter = a.change_filter(delete.filter.as_ref())?;
            let returning = a.returning_targets(&delete.returning)?;
            let source = Query { ctes, ..a.change_source(from, filter, Vec::new())? };
            Ok(Delete { relation, source, returning })
        })?;
        Ok(delete)
    }
}

/// A row of defaults, which are NULL here.
fn default_values(relation: &Relation) -> (Query, Vec<usize>) {
    let visible = relation.columns.iter().enumerate().filter(|(_, column)| !column.hidden);
    let (columns, row): (Vec<usize>, Vec<Expr>) =
        visible.map(|(index, column)| (index, Expr::constant(Value::Null, column.ty))).unzip();
    let outputs = columns.iter().filter_map(|i| relation.columns.get(*i)).map(|c| output(&c.name, c.ty));
    let source = values_query(vec![row], outputs.collect());
    (source, columns)
}

fn output(name: &Arc<str>, ty: TypeRef) -> OutputColumn {
    OutputColumn { name: name.clone(), ty, origin: super::names::NO_ORIGIN }
}

fn values_query(rows: Vec<Vec<Expr>>, columns: Vec<OutputColumn>) -> Query {
    Query::plain(Body::Values(rows), columns)
}
