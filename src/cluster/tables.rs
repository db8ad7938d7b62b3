//! The cluster as tables (schema `hazelcast`): what a statement asks of them is read from the cluster when it begins.
//!
//! What members don't tell an ordinary client is NULL, and the column `not_known` has their words; a table of which they
//! tell nothing fails with those words.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use futures::stream::{StreamExt, iter};
use hazelcast_client::{
    IndexConfig, IndexKind, JobSummary, MapConfiguration, MemberInfo, Metric, MetricValue, Uuid,
};
use pg::datetime::POSTGRES_EPOCH_UNIX;
use pg::{Array, Oid, Result, Value, oid};
use serde_json::Value as Json;
use sql::catalog::{ClusterTable, Database, Gathered};

use super::error::pg_error;
use super::{Cluster, suggest};

type Row = Vec<Value>;

/// What maps take, and since when that is known.
pub(super) type Memory = Option<(Instant, Arc<[Row]>)>;

/// So long that is not asked for again; members measure it every five seconds.
const MEMORY_KEPT: Duration = Duration::from_secs(1);

/// The service of maps, among the cluster's objects.
const MAPS: &str = "hz:impl:mapService";
/// Maps that are asked about at a time.
const UNDER_WAY: usize = 8;
/// Entries that are looked at to tell what a map holds.
const SAMPLE: u32 = 20;

impl Cluster {
    /// The rows of tables of the cluster, as they are now.
    pub async fn gather(&self, tables: &[ClusterTable], database: &Database) -> Result<Gathered> {
        let mut gathered = Gathered::new();
        for table in tables {
            let rows = match table {
                ClusterTable::Members => self.member_rows(),
                ClusterTable::Partitions => self.partition_rows(),
                ClusterTable::Clients => self.client_rows().await?,
                ClusterTable::Jobs => self.job_rows().await?,
                ClusterTable::Maps => self.map_rows(database).await?,
                ClusterTable::Indexes => self.index_rows(database).await?,
                ClusterTable::MapMemory => {
                    gathered.insert(table.oid(), self.memory_rows(database).await);
                    continue;
                }
            };
            gathered.insert(table.oid(), rows.into());
        }
        Ok(gathered)
    }

    fn member_rows(&self) -> Vec<Row> {
        let connected = self.client.state().borrow().connected.clone();
        let owners = self.client.partition_owners();
        let members = self.client.members();
        members.iter().map(|member| member_row(member, connected.contains(&member.uuid), &owners)).collect()
    }

    fn partition_rows(&self) -> Vec<Row> {
        let members = self.client.members();
        let address =
            |owner: Uuid| members.iter().find(|member| member.uuid == owner).map(|m| m.address.to_string());
        let owners = self.client.partition_owners();
        let row = |(number, owner): (i32, &Option<Uuid>)| {
            vec![Value::Int4(number), owner.map_or(Value::Null, uuid), text(owner.and_then(address))]
        };
        (0..).zip(&owners).map(row).collect()
    }

    /// A client is connected to several members: each tells of its own.
    async fn client_rows(&self) -> Result<Vec<Row>> {
        let mut clients: BTreeMap<String, (Json, Vec<Value>)> = BTreeMap::new();
        for (member, state) in self.client.member_states().await {
            let state = state.map_err(|error| pg_error(&error))?.unwrap_or_default();
            let state: Json = serde_json::from_str(&state).unwrap_or_default();
            let list = state.pointer("/timedMemberState/memberState/clients").and_then(Json::as_array);
            for client in list.into_iter().flatten() {
                let id = client.get("uuid").and_then(Json::as_str).unwrap_or_default().to_owned();
                clients.entry(id).or_insert_with(|| (client.clone(), Vec::new())).1.push(uuid(member));
            }
        }
        Ok(clients.into_iter().map(|(id, (client, members))| client_row(&id, &client, members)).collect())
    }

    async fn job_rows(&self) -> Result<Vec<Row>> {
        let jobs = self.client.jobs().await.map_err(|error| pg_error(&error))?;
        Ok(jobs.iter().map(job_row).collect())
    }

