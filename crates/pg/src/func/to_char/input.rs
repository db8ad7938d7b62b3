//! `to_date` and `to_timestamp` (`DCH_from_char`, `do_to_timestamp`).

use super::template::{Modifiers, Node, is_separator, is_space, parse, parse_standard};
use super::{DAYS, MONTHS, ROMAN};
use crate::datetime::calendar::{
    POSTGRES_EPOCH_JDATE, date_of_julian, days_in_month, is_leap_year, is_valid_date, is_valid_julian,
    julian_day, local_micros, time_from_fields, timestamp_from_fields,
};
use crate::datetime::{DateTime, Zone, session_zone};
use crate::func::Call;
use crate::func::args::{Date, TimestampTz};
use crate::{Error, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "to_date" => |text: &str, template: &str| to_date(text, template).map(Date);
    "to_timestamp" => |text: &str, template: &str| to_timestamp(call, text, template).map(TimestampTz);
});

/// What was read (`TmFromChar`); 0 is nothing.
#[derive(Default)]
struct Read {
    hour12: bool,
    pm: bool,
    hh: i32,
    mi: i32,
    ss: i32,
    ssss: i32,
    ms: i32,
    us: i32,
    /// How many digits of a second `FF` keeps.
    precision: Option<u32>,
    d: i32,
    dd: i32,
    ddd: i32,
    mm: i32,
    ww: i32,
    w: i32,
    cc: i32,
    j: i32,
    year: i32,
    year_digits: usize,
    bc: bool,
    zone_sign: i32,
    tzh: i32,
    tzm: i32,
    /// Whether the date is by ISO weeks, once a pattern has said so.
    iso: Option<bool>,
}

/// Which convention of dates a pattern is of (`DCH_keywords`): by ISO weeks, or Gregorian.
fn convention(pattern: &str) -> Option<bool> {
    match pattern {
        "ID" | "IDDD" | "IW" | "IYYY" | "IYY" | "IY" | "I" => Some(true),
        "D" | "DD" | "DDD" | "MM" | "MON" | "MONTH" | "RM" | "W" | "WW" | "Y" | "YY" | "YYY" | "YYYY"
        | "Y,YYY" => Some(false),
        _ => None,
    }
}

/// `isoweek2j`: the Julian day of the Monday of an ISO week.
fn monday_of(year: i32, week: i32) -> i32 {
    let fourth = julian_day(year, 1, 4);
    // Of Monday to Sunday 0 to 6.
    let after_monday = fourth.rem_euclid(7);
    week.saturating_sub(1).saturating_mul(7).saturating_add(fourth - after_monday)
}

/// The text while it is read.
struct Reader<'a> {
    rest: &'a str,
    before: Option<char>,
    /// How many more characters were skipped than the template says.
    extra: i32,
    fixed: bool,
    /// By the SQL standard: separators and other characters are those of the template.
    strict: bool,
}

fn bad(message: String) -> Error {
    Error::new(SqlState::INVALID_DATETIME_FORMAT, message)
}

fn out_of_range(text: &str) -> Error {
    Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("date/time field value out of range: \"{text}\""))
}

/// `from_char_set_int`
fn set(field: &mut i32, value: i32, pattern: &str) -> Result<()> {
    if *field != 0 && *field != value {
        return Err(bad(format!("conflicting values for \"{pattern}\" field in formatting string"))
            .detail("This value contradicts a previous setting for the same field type."));
    }
    *field = value;
    Ok(())
}

/// Whether a pattern reads digits.
fn is_digits(pattern: &str) -> bool {
    let upper = pattern.to_ascii_uppercase();
    !matches!(
        upper.as_str(),
        "A.D."
            | "A.M."
            | "AD"
            | "AM"
            | "B.C."
            | "BC"
            | "DAY"
            | "DY"
            | "FX"
            | "MONTH"
            | "MON"
            | "OF"
            | "P.M."
            | "PM"
            | "RM"
            | "TZH"
            | "TZ"
    )
}

