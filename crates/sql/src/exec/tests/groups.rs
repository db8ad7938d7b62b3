//! Groups and aggregates.

use pg::{SqlState, Value, oid};

use super::support::*;
use crate::plan::Plan;
use crate::query::{Aggregate, AggregateSort, Expr};

fn group(
    input: Plan,
    keys: Vec<Expr>,
    sets: Option<Vec<Vec<usize>>>,
    aggregates: Vec<(Aggregate, pg::Oid)>,
) -> Plan {
    let aggregates = aggregates.into_iter().map(|(aggregate, ty)| (aggregate, ty.into())).collect();
    Plan::Aggregate { input: Box::new(input), keys, sets, aggregates }
}

fn count_all() -> (Aggregate, pg::Oid) {
    (aggregate("count", &[], vec![]), oid::INT8)
}

fn array_agg(distinct: bool, order_by: Option<(bool, bool)>) -> (Aggregate, pg::Oid) {
    let mut call = aggregate("array_agg", &[oid::ANYNONARRAY], vec![slot(0)]);
    call.distinct = distinct;
    call.order_by = order_by
        .map(|(descending, nulls_first)| AggregateSort { expr: slot(0), descending, nulls_first })
        .into_iter()
        .collect();
    (call, oid::INT4_ARRAY)
}

