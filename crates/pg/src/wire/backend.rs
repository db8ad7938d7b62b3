//! What clients get. Each function appends one whole message; nothing is built in between.

use bytes::{BufMut, BytesMut};

use super::Format;
use crate::{Error, Oid, Result, SqlState};

/// The longest message, so that a client's 32-bit arithmetic never wraps: as PostgreSQL, which can't make a larger one.
const MESSAGE_BYTES_MAX: usize = 0x3fff_ffff;

/// What ReadyForQuery says about the transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// None.
    Idle,
    /// In a transaction block.
    InBlock,
    /// In a transaction block that has failed.
    Failed,
}

/// A column of a RowDescription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name.
    pub name: &'a str,
    /// The table it comes from, or 0.
    pub table: Oid,
    /// The attribute number there, or 0.
    pub attribute: i16,
    /// The type.
    pub type_oid: Oid,
    /// `typlen` of the type.
    pub type_len: i16,
    /// The type modifier, or -1.
    pub typmod: i32,
    /// How values will travel.
    pub format: Format,
}

/// `AuthenticationOk`
pub fn authentication_ok(out: &mut BytesMut) {
    message(out, b'R', |out| out.put_u32(0));
}

/// `NegotiateProtocolVersion`
pub fn negotiate_protocol_version(out: &mut BytesMut, minor_version: u16, unknown_options: &[String]) {
    message(out, b'v', |out| {
        out.put_u32(3 << 16 | u32::from(minor_version));
        out.put_u32(unknown_options.len() as u32);
        for option in unknown_options {
            put_str(out, option);
        }
    });
}

/// `ParameterStatus`
pub fn parameter_status(out: &mut BytesMut, name: &str, value: &str) {
    message(out, b'S', |out| {
        put_str(out, name);
        put_str(out, value);
    });
}

/// `BackendKeyData`
pub fn backend_key_data(out: &mut BytesMut, process_id: u32, secret: &[u8]) {
    message(out, b'K', |out| {
        out.put_u32(process_id);
        out.put_slice(secret);
    });
}

/// `ReadyForQuery`
pub fn ready_for_query(out: &mut BytesMut, status: TransactionStatus) {
    message(out, b'Z', |out| {
        out.put_u8(match status {
            TransactionStatus::Idle => b'I',
            TransactionStatus::InBlock => b'T',
            TransactionStatus::Failed => b'E',
        });
    });
}

/// `ParseComplete`
pub fn parse_complete(out: &mut BytesMut) {
    message(out, b'1', |_| ());
}

/// `BindComplete`
pub fn bind_complete(out: &mut BytesMut) {
    message(out, b'2', |_| ());
}

/// `CloseComplete`
pub fn close_complete(out: &mut BytesMut) {
    message(out, b'3', |_| ());
}

/// `NoData`
pub fn no_data(out: &mut BytesMut) {
    message(out, b'n', |_| ());
}

/// `EmptyQueryResponse`
pub fn empty_query_response(out: &mut BytesMut) {
    message(out, b'I', |_| ());
}

/// `PortalSuspended`
pub fn portal_suspended(out: &mut BytesMut) {
    message(out, b's', |_| ());
}

/// `FunctionCallResponse`: the value is appended by the caller, who says whether there is one.
pub fn function_call_response(
    out: &mut BytesMut,
    value: impl FnOnce(&mut BytesMut) -> Result<bool>,
) -> Result<()> {
    let start = out.len();
    out.put_slice(&[b'V', 0, 0, 0, 0, 0, 0, 0, 0]);
    let written = match value(out) {
        Ok(true) => (out.len() - start - 9) as i32,
        Ok(false) => -1,
        Err(error) => {
            out.truncate(start);
            return Err(error);
        }
    };
    let length = (out.len() - start - 1) as u32;
    out[start + 1..start + 5].copy_from_slice(&length.to_be_bytes());
    out[start + 5..start + 9].copy_from_slice(&written.to_be_bytes());
    Ok(())
}

/// `CommandComplete`
pub fn command_complete(out: &mut BytesMut, tag: &str) {
    message(out, b'C', |out| put_str(out, tag));
}

/// `ParameterDescription`
pub fn parameter_description(out: &mut BytesMut, types: &[Oid]) {
    message(out, b't', |out| {
        out.put_u16(types.len() as u16);
        for oid in types {
            out.put_u32(oid.0);
        }
    });
}

