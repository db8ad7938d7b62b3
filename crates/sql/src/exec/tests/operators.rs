//! Scans, filters, projections, order, limits, sets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::executor::block_on;
use pg::{SqlState, Value, oid};

use super::support::*;
use crate::exec::{CancelReason, run};
use crate::plan::Plan;
use crate::query::{Call, CallForm, Expr, ExprKind, SetOperationKind};

fn filter(input: Plan, condition: Expr) -> Plan {
    Plan::Filter { input: Box::new(input), condition }
}

fn project(input: Plan, exprs: Vec<Expr>) -> Plan {
    Plan::Project { input: Box::new(input), exprs }
}

fn sort(input: Plan, descending: bool, nulls_first: bool, limit: Option<i64>) -> Plan {
    let key = crate::plan::SortBy { expr: slot(0), descending, nulls_first };
    Plan::Sort { input: Box::new(input), keys: vec![key], limit: limit.map(|n| Box::new(bigint(n))) }
}

fn limit(input: Plan, limit: Option<i64>, offset: Option<i64>) -> Plan {
    Plan::Limit { input: Box::new(input), limit: limit.map(bigint), offset: offset.map(bigint), ties: None }
}

fn series(to: i32) -> Plan {
    let mut call = call("generate_series", vec![int(1), int(to)]);
    call.ty = oid::INT4.into();
    Plan::Functions { calls: vec![call], widths: vec![1], ordinality: false }
}

#[test]
fn filters_keep_what_is_true() {
    let input = ints(&[Some(1), None, Some(3)]);
    let plan = filter(input, op(slot(0), "<", int(3)));
    assert_eq!(column(&rows(&plan), 0), [Some(1)]);
}

#[test]
fn projections_move_and_compute() {
    let plan =
        project(pairs(&[(Some(1), Some(10))]), vec![slot(1), op(slot(0), "+", slot(0)), slot(1), slot(0)]);
    assert_eq!(rows(&plan), [[10, 2, 10, 1].map(Value::Int4).to_vec()]);
    let plan = project(pairs(&[(Some(1), Some(10))]), vec![slot(1), int(5)]);
    assert_eq!(rows(&plan), [[10, 5].map(Value::Int4).to_vec()]);
}

#[test]
fn the_catalog_is_filtered_and_projected() {
    let row = |a: i32, b: i32| vec![Value::Int4(a), Value::Int4(b)];
    let catalog = || TestCatalog { rows: vec![row(1, 10), row(2, 20), row(3, 20)] };
    let plan = Plan::Catalog { relation: relation(), columns: vec![1, 0] };
    let answer = rows_in(&plan, with(catalog(), Arc::default())).unwrap();
    assert_eq!(answer, [row(10, 1), row(20, 2), row(20, 3)]);
    // The condition is over the columns named.
    let plan = filter(plan, op(slot(0), "=", int(20)));
    let answer = rows_in(&plan, with(catalog(), Arc::default())).unwrap();
    assert_eq!(answer, [row(20, 2), row(20, 3)]);
}

#[test]
fn functions_stand_side_by_side() {
    let calls =
        vec![call("generate_series", vec![int(1), int(2)]), call("generate_series", vec![int(5), int(7)])];
    let plan = Plan::Functions { calls, widths: vec![1, 1], ordinality: true };
    let answer = rows(&plan);
    assert_eq!(column(&answer, 0), [Some(1), Some(2), None]);
    assert_eq!(column(&answer, 1), [Some(5), Some(6), Some(7)]);
    assert_eq!(column(&answer, 2), [Some(1), Some(2), Some(3)]);
    // A strict function of NULL has no rows.
    let calls = vec![call("generate_series", vec![int(1), int(None)])];
    assert!(rows(&Plan::Functions { calls, widths: vec![1], ordinality: false }).is_empty());
}

#[test]
fn sets_in_a_select_list_run_in_lockstep() {
    let set = |from: Expr, to: Expr| call("generate_series", vec![from, to]);
    let project_set = |exprs| Plan::ProjectSet { input: Box::new(values(vec![vec![]])), exprs };
    // select generate_series(1,2), generate_series(1,3)
    let answer = rows(&project_set(vec![set(int(1), int(2)), set(int(1), int(3))]));
    assert_eq!(column(&answer, 0), [Some(1), Some(2), None]);
    assert_eq!(column(&answer, 1), [Some(1), Some(2), Some(3)]);
    // select generate_series(1,2), generate_series(1, generate_series(1,3)): checked with PostgreSQL
    let answer = rows(&project_set(vec![set(int(1), int(2)), set(int(1), set(int(1), int(3)))]));
    assert_eq!(column(&answer, 0), [Some(1), Some(2), Some(2), None, None, None]);
    assert_eq!(column(&answer, 1), [1, 1, 2, 1, 2, 3].map(Some));
    // select generate_series(1,2), generate_series(1,3) + generate_series(1, generate_series(1,2))
    let sum = op(set(int(1), int(3)), "+", set(int(1), set(int(1), int(2))));
    let answer = rows(&project_set(vec![set(int(1), int(2)), sum]));
    assert_eq!(column(&answer, 0), [Some(1), Some(2), Some(2), None, None, None][..column(&answer, 0).len()]);
    assert_eq!(column(&answer, 1)[..3], [Some(2), Some(3), Some(4)]);
    // No rows of the only set: no row.
    assert!(rows(&project_set(vec![set(int(1), int(0)), int(7)])).is_empty());
}

