//! What running a portal takes, told to the server when the portal has come to its end (`pgss_ExecutorEnd`), whether its
//! last row was asked for or not. What fails is not counted.

use std::sync::Arc;
use std::time::Duration;

use sql::session::{Execution, Session as SqlSession};

use super::command::Command;
use super::engine::Surroundings;
use super::portal::{Body, Portal, Progress, Source};
use super::rows::{Completion, Most};
use super::{Session, Step, Stream};

/// What running a portal has taken so far.
#[derive(Default)]
pub struct Spent {
    milliseconds: f64,
    rows: u64,
    /// To be told when the portal is gone.
    open: Option<Open>,
}

/// A portal that may be run on.
struct Open {
    session: Arc<SqlSession>,
    user: Arc<str>,
    database: Arc<str>,
    source: Arc<Source>,
}

impl Open {
    fn new(source: &Arc<Source>, around: &Surroundings) -> Open {
        Open {
            session: around.variables.session().clone(),
            user: around.user.clone(),
            database: around.database.clone(),
            source: source.clone(),
        }
    }

    fn tell(&self, milliseconds: f64, rows: u64) {
        let Open { session, user, database, source } = self;
        let whole = &*source.text;
        let text = source.part.clone().and_then(|part| whole.get(part)).unwrap_or(whole);
        match &source.body {
            Body::Empty => return,
            // What they name is counted under the text that it was prepared with.
            Body::Command(Command::Prepare { .. } | Command::Execute { .. } | Command::Deallocate(_)) => {
                return;
            }
            Body::Command(_) | Body::Query(_) => {}
        }
        session.instance.executed(&Execution { user, database, text, milliseconds, rows });
    }
}

impl Drop for Spent {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            open.tell(self.milliseconds, self.rows);
        }
    }
}

impl<S: Stream> Session<S> {
    /// Adds what running a portal took.
    pub(super) fn count(&self, portal: &mut Portal, took: Duration, most: Most, ended: &Step<Completion>) {
        let spent = &mut portal.spent;
        spent.milliseconds += took.as_secs_f64() * 1e3;
        match ended {
            Ok(Completion::Tag(tag)) => {
                spent.rows += rows_of(tag);
                let open = spent.open.take().unwrap_or_else(|| Open::new(&portal.source, &self.around));
                open.tell(spent.milliseconds, spent.rows);
            }
            Ok(Completion::Suspended) => {
                spent.rows += if let Most::Rows(rows) = most { rows } else { 0 };
                spent.open.get_or_insert_with(|| Open::new(&portal.source, &self.around));
            }
            Ok(Completion::Empty) => {}
            Err(_) => spent.open = None,
        }
    }
}

/// Whether there is nothing left to be run.
pub(super) fn is_at_end(portal: &Portal) -> bool {
    matches!(portal.progress, Progress::Exhausted(_) | Progress::Done)
}

/// The rows that a command tag tells of: `SELECT 3`, `INSERT 0 3`.
fn rows_of(tag: &str) -> u64 {
    tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}
