//! Transaction ids. A transaction is known by its start, microseconds since 2000: later ones have higher numbers,
//! as everywhere.

use pg::{Oid, Result, SqlState, Value};

use super::{SystemCall, SystemFunction, args};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_current_xact_id", |call, _| Ok(id_value(call, current(call)))),
    ("pg_current_xact_id_if_assigned", |_, _| Ok(Value::Null)),
    ("pg_current_snapshot", |call, _| {
        let id = current(call);
        Ok(Value::text(format!("{id}:{id}:")))
    }),
    ("xid_age", xid_age),
    ("mxid_age", |_, args| Ok(Value::Int4(if args::oid(args, 0)?.0 <= 1 { i32::MAX } else { 0 }))),
    ("pg_xact_status", |call, args| {
        let id = args.first().map_or(Some(0), |id| match id {
            Value::Text(text) => text.parse::<i64>().ok(),
            other => other.as_i64(),
        });
        status(call, id.unwrap_or(0))
    }),
];

fn current(call: &SystemCall<'_>) -> i64 {
    call.call.env.transaction_timestamp.max(3)
}

/// As `xid8` or as `bigint`.
fn id_value(call: &SystemCall<'_>, id: i64) -> Value {
    match call.call.result {
        pg::oid::XID8 => pg::Other::Xid8(id.cast_unsigned()).into(),
        _ => Value::Int8(id),
    }
}

/// `age(xid)`: how many transactions ago; the special ids are older than all.
fn xid_age(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Oid(xid) = args::oid(args, 0)?;
    if xid < 3 {
        return Ok(Value::Int4(i32::MAX));
    }
    // Ids wrap around; half of them are older, half newer.
    #[expect(clippy::cast_possible_truncation, reason = "the low 32 bits are the xid")]
    let now = current(call) as u32;
    Ok(Value::Int4(now.wrapping_sub(xid).cast_signed()))
}

fn status(call: &SystemCall<'_>, id: i64) -> Result<Value> {
    let now = current(call);
    if id > now {
        return Err(pg::Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!("transaction ID {id} is in the future"),
        ));
    }
    // The two that PostgreSQL's own making had.
    if (1..=2).contains(&id) {
        return Ok(Value::text("committed"));
    }
    // What was before is over, one way or the other, and nobody remembers which.
    Ok(if id == now { Value::text("in progress") } else { Value::Null })
}