/// `is_next_separator`: whether what follows can't be digits.
fn ends_before(nodes: &[Node], at: usize) -> bool {
    if matches!(nodes.get(at), Some(Node::Pattern(_, Modifiers { ordinal: Some(_), .. }))) {
        return true;
    }
    match nodes.get(at + 1) {
        None => true,
        Some(Node::Pattern(pattern, _)) => !is_digits(pattern),
        Some(Node::Char(c) | Node::Separator(c)) => !c.is_ascii_digit(),
    }
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn skip(&mut self) {
        if let Some(c) = self.peek() {
            self.before = Some(c);
            self.rest = &self.rest[c.len_utf8()..];
        }
    }

    fn skip_spaces(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.skip();
            self.extra += 1;
        }
    }

    /// A separator of the template: one of the text, if there is one.
    fn separator(&mut self, separator: char) -> Result<()> {
        if self.strict && self.peek() != Some(separator) {
            return Err(bad(format!("unmatched format separator \"{separator}\"")));
        }
        if self.fixed {
            self.skip();
            return Ok(());
        }
        self.extra -= 1;
        if self.peek().is_some_and(|c| is_space(c) || is_separator(c)) {
            self.skip();
            self.extra += 1;
        }
        Ok(())
    }

    /// Another character of the template stands for any of the text.
    fn character(&mut self, character: char) -> Result<()> {
        if self.strict && self.peek() != Some(character) {
            return Err(bad(format!("unmatched format character \"{character}\"")));
        }
        if !self.fixed && self.extra > 0 {
            self.extra -= 1;
        } else {
            self.skip();
        }
        Ok(())
    }

    /// `from_char_parse_int_len`: the number, and how many characters it took.
    fn number(&mut self, nodes: &[Node], at: usize, pattern: &str, length: usize) -> Result<(i32, usize)> {
        let start = self.rest;
        let text = start.trim_start_matches(is_space);
        let fill = matches!(nodes.get(at), Some(Node::Pattern(_, Modifiers { fill: true, .. })));
        // As many bytes as there should be digits; half a character is none.
        let shown = text.as_bytes().get(..length).unwrap_or(text.as_bytes());
        let shown = std::str::from_utf8(shown).unwrap_or_else(|error| &text[..error.valid_up_to()]);
        let (value, used) = if fill || ends_before(nodes, at) {
            leading_integer(text)
        } else {
            let available = text.len();
            if available < length {
                return Err(bad(format!("source string too short for \"{pattern}\" formatting field"))
                    .detail(format!("Field requires {length} characters, but only {available} remain."))
                    .hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
            }
            let (value, used) = leading_integer(shown);
            if used > 0 && used < length {
                return Err(bad(format!("invalid value \"{shown}\" for \"{pattern}\""))
                    .detail(format!("Field requires {length} characters, but only {used} could be parsed."))
                    .hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
            }
            (value, used)
        };
        if used == 0 {
            return Err(bad(format!("invalid value \"{shown}\" for \"{pattern}\""))
                .detail("Value must be an integer."));
        }
        let value = value.and_then(|value| i32::try_from(value).ok()).ok_or_else(|| {
            Error::new(
                SqlState::DATETIME_FIELD_OVERFLOW,
                format!("value for \"{pattern}\" in source string is out of range"),
            )
            .detail(format!("Value must be in the range {} to {}.", i32::MIN, i32::MAX))
        })?;
        self.rest = &text[used..];
        self.before = text[..used].chars().next_back();
        Ok((value, start.len() - self.rest.len()))
    }

    /// One of several words, in any case: its number.
    fn word(&mut self, words: &[&str], pattern: &str) -> Result<usize> {
        let starts =
            |word: &&str| self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        let Some(found) = words.iter().position(starts) else {
            let shown = self.rest.split(is_space).next().unwrap_or("");
            return Err(bad(format!("invalid value \"{shown}\" for \"{pattern}\""))
                .detail("The given value did not match any of the allowed values for this field."));
        };
        self.rest = &self.rest[words[found].len()..];
        Ok(found)
    }
}

/// C's `strtol`: a sign and digits; how many bytes. `None` if the number is too large.
fn leading_integer(text: &str) -> (Option<i64>, usize) {
    let digits = text.trim_start_matches(is_space);
    let spaces = text.len() - digits.len();
    let sign = usize::from(digits.starts_with(['+', '-']));
    let count = digits[sign..].bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return (None, 0);
    }
    (digits[..sign + count].parse().ok(), spaces + sign + count)
}

