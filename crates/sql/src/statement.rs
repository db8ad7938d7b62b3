//! What a statement of SQL means: a query, or a change that a query feeds.

use std::sync::Arc;

use crate::catalog::Relation;
use crate::query::Query;

/// An analysed statement. (Statements about the session, and Hazelcast's own, have no analysis.)
#[derive(Clone, Debug)]
pub enum Statement {
    /// `SELECT`, `VALUES`, `TABLE`
    Query(Box<Query>),
    /// `INSERT`, `SINK`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE`
    Delete(Box<Delete>),
    /// `EXPLAIN`
    Explain(Box<Explain>),
}

/// `INSERT INTO`, and Hazelcast's `SINK INTO`, which overwrites.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub relation: Arc<Relation>,
    /// The columns that are written, as indexes into the relation's. What is not named is NULL.
    pub columns: Vec<usize>,
    /// The rows: as many columns as `columns`, already of their types (assignment casts). A literal VALUES list is
    /// [`crate::query::Body::Values`].
    pub source: Query,
    /// `SINK INTO`.
    pub sink: bool,
}

/// `UPDATE`.
#[derive(Clone, Debug)]
pub struct Update {
    /// The table.
    pub relation: Arc<Relation>,
    /// The columns that are assigned, as indexes into the relation's.
    pub columns: Vec<usize>,
    /// A block (no ORDER BY, no LIMIT) whose range 0 is the table, the FROM clause's ranges behind it; it selects the
    /// new values, in the order of `columns`, already of their types.
    pub source: Query,
}

/// `DELETE`.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The table.
    pub relation: Arc<Relation>,
    /// A block whose range 0 is the table, USING's ranges behind it; it selects nothing.
    pub source: Query,
}

/// `EXPLAIN`.
#[derive(Clone, Debug)]
pub struct Explain {
    /// What is explained.
    pub statement: Statement,
    /// Its options: names in lower case, and their values as written.
    pub options: Vec<(String, Option<String>)>,
}
