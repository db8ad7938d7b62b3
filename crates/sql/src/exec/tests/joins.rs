//! Joins, applies, common table expressions, subqueries.

use std::sync::Arc;

use pg::{SqlState, Value, oid};

use super::support::*;
use crate::hazelcast::SqlType;
use crate::plan::{CtePlan, EntryRead, KeyAccess, KeyPart, Keys, LookUps, Plan, RemoteScan, SubPlan, Way};
use crate::query::{Comparison, Expr, ExprKind, JoinKind, SubqueryKind};
use crate::remote::Batch;

type Pair = (Option<i64>, Option<i64>);

fn join(kind: JoinKind, keys: bool, condition: Option<Expr>) -> Plan {
    Plan::Join {
        look_ups: None,
        kind,
        left: Box::new(ints(&[Some(1), Some(2), Some(2), None])),
        right: Box::new(ints(&[Some(2), None, Some(3), Some(2)])),
        keys: if keys { vec![(slot(0), slot(0))] } else { vec![] },
        condition,
    }
}

fn sorted(plan: &Plan) -> Vec<Pair> {
    let mut found: Vec<Pair> =
        rows(plan).iter().map(|row| (row[0].as_i64(), row.get(1).and_then(Value::as_i64))).collect();
    found.sort();
    found
}

#[test]
fn joins_of_every_kind_by_hash_and_by_loop() {
    let both = [(Some(2), Some(2)); 4];
    let expected: [(JoinKind, Vec<Pair>); 6] = [
        (JoinKind::Inner, both.to_vec()),
        (JoinKind::Left, [&[(None, None), (Some(1), None)], &both[..]].concat()),
        (JoinKind::Right, [&[(None, None), (None, Some(3))], &both[..]].concat()),
        (
            JoinKind::Full,
            [&[(None, None), (None, None), (None, Some(3)), (Some(1), None)], &both[..]].concat(),
        ),
        (JoinKind::Semi, vec![(Some(2), None); 2]),
        (JoinKind::Anti, vec![(None, None), (Some(1), None)]),
    ];
    for (kind, expected) in expected {
        assert_eq!(sorted(&join(kind, true, None)), expected, "{kind:?} by hash");
        let equal = op(slot(0), "=", slot(1));
        assert_eq!(sorted(&join(kind, false, Some(equal))), expected, "{kind:?} by loop");
        // What the condition refuses has not matched.
        let never = sorted(&join(kind, true, Some(op(slot(0), "<", slot(1)))));
        let count = match kind {
            JoinKind::Inner | JoinKind::Semi => 0,
            JoinKind::Full => 8,
            _ => 4,
        };
        assert_eq!(never.len(), count, "{kind:?} with a condition");
    }
}

#[test]
fn joins_with_empty_sides() {
    let plan = |kind, left: &[Option<i32>], right: &[Option<i32>]| Plan::Join {
        look_ups: None,
        kind,
        left: Box::new(ints(left)),
        right: Box::new(ints(right)),
        keys: vec![(slot(0), slot(0))],
        condition: None,
    };
    // VALUES of no rows has no columns to tell; the kinds that yield one side only show it.
    assert_eq!(rows(&plan(JoinKind::Anti, &[Some(1)], &[])).len(), 1);
    assert!(rows(&plan(JoinKind::Semi, &[Some(1)], &[])).is_empty());
    assert!(rows(&plan(JoinKind::Inner, &[], &[Some(1)])).is_empty());
    assert_eq!(rows(&plan(JoinKind::Right, &[], &[Some(1)])).len(), 1);
}

#[test]
fn wide_joins_come_in_batches() {
    let ones = |count: usize| ints(&vec![Some(1); count]);
    let plan = Plan::Join {
        look_ups: None,
        kind: JoinKind::Inner,
        left: Box::new(ones(3)),
        right: Box::new(ones(2000)),
        keys: vec![(slot(0), slot(0))],
        condition: None,
    };
    let mut stream = crate::exec::run(&plan, context()).unwrap();
    let mut sizes = Vec::new();
    while let Some(batch) = futures::executor::block_on(stream.next()).unwrap() {
        sizes.push(batch.len());
    }
    assert_eq!(sizes.iter().sum::<usize>(), 6000);
    assert!(sizes.iter().all(|size| *size <= 1024), "{sizes:?}");
}

