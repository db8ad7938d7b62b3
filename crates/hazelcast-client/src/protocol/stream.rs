//! From a stream of bytes to messages: cuts complete messages out, puts fragments together (protocol 1.2 and 1.7).

use std::collections::HashMap;

use bytes::{Buf, Bytes, BytesMut};

use super::frame::{
    BEGIN_FRAGMENT, END_FRAGMENT, FINAL, FRAME_HEADER, Fixed, Frames, UNFRAGMENTED, frame_header,
};
use super::message::Message;
use crate::error::Malformed;

/// Cuts messages out of what was received, in whatever pieces it came.
#[derive(Debug)]
pub(crate) struct MessageCutter {
    /// How much of the message at the front of the buffer was looked at already: whole frames.
    scanned: usize,
    /// Limit of one message, fragments together.
    max_size: usize,
    fragments: HashMap<i64, BytesMut>,
    /// Bytes in `fragments`.
    fragmented: usize,
}

impl MessageCutter {
    pub(crate) fn new(max_size: usize) -> Self {
        Self { scanned: 0, max_size, fragments: HashMap::new(), fragmented: 0 }
    }

    /// The next complete message, taken from the front of `buffer`; nothing while more must be received.
    pub(crate) fn next(&mut self, buffer: &mut BytesMut) -> Result<Option<Message>, Malformed> {
        loop {
            let Some((length, flags)) = buffer.get(self.scanned..).and_then(frame_header) else {
                return Ok(None);
            };
            let length = usize::try_from(length).ok().filter(|length| *length >= FRAME_HEADER);
            let length = length.ok_or(Malformed("frame shorter than its header"))?;
            let end = self.scanned.checked_add(length).filter(|end| *end <= self.max_size);
            let end = end.ok_or(Malformed("message is longer than max_message_size"))?;
            if end > buffer.len() {
                return Ok(None);
            }
            self.scanned = end;
            if flags & FINAL == 0 {
                continue;
            }
            self.scanned = 0;
            if let Some(message) = self.complete(buffer.split_to(end))? {
                return Ok(Some(message));
            }
        }
    }

    /// A sequence of frames up to its final one: a message, or a fragment of one.
    fn complete(&mut self, mut sequence: BytesMut) -> Result<Option<Message>, Malformed> {
        let first = Frames::new(&sequence).next()?;
        if first.flags & UNFRAGMENTED == UNFRAGMENTED {
            return Message::new(sequence.freeze()).map(Some);
        }
        let id = Fixed(first.content).i64(0)?;
        let flags = first.flags;
        let header = first.at + first.content.len();
        sequence.advance(header);
        if flags & BEGIN_FRAGMENT != 0 {
            self.fragmented -= self.fragments.remove(&id).map_or(0, |old| old.len());
            self.fragments.insert(id, BytesMut::new());
        }
        let collected = self.fragments.get_mut(&id).ok_or(Malformed("fragment without a beginning"))?;
        // Final flags stay inside of the message; whoever reads it goes on to its end.
        collected.extend_from_slice(&sequence);
        self.fragmented += sequence.len();
        if self.fragmented > self.max_size || self.fragments.len() > 1024 {
            return Err(Malformed("fragments are longer than max_message_size"));
        }
        if flags & END_FRAGMENT == 0 {
            return Ok(None);
        }
        let message: Bytes = self.fragments.remove(&id).unwrap_or_default().freeze();
        self.fragmented -= message.len();
        Message::new(message).map(Some)
    }
}
