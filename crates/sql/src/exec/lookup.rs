//! Rows of the catalog by an index of the snapshot's: filters that fix columns, and joins whose right side is a
//! relation of the catalog. The indexes outlive the statement, so nothing is built for it.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Oid, Result, Value, oid};

use super::batch::{Rows, finish_left, full};
use super::compile::{Compiler, Spot, Subqueries, rows_of};
use super::eval::{Op, Scope, eval_all, functions, hashable};
use super::frame::{Frame, Pace};
use super::scan::pick;
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::catalog::{IndexColumn, Numbers, Relation, TableIndex};
use crate::plan::Plan;
use crate::query::{CallForm, Coercion, Expr, ExprKind, JoinKind, Operator as SqlOperator};
use crate::remote::Batch;
use crate::walk;

/// A condition over one row: equalities of places with what does not depend on the row, and the rest.
#[derive(Default)]
pub(super) struct Parts<'a> {
    /// Place, value, and the type by whose equality they are compared.
    pub(super) pairs: Vec<(&'a Expr, &'a Expr, Oid)>,
    /// What else must hold.
    pub(super) rest: Vec<&'a Expr>,
}

/// Takes a condition apart.
pub(super) fn split(condition: &Expr) -> Parts<'_> {
    let mut parts = Parts::default();
    for conjunct in conjuncts(condition) {
        match pair(conjunct) {
            Some(pair) => parts.pairs.push(pair),
            None => parts.rest.push(conjunct),
        }
    }
    parts
}

pub(super) fn conjuncts(condition: &Expr) -> &[Expr] {
    match &condition.kind {
        ExprKind::And(items) => items.as_slice(),
        _ => std::slice::from_ref(condition),
    }
}

/// `row = argument` or `argument = row`, by an operator whose operands can be hashed. Evaluating the sides early must
/// not fail where the filter would not: only places and their relabelled selves are taken for the row's side.
fn pair(conjunct: &Expr) -> Option<(&Expr, &Expr, Oid)> {
    let ExprKind::Call(call) = &conjunct.kind else { return None };
    let CallForm::Operator(operator) = call.form else { return None };
    let ty = hashable(SqlOperator { oid: operator, proc: call.proc })?;
    let [left, right] = &*call.args else { return None };
    if place(left).is_some() && is_outer_side(right) {
        Some((left, right, ty))
    } else if place(right).is_some() && is_outer_side(left) {
        Some((right, left, ty))
    } else {
        None
    }
}

/// The place of the row that an expression is, relabelled or not.
pub(super) fn place(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Slot(at) => Some(*at),
        // int4 and oid are relabelled bit by bit: the one may be negative.
        ExprKind::Coerce { expr: inner, method: Coercion::Relabel, .. }
            if (inner.ty.oid == oid::INT4) == (expr.ty.oid == oid::INT4) =>
        {
            place(inner)
        }
        _ => None,
    }
}

fn is_outer_side(expr: &Expr) -> bool {
    !walk::any(expr, &|inner| match &inner.kind {
        ExprKind::Slot(_) | ExprKind::SubPlan(_) => true,
        ExprKind::Call(call) => functions::is_volatile(call.proc),
        _ => false,
    })
}

/// A column of an index. Types whose equal values have equal hashes are one type to it: so fewer indexes are made.
pub(super) fn index_column(column: usize, ty: Oid) -> IndexColumn {
    let ty = match ty {
        oid::NAME => oid::TEXT,
        oid::INT2 | oid::INT4 => oid::INT8,
        other => other,
    };
    (column, ty)
}

/// Types of columns that tell rows apart: an index by a flag would be a detour.
pub(super) fn distinguishes(ty: Oid) -> bool {
    const KINDS: [Oid; 8] =
        [oid::OID, oid::NAME, oid::TEXT, oid::INT2, oid::INT4, oid::INT8, oid::REGCLASS, oid::REGPROC];
    KINDS.contains(&ty)
}

pub(super) fn column_type(relation: &Relation, column: usize) -> Oid {
    relation.columns.get(column).map_or(Oid::INVALID, |column| column.ty.oid)
}

/// What is looked up.
pub(super) enum Probe {
    /// One value for each column of the index.
    Key(Vec<Op>),
    /// Any of these values, for an index of one column.
    List(Vec<Op>),
    /// Any element of this array, for an index of one column.
    Array(Op),
}

/// Rows of a relation of the catalog that an index leads to.
struct LookupNode {
    relation: Arc<Relation>,
    /// The columns that make the row.
    columns: Vec<usize>,
    index: Vec<IndexColumn>,
    probe: Probe,
    /// What else must hold, over a row of the relation.
    rest: Option<Op>,
    subqueries: Subqueries,
}

