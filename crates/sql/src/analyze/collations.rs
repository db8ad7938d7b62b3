//! Which collation each expression has (`parse_collate.c`), over a statement that is analysed: all of ours mean the same
//! order, but PostgreSQL refuses what mixes them, and tells which it is (`COLLATION FOR`).
//!
//! Nothing is kept in the tree: the pass runs over statements with COLLATE, COLLATION FOR or a recursive query, for in
//! others there are only the default and "C", which never conflict. It takes COLLATE out of the tree.

use pg::catalog::{self, proc_by_oid, type_by_oid};
use pg::{Error, Oid, Result, SqlState, Value, oid};

use super::types::format_type;
use crate::query::*;
use crate::walk;

mod calls;
mod names;

use names::{DEFAULT, name_of};
pub(super) use names::{by_name, exists};

/// How firmly a collation was derived (`CollateStrength`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    #[default]
    None,
    Implicit,
    Conflict,
    Explicit,
}

/// What is known of an expression's collation (`assign_collations_context`).
#[derive(Clone, Copy, Debug, Default)]
struct State {
    strength: Strength,
    collation: Oid,
    position: Option<u32>,
    /// The other one of a conflict.
    other: Oid,
    other_position: Option<u32>,
}

impl State {
    fn implicit(collation: Oid, position: Option<u32>) -> State {
        let strength = if collation.is_valid() { Strength::Implicit } else { Strength::None };
        State { strength, collation, position, ..State::default() }
    }

    /// What a column of it is to others: a conflict is no collation.
    fn settled(&self) -> Oid {
        if self.strength == Strength::Conflict { Oid::INVALID } else { self.collation }
    }

    /// `merge_collation_state`
    fn merge(&mut self, more: State) -> Result<()> {
        if more.strength > self.strength {
            *self = more;
            return Ok(());
        }
        if more.strength < self.strength || more.collation == self.collation {
            return Ok(());
        }
        match more.strength {
            Strength::None | Strength::Conflict => {}
            Strength::Implicit if self.collation == DEFAULT => *self = more,
            Strength::Implicit if more.collation == DEFAULT => {}
            Strength::Implicit => {
                self.strength = Strength::Conflict;
                (self.other, self.other_position) = (more.collation, more.position);
            }
            Strength::Explicit => {
                return Err(mismatch("explicit", self.collation, more.collation).at(more.position));
            }
        }
        Ok(())
    }

    /// The error of a place that must have one collation.
    fn no_conflict(&self) -> Result<()> {
        if self.strength != Strength::Conflict {
            return Ok(());
        }
        Err(mismatch("implicit", self.collation, self.other)
            .hint("You can choose the collation by applying the COLLATE clause to one or both expressions.")
            .at(self.other_position))
    }
}

fn mismatch(kind: &str, one: Oid, other: Oid) -> Error {
    let message = format!(
        "collation mismatch between {kind} collations \"{}\" and \"{}\"",
        name_of(one),
        name_of(other)
    );
    Error::new(SqlState::COLLATION_MISMATCH, message)
}

/// Derives the collations of a statement.
pub(super) fn derive(statement: &mut Statement) -> Result<()> {
    Pass::default().statement(statement)
}

/// The same for an expression that stands alone.
pub(super) fn derive_alone(expr: &mut Expr) -> Result<()> {
    let mut pass = Pass::default();
    pass.enter();
    pass.alone(expr)
}

/// A query around the place where we are.
#[derive(Default)]
struct Level {
    /// The collations of the columns of its ranges.
    ranges: Vec<Vec<Oid>>,
    /// And of its common table expressions.
    ctes: Vec<Vec<Oid>>,
    /// COLLATE leaves a trace, for two keys of grouping sets may differ in nothing else.
    keeps: bool,
}

#[derive(Default)]
struct Pass {
    levels: Vec<Level>,
    /// The collations of the operands of the CASEs around.
    operands: Vec<Oid>,
    /// The collations of the columns of the subquery whose rows are compared.
    columns: Vec<Oid>,
}

impl Pass {
    fn enter(&mut self) {
        self.levels.push(Level::default());
    }

