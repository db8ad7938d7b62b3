//! Bit strings (`varbit.c`).

use crate::{Error, Result, SqlState, TypeRef, oid};

/// A bit string: the first bit is the highest of the first byte; what is left of the last byte is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    /// How many bits.
    pub len: usize,
    /// The bits.
    pub bytes: Vec<u8>,
}

/// `VARBITMAXLEN`
const MAX_LEN: usize = i32::MAX as usize - 7;

impl Bits {
    /// So many zeros.
    pub fn zeros(len: usize) -> Bits {
        Bits { len, bytes: vec![0; len.div_ceil(8)] }
    }

    /// A bit, from 0.
    pub fn get(&self, at: usize) -> bool {
        at < self.len && self.bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0)
    }

    /// Sets a bit, from 0.
    pub fn set(&mut self, at: usize, bit: bool) {
        if let Some(byte) = self.bytes.get_mut(at / 8).filter(|_| at < self.len) {
            let mask = 0x80 >> (at % 8);
            *byte = if bit { *byte | mask } else { *byte & !mask };
        }
    }

    /// The bits from `start` on, `len` of them, zeros beyond the end.
    pub fn slice(&self, start: usize, len: usize) -> Bits {
        let mut out = Bits::zeros(len);
        if start.is_multiple_of(8) {
            let from = self.bytes.get(start / 8..).unwrap_or(&[]);
            for (to, byte) in out.bytes.iter_mut().zip(from) {
                *to = *byte;
            }
            out.clear_padding();
        } else {
            (0..len).for_each(|at| out.set(at, self.get(start + at)));
        }
        out
    }

    /// Makes what is left of the last byte zero.
    pub fn clear_padding(&mut self) {
        let rest = self.len % 8;
        if let Some(last) = self.bytes.last_mut().filter(|_| rest > 0) {
            *last &= 0xFFu8 << (8 - rest);
        }
    }

    /// The two one after the other.
    pub fn concat(&self, other: &Bits) -> Bits {
        let mut out = self.slice(0, self.len + other.len);
        (0..other.len).for_each(|at| out.set(self.len + at, other.get(at)));
        out
    }

    /// Zeros and ones.
    pub fn to_text(&self) -> String {
        (0..self.len).map(|at| if self.get(at) { '1' } else { '0' }).collect()
    }
}

/// `bit_in`
pub fn bit_in(text: &str, typmod: i32) -> Result<Bits> {
    let bits = parse(text)?;
    if typmod > 0 && bits.len != typmod as usize {
        return Err(length_mismatch(bits.len, typmod));
    }
    Ok(bits)
}

/// 22026: the length is another one.
pub fn length_mismatch(len: usize, typmod: i32) -> Error {
    Error::new(SqlState(*b"22026"), format!("bit string length {len} does not match type bit({typmod})"))
}

/// `varbit_in`
pub fn varbit_in(text: &str, typmod: i32) -> Result<Bits> {
    let bits = parse(text)?;
    if typmod > 0 && bits.len > typmod as usize {
        return Err(too_long(typmod));
    }
    Ok(bits)
}

/// 22001: it doesn't fit.
pub fn too_long(typmod: i32) -> Error {
    Error::new(
        SqlState::STRING_DATA_RIGHT_TRUNCATION,
        format!("bit string too long for type bit varying({typmod})"),
    )
}

fn parse(text: &str) -> Result<Bits> {
    let (hex, digits) = match text.as_bytes().first() {
        Some(b'b' | b'B') => (false, &text[1..]),
        Some(b'x' | b'X') => (true, &text[1..]),
        _ => (false, text),
    };
    let width = if hex { 4 } else { 1 };
    if digits.len() > MAX_LEN / width {
        return Err(Error::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("bit string length exceeds the maximum allowed ({MAX_LEN})"),
        ));
    }
    let mut bits = Bits::zeros(digits.chars().count() * width);
    for (at, c) in digits.chars().enumerate() {
        let digit = c.to_digit(if hex { 16 } else { 2 }).ok_or_else(|| {
            let kind = if hex { "hexadecimal" } else { "binary" };
            Error::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("\"{c}\" is not a valid {kind} digit"))
        })?;
        (0..width).for_each(|i| bits.set(at * width + i, digit >> (width - 1 - i) & 1 == 1));
    }
    Ok(bits)
}

/// `bit_recv`, `varbit_recv`
pub(super) fn recv(bytes: &[u8], ty: TypeRef) -> Result<Bits> {
    let wrong =
        || Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "invalid length in external bit string");
    let (len, rest) = bytes.split_first_chunk().ok_or_else(super::insufficient)?;
    let len = usize::try_from(i32::from_be_bytes(*len)).map_err(|_| wrong())?;
    if rest.len() < len.div_ceil(8) {
        return Err(super::insufficient());
    }
    if rest.len() > len.div_ceil(8) {
        return Err(Error::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"));
    }
    let mut bits = Bits { len, bytes: rest.to_vec() };
    bits.clear_padding();
    match ty.oid {
        oid::BIT if ty.typmod > 0 && len != ty.typmod as usize => Err(length_mismatch(len, ty.typmod)),
        oid::VARBIT if ty.typmod > 0 && len > ty.typmod as usize => Err(too_long(ty.typmod)),
        _ => Ok(bits),
    }
}
