//! Subqueries in expressions. Expressions are evaluated without waiting; so all that may wait is done before
//! ([`SubPlanNode::prepare`]): a subquery that needs nothing of the row outside is run and its answer kept, and of one
//! that does, the scans of the cluster are made and their rows held. The latter's answers are remembered by its
//! arguments.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures::future::FutureExt;
use pg::{Array, Error, Oid, Result, SqlState, TypeRef, Value, catalog, oid};

use super::batch::Rows;
use super::compile::{Compiler, Facts, Place};
use super::cte::CteScope;
use super::eval::{FieldCompare, Fold};
use super::eval::{Op, Scope, accumulate, eval_all, hashable};
use super::frame::Frame;
use super::key::{HashIndex, RowSet, State};
use super::memory::{Reservation, row_bytes};
use super::stream::BoxNode;
use crate::plan::SubPlan;
use crate::query::{Comparison, Operator, SubqueryKind};

/// A subquery, compiled.
pub(super) struct SubPlanNode {
    kind: Kind,
    node: BoxNode,
    args: Vec<Op>,
    facts: Facts,
    /// The answer of one that needs nothing of the row outside.
    fixed: Option<OnceLock<Result<Kept>>>,
    /// Answers by arguments.
    memo: Option<Mutex<Memo>>,
}

/// An answer, and the memory it takes.
type Kept = (Arc<Answer>, Reservation);

/// What is made of the rows.
enum Kind {
    Scalar,
    Exists,
    Array { element: Oid, nested: bool },
    Quantified(Quantified),
}

struct Quantified {
    all: bool,
    single: bool,
    left: Vec<Op>,
    compare: FieldCompare,
    right: Vec<Op>,
    /// The type to hash by, when it is a question of membership.
    key: Option<Oid>,
}

/// What was found.
enum Answer {
    Value(Value),
    /// What a quantified comparison compares with.
    Rows(Vec<Vec<Value>>),
    /// The same as a set of single values.
    Set {
        set: RowSet,
        has_null: bool,
    },
}

impl Compiler {
    /// Compiles a subquery of an expression.
    pub(super) fn subplan(&mut self, subplan: &SubPlan, ty: TypeRef) -> Result<Arc<SubPlanNode>> {
        let args = self.exprs(&subplan.args)?;
        let kind = match &subplan.kind {
            SubqueryKind::Scalar => Kind::Scalar,
            SubqueryKind::Exists => Kind::Exists,
            SubqueryKind::Array => {
                let element = catalog::element_type(ty.oid).unwrap_or(oid::ANYELEMENT);
                let column = self.columns(&subplan.plan).first().copied().unwrap_or_default();
                Kind::Array { element, nested: catalog::element_type(column).is_some() }
            }
            SubqueryKind::Quantified { all, single, left, operators, comparison, right } => {
                let types = |exprs: &[crate::query::Expr]| exprs.iter().map(|e| e.ty.oid).collect::<Vec<_>>();
                let (left_types, right_types) = (types(left), types(right));
                let compare = self.field_compare(*comparison, operators, &left_types, &right_types, false)?;
                let key = if *single { None } else { membership(*all, *comparison, operators) };
                let left = self.exprs(left)?;
                // The conversions are over the subquery's rows.
                let (right, _) = self.framed(self.place, |c| c.exprs(right))?;
                Kind::Quantified(Quantified { all: *all, single: *single, left, compare, right, key })
            }
        };
        let (node, facts) = self.framed(Place::Subquery, |c| c.plan(&subplan.plan))?;
        let changing = !facts.ctes.iter().all(|id| !self.changing_ctes.contains(id));
        let fixed = (subplan.args.is_empty() && !changing).then(OnceLock::new);
        let memo = (!facts.volatile && !changing && fixed.is_none()).then(Mutex::default);
        let node = Arc::new(SubPlanNode { kind, node, args, facts, fixed, memo });
        self.facts.subplans.push(node.clone());
        Ok(node)
    }
}

fn more_than_one_row() -> Error {
    Error::new(
        SqlState::CARDINALITY_VIOLATION,
        "more than one row returned by a subquery used as an expression",
    )
}