    fn level(&mut self) -> Result<&mut Level> {
        self.levels.last_mut().ok_or_else(|| Error::internal("no query block"))
    }

    fn statement(&mut self, statement: &mut Statement) -> Result<()> {
        match statement {
            Statement::Query(query) => self.query(query).map(|_| ()),
            Statement::Truncate(_) => Ok(()),
            Statement::Explain(explain) => derive(&mut explain.statement),
            Statement::Insert(insert) => {
                self.enter();
                self.ctes(&mut insert.ctes)?;
                self.query(&mut insert.source)?;
                if let Some(OnConflict::Update { source, .. }) = &mut insert.on_conflict {
                    self.query(source)?;
                }
                self.ranges(&mut [Range::of_relation(&insert.relation)])?;
                self.targets(&mut insert.returning)?;
                self.levels.pop();
                Ok(())
            }
            Statement::Update(update) => self.change(&mut update.source, &mut update.returning),
            Statement::Delete(delete) => self.change(&mut delete.source, &mut delete.returning),
        }
    }

    /// An UPDATE or DELETE.
    fn change(&mut self, source: &mut Query, returning: &mut [Target]) -> Result<()> {
        self.query(source)?;
        self.enter();
        self.ctes(&mut source.ctes)?;
        if let Body::Select(select) = &mut source.body {
            self.ranges(&mut select.ranges)?;
        }
        self.targets(returning)?;
        self.levels.pop();
        Ok(())
    }

    /// What the columns of a query are, each by itself.
    fn query(&mut self, query: &mut Query) -> Result<Vec<State>> {
        self.enter();
        let states = crate::stack::grown(|| self.query_in_level(query));
        self.levels.pop();
        states
    }

    fn query_in_level(&mut self, query: &mut Query) -> Result<Vec<State>> {
        self.ctes(&mut query.ctes)?;
        let states = match &mut query.body {
            Body::Select(select) => self.select(select, &query.order_by)?,
            Body::SetOperation(operation) => self.set_operation(operation)?,
            Body::Values(rows) => self.values(rows)?,
        };
        for expr in query.offset.iter_mut().chain(&mut query.limit) {
            self.alone(expr)?;
        }
        Ok(states)
    }

    fn ctes(&mut self, ctes: &mut [Cte]) -> Result<()> {
        for cte in ctes {
            if let Some(change) = &mut cte.change {
                // What RETURNING makes is taken for what its types are.
                self.statement(change)?;
                let columns = cte.columns.iter().map(|column| collation_of_type(column.ty.oid)).collect();
                self.level()?.ctes.push(columns);
                continue;
            }
            let states = if cte.recursive { self.recursive(cte)? } else { self.query(&mut cte.query)? };
            let columns = states.iter().map(State::settled).collect();
            self.level()?.ctes.push(columns);
        }
        Ok(())
    }

    /// The non-recursive term says what the columns are (`analyzeCTE`).
    fn recursive(&mut self, cte: &mut Cte) -> Result<Vec<State>> {
        let Body::SetOperation(operation) = &mut cte.query.body else { return self.query(&mut cte.query) };
        self.enter();
        self.ctes(&mut cte.query.ctes)?;
        let declared = self.query(&mut operation.left)?;
        let place = self.levels.len().saturating_sub(2);
        let columns = declared.iter().map(State::settled).collect();
        if let Some(owner) = self.levels.get_mut(place) {
            owner.ctes.push(columns);
        }
        let right = self.query(&mut operation.right)?;
        if let Some(owner) = self.levels.get_mut(place) {
            owner.ctes.pop();
        }
        self.levels.pop();
        let overall = common(&declared, &right, operation.all)?;
        for (i, (declared, overall)) in declared.iter().zip(&overall).enumerate() {
            if declared.settled() != overall.collation {
                let message = format!(
                    "recursive query \"{}\" column {} has collation \"{}\" in non-recursive term but collation \"{}\" \
                     overall",
                    cte.name,
                    i + 1,
                    name_of(declared.settled()),
                    name_of(overall.collation)
                );
                return Err(Error::new(SqlState::COLLATION_MISMATCH, message)
                    .hint("Use the COLLATE clause to set the collation of the non-recursive term.")
                    .at(declared.position));
            }
        }
        Ok(overall)
    }

