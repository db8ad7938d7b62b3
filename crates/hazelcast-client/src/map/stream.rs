//! The entries of a map as a stream, partition by partition.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::stream::{BoxStream, Stream, StreamExt};

use super::Map;
use super::pulls::Pulls;
use crate::data::Data;
use crate::data::value::Value;
use crate::error::{Malformed, Result};
use crate::protocol::frame::Frames;
use crate::protocol::map::data;
use crate::protocol::message::Message;

/// All entries of a map, in no order: [`Map::stream`] makes it. Dropping it ends the reading.
///
/// Each entry that is there all the time comes once, also when partitions move or a member is lost meanwhile: a partition
/// comes in one answer, or is asked for again. There is no snapshot over the entries; one that is written while the
/// stream runs comes as it was before or after, or not at all if it is new. After an error there is nothing more.
///
/// What is held of the map at a time is bounded by [`EntryStream::max_bytes`]. The bytes of an entry lie in the answer that
/// it came in: who keeps few entries of many should copy them.
///
/// ```no_run
/// use futures::TryStreamExt;
/// use hazelcast_client::Client;
///
/// # async fn example(client: Client) -> hazelcast_client::Result<()> {
/// let mut entries = client.map("movies").stream().max_bytes(8 << 20);
/// let mut bytes = 0;
/// while let Some((_key, value)) = entries.try_next().await? {
///     bytes += value.as_bytes().len();
/// }
/// println!("{bytes} bytes of movies");
///
/// let ages = client.map("ages").stream().values();
/// let ages: Vec<_> = ages.try_collect().await?;
/// # let _ = ages;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is read unless the stream is polled"]
pub struct EntryStream {
    pulls: Pulls,
    current: Option<Answer>,
    ended: bool,
}

/// An answer, and where its next entry begins.
#[derive(Debug)]
struct Answer {
    message: Message,
    at: usize,
}

impl Map {
    /// All entries as a stream, partition by partition: for maps of any size. [`Map::entry_set`] is faster for small ones.
    pub fn stream(&self) -> EntryStream {
        EntryStream { pulls: Pulls::new(self.clone()), current: None, ended: false }
    }
}

impl EntryStream {
    /// How many partitions are asked for at the same time, at most: 4 unless this says otherwise. Of one member not more
    /// are than it is spared for.
    pub fn partitions(mut self, at_a_time: usize) -> Self {
        self.pulls.partitions = at_a_time;
        self
    }

    /// How many bytes of answers may be under way, as far as can be told from the largest one so far: 32 MiB unless this
    /// says otherwise. At least one partition is.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.pulls.max_bytes = bytes;
        self
    }

    /// Keys and values as [`Value`]s; the schemas of Compact records are fetched as they are needed.
    pub fn values(self) -> BoxStream<'static, Result<(Value, Value)>> {
        let client = self.pulls.map().client.clone();
        let values = self.then(move |entry| {
            let client = client.clone();
            async move {
                let (key, value) = entry?;
                Ok((client.value(&key).await?, client.value(&value).await?))
            }
        });
        values.boxed()
    }

    fn poll_entry(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<(Data, Data)>>> {
        loop {
            if let Some(answer) = &mut self.current {
                match answer.next()? {
                    Some(entry) => return Poll::Ready(Ok(Some(entry))),
                    None => self.current = None,
                }
            }
            self.pulls.start(false)?;
            match ready!(self.pulls.poll_next(context)) {
                Some(message) => self.current = Some(Answer::new(message?)?),
                None => return Poll::Ready(Ok(None)),
            }
            // While this answer is read, the others come.
            self.pulls.start(true)?;
        }
    }
}

impl Stream for EntryStream {
    type Item = Result<(Data, Data)>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = ready!(self.poll_entry(context)).transpose();
        if !matches!(next, Some(Ok(_))) {
            self.ended = true;
            self.pulls.stop();
        }
        Poll::Ready(next)
    }
}

impl Answer {
    fn new(message: Message) -> Result<Self> {
        let (_, mut frames) = message.read()?;
        frames.begin()?;
        let at = frames.at();
        Ok(Self { message, at })
    }

    /// The next entry; nothing after the last.
    fn next(&mut self) -> Result<Option<(Data, Data)>> {
        let read = || -> std::result::Result<_, Malformed> {
            let bytes = self.message.bytes();
            let mut frames = Frames::resume(bytes, self.at);
            if frames.at_end()? {
                return Ok(None);
            }
            let entry = (data(frames.value()?, bytes)?, data(frames.value()?, bytes)?);
            Ok(Some((entry, frames.at())))
        };
        let Some((entry, at)) = read()? else { return Ok(None) };
        self.at = at;
        Ok(Some(entry))
    }
}
