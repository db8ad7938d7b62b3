//! The engine behind the sessions: `sql` with a cluster under it.
//!
//! `statement` takes a statement from its syntax tree to a plan and runs it; a plan that is nothing but one statement of
//! the cluster's is run by `direct`, whose pages go to the client as they are. `command` hands what concerns the session
//! back to it, and `passed` sends Hazelcast's own statements on.

mod answers;
mod cache;
mod command;
mod copy;
mod direct;
mod drop_views;
mod elsewhere;
mod explain;
mod function;
mod mapping_types;
mod passed;
mod rows;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pg::env::ObjectNames;
use pg::{Oid, Result};
use sql::catalog::{Catalog, Database, Names};
use sql::exec;
use sql::parse::{ParseOptions, ParsedStatement, Statement as Syntax, parse};

use tokio::runtime::Handle;

use crate::cluster::Cluster;
use crate::cluster::Scope;
use crate::cluster::catalog::CatalogSource;
use crate::config::Limits;
use crate::session::engine::{Engine, Parsed, ParsedKind, Prepared, Surroundings};

/// Views of the catalog that are kept, one for each user and database name.
const VIEWS_MAX: usize = 256;

/// Understands SQL, over a cluster.
pub struct SqlEngine {
    shared: Arc<Shared>,
}

/// The catalog as it looks under a database name to a user.
type Views = HashMap<(Arc<str>, Arc<str>), Arc<Catalog>>;

/// What all statements share.
#[derive(Debug)]
pub(crate) struct Shared {
    cluster: Cluster,
    catalog: CatalogSource,
    views: Mutex<Views>,
    /// What it keeps keeps this alive in turn: an engine is for as long as the program runs.
    cache: cache::Cache,
    answers: answers::Answers,
    dml_timeout: Duration,
    memory_limit: usize,
    /// Where what takes long is computed.
    elsewhere: Handle,
}

impl SqlEngine {
    /// An engine over a cluster that may not be there yet; in the runtime of which the threads compute what takes long.
    pub fn new(cluster: Cluster, limits: &Limits) -> SqlEngine {
        SqlEngine {
            shared: Arc::new(Shared {
                catalog: CatalogSource::new(cluster.clone()),
                cluster,
                views: Mutex::default(),
                cache: cache::Cache::default(),
                answers: answers::Answers::default(),
                dml_timeout: limits.dml_timeout,
                memory_limit: limits.statement_memory,
                elsewhere: Handle::current(),
            }),
        }
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.shared.cluster
    }

    /// What is known of its mappings.
    pub fn catalog(&self) -> &CatalogSource {
        &self.shared.catalog
    }
}

impl Engine for SqlEngine {
    fn ready(&self) -> Result<()> {
        self.shared.cluster.ready()?;
        self.shared.catalog.ready()
    }

    fn version(&self) -> u64 {
        self.shared.catalog.version()
    }

    fn memory_limit(&self) -> usize {
        self.shared.memory_limit
    }

    fn names(&self, around: &Surroundings) -> Arc<dyn ObjectNames> {
        let view = self.shared.view(around);
        Arc::new(Names::new(view, around.variables.settings().search_path()))
    }

    fn parse(&self, text: &str, placeholders: bool) -> Result<Vec<Parsed>> {
        if let Some(known) = self.shared.cache.get(text, placeholders) {
            return Ok(known);
        }
        let statements = parse(text, ParseOptions { placeholders })?;
        let text: Arc<str> = text.into();
        let parsed = |statement| self.shared.parsed(&text, statement);
        let statements: Vec<Parsed> = statements.into_iter().map(parsed).collect::<Result<_>>()?;
        self.shared.cache.put(&text, placeholders, &statements);
        Ok(statements)
    }

    fn function(&self, function: Oid, around: &Surroundings) -> Result<Arc<dyn Prepared>> {
        function::prepare(&self.shared, function, around)
    }
}

impl Shared {
    fn parsed(self: &Arc<Self>, text: &Arc<str>, statement: ParsedStatement) -> Result<Parsed> {
        let ParsedStatement { kind, text: place, names_moment } = statement;
        let kind = match kind {
            Syntax::Session(session) => {
                let own = text.get(place.clone()).unwrap_or_default();
                ParsedKind::Command(command::command(self, own, *session)?)
            }
            Syntax::DropViews(views) => {
                ParsedKind::Sql(Arc::new(drop_views::DroppingViews::new(self, *views)))
            }
            Syntax::Hazelcast(own) => ParsedKind::Sql(Arc::new(passed::Passed::new(self, text, &own))),
            Syntax::Refused(name) => return Err(pg::Error::refused(name)),
            Syntax::Explain(explain) if explain::is_of_execute(&explain) => {
                ParsedKind::Command(command::explain_execute(self, *explain)?)
            }
            kind => {
                let bytes = place.len();
                let statement = statement::SqlStatement::new(self, kind).of_length(bytes);
                ParsedKind::Sql(Arc::new(statement.kept(!names_moment)))
            }
        };
        Ok(Parsed { text: place, kind })
    }

    /// The catalog as a session sees it.
    fn view(&self, around: &Surroundings) -> Arc<Catalog> {
        self.view_of(self.catalog.database(), around)
    }

    fn view_of(&self, database: Arc<Database>, around: &Surroundings) -> Arc<Catalog> {
        let mut views = self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (around.database.clone(), around.user.clone());
        if let Some(view) = views.get(&key)
            && Arc::ptr_eq(view.database(), &database)
        {
            return view.clone();
        }
        let (name, user) = key.clone();
        let view = Arc::new(Catalog::new(database, name, user, Vec::new()));
        if views.len() >= VIEWS_MAX {
            views.clear();
        }
        views.insert(key, view.clone());
        view
    }

    /// The cluster as a statement sees it.
    fn scope(&self, around: &Surroundings) -> Scope {
        let dml_timeout = around.variables.statement_timeout().unwrap_or(self.dml_timeout);
        Scope::new(self.cluster.clone(), around.env.clone(), dml_timeout)
    }

    /// What the executor is given.
    fn context(
        &self,
        view: Arc<Catalog>,
        parameters: Arc<[pg::Value]>,
        around: &Surroundings,
    ) -> exec::Context {
        exec::Context {
            env: around.env.clone(),
            params: parameters,
            snapshot: view,
            cluster: Arc::new(self.scope(around)),
            session: around.variables.session().clone(),
            memory_limit: self.memory_limit,
            cancel: around.cancel.clone(),
            observer: None,
            rows_before_errors: true,
        }
    }
}