    fn set_operation(&mut self, operation: &mut SetOperation) -> Result<Vec<State>> {
        let left = self.query(&mut operation.left)?;
        let right = self.query(&mut operation.right)?;
        common(&left, &right, operation.all && operation.kind == SetOperationKind::Union)
    }

    fn values(&mut self, rows: &mut [Vec<Expr>]) -> Result<Vec<State>> {
        let mut states: Vec<State> = vec![State::default(); rows.first().map_or(0, Vec::len)];
        for row in rows {
            for (expr, state) in row.iter_mut().zip(&mut states) {
                let position = expr.position;
                let mut more = self.expr(expr)?;
                more.position = more.position.or(position);
                state.merge(more)?;
            }
        }
        Ok(states.iter().map(|state| State::implicit(state.settled(), state.position)).collect())
    }

    fn select(&mut self, select: &mut Select, order_by: &[SortKey]) -> Result<Vec<State>> {
        self.level()?.keeps = select.grouping.as_ref().is_some_and(|grouping| grouping.sets.is_some());
        self.ranges(&mut select.ranges)?;
        let mut states = Vec::with_capacity(select.targets.len());
        for (index, target) in select.targets.iter_mut().enumerate() {
            let state = self.expr(&mut target.expr)?;
            let compared = match &select.distinct {
                Distinct::No => false,
                Distinct::All => !target.junk,
                Distinct::On(on) => on.contains(&index),
            };
            if compared || order_by.iter().any(|key| key.target == index) {
                state.no_conflict()?;
            }
            if !target.junk {
                states.push(state);
            }
        }
        for key in select.grouping.iter_mut().flat_map(|grouping| &mut grouping.keys) {
            self.expr(&mut key.expr)?.no_conflict()?;
        }
        select.from.iter_mut().try_for_each(|from| self.conditions(from))?;
        for condition in select.filter.iter_mut().chain(&mut select.having) {
            self.alone(condition)?;
        }
        select.windows.iter_mut().try_for_each(|window| self.window(window))?;
        Ok(states)
    }

    fn window(&mut self, window: &mut Window) -> Result<()> {
        let keys = window.order_by.iter_mut().map(|key| &mut key.expr);
        for key in window.partition_by.iter_mut().chain(keys) {
            self.expr(key)?.no_conflict()?;
        }
        for bound in [&mut window.frame.start, &mut window.frame.end] {
            if let FrameBound::Preceding(offset) | FrameBound::Following(offset) = bound {
                self.alone(offset)?;
            }
        }
        Ok(())
    }

    fn conditions(&mut self, from: &mut From) -> Result<()> {
        let From::Join { left, right, on, .. } = from else { return Ok(()) };
        self.conditions(left)?;
        self.conditions(right)?;
        on.iter_mut().try_for_each(|on| self.alone(on))
    }

    fn targets(&mut self, targets: &mut [Target]) -> Result<()> {
        targets.iter_mut().try_for_each(|target| self.alone(&mut target.expr))
    }

    /// One after the other, for what is lateral sees those before it.
    fn ranges(&mut self, ranges: &mut [Range]) -> Result<()> {
        for range in ranges {
            let columns = self.range(range)?;
            self.level()?.ranges.push(columns);
        }
        Ok(())
    }

    fn range(&mut self, range: &mut Range) -> Result<Vec<Oid>> {
        let of_type = |column: &RangeColumn| collation_of_type(column.ty.oid);
        let settled = |states: Vec<State>| states.iter().map(State::settled).collect();
        Ok(match &mut range.kind {
            RangeKind::Relation(relation) => match catalog::system_relation(relation.oid) {
                Some(row) => row.columns.iter().map(|column| column.collation).collect(),
                None => range.columns.iter().map(of_type).collect(),
            },
            RangeKind::Subquery(query) => settled(self.query(query)?),
            RangeKind::Values(rows) => settled(self.values(rows)?),
            RangeKind::Cte { levels_up, index } => {
                let level = self.levels.iter().rev().nth(*levels_up);
                level.and_then(|level| level.ctes.get(*index)).cloned().unwrap_or_default()
            }
            RangeKind::Function { calls, widths, .. } => {
                let mut columns: Vec<Oid> = Vec::with_capacity(range.columns.len());
                for (call, &width) in calls.iter_mut().zip(widths.iter()) {
                    let state = self.expr(call)?;
                    let places = columns.len()..columns.len() + width;
                    match width {
                        1 if collation_of_type(call.ty.oid).is_valid() => columns.push(state.settled()),
                        _ => {
                            columns.extend(range.columns.get(places).unwrap_or_default().iter().map(of_type))
                        }
                    }
                }
                columns.extend(range.columns.iter().skip(columns.len()).map(of_type));
                columns
            }
        })
    }

