//! The picture of the cluster's mappings and views: read when the cluster is there, after our own DDL, whenever
//! `__sql.catalog` changes, and once more before a relation is declared unknown.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hazelcast_client::{ExpectedResult, Page, SqlResult};
use pg::error::Severity;
use pg::{Error, Result, SqlState};
use sql::catalog::{ColumnRow, ConnectionRow, Database, MappingRow, Metadata, Network, ViewRow};
use tokio::sync::Mutex;

use super::Cluster;
use super::error::pg_error;
use super::sizes::{self, Indexes};

/// The map in which a cluster keeps its mappings, views and types.
const CATALOG_MAP: &str = "__sql.catalog";
/// How long to wait before trying again what failed.
const PAUSE: Duration = Duration::from_secs(1);
/// How often some maps are asked for their indexes while statements come.
const LOOKED_EVERY: Duration = Duration::from_secs(1);
/// And how many times less often all are asked for their sizes.
const MEASURED_EVERY: u32 = 10;
/// How long a reading may take.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// The newest picture of a cluster.
#[derive(Debug)]
pub struct CatalogSource {
    cluster: Cluster,
    newest: RwLock<Arc<Database>>,
    /// What the newest picture was made of; held while reading, so that one reads at a time.
    read: Mutex<Read>,
    /// Readings begun, and the number of the last one that succeeded.
    begun: AtomicU64,
    finished: AtomicU64,
    /// The version of the newest picture.
    version: AtomicU64,
    /// Somebody has looked at it since the sizes were asked for.
    used: AtomicBool,
}

/// What has been read of a cluster.
#[derive(Debug, Default)]
struct Read {
    metadata: Option<Metadata>,
    indexes: Indexes,
    /// The map that was the last to be asked for its indexes again.
    asked: String,
}

impl CatalogSource {
    /// The picture of a cluster of which nothing is known yet.
    pub fn new(cluster: Cluster) -> CatalogSource {
        let metadata = Metadata { cluster: cluster.name().to_owned(), ..Metadata::default() };
        CatalogSource {
            cluster,
            newest: RwLock::new(Arc::new(Database::new(&metadata, 0))),
            read: Mutex::default(),
            begun: AtomicU64::new(0),
            finished: AtomicU64::new(0),
            version: AtomicU64::new(0),
            used: AtomicBool::new(false),
        }
    }

