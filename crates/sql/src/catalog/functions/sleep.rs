//! `pg_sleep` and its relatives. They hold their thread: plans that call them say so ([`crate::plan::Plan::holds`]).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pg::datetime::POSTGRES_EPOCH_UNIX;
use pg::{Result, Value};

use super::{SystemCall, SystemFunction};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[("pg_sleep", |call, args| match args.first() {
    Some(Value::Float8(seconds)) => sleep(call, *seconds),
    _ => Ok(Value::Null),
})];

/// Written in SQL by PostgreSQL: from now to now plus the interval, or to the moment.
pub(super) const SQL_FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("pg_sleep_for", |call, args| match args.first() {
        Some(Value::Interval(span)) => {
            let days = f64::from(span.months) * 30.0 + f64::from(span.days);
            sleep(call, days * 86_400.0 + span.micros as f64 / 1e6)
        }
        _ => Ok(Value::Null),
    }),
    ("pg_sleep_until", |call, args| match args.first() {
        Some(Value::TimestampTz(moment)) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            sleep(call, *moment as f64 / 1e6 + POSTGRES_EPOCH_UNIX as f64 - now.as_secs_f64())
        }
        _ => Ok(Value::Null),
    }),
];

/// How often a sleeper looks whether it shall stop.
const LOOK_UP: Duration = Duration::from_millis(5);

/// Waits, unless the statement is stopped.
fn sleep(call: &SystemCall<'_>, seconds: f64) -> Result<Value> {
    let begun = Instant::now();
    // Negative or NaN: no time at all. The largest duration is as good as for ever.
    let wanted = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX);
    while let Some(rest) = wanted.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero()) {
        call.cancel.check()?;
        std::thread::sleep(rest.min(LOOK_UP));
    }
    Ok(Value::Void)
}