    /// An expression whose collation is nobody's business.
    fn alone(&mut self, expr: &mut Expr) -> Result<()> {
        self.expr(expr).map(|_| ())
    }

    /// `assign_collations_walker`
    fn expr(&mut self, expr: &mut Expr) -> Result<State> {
        crate::stack::grown(|| self.expr_inner(expr))
    }

    fn expr_inner(&mut self, expr: &mut Expr) -> Result<State> {
        let (ty, position) = (expr.ty.oid, expr.position);
        match &mut expr.kind {
            ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Default => {
                Ok(State::implicit(collation_of_type(ty), position))
            }
            ExprKind::Column(column) => Ok(State::implicit(self.column(*column, ty), position)),
            ExprKind::Slot(slot) => {
                Ok(State::implicit(self.columns.get(*slot).copied().unwrap_or_default(), position))
            }
            ExprKind::CaseTest => {
                Ok(State::implicit(self.operands.last().copied().unwrap_or_default(), position))
            }
            ExprKind::Collate { expr: operand, collation, position } => {
                let state = State {
                    strength: Strength::Explicit,
                    collation: *collation,
                    position: *position,
                    ..State::default()
                };
                self.alone(operand)?;
                self.take_out(expr)?;
                Ok(state)
            }
            ExprKind::Field { expr: operand, .. } => {
                self.alone(operand)?;
                Ok(State::implicit(collation_of_type(ty), position))
            }
            ExprKind::Row { fields, present, .. } => {
                fields.iter_mut().chain(present.as_deref_mut()).try_for_each(|field| self.alone(field))?;
                Ok(State::default())
            }
            ExprKind::RowCompare { left, right, .. } => {
                for (left, right) in left.iter_mut().zip(right) {
                    let mut state = self.expr(left)?;
                    state.merge(self.expr(right)?)?;
                    calls::comparison(state, left.ty.oid)?;
                }
                Ok(State::default())
            }
            ExprKind::Coerce { expr: operand, .. } if is_domain(ty) => {
                let state = self.expr(operand)?;
                Ok(match collation_of_type(ty) {
                    DEFAULT => state,
                    own => State::implicit(own, position),
                })
            }
            _ => self.general(expr),
        }
    }

    /// Most expressions: what their parts have, or what their type has.
    fn general(&mut self, expr: &mut Expr) -> Result<State> {
        let parts = self.parts(expr)?;
        calls::check(expr, parts)?;
        if let ExprKind::Call(call) = &expr.kind
            && proc_by_oid(call.proc).is_some_and(|row| row.name == "pg_collation_for")
        {
            let ty = call.args.first().map_or(oid::UNKNOWN, |arg| arg.ty.oid);
            expr.kind = ExprKind::Const(names::collation_for(ty, parts.settled())?);
        }
        let own = collation_of_type(expr.ty.oid);
        Ok(match parts.strength {
            _ if !own.is_valid() => State::default(),
            Strength::None => State::implicit(own, expr.position),
            _ => parts,
        })
    }

