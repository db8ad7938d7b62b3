//! A TCP stream that its reader, its writer and whoever has a single request to send use at the same time.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

/// The reading side.
pub(crate) struct SocketReader(OwnedReadHalf);

/// The writing side. There must be one only: a socket wakes one writer.
pub(crate) struct SocketWriter(Arc<OwnedWriteHalf>);

/// Writes what can be written at once, whatever the other two do.
pub(crate) struct DirectWriter(Arc<OwnedWriteHalf>);

pub(crate) fn split(stream: TcpStream) -> (SocketReader, SocketWriter, DirectWriter) {
    let (reader, writer) = stream.into_split();
    let writer = Arc::new(writer);
    (SocketReader(reader), SocketWriter(Arc::clone(&writer)), DirectWriter(writer))
}

impl SocketReader {
    /// Appends what has arrived; 0 at the end of the stream.
    pub(crate) async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        self.0.read_buf(buffer).await
    }
}

impl SocketWriter {
    pub(crate) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|context| {
                loop {
                    ready!(self.0.as_ref().as_ref().poll_write_ready(context))?;
                    match self.0.try_write(bytes) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                        written => return Poll::Ready(written),
                    }
                }
            })
            .await?;
            bytes = bytes.get(written..).unwrap_or_default();
        }
        Ok(())
    }
}

impl DirectWriter {
    /// How many of the bytes were written; errors are left to the writer to meet.
    pub(crate) fn write(&self, bytes: &[u8]) -> usize {
        self.0.try_write(bytes).unwrap_or(0)
    }
}