    /// The names of all maps: those that exist, and those that a mapping opens and nobody has used yet.
    async fn map_names(&self, database: &Database) -> Result<BTreeMap<String, Vec<Value>>> {
        let objects = self.client.distributed_objects().await.map_err(|error| pg_error(&error))?;
        let made = objects.into_iter().filter(|(service, _)| service == MAPS).map(|(_, name)| name);
        // A map that nobody has made an object for, as some clients don't, is known to its members only. What they don't tell
        // an ordinary client is missing then.
        let states =
            self.client.member_states().await.into_iter().filter_map(|(_, state)| state.ok().flatten());
        let held: Vec<String> = states.flat_map(|state| maps_of(&state)).collect();
        let names = made.chain(held).filter(|name| !is_internal(name));
        let mut maps: BTreeMap<String, Vec<Value>> = names.map(|name| (name, Vec::new())).collect();
        for table in database.tables() {
            let Some(mapping) = table.relation.mapping().filter(|mapping| mapping.is_map()) else { continue };
            let mappings = maps.entry(mapping.external_name.clone()).or_default();
            mappings.push(Value::Text(table.relation.name.clone()));
        }
        Ok(maps)
    }

    async fn map_rows(&self, database: &Database) -> Result<Vec<Row>> {
        let maps = self.map_names(database).await?;
        let asked = iter(maps).map(|(name, mappings)| {
            let cluster = self.clone();
            async move { cluster.map_row(name, mappings).await }
        });
        asked.buffered(UNDER_WAY).collect::<Vec<_>>().await.into_iter().collect()
    }

    async fn map_row(&self, name: String, mappings: Vec<Value>) -> Result<Row> {
        let map = self.client.map(&name);
        let size = map.size().await.map_err(|error| pg_error(&error))?;
        let config = self.client.map_configuration(&name).await;
        // A mapping says what the entries are; of the others some are looked at.
        let suggestion = match mappings.is_empty() && size > 0 {
            true => self.suggestion(&name, size).await?,
            false => None,
        };
        let not_known = config.as_ref().err().map(|error| pg_error(error).fields().message.clone());
        let option = |name: &str| text(suggestion.as_deref().and_then(|ddl| ddl_option(ddl, name)));
        let mut row = vec![
            Value::text(name),
            array(oid::TEXT, mappings),
            Value::Int8(i64::try_from(size).unwrap_or(i64::MAX)),
            option("keyFormat"),
            option("valueFormat"),
            text(suggestion.clone()),
        ];
        row.extend(config_columns(config.ok()));
        row.push(text(not_known));
        Ok(row)
    }

    /// The statement that would open a map, by what some of its entries are; by the cluster's own advice where their types
    /// are not ours to name.
    async fn suggestion(&self, name: &str, size: u64) -> Result<Option<String>> {
        let map = self.client.map(name);
        // Pages need keys that can be compared; a small map is read whole.
        let sample = match size <= SAMPLE.into() {
            true => map.entry_set().await,
            false => map.pages(SAMPLE).next_entries().await,
        };
        let sample = sample.unwrap_or_default();
        match suggest::mapping(name, &sample) {
            Some(statement) => Ok(Some(statement)),
            // The cluster looks at one entry alone.
            None if suggest::is_mixed(&sample) => Ok(None),
            None => self.client.suggested_mapping(name).await.map_err(|error| pg_error(&error)),
        }
    }

    async fn index_rows(&self, database: &Database) -> Result<Vec<Row>> {
        let maps = self.map_names(database).await?;
        let asked = iter(maps.into_keys()).map(|name| {
            let client = self.client.clone();
            async move {
                let config = client.map_configuration(&name).await;
                match config.map(|config| config.indexes) {
                    Ok(Some(indexes)) => indexes.iter().map(|index| index_row(&name, index)).collect(),
                    Ok(None) => vec![unknown_indexes(&name, "members of this version do not tell")],
                    Err(error) => vec![unknown_indexes(&name, &pg_error(&error).fields().message)],
                }
            }
        });
        Ok(asked.buffered(UNDER_WAY).collect::<Vec<Vec<Row>>>().await.into_iter().flatten().collect())
    }
}

