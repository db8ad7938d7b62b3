//! What a program does with a cluster, all of it at once and checked.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::TryStreamExt;
use hazelcast_client::{
    Client, Data, Error, ExpectedResult, Map, Result, SqlResult, SqlRows, SqlStatement, Value,
};
use tokio::task::JoinSet;

use crate::stats::Stats;

/// Of every operation.
pub const DEADLINE: Duration = Duration::from_secs(8);
/// Of what comes before the faults, on members that have just started.
const PATIENCE: Duration = Duration::from_secs(60);
const ENTRIES: i32 = 2000;
const COUNTERS: i32 = 2;

/// The load on a client.
pub struct Load {
    work: Arc<Work>,
}

struct Work {
    client: Client,
    stats: Arc<Stats>,
    /// Entries that never change.
    fixed: Map,
    counters: Map,
    counts: [Count; COUNTERS as usize],
    inserted: Map,
    /// The key of the next row to be inserted.
    next: AtomicI32,
    outcomes: Mutex<Outcomes>,
    stop: AtomicBool,
}

/// What a counter must be. One task raises it, always from a value to the next one: of all attempts from one value only one
/// can have been carried out.
#[derive(Default)]
struct Count(Mutex<Known>);

#[derive(Default)]
struct Known {
    value: i32,
    /// An attempt from this value failed, and may have been carried out, or may yet be.
    unsure: bool,
    raised: u32,
    failed: u32,
}

/// The keys of entries that were to be written once, by what was said about it. Those of which nobody knows are not here.
#[derive(Default)]
struct Outcomes {
    done: Vec<i32>,
    not_done: Vec<i32>,
    unknown: u32,
}

impl Known {
    /// The counter was read; whether it may be so.
    fn read(&mut self, value: i32) -> bool {
        if value == self.value {
            return true;
        }
        let raised = self.unsure && value == self.value + 1;
        if raised {
            self.raise();
        }
        raised
    }

    /// An attempt was carried out.
    fn raise(&mut self) {
        *self = Self { value: self.value + 1, unsure: false, raised: self.raised + 1, ..*self };
    }
}

impl Outcomes {
    fn add<T>(&mut self, key: i32, result: &Result<T>) {
        match result {
            Ok(_) => self.done.push(key),
            Err(error) if error.may_have_been_done() => self.unknown += 1,
            Err(_) => self.not_done.push(key),
        }
    }
}

/// Running tasks.
pub struct Running {
    work: Arc<Work>,
    tasks: JoinSet<()>,
}

fn int(value: i32) -> Data {
    Data::from_value(&Value::Integer(value)).unwrap().unwrap()
}

fn json(text: String) -> Data {
    Data::from_value(&Value::Json(text)).unwrap().unwrap()
}

/// The value of the fixed entry of a key.
fn text(key: i32) -> String {
    format!("{key}: {}", "x".repeat(key as usize % 100))
}

impl Load {
    /// Makes the maps and their content.
    pub async fn prepare(client: &Client, stats: Arc<Stats>) -> Self {
        for map in ["fixed", "inserted"] {
            let sql = format!(
                "CREATE OR REPLACE MAPPING {map} (__key INT, v VARCHAR) TYPE IMap \
                 OPTIONS ('keyFormat'='int','valueFormat'='json-flat')"
            );
            drop(client.sql(sql).local_timeout(PATIENCE).execute().await.unwrap());
        }
        let entry = |key: i32| (int(key), json(format!("{{\"v\":\"{}\"}}", text(key))));
        let fixed = client.map("fixed");
        fixed.put_all(&(0..ENTRIES).map(entry).collect::<Vec<_>>()).await.unwrap();
        let counters = client.map("counters");
        for counter in 0..COUNTERS {
            counters.set(&int(counter), &int(0), None).await.unwrap();
        }
        let inserted = client.map("inserted");
        let work = Work {
            client: client.clone(),
            stats,
            fixed,
            counters,
            counts: Default::default(),
            inserted,
            next: AtomicI32::new(0),
            outcomes: Mutex::default(),
            stop: AtomicBool::new(false),
        };
        Self { work: Arc::new(work) }
    }

