//! What `sql` reads of statements about the session, as the session takes them.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::{Error, Oid, Result, SqlState, Value};
use sql::analyze::{Params, analyze_arguments};
use sql::exec::evaluate_constant;
use sql::parse::Statement as Syntax;
use sql::parse::ast::{Explain, Expr};
use sql::parse::session::{self, SessionStatement};

use super::Shared;
use super::copy::CopyStatement;
use super::explain::ExplainPrepared;
use super::statement::{SqlStatement, with_context};
use crate::session::command::{Command, Discard, TransactionModes};
use crate::session::engine::{Arguments, Surroundings};

/// The command that a statement is, whose text this is.
pub(super) fn command(shared: &Arc<Shared>, text: &str, statement: SessionStatement) -> Result<Command> {
    let is_start = text.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("start"));
    let begin_tag = if is_start { "START TRANSACTION" } else { "BEGIN" };
    let name = |name: sql::catalog::Name| name.folded().to_string();
    Ok(match statement {
        SessionStatement::Begin(read) => Command::Begin(modes(read), begin_tag),
        SessionStatement::Commit { chain } => Command::Commit { chain },
        SessionStatement::Rollback { chain } => Command::Rollback { chain },
        SessionStatement::Savepoint(savepoint) => Command::Savepoint(name(savepoint)),
        SessionStatement::Release(savepoint) => Command::Release(name(savepoint)),
        SessionStatement::RollbackTo(savepoint) => Command::RollbackTo(name(savepoint)),
        SessionStatement::SetTransaction(read) => Command::SetTransaction(modes(read)),
        SessionStatement::SetCharacteristics(read) => Command::SetSessionCharacteristics(modes(read)),
        SessionStatement::Set { local, name, values } => Command::Set { name, values, local },
        SessionStatement::Reset(name) => Command::Reset(name),
        SessionStatement::Show(name) if name == "all" => Command::ShowAll,
        SessionStatement::Show(name) => Command::Show(name),
        SessionStatement::Discard(what) => Command::Discard(discard(&what)?),
        SessionStatement::Prepare { name: prepared, types, statement, .. } => Command::Prepare {
            name: name(prepared),
            statement: Arc::new(SqlStatement::with_types(shared, statement, types).of_length(text.len())),
        },
        SessionStatement::Execute { name: prepared, args } => Command::Execute {
            name: name(prepared),
            arguments: Arc::new(ExecuteArguments { shared: shared.clone(), args }),
        },
        SessionStatement::Deallocate(prepared) => Command::Deallocate(prepared.map(name)),
        SessionStatement::Declare { name: cursor, binary, scroll, hold, query, .. } => Command::Declare {
            name: name(cursor),
            query: Arc::new(SqlStatement::new(shared, Syntax::Query(query)).of_length(text.len())),
            hold,
            binary,
            scroll: scroll == Some(true),
        },
        SessionStatement::Fetch { name: cursor, direction, move_only } => {
            Command::Fetch { cursor: name(cursor), direction, skip: move_only }
        }
        SessionStatement::Close(cursor) => Command::ClosePortal(cursor.map(name)),
        SessionStatement::Listen(_) => return Err(Error::refused("LISTEN")),
        SessionStatement::Unlisten(_) => Command::Unlisten,
        SessionStatement::Copy(copy) => {
            Command::Copy(Arc::new(CopyStatement::new(shared, *copy, text.len())?))
        }
        SessionStatement::Notify(..) => return Err(Error::refused("NOTIFY")),
    })
}

/// `EXPLAIN` of `EXECUTE`.
pub(super) fn explain_execute(shared: &Arc<Shared>, explain: Explain) -> Result<Command> {
    let Explain { options, statement, .. } = explain;
    let Syntax::Session(execute) = statement else { return Err(Error::internal("EXPLAIN of no EXECUTE")) };
    let explain = Arc::new(ExplainPrepared::new(options)?);
    match command(shared, "", *execute)? {
        Command::Execute { name, arguments } => Ok(Command::ExplainExecute { name, arguments, explain }),
        _ => Err(Error::internal("EXPLAIN of no EXECUTE")),
    }
}

fn modes(read: session::TransactionModes) -> TransactionModes {
    TransactionModes { isolation: read.isolation, read_only: read.read_only, deferrable: read.deferrable }
}

fn discard(what: &str) -> Result<Discard> {
    Ok(match what {
        "all" => Discard::All,
        "plans" => Discard::Plans,
        "sequences" => Discard::Sequences,
        "temp" => Discard::Temp,
        _ => return Err(Error::new(SqlState::SYNTAX_ERROR, format!("syntax error at or near \"{what}\""))),
    })
}

/// The arguments of EXECUTE.
#[derive(Debug)]
struct ExecuteArguments {
    shared: Arc<Shared>,
    args: Vec<Expr>,
}

impl Arguments for ExecuteArguments {
    fn evaluate<'a>(
        &'a self,
        statement: &'a str,
        types: &'a [Oid],
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<[Value]>>> {
        Box::pin(std::future::ready(self.values(statement, types, around)))
    }
}

impl ExecuteArguments {
    fn values(&self, statement: &str, types: &[Oid], around: &Surroundings) -> Result<Arc<[Value]>> {
        if self.args.len() != types.len() {
            return Err(Error::new(
                SqlState::SYNTAX_ERROR,
                format!("wrong number of parameters for prepared statement \"{statement}\""),
            )
            .detail(format!("Expected {} parameters but got {}.", types.len(), self.args.len())));
        }
        let view = self.shared.view(around);
        let exprs = with_context(&view, Params::None, around, |context| {
            analyze_arguments(&self.args, types, context)
        })?;
        let context = self.shared.context(view, Arc::new([]), around);
        exprs.iter().map(|expr| evaluate_constant(expr, &context)).collect()
    }
}
