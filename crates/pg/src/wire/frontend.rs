//! What clients send in a session. Messages borrow from the received body; counts are checked against the bytes that
//! are left before anything relies on them.

use super::Format;
use super::frame::Frame;
use super::reader::{Reader, violation};
use crate::{Oid, Result};

/// A message from the client.
#[derive(Clone, Debug, PartialEq)]
pub enum Frontend<'a> {
    /// Runs statements by the simple protocol.
    Query(&'a str),
    /// Prepares a statement.
    Parse(Parse<'a>),
    /// Makes a portal out of a prepared statement and parameters.
    Bind(Bind<'a>),
    /// Asks what a statement or portal takes and gives.
    Describe(Target<'a>),
    /// Runs a portal.
    Execute {
        /// The portal.
        portal: &'a str,
        /// The most rows to send; zero or less: all.
        max_rows: i32,
    },
    /// Forgets a statement or portal.
    Close(Target<'a>),
    /// Asks for the answers so far.
    Flush,
    /// Ends a series of extended-protocol messages.
    Sync,
    /// Calls a function by its oid (obsolete).
    FunctionCall(FunctionCall<'a>),
    /// Copied data.
    CopyData(&'a [u8]),
    /// The end of copied data.
    CopyDone,
    /// The client gives up copying, for this reason.
    CopyFail(&'a str),
    /// A password, or a SASL message.
    Password(&'a [u8]),
    /// The client leaves.
    Terminate,
}

/// `Parse`
#[derive(Clone, Debug, PartialEq)]
pub struct Parse<'a> {
    /// The name of the statement; empty for the unnamed one.
    pub statement: &'a str,
    /// One statement, or none.
    pub query: &'a str,
    /// The parameter types that the client declares, 0 where it leaves them to us.
    pub types: Vec<Oid>,
}

/// `Bind`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bind<'a> {
    /// The name of the portal; empty for the unnamed one.
    pub portal: &'a str,
    /// The prepared statement.
    pub statement: &'a str,
    /// The formats of the parameters.
    pub parameter_formats: Formats<'a>,
    /// The parameters.
    pub parameters: Parameters<'a>,
    /// The formats wanted for the result columns.
    pub result_formats: Formats<'a>,
}

/// `FunctionCall`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionCall<'a> {
    /// The row of `pg_proc`.
    pub function: Oid,
    /// What only who knows the function's arguments can read.
    rest: &'a [u8],
}

/// What is behind the function's oid in a `FunctionCall`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arguments<'a> {
    /// The formats of the arguments.
    pub formats: Formats<'a>,
    /// The arguments; `None` is NULL.
    pub values: Vec<Option<&'a [u8]>>,
    /// The format that is wanted for the result.
    pub result: Format,
}

/// A statement or a portal, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A prepared statement.
    Statement(&'a str),
    /// A portal.
    Portal(&'a str),
}

/// Format codes: none (all text), one for all, or one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Formats<'a>(&'a [u8]);

/// Parameter values, each NULL or bytes in its format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters<'a> {
    count: usize,
    body: &'a [u8],
}

/// Decodes a message. An error concerns this message only: the stream is still in step.
pub fn decode(frame: &Frame) -> Result<Frontend<'_>> {
    let mut reader = Reader::new(&frame.body);
    let message = match frame.tag {
        b'Q' => Frontend::Query(reader.str()?),
        b'P' => Frontend::Parse(parse(&mut reader)?),
        b'B' => Frontend::Bind(bind(&mut reader)?),
        b'D' => Frontend::Describe(target(&mut reader, "DESCRIBE")?),
        b'E' => Frontend::Execute { portal: reader.str()?, max_rows: reader.i32()? },
        b'C' => Frontend::Close(target(&mut reader, "CLOSE")?),
        b'H' => Frontend::Flush,
        b'S' => Frontend::Sync,
        b'F' => {
            let function = Oid(reader.u32()?);
            return Ok(Frontend::FunctionCall(FunctionCall { function, rest: reader.rest() }));
        }
        b'd' => return Ok(Frontend::CopyData(&frame.body)),
        b'c' => Frontend::CopyDone,
        b'f' => Frontend::CopyFail(reader.str()?),
        b'p' => return Ok(Frontend::Password(&frame.body)),
        // PostgreSQL does not look for leftovers when the client leaves.
        b'X' => return Ok(Frontend::Terminate),
        tag => return Err(violation(format!("invalid frontend message type {tag}"))),
    };
    reader.end()?;
    Ok(message)
}

fn parse<'a>(reader: &mut Reader<'a>) -> Result<Parse<'a>> {
    let (statement, query) = (reader.str()?, reader.str()?);
    let count = usize::from(reader.u16()?);
    let oids = reader.bytes(count * 4)?.chunks_exact(4);
    let types = oids.map(|oid| Oid(oid.iter().fold(0, |oid, byte| oid << 8 | u32::from(*byte)))).collect();
    Ok(Parse { statement, query, types })
}

fn bind<'a>(reader: &mut Reader<'a>) -> Result<Bind<'a>> {
    let (portal, statement) = (reader.str()?, reader.str()?);
    let parameter_formats = Formats::read(reader)?;
    let parameters = Parameters::read(reader)?;
    if parameter_formats.len() > 1 && parameter_formats.len() != parameters.len() {
        return Err(violation(format!(
            "bind message has {} parameter formats but {} parameters",
            parameter_formats.len(),
            parameters.len()
        )));
    }
    let result_formats = Formats::read(reader)?;
    Ok(Bind { portal, statement, parameter_formats, parameters, result_formats })
}

