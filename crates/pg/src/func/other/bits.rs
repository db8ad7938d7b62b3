//! Functions of bit strings (`varbit.c`).

use std::cmp::Ordering;

use crate::func::collate::byte_difference;
use crate::other::bits::{length_mismatch, too_long};
use crate::other::{Bits, Other, compare};
use crate::{Error, Result, SqlState};

fn order(a: Bits, b: Bits) -> Ordering {
    compare(&Other::Bits(a), &Other::Bits(b))
}

/// `bit_cmp`: the difference of the first bytes that differ, as `memcmp` gives it.
fn difference(a: &Bits, b: &Bits) -> i32 {
    let common = a.bytes.len().min(b.bytes.len());
    match byte_difference(&a.bytes[..common], &b.bytes[..common]) {
        0 => a.len.cmp(&b.len) as i32,
        difference => difference,
    }
}

kernels!(KERNELS(call) {
    "biteq" => |a: Bits, b: Bits| order(a, b).is_eq();
    "bitne" => |a: Bits, b: Bits| order(a, b).is_ne();
    "bitlt" => |a: Bits, b: Bits| order(a, b).is_lt();
    "bitle" => |a: Bits, b: Bits| order(a, b).is_le();
    "bitgt" => |a: Bits, b: Bits| order(a, b).is_gt();
    "bitge" => |a: Bits, b: Bits| order(a, b).is_ge();
    "bitcmp" => |a: Bits, b: Bits| difference(&a, &b);
    "bit_and" => |a: Bits, b: Bits| both(&a, &b, "AND", |a, b| a & b);
    "bit_or" => |a: Bits, b: Bits| both(&a, &b, "OR", |a, b| a | b);
    "bitxor" => |a: Bits, b: Bits| both(&a, &b, "XOR", |a, b| a ^ b);
    "bitnot" => |a: Bits| not(a);
    "bitshiftleft" => |a: Bits, by: i32| shift(&a, -i64::from(by));
    "bitshiftright" => |a: Bits, by: i32| shift(&a, by.into());
    "bitcat" => |a: Bits, b: Bits| a.concat(&b);
    "bitsubstr" => |a: Bits, from: i32, length: i32| substring(&a, from, Some(length));
    "bitsubstr_no_len" => |a: Bits, from: i32| substring(&a, from, None);
    "bitlength" => |a: Bits| a.len as i32;
    "bitoctetlength" => |a: Bits| a.bytes.len() as i32;
    "bitfromint4" => |a: i32, len: i32| from_integer(a.into(), len);
    "bitfromint8" => |a: i64, len: i32| from_integer(a, len);
    "bittoint4" => |a: Bits| to_integer(&a, 32, "integer").map(|value| value as u32 as i32);
    "bittoint8" => |a: Bits| to_integer(&a, 64, "bigint").map(|value| value as i64);
    "bit" => |a: Bits, len: i32, explicit: bool| to_bit(a, len, explicit);
    "varbit" => |a: Bits, len: i32, explicit: bool| to_varbit(a, len, explicit);
    "bitposition" => |a: Bits, needle: Bits| position(&a, &needle);
    "bitoverlay" => |a: Bits, b: Bits, from: i32, length: i32| overlay(&a, &b, from, length);
    "bitoverlay_no_len" => |a: Bits, b: Bits, from: i32| { let length = b.len as i32; overlay(&a, &b, from, length) };
    "bitgetbit" => |a: Bits, at: i32| at_index(&a, at).map(|at| i32::from(a.get(at)));
    "bitsetbit" => |a: Bits, at: i32, bit: i32| set(a, at, bit);
    "bit_bit_count" => |a: Bits| a.bytes.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>();
});

fn both(a: &Bits, b: &Bits, what: &str, fold: fn(u8, u8) -> u8) -> Result<Bits> {
    if a.len != b.len {
        let message = format!("cannot {what} bit strings of different sizes");
        return Err(Error::new(SqlState(*b"22026"), message));
    }
    Ok(Bits { len: a.len, bytes: a.bytes.iter().zip(&b.bytes).map(|(a, b)| fold(*a, *b)).collect() })
}

