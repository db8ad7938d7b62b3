//! Dates and times: calendar, zones, input and output in every `DateStyle` and `IntervalStyle`, and arithmetic with
//! intervals. The rules are those of PostgreSQL's `datetime.c`, `timestamp.c` and `date.c`.

mod abbreviations;
pub mod calendar;
pub mod convert;
mod decode;
mod failure;
mod input;
mod interval_in;
mod interval_iso;
mod interval_out;
mod interval_parts;
mod number;
mod output;
mod split;
mod tokens;
pub mod zone;

pub use abbreviations::abbreviations;
pub(crate) use abbreviations::{Meaning, abbreviation};
pub use calendar::{
    DATE_INFINITY, DATE_NEG_INFINITY, DateTime, POSTGRES_EPOCH_UNIX, TIMESTAMP_INFINITY,
    TIMESTAMP_NEG_INFINITY, USECS_PER_DAY, date_fields, date_from_fields, day_of_week, time_fields,
    timestamp_fields, timestamp_from_fields,
};
pub use input::{
    apply_time_typmod, apply_timestamp_typmod, parse_date, parse_time, parse_timestamp, parse_timestamptz,
    parse_timetz,
};
pub use interval_in::{apply_interval_typmod, parse_interval};
pub use interval_out::{IntervalFields, interval_fields, write_interval};
pub use output::{write_date, write_time, write_timestamp, write_timestamptz, write_timetz};
pub use tokens::{Unit, interval_unit};
pub use zone::{Zone, ZoneOffset, session_zone, zone_names};

use crate::{Error, SqlState};

pub(crate) fn timestamp_out_of_range() -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}
