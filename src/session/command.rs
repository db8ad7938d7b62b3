//! Statements that concern the session rather than data: transactions, settings, prepared statements, cursors.

use std::sync::Arc;

use pg::oid::{self, TypeRef};
use pg::{Error, Result, SqlState, Value};

use sql::parse::session::FetchDirection;
use sql::settings::Settings;

use super::cursor::Declared;
use super::engine::{Arguments, Batch, Column, Copy, Explaining, Outcome, Rows, Statement};
use super::portal::{Body, Cursor, Portal, Source};
use super::transaction::{End, Ended};
use super::variables::{self, set, set_modes};
use super::{Session, Step, Stream};

/// A statement for the session.
#[derive(Clone, Debug)]
pub enum Command {
    /// `BEGIN`, `START TRANSACTION`; the tag.
    Begin(TransactionModes, &'static str),
    /// `COMMIT`, `END`
    Commit {
        /// `AND CHAIN`
        chain: bool,
    },
    /// `ROLLBACK`, `ABORT`
    Rollback {
        /// `AND CHAIN`
        chain: bool,
    },
    /// `SAVEPOINT name`
    Savepoint(String),
    /// `RELEASE [SAVEPOINT] name`
    Release(String),
    /// `ROLLBACK TO [SAVEPOINT] name`
    RollbackTo(String),
    /// `SET [SESSION | LOCAL] name = values`
    Set {
        /// The parameter.
        name: String,
        /// Its values; `None` is DEFAULT.
        values: Option<Vec<String>>,
        /// `LOCAL`
        local: bool,
    },
    /// `SET TRANSACTION …`
    SetTransaction(TransactionModes),
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION …`
    SetSessionCharacteristics(TransactionModes),
    /// `SHOW name`
    Show(String),
    /// `SHOW ALL`
    ShowAll,
    /// `RESET name`; `None` is ALL.
    Reset(Option<String>),
    /// `DISCARD …`
    Discard(Discard),
    /// `PREPARE name (types) AS statement`
    Prepare {
        /// The name.
        name: String,
        /// The statement, which knows the types given.
        statement: Arc<dyn Statement>,
    },
    /// `EXECUTE name (arguments)`
    Execute {
        /// The prepared statement.
        name: String,
        /// Its arguments.
        arguments: Arc<dyn Arguments>,
    },
    /// `EXPLAIN EXECUTE name (arguments)`
    ExplainExecute {
        /// The prepared statement.
        name: String,
        /// Its arguments.
        arguments: Arc<dyn Arguments>,
        /// How it is explained.
        explain: Arc<dyn Explaining>,
    },
    /// `DEALLOCATE name`; `None` is ALL.
    Deallocate(Option<String>),
    /// `DECLARE name CURSOR FOR query`
    Declare {
        /// The name.
        name: String,
        /// The query.
        query: Arc<dyn Statement>,
        /// `WITH HOLD`
        hold: bool,
        /// `BINARY`
        binary: bool,
        /// `SCROLL`
        scroll: bool,
    },
    /// `FETCH`, `MOVE`
    Fetch {
        /// The cursor.
        cursor: String,
        /// Where to.
        direction: FetchDirection,
        /// `MOVE`: the rows are skipped.
        skip: bool,
    },
    /// `CLOSE name`; `None` is ALL.
    ClosePortal(Option<String>),
    /// `COPY`
    Copy(Arc<dyn Copy>),
    /// `UNLISTEN`: nothing is ever listened to, so there is nothing to do.
    Unlisten,
}

/// What transaction statements may say of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionModes {
    /// `ISOLATION LEVEL …`, in lower case. Every level is accepted: each remote query sees its own moment, whichever it is.
    pub isolation: Option<String>,
    /// `READ ONLY`, `READ WRITE`
    pub read_only: Option<bool>,
    /// `[NOT] DEFERRABLE`
    pub deferrable: Option<bool>,
}

/// `DISCARD …`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discard {
    /// `ALL`
    All,
    /// `PLANS`
    Plans,
    /// `SEQUENCES`
    Sequences,
    /// `TEMP`
    Temp,
}

impl Command {
    /// Whether a failed transaction block accepts it (`IsTransactionExitStmt`).
    pub fn ends_transaction(&self) -> bool {
        matches!(self, Command::Commit { .. } | Command::Rollback { .. } | Command::RollbackTo(_))
    }
}

/// What a command gave.
pub(super) enum Done {
    /// A command tag.
    Tag(String),
    /// Rows of its own.
    Rows(Outcome),
    /// What `FETCH` or `EXECUTE` runs.
    Portal(Box<Portal>),
}

impl<S: Stream> Session<S> {
    /// The columns of a command's result, if it has one.
    pub(super) fn columns_of(&self, command: &Command) -> Result<Option<Arc<[Column]>>> {
        let text =
            |name: &str| Column { name: name.into(), ty: TypeRef::of(oid::TEXT), origin: Default::default() };
        Ok(match command {
            Command::Show(name) => {
                self.around.variables.settings().show(name)?;
                Some([text(&Settings::show_name(name))].into())
            }
            Command::ShowAll => Some(["name", "setting", "description"].map(text).into()),
            Command::ExplainExecute { explain, .. } => Some(explain.columns()),
            Command::Execute { name, .. } => {
                let body = &self.statement(name)?.body;
                refuse_circle("EXECUTE", body)?;
                self.columns_of_body(body)?
            }
            Command::Fetch { cursor, skip: false, .. } => {
                let portal = self.portals.get(cursor).ok_or_else(|| no_cursor(cursor))?;
                refuse_circle("FETCH", &portal.source.body)?;
                self.columns_of_body(&portal.source.body)?
            }
            _ => None,
        })
    }

    /// The columns of a statement's result, if it has one.
    pub(super) fn columns_of_body(&self, body: &Body) -> Result<Option<Arc<[Column]>>> {
        match body {
            Body::Empty => Ok(None),
            Body::Command(command) => self.columns_of(command),
            Body::Query(prepared) => Ok(prepared.columns().map(Arc::from)),
        }
    }

    /// Runs a command.
    pub(super) async fn run_command(&mut self, command: &Command) -> Step<Done> {
        let tag = match command {
            Command::Begin(..)
            | Command::Commit { .. }
            | Command::Rollback { .. }
            | Command::Savepoint(_)
            | Command::Release(_)
            | Command::RollbackTo(_) => self.run_transaction(command)?,
            Command::Set { .. }
            | Command::SetTransaction(_)
            | Command::SetSessionCharacteristics(_)
            | Command::Reset(_) => self.run_setting(command)?,
            Command::Show(name) => return Ok(Done::Rows(self.show(name)?)),
            Command::ShowAll => return Ok(Done::Rows(self.show_all())),
            Command::Discard(what) => self.discard(*what)?,
            Command::Prepare { name, statement } => {
                self.prepare_named(name, statement).await?;
                "PREPARE"
            }
            Command::Execute { name, arguments } => return self.execute_named(name, arguments).await,
            Command::ExplainExecute { name, arguments, explain } => {
                return self.explain_named(name, arguments, explain.as_ref()).await;
            }
            Command::Deallocate(name) => self.deallocate(name.as_deref())?,
            Command::Declare { name, query, hold, binary, scroll } => {
                let at = self.around.env.statement_timestamp;
                let declared = Declared::new(*binary, *scroll, at);
                self.declare(name, query, *hold, declared).await?;
                "DECLARE CURSOR"
            }
            Command::Fetch { cursor, .. } => {
                let portal = self.portals.remove(cursor).ok_or_else(|| no_cursor(cursor))?;
                refuse_circle("FETCH", &portal.source.body)?;
                return Ok(Done::Portal(Box::new(portal)));
            }
            Command::ClosePortal(name) => self.close_cursor(name.as_deref())?,
            Command::Copy(copy) => return self.copy(copy.as_ref()).await.map(Done::Tag),
            Command::Unlisten => "UNLISTEN",
        };
        Ok(Done::Tag(tag.to_owned()))
    }

    /// Runs a command about transactions; its tag.
    fn run_transaction(&mut self, command: &Command) -> Result<&'static str> {
        Ok(match command {
            Command::Begin(modes, tag) => self.begin(modes, tag)?,
            Command::Commit { chain } => self.commit(*chain)?,
            Command::Rollback { chain } => self.rollback(*chain)?,
            Command::Savepoint(name) => {
                self.transaction.savepoint(name)?;
                self.change_settings(|settings| settings.savepoint(name));
                "SAVEPOINT"
            }
            Command::Release(name) => {
                self.transaction.release(name)?;
                self.change_settings(|settings| settings.release(name));
                "RELEASE"
            }
            Command::RollbackTo(name) => {
                let warning = self.transaction.rollback_to(name)?;
                self.change_settings(|settings| settings.rollback_to(name));
                self.notice(warning);
                "ROLLBACK"
            }
            _ => return Err(Error::internal("a command that is about no transaction")),
        })
    }

    /// Runs a command that changes settings; its tag.
    fn run_setting(&mut self, command: &Command) -> Result<&'static str> {
        Ok(match command {
            Command::Set { name, values, local } => {
                let local = self.is_local(*local, "SET LOCAL");
                self.change_settings(|settings| set(settings, name, values.as_deref(), local))?;
                "SET"
            }
            Command::SetTransaction(modes) => {
                self.is_local(true, "SET TRANSACTION");
                self.set_transaction(modes)?;
                "SET"
            }
            Command::SetSessionCharacteristics(modes) => {
                self.change_settings(|settings| set_modes(settings, "default_transaction_", modes))?;
                "SET"
            }
            Command::Reset(name) => {
                self.change_settings(|settings| match name {
                    Some(name) => settings.reset(name),
                    None => {
                        settings.reset_all();
                        Ok(())
                    }
                })?;
                "RESET"
            }
            _ => return Err(Error::internal("a command that changes no setting")),
        })
    }

    fn begin(&mut self, modes: &TransactionModes, tag: &'static str) -> Result<&'static str> {
        let warning = self.transaction.begin();
        self.notice(warning);
        self.change_settings(Settings::begin);
        self.set_transaction(modes)?;
        Ok(tag)
    }

    fn commit(&mut self, chain: bool) -> Result<&'static str> {
        self.refuse_chain_outside(chain, "COMMIT AND CHAIN")?;
        let ended = self.transaction.commit();
        let tag = match ended.end {
            End::Committed => "COMMIT",
            End::RolledBack => "ROLLBACK",
        };
        self.end_transaction(ended, chain)?;
        Ok(tag)
    }

    fn rollback(&mut self, chain: bool) -> Result<&'static str> {
        self.refuse_chain_outside(chain, "ROLLBACK AND CHAIN")?;
        let ended = self.transaction.rollback();
        self.end_transaction(ended, chain)?;
        Ok("ROLLBACK")
    }

    fn refuse_chain_outside(&self, chain: bool, command: &str) -> Result<()> {
        if chain && !self.transaction.in_block() {
            let message = format!("{command} can only be used in transaction blocks");
            return Err(Error::new(SqlState::NO_ACTIVE_SQL_TRANSACTION, message));
        }
        Ok(())
    }

    /// What the end of a transaction does to settings and portals.
    pub(super) fn end_transaction(&mut self, ended: Ended, chain: bool) -> Result<()> {
        self.notice(ended.warning);
        let kept = ended.end == End::Committed;
        self.portals.retain(|portal| portal.hold && (kept || !portal.is_fresh()));
        self.portals.for_each(Portal::settle);
        let modes = chain.then(|| self.around.variables.transaction_modes());
        self.change_settings(|settings| variables::end(settings, ended.end));
        if let Some(modes) = modes {
            self.around.env.transaction_timestamp = self.around.env.statement_timestamp;
            self.begin(&modes, "BEGIN")?;
        }
        Ok(())
    }

    /// Outside a transaction, what is local has no effect, and PostgreSQL says so (`WarnNoTransactionBlock`).
    fn is_local(&mut self, local: bool, command: &str) -> bool {
        if local && !self.transaction.in_block() {
            let message = format!("{command} can only be used in transaction blocks");
            let warning = Error::new(SqlState::NO_ACTIVE_SQL_TRANSACTION, message);
            self.notice(Some(warning.severity(pg::error::Severity::Warning)));
        }
        local
    }

    fn set_transaction(&mut self, modes: &TransactionModes) -> Result<()> {
        if *modes == TransactionModes::default() {
            return Ok(());
        }
        self.transaction.check_modes(&self.around.variables.transaction_modes(), modes)?;
        self.change_settings(|settings| set_modes(settings, "transaction_", modes))
    }

    fn show(&self, name: &str) -> Result<Outcome> {
        let value = self.around.variables.settings().show(name)?;
        Ok(rows_of("SHOW", vec![vec![Value::text(value)]]))
    }

    fn show_all(&self) -> Outcome {
        let rows = self.around.variables.settings().show_all().into_iter();
        let rows = rows.map(|row| [row.name, row.setting, row.description].map(Value::text).into());
        rows_of("SHOW", rows.collect())
    }

    fn discard(&mut self, what: Discard) -> Result<&'static str> {
        Ok(match what {
            // There are no sequences and no temporary tables; plans are the engine's, and never stale.
            Discard::Plans => "DISCARD PLANS",
            Discard::Sequences => "DISCARD SEQUENCES",
            Discard::Temp => "DISCARD TEMP",
            Discard::All => {
                if self.transaction.in_block() {
                    let message = "DISCARD ALL cannot run inside a transaction block";
                    return Err(Error::new(SqlState::ACTIVE_SQL_TRANSACTION, message));
                }
                self.portals.clear();
                self.statements.remove("");
                self.forget_named_statements();
                self.change_settings(Settings::reset_all);
                "DISCARD ALL"
            }
        })
    }

    async fn prepare_named(&mut self, name: &str, statement: &Arc<dyn Statement>) -> Step<()> {
        if name.is_empty() || self.statements.get(name).is_some() {
            return Err(duplicate_statement(name).into());
        }
        let prepared = self.wait(statement.analyze(Some(&[]), &self.around.clone())).await??;
        let parameter_types = prepared.parameter_types().to_vec();
        let text = self.query_text();
        let source = Source { body: Body::Query(prepared), parameter_types, text, part: None };
        self.keep_statement(name, source, true)?;
        Ok(())
    }

    /// The text of the statement that runs.
    fn query_text(&self) -> Arc<str> {
        self.controls.activity().query.as_str().into()
    }

    async fn execute_named(&mut self, name: &str, arguments: &Arc<dyn Arguments>) -> Step<Done> {
        let source = self.statement(name)?.clone();
        refuse_circle("EXECUTE", &source.body)?;
        let around = self.around.clone();
        let parameters = self.wait(arguments.evaluate(name, &source.parameter_types, &around)).await??;
        let columns = self.columns_of_body(&source.body)?.map_or(0, |columns| columns.len());
        let portal = Portal::bound(source, parameters, vec![Default::default(); columns].into());
        Ok(Done::Portal(Box::new(portal)))
    }

    /// `ExplainExecuteQuery`
    async fn explain_named(
        &mut self,
        name: &str,
        arguments: &Arc<dyn Arguments>,
        explain: &dyn Explaining,
    ) -> Step<Done> {
        let source = self.statement(name)?.clone();
        let Body::Query(prepared) = &source.body else {
            return Err(Error::refused("EXPLAIN of a command").into());
        };
        let around = self.around.clone();
        let parameters = self.wait(arguments.evaluate(name, &source.parameter_types, &around)).await??;
        let explained = self.wait(explain.of(prepared, &around)).await??;
        let source = Source {
            body: Body::Query(explained),
            parameter_types: source.parameter_types.clone(),
            text: source.text.clone(),
            part: None,
        };
        let formats = vec![Default::default(); explain.columns().len()].into();
        let portal = Portal::bound(Arc::new(source), parameters, formats);
        Ok(Done::Portal(Box::new(portal)))
    }

    fn deallocate(&mut self, name: Option<&str>) -> Result<&'static str> {
        match name {
            None => {
                self.forget_named_statements();
                Ok("DEALLOCATE ALL")
            }
            Some(name) if self.forget_statement(name) => Ok("DEALLOCATE"),
            Some(name) => Err(super::no_statement(name)),
        }
    }

    async fn declare(
        &mut self,
        name: &str,
        query: &Arc<dyn Statement>,
        hold: bool,
        declared: Declared,
    ) -> Step<()> {
        if !hold && !self.transaction.in_block() {
            let message = "DECLARE CURSOR can only be used in transaction blocks";
            return Err(Error::new(SqlState::NO_ACTIVE_SQL_TRANSACTION, message).into());
        }
        if self.portals.get(name).is_some() {
            let message = format!("cursor \"{name}\" already exists");
            return Err(Error::new(SqlState::DUPLICATE_CURSOR, message).into());
        }
        self.transaction.query();
        let around = self.around.clone();
        let prepared = self.wait(query.analyze(None, &around)).await??;
        if prepared.writes().is_some() {
            let message = "DECLARE CURSOR must not contain data-modifying statements in WITH";
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).into());
        }
        if let Some(strength) = prepared.locks() {
            let not_supported = |what: &str, detail: &str| {
                let message = format!("DECLARE {what} ... FOR {strength} is not supported");
                Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).into())
            };
            if hold {
                return not_supported("CURSOR WITH HOLD", "Holdable cursors must be READ ONLY.");
            }
            if declared.scroll {
                return not_supported("SCROLL CURSOR", "Scrollable cursors must be READ ONLY.");
            }
        }
        let columns = prepared.columns().map_or(0, <[Column]>::len);
        let format = if declared.binary { pg::wire::Format::Binary } else { pg::wire::Format::Text };
        let source = Source {
            body: Body::Query(prepared),
            parameter_types: Vec::new(),
            text: self.query_text(),
            part: None,
        };
        let bound = Portal::bound(Arc::new(source), Arc::new([]), vec![format; columns].into());
        let portal = Portal { hold, declared: Some(declared), ..bound };
        self.keep_portal(name, portal)?;
        Ok(())
    }

    fn close_cursor(&mut self, name: Option<&str>) -> Result<&'static str> {
        match name {
            None => {
                self.portals.clear();
                Ok("CLOSE CURSOR ALL")
            }
            Some(name) => match self.portals.remove(name) {
                Some(_) => Ok("CLOSE CURSOR"),
                None => Err(no_cursor(name)),
            },
        }
    }
}

/// Rows that are there already.
struct Ready {
    rows: Option<Vec<Vec<Value>>>,
    tag: &'static str,
}

impl Rows for Ready {
    fn next(&mut self) -> futures::future::BoxFuture<'_, Result<Option<Batch>>> {
        let batch = self.rows.take().map(Batch::Values);
        Box::pin(std::future::ready(Ok(batch)))
    }

    fn tag(&self, _: u64) -> String {
        self.tag.to_owned()
    }
}

fn rows_of(tag: &'static str, rows: Vec<Vec<Value>>) -> Outcome {
    Outcome::Rows(Box::new(Ready { rows: Some(rows), tag }))
}

/// What is prepared by the extended protocol may be `EXECUTE` or `FETCH` itself: of the same statement, even.
fn refuse_circle(command: &str, body: &Body) -> Result<()> {
    match body {
        Body::Command(Command::Execute { .. } | Command::Fetch { .. }) => {
            Err(Error::refused(format!("{command} of a statement that is EXECUTE or FETCH itself")))
        }
        _ => Ok(()),
    }
}

pub(super) fn no_cursor(name: &str) -> Error {
    Error::new(SqlState::INVALID_CURSOR_NAME, format!("cursor \"{name}\" does not exist"))
}

pub(super) fn duplicate_statement(name: &str) -> Error {
    Error::new(
        SqlState::DUPLICATE_PREPARED_STATEMENT,
        format!("prepared statement \"{name}\" already exists"),
    )
}

impl Cursor {
    /// A cursor over rows.
    pub(super) fn new(rows: Box<dyn Rows>, columns: Arc<[Column]>) -> Cursor {
        Cursor { rows, batch: None, columns }
    }
}
