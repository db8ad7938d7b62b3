//! Values as the texts that Java's `toString` and Hazelcast's converters make of them, and as members of JSON objects
//! (`JsonUpsertTarget`).

use std::fmt::{self, Write};

use crate::data::decimal::Decimal;
use crate::data::temporal::{Date, Time, Timestamp};
use crate::data::value::Value;

/// A value as it is written into a JSON object: booleans and integers as JSON, everything else as a string. Nothing for
/// values whose text depends on the member's Java, as those of floating-point numbers do.
pub(super) fn json(value: &Value, text: &mut String) -> Option<()> {
    let written = match value {
        Value::Null => text.write_str("null"),
        Value::Boolean(value) => write!(text, "{value}"),
        Value::TinyInt(value) => write!(text, "{value}"),
        Value::SmallInt(value) => write!(text, "{value}"),
        Value::Integer(value) => write!(text, "{value}"),
        Value::BigInt(value) => write!(text, "{value}"),
        Value::Varchar(value) => {
            quoted(value, text);
            Ok(())
        }
        Value::Decimal(value) => write!(text, "\"{}\"", JavaDecimal(value)),
        Value::Date(value) => write!(text, "\"{}\"", JavaDate(*value)),
        Value::Time(value) => write!(text, "\"{}\"", JavaTime(*value)),
        Value::Timestamp(value) => write!(text, "\"{}\"", JavaTimestamp(*value)),
        Value::TimestampTz(value) => {
            write!(text, "\"{}{}\"", JavaTimestamp(value.local), JavaOffset(value.offset_seconds))
        }
        _ => return None,
    };
    written.ok()
}

/// A text in quotes, escaped as members do it (`JsonWriter` of their `internal.json`).
pub(super) fn quoted(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            '\0'..' ' => {
                // Writing to a text doesn't fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// `BigDecimal.toString`: with an exponent for zeros at the end that are no digits, and for more than six after the point.
struct JavaDecimal<'a>(&'a Decimal);

impl fmt::Display for JavaDecimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = i64::from(self.0.scale());
        let whole = Decimal::from_be_bytes(self.0.unscaled(), 0).to_string();
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole.as_str()), |digits| ("-", digits));
        let exponent = digits.len() as i64 - 1 - scale;
        if scale >= 0 && exponent >= -6 {
            return write!(f, "{}", self.0);
        }
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{sign}{first}{point}{rest}")?;
        if exponent == 0 { Ok(()) } else { write!(f, "E{exponent:+}") }
    }
}

/// `LocalDate.toString`: at least four digits of the year, a plus before more.
struct JavaDate(Date);

impl fmt::Display for JavaDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = self.0;
        let sign = match year {
            10_000.. => "+",
            0.. => "",
            _ => "-",
        };
        write!(f, "{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
    }
}

/// `LocalTime.toString`: seconds only if there are some, a fraction of three, six or nine digits.
struct JavaTime(Time);

impl fmt::Display for JavaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Time { hour, minute, second, nano } = self.0;
        write!(f, "{hour:02}:{minute:02}")?;
        if second > 0 || nano > 0 {
            write!(f, ":{second:02}")?;
        }
        match nano {
            0 => Ok(()),
            _ if nano.is_multiple_of(1_000_000) => write!(f, ".{:03}", nano / 1_000_000),
            _ if nano.is_multiple_of(1_000) => write!(f, ".{:06}", nano / 1_000),
            _ => write!(f, ".{nano:09}"),
        }
    }
}

/// `LocalDateTime.toString`
struct JavaTimestamp(Timestamp);

impl fmt::Display for JavaTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", JavaDate(self.0.date), JavaTime(self.0.time))
    }
}

/// `ZoneOffset.toString`
struct JavaOffset(i32);

impl fmt::Display for JavaOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("Z");
        }
        let sign = if self.0 < 0 { '-' } else { '+' };
        let seconds = self.0.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        match seconds % 60 {
            0 => Ok(()),
            rest => write!(f, ":{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::temporal::TimestampTz;

    #[test]
    fn texts_are_those_of_java() {
        let date = |year| Date { year, month: 3, day: 5 };
        let time = |second, nano| Time { hour: 1, minute: 2, second, nano };
        let tz = |offset_seconds| {
            let local = Timestamp { date: date(2024), time: time(0, 0) };
            Value::TimestampTz(TimestampTz { local, offset_seconds })
        };
        let decimal = |text: &str| Value::Decimal(text.parse().unwrap());
        for (value, expected) in [
            (Value::Date(date(44)), "\"0044-03-05\""),
            (Value::Date(date(-44)), "\"-0044-03-05\""),
            (Value::Date(date(12_345)), "\"+12345-03-05\""),
            (Value::Time(time(0, 0)), "\"01:02\""),
            (Value::Time(time(3, 0)), "\"01:02:03\""),
            (Value::Time(time(0, 120_000_000)), "\"01:02:00.120\""),
            (Value::Time(time(0, 120_000)), "\"01:02:00.000120\""),
            (Value::Time(time(0, 1)), "\"01:02:00.000000001\""),
            (decimal("-12.50"), "\"-12.50\""),
            (decimal("0.000001"), "\"0.000001\""),
            (decimal("-0.00000012"), "\"-1.2E-7\""),
            (decimal("123E+4"), "\"1.23E+6\""),
            (decimal("0E-7"), "\"0E-7\""),
            (tz(0), "\"2024-03-05T01:02Z\""),
            (tz(-3723), "\"2024-03-05T01:02-01:02:03\""),
            (tz(19_800), "\"2024-03-05T01:02+05:30\""),
        ] {
            let mut text = String::new();
            json(&value, &mut text).unwrap();
            assert_eq!(text, expected);
        }
        assert_eq!(json(&Value::Double(1.0), &mut String::new()), None);
    }
}
