//! The meaning of the fields of a date and time (`DecodeDateTime`) or of a time (`DecodeTimeOnly`).

use super::abbreviations::{Meaning, abbreviation};
use super::calendar::{self, DateTime, USECS_PER_DAY};
use super::failure::{Decoded, Failure};
use super::number::{Reading, fraction, leading_int_or_zero, mask, numeric_zone};
use super::split::{Field, Kind, split};
use super::tokens::{Token, Unit, date_token, significant};
use super::zone::{self, Zone, session_zone};
use crate::Env;

/// What a text means.
#[derive(Debug)]
pub(super) enum Decoding {
    /// Fields, and the zone in seconds west.
    Fields(DateTime, i32),
    Epoch,
    Infinity,
    NegInfinity,
}

/// Where the time zone comes from.
#[derive(Debug)]
enum ZoneFrom {
    West(i32),
    Named(Zone),
    Abbreviation(Zone, String),
}

struct Decoder<'a> {
    env: &'a Env,
    fields: Vec<Field>,
    /// The kinds of all fields.
    kinds: Vec<Kind>,
    reading: Reading,
    /// Only a time is wanted (`DecodeTimeOnly`).
    time_only: bool,
    zone: Option<ZoneFrom>,
    /// Added to the zone by `DST`, in seconds west.
    dst: i32,
    pm: Option<bool>,
    text_month: bool,
    /// The unit of the next number.
    unit: Option<Unit>,
    special: Option<Decoding>,
}

/// Reads a date with an optional time and zone.
pub(super) fn decode_date_time(text: &str, env: &Env) -> Decoded<Decoding> {
    let mut decoder = Decoder::new(text, env, false)?;
    decoder.all_fields()?;
    if let Some(special) = decoder.special {
        return Ok(special);
    }
    decoder.reading.validate()?;
    decoder.reading.apply_meridiem(decoder.pm)?;
    if !decoder.reading.has_all(mask::DATE) {
        return Err(Failure::BadFormat);
    }
    let fields = decoder.reading.fields;
    let west = decoder.west_of(&fields)?;
    Ok(Decoding::Fields(fields, west))
}

/// Reads a time with an optional zone; the date is only there to find the zone's offset.
pub(super) fn decode_time(text: &str, env: &Env) -> Decoded<(DateTime, i32)> {
    let mut decoder = Decoder::new(text, env, true)?;
    decoder.all_fields()?;
    decoder.reading.validate()?;
    decoder.reading.apply_meridiem(decoder.pm)?;
    decoder.reading.check_time()?;
    if !decoder.reading.has_all(mask::TIME) {
        return Err(Failure::BadFormat);
    }
    let fields = decoder.reading.fields;
    let west = decoder.west_of_time(&fields)?;
    Ok((fields, west))
}

