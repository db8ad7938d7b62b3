//! The sizes of maps, by which the planner chooses. They are asked for when the catalog is read and now and then while
//! statements come; a picture of the catalog is made anew when one has changed by so much that another way may be better.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures::stream::{StreamExt, iter};
use sql::catalog::{MappingRow, Metadata, unquote_compound};

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

/// Fills in the sizes: those that are known, unless they have changed by much.
pub(super) async fn fill_in(cluster: &Cluster, metadata: &mut Metadata, known: Option<&Metadata>) {
    let names: BTreeSet<String> =
        metadata.mappings.iter().filter(|row| is_map(row)).map(map_name).take(MAPS_MAX).collect();
    let mut before: HashMap<String, u64> = HashMap::new();
    for row in known.iter().flat_map(|known| &known.mappings).filter(|row| is_map(row)) {
        before.extend(row.rows.map(|rows| (map_name(row), rows)));
    }
    let mut sizes = before.clone();
    let asked = iter(names).map(|name| async move {
        let size = cluster.client().map(&name).size().await;
        (name, size)
    });
    let mut answers = asked.buffer_unordered(UNDER_WAY);
    let gather = async {
        while let Some((name, size)) = answers.next().await {
            let Ok(size) = size else { continue };
            let same = before.get(&name).is_some_and(|before| is_alike(*before, size));
            if !same {
                sizes.insert(name, size);
            }
        }
    };
    // What is not known is read by SQL, as ever.
    if tokio::time::timeout(TIMEOUT, gather).await.is_ok() {
        cluster.sizes_are_new();
    }
    for row in metadata.mappings.iter_mut().filter(|row| is_map(row)) {
        row.rows = sizes.get(&map_name(row)).copied();
    }
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
