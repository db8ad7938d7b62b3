//! Conversations, as scripts of messages over a pipe, with an engine that understands a handful of words.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use pg::Env;
use pg::wire::Budget;
use sql::exec::CancelToken;
use sql::session::{Activity, Session as SqlSession};
use sql::settings::{Defaults, Settings};
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Session;
use super::engine::{Notices, Surroundings};
use super::variables::Variables;
use crate::server::cancel::{Controls, Interrupt, Reason};
use crate::server::wire::Wire;
use crate::testing::*;

struct Talk {
    client: TestClient<DuplexStream>,
    interrupt: Arc<Interrupt>,
    shutdown: Arc<watch::Sender<bool>>,
    session: JoinHandle<()>,
    engine: Arc<FakeEngine>,
}

/// A session whose pipe holds so many bytes, after its first ReadyForQuery.
async fn talk_through(pipe_bytes: usize) -> Talk {
    let (ours, theirs) = tokio::io::duplex(pipe_bytes);
    let engine = Arc::new(FakeEngine::default());
    let controls = Controls::new(Activity::default());
    let (interrupt, shutdown) = (controls.interrupt.clone(), controls.stop.clone());
    let mut settings = Settings::new(Arc::new(Defaults::new("test")), "ann");
    settings.take_reports();
    let around = Surroundings {
        variables: Variables::new(Arc::new(SqlSession::new(settings))),
        env: Env::default(),
        user: "ann".into(),
        database: "films".into(),
        notices: Notices::default(),
        cancel: CancelToken::new(),
    };
    let wire = Wire::new(theirs, Budget::new(1 << 20));
    let session = Session::new(wire, engine.clone(), controls, around);
    let session = tokio::spawn(session.run());
    let mut client = TestClient::new(ours);
    assert_eq!(client.until(b'Z').await, ["ready I"]);
    Talk { client, interrupt, shutdown, session, engine }
}

async fn talk() -> Talk {
    talk_through(1 << 20).await
}

#[tokio::test]
async fn simple_queries_answer_each_statement() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("rows 2; write; rows 0")).await,
        [
            "columns 1",
            "row 0",
            "row 1",
            "complete SELECT 2",
            "complete INSERT 0 1",
            "columns 1",
            "complete SELECT 0",
            "ready I"
        ]
    );
    assert_eq!(client.ask(&query("")).await, ["empty", "ready I"]);
    assert_eq!(client.ask(&query(" ; ")).await, ["empty", "ready I"]);
}

#[tokio::test]
async fn a_syntax_error_anywhere_runs_nothing() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("rows 1; nonsense")).await,
        ["ERROR 42601 syntax error at \"nonsense\"", "ready I"]
    );
}

#[tokio::test]
async fn pipelined_messages_are_answered_in_order() {
    let client = &mut talk().await.client;
    let mut batch = Vec::new();
    for number in ["7", "8"] {
        batch
            .extend([parse("", "echo"), bind("", "", &[number]), describe('P', ""), execute("", 0)].concat());
    }
    batch.extend(sync());
    batch.extend(
        [
            parse("s", "write"),
            describe('S', "s"),
            bind("", "s", &[]),
            execute("", 0),
            close('S', "s"),
            sync(),
        ]
        .concat(),
    );
    assert_eq!(
        client.ask(&batch).await,
        [
            "parsed",
            "bound",
            "columns 1",
            "row 7",
            "complete SELECT 1", //
            "parsed",
            "bound",
            "columns 1",
            "row 8",
            "complete SELECT 1",
            "ready I"
        ]
    );
    assert_eq!(
        client.until(b'Z').await,
        ["parsed", "parameters 0", "no data", "bound", "complete INSERT 0 1", "closed", "ready I"]
    );
}

