//! `bytea`: parts, bits, digests (PostgreSQL's varlena.c, cryptohashfuncs.c).

use sha2::Digest;

use super::encoding::hex;
use super::int::out_of_range;
use crate::{Error, Result, SqlState};

kernels!(KERNELS(call) {
    "byteaoctetlen" => |a: &[u8]| a.len() as i32;
    "byteacat" => |a: &[u8], b: &[u8]| [a, b].concat();
    "bytea_substr" => |a: &[u8], start: i32, count: i32| substring(a, start, Some(count));
    "bytea_substr_no_len" => |a: &[u8], start: i32| substring(a, start, None);
    "byteapos" => |a: &[u8], part: &[u8]| position(a, part);
    "byteaoverlay" => |a: &[u8], by: &[u8], start: i32, count: i32| overlay(a, by, start, count);
    "byteaoverlay_no_len" => |a: &[u8], by: &[u8], start: i32| overlay(a, by, start, by.len() as i32);
    "byteatrim" => |a: &[u8], set: &[u8]| trim(a, set, true, true);
    "bytealtrim" => |a: &[u8], set: &[u8]| trim(a, set, true, false);
    "byteartrim" => |a: &[u8], set: &[u8]| trim(a, set, false, true);
    "bytea_bit_count" => |a: &[u8]| a.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>();
    "byteaGetByte" => |a: &[u8], n: i32| index(n.into(), a.len() as i64).map(|n| i32::from(a[n]));
    "byteaSetByte" => |a: &[u8], n: i32, value: i32| index(n.into(), a.len() as i64).map(|n| {
        let mut bytes = a.to_vec();
        bytes[n] = value as u8;
        bytes
    });
    "byteaGetBit" => |a: &[u8], n: i64| index(n, a.len() as i64 * 8).map(|n| i32::from(a[n / 8] >> (n % 8) & 1));
    "byteaSetBit" => |a: &[u8], n: i64, value: i32| set_bit(a, n, value);
    "md5_text" => |a: &str| hex(&md5::Md5::digest(a));
    "md5_bytea" => |a: &[u8]| hex(&md5::Md5::digest(a));
    "sha224_bytea" => |a: &[u8]| sha2::Sha224::digest(a).to_vec();
    "sha256_bytea" => |a: &[u8]| sha2::Sha256::digest(a).to_vec();
    "sha384_bytea" => |a: &[u8]| sha2::Sha384::digest(a).to_vec();
    "sha512_bytea" => |a: &[u8]| sha2::Sha512::digest(a).to_vec();
});

fn negative_length() -> Error {
    Error::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed")
}

/// `bytea_substring`: as of text, in bytes.
fn substring(a: &[u8], start: i32, count: Option<i32>) -> Result<&[u8]> {
    let first = start.max(1);
    let end = match count {
        None => None,
        Some(count) if count < 0 => return Err(negative_length()),
        Some(count) => start.checked_add(count),
    };
    let from = ((first - 1) as usize).min(a.len());
    let to = end.map_or(a.len(), |end| ((end.max(first) - 1) as usize).min(a.len()));
    Ok(&a[from..to])
}

fn position(a: &[u8], part: &[u8]) -> i32 {
    if part.is_empty() {
        return 1;
    }
    a.windows(part.len()).position(|window| window == part).map_or(0, |at| at as i32 + 1)
}

fn overlay(a: &[u8], by: &[u8], start: i32, count: i32) -> Result<Vec<u8>> {
    if start <= 0 {
        return Err(negative_length());
    }
    let after = start.checked_add(count).ok_or_else(|| out_of_range("integer"))?;
    Ok([substring(a, 1, Some(start - 1))?, by, substring(a, after, None)?].concat())
}

fn trim<'a>(mut a: &'a [u8], set: &[u8], left: bool, right: bool) -> &'a [u8] {
    while let [first, rest @ ..] = a
        && left
        && set.contains(first)
    {
        a = rest;
    }
    while let [rest @ .., last] = a
        && right
        && set.contains(last)
    {
        a = rest;
    }
    a
}

fn index(n: i64, length: i64) -> Result<usize> {
    if (0..length).contains(&n) {
        return Ok(n as usize);
    }
    Err(Error::new(
        SqlState::ARRAY_SUBSCRIPT_ERROR,
        format!("index {n} out of valid range, 0..{}", length - 1),
    ))
}

fn set_bit(a: &[u8], n: i64, value: i32) -> Result<Vec<u8>> {
    let n = index(n, a.len() as i64 * 8)?;
    let mut bytes = a.to_vec();
    match value {
        0 => bytes[n / 8] &= !(1 << (n % 8)),
        1 => bytes[n / 8] |= 1 << (n % 8),
        _ => return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "new bit must be 0 or 1")),
    }
    Ok(bytes)
}
