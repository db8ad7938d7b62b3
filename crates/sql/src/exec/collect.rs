//! One aggregate call over one group: FILTER, NULLs, DISTINCT and ORDER BY, around an accumulator.

use std::sync::Arc;

use pg::func::{Accumulator, Call, NewAccumulator};
use pg::{Oid, Result, TypeRef, Value, catalog, func};

use super::compile::Compiler;
use super::eval::{Op, Scope, eval_all, functions};
use super::frame::Frame;
use super::key::{HashIndex, Order, RowSet, compare_keys};
use super::memory::{Reservation, row_bytes, value_bytes};
use super::sort::{Entry, RowOrder, Runs};
use crate::query::{Aggregate, AggregateSort, Expr};

/// Aggregates whose transition function takes NULLs and makes something of them: `array_agg`, `json_agg`,
/// `json_object_agg`, `jsonb_agg`, `jsonb_object_agg`, `string_agg` (a NULL delimiter). All others skip rows with NULLs,
/// be it because the function is strict or because it does nothing then.
const TAKES_NULLS: [u32; 8] = [2335, 4053, 3175, 3197, 3267, 3270, 3538, 3545];

/// Aggregates whose state grows with every row.
const GROWS: [u32; 9] = [2335, 4053, 3175, 3197, 3267, 3270, 3538, 3545, 2901];

/// An aggregate call, compiled.
pub(super) struct AggregateOp {
    new: NewAccumulator,
    args: Vec<Op>,
    arg_types: Vec<Oid>,
    result: Oid,
    skips_nulls: bool,
    grows: bool,
    filter: Option<Op>,
    distinct: bool,
    /// `ORDER BY`.
    sort: Vec<Op>,
    /// The order of sort keys, followed with DISTINCT by the arguments.
    orders: Vec<Order>,
    /// The order of arguments that have these keys behind them.
    order: Arc<RowOrder>,
    ordered_set: Option<OrderedSet>,
}

/// What an ordered-set aggregate has besides its sorted arguments.
struct OrderedSet {
    /// The direct arguments.
    direct: Vec<Op>,
    /// The direct arguments are a row whose place among the others is wanted.
    hypothetical: bool,
}

impl AggregateOp {
    pub(super) fn compile(
        compiler: &mut Compiler,
        aggregate: &Aggregate,
        ty: TypeRef,
    ) -> Result<AggregateOp> {
        if aggregate.within_group {
            return AggregateOp::within_group(compiler, aggregate, ty);
        }
        let mut op =
            AggregateOp::plain(compiler, aggregate.proc, &aggregate.args, aggregate.filter.as_ref(), ty)?;
        op.distinct = aggregate.distinct;
        let mut orders = op.sort_by(compiler, &aggregate.order_by)?;
        if op.distinct {
            orders.extend(op.arg_types.iter().map(|ty| Order::ascending(*ty)));
        }
        op.order = Arc::new(RowOrder::behind(&orders));
        op.orders = orders;
        Ok(op)
    }

    /// An aggregate without DISTINCT and ORDER BY.
    pub(super) fn plain(
        compiler: &mut Compiler,
        proc: Oid,
        args: &[Expr],
        filter: Option<&Expr>,
        ty: TypeRef,
    ) -> Result<AggregateOp> {
        let arg_types: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
        let new = func::aggregate(proc).ok_or_else(|| functions::refuse(proc, &arg_types))?;
        Ok(AggregateOp {
            new,
            args: compiler.exprs(args)?,
            arg_types,
            result: ty.oid,
            skips_nulls: !TAKES_NULLS.contains(&proc.0),
            grows: GROWS.contains(&proc.0),
            filter: filter.map(|filter| compiler.expr(filter)).transpose()?,
            distinct: false,
            sort: Vec::new(),
            orders: Vec::new(),
            order: Arc::new(RowOrder::behind(&[])),
            ordered_set: None,
        })
    }

    /// An ordered-set aggregate: its rows are the sorted arguments.
    fn within_group(compiler: &mut Compiler, aggregate: &Aggregate, ty: TypeRef) -> Result<AggregateOp> {
        let sorted: Vec<Expr> = aggregate.order_by.iter().map(|key| key.expr.clone()).collect();
        let mut op = AggregateOp::plain(compiler, aggregate.proc, &sorted, aggregate.filter.as_ref(), ty)?;
        op.orders = op.sort_by(compiler, &aggregate.order_by)?;
        op.order = Arc::new(RowOrder::behind(&op.orders));
        let hypothetical = catalog::aggregate(aggregate.proc).is_some_and(|row| row.kind == 'h');
        op.skips_nulls = !hypothetical;
        op.ordered_set = Some(OrderedSet { direct: compiler.exprs(&aggregate.args)?, hypothetical });
        Ok(op)
    }