#[test]
fn rows_are_sorted_with_nulls_where_they_belong() {
    let input = || ints(&[Some(2), None, Some(3), Some(1)]);
    assert_eq!(column(&rows(&sort(input(), false, false, None)), 0), [Some(1), Some(2), Some(3), None]);
    assert_eq!(column(&rows(&sort(input(), true, true, None)), 0), [None, Some(3), Some(2), Some(1)]);
    assert_eq!(column(&rows(&sort(input(), true, false, None)), 0), [Some(3), Some(2), Some(1), None]);
    assert_eq!(column(&rows(&sort(input(), false, false, Some(2))), 0), [Some(1), Some(2)]);
    assert!(rows(&sort(input(), false, false, Some(0))).is_empty());
}

#[test]
fn long_sorts_are_merged_and_stable() {
    let key = op(slot(0), "%", int(7));
    let plan = project(series(20_000), vec![key, slot(0)]);
    let answer = rows(&sort(plan, false, false, None));
    assert_eq!(answer.len(), 20_000);
    assert!(answer.windows(2).all(|pair| {
        let number = |at: usize, column: usize| pair[at][column].as_i64();
        (number(0, 0), number(0, 1)) < (number(1, 0), number(1, 1))
    }));
}

#[test]
fn limits_and_offsets() {
    let input = || ints(&[Some(1), Some(2), Some(3)]);
    assert_eq!(column(&rows(&limit(input(), Some(1), Some(1))), 0), [Some(2)]);
    assert_eq!(column(&rows(&limit(input(), None, Some(2))), 0), [Some(3)]);
    assert!(rows(&limit(input(), Some(0), None)).is_empty());
    assert_eq!(error(&limit(input(), Some(-1), None)).code(), SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE);
    let code = SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE;
    assert_eq!(error(&limit(input(), Some(-1), Some(-1))).code(), code);
    let null = Plan::Limit {
        input: Box::new(input()),
        limit: Some(null(oid::INT8)),
        offset: Some(null(oid::INT8)),
        ties: None,
    };
    assert_eq!(rows(&null).len(), 3);
}

#[test]
fn ties_are_kept() {
    let input = ints(&[Some(1), Some(2), Some(2), Some(2), Some(3)]);
    let plan = Plan::Limit {
        input: Box::new(input),
        limit: Some(bigint(2)),
        offset: None,
        ties: Some(vec![by(slot(0))]),
    };
    assert_eq!(column(&rows(&plan), 0), [1, 2, 2, 2].map(Some));
}

#[test]
fn distinct_takes_nulls_for_equal_and_the_first_of_each_key() {
    let plan = Plan::Distinct { input: Box::new(ints(&[None, Some(1), None, Some(1)])), keys: None };
    assert_eq!(column(&rows(&plan), 0), [None, Some(1)]);
    let input = pairs(&[(Some(1), Some(10)), (Some(1), Some(11)), (Some(2), Some(12))]);
    let plan = Plan::Distinct { input: Box::new(input), keys: Some(vec![slot(0)]) };
    assert_eq!(column(&rows(&plan), 1), [Some(10), Some(12)]);
}

#[test]
fn set_operations_count_duplicates() {
    let left = || ints(&[Some(1), Some(1), Some(1), Some(2), None, None]);
    let right = || ints(&[Some(1), Some(1), Some(3), None]);
    let operation = |kind, all| {
        let (left, right) = (Box::new(left()), Box::new(right()));
        let mut found = column(&rows(&Plan::SetOperation { kind, all, left, right }), 0);
        found.sort();
        found
    };
    assert_eq!(operation(SetOperationKind::Intersect, false), [None, Some(1)]);
    assert_eq!(operation(SetOperationKind::Intersect, true), [None, Some(1), Some(1)]);
    assert_eq!(operation(SetOperationKind::Except, false), [Some(2)]);
    assert_eq!(operation(SetOperationKind::Except, true), [None, Some(1), Some(2)]);
    let plan = Plan::Append { inputs: vec![left(), right()] };
    assert_eq!(rows(&plan).len(), 10);
}