impl<'a> FunctionCall<'a> {
    /// Reads the arguments for a function of so many (`parse_fcall_arguments`).
    pub fn arguments(&self, wanted: usize) -> Result<Arguments<'a>> {
        let mut reader = Reader::new(self.rest);
        let formats = Formats::read(&mut reader)?;
        let count = usize::from(reader.u16()?);
        if count != wanted {
            let message =
                format!("function call message contains {count} arguments but function requires {wanted}");
            return Err(violation(message));
        }
        if formats.len() > 1 && formats.len() != count {
            return Err(violation(format!(
                "function call message contains {} argument formats but {count} arguments",
                formats.len()
            )));
        }
        let values = (0..count).map(|_| argument(&mut reader)).collect::<Result<_>>()?;
        let result = Format::of(reader.u16()? as i16);
        reader.end()?;
        Ok(Arguments { formats, values, result })
    }
}

fn argument<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>> {
    let mut ahead = *reader;
    match ahead.i32()? {
        ..-1 => {
            let length = reader.i32()?;
            Err(violation(format!("invalid argument size {length} in function call message")))
        }
        _ => parameter(reader),
    }
}

fn target<'a>(reader: &mut Reader<'a>, message: &str) -> Result<Target<'a>> {
    let kind = reader.u8()?;
    let name = reader.str()?;
    match kind {
        b'S' => Ok(Target::Statement(name)),
        b'P' => Ok(Target::Portal(name)),
        _ => Err(violation(format!("invalid {message} message subtype {kind}"))),
    }
}

impl<'a> Formats<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Formats<'a>> {
        let count = usize::from(reader.u16()?);
        Ok(Formats(reader.bytes(count * 2)?))
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.0.len() / 2
    }

    /// Whether there is no code: everything is text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The format of the value at an index, counted from 0.
    pub fn get(&self, index: usize) -> Format {
        let at = if self.len() == 1 { 0 } else { index };
        match self.0.get(at * 2..at * 2 + 2) {
            Some([high, low]) => Format::of(i16::from_be_bytes([*high, *low])),
            _ => Format::Text,
        }
    }

    /// The formats of so many result columns (`PortalSetResultFormat`), which nobody looks at before there are rows.
    pub fn of_columns(&self, columns: usize) -> Result<Vec<Format>> {
        if self.len() > 1 && self.len() != columns {
            return Err(violation(format!(
                "bind message has {} result formats but query has {columns} columns",
                self.len()
            )));
        }
        Ok((0..columns).map(|index| self.get(index)).collect())
    }
}