#[test]
fn an_apply_opens_its_right_side_for_each_row() {
    let right = Plan::Functions {
        calls: vec![call("generate_series", vec![int(1), arg(0)])],
        widths: vec![1],
        ordinality: false,
    };
    let apply = |kind, condition| Plan::Apply {
        kind,
        left: Box::new(ints(&[Some(2), Some(0), Some(1)])),
        right: Box::new(right.clone()),
        args: vec![slot(0)],
        condition,
    };
    let pairs = |list: &[(i64, Option<i64>)]| list.iter().map(|(a, b)| (Some(*a), *b)).collect::<Vec<Pair>>();
    let inner = pairs(&[(1, Some(1)), (2, Some(1)), (2, Some(2))]);
    assert_eq!(sorted(&apply(JoinKind::Inner, None)), inner);
    assert_eq!(sorted(&apply(JoinKind::Left, None)), [pairs(&[(0, None)]), inner].concat());
    let second = op(slot(1), "=", int(2));
    assert_eq!(
        sorted(&apply(JoinKind::Left, Some(second.clone()))),
        pairs(&[(0, None), (1, None), (2, Some(2))])
    );
    assert_eq!(sorted(&apply(JoinKind::Semi, Some(second.clone()))), pairs(&[(2, None)]));
    assert_eq!(sorted(&apply(JoinKind::Anti, Some(second))), pairs(&[(0, None), (1, None)]));
}

fn cte(id: usize, plan: Plan, recursive: Option<(Plan, bool)>) -> CtePlan {
    CtePlan { id, plan, recursive }
}

fn scan_of(id: usize) -> Plan {
    Plan::CteScan { id, columns: None }
}

fn with_ctes(ctes: Vec<CtePlan>, input: Plan) -> Plan {
    Plan::With { ctes, input: Box::new(input) }
}

#[test]
fn a_common_table_expression_is_computed_once() {
    let cluster = Arc::new(TestCluster { pages: vec![vec![vec![Value::Int4(1)]]], ..Default::default() });
    let both = Plan::Append { inputs: vec![scan_of(1), scan_of(1)] };
    // The first refers to the second, as WITH RECURSIVE allows.
    let plan = with_ctes(vec![cte(1, scan_of(2), None), cte(2, remote("one"), None)], both);
    let context = with(TestCatalog::default(), cluster.clone());
    assert_eq!(column(&rows_in(&plan, context).unwrap(), 0), [Some(1), Some(1)]);
    assert_eq!(cluster.opened.lock().unwrap().len(), 1);
}

/// Both sides of a join pull the same rows, each as far as it gets, and neither waits for what the other is to take.
#[test]
fn a_common_table_expression_is_joined_with_itself() {
    let page = |from: i32| (from..from + 2_000).map(|n| vec![Value::Int4(n)]).collect::<Batch>();
    let pages = vec![page(0), page(2_000), page(4_000)];
    let cluster = Arc::new(TestCluster { pages, slow: true, ..Default::default() });
    let join = Plan::Join {
        kind: JoinKind::Inner,
        left: Box::new(scan_of(1)),
        right: Box::new(Plan::Limit {
            input: Box::new(scan_of(1)),
            limit: Some(bigint(2_500)),
            offset: None,
            ties: None,
        }),
        keys: vec![(slot(0), slot(0))],
        condition: None,
        look_ups: None,
    };
    let plan = with_ctes(vec![cte(1, remote("one"), None)], join);
    let context = with(TestCatalog::default(), cluster.clone());
    assert_eq!(rows_in(&plan, context).unwrap().len(), 2_500);
    assert_eq!(cluster.opened.lock().unwrap().len(), 1);
}

