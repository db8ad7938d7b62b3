//! SQL: statements, their results, and the pages of rows that these come in.

pub(crate) mod cancel;
pub(crate) mod column;
mod execute;
pub(crate) mod page;
mod query;
pub(crate) mod result;
pub(crate) mod statement;
pub(crate) mod value_ref;
