//! A way to a member that can be cut, stopped, slowed, and made to say what the member never said.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub struct Proxy {
    pub port: u16,
    way: Arc<Way>,
}

struct Way {
    begun: Instant,
    /// Milliseconds after `begun` until which the way is so.
    refused: AtomicU64,
    stopped: AtomicU64,
    slow: AtomicU64,
    connections: Mutex<Vec<Arc<Connection>>>,
}

#[derive(Default)]
struct Connection {
    cut: Notify,
    /// To be cut in the middle of what comes next.
    half: AtomicBool,
    /// To be said at the next end of a message.
    nonsense: Mutex<Option<Vec<u8>>>,
}

impl Proxy {
    pub async fn start(to: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let way = Arc::new(Way {
            begun: Instant::now(),
            refused: AtomicU64::new(0),
            stopped: AtomicU64::new(0),
            slow: AtomicU64::new(0),
            connections: Mutex::default(),
        });
        let serving = Arc::clone(&way);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if !serving.is(&serving.refused) {
                    tokio::spawn(pass(Arc::clone(&serving), client, to));
                }
            }
        });
        Self { port, way }
    }

    pub fn refuse(&self, time: Duration) {
        self.way.set(&self.way.refused, time);
    }

    pub fn stop(&self, time: Duration) {
        self.way.set(&self.way.stopped, time);
    }

    pub fn slow(&self, time: Duration) {
        self.way.set(&self.way.slow, time);
    }

    pub fn cut_all(&self) {
        for connection in self.way.connections.lock().unwrap().iter() {
            connection.cut.notify_one();
        }
    }

    /// Of all connections the one that a number leads to.
    fn one(&self, number: usize) -> Option<Arc<Connection>> {
        let connections = self.way.connections.lock().unwrap();
        connections.get(number.checked_rem(connections.len())?).cloned()
    }

    pub fn cut(&self, number: usize) -> bool {
        self.one(number).inspect(|connection| connection.cut.notify_one()).is_some()
    }

    pub fn cut_in_the_middle(&self, number: usize) -> bool {
        self.one(number).inspect(|connection| connection.half.store(true, Ordering::Relaxed)).is_some()
    }

    pub fn say(&self, number: usize, nonsense: Vec<u8>) -> bool {
        self.one(number).inspect(|connection| *connection.nonsense.lock().unwrap() = Some(nonsense)).is_some()
    }
}

impl Way {
    fn now(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    fn is(&self, until: &AtomicU64) -> bool {
        until.load(Ordering::Relaxed) > self.now()
    }

    fn set(&self, until: &AtomicU64, time: Duration) {
        until.store(self.now() + time.as_millis() as u64, Ordering::Relaxed);
    }
}

async fn pass(way: Arc<Way>, client: TcpStream, to: u16) {
    let Ok(member) = TcpStream::connect(("127.0.0.1", to)).await else { return };
    let (_, _) = (client.set_nodelay(true), member.set_nodelay(true));
    let connection = Arc::new(Connection::default());
    way.connections.lock().unwrap().push(Arc::clone(&connection));
    let ((from_client, to_client), (from_member, to_member)) = (client.into_split(), member.into_split());
    tokio::select! {
        () = there(&way, from_client, to_member) => (),
        _ = back(&way, &connection, from_member, to_client) => (),
        () = connection.cut.notified() => (),
    }
    way.connections.lock().unwrap().retain(|other| !Arc::ptr_eq(other, &connection));
}

async fn there(way: &Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        while way.is(&way.stopped) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

/// Ends with an error, too.
async fn back(
    way: &Way,
    connection: &Connection,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    let mut ends = Ends::default();
    loop {
        let length = from.read(&mut buffer).await?;
        let bytes = &buffer[..length];
        if bytes.is_empty() {
            return Ok(());
        }
        while way.is(&way.stopped) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if connection.half.load(Ordering::Relaxed) {
            return to.write_all(&bytes[..length / 2]).await;
        }
        let end = ends.first_in(bytes);
        let nonsense = end.and_then(|_| connection.nonsense.lock().unwrap().take());
        if let (Some(end), Some(nonsense)) = (end, nonsense) {
            to.write_all(&bytes[..end]).await?;
            to.write_all(&nonsense).await?;
            to.write_all(&bytes[end..]).await?;
        } else if way.is(&way.slow) {
            for piece in bytes.chunks(length.div_ceil(8)) {
                to.write_all(piece).await?;
                tokio::time::sleep(Duration::from_millis(4)).await;
            }
        } else {
            to.write_all(bytes).await?;
        }
    }
}

/// Finds the ends of messages in a stream that comes in pieces.
#[derive(Default)]
struct Ends {
    /// Of the header of the frame that has begun.
    header: Vec<u8>,
    /// Bytes of the frame that are to come after its header.
    rest: usize,
    last: bool,
}

impl Ends {
    /// Passes over a piece; where in it the first message ends.
    fn first_in(&mut self, piece: &[u8]) -> Option<usize> {
        let (mut at, mut first) = (0, None);
        while at < piece.len() {
            if self.rest == 0 && self.header.len() < 6 {
                self.header.push(piece[at]);
                at += 1;
                let &[a, b, c, d, _, flags] = self.header.as_slice() else { continue };
                self.rest = (u32::from_le_bytes([a, b, c, d]) as usize).saturating_sub(6);
                self.last = flags & 0x20 != 0;
            }
            let step = self.rest.min(piece.len() - at);
            at += step;
            self.rest -= step;
            if self.rest == 0 && self.header.len() == 6 {
                self.header.clear();
                if self.last {
                    first = first.or(Some(at));
                }
            }
        }
        first
    }
}