/// The type to hash by when the comparison is `= ANY` or `<> ALL` of one column.
fn membership(all: bool, comparison: Comparison, operators: &[Operator]) -> Option<Oid> {
    let [operator] = operators else { return None };
    let row = catalog::operator_by_oid(operator.oid)?;
    match (all, row.name) {
        (false, "=") if comparison != Comparison::NotEqual => hashable(*operator),
        (true, "=") if comparison == Comparison::NotEqual => hashable(*operator),
        (true, "<>") => {
            let equal = catalog::operator_by_oid(row.negator)?;
            hashable(Operator { oid: equal.oid, proc: equal.code })
        }
        _ => None,
    }
}

impl SubPlanNode {
    /// Does what may have to wait. Errors are kept for those who ask for the answer.
    pub(super) async fn prepare(&self, frame: &Frame) -> Result<()> {
        if let Some(fixed) = &self.fixed {
            if fixed.get().is_none() {
                let answer = self.run_accounted(frame).await;
                // Somebody else may have been faster.
                let _ = fixed.set(answer);
            }
            return Ok(());
        }
        for leaf in &self.facts.leaves {
            leaf.fill(frame).await;
        }
        for id in &self.facts.ctes {
            if let Some(cte) = CteScope::find(&frame.ctes, *id) {
                cte.fill().await?;
            }
        }
        Ok(())
    }

    async fn run_accounted(&self, frame: &Frame) -> Result<Kept> {
        let mut reservation = frame.reserve("the rows of a subquery");
        let answer = self.run(&frame.with_args(Arc::new([])), &mut reservation).await?;
        Ok((Arc::new(answer), reservation))
    }

    /// The value on a row.
    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Result<Value> {
        let answer = self.answer(scope)?;
        match (&self.kind, &*answer) {
            (Kind::Quantified(quantified), answer) => quantified.compare(answer, scope),
            (_, Answer::Value(value)) => Ok(value.clone()),
            _ => Err(Error::internal("a subquery's answer is of the wrong kind")),
        }
    }

    fn answer(&self, scope: &Scope<'_>) -> Result<Arc<Answer>> {
        if let Some(fixed) = &self.fixed {
            return match fixed.get() {
                Some(Ok((answer, _))) => Ok(answer.clone()),
                Some(Err(error)) => Err(error.clone()),
                None => Err(Error::internal("a subquery was not run before its value was needed")),
            };
        }
        let args = eval_all(&self.args, scope)?;
        let Some(memo) = &self.memo else { return self.run_now(&args, scope) };
        if let Some(known) = memo.lock().unwrap_or_else(PoisonError::into_inner).get(&args) {
            return Ok(known);
        }
        let answer = self.run_now(&args, scope)?;
        memo.lock().unwrap_or_else(PoisonError::into_inner).put(args, answer.clone());
        Ok(answer)
    }

    /// Runs it for these arguments. Nothing in it waits: what could was done before.
    fn run_now(&self, args: &[Value], scope: &Scope<'_>) -> Result<Arc<Answer>> {
        let frame = Frame { sync: true, ..scope.frame.with_args(args.into()) };
        let mut reservation = frame.reserve("the rows of a subquery");
        let answer = self.run(&frame, &mut reservation).now_or_never();
        answer
            .unwrap_or_else(|| {
                Err(Error::internal("a subquery had to wait while an expression was evaluated"))
            })
            .map(Arc::new)
    }

    async fn run(&self, frame: &Frame, reservation: &mut Reservation) -> Result<Answer> {
        let mut rows = Rows::new(self.node.clone().open(frame));
        match &self.kind {
            Kind::Exists => Ok(Answer::Value(Value::Bool(rows.next().await?.is_some()))),
            Kind::Scalar => {
                let first = rows.next().await?;
                if first.is_some() && rows.next().await?.is_some() {
                    return Err(more_than_one_row());
                }
                let value = first.and_then(|row| row.into_iter().next());
                Ok(Answer::Value(value.unwrap_or_default()))
            }
            Kind::Array { element, nested } => {
                let mut items = Vec::new();
                while let Some(row) = rows.next().await? {
                    reservation.grow(row_bytes(&row))?;
                    items.push(row.into_iter().next().unwrap_or_default());
                }
                let array = match nested {
                    true => accumulate(*element, &items)?,
                    false => Array::one_dimensional(*element, items),
                };
                Ok(Answer::Value(Value::Array(Arc::new(array))))
            }
            Kind::Quantified(quantified) => quantified.gather(&mut rows, frame, reservation).await,
        }
    }
}