    pub fn start(&self) -> Running {
        self.work.stop.store(false, Ordering::Relaxed);
        let mut tasks = JoinSet::new();
        for _ in 0..2 {
            tasks.spawn(repeat(Arc::clone(&self.work), 5, |work| async move { work.get().await }));
            tasks.spawn(repeat(Arc::clone(&self.work), 10, |work| async move { work.look_up().await }));
            tasks.spawn(repeat(Arc::clone(&self.work), 100, |work| async move { work.scan().await }));
        }
        for counter in 0..COUNTERS {
            let work = Arc::clone(&self.work);
            tasks.spawn(repeat(work, 10, move |work| async move { work.raise(counter).await }));
        }
        tasks.spawn(repeat(Arc::clone(&self.work), 20, |work| async move { work.insert().await }));
        tasks.spawn(repeat(Arc::clone(&self.work), 20, |work| async move { work.put_if_absent().await }));
        tasks.spawn(repeat(Arc::clone(&self.work), 100, |work| async move { work.stream().await }));
        tasks.spawn(repeat(Arc::clone(&self.work), 200, |work| async move { work.cancel().await }));
        tasks.spawn(repeat(Arc::clone(&self.work), 300, |work| async move { work.everything().await }));
        tasks.spawn(repeat(Arc::clone(&self.work), 150, |work| async move { work.stream_of_map().await }));
        tasks.spawn(listen(Arc::clone(&self.work)));
        Running { work: Arc::clone(&self.work), tasks }
    }

    pub async fn run_for(&self, time: Duration) {
        let running = self.start();
        tokio::time::sleep(time).await;
        running.stop().await;
    }

    /// What was written is there, what is said not to have been written is not, and nothing was written twice.
    pub async fn verify(&self) {
        let work = &self.work;
        for (counter, count) in (0..COUNTERS).zip(&work.counts) {
            let value = work.count(counter).await.unwrap();
            let mut known = count.0.lock().unwrap();
            if !known.read(value) {
                work.stats.wrong(format!("counter {counter} is {value} at the end, not {}", known.value));
            }
            eprintln!(
                "counter {counter}: {value}, raised {} times; {} attempts failed",
                known.raised, known.failed
            );
        }
        let size = work.fixed.size().await.unwrap();
        if size != ENTRIES as u64 {
            work.stats.wrong(format!("{size} of {ENTRIES} fixed entries"));
        }
        let outcomes = std::mem::take(&mut *work.outcomes.lock().unwrap());
        let Outcomes { done, not_done, unknown } = outcomes;
        let (found, none) = (work.inserted_of(&done).await, work.inserted_of(&not_done).await);
        if (found, none) != (done.len(), 0) {
            let text = format!(
                "{found} of {} entries that were written are there, and {none} of {} that were not",
                done.len(),
                not_done.len()
            );
            work.stats.wrong(text);
        }
        eprintln!("{} entries written, {} not, {unknown} perhaps", done.len(), not_done.len());
    }
}

impl Running {
    /// All tasks come to their end by themselves.
    pub async fn stop(mut self) {
        self.work.stop.store(true, Ordering::Relaxed);
        let all = async { while self.tasks.join_next().await.is_some_and(|joined| joined.is_ok()) {} };
        if tokio::time::timeout(DEADLINE + Duration::from_secs(40), all).await.is_err()
            || !self.tasks.is_empty()
        {
            self.work.stats.wrong("a task of the load hangs, or panicked".to_owned());
        }
    }
}

async fn repeat<F: Future<Output = Result<()>>>(work: Arc<Work>, pause: u64, act: impl Fn(Arc<Work>) -> F) {
    while !work.stop.load(Ordering::Relaxed) {
        // An error was counted where it arose. Nobody asks again without a pause.
        let failed = act(Arc::clone(&work)).await.is_err();
        tokio::time::sleep(Duration::from_millis(if failed { pause + 20 } else { pause })).await;
    }
}

impl Work {
    fn reading(&self, sql: &str) -> SqlStatement {
        self.client.sql(sql).expected_result(ExpectedResult::Rows).timeout(DEADLINE)
    }

