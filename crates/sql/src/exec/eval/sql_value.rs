//! `CURRENT_DATE` and its relatives (`ExecEvalSQLValueFunction`).

use pg::datetime::convert::{
    round_micros, timestamptz_to_date, timestamptz_to_time, timestamptz_to_timestamp, timestamptz_to_timetz,
};
use pg::func::Call;
use pg::{Error, Oid, Result, Value, oid};

use super::functions;
use crate::exec::frame::Run;
use crate::query::SqlValue;

/// The functions of the same names.
const CURRENT_USER: Oid = Oid(745);
const SESSION_USER: Oid = Oid(746);
const CURRENT_DATABASE: Oid = Oid(861);
const CURRENT_SCHEMA: Oid = Oid(1402);

fn ask(proc: Oid, run: &Run) -> Result<Value> {
    let function = functions::scalar(proc).ok_or_else(|| functions::refuse(proc, &[]))?;
    function.call(&Call { env: &run.env, arg_types: &[], result: oid::NAME }, &[], run)
}

/// The value, the same for the whole statement.
pub(super) fn value(value: SqlValue, run: &Run) -> Result<Value> {
    let env = &run.env;
    let now = env.transaction_timestamp;
    let round = |micros: i64, precision: Option<i32>| precision.map_or(micros, |p| round_micros(micros, p));
    Ok(match value {
        SqlValue::CurrentDate => Value::Date(timestamptz_to_date(env, now)?),
        SqlValue::CurrentTime(precision) => {
            let (time, zone) = timestamptz_to_timetz(env, now)?.ok_or_else(infinite)?;
            Value::TimeTz(round(time, precision), zone)
        }
        SqlValue::LocalTime(precision) => {
            Value::Time(round(timestamptz_to_time(env, now)?.ok_or_else(infinite)?, precision))
        }
        SqlValue::CurrentTimestamp(precision) => Value::TimestampTz(round(now, precision)),
        SqlValue::LocalTimestamp(precision) => {
            Value::Timestamp(round(timestamptz_to_timestamp(env, now)?, precision))
        }
        SqlValue::CurrentUser => ask(CURRENT_USER, run)?,
        SqlValue::SessionUser => ask(SESSION_USER, run)?,
        SqlValue::CurrentCatalog => ask(CURRENT_DATABASE, run)?,
        SqlValue::CurrentSchema => ask(CURRENT_SCHEMA, run)?,
    })
}

fn infinite() -> Error {
    Error::internal("the transaction began at no time")
}
