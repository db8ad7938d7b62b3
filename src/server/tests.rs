//! The server on a real socket: the threats P1 to P6, and how connections begin and end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{Options, Server};
use crate::testing::*;

struct Running {
    address: SocketAddr,
    engine: Arc<FakeEngine>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

async fn start_with(engine: FakeEngine, options: Options) -> Running {
    let engine = Arc::new(engine);
    let server = Server::bind("127.0.0.1:0".parse().unwrap(), engine.clone(), options).await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let server = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    Running { address, engine, stop: Some(stop), server }
}

async fn start() -> Running {
    start_with(FakeEngine::default(), Options::default()).await
}

impl Running {
    async fn connect(&self) -> TestClient<TcpStream> {
        TestClient::new(TcpStream::connect(self.address).await.unwrap())
    }

    /// A client that is let in, with its process id and secret.
    async fn log_in(&self, version: u32) -> (TestClient<TcpStream>, Vec<u8>) {
        let mut client = self.connect().await;
        client.send(&startup_with(version, "user\0ann\0")).await;
        let mut key = Vec::new();
        while let Some((tag, body)) = client.message().await {
            match tag {
                b'K' => key = body.to_vec(),
                b'Z' => break,
                _ => (),
            }
        }
        (client, key)
    }
}

const PROTOCOL_3_0: u32 = 3 << 16;
const SSL_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x2f";
const GSSENC_REQUEST: &[u8] = b"\0\0\0\x08\x04\xd2\x16\x30";

#[tokio::test]
async fn nobody_outside_the_machine_is_listened_to() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let server =
            Server::bind(address.parse().unwrap(), Arc::new(FakeEngine::default()), Options::default());
        let error = server.await.err().expect("refused");
        assert!(error.to_string().contains("only loopback"), "{error}");
    }
}

#[tokio::test]
async fn a_client_is_greeted_with_what_drivers_expect() {
    let running = start().await;
    let mut client = running.connect().await;
    let greeting = client.ask(&startup("user\0ann\0database\0films\0application_name\0psql\0")).await;
    assert_eq!(greeting.first().unwrap(), "authentication");
    for expected in [
        "parameter application_name=psql",
        "parameter client_encoding=UTF8",
        "parameter DateStyle=ISO, MDY",
        "parameter default_transaction_read_only=off",
        "parameter in_hot_standby=off",
        "parameter integer_datetimes=on",
        "parameter IntervalStyle=postgres",
        "parameter is_superuser=on",
        "parameter server_encoding=UTF8",
        "parameter session_authorization=ann",
        "parameter standard_conforming_strings=on",
        "parameter TimeZone=UTC",
    ] {
        assert!(greeting.iter().any(|message| message == expected), "{expected}: {greeting:?}");
    }
    assert!(greeting.iter().any(|message| message.starts_with("parameter server_version=15.")));
    assert_eq!(greeting.last_chunk::<2>().unwrap(), &["key", "ready I"]);
}

