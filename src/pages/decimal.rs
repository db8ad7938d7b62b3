//! `BigDecimal` and `numeric`.

use bytes::{BufMut, BytesMut};
use hazelcast_client::{Decimal, DecimalRef};
use num_bigint::{BigInt, BigUint};
use pg::wire::Format;
use pg::{Error, Numeric, Result, SqlState};

/// The largest display scale of `numeric` (`NUMERIC_MAX_DISPLAY_SCALE` of PostgreSQL 15).
const SCALE_MAX: u32 = 16_383;
/// The most digits before the point.
const WHOLE_DIGITS_MAX: u32 = 131_072;
/// The bits of 10^131072, the first whole number that is too large.
const OVERFLOW_BITS: u64 = 435_412;
/// Powers of ten up to this fit 128 bits.
const SMALL_SCALE_MAX: u32 = 36;

/// A `numeric` of a decimal: the scale is kept, a negative one becomes zeros.
pub fn numeric(value: DecimalRef<'_>) -> Result<Numeric> {
    let coefficient = BigInt::from_signed_bytes_be(value.unscaled);
    match u32::try_from(value.scale) {
        Ok(scale) if scale <= SCALE_MAX => Ok(Numeric::new(coefficient, scale)),
        Ok(_) => Err(overflow()),
        Err(_) if value.scale.unsigned_abs() > WHOLE_DIGITS_MAX => Err(overflow()),
        Err(_) => {
            let zeros = BigInt::from(10).pow(value.scale.unsigned_abs());
            let whole = coefficient * zeros;
            if whole.bits() >= OVERFLOW_BITS
                && *whole.magnitude() >= BigUint::from(10u8).pow(WHOLE_DIGITS_MAX)
            {
                return Err(overflow());
            }
            Ok(Numeric::new(whole, 0))
        }
    }
}

/// A decimal of a finite `numeric`.
pub fn to_decimal(value: &Numeric) -> Result<Decimal> {
    let (coefficient, scale) = value.finite().ok_or_else(|| {
        Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("the cluster has no DECIMAL {value}"))
    })?;
    Ok(Decimal::from_be_bytes(&coefficient.to_signed_bytes_be(), scale as i32))
}

/// Appends a decimal in the form of `numeric`, without a detour for those that fit 128 bits.
pub fn write(value: DecimalRef<'_>, format: Format, out: &mut BytesMut) -> Result<()> {
    if let (Some(unscaled), Ok(scale)) = (value.unscaled_i128(), u32::try_from(value.scale))
        && scale <= SMALL_SCALE_MAX
    {
        match format.known()? {
            Format::Binary => write_binary(unscaled, scale, out),
            _ => write_text(unscaled, scale as usize, out),
        }
        return Ok(());
    }
    let value = numeric(value)?;
    match format.known()? {
        Format::Binary => {
            let mut binary = Vec::new();
            value.write_binary(&mut binary);
            out.put_slice(&binary);
        }
        _ => out.put_slice(value.to_string().as_bytes()),
    }
    Ok(())
}

/// `numeric_out`
fn write_text(unscaled: i128, scale: usize, out: &mut BytesMut) {
    if unscaled < 0 {
        out.put_u8(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(unscaled.unsigned_abs()).as_bytes();
    if scale == 0 {
        return out.put_slice(digits);
    }
    match digits.split_at_checked(digits.len().wrapping_sub(scale)) {
        Some((whole, fraction)) if !whole.is_empty() => {
            out.put_slice(whole);
            out.put_u8(b'.');
            out.put_slice(fraction);
        }
        _ => {
            out.put_slice(b"0.");
            out.put_bytes(b'0', scale - digits.len());
            out.put_slice(digits);
        }
    }
}

/// `numeric_send`: digits to base 10000, without zeros at either end.
fn write_binary(unscaled: i128, scale: u32, out: &mut BytesMut) {
    const DIGITS_MAX: usize = 24;
    let padding = (4 - scale % 4) % 4;
    let groups_behind_point = scale.div_ceil(4);
    let mut digits = [0u16; DIGITS_MAX];
    let mut count = 0;
    let mut push = |digit: u16| {
        if let Some(slot) = digits.get_mut(count) {
            *slot = digit;
            count += 1;
        }
    };
    let mut rest = unscaled.unsigned_abs();
    // The lowest group is filled up with zeros behind the last digit.
    let lowest = 10u128.pow(4 - padding);
    push((rest % lowest * 10u128.pow(padding)) as u16);
    rest /= lowest;
    while rest > 0 {
        push((rest % 10_000) as u16);
        rest /= 10_000;
    }
    let digits = &digits[..count];
    let trailing = digits.iter().take_while(|digit| **digit == 0).count();
    let digits = &digits[trailing..];
    let weight = if digits.is_empty() { 0 } else { count as i32 - 1 - groups_behind_point as i32 };
    let leading = digits.iter().rev().take_while(|digit| **digit == 0).count();
    let digits = &digits[..digits.len() - leading];
    out.put_u16(digits.len() as u16);
    out.put_i16((weight - leading as i32) as i16);
    out.put_u16(if unscaled < 0 { 0x4000 } else { 0 });
    out.put_u16(scale as u16);
    for digit in digits.iter().rev() {
        out.put_u16(*digit);
    }
}

fn overflow() -> Error {
    Error::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
        .detail("The cluster holds a DECIMAL that numeric can not.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(unscaled: i128, scale: i32, format: Format) -> Vec<u8> {
        let decimal = Decimal::from_i128(unscaled, scale);
        let mut out = BytesMut::new();
        write(decimal.as_ref(), format, &mut out).unwrap();
        out.to_vec()
    }

    #[test]
    fn fast_forms_are_those_of_numeric() {
        let unscaled =
            [0, 1, -1, 9, 10, 12, 99, 100, 9_999, 10_000, 10_001, 123_456_789, i128::MAX, i128::MIN];
        let more = (0..38).flat_map(|power| [10i128.pow(power), -7 * 10i128.pow(power)]);
        for unscaled in unscaled.into_iter().chain(more) {
            for scale in 0..=40 {
                let numeric = Numeric::new(unscaled.into(), scale);
                let mut binary = Vec::new();
                numeric.write_binary(&mut binary);
                let text = written(unscaled, scale as i32, Format::Text);
                assert_eq!(String::from_utf8(text).unwrap(), numeric.to_string(), "{unscaled} {scale}");
                assert_eq!(written(unscaled, scale as i32, Format::Binary), binary, "{unscaled} {scale}");
            }
        }
    }

    #[test]
    fn negative_scales_become_zeros() {
        assert_eq!(written(12, -3, Format::Text), b"12000");
        assert_eq!(written(-1, -40, Format::Text), format!("-1{}", "0".repeat(40)).as_bytes());
    }

    #[test]
    fn what_numeric_can_not_hold() {
        for scale in [16_384, i32::MAX, -131_073, i32::MIN, -131_072] {
            let decimal = Decimal::from_i128(1, scale);
            let error = numeric(decimal.as_ref()).unwrap_err();
            assert_eq!(error.code(), SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "{scale}");
        }
        assert!(numeric(Decimal::from_i128(1, 16_383).as_ref()).is_ok());
        assert!(numeric(Decimal::from_i128(1, -131_071).as_ref()).is_ok());
        assert!(to_decimal(&Numeric::NaN).is_err());
        assert_eq!(to_decimal(&Numeric::new(BigInt::from(-150), 2)).unwrap().to_string(), "-1.50");
    }
}