#[test]
fn what_we_do_not_have_is_refused_before_anything_runs() {
    let kind = ExprKind::Call(Box::new(Call {
        proc: pg::Oid(1), // no function
        args: vec![int(1)],
        form: CallForm::Function,
        retset: false,
        variadic: false,
    }));
    let expr = Expr::new(kind, oid::INT4).at(Some(8));
    let error = run(&project(ints(&[]), vec![expr]), context()).err().unwrap();
    assert_eq!(error.code(), SqlState::FEATURE_NOT_SUPPORTED);
    assert_eq!(error.message(), "function 1(integer) is not supported");
    assert_eq!(error.fields().position, Some(8));
}

#[test]
fn rows_leave_before_the_last_page_is_there() {
    let page = |from: i32| (from..from + 3).map(|i| vec![Value::Int4(i)]).collect::<Vec<_>>();
    let cluster =
        Arc::new(TestCluster { pages: (0..100).map(page).collect(), slow: true, ..Default::default() });
    let plan = project(filter(remote("select"), op(slot(0), "<>", int(1))), vec![op(slot(0), "+", int(1))]);
    let mut stream = run(&plan, with(TestCatalog::default(), cluster.clone())).unwrap();
    assert!(cluster.opened.lock().unwrap().is_empty());
    let first = block_on(stream.next()).unwrap().unwrap();
    assert_eq!(column(&first, 0), [Some(1), Some(3)]);
    assert_eq!(cluster.fetched.load(Ordering::SeqCst), 1);
    // A limit stops what is below it.
    let plan = limit(remote("select"), Some(4), None);
    let cluster = Arc::new(TestCluster { pages: (0..100).map(page).collect(), ..Default::default() });
    assert_eq!(rows_in(&plan, with(TestCatalog::default(), cluster.clone())).unwrap().len(), 4);
    assert_eq!(cluster.fetched.load(Ordering::SeqCst), 2);
}

#[test]
fn a_cancelled_statement_stops() {
    let context = context();
    let plan = Plan::Filter { input: Box::new(series(5_000_000)), condition: truth(Some(false)) };
    let mut stream = run(&plan, context.clone()).unwrap();
    context.cancel.cancel(CancelReason::StatementTimeout);
    context.cancel.cancel(CancelReason::UserRequest);
    let error = block_on(stream.next()).unwrap_err();
    assert_eq!(error.code(), SqlState::QUERY_CANCELED);
    assert_eq!(error.message(), "canceling statement due to statement timeout");
    assert!(block_on(stream.next()).unwrap().is_none());
}

#[test]
fn a_running_statement_is_cancelled_and_lets_others_run() {
    use std::future::Future;
    let context = context();
    // A nested loop of 10^10 pairs would take an hour.
    let plan = Plan::Join {
        look_ups: None,
        kind: crate::query::JoinKind::Inner,
        left: Box::new(series(100_000)),
        right: Box::new(series(100_000)),
        keys: vec![],
        condition: Some(op(slot(0), "<", int(0))),
    };
    let mut stream = run(&plan, context.clone()).unwrap();
    let mut next = Box::pin(stream.next());
    let waker = futures::task::noop_waker();
    let mut polls = std::task::Context::from_waker(&waker);
    // It gives the thread back although nothing has to be waited for.
    assert!(next.as_mut().poll(&mut polls).is_pending());
    assert!(next.as_mut().poll(&mut polls).is_pending());
    context.cancel.cancel(CancelReason::UserRequest);
    let error = block_on(next).unwrap_err();
    assert_eq!(error.message(), "canceling statement due to user request");
}

#[test]
fn long_series_are_not_held() {
    let mut context = context();
    context.memory_limit = 100_000;
    let plan = limit(series(i32::MAX), Some(3), Some(10_000));
    assert_eq!(column(&rows_in(&plan, context).unwrap(), 0), [10_001, 10_002, 10_003].map(Some));
}

#[test]
fn memory_is_limited_and_given_back() {
    let mut context = context();
    context.memory_limit = 100_000;
    // A nested loop has no keys by which its sides could be split.
    let plan = Plan::Join {
        look_ups: None,
        kind: crate::query::JoinKind::Inner,
        left: Box::new(series(1)),
        right: Box::new(series(10_000)),
        keys: vec![],
        condition: None,
    };
    let error = rows_in(&plan, context.clone()).unwrap_err();
    assert_eq!(error.code(), SqlState::OUT_OF_MEMORY);
    assert!(error.fields().detail.as_deref().unwrap().contains("a hash join"));
    // Only the best are held, and what is dropped makes room.
    let best = rows_in(&sort(series(10_000), true, false, Some(3)), context).unwrap();
    assert_eq!(column(&best, 0), [10_000, 9_999, 9_998].map(Some));
}