#[test]
fn recursion_ends_when_a_round_is_empty() {
    let next = |all| {
        let step = Plan::Project {
            input: Box::new(Plan::Filter {
                input: Box::new(scan_of(1)),
                condition: op(slot(0), "<", int(4)),
            }),
            exprs: vec![op(slot(0), "+", int(1))],
        };
        with_ctes(vec![cte(1, ints(&[Some(1), Some(3)]), Some((step, all)))], scan_of(1))
    };
    assert_eq!(column(&rows(&next(true)), 0), [1, 3, 2, 4, 3, 4].map(Some));
    assert_eq!(column(&rows(&next(false)), 0), [1, 3, 2, 4].map(Some));
}

#[test]
fn endless_recursion_is_pulled_no_further_than_wanted() {
    let step = Plan::Project { input: Box::new(scan_of(1)), exprs: vec![op(slot(0), "+", int(1))] };
    let scan = scan_of(1);
    let limit = Plan::Limit { input: Box::new(scan), limit: Some(bigint(5)), offset: None, ties: None };
    let plan = with_ctes(vec![cte(1, ints(&[Some(1)]), Some((step, true)))], limit);
    assert_eq!(column(&rows(&plan), 0), [1, 2, 3, 4, 5].map(Some));
}

fn subquery(kind: SubqueryKind, plan: Plan, args: Vec<Expr>, ty: pg::Oid) -> Expr {
    Expr::new(ExprKind::SubPlan(Box::new(SubPlan { kind, plan, args, id: 0 })), ty)
}

#[test]
fn scalar_subqueries() {
    let scalar = |plan| subquery(SubqueryKind::Scalar, plan, vec![], oid::INT4);
    assert_eq!(value(scalar(ints(&[Some(7)]))), Value::Int4(7));
    assert_eq!(value(scalar(ints(&[]))), Value::Null);
    let error = try_value(scalar(ints(&[Some(1), Some(2)]))).unwrap_err();
    assert_eq!(error.code(), SqlState::CARDINALITY_VIOLATION);
    assert_eq!(error.message(), "more than one row returned by a subquery used as an expression");
    // One that is never needed does no harm.
    let case = Expr::new(
        ExprKind::Case {
            operand: None,
            arms: vec![(truth(Some(false)), scalar(ints(&[Some(1), Some(2)])))],
            otherwise: Some(Box::new(int(3))),
        },
        oid::INT4,
    );
    assert_eq!(value(case), Value::Int4(3));
}

#[test]
fn quantified_subqueries_know_null() {
    let quantified = |all: bool, left: Option<i32>, rows: &[Option<i32>]| {
        let (name, comparison) = if all { ("<>", Comparison::NotEqual) } else { ("=", Comparison::Equal) };
        let kind = SubqueryKind::Quantified {
            single: false,
            all,
            left: vec![int(left)],
            operators: vec![operator(name, oid::INT4)],
            comparison,
            right: vec![slot(0)],
        };
        value(subquery(kind, ints(rows), vec![], oid::BOOL))
    };
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    // IN
    assert_eq!(quantified(false, Some(1), &[Some(2), Some(1)]), yes);
    assert_eq!(quantified(false, Some(1), &[Some(2), None]), Value::Null);
    assert_eq!(quantified(false, Some(1), &[Some(2)]), no);
    assert_eq!(quantified(false, None, &[Some(2)]), Value::Null);
    assert_eq!(quantified(false, None, &[]), no);
    // NOT IN
    assert_eq!(quantified(true, Some(1), &[Some(2), Some(1)]), no);
    assert_eq!(quantified(true, Some(1), &[Some(2), None]), Value::Null);
    assert_eq!(quantified(true, Some(1), &[Some(2)]), yes);
    assert_eq!(quantified(true, None, &[]), yes);
    assert_eq!(quantified(true, None, &[Some(2)]), Value::Null);
}

