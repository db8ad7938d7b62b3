//! The sizes of maps, by which the planner chooses, and their indexes. They are asked for when the catalog is read and now
//! and then while statements come; a picture of the catalog is made anew when one has changed by so much that another way
//! may be better.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use futures::stream::{StreamExt, iter};
use hazelcast_client::{Client, IndexConfig, IndexKind, Predicate};
use sql::catalog::{IndexRow, MappingRow, Metadata, Network, unquote_compound};

use super::Cluster;

/// The most maps that are asked for their sizes.
const MAPS_MAX: usize = 2_000;
/// Requests under way at a time: each goes to all partitions.
const UNDER_WAY: usize = 4;
/// Maps that are asked for their indexes again in one go.
const AT_A_TIME: usize = 32;
/// How long all sizes may take; those that come later are not known.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Maps of more entries are not weighed before somebody reads them.
const WEIGHED_MAX: u64 = 5_000_000;
/// Of so few entries all are weighed, of more those of a partition.
const WEIGHED_WHOLE: u64 = 300;
/// Sizes that differ by less than this factor lead to the same plans.
const FACTOR: u64 = 4;
/// And so do differences of so few entries.
const FEW: u64 = 200;

/// The indexes of maps, by the maps' names: of those that have told.
pub(super) type Indexes = BTreeMap<String, Vec<IndexRow>>;

/// Fills in what maps tell: their sizes, where those that are known are kept unless they have changed by much, and their
/// indexes, of those that are not in `indexes` yet.
pub(super) async fn fill_in(
    cluster: &Cluster,
    metadata: &mut Metadata,
    known: Option<&Metadata>,
    indexes: &mut Indexes,
) {
    let names: BTreeSet<String> =
        metadata.mappings.iter().filter(|row| is_map(row)).map(map_name).take(MAPS_MAX).collect();
    let mut before: HashMap<String, u64> = HashMap::new();
    for row in known.iter().flat_map(|known| &known.mappings).filter(|row| is_map(row)) {
        before.extend(row.rows.map(|rows| (map_name(row), rows)));
    }
    let mut sizes = before.clone();
    let asked: Vec<(String, bool)> =
        names.iter().map(|name| (name.clone(), indexes.contains_key(name))).collect();
    let asked = iter(asked).map(|(name, told)| async move {
        let answer = ask(cluster.client(), name, told).await;
        weigh(cluster, &answer.0, answer.1.unwrap_or_default()).await;
        answer
    });
    let (before_network, client) = (known.and_then(|known| known.mappings.first()), cluster.client());
    let network = network(client, before_network.map(|row| row.network).unwrap_or_default());
    let mut told = Indexes::new();
    let mut answers = asked.buffer_unordered(UNDER_WAY);
    let gather = async {
        while let Some((name, size, found)) = answers.next().await {
            let same = |size| before.get(&name).is_some_and(|before| is_alike(*before, size));
            sizes.extend(size.filter(|size| !same(*size)).map(|size| (name.clone(), size)));
            told.extend(found.map(|found| (name, found)));
        }
    };
    // What is not known is read by SQL, as ever.
    let (network, gathered) = futures::join!(network, tokio::time::timeout(TIMEOUT, gather));
    if gathered.is_ok() {
        cluster.sizes_are_new();
    }
    drop(answers);
    for row in metadata.mappings.iter_mut().filter(|row| is_map(row)) {
        row.rows = sizes.get(&map_name(row)).copied();
        row.entry_bytes = cluster.trust(&map_name(row)).entry_bytes();
        row.network = network;
    }
    indexes.extend(told);
    indexes.retain(|map, _| names.contains(map));
    show(indexes, metadata);
}

/// The members, and how far away they are: what is known already unless that is off by more than a factor of two, and by
/// more than what one machine makes of it.
async fn network(client: &Client, known: Network) -> Network {
    const NOISE: u32 = 500;
    let members = u32::try_from(client.members().len()).unwrap_or(u32::MAX);
    let asked = tokio::time::timeout(TIMEOUT, client.round_trip()).await;
    let measured = asked.ok().and_then(Result::ok).and_then(|time| u32::try_from(time.as_micros()).ok());
    let round_trip = match measured {
        Some(measured) if measured.max(known.round_trip) <= NOISE => 0,
        Some(measured) if measured / 2 > known.round_trip || measured < known.round_trip / 2 => measured,
        _ => known.round_trip,
    };
    Network { members, round_trip }
}

