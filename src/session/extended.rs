//! The extended protocol: Parse, Bind, Describe, Execute, Close.

use std::sync::Arc;

use pg::wire::frontend::{Bind, Parse, Target};
use pg::wire::{Format, backend};
use pg::{Error, Result, SqlState};

use super::command::duplicate_statement;
use super::engine::Column;
use super::portal::{Body, Portal, Source};
use super::rows::{Completion, Most};
use super::transaction::in_failed_transaction;
use super::{Session, Step, Stream, values};

impl<S: Stream> Session<S> {
    /// `Parse` (`exec_parse_message`)
    pub(super) async fn parse(&mut self, parse: Parse<'_>) -> Step<()> {
        self.begin_statement();
        if parse.statement.is_empty() {
            self.statements.remove("");
        } else if self.statements.get(parse.statement).is_some() {
            return Err(duplicate_statement(parse.statement).into());
        }
        self.show_statement(parse.query);
        let text: Arc<str> = parse.query.into();
        let mut statements = self.engine.parse(parse.query, true)?.into_iter();
        let source = match (statements.next(), statements.next()) {
            (None, _) => Source { body: Body::Empty, parameter_types: parse.types, text, part: None },
            (Some(statement), None) => self.analyze(statement, &text, Some(&parse.types)).await?,
            (Some(_), Some(_)) => {
                let message = "cannot insert multiple commands into a prepared statement";
                return Err(Error::new(SqlState::SYNTAX_ERROR, message).into());
            }
        };
        self.keep_statement(parse.statement, source, false)?;
        backend::parse_complete(self.wire.output());
        Ok(())
    }

    /// `Bind` (`exec_bind_message`)
    pub(super) async fn bind(&mut self, bind: Bind<'_>) -> Step<()> {
        self.begin_statement();
        let source = self.statement(bind.statement)?.clone();
        if bind.parameters.len() != source.parameter_types.len() {
            return Err(Error::new(
                SqlState::PROTOCOL_VIOLATION,
                format!(
                    "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
                    bind.parameters.len(),
                    bind.statement,
                    source.parameter_types.len()
                ),
            )
            .into());
        }
        self.refuse_if_failed(&source.body)?;
        if bind.portal.is_empty() {
            self.portals.remove("");
        } else if self.portals.get(bind.portal).is_some() {
            let message = format!("cursor \"{}\" already exists", bind.portal);
            return Err(Error::new(SqlState::DUPLICATE_CURSOR, message).into());
        }
        let parameters = values::parameters(&bind, &source.parameter_types, &self.around.env)?;
        if let Body::Query(prepared) = &source.body {
            self.plan(&**prepared).await?;
        }
        let columns = self.columns_of_body(&source.body)?.map_or(0, |columns| columns.len());
        let formats = bind.result_formats.of_columns(columns)?.into();
        let parameter_bytes = bind.parameters.iter().flatten().map(<[u8]>::len).sum();
        let portal = Portal { parameter_bytes, ..Portal::bound(source, parameters, formats) };
        self.keep_portal(bind.portal, portal)?;
        backend::bind_complete(self.wire.output());
        Ok(())
    }

    /// `Describe` (`exec_describe_statement_message`, `exec_describe_portal_message`)
    pub(super) fn describe(&mut self, target: Target<'_>) -> Result<()> {
        self.begin_statement();
        let (columns, formats) = match target {
            Target::Statement(name) => {
                let source = self.statement(name)?.clone();
                let columns = self.describable(&source)?;
                backend::parameter_description(self.wire.output(), &source.parameter_types);
                let formats = vec![Format::Text; columns.as_ref().map_or(0, |columns| columns.len())];
                (columns, formats.into())
            }
            Target::Portal(name) => {
                let portal = self.portals.get(name).ok_or_else(|| no_portal(name))?;
                let (source, formats) = (portal.source.clone(), portal.formats.clone());
                (self.describable(&source)?, formats)
            }
        };
        match columns {
            Some(columns) => self.row_description(&columns, &formats),
            None => backend::no_data(self.wire.output()),
        }
        Ok(())
    }

    /// The columns to describe. In a failed block nothing with columns is, since nothing in the catalog can be asked.
    fn describable(&self, source: &Source) -> Result<Option<Arc<[Column]>>> {
        let columns = self.columns_of_body(&source.body)?;
        if columns.is_some() && self.transaction.has_failed() {
            return Err(in_failed_transaction());
        }
        Ok(columns)
    }

    /// `Execute` (`exec_execute_message`)
    pub(super) async fn execute(&mut self, name: &str, max_rows: i32) -> Step<()> {
        self.begin_statement();
        let source = self.portals.get(name).ok_or_else(|| no_portal(name))?.source.clone();
        self.refuse_if_failed(&source.body)?;
        // Out of the session while it runs.
        let mut portal = self.portals.remove(name).ok_or_else(|| no_portal(name))?;
        let most = match u64::try_from(max_rows) {
            Ok(1..) => Most::Rows(max_rows.unsigned_abs().into()),
            _ => Most::All,
        };
        self.show_statement(&source.text);
        let completion = match self.run_portal(name, &mut portal, most, false).await {
            Ok(completion) => completion,
            Err(stop) => {
                portal.give_up();
                self.portals.insert(name, portal);
                return Err(stop);
            }
        };
        self.send_notices();
        match completion {
            Completion::Tag(tag) => backend::command_complete(self.wire.output(), &tag),
            Completion::Suspended => backend::portal_suspended(self.wire.output()),
            Completion::Empty => backend::empty_query_response(self.wire.output()),
        }
        // A statement that ended the transaction took the portals with it, this one too.
        if !self.transaction.is_idle() {
            self.portals.insert(name, portal);
        }
        Ok(())
    }

    /// `Close`: what does not exist is closed already.
    pub(super) fn close(&mut self, target: Target<'_>) {
        match target {
            Target::Statement(name) => {
                self.forget_statement(name);
            }
            Target::Portal(name) => drop(self.portals.remove(name)),
        }
        backend::close_complete(self.wire.output());
    }
}

fn no_portal(name: &str) -> Error {
    Error::new(SqlState::INVALID_CURSOR_NAME, format!("portal \"{name}\" does not exist"))
}