impl Quantified {
    async fn gather(&self, rows: &mut Rows, frame: &Frame, reservation: &mut Reservation) -> Result<Answer> {
        let mut pace = frame.pace();
        let (mut set, mut has_null, mut list) = (RowSet::default(), false, Vec::new());
        while let Some(row) = rows.next().await? {
            pace.step().await?;
            let row = eval_all(&self.right, &frame.scope(&row))?;
            match (self.key, row.first()) {
                (Some(_), Some(Value::Null)) => has_null = true,
                (Some(key), _) => {
                    let bytes = row_bytes(&row) + HashIndex::ENTRY_BYTES;
                    if set.insert(&[key], row).1 {
                        reservation.grow(bytes)?;
                    }
                }
                (None, _) => {
                    if self.single && !list.is_empty() {
                        return Err(more_than_one_row());
                    }
                    reservation.grow_by_row(&row)?;
                    list.push(row);
                }
            }
        }
        Ok(match self.key {
            Some(_) => Answer::Set { set, has_null },
            None => Answer::Rows(list),
        })
    }

    fn compare(&self, answer: &Answer, scope: &Scope<'_>) -> Result<Value> {
        let left = eval_all(&self.left, scope)?;
        match answer {
            Answer::Rows(rows) if self.single => match rows.first() {
                Some(row) => self.compare.compare(&left, row, scope),
                None => Ok(Value::Null),
            },
            Answer::Rows(rows) => {
                let mut fold = Fold::new(self.all);
                for row in rows {
                    if fold.add(&self.compare.compare(&left, row, scope)?) {
                        break;
                    }
                }
                Ok(fold.value())
            }
            Answer::Set { set, has_null } => {
                let null = left.iter().any(Value::is_null);
                let key = self.key.unwrap_or_default();
                Ok(if set.len() == 0 && !has_null {
                    Value::Bool(self.all)
                } else if null {
                    Value::Null
                } else if set.find(&[key], &left).is_some() {
                    Value::Bool(!self.all)
                } else if *has_null {
                    Value::Null
                } else {
                    Value::Bool(self.all)
                })
            }
            Answer::Value(_) => Err(Error::internal("a subquery's answer is of the wrong kind")),
        }
    }
}

/// Answers by arguments. Arguments are the same only when they are so in every respect: `1.0` and `1.00` are equal,
/// but their texts are not.
#[derive(Default)]
struct Memo {
    state: State,
    index: HashIndex,
    entries: Vec<(Vec<Value>, Arc<Answer>)>,
    bytes: usize,
}

impl Memo {
    /// A memo that would hold more forgets everything.
    const MAX_ENTRIES: usize = 10_000;
    const MAX_BYTES: usize = 4 << 20;

    fn hash(&self, args: &[Value]) -> u64 {
        use std::hash::Hasher;
        let mut hasher = self.state.build_hasher();
        args.iter().for_each(|arg| pg::hash(Oid::INVALID, arg, &mut hasher));
        hasher.finish()
    }

    fn get(&self, args: &[Value]) -> Option<Arc<Answer>> {
        let same = |at: usize| self.entries.get(at).is_some_and(|(known, _)| known == args);
        let at = self.index.find(self.hash(args), same)?;
        self.entries.get(at).map(|(_, answer)| answer.clone())
    }

    fn put(&mut self, args: Vec<Value>, answer: Arc<Answer>) {
        let bytes = row_bytes(&args) + answer.bytes();
        if bytes > Memo::MAX_BYTES / 8 {
            return;
        }
        if self.entries.len() >= Memo::MAX_ENTRIES || self.bytes + bytes > Memo::MAX_BYTES {
            *self = Memo::default();
        }
        self.bytes += bytes;
        self.index.push(self.hash(&args));
        self.entries.push((args, answer));
    }
}

impl Answer {
    fn bytes(&self) -> usize {
        match self {
            Answer::Value(value) => super::memory::value_bytes(value),
            Answer::Rows(rows) => rows.iter().map(|row| row_bytes(row)).sum(),
            Answer::Set { set, .. } => set.bytes(),
        }
    }
}
