//! The simple protocol: one message, any number of statements (`exec_simple_query`).

use std::ops::Range;
use std::sync::Arc;

use pg::wire::backend;
use pg::{Oid, Result};

use super::engine::{Parsed, ParsedKind};
use super::portal::{Body, Portal, Source};
use super::rows::{Completion, Most};
use super::transaction::in_failed_transaction;
use super::{Session, Step, Stream};

impl<S: Stream> Session<S> {
    /// `Query`
    pub(super) async fn query(&mut self, text: &str) -> Step<()> {
        self.begin_statement();
        self.show_statement(text);
        let text: Arc<str> = text.into();
        // A Query message ends the unnamed statement and portal.
        self.statements.remove("");
        self.portals.remove("");
        let statements = self.engine.parse(&text, false)?;
        if statements.is_empty() {
            backend::empty_query_response(self.wire.output());
        }
        let several = statements.len() > 1;
        for (number, statement) in statements.into_iter().enumerate() {
            if number > 0 {
                // An interrupt that a quick statement did not see is for what is left of the script.
                self.interrupt.check()?;
                self.let_others_run(number).await?;
            }
            self.begin_statement();
            self.interrupt.check()?;
            // Of one statement the text is all there is.
            let part = several.then(|| statement.text.clone());
            self.run_simple(statement, &text, part).await?;
        }
        self.end_implicit()?;
        Ok(())
    }

    /// A long script of quick statements sends its answers, and leaves the thread now and then.
    async fn let_others_run(&mut self, number: usize) -> Step<()> {
        if self.wire.is_full() {
            self.drain().await?;
        }
        if number.is_multiple_of(64) {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn run_simple(
        &mut self,
        statement: Parsed,
        text: &Arc<str>,
        part: Option<Range<usize>>,
    ) -> Step<()> {
        let source = Source { part, ..self.analyze(statement, text, None).await? };
        let columns = self.columns_of_body(&source.body)?;
        let formats = self.formats_of(&source, columns.as_deref());
        let mut portal = Portal::bound(Arc::new(source), Arc::new([]), formats);
        match self.run_portal("", &mut portal, Most::All, true).await? {
            Completion::Tag(tag) => {
                self.send_notices();
                backend::command_complete(self.wire.output(), &tag);
            }
            Completion::Empty | Completion::Suspended => (),
        }
        Ok(())
    }

    /// Gives a statement its meaning. In a failed block only those that end it have one.
    pub(super) async fn analyze(
        &mut self,
        statement: Parsed,
        text: &Arc<str>,
        declared: Option<&[Oid]>,
    ) -> Step<Source> {
        let (body, parameter_types) = match statement.kind {
            ParsedKind::Command(command) => {
                if self.transaction.has_failed() && !command.ends_transaction() {
                    return Err(in_failed_transaction().into());
                }
                (Body::Command(command), Vec::new())
            }
            ParsedKind::Sql(_) if self.transaction.has_failed() => return Err(in_failed_transaction().into()),
            ParsedKind::Sql(statement) => {
                let prepared =
                    super::wait(&mut self.wire, &self.interrupt, statement.analyze(declared, &self.around))
                        .await??;
                let types = prepared.parameter_types().to_vec();
                (Body::Query(prepared), types)
            }
        };
        Ok(Source { body, parameter_types, text: text.clone(), part: None })
    }

    /// Whether a statement may run now: a failed block accepts only its end.
    pub(super) fn refuse_if_failed(&self, body: &Body) -> Result<()> {
        let ends = matches!(body, Body::Command(command) if command.ends_transaction());
        if self.transaction.has_failed() && !ends { Err(in_failed_transaction()) } else { Ok(()) }
    }
}
