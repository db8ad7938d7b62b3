//! Statements about the session: settings, transactions, cursors, prepared statements, notifications.

use std::sync::Arc;

use pg::Result;

use super::ast::{Expr, Query, Statement, TypeName};
use super::copy::Copy;
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

/// A statement about the session.
#[derive(Clone, Debug)]
pub enum SessionStatement {
    /// `BEGIN`, `START TRANSACTION`
    Begin(TransactionModes),
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
    Savepoint(Name),
    /// `RELEASE name`
    Release(Name),
    /// `ROLLBACK TO name`
    RollbackTo(Name),
    /// `SET TRANSACTION`
    SetTransaction(TransactionModes),
    /// `SET SESSION CHARACTERISTICS AS TRANSACTION`
    SetCharacteristics(TransactionModes),
    /// `SET name = value, …`
    Set {
        /// `SET LOCAL`
        local: bool,
        /// The setting, in lower case.
        name: String,
        /// The values; `None` is DEFAULT.
        values: Option<Vec<String>>,
    },
    /// `RESET name`; `None` is ALL.
    Reset(Option<String>),
    /// `SHOW name`, in lower case, `all` among them.
    Show(String),
    /// `DISCARD ALL | PLANS | SEQUENCES | TEMP`, in lower case.
    Discard(String),
    /// `PREPARE`
    Prepare {
        /// Its name.
        name: Name,
        /// The types of parameters.
        types: Vec<TypeName>,
        /// What is prepared.
        statement: Statement,
        /// Its text: bytes of the whole text.
        text: std::ops::Range<usize>,
    },
    /// `EXECUTE`
    Execute {
        /// Which.
        name: Name,
        /// The values of parameters.
        args: Vec<Expr>,
    },
    /// `DEALLOCATE`; `None` is ALL.
    Deallocate(Option<Name>),
    /// `DECLARE … CURSOR FOR`
    Declare {
        /// Its name.
        name: Name,
        /// `BINARY`
        binary: bool,
        /// `SCROLL` (true), `NO SCROLL`
        scroll: Option<bool>,
        /// `WITH HOLD`
        hold: bool,
        /// Its query.
        query: Box<Query>,
        /// The query's text: bytes of the whole text.
        text: std::ops::Range<usize>,
    },
    /// `FETCH`, `MOVE`
    Fetch {
        /// Which cursor.
        name: Name,
        /// Where to.
        direction: FetchDirection,
        /// `MOVE`: no rows are wanted.
        move_only: bool,
    },
    /// `CLOSE`; `None` is ALL.
    Close(Option<Name>),
    /// `LISTEN`
    Listen(Name),
    /// `UNLISTEN`; `None` is all.
    Unlisten(Option<Name>),
    /// `NOTIFY`
    Notify(Name, Option<Arc<str>>),
    /// `COPY`
    Copy(Box<Copy>),
}

/// The modes of a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransactionModes {
    /// `ISOLATION LEVEL`, in lower case.
    pub isolation: Option<String>,
    /// `READ ONLY` (true), `READ WRITE`
    pub read_only: Option<bool>,
    /// `DEFERRABLE` (true), `NOT DEFERRABLE`
    pub deferrable: Option<bool>,
}

/// Where a cursor goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchDirection {
    /// So many rows forward; `None` is ALL. NEXT is one.
    Forward(Option<i64>),
    /// So many rows backward; `None` is ALL. PRIOR is one.
    Backward(Option<i64>),
    /// `ABSOLUTE n`; FIRST is 1, LAST -1.
    Absolute(i64),
    /// `RELATIVE n`
    Relative(i64),
}