/// Puts the indexes into the metadata, in an order that is always the same.
pub(super) fn show(indexes: &Indexes, metadata: &mut Metadata) {
    metadata.indexes = indexes.values().flatten().cloned().collect();
    metadata.indexes.sort();
}

/// Asks some maps, those that stand behind `after`, for their indexes again: others than we may make indexes, and nothing
/// tells of that. Whether there are others than before; `after` is the last that was asked.
pub(super) async fn look_again(cluster: &Cluster, indexes: &mut Indexes, after: &mut String) -> bool {
    let behind = indexes.keys().filter(|name| *name > after).chain(indexes.keys());
    let names: Vec<String> = behind.take(AT_A_TIME.min(indexes.len())).cloned().collect();
    *after = names.last().cloned().unwrap_or_default();
    let client = cluster.client();
    let asked = iter(names).map(|name| async move { (found(client, &name).await, name) });
    let told = tokio::time::timeout(TIMEOUT, asked.buffer_unordered(UNDER_WAY).collect::<Vec<_>>()).await;
    let told = told.unwrap_or_default().into_iter().filter_map(|(found, name)| Some((name, found?)));
    let mut others = false;
    for (name, found) in told {
        let before = indexes.insert(name, found.clone());
        others |= before.as_ref() != Some(&found);
    }
    others
}

/// What a map tells of itself; of its indexes only if it has not `told` of them.
async fn ask(client: &Client, name: String, told: bool) -> (String, Option<u64>, Option<Vec<IndexRow>>) {
    let map = client.map(&name);
    let indexes = async {
        match told {
            true => None,
            false => found(client, &name).await,
        }
    };
    let (size, indexes) = futures::join!(map.size(), indexes);
    (name, size.ok(), indexes)
}

/// Tells how many bytes an entry of a map has, when nobody has read one yet: from the entries of one partition.
async fn weigh(cluster: &Cluster, name: &str, size: u64) {
    let trust = cluster.trust(name);
    if trust.entry_bytes().is_some() || !(1..=WEIGHED_MAX).contains(&size) {
        return;
    }
    let map = cluster.client().map(name);
    let entries = match Predicate::constant(true).in_partition_of(&0) {
        Ok(partition) if size > WEIGHED_WHOLE => map.entries_where(&partition).await,
        _ => map.entry_set().await,
    };
    let entries = entries.unwrap_or_default();
    let bytes = entries.iter().map(|(key, value)| key.as_bytes().len() + value.as_bytes().len());
    trust.weigh(entries.len() as u64, bytes.sum::<usize>() as u64);
}

/// The indexes of a map. Members may be told not to answer this: then nothing is shown.
async fn found(client: &Client, name: &str) -> Option<Vec<IndexRow>> {
    let found = client.map_configuration(name).await.ok()?.indexes?;
    Some(found.iter().filter_map(|index| index_row(name, index)).collect())
}

/// PostgreSQL has nothing like a bitmap index that is there to stay.
fn index_row(map: &str, index: &IndexConfig) -> Option<IndexRow> {
    (index.kind() != IndexKind::Bitmap).then(|| IndexRow {
        map: map.to_owned(),
        name: index.given_name().unwrap_or(map).to_owned(),
        hash: index.kind() == IndexKind::Hash,
        attributes: index.attributes().to_vec(),
    })
}

/// Whether two sizes lead to the same plans.
fn is_alike(a: u64, b: u64) -> bool {
    let (less, more) = (a.min(b), a.max(b));
    more - less <= FEW || more < less.saturating_mul(FACTOR)
}

fn is_map(row: &MappingRow) -> bool {
    row.connector.eq_ignore_ascii_case("IMap")
}

fn map_name(row: &MappingRow) -> String {
    unquote_compound(&row.external_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_one_order_are_alike() {
        assert!(is_alike(0, 100) && is_alike(1_000, 3_999) && is_alike(5_000, 2_000));
        assert!(!is_alike(0, 1_000) && !is_alike(1_000, 4_000) && !is_alike(1_000_000, 1));
    }
}
