//! A TCP stream that its reader, its writer and whoever has a single request to send use at the same time.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::BytesMut;
use tokio::net::TcpStream;

/// The reading side. There must be one only: a socket wakes one reader.
pub(crate) struct SocketReader(Arc<TcpStream>);

/// The writing side. There must be one only: a socket wakes one writer.
pub(crate) struct SocketWriter(Arc<TcpStream>);

/// Writes what can be written at once, whatever the other two do.
pub(crate) struct DirectWriter(Arc<TcpStream>);

pub(crate) fn split(stream: TcpStream) -> (SocketReader, SocketWriter, DirectWriter) {
    let stream = Arc::new(stream);
    (SocketReader(Arc::clone(&stream)), SocketWriter(Arc::clone(&stream)), DirectWriter(stream))
}

impl SocketReader {
    /// Appends what has arrived; 0 at the end of the stream.
    pub(crate) async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        poll_fn(|context| {
            loop {
                ready!(self.0.poll_read_ready(context))?;
                match self.0.try_read_buf(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return Poll::Ready(read),
                }
            }
        })
        .await
    }
}

impl SocketWriter {
    pub(crate) async fn write_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let written = poll_fn(|context| {
                loop {
                    ready!(self.0.poll_write_ready(context))?;
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
