//! Intervals.

/// An `interval`: three fields that don't mix (a month has no fixed number of days, nor a day of microseconds).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
    /// The time part in microseconds.
    pub micros: i64,
}
