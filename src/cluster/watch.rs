//! Says in the log when the cluster goes and comes.

use hazelcast_client::{ClientState, ClientStatus};

use super::Cluster;

/// Watches the cluster for as long as the client lives. A change is said once.
pub async fn watch(cluster: Cluster) {
    let mut states = cluster.client().state();
    let mut last = Seen::of(&states.borrow_and_update());
    while states.changed().await.is_ok() {
        let (seen, reason) = {
            let state = states.borrow_and_update();
            (Seen::of(&state), state.reason().unwrap_or_default())
        };
        if seen != last {
            say(&cluster, last, seen, &reason);
            last = seen;
        }
    }
}

/// What a change of is worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    connected: bool,
    members: usize,
    gone: bool,
}

impl Seen {
    fn of(state: &ClientState) -> Seen {
        Seen {
            connected: state.is_connected(),
            members: state.members.len(),
            gone: matches!(state.status, ClientStatus::Failed(_)),
        }
    }
}

fn say(cluster: &Cluster, last: Seen, seen: Seen, reason: &str) {
    let name = cluster.name();
    if last.connected && !seen.connected && !seen.gone {
        tracing::warn!("cluster {name} lost: {reason}; trying to reach it again");
    } else if !last.connected && seen.connected {
        tracing::info!("cluster {name} is there: {}", cluster.members());
    } else if seen.connected && last.members != seen.members {
        tracing::info!("cluster {name}: {}", cluster.members());
    }
}