/// The parts of a filter that an index can do, before they are compiled.
struct Found<'a> {
    index: Vec<IndexColumn>,
    probe: Wanted<'a>,
    rest: Vec<&'a Expr>,
}

pub(super) enum Wanted<'a> {
    Key(Vec<&'a Expr>),
    List(&'a [Expr]),
    Array(&'a Expr),
}

/// Compiles a filter over a relation of the catalog as a look-up, where it fixes columns.
pub(super) fn filter(
    compiler: &mut Compiler,
    (relation, columns): (&Arc<Relation>, &[usize]),
    condition: &Expr,
) -> Result<Option<BoxNode>> {
    let Some(found) = by_key(relation, columns, condition).or_else(|| by_list(relation, columns, condition))
    else {
        return Ok(None);
    };
    let Found { index, probe, rest } = found;
    let outer = compiler.slots.replace(rows_of(columns));
    let compiled = compiler.over(|c| {
        let probe = probe.compile(c)?;
        let rest = c.exprs(rest)?;
        Ok((probe, (!rest.is_empty()).then_some(Op::And(rest))))
    });
    compiler.slots = outer;
    let ((probe, rest), subqueries) = compiled?;
    let (relation, columns) = (relation.clone(), columns.to_vec());
    Ok(Some(Arc::new(LookupNode { relation, columns, index, probe, rest, subqueries })))
}

fn by_key<'a>(relation: &Relation, columns: &[usize], condition: &'a Expr) -> Option<Found<'a>> {
    let mut fixed: Vec<(IndexColumn, &Expr)> = Vec::new();
    let mut rest = Vec::new();
    for conjunct in conjuncts(condition) {
        let found = pair(conjunct).and_then(|(row, value, ty)| {
            let column = *columns.get(place(row)?)?;
            let fits = distinguishes(column_type(relation, column))
                && !fixed.iter().any(|((known, _), _)| *known == column);
            fits.then_some((index_column(column, ty), value))
        });
        match found {
            Some(found) => fixed.push(found),
            None => rest.push(conjunct),
        }
    }
    fixed.sort_by_key(|(column, _)| *column);
    let (index, values): (Vec<IndexColumn>, Vec<&Expr>) = fixed.into_iter().unzip();
    (!index.is_empty()).then_some(Found { index, probe: Wanted::Key(values), rest })
}

/// `column IN (…)`, `column = ANY (array)`.
fn by_list<'a>(relation: &Relation, columns: &[usize], condition: &'a Expr) -> Option<Found<'a>> {
    let conjuncts = conjuncts(condition);
    let (at, column, probe) = conjuncts.iter().enumerate().find_map(|(at, conjunct)| {
        let (operator, left, probe) = match &conjunct.kind {
            ExprKind::AnyList { operator, all: false, left, list } if list.iter().all(is_outer_side) => {
                (*operator, left, Wanted::List(list))
            }
            ExprKind::AnyArray { operator, all: false, left, array } if is_outer_side(array) => {
                (*operator, left, Wanted::Array(array))
            }
            _ => return None,
        };
        let column = *columns.get(place(left)?)?;
        let ty = hashable(operator).filter(|_| distinguishes(column_type(relation, column)))?;
        Some((at, index_column(column, ty), probe))
    })?;
    let rest = conjuncts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, c)| c).collect();
    Some(Found { index: vec![column], probe, rest })
}

impl Node for LookupNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Lookup { node: self, frame: frame.clone(), found: None, pace: frame.pace() })
    }
}

struct Lookup {
    node: Arc<LookupNode>,
    frame: Frame,
    found: Option<(Arc<TableIndex>, Numbers)>,
    pace: Pace,
}

impl Lookup {
    /// The numbers of the rows, in the order of the table.
    async fn find(&self) -> Result<(Arc<TableIndex>, Numbers)> {
        let node = &self.node;
        node.subqueries.prepare(&self.frame).await?;
        let index = self.frame.run.snapshot()?.index(node.relation.oid, &node.index);
        let scope = self.frame.scope(&[]);
        let found = node.probe.find(&index, &scope)?;
        Ok((index, found))
    }
}

