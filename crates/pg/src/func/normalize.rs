//! The normalization forms of Unicode (`unicode_norm.c`).

use unicode_normalization::UnicodeNormalization;

use crate::{Error, Result, SqlState};

/// A text in a form, whose name may be in any case (`unicode_norm_form_from_string`).
pub(super) fn normalized(text: &str, form: &str) -> Result<String> {
    Ok(match form.to_ascii_uppercase().as_str() {
        "NFC" => text.nfc().collect(),
        "NFD" => text.nfd().collect(),
        "NFKC" => text.nfkc().collect(),
        "NFKD" => text.nfkd().collect(),
        _ => {
            let message = format!("invalid normalization form: {form}");
            return Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::normalized;

    #[test]
    fn forms_compose_and_decompose() {
        assert_eq!(normalized("a\u{308}", "nfc").unwrap(), "ä");
        assert_eq!(normalized("ä", "NFD").unwrap(), "a\u{308}");
        assert_eq!(normalized("ﬁ", "NFKC").unwrap(), "fi");
        assert_eq!(normalized("ﬁ", "NFC").unwrap(), "ﬁ");
        assert_eq!(normalized("a", "def").unwrap_err().code().as_str(), "22023");
    }
}