    /// The newest picture.
    pub fn database(&self) -> Arc<Database> {
        self.newest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there is a picture yet: 57P03 until then.
    pub fn ready(&self) -> Result<()> {
        if self.finished.load(Ordering::Acquire) > 0 {
            return Ok(());
        }
        Err(Error::new(SqlState::CANNOT_CONNECT_NOW, "the cluster's catalog is being read")
            .severity(Severity::Fatal))
    }

    /// The version of the newest picture.
    pub fn version(&self) -> u64 {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        self.version.load(Ordering::Acquire)
    }

    /// A picture that is not older than this call.
    pub async fn refresh(&self) -> Result<Arc<Database>> {
        let begun_before = self.begun.load(Ordering::SeqCst);
        let mut read = self.read.lock().await;
        // Somebody else began after we came: theirs is new enough.
        if self.finished.load(Ordering::SeqCst) > begun_before {
            return Ok(self.database());
        }
        let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        let mut metadata = read_metadata(&self.cluster).await?;
        let known = &mut *read;
        sizes::fill_in(&self.cluster, &mut metadata, known.metadata.as_ref(), &mut known.indexes).await;
        self.publish(known, metadata).await?;
        self.finished.store(number, Ordering::SeqCst);
        Ok(self.database())
    }

    /// Makes a picture of what was read, if it is another one.
    async fn publish(&self, read: &mut Read, metadata: Metadata) -> Result<()> {
        if read.metadata.as_ref() == Some(&metadata) {
            return Ok(());
        }
        let version = self.version.load(Ordering::Acquire) + 1;
        let (database, metadata) = picture(metadata, version).await?;
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = database;
        self.version.store(version, Ordering::Release);
        read.metadata = Some(metadata);
        Ok(())
    }

    /// A picture that is not older than this call, with the indexes of all maps asked for again.
    pub async fn refresh_indexes(&self) -> Result<Arc<Database>> {
        self.read.lock().await.indexes.clear();
        self.refresh().await
    }

    /// Asks for the sizes of maps.
    async fn measure(&self) {
        let mut read = self.read.lock().await;
        let known = &mut *read;
        let Some(mut metadata) = known.metadata.clone() else { return };
        sizes::fill_in(&self.cluster, &mut metadata, known.metadata.as_ref(), &mut known.indexes).await;
        if let Err(error) = self.publish(known, metadata).await {
            tracing::debug!(%error, "the sizes of maps are not shown");
        }
    }

    /// Asks some maps for their indexes.
    async fn look_again(&self) {
        let mut read = self.read.lock().await;
        let known = &mut *read;
        if !sizes::look_again(&self.cluster, &mut known.indexes, &mut known.asked).await {
            return;
        }
        let Some(mut metadata) = known.metadata.clone() else { return };
        sizes::show(&known.indexes, &mut metadata);
        if let Err(error) = self.publish(known, metadata).await {
            tracing::debug!(%error, "the indexes of maps are not shown");
        }
    }

    /// Keeps the sizes and indexes of maps new while statements come, for as long as it is polled.
    async fn keep_looking(&self) {
        let (mut used, mut since) = (false, 0);
        loop {
            tokio::time::sleep(LOOKED_EVERY).await;
            used |= self.used.swap(false, Ordering::Relaxed);
            since += 1;
            if !used || self.cluster.ready().is_err() {
                continue;
            }
            if since < MEASURED_EVERY {
                self.look_again().await;
                continue;
            }
            self.measure().await;
            (used, since) = (false, 0);
        }
    }

    /// Keeps the picture new, for as long as the client lives.
    pub async fn follow(&self) {
        tokio::select! {
            () = self.follow_definitions() => (),
            () = self.keep_looking() => (),
        }
    }

    async fn follow_definitions(&self) {
        let mut events = self.cluster.client().map(CATALOG_MAP).listen(false);
        // Every listener begins with an event that says that something may have been missed.
        while events.next_event().await.is_some() {
            self.cluster.forget_maps();
            while let Err(error) = self.refresh().await {
                tracing::debug!(%error, "the catalog can not be read");
                tokio::time::sleep(PAUSE).await;
                if self.cluster.wait_until_connected().await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Makes a picture with all that tools ask for, where it holds nobody up: who asks meanwhile is answered by the old one.
async fn picture(metadata: Metadata, version: u64) -> Result<(Arc<Database>, Metadata)> {
    let made = tokio::task::spawn_blocking(move || {
        let database = Arc::new(Database::new(&metadata, version));
        database.prepare();
        (database, metadata)
    });
    made.await.map_err(|_| Error::internal("the picture of the catalog could not be made"))
}

/// Reads `information_schema`.
async fn read_metadata(cluster: &Cluster) -> Result<Metadata> {
    let mut metadata = Metadata { cluster: cluster.name().to_owned(), ..Metadata::default() };
    let mappings = "SELECT table_schema, table_name, mapping_external_name, mapping_type, mapping_options \
                    FROM information_schema.mappings";
    read(cluster, mappings, |page, row| {
        metadata.mappings.push(MappingRow {
            schema: text(page, row, 0),
            name: text(page, row, 1),
            external_name: text(page, row, 2),
            connector: text(page, row, 3),
            options: text(page, row, 4),
            rows: None,
            entry_bytes: None,
            network: Network::default(),
        });
    })
    .await?;
    let columns = "SELECT table_schema, table_name, column_name, column_external_name, ordinal_position, data_type, \
                   is_nullable FROM information_schema.columns";
    read(cluster, columns, |page, row| {
        metadata.columns.push(ColumnRow {
            schema: text(page, row, 0),
            table: text(page, row, 1),
            name: text(page, row, 2),
            external_name: page.str(row, 3).map(str::to_owned),
            ordinal: page.i32(row, 4).unwrap_or_default(),
            data_type: text(page, row, 5),
            nullable: text(page, row, 6) == "true",
        });
    })
    .await?;
    let views = "SELECT table_schema, table_name, view_definition FROM information_schema.views";
    read(cluster, views, |page, row| {
        metadata.views.push(ViewRow {
            schema: text(page, row, 0),
            name: text(page, row, 1),
            definition: text(page, row, 2),
        });
    })
    .await?;
    metadata.connections = read_connections(cluster).await?;
    // The members give them in no order; the same content must compare equal.
    metadata.connections.sort();
    metadata.mappings.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    metadata.columns.sort_by(|a, b| (&a.schema, &a.table, a.ordinal).cmp(&(&b.schema, &b.table, b.ordinal)));
    metadata.views.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok(metadata)
}

/// Data connections; members before Hazelcast 5.3 have no such table.
async fn read_connections(cluster: &Cluster) -> Result<Vec<ConnectionRow>> {
    let mut connections = Vec::new();
    let result = read(cluster, "SELECT name, type FROM information_schema.dataconnections", |page, row| {
        connections.push(ConnectionRow { name: text(page, row, 0), connector: text(page, row, 1) });
    });
    match result.await {
        Err(error) if error.code() == SqlState::UNDEFINED_TABLE => Ok(Vec::new()),
        result => result.map(|()| connections),
    }
}

async fn read(cluster: &Cluster, sql: &str, mut row: impl FnMut(&Page, usize)) -> Result<()> {
    let statement = cluster.client().sql(sql).expected_result(ExpectedResult::Rows).timeout(READ_TIMEOUT);
    let result = statement.execute().await.map_err(|error| pg_error(&error))?;
    let SqlResult::Rows(mut rows) = result else { return Ok(()) };
    while let Some(page) = rows.next_page().await.map_err(|error| pg_error(&error))? {
        (0..page.rows()).for_each(|at| row(&page, at));
    }
    Ok(())
}

fn text(page: &Page, row: usize, column: usize) -> String {
    page.str(row, column).unwrap_or_default().to_owned()
}