#[tokio::test]
async fn answers_do_not_depend_on_how_bytes_are_cut() {
    let Talk { mut client, shutdown: _shutdown, .. } = talk().await;
    let batch = [parse("s", "echo"), bind("", "s", &["5"]), execute("", 0), sync(), query("rows 1")].concat();
    for byte in batch {
        client.send(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(client.until(b'Z').await, ["parsed", "bound", "row 5", "complete SELECT 1", "ready I"]);
    assert_eq!(client.until(b'Z').await, ["columns 1", "row 0", "complete SELECT 1", "ready I"]);
}

#[tokio::test]
async fn after_an_error_nothing_counts_until_sync() {
    let client = &mut talk().await.client;
    let batch = [
        parse("", "fail"),
        bind("", "", &[]),
        execute("", 0),
        parse("late", "rows 1"),
        query("rows 1"),
        sync(),
    ];
    assert_eq!(
        client.ask(&batch.concat()).await,
        ["parsed", "bound", "ERROR 22012 division by zero", "ready I"]
    );
    assert_eq!(
        client.ask(&[bind("", "late", &[]), sync()].concat()).await,
        ["ERROR 26000 prepared statement \"late\" does not exist", "ready I"]
    );
    assert_eq!(
        client.ask(&[parse("", "rows 1; rows 2"), sync()].concat()).await,
        ["ERROR 42601 cannot insert multiple commands into a prepared statement", "ready I"]
    );
}

#[tokio::test]
async fn a_portal_is_fetched_in_parts_across_syncs_of_a_block() {
    let client = &mut talk().await.client;
    assert_eq!(client.ask(&query("begin")).await, ["complete BEGIN", "ready T"]);
    let start = [parse("", "rows 5"), bind("c", "", &[]), execute("c", 2), sync()].concat();
    assert_eq!(client.ask(&start).await, ["parsed", "bound", "row 0", "row 1", "suspended", "ready T"]);
    let more = [execute("c", 2), sync()].concat();
    assert_eq!(client.ask(&more).await, ["row 2", "row 3", "suspended", "ready T"]);
    assert_eq!(client.ask(&more).await, ["row 4", "complete SELECT 1", "ready T"]);
    assert_eq!(client.ask(&more).await, ["complete SELECT 0", "ready T"]);
    assert_eq!(client.ask(&query("commit")).await, ["complete COMMIT", "ready I"]);
    assert_eq!(client.ask(&more).await, ["ERROR 34000 portal \"c\" does not exist", "ready I"]);
}

#[tokio::test]
async fn a_limit_met_exactly_suspends() {
    let client = &mut talk().await.client;
    let batch = [parse("", "rows 2"), bind("", "", &[]), execute("", 2), execute("", 2), sync()].concat();
    assert_eq!(
        client.ask(&batch).await,
        ["parsed", "bound", "row 0", "row 1", "suspended", "complete SELECT 0", "ready I"]
    );
    let batch = [parse("", "rows 1"), bind("", "", &[]), execute("", -1), sync()].concat();
    assert_eq!(client.ask(&batch).await, ["parsed", "bound", "row 0", "complete SELECT 1", "ready I"]);
}

#[tokio::test]
async fn a_session_can_not_take_all_cursors_of_the_cluster() {
    let client = &mut talk().await.client;
    client.ask(&query("begin")).await;
    client.ask(&[parse("s", "rows 2000"), sync()].concat()).await;
    for n in 0..64 {
        let steps = [bind(&format!("p{n}"), "s", &[]), execute(&format!("p{n}"), 1), sync()].concat();
        assert_eq!(client.ask(&steps).await[2], "suspended");
    }
    // What is read to its end counts no more.
    client.ask(&[execute("p0", 0), sync()].concat()).await;
    let more = |name| [bind(name, "s", &[]), execute(name, 1), sync()].concat();
    assert_eq!(client.ask(&more("q")).await[2], "suspended");
    assert_eq!(
        client.ask(&more("r")).await[1],
        "ERROR 53400 too many cursors that have rows to come in this session"
    );
}

#[tokio::test]
async fn portals_outside_a_block_die_at_sync() {
    let client = &mut talk().await.client;
    let batch = [parse("s", "rows 3"), bind("c", "s", &[]), execute("c", 1), sync(), execute("c", 1), sync()]
        .concat();
    assert_eq!(client.ask(&batch).await, ["parsed", "bound", "row 0", "suspended", "ready I"]);
    assert_eq!(client.until(b'Z').await, ["ERROR 34000 portal \"c\" does not exist", "ready I"]);
}

#[tokio::test]
async fn a_statement_without_rows_runs_once() {
    let client = &mut talk().await.client;
    let batch = [parse("", "write"), bind("", "", &[]), execute("", 0), execute("", 0), sync()].concat();
    assert_eq!(
        client.ask(&batch).await,
        [
            "parsed",
            "bound",
            "complete INSERT 0 1",
            "ERROR 55000 portal \"\" cannot be run",
            "WARNING 01000 what this transaction has written stays written",
            "ready I"
        ]
    );
}

#[tokio::test]
async fn names_are_kept_and_checked() {
    let client = &mut talk().await.client;
    let twice = [parse("s", "rows 1"), parse("s", "rows 1"), sync()].concat();
    assert_eq!(
        client.ask(&twice).await,
        ["parsed", "ERROR 42P05 prepared statement \"s\" already exists", "ready I"]
    );
    let twice = [bind("p", "s", &[]), bind("p", "s", &[]), sync()].concat();
    assert_eq!(client.ask(&twice).await, ["bound", "ERROR 42P03 cursor \"p\" already exists", "ready I"]);
    let again =
        [parse("", "rows 1"), parse("", "rows 2"), bind("", "", &[]), bind("", "", &[]), sync()].concat();
    assert_eq!(client.ask(&again).await, ["parsed", "parsed", "bound", "bound", "ready I"]);
    let gone =
        [close('S', "s"), close('S', "never"), close('P', "never"), describe('S', "s"), sync()].concat();
    assert_eq!(
        client.ask(&gone).await,
        ["closed", "closed", "closed", "ERROR 26000 prepared statement \"s\" does not exist", "ready I"]
    );
    client.ask(&[parse("", "rows 1"), sync()].concat()).await;
    client.ask(&query("rows 0")).await;
    assert_eq!(
        client.ask(&[bind("", "", &[]), sync()].concat()).await,
        ["ERROR 26000 unnamed prepared statement does not exist", "ready I"]
    );
}

#[tokio::test]
async fn formats_and_parameter_counts() {
    let client = &mut talk().await.client;
    client.ask(&[parse("s", "echo"), sync()].concat()).await;
    let binary = [bind_in("", "s", &["258"], &[1]), execute("", 0), sync()].concat();
    assert_eq!(client.ask(&binary).await, ["bound", "row [00, 00, 01, 02]", "complete SELECT 1", "ready I"]);
    let unknown = [bind_in("", "s", &["1"], &[2]), sync()].concat();
    assert_eq!(client.ask(&unknown).await, ["bound", "ready I"]);
    let unknown = [bind_in("", "s", &["1"], &[2]), execute("", 0), sync()].concat();
    assert_eq!(client.ask(&unknown).await, ["bound", "ERROR 22023 unsupported format code: 2", "ready I"]);
    let many = [bind_in("", "s", &["1"], &[0, 0]), sync()].concat();
    assert_eq!(
        client.ask(&many).await,
        ["ERROR 08P01 bind message has 2 result formats but query has 1 columns", "ready I"]
    );
    let none = [bind("", "s", &[]), sync()].concat();
    assert_eq!(
        client.ask(&none).await,
        [
            "ERROR 08P01 bind message supplies 0 parameters, but prepared statement \"s\" requires 1",
            "ready I"
        ]
    );
    let bad = [bind("", "s", &["x"]), sync()].concat();
    assert_eq!(client.ask(&bad).await[0], "ERROR 22P02 invalid input syntax for type integer: \"x\"");
}

#[tokio::test]
async fn a_failed_block_accepts_only_its_end() {
    let client = &mut talk().await.client;
    let refused =
        "ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block";
    assert_eq!(
        client.ask(&query("begin; fail; rows 1")).await,
        ["complete BEGIN", "ERROR 22012 division by zero", "ready E"]
    );
    assert_eq!(client.ask(&query("rows 1")).await, [refused, "ready E"]);
    assert_eq!(client.ask(&query("show TimeZone")).await, [refused, "ready E"]);
    assert_eq!(client.ask(&[parse("", "rows 1"), sync()].concat()).await, [refused, "ready E"]);
    let commit = [parse("", "commit"), bind("", "", &[]), execute("", 0), sync()].concat();
    assert_eq!(client.ask(&commit).await, ["parsed", "bound", "complete ROLLBACK", "ready I"]);
}

#[tokio::test]
async fn savepoints_heal_a_block() {
    let client = &mut talk().await.client;
    client.ask(&query("begin; savepoint a")).await;
    client.ask(&query("fail")).await;
    assert_eq!(client.ask(&query("rollback to a")).await, ["complete ROLLBACK", "ready T"]);
    assert_eq!(
        client.ask(&query("rollback to b")).await,
        ["ERROR 3B001 savepoint \"b\" does not exist", "ready E"]
    );
}

#[tokio::test]
async fn transaction_statements_warn_as_postgresql_does() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("begin; begin")).await,
        [
            "complete BEGIN",
            "WARNING 25001 there is already a transaction in progress",
            "complete BEGIN",
            "ready T"
        ]
    );
    assert_eq!(
        client.ask(&query("write; rollback")).await,
        [
            "complete INSERT 0 1",
            "WARNING 01000 what this transaction has written stays written",
            "complete ROLLBACK",
            "ready I"
        ]
    );
    assert_eq!(
        client.ask(&query("commit")).await,
        ["WARNING 25P01 there is no transaction in progress", "complete COMMIT", "ready I"]
    );
    assert_eq!(
        client.ask(&query("write; fail")).await,
        [
            "complete INSERT 0 1",
            "ERROR 22012 division by zero",
            "WARNING 01000 what this transaction has written stays written",
            "ready I"
        ]
    );
    client.ask(&query("begin read only")).await;
    assert_eq!(
        client.ask(&query("write")).await,
        ["ERROR 25006 cannot execute INSERT in a read-only transaction", "ready E"]
    );
}

