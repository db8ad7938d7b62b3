//! Time zones: IANA names, POSIX strings and fixed offsets, as `TimeZone` and `AT TIME ZONE` take them.

use std::cell::RefCell;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::POSTGRES_EPOCH_UNIX;
use super::{calendar, timestamp_out_of_range};
use crate::{Env, Error, Result, SqlState};

/// A time zone. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Zone(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    /// UTC, under its own name or as `GMT`.
    Utc(&'static str),
    /// Seconds east of UTC, the abbreviation, the whole name.
    Fixed(i32, String, String),
    Rules(TimeZone, String),
}

/// What a zone says about one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneOffset {
    /// Seconds east of UTC.
    pub east: i32,
    /// Whether daylight saving time is in force.
    pub dst: bool,
    /// The abbreviation: `CET`.
    pub abbreviation: String,
}

/// The zone of the session (`TimeZone`).
pub fn session_zone(env: &Env) -> Result<Zone> {
    if &*env.time_zone == "UTC" {
        // The usual one, and never wrong: don't look further.
        return Ok(Zone::utc());
    }
    Zone::find(&env.time_zone).ok_or_else(|| not_recognized(&env.time_zone))
}

/// The names of all zones that there are rules for.
pub fn zone_names() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect()
}

pub(crate) fn not_recognized(name: &str) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"))
}