#[test]
fn quantified_rows_compare_field_by_field() {
    let quantified = |name: &str, comparison, all, left: (i32, Option<i32>)| {
        let kind = SubqueryKind::Quantified {
            single: false,
            all,
            left: vec![int(left.0), int(left.1)],
            operators: vec![operator(name, oid::INT4); 2],
            comparison,
            right: vec![slot(0), slot(1)],
        };
        value(subquery(kind, pairs(&[(Some(1), Some(2)), (Some(3), None)]), vec![], oid::BOOL))
    };
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    assert_eq!(quantified("=", Comparison::Equal, false, (1, Some(2))), yes);
    assert_eq!(quantified("=", Comparison::Equal, false, (1, Some(3))), no);
    assert_eq!(quantified("=", Comparison::Equal, false, (3, Some(3))), Value::Null);
    // NOT IN, with the equality or with its negation as the operators.
    assert_eq!(quantified("<>", Comparison::NotEqual, true, (1, Some(2))), no);
    assert_eq!(quantified("=", Comparison::NotEqual, true, (5, Some(2))), yes);
    assert_eq!(quantified("<>", Comparison::NotEqual, true, (3, Some(2))), Value::Null);
    assert_eq!(quantified("<", Comparison::Less, false, (1, Some(1))), yes);
    assert_eq!(quantified("<", Comparison::Less, true, (3, Some(1))), no);
}

/// `SELECT a, (subquery over t) FROM VALUES`, where the subquery's rows are those of `t` with `b` equal to the value.
fn correlated(kind: SubqueryKind, ty: pg::Oid, source: Plan) -> Plan {
    let filtered = Plan::Filter { input: Box::new(source), condition: op(slot(1), "=", arg(0)) };
    let plan = Plan::Project { input: Box::new(filtered), exprs: vec![slot(0)] };
    let input = ints(&[Some(10), Some(20), None, Some(10)]);
    Plan::Project { input: Box::new(input), exprs: vec![slot(0), subquery(kind, plan, vec![slot(0)], ty)] }
}

