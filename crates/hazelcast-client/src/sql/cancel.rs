//! Cancelling a statement from elsewhere.

use std::sync::Arc;

use tokio::sync::watch;

/// Cancels a statement, before, while or after it is executed; from any task.
#[derive(Debug, Clone)]
pub struct CancelHandle {
    cancelled: Arc<watch::Sender<bool>>,
}

impl CancelHandle {
    pub(crate) fn new() -> Self {
        Self { cancelled: Arc::new(watch::Sender::new(false)) }
    }

    /// Cancels the statement: whoever waits for it gets [`Error::Cancelled`](crate::Error::Cancelled), and the query is
    /// closed in the cluster. Statements that change data can't be stopped by the cluster; only their timeout ends them.
    pub fn cancel(&self) {
        self.cancelled.send_replace(true);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Waits until the statement is cancelled.
    pub(crate) async fn cancelled(&self) {
        let mut receiver = self.cancelled.subscribe();
        // The sender lives as long as `self`.
        let _ = receiver.wait_for(|cancelled| *cancelled).await;
    }
}
