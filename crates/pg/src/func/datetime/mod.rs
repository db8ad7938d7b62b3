//! Dates, times and intervals: casts, comparisons across types, arithmetic, fields, truncation, construction, zones
//! (PostgreSQL's date.c, timestamp.c).

mod age;
mod arithmetic;
mod casts;
mod extract;
mod interval;
mod make;
mod overlaps;
mod truncate;
mod units;
mod zone;

use super::Kernel;
use crate::datetime::{TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY};
use crate::{Error, SqlState};

/// The tables of this folder.
pub(super) const TABLES: [&[(&str, Kernel)]; 10] = [
    age::KERNELS,
    arithmetic::KERNELS,
    casts::KERNELS,
    casts::COMPARISONS,
    extract::KERNELS,
    interval::KERNELS,
    make::KERNELS,
    overlaps::KERNELS,
    truncate::KERNELS,
    zone::KERNELS,
];

/// Functions that PostgreSQL defines in SQL.
pub(super) const SQL_TABLES: [&[(u32, Kernel)]; 5] = [
    age::SQL_FUNCTIONS,
    arithmetic::SQL_FUNCTIONS,
    casts::SQL_FUNCTIONS,
    extract::SQL_FUNCTIONS,
    overlaps::SQL_FUNCTIONS,
];

const USECS_PER_SEC: i64 = 1_000_000;

/// Whether a timestamp is one of the infinities.
fn is_infinite(timestamp: i64) -> bool {
    timestamp == TIMESTAMP_INFINITY || timestamp == TIMESTAMP_NEG_INFINITY
}

/// 22008
fn out_of_range(what: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range"))
}

pub(super) use arithmetic::add as add_interval;
pub(super) use extract::iso_week;
pub(super) use interval::{
    add as sum_intervals, divide as divide_interval, multiply as multiply_interval,
    subtract as subtract_intervals,
};

/// The sign of an interval, as it is compared with zero.
pub(super) fn interval_sign(interval: crate::Interval) -> std::cmp::Ordering {
    crate::compare::interval_span(&interval).cmp(&0)
}
