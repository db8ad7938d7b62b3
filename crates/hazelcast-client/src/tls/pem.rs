//! PEM files: their sections with headers (RFC 1421 has those, RFC 7468 doesn't; encrypted keys of OpenSSL do).

use base64ct::{Base64, Encoding};

/// What stands between a `BEGIN` line and its `END` line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) label: String,
    /// `Name: value` lines before the content.
    headers: Vec<(String, String)>,
    pub(super) content: Vec<u8>,
}

impl Section {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// All sections of a file. Other text between them is passed over.
pub(super) fn sections(file: &[u8]) -> Result<Vec<Section>, String> {
    let text = String::from_utf8_lossy(file);
    let mut lines = text.lines().map(str::trim);
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) {
            found.push(section(label, &mut lines)?);
        }
    }
    Ok(found)
}

fn section<'a>(label: &str, lines: &mut impl Iterator<Item = &'a str>) -> Result<Section, String> {
    let end = format!("-----END {label}-----");
    let mut headers = Vec::new();
    let mut base64 = String::new();
    for line in lines {
        if line == end {
            let content = Base64::decode_vec(&base64)
                .map_err(|_| format!("the section \"{label}\" is damaged (not base64)"))?;
            return Ok(Section { label: label.to_owned(), headers, content });
        }
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_owned(), value.trim().to_owned())),
            None => base64.push_str(line),
        }
    }
    Err(format!("the section \"{label}\" has no end: the file is cut off"))
}

/// What to do about a file that has no section of the kind that is needed.
pub(super) fn what_instead(file: &[u8], wanted: &str) -> String {
    let hint = match file {
        // A Java key store.
        [0xfe, 0xed, 0xfe, 0xed, ..] => {
            "it is a Java key store: convert it with `keytool -importkeystore … -deststoretype PKCS12`, then with `openssl pkcs12 -in FILE -nodes`"
        }
        // DER: a sequence.
        [0x30, 0x80..=0x84, ..] => {
            "it is binary: convert a certificate with `openssl x509 -inform der -in FILE`, a key with `openssl pkey -inform der -in FILE`, a PKCS#12 store with `openssl pkcs12 -in FILE -nodes`"
        }
        [] => "it is empty",
        _ => "is it another file?",
    };
    format!("it has no \"{wanted}\": {hint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_between_other_text() {
        let file = b"Bag Attributes\n    name: x\n-----BEGIN A B-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,00\r\n\r\naGVs\nbG8=\n-----END A B-----\n-----BEGIN C-----\n-----END C-----";
        let found = sections(file).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].label.as_str(), found[0].content.as_slice()), ("A B", &b"hello"[..]));
        assert_eq!(found[0].header("DEK-Info"), Some("AES-128-CBC,00"));
        assert_eq!(found[1], Section { label: "C".into(), headers: vec![], content: vec![] });
    }

    #[test]
    fn damage_is_named() {
        assert!(sections(b"-----BEGIN A-----\naGVs").unwrap_err().contains("cut off"));
        assert!(sections(b"-----BEGIN A-----\n!!!!\n-----END A-----").unwrap_err().contains("damaged"));
        assert!(what_instead(&[0x30, 0x82, 1], "x").contains("binary"));
        assert!(what_instead(&[0xfe, 0xed, 0xfe, 0xed], "x").contains("key store"));
    }
}
