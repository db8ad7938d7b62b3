//! `cargo xtask bench client`: the client crate beside Hazelcast's Java and Python clients and the raw floor, in one run.
//!
//! Every client is a driver that reads commands and answers JSON (see `crates/hazelcast-client/examples/driver.rs`); the
//! cases are run interleaved, and the CPU of each driver is read around each run. Printed are medians, and ratios.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use member::{Cluster, Env, Options as Members};

use crate::bench::{Options, processor_seconds};
use crate::run::{built, cargo, command, root, run, say};
use crate::setup;

/// A client, and what its driver is asked beyond the case.
const CLIENTS: [(&str, Kind, &str); 5] = [
    ("rust", Kind::Rust, ""),
    ("rust, one thread", Kind::RustOneThread, ""),
    ("java", Kind::Java, ""),
    ("python", Kind::Python, ""),
    ("raw", Kind::Raw, "\tmux=1"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rust,
    RustOneThread,
    Java,
    Python,
    Raw,
}

/// Something to be measured: its name, the command, and who takes part.
struct Case {
    name: String,
    command: String,
    without: &'static [Kind],
    /// The most rounds beside the one that warms up; whoever takes minutes for one needs no five.
    rounds: u32,
}

/// What one run gave.
#[derive(Clone, Copy, Default)]
struct Figures {
    /// Operations or rows a second.
    rate: f64,
    /// Microseconds of the client's CPU for each of them.
    cpu: f64,
    p50: f64,
    p99: f64,
    /// Nanoseconds to read the values of a row.
    read: f64,
}

/// What drivers answer: operations have `n` and latencies, scans and batches have rows.
#[derive(serde::Deserialize)]
struct Answer {
    error: Option<String>,
    n: Option<f64>,
    rows: Option<f64>,
    secs: Option<f64>,
    #[serde(default)]
    p50: f64,
    #[serde(default)]
    p99: f64,
    #[serde(default)]
    read_ns: f64,
}

impl Figures {
    /// From a driver's answer and the seconds of CPU that its work took.
    fn of(answer: &str, cpu: f64) -> Result<Self, String> {
        let answer: Answer = serde_json::from_str(answer).map_err(|e| format!("{e}: {answer}"))?;
        if let Some(error) = answer.error {
            return Err(error);
        }
        let count = answer.rows.or(answer.n).unwrap_or(0.0).max(1.0);
        let (p50, p99, read) = (answer.p50, answer.p99, answer.read_ns);
        Ok(Self { rate: count / answer.secs.unwrap_or(1.0), cpu: cpu * 1e6 / count, p50, p99, read })
    }
}

/// Runs the cases and prints the table.
pub fn bench(options: &Options) -> Result<(), String> {
    let tools = root().join("../shared/bench");
    if !tools.join("run.py").is_file() {
        return Err(format!("the drivers of the benchmarks are missing: {}", tools.display()));
    }
    setup::setup(&root())?;
    say("Building the drivers");
    run(cargo().args(["build", "--release", "-p", "hazelcast-client", "--example", "driver"]))?;
    let build = root().join(".cache/bench");
    let members = Members { heap: options.heap.clone(), name: "bench".into(), ..Members::default() };
    let cluster =
        Cluster::start(&Env::current(), &members, &|what: &str| say(what)).map_err(|e| e.to_string())?;
    let place = Place { build, tools, cluster: &cluster };
    place.build()?;
    place.load(options.points)?;
    let mut drivers = Vec::new();
    for (name, kind, more) in CLIENTS {
        drivers.push(Driver::start(name, kind, more, place.driver(kind)?)?);
    }
    for case in cases(options) {
        measure(&mut drivers, &case, options.runs)?;
    }
    Ok(())
}

fn cases(options: &Options) -> Vec<Case> {
    let points = options.points;
    let mut cases = Vec::new();
    for (what, via) in [("SQL look-up", "sql"), ("Map.get", "imap")] {
        for conns in [1, 16, 64] {
            cases.push(Case {
                name: format!("{what}, {conns} under way"),
                command: format!(
                    "point\tconns={conns}\tsecs=2\ttable=points_json\tnkeys={points}\tvia={via}\tmode=param"
                ),
                // The Python driver knows SQL only.
                without: if via == "imap" { &[Kind::Python] } else { &[] },
                rounds: u32::MAX,
            });
        }
    }
    for (what, sql) in [
        ("scan, 4 columns", "SELECT * FROM points_compact".to_string()),
        ("scan, 20 columns", "SELECT * FROM wide".to_string()),
    ] {
        let command = format!("scan\tpage=4096\tsql={sql}\tprefetch=1");
        cases.push(Case { name: what.to_string(), command, without: &[Kind::Python], rounds: u32::MAX });
    }
    cases.push(Case {
        name: "putAll, 1000 entries each".to_string(),
        command: "insert\tmode=putall\tbatch=1000\tconns=1\tsecs=2\ttable=ins_json".to_string(),
        without: &[Kind::Python, Kind::Raw],
        rounds: u32::MAX,
    });
    // Always the same keys: the member keeps them once, and the first round, which is not counted, makes them.
    cases.push(Case {
        name: "putAll of 1 M entries".to_string(),
        command: "insert\tmode=putall\tbatch=1000\tops=1000\tconns=1\tsecs=600\ttable=ins_json\tbase=0"
            .to_string(),
        without: &[Kind::Python, Kind::Raw],
        rounds: 1,
    });
    match &options.only {
        Some(only) => cases.into_iter().filter(|case| case.name.contains(only.as_str())).collect(),
        None => cases,
    }
}

fn measure(drivers: &mut [Driver], case: &Case, runs: u32) -> Result<(), String> {
    let mut all: Vec<Vec<Figures>> = drivers.iter().map(|_| Vec::new()).collect();
    let mut turn: Vec<usize> =
        (0..drivers.len()).filter(|index| !case.without.contains(&drivers[*index].kind)).collect();
    // The first round warms up.
    for round in 0..=runs.min(case.rounds) {
        for index in &turn {
            let figures = drivers[*index].measure(case, round)?;
            if round > 0 {
                all[*index].push(figures);
            }
        }
        turn.reverse();
    }
    say(&format!("\n{}", case.name));
    let medians: Vec<Option<Figures>> = all.iter().map(|figures| median(figures)).collect();
    let ours = medians[0].unwrap_or_default();
    for (driver, figures) in drivers.iter().zip(&medians) {
        let Some(figures) = figures else { continue };
        let read = if figures.read > 0.0 {
            format!("  reading {:5.1} ns a row", figures.read)
        } else {
            String::new()
        };
        let times = if figures.p50 > 0.0 {
            format!("  p50 {:7.0} us  p99 {:8.0} us", figures.p50, figures.p99)
        } else {
            String::new()
        };
        let ratio =
            format!("rust: rate x{:.2}, CPU x{:.2}", ours.rate / figures.rate, ours.cpu / figures.cpu);
        say(&format!(
            "  {:17} {:9.0} /s  client CPU {:7.2} us{times}{read}  [{ratio}]",
            driver.name, figures.rate, figures.cpu
        ));
    }
    Ok(())
}

/// Each figure's median.
fn median(all: &[Figures]) -> Option<Figures> {
    let of = |get: fn(&Figures) -> f64| {
        let mut values: Vec<f64> = all.iter().map(get).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    };
    Some(Figures {
        rate: of(|f| f.rate)?,
        cpu: of(|f| f.cpu)?,
        p50: of(|f| f.p50)?,
        p99: of(|f| f.p99)?,
        read: of(|f| f.read)?,
    })
}

/// Where things are.
struct Place<'a> {
    build: PathBuf,
    tools: PathBuf,
    cluster: &'a Cluster,
}