impl<'a> Parameters<'a> {
    /// Reads the parameters past, so that every length is known to be true.
    fn read(reader: &mut Reader<'a>) -> Result<Parameters<'a>> {
        let count = usize::from(reader.u16()?);
        let body = reader.rest();
        for _ in 0..count {
            parameter(reader)?;
        }
        Ok(Parameters { count, body: &body[..body.len() - reader.rest().len()] })
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The parameters in order; `None` is NULL.
    pub fn iter(&self) -> impl Iterator<Item = Option<&'a [u8]>> + use<'a> {
        let mut reader = Reader::new(self.body);
        // `read` has been through: no parameter fails.
        (0..self.count).map_while(move |_| parameter(&mut reader).ok())
    }
}

fn parameter<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>> {
    match reader.i32()? {
        -1 => Ok(None),
        // Any other negative length is longer than what is left.
        length => reader.bytes(usize::try_from(length).unwrap_or(usize::MAX)).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SqlState;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn frame(tag: u8, body: &'static [u8]) -> Frame {
        Frame { tag, body: Bytes::from_static(body) }
    }

    fn message_of(tag: u8, body: &'static [u8]) -> String {
        decode(&frame(tag, body)).unwrap_err().message().to_owned()
    }

    #[test]
    fn parse_with_types() {
        let frame = frame(b'P', b"s1\0SELECT $1\0\0\x02\0\0\0\x17\0\0\0\0");
        let Frontend::Parse(parse) = decode(&frame).unwrap() else { panic!() };
        assert_eq!(parse, Parse { statement: "s1", query: "SELECT $1", types: vec![Oid(23), Oid(0)] });
    }

    #[test]
    fn bind_with_null_and_formats() {
        let frame = frame(b'B', b"\0s\0\0\x01\0\x01\0\x02\0\0\0\x02hi\xff\xff\xff\xff\0\x02\0\0\0\x01");
        let Frontend::Bind(bind) = decode(&frame).unwrap() else { panic!() };
        assert_eq!((bind.portal, bind.statement), ("", "s"));
        assert_eq!(bind.parameters.iter().collect::<Vec<_>>(), [Some(&b"hi"[..]), None]);
        assert_eq!(bind.parameter_formats.get(1), Format::Binary);
        assert_eq!(bind.result_formats.of_columns(2).unwrap(), [Format::Text, Format::Binary]);
        assert_eq!(
            bind.result_formats.of_columns(3).unwrap_err().message(),
            "bind message has 2 result formats but query has 3 columns"
        );
    }

    #[test]
    fn counts_larger_than_the_data_are_refused() {
        // P2 of the threats: a count of 32767 and nothing behind it.
        for (tag, body) in [
            (b'B', &b"\0\0\x7f\xff"[..]),
            (b'B', b"\0\0\0\0\xff\xff\0\0\0\x01a"),
            (b'B', b"\0\0\0\0\0\x01\0\0\0\x05a\0\0"),
            (b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xfea\0\0"),
            (b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xffa\0\0"),
            (b'P', b"\0\0\xff\xff\0\0"),
            (b'E', b"\0\0\0"),
        ] {
            assert_eq!(message_of(tag, body), "insufficient data left in message");
        }
    }

    #[test]
    fn leftovers_and_missing_terminators_are_refused() {
        assert_eq!(message_of(b'S', b"x"), "invalid message format");
        assert_eq!(message_of(b'Q', b"SELECT 1\0;"), "invalid message format");
        assert_eq!(message_of(b'Q', b"SELECT 1"), "invalid string in message");
        assert_eq!(message_of(b'Q', b""), "invalid string in message");
        assert_eq!(message_of(b'D', b"Xname\0"), "invalid DESCRIBE message subtype 88");
        assert_eq!(message_of(b'C', b"\0\0"), "invalid CLOSE message subtype 0");
    }

    #[test]
    fn format_codes_are_checked_when_used() {
        let frame = frame(b'B', b"\0\0\0\x01\0\x02\0\x01\0\0\0\0\0\0");
        let Frontend::Bind(bind) = decode(&frame).unwrap() else { panic!() };
        assert_eq!(bind.parameter_formats.get(0), Format::Other(2));
        let error = bind.parameter_formats.get(0).known().unwrap_err();
        assert_eq!(
            (error.code(), error.message()),
            (SqlState::INVALID_PARAMETER_VALUE, "unsupported format code: 2")
        );
        assert_eq!(
            message_of(b'B', b"\0\0\0\x02\0\x01\0\x01\0\x01\0\0\0\0\0\0"),
            "bind message has 2 parameter formats but 1 parameters"
        );
    }

    #[test]
    fn arguments_of_a_function_call() {
        let call = |body: &'static [u8]| {
            let frame = Box::leak(Box::new(frame(b'F', body)));
            let Frontend::FunctionCall(call) = decode(frame).unwrap() else { panic!() };
            call
        };
        let two = call(b"\0\0\0\xb1\0\x01\0\x01\0\x02\0\0\0\x01a\xff\xff\xff\xff\0\x01");
        assert_eq!(two.function, Oid(177));
        let arguments = two.arguments(2).unwrap();
        assert_eq!(arguments.values, [Some(&b"a"[..]), None]);
        assert_eq!((arguments.formats.get(1), arguments.result), (Format::Binary, Format::Binary));
        let message = |body, wanted| call(body).arguments(wanted).unwrap_err().message().to_owned();
        assert_eq!(
            message(b"\0\0\0\xb1\0\0\0\x02", 1),
            "function call message contains 2 arguments but function requires 1"
        );
        assert_eq!(
            message(b"\0\0\0\xb1\0\x02\0\0\0\0\0\x01", 1),
            "function call message contains 2 argument formats but 1 arguments"
        );
        assert_eq!(
            message(b"\0\0\0\xb1\0\0\0\x01\xff\xff\xff\xfe", 1),
            "invalid argument size -2 in function call message"
        );
        assert_eq!(message(b"\0\0\0\xb1\0\0\0\0\0\0x", 0), "invalid message format");
        assert_eq!(message(b"\0\0\0\xb1\0\0\0\x01\0\0\0\x09a", 1), "insufficient data left in message");
    }

    #[test]
    fn text_must_be_utf8() {
        let error = decode(&frame(b'Q', b"SELECT '\xc3\x28'\0")).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), SqlState::CHARACTER_NOT_IN_REPERTOIRE);
    }

    proptest! {
        #[test]
        fn arbitrary_bodies_never_panic(tag in any::<u8>(), body in proptest::collection::vec(any::<u8>(), 0..80)) {
            let frame = Frame { tag, body: body.into() };
            if let Ok(Frontend::Bind(bind)) = decode(&frame) {
                prop_assert_eq!(bind.parameters.iter().count(), bind.parameters.len());
                let _ = bind.result_formats.of_columns(3);
            }
        }

        #[test]
        fn truncated_binds_are_errors(values in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..9)), 0..5), cut in any::<prop::sample::Index>()) {
            let mut body = b"p\0s\0\0\0".to_vec();
            body.extend((values.len() as u16).to_be_bytes());
            for value in &values {
                body.extend(value.as_ref().map_or(-1, |v| v.len() as i32).to_be_bytes());
                body.extend(value.iter().flatten());
            }
            body.extend(0u16.to_be_bytes());
            let whole = Frame { tag: b'B', body: body.clone().into() };
            let Ok(Frontend::Bind(bind)) = decode(&whole) else { panic!() };
            let expected: Vec<_> = values.iter().map(|value| value.as_deref()).collect();
            prop_assert_eq!(bind.parameters.iter().collect::<Vec<_>>(), expected);
            let short = Frame { tag: b'B', body: body[..cut.index(body.len())].to_vec().into() };
            prop_assert!(decode(&short).is_err());
        }
    }
}
