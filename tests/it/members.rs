//! A cluster of three members that loses one while a map is read and written.

use std::collections::HashMap;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::bed;
use crate::tools::{root, succeed, tool};
use crate::wire::{Client, bind, message, parse};

/// Entries that nobody writes.
const STEADY: usize = 150_000;
/// Entries that come and change meanwhile, behind these.
const WRITTEN: usize = 2_000;

/// Executes the portal for some rows: their keys, and whether there are more.
fn piece(client: &mut Client, limit: i32) -> (Vec<usize>, bool) {
    client.write(&message(b'E', &[b"\0", limit.to_be_bytes().as_slice()].concat()));
    client.write(&message(b'S', b""));
    let messages = client.until_ready();
    if let Some(error) = messages.iter().find(|m| m.tag == b'E') {
        panic!("{:?}", crate::wire::fields(&error.body));
    }
    // A DataRow: the number of columns, then the length of the first.
    let key = |body: &[u8]| {
        let length = u32::from_be_bytes(body[2..6].try_into().unwrap()) as usize;
        std::str::from_utf8(&body[6..6 + length]).unwrap().parse().unwrap()
    };
    let keys = messages.iter().filter(|m| m.tag == b'D').map(|m| key(&m.body)).collect();
    (keys, messages.iter().any(|m| m.tag == b's'))
}

/// Reads the whole map in pieces; after the first of them `meanwhile` happens.
fn read(client: &mut Client, meanwhile: impl FnOnce()) -> HashMap<usize, usize> {
    client.query("BEGIN").ok();
    let mut packet = parse("", "SELECT __key, a, c FROM big", &[]);
    packet.extend(bind(&[], 0));
    packet.extend(message(b'S', b""));
    client.write(&packet);
    client.until_ready();
    let mut seen = HashMap::new();
    let (mut keys, mut more) = piece(client, 1_000);
    assert!(more, "there must be something left to read when the member is lost");
    meanwhile();
    loop {
        keys.into_iter().for_each(|key| *seen.entry(key).or_default() += 1);
        if !more {
            client.query("COMMIT").ok();
            return seen;
        }
        (keys, more) = piece(client, 20_000);
    }
}

fn check(seen: &HashMap<usize, usize>) {
    let wrong: Vec<_> = seen.iter().filter(|(_, times)| **times != 1).take(5).collect();
    assert!(wrong.is_empty(), "entries came twice: {wrong:?}");
    let lost: Vec<_> = (1..=STEADY).filter(|key| !seen.contains_key(key)).take(5).collect();
    assert!(lost.is_empty(), "entries are lost: {lost:?}");
}

#[test]
fn a_member_lost_in_mid_scan_loses_and_repeats_nothing() {
    let mut cluster = bed::cluster(3);
    let gateway = bed::gateway(&cluster.address());
    let mut client = Client::connect(gateway.port);
    let mapping = "CREATE MAPPING big (__key INT, a BIGINT, b DOUBLE, c VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    client.query(mapping).ok();
    let mut java = Command::new(tool("java"));
    java.arg("-cp").arg(tool("hazelcast")).arg(root().join("tests/clients/java/Fill.java"));
    succeed(java.args([cluster.name(), &cluster.ports()[0].to_string(), "big", &STEADY.to_string()]));
    client.query("SET hazelgres.enable_sql = off").ok();
    let plan = client.query("EXPLAIN SELECT __key, a, c FROM big").ok().texts();
    assert!(format!("{plan:?}").contains("Hazelcast Entries"), "{plan:?}");

    let stop = Arc::new(AtomicBool::new(false));
    let (port, stopped) = (gateway.port, stop.clone());
    let writer = std::thread::spawn(move || {
        let (mut writes, mut number) = (0, 0);
        let mut client = Client::connect(port);
        while !stopped.load(Ordering::Relaxed) {
            let key = STEADY + 1 + number % WRITTEN;
            number += 1;
            // While a member is lost, a write may fail.
            let sql = format!("SINK INTO big (__key, a, b, c) VALUES ({key}, {number}, 0.5, 'written')");
            writes += usize::from(client.query(&sql).error.is_none());
        }
        writes
    });
    check(&read(&mut client, || ()));
    check(&read(&mut client, || cluster.kill(2).unwrap()));
    // And with partitions on the move to the two that are left.
    check(&read(&mut client, || ()));
    stop.store(true, Ordering::Relaxed);
    assert!(writer.join().unwrap() > 0);
}