/// A map, and which of its indexes.
type MapOrIndex = (Arc<str>, Option<Arc<str>>);
/// What they take for themselves, and as backups.
type MemoryCosts = BTreeMap<MapOrIndex, [i64; 2]>;

impl Cluster {
    /// What maps and indexes take. It is asked for once a second at most: tools want the size of one table after another.
    async fn memory_rows(&self, database: &Database) -> Arc<[Row]> {
        let known = self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, rows)) = known.filter(|(since, _)| since.elapsed() < MEMORY_KEPT) {
            return rows;
        }
        let rows: Arc<[Row]> = match self.measured_memory().await {
            Ok(rows) => rows.into(),
            Err(error) => {
                return self.unknown_memory(database, &pg_error(&error).fields().message).into();
            }
        };
        let told = Some((Instant::now(), rows.clone()));
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = told;
        rows
    }

    /// The members' metrics, which are up to five seconds old: of an entry its bytes and what the member needs to hold it
    /// (`LocalMapStats.getOwnedEntryMemoryCost`).
    async fn measured_memory(&self) -> hazelcast_client::Result<Vec<Row>> {
        let mut costs = MemoryCosts::new();
        for (_, metrics) in self.client.member_metrics(&["map", "map.index"]).await {
            // A sum without one of the members would be none.
            metrics?.iter().for_each(|metric| count_memory(metric, &mut costs));
        }
        let row = |((map, index), [owned, backup]): (MapOrIndex, [i64; 2])| {
            let index = index.map_or(Value::Null, Value::Text);
            vec![Value::Text(map), index, Value::Int8(owned), Value::Int8(backup), Value::Null]
        };
        Ok(costs.into_iter().map(row).collect())
    }

    fn unknown_memory(&self, database: &Database, reason: &str) -> Vec<Row> {
        let mappings = database.tables().iter().filter_map(|table| table.relation.mapping());
        let maps = mappings.filter(|mapping| mapping.is_map()).map(|mapping| &*mapping.external_name);
        let maps: std::collections::BTreeSet<&str> = maps.collect();
        let row =
            |map: &str| vec![Value::text(map), Value::Null, Value::Null, Value::Null, Value::text(reason)];
        maps.into_iter().map(row).collect()
    }
}

/// Adds a metric to what a map, or one of its indexes, takes: for itself, and as a backup.
fn count_memory(metric: &Metric, costs: &mut MemoryCosts) {
    let (Some(map), MetricValue::Long(bytes)) = (&metric.of, metric.value) else { return };
    let index = || metric.tags.iter().find(|(tag, _)| &**tag == "index").map(|(_, index)| index.clone());
    let (index, added) = match (&*metric.prefix, &*metric.name) {
        ("map", "ownedEntryMemoryCost") => (None, [bytes, 0]),
        ("map", "backupEntryMemoryCost") => (None, [0, bytes]),
        ("map.index", "memoryCost") => (index(), [bytes, 0]),
        _ => return,
    };
    if is_internal(map) || (index.is_none() && &*metric.prefix == "map.index") {
        return;
    }
    let sums = costs.entry((map.clone(), index)).or_default();
    sums.iter_mut().zip(added).for_each(|(sum, added)| *sum = sum.saturating_add(added));
}

/// The maps that a member tells of (`MemberState.mapStats`).
fn maps_of(state: &str) -> Vec<String> {
    let state: Json = serde_json::from_str(state).unwrap_or_default();
    let maps = state.pointer("/timedMemberState/memberState/mapStats").and_then(Json::as_object);
    maps.into_iter().flat_map(|maps| maps.keys().cloned()).collect()
}

/// Maps that Hazelcast keeps for itself (`__sql.catalog`, `__jet.records`).
fn is_internal(map: &str) -> bool {
    map.starts_with("__")
}

fn text(text: Option<String>) -> Value {
    text.map_or(Value::Null, Value::text)
}