#[tokio::test]
async fn cursors_of_sql_are_portals() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("begin; declare c 3; fetch 2 c")).await,
        [
            "complete BEGIN",
            "complete DECLARE CURSOR",
            "columns 1",
            "row 0",
            "row 1",
            "complete FETCH 2",
            "ready T"
        ]
    );
    assert_eq!(
        client.ask(&query("fetch 5 c; fetch 5 c")).await,
        ["columns 1", "row 2", "complete FETCH 1", "columns 1", "complete FETCH 0", "ready T"]
    );
    client.ask(&query("commit")).await;
    assert_eq!(client.ask(&query("fetch 1 c")).await, ["ERROR 34000 cursor \"c\" does not exist", "ready I"]);
}

#[tokio::test]
async fn settings_are_reported_when_they_change_and_taken_back_with_their_transaction() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("set application_name x")).await.last_chunk::<2>().unwrap(),
        &["parameter application_name=x", "ready I"]
    );
    assert_eq!(client.ask(&query("set application_name x")).await, ["complete SET", "ready I"]);
    client.ask(&query("begin; set application_name y")).await;
    assert_eq!(
        client.ask(&query("rollback")).await,
        ["complete ROLLBACK", "parameter application_name=x", "ready I"]
    );
}

#[tokio::test]
async fn errors_in_mid_result_follow_the_rows_sent() {
    let client = &mut talk().await.client;
    assert_eq!(
        client.ask(&query("fail after 2")).await,
        ["columns 1", "row 0", "row 1", "ERROR 22012 division by zero", "ready I"]
    );
}