impl Place<'_> {
    /// The drivers of the other clients.
    fn build(&self) -> Result<(), String> {
        let classes = self.build.join("java");
        if !classes.join("Load.class").is_file() {
            std::fs::create_dir_all(&classes).map_err(|e| e.to_string())?;
            let mut javac = command("javac");
            javac.args(["-nowarn", "-d"]).arg(&classes).arg("-cp").arg(setup::tool("hazelcast")?);
            for source in ["Driver.java", "HzDriver.java", "Load.java"] {
                javac.arg(self.tools.join("java").join(source));
            }
            run(&mut javac)?;
        }
        if !self.raw().is_file() {
            let mut raw = cargo();
            raw.args(["build", "--release", "--quiet"]).current_dir(self.tools.join("rust"));
            run(raw.env("CARGO_TARGET_DIR", self.build.join("target")))?;
        }
        Ok(())
    }

    fn raw(&self) -> PathBuf {
        self.build.join("target/release/benchraw")
    }

    fn load(&self, points: u32) -> Result<(), String> {
        let mut load = self.java()?;
        load.args(["Load", "127.0.0.1", &self.port()]).arg(self.tools.join("../corpus/data"));
        let wide = (points / 10).to_string();
        run(load.args([&points.to_string(), &wide, "ins,points_compact,points_json,wide"]))
    }

    fn port(&self) -> String {
        self.cluster.ports().first().map(ToString::to_string).unwrap_or_default()
    }

    fn java(&self) -> Result<Command, String> {
        let mut path = self.build.join("java").into_os_string();
        path.push(":");
        path.push(setup::tool("hazelcast")?);
        let mut java = command("java");
        java.env("HZ_CLUSTER", self.cluster.name()).args(["-Xmx1g", "-cp"]).arg(path);
        Ok(java)
    }

    fn driver(&self, kind: Kind) -> Result<Command, String> {
        let mut driver = match kind {
            Kind::Rust | Kind::RustOneThread => command(built("release/examples/driver")),
            Kind::Java => {
                let mut java = self.java()?;
                java.arg("HzDriver");
                java
            }
            Kind::Python => {
                let mut python = command(setup::tool("python")?);
                python.arg(self.tools.join("python/pydriver.py")).arg("hz");
                python
            }
            Kind::Raw => {
                let mut raw = command(self.raw());
                raw.arg("hz");
                raw
            }
        };
        if kind == Kind::RustOneThread {
            driver.env("BENCH_THREADS", "1");
        }
        driver.env("HZ_CLUSTER", self.cluster.name()).args(["127.0.0.1", &self.port()]);
        Ok(driver)
    }
}

