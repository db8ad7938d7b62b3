//! Why a text is no date or time (`DTERR_…`), and how that is said (`DateTimeParseError`).

use crate::{Error, SqlState};

/// What went wrong while decoding.
#[derive(Debug)]
pub(super) enum Failure {
    BadFormat,
    FieldOverflow,
    /// A month or day field is out of range: perhaps the fields are in another order.
    MonthDayOverflow,
    IntervalOverflow,
    ZoneOverflow,
    /// An error with its own text.
    Raised(Error),
}

pub(super) type Decoded<T = ()> = Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Raised(error)
    }
}

impl Failure {
    /// The error about an input text for a type.
    pub(super) fn error(self, text: &str, type_name: &str) -> Error {
        let out_of_range = |code, what: &str| Error::new(code, format!("{what} out of range: \"{text}\""));
        match self {
            Failure::BadFormat => Error::new(
                SqlState::INVALID_DATETIME_FORMAT,
                format!("invalid input syntax for type {type_name}: \"{text}\""),
            ),
            Failure::FieldOverflow => {
                out_of_range(SqlState::DATETIME_FIELD_OVERFLOW, "date/time field value")
            }
            Failure::MonthDayOverflow => {
                out_of_range(SqlState::DATETIME_FIELD_OVERFLOW, "date/time field value")
                    .hint("Perhaps you need a different \"datestyle\" setting.")
            }
            Failure::IntervalOverflow => {
                out_of_range(SqlState::INTERVAL_FIELD_OVERFLOW, "interval field value")
            }
            Failure::ZoneOverflow => {
                out_of_range(SqlState::INVALID_TIME_ZONE_DISPLACEMENT, "time zone displacement")
            }
            Failure::Raised(error) => error,
        }
    }
}
