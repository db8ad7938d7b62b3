//! What a value's text form and a function's result may depend on besides its arguments: the settings of the session,
//! the clock as the statement sees it, and the names of objects.

use std::fmt;
use std::sync::Arc;

use crate::{Oid, Result};

/// The surroundings of an evaluation. Cheap to clone; one per statement.
#[derive(Clone, Debug)]
pub struct Env {
    /// `TimeZone`: an IANA name, a POSIX string or a fixed offset, as `SHOW timezone` prints it.
    pub time_zone: Arc<str>,
    /// `DateStyle`.
    pub date_style: DateStyle,
    /// `IntervalStyle`.
    pub interval_style: IntervalStyle,
    /// `extra_float_digits`, -15 to 3.
    pub extra_float_digits: i32,
    /// `bytea_output`.
    pub bytea_output: ByteaOutput,
    /// `default_text_search_config`: a name.
    pub text_search_configuration: Arc<str>,
    /// `now()`: the start of the transaction, microseconds since 2000-01-01 UTC.
    pub transaction_timestamp: i64,
    /// `statement_timestamp()`.
    pub statement_timestamp: i64,
    /// Where object identifiers get their names from.
    pub names: Arc<dyn ObjectNames>,
}

/// The order and form of dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateStyle {
    /// `ISO`, `SQL`, `Postgres` or `German`.
    pub format: DateFormat,
    /// `MDY`, `DMY` or `YMD`.
    pub order: DateOrder,
}

/// See [`DateStyle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DateFormat {
    Iso,
    Sql,
    Postgres,
    German,
}

/// See [`DateStyle`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DateOrder {
    Mdy,
    Dmy,
    Ymd,
}

/// The form of intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum IntervalStyle {
    Postgres,
    PostgresVerbose,
    SqlStandard,
    Iso8601,
}

/// The form of `bytea`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ByteaOutput {
    Hex,
    Escape,
}

/// Names of objects, for the reg types. The catalog snapshot of a session implements it.
pub trait ObjectNames: fmt::Debug + Send + Sync {
    /// The text of an oid of a reg type (`regclassout`, `regtypeout` …): a name, qualified when it is not on the
    /// search path, quoted where needed; the number when there is no such object.
    fn reg_out(&self, reg_type: Oid, oid: Oid) -> String;

    /// The oid for a text (`regclassin` …): a name or a number.
    fn reg_in(&self, reg_type: Oid, text: &str) -> Result<Oid>;
}

/// Knows no names: oids stay numbers.
#[derive(Debug)]
pub struct NoNames;

impl ObjectNames for NoNames {
    fn reg_out(&self, _: Oid, oid: Oid) -> String {
        oid.to_string()
    }

    fn reg_in(&self, _: Oid, text: &str) -> Result<Oid> {
        text.parse().map(Oid).map_err(|_| {
            crate::Error::new(crate::SqlState::UNDEFINED_OBJECT, format!("\"{text}\" does not exist"))
        })
    }
}

impl Default for Env {
    fn default() -> Env {
        Env {
            time_zone: "UTC".into(),
            date_style: DateStyle { format: DateFormat::Iso, order: DateOrder::Mdy },
            interval_style: IntervalStyle::Postgres,
            extra_float_digits: 1,
            bytea_output: ByteaOutput::Hex,
            text_search_configuration: "pg_catalog.english".into(),
            transaction_timestamp: 0,
            statement_timestamp: 0,
            names: Arc::new(NoNames),
        }
    }
}
