//! What has no subject of its own: random UUIDs, types of values, relabelling.

use super::args::Uuid;
use super::output::arg_type;
use crate::{Error, Numeric, Oid, Result, SqlState, Value};

kernels!(KERNELS(call) {
    "gen_random_uuid" => |  | random_uuid();
    "pg_typeof" => |a: &Value| { let _ = a; arg_type(call, 0) };
    "pg_size_pretty" => |bytes: i64| size_pretty(bytes);
    "pg_size_pretty_numeric" => |bytes: &Numeric| numeric_size_pretty(bytes);
    "pg_size_bytes" => |text: &str| size_bytes(text);
});

/// The units of sizes (`size_pretty_units`): the bits of a unit, and of what a size is divided by to reach it.
const UNITS: [(&str, u32, u32); 6] =
    [("bytes", 0, 0), ("kB", 10, 9), ("MB", 20, 19), ("GB", 30, 29), ("TB", 40, 39), ("PB", 50, 49)];

/// A version 4 UUID, from the operating system's random bits.
fn random_uuid() -> Result<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("could not generate random values"))?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Uuid(bytes))
}

/// `pg_size_pretty(bigint)` of dbsize.c: half-rounded units of 1024, each used up to 10240 (with a bit more for halves).
fn size_pretty(bytes: i64) -> String {
    let mut size = bytes;
    let mut taken = 0;
    for (at, &(name, _, bits)) in UNITS.iter().enumerate() {
        size /= 1i64 << (bits - taken);
        taken = bits;
        let limit = if at == 0 { 10 * 1024 } else { 20 * 1024 - 1 };
        let last = at + 1 == UNITS.len();
        if last || size.unsigned_abs() < limit {
            let shown = if at > 0 { (size + if size < 0 { -1 } else { 1 }) / 2 } else { size };
            return format!("{shown} {name}");
        }
    }
    String::new()
}

/// `pg_size_pretty(numeric)`
fn numeric_size_pretty(bytes: &Numeric) -> Result<String> {
    let number = |value: i64| Numeric::new(value.into(), 0);
    let (mut size, mut taken) = (bytes.clone(), 0);
    for (at, &(name, _, bits)) in UNITS.iter().enumerate() {
        if bits > taken {
            size = size.div_trunc(&number(1i64 << (bits - taken)))?;
        }
        taken = bits;
        let limit = number(if at == 0 { 10 * 1024 } else { 20 * 1024 - 1 });
        if at + 1 == UNITS.len() || size.abs().compare(&limit).is_lt() {
            if at > 0 {
                let half = if size.compare(&number(0)).is_lt() { number(-1) } else { number(1) };
                size = size.add(&half)?.div_trunc(&number(2))?;
            }
            return Ok(format!("{size} {name}"));
        }
    }
    Ok(String::new())
}

/// `pg_size_bytes`
fn size_bytes(text: &str) -> Result<i64> {
    let invalid = || Error::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid size: \"{text}\""));
    let space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let trimmed = text.trim_start_matches(space);
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(unsigned);
    let rest = unsigned.get(whole..).unwrap_or_default();
    let (behind, fraction) = match rest.strip_prefix('.') {
        Some(rest) => (rest.get(digits(rest)..).unwrap_or_default(), digits(rest)),
        None => (rest, 0),
    };
    if whole + fraction == 0 {
        return Err(invalid());
    }
    let exponent = behind.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let unit = match exponent.map(|rest| (rest, digits(rest))) {
        Some((rest, length)) if length > 0 => rest.get(length..).unwrap_or_default(),
        _ => behind,
    };
    let number = trimmed.get(..trimmed.len() - unit.len()).unwrap_or_default();
    let number = Numeric::parse(number)?;
    let unit = unit.trim_matches(space);
    if unit.is_empty() {
        return number.to_i64();
    }
    let Some((_, bits, _)) = UNITS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(unit)) else {
        return Err(invalid()
            .detail(format!("Invalid size unit: \"{unit}\"."))
            .hint("Valid units are \"bytes\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\"."));
    };
    Numeric::new((1i64 << bits).into(), 0).mul(&number)?.to_i64()
}

/// Changes a value to another type of the same binary form (`castmethod` b): only where our values differ.
pub fn relabel(value: Value, target: Oid) -> Value {
    use crate::oid;
    match (value, target) {
        (Value::Int4(i), target) if target != oid::INT4 => Value::Oid(Oid(i as u32)),
        (Value::Oid(o), oid::INT4) => Value::Int4(o.0 as i32),
        (value, _) => value,
    }
}
