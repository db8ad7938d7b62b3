//! Serialized values are big endian: reads them where they lie.

use super::decimal::DecimalRef;
use super::temporal::{Date, Time, Timestamp, TimestampTz};

/// Reads big-endian values from the front of bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BigEndian<'a>(pub(crate) &'a [u8]);

impl<'a> BigEndian<'a> {
    #[inline]
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn i16(&mut self) -> Option<i16> {
        self.array().map(i16::from_be_bytes)
    }

    pub(crate) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_be_bytes)
    }

    pub(crate) fn f64(&mut self) -> Option<f64> {
        self.array().map(f64::from_be_bytes)
    }

    /// Bytes with their number before them.
    pub(crate) fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.i32()?).ok()?;
        self.take(length)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.counted()?).ok()
    }

    /// `BigDecimal`.
    pub(crate) fn decimal(&mut self) -> Option<DecimalRef<'a>> {
        let unscaled = self.counted().filter(|bytes| !bytes.is_empty())?;
        Some(DecimalRef { unscaled, scale: self.i32()? })
    }

    /// `LocalDate`.
    pub(crate) fn date(&mut self) -> Option<Date> {
        Date::new(self.i32()?, self.u8()?, self.u8()?)
    }

    /// `LocalTime`.
    pub(crate) fn time(&mut self) -> Option<Time> {
        let (hour, minute, second) = (self.u8()?, self.u8()?, self.u8()?);
        Time::new(hour, minute, second, u32::try_from(self.i32()?).ok()?)
    }

    /// `LocalDateTime`.
    pub(crate) fn timestamp(&mut self) -> Option<Timestamp> {
        Some(Timestamp { date: self.date()?, time: self.time()? })
    }

    /// `OffsetDateTime`.
    pub(crate) fn timestamp_tz(&mut self) -> Option<TimestampTz> {
        let value = TimestampTz { local: self.timestamp()?, offset_seconds: self.i32()? };
        value.is_valid().then_some(value)
    }
}