/// `RowDescription`
pub fn row_description<'a>(out: &mut BytesMut, fields: impl ExactSizeIterator<Item = Field<'a>>) {
    message(out, b'T', |out| {
        out.put_u16(fields.len() as u16);
        for field in fields {
            put_str(out, field.name);
            out.put_u32(field.table.0);
            out.put_i16(field.attribute);
            out.put_u32(field.type_oid.0);
            out.put_i16(field.type_len);
            out.put_i32(field.typmod);
            out.put_i16(field.format.code());
        }
    });
}

/// `ErrorResponse`
pub fn error_response(out: &mut BytesMut, error: &Error) {
    message(out, b'E', |out| put_fields(out, error));
}

/// `NoticeResponse`
pub fn notice_response(out: &mut BytesMut, notice: &Error) {
    message(out, b'N', |out| put_fields(out, notice));
}

/// `NotificationResponse`
pub fn notification_response(out: &mut BytesMut, process_id: u32, channel: &str, payload: &str) {
    message(out, b'A', |out| {
        out.put_u32(process_id);
        put_str(out, channel);
        put_str(out, payload);
    });
}

/// `CopyInResponse`
pub fn copy_in_response(out: &mut BytesMut, format: Format, columns: &[Format]) {
    message(out, b'G', |out| put_copy_formats(out, format, columns));
}

/// `CopyOutResponse`
pub fn copy_out_response(out: &mut BytesMut, format: Format, columns: &[Format]) {
    message(out, b'H', |out| put_copy_formats(out, format, columns));
}

/// `CopyData`
pub fn copy_data(out: &mut BytesMut, data: &[u8]) {
    message(out, b'd', |out| out.put_slice(data));
}

/// `CopyDone`
pub fn copy_done(out: &mut BytesMut) {
    message(out, b'c', |_| ());
}

/// The body of the first of some DataRow messages, which is taken off them.
pub fn data_row<'a>(messages: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = messages.get(1..5)?.try_into().ok().map(u32::from_be_bytes)? as usize;
    let (message, rest) = messages.split_at_checked(length + 1)?;
    *messages = rest;
    message.get(5..)
}

/// A DataRow under way. The hot path: values are written where they will be sent from, lengths patched in afterwards.
///
/// A row that fails half way must be taken back with [`DataRow::abandon`].
#[derive(Debug)]
pub struct DataRow {
    start: usize,
}

impl DataRow {
    /// Starts a row of so many columns.
    #[inline]
    pub fn start(out: &mut BytesMut, columns: usize) -> DataRow {
        let start = out.len();
        out.put_slice(&[b'D', 0, 0, 0, 0]);
        out.put_u16(columns as u16);
        DataRow { start }
    }

    /// A NULL.
    #[inline]
    pub fn null(&mut self, out: &mut BytesMut) {
        out.put_i32(-1);
    }

    /// A value whose bytes are there.
    #[inline]
    pub fn field(&mut self, out: &mut BytesMut, value: &[u8]) {
        // A value too long for the length is refused by `finish`, as the message is longer still.
        out.put_i32(value.len() as i32);
        out.put_slice(value);
    }

    /// A value that is appended by a function.
    #[inline]
    pub fn field_with<E>(
        &mut self,
        out: &mut BytesMut,
        write: impl FnOnce(&mut BytesMut) -> Result<(), E>,
    ) -> Result<(), E> {
        let start = out.len();
        out.put_u32(0);
        write(out)?;
        let length = (out.len() - start - 4) as u32;
        patch(out, start, length);
        Ok(())
    }

    /// Ends the row; 54000 when it is longer than a message may be.
    #[inline]
    pub fn finish(self, out: &mut BytesMut) -> Result<()> {
        let length = out.len() - self.start - 1;
        if length > MESSAGE_BYTES_MAX {
            self.abandon(out);
            return Err(Error::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "row is too large").detail(format!(
                "The row takes {length} bytes; a message has at most {MESSAGE_BYTES_MAX}."
            )));
        }
        patch(out, self.start + 1, length as u32);
        Ok(())
    }

    /// Takes the row back.
    pub fn abandon(self, out: &mut BytesMut) {
        out.truncate(self.start);
    }
}

/// Appends a message: type, length, and the body that a function writes.
fn message(out: &mut BytesMut, tag: u8, body: impl FnOnce(&mut BytesMut)) {
    out.put_u8(tag);
    let start = out.len();
    out.put_u32(0);
    body(out);
    let length = (out.len() - start) as u32;
    patch(out, start, length);
}

