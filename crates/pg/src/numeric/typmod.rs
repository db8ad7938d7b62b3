//! `numeric(p,s)`: the type modifier and what it does to a value (`apply_typmod`, `apply_typmod_special`).

use super::{Numeric, checked, integer_digits, rescale_up, with_scale};
use crate::{Error, Result, SqlState};

/// A type modifier of `numeric`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumericTypmod {
    /// Digits in all.
    pub precision: i32,
    /// Digits after the point; may be negative.
    pub scale: i32,
}

impl NumericTypmod {
    /// Takes a modifier apart; `None` for -1 (no modifier).
    pub fn new(typmod: i32) -> Option<NumericTypmod> {
        if typmod < 4 {
            return None;
        }
        let bits = typmod - 4;
        Some(NumericTypmod { precision: (bits >> 16) & 0xFFFF, scale: ((bits & 0x7FF) ^ 1024) - 1024 })
    }
}

/// The modifier of `numeric(precision, scale)`.
pub fn numeric_typmod(precision: i32, scale: i32) -> i32 {
    ((precision << 16) | (scale & 0x7FF)) + 4
}

impl Numeric {
    /// Rounds to the modifier's scale; 22003 when the value then has too many digits.
    pub fn apply_typmod(&self, typmod: i32) -> Result<Numeric> {
        let Some(NumericTypmod { precision, scale }) = NumericTypmod::new(typmod) else {
            return Ok(self.clone());
        };
        let Some((coefficient, from)) = self.finite() else {
            return if self.is_nan() { Ok(Numeric::NaN) } else { Err(holds_no_infinity(precision, scale)) };
        };
        let rounded = with_scale(coefficient, from, scale.into());
        let (value, display) = match u32::try_from(scale) {
            Ok(scale) => (rounded, scale),
            Err(_) => (rescale_up(&rounded, scale.unsigned_abs()), 0),
        };
        let most = precision - scale;
        if value.sign() != num_bigint::Sign::NoSign && integer_digits(&value, display) > i64::from(most) {
            return Err(field_overflow(precision, scale, most));
        }
        checked(value, display)
    }
}

fn field_overflow(precision: i32, scale: i32, digits: i32) -> Error {
    let limit = if digits != 0 { format!("10^{digits}") } else { "1".into() };
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").detail(format!(
        "A field with precision {precision}, scale {scale} must round to an absolute value less than {limit}."
    ))
}

fn holds_no_infinity(precision: i32, scale: i32) -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow")
        .detail(format!("A field with precision {precision}, scale {scale} cannot hold an infinite value."))
}