/// A client at work.
struct Driver {
    name: &'static str,
    kind: Kind,
    more: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    base: u64,
}

impl Driver {
    fn start(
        name: &'static str,
        kind: Kind,
        more: &'static str,
        mut command: Command,
    ) -> Result<Self, String> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().map_err(|e| format!("the driver of {name} could not be run: {e}"))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (input, output) = pipes.ok_or("a driver without pipes")?;
        let mut driver = Self { name, kind, more, child, input, output: BufReader::new(output), base: 0 };
        driver.answer()?;
        Ok(driver)
    }

    /// The next answer: drivers may print other things before.
    fn answer(&mut self) -> Result<String, String> {
        let mut line = String::new();
        loop {
            line.clear();
            match self.output.read_line(&mut line) {
                Ok(1..) => {}
                _ => return Err(format!("the driver of {} ended", self.name)),
            }
            if let Some(json) = line.strip_prefix('@') {
                return Ok(json.trim().to_string());
            }
        }
    }

    fn measure(&mut self, case: &Case, round: u32) -> Result<Figures, String> {
        let mut ask = format!("{}{}", case.command, self.more);
        let mut first = u64::from(round) * 1_000_003;
        if case.command.contains("\tbase=") {
            first = 0;
        } else if case.command.starts_with("insert") {
            self.base += 50_000_000;
            ask += &format!("\tbase={}", self.base % 2_000_000_000);
        }
        ask += &format!("\tseq={first}\n");
        let before = self.cpu();
        self.input.write_all(ask.as_bytes()).map_err(|e| e.to_string())?;
        self.input.flush().map_err(|e| e.to_string())?;
        let answer = self.answer()?;
        let cpu = self.cpu() - before;
        Figures::of(&answer, cpu).map_err(|reason| format!("{} by {}: {reason}", case.name, self.name))
    }

    /// Seconds of CPU of the process, of threads that have ended, too.
    fn cpu(&self) -> f64 {
        processor_seconds(self.child.id())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_in_answers() {
        let figures =
            Figures::of(r#"{"n":12,"secs":1.5000, "p50":3.5, "more":{"n":1}}"#, 0.0012).unwrap_or_default();
        assert_eq!((figures.rate, figures.p50, figures.p99), (8.0, 3.5, 0.0));
        assert!((figures.cpu - 100.0).abs() < 1e-6);
        // A batch counts by its rows.
        assert!(Figures::of(r#"{"n":12,"rows":12000,"secs":1}"#, 0.0).is_ok_and(|f| f.rate == 12000.0));
        assert_eq!(Figures::of(r#"{"error":"no such table"}"#, 0.0).err().as_deref(), Some("no such table"));
        assert!(Figures::of("{", 0.0).is_err());
    }

    #[test]
    fn medians_are_taken_figure_by_figure() {
        let figures = |rate, cpu| Figures { rate, cpu, ..Figures::default() };
        let median = median(&[figures(1.0, 9.0), figures(3.0, 7.0), figures(2.0, 8.0)]).unwrap_or_default();
        assert_eq!((median.rate, median.cpu), (2.0, 8.0));
    }
}
