//! `to_char` of timestamps and intervals (`DCH_to_char`).

use std::fmt::Write;

use super::template::{Modifiers, Node, parse};
use super::{DAYS, MONTHS, ROMAN};
use crate::datetime::calendar::{POSTGRES_EPOCH_JDATE, julian_day};
use crate::datetime::{
    TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY, ZoneOffset, day_of_week, session_zone, timestamp_fields,
};
use crate::func::Call;
use crate::func::args::{Timestamp, TimestampTz};
use crate::func::datetime::iso_week;
use crate::{Error, Interval, Result, SqlState};

kernels!(KERNELS(call) {
    "timestamp_to_char" => |a: Timestamp, template: &str| of_timestamp(a.0, template, None);
    "timestamptz_to_char" => |a: TimestampTz, template: &str| of_timestamptz(call, a.0, template);
    "interval_to_char" => |a: Interval, template: &str| of_interval(a, template);
});

/// What is shown.
struct Fields {
    year: i64,
    month: i64,
    day: i64,
    day_of_year: i64,
    hour: i64,
    minute: i64,
    second: i64,
    micros: i64,
    weekday: usize,
    zone: Option<ZoneOffset>,
    is_interval: bool,
}

fn is_infinite(timestamp: i64) -> bool {
    matches!(timestamp, TIMESTAMP_INFINITY | TIMESTAMP_NEG_INFINITY)
}

fn of_timestamp(local: i64, template: &str, zone: Option<ZoneOffset>) -> Result<Option<String>> {
    if template.is_empty() || is_infinite(local) {
        return Ok(None);
    }
    let t = timestamp_fields(local);
    let julian = julian_day(t.year, t.month, t.day);
    let fields = Fields {
        year: t.year.into(),
        month: t.month.into(),
        day: t.day.into(),
        day_of_year: i64::from(julian - julian_day(t.year, 1, 1) + 1),
        hour: t.hour.into(),
        minute: t.minute.into(),
        second: t.second.into(),
        micros: t.micros.into(),
        weekday: day_of_week(julian - POSTGRES_EPOCH_JDATE) as usize,
        zone,
        is_interval: false,
    };
    fields.show(template).map(Some)
}

fn of_timestamptz(call: &Call<'_>, moment: i64, template: &str) -> Result<Option<String>> {
    if template.is_empty() || is_infinite(moment) {
        return Ok(None);
    }
    let zone = session_zone(call.env)?;
    of_timestamp(zone.to_local(moment)?, template, Some(zone.at(moment)))
}

fn of_interval(a: Interval, template: &str) -> Result<Option<String>> {
    if template.is_empty() {
        return Ok(None);
    }
    let (year, month) = (i64::from(a.months / 12), i64::from(a.months % 12));
    let fields = Fields {
        year,
        month,
        day: a.days.into(),
        day_of_year: i64::from(a.months) * 30 + i64::from(a.days),
        hour: a.micros / 3_600_000_000,
        minute: a.micros / 60_000_000 % 60,
        second: a.micros / 1_000_000 % 60,
        micros: a.micros % 1_000_000,
        weekday: 0,
        zone: None,
        is_interval: true,
    };
    fields.show(template).map(Some)
}

/// A number of at least that many digits; a minus needs room of its own.
fn number(out: &mut String, value: i64, digits: usize, modifiers: Modifiers) {
    in_width(out, value, digits + usize::from(value < 0), modifiers);
}

fn in_width(out: &mut String, value: i64, width: usize, modifiers: Modifiers) {
    let width = if modifiers.fill { 0 } else { width };
    let text = format!("{value:0width$}");
    out.push_str(&text);
    push_ordinal(out, &text, modifiers);
}

/// `str_numth`
fn push_ordinal(out: &mut String, digits: &str, modifiers: Modifiers) {
    let Some(upper) = modifiers.ordinal else { return };
    let mut last = digits.bytes().rev();
    let suffix = match (last.next(), last.next()) {
        (_, Some(b'1')) => "th",
        (Some(b'1'), _) => "st",
        (Some(b'2'), _) => "nd",
        (Some(b'3'), _) => "rd",
        _ => "th",
    };
    if upper { out.push_str(&suffix.to_ascii_uppercase()) } else { out.push_str(suffix) }
}

