//! `COPY`: the query or the table behind it.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::copy::{Columns, Options, Reader, Writer};
use pg::{Error, Result, SqlState, Value};
use sql::catalog::{Catalog, Relation, Snapshot};
use sql::parse::ast::RelationName;
use sql::parse::copy::{Copy, CopyPlace, CopyWhat};
use sql::parse::{ParseOptions, Statement as Syntax, parse};
use sql::plan::quote;
use sql::write::RowsPlan;

use super::Shared;
use super::statement::SqlStatement;
use crate::session::engine::{self, CopyFrom, CopyTarget, Copying, Prepared, Statement, Surroundings};

/// `COPY`, as it was read.
#[derive(Debug)]
pub(super) struct CopyStatement {
    shared: Arc<Shared>,
    copy: Copy,
    options: Options,
    /// The length of its text.
    bytes: usize,
}

impl CopyStatement {
    pub(super) fn new(shared: &Arc<Shared>, copy: Copy, bytes: usize) -> Result<CopyStatement> {
        match copy.place {
            CopyPlace::Client => (),
            CopyPlace::File => return Err(on_the_server("a file")),
            CopyPlace::Program => return Err(on_the_server("an external program")),
        }
        if copy.filtered {
            return Err(match copy.from {
                true => Error::refused("COPY FROM with WHERE"),
                false => Error::new(SqlState::SYNTAX_ERROR, "WHERE clause not allowed with COPY TO"),
            });
        }
        let options = Options::new(&copy.options, copy.from)?;
        Ok(CopyStatement { shared: shared.clone(), copy, options, bytes })
    }

    async fn copying(&self, around: &Surroundings) -> Result<Copying> {
        match &self.copy.what {
            CopyWhat::Query(query) => {
                let statement = SqlStatement::new(&self.shared, Syntax::Query(query.clone()));
                let statement = statement.of_length(self.bytes);
                let query = statement.analyze(None, around).await?;
                self.to(query)
            }
            CopyWhat::Change => Err(Error::refused("COPY of a statement that writes")),
            CopyWhat::Table(name, columns) => {
                let relation = self.relation(name, around).await?;
                let indexes = columns_of(&relation, columns)?;
                match self.copy.from {
                    true => self.from(&relation, &indexes),
                    false => self.to(self.rows_of(&relation, &indexes, around).await?),
                }
            }
        }
    }

    /// The table. One that is unknown is looked for once more, as in queries.
    async fn relation(&self, name: &RelationName, around: &Surroundings) -> Result<Arc<Relation>> {
        let view = self.shared.view(around);
        if let Some(relation) = find(&view, name, around) {
            return Ok(relation);
        }
        let database = self.shared.catalog.refresh().await?;
        find(&self.shared.view_of(database, around), name, around).ok_or_else(|| unknown(name))
    }

    fn to(&self, query: Arc<dyn Prepared>) -> Result<Copying> {
        let names: Vec<String> =
            query.columns().unwrap_or_default().iter().map(|column| column.name.to_string()).collect();
        check_columns(&self.options.force_quote, &names, "FORCE_QUOTE")?;
        Ok(Copying::To { query, writer: Writer::new(self.options.clone(), names) })
    }

    /// The rows of a table. PostgreSQL copies tables only, not views.
    async fn rows_of(
        &self,
        relation: &Relation,
        indexes: &[usize],
        around: &Surroundings,
    ) -> Result<Arc<dyn Prepared>> {
        if relation.is_view() {
            let message = format!("cannot copy from view \"{}\"", relation.name);
            return Err(Error::new(SqlState::WRONG_OBJECT_TYPE, message)
                .hint("Try the COPY (SELECT ...) TO variant."));
        }
        let names = indexes.iter().filter_map(|at| relation.columns.get(*at)).map(|c| quote(&c.name));
        let names = names.collect::<Vec<_>>().join(", ");
        let text = format!("SELECT {names} FROM {}.{}", quote(&relation.schema), quote(&relation.name));
        let read = parse(&text, ParseOptions::default())?.into_iter().next();
        let syntax = read.ok_or_else(|| Error::internal("a statement is empty"))?.kind;
        let analyzed = SqlStatement::new(&self.shared, syntax).analyze(None, around).await;
        // Positions in a text that nobody wrote would mislead.
        analyzed.map_err(|mut error| {
            error.fields_mut().position = None;
            error
        })
    }

