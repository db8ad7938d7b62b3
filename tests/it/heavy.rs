//! What computes for long in the gateway: others are let in and answered meanwhile, and it can be cancelled.

use std::time::{Duration, Instant};

use crate::bed;
use crate::wire::{Client, fields, message};

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

/// Takes seconds to be planned, and nothing to run.
fn long_planned(number: usize) -> String {
    let joins: Vec<String> =
        (1..number).map(|i| format!("JOIN pg_class t{i} ON t{i}.oid = t{}.oid", i - 1)).collect();
    format!("EXPLAIN SELECT count(*) FROM pg_class t0 {}", joins.join(" "))
}

/// What is analysed and planned for long can be stopped, and does not keep others waiting.
#[test]
fn a_statement_can_be_stopped_while_it_is_planned() {
    let gateway = bed::shared_gateway();
    let sql = long_planned(600);
    let mut client = Client::connect(gateway.port);
    let stopped = |client: &mut Client, stop: &dyn Fn(&Client)| {
        client.write(&message(b'Q', format!("{sql}\0").as_bytes()));
        std::thread::sleep(Duration::from_millis(200));
        let begun = Instant::now();
        stop(client);
        let replies = client.until_ready();
        let error = replies.iter().find(|m| m.tag == b'E').map(|m| fields(&m.body)[&'C'].clone());
        assert_eq!(error.as_deref(), Some("57014"), "{replies:?}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    };
    stopped(&mut client, &|client| Client::cancel(client.port(), &client.key.clone()));
    client.query("SET statement_timeout = 250").ok();
    stopped(&mut client, &|_| ());
    // One that leaves is not planned for any more.
    client.write(&message(b'Q', format!("SET statement_timeout = 0; {sql}\0").as_bytes()));
    std::thread::sleep(Duration::from_millis(200));
    let pid = i32::from_be_bytes(client.key[..4].try_into().unwrap());
    drop(client);
    let gone = format!("SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}");
    let mut other = Client::connect(gateway.port);
    let begun = Instant::now();
    while other.query(&gone).value() != "0" {
        assert!(begun.elapsed() < Duration::from_secs(1), "it is still there");
        std::thread::sleep(Duration::from_millis(20));
    }
}
