//! Where a session stands between BEGIN and COMMIT (PostgreSQL's `xact.c`). The cluster has no transactions over
//! statements: every row is written at once. So what is kept here is what clients see of one: the status, who may
//! speak in a failed block, and the warning when something was written that can't be taken back.

use pg::error::Severity;
use pg::wire::TransactionStatus;
use pg::{Error, Result, SqlState};

use super::command::TransactionModes;

/// The transaction of a session.
#[derive(Debug, Default)]
pub struct Transaction {
    state: State,
    /// Statements that wrote, since the transaction began.
    writes: u64,
    /// A statement has read or written (`FirstSnapshotSet`).
    queried: bool,
    savepoints: Vec<Savepoint>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// None.
    #[default]
    Idle,
    /// The statements of one Query message, or the messages up to Sync.
    Implicit,
    /// Between BEGIN and its end.
    Block,
    /// The same, after an error.
    Failed,
}

#[derive(Debug)]
struct Savepoint {
    name: String,
    writes: u64,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its settings stay.
    Committed,
    /// Its settings are taken back.
    RolledBack,
}

/// What the end of a transaction gave.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// What the client is warned of.
    pub warning: Option<Error>,
}

impl Transaction {
    /// What ReadyForQuery tells.
    pub fn status(&self) -> TransactionStatus {
        match self.state {
            State::Idle | State::Implicit => TransactionStatus::Idle,
            State::Block => TransactionStatus::InBlock,
            State::Failed => TransactionStatus::Failed,
        }
    }

    /// Whether there is a transaction block, failed or not.
    pub fn in_block(&self) -> bool {
        matches!(self.state, State::Block | State::Failed)
    }

    /// Whether the block has failed: only its end is accepted (25P02).
    pub fn has_failed(&self) -> bool {
        self.state == State::Failed
    }

    /// Whether no transaction is under way, not even an implicit one.
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    /// A statement outside a block begins its own transaction.
    pub fn begin_implicit(&mut self) {
        if self.state == State::Idle {
            *self = Transaction { state: State::Implicit, ..Transaction::default() };
        }
    }

    /// Ends an implicit transaction, if there is one.
    pub fn end_implicit(&mut self) -> bool {
        let implicit = self.state == State::Implicit;
        if implicit {
            *self = Transaction::default();
        }
        implicit
    }

    /// `BEGIN` (`BeginTransactionBlock`).
    pub fn begin(&mut self) -> Option<Error> {
        match self.state {
            State::Idle | State::Implicit => {
                self.state = State::Block;
                None
            }
            State::Block | State::Failed => {
                Some(warning(SqlState::ACTIVE_SQL_TRANSACTION, "there is already a transaction in progress"))
            }
        }
    }

    /// `COMMIT` (`EndTransactionBlock`): of a failed block it is a rollback.
    pub fn commit(&mut self) -> Ended {
        match self.state {
            State::Block => self.ended(End::Committed, None),
            State::Failed => self.rollback(),
            State::Idle | State::Implicit => self.ended(End::Committed, Some(no_transaction())),
        }
    }

    /// `ROLLBACK` (`UserAbortTransactionBlock`).
    pub fn rollback(&mut self) -> Ended {
        match self.state {
            State::Block | State::Failed => {
                let warning = (self.writes > 0).then(writes_stay);
                self.ended(End::RolledBack, warning)
            }
            // The statements before it in the same message may have written.
            State::Idle | State::Implicit => {
                let warning = if self.writes > 0 { writes_stay() } else { no_transaction() };
                self.ended(End::RolledBack, Some(warning))
            }
        }
    }

    /// A statement has failed. Of an implicit transaction that is the end.
    pub fn fail(&mut self) -> Option<Ended> {
        match self.state {
            State::Block => {
                self.state = State::Failed;
                None
            }
            State::Failed => None,
            State::Idle | State::Implicit => {
                let warning = (self.writes > 0).then(writes_stay);
                Some(self.ended(End::RolledBack, warning))
            }
        }
    }

    /// A statement reads or writes: from now on the transaction is of one kind.
    pub fn query(&mut self) {
        self.queried = true;
    }

    /// Whether modes may still change (`check_XactIsoLevel` and its relatives); outside a block they are nobody's.
    /// `now`: those that it has.
    pub fn check_modes(&self, now: &TransactionModes, new: &TransactionModes) -> Result<()> {
        if !self.in_block() {
            return Ok(());
        }
        let check = |nested: &str, late: &str| match (self.savepoints.is_empty(), self.queried) {
            (_, true) => Err(Error::new(SqlState::ACTIVE_SQL_TRANSACTION, late)),
            (false, false) => Err(Error::new(SqlState::ACTIVE_SQL_TRANSACTION, nested)),
            (true, false) => Ok(()),
        };
        if new.isolation.is_some() && new.isolation != now.isolation {
            check(
                "SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction",
                "SET TRANSACTION ISOLATION LEVEL must be called before any query",
            )?;
        }
        if new.read_only == Some(false) && now.read_only == Some(true) {
            let nested = "cannot set transaction read-write mode inside a read-only transaction";
            let late = "transaction read-write mode must be set before any query";
            check(nested, if self.savepoints.is_empty() { late } else { nested })?;
        }
        if new.deferrable.is_some() {
            let nested = "SET TRANSACTION [NOT] DEFERRABLE must not be called within a subtransaction";
            let late = "SET TRANSACTION [NOT] DEFERRABLE must be called before any query";
            check(nested, if self.savepoints.is_empty() { late } else { nested })?;
        }
        Ok(())
    }