impl<'a> Decoder<'a> {
    fn new(text: &str, env: &'a Env, time_only: bool) -> Decoded<Decoder<'a>> {
        let fields = split(text)?;
        Ok(Decoder {
            env,
            kinds: fields.iter().map(|field| field.kind).collect(),
            fields,
            reading: Reading::new(env.date_style.order),
            time_only,
            zone: None,
            dst: 0,
            pm: None,
            text_month: false,
            unit: None,
            special: None,
        })
    }

    fn all_fields(&mut self) -> Decoded {
        for (at, field) in std::mem::take(&mut self.fields).iter().enumerate() {
            let rest = at + 1;
            let fields = match field.kind {
                Kind::Date => self.date_field(&field.text, at)?,
                Kind::Time => self.time_field(&field.text)?,
                Kind::Zone => {
                    self.zone = Some(ZoneFrom::West(numeric_zone(&field.text)?));
                    mask::ZONE
                }
                Kind::Number => self.number_field(&field.text, at)?,
                Kind::Word | Kind::Special => self.word_field(&field.text, rest)?,
            };
            self.reading.note(fields)?;
        }
        Ok(())
    }

    /// What the reading has, as the decoding of numbers should see it.
    fn have(&self) -> u32 {
        if self.time_only { self.reading.have | mask::DATE } else { self.reading.have }
    }

    fn date_field(&mut self, text: &str, at: usize) -> Decoded<u32> {
        if self.unit == Some(Unit::Julian) && !self.time_only {
            return self.julian_with_zone(text);
        }
        let zone_expected = if self.time_only {
            !self.date_may_stand_here(at)
        } else {
            self.unit.is_some() || self.reading.has_all(mask::MONTH | mask::DAY)
        };
        if !zone_expected {
            return self.reading.date(text, self.reading.have);
        }
        if !text.starts_with(|c: char| c.is_ascii_digit()) && self.unit.is_none() {
            let zone = Zone::find(text).ok_or_else(|| zone::not_recognized(text))?;
            self.zone = Some(ZoneFrom::Named(zone));
            return Ok(mask::ZONE);
        }
        // A run-together time with a zone: hhmmss-zz.
        if self.unit.take().is_some_and(|unit| unit != Unit::Time) || self.reading.has_all(mask::TIME) {
            return Err(Failure::BadFormat);
        }
        let dash = text.find('-').ok_or(Failure::BadFormat)?;
        let (time, zone) = text.split_at(dash);
        self.zone = Some(ZoneFrom::West(numeric_zone(zone)?));
        let have = self.have();
        Ok(self.reading.run_together(time, have)? | mask::ZONE)
    }

    /// A time may follow a date, for the sake of the zone's offset.
    fn date_may_stand_here(&self, at: usize) -> bool {
        at == 0
            && self.kinds.len() >= 2
            && (self.kinds.last() == Some(&Kind::Date) || self.kinds.get(1) == Some(&Kind::Time))
    }

    fn julian_with_zone(&mut self, text: &str) -> Decoded<u32> {
        let (day, rest) = leading_int_or_zero(text)?;
        self.set_julian(day)?;
        self.zone = Some(ZoneFrom::West(numeric_zone(rest)?));
        self.unit = None;
        Ok(mask::DATE | mask::TIME | mask::ZONE)
    }

    fn set_julian(&mut self, day: i32) -> Decoded {
        if day < 0 {
            return Err(Failure::FieldOverflow);
        }
        let fields = &mut self.reading.fields;
        (fields.year, fields.month, fields.day) = calendar::date_of_julian(day);
        self.reading.julian = true;
        Ok(())
    }

    fn time_field(&mut self, text: &str) -> Decoded<u32> {
        if self.unit.take().is_some_and(|unit| unit != Unit::Time) {
            return Err(Failure::BadFormat);
        }
        let fields = self.reading.time(text)?;
        self.reading.check_time()?;
        Ok(fields)
    }

    fn number_field(&mut self, text: &str, at: usize) -> Decoded<u32> {
        if let Some(unit) = self.unit.take() {
            return self.labelled_number(unit, text);
        }
        let have = self.have();
        match text.find('.') {
            Some(_) if !self.time_only && have & mask::DATE == 0 => self.reading.date(text, have),
            Some(_)
                if self.time_only
                    && at == 0
                    && self.kinds.len() >= 2
                    && self.kinds.last() == Some(&Kind::Date) =>
            {
                self.reading.date(text, self.reading.have)
            }
            Some(point) if point > 2 => self.reading.run_together(text, have),
            Some(_) if self.time_only => Err(Failure::BadFormat),
            _ if self.time_only && text.len() > 4 => self.reading.run_together(text, have),
            // Five digits are a year, and so are more after date and time; otherwise they are yymmdd or hhmmss.
            _ if text.len() >= 6 && (have & mask::DATE == 0 || have & mask::TIME == 0) => {
                self.reading.run_together(text, have)
            }
            _ => self.reading.number(text, self.text_month && !self.time_only, have),
        }
    }

    /// A number after its label: `y2001m02d04`, `j2451187`, `t040506`.
    fn labelled_number(&mut self, unit: Unit, text: &str) -> Decoded<u32> {
        let (value, rest) = leading_int_or_zero(text)?;
        let fraction_allowed = matches!(unit, Unit::Julian | Unit::Time | Unit::Second);
        let decimals = rest.starts_with('.') && fraction_allowed;
        if !(rest.is_empty() || decimals) {
            return Err(Failure::BadFormat);
        }
        let has_month_and_hour = self.reading.has_all(mask::MONTH | mask::HOUR);
        let fields = &mut self.reading.fields;
        Ok(match unit {
            Unit::Year => {
                fields.year = value;
                mask::YEAR
            }
            Unit::Month if has_month_and_hour => {
                fields.minute = value;
                mask::MINUTE
            }
            Unit::Month => {
                fields.month = value;
                mask::MONTH
            }
            Unit::Day => {
                fields.day = value;
                mask::DAY
            }
            Unit::Hour => {
                fields.hour = value;
                mask::HOUR
            }
            Unit::Minute => {
                fields.minute = value;
                mask::MINUTE
            }
            Unit::Second => {
                fields.second = value;
                if rest.is_empty() {
                    return Ok(mask::SECOND);
                }
                fields.micros = (fraction(rest)? * 1_000_000.0).round_ties_even() as i32;
                mask::ALL_SECONDS
            }
            Unit::Julian => {
                self.set_julian(value)?;
                if rest.is_empty() {
                    return Ok(mask::DATE);
                }
                self.set_time((fraction(rest)? * USECS_PER_DAY as f64) as i64);
                mask::DATE | mask::TIME
            }
            Unit::Time => {
                let have = self.reading.have | mask::DATE;
                let read = self.reading.run_together(text, have)?;
                if read != mask::TIME {
                    return Err(Failure::BadFormat);
                }
                read
            }
            _ => return Err(Failure::BadFormat),
        })
    }

    fn set_time(&mut self, time: i64) {
        let fields = &mut self.reading.fields;
        (fields.hour, fields.minute, fields.second, fields.micros) = calendar::time_fields(time);
    }

    /// A word. Abbreviations of zones come before keywords.
    fn word_field(&mut self, text: &str, next: usize) -> Decoded<u32> {
        if let Some(meaning) = abbreviation(significant(text)) {
            return self.abbreviation(text, meaning);
        }
        let Some(token) = date_token(text) else {
            let zone = Zone::find(text).ok_or(Failure::BadFormat)?;
            self.zone = Some(ZoneFrom::Named(zone));
            return Ok(mask::ZONE);
        };
        match token {
            Token::Ignore => Ok(0),
            Token::Month(month) if !self.time_only => Ok(self.month_word(month)),
            Token::Weekday if !self.time_only => Ok(mask::DOW),
            Token::Am | Token::Pm => {
                self.pm = Some(token == Token::Pm);
                Ok(mask::AMPM)
            }
            Token::Ad | Token::Bc => {
                self.reading.bc = token == Token::Bc;
                Ok(mask::ADBC)
            }
            Token::Unit(unit) => {
                self.unit = Some(unit);
                Ok(0)
            }
            Token::IsoTime => {
                let date_there = self.time_only || self.reading.has_all(mask::DATE);
                let time_follows =
                    matches!(self.kinds.get(next), Some(Kind::Number | Kind::Time | Kind::Date));
                if !date_there || !time_follows {
                    return Err(Failure::BadFormat);
                }
                self.unit = Some(Unit::Time);
                Ok(0)
            }
            Token::DstModifier => {
                self.dst -= 3600;
                Ok(mask::DST_MODIFIER | mask::DST_ZONE)
            }
            _ => self.reserved(token),
        }
    }

    fn month_word(&mut self, month: i32) -> u32 {
        let fields = &mut self.reading.fields;
        let have = self.reading.have;
        // A number that was taken for the month was the day.
        let was_day = have & mask::MONTH != 0
            && !self.text_month
            && have & mask::DAY == 0
            && (1..=31).contains(&fields.month);
        if was_day {
            fields.day = fields.month;
        }
        self.text_month = true;
        fields.month = month;
        if was_day { mask::DAY } else { mask::MONTH }
    }

    fn abbreviation(&mut self, text: &str, meaning: Meaning) -> Decoded<u32> {
        match meaning {
            Meaning::Fixed(east, dst) => {
                self.zone = Some(ZoneFrom::West(-east));
                Ok(if dst { mask::ZONE | mask::DST_ZONE } else { mask::ZONE })
            }
            Meaning::Of(name) => {
                let zone = Zone::find(name).ok_or_else(|| zone::not_recognized(name))?;
                self.zone = Some(ZoneFrom::Abbreviation(zone, text.to_string()));
                Ok(mask::ZONE)
            }
        }
    }

    /// The local date and time at the start of the transaction, and its zone in seconds west.
    fn now(&self) -> Decoded<(DateTime, i32)> {
        let zone = session_zone(self.env)?;
        let moment = self.env.transaction_timestamp;
        Ok((calendar::timestamp_fields(zone.to_local(moment)?), -zone.east_at(moment)))
    }

    fn reserved(&mut self, token: Token) -> Decoded<u32> {
        let date = |reading: &mut Reading, now: DateTime, days: i32| {
            let julian = calendar::julian_day(now.year, now.month, now.day) + days;
            let (year, month, day) = calendar::date_of_julian(julian);
            reading.fields = DateTime { year, month, day, ..DateTime::default() };
        };
        match token {
            Token::AllBalls => {
                self.set_time(0);
                self.zone = Some(ZoneFrom::West(0));
                Ok(mask::TIME | mask::ZONE)
            }
            Token::Now if self.time_only => {
                let (now, _) = self.now()?;
                let DateTime { hour, minute, second, micros, .. } = now;
                self.reading.fields = DateTime { hour, minute, second, micros, ..self.reading.fields };
                Ok(mask::TIME)
            }
            _ if self.time_only => Err(Failure::BadFormat),
            Token::Now => {
                let (now, west) = self.now()?;
                self.reading.fields = now;
                self.zone = Some(ZoneFrom::West(west));
                Ok(mask::DATE | mask::TIME | mask::ZONE)
            }
            Token::Today | Token::Tomorrow | Token::Yesterday => {
                let days = match token {
                    Token::Tomorrow => 1,
                    Token::Yesterday => -1,
                    _ => 0,
                };
                let time = self.reading.fields;
                let (now, _) = self.now()?;
                date(&mut self.reading, now, days);
                if self.reading.has_all(mask::TIME) {
                    let DateTime { hour, minute, second, micros, .. } = time;
                    self.reading.fields = DateTime { hour, minute, second, micros, ..self.reading.fields };
                }
                Ok(mask::DATE)
            }
            Token::Epoch => self.set_special(Decoding::Epoch),
            Token::Infinity => self.set_special(Decoding::Infinity),
            Token::NegInfinity => self.set_special(Decoding::NegInfinity),
            _ => Err(Failure::BadFormat),
        }
    }

    fn set_special(&mut self, special: Decoding) -> Decoded<u32> {
        self.special = Some(special);
        Ok(mask::RESERVED)
    }

    /// The zone in seconds west, for a date and time.
    fn west_of(&mut self, fields: &DateTime) -> Decoded<i32> {
        let local = calendar::local_micros(fields);
        let dst = self.reading.have & mask::DST_MODIFIER != 0;
        Ok(match self.zone.take() {
            Some(ZoneFrom::West(west)) => west + self.dst,
            // DST goes with an abbreviation of fixed meaning only.
            _ if dst => return Err(Failure::BadFormat),
            Some(ZoneFrom::Named(zone)) => local.map_or(0, |local| -zone.east_of_local(local)),
            Some(ZoneFrom::Abbreviation(zone, name)) => {
                local.map_or(0, |local| -zone.east_of_abbreviation(&name, local))
            }
            None => {
                let zone = session_zone(self.env)?;
                local.map_or(0, |local| -zone.east_of_local(local))
            }
        })
    }

    /// The zone in seconds west, for a time: on the given date, or today.
    fn west_of_time(&mut self, fields: &DateTime) -> Decoded<i32> {
        let dated = self.reading.have & mask::DATE;
        if let Some(ZoneFrom::Named(zone)) = &self.zone
            && dated != mask::DATE
        {
            // Without a date only a zone that never changes its offset has one.
            let dst = self.reading.have & mask::DST_MODIFIER != 0;
            return match zone.constant_east() {
                Some(east) if !dst => Ok(-east),
                _ => Err(Failure::BadFormat),
            };
        }
        if dated == mask::DATE || matches!(self.zone, Some(ZoneFrom::West(_))) {
            return self.west_of(fields);
        }
        if dated != 0 {
            return Err(Failure::BadFormat);
        }
        let (now, _) = self.now()?;
        self.west_of(&DateTime { year: now.year, month: now.month, day: now.day, ..*fields })
    }
}
