//! The framing guard: what stands between the socket and anything that interprets bytes. It knows the legal types and
//! lengths of each phase of a connection and asks for no memory on the word of a length field.

use bytes::{Bytes, BytesMut};

use crate::error::Severity;
use crate::{Error, Result, SqlState};

/// The longest startup packet (`MAX_STARTUP_PACKET_LENGTH`).
pub const STARTUP_BYTES_MAX: usize = 10_000;
/// The longest message before a client is authenticated (`PG_MAX_AUTH_TOKEN_LENGTH`).
pub const AUTHENTICATION_BYTES_MAX: usize = 65_535;
/// The longest message of a type that carries no text or data (`PQ_SMALL_MESSAGE_LIMIT`).
pub const SMALL_BYTES_MAX: usize = 10_000;
/// The longest message of any type (`PQ_LARGE_MESSAGE_LIMIT`: one less than `MaxAllocSize`).
pub const LARGE_BYTES_MAX: usize = 0x3fff_fffe;
/// Messages up to this length are received without asking the [`Budget`](super::Budget).
pub const FREE_BYTES_MAX: usize = 64 * 1024;

/// A message as it came: its type byte and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The type byte.
    pub tag: u8,
    /// What follows the length.
    pub body: Bytes,
}

/// How far a connection has come, after its startup packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The client has been asked to authenticate: only a password message, or Terminate, may come.
    Authentication,
    /// The client is in: any frontend message may come.
    Ready,
}

/// What [`cut`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cut<T> {
    /// A whole message, now removed from the input.
    Whole(T),
    /// Not yet a whole message. `total` bytes are needed from the start of the input; before the header is there, a
    /// header's worth.
    More {
        /// See above.
        total: usize,
    },
}

/// Cuts a startup packet (`ProcessStartupPacket`): a length without type byte, then the body.
pub fn cut_startup(input: &mut BytesMut) -> Result<Cut<Bytes>> {
    let Some(length) = length_at(input, 0) else { return Ok(Cut::More { total: 4 }) };
    // The smallest body is a protocol version.
    if length < 4 + 4 || length as usize > STARTUP_BYTES_MAX {
        return Err(violation("invalid length of startup packet"));
    }
    let total = length as usize;
    if input.len() < total {
        return Ok(Cut::More { total });
    }
    Ok(Cut::Whole(input.split_to(total).freeze().slice(4..)))
}

/// Cuts a typed message. An error means that the stream can't be trusted any more: the connection must end.
pub fn cut(input: &mut BytesMut, phase: Phase) -> Result<Cut<Frame>> {
    let Some(&tag) = input.first() else { return Ok(Cut::More { total: 5 }) };
    let Some(max) = body_bytes_max(tag, phase) else {
        return Err(violation(format!("invalid frontend message type {tag}")));
    };
    let Some(length) = length_at(input, 1) else { return Ok(Cut::More { total: 5 }) };
    if length < 4 || length as usize - 4 > max {
        return Err(violation("invalid message length"));
    }
    let total = 1 + length as usize;
    if input.len() < total {
        return Ok(Cut::More { total });
    }
    Ok(Cut::Whole(Frame { tag, body: input.split_to(total).freeze().slice(5..) }))
}

/// The longest body of a message of this type in this phase (`SocketBackend`); `None` when it may not come at all.
fn body_bytes_max(tag: u8, phase: Phase) -> Option<usize> {
    match (phase, tag) {
        (_, b'X') => Some(SMALL_BYTES_MAX),
        (Phase::Authentication, b'p') => Some(AUTHENTICATION_BYTES_MAX),
        (Phase::Authentication, _) => None,
        (Phase::Ready, b'Q' | b'F' | b'P' | b'B' | b'd') => Some(LARGE_BYTES_MAX),
        (Phase::Ready, b'C' | b'D' | b'E' | b'H' | b'S' | b'c' | b'f') => Some(SMALL_BYTES_MAX),
        (Phase::Ready, _) => None,
    }
}

