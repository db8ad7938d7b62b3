//! Requests: the bytes of a message to a member.

use uuid::Uuid;

use super::frame::{BEGIN, END, FINAL, FRAME_HEADER, NULL, UNFRAGMENTED};
use crate::data::Data;
use crate::data::value::Value;
use crate::error::Result;

/// Where the correlation id is in every request.
const CORRELATION_AT: usize = FRAME_HEADER + 4;

/// For requests that no partition owns.
pub(crate) const NO_PARTITION: i32 = -1;

/// A request under construction: first the fixed-size fields, then the frames in order, then [`finish`](Self::finish).
#[derive(Debug)]
pub(crate) struct RequestBuilder {
    bytes: Vec<u8>,
    /// Where the header of the frame under construction is.
    frame: usize,
}

/// A finished request. Its correlation id is set when it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
}

impl Request {
    pub(crate) fn set_correlation_id(&mut self, id: i64) {
        if let Some(place) = self.bytes.get_mut(CORRELATION_AT..CORRELATION_AT + 8) {
            place.copy_from_slice(&id.to_le_bytes());
        }
    }

    pub(crate) fn set_partition(&mut self, partition: i32) {
        if let Some(place) = self.bytes.get_mut(CORRELATION_AT + 8..CORRELATION_AT + 12) {
            place.copy_from_slice(&partition.to_le_bytes());
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl RequestBuilder {
    pub(crate) fn new(message_type: i32, partition: i32) -> Self {
        Self::with_capacity(message_type, partition, 128)
    }

    pub(crate) fn with_capacity(message_type: i32, partition: i32, capacity: usize) -> Self {
        let mut request = Self { bytes: Vec::with_capacity(capacity), frame: 0 };
        request.header(UNFRAGMENTED);
        request.i32(message_type);
        request.i64(0);
        request.i32(partition);
        request
    }

    fn header(&mut self, flags: u16) {
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&flags.to_le_bytes());
    }

    /// Writes the length of the frame under construction.
    fn close_frame(&mut self) {
        let length = (self.bytes.len() - self.frame) as i32;
        if let Some(place) = self.bytes.get_mut(self.frame..self.frame + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
    }

    fn open_frame(&mut self, flags: u16) {
        self.close_frame();
        self.frame = self.bytes.len();
        self.header(flags);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    pub(crate) fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn uuid(&mut self, value: Uuid) {
        let (high, low) = value.as_u64_pair();
        self.bool(false);
        self.i64(high as i64);
        self.i64(low as i64);
    }

    pub(crate) fn frame(&mut self, content: &[u8]) {
        self.open_frame(0);
        self.bytes.extend_from_slice(content);
    }

    pub(crate) fn str(&mut self, text: &str) {
        self.frame(text.as_bytes());
    }

    pub(crate) fn null(&mut self) {
        self.open_frame(NULL);
    }

    pub(crate) fn nullable_str(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.str(text),
            None => self.null(),
        }
    }

    pub(crate) fn begin(&mut self) {
        self.open_frame(BEGIN);
    }

    pub(crate) fn end(&mut self) {
        self.open_frame(END);
    }

    pub(crate) fn data(&mut self, data: &Data) {
        self.frame(data.as_bytes());
    }

    /// A value as a Data frame, or a null frame.
    pub(crate) fn value(&mut self, value: &Value) -> Result<()> {
        if matches!(value, Value::Null) {
            self.null();
            return Ok(());
        }
        self.open_frame(0);
        crate::data::encode::encode(value, &mut self.bytes)
    }

    pub(crate) fn finish(mut self) -> Request {
        self.close_frame();
        if let Some(flags) = self.bytes.get_mut(self.frame + 5) {
            *flags |= (FINAL >> 8) as u8;
        }
        Request { bytes: self.bytes }
    }
}