/// Reads a text by a template (`DCH_from_char`).
fn read(text: &str, nodes: &[Node], strict: bool) -> Result<Read> {
    let mut out = Read::default();
    let mut reader = Reader { rest: text, before: None, extra: 0, fixed: strict, strict };
    for (at, node) in nodes.iter().enumerate() {
        if reader.rest.is_empty() {
            if strict {
                return Err(bad("input string is too short for datetime format".into()));
            }
            break;
        }
        let is_fx = matches!(node, Node::Pattern(pattern, _) if pattern.eq_ignore_ascii_case("FX"));
        if !reader.fixed && !is_fx && (matches!(node, Node::Pattern(..)) || at == 0) {
            reader.skip_spaces();
        }
        match node {
            Node::Separator(c) => reader.separator(*c)?,
            Node::Char(c) => reader.character(*c)?,
            Node::Pattern(_, _) if is_fx => reader.fixed = true,
            Node::Pattern(pattern, modifiers) => {
                out.field(&mut reader, nodes, at, pattern)?;
                if modifiers.ordinal.is_some() {
                    reader.skip();
                    reader.skip();
                }
                if !reader.fixed {
                    reader.extra = 0;
                    reader.skip_spaces();
                }
            }
        }
    }
    if strict && !reader.rest.trim_start_matches(is_space).is_empty() {
        return Err(bad("trailing characters remain in input string after datetime format".into()));
    }
    Ok(out)
}

