//! A million rows: they stream, the memory stays flat, a cancelled query leaves the cluster, and a cluster that goes away
//! in the middle is told.

use std::process::Command;
use std::time::{Duration, Instant};

use member::Cluster;
use testbed::Gateway;

use crate::bed;
use crate::tools::{root, succeed, tool};
use crate::wire::{Client, bind, message, parse};

const ROWS: usize = 1_000_000;
const QUERY: &str = "SELECT __key, a, b, c FROM big";
/// How far the gateway's memory may move.
const FLAT_KB: usize = 16 * 1024;

/// A cluster of its own with a large map, and a gateway in front of it.
fn big(rows: usize) -> (Cluster, Gateway) {
    let cluster = bed::cluster(1);
    let gateway = bed::gateway(&cluster.address());
    let mapping = "CREATE MAPPING big (__key INT, a BIGINT, b DOUBLE, c VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    Client::connect(gateway.port).query(mapping).ok();
    let mut java = Command::new(tool("java"));
    java.arg("-cp").arg(tool("hazelcast")).arg(root().join("tests/clients/java/Fill.java"));
    let port = cluster.ports()[0].to_string();
    succeed(java.args([cluster.name(), &port, "big", &rows.to_string()]));
    (cluster, gateway)
}

/// A number of /proc: resident memory in KiB.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// CPU that a process has used, in ticks of 10 ms.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after = stat.rsplit(')').next().unwrap();
    after.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
}

/// Sends a query in the extended protocol, at most `limit` rows (0: all).
fn execute(client: &mut Client, sql: &str, format: i16, limit: i32) {
    let mut packet = parse("", sql, &[]);
    packet.extend(bind(&[], format));
    packet.extend(message(b'E', &[b"\0", limit.to_be_bytes().as_slice()].concat()));
    packet.extend(message(b'S', b""));
    client.write(&packet);
}

#[test]
fn a_million_rows_stream_with_flat_memory() {
    let (cluster, gateway) = big(ROWS);
    let mut client = Client::connect(gateway.port);
    let pid = gateway.process.pid();
    for format in [0, 1] {
        let (mut rows, mut base, mut most, mut sum) = (0, 0, 0, 0_u64);
        execute(&mut client, QUERY, format, 0);
        loop {
            let message = client.read();
            match message.tag {
                b'D' => {
                    rows += 1;
                    sum += message.body.len() as u64;
                    if rows == 10_000 {
                        base = resident(pid);
                    } else if rows % 20_000 == 0 {
                        most = most.max(resident(pid));
                    }
                }
                b'E' => panic!("{:?}", crate::wire::fields(&message.body)),
                b'Z' => break,
                _ => (),
            }
        }
        assert_eq!(rows, ROWS);
        assert!(sum > 30_000_000, "{sum} bytes");
        eprintln!("format {format}: {base} KiB after 10,000 rows, at most {most} KiB");
        assert!(most <= base + FLAT_KB, "{base} KiB after 10,000 rows, later {most} KiB");
    }
    // A reader that stops reading stops the cluster too, and memory does not grow meanwhile.
    execute(&mut client, QUERY, 0, 0);
    client.read();
    let before = resident(pid);
    std::thread::sleep(Duration::from_secs(3));
    assert!(resident(pid) <= before + FLAT_KB);
    drop(client);
    drop(cluster);
}

