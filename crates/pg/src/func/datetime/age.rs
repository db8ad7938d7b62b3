//! `age`: the difference of two timestamps in years, months and days.

use super::is_infinite;
use crate::datetime::calendar::days_in_month;
use crate::datetime::convert::{date_to_timestamp, timestamptz_to_date};
use crate::datetime::{TIMESTAMP_NEG_INFINITY, session_zone, timestamp_fields};
use crate::func::Call;
use crate::func::args::{Timestamp, TimestampTz};
use crate::{Interval, Result};

kernels!(KERNELS(call) {
    "timestamp_age" => |a: Timestamp, b: Timestamp| between(a.0, b.0, a.0 < b.0);
    "timestamptz_age" => |a: TimestampTz, b: TimestampTz| local_age(call, a.0, b.0);
});

/// `age` of one argument, written in SQL: from today's midnight.
pub(super) const SQL_FUNCTIONS: &[(u32, crate::func::Kernel)] = &[
    (2059, kernel!(call; |a: Timestamp| today(call).and_then(|today| between(today, a.0, today < a.0)))),
    (
        1386,
        kernel!(call; |a: TimestampTz| {
            today(call).and_then(|today| session_zone(call.env)?.to_utc(today)).and_then(|today| local_age(call, today, a.0))
        }),
    ),
];

/// Midnight of `CURRENT_DATE`.
fn today(call: &Call<'_>) -> Result<i64> {
    date_to_timestamp(timestamptz_to_date(call.env, call.env.transaction_timestamp)?)
}

fn local_age(call: &Call<'_>, a: i64, b: i64) -> Result<Interval> {
    if is_infinite(a) || is_infinite(b) {
        return Err(super::out_of_range("timestamp"));
    }
    let zone = session_zone(call.env)?;
    between(zone.to_local(a)?, zone.to_local(b)?, a < b)
}

/// `timestamp_age`: field by field; what is negative borrows from the next, days from the earlier month.
fn between(a: i64, b: i64, negative: bool) -> Result<Interval> {
    // Infinity is taken for what its bits say; so does PostgreSQL 15.
    if a == TIMESTAMP_NEG_INFINITY || b == TIMESTAMP_NEG_INFINITY {
        return Err(super::out_of_range("timestamp"));
    }
    let (x, y) = (timestamp_fields(a), timestamp_fields(b));
    let sign = if negative { -1 } else { 1 };
    let difference = |x: i32, y: i32| sign * (x - y);
    let mut micros = difference(x.micros, y.micros);
    let mut second = difference(x.second, y.second);
    let mut minute = difference(x.minute, y.minute);
    let mut hour = difference(x.hour, y.hour);
    let mut day = difference(x.day, y.day);
    let mut month = difference(x.month, y.month);
    let mut year = difference(x.year, y.year);
    let borrow = |low: &mut i32, high: &mut i32, size: i32| {
        while *low < 0 {
            *low += size;
            *high -= 1;
        }
    };
    borrow(&mut micros, &mut second, 1_000_000);
    borrow(&mut second, &mut minute, 60);
    borrow(&mut minute, &mut hour, 60);
    borrow(&mut hour, &mut day, 24);
    let earlier = if negative { &x } else { &y };
    borrow(&mut day, &mut month, days_in_month(earlier.year, earlier.month));
    borrow(&mut month, &mut year, 12);
    let time =
        ((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1_000_000 + i64::from(micros);
    Ok(Interval { months: sign * (year * 12 + month), days: sign * day, micros: i64::from(sign) * time })
}
