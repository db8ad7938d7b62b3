//! Statements of Hazelcast's own (mappings, views, indexes, jobs, data connections, SHOW …): passed as they were written,
//! once their type names are known to be harmless.

use std::ops::Range;
use std::sync::Arc;

use futures::future::BoxFuture;
use hazelcast_client::{ExpectedResult, SqlResult};
use pg::wire::Format;
use pg::{Error, Oid, Result, SqlState, TypeRef, Value, oid};
use sql::parse::hazelcast::HazelcastStatement;

use super::Shared;
use super::mapping_types::check_types;
use super::rows::ready;
use crate::cluster::error::pg_error;
use crate::cluster::passed::error_of_passed;
use crate::session::engine::{Column, Outcome, Prepared, Statement, Surroundings};

/// A statement of Hazelcast's own.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    shared: Arc<Shared>,
    /// `CREATE MAPPING`, `SHOW JOBS` …
    words: &'static str,
    whole: Arc<str>,
    text: Range<usize>,
}

impl Passed {
    pub(super) fn new(shared: &Arc<Shared>, whole: &Arc<str>, statement: &HazelcastStatement) -> Passed {
        Passed {
            shared: shared.clone(),
            words: statement.words,
            whole: whole.clone(),
            text: statement.text.clone(),
        }
    }

    fn sql(&self) -> &str {
        self.whole.get(self.text.clone()).unwrap_or_default()
    }

    fn is_show(&self) -> bool {
        self.words.starts_with("SHOW")
    }

    /// Whether it changes what the catalog shows.
    fn changes_catalog(&self) -> bool {
        matches!(
            self.words,
            "CREATE MAPPING"
                | "DROP MAPPING"
                | "CREATE INDEX"
                | "CREATE VIEW"
                | "CREATE TYPE"
                | "DROP TYPE"
                | "CREATE DATA CONNECTION"
                | "DROP DATA CONNECTION"
        )
    }

    async fn run(&self, around: &Surroundings) -> Result<Outcome> {
        if matches!(self.words, "CREATE MAPPING" | "CREATE TYPE") {
            let known = self.known_types().await?;
            check_types(&self.whole, self.text.clone(), &known)?;
        }
        // Hazelcast refuses a timeout with these ("CREATE MAPPING does not support timeout").
        let statement = self.shared.cluster.client().sql(self.sql());
        let expected = if self.is_show() { ExpectedResult::Rows } else { ExpectedResult::UpdateCount };
        let result = statement.expected_result(expected).execute().await;
        let told = |error| self.about_view(error_of_passed(&error, &self.whole, self.text.clone()));
        let outcome = match result.map_err(told)? {
            SqlResult::UpdateCount(_) => Outcome::Done(self.words.to_owned()),
            SqlResult::Rows(mut rows) => {
                let mut values = Vec::new();
                let width = self.columns_of_show().len();
                while let Some(page) = rows.next_page().await.map_err(told)? {
                    let value = |row, column| page.str(row, column).map_or(Value::Null, Value::text);
                    values.extend(
                        (0..page.rows()).map(|row| (0..width).map(|column| value(row, column)).collect()),
                    );
                }
                ready("SHOW".into(), values)
            }
        };
        self.look_again(around).await;
        Ok(outcome)
    }

    /// What a view may be is for Hazelcast to say, which keeps it.
    fn about_view(&self, error: Error) -> Error {
        match error.code() {
            SqlState::DUPLICATE_TABLE | SqlState::SYNTAX_ERROR => error,
            _ if self.words == "CREATE VIEW" => error.hint(
                "A view is kept by Hazelcast, whose own SQL must have all that is in it. Do the rest in the queries over \
                 the view.",
            ),
            _ => error,
        }
    }

    /// A new picture of the catalog after a change.
    pub(super) async fn look_again(&self, around: &Surroundings) {
        if self.changes_catalog() {
            warn_unseen(self.refresh().await, self.words, around);
        }
    }

    /// Makes the change seen.
    async fn refresh(&self) -> Result<()> {
        let catalog = &self.shared.catalog;
        match self.words {
            "CREATE INDEX" => catalog.refresh_indexes().await.map(|_| ()),
            _ => catalog.refresh().await.map(|_| ()),
        }
    }

    /// The types that the cluster's users have defined.
    async fn known_types(&self) -> Result<Vec<String>> {
        let sql = "SELECT user_defined_type_name FROM information_schema.user_defined_types";
        let result = self.shared.cluster.client().sql(sql).execute().await;
        let mut names = Vec::new();
        if let SqlResult::Rows(mut rows) = result.map_err(|error| pg_error(&error))? {
            while let Some(page) = rows.next_page().await.map_err(|error| pg_error(&error))? {
                names.extend((0..page.rows()).filter_map(|row| page.str(row, 0).map(str::to_owned)));
            }
        }
        Ok(names)
    }

    fn columns_of_show(&self) -> Vec<Column> {
        let names: &[&str] = match self.words {
            "SHOW RESOURCES" => &["name", "type"],
            "SHOW DATA CONNECTIONS" => &["name", "connection_type", "resource_types"],
            _ => &["name"],
        };
        let column = |name: &&str| Column {
            name: (*name).into(),
            ty: TypeRef::of(oid::VARCHAR),
            origin: Default::default(),
        };
        names.iter().map(column).collect()
    }
}

/// That no parameters were declared for a statement that has none.
pub(super) fn no_parameters(words: &str, declared: Option<&[Oid]>) -> Result<()> {
    if declared.is_some_and(|types| !types.is_empty()) {
        let message = format!("{words} has no parameters");
        return Err(Error::new(SqlState::INDETERMINATE_DATATYPE, message));
    }
    Ok(())
}

/// A warning when a change can't be seen yet. It was carried out, whatever becomes of our picture of the catalog: an error
/// would have it done again.
pub(super) fn warn_unseen<T>(looked: Result<T>, words: &str, around: &Surroundings) {
    let Err(error) = looked else { return };
    tracing::warn!(%error, "the catalog could not be read after {words}");
    let message = format!("{words} was carried out, but the catalog could not be read after it");
    let hint = "Statements see the change when the cluster answers again.";
    let warning = Error::new(SqlState::WARNING, message).severity(pg::error::Severity::Warning);
    around.notices.push(warning.detail(error.to_string()).hint(hint));
}

impl Statement for Passed {
    fn analyze<'a>(
        &'a self,
        declared: Option<&'a [Oid]>,
        _: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>> {
        Box::pin(async move {
            no_parameters(self.words, declared)?;
            let columns = self.is_show().then(|| self.columns_of_show());
            let prepared: Arc<dyn Prepared> = Arc::new(PreparedPassed { passed: self.clone(), columns });
            Ok(prepared)
        })
    }
}

#[derive(Debug)]
struct PreparedPassed {
    passed: Passed,
    columns: Option<Vec<Column>>,
}

impl Prepared for PreparedPassed {
    fn parameter_types(&self) -> &[Oid] {
        &[]
    }

    fn columns(&self) -> Option<&[Column]> {
        self.columns.as_deref()
    }

    fn writes(&self) -> Option<&'static str> {
        (!self.passed.is_show()).then_some(self.passed.words)
    }

    fn execute<'a>(
        &'a self,
        _: Arc<[Value]>,
        _: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(self.passed.run(around))
    }
}
