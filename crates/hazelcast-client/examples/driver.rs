//! A driver for benchmarks: reads commands, one a line (`point<TAB>conns=16<TAB>secs=3`), and answers each by a line of
//! JSON, as the drivers of other clients do. `cargo xtask bench client` runs them side by side.
//!
//! `cargo run --release -p hazelcast-client --example driver -- 127.0.0.1 5701`, with the cluster's name in `HZ_CLUSTER`
//! and `BENCH_THREADS=1` for a runtime of one thread.

#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use hazelcast_client::{Client, Error, Page, Result, SqlColumnType, ToData, Value};

fn main() -> Result<()> {
    let (host, port) = (argument(1, "127.0.0.1"), argument(2, "5701"));
    let mut runtime = match std::env::var("BENCH_THREADS").as_deref() {
        Ok("1") => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build().map_err(|error| Error::NotConnected(error.to_string()))?;
    let cluster = std::env::var("HZ_CLUSTER").unwrap_or_else(|_| "dev".to_string());
    let client = Client::builder().cluster_name(cluster).address(format!("{host}:{port}"));
    let client = runtime.block_on(client.connect())?;
    println!("@{{\"ready\":true}}");
    for line in std::io::stdin().lock().lines().map_while(std::result::Result::ok) {
        let command = Command::new(&line);
        if command.name == "quit" {
            break;
        }
        let work = Arc::new(command);
        // On a worker of the runtime: the thread of main would have to be woken for every answer.
        let answer = runtime.block_on(async {
            let (client, work) = (client.clone(), Arc::clone(&work));
            tokio::spawn(async move { run(&client, work).await }).await
        });
        match answer {
            Ok(Ok(answer)) => println!("@{answer}"),
            Ok(Err(error)) => println!("@{{\"error\":{:?}}}", error.to_string()),
            Err(error) => println!("@{{\"error\":{:?}}}", error.to_string()),
        }
    }
    Ok(())
}

fn argument(index: usize, default: &str) -> String {
    std::env::args().nth(index).unwrap_or_else(|| default.to_string())
}

/// A line: the name of a command and its arguments.
struct Command {
    name: String,
    arguments: HashMap<String, String>,
}

impl Command {
    fn new(line: &str) -> Self {
        let mut parts = line.trim_end().split('\t');
        let name = parts.next().unwrap_or_default().to_string();
        let pairs = parts.filter_map(|part| part.split_once('='));
        Self { name, arguments: pairs.map(|(name, value)| (name.to_string(), value.to_string())).collect() }
    }

    fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.arguments.get(name).map_or(default, String::as_str)
    }

    fn number<T: std::str::FromStr>(&self, name: &str, default: T) -> T {
        self.arguments.get(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}

async fn run(client: &Client, command: Arc<Command>) -> Result<String> {
    match command.name.as_str() {
        "point" | "insert" => operations(client, command).await,
        "scan" => scan(client, &command).await,
        "exec" => {
            let _ = client.sql(command.text("sql", "")).execute().await?;
            Ok("{\"ok\":true}".to_string())
        }
        other => Err(Error::InvalidArgument(format!("unknown command {other}"))),
    }
}

/// So many workers, each with one operation under way, for so many seconds.
async fn operations(client: &Client, command: Arc<Command>) -> Result<String> {
    let workers: usize = command.number("conns", 1);
    let batch: i64 = command.number("batch", 1);
    let started = Instant::now();
    let end = started + Duration::from_secs_f64(command.number("secs", 3.0));
    let most: i64 = command.number("ops", i64::MAX);
    let next = Arc::new(AtomicI64::new(command.number("seq", 0)));
    let worker = |_| {
        let (client, command, next) = (client.clone(), Arc::clone(&command), Arc::clone(&next));
        let first = next.load(Ordering::Relaxed);
        tokio::spawn(async move {
            let mut took = Vec::with_capacity(1 << 16);
            while Instant::now() < end {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number - first >= most {
                    break;
                }
                let begun = Instant::now();
                operation(&client, &command, number).await?;
                took.push(begun.elapsed());
            }
            Ok::<_, Error>(took)
        })
    };
    let joined = try_join_all((0..workers).map(worker)).await;
    let mut took = Vec::new();
    for one in joined.map_err(|error| Error::NotConnected(error.to_string()))? {
        took.extend(one?);
    }
    let seconds = started.elapsed().as_secs_f64();
    took.sort_unstable();
    let at =
        |share: f64| took.get((took.len() as f64 * share) as usize).map_or(0.0, Duration::as_secs_f64) * 1e6;
    let (count, p50, p99) = (took.len(), at(0.5), at(0.99));
    let rows = count as i64 * batch;
    Ok(format!("{{\"n\":{count},\"secs\":{seconds:.4},\"p50\":{p50:.1},\"p99\":{p99:.1},\"rows\":{rows}}}"))
}

async fn operation(client: &Client, command: &Command, number: i64) -> Result<()> {
    match (command.name.as_str(), command.text("via", "sql"), command.text("mode", "sql")) {
        ("point", "imap", _) => {
            let key = key(command, number);
            let value = client.map(command.text("table", "points_json")).get(&key).await?;
            value.map(drop).ok_or_else(|| Error::NotConnected(format!("no such key {key}")))
        }
        ("point", ..) => {
            let key = key(command, number);
            let sql = format!("SELECT * FROM {} WHERE __key = ?", command.text("table", "points_json"));
            let rows = client.sql(sql).arg(key).lookup(true).execute().await?.rows();
            let page = match rows {
                Some(mut rows) => rows.next_page().await?,
                None => None,
            };
            let read = page.as_ref().map(read);
            (read.is_some_and(|bytes| bytes > 0))
                .then_some(())
                .ok_or_else(|| Error::NotConnected(format!("no row for {key}")))
        }
        (_, _, "putall") => {
            let batch: i64 = command.number("batch", 1);
            let base: i64 = command.number::<i64>("base", 0) + number * batch;
            let entries = (base..base + batch).map(entry).collect::<Result<Vec<_>>>()?;
            client.map(command.text("table", "ins_json")).put_all(&entries).await
        }
        _ => {
            let (key, value) = entry(command.number::<i64>("base", 0) + number)?;
            client.map(command.text("table", "ins_json")).set(&key, &value, None).await
        }
    }
}

/// The key that the other drivers take as well.
fn key(command: &Command, number: i64) -> i32 {
    let keys: i64 = command.number("nkeys", 1_000_000);
    (1 + number.wrapping_mul(7919).rem_euclid(keys)) as i32
}

fn entry(id: i64) -> Result<(hazelcast_client::Data, hazelcast_client::Data)> {
    let (a, b) = (id * 31, id as f64 * 0.5);
    let json = format!("{{\"a\":{a},\"b\":{b:?},\"c\":\"text-{id:011}\"}}");
    Ok(((id as i32).to_data()?, Value::Json(json).to_data()?))
}

/// A whole result, of which every value is read.
async fn scan(client: &Client, command: &Command) -> Result<String> {
    let started = Instant::now();
    let page_size = command.number("page", 4096);
    let statement = client.sql(command.text("sql", "")).cursor_buffer_size(page_size, page_size);
    let (mut count, mut bytes, mut first, mut reading) = (0, 0, 0.0, Duration::ZERO);
    let touch = command.text("treat", "read") != "count";
    if let Some(mut rows) = statement.execute().await?.rows() {
        while let Some(page) = rows.next_page().await? {
            if count == 0 {
                first = started.elapsed().as_secs_f64() * 1e3;
            }
            let begun = Instant::now();
            if touch {
                bytes += read(&page);
            }
            reading += begun.elapsed();
            count += page.rows();
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    let nanos = reading.as_nanos() as f64 / count.max(1) as f64;
    Ok(format!(
        "{{\"rows\":{count},\"bytes\":{bytes},\"secs\":{seconds:.6},\"first_ms\":{first:.3},\"read_ns\":{nanos:.2}}}"
    ))
}

/// Reads every value; the size of all as text, as the other drivers count it.
fn read(page: &Page) -> usize {
    let rows = 0..page.rows();
    let mut bytes = 0;
    for index in 0..page.columns() {
        let Some(column) = page.column(index) else { continue };
        bytes += match column.column_type() {
            SqlColumnType::Integer => {
                rows.clone().filter_map(|row| column.i32(row)).map(positive).sum::<usize>()
            }
            SqlColumnType::BigInt => {
                rows.clone().filter_map(|row| column.i64(row)).map(|v| positive(v as i32) * 2).sum()
            }
            SqlColumnType::Double => {
                rows.clone().filter_map(|row| column.f64(row)).map(|v| if v.is_nan() { 7 } else { 8 }).sum()
            }
            SqlColumnType::Varchar => rows.clone().filter_map(|row| column.str(row)).map(str::len).sum(),
            _ => rows.clone().filter(|row| !column.is_null(*row)).count() * 4,
        };
    }
    bytes
}

/// 4, but only once the value is known: so that it has to be read.
fn positive(value: i32) -> usize {
    if value == i32::MIN { 5 } else { 4 }
}