impl Probe {
    /// The numbers of the rows that it leads to, in the order of the table.
    pub(super) fn find(&self, index: &TableIndex, scope: &Scope<'_>) -> Result<Numbers> {
        let mut found: Vec<usize> = Vec::new();
        match self {
            // The usual keys need no allocation.
            Probe::Key(key) => {
                return Ok(match &**key {
                    [a] => index.find(&[a.eval(scope)?]).collect(),
                    [a, b] => index.find(&[a.eval(scope)?, b.eval(scope)?]).collect(),
                    many => index.find(&eval_all(many, scope)?).collect(),
                });
            }
            Probe::List(items) => {
                for item in eval_all(items, scope)? {
                    found.extend(index.find(&[item]));
                }
            }
            Probe::Array(array) => {
                if let Value::Array(array) = array.eval(scope)? {
                    array.items.iter().for_each(|item| found.extend(index.find(std::slice::from_ref(item))));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().collect())
    }
}

impl Operator for Lookup {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.found.is_none() {
                self.found = Some(self.find().await?);
            }
            let mut batch = Batch::new();
            let Some((index, found)) = &mut self.found else { return Ok(None) };
            while batch.len() < BATCH
                && let Some(row) = found.next().and_then(|at| index.rows().get(at))
            {
                self.pace.step().await?;
                let wanted = match &self.node.rest {
                    Some(rest) => rest.is_true(&self.frame.scope(row))?,
                    None => true,
                };
                if wanted {
                    batch.push(pick(row, &self.node.columns));
                }
            }
            Ok(full(batch))
        }
        .boxed()
    }
}

/// A join whose right side is a relation of the catalog, looked up by index for each left row.
struct LookupJoinNode {
    kind: JoinKind,
    left: BoxNode,
    /// What is looked up, over the left row.
    probe: Probe,
    relation: Arc<Relation>,
    columns: Vec<usize>,
    index: Vec<IndexColumn>,
    /// The condition of the right side, over a row of the relation.
    filter: Option<Op>,
    /// The condition of the join, over the left row and a row of the relation.
    condition: Option<Op>,
    subqueries: Subqueries,
}

/// Compiles a join by look-ups, where the right side and the keys allow it.
pub(super) fn join(
    compiler: &mut Compiler,
    kind: JoinKind,
    (left, right): (&Plan, &Plan),
    keys: &[(Expr, Expr)],
    condition: Option<&Expr>,
) -> Result<Option<BoxNode>> {
    if matches!(kind, JoinKind::Right | JoinKind::Full) {
        return Ok(None);
    }
    let left_width = compiler.columns(left).len();
    let Some(Right { relation, columns, filter, index, wanted }) =
        right_side(right, keys, condition, left_width)
    else {
        return Ok(None);
    };
    let left = compiler.plan(left)?;
    let ((probe, filter, condition), subqueries) = compiler.over(|c| {
        let probe = wanted.compile(c)?;
        let outer = c.slots.replace(rows_of(columns));
        let filter = filter.map(|filter| c.expr(filter)).transpose();
        let places = (0..left_width).chain(columns.iter().map(|at| left_width + at));
        c.slots = Some(places.map(Spot::Row).collect());
        let condition = condition.map(|condition| c.expr(condition)).transpose();
        c.slots = outer;
        Ok((probe, filter?, condition?))
    })?;
    let (relation, columns) = (relation.clone(), columns.to_vec());
    let node = LookupJoinNode { kind, left, probe, relation, columns, index, filter, condition, subqueries };
    Ok(Some(Arc::new(node)))
}

/// The right side of a join that is looked up by index.
pub(super) struct Right<'a> {
    pub(super) relation: &'a Arc<Relation>,
    pub(super) columns: &'a [usize],
    pub(super) filter: Option<&'a Expr>,
    pub(super) index: Vec<IndexColumn>,
    /// Over the left row.
    pub(super) wanted: Wanted<'a>,
}

/// What a join can look up in its right side.
pub(super) fn right_side<'a>(
    right: &'a Plan,
    keys: &'a [(Expr, Expr)],
    condition: Option<&'a Expr>,
    left_width: usize,
) -> Option<Right<'a>> {
    let (input, filter) = match right {
        Plan::Filter { input, condition } => (&**input, Some(condition)),
        other => (other, None),
    };
    let Plan::Catalog { relation, columns } = input else { return None };
    let (index, wanted) = match keys.is_empty() {
        false => join_by_keys(relation, columns, keys)?,
        true => join_by_array(relation, columns, left_width, condition)?,
    };
    Some(Right { relation, columns, filter, index, wanted })
}

impl Wanted<'_> {
    pub(super) fn compile(self, compiler: &mut Compiler) -> Result<Probe> {
        Ok(match self {
            Wanted::Key(values) => Probe::Key(compiler.exprs(values)?),
            Wanted::List(items) => Probe::List(compiler.exprs(items)?),
            Wanted::Array(array) => Probe::Array(compiler.expr(array)?),
        })
    }
}

