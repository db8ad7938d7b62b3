//! Frames: how a received message is walked, every length checked (protocol 1.2 to 1.6).

use uuid::Uuid;

use crate::error::Malformed;

/// First frame of a fragment that begins a message.
pub(crate) const BEGIN_FRAGMENT: u16 = 0x8000;
/// First frame of a fragment that ends a message.
pub(crate) const END_FRAGMENT: u16 = 0x4000;
/// Both bits: first frame of a message in one piece.
pub(crate) const UNFRAGMENTED: u16 = BEGIN_FRAGMENT | END_FRAGMENT;
/// Last frame of a message or of a fragment.
pub(crate) const FINAL: u16 = 0x2000;
/// Opens a list, map or custom type.
pub(crate) const BEGIN: u16 = 0x1000;
/// Closes it.
pub(crate) const END: u16 = 0x0800;
/// A null value.
pub(crate) const NULL: u16 = 0x0400;
/// First frame of an event.
pub(crate) const EVENT: u16 = 0x0200;

/// Length and flags in front of each frame's content.
pub(crate) const FRAME_HEADER: usize = 6;

/// Length (header included) and flags of the frame that begins here; nothing while the header is incomplete.
pub(crate) fn frame_header(bytes: &[u8]) -> Option<(i32, u16)> {
    let [a, b, c, d, e, f, ..] = *bytes else { return None };
    Some((i32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f])))
}

/// One frame of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) flags: u16,
    pub(crate) content: &'a [u8],
    /// Where the content begins in the message.
    pub(crate) at: usize,
}

impl Frame<'_> {
    pub(crate) fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// Reads the frames of one whole message, in order.
#[derive(Debug, Clone)]
pub(crate) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Goes on in a message, where another reader was.
    pub(crate) fn resume(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Where the next frame begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Whether there is another frame.
    pub(crate) fn more(&self) -> bool {
        self.at < self.bytes.len()
    }

    fn peek(&self) -> Result<Frame<'a>, Malformed> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (length, flags) = frame_header(rest).ok_or(Malformed("message ends before its last field"))?;
        let length = usize::try_from(length).map_err(|_| Malformed("negative frame length"))?;
        let content = rest.get(FRAME_HEADER..length).ok_or(Malformed("frame length outside the message"))?;
        Ok(Frame { flags, content, at: self.at + FRAME_HEADER })
    }

    #[allow(clippy::should_implement_trait)]
    pub(crate) fn next(&mut self) -> Result<Frame<'a>, Malformed> {
        let frame = self.peek()?;
        self.at = frame.at + frame.content.len();
        Ok(frame)
    }

    /// Whether the next frame closes the current structure.
    pub(crate) fn at_end(&self) -> Result<bool, Malformed> {
        Ok(self.peek()?.is(END))
    }

    /// Enters a structure.
    pub(crate) fn begin(&mut self) -> Result<(), Malformed> {
        if self.next()?.is(BEGIN) { Ok(()) } else { Err(Malformed("structure expected")) }
    }

    /// Leaves the structure that was entered, past fields that this client doesn't know.
    pub(crate) fn finish(&mut self) -> Result<(), Malformed> {
        let mut depth = 1usize;
        while depth > 0 {
            let frame = self.next()?;
            if frame.is(BEGIN) {
                depth += 1;
            } else if frame.is(END) {
                depth -= 1;
            }
        }
        Ok(())
    }

    /// A frame that holds a value: neither a null nor a bound of a structure.
    pub(crate) fn value(&mut self) -> Result<Frame<'a>, Malformed> {
        let frame = self.next()?;
        if frame.is(BEGIN | END | NULL) { Err(Malformed("value expected")) } else { Ok(frame) }
    }

    /// Reads what `read` reads, unless a null stands there.
    pub(crate) fn nullable<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if self.peek()?.is(NULL) {
            self.next()?;
            return Ok(None);
        }
        read(self).map(Some)
    }

    /// Reads the items of a list until its end.
    pub(crate) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        self.begin()?;
        let mut items = Vec::new();
        while !self.at_end()? {
            items.push(read(self)?);
        }
        self.next()?;
        Ok(items)
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.value()?.content).map_err(|_| Malformed("text is not UTF-8"))
    }

    pub(crate) fn string(&mut self) -> Result<String, Malformed> {
        self.str().map(str::to_string)
    }

    pub(crate) fn nullable_string(&mut self) -> Result<Option<String>, Malformed> {
        self.nullable(Self::string)
    }
}

/// Reads fixed-size values at their offsets in the content of a frame (protocol 1.4).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fixed<'a>(pub(crate) &'a [u8]);

impl Fixed<'_> {
    fn array<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    /// Whether the content reaches this far: fields that older members don't know are at the end.
    pub(crate) fn has(&self, end: usize) -> bool {
        self.0.len() >= end
    }

    pub(crate) fn u8(&self, at: usize) -> Result<u8, Malformed> {
        self.0.get(at).copied().ok_or(SHORT)
    }

    pub(crate) fn bool(&self, at: usize) -> Result<bool, Malformed> {
        Ok(self.u8(at)? == 1)
    }

    pub(crate) fn i32(&self, at: usize) -> Result<i32, Malformed> {
        self.array(at).map(i32::from_le_bytes).ok_or(SHORT)
    }

    pub(crate) fn i64(&self, at: usize) -> Result<i64, Malformed> {
        self.array(at).map(i64::from_le_bytes).ok_or(SHORT)
    }

    pub(crate) fn uuid(&self, at: usize) -> Result<Option<Uuid>, Malformed> {
        if self.bool(at)? {
            return if self.has(at + 17) { Ok(None) } else { Err(SHORT) };
        }
        let high = self.i64(at + 1)?;
        let low = self.i64(at + 9)?;
        Ok(Some(Uuid::from_u64_pair(high as u64, low as u64)))
    }
}

const SHORT: Malformed = Malformed("frame is too short for its fields");
