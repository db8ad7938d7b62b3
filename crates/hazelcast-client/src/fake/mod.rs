//! A member that answers what a test wants it to, over real sockets, in the pieces that the test wants.

mod garbage;
mod given_up;
mod members;
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::protocol::frame::EVENT;
use crate::protocol::message::Message;
use crate::protocol::message_type as types;
use crate::protocol::request::RequestBuilder;
use crate::protocol::stream::MessageCutter;
use crate::{Client, ClientBuilder, Uuid};

/// What the member does about a request.
#[derive(Clone)]
enum Answer {
    /// Sends these messages, with the request's correlation id in each.
    Send(Vec<Vec<u8>>),
    /// Sends them after a while, and reads on meanwhile.
    Late(Duration, Vec<Vec<u8>>),
    /// Sends these bytes as they are.
    Raw(Vec<u8>),
    Nothing,
    Close,
}

/// How the bytes of an answer are cut into writes.
#[derive(Clone, Copy)]
enum Pieces {
    Whole,
    /// Two writes, cut at this byte.
    CutAt(usize),
    EachByte,
}

type Script = Arc<dyn Fn(&Message) -> Answer + Send + Sync>;

struct FakeMember {
    address: String,
    /// The types of all requests, with the number of the connection that they came over.
    seen: Arc<Mutex<Vec<(usize, i32)>>>,
    /// Connections that ended.
    ended: Arc<Mutex<Vec<usize>>>,
    /// Closes new connections at once.
    refuses: Arc<AtomicBool>,
}

impl FakeMember {
    async fn start(script: impl Fn(&Message) -> Answer + Send + Sync + 'static, pieces: Pieces) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let script: Script = Arc::new(script);
        let (seen, ended) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (seen_by, ended_by) = (Arc::clone(&seen), Arc::clone(&ended));
        let refuses = Arc::<AtomicBool>::default();
        let refused = Arc::clone(&refuses);
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                if refused.load(Ordering::Relaxed) {
                    continue;
                }
                stream.set_nodelay(true).unwrap();
                let (script, seen, ended) =
                    (Arc::clone(&script), Arc::clone(&seen_by), Arc::clone(&ended_by));
                tokio::spawn(async move {
                    serve(stream, number, script, pieces, seen).await;
                    ended.lock().unwrap().push(number);
                });
            }
        });
        Self { address, seen, ended, refuses }
    }

    /// As a port that nobody listens on would.
    fn refuse(&self) {
        self.refuses.store(true, Ordering::Relaxed);
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder().address(self.address.clone()).connect_timeout(Duration::from_secs(2))
    }

    async fn client(&self) -> Client {
        self.builder().connect_within(Duration::from_secs(30)).await.unwrap()
    }

    fn count(&self, message_type: i32) -> usize {
        self.seen.lock().unwrap().iter().filter(|(_, seen)| *seen == message_type).count()
    }

    /// Waits until so many requests of a type have come.
    async fn until(&self, message_type: i32, count: usize) {
        let waiting = async {
            while self.count(message_type) < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting).await.expect("the request comes");
    }
}

async fn serve(
    mut stream: TcpStream,
    number: usize,
    script: Script,
    pieces: Pieces,
    seen: Arc<Mutex<Vec<(usize, i32)>>>,
) {
    let mut preamble = [0; 3];
    if stream.read_exact(&mut preamble).await.is_err() {
        return;
    }
    assert_eq!(&preamble, b"CP2");
    let (mut reader, writer) = stream.into_split();
    let writer = Arc::new(tokio::sync::Mutex::new(writer));
    let mut cutter = MessageCutter::new(1 << 24);
    let mut buffer = BytesMut::new();
    loop {
        while let Some(request) = cutter.next(&mut buffer).unwrap() {
            seen.lock().unwrap().push((number, request.message_type()));
            let (pause, bytes) = match script(&request) {
                Answer::Send(messages) => (Duration::ZERO, with_correlation(messages, &request)),
                Answer::Late(pause, messages) => (pause, with_correlation(messages, &request)),
                Answer::Raw(bytes) => (Duration::ZERO, bytes),
                Answer::Nothing => continue,
                Answer::Close => return,
            };
            let writer = Arc::clone(&writer);
            let answering = async move {
                tokio::time::sleep(pause).await;
                write(&mut *writer.lock().await, &bytes, pieces).await;
            };
            if pause.is_zero() {
                answering.await;
            } else {
                tokio::spawn(answering);
            }
        }
        if !matches!(reader.read_buf(&mut buffer).await, Ok(1..)) {
            return;
        }
    }
}

