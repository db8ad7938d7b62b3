//! Time zones and abbreviations, as they are at the start of the transaction.

use pg::datetime::{Zone, abbreviations, zone_names};
use pg::{Interval, Result, Value};

use super::{SystemCall, SystemSetFunction};

pub(super) const SETS: &[(&str, SystemSetFunction)] =
    &[("pg_timezone_names", names), ("pg_timezone_abbrevs", abbrevs)];

fn offset(seconds: i32) -> Value {
    Value::Interval(Interval { months: 0, days: 0, micros: i64::from(seconds) * 1_000_000 })
}

/// `pg_timezone_names()`: name, abbrev, utc_offset, is_dst.
fn names(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    let now = call.call.env.transaction_timestamp;
    let row = |name: String| {
        let at = Zone::find(&name)?.at(now);
        Some(vec![Value::text(name), Value::text(at.abbreviation), offset(at.east), Value::Bool(at.dst)])
    };
    Ok(zone_names().into_iter().filter_map(row).collect())
}

/// `pg_timezone_abbrevs()`: abbrev, utc_offset, is_dst.
fn abbrevs(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    let now = call.call.env.transaction_timestamp;
    let row = |(name, meaning): (&str, std::result::Result<(i32, bool), &str>)| {
        let abbreviation = name.to_ascii_uppercase();
        let (east, dst) = match meaning {
            Ok(fixed) => fixed,
            Err(zone) => {
                let zone = Zone::find(zone)?;
                let at = zone.at(now);
                let dst = at.abbreviation.eq_ignore_ascii_case(name) && at.dst;
                (zone.east_of_abbreviation(&abbreviation, zone.to_local(now).ok()?), dst)
            }
        };
        Some(vec![Value::text(abbreviation), offset(east), Value::Bool(dst)])
    };
    Ok(abbreviations().filter_map(row).collect())
}
