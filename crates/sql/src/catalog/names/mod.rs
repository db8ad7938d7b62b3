//! Names of objects for the reg types (`regproc.c`): a text for an oid, an oid for a text.

mod parse;
mod print;
mod read;

use std::sync::Arc;

use pg::env::ObjectNames;
use pg::{Oid, Result, oid};

use super::Catalog;

pub(crate) use parse::parse_name_list;

/// The names of a catalog along a search path.
#[derive(Clone, Debug)]
pub struct Names {
    catalog: Arc<Catalog>,
    path: Arc<[Arc<str>]>,
}

impl Names {
    /// Names as a session with this search path (of existing schemas) sees them.
    pub fn new(catalog: Arc<Catalog>, path: Arc<[Arc<str>]>) -> Names {
        Names { catalog, path }
    }
}

impl ObjectNames for Names {
    fn reg_out(&self, reg_type: Oid, oid: Oid) -> String {
        self.catalog.reg_out(reg_type, oid, &self.path)
    }

    fn reg_in(&self, reg_type: Oid, text: &str) -> Result<Oid> {
        self.catalog.reg_in(reg_type, text, &self.path)
    }
}

impl Catalog {
    /// The text of an oid of a reg type (`regclassout` …).
    pub fn reg_out(&self, reg_type: Oid, object: Oid, path: &[Arc<str>]) -> String {
        if !object.is_valid() {
            return if matches!(reg_type, oid::REGOPER | oid::REGOPERATOR) { "0" } else { "-" }.to_owned();
        }
        self.name_of(reg_type, object, path).unwrap_or_else(|| object.to_string())
    }

    /// The oid for a text (`regclassin` …): a name, a number, or `-`.
    pub fn reg_in(&self, reg_type: Oid, text: &str, path: &[Arc<str>]) -> Result<Oid> {
        let zero = if matches!(reg_type, oid::REGOPER | oid::REGOPERATOR) { "0" } else { "-" };
        if text == zero {
            return Ok(Oid::INVALID);
        }
        if text.bytes().next().is_some_and(|b| b.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit())
        {
            return text.parse().map(Oid).map_err(|_| {
                pg::Error::new(
                    pg::SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
                    format!("value \"{text}\" is out of range for type oid"),
                )
            });
        }
        self.read_name(reg_type, text, path)
    }
}

#[cfg(test)]
mod tests;
