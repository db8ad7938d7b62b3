//! A received message.

use bytes::Bytes;

use super::exception;
use super::frame::{EVENT, Fixed, Frame, Frames};
use super::message_type::EXCEPTION;
use crate::error::{Error, Malformed, Result};

/// A whole message from a member: the bytes of all its frames.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    bytes: Bytes,
    flags: u16,
    message_type: i32,
    correlation_id: i64,
}

impl Message {
    pub(crate) fn new(bytes: Bytes) -> std::result::Result<Self, Malformed> {
        let first = Frames::new(&bytes).next()?;
        let fixed = Fixed(first.content);
        let (flags, message_type, correlation_id) = (first.flags, fixed.i32(0)?, fixed.i64(4)?);
        // A response ends with the number of backup acknowledgements, an event with its partition.
        fixed.u8(12)?;
        Ok(Self { flags, message_type, correlation_id, bytes })
    }

    pub(crate) fn message_type(&self) -> i32 {
        self.message_type
    }

    pub(crate) fn correlation_id(&self) -> i64 {
        self.correlation_id
    }

    pub(crate) fn is_event(&self) -> bool {
        self.flags & EVENT != 0
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The fixed-size fields (after their offset in the protocol's tables) and the frames that follow.
    pub(crate) fn read(&self) -> std::result::Result<(Fixed<'_>, Frames<'_>), Malformed> {
        let mut frames = Frames::new(&self.bytes);
        let Frame { content, .. } = frames.next()?;
        Ok((Fixed(content), frames))
    }

    /// This message, unless it says that the request failed. Responses are matched by correlation id; their type
    /// doesn't matter (one version of the member uses a wrong one).
    pub(crate) fn into_response(self) -> Result<Self> {
        if self.message_type == EXCEPTION {
            return Err(Error::Member(Box::new(exception::decode(&self)?)));
        }
        Ok(self)
    }
}
