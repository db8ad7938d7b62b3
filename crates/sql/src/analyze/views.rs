//! Views in PostgreSQL's SQL: their definition is analysed in their place.

use std::sync::{Arc, LazyLock};

use pg::{Error, Result};

use super::Analyzer;
use crate::catalog::Relation;
use crate::parse::{ParseOptions, Statement, parse};
use crate::query::Query;

/// Views may be built of views, but not without end.
const MAX_DEPTH: usize = 32;

/// Where definitions look for names without a schema: `pg_get_viewdef` leaves out the schemas of what `pg_catalog` has.
pub static VIEW_SEARCH_PATH: LazyLock<[Arc<str>; 1]> = LazyLock::new(|| ["pg_catalog".into()]);

impl Analyzer<'_> {
    /// The definition of a view, with the view's own names of columns.
    pub(super) fn view(&mut self, relation: &Relation, definition: &str) -> Result<Query> {
        let broken = |why: String| {
            Error::internal(format!(
                "the definition of {}.{} is broken: {why}",
                relation.schema, relation.name
            ))
        };
        if self.in_views >= MAX_DEPTH {
            return Err(broken("it refers to itself".into()));
        }
        let parsed = parse(definition, ParseOptions::default()).map_err(|e| broken(e.to_string()))?;
        let Some(Statement::Query(query)) = parsed.into_iter().next().map(|statement| statement.kind) else {
            return Err(broken("it is no query".into()));
        };
        // Nothing of the statement around is visible in it.
        let scopes = std::mem::take(&mut self.scopes);
        self.in_views += 1;
        let analysed = self.query(&query);
        self.in_views -= 1;
        self.scopes = scopes;
        let mut analysed = analysed.map_err(|error| match error.code() {
            pg::SqlState::FEATURE_NOT_SUPPORTED => error,
            _ => broken(error.to_string()),
        })?;
        let visible = relation.columns.iter().filter(|column| !column.hidden);
        for (column, own) in analysed.columns.iter_mut().zip(visible) {
            column.name = own.name.clone();
        }
        Ok(analysed)
    }
}