#[test]
fn a_portal_gives_its_rows_in_pieces() {
    let (_cluster, gateway) = big(10_000);
    let mut client = Client::connect(gateway.port);
    client.query("BEGIN").ok();
    let mut packet = parse("", QUERY, &[]);
    packet.extend(bind(&[], 0));
    packet.extend(message(b'S', b""));
    client.write(&packet);
    client.until_ready();
    let (mut rows, mut pieces) = (0, 0);
    loop {
        client.write(&message(b'E', &[b"\0", 700_i32.to_be_bytes().as_slice()].concat()));
        client.write(&message(b'S', b""));
        let messages = client.until_ready();
        let here = messages.iter().filter(|m| m.tag == b'D').count();
        rows += here;
        pieces += 1;
        match messages.last().map(|m| m.tag) {
            Some(b's') => assert_eq!(here, 700),
            Some(b'C') => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((rows, pieces), (10_000, 15));
    client.query("COMMIT").ok();
}

#[test]
fn a_cancelled_query_leaves_the_cluster_alone() {
    let (mut cluster, gateway) = big(100_000);
    let member = cluster.member(0).unwrap().pid();
    let mut client = Client::connect(gateway.port);
    let key = client.key.clone();
    // More pairs than anybody can count, with nothing to hash by.
    let sql = "SELECT count(*) FROM big x JOIN big y ON x.a + y.a > 5 AND x.b * y.b < -1";
    client.write(&message(b'Q', &[sql.as_bytes(), b"\0"].concat()));
    std::thread::sleep(Duration::from_secs(3));
    let begun = Instant::now();
    Client::cancel(gateway.port, &key);
    let messages = client.until_ready();
    let error = messages.iter().find(|m| m.tag == b'E').expect("it was cancelled");
    let fields = crate::wire::fields(&error.body);
    assert_eq!(
        (fields[&'C'].as_str(), fields[&'M'].as_str()),
        ("57014", "canceling statement due to user request")
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    std::thread::sleep(Duration::from_secs(2));
    let before = ticks(member);
    std::thread::sleep(Duration::from_secs(3));
    let used = ticks(member) - before;
    assert!(used < 90, "the member still works: {used} ticks in 3 s");
    // So does one that takes longer than it may.
    client.query("SET statement_timeout = '700ms'").ok();
    let error = client.query(sql).error.expect("it takes longer");
    assert_eq!(
        (error[&'C'].as_str(), error[&'M'].as_str()),
        ("57014", "canceling statement due to statement timeout")
    );
    // The limit counts anew for each FETCH, in the cluster too.
    for way in ["entries", "sql"] {
        client.query("BEGIN").ok();
        client.query(&format!("SET LOCAL hazelgres.enable_{way} = off")).ok();
        client.query("DECLARE c CURSOR FOR SELECT a, b FROM big").ok();
        for _ in 0..2 {
            assert_eq!(client.query("FETCH 10 FROM c").ok().rows.len(), 10, "without {way}");
            std::thread::sleep(Duration::from_millis(1000));
        }
        client.query("SET LOCAL statement_timeout = 0").ok();
        assert_eq!(client.query("MOVE ALL FROM c").tag.as_deref(), Some("MOVE 99980"), "without {way}");
        client.query("COMMIT").ok();
    }
    client.query("RESET statement_timeout").ok();
    // The connection and the cluster go on.
    assert_eq!(client.query("SELECT count(*) FROM big").ok().value(), "100000");
}

#[test]
fn a_cancel_that_comes_too_late_hits_nothing() {
    let mut client = Client::connect(bed::shared_gateway().port);
    let key = client.key.clone();
    for _ in 0..20 {
        client.query("SELECT 1").ok();
        Client::cancel(client.port(), &key);
        assert_eq!(client.query("SELECT 2").ok().value(), "2");
    }
    // A wrong key is not answered and hits nobody.
    let wrong: Vec<u8> = key.iter().map(|b| b ^ 0x5a).collect();
    Client::cancel(client.port(), &wrong);
    assert_eq!(client.query("SELECT 3").ok().value(), "3");
}

#[test]
fn a_cluster_that_goes_away_is_told_and_comes_back() {
    let (mut cluster, gateway) = big(300_000);
    let mut client = Client::connect(gateway.port);
    // Wide, so that not all of it fits into the sockets' buffers while the member dies.
    execute(&mut client, &QUERY.replacen("SELECT ", "SELECT repeat('x', 300), ", 1), 0, 0);
    for _ in 0..1000 {
        client.read();
    }
    cluster.kill(0).unwrap();
    let mut error = None;
    while error.is_none() {
        match client.try_read().unwrap() {
            Some(message) if message.tag == b'E' => error = Some(crate::wire::fields(&message.body)),
            Some(message) => assert!(message.tag == b'D', "{message:?}"),
            None => panic!("the connection ended without an error"),
        }
    }
    while client.read().tag != b'Z' {}
    let code = error.unwrap()[&'C'].clone();
    assert!(code.starts_with("08") || code.starts_with("57") || code.starts_with("58"), "{code}");
    // Whoever asks now is told that there is no cluster.
    let begun = Instant::now();
    let refused = loop {
        match Client::try_connect(gateway.port) {
            Err(fields) => break fields[&'C'].clone(),
            Ok(mut client) => {
                if let Some(code) = client.query("SELECT count(*) FROM big").sqlstate() {
                    break code.to_owned();
                }
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody says that the cluster is gone");
    };
    assert!(refused.starts_with("08") || refused.starts_with("57") || refused.starts_with("58"), "{refused}");
    cluster.restart(0).unwrap();
    let begun = Instant::now();
    loop {
        let answer = Client::try_connect(gateway.port).map(|mut client| client.query("SELECT 1 + 1"));
        if answer.is_ok_and(|reply| reply.error.is_none()) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", gateway.process.tail(20));
        std::thread::sleep(Duration::from_millis(200));
    }
    // The session lives on, and the log says what has happened.
    let mapping = "CREATE MAPPING again (__key INT, this INT) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'int')";
    client.query(mapping).ok();
    client.query("SINK INTO again VALUES (1, 2)").ok();
    assert_eq!(client.query("SELECT this FROM again").ok().value(), "2");
    let log = gateway.process.text();
    let name = cluster.name();
    for said in [format!("cluster {name} lost: "), format!("cluster {name} is there: 1 member")] {
        assert!(log.contains(&said), "{said}: {log}");
    }
}