#[tokio::test]
async fn a_panic_is_an_error_of_its_session_only() {
    let client = &mut talk().await.client;
    let internal = "ERROR XX000 internal error in the gateway";
    assert_eq!(client.ask(&query("panic")).await, [internal, "ready I"]);
    // Half a row was in the output.
    assert_eq!(client.ask(&query("panic in row 2")).await, ["columns 1", internal, "ready I"]);
    assert_eq!(client.ask(&query("rows 1")).await, ["columns 1", "row 0", "complete SELECT 1", "ready I"]);
}

#[tokio::test]
async fn rows_leave_before_the_last_is_read() {
    let Talk { mut client, engine, shutdown: _shutdown, .. } = talk_through(1 << 10).await;
    let rows: u64 = 1_000_000;
    client.send(&query(&format!("pages {rows}"))).await;
    for expected in ["columns 1", "row 0", "row 1"] {
        let (tag, _) = client.message().await.unwrap();
        assert_eq!(tag as char, if expected == "columns 1" { 'T' } else { 'D' });
    }
    // The client waits: so does the cluster.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let pulled = engine.pulled.load(Ordering::SeqCst);
    assert!(pulled < 20_000, "{pulled} rows were pulled for a client that took 2");
    let mut received = 2;
    loop {
        match client.message().await.unwrap() {
            (b'D', _) => received += 1,
            (b'C', tag) => {
                assert_eq!(&tag[..], b"SELECT 1000000\0");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(received, rows);
}

#[tokio::test]
async fn a_cancelled_statement_stops_and_the_session_goes_on() {
    let Talk { mut client, interrupt, engine, shutdown: _shutdown, .. } = talk().await;
    client.send(&query("wait")).await;
    client.until(b'T').now_or_wait().await;
    interrupt.interrupt(Reason::Request);
    let cancelled = "ERROR 57014 canceling statement due to user request";
    assert_eq!(client.until(b'Z').await.last_chunk::<2>().unwrap(), &[cancelled, "ready I"]);
    assert_eq!(engine.dropped.load(Ordering::SeqCst), 1);
    // Too late for anything.
    interrupt.interrupt(Reason::Request);
    assert_eq!(client.ask(&query("rows 1")).await, ["columns 1", "row 0", "complete SELECT 1", "ready I"]);
}

#[tokio::test]
async fn a_cancelled_statement_that_writes_says_what_it_has_written() {
    let Talk { mut client, interrupt, shutdown: _shutdown, .. } = talk().await;
    client.send(&query("write until told")).await;
    client.until(b'T').now_or_wait().await;
    interrupt.interrupt(Reason::Request);
    assert_eq!(client.until(b'Z').await, ["ERROR 57014 3 rows stay", "ready I"]);
}

#[tokio::test]
async fn a_cursor_over_a_cursor_is_refused() {
    let client = &mut talk().await.client;
    client.ask(&query("begin; declare c 3")).await;
    let bound = [parse("f", "fetch 1 c"), bind("d", "f", &[]), sync()].concat();
    assert_eq!(client.ask(&bound).await, ["parsed", "bound", "ready T"]);
    let refused = client.ask(&query("fetch 1 d")).await;
    assert!(refused[0].starts_with("ERROR 0A000 FETCH of a statement"), "{refused:?}");
}

#[tokio::test]
async fn a_client_that_reads_nothing_does_not_keep_its_place() {
    let Talk { mut client, interrupt, session, engine: _engine, shutdown: _shutdown } =
        talk_through(1 << 10).await;
    client.send(&query("pages 1000000")).await;
    client.message().await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    interrupt.interrupt(Reason::Shutdown);
    tokio::time::timeout(Duration::from_secs(15), session).await.expect("ends").unwrap();
}

#[tokio::test]
async fn an_idle_session_whose_client_reads_nothing_can_be_ended() {
    let Talk { mut client, session, engine: _engine, shutdown, .. } = talk_through(1 << 6).await;
    client.send(&query("rows 100")).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    shutdown.send_replace(true);
    tokio::time::timeout(Duration::from_secs(15), session).await.expect("ends").unwrap();
}

#[tokio::test]
async fn a_reader_that_does_not_read_can_be_cancelled() {
    let Talk { mut client, interrupt, engine, shutdown: _shutdown, .. } = talk_through(1 << 10).await;
    client.send(&query("pages 1000000")).await;
    client.message().await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    interrupt.interrupt(Reason::Request);
    let answers = client.until(b'Z').await;
    assert_eq!(answers[answers.len() - 2], "ERROR 57014 canceling statement due to user request");
    assert!(engine.pulled.load(Ordering::SeqCst) < 20_000);
}

#[tokio::test]
async fn a_statement_takes_no_longer_than_it_may() {
    let client = &mut talk().await.client;
    client.ask(&query("set statement_timeout 20")).await;
    assert_eq!(
        client.ask(&query("wait")).await,
        ["ERROR 57014 canceling statement due to statement timeout", "ready I"]
    );
}

#[tokio::test]
async fn a_client_that_vanishes_takes_its_statement_along() {
    let Talk { mut client, session, engine, shutdown: _shutdown, .. } = talk().await;
    client.send(&query("wait")).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(client);
    tokio::time::timeout(Duration::from_secs(5), session).await.expect("the session ends").unwrap();
    assert_eq!(engine.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_is_done_is_sent_before_a_later_statement_is_waited_for() {
    let Talk { mut client, interrupt, shutdown: _shutdown, .. } = talk().await;
    client.send(&[query("rows 1"), query("wait")].concat()).await;
    assert_eq!(client.until(b'Z').await, ["columns 1", "row 0", "complete SELECT 1", "ready I"]);
    interrupt.interrupt(Reason::Request);
    client.until(b'Z').await;
}

#[tokio::test]
async fn shutdown_ends_silent_sessions_and_lets_statements_finish() {
    let goodbye = "FATAL 57P01 terminating connection due to administrator command";
    let Talk { mut client, shutdown, .. } = talk().await;
    shutdown.send_replace(true);
    assert_eq!(client.until(b'Z').await, [goodbye, "end"]);

    let Talk { mut client, shutdown, interrupt, .. } = talk().await;
    client.send(&query("wait")).await;
    tokio::time::sleep(Duration::from_millis(20)).await;
    shutdown.send_replace(true);
    interrupt.interrupt(Reason::Shutdown);
    assert_eq!(client.until(b'Z').await.last_chunk::<2>().unwrap(), &[goodbye, "end"]);
}

#[tokio::test]
async fn odd_messages_are_answered_as_postgresql_does() {
    let Talk { mut client, shutdown: _shutdown, .. } = talk().await;
    assert_eq!(
        client.ask(&message(b'F', b"\0\0\0\x01")).await,
        ["ERROR 42883 function with OID 1", "ready I"]
    );
    let copy =
        [message(b'd', b"data"), message(b'c', b""), message(b'f', b"why\0"), query("rows 0")].concat();
    assert_eq!(client.ask(&copy).await, ["columns 1", "complete SELECT 0", "ready I"]);
    let empty = [parse("", " "), bind("", "", &[]), describe('P', ""), execute("", 0), sync()].concat();
    assert_eq!(client.ask(&empty).await, ["parsed", "bound", "no data", "empty", "ready I"]);
    client.send(&message(b'X', b"")).await;
    assert_eq!(client.until(b'Z').await, ["end"]);
}

/// Messages of all kinds, good and bad, in any order: every Query and every Sync is answered, and the session lives.
#[test]
fn any_order_of_messages_keeps_the_session_in_step() {
    let messages: Vec<Vec<u8>> = vec![
        query("rows 3"),
        query("begin"),
        query("commit"),
        query("rollback; fail"),
        query("write; rows 1; panic"),
        query("savepoint a; rollback to a"),
        parse("", "rows 2"),
        parse("s", "echo"),
        parse("", "begin"),
        parse("", "fail"),
        parse("", "nonsense"),
        bind("", "", &[]),
        bind("p", "s", &["7"]),
        bind("", "s", &[]),
        describe('S', "s"),
        describe('P', "p"),
        describe('P', ""),
        execute("", 1),
        execute("", 0),
        execute("p", 1),
        close('S', "s"),
        close('P', "p"),
        message(b'H', b""),
        message(b'B', b"\0\0\x7f\xff"),
        message(b'd', b"x"),
        sync(),
        sync(),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let orders = proptest::collection::vec(0..messages.len(), 1..40);
    proptest::proptest!(proptest::prelude::ProptestConfig::with_cases(300), |(order in orders)| {
        runtime.block_on(async {
            let Talk { mut client, shutdown: _shutdown, .. } = talk().await;
            let sent: Vec<&Vec<u8>> = order.iter().map(|index| &messages[*index]).collect();
            let bytes: Vec<u8> = sent.iter().flat_map(|message| message.iter().copied()).collect();
            client.send(&[bytes, sync(), query("show TimeZone")].concat()).await;
            // Queries behind an error of the extended protocol are passed over: at most one answer each.
            let most = sent.iter().filter(|message| matches!(message[0], b'Q' | b'S')).count() + 2;
            let syncs = sent.iter().filter(|message| message[0] == b'S').count() + 2;
            let mut answers = 0;
            loop {
                let last = client.until(b'Z').await;
                assert!(last.last().is_some_and(|message| message.starts_with("ready")), "{last:?}");
                answers += 1;
                let asked = last.iter().any(|message| message == "complete SHOW" || message.contains("25P02"));
                if asked && answers >= syncs {
                    break;
                }
                assert!(answers < most, "{answers} answers to {most} questions");
            }
        });
    });
}

/// Gives the session time to come to its statement.
trait NowOrWait {
    async fn now_or_wait(self);
}

impl<F: Future> NowOrWait for F {
    async fn now_or_wait(self) {
        let _ = tokio::time::timeout(Duration::from_millis(50), self).await;
    }
}

/// As in PostgreSQL a portal outlives the error that fails its block, but can't be run or described any more.
#[tokio::test]
async fn portals_of_a_failed_block_are_there_and_dead() {
    let mut talk = talk().await;
    let failed =
        "ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block";
    talk.client.ask(&query("begin")).await;
    let steps = [parse("", "rows 2000"), bind("p", "", &[]), execute("p", 1), bind("q", "", &[])];
    talk.client
        .ask(&[steps.concat(), parse("", "fail"), bind("", "", &[]), execute("", 0), sync()].concat())
        .await;
    for step in [execute("p", 1), execute("q", 0), execute("", 0), describe('P', "p")] {
        assert_eq!(talk.client.ask(&[step, sync()].concat()).await[0], failed);
    }
    let missing = talk.client.ask(&[execute("other", 0), sync()].concat()).await;
    assert_eq!(missing[0], "ERROR 34000 portal \"other\" does not exist");
    talk.client.ask(&query("rollback")).await;
    let gone = talk.client.ask(&[execute("p", 0), sync()].concat()).await;
    assert_eq!(gone[0], "ERROR 34000 portal \"p\" does not exist");
}

#[tokio::test]
async fn others_see_the_beginning_of_a_long_statement() {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let controls = Controls::new(Activity::default());
    let talk = talk().await;
    let session = Session::new(
        Wire::new(theirs, Budget::new(1 << 20)),
        talk.engine.clone(),
        controls.clone(),
        Surroundings {
            variables: Variables::new(Arc::new(SqlSession::new(Settings::new(
                Arc::new(Defaults::new("test")),
                "ann",
            )))),
            env: Env::default(),
            user: "ann".into(),
            database: "films".into(),
            notices: Notices::default(),
            cancel: CancelToken::new(),
        },
    );
    tokio::spawn(session.run());
    let mut client = TestClient::new(ours);
    client.until(b'Z').await;
    client.ask(&query(&format!("rows 1 {}", "é".repeat(2000)))).await;
    let seen = controls.activity().query.clone();
    assert!(seen.starts_with("rows 1 é") && seen.len() == 1023, "{}", seen.len());
}