impl Read {
    fn field(
        &mut self,
        reader: &mut Reader<'_>,
        nodes: &[Node],
        at: usize,
        pattern: &'static str,
    ) -> Result<()> {
        let upper = pattern.to_ascii_uppercase();
        if let Some(iso) = convention(&upper) {
            if self.iso.is_some_and(|before| before != iso) {
                return Err(bad("invalid combination of date conventions".into())
                    .hint("Do not mix Gregorian and ISO week date conventions in a formatting template."));
            }
            self.iso = Some(iso);
        }
        let mut number = |length: usize| reader.number(nodes, at, pattern, length);
        match upper.as_str() {
            "HH24" => set(&mut self.hh, number(2)?.0, pattern),
            "HH" | "HH12" => {
                self.hour12 = true;
                set(&mut self.hh, number(2)?.0, pattern)
            }
            "MI" => set(&mut self.mi, number(2)?.0, pattern),
            "SS" => set(&mut self.ss, number(2)?.0, pattern),
            "SSSS" | "SSSSS" => set(&mut self.ssss, number(pattern.len())?.0, pattern),
            "MS" => {
                let (value, length) = number(3)?;
                set(&mut self.ms, value, pattern)?;
                self.ms *= 10_i32.pow(3_usize.saturating_sub(length) as u32);
                Ok(())
            }
            "US" | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
                let digits = upper.strip_prefix("FF").and_then(|digits| digits.parse().ok());
                self.precision = digits.or(self.precision);
                let (value, length) = number(digits.map_or(6, |digits| digits as usize))?;
                set(&mut self.us, value, pattern)?;
                self.us = self.us.saturating_mul(10_i32.pow(6_usize.saturating_sub(length) as u32));
                Ok(())
            }
            "MM" => set(&mut self.mm, number(2)?.0, pattern),
            "DD" => set(&mut self.dd, number(2)?.0, pattern),
            "DDD" | "IDDD" => set(&mut self.ddd, number(3)?.0, pattern),
            "ID" => {
                // As D counts: from Sunday.
                set(&mut self.d, number(1)?.0, pattern)?;
                self.d = if self.d >= 7 { 1 } else { self.d + 1 };
                Ok(())
            }
            "D" => set(&mut self.d, number(1)?.0, pattern),
            "WW" | "IW" => set(&mut self.ww, number(2)?.0, pattern),
            "W" => set(&mut self.w, number(1)?.0, pattern),
            "Q" => number(1).map(|_| ()),
            "CC" => set(&mut self.cc, number(2)?.0, pattern),
            "J" => set(&mut self.j, number(1)?.0, pattern),
            "YYYY" | "YYY" | "YY" | "Y" | "IYYY" | "IYY" | "IY" | "I" => {
                let (value, length) = number(pattern.len())?;
                set(&mut self.year, value, pattern)?;
                if pattern.len() < 4 && length < 4 {
                    self.year = near_2020(self.year);
                }
                self.year_digits = pattern.len();
                Ok(())
            }
            _ => self.other_field(reader, nodes, at, pattern, &upper),
        }
    }

    /// Words and zones.
    fn other_field(
        &mut self,
        reader: &mut Reader<'_>,
        nodes: &[Node],
        at: usize,
        pattern: &'static str,
        upper: &str,
    ) -> Result<()> {
        match upper {
            "A.M." | "P.M." => {
                self.hour12 = true;
                self.pm = reader.word(&["a.m.", "p.m."], pattern)? == 1;
            }
            "AM" | "PM" => {
                self.hour12 = true;
                self.pm = reader.word(&["am", "pm"], pattern)? == 1;
            }
            "A.D." | "B.C." => self.bc = reader.word(&["a.d.", "b.c."], pattern)? == 1,
            "AD" | "BC" => self.bc = reader.word(&["ad", "bc"], pattern)? == 1,
            "MONTH" => set(&mut self.mm, reader.word(&MONTHS, pattern)? as i32 + 1, pattern)?,
            "MON" => {
                let short = MONTHS.map(|month| &month[..3]);
                set(&mut self.mm, reader.word(&short, pattern)? as i32 + 1, pattern)?;
            }
            "DAY" => set(&mut self.d, reader.word(&DAYS, pattern)? as i32 + 1, pattern)?,
            "DY" => {
                let short = DAYS.map(|day| &day[..3]);
                set(&mut self.d, reader.word(&short, pattern)? as i32 + 1, pattern)?;
            }
            "RM" => {
                // Longer numerals first, or I would be found in IV.
                let mut numerals: Vec<(usize, &str)> = ROMAN.iter().copied().enumerate().collect();
                numerals.sort_by_key(|(_, numeral)| std::cmp::Reverse(numeral.len()));
                let words: Vec<&str> = numerals.iter().map(|(_, numeral)| *numeral).collect();
                let found = reader.word(&words, pattern)?;
                set(&mut self.mm, 12 - numerals[found].0 as i32, pattern)?;
            }
            "TZH" => {
                self.zone_sign = match reader.peek() {
                    Some(sign @ ('+' | '-' | ' ')) => {
                        reader.skip();
                        if sign == '-' { -1 } else { 1 }
                    }
                    _ if reader.extra > 0 && reader.before == Some('-') => -1,
                    _ => 1,
                };
                set(&mut self.tzh, reader.number(nodes, at, pattern, 2)?.0, pattern)?;
            }
            "TZM" => {
                if self.zone_sign == 0 {
                    self.zone_sign = 1;
                }
                set(&mut self.tzm, reader.number(nodes, at, pattern, 2)?.0, pattern)?;
            }
            "TZ" | "OF" => {
                return Err(Error::new(
                    SqlState::FEATURE_NOT_SUPPORTED,
                    format!("formatting field \"{pattern}\" is only supported in to_char"),
                ));
            }
            "Y,YYY" => {
                let invalid = || bad("invalid input string for \"Y,YYY\"".into());
                let (thousands, used) = leading_integer(reader.rest);
                let rest = reader.rest[used..].strip_prefix(',').ok_or_else(invalid)?;
                let three = rest.get(..3).unwrap_or(rest);
                let (units, length) = leading_integer(three);
                let year = thousands
                    .zip(units)
                    .and_then(|(thousands, units)| thousands.checked_mul(1000)?.checked_add(units));
                let year = year.and_then(|year| i32::try_from(year).ok()).ok_or_else(invalid)?;
                set(&mut self.year, year, pattern)?;
                self.year_digits = 4;
                reader.rest = &rest[length..];
            }
            _ => {
                return Err(Error::refused(format!("the pattern \"{pattern}\" in to_date and to_timestamp")));
            }
        }
        Ok(())
    }

    /// The fields of the date and time (`do_to_timestamp`).
    fn fields(&mut self, text: &str) -> Result<DateTime> {
        let mut tm = DateTime { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 };
        if self.ssss != 0 {
            (tm.hour, tm.minute, tm.second) = (self.ssss / 3600, self.ssss % 3600 / 60, self.ssss % 60);
        }
        for (field, value) in [(&mut tm.second, self.ss), (&mut tm.minute, self.mi), (&mut tm.hour, self.hh)]
        {
            if value != 0 {
                *field = value;
            }
        }
        if self.hour12 {
            if !(1..=12).contains(&tm.hour) {
                return Err(bad(format!("hour \"{}\" is invalid for the 12-hour clock", tm.hour))
                    .hint("Use the 24-hour clock, or give an hour between 1 and 12."));
            }
            tm.hour = tm.hour % 12 + if self.pm { 12 } else { 0 };
        }
        let has_date = self.date(&mut tm)?;
        tm.micros = self.ms.saturating_mul(1000).saturating_add(self.us);
        let day_fits =
            (1..=12).contains(&tm.month) && (1..=days_in_month(tm.year, tm.month)).contains(&tm.day);
        let time_fits = (0..24).contains(&tm.hour)
            && (0..60).contains(&tm.minute)
            && (0..60).contains(&tm.second)
            && (0..1_000_000).contains(&tm.micros);
        if has_date && !day_fits || !time_fits {
            return Err(out_of_range(text));
        }
        Ok(tm)
    }

    /// The seconds east of UTC, if there was a zone.
    fn east(&self, text: &str) -> Result<Option<i32>> {
        if self.zone_sign == 0 {
            return Ok(None);
        }
        if !(0..=15).contains(&self.tzh) || !(0..60).contains(&self.tzm) {
            return Err(Error::new(
                SqlState::INVALID_TIME_ZONE_DISPLACEMENT,
                format!("time zone displacement out of range: \"{text}\""),
            ));
        }
        Ok(Some(self.zone_sign * (self.tzh * 3600 + self.tzm * 60)))
    }

    /// Year, month and day; whether there was any.
    fn date(&mut self, tm: &mut DateTime) -> Result<bool> {
        let mut has_date = self.year != 0 || self.cc != 0 || self.j != 0;
        if self.bc {
            self.cc = -self.cc;
        }
        if self.year != 0 && self.cc != 0 && self.year_digits <= 2 {
            let low = self.year % 100;
            tm.year = match (low, self.cc) {
                (0, cc) => cc * 100 + i32::from(cc < 0),
                (low, 0..) => low + (self.cc - 1) * 100,
                (low, _) => (self.cc + 1) * 100 - low + 1,
            };
        } else if self.year != 0 {
            let year = if self.bc { -self.year } else { self.year };
            tm.year = year + i32::from(year < 0);
        } else if self.cc != 0 {
            tm.year = if self.cc >= 0 { (self.cc - 1) * 100 + 1 } else { self.cc * 100 + 1 };
        }
        if self.j != 0 {
            (tm.year, tm.month, tm.day) = date_of_julian(self.j);
        }
        let iso = self.iso == Some(true);
        if self.ww != 0 && iso {
            let days = match self.d {
                0 => 0,
                1 => 6,
                day => day - 2,
            };
            let day = monday_of(tm.year, self.ww).saturating_add(days);
            (tm.year, tm.month, tm.day) = date_of_julian(day);
            has_date = true;
        } else if self.ww != 0 {
            self.ddd = (self.ww - 1).saturating_mul(7).saturating_add(1);
        }
        if self.w != 0 {
            self.dd = (self.w - 1).saturating_mul(7).saturating_add(1);
        }
        if self.dd != 0 {
            tm.day = self.dd;
        }
        if self.mm != 0 {
            tm.month = self.mm;
        }
        has_date |= self.dd != 0 || self.mm != 0;
        if self.ddd != 0 && (tm.month <= 1 || tm.day <= 1) {
            self.day_of_year(tm)?;
            has_date = true;
        }
        Ok(has_date)
    }

    fn day_of_year(&self, tm: &mut DateTime) -> Result<()> {
        if tm.year == 0 && !self.bc {
            return Err(bad("cannot calculate day of year without year information".into()));
        }
        if self.iso == Some(true) {
            let day = monday_of(tm.year, 1).saturating_add(self.ddd - 1);
            (tm.year, tm.month, tm.day) = date_of_julian(day);
            return Ok(());
        }
        let mut before = 0;
        let mut month = 1;
        while month < 12 && self.ddd > before + days_in_month(tm.year, month) {
            before += days_in_month(tm.year, month);
            month += 1;
        }
        // Days past the year's end are found to be out of range later.
        let last = if is_leap_year(tm.year) { 366 } else { 365 };
        if tm.month <= 1 {
            tm.month = if self.ddd > last { 13 } else { month };
        }
        if tm.day <= 1 {
            tm.day = self.ddd - before;
        }
        Ok(())
    }
}