    fn parts(&mut self, expr: &mut Expr) -> Result<State> {
        let mut state = State::default();
        match &mut expr.kind {
            ExprKind::Aggregate(aggregate) => {
                state = self.aggregate(aggregate)?;
                aggregate.filter.iter_mut().try_for_each(|filter| self.alone(filter))?;
            }
            ExprKind::Window(window) => {
                for arg in &mut window.args {
                    state.merge(self.expr(arg)?)?;
                }
                window.filter.iter_mut().try_for_each(|filter| self.alone(filter))?;
            }
            ExprKind::Case { operand, arms, otherwise } => {
                if let Some(operand) = operand {
                    let operand = self.expr(operand)?;
                    self.operands.push(operand.settled());
                }
                let is_simple = operand.is_some();
                for part in arms.iter_mut().flat_map(|(condition, result)| [condition, result]) {
                    state.merge(self.expr(part)?)?;
                }
                if is_simple {
                    self.operands.pop();
                }
                for part in otherwise.iter_mut() {
                    state.merge(self.expr(part)?)?;
                }
            }
            ExprKind::Subscript { expr, subscripts } => {
                state = self.expr(expr)?;
                for subscript in subscripts {
                    match subscript {
                        Subscript::Index(index) => self.alone(index)?,
                        Subscript::Slice(from, to) => {
                            from.iter_mut().chain(to).try_for_each(|bound| self.alone(bound))?;
                        }
                    }
                }
            }
            ExprKind::Subquery(subquery) => {
                let columns = self.query(&mut subquery.query)?;
                if let SubqueryKind::Quantified { left, right, operators, .. } = &mut subquery.kind {
                    let settled = columns.iter().map(State::settled).collect();
                    let outside = std::mem::replace(&mut self.columns, settled);
                    for ((left, right), operator) in left.iter_mut().zip(right).zip(operators) {
                        let mut pair = self.expr(left)?;
                        pair.merge(self.expr(right)?)?;
                        calls::operator(pair, operator)?;
                    }
                    self.columns = outside;
                }
                // It is as if it returned its first column.
                if let Some(first) = columns.first() {
                    let strength = Strength::Implicit;
                    let collation = first.settled();
                    state.merge(State {
                        strength,
                        collation,
                        position: first.position,
                        ..State::default()
                    })?;
                }
            }
            _ => {
                let mut result = Ok(());
                walk::for_each_child_mut(expr, &mut |child| {
                    if result.is_ok() {
                        result = self.expr(child).and_then(|more| state.merge(more));
                    }
                });
                result?;
            }
        }
        Ok(state)
    }

    fn column(&self, column: ColumnRef, ty: Oid) -> Oid {
        let level = self.levels.iter().rev().nth(column.levels_up);
        let known = level.and_then(|level| level.ranges.get(column.range));
        match known.and_then(|columns| columns.get(column.column)) {
            Some(collation) => *collation,
            None => collation_of_type(ty),
        }
    }

    /// What is under COLLATE takes its place.
    fn take_out(&mut self, expr: &mut Expr) -> Result<()> {
        let keeps = self.level()?.keeps;
        let ExprKind::Collate { expr: operand, .. } = &mut expr.kind else { return Ok(()) };
        let operand = std::mem::replace(&mut **operand, Expr::constant(Value::Null, oid::UNKNOWN));
        if keeps {
            let kind =
                ExprKind::Coerce { expr: Box::new(operand), method: Coercion::Relabel, explicit: true };
            expr.kind = kind;
        } else {
            *expr = Expr { position: expr.position, ..operand };
        }
        Ok(())
    }
}

/// The columns of a set operation (`select_common_collation`).
fn common(left: &[State], right: &[State], conflict_allowed: bool) -> Result<Vec<State>> {
    let both = left.iter().zip(right).map(|(left, right)| {
        let mut state = *left;
        state.merge(*right)?;
        if !conflict_allowed {
            state.no_conflict()?;
        }
        Ok(State::implicit(state.settled(), left.position))
    });
    both.collect()
}

/// `get_typcollation`
fn collation_of_type(ty: Oid) -> Oid {
    type_by_oid(ty).map_or(Oid::INVALID, |row| row.collation)
}

fn is_domain(ty: Oid) -> bool {
    type_by_oid(ty).is_some_and(|row| row.kind == 'd')
}

/// Whether values of a type have a collation (`type_is_collatable`).
pub(super) fn is_collatable(ty: Oid) -> bool {
    collation_of_type(ty).is_valid()
}

/// The error of COLLATE on what has none.
pub(super) fn not_collatable(ty: Oid) -> Error {
    Error::new(
        SqlState::DATATYPE_MISMATCH,
        format!("collations are not supported by type {}", format_type(ty)),
    )
}
