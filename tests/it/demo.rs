//! `hazelgres demo`, as somebody types it who has just cloned the project.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::tools::run;
use crate::wire::Client;

/// Marks the processes of one demo: what it starts inherits the environment.
const MARK: &str = "HAZELGRES_TEST_DEMO";

fn demo(mark: &str, args: &[&str]) -> Command {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_hazelgres"));
    demo.arg("demo").args(args).env(MARK, mark).stdin(Stdio::null());
    demo
}

/// The processes that carry a mark and have not ended.
fn marked(mark: &str) -> Vec<u32> {
    let needle = format!("{MARK}={mark}\0");
    let has = |pid: &u32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(needle.len()).any(|w| w == needle.as_bytes())
    };
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(has).collect()
}

fn gone_within(mark: &str, patience: Duration) {
    let begun = Instant::now();
    while !marked(mark).is_empty() {
        assert!(begun.elapsed() < patience, "left over: {:?}", marked(mark));
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn free_port() -> String {
    member::free_ports(1).unwrap()[0].to_string()
}

fn wait(child: &mut Child, patience: Duration) -> Option<i32> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("it does not end");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn check_answers_all_questions_and_leaves_nothing_behind() {
    let port = free_port();
    let output = run(&mut demo("check", &["--check", "--port", &port]));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(out.matches("?\n").count(), 4, "{out}");
    assert!(out.contains("Avengers: Endgame") && out.contains("(1 row)"), "{out}");
    for table in ["movies: 500 rows", "actors: 900 rows", "casts: 2381 rows", "reviews: 300 rows"] {
        assert!(err.contains(table), "{err}");
    }
    gone_within("check", Duration::from_secs(1));
}

#[test]
fn two_members_run_until_ctrl_c() {
    let port = free_port();
    let mut command = demo("ctrl-c", &["--members", "2", "--port", &port]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("psql ") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut out, &mut line).unwrap() > 0, "it ended");
    }
    assert!(line.contains(&format!("-p {port} ")), "{line}");
    let mut client = Client::connect(port.parse().unwrap());
    assert_eq!(client.query("SELECT count(*) FROM casts").ok().value(), "2381");
    assert_eq!(marked("ctrl-c").len(), 1 + 2 * 3, "ourselves, two members, each with two shells that watch");
    signal(&child, "INT");
    assert_eq!(wait(&mut child, Duration::from_secs(30)), Some(0));
    gone_within("ctrl-c", Duration::from_secs(1));
}

#[test]
fn a_signal_half_way_ends_everything() {
    let mut child = demo("half-way", &["--port", &free_port()]).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while marked("half-way").len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no member was started");
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(&child, "TERM");
    assert_ne!(wait(&mut child, Duration::from_secs(30)), Some(0));
    // The member is gone; the shell that watched it takes a tenth of a second more.
    gone_within("half-way", Duration::from_secs(1));
}

#[test]
fn even_a_kill_leaves_no_orphan() {
    let mut child = demo("kill", &["--port", &free_port()]).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while marked("kill").len() < 4 {
        assert!(begun.elapsed() < Duration::from_secs(60), "no member was started");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    gone_within("kill", Duration::from_secs(15));
}

#[test]
fn an_explicit_port_that_is_taken_is_one_line() {
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let output = run(&mut demo("taken", &["--port", &port]));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.contains(&port) && words.contains("--port"), "{words}");
}

#[test]
fn without_java_one_message_says_what_to_do() {
    let empty = tempfile();
    let mut command = demo("java", &["--port", &free_port()]);
    let output = run(command.env("PATH", &empty).env_remove("JAVA_HOME"));
    std::fs::remove_dir(&empty).unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.contains("Java 17 or newer is needed") && words.contains("JAVA_HOME"), "{words}");
}

/// An empty folder.
fn tempfile() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("hazelgres-it-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    folder
}
