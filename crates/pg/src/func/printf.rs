//! C's `%g`, for the messages that PostgreSQL prints numbers into.

/// `%g` with six significant digits; filled up to a width, with zeros if asked for.
pub(crate) fn general(value: f64, width: usize, zeros: bool) -> String {
    let text = if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if value == 0.0 {
        if value.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() }
    } else {
        finite(value)
    };
    let missing = width.saturating_sub(text.len());
    if zeros && value.is_finite() {
        let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        format!("{}{text}", " ".repeat(missing))
    }
}

fn finite(value: f64) -> String {
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if (-4..6).contains(&exponent) {
        trimmed(&format!("{value:.*}", (5 - exponent).max(0) as usize))
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trimmed(mantissa), exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_c_prints() {
        for (value, text) in [
            (60.5, "60.5"),
            (5.0, "05"),
            (-1.5, "-1.5"),
            (-1.0, "-1"),
            (1e20, "1e+20"),
            (1234567.0, "1.23457e+06"),
            (0.00001, "1e-05"),
            (999999.5, "1e+06"),
        ] {
            assert_eq!(general(value, 2, true), text);
        }
    }
}
