//! Figures: look-ups by SQL and by `Map.get`, and a scan, with the CPU of this process.
//!
//! `cargo run --release -p hazelcast-client --example bench -- dev@127.0.0.1:5701`

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use futures::future::join_all;
use hazelcast_client::{Client, Data, Result, Value};

const ENTRIES: i32 = 200_000;
const TIME: Duration = Duration::from_secs(4);

/// CPU time of this process (user and system).
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn int(key: i32) -> Result<Data> {
    Ok(Data::from_value(&Value::Integer(key))?.unwrap_or_else(|| unreachable!("not null")))
}

fn json(text: String) -> Result<Data> {
    Ok(Data::from_value(&Value::Json(text))?.unwrap_or_else(|| unreachable!("not null")))
}

#[tokio::main]
async fn main() -> Result<()> {
    let argument = std::env::args().nth(1).unwrap_or_else(|| "dev@127.0.0.1:5701".to_string());
    let (cluster, member) = argument.split_once('@').unwrap_or(("dev", &argument));
    let client = Client::builder().cluster_name(cluster).address(member).connect().await?;
    let mapping = "CREATE OR REPLACE MAPPING bench_points (__key INT, a BIGINT, b DOUBLE, c VARCHAR) \
                   TYPE IMap OPTIONS ('keyFormat' = 'int', 'valueFormat' = 'json-flat')";
    let _ = client.sql(mapping).execute().await?;
    let map = client.map("bench_points");
    if map.size().await? != ENTRIES as u64 {
        map.clear().await?;
        for start in (0..ENTRIES).step_by(5000) {
            let entry = |key: i32| {
                Ok((
                    int(key)?,
                    json(format!("{{\"a\":{key},\"b\":{}.5,\"c\":\"text {key:011}\"}}", key / 7))?,
                ))
            };
            map.put_all(&(start..start + 5000).map(entry).collect::<Result<Vec<_>>>()?).await?;
        }
    }
    for round in 0..2 {
        for under_way in [1, 16, 64] {
            report("SQL look-up", round, under_way, lookups(&client, under_way).await?);
            report("Map.get", round, under_way, gets(&client, under_way).await?);
        }
        scan(&client).await?;
    }
    Ok(())
}

fn report(what: &str, round: u32, under_way: usize, (count, wall, cpu): (u64, Duration, Duration)) {
    if round > 0 {
        let micros = cpu.as_secs_f64() * 1e6 / count as f64;
        println!(
            "{what:12} {under_way:3} under way {:8.0} /s  client {micros:6.1} us",
            count as f64 / wall.as_secs_f64()
        );
    }
}

async fn lookups(client: &Client, under_way: usize) -> Result<(u64, Duration, Duration)> {
    let (started, before) = (Instant::now(), cpu());
    let workers = (0..under_way).map(|worker| {
        let client = client.clone();
        tokio::spawn(async move {
            let mut count = 0u64;
            let mut key = worker as i32;
            while started.elapsed() < TIME {
                key = (key * 31 + 17) % ENTRIES;
                let sql = "SELECT * FROM bench_points WHERE __key = ?";
                let rows = client.sql(sql).arg(key).lookup(true).execute().await?.rows();
                let page = match rows {
                    Some(mut rows) => rows.next_page().await?,
                    None => None,
                };
                assert_eq!(page.and_then(|page| page.i32(0, 0)), Some(key));
                count += 1;
            }
            Result::Ok(count)
        })
    });
    let counts = join_all(workers).await;
    let count = counts.into_iter().filter_map(|count| count.ok()?.ok()).sum();
    Ok((count, started.elapsed(), cpu() - before))
}

async fn gets(client: &Client, under_way: usize) -> Result<(u64, Duration, Duration)> {
    let (started, before) = (Instant::now(), cpu());
    let workers = (0..under_way).map(|worker| {
        let map = client.map("bench_points");
        tokio::spawn(async move {
            let mut count = 0u64;
            let mut key = worker as i32;
            while started.elapsed() < TIME {
                key = (key * 31 + 17) % ENTRIES;
                assert!(map.get(&int(key)?).await?.is_some());
                count += 1;
            }
            Result::Ok(count)
        })
    });
    let counts = join_all(workers).await;
    let count = counts.into_iter().filter_map(|count| count.ok()?.ok()).sum();
    Ok((count, started.elapsed(), cpu() - before))
}

async fn scan(client: &Client) -> Result<()> {
    let (started, before) = (Instant::now(), cpu());
    let mut checksum = 0i64;
    let mut count = 0u64;
    let mut reading = Duration::ZERO;
    for _ in 0..5 {
        let Some(mut rows) = client.sql("SELECT __key, a, b, c FROM bench_points").execute().await?.rows()
        else {
            break;
        };
        while let Some(page) = rows.next_page().await? {
            let begin = Instant::now();
            for row in 0..page.rows() {
                checksum += i64::from(page.i32(row, 0).unwrap_or(0)) + page.i64(row, 1).unwrap_or(0);
                checksum +=
                    page.f64(row, 2).unwrap_or(0.0) as i64 + page.str(row, 3).map_or(0, str::len) as i64;
            }
            reading += begin.elapsed();
            count += page.rows() as u64;
        }
    }
    let (wall, cpu) = (started.elapsed(), cpu() - before);
    println!(
        "scan of {count} rows: {:.0} rows/s, client CPU {:.3} s per million, reading {:.1} ns a row (checksum {checksum})",
        count as f64 / wall.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / count as f64,
        reading.as_nanos() as f64 / count as f64,
    );
    Ok(())
}