fn items(value: &Value) -> Vec<Option<i64>> {
    match value {
        Value::Array(array) => array.items.iter().map(Value::as_i64).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn aggregates_without_keys_have_one_row() {
    let sum = || (aggregate("sum", &[oid::INT4], vec![slot(0)]), oid::INT8);
    let plan = group(ints(&[]), vec![], None, vec![count_all(), sum()]);
    assert_eq!(rows(&plan), [vec![Value::Int8(0), Value::Null]]);
    let count = (aggregate("count", &[oid::ANY], vec![slot(0)]), oid::INT8);
    let plan = group(ints(&[Some(1), None, Some(2)]), vec![], None, vec![count_all(), count, sum()]);
    assert_eq!(rows(&plan), [[3, 2, 3].map(Value::Int8).to_vec()]);
    assert!(rows(&group(ints(&[]), vec![slot(0)], None, vec![count_all()])).is_empty());
}

#[test]
fn nulls_are_one_group() {
    let input = pairs(&[(None, Some(1)), (Some(1), Some(2)), (None, Some(3))]);
    let answer = rows(&group(input, vec![slot(0)], None, vec![count_all()]));
    assert_eq!(column(&answer, 0), [None, Some(1)]);
    assert_eq!(column(&answer, 1), [Some(2), Some(1)]);
}

#[test]
fn filters_distinct_and_order_inside_aggregates() {
    let input = || ints(&[Some(1), Some(3), Some(2), Some(3), None]);
    let one = |aggregate| rows(&group(input(), vec![], None, vec![aggregate])).remove(0).remove(0);
    // select array_agg(x), array_agg(distinct x), array_agg(distinct x order by x desc) …: checked with PostgreSQL
    assert_eq!(items(&one(array_agg(false, None))), [Some(1), Some(3), Some(2), Some(3), None]);
    assert_eq!(items(&one(array_agg(true, None))), [Some(1), Some(2), Some(3), None]);
    assert_eq!(items(&one(array_agg(true, Some((true, true))))), [None, Some(3), Some(2), Some(1)]);
    assert_eq!(
        items(&one(array_agg(false, Some((false, false))))),
        [Some(1), Some(2), Some(3), Some(3), None]
    );
    let mut filtered = array_agg(false, None);
    filtered.0.filter = Some(op(slot(0), ">", int(2)));
    assert_eq!(items(&one(filtered)), [Some(3), Some(3)]);
    let mut count = (aggregate("count", &[oid::ANY], vec![slot(0)]), oid::INT8);
    count.0.distinct = true;
    assert_eq!(one(count), Value::Int8(3));
}

#[test]
fn grouping_sets_are_numbered() {
    // select a, b, count(*) … group by grouping sets ((a), (b), ())
    let input = || pairs(&[(Some(1), Some(10)), (Some(1), Some(20)), (Some(2), Some(20))]);
    let sets = Some(vec![vec![0], vec![1], vec![]]);
    let plan = group(input(), vec![slot(0), slot(1)], sets.clone(), vec![count_all()]);
    let answer = rows(&plan);
    let number = |row: &Vec<Value>, at: usize| row[at].as_i64();
    let found: Vec<_> =
        answer.iter().map(|row| (number(row, 3), number(row, 0), number(row, 1), number(row, 2))).collect();
    let expected = [
        (Some(0), Some(1), None, Some(2)),
        (Some(0), Some(2), None, Some(1)),
        (Some(1), None, Some(10), Some(1)),
        (Some(1), None, Some(20), Some(2)),
        (Some(2), None, None, Some(3)),
    ];
    assert_eq!(found, expected);
    // Only the empty set has a row without input.
    let empty = Plan::Filter { input: Box::new(input()), condition: truth(Some(false)) };
    let answer = rows(&group(empty, vec![slot(0), slot(1)], sets, vec![count_all()]));
    assert_eq!(answer, [vec![Value::Null, Value::Null, Value::Int8(0), Value::Int4(2)]]);
}

#[test]
fn aggregates_that_grow_are_accounted_for() {
    let mut context = context();
    context.memory_limit = 50_000;
    let numbers = Plan::Functions {
        calls: vec![call("generate_series", vec![int(1), int(10_000)])],
        widths: vec![1],
        ordinality: false,
    };
    let plan = group(numbers.clone(), vec![], None, vec![array_agg(false, None)]);
    let error = rows_in(&plan, context.clone()).unwrap_err();
    assert_eq!(error.code(), SqlState::OUT_OF_MEMORY);
    assert!(rows_in(&group(numbers, vec![], None, vec![count_all()]), context).is_ok());
}

#[test]
fn aggregates_that_we_do_not_have_are_refused() {
    let mut call = aggregate("count", &[], vec![]);
    call.proc = pg::catalog::procs_by_name("xmlagg")[0].oid;
    call.args = vec![Expr::constant(Value::Null, oid::XML)];
    let error = error(&group(ints(&[]), vec![], None, vec![(call, oid::XML)]));
    assert_eq!(error.code(), SqlState::FEATURE_NOT_SUPPORTED);
    assert_eq!(error.message(), "aggregate xmlagg(xml) is not supported");
}

fn within_group(
    name: &str,
    types: &[pg::Oid],
    direct: Vec<Expr>,
    descending: bool,
    ty: pg::Oid,
) -> (Aggregate, pg::Oid) {
    let mut call = aggregate(name, types, direct);
    call.within_group = true;
    call.order_by = vec![AggregateSort { expr: slot(1), descending, nulls_first: descending }];
    (call, ty)
}

fn median(fraction: Expr) -> (Aggregate, pg::Oid) {
    within_group("percentile_disc", &[oid::FLOAT8, oid::ANYELEMENT], vec![fraction], false, oid::INT4)
}

fn rank(value: i32, descending: bool) -> (Aggregate, pg::Oid) {
    within_group("rank", &[oid::ANY], vec![int(value)], descending, oid::INT8)
}

fn fraction(value: f64) -> Expr {
    Expr::constant(Value::Float8(value), oid::FLOAT8)
}

#[test]
fn ordered_sets_are_sorted_by_group() {
    let input = || {
        pairs(&[
            (Some(1), Some(30)),
            (Some(2), None),
            (Some(1), Some(10)),
            (Some(1), None),
            (Some(2), Some(7)),
            (Some(1), Some(20)),
        ])
    };
    // select a, percentile_disc(0.5) within group (order by b), rank(20) within group (order by b), … (order by b desc)
    let calls = vec![median(fraction(0.5)), rank(20, false), rank(20, true)];
    let answer = rows(&group(input(), vec![slot(0)], None, calls));
    assert_eq!(column(&answer, 1), [Some(20), Some(7)]);
    assert_eq!(column(&answer, 2), [Some(2), Some(2)]);
    assert_eq!(column(&answer, 3), [Some(3), Some(2)]);
    // Direct arguments may be of the group: here 0 and 1.
    let half = call("float8", vec![op(op(slot(0), "-", int(1)), "*", int(1))]);
    let answer = rows(&group(input(), vec![slot(0)], None, vec![median(half.clone())]));
    assert_eq!(column(&answer, 1), [Some(10), Some(7)]);
    // Of grouping sets they would be NULL in some.
    let error = error(&group(input(), vec![slot(0)], Some(vec![vec![0], vec![]]), vec![median(half)]));
    assert_eq!(error.code(), SqlState::FEATURE_NOT_SUPPORTED);
    let sets = Some(vec![vec![0], vec![]]);
    let answer = rows(&group(input(), vec![slot(0)], sets, vec![median(fraction(1.0))]));
    assert_eq!(column(&answer, 1), [Some(30), Some(7), Some(30)]);
}

#[test]
fn direct_arguments_are_there_without_rows() {
    let none = || pairs(&[]);
    let answer = rows(&group(none(), vec![], None, vec![median(fraction(0.5)), rank(1, false)]));
    assert_eq!(answer, [[Value::Null, Value::Int8(1)]]);
    let error = error(&group(none(), vec![], None, vec![median(fraction(1.5))]));
    assert_eq!(error.message(), "percentile value 1.5 is not between 0 and 1");
    // A filter that lets nothing through is the same.
    let mut filtered = median(fraction(0.5));
    filtered.0.filter = Some(truth(Some(false)));
    assert_eq!(rows(&group(pairs(&[(Some(1), Some(1))]), vec![], None, vec![filtered])), [[Value::Null]]);
}