/// The length field at an offset, as unsigned: a negative one is a very long one.
fn length_at(input: &BytesMut, offset: usize) -> Option<u32> {
    let bytes = input.get(offset..offset + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn violation(message: impl Into<String>) -> Error {
    Error::new(SqlState::PROTOCOL_VIOLATION, message).severity(Severity::Fatal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(tag: u8, length: u32, body: &[u8]) -> BytesMut {
        let mut input = BytesMut::new();
        input.extend_from_slice(&[tag]);
        input.extend_from_slice(&length.to_be_bytes());
        input.extend_from_slice(body);
        input
    }

    #[test]
    fn cuts_one_message_and_leaves_the_next() {
        let mut input = message(b'Q', 9, b"abcd\0Stail");
        let frame = Frame { tag: b'Q', body: Bytes::from_static(b"abcd\0") };
        assert_eq!(cut(&mut input, Phase::Ready).unwrap(), Cut::Whole(frame));
        assert_eq!(&input[..], b"Stail");
    }

    #[test]
    fn says_how_much_is_missing_without_reserving_it() {
        let mut input = message(b'Q', 1000, b"abc");
        let capacity = input.capacity();
        assert_eq!(cut(&mut input, Phase::Ready).unwrap(), Cut::More { total: 1001 });
        assert_eq!(input.capacity(), capacity);
        assert_eq!(input.len(), 8);
        assert_eq!(cut(&mut BytesMut::from(&b"Q\0\0"[..]), Phase::Ready).unwrap(), Cut::More { total: 5 });
        assert_eq!(cut(&mut BytesMut::new(), Phase::Ready).unwrap(), Cut::More { total: 5 });
    }

    #[test]
    fn refuses_lengths_shorter_than_the_length_itself() {
        for length in [0, 1, 2, 3] {
            let error = cut(&mut message(b'Q', length, b"SELECT 1\0"), Phase::Ready).unwrap_err();
            assert_eq!(
                (error.code(), error.fields().severity),
                (SqlState::PROTOCOL_VIOLATION, Severity::Fatal)
            );
        }
    }

    #[test]
    fn refuses_lengths_over_the_limit_of_type_and_phase() {
        for (tag, phase, length, legal) in [
            (b'Q', Phase::Ready, LARGE_BYTES_MAX + 4, true),
            (b'Q', Phase::Ready, LARGE_BYTES_MAX + 5, false),
            (b'Q', Phase::Ready, u32::MAX as usize, false),
            (b'S', Phase::Ready, SMALL_BYTES_MAX + 4, true),
            (b'S', Phase::Ready, SMALL_BYTES_MAX + 5, false),
            (b'p', Phase::Authentication, AUTHENTICATION_BYTES_MAX + 4, true),
            (b'p', Phase::Authentication, AUTHENTICATION_BYTES_MAX + 5, false),
            (b'Q', Phase::Authentication, 10, false),
            (b'B', Phase::Authentication, 10, false),
            (b'p', Phase::Ready, 10, false),
            (b'G', Phase::Ready, 10, false),
        ] {
            let cut = cut(&mut message(tag, length as u32, b""), phase);
            assert_eq!(cut.is_ok(), legal, "{} {phase:?} {length}", tag as char);
        }
    }

    #[test]
    fn startup_packets_have_their_own_limits() {
        for (length, legal) in
            [(0u32, false), (7, false), (8, true), (10_000, true), (10_001, false), (u32::MAX, false)]
        {
            assert_eq!(
                cut_startup(&mut BytesMut::from(&length.to_be_bytes()[..])).is_ok(),
                legal,
                "{length}"
            );
        }
        // "GET " read as a length.
        assert!(cut_startup(&mut BytesMut::from(&b"GET / HTTP/1.1\r\n"[..])).is_err());
        let mut input = BytesMut::from(&b"\0\0\0\x08\x04\xd2\x16\x2frest"[..]);
        assert_eq!(cut_startup(&mut input).unwrap(), Cut::Whole(Bytes::from_static(b"\x04\xd2\x16\x2f")));
        assert_eq!(&input[..], b"rest");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic_and_always_advance(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            for phase in [Phase::Authentication, Phase::Ready] {
                let mut input = BytesMut::from(&bytes[..]);
                while let Ok(Cut::Whole(_)) = cut(&mut input, phase) {}
                prop_assert!(input.len() <= bytes.len());
            }
            let _ = cut_startup(&mut BytesMut::from(&bytes[..]));
        }

        #[test]
        fn chunks_make_the_same_messages(bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..8), chunk in 1usize..7) {
            let mut sent = BytesMut::new();
            for body in &bodies {
                sent.extend_from_slice(&message(b'd', body.len() as u32 + 4, body));
            }
            let (mut input, mut received) = (BytesMut::new(), Vec::new());
            for part in sent.chunks(chunk) {
                input.extend_from_slice(part);
                while let Cut::Whole(frame) = cut(&mut input, Phase::Ready).unwrap() {
                    received.push(frame.body.to_vec());
                }
            }
            prop_assert_eq!(received, bodies);
            prop_assert!(input.is_empty());
        }
    }
}
