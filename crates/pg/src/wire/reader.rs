//! Checked reads out of a message's body, with the errors of PostgreSQL's `pqformat.c`.

use crate::{Error, Result, SqlState};

/// A body that is read from its front. No read goes beyond its end.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of a whole body.
    pub fn new(body: &'a [u8]) -> Reader<'a> {
        Reader(body)
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next bytes, so many of them (`pq_getmsgbytes`).
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8]> {
        let (read, rest) = self.0.split_at_checked(count).ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(read)
    }

    /// A byte.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Four bytes, signed.
    pub fn i32(&mut self) -> Result<i32> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    /// A NUL-terminated string in UTF-8 (`pq_getmsgstring`).
    pub fn str(&mut self) -> Result<&'a str> {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == 0)
            .ok_or_else(|| violation("invalid string in message"))?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        utf8(text)
    }

    /// Fails unless everything has been read (`pq_getmsgend`).
    pub fn end(&self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(violation("invalid message format")) }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (read, rest) = self.0.split_first_chunk::<N>().ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(*read)
    }
}

/// The bytes as UTF-8, or 22021 with the offending bytes (`pg_verify_mbstr`, `report_invalid_encoding`). NUL is refused
/// too, as PostgreSQL's encodings have none.
pub fn utf8(bytes: &[u8]) -> Result<&str> {
    let bad = match std::str::from_utf8(bytes) {
        Ok(text) => match bytes.contains(&0) {
            false => return Ok(text),
            true => bytes.iter().position(|byte| *byte == 0).unwrap_or(0),
        },
        // A NUL before the invalid sequence is found first.
        Err(error) => {
            bytes[..error.valid_up_to()].iter().position(|b| *b == 0).unwrap_or(error.valid_up_to())
        }
    };
    Err(invalid_encoding(bytes.get(bad..).unwrap_or_default()))
}

/// The error for a text that starts with an invalid sequence.
fn invalid_encoding(rest: &[u8]) -> Error {
    let length = match rest.first() {
        Some(lead) if lead & 0xe0 == 0xc0 => 2,
        Some(lead) if lead & 0xf0 == 0xe0 => 3,
        Some(lead) if lead & 0xf8 == 0xf0 => 4,
        _ => 1,
    };
    let bytes: Vec<String> = rest.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
    Error::new(
        SqlState::CHARACTER_NOT_IN_REPERTOIRE,
        format!("invalid byte sequence for encoding \"UTF8\": {}", bytes.join(" ")),
    )
}

/// 08P01 at severity ERROR: the message is bad, but the stream is still in step.
pub(super) fn violation(message: impl Into<String>) -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, message)
}

pub(super) fn insufficient() -> Error {
    violation("insufficient data left in message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_in_order_and_stops_at_the_end() {
        let mut reader = Reader::new(b"\x01\0\x02\xff\xff\xff\xfename\0tail");
        assert_eq!(reader.u8().unwrap(), 1);
        assert_eq!(reader.u16().unwrap(), 2);
        assert_eq!(reader.i32().unwrap(), -2);
        assert_eq!(reader.str().unwrap(), "name");
        assert_eq!(reader.end().unwrap_err().message(), "invalid message format");
        assert_eq!(reader.str().unwrap_err().message(), "invalid string in message");
        assert_eq!(reader.bytes(5).unwrap_err().message(), "insufficient data left in message");
        assert_eq!(reader.bytes(4).unwrap(), b"tail");
        reader.end().unwrap();
    }

    #[test]
    fn names_the_bytes_that_are_not_utf8() {
        for (bytes, named) in [
            (&b"a\xc3\x28"[..], "0xc3 0x28"),
            (b"\xe2\x28\xa1", "0xe2 0x28 0xa1"),
            (b"\xf0\x9f", "0xf0 0x9f"),
            (b"ok\xff", "0xff"),
            (b"a\0b", "0x00"),
            (b"a\0b\xff", "0x00"),
            // A surrogate.
            (b"\xed\xa0\x80", "0xed 0xa0 0x80"),
        ] {
            let error = utf8(bytes).unwrap_err();
            assert_eq!(error.code(), SqlState::CHARACTER_NOT_IN_REPERTOIRE);
            assert_eq!(error.message(), format!("invalid byte sequence for encoding \"UTF8\": {named}"));
        }
        assert_eq!(utf8("größer 🐘".as_bytes()).unwrap(), "größer 🐘");
    }
}