    fn sort_by(&mut self, compiler: &mut Compiler, keys: &[AggregateSort]) -> Result<Vec<Order>> {
        self.sort = compiler.exprs(keys.iter().map(|key| &key.expr))?;
        let order = |key: &AggregateSort| Order {
            ty: key.expr.ty.oid,
            descending: key.descending,
            nulls_first: key.nulls_first,
        };
        Ok(keys.iter().map(order).collect())
    }

    /// The state of a group without rows.
    pub(super) fn start(&self) -> State {
        let seen = self.distinct.then(RowSet::default);
        let runs = (!self.orders.is_empty()).then(|| Runs::new(self.order.clone()));
        State { accumulator: (self.new)(), seen, runs, direct: None }
    }

    /// The direct arguments of an ordered-set aggregate. They are the same for all rows of a group.
    fn direct(&self, scope: &Scope<'_>) -> Result<Option<Vec<Value>>> {
        let set = self.ordered_set.as_ref();
        set.map(|set| eval_all(&set.direct, scope)).transpose()
    }

    fn call<'a>(&'a self, frame: &'a Frame) -> Call<'a> {
        Call { env: &frame.run.env, arg_types: &self.arg_types, result: self.result }
    }

    /// The arguments on a row; none when the row doesn't count.
    pub(super) fn args(&self, scope: &Scope<'_>, args: &mut Vec<Value>) -> Result<bool> {
        if let Some(filter) = &self.filter
            && !filter.is_true(scope)?
        {
            return Ok(false);
        }
        args.clear();
        for op in &self.args {
            args.push(op.eval(scope)?);
        }
        Ok(!(self.skips_nulls && args.iter().any(Value::is_null)))
    }
}

/// An aggregate of one group.
pub(super) struct State {
    accumulator: Box<dyn Accumulator>,
    /// What was there, for DISTINCT.
    seen: Option<RowSet>,
    /// The rows, when they must be sorted first.
    runs: Option<Runs>,
    /// The direct arguments of an ordered-set aggregate, once there was a row.
    direct: Option<Vec<Value>>,
}

impl State {
    /// What an empty one takes, roughly.
    pub(super) const BYTES: usize = 96;

    /// Takes a row.
    pub(super) fn add(
        &mut self,
        op: &AggregateOp,
        scope: &Scope<'_>,
        args: &mut Vec<Value>,
        reservation: &mut Reservation,
    ) -> Result<()> {
        if op.ordered_set.is_some() && self.direct.is_none() {
            self.direct = op.direct(scope)?;
        }
        if !op.args(scope, args)? {
            return Ok(());
        }
        if let Some(seen) = &mut self.seen {
            if seen.find(&op.arg_types, args).is_some() {
                return Ok(());
            }
            reservation.grow(row_bytes(args) + HashIndex::ENTRY_BYTES)?;
            seen.insert(&op.arg_types, args.clone());
        }
        let Some(runs) = &mut self.runs else {
            if op.grows {
                reservation.grow(args.iter().map(value_bytes).sum())?;
            }
            return self.step(op, args, scope.frame);
        };
        let mut row = Vec::with_capacity(args.len() + op.orders.len());
        row.extend(args.iter().cloned());
        for key in &op.sort {
            row.push(key.eval(scope)?);
        }
        if op.distinct {
            row.extend(args.iter().cloned());
        }
        reservation.grow(row_bytes(&row) + Entry::BYTES)?;
        runs.push(row);
        Ok(())
    }

    /// Takes a row's arguments.
    pub(super) fn step(&mut self, op: &AggregateOp, args: &[Value], frame: &Frame) -> Result<()> {
        self.accumulator.step(&op.call(frame), args)
    }

    /// The value of what was taken. It may not be taken from again.
    pub(super) async fn finish(mut self, op: &AggregateOp, frame: &Frame) -> Result<Value> {
        // Without any row, they cannot depend on one.
        let direct = match self.direct.take() {
            None => op.direct(&frame.scope(&[]))?,
            direct => direct,
        };
        let hypothetical = op.ordered_set.as_ref().is_some_and(|set| set.hypothetical);
        if let Some(runs) = self.runs.take() {
            let mut pace = frame.pace();
            let mut sorted = runs.merge()?;
            if let Some(direct) = &direct {
                self.accumulator.direct(&op.call(frame), direct.clone())?;
            }
            while let Some(mut entry) = sorted.next()? {
                pace.step().await?;
                op.order.cut(&mut entry.row);
                if let Some(direct) = direct.as_ref().filter(|_| hypothetical) {
                    let order = compare_keys(&op.orders, &entry.row, direct);
                    entry.row.push(Value::Int4(order as i32));
                }
                self.accumulator.step(&op.call(frame), &entry.row)?;
            }
        }
        self.value(op, frame)
    }

    /// The value of the accumulator.
    pub(super) fn value(&mut self, op: &AggregateOp, frame: &Frame) -> Result<Value> {
        self.accumulator.finish(&op.call(frame))
    }
}
