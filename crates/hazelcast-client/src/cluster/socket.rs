//! A stream to a member, plain or TLS, that its reader, its writer and whoever has a single request to send use at the
//! same time.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
#[cfg(feature = "tls")]
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

#[cfg(feature = "tls")]
pub(crate) type TlsStream = tokio_rustls::client::TlsStream<TcpStream>;

/// A connected stream.
pub(crate) enum Stream {
    /// TCP as it is.
    Plain(TcpStream),
    /// TLS over TCP, its handshake done.
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream>),
}

/// The reading side.
pub(crate) enum SocketReader {
    Plain(OwnedReadHalf),
    #[cfg(feature = "tls")]
    Tls(ReadHalf<TlsStream>),
}

/// The writing side. There must be one only: a socket wakes one writer.
pub(crate) enum SocketWriter {
    Plain(Arc<OwnedWriteHalf>),
    #[cfg(feature = "tls")]
    Tls(WriteHalf<TlsStream>),
}

/// Writes what can be written at once, whatever the other two do.
pub(crate) struct DirectWriter(Arc<OwnedWriteHalf>);

impl Stream {
    /// Appends what has arrived; 0 at the end of the stream.
    pub(crate) async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read_buf(buffer).await,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.read_buf(buffer).await,
        }
    }

    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            #[cfg(feature = "tls")]
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// From where the connection was made.
    pub(crate) fn local_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Plain(stream) => stream.local_addr().ok(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.get_ref().0.local_addr().ok(),
        }
    }

    /// Over TLS nobody but the writer can write: there is no third part then.
    pub(crate) fn split(self) -> (SocketReader, SocketWriter, Option<DirectWriter>) {
        match self {
            Self::Plain(stream) => {
                let (reader, writer) = stream.into_split();
                let writer = Arc::new(writer);
                let direct = DirectWriter(Arc::clone(&writer));
                (SocketReader::Plain(reader), SocketWriter::Plain(writer), Some(direct))
            }
            #[cfg(feature = "tls")]
            Self::Tls(stream) => {
                let (reader, writer) = tokio::io::split(*stream);
                (SocketReader::Tls(reader), SocketWriter::Tls(writer), None)
            }
        }
    }
}

impl SocketReader {
    /// Appends what has arrived; 0 at the end of the stream.
    pub(crate) async fn read(&mut self, buffer: &mut BytesMut) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read_buf(buffer).await,
            #[cfg(feature = "tls")]
            Self::Tls(reader) => reader.read_buf(buffer).await,
        }
    }
}

impl SocketWriter {
    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(writer) => write_plain(writer, bytes).await,
            #[cfg(feature = "tls")]
            Self::Tls(writer) => {
                writer.write_all(bytes).await?;
                writer.flush().await
            }
        }
    }
}

async fn write_plain(writer: &OwnedWriteHalf, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = poll_fn(|context| {
            loop {
                ready!(writer.as_ref().poll_write_ready(context))?;
                match writer.try_write(bytes) {
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

impl DirectWriter {
    /// How many of the bytes were written; errors are left to the writer to meet.
    pub(crate) fn write(&self, bytes: &[u8]) -> usize {
        self.0.try_write(bytes).unwrap_or(0)
    }
}
