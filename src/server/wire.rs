//! One client's socket, with what was received and not yet read, and what is written and not yet sent. Works on any
//! stream, so that TLS, TCP and a test's pipe are the same to a session.

use std::future::pending;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use pg::Result;
use pg::wire::frame::{self, FREE_BYTES_MAX};
use pg::wire::{Budget, Cut, Frame, Grant, Phase};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Answers are sent when they reach this size, or when there is nothing left to do.
pub const OUTPUT_BYTES: usize = 64 * 1024;
/// Input that is received ahead while a statement runs.
const READ_AHEAD_BYTES: usize = 64 * 1024;
/// The most that one read asks for.
const READ_BYTES_MAX: usize = 64 * 1024;
/// Room for the messages of a usual look-up.
const READ_BYTES_MIN: usize = 4 * 1024;
/// How long a client that is to go may take for what is left to be sent.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long, and how often, a closed connection is still read from.
const LINGER: Duration = Duration::from_millis(500);
const LINGER_READS_MAX: usize = 32;
/// Buffers above this size are given back when a client falls silent.
const IDLE_BYTES_MAX: usize = 16 * 1024;

/// What a session talks through.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// Moves to the runtime that this is called on: from now on, that one is woken when there is something to do.
    fn stay_here(&mut self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn stay_here(&mut self) -> io::Result<()> {
        let other = self.as_fd().try_clone_to_owned()?;
        *self = TcpStream::from_std(other.into())?;
        Ok(())
    }
}

#[cfg(test)]
impl Stream for tokio::io::DuplexStream {
    fn stay_here(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A client's socket and buffers.
#[derive(Debug)]
pub struct Wire<S> {
    stream: S,
    input: BytesMut,
    output: BytesMut,
    budget: Budget,
    /// For the large message that is being received or worked on.
    grant: Option<Grant>,
    /// The bytes that the message under way needs.
    wanted: usize,
    /// The output holds something that the client waits for although we are not done.
    owed: bool,
}

impl<S: Stream> Wire<S> {
    /// A stream at its beginning.
    pub fn new(stream: S, budget: Budget) -> Wire<S> {
        Wire {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
            budget,
            grant: None,
            wanted: 0,
            owed: false,
        }
    }

    /// See [`Stream::stay_here`].
    pub fn stay_here(&mut self) -> io::Result<()> {
        self.stream.stay_here()
    }

    /// Where answers are appended.
    pub fn output(&mut self) -> &mut BytesMut {
        &mut self.output
    }

    /// Whether something was received that is not read yet.
    pub fn has_input(&self) -> bool {
        !self.input.is_empty()
    }

    /// Whether the output has grown to what is sent at a time.
    pub fn is_full(&self) -> bool {
        self.output.len() >= OUTPUT_BYTES
    }

    /// Notes that the client waits for what is in the output: it is sent as soon as we have to wait for anything.
    pub fn owe(&mut self) {
        self.owed = true;
    }

    /// The next startup packet, if it is here.
    pub fn startup_packet(&mut self) -> Result<Option<Bytes>> {
        match frame::cut_startup(&mut self.input)? {
            Cut::Whole(body) => Ok(Some(body)),
            Cut::More { total } => {
                self.wanted = total;
                Ok(None)
            }
        }
    }

    /// The next message, if it is here. An error means that the stream is out of step.
    pub fn frame(&mut self, phase: Phase) -> Result<Option<Frame>> {
        self.wanted = 0;
        match frame::cut(&mut self.input, phase)? {
            Cut::Whole(frame) => Ok(Some(frame)),
            Cut::More { total } => {
                if total > FREE_BYTES_MAX && self.grant.is_none() {
                    self.grant = Some(self.budget.take(total)?);
                }
                self.wanted = total;
                Ok(None)
            }
        }
    }

    /// Gives back what the last message needed.
    pub fn release(&mut self) {
        self.grant = None;
    }

    /// Receives something; 0 means that the client has closed its side.
    pub async fn fill(&mut self) -> io::Result<usize> {
        // Room for what is wanted, but never much more than what has come: a length is only a claim.
        let missing = self.wanted.saturating_sub(self.input.len());
        self.input.reserve(missing.clamp(READ_BYTES_MIN, READ_BYTES_MAX));
        self.stream.read_buf(&mut self.input).await
    }

    /// Sends everything.
    pub async fn flush(&mut self) -> io::Result<()> {
        while !self.output.is_empty() {
            self.write_some().await?;
        }
        self.owed = false;
        self.stream.flush().await
    }

    /// What can be done for the client while its statement is being worked on: sends what is owed, receives ahead.
    /// Ends only when the client is gone.
    pub async fn attend(&mut self) -> io::Error {
        loop {
            if self.owed && !self.output.is_empty() {
                match self.write_some().await {
                    Ok(()) => continue,
                    Err(error) => return error,
                }
            }
            self.owed = false;
            if self.input.len() >= READ_AHEAD_BYTES {
                return pending().await;
            }
            match self.fill().await {
                Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                Ok(_) => (),
                Err(error) => return error,
            }
        }
    }

    /// Gives back large buffers, before the client is waited for.
    pub fn rest(&mut self) {
        if self.output.is_empty() && self.output.capacity() > IDLE_BYTES_MAX {
            self.output = BytesMut::new();
        }
        if self.input.is_empty() && self.input.capacity() > IDLE_BYTES_MAX {
            self.input = BytesMut::new();
        }
    }

    /// Sends what is left and closes; the client may be gone already.
    pub async fn close(&mut self) {
        let farewell = async {
            let _ = self.flush().await;
            let _ = self.stream.shutdown().await;
        };
        // One that reads nothing must not keep its place.
        let _ = tokio::time::timeout(FAREWELL, farewell).await;
    }

    /// The same after an error that ends the connection. What the client is still sending is received for a moment and
    /// thrown away: closing a socket with unread input resets it, and the client might never see why.
    pub async fn close_after_error(&mut self) {
        self.close().await;
        let linger = async {
            for _ in 0..LINGER_READS_MAX {
                self.input.clear();
                if !matches!(self.fill().await, Ok(1..)) {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(LINGER, linger).await;
    }

    async fn write_some(&mut self) -> io::Result<()> {
        // Not `write_buf`, which calls writev even for one buffer.
        match self.stream.write(&self.output).await? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            sent => {
                self.output.advance(sent);
                Ok(())
            }
        }
    }
}
