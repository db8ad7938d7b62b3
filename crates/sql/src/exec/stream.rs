//! What runs: compiled operators ([`Node`]), their running instances ([`Operator`]), and the stream that a session
//! pulls.

use std::sync::Arc;

use futures::future::BoxFuture;
use pg::Result;

use super::frame::{Frame, Run};
use crate::remote::Batch;

/// The most rows that an operator makes at a time. (Pages of the cluster pass as they come.)
pub(super) const BATCH: usize = 1024;

/// An operator, compiled. It may be opened any number of times.
pub(super) trait Node: Send + Sync {
    /// Starts it; nothing happens before the first pull.
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator;
}

/// A running operator.
pub(super) trait Operator: Send {
    /// The next rows, never an empty batch; `None` when there are no more.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>>;
}

pub(super) type BoxOperator = Box<dyn Operator>;
pub(super) type BoxNode = Arc<dyn Node>;

/// The rows of a statement. Dropping it ends the statement, in the cluster too.
pub struct RowStream {
    state: State,
}

enum State {
    Ready(BoxNode, Frame),
    Running(BoxOperator),
    Done,
}

impl RowStream {
    pub(super) fn new(run: Arc<Run>, node: BoxNode) -> RowStream {
        RowStream { state: State::Ready(node, Frame::new(run)) }
    }

    /// The next rows, never an empty batch; `None` when there are no more. After an error there are no more.
    pub async fn next(&mut self) -> Result<Option<Batch>> {
        if let State::Ready(node, frame) = &self.state {
            if let Err(error) = frame.run.cancel.check() {
                self.state = State::Done;
                return Err(error);
            }
            self.state = State::Running(node.clone().open(frame));
        }
        let State::Running(operator) = &mut self.state else { return Ok(None) };
        let answer = operator.next().await;
        if !matches!(answer, Ok(Some(_))) {
            self.state = State::Done;
        }
        answer
    }

    /// All rows, within the statement's memory.
    pub async fn collect(mut self) -> Result<Batch> {
        let mut reservation = match &self.state {
            State::Ready(_, frame) => Some(frame.reserve("the rows that a statement changes")),
            State::Running(_) | State::Done => None,
        };
        let mut rows = Batch::new();
        while let Some(batch) = self.next().await? {
            if let Some(reservation) = &mut reservation {
                batch.iter().try_for_each(|row| reservation.grow_by_row(row))?;
            }
            rows.extend(batch);
        }
        Ok(rows)
    }
}

/// All rows of an operator, accounted for.
pub(super) async fn drain(
    operator: &mut BoxOperator,
    reservation: &mut super::memory::Reservation,
) -> Result<Batch> {
    let mut rows = Batch::new();
    while let Some(batch) = operator.next().await? {
        for row in &batch {
            reservation.grow_by_row(row)?;
        }
        if rows.is_empty() {
            rows = batch;
        } else {
            rows.extend(batch);
        }
    }
    Ok(rows)
}
