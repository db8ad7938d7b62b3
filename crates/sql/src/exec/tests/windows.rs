//! Window functions over `(g, x)`: (1,1), (1,2), (1,2), (1,5), (2,3), (2,NULL). Expected values are PostgreSQL's.

use pg::{SqlState, TypeRef, Value, oid};

use super::support::*;
use crate::plan::Plan;
use crate::query::{AggregateSort, Expr, Frame, FrameBound, FrameExclude, FrameUnit, Window, WindowCall};

type Ints = Vec<Option<i64>>;

const DATA: [(Option<i32>, Option<i32>); 6] = [
    (Some(1), Some(1)),
    (Some(1), Some(2)),
    (Some(1), Some(2)),
    (Some(1), Some(5)),
    (Some(2), Some(3)),
    (Some(2), None),
];

fn default_frame() -> Frame {
    frame(FrameUnit::Range, FrameBound::UnboundedPreceding, FrameBound::CurrentRow)
}

fn frame(unit: FrameUnit, start: FrameBound, end: FrameBound) -> Frame {
    Frame { unit, start, end, exclude: FrameExclude::NoOthers }
}

fn preceding(by: impl Into<Option<i32>>) -> FrameBound {
    FrameBound::Preceding(Box::new(int(by)))
}

fn following(by: i32) -> FrameBound {
    FrameBound::Following(Box::new(int(by)))
}

/// `name(args) OVER (PARTITION BY g? ORDER BY x [DESC] frame)`, of rows in the window's order.
fn plan(name: &str, args: Vec<Expr>, partition: bool, descending: bool, frame: Frame) -> Plan {
    let found = pg::catalog::procs_by_name(name).iter().find(|row| row.args.len() == args.len());
    let call = WindowCall { proc: found.unwrap().oid, args, filter: None, window: 0 };
    let order_by = vec![AggregateSort { expr: slot(1), descending, nulls_first: descending }];
    let partition_by = if partition { vec![slot(0)] } else { vec![] };
    let ty = found.unwrap().result;
    let ty = if name == "array_agg" { oid::INT4_ARRAY } else { ty };
    Plan::Window {
        input: Box::new(pairs(&DATA)),
        window: Window { partition_by, order_by, frame },
        calls: vec![(call, TypeRef::of(ty))],
    }
}

fn over(name: &str, args: Vec<Expr>) -> Ints {
    column(&rows(&plan(name, args, true, false, default_frame())), 2)
}

/// `array_agg(x)` over a frame, row by row in the window's order.
fn seen(descending: bool, frame: Frame) -> Vec<Ints> {
    let plan = plan("array_agg", vec![slot(1)], false, descending, frame);
    let items = |value: &Value| match value {
        Value::Array(array) => array.items.iter().map(Value::as_i64).collect(),
        _ => Vec::new(),
    };
    rows(&plan).iter().map(|row| items(&row[2])).collect()
}

fn ints<const N: usize>(items: [i64; N]) -> Ints {
    items.map(|item| (item >= 0).then_some(item)).to_vec()
}

#[test]
fn ranks() {
    assert_eq!(over("row_number", vec![]), ints([1, 2, 3, 4, 1, 2]));
    assert_eq!(over("rank", vec![]), ints([1, 2, 2, 4, 1, 2]));
    assert_eq!(over("dense_rank", vec![]), ints([1, 2, 2, 3, 1, 2]));
    assert_eq!(over("ntile", vec![int(3)]), ints([1, 1, 2, 3, 1, 2]));
    let floats = |name| {
        let answer = rows(&plan(name, vec![], true, false, default_frame()));
        answer.iter().map(|row| row[2].clone()).collect::<Vec<_>>()
    };
    let third = 1.0 / 3.0;
    assert_eq!(floats("percent_rank"), [0.0, third, third, 1.0, 0.0, 1.0].map(Value::Float8));
    assert_eq!(floats("cume_dist"), [0.25, 0.75, 0.75, 1.0, 0.5, 1.0].map(Value::Float8));
}

#[test]
fn neighbours() {
    assert_eq!(over("lag", vec![slot(1)]), ints([-1, 1, 2, 2, -1, 3]));
    assert_eq!(over("lead", vec![slot(1), int(2)]), ints([2, 5, -1, -1, -1, -1]));
    assert_eq!(over("lag", vec![slot(1), int(1), int(99)]), ints([99, 1, 2, 2, 99, 3]));
    assert_eq!(over("lag", vec![slot(1), int(None), int(99)]), ints([-1; 6]));
    assert_eq!(over("first_value", vec![slot(1)]), ints([1, 1, 1, 1, 3, 3]));
    assert_eq!(over("last_value", vec![slot(1)]), ints([1, 2, 2, 5, 3, -1]));
    assert_eq!(over("nth_value", vec![slot(1), int(2)]), ints([-1, 2, 2, 2, -1, -1]));
}