/// A name in the case of its pattern, filled up to a width.
fn name(out: &mut String, name: &str, pattern: &str, width: usize, modifiers: Modifiers) {
    let mut letters = pattern.chars();
    let text = match (
        letters.next().is_some_and(char::is_uppercase),
        letters.next().is_some_and(char::is_uppercase),
    ) {
        (true, true) => name.to_ascii_uppercase(),
        (true, false) => name.to_owned(),
        _ => name.to_ascii_lowercase(),
    };
    let width = if modifiers.fill || modifiers.translate { 0 } else { width };
    let _ = write!(out, "{text:<width$}");
}

fn case(out: &mut String, text: &str, pattern: &str) {
    if pattern.starts_with(|c: char| c.is_uppercase()) {
        out.push_str(text)
    } else {
        out.push_str(&text.to_lowercase())
    }
}

impl Fields {
    fn show(&self, template: &str) -> Result<String> {
        let mut out = String::new();
        for node in parse(template) {
            match node {
                Node::Char(c) | Node::Separator(c) => out.push(c),
                Node::Pattern(pattern, modifiers) => self.pattern(&mut out, pattern, modifiers)?,
            }
        }
        Ok(out)
    }

    /// Names and zones mean nothing for an interval.
    fn refuse_interval(&self) -> Result<()> {
        if self.is_interval {
            return Err(Error::new(
                SqlState::INVALID_DATETIME_FORMAT,
                "invalid format specification for an interval value",
            )
            .hint("Intervals are not tied to specific calendar dates."));
        }
        Ok(())
    }

    fn iso(&self) -> (i64, i64) {
        let (year, week) = iso_week(self.year as i32, self.month as i32, self.day as i32);
        (year.into(), week.into())
    }

    /// `ADJUST_YEAR`: years before Christ count from 1.
    fn adjusted(&self, year: i64) -> i64 {
        if self.is_interval || year > 0 { year } else { -(year - 1) }
    }

    fn pattern(&self, out: &mut String, pattern: &'static str, modifiers: Modifiers) -> Result<()> {
        match pattern.to_ascii_uppercase().as_str() {
            "HH24" => number(out, self.hour, 2, modifiers),
            "HH" | "HH12" => {
                let hour = if self.hour % 12 == 0 { 12 } else { self.hour % 12 };
                in_width(out, hour, 2 + usize::from(self.hour < 0), modifiers);
            }
            "MI" => number(out, self.minute, 2, modifiers),
            "SS" => number(out, self.second, 2, modifiers),
            "MS" => self.fraction(out, 3, modifiers),
            "US" => self.fraction(out, 6, modifiers),
            "SSSS" | "SSSSS" => {
                let text = (self.hour * 3600 + self.minute * 60 + self.second).to_string();
                out.push_str(&text);
                push_ordinal(out, &text, modifiers);
            }
            "A.M." | "P.M." => case(out, if self.is_afternoon() { "P.M." } else { "A.M." }, pattern),
            "AM" | "PM" => case(out, if self.is_afternoon() { "PM" } else { "AM" }, pattern),
            "FX" => {}
            other if other.starts_with("FF") => {
                self.fraction(out, usize::from(other.as_bytes()[2] - b'0'), modifiers);
            }
            "TZ" | "TZH" | "TZM" | "OF" => self.zone_pattern(out, pattern, modifiers)?,
            _ => self.date_pattern(out, pattern, modifiers)?,
        }
        Ok(())
    }

    fn is_afternoon(&self) -> bool {
        self.hour % 24 >= 12
    }

    fn fraction(&self, out: &mut String, digits: usize, modifiers: Modifiers) {
        let value = self.micros / 10_i64.pow(6 - digits.min(6) as u32);
        let text = format!("{value:0digits$}");
        out.push_str(&text);
        push_ordinal(out, &text, modifiers);
    }

    fn zone_pattern(&self, out: &mut String, pattern: &'static str, modifiers: Modifiers) -> Result<()> {
        self.refuse_interval()?;
        let east = self.zone.as_ref().map_or(0, |zone| zone.east);
        let sign = if east >= 0 { '+' } else { '-' };
        let (hours, minutes) = (east.abs() / 3600, east.abs() % 3600 / 60);
        match pattern.to_ascii_uppercase().as_str() {
            "TZ" => {
                if let Some(zone) = &self.zone {
                    case(out, &zone.abbreviation, pattern);
                }
            }
            "TZH" => out.push_str(&format!("{sign}{hours:02}")),
            "TZM" => out.push_str(&format!("{minutes:02}")),
            _ => {
                let width = if modifiers.fill { 0 } else { 2 };
                out.push_str(&format!("{sign}{hours:0width$}"));
                if minutes != 0 {
                    out.push_str(&format!(":{minutes:02}"));
                }
            }
        }
        Ok(())
    }