impl Parser<'_> {
    /// A session statement, when one is in front.
    pub(super) fn session_statement(&mut self) -> Result<Option<SessionStatement>> {
        let Some(word) = self.peek().word().map(str::to_owned) else { return Ok(None) };
        let statement = match word.as_str() {
            "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
                return self.transaction_statement(&word).map(Some);
            }
            "set" => {
                self.advance();
                self.set()?
            }
            "reset" => {
                self.advance();
                let name = self.setting_name()?;
                SessionStatement::Reset((name != "all").then_some(name))
            }
            "show" => {
                self.advance();
                SessionStatement::Show(self.setting_name()?)
            }
            "discard" => {
                self.advance();
                let what = self.label()?.text.to_ascii_lowercase();
                SessionStatement::Discard(if what == "temporary" { "temp".to_owned() } else { what })
            }
            "prepare" if !self.ahead(1).kind.is_word("transaction") => self.prepare()?,
            "execute" => {
                self.advance();
                let name = self.col_id()?;
                let mut args = Vec::new();
                if self.eat_symbol('(') {
                    args = self.expr_list()?;
                    self.expect_symbol(')')?;
                }
                SessionStatement::Execute { name, args }
            }
            "deallocate" => {
                self.advance();
                if self.is("prepare") && self.ahead(1).kind.is_label() {
                    self.advance();
                }
                SessionStatement::Deallocate(self.name_or_all()?)
            }
            "copy" => SessionStatement::Copy(Box::new(self.copy()?)),
            "declare" => self.declare()?,
            "fetch" | "move" => self.fetch()?,
            "close" => {
                self.advance();
                SessionStatement::Close(self.name_or_all()?)
            }
            "listen" => {
                self.advance();
                SessionStatement::Listen(self.col_id()?)
            }
            "unlisten" => {
                self.advance();
                SessionStatement::Unlisten(if self.eat_symbol('*') { None } else { Some(self.col_id()?) })
            }
            "notify" => {
                self.advance();
                let channel = self.col_id()?;
                let payload = if self.eat_symbol(',') { Some(self.string()?) } else { None };
                SessionStatement::Notify(channel, payload)
            }
            _ => return Ok(None),
        };
        Ok(Some(statement))
    }

    fn name_or_all(&mut self) -> Result<Option<Name>> {
        if self.eat("all") { Ok(None) } else { self.col_id().map(Some) }
    }

    fn transaction_statement(&mut self, word: &str) -> Result<SessionStatement> {
        self.advance();
        match word {
            "savepoint" => return Ok(SessionStatement::Savepoint(self.col_id()?)),
            "release" => {
                self.eat("savepoint");
                return Ok(SessionStatement::Release(self.col_id()?));
            }
            "start" => {
                self.expect("transaction")?;
                return Ok(SessionStatement::Begin(self.transaction_modes()?));
            }
            _ => {}
        }
        if !self.eat("transaction") {
            self.eat("work");
        }
        match word {
            "begin" => Ok(SessionStatement::Begin(self.transaction_modes()?)),
            "rollback" if self.eat("to") => {
                self.eat("savepoint");
                Ok(SessionStatement::RollbackTo(self.col_id()?))
            }
            "rollback" | "abort" => Ok(SessionStatement::Rollback { chain: self.chain()? }),
            _ => Ok(SessionStatement::Commit { chain: self.chain()? }),
        }
    }

    fn chain(&mut self) -> Result<bool> {
        if !self.eat("and") {
            return Ok(false);
        }
        let no = self.eat("no");
        self.expect("chain")?;
        Ok(!no)
    }

    fn transaction_modes(&mut self) -> Result<TransactionModes> {
        let mut modes = TransactionModes::default();
        loop {
            if self.eat_all(&["isolation", "level"]) {
                let level = if self.eat_all(&["read", "uncommitted"]) {
                    "read uncommitted"
                } else if self.eat_all(&["read", "committed"]) {
                    "read committed"
                } else if self.eat_all(&["repeatable", "read"]) {
                    "repeatable read"
                } else {
                    self.expect("serializable")?;
                    "serializable"
                };
                modes.isolation = Some(level.to_owned());
            } else if self.eat_all(&["read", "only"]) {
                modes.read_only = Some(true);
            } else if self.eat_all(&["read", "write"]) {
                modes.read_only = Some(false);
            } else if self.eat("deferrable") {
                modes.deferrable = Some(true);
            } else if self.eat_all(&["not", "deferrable"]) {
                modes.deferrable = Some(false);
            } else if !self.eat_symbol(',') {
                return Ok(modes);
            }
        }
    }

    fn set(&mut self) -> Result<SessionStatement> {
        if self.are(&["session", "characteristics"]) {
            self.skip(2);
            self.expect("as")?;
            self.expect("transaction")?;
            return Ok(SessionStatement::SetCharacteristics(self.transaction_modes()?));
        }
        if self.eat("transaction") {
            if self.eat("snapshot") {
                return Err(pg::Error::refused("SET TRANSACTION SNAPSHOT").at(Some(self.pos())));
            }
            return Ok(SessionStatement::SetTransaction(self.transaction_modes()?));
        }
        let local = self.eat("local");
        if !local && self.is("session") && !self.ahead(1).kind.is_word("authorization") {
            self.advance();
        }
        let set = |name: &str, values| {
            Ok(SessionStatement::Set { local, name: name.to_owned(), values: Some(values) })
        };
        if self.eat_all(&["time", "zone"]) {
            if self.is_any(&["local", "default"]) {
                self.advance();
                return Ok(SessionStatement::Set { local, name: "timezone".into(), values: None });
            }
            if self.eat("interval") {
                let value = self.string()?;
                self.interval_fields()?;
                return set("timezone", vec![format!("INTERVAL '{value}'")]);
            }
            return set("timezone", vec![self.set_value()?]);
        }
        if self.eat("names") {
            if !self.at_string() {
                self.eat("default");
                return Ok(SessionStatement::Set { local, name: "client_encoding".into(), values: None });
            }
            return set("client_encoding", vec![self.string()?.to_string()]);
        }
        // `SET ROLE TO x` is the setting of that name.
        if self.is("role") && !self.gets_a_value(1) {
            self.advance();
            return set("role", vec![self.set_value()?]);
        }
        if self.is("transaction") && !self.gets_a_value(1) {
            self.advance();
            return Ok(SessionStatement::SetTransaction(self.transaction_modes()?));
        }
        if self.eat_all(&["session", "authorization"]) {
            if self.eat("default") {
                let name = "session_authorization".into();
                return Ok(SessionStatement::Set { local, name, values: None });
            }
            return set("session_authorization", vec![self.set_value()?]);
        }
        if self.is("schema") && matches!(self.ahead(1).kind, TokenKind::String(_)) {
            self.advance();
            return set("search_path", vec![self.string()?.to_string()]);
        }
        if self.are(&["xml", "option"]) {
            self.skip(2);
            return set("xmloption", vec![self.set_value()?]);
        }
        if self.is("catalog") && matches!(self.ahead(1).kind, TokenKind::String(_)) {
            let message = "current database cannot be changed";
            let pos = Some(self.ahead(1).pos);
            return Err(pg::Error::new(pg::SqlState::FEATURE_NOT_SUPPORTED, message).at(pos));
        }
        let name = self.dotted_setting()?;
        if self.are(&["from", "current"]) {
            return Err(pg::Error::refused("SET … FROM CURRENT").at(Some(self.pos())));
        }
        if !self.eat("to") {
            self.expect_symbol('=')?;
        }
        if self.eat("default") {
            return Ok(SessionStatement::Set { local, name, values: None });
        }
        let values = self.list(Self::set_value)?;
        Ok(SessionStatement::Set { local, name, values: Some(values) })
    }

    fn dotted_setting(&mut self) -> Result<String> {
        let mut name = self.col_id()?.text.to_ascii_lowercase();
        while self.eat_symbol('.') {
            name.push('.');
            name.push_str(&self.col_id()?.text.to_ascii_lowercase());
        }
        Ok(name)
    }

    /// A value as a setting takes it: a word, a string, a number with its sign.
    fn set_value(&mut self) -> Result<String> {
        let negative = self.eat_symbol('-');
        if !negative {
            self.eat_symbol('+');
        }
        let text = match self.peek().clone() {
            TokenKind::Integer(i) => i.to_string(),
            TokenKind::Number(n) => n.to_string(),
            _ if negative => return Err(self.unexpected()),
            TokenKind::String(text) | TokenKind::Quoted(text) => text.to_string(),
            TokenKind::Word { folded, category, .. }
                if category != Some('R') || matches!(&*folded, "true" | "false" | "on") =>
            {
                folded.to_string()
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(if negative { format!("-{text}") } else { text })
    }

    /// Behind `SHOW` and `RESET`.
    fn setting_name(&mut self) -> Result<String> {
        if self.eat("all") {
            return Ok("all".to_owned());
        }
        if self.eat_all(&["time", "zone"]) {
            return Ok("timezone".to_owned());
        }
        if self.eat_all(&["transaction", "isolation", "level"]) {
            return Ok("transaction_isolation".to_owned());
        }
        if self.eat_all(&["session", "authorization"]) {
            return Ok("session_authorization".to_owned());
        }
        self.dotted_setting()
    }

    fn prepare(&mut self) -> Result<SessionStatement> {
        self.advance();
        let name = self.col_id()?;
        let mut types = Vec::new();
        if self.eat_symbol('(') {
            types = self.list(Self::type_name)?;
            self.expect_symbol(')')?;
        }
        self.expect("as")?;
        let start = self.token().start;
        let statement = match self.modifying_statement()? {
            Some(statement) => statement,
            None => Statement::Query(Box::new(self.query()?)),
        };
        let text = start..self.last_end();
        Ok(SessionStatement::Prepare { name, types, statement, text })
    }

    fn declare(&mut self) -> Result<SessionStatement> {
        self.advance();
        let name = self.col_id()?;
        let (mut binary, mut scroll) = (false, None);
        loop {
            if self.eat("binary") {
                binary = true;
            } else if self.eat("scroll") {
                scroll = Some(true);
            } else if self.eat_all(&["no", "scroll"]) {
                scroll = Some(false);
            } else if !self.eat("insensitive") && !self.eat("asensitive") {
                break;
            }
        }
        self.expect("cursor")?;
        let hold = self.eat_all(&["with", "hold"]);
        if !hold {
            self.eat_all(&["without", "hold"]);
        }
        self.expect("for")?;
        let start = self.token().start;
        let query = Box::new(self.query()?);
        let text = start..self.last_end();
        Ok(SessionStatement::Declare { name, binary, scroll, hold, query, text })
    }

    fn fetch(&mut self) -> Result<SessionStatement> {
        let move_only = self.is("move");
        self.advance();
        let direction = self.fetch_direction()?;
        if !self.eat("from") {
            self.eat("in");
        }
        Ok(SessionStatement::Fetch { name: self.col_id()?, direction, move_only })
    }

    fn fetch_direction(&mut self) -> Result<FetchDirection> {
        if let Some(count) = self.signed_integer() {
            return Ok(FetchDirection::Forward(Some(count)));
        }
        // A cursor may be called by one of these words.
        let next = &self.ahead(1).kind;
        let alone = matches!(next, TokenKind::End | TokenKind::Symbol(';'));
        if alone {
            return Ok(FetchDirection::Forward(Some(1)));
        }
        let word = self.peek().word().map(str::to_owned).unwrap_or_default();
        let direction = match word.as_str() {
            "next" => FetchDirection::Forward(Some(1)),
            "prior" => FetchDirection::Backward(Some(1)),
            "first" => FetchDirection::Absolute(1),
            "last" => FetchDirection::Absolute(-1),
            "all" => FetchDirection::Forward(None),
            "absolute" | "relative" | "forward" | "backward" => {
                self.advance();
                if matches!(word.as_str(), "forward" | "backward") && self.eat("all") {
                    return Ok(match word.as_str() {
                        "forward" => FetchDirection::Forward(None),
                        _ => FetchDirection::Backward(None),
                    });
                }
                let count = self.signed_integer();
                return Ok(match (word.as_str(), count) {
                    ("absolute", Some(n)) => FetchDirection::Absolute(n),
                    ("relative", Some(n)) => FetchDirection::Relative(n),
                    ("forward", n) => FetchDirection::Forward(Some(n.unwrap_or(1))),
                    ("backward", n) => FetchDirection::Backward(Some(n.unwrap_or(1))),
                    _ => return Err(self.unexpected()),
                });
            }
            _ => return Ok(FetchDirection::Forward(Some(1))),
        };
        self.advance();
        Ok(direction)
    }

    fn signed_integer(&mut self) -> Option<i64> {
        let sign = matches!(self.peek(), TokenKind::Symbol('+' | '-'));
        let TokenKind::Integer(number) = self.ahead(usize::from(sign)).kind else { return None };
        let negative = self.is_symbol('-');
        if sign {
            self.advance();
        }
        self.advance();
        Some(if negative { -i64::from(number) } else { number.into() })
    }

    /// The end of the last token taken.
    pub(super) fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |t| t.end)
    }
}
