//! Beside Java: a member and Hazelcast's own client in one process (`Interop.java`), which write what is read here, read
//! what is written here, and tell what a member knows of this client.

mod java;
mod portables;
mod records;
mod starved;

use std::collections::HashMap;
use std::time::Duration;

use hazelcast_client::{Client, CompactRecord, Data, Value};

use java::Java;

const LIMIT: Duration = Duration::from_secs(60);

// One process of Java for all: starting it takes most of the time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beside_java() {
    let mut java = Java::start();
    let client = java.builder().connect_within(LIMIT).await.unwrap();
    java_reads_what_is_written_here_and_the_other_way_round(&mut java, &client).await;
    portables::java_writes_the_same_bytes(&mut java, &client).await;
    drop(client);
    a_member_knows_the_statistics(&mut java).await;
    starved::queries_of_a_starved_member_can_be_stopped(&java).await;
}

/// Every kind of field of Compact: the same values have the same schema and the same bytes, whoever writes them.
async fn java_reads_what_is_written_here_and_the_other_way_round(java: &mut Java, client: &Client) {
    let map = client.map("every");
    java.ask("write");
    let ours = [records::full(), records::nothing(), records::edges()];
    for (key, ours) in (0i32..).zip(&ours) {
        let data: Data = map.get(&key).await.unwrap().expect("Java wrote it");
        let theirs: CompactRecord = client.compact_record(&data).await.unwrap();
        assert_eq!(theirs.schema().fields().len(), 42, "all kinds");
        for field in theirs.schema().fields() {
            assert_eq!(format!("{:?}", field.kind), field.name, "each field is called as its kind");
            let (theirs, ours) = (theirs.get(&field.name), ours.get(&field.name));
            assert_eq!(theirs.map(plain), ours.map(plain), "{} of {key}", field.name);
        }
        assert_eq!(theirs.schema().id(), ours.schema().id());
        assert_eq!(client.to_data(ours).await.unwrap().as_bytes(), data.as_bytes(), "the bytes of {key}");
        map.set(&(100 + key), ours, None).await.unwrap();
    }
    assert_eq!(java.ask("read"), [] as [String; 0]);
}

/// Arrays are written from several variants, and read as lists.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(_, items) => Value::List(items.clone()),
        Value::Bytes(bytes) => {
            Value::List(bytes.iter().map(|byte| Value::TinyInt(byte.cast_signed())).collect())
        }
        other => other.clone(),
    }
}

async fn a_member_knows_the_statistics(java: &mut Java) {
    let period = Some(Duration::from_millis(200));
    let builder = java.builder().client_name("shown").label("one").label("two");
    let _client = builder.statistics_period(period).connect_within(LIMIT).await.unwrap();
    let mut told = Vec::new();
    for _ in 0..100 {
        told = java.ask("clients shown");
        if told.iter().any(|line| line.starts_with("metric")) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let labels = told.first().expect("the member knows the client by its name");
    assert!(labels.contains("one") && labels.contains("two") && labels.contains("RST"), "{labels}");
    let attributes = told.iter().find_map(|line| line.strip_prefix("attributes ")).expect("attributes");
    let attributes: HashMap<&str, &str> =
        attributes.split(',').filter_map(|pair| pair.split_once('=')).collect();
    assert_eq!((attributes["clientName"], attributes["clientType"]), ("shown", "RST"));
    assert_eq!((attributes["enterprise"], attributes["clientAddress"]), ("false", "127.0.0.1"));
    // Hazelcast's own reader finds the same figures in the metrics.
    let metrics: Vec<&str> = told.iter().filter_map(|line| line.strip_prefix("metric ")).collect();
    assert_eq!(metrics.len(), 12, "{metrics:?}");
    for metric in &metrics {
        let (name, rest) = metric.split_once('=').unwrap();
        let (value, unit) = rest.split_once(' ').unwrap();
        let equal = attributes[name] == value
            || attributes[name].parse::<f64>().unwrap() == value.parse::<f64>().unwrap();
        assert!(equal, "{metric}: {}", attributes[name]);
        let expected = match name {
            "os.processCpuTime" => "NS",
            "os.systemLoadAverage" => "null",
            "runtime.uptime" => "MS",
            name if name.ends_with("Size") || name.ends_with("Memory") => "BYTES",
            _ => "COUNT",
        };
        assert_eq!(unit, expected, "{metric}");
    }
}
