//! Dates and times to text, in every `DateStyle` (`EncodeDateOnly`, `EncodeTimeOnly`, `EncodeDateTime`). Nothing is
//! allocated: these are on the hot path of results.

use super::calendar::{
    self, DATE_INFINITY, DATE_NEG_INFINITY, DateTime, TIMESTAMP_INFINITY, TIMESTAMP_NEG_INFINITY,
};
use super::zone::session_zone;
use bytes::BufMut;

use crate::env::{DateFormat, DateOrder, DateStyle};
use crate::{Env, Result};

const MONTHS: [&[u8; 3]; 12] =
    [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
const DAYS: [&[u8; 3]; 7] = [b"Sun", b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat"];

pub(super) fn push_int(value: i64, out: &mut impl BufMut) {
    out.put_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// A number with leading zeros up to a width.
pub(super) fn push_padded(value: u64, width: usize, out: &mut impl BufMut) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value).as_bytes();
    out.put_bytes(b'0', width.saturating_sub(digits.len()));
    out.put_slice(digits);
}

/// Two digits.
fn push_two(value: i32, out: &mut impl BufMut) {
    let value = value.clamp(0, 99) as u8;
    out.put_slice(&[b'0' + value / 10, b'0' + value % 10]);
}

/// Seconds and their fraction, without trailing zeros (`AppendSeconds`).
pub(super) fn push_seconds(seconds: u64, micros: u64, pad: bool, out: &mut impl BufMut) {
    push_padded(seconds, if pad { 2 } else { 1 }, out);
    push_fraction(micros, out);
}

fn push_fraction(micros: u64, out: &mut impl BufMut) {
    if micros == 0 {
        return;
    }
    let mut rest = micros;
    let mut digits = [b'0'; 6];
    for place in digits.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let end = digits.iter().rposition(|d| *d != b'0').map_or(1, |at| at + 1);
    out.put_u8(b'.');
    out.put_slice(digits.get(..end).unwrap_or(&digits));
}

/// A year of at least four digits, without its era.
fn push_year(year: i32, out: &mut impl BufMut) {
    let year = if year > 0 { year } else { 1 - year };
    push_padded(year.unsigned_abs().into(), 4, out);
}

fn push_era(year: i32, out: &mut impl BufMut) {
    if year <= 0 {
        out.put_slice(b" BC");
    }
}

fn push_clock(hour: i32, minute: i32, second: i32, micros: i32, out: &mut impl BufMut) {
    push_two(hour, out);
    out.put_u8(b':');
    push_two(minute, out);
    out.put_u8(b':');
    push_two(second, out);
    push_fraction(micros.unsigned_abs().into(), out);
}

/// Day and month in the style's order, or month and day.
fn push_day_month(month: i32, day: i32, order: DateOrder, separator: u8, out: &mut impl BufMut) {
    let (first, second) = if order == DateOrder::Dmy { (day, month) } else { (month, day) };
    push_two(first, out);
    out.put_u8(separator);
    push_two(second, out);
}

/// `date_out`
pub fn write_date(date: i32, style: DateStyle, out: &mut impl BufMut) {
    match date {
        DATE_INFINITY => return out.put_slice(b"infinity"),
        DATE_NEG_INFINITY => return out.put_slice(b"-infinity"),
        _ => {}
    }
    let (year, month, day) = calendar::date_fields(date);
    push_date(year, month, day, style, if style.format == DateFormat::Postgres { b'-' } else { b'/' }, out);
    push_era(year, out);
}

fn push_date(year: i32, month: i32, day: i32, style: DateStyle, separator: u8, out: &mut impl BufMut) {
    match style.format {
        DateFormat::Iso => {
            push_year(year, out);
            out.put_u8(b'-');
            push_two(month, out);
            out.put_u8(b'-');
            push_two(day, out);
        }
        DateFormat::German => {
            push_day_month(month, day, DateOrder::Dmy, b'.', out);
            out.put_u8(b'.');
            push_year(year, out);
        }
        DateFormat::Sql | DateFormat::Postgres => {
            push_day_month(month, day, style.order, separator, out);
            out.put_u8(separator);
            push_year(year, out);
        }
    }
}

/// `time_out`
pub fn write_time(time: i64, out: &mut impl BufMut) {
    let (hour, minute, second, micros) = calendar::time_fields(time);
    push_clock(hour, minute, second, micros, out);
}

/// `timetz_out`
pub fn write_timetz(time: i64, zone_west: i32, out: &mut impl BufMut) {
    write_time(time, out);
    push_zone(-zone_west, out);
}

/// An offset in seconds east: `+02`, `-03:30` (`EncodeTimezone`).
fn push_zone(east: i32, out: &mut impl BufMut) {
    out.put_u8(if east < 0 { b'-' } else { b'+' });
    let seconds = east.unsigned_abs();
    push_padded((seconds / 3600).into(), 2, out);
    if !seconds.is_multiple_of(3600) {
        out.put_u8(b':');
        push_two((seconds / 60 % 60) as i32, out);
        if !seconds.is_multiple_of(60) {
            out.put_u8(b':');
            push_two((seconds % 60) as i32, out);
        }
    }
}

/// `timestamp_out`
pub fn write_timestamp(timestamp: i64, style: DateStyle, out: &mut impl BufMut) {
    if !push_infinity(timestamp, out) {
        push_date_time(&calendar::timestamp_fields(timestamp), timestamp, style, |_| {}, out);
    }
}

/// `timestamptz_out`
pub fn write_timestamptz<B: BufMut>(moment: i64, env: &Env, out: &mut B) -> Result<()> {
    if push_infinity(moment, out) {
        return Ok(());
    }
    let zone = session_zone(env)?;
    let east = zone.east_at(moment);
    // Local time may lie just outside the range of timestamps; it is shown all the same.
    let local = moment.saturating_add(i64::from(east) * 1_000_000);
    let fields = calendar::timestamp_fields(local);
    if env.date_style.format == DateFormat::Iso {
        push_date_time(&fields, local, env.date_style, |out| push_zone(east, out), out);
        return Ok(());
    }
    let abbreviation = zone.at(moment).abbreviation;
    let shown = abbreviation.as_bytes().get(..10).unwrap_or(abbreviation.as_bytes());
    let push = |out: &mut B| {
        out.put_u8(b' ');
        out.put_slice(shown);
    };
    push_date_time(&fields, local, env.date_style, push, out);
    Ok(())
}

fn push_infinity(timestamp: i64, out: &mut impl BufMut) -> bool {
    match timestamp {
        TIMESTAMP_INFINITY => out.put_slice(b"infinity"),
        TIMESTAMP_NEG_INFINITY => out.put_slice(b"-infinity"),
        _ => return false,
    }
    true
}

fn push_date_time<B: BufMut>(f: &DateTime, local: i64, style: DateStyle, zone: impl Fn(&mut B), out: &mut B) {
    let clock = |out: &mut B| push_clock(f.hour, f.minute, f.second, f.micros, out);
    if style.format == DateFormat::Postgres {
        let weekday = calendar::day_of_week(local.div_euclid(calendar::USECS_PER_DAY) as i32);
        let name = |names: &[&'static [u8; 3]], at: i32| names.get(at as usize).copied().unwrap_or(b"   ");
        out.put_slice(name(&DAYS, weekday));
        out.put_u8(b' ');
        if style.order == DateOrder::Dmy {
            push_two(f.day, out);
            out.put_u8(b' ');
            out.put_slice(name(&MONTHS, f.month - 1));
        } else {
            out.put_slice(name(&MONTHS, f.month - 1));
            out.put_u8(b' ');
            push_two(f.day, out);
        }
        out.put_u8(b' ');
        clock(out);
        out.put_u8(b' ');
        push_year(f.year, out);
    } else {
        push_date(f.year, f.month, f.day, style, b'/', out);
        out.put_u8(b' ');
        clock(out);
    }
    zone(out);
    push_era(f.year, out);
}