fn join_by_keys<'a>(
    relation: &Relation,
    columns: &[usize],
    keys: &'a [(Expr, Expr)],
) -> Option<(Vec<IndexColumn>, Wanted<'a>)> {
    let fixed = keys.iter().map(|(left, right)| {
        let column = *columns.get(place(right)?)?;
        Some((index_column(column, left.ty.oid), left))
    });
    let mut fixed = fixed.collect::<Option<Vec<(IndexColumn, &Expr)>>>()?;
    fixed.sort_by_key(|(column, _)| *column);
    let (index, values): (Vec<IndexColumn>, Vec<&Expr>) = fixed.into_iter().unzip();
    let useful = index.iter().any(|(column, _)| distinguishes(column_type(relation, *column)));
    useful.then_some((index, Wanted::Key(values)))
}

/// `right = ANY (left)`: what columns of keys are matched by. The condition is tested all the same.
fn join_by_array<'a>(
    relation: &Relation,
    columns: &[usize],
    left_width: usize,
    condition: Option<&'a Expr>,
) -> Option<(Vec<IndexColumn>, Wanted<'a>)> {
    conjuncts(condition?).iter().find_map(|conjunct| {
        let ExprKind::AnyArray { operator, all: false, left, array } = &conjunct.kind else { return None };
        let of_left = |expr: &Expr| match &expr.kind {
            ExprKind::Slot(at) => *at >= left_width,
            ExprKind::SubPlan(_) => true,
            ExprKind::Call(call) => functions::is_volatile(call.proc),
            _ => false,
        };
        if walk::any(array, &of_left) {
            return None;
        }
        let column = *columns.get(place(left)?.checked_sub(left_width)?)?;
        let ty = hashable(*operator).filter(|_| distinguishes(column_type(relation, column)))?;
        Some((vec![index_column(column, ty)], Wanted::Array(array)))
    })
}

impl Node for LookupJoinNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let left = Rows::new(self.left.clone().open(frame));
        let pace = frame.pace();
        Box::new(LookupJoin { node: self, frame: frame.clone(), left, index: None, current: None, pace })
    }
}

struct LookupJoin {
    node: Arc<LookupJoinNode>,
    frame: Frame,
    left: Rows,
    index: Option<Arc<TableIndex>>,
    current: Option<LeftRow>,
    pace: Pace,
}

struct LeftRow {
    row: Vec<Value>,
    found: Numbers,
    matched: bool,
}

impl LookupJoin {
    async fn index(&mut self) -> Result<Arc<TableIndex>> {
        if let Some(index) = &self.index {
            return Ok(index.clone());
        }
        self.node.subqueries.prepare(&self.frame).await?;
        let index = self.frame.run.snapshot()?.index(self.node.relation.oid, &self.node.index);
        self.index = Some(index.clone());
        Ok(index)
    }

    fn matches(&self, left: &[Value], right: &[Value]) -> Result<bool> {
        if let Some(filter) = &self.node.filter
            && !filter.is_true(&self.frame.scope(right))?
        {
            return Ok(false);
        }
        match &self.node.condition {
            Some(condition) => condition.is_true(&self.frame.scope2(left, right)),
            None => Ok(true),
        }
    }

    /// Goes on with a left row until its matches or the batch are at an end.
    async fn advance(&mut self, index: &TableIndex, left: &mut LeftRow, batch: &mut Batch) -> Result<()> {
        while batch.len() < BATCH
            && let Some(right) = left.found.next().and_then(|at| index.rows().get(at))
        {
            self.pace.step().await?;
            if !self.matches(&left.row, right)? {
                continue;
            }
            left.matched = true;
            if matches!(self.node.kind, JoinKind::Semi | JoinKind::Anti) {
                left.found = Numbers::None;
                return Ok(());
            }
            let mut row = Vec::with_capacity(left.row.len() + self.node.columns.len());
            row.extend_from_slice(&left.row);
            row.extend(self.node.columns.iter().map(|at| right.get(*at).cloned().unwrap_or_default()));
            batch.push(row);
        }
        Ok(())
    }

    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        let index = self.index().await?;
        while batch.len() < BATCH {
            let mut left = match self.current.take() {
                Some(left) => left,
                // What is there goes out before the next page is waited for.
                None if self.left.is_drained() && !batch.is_empty() => return Ok(()),
                None => match self.left.next().await? {
                    Some(row) => {
                        let found = self.node.probe.find(&index, &self.frame.scope(&row))?;
                        LeftRow { row, found, matched: false }
                    }
                    None => break,
                },
            };
            self.pace.step().await?;
            self.advance(&index, &mut left, batch).await?;
            if left.found.len() > 0 {
                self.current = Some(left);
            } else {
                finish_left(self.node.kind, left.row, left.matched, self.node.columns.len(), batch);
            }
        }
        Ok(())
    }
}

impl Operator for LookupJoin {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            let mut batch = Batch::new();
            self.fill(&mut batch).await?;
            Ok(full(batch))
        }
        .boxed()
    }
}