    async fn rows(&self, what: &'static str, statement: SqlStatement) -> Result<SqlRows> {
        let result = self.stats.run(what, DEADLINE, statement.execute()).await?;
        result.rows().ok_or(Error::ClientClosed)
    }

    fn some_key(&self) -> i32 {
        (hazelcast_client::Uuid::new_v4().as_u64_pair().1 % ENTRIES as u64) as i32
    }

    async fn get(&self) -> Result<()> {
        let key = self.some_key();
        let value = self.stats.run("get", DEADLINE, self.fixed.get(&int(key))).await?;
        if value != Some(json(format!("{{\"v\":\"{}\"}}", text(key)))) {
            self.stats.wrong(format!("get of {key}: {value:?}"));
        }
        Ok(())
    }

    async fn look_up(&self) -> Result<()> {
        let key = self.some_key();
        let statement = self.reading("SELECT v FROM fixed WHERE __key = ?").arg(key).lookup(true);
        let mut rows = self.rows("look-up", statement).await?;
        let page = self.stats.run("look-up's rows", DEADLINE, rows.next_page()).await?;
        let found = page.as_ref().and_then(|page| page.str(0, 0));
        if found != Some(text(key).as_str()) {
            self.stats.wrong(format!("look-up of {key}: {found:?}"));
        }
        Ok(())
    }

    async fn scan(&self) -> Result<()> {
        let statement = self.reading("SELECT __key, v FROM fixed").cursor_buffer_size(100, 200);
        let mut rows = self.rows("scan", statement).await?;
        let mut seen = vec![0u8; ENTRIES as usize];
        while let Some(page) = self.stats.run("scan's rows", DEADLINE, rows.next_page()).await? {
            for row in 0..page.rows() {
                let key = page.i32(row, 0).unwrap_or(-1);
                match seen.get_mut(key as usize) {
                    Some(times) if page.str(row, 1) == Some(text(key).as_str()) => *times += 1,
                    _ => self.stats.wrong(format!("scan: {key}, {:?}", page.str(row, 1))),
                }
            }
        }
        let missing = seen.iter().filter(|times| **times != 1).count();
        if missing > 0 {
            self.stats.wrong(format!("scan: {missing} keys were missing or seen twice"));
        }
        Ok(())
    }

    /// Partition by partition, while these move: each entry once. What came before an error came once, too.
    async fn stream_of_map(&self) -> Result<()> {
        let mut entries = self.fixed.stream().max_bytes(64 << 10);
        let mut seen = vec![0u8; ENTRIES as usize];
        while let Some((key, value)) = self.stats.run("map's stream", DEADLINE, entries.try_next()).await? {
            let key = match key.to_value() {
                Ok(Value::Integer(key)) => key,
                other => {
                    self.stats.wrong(format!("map's stream: {other:?}"));
                    return Ok(());
                }
            };
            match seen.get_mut(key as usize) {
                Some(times) if *times == 0 && value == json(format!("{{\"v\":\"{}\"}}", text(key))) => {
                    *times += 1
                }
                _ => self.stats.wrong(format!("map's stream: {key} again, or {value:?}")),
            }
        }
        let missing = seen.iter().filter(|times| **times == 0).count();
        if missing > 0 {
            self.stats.wrong(format!("map's stream: {missing} keys were missing"));
        }
        Ok(())
    }

    async fn count(&self, counter: i32) -> Result<i32> {
        match self.counters.get(&int(counter)).await?.map(|value| value.to_value()) {
            Some(Ok(Value::Integer(count))) => Ok(count),
            other => Err(Error::InvalidArgument(format!("counter {counter}: {other:?}"))),
        }
    }

    /// Reads and replaces, as an UPDATE that adds one: nobody else does so with this counter.
    async fn raise(&self, counter: i32) -> Result<()> {
        let count = &self.counts[counter as usize].0;
        let now = self.stats.run("get of a counter", DEADLINE, self.count(counter)).await?;
        if !count.lock().unwrap().read(now) {
            self.stats.wrong(format!("counter {counter} is {now}"));
        }
        let replacing =
            async { self.counters.replace_if_same(&int(counter), &int(now), &int(now + 1)).await };
        let result = self.stats.run("replaceIfSame", DEADLINE, replacing).await;
        let mut known = count.lock().unwrap();
        match result {
            Ok(true) => known.raise(),
            // An attempt before, of which nobody knew, has been carried out meanwhile.
            Ok(false) if known.unsure => known.raise(),
            Ok(false) => self.stats.wrong(format!("counter {counter} was changed by nobody")),
            Err(error) => {
                known.unsure |= error.may_have_been_done();
                known.failed += 1;
                return Err(error);
            }
        }
        Ok(())
    }

