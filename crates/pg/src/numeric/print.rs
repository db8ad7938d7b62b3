//! `numeric` to text (`numeric_out`).

use std::fmt::{self, Write};

use num_bigint::Sign;

use super::Numeric;

impl Numeric {
    /// Appends the text form.
    pub fn write_text(&self, out: &mut impl Write) -> fmt::Result {
        let (coefficient, scale) = match self {
            Numeric::NaN => return out.write_str("NaN"),
            Numeric::Infinity => return out.write_str("Infinity"),
            Numeric::NegInfinity => return out.write_str("-Infinity"),
            Numeric::Finite { coefficient, scale } => (coefficient, *scale as usize),
        };
        if coefficient.sign() == Sign::Minus {
            out.write_char('-')?;
        }
        let mut buffer = itoa::Buffer::new();
        match u128::try_from(coefficient.magnitude()) {
            Ok(small) => write_digits(buffer.format(small), scale, out),
            Err(_) => write_digits(&coefficient.magnitude().to_string(), scale, out),
        }
    }
}

/// Digits with the point `scale` digits from the end.
fn write_digits(digits: &str, scale: usize, out: &mut impl Write) -> fmt::Result {
    if scale == 0 {
        return out.write_str(digits);
    }
    if digits.len() > scale {
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        out.write_str(whole)?;
        out.write_char('.')?;
        return out.write_str(fraction);
    }
    out.write_str("0.")?;
    for _ in digits.len()..scale {
        out.write_char('0')?;
    }
    out.write_str(digits)
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_text(f)
    }
}