#[test]
fn running_aggregates() {
    let sum = || vec![slot(1)];
    let call = |partition, descending| {
        let mut plan = plan("sum", sum(), partition, descending, default_frame());
        if let Plan::Window { calls, .. } = &mut plan {
            calls[0].0.proc = pg::catalog::proc_by_signature("sum", &[oid::INT4]).unwrap().oid;
        }
        column(&rows(&plan), 2)
    };
    assert_eq!(call(true, false), ints([1, 5, 5, 10, 3, 3]));
    assert_eq!(call(false, false), ints([1, 5, 5, 8, 13, 13]));
    let running = seen(true, default_frame());
    assert_eq!(running[0], ints([-1]));
    assert_eq!(running[4], ints([-1, 5, 3, 2, 2]));
}

#[test]
fn frames_of_rows() {
    let found = seen(false, frame(FrameUnit::Rows, preceding(1), following(1)));
    let expected = [vec![1, 2], vec![1, 2, 2], vec![2, 2, 3], vec![2, 3, 5], vec![3, 5, -1], vec![5, -1]];
    let wanted: Vec<Ints> =
        expected.iter().map(|row| row.iter().map(|i| (*i >= 0).then_some(*i)).collect()).collect();
    assert_eq!(found, wanted);
    let found = seen(false, frame(FrameUnit::Rows, following(2), following(3)));
    assert_eq!(found[2..], [ints([5, -1]), ints([-1]), vec![], vec![]]);
    let found = seen(false, frame(FrameUnit::Rows, preceding(3), preceding(2)));
    assert_eq!(found, [vec![], vec![], ints([1]), ints([1, 2]), ints([2, 2]), ints([2, 3])]);
}

#[test]
fn frames_of_groups() {
    let found = seen(false, frame(FrameUnit::Groups, preceding(1), FrameBound::CurrentRow));
    let pair = ints([1, 2, 2]);
    assert_eq!(found, [ints([1]), pair.clone(), pair, ints([2, 2, 3]), ints([3, 5]), ints([5, -1])]);
    let found = seen(false, frame(FrameUnit::Groups, following(1), FrameBound::UnboundedFollowing));
    assert_eq!(found[1..], [ints([3, 5, -1]), ints([3, 5, -1]), ints([5, -1]), ints([-1]), vec![]]);
}

#[test]
fn frames_of_values() {
    let found = seen(false, frame(FrameUnit::Range, preceding(1), following(1)));
    let near = ints([1, 2, 2, 3]);
    assert_eq!(found, [ints([1, 2, 2]), near.clone(), near, ints([2, 2, 3]), ints([5]), ints([-1])]);
    let found = seen(true, frame(FrameUnit::Range, preceding(1), following(2)));
    let near = ints([3, 2, 2, 1]);
    assert_eq!(found, [ints([-1]), ints([5, 3]), near.clone(), near.clone(), near, ints([2, 2, 1])]);
    let found = seen(false, frame(FrameUnit::Range, preceding(1), FrameBound::UnboundedFollowing));
    assert_eq!(found[4..], [ints([5, -1]), ints([-1])]);
    let found = seen(false, frame(FrameUnit::Range, FrameBound::UnboundedPreceding, following(1)));
    assert_eq!(found[4..], [ints([1, 2, 2, 3, 5]), ints([1, 2, 2, 3, 5, -1])]);
    // What is beyond the type's range is beyond all rows.
    let found = seen(false, frame(FrameUnit::Range, following(i32::MAX), FrameBound::UnboundedFollowing));
    assert_eq!(found, vec![ints([-1]); 6]);
}

#[test]
fn exclusions() {
    let all = |exclude| {
        let whole = frame(FrameUnit::Rows, FrameBound::UnboundedPreceding, FrameBound::UnboundedFollowing);
        seen(false, Frame { exclude, ..whole })
    };
    assert_eq!(all(FrameExclude::CurrentRow)[1], ints([1, 2, 3, 5, -1]));
    assert_eq!(all(FrameExclude::Group)[1], ints([1, 3, 5, -1]));
    assert_eq!(all(FrameExclude::Ties)[1], ints([1, 2, 3, 5, -1]));
    assert_eq!(all(FrameExclude::Ties)[0], ints([1, 2, 2, 3, 5, -1]));
}

#[test]
fn offsets_are_checked() {
    let of = |unit, by: Option<i32>| {
        let frame = frame(unit, preceding(by), FrameBound::CurrentRow);
        error(&plan("array_agg", vec![slot(1)], false, false, frame))
    };
    assert_eq!(of(FrameUnit::Rows, Some(-1)).message(), "frame starting offset must not be negative");
    assert_eq!(of(FrameUnit::Rows, Some(-1)).code(), SqlState(*b"22013"));
    assert_eq!(of(FrameUnit::Groups, None).message(), "frame starting offset must not be null");
    let message = "invalid preceding or following size in window function";
    assert_eq!(of(FrameUnit::Range, Some(-1)).message(), message);
    let ntile = error(&plan("ntile", vec![int(0)], true, false, default_frame()));
    assert_eq!(ntile.message(), "argument of ntile must be greater than zero");
    let nth = error(&plan("nth_value", vec![slot(1), int(0)], true, false, default_frame()));
    assert_eq!(nth.message(), "argument of nth_value must be greater than zero");
}
