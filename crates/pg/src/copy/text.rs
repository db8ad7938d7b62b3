//! Fields of the text format: backslashes before what would be mistaken (`CopyAttributeOutText`,
//! `CopyReadAttributesText`).

/// Appends a field.
pub(super) fn write(out: &mut Vec<u8>, field: &[u8], delimiter: u8) {
    for byte in field {
        let escaped = match byte {
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0x0b => b'v',
            b'\\' => b'\\',
            other if *other == delimiter => delimiter,
            other => {
                out.push(*other);
                continue;
            }
        };
        out.extend([b'\\', escaped]);
    }
}

/// The fields of a line. A field that is written as NULL is, is NULL; what its backslashes mean comes after.
pub(super) fn split(line: &[u8], delimiter: u8, null: &str) -> Vec<Option<Vec<u8>>> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut at = 0;
    loop {
        match line.get(at) {
            Some(b'\\') => at += 2,
            Some(byte) if *byte != delimiter => at += 1,
            end => {
                let raw = line.get(start..at.min(line.len())).unwrap_or_default();
                fields.push((raw != null.as_bytes()).then(|| unescape(raw)));
                if end.is_none() {
                    return fields;
                }
                at += 1;
                start = at;
            }
        }
    }
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(next) = bytes.next() else {
            // A backslash at the end of the line stands for itself.
            out.push(b'\\');
            break;
        };
        out.push(match next {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'0'..=b'7' => {
                let mut value = u32::from(next - b'0');
                for _ in 0..2 {
                    let Some(digit) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                }
                (value & 0xff) as u8
            }
            b'x' => {
                let mut value = None;
                for _ in 0..2 {
                    let Some(digit) = bytes.next_if(u8::is_ascii_hexdigit) else { break };
                    let digit = char::from(digit).to_digit(16).unwrap_or(0);
                    value = Some(value.unwrap_or(0) * 16 + digit);
                }
                value.map_or(b'x', |value| (value & 0xff) as u8)
            }
            other => other,
        });
    }
    out
}
