//! The sizes of maps, by which the planner chooses, and their indexes. They are asked for when the catalog is read and now
//! and then while statements come; a picture of the catalog is made anew when one has changed by so much that another way
//! may be better.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::stream::{StreamExt, iter};
use hazelcast_client::{Client, IndexConfig, IndexKind};
use sql::catalog::{IndexRow, MappingRow, Metadata, unquote_compound};

use super::Cluster;

/// The most maps that are asked for their sizes.
const MAPS_MAX: usize = 2_000;
/// Requests under way at a time: each goes to all partitions.
const UNDER_WAY: usize = 4;
/// How long all sizes may take; those that come later are not known.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Sizes that differ by less than this factor lead to the same plans.
const FACTOR: u64 = 4;
/// And so do differences of so few entries.
const FEW: u64 = 200;

/// Fills in what maps tell: their sizes, where those that are known are kept unless they have changed by much, and their
/// indexes.
pub(super) async fn fill_in(cluster: &Cluster, metadata: &mut Metadata, known: Option<&Metadata>) {
    let names: BTreeSet<String> =
        metadata.mappings.iter().filter(|row| is_map(row)).map(map_name).take(MAPS_MAX).collect();
    let mut before: HashMap<String, u64> = HashMap::new();
    for row in known.iter().flat_map(|known| &known.mappings).filter(|row| is_map(row)) {
        before.extend(row.rows.map(|rows| (map_name(row), rows)));
    }
    let mut sizes = before.clone();
    // Those of maps that don't answer are as they were.
    let mut indexes: HashMap<String, Vec<IndexRow>> = HashMap::new();
    for row in known.iter().flat_map(|known| &known.indexes) {
        indexes.entry(row.map.clone()).or_default().push(row.clone());
    }
    let asked = iter(names.clone()).map(|name| {
        let client = cluster.client().clone();
        async move { ask(&client, name).await }
    });
    let mut answers = asked.buffer_unordered(UNDER_WAY);
    let gather = async {
        while let Some((name, size, found)) = answers.next().await {
            let same = |size| before.get(&name).is_some_and(|before| is_alike(*before, size));
            sizes.extend(size.filter(|size| !same(*size)).map(|size| (name.clone(), size)));
            indexes.extend(found.map(|found| (name, found)));
        }
    };
    // What is not known is read by SQL, as ever.
    if tokio::time::timeout(TIMEOUT, gather).await.is_ok() {
        cluster.sizes_are_new();
    }
    drop(answers);
    for row in metadata.mappings.iter_mut().filter(|row| is_map(row)) {
        row.rows = sizes.get(&map_name(row)).copied();
        row.entry_bytes = cluster.trust(&map_name(row)).entry_bytes();
    }
    indexes.retain(|map, _| names.contains(map));
    metadata.indexes = indexes.into_values().flatten().collect();
    metadata.indexes.sort();
}

/// What a map tells of itself.
async fn ask(client: &Client, name: String) -> (String, Option<u64>, Option<Vec<IndexRow>>) {
    let map = client.map(&name);
    let (size, configuration) = futures::join!(map.size(), client.map_configuration(&name));
    // Members may be told not to answer this: then nothing is shown.
    let found = configuration.ok().and_then(|configuration| configuration.indexes);
    let found = found.map(|found| found.iter().filter_map(|index| index_row(&name, index)).collect());
    (name, size.ok(), found)
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