/// The client may close the connection while this writes: then the rest is not wanted.
async fn write(writer: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8], pieces: Pieces) {
    let size = match pieces {
        Pieces::Whole => bytes.len(),
        Pieces::CutAt(at) if at < bytes.len() => {
            let _ = writer.write_all(&bytes[..at]).await;
            // So that the pieces arrive one by one.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let _ = writer.write_all(&bytes[at..]).await;
            return;
        }
        Pieces::CutAt(_) => bytes.len(),
        Pieces::EachByte => 1,
    };
    for piece in bytes.chunks(size.max(1)) {
        let _ = writer.write_all(piece).await;
        tokio::task::yield_now().await;
    }
}

fn with_correlation(messages: Vec<Vec<u8>>, request: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut message in messages {
        message[10..18].copy_from_slice(&request.correlation_id().to_le_bytes());
        bytes.append(&mut message);
    }
    bytes
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A recorded exchange with Hazelcast 5.7.0.
fn exchange_of_57(name: &str) -> &'static serde_json::Value {
    static ALL: LazyLock<serde_json::Value> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../tests/vectors.json")).unwrap());
    let found = ALL["live"]
        .as_array()
        .unwrap()
        .iter()
        .find(|vector| vector["name"] == name && vector["server"].as_str().unwrap().starts_with("5.7.0"));
    found.unwrap_or_else(|| panic!("{name}"))
}

fn recorded(name: &str) -> Vec<u8> {
    hex(exchange_of_57(name)["response_hex"].as_str().unwrap())
}

fn recorded_events() -> Vec<Vec<u8>> {
    let events = exchange_of_57("cluster_view_listener")["events"].as_array().unwrap();
    events.iter().map(|event| hex(event.as_str().unwrap())).collect()
}

/// The recorded answer to an authentication, of another member. It lists no members and no partitions.
fn auth_of(member: Uuid) -> Vec<u8> {
    let mut bytes = recorded("auth_ok");
    let (high, low) = member.as_u64_pair();
    bytes[6 + 15..6 + 23].copy_from_slice(&high.to_le_bytes());
    bytes[6 + 23..6 + 31].copy_from_slice(&low.to_le_bytes());
    bytes[6 + 54..6 + 62].copy_from_slice(&[0xff; 8]);
    bytes
}

/// A member as the view of the cluster has it.
#[derive(Clone, Copy)]
struct Listed<'a> {
    uuid: Uuid,
    address: &'a str,
    lite: bool,
    minor_version: u8,
}

impl<'a> Listed<'a> {
    fn new(uuid: Uuid, address: &'a str) -> Self {
        Self { uuid, address, lite: false, minor_version: 7 }
    }
}

/// A view of the cluster: its members, and which of them owns each partition.
fn views(members: &[Listed<'_>], owner: impl Fn(i32) -> usize) -> Vec<Vec<u8>> {
    let mut view = RequestBuilder::new(types::MEMBERS_VIEW_EVENT, -1);
    view.i32(1000);
    view.begin();
    for Listed { uuid, address, lite, minor_version } in members {
        let (host, port) = address.split_once(':').unwrap();
        view.begin();
        let (high, low) = uuid.as_u64_pair();
        view.frame(&[&[0], &high.to_le_bytes()[..], &low.to_le_bytes(), &[u8::from(*lite)]].concat());
        view.begin();
        view.frame(&port.parse::<i32>().unwrap().to_le_bytes());
        view.str(host);
        view.end();
        view.begin();
        view.end();
        view.begin();
        view.frame(&[5, *minor_version, 0]);
        view.end();
        view.end();
    }
    view.end();
    let mut partitions = RequestBuilder::new(types::PARTITIONS_VIEW_EVENT, -1);
    partitions.i32(1000);
    partitions.begin();
    let mut keys = Vec::new();
    for (number, member) in members.iter().enumerate() {
        let owned = (0..271).filter(|partition| owner(*partition) == number);
        partitions.frame(&owned.flat_map(i32::to_le_bytes).collect::<Vec<_>>());
        let (high, low) = member.uuid.as_u64_pair();
        keys.extend([&[0], &high.to_le_bytes()[..], &low.to_le_bytes()].concat());
    }
    partitions.end();
    partitions.frame(&keys);
    [view, partitions]
        .into_iter()
        .map(|event| {
            let mut bytes = event.finish().as_bytes().to_vec();
            bytes[5] |= (EVENT >> 8) as u8;
            bytes
        })
        .collect()
}

/// The recorded answers to everything that isn't a statement.
fn usual(request: &Message) -> Answer {
    let one = |name| Answer::Send(vec![recorded(name)]);
    match request.message_type() {
        types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM => one("auth_ok"),
        types::ADD_CLUSTER_VIEW_LISTENER => {
            // Events come first, as real members send them.
            let mut messages = recorded_events();
            messages.push(recorded("cluster_view_listener"));
            Answer::Send(messages)
        }
        types::TRIGGER_PARTITION_ASSIGNMENT => one("trigger_partition_assignment"),
        types::PING => one("ping"),
        types::SQL_CLOSE => one("streaming_close"),
        types::SQL_EXECUTE => one("paged_execute"),
        other => panic!("{other:#x}"),
    }
}