fn not(mut a: Bits) -> Bits {
    a.bytes.iter_mut().for_each(|byte| *byte = !*byte);
    a.clear_padding();
    a
}

/// To the right by so many; zeros come in.
fn shift(a: &Bits, by: i64) -> Bits {
    let mut out = Bits::zeros(a.len);
    for at in 0..a.len {
        let from = at as i64 - by;
        if let Ok(from) = usize::try_from(from) {
            out.set(at, a.get(from));
        }
    }
    out
}

fn negative_length() -> Error {
    Error::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed")
}

/// `bitsubstring`: places count from 1, and what lies outside is cut away.
fn substring(a: &Bits, from: i32, length: Option<i32>) -> Result<Bits> {
    let end = match length {
        None => a.len as i64 + 1,
        Some(length) if length < 0 => return Err(negative_length()),
        Some(length) => (i64::from(from) + i64::from(length)).min(a.len as i64 + 1),
    };
    let start = i64::from(from).max(1);
    if start > a.len as i64 || end <= start {
        return Ok(Bits::zeros(0));
    }
    Ok(a.slice(start as usize - 1, (end - start) as usize))
}

/// The lowest bits of a number; the sign goes on to the left.
fn from_integer(value: i64, len: i32) -> Bits {
    let len = if len <= 0 { 1 } else { len as usize };
    let mut out = Bits::zeros(len);
    for at in 0..len {
        let place = len - 1 - at;
        out.set(at, if place < 64 { value >> place & 1 == 1 } else { value < 0 });
    }
    out
}

fn to_integer(a: &Bits, most: usize, name: &str) -> Result<u64> {
    if a.len > most {
        return Err(Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{name} out of range")));
    }
    Ok((0..a.len).fold(0, |value, at| value << 1 | u64::from(a.get(at))))
}

/// `bit(n)`: cut or filled with zeros when the cast is written.
pub(in crate::func) fn to_bit(a: Bits, len: i32, explicit: bool) -> Result<Bits> {
    if len <= 0 || a.len == len as usize {
        return Ok(a);
    }
    if !explicit {
        return Err(length_mismatch(a.len, len));
    }
    Ok(a.slice(0, len as usize))
}

/// `bit varying(n)`
pub(in crate::func) fn to_varbit(a: Bits, len: i32, explicit: bool) -> Result<Bits> {
    if len <= 0 || a.len <= len as usize {
        return Ok(a);
    }
    if !explicit {
        return Err(too_long(len));
    }
    Ok(a.slice(0, len as usize))
}

fn position(a: &Bits, needle: &Bits) -> i32 {
    if needle.len > a.len || a.len == 0 {
        return 0;
    }
    if needle.len == 0 {
        return 1;
    }
    let matches = |from: usize| (0..needle.len).all(|at| a.get(from + at) == needle.get(at));
    (0..=a.len - needle.len).find(|from| matches(*from)).map_or(0, |at| at as i32 + 1)
}

fn overlay(a: &Bits, b: &Bits, from: i32, length: i32) -> Result<Bits> {
    if from <= 0 {
        return Err(negative_length());
    }
    let rest = from
        .checked_add(length)
        .ok_or_else(|| Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"))?;
    let head = substring(a, 1, Some(from - 1))?;
    Ok(head.concat(b).concat(&substring(a, rest, None)?))
}

fn at_index(a: &Bits, at: i32) -> Result<usize> {
    usize::try_from(at).ok().filter(|at| *at < a.len).ok_or_else(|| {
        let last = a.len as i64 - 1;
        Error::new(SqlState::ARRAY_SUBSCRIPT_ERROR, format!("bit index {at} out of valid range (0..{last})"))
    })
}

fn set(mut a: Bits, at: i32, bit: i32) -> Result<Bits> {
    let at = at_index(&a, at)?;
    if !matches!(bit, 0 | 1) {
        return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, "new bit must be 0 or 1"));
    }
    a.set(at, bit == 1);
    Ok(a)
}