    /// A statement has written.
    pub fn wrote(&mut self) {
        self.writes += 1;
    }

    /// A statement reads rows that are to stay locked until the transaction ends. Outside a block that is at once, and so
    /// nothing is missing.
    pub fn lock(&self, strength: &str) -> Option<Error> {
        let message = format!("FOR {strength} locks no rows");
        let warning = || {
            warning(SqlState::WARNING, &message).detail(
            "The cluster has no locks that last for a transaction; others may change the rows before it ends.",
        )
        };
        self.in_block().then(warning)
    }

    /// `SAVEPOINT`
    pub fn savepoint(&mut self, name: &str) -> Result<()> {
        self.require_block("SAVEPOINT")?;
        self.savepoints.push(Savepoint { name: name.to_owned(), writes: self.writes });
        Ok(())
    }

    /// `RELEASE SAVEPOINT`
    pub fn release(&mut self, name: &str) -> Result<()> {
        self.require_block("RELEASE SAVEPOINT")?;
        let at = self.find_savepoint(name)?;
        self.savepoints.truncate(at);
        Ok(())
    }

    /// `ROLLBACK TO SAVEPOINT`: heals a failed block.
    pub fn rollback_to(&mut self, name: &str) -> Result<Option<Error>> {
        self.require_block("ROLLBACK TO SAVEPOINT")?;
        let at = self.find_savepoint(name)?;
        self.savepoints.truncate(at + 1);
        self.state = State::Block;
        let since = self.savepoints.last().map_or(0, |savepoint| savepoint.writes);
        Ok((self.writes > since).then(writes_stay))
    }

    fn find_savepoint(&self, name: &str) -> Result<usize> {
        self.savepoints
            .iter()
            .rposition(|savepoint| savepoint.name == name)
            .ok_or_else(|| Error::new(SqlState(*b"3B001"), format!("savepoint \"{name}\" does not exist")))
    }

    fn require_block(&self, command: &str) -> Result<()> {
        if self.in_block() {
            return Ok(());
        }
        let message = format!("{command} can only be used in transaction blocks");
        Err(Error::new(SqlState::NO_ACTIVE_SQL_TRANSACTION, message))
    }

    fn ended(&mut self, end: End, warning: Option<Error>) -> Ended {
        *self = Transaction::default();
        Ended { end, warning }
    }
}

/// 25P02: what a failed block answers to anything but its end.
pub fn in_failed_transaction() -> Error {
    Error::new(
        SqlState::IN_FAILED_SQL_TRANSACTION,
        "current transaction is aborted, commands ignored until end of transaction block",
    )
}

fn no_transaction() -> Error {
    warning(SqlState::NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress")
}

fn writes_stay() -> Error {
    warning(SqlState::WARNING, "what this transaction has written stays written")
        .detail("The cluster writes every row at once; a rollback can not take it back.")
}

fn warning(code: SqlState, message: &str) -> Error {
    Error::new(code, message).severity(Severity::Warning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(warning: &Option<Error>) -> Option<&str> {
        warning.as_ref().map(|warning| std::str::from_utf8(&warning.fields().code.0).unwrap())
    }

    #[test]
    fn a_block_and_its_end() {
        let mut transaction = Transaction::default();
        assert!(transaction.begin().is_none());
        assert_eq!(transaction.status(), TransactionStatus::InBlock);
        assert_eq!(code(&transaction.begin()), Some("25001"));
        let ended = transaction.commit();
        assert_eq!((ended.end, code(&ended.warning)), (End::Committed, None));
        assert_eq!(code(&transaction.commit().warning), Some("25P01"));
        assert_eq!(code(&transaction.rollback().warning), Some("25P01"));
    }

    #[test]
    fn an_error_fails_a_block_until_its_end() {
        let mut transaction = Transaction::default();
        transaction.begin();
        assert!(transaction.fail().is_none());
        assert!(transaction.has_failed());
        let ended = transaction.commit();
        assert_eq!(ended.end, End::RolledBack);
        assert_eq!(transaction.status(), TransactionStatus::Idle);
    }

    #[test]
    fn writes_are_warned_of_when_they_are_rolled_back() {
        let mut transaction = Transaction::default();
        transaction.begin();
        transaction.wrote();
        assert_eq!(code(&transaction.rollback().warning), Some("01000"));
        transaction.begin();
        transaction.wrote();
        assert_eq!(code(&transaction.commit().warning), None);
        transaction.begin_implicit();
        transaction.wrote();
        assert_eq!(code(&transaction.fail().unwrap().warning), Some("01000"));
        transaction.begin_implicit();
        transaction.wrote();
        assert!(transaction.end_implicit());
        assert!(transaction.fail().unwrap().warning.is_none(), "counts start anew");
    }

    #[test]
    fn savepoints_nest_and_heal() {
        let mut transaction = Transaction::default();
        assert_eq!(transaction.savepoint("a").unwrap_err().code(), SqlState::NO_ACTIVE_SQL_TRANSACTION);
        transaction.begin();
        transaction.wrote();
        transaction.savepoint("a").unwrap();
        transaction.savepoint("b").unwrap();
        transaction.fail();
        assert!(transaction.rollback_to("a").unwrap().is_none(), "nothing was written since");
        assert!(!transaction.has_failed());
        assert_eq!(transaction.release("b").unwrap_err().code().as_str(), "3B001");
        transaction.wrote();
        assert_eq!(code(&transaction.rollback_to("a").unwrap()), Some("01000"));
        transaction.release("a").unwrap();
        assert!(transaction.rollback_to("a").is_err());
    }
}