fn uuid(uuid: Uuid) -> Value {
    Value::Uuid(uuid.into_bytes())
}

fn array(element: Oid, items: Vec<Value>) -> Value {
    Value::Array(Arc::new(Array::one_dimensional(element, items)))
}

fn time(milliseconds: i64) -> Value {
    let since = milliseconds.saturating_sub(POSTGRES_EPOCH_UNIX * 1000);
    Value::TimestampTz(since.saturating_mul(1000))
}

fn member_row(member: &MemberInfo, connected: bool, owners: &[Option<Uuid>]) -> Row {
    let (major, minor, patch) = member.version;
    let owned = owners.iter().filter(|owner| **owner == Some(member.uuid)).count();
    let attributes: serde_json::Map<String, Json> =
        member.attributes.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    vec![
        uuid(member.uuid),
        Value::text(member.address.to_string()),
        text(member.public_address.as_ref().map(ToString::to_string)),
        Value::text(format!("{major}.{minor}.{patch}")),
        Value::Bool(member.lite),
        Value::Bool(connected),
        // While partitions are not known nobody owns any, as far as we know.
        if owners.is_empty() { Value::Null } else { Value::Int4(i32::try_from(owned).unwrap_or(i32::MAX)) },
        Value::text(Json::Object(attributes).to_string()),
    ]
}

fn client_row(id: &str, client: &Json, members: Vec<Value>) -> Row {
    let field = |name: &str| text(client.get(name).and_then(Json::as_str).map(str::to_owned));
    let labels = client.get("labels").and_then(Json::as_array).into_iter().flatten();
    let labels = labels.filter_map(Json::as_str).map(Value::text).collect();
    vec![
        Uuid::parse_str(id).map_or(Value::Null, uuid),
        field("name"),
        field("clientType"),
        field("clientVersion"),
        field("address"),
        array(oid::TEXT, labels),
        array(oid::UUID, members),
    ]
}

fn job_row(job: &JobSummary) -> Row {
    vec![
        Value::text(job.id_text()),
        Value::text(job.name.as_str()),
        job.status.name().map_or(Value::Null, Value::text),
        Value::Bool(job.light),
        time(job.submitted),
        job.completed.map_or(Value::Null, time),
        Value::Bool(job.user_cancelled),
        text(job.failure.clone()),
        text(job.suspension_cause.clone()),
        text(job.query.clone()),
        if job.query.is_some() { Value::Bool(job.unbounded) } else { Value::Null },
    ]
}

fn config_columns(config: Option<MapConfiguration>) -> [Value; 8] {
    const NULL: Value = Value::Null;
    let Some(config) = config else { return [NULL; 8] };
    [
        Value::text(config.in_memory_format),
        Value::Int4(config.backup_count),
        Value::Int4(config.async_backup_count),
        Value::Int4(config.time_to_live_seconds),
        Value::Int4(config.max_idle_seconds),
        Value::text(config.eviction_policy),
        Value::Int4(config.max_size),
        Value::text(config.max_size_policy),
    ]
}

fn index_row(map: &str, index: &IndexConfig) -> Row {
    let kind = match index.kind() {
        IndexKind::Sorted => "SORTED",
        IndexKind::Hash => "HASH",
        IndexKind::Bitmap => "BITMAP",
    };
    let attributes = index.attributes().iter().map(|name| Value::text(name.as_str())).collect();
    vec![
        Value::text(map),
        text(index.given_name().map(str::to_owned)),
        Value::text(kind),
        array(oid::TEXT, attributes),
        Value::Null,
    ]
}

fn unknown_indexes(map: &str, reason: &str) -> Row {
    vec![Value::text(map), Value::Null, Value::Null, Value::Null, Value::text(reason)]
}

/// The value of an option in a statement that the cluster made: `'name' = 'value'`.
fn ddl_option(ddl: &str, name: &str) -> Option<String> {
    let (_, rest) = ddl.split_once(&format!("'{name}'"))?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('\'')?;
    rest.split_once('\'').map(|(value, _)| value.to_owned())
}