thread_local! {
    /// The zones this thread has used last: looking a name up takes much longer than using a zone.
    static RECENT: RefCell<Vec<(Box<str>, Zone)>> = const { RefCell::new(Vec::new()) };
    static UTC: Zone = Zone(Arc::new(Kind::Utc("UTC")));
}

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        UTC.with(Zone::clone)
    }

    /// A zone of a fixed offset, seconds east of UTC, named as PostgreSQL names it: `<+02>-02`.
    pub fn fixed(east: i32) -> Zone {
        let magnitude = east.unsigned_abs();
        let mut text = format!("{:02}", magnitude / 3600);
        if !magnitude.is_multiple_of(3600) {
            text.push_str(&format!(":{:02}", magnitude / 60 % 60));
            if !magnitude.is_multiple_of(60) {
                text.push_str(&format!(":{:02}", magnitude % 60));
            }
        }
        let (sign, opposite) = if east < 0 { ('-', '+') } else { ('+', '-') };
        let name = format!("<{sign}{text}>{opposite}{text}");
        Zone(Arc::new(Kind::Fixed(east, format!("{sign}{text}"), name)))
    }

    /// The zone of an IANA name (in any case) or a POSIX string (`pg_tzset`); `None` when there is none.
    pub fn find(name: &str) -> Option<Zone> {
        const KEPT: usize = 8;
        let known = RECENT.with_borrow(|recent| {
            recent.iter().find(|(known, _)| **known == *name).map(|(_, zone)| zone.clone())
        });
        if known.is_some() {
            return known;
        }
        let zone = Zone::look_up(name)?;
        RECENT.with_borrow_mut(|recent| {
            if recent.len() == KEPT {
                recent.remove(0);
            }
            recent.push((name.into(), zone.clone()));
        });
        Some(zone)
    }

    fn look_up(name: &str) -> Option<Zone> {
        if name.len() > 255 || name.is_empty() {
            return None;
        }
        match name.to_ascii_uppercase().as_str() {
            "UTC" => return Some(Zone::utc()),
            "GMT" => return Some(Zone(Arc::new(Kind::Utc("GMT")))),
            _ => {}
        }
        if let Ok(zone) = jiff::tz::db().get(name)
            && !zone.is_unknown()
        {
            let name = zone.iana_name().unwrap_or(name).to_string();
            return Some(Zone(Arc::new(Kind::Rules(zone, name))));
        }
        posix(name)
    }

    /// The name, as `SHOW timezone` has it.
    pub fn name(&self) -> &str {
        match &*self.0 {
            Kind::Utc(name) => name,
            Kind::Fixed(_, _, name) => name,
            Kind::Rules(_, name) => name,
        }
    }

    /// Seconds east of UTC at a moment (microseconds since 2000-01-01 UTC).
    pub fn east_at(&self, moment: i64) -> i32 {
        match &*self.0 {
            Kind::Utc(_) => 0,
            Kind::Fixed(east, ..) => *east,
            Kind::Rules(zone, _) => zone.to_offset(instant(moment.div_euclid(1_000_000)).0).seconds(),
        }
    }

    /// Offset, daylight saving time and abbreviation at a moment.
    pub fn at(&self, moment: i64) -> ZoneOffset {
        match &*self.0 {
            Kind::Utc(name) => ZoneOffset { east: 0, dst: false, abbreviation: name.to_string() },
            Kind::Fixed(east, name, _) => ZoneOffset { east: *east, dst: false, abbreviation: name.clone() },
            Kind::Rules(zone, _) => {
                let info = zone.to_offset_info(instant(moment.div_euclid(1_000_000)).0);
                ZoneOffset {
                    east: info.offset().seconds(),
                    dst: info.dst().is_dst(),
                    abbreviation: info.abbreviation().to_string(),
                }
            }
        }
    }

    /// Seconds east of UTC for a local time (`DetermineTimeZoneOffset`): in the gap of a forward change what was in
    /// force before it, in the doubled hour of a backward change what is in force after it.
    pub fn east_of_local(&self, local: i64) -> i32 {
        let zone = match &*self.0 {
            Kind::Utc(_) => return 0,
            Kind::Fixed(east, ..) => return *east,
            Kind::Rules(zone, _) => zone,
        };
        let seconds = local.div_euclid(1_000_000);
        // Offsets are less than a day, and changes are further apart than two.
        let (start, shift) = instant(seconds - 86_400);
        let before = i64::from(zone.to_offset(start).seconds());
        let Some(change) = zone.following(start).next() else { return before as i32 };
        let boundary = change.timestamp().as_second() - POSTGRES_EPOCH_UNIX + shift;
        let after = i64::from(change.offset().seconds());
        let (if_before, if_after) = (seconds - before, seconds - after);
        let chosen = if if_before < boundary && if_after < boundary {
            before
        } else if if_before > boundary && if_after >= boundary {
            after
        } else if if_before > if_after {
            // Forward: the local time does not exist.
            before
        } else {
            after
        };
        chosen as i32
    }

    /// The offset east of a zone that always has the same (`pg_get_timezone_offset`).
    pub fn constant_east(&self) -> Option<i32> {
        match &*self.0 {
            Kind::Utc(_) => Some(0),
            Kind::Fixed(east, ..) => Some(*east),
            Kind::Rules(zone, _) => {
                let east = zone.to_offset(Timestamp::MIN).seconds();
                let same =
                    zone.following(Timestamp::MIN).take(400).all(|change| change.offset().seconds() == east);
                same.then_some(east)
            }
        }
    }

    /// The offset that an abbreviation of this zone stood for around a local time
    /// (`DetermineTimeZoneAbbrevOffset`); the zone's own offset when it never used the abbreviation.
    pub fn east_of_abbreviation(&self, abbreviation: &str, local: i64) -> i32 {
        let east = self.east_of_local(local);
        self.abbreviation_at(abbreviation, local.div_euclid(1_000_000) - i64::from(east), east)
    }

    /// The same around a moment, in microseconds (`DetermineTimeZoneAbbrevOffsetTS`).
    pub fn east_of_abbreviation_at(&self, abbreviation: &str, moment: i64) -> i32 {
        self.abbreviation_at(abbreviation, moment.div_euclid(1_000_000), self.east_at(moment))
    }

    /// `east`: what is in force at the moment.
    fn abbreviation_at(&self, abbreviation: &str, seconds: i64, east: i32) -> i32 {
        let Kind::Rules(zone, _) = &*self.0 else { return east };
        let (moment, _) = instant(seconds);
        let matches = |name: &str| name.eq_ignore_ascii_case(abbreviation);
        let now = zone.to_offset_info(moment);
        if matches(now.abbreviation()) {
            return now.offset().seconds();
        }
        let found = zone
            .preceding(moment)
            .find(|change| matches(change.abbreviation()))
            .or_else(|| zone.following(moment).take(400).find(|change| matches(change.abbreviation())));
        found.map_or(east, |change| change.offset().seconds())
    }

    /// The moment of a local time: microseconds since 2000-01-01 UTC (`timestamp2timestamptz`).
    pub fn to_utc(&self, local: i64) -> Result<i64> {
        let moment = local.checked_sub(i64::from(self.east_of_local(local)) * 1_000_000);
        moment.filter(|moment| calendar::is_valid_timestamp(*moment)).ok_or_else(timestamp_out_of_range)
    }

    /// The local time of a moment (`timestamptz2timestamp`).
    pub fn to_local(&self, moment: i64) -> Result<i64> {
        let local = moment.checked_add(i64::from(self.east_at(moment)) * 1_000_000);
        local.filter(|local| calendar::is_valid_timestamp(*local)).ok_or_else(timestamp_out_of_range)
    }
}

