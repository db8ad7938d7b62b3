//! Numbers with units (`parse_int`, `parse_real`, `convert_to_base_unit` and its reverse in guc.c).

use pg::{Error, Result, SqlState};

use super::definition::{Kind, Setting};

/// Units by size, in bytes or in microseconds.
type Units = &'static [(&'static str, f64)];

const MEMORY: Units =
    &[("TB", 1_099_511_627_776.0), ("GB", 1_073_741_824.0), ("MB", 1_048_576.0), ("kB", 1024.0), ("B", 1.0)];

const TIME: Units = &[
    ("d", 86_400_000_000.0),
    ("h", 3_600_000_000.0),
    ("min", 60_000_000.0),
    ("s", 1_000_000.0),
    ("ms", 1000.0),
    ("us", 1.0),
];

/// The units that a setting takes, and the size of its own.
fn units(unit: &str) -> Option<(Units, f64)> {
    let size = |units: Units| units.iter().find(|(name, _)| *name == unit).map(|(_, size)| (units, *size));
    match unit {
        "8kB" => Some((MEMORY, 8192.0)),
        "ms" | "s" | "min" => size(TIME),
        "B" | "kB" | "MB" => size(MEMORY),
        _ => None,
    }
}

/// A value for a number in the form of `pg_settings.setting`, checked against the setting's bounds.
pub fn parse_number(setting: &Setting, text: &str) -> Result<String> {
    let number = parse(setting, text)?;
    if setting.kind == Kind::Real {
        check_bounds(setting, number, &show_real(number))?;
        return Ok(show_real_exactly(number));
    }
    let number = number.round_ties_even();
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number) {
        return Err(invalid(setting, text).hint("Value exceeds integer range."));
    }
    let shown = format!("{number:.0}");
    check_bounds(setting, number, &shown)?;
    Ok(shown)
}

fn check_bounds(setting: &Setting, number: f64, shown: &str) -> Result<()> {
    let bound = |text: Option<&str>| text.and_then(|text| text.parse::<f64>().ok());
    let (min, max) = (bound(setting.min), bound(setting.max));
    if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) || number.is_nan() {
        let unit = if setting.unit.is_empty() { String::new() } else { format!(" {}", setting.unit) };
        return Err(Error::new(
            SqlState::INVALID_PARAMETER_VALUE,
            format!(
                "{shown}{unit} is outside the valid range for parameter \"{}\" ({} .. {})",
                setting.name,
                setting.min.unwrap_or_default(),
                setting.max.unwrap_or_default()
            ),
        ));
    }
    Ok(())
}

fn invalid(setting: &Setting, text: &str) -> Error {
    Error::new(
        SqlState::INVALID_PARAMETER_VALUE,
        format!("invalid value for parameter \"{}\": \"{text}\"", setting.name),
    )
}

/// The number in the setting's own unit.
fn parse(setting: &Setting, text: &str) -> Result<f64> {
    let trimmed = text.trim();
    let (number, rest) = leading_number(trimmed).ok_or_else(|| invalid(setting, text))?;
    let unit = rest.trim_start();
    if unit.is_empty() {
        return Ok(number);
    }
    let Some((units, own)) = units(setting.unit) else { return Err(invalid(setting, text)) };
    let hint = if std::ptr::eq(units, MEMORY) {
        "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\"."
    } else {
        "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."
    };
    let at = units.iter().position(|(name, _)| *name == unit);
    let Some((at, (_, size))) = at.and_then(|at| Some((at, units.get(at)?))) else {
        return Err(invalid(setting, text).hint(hint));
    };
    let value = number * size / own;
    // A fraction is rounded to a multiple of the next smaller unit, if there is one.
    Ok(match units.get(at + 1) {
        Some((_, next)) if *next >= own => (value / (next / own)).round_ties_even() * (next / own),
        _ => value,
    })
}

/// The number at the start of a text, and what follows: decimal, hexadecimal, with fraction and exponent.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        let end = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        let (number, rest) = hex.split_at_checked(end)?;
        #[expect(clippy::cast_precision_loss, reason = "bounds are far below")]
        return i64::from_str_radix(number, 16).ok().map(|n| (sign * n as f64, rest));
    }
    let bytes = digits.as_bytes();
    let run = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit()).count();
    let mut end = run(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + run(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = run(end + 1 + signed);
        if exponent > 0 {
            end += 1 + signed + exponent;
        }
    }
    let (number, rest) = digits.split_at_checked(end)?;
    number.parse::<f64>().ok().map(|n| (sign * n, rest))
}

/// A number as `SHOW` has it: in the largest unit in which it is whole.
pub fn show_number(setting: &Setting, stored: &str) -> String {
    let (Ok(number), Some((units, own))) = (stored.parse::<f64>(), units(setting.unit)) else {
        return stored.to_owned();
    };
    if number <= 0.0 {
        return stored.to_owned();
    }
    let whole = |size: f64| {
        let value = number * own / size;
        value.round() > 0.0 && (value.round() / value - 1.0).abs() <= 1e-8
    };
    match units.iter().find(|(_, size)| whole(*size)) {
        Some((name, size)) => format!("{}{name}", show_real((number * own / size).round())),
        None => format!("{}{}", show_real(number), setting.unit),
    }
}

/// `%g`: six significant digits.
pub fn show_real(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return if number == 0.0 { "0".into() } else { number.to_string() };
    }
    let scientific = format!("{number:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim_zeros(mantissa), exponent.unsigned_abs());
    }
    let decimals = usize::try_from(5 - exponent).unwrap_or(0);
    trim_zeros(&format!("{number:.decimals$}")).to_owned()
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// The shortest text that reads back as the same number.
fn show_real_exactly(number: f64) -> String {
    let short = show_real(number);
    if short.parse() == Ok(number) { short } else { number.to_string() }
}