#[test]
fn correlated_subqueries_over_the_catalog() {
    let row = |a: i32, b: i32| vec![Value::Int4(a), Value::Int4(b)];
    let context = || {
        let rows = vec![row(1, 10), row(2, 20), row(3, 20)];
        with(TestCatalog { rows }, Arc::default())
    };
    let catalog = || Plan::Catalog { relation: relation(), columns: vec![0, 1] };
    let exists = rows_in(&correlated(SubqueryKind::Exists, oid::BOOL, catalog()), context()).unwrap();
    let truths: Vec<bool> = exists.iter().map(|row| row[1].is_true()).collect();
    assert_eq!(truths, [true, true, false, true]);
    let arrays = rows_in(&correlated(SubqueryKind::Array, oid::INT4_ARRAY, catalog()), context()).unwrap();
    let items = |at: usize| match &arrays[at][1] {
        Value::Array(array) => array.items.iter().map(|item| item.as_i64().unwrap()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!((items(0), items(1), items(2), items(3)), (vec![1], vec![2, 3], vec![], vec![1]));
    let error = rows_in(&correlated(SubqueryKind::Scalar, oid::INT4, catalog()), context()).unwrap_err();
    assert_eq!(error.code(), SqlState::CARDINALITY_VIOLATION);
}

#[test]
fn correlated_joins_hold_the_side_that_stays() {
    // (SELECT l.a * 10 + r.a FROM t l JOIN t r ON l.b = r.b WHERE r.a = outer AND l.a < r.a): the right side changes.
    let row = |a: i32, b: i32| vec![Value::Int4(a), Value::Int4(b)];
    let rows = vec![row(1, 10), row(2, 20), row(3, 20), row(4, 10)];
    let catalog = || Plan::Catalog { relation: relation(), columns: vec![0, 1] };
    for swapped in [false, true] {
        let filtered = Plan::Filter { input: Box::new(catalog()), condition: op(slot(0), "=", arg(0)) };
        let (left, right) = if swapped { (catalog(), filtered) } else { (filtered, catalog()) };
        let (inner, outer) = if swapped { (0, 2) } else { (2, 0) };
        let join = Plan::Join {
            look_ups: None,
            kind: JoinKind::Inner,
            left: Box::new(left),
            right: Box::new(right),
            keys: vec![(slot(1), slot(1))],
            condition: Some(op(slot(inner), "<", slot(outer))),
        };
        let sum = op(op(slot(inner), "*", int(10)), "+", slot(outer));
        let plan = Plan::Project { input: Box::new(join), exprs: vec![sum] };
        let subplan = subquery(SubqueryKind::Scalar, plan, vec![slot(0)], oid::INT4);
        let input = ints(&[Some(4), Some(3), Some(1)]);
        let plan = Plan::Project { input: Box::new(input), exprs: vec![subplan] };
        let context = with(TestCatalog { rows: rows.clone() }, Arc::default());
        assert_eq!(column(&rows_in(&plan, context).unwrap(), 0), [Some(14), Some(23), None]);
    }
}

#[test]
fn correlated_subqueries_scan_the_cluster_once() {
    let rows = (0..5).map(|i| vec![Value::Int4(i), Value::Int4(i * 10)]).collect();
    let cluster = Arc::new(TestCluster { pages: vec![rows, vec![]], slow: true, ..Default::default() });
    let source =
        Plan::Project { input: Box::new(remote("t")), exprs: vec![slot(0), op(slot(0), "*", int(10))] };
    let plan = correlated(SubqueryKind::Scalar, oid::INT4, source);
    let answer = rows_in(&plan, with(TestCatalog::default(), cluster.clone())).unwrap();
    assert_eq!(column(&answer, 1), [Some(1), Some(2), None, Some(1)]);
    assert_eq!(cluster.opened.lock().unwrap().len(), 1);
}

#[test]
fn correlated_subqueries_read_common_table_expressions() {
    let source =
        Plan::Project { input: Box::new(scan_of(9)), exprs: vec![slot(0), op(slot(0), "*", int(10))] };
    let cluster = Arc::new(TestCluster {
        pages: vec![vec![vec![Value::Int4(1)]], vec![vec![Value::Int4(2)]]],
        slow: true,
        ..Default::default()
    });
    let plan =
        with_ctes(vec![cte(9, remote("t"), None)], correlated(SubqueryKind::Scalar, oid::INT4, source));
    let answer = rows_in(&plan, with(TestCatalog::default(), cluster)).unwrap();
    assert_eq!(column(&answer, 1), [Some(1), Some(2), None, Some(1)]);
}

#[test]
fn scans_that_depend_on_the_row_outside_are_refused_in_subqueries_only() {
    let scan = || {
        let Plan::Remote(scan) = remote("t where a = ?") else { panic!() };
        let mut scan = (*scan).clone();
        scan.args = vec![crate::plan::RemoteArg {
            expr: arg(0),
            cluster_type: crate::hazelcast::SqlType::Integer,
            form: crate::plan::ArgForm::Plain,
        }];
        Plan::Remote(Arc::new(scan))
    };
    let expr = subquery(SubqueryKind::Exists, scan(), vec![int(1)], oid::BOOL);
    assert_eq!(try_value(expr).unwrap_err().code(), SqlState::FEATURE_NOT_SUPPORTED);
    let apply = Plan::Apply {
        kind: JoinKind::Left,
        left: Box::new(ints(&[Some(5), Some(6)])),
        right: Box::new(scan()),
        args: vec![slot(0)],
        condition: None,
    };
    let cluster = Arc::new(TestCluster::default());
    assert_eq!(rows_in(&apply, with(TestCatalog::default(), cluster.clone())).unwrap().len(), 2);
    let asked: Vec<_> = cluster.opened.lock().unwrap().iter().map(|(_, args)| args[0].as_i64()).collect();
    assert_eq!(asked, [Some(5), Some(6)]);
}

/// Look-ups by one column, which is the key or a part of it.
fn keys_scan(external_name: &str) -> Arc<RemoteScan> {
    let part = KeyPart { column: 0, cluster_type: SqlType::Integer };
    let mut relation = Arc::into_inner(relation()).unwrap();
    relation.columns[0].external_name = Some(external_name.into());
    let read = EntryRead {
        relation: relation.into(),
        columns: vec![0],
        search: None,
        max_pull: None,
        kept: Default::default(),
    };
    let access = KeyAccess { read, parts: vec![part], keys: Keys::Given };
    let Plan::Remote(scan) = remote("keys") else { unreachable!() };
    Arc::new(RemoteScan { way: Way::Keys(Box::new(access)), ..(*scan).clone() })
}

/// Entries whose keys are asked for, and the whole of them, are joined alike.
#[test]
fn joins_by_keys_are_joins() {
    let left: Vec<Option<i32>> = (0..3000).map(|n| (n % 7 != 0).then_some(n % 40)).collect();
    let evens: Vec<Option<i32>> = (0..100).map(|n| Some(n * 2)).collect();
    let scan = keys_scan("__key");
    let kinds = [JoinKind::Inner, JoinKind::Left, JoinKind::Semi, JoinKind::Anti];
    for (kind, left_first) in kinds.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
        let plan = |most: Option<usize>| Plan::Join {
            look_ups: most.map(|most| LookUps { scan: scan.clone(), parts: vec![0], most, left_first }),
            kind,
            left: Box::new(ints(&left)),
            right: Box::new(ints(&evens)),
            keys: vec![(slot(0), slot(0))],
            condition: Some(op(slot(1), "<>", int(4))),
        };
        let pairs = |rows: &[Vec<Value>]| {
            let number = |row: &[Value], at: usize| row.get(at).and_then(Value::as_i64);
            let mut found: Vec<Pair> = rows.iter().map(|row| (number(row, 0), number(row, 1))).collect();
            found.sort();
            found
        };
        let expected = pairs(&rows_in(&plan(None), with(TestCatalog::default(), Arc::default())).unwrap());
        assert!(!expected.is_empty());
        for most in [0, 5, 34, 35, 1000] {
            let cluster = Arc::new(TestCluster::default());
            let rows = rows_in(&plan(Some(most)), with(TestCatalog::default(), cluster.clone())).unwrap();
            assert_eq!(pairs(&rows), expected, "{kind:?} {most}");
            let opened = cluster.opened.lock().unwrap();
            let asked: usize = opened.iter().map(|(_, keys)| keys.len()).sum();
            assert_eq!(asked, if most < 40 { 0 } else { 40 }, "{kind:?} {most}");
        }
    }
}

/// Parts of keys that are not there cost a search: of the two thousand that the left side asks for every other one is there.
#[test]
fn absent_parts_of_keys_are_not_searched_for_without_end() {
    let left: Vec<Option<i32>> = (0..2000).map(Some).collect();
    let evens: Vec<Option<i32>> = (0..1000).map(|n| Some(n * 2)).collect();
    for (external_name, most_asked) in [("__key", 2000), ("__key.id", 192)] {
        let scan = keys_scan(external_name);
        let plan = Plan::Join {
            look_ups: Some(LookUps { scan, parts: vec![0], most: 5000, left_first: false }),
            kind: JoinKind::Inner,
            left: Box::new(ints(&left)),
            right: Box::new(ints(&evens)),
            keys: vec![(slot(0), slot(0))],
            condition: None,
        };
        let cluster = Arc::new(TestCluster::default());
        assert_eq!(rows_in(&plan, with(TestCatalog::default(), cluster.clone())).unwrap().len(), 1000);
        let asked: usize = cluster.opened.lock().unwrap().iter().map(|(_, keys)| keys.len()).sum();
        assert_eq!(asked, most_asked, "{external_name}");
    }
}
