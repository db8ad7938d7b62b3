//! `hazelgres serve`: how it begins, how it waits for its cluster, how it ends.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::bed;
use crate::tools::run;
use crate::wire::Client;

#[test]
fn one_line_says_when_it_is_ready_and_sigterm_ends_it_well() {
    let mut gateway = bed::gateway(bed::shared_cluster());
    let name = bed::shared_cluster().split('@').next().unwrap();
    let text = gateway.process.text();
    let ready = format!("listening on 127.0.0.1:{}, cluster {name}: 1 member", gateway.port);
    assert_eq!(text.lines().filter(|l| l.contains(&ready)).count(), 1, "{text}");
    let mut client = Client::connect(gateway.port);
    client.query("SELECT 1").ok();
    let own = "SELECT string_agg(setting, ' ' ORDER BY name) FROM pg_settings \
               WHERE name IN ('listen_addresses', 'max_connections', 'port')";
    assert_eq!(client.query(own).ok().value(), format!("127.0.0.1 1000 {}", gateway.port));
    gateway.process.signal("TERM").unwrap();
    let status = gateway.process.wait(Duration::from_secs(15)).expect("it ends");
    assert_eq!(status.code(), Some(0), "{}", gateway.process.text());
    // An idle client is told why.
    let message = client.try_read().unwrap().expect("a last word");
    assert_eq!((message.tag, crate::wire::fields(&message.body)[&'C'].as_str()), (b'E', "57P01"));
}

#[test]
fn it_listens_at_once_and_answers_57p03_until_the_cluster_is_there() {
    let mut cluster = bed::cluster(1);
    cluster.kill(0).unwrap();
    let mut gateway = bed::spawn_gateway(&cluster.address());
    let begun = Instant::now();
    let refused = loop {
        assert!(gateway.process.exited().is_none() && begun.elapsed() < Duration::from_secs(10));
        if std::net::TcpStream::connect(("127.0.0.1", gateway.port)).is_ok() {
            break Client::try_connect(gateway.port).expect_err("there is no cluster");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!((refused[&'C'].as_str(), refused[&'S'].as_str()), ("57P03", "FATAL"), "{refused:?}");
    cluster.restart(0).unwrap();
    let begun = Instant::now();
    let mut client = loop {
        match Client::try_connect(gateway.port) {
            Ok(client) => break client,
            Err(fields) => assert_eq!(fields[&'C'], "57P03", "{fields:?}"),
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", gateway.process.tail(20));
        std::thread::sleep(Duration::from_millis(100));
    };
    assert_eq!(client.query("SELECT 1").ok().value(), "1");
}

#[test]
fn a_wrong_cluster_name_is_one_line_and_a_failure() {
    let (_, addresses) = bed::shared_cluster().split_once('@').unwrap();
    let mut gateway = bed::spawn_gateway(&format!("somebody-elses@{addresses}"));
    let status = gateway.process.wait(Duration::from_secs(60)).expect("it gives up");
    let text = gateway.process.text();
    assert_ne!(status.code(), Some(0), "{text}");
    let lines: Vec<&str> = text.lines().filter(|l| l.contains("somebody-elses")).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].contains("name") && lines[0].contains("credentials"), "{text}");
}

#[test]
fn it_refuses_to_listen_elsewhere_than_on_this_machine() {
    let mut serve = Command::new(env!("CARGO_BIN_EXE_hazelgres"));
    serve.args(["serve", "--listen", "0.0.0.0:0", "--cluster", "dev@127.0.0.1:1"]);
    let output = run(&mut serve);
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("0.0.0.0"), "{words}");
}

#[test]
fn a_port_that_is_taken_is_one_line_and_a_failure() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_hazelgres"));
    let output = run(serve.args(["serve", "--listen", &address, "--cluster", "dev@127.0.0.1:1"]));
    assert!(!output.status.success());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains(&address), "{words}");
}
