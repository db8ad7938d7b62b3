//! What computes for long in the gateway: others are let in and answered meanwhile, and it can be cancelled.

use std::time::Duration;

use crate::bed;
use crate::wire::{Client, message};

/// Runs for a minute or so, in one expression that nothing interrupts but its own loops: a correlated subquery, and
/// nothing of the cluster's.
const HEAVY: &str = "SELECT count(*) FROM generate_series(1, 200000) a \
                     WHERE a > (SELECT count(*) FROM generate_series(1, 20000) b WHERE b % 7 = a % 7)";

#[test]
fn heavy_statements_on_every_core_keep_nobody_waiting() {
    let gateway = bed::shared_gateway();
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut heavy: Vec<Client> = (0..cores + 1).map(|_| Client::connect(gateway.port)).collect();
    for client in &mut heavy {
        client.write(&message(b'Q', format!("{HEAVY}\0").as_bytes()));
    }
    std::thread::sleep(Duration::from_millis(300));
    // A new connection, on whatever thread, and one that has a statement time limit.
    for _ in 0..cores + 1 {
        let mut client = Client::connect(gateway.port);
        assert_eq!(client.query("SELECT 1").value(), "1");
        client.query("SET statement_timeout = 200").ok();
        assert_eq!(client.query(HEAVY).sqlstate(), Some("57014"), "its time limit ends it");
        assert_eq!(client.query("SELECT count(*) > 0 FROM pg_class").value(), "t");
    }
    for client in &mut heavy {
        Client::cancel(client.port(), &client.key.clone());
        let replies = client.until_ready();
        assert!(replies.iter().any(|m| m.tag == b'E'), "a cancel request ends it: {replies:?}");
    }
}
