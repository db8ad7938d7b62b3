//! Transactions over maps (protocol 7.4). One runs on one member, over one connection: that of the client whose
//! transaction it is, for the member knows it by both.

mod map;

pub use map::TransactionalMap;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::client::Client;
use crate::cluster::connection::Connection;
use crate::deadline::within;
use crate::error::{Error, Result};
use crate::map::lock::next_number;
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::protocol::request::Request;
use crate::protocol::transaction::{self as messages, TransactionId};

/// How a transaction is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransactionKind {
    /// Everything is prepared on its members first: either all of it is committed, or nothing. Its keys are locked for readers, too.
    #[default]
    TwoPhase = 1,
    /// Everything is committed as it comes: when a member is lost meanwhile, a part of it may be missing.
    OnePhase = 2,
}

/// The settings of a transaction. Made by [`Client::transaction`].
#[derive(Debug, Clone)]
#[must_use = "a transaction begins with begin"]
pub struct TransactionBuilder {
    client: Client,
    kind: TransactionKind,
    timeout: Duration,
    durability: u32,
}

impl TransactionBuilder {
    pub(crate) fn new(client: Client) -> Self {
        // The defaults of `TransactionOptions`.
        Self { client, kind: TransactionKind::TwoPhase, timeout: Duration::from_secs(120), durability: 1 }
    }

    /// How it is committed; in two phases unless set.
    pub fn kind(mut self, kind: TransactionKind) -> Self {
        self.kind = kind;
        self
    }

    /// How long the transaction may take, its waiting for locks included; two minutes unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many other members keep a copy of what is to be done, in case that its member is lost; 1 unless set.
    pub fn durability(mut self, members: u32) -> Self {
        self.durability = members;
        self
    }

    /// Begins the transaction on some member. When the future is dropped, it is taken back as soon as it has begun.
    pub async fn begin(self) -> Result<Transaction> {
        let refuse = |text: &str| Error::InvalidArgument(text.to_string());
        let millis = i64::try_from(self.timeout.as_millis()).ok().filter(|millis| *millis > 0);
        let millis = millis.ok_or_else(|| refuse("the timeout of a transaction must be at least 1 ms"))?;
        let durability = i32::try_from(self.durability).map_err(|_| refuse("durability is out of range"))?;
        let runtime = self.client.cluster().runtime.clone();
        let (sender, receiver) = oneshot::channel();
        // What nobody waits for any more is dropped, and so rolled back.
        runtime.spawn(async move {
            let _ = sender.send(self.create(millis, durability).await);
        });
        receiver.await.unwrap_or(Err(Error::ClientClosed))
    }

    async fn create(self, millis: i64, durability: i32) -> Result<Transaction> {
        let connection = Arc::clone(&self.client.cluster().any_member()?.connection);
        let thread = next_number();
        let request = messages::create(millis, durability, self.kind as i32, thread);
        let limit = self.client.cluster().settings.invocation_timeout;
        let until = within(self.timeout);
        let answer = connection.invoke(request, None).within(limit, "Transaction.create").await?;
        let id = TransactionId { id: messages::created(&answer)?, thread };
        Ok(Transaction { client: self.client, connection, id, until, timeout: self.timeout, open: true })
    }
}

/// A transaction. Dropping it takes everything back, as [`rollback`](Self::rollback) does.
///
/// It sees what it has written itself; nobody else does before [`commit`](Self::commit). SQL takes no part in transactions.
///
/// ```no_run
/// # async fn example(client: hazelcast_client::Client) -> hazelcast_client::Result<()> {
/// let transaction = client.transaction().begin().await?;
/// let accounts = transaction.map("accounts");
/// let rich = accounts.get_for_update("rich").await?;
/// if rich.is_some() {
///     accounts.set("poor", &10i64).await?;
/// }
/// transaction.commit().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction {
    client: Client,
    connection: Arc<Connection>,
    id: TransactionId,
    until: Instant,
    timeout: Duration,
    /// Neither committed nor rolled back.
    open: bool,
}

impl Transaction {
    /// A map, as this transaction sees it.
    pub fn map(&self, name: impl Into<String>) -> TransactionalMap<'_> {
        TransactionalMap::new(self, name.into())
    }

    /// The id that the cluster gave it.
    pub fn id(&self) -> uuid::Uuid {
        self.id.id
    }

    /// Makes everything that was written visible. After an error, nothing of it is, unless the connection was lost:
    /// then nobody knows, and neither does anyone when the future was dropped before it was ready.
    pub async fn commit(mut self) -> Result<()> {
        if Instant::now() >= self.until {
            // The drop takes it back.
            return Err(Error::Timeout { what: "transaction", limit: self.timeout });
        }
        self.open = false;
        let commit = messages::end(types::TRANSACTION_COMMIT, self.id);
        match self.invoke("Transaction.commit", commit).await {
            Ok(_) => Ok(()),
            Err(error) => {
                // What can be taken back still is.
                self.open = matches!(error, Error::Member(_) | Error::Timeout { .. });
                Err(error)
            }
        }
    }

    /// Takes everything back.
    pub async fn rollback(mut self) -> Result<()> {
        self.open = false;
        let rollback = messages::end(types::TRANSACTION_ROLLBACK, self.id);
        self.invoke("Transaction.rollback", rollback).await.map(drop)
    }

    /// Every request goes over the transaction's own connection: another member doesn't know it. The member's own limit
    /// is the transaction's; ours only covers a member that doesn't answer.
    async fn invoke(&self, what: &'static str, request: Request) -> Result<Message> {
        let limit = self.client.cluster().settings.invocation_timeout.saturating_add(self.timeout);
        self.connection.invoke(request, None).within(limit, what).await
    }
}

impl std::fmt::Debug for Transaction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction").field("id", &self.id.id).field("open", &self.open).finish()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.open && !self.connection.is_closed() {
            let rollback = messages::end(types::TRANSACTION_ROLLBACK, self.id);
            let rollback = self.connection.invoke(rollback, None);
            let client = self.client.clone();
            self.client.cluster().runtime.spawn(async move {
                let limit = client.cluster().settings.invocation_timeout;
                if let Err(error) = rollback.within(limit, "Transaction.rollback").await {
                    tracing::debug!(%error, "cannot roll back");
                }
            });
        }
    }
}
