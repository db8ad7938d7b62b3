//! What does not fit into memory goes to temporary files, and the answers are the same. With so little memory each of
//! these plans would fail otherwise.

use futures::executor::block_on;
use pg::{SqlState, TypeRef, Value, oid};

use super::support::*;
use crate::exec::run;
use crate::plan::{CtePlan, Plan};
use crate::query::{AggregateSort, Frame, FrameBound, FrameExclude, FrameUnit, JoinKind, Window, WindowCall};
use crate::remote::Batch;

/// Less than a tenth of what the rows take.
const LITTLE: usize = 200_000;
const ROWS: i32 = 12_000;

/// `ROWS` rows in no order: a number, it modulo 5000, and a text.
fn numbers() -> Plan {
    let mut series = call("generate_series", vec![int(1), int(ROWS)]);
    series.ty = oid::INT4.into();
    let input = Plan::Functions { calls: vec![series], widths: vec![1], ordinality: false };
    let mixed = op(op(slot(0), "*", int(7919)), "%", int(ROWS + 1));
    let group = op(slot(0), "%", int(5000));
    let name = call("md5", vec![call("chr", vec![op(op(slot(0), "%", int(1000)), "+", int(1))])]);
    Plan::Project { input: Box::new(input), exprs: vec![mixed, group, name] }
}

/// All rows, which are let go one batch after the other.
fn pulled(plan: &Plan, memory_limit: usize) -> pg::Result<Batch> {
    let mut context = context();
    context.memory_limit = memory_limit;
    let mut stream = run(plan, context)?;
    let mut rows = Batch::new();
    while let Some(batch) = block_on(stream.next())? {
        rows.extend(batch);
    }
    Ok(rows)
}

fn same_with_little_memory(plan: &Plan, ordered: bool) {
    let (mut much, mut little) = (pulled(plan, 64 << 20).unwrap(), pulled(plan, LITTLE).unwrap());
    if !ordered {
        let text = |row: &Vec<Value>| format!("{row:?}");
        much.sort_by_cached_key(text);
        little.sort_by_cached_key(text);
    }
    assert!(!much.is_empty());
    assert!(much == little, "{} rows instead of {}", little.len(), much.len());
}

#[test]
fn sorts_spill() {
    let by_text = Plan::Sort {
        input: Box::new(numbers()),
        keys: vec![by(pg_text(2)), by(slot(1)), by(slot(0))],
        limit: None,
    };
    same_with_little_memory(&by_text, true);
}

#[test]
fn common_table_expressions_spill() {
    let scan = |columns: &[usize]| Plan::CteScan { id: 1, columns: Some(columns.to_vec()) };
    let some = Plan::Filter { input: Box::new(scan(&[1, 0])), condition: op(slot(0), ">", int(9)) };
    let both = Plan::Append { inputs: vec![scan(&[0, 1]), some] };
    let ctes = vec![CtePlan { id: 1, plan: numbers(), recursive: None }];
    same_with_little_memory(&Plan::With { ctes, input: Box::new(both) }, true);
}

fn pg_text(at: usize) -> crate::query::Expr {
    crate::query::Expr::slot(at, oid::TEXT)
}

#[test]
fn groups_spill() {
    for keys in [vec![slot(1)], vec![slot(0), pg_text(2)]] {
        let sum = aggregate("sum", &[oid::INT4], vec![slot(0)]);
        let max = aggregate("max", &[oid::TEXT], vec![pg_text(2)]);
        let plan = Plan::Aggregate {
            input: Box::new(numbers()),
            keys,
            sets: None,
            aggregates: vec![(sum, TypeRef::of(oid::INT8)), (max, TypeRef::of(oid::TEXT))],
        };
        same_with_little_memory(&plan, false);
    }
}

#[test]
fn distinct_rows_spill() {
    let plan = Plan::Project { input: Box::new(numbers()), exprs: vec![slot(1), pg_text(2)] };
    same_with_little_memory(&Plan::Distinct { input: Box::new(plan), keys: None }, false);
}

#[test]
fn joins_of_every_kind_spill() {
    let some =
        |from: i32| Plan::Filter { input: Box::new(numbers()), condition: op(slot(0), ">", int(from)) };
    let kinds =
        [JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full, JoinKind::Semi, JoinKind::Anti];
    for kind in kinds {
        let plan = Plan::Join {
            look_ups: None,
            kind,
            left: Box::new(some(3000)),
            right: Box::new(Plan::Filter {
                input: Box::new(numbers()),
                condition: op(slot(0), "<", int(9000)),
            }),
            keys: vec![(slot(0), slot(0))],
            condition: Some(op(slot(1), ">", int(3))),
        };
        same_with_little_memory(&plan, false);
    }
}

#[test]
fn windows_spill() {
    let count = pg::catalog::procs_by_name("row_number").first().unwrap().oid;
    let order_by = vec![AggregateSort { expr: slot(0), descending: true, nulls_first: true }];
    let frame = Frame {
        unit: FrameUnit::Range,
        start: FrameBound::UnboundedPreceding,
        end: FrameBound::CurrentRow,
        exclude: FrameExclude::NoOthers,
    };
    let plan = Plan::Window {
        input: Box::new(numbers()),
        window: Window { partition_by: vec![slot(1)], order_by, frame },
        calls: vec![(
            WindowCall { proc: count, args: Vec::new(), filter: None, window: 0 },
            TypeRef::of(oid::INT8),
        )],
    };
    same_with_little_memory(&plan, true);
}

#[test]
fn temporary_files_have_a_limit() {
    let plan = Plan::Sort { input: Box::new(numbers()), keys: vec![by(slot(0))], limit: None };
    assert_eq!(pulled(&plan, 8_000).unwrap_err().code(), SqlState::CONFIGURATION_LIMIT_EXCEEDED);
}