    fn from(&self, relation: &Arc<Relation>, indexes: &[usize]) -> Result<Copying> {
        let columns = indexes.iter().filter_map(|at| relation.columns.get(*at));
        let columns: Vec<_> = columns.map(|column| (column.name.to_string(), column.ty)).collect();
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        check_columns(&self.options.force_not_null, &names, "FORCE_NOT_NULL")?;
        check_columns(&self.options.force_null, &names, "FORCE_NULL")?;
        let plan = RowsPlan::new(relation, indexes)?;
        Ok(Copying::From(Box::new(CopyFrom {
            table: relation.name.to_string(),
            relation: relation.oid,
            columns,
            reader: Reader::new(self.options.clone(), names),
            batch: RowsPlan::ROWS,
            target: Box::new(Target { shared: self.shared.clone(), plan }),
        })))
    }
}

impl engine::Copy for CopyStatement {
    fn open<'a>(&'a self, around: &'a Surroundings) -> BoxFuture<'a, Result<Copying>> {
        Box::pin(self.copying(around))
    }
}

/// A table that rows are inserted into.
struct Target {
    shared: Arc<Shared>,
    plan: RowsPlan,
}

impl CopyTarget for Target {
    fn check(&self, rows: &[Vec<Value>], around: &Surroundings) -> Result<(), (usize, Error)> {
        self.plan.check(rows, &around.env)
    }

    fn write<'a>(&'a self, rows: Vec<Vec<Value>>, around: &'a Surroundings) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let context = self.shared.context(self.shared.view(around), Arc::new([]), around);
            self.plan.write(&context, &rows).await.map(drop)
        })
    }
}

fn find(view: &Catalog, name: &RelationName, around: &Surroundings) -> Option<Arc<Relation>> {
    let path = around.variables.settings().search_path();
    view.relation(name.schema.as_ref(), &name.name, &path)
}

fn unknown(name: &RelationName) -> Error {
    let schema = name.schema.as_ref().map(|schema| format!("{}.", schema.folded())).unwrap_or_default();
    let message = format!("relation \"{schema}{}\" does not exist", name.name.folded());
    Error::new(SqlState::UNDEFINED_TABLE, message)
}

/// The columns that are named, or all that `*` means (`CopyGetAttnums`).
fn columns_of(relation: &Relation, names: &[sql::catalog::Name]) -> Result<Vec<usize>> {
    if names.is_empty() {
        let all = relation.columns.iter().enumerate();
        return Ok(all.filter(|(_, column)| !column.hidden).map(|(at, _)| at).collect());
    }
    let mut indexes = Vec::with_capacity(names.len());
    for name in names {
        let folded = name.folded();
        let at = column_of(relation, name).ok_or_else(|| {
            let message = format!("column \"{folded}\" of relation \"{}\" does not exist", relation.name);
            Error::new(SqlState::UNDEFINED_COLUMN, message)
        })?;
        if indexes.contains(&at) {
            let message = format!("column \"{folded}\" specified more than once");
            return Err(Error::new(SqlState::DUPLICATE_COLUMN, message));
        }
        indexes.push(at);
    }
    Ok(indexes)
}

/// The column of a name, in the readings that names have.
fn column_of(relation: &Relation, name: &sql::catalog::Name) -> Option<usize> {
    let exact = |text: &str| relation.columns.iter().position(|column| &*column.name == text);
    if name.quoted {
        return exact(&name.text);
    }
    let any_case = |column: &sql::catalog::Column| column.name.eq_ignore_ascii_case(&name.text);
    exact(&name.folded()).or_else(|| exact(&name.text)).or_else(|| relation.columns.iter().position(any_case))
}

fn check_columns(columns: &Columns, names: &[String], option: &str) -> Result<()> {
    let Columns::Named(named) = columns else { return Ok(()) };
    match named.iter().find(|name| !names.contains(name)) {
        Some(name) => {
            let message = format!("{option} column \"{name}\" not referenced by COPY");
            Err(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message))
        }
        None => Ok(()),
    }
}

fn on_the_server(what: &str) -> Error {
    Error::refused(format!("COPY to or from {what} of the server"))
        .hint("Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.")
}