/// Seconds since 2000 as an instant that the zone rules can be asked about, and by how many seconds it was moved.
/// The calendar repeats every 400 years, weekdays included, and so do the rules of the far future.
fn instant(seconds: i64) -> (Timestamp, i64) {
    const CYCLE: i64 = 146_097 * 86_400;
    // The year 8000, in seconds since 2000.
    const FAR: i64 = 15 * CYCLE;
    let shift = if seconds > FAR { (seconds - FAR).div_euclid(CYCLE) * CYCLE + CYCLE } else { 0 };
    let unix = seconds - shift + POSTGRES_EPOCH_UNIX;
    (Timestamp::from_second(unix).unwrap_or(Timestamp::MIN), shift)
}

/// A POSIX string: `EST5`, `<+02>-02`, `CET-1CEST,M3.5.0,M10.5.0/3`. One with daylight saving time but without
/// rules has those of the United States, as in PostgreSQL's `tzparse`.
fn posix(name: &str) -> Option<Zone> {
    let upper = name.to_ascii_uppercase();
    if let Some((east, abbreviation)) = posix_fixed(&upper) {
        return Some(Zone(Arc::new(Kind::Fixed(east, abbreviation.to_string(), upper.clone()))));
    }
    let zone =
        TimeZone::posix(&upper).ok().or_else(|| TimeZone::posix(&format!("{upper},M3.2.0,M11.1.0")).ok())?;
    Some(Zone(Arc::new(Kind::Rules(zone, upper))))
}

/// A POSIX string without daylight saving time: the abbreviation, in angle brackets, of letters or left out, and the
/// offset west of UTC. Gives the offset east and the abbreviation.
fn posix_fixed(text: &str) -> Option<(i32, &str)> {
    let (abbreviation, offset) = match text.strip_prefix('<') {
        Some(rest) => rest.split_once('>')?,
        None => {
            let end = text.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ','))?;
            text.split_at_checked(end)?
        }
    };
    let (west, digits) = match offset.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, offset.strip_prefix('+').unwrap_or(offset)),
    };
    let mut seconds = 0;
    for (unit, (part, limit)) in
        digits.split(':').zip([(3600, 167), (60, 59), (1, 59)]).map(|(p, u)| (u.0, (p, u.1)))
    {
        let value: i32 = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())??;
        if value > limit {
            return None;
        }
        seconds += value * unit;
    }
    (digits.split(':').count() <= 3).then_some((-west * seconds, abbreviation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_the_clock() {
        let zone = Zone::find("europe/berlin").unwrap();
        assert_eq!(zone.name(), "Europe/Berlin");
        // 2024-03-31 02:30 does not exist; 2024-10-27 02:30 is there twice.
        let fields = |month, day, hour| calendar::DateTime {
            year: 2024,
            month,
            day,
            hour,
            minute: 30,
            ..Default::default()
        };
        let local = |month, day, hour| calendar::timestamp_from_fields(&fields(month, day, hour)).unwrap();
        assert_eq!(zone.east_of_local(local(3, 31, 1)), 3600);
        assert_eq!(zone.east_of_local(local(3, 31, 2)), 3600);
        assert_eq!(zone.east_of_local(local(3, 31, 3)), 7200);
        assert_eq!(zone.east_of_local(local(10, 27, 2)), 3600);
        assert_eq!(zone.at(local(7, 1, 0)).abbreviation, "CEST");
    }

    #[test]
    fn names() {
        assert!(Zone::find("Nowhere/Land").is_none());
        assert_eq!(Zone::find("EST5EDT").unwrap().at(0).east, -18_000);
        assert_eq!(Zone::find("<+02>-02").unwrap().at(0).east, 7200);
        assert_eq!(Zone::find("+02:30").unwrap().at(0).east, -9000);
        assert_eq!(Zone::find("<-05:30>+05:30").unwrap().at(0).east, -19_800);
        assert_eq!(Zone::fixed(-19_800).name(), "<-05:30>+05:30");
    }
}