    fn date_pattern(&self, out: &mut String, pattern: &'static str, modifiers: Modifiers) -> Result<()> {
        let month = usize::try_from(self.month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("");
        let day = DAYS.get(self.weekday).copied().unwrap_or("");
        let upper = pattern.to_ascii_uppercase();
        if matches!(
            upper.as_str(),
            "A.D." | "B.C." | "AD" | "BC" | "MONTH" | "MON" | "DAY" | "DY" | "D" | "ID"
        ) {
            self.refuse_interval()?;
        }
        match upper.as_str() {
            "A.D." | "B.C." => case(out, if self.year <= 0 { "B.C." } else { "A.D." }, pattern),
            "AD" | "BC" => case(out, if self.year <= 0 { "BC" } else { "AD" }, pattern),
            "MONTH" => name(out, month, pattern, 9, modifiers),
            "MON" => name(out, month.get(..3).unwrap_or(""), pattern, 0, modifiers),
            "MM" => number(out, self.month, 2, modifiers),
            "DAY" => name(out, day, pattern, 9, modifiers),
            "DY" => name(out, day.get(..3).unwrap_or(""), pattern, 0, modifiers),
            // Days of an interval may be negative; their minus has no room of its own.
            "DDD" => in_width(out, self.day_of_year, 3, modifiers),
            "DD" => in_width(out, self.day, 2, modifiers),
            "D" => plain(out, self.weekday as i64 + 1, modifiers),
            "ID" => plain(out, if self.weekday == 0 { 7 } else { self.weekday as i64 }, modifiers),
            "IDDD" => {
                let (year, _) = self.iso();
                let fourth = julian_day(year as i32, 1, 4);
                let first = fourth - fourth.rem_euclid(7);
                let today = julian_day(self.year as i32, self.month as i32, self.day as i32);
                number(out, i64::from(today - first + 1), 3, modifiers);
            }
            "WW" => number(out, (self.day_of_year - 1) / 7 + 1, 2, modifiers),
            "IW" => number(out, self.iso().1, 2, modifiers),
            "W" => plain(out, (self.day - 1) / 7 + 1, modifiers),
            "Q" if self.month != 0 => plain(out, (self.month - 1) / 3 + 1, modifiers),
            "Q" => {}
            "J" => {
                plain(out, julian_day(self.year as i32, self.month as i32, self.day as i32).into(), modifiers)
            }
            "RM" => self.roman(out, pattern, modifiers),
            _ => self.year_pattern(out, &upper, modifiers),
        }
        Ok(())
    }

    fn roman(&self, out: &mut String, pattern: &'static str, modifiers: Modifiers) {
        let at = match (self.month, self.year) {
            (0, 0) => return,
            (0, 0..) => 0,
            (0, _) => 11,
            (month, _) if month < 0 => -(month + 1),
            (month, _) => 12 - month,
        };
        let text = usize::try_from(at).ok().and_then(|at| ROMAN.get(at)).copied().unwrap_or("");
        let width = if modifiers.fill { 0 } else { 4 };
        case(out, &format!("{text:<width$}"), pattern);
    }

    fn year_pattern(&self, out: &mut String, pattern: &str, modifiers: Modifiers) {
        match pattern {
            "CC" => {
                let century = if self.is_interval {
                    self.year / 100
                } else if self.year > 0 {
                    (self.year - 1) / 100 + 1
                } else {
                    self.year / 100 - 1
                };
                number(out, century, if century.abs() <= 99 { 2 } else { 0 }, modifiers);
            }
            "Y,YYY" => {
                let year = self.adjusted(self.year);
                let thousands = year / 1000;
                let text = format!("{thousands},{:03}", year - thousands * 1000);
                out.push_str(&text);
                push_ordinal(out, &text, modifiers);
            }
            _ => {
                let year = if pattern.starts_with('I') { self.iso().0 } else { self.year };
                let digits = pattern.len();
                let modulus = if digits >= 4 { i64::MAX } else { 10_i64.pow(digits as u32) };
                let year = self.adjusted(year);
                // The width goes by the sign of the calendar's year.
                let negative = self.adjusted(self.year) < 0;
                let width = if modifiers.fill { 0 } else { digits + usize::from(negative) };
                let text = format!("{:0width$}", year % modulus);
                out.push_str(&text);
                push_ordinal(out, &text, modifiers);
            }
        }
    }
}

fn plain(out: &mut String, value: i64, modifiers: Modifiers) {
    let text = value.to_string();
    out.push_str(&text);
    push_ordinal(out, &text, modifiers);
}