/// `adjust_partial_year_to_2020`: 70 to 99 are of the last century, 0 to 69 of this one.
fn near_2020(year: i32) -> i32 {
    match year {
        0..70 => year + 2000,
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        other => other,
    }
}

fn to_date(text: &str, template: &str) -> Result<i32> {
    date_of(&read(text, &parse(template), false)?.fields(text)?, text)
}

fn date_of(tm: &DateTime, text: &str) -> Result<i32> {
    let refuse = || Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("date out of range: \"{text}\""));
    if !is_valid_julian(tm.year, tm.month) {
        return Err(refuse());
    }
    let date = julian_day(tm.year, tm.month, tm.day) - POSTGRES_EPOCH_JDATE;
    if is_valid_date(date) { Ok(date) } else { Err(refuse()) }
}

fn to_timestamp(call: &Call<'_>, text: &str, template: &str) -> Result<i64> {
    let mut read = read(text, &parse(template), false)?;
    let tm = read.fields(text)?;
    let overflow = || Error::new(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    // The moment has to be in range, not the local time.
    let local = local_micros(&tm).ok_or_else(overflow)?;
    let moment = match read.east(text)? {
        None => session_zone(call.env)?.to_utc(local)?,
        Some(east) => Zone::fixed(east).to_utc(local)?,
    };
    Ok(read.precision.map_or(moment, |digits| rounded(moment, digits)))
}

/// A moment with so many digits of a second (`AdjustTimestampForTypmod`).
fn rounded(micros: i64, digits: u32) -> i64 {
    let unit = 10_i64.pow(6_u32.saturating_sub(digits));
    let half = if micros < 0 { -(unit / 2) } else { unit / 2 };
    micros.saturating_add(half) / unit * unit
}

/// A template of the SQL standard, and what it says of the type of what is read by it (`parse_datetime`).
pub(crate) struct Standard {
    nodes: Vec<Node>,
    dated: bool,
    timed: bool,
    zoned: bool,
}

impl Standard {
    /// Fails when the template is none.
    pub(crate) fn new(template: &str) -> Result<Standard> {
        let nodes = parse_standard(template)?;
        let (mut dated, mut timed, mut zoned) = (false, false, false);
        for node in &nodes {
            let Node::Pattern(pattern, _) = node else { continue };
            match pattern.to_ascii_uppercase().as_str() {
                "FX" => {}
                "TZ" | "OF" | "TZH" | "TZM" => zoned = true,
                "A.M." | "P.M." | "AM" | "PM" | "HH" | "HH12" | "HH24" | "MI" | "SS" | "SSSS" | "SSSSS"
                | "MS" | "US" | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => timed = true,
                _ => dated = true,
            }
        }
        Ok(Standard { nodes, dated, timed, zoned })
    }

    /// The value of a text, and for moments the seconds east of UTC that it was written with.
    pub(crate) fn read(&self, text: &str) -> Result<(Value, i32)> {
        let mut read = read(text, &self.nodes, true)?;
        let tm = read.fields(text)?;
        let zone = read.east(text)?;
        let east = |name: &str| {
            zone.ok_or_else(|| bad(format!("missing time zone in input string for type {name}")))
        };
        let round = |micros| read.precision.map_or(micros, |digits| rounded(micros, digits));
        let time = || round(time_from_fields(tm.hour, tm.minute, tm.second, tm.micros));
        let overflow =
            |name: &str| Error::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{name} out of range"));
        Ok(match (self.dated, self.timed, self.zoned) {
            (true, true, true) => {
                let east = east("timestamptz")?;
                let local = local_micros(&tm).ok_or_else(|| overflow("timestamptz"))?;
                (Value::TimestampTz(round(Zone::fixed(east).to_utc(local)?)), east)
            }
            (true, true, false) => {
                let local = timestamp_from_fields(&tm).ok_or_else(|| overflow("timestamp"))?;
                (Value::Timestamp(round(local)), 0)
            }
            (true, false, true) => return Err(bad("datetime format is zoned but not timed".into())),
            (true, false, false) => (Value::Date(date_of(&tm, text)?), 0),
            (false, true, true) => (Value::TimeTz(time(), -east("timetz")?), 0),
            (false, true, false) => (Value::Time(time()), 0),
            (false, false, _) => return Err(bad("datetime format is not dated and not timed".into())),
        })
    }
}