#[tokio::test]
async fn p1_nothing_in_clear_is_accepted_behind_a_request_for_encryption() {
    let running = start().await;
    for request in [SSL_REQUEST, GSSENC_REQUEST] {
        let mut client = running.connect().await;
        let injected = [request, &startup("user\0attacker\0"), &query("rows 1")].concat();
        client.send(&injected).await;
        let answer = client.until(b'Z').await;
        assert!(answer[0].starts_with("FATAL 08P01 received unencrypted data after"), "{answer:?}");
        assert_eq!(answer.len(), 2, "and the connection ends: {answer:?}");
    }
    assert_eq!(running.engine.pulled.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn encryption_is_refused_and_the_client_may_go_on() {
    let running = start().await;
    let mut client = running.connect().await;
    for request in [GSSENC_REQUEST, SSL_REQUEST] {
        client.send(request).await;
        let mut answer = [0];
        tokio::io::AsyncReadExt::read_exact(&mut client.stream, &mut answer).await.unwrap();
        assert_eq!(&answer, b"N");
    }
    assert_eq!(client.ask(&startup("user\0ann\0")).await.last().unwrap(), "ready I");
}

#[tokio::test]
async fn p2_a_count_larger_than_the_message_is_an_error_and_no_more() {
    let running = start().await;
    let (mut client, _) = running.log_in(PROTOCOL_3_0).await;
    let bind = [message(b'B', b"\0\0\x7f\xff"), sync()].concat();
    assert_eq!(client.ask(&bind).await, ["ERROR 08P01 insufficient data left in message", "ready I"]);
    assert_eq!(client.ask(&query("rows 1")).await.last().unwrap(), "ready I");
}

#[tokio::test]
async fn p3_p4_nothing_but_a_startup_packet_is_read_before_a_session() {
    let running = start().await;
    for bytes in [
        // A Bind, whose type byte makes the length absurd.
        message(b'B', b"\0\0\x7f\xff"),
        // A Query that announces a gigabyte.
        [&b"Q\x3f\xff\xff\xf0"[..], &[b' '; 20_000]].concat(),
        b"\xff\xff\xff\xff\0\x03\0\0".to_vec(),
        b"\0\0\0\0\0\x03\0\0".to_vec(),
        b"\0\0\0\x03\0\x03\0\0".to_vec(),
        b"\0\0\0\x04\0\x03\0\0".to_vec(),
        b"\x7f\xff\xff\xff\0\x03\0\0".to_vec(),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
    ] {
        let mut client = running.connect().await;
        // The server may hang up while we are still sending.
        let _ = client.stream.write_all(&bytes).await;
        let answer = client.until(b'Z').await;
        let refused = ["FATAL 08P01 invalid length of startup packet".to_owned(), "end".to_owned()];
        assert!(answer == refused || answer == ["end"], "{answer:?}");
    }
    let mut client = running.connect().await;
    let answer = client.ask(&startup_with(2 << 16, "user\0ann\0")).await;
    assert_eq!(answer[0], "FATAL 0A000 unsupported frontend protocol 2.0: server supports 3.0 to 3.2");
    assert!(running.engine.pulled.load(Ordering::SeqCst) == 0);
}

#[tokio::test]
async fn p4_large_messages_need_a_part_of_the_common_budget() {
    let options = Options { large_message_bytes: 1 << 20, ..Options::default() };
    let running = start_with(FakeEngine::default(), options).await;
    let (mut first, _) = running.log_in(PROTOCOL_3_0).await;
    let (mut second, _) = running.log_in(PROTOCOL_3_0).await;
    // Announced, never sent: the first holds the budget.
    first.send(&[&b"Q"[..], &800_000u32.to_be_bytes(), b"rows 1"].concat()).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    second.send(&[&b"Q"[..], &800_000u32.to_be_bytes(), b"rows 1"].concat()).await;
    assert_eq!(second.until(b'Z').await, ["FATAL 53200 out of memory", "end"]);
    drop(first);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (mut third, _) = running.log_in(PROTOCOL_3_0).await;
    let long = format!("rows 1{}", " ".repeat(800_000));
    assert_eq!(third.ask(&query(&long)).await.last().unwrap(), "ready I");
    assert_eq!(third.ask(&query(&long)).await.last().unwrap(), "ready I", "and it is given back");
}

#[tokio::test]
async fn p5_text_that_is_not_utf8_is_refused() {
    let running = start().await;
    let (mut client, _) = running.log_in(PROTOCOL_3_0).await;
    let refused = "ERROR 22021 invalid byte sequence for encoding \"UTF8\": 0xc3 0x28";
    assert_eq!(client.ask(&message(b'Q', b"rows \xc3\x28\0")).await, [refused, "ready I"]);
    let parse = [message(b'P', b"\0rows \xc3\x28\0\0\0"), sync()].concat();
    assert_eq!(client.ask(&parse).await, [refused, "ready I"]);
    assert_eq!(
        client.ask(&message(b'Q', b"rows 1\0rows 2\0")).await,
        ["ERROR 08P01 invalid message format", "ready I"]
    );
}

#[tokio::test]
async fn p6_lengths_that_can_not_be_end_the_connection() {
    let running = start().await;
    for length in [0u32, 1, 2, 3, 0x4000_0003, 0x7fff_ffff, 0xffff_ffff] {
        let (mut client, _) = running.log_in(PROTOCOL_3_0).await;
        client.send(&[&b"Q"[..], &length.to_be_bytes(), b"rows 1\0"].concat()).await;
        assert_eq!(client.until(b'Z').await, ["FATAL 08P01 invalid message length", "end"], "{length}");
    }
    let (mut client, _) = running.log_in(PROTOCOL_3_0).await;
    client.send(&[&b"G"[..], &8u32.to_be_bytes(), b"abcd"].concat()).await;
    assert_eq!(client.until(b'Z').await, ["FATAL 08P01 invalid frontend message type 71", "end"]);
    let (mut client, _) = running.log_in(PROTOCOL_3_0).await;
    assert_eq!(
        client.ask(&message(b'Q', b"rows 1")).await,
        ["ERROR 08P01 invalid string in message", "ready I"],
        "a missing terminator"
    );
}

#[tokio::test]
async fn a_cancel_request_reaches_the_statement_it_names() {
    let running = start().await;
    for (version, key_bytes) in [(PROTOCOL_3_0, 4), (PROTOCOL_3_0 + 2, 32)] {
        let (mut client, key) = running.log_in(version).await;
        assert_eq!(key.len(), 4 + key_bytes);
        client.send(&query("wait")).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        let request = |key: &[u8]| {
            let mut packet = (key.len() as u32 + 8).to_be_bytes().to_vec();
            packet.extend(b"\x04\xd2\x16\x2e");
            packet.extend(key);
            packet
        };
        let mut wrong = key.clone();
        *wrong.last_mut().unwrap() ^= 1;
        let mut stranger = running.connect().await;
        stranger.send(&request(&wrong)).await;
        assert_eq!(stranger.until(b'Z').await, ["end"], "no answer, right or wrong");
        assert_eq!(running.engine.dropped.load(Ordering::SeqCst), u64::from(version != PROTOCOL_3_0));
        let mut friend = running.connect().await;
        friend.send(&request(&key)).await;
        assert_eq!(friend.until(b'Z').await, ["end"]);
        let answer = client.until(b'Z').await;
        assert_eq!(answer[0], "ERROR 57014 canceling statement due to user request");
    }
}

#[tokio::test]
async fn newer_protocols_and_unknown_options_are_negotiated() {
    let running = start().await;
    let mut client = running.connect().await;
    let answer = client.ask(&startup_with(PROTOCOL_3_0 + 9999, "user\0ann\0_pq_.x\0on\0")).await;
    assert_eq!(answer[..2], ["negotiate", "authentication"]);
    let mut client = running.connect().await;
    assert_eq!(client.ask(&startup_with(PROTOCOL_3_0 + 2, "user\0ann\0")).await[0], "authentication");
}

#[tokio::test]
async fn clients_without_a_name_and_replicas_are_refused() {
    let running = start().await;
    let mut client = running.connect().await;
    let answer = client.ask(&startup("database\0films\0")).await;
    assert_eq!(answer[0], "FATAL 28000 no PostgreSQL user name specified in startup packet");
    let mut client = running.connect().await;
    let answer = client.ask(&startup("user\0ann\0replication\0database\0")).await;
    assert_eq!(answer[0], "FATAL 0A000 the replication protocol is not supported");
}

#[tokio::test]
async fn clients_are_told_when_there_is_no_cluster_or_no_room() {
    let engine = FakeEngine { starting: Some("no member answers"), ..FakeEngine::default() };
    let running = start_with(engine, Options::default()).await;
    let answer = running.connect().await.ask(&startup("user\0ann\0")).await;
    assert_eq!(answer, ["FATAL 57P03 not yet", "end"]);

    let running =
        start_with(FakeEngine::default(), Options { max_connections: 1, ..Options::default() }).await;
    let (client, _) = running.log_in(PROTOCOL_3_0).await;
    let answer = running.connect().await.ask(&startup("user\0ann\0")).await;
    assert_eq!(answer, ["FATAL 53300 sorry, too many clients already", "end"]);
    drop(client);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(running.connect().await.ask(&startup("user\0ann\0")).await.last().unwrap(), "ready I");
}

#[tokio::test]
async fn a_client_that_does_not_come_in_is_closed() {
    let options = Options { authentication_timeout: Duration::from_millis(50), ..Options::default() };
    let running = start_with(FakeEngine::default(), options).await;
    let mut client = running.connect().await;
    client.send(&startup("user\0ann\0")[..10]).await;
    assert_eq!(client.until(b'Z').await, ["end"]);
}

#[tokio::test]
async fn stopping_lets_a_statement_finish_and_then_stops_it() {
    let options = Options { drain_timeout: Duration::from_millis(200), ..Options::default() };
    let mut running = start_with(FakeEngine::default(), options).await;
    let (mut silent, _) = running.log_in(PROTOCOL_3_0).await;
    let (mut busy, _) = running.log_in(PROTOCOL_3_0).await;
    busy.send(&query("wait")).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    running.stop.take().unwrap().send(()).unwrap();
    let goodbye = "FATAL 57P01 terminating connection due to administrator command";
    assert_eq!(silent.until(b'Z').await, [goodbye, "end"]);
    assert!(!running.server.is_finished());
    assert_eq!(busy.until(b'Z').await, [goodbye, "end"]);
    tokio::time::timeout(Duration::from_secs(5), running.server).await.expect("the server ends").unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

/// Sessions run on two threads, and both are held. Whoever comes is let in all the same, cancel requests and time limits
/// reach the statements that hold, and then the others go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn threads_that_are_held_keep_nobody_out_and_can_be_freed() {
    let server = start_with(FakeEngine::default(), Options { workers: 2, ..Options::default() }).await;
    let (mut one, key) = server.log_in(PROTOCOL_3_0).await;
    let (mut two, _) = server.log_in(PROTOCOL_3_0).await;
    two.ask(&query("set statement_timeout 300")).await;
    one.send(&query("hold")).await;
    two.send(&query("hold")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // It is let in at once; its statement waits for a thread.
    let mut three = server.connect().await;
    three.send(&startup_with(PROTOCOL_3_0, "user\0ann\0")).await;
    three.send(&query("rows 1")).await;
    let answer = two.until(b'Z').await;
    assert_eq!(answer[0], "ERROR 57014 canceling statement due to statement timeout");
    let mut cancel = server.connect().await;
    cancel.send(&[&b"\0\0\0\x10\x04\xd2\x16\x2e"[..], &key].concat()).await;
    assert_eq!(one.until(b'Z').await[0], "ERROR 57014 canceling statement due to user request");
    let mut answer = three.until(b'Z').await;
    answer.extend(three.until(b'Z').await);
    assert!(answer.contains(&"row 0".to_owned()), "{answer:?}");
}

#[tokio::test]
async fn sessions_are_spread_over_the_threads() {
    let options = Options { workers: 2, ..Options::default() };
    let server = start_with(FakeEngine::default(), options).await;
    let (mut one, key) = server.log_in(PROTOCOL_3_0).await;
    one.send(&query("hold")).await;
    // The next one is put where there is none.
    let (mut two, _) = server.log_in(PROTOCOL_3_0).await;
    assert_eq!(two.ask(&query("rows 1")).await[1], "row 0");
    let mut cancel = server.connect().await;
    cancel.send(&[&b"\0\0\0\x10\x04\xd2\x16\x2e"[..], &key].concat()).await;
    assert!(one.until(b'Z').await[0].starts_with("ERROR 57014"));
}

#[tokio::test]
async fn the_system_asks_after_silent_clients_and_delays_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap());
    let (accepted, _client) = tokio::join!(listener.accept(), client);
    let (stream, _) = accepted.unwrap();
    super::prepare(&stream).unwrap();
    assert!(socket2::SockRef::from(&stream).keepalive().unwrap() && stream.nodelay().unwrap());
}