#[inline]
fn patch(out: &mut BytesMut, at: usize, value: u32) {
    if let Some(slot) = out.get_mut(at..at + 4) {
        slot.copy_from_slice(&value.to_be_bytes());
    }
}

/// Appends a NUL-terminated string. A NUL inside would end it early and shift all that follows: it is left out.
fn put_str(out: &mut BytesMut, text: &str) {
    for part in text.split('\0') {
        out.put_slice(part.as_bytes());
    }
    out.put_u8(0);
}

fn put_fields(out: &mut BytesMut, error: &Error) {
    let fields = error.fields();
    let mut put = |code: u8, text: &str| {
        out.put_u8(code);
        put_str(out, text);
    };
    put(b'S', fields.severity.as_str());
    put(b'V', fields.severity.as_str());
    put(b'C', fields.code.as_str());
    put(b'M', &fields.message);
    let position = fields.position.map(|position| position.to_string());
    let optional = [
        (b'D', &fields.detail),
        (b'H', &fields.hint),
        (b'P', &position),
        (b'W', &fields.context),
        (b's', &fields.schema),
        (b't', &fields.table),
        (b'c', &fields.column),
        (b'n', &fields.constraint),
    ];
    for (code, text) in optional {
        if let Some(text) = text {
            put(code, text);
        }
    }
    out.put_u8(0);
}

fn put_copy_formats(out: &mut BytesMut, format: Format, columns: &[Format]) {
    out.put_u8(format.code() as u8);
    out.put_u16(columns.len() as u16);
    for column in columns {
        out.put_i16(column.code());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut BytesMut)) -> Vec<u8> {
        let mut out = BytesMut::new();
        write(&mut out);
        out.to_vec()
    }

    #[test]
    fn small_messages() {
        assert_eq!(written(authentication_ok), b"R\0\0\0\x08\0\0\0\0");
        assert_eq!(written(|out| ready_for_query(out, TransactionStatus::Failed)), b"Z\0\0\0\x05E");
        assert_eq!(written(|out| command_complete(out, "SELECT 1")), b"C\0\0\0\x0dSELECT 1\0");
        assert_eq!(written(|out| parameter_description(out, &[Oid(23)])), b"t\0\0\0\x0a\0\x01\0\0\0\x17");
        assert_eq!(written(|out| backend_key_data(out, 1, b"abcd")), b"K\0\0\0\x0c\0\0\0\x01abcd");
        let options = ["_pq_.a".to_owned()];
        assert_eq!(
            written(|out| negotiate_protocol_version(out, 2, &options)),
            b"v\0\0\0\x13\0\x03\0\x02\0\0\0\x01_pq_.a\0"
        );
    }

    #[test]
    fn row_description_is_postgresqls() {
        // SELECT 1 AS a, as PostgreSQL 15 describes it.
        let field = Field {
            name: "a",
            table: Oid(0),
            attribute: 0,
            type_oid: Oid(23),
            type_len: 4,
            typmod: -1,
            format: Format::Text,
        };
        assert_eq!(
            written(|out| row_description(out, [field].into_iter())),
            b"T\0\0\0\x1a\0\x01a\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"
        );
    }

    #[test]
    fn rows_are_patched_and_can_be_taken_back() {
        let mut out = BytesMut::from(&b"before"[..]);
        let mut row = DataRow::start(&mut out, 3);
        row.null(&mut out);
        row.field(&mut out, b"ab");
        row.field_with(&mut out, |out| {
            out.put_slice(b"xyz");
            Ok::<_, Error>(())
        })
        .unwrap();
        row.finish(&mut out).unwrap();
        let expected = b"beforeD\0\0\0\x17\0\x03\xff\xff\xff\xff\0\0\0\x02ab\0\0\0\x03xyz";
        assert_eq!(&out[..], expected);
        let row = DataRow::start(&mut out, 1);
        row.abandon(&mut out);
        assert_eq!(&out[..], expected);
    }

    #[test]
    fn errors_carry_their_fields() {
        let error = Error::new(SqlState::SYNTAX_ERROR, "bad\0 text").hint("Mend it.").at(Some(7));
        assert_eq!(
            written(|out| error_response(out, &error)),
            b"E\0\0\0\x31SERROR\0VERROR\0C42601\0Mbad text\0HMend it.\0P7\0\0"
        );
    }
}
