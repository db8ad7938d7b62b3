//! `interval` to text, in the four styles (`EncodeInterval`).

use super::output::{push_int, push_padded, push_seconds};
use bytes::BufMut;

use crate::Interval;
use crate::env::IntervalStyle;

/// An interval taken apart: every part has its own sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct IntervalFields {
    pub years: i64,
    pub months: i64,
    pub days: i64,
    pub hours: i64,
    pub minutes: i64,
    pub seconds: i64,
    pub micros: i64,
}

/// `interval2itm`
pub fn interval_fields(interval: &Interval) -> IntervalFields {
    let seconds = interval.micros / 1_000_000;
    IntervalFields {
        years: (interval.months / 12).into(),
        months: (interval.months % 12).into(),
        days: interval.days.into(),
        hours: seconds / 3600,
        minutes: seconds / 60 % 60,
        seconds: seconds % 60,
        micros: interval.micros % 1_000_000,
    }
}

impl IntervalFields {
    fn all(&self) -> [i64; 7] {
        [self.years, self.months, self.days, self.hours, self.minutes, self.seconds, self.micros]
    }

    fn is_time_negative(&self) -> bool {
        [self.hours, self.minutes, self.seconds, self.micros].iter().any(|part| *part < 0)
    }

    fn has_time(&self) -> bool {
        [self.hours, self.minutes, self.seconds, self.micros].iter().any(|part| *part != 0)
    }
}

/// Appends the text form.
pub fn write_interval(interval: &Interval, style: IntervalStyle, out: &mut impl BufMut) {
    let fields = interval_fields(interval);
    match style {
        IntervalStyle::Postgres => postgres(&fields, out),
        IntervalStyle::PostgresVerbose => verbose(&fields, out),
        IntervalStyle::SqlStandard => sql_standard(&fields, out),
        IntervalStyle::Iso8601 => iso_8601(&fields, out),
    }
}

fn push_clock(f: &IntervalFields, width: usize, out: &mut impl BufMut) {
    push_padded(f.hours.unsigned_abs(), width, out);
    out.put_u8(b':');
    push_padded(f.minutes.unsigned_abs(), 2, out);
    out.put_u8(b':');
    push_seconds(f.seconds.unsigned_abs(), f.micros.unsigned_abs(), true, out);
}

fn postgres(f: &IntervalFields, out: &mut impl BufMut) {
    let mut empty = true;
    let mut negative_before = false;
    for (value, unit) in [(f.years, "year"), (f.months, "mon"), (f.days, "day")] {
        if value == 0 {
            continue;
        }
        if !empty {
            out.put_u8(b' ');
        }
        if negative_before && value > 0 {
            out.put_u8(b'+');
        }
        push_int(value, out);
        out.put_u8(b' ');
        out.put_slice(unit.as_bytes());
        if value != 1 {
            out.put_u8(b's');
        }
        negative_before = value < 0;
        empty = false;
    }
    if empty || f.has_time() {
        if !empty {
            out.put_u8(b' ');
        }
        if f.is_time_negative() {
            out.put_u8(b'-');
        } else if negative_before {
            out.put_u8(b'+');
        }
        push_clock(f, 2, out);
    }
}

fn verbose(f: &IntervalFields, out: &mut impl BufMut) {
    out.put_u8(b'@');
    let mut empty = true;
    let mut ago = false;
    let parts =
        [(f.years, "year"), (f.months, "mon"), (f.days, "day"), (f.hours, "hour"), (f.minutes, "min")];
    for (value, unit) in parts {
        if value == 0 {
            continue;
        }
        // The first part decides about the direction of all.
        if empty {
            ago = value < 0;
        }
        let shown = if ago { -value } else { value };
        out.put_u8(b' ');
        push_int(shown, out);
        out.put_u8(b' ');
        out.put_slice(unit.as_bytes());
        if shown != 1 {
            out.put_u8(b's');
        }
        empty = false;
    }
    if f.seconds != 0 || f.micros != 0 {
        out.put_u8(b' ');
        if f.seconds < 0 || (f.seconds == 0 && f.micros < 0) {
            if empty {
                ago = true;
            } else if !ago {
                out.put_u8(b'-');
            }
        } else if ago {
            out.put_u8(b'-');
        }
        push_seconds(f.seconds.unsigned_abs(), f.micros.unsigned_abs(), false, out);
        out.put_slice(if f.seconds.abs() != 1 || f.micros != 0 { b" secs" } else { b" sec" });
        empty = false;
    }
    if empty {
        out.put_slice(b" 0");
    }
    if ago {
        out.put_slice(b" ago");
    }
}

fn sql_standard(f: &IntervalFields, out: &mut impl BufMut) {
    let has_negative = f.all().iter().any(|part| *part < 0);
    let has_positive = f.all().iter().any(|part| *part > 0);
    let has_year_month = f.years != 0 || f.months != 0;
    let has_day_time = f.days != 0 || f.has_time();
    if !has_negative && !has_positive {
        out.put_u8(b'0');
    } else if (has_negative && has_positive) || (has_year_month && has_day_time) {
        // No value of the standard's: every part with its sign.
        let sign = |negative: bool| if negative { b'-' } else { b'+' };
        out.put_u8(sign(f.years < 0 || f.months < 0));
        push_padded(f.years.unsigned_abs(), 1, out);
        out.put_u8(b'-');
        push_padded(f.months.unsigned_abs(), 1, out);
        out.put_u8(b' ');
        out.put_u8(sign(f.days < 0));
        push_padded(f.days.unsigned_abs(), 1, out);
        out.put_u8(b' ');
        out.put_u8(sign(f.is_time_negative()));
        push_clock(f, 1, out);
    } else {
        if has_negative {
            out.put_u8(b'-');
        }
        if has_year_month {
            push_padded(f.years.unsigned_abs(), 1, out);
            out.put_u8(b'-');
            push_padded(f.months.unsigned_abs(), 1, out);
            return;
        }
        if f.days != 0 {
            push_padded(f.days.unsigned_abs(), 1, out);
            out.put_u8(b' ');
        }
        push_clock(f, 1, out);
    }
}

fn iso_8601<B: BufMut>(f: &IntervalFields, out: &mut B) {
    if f.all().iter().all(|part| *part == 0) {
        out.put_slice(b"PT0S");
        return;
    }
    let part = |value: i64, unit: u8, out: &mut B| {
        if value != 0 {
            push_int(value, out);
            out.put_u8(unit);
        }
    };
    out.put_u8(b'P');
    part(f.years, b'Y', out);
    part(f.months, b'M', out);
    part(f.days, b'D', out);
    if f.has_time() {
        out.put_u8(b'T');
    }
    part(f.hours, b'H', out);
    part(f.minutes, b'M', out);
    if f.seconds != 0 || f.micros != 0 {
        if f.seconds < 0 || f.micros < 0 {
            out.put_u8(b'-');
        }
        push_seconds(f.seconds.unsigned_abs(), f.micros.unsigned_abs(), false, out);
        out.put_u8(b'S');
    }
}
