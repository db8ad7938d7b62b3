//! Hardware addresses (`mac.c`, `mac8.c`).

use crate::text::invalid_syntax;
use crate::{Error, Result, SqlState};

/// `macaddr_in`: six bytes in one of PostgreSQL's seven forms.
pub fn parse(text: &str) -> Result<[u8; 6]> {
    let invalid = || invalid_syntax("macaddr", text);
    let trimmed = text.trim_matches(crate::text::is_space);
    let groups: Vec<&str> = trimmed.split([':', '-', '.']).collect();
    let separators: Vec<char> = trimmed.chars().filter(|c| matches!(c, ':' | '-' | '.')).collect();
    let same = separators.windows(2).all(|pair| pair[0] == pair[1]);
    let hex = groups.iter().all(|g| !g.is_empty() && g.bytes().all(|b| b.is_ascii_hexdigit()));
    let first = separators.first().copied().unwrap_or(' ');
    let width = match (groups.len(), first) {
        (6, ':' | '-') => 2,
        (2, ':' | '-') => 6,
        (3, '.' | '-') => 4,
        (1, _) => 12,
        _ => return Err(invalid()),
    };
    // `%x` of the form with six parts takes any digits; the others two each.
    let short = width == 2 && groups.iter().all(|g| g.len() <= 8);
    if !same || !hex || !(short || groups.iter().all(|g| g.len() == width)) {
        return Err(invalid());
    }
    let mut bytes = [0; 6];
    if width == 2 {
        for (byte, group) in bytes.iter_mut().zip(&groups) {
            let value = u32::from_str_radix(group, 16).map_err(|_| invalid())?;
            *byte = u8::try_from(value).map_err(|_| octet_out_of_range("macaddr", text))?;
        }
        return Ok(bytes);
    }
    let digits = groups.concat();
    for (at, byte) in bytes.iter_mut().enumerate() {
        let pair = digits.get(at * 2..at * 2 + 2).ok_or_else(invalid)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| invalid())?;
    }
    Ok(bytes)
}

fn octet_out_of_range(name: &str, text: &str) -> Error {
    Error::new(
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
        format!("invalid octet value in \"{name}\" value: \"{text}\""),
    )
}

/// `macaddr8_in`: six or eight bytes, two digits each, with one kind of separator between them or none.
pub fn parse8(text: &str) -> Result<[u8; 8]> {
    let invalid = || invalid_syntax("macaddr8", text);
    let trimmed = text.trim_matches(crate::text::is_space);
    let mut bytes = Vec::new();
    let mut separator = None;
    let mut rest = trimmed;
    while !rest.is_empty() {
        let pair = rest.get(..2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        bytes.push(u8::from_str_radix(pair.ok_or_else(invalid)?, 16).map_err(|_| invalid())?);
        rest = &rest[2..];
        if let Some(c) = rest.chars().next().filter(|c| matches!(c, ':' | '-' | '.')) {
            if *separator.get_or_insert(c) != c || rest.len() == 1 {
                return Err(invalid());
            }
            rest = &rest[1..];
        }
    }
    match bytes.len() {
        6 => bytes.try_into().map(widen).map_err(|_| invalid()),
        8 => bytes.try_into().map_err(|_| invalid()),
        _ => Err(invalid()),
    }
}

/// `macaddrtomacaddr8`: FF and FE come between the halves.
pub fn widen([a, b, c, d, e, f]: [u8; 6]) -> [u8; 8] {
    [a, b, c, 0xFF, 0xFE, d, e, f]
}

/// `macaddr_out`, `macaddr8_out`
pub fn write(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}
