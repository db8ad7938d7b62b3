//! `DROP VIEW` (`RemoveRelations`, `reportDependentObjects`): Hazelcast drops one view at a time, by its exact name, and does not
//! look at what is built of it.

use std::sync::Arc;

use futures::future::BoxFuture;
use hazelcast_client::ExpectedResult;
use pg::catalog::quote_identifier;
use pg::error::Severity;
use pg::wire::Format;
use pg::{Error, Oid, Result, SqlState, Value};
use sql::catalog::{Catalog, Relation, Snapshot};
use sql::parse::ast::{DropViews, RelationName};
use sql::plan::quote;

use super::Shared;
use super::passed::{no_parameters, warn_unseen};
use crate::cluster::error::pg_error;
use crate::session::engine::{Column, Outcome, Prepared, Statement, Surroundings};

const WORDS: &str = "DROP VIEW";

/// The statement.
#[derive(Clone, Debug)]
pub(super) struct DroppingViews {
    shared: Arc<Shared>,
    statement: Arc<DropViews>,
}

impl DroppingViews {
    pub(super) fn new(shared: &Arc<Shared>, statement: DropViews) -> DroppingViews {
        DroppingViews { shared: shared.clone(), statement: statement.into() }
    }

    async fn run(&self, around: &Surroundings) -> Result<Outcome> {
        let catalog = self.shared.view_of(self.shared.catalog.refresh().await?, around);
        let mut views: Vec<Arc<Relation>> = Vec::new();
        for name in &self.statement.views {
            match self.find(&catalog, name, around)? {
                Some(view) if views.iter().all(|other| other.oid != view.oid) => views.push(view),
                Some(_) => {}
                None => around
                    .notices
                    .push(notice(format!("view \"{}\" does not exist, skipping", name.name.folded()))),
            }
        }
        let over = catalog.database().views_over(&views);
        self.tell(&views, &over, around)?;
        for view in over.iter().rev().map(|(view, _)| view).chain(&views) {
            let sql = format!("DROP VIEW IF EXISTS {}.{}", quote(&view.schema), quote(&view.name));
            let statement = self.shared.cluster.client().sql(&sql);
            let dropped = statement.expected_result(ExpectedResult::UpdateCount).execute().await;
            drop(dropped.map_err(|error| pg_error(&error))?);
        }
        warn_unseen(self.shared.catalog.refresh().await, WORDS, around);
        Ok(Outcome::Done(WORDS.to_owned()))
    }

    /// A view by its name; none when it need not be there.
    fn find(
        &self,
        catalog: &Catalog,
        name: &RelationName,
        around: &Surroundings,
    ) -> Result<Option<Arc<Relation>>> {
        let path = around.variables.settings().search_path();
        let Some(found) = catalog.relation(name.schema.as_ref(), &name.name, &path) else {
            if self.statement.if_exists {
                return Ok(None);
            }
            let message = format!("view \"{}\" does not exist", name.name.folded());
            return Err(Error::new(SqlState::UNDEFINED_TABLE, message));
        };
        if !found.is_view() {
            let message = format!("\"{}\" is not a view", found.name);
            return Err(Error::new(SqlState::WRONG_OBJECT_TYPE, message)
                .hint("Use DROP MAPPING to remove a mapping; the entries of its map stay."));
        }
        // One of the catalog's own.
        if catalog.database().table_by_oid(found.oid).is_none() {
            let view = name.name.folded();
            let message = format!("cannot drop view {view} because it is required by the database system");
            return Err(Error::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message));
        }
        Ok(Some(found))
    }

    /// Says what else goes, or that it is in the way.
    fn tell(
        &self,
        views: &[Arc<Relation>],
        over: &[(Arc<Relation>, Arc<Relation>)],
        around: &Surroundings,
    ) -> Result<()> {
        let lines = |line: &dyn Fn(&Relation, &Relation) -> String| {
            over.iter().map(|(view, on)| line(view, on)).collect::<Vec<_>>().join("\n")
        };
        let depends = |view: &Relation, on: &Relation| {
            format!("view {} depends on view {}", quote_identifier(&view.name), quote_identifier(&on.name))
        };
        let goes =
            |view: &Relation, _: &Relation| format!("drop cascades to view {}", quote_identifier(&view.name));
        match (over.len(), self.statement.cascade) {
            (0, _) => Ok(()),
            (1, true) => {
                around.notices.push(notice(lines(&goes)));
                Ok(())
            }
            (number, true) => {
                let message = format!("drop cascades to {number} other objects");
                around.notices.push(notice(message).detail(lines(&goes)));
                Ok(())
            }
            (_, false) => {
                let (what, them) = match views {
                    [view] => (format!("view {}", quote_identifier(&view.name)), "it"),
                    _ => ("desired object(s)".to_owned(), "them"),
                };
                let message = format!("cannot drop {what} because other objects depend on {them}");
                Err(Error::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message)
                    .detail(lines(&depends))
                    .hint("Use DROP ... CASCADE to drop the dependent objects too."))
            }
        }
    }
}

fn notice(message: String) -> Error {
    Error::new(SqlState(*b"00000"), message).severity(Severity::Notice)
}

impl Statement for DroppingViews {
    fn analyze<'a>(
        &'a self,
        declared: Option<&'a [Oid]>,
        _: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>> {
        Box::pin(async move {
            no_parameters(WORDS, declared)?;
            let prepared: Arc<dyn Prepared> = Arc::new(self.clone());
            Ok(prepared)
        })
    }
}

impl Prepared for DroppingViews {
    fn parameter_types(&self) -> &[Oid] {
        &[]
    }

    fn columns(&self) -> Option<&[Column]> {
        None
    }

    fn writes(&self) -> Option<&'static str> {
        Some(WORDS)
    }

    fn execute<'a>(
        &'a self,
        _: Arc<[Value]>,
        _: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(self.run(around))
    }
}
