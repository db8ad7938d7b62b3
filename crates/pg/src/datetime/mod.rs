//! Dates and times: calendar, zones, input and output in every `DateStyle` and `IntervalStyle`, and arithmetic with
//! intervals. The rules are those of PostgreSQL's `datetime.c`, `timestamp.c` and `date.c`.

mod abbreviations;
pub mod calendar;
pub mod convert;
pub mod zone;

pub(crate) use abbreviations::{Meaning, abbreviation};
pub use calendar::{
    DATE_INFINITY, DATE_NEG_INFINITY, DateTime, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, USECS_PER_DAY,
    date_fields, date_from_fields, day_of_week, time_fields, timestamp_fields, timestamp_from_fields,
};
pub use zone::{Zone, ZoneOffset, session_zone};

use crate::{Error, SqlState};

pub(crate) fn timestamp_out_of_range() -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}
