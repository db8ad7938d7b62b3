//! The client: where everything begins.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::cluster::Cluster;
use crate::config::ClientBuilder;
use crate::error::{Error, Result};
use crate::map::Map;
use crate::protocol::sql;
use crate::sql::statement::SqlStatement;
use crate::state::{ClientState, ClientStatus};
use crate::transaction::TransactionBuilder;

/// A client of a Hazelcast cluster. Cloning it is cheap; all clones share the same connections, which are closed with
/// the last clone (and the last open result).
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

/// Ends the client's tasks when the last clone is dropped.
#[derive(Debug)]
struct Shared {
    cluster: Arc<Cluster>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.cluster.shutdown();
    }
}

impl Client {
    /// Begins the settings of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    pub(crate) fn start(settings: ClientBuilder) -> Result<Self> {
        Ok(Self { shared: Arc::new(Shared { cluster: Cluster::start(settings)? }) })
    }

    pub(crate) fn cluster(&self) -> &Arc<Cluster> {
        &self.shared.cluster
    }

    /// Begins a statement of SQL.
    pub fn sql(&self, text: impl Into<String>) -> SqlStatement {
        SqlStatement::new(self.clone(), text.into())
    }

    /// A map of the cluster. It needn't exist: the first entry creates it.
    pub fn map(&self, name: impl Into<String>) -> Map {
        Map::new(self.clone(), name.into())
    }

    /// The state of the client, now and whenever it changes.
    pub fn state(&self) -> watch::Receiver<ClientState> {
        self.cluster().state.subscribe()
    }

    /// Waits until at least one member is connected. Fails at once when the client has given up, and with the reason
    /// why there is no connection when `limit` is over.
    pub async fn wait_until_connected(&self, limit: Duration) -> Result<()> {
        let mut state = self.state();
        let decided =
            |state: &ClientState| matches!(state.status, ClientStatus::Connected | ClientStatus::Failed(_));
        match tokio::time::timeout(limit, state.wait_for(decided)).await {
            Ok(Ok(state)) if state.is_connected() => Ok(()),
            _ => Err(self.cluster().not_connected()),
        }
    }

    /// The statement of `CREATE MAPPING` that the cluster suggests for a map, if the map has entries to go by.
    pub async fn suggested_mapping(&self, map: &str) -> Result<Option<String>> {
        let cluster = self.cluster();
        let member = cluster.member_for_sql(true)?;
        let request = member.connection.invoke(sql::mapping_ddl(map), None);
        let answer = request.within(cluster.settings.invocation_timeout, "suggesting a mapping").await?;
        Ok(sql::mapping_ddl_response(&answer)?)
    }

    /// Begins the settings of a transaction.
    pub fn transaction(&self) -> TransactionBuilder {
        TransactionBuilder::new(self.clone())
    }

    /// Closes all connections, and waits until that is done. Everything under way fails.
    pub async fn shutdown(&self) {
        self.cluster().shutdown();
        let mut state = self.state();
        let ended = |state: &ClientState| matches!(&state.status, ClientStatus::Failed(error) if matches!(**error, Error::ClientClosed));
        // A client that had failed before is not changed by its end.
        let failed = matches!(state.borrow().status, ClientStatus::Failed(_));
        if !failed {
            let _ = state.wait_for(ended).await;
        }
    }
}