    /// A key that nobody has had: it can't be there, unless this is done twice.
    async fn insert(&self) -> Result<()> {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let statement = self.client.sql("INSERT INTO inserted VALUES (?, ?)").arg(key).arg("x");
        let statement = statement.expected_result(ExpectedResult::UpdateCount).timeout(DEADLINE);
        let result = self.stats.run("INSERT", DEADLINE, statement.execute()).await;
        if let Err(Error::Sql(error)) = &result
            && error.root_message().contains("Duplicate key")
        {
            self.stats.wrong(format!("INSERT of {key}: {error}"));
        }
        self.outcomes.lock().unwrap().add(key, &result);
        result.map(drop)
    }

    async fn put_if_absent(&self) -> Result<()> {
        let key = self.next.fetch_add(1, Ordering::Relaxed);
        let value = json("{\"v\":\"y\"}".to_owned());
        let putting = async { self.inserted.put_if_absent(&int(key), &value, None).await };
        let result = self.stats.run("putIfAbsent", DEADLINE, putting).await;
        if let Ok(Some(found)) = &result {
            self.stats.wrong(format!("putIfAbsent of {key}: {found:?}"));
        }
        self.outcomes.lock().unwrap().add(key, &result);
        result.map(drop)
    }

    /// How many of these keys have an entry.
    async fn inserted_of(&self, keys: &[i32]) -> usize {
        let mut found = 0;
        for keys in keys.chunks(10_000) {
            let keys: Vec<Data> = keys.iter().copied().map(int).collect();
            found += self.inserted.get_all(&keys).await.unwrap().len();
        }
        found
    }

    /// A query that never ends, and is left.
    async fn stream(&self) -> Result<()> {
        let mut rows = self.rows("stream", self.reading("SELECT v FROM TABLE(generate_stream(50))")).await?;
        for _ in 0..3 {
            self.stats.run("stream's rows", DEADLINE, rows.next_page()).await?;
        }
        Ok(())
    }

    async fn cancel(&self) -> Result<()> {
        // Its first page is sent when it is full, which it never is: the execute holds a thread of the member.
        let statement = self.reading("SELECT v FROM TABLE(generate_stream(1)) WHERE v < 0 LIMIT 5");
        let handle = statement.cancel_handle();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            handle.cancel();
        });
        let cancelled = async {
            let reading = async {
                match statement.execute().await? {
                    SqlResult::Rows(mut rows) => rows.next_page().await,
                    SqlResult::UpdateCount(_) => Ok(None),
                }
            };
            match reading.await {
                Err(Error::Cancelled { .. }) => Ok(()),
                Err(error) => Err(error),
                Ok(_) => Err(Error::Protocol("it was not cancelled".to_owned())),
            }
        };
        self.stats.run("cancel", DEADLINE, cancelled).await
    }

    /// Large messages, and requests to many partitions at a time.
    async fn everything(&self) -> Result<()> {
        let keys: Vec<Data> = (0..ENTRIES).map(int).collect();
        let entries = self.stats.run("getAll", DEADLINE, self.fixed.get_all(&keys)).await?;
        let size = self.stats.run("size", DEADLINE, self.fixed.size()).await?;
        if (entries.len() as i32, size) != (ENTRIES, ENTRIES as u64) {
            self.stats.wrong(format!("getAll: {} entries, size: {size}", entries.len()));
        }
        Ok(())
    }
}

/// A listener lives as long as the load.
async fn listen(work: Arc<Work>) {
    let mut events = work.counters.listen(true);
    while !work.stop.load(Ordering::Relaxed) {
        let next = tokio::time::timeout(Duration::from_millis(200), events.next_event());
        if let Ok(None) = next.await {
            return work.stats.wrong("the listener ended".to_owned());
        }
    }
}
