//! All entries of a map, partition by partition.

use std::pin::Pin;

use bytes::Bytes;
use futures::future::poll_fn;
use futures::stream::{Stream, unfold};

use super::fetch::{PAGE_BYTES, PAGE_ROWS};
use super::page::PageBuilder;
use super::reader::{EntryError, EntryReader};
use crate::client::Client;
use crate::data::Data;
use crate::error::{Error, Malformed};
use crate::map::pulls::Pulls;
use crate::protocol::frame::Frames;
use crate::protocol::message::Message;
use crate::sql::page::Page;

/// When so many entries were left out, whoever reads is told before there are more.
const UNREAD_MAX: usize = 64;

/// The rows of all entries of a map: [`EntryReader::scan`] makes it. Dropping it ends the reading.
///
/// Each entry that is there all the time comes once, whole, also when partitions move or a member is lost meanwhile: a
/// partition comes in one answer or is asked for again. There is no snapshot over the entries; an entry that is written
/// while the scan runs comes as it was before or after, or not at all if it is new.
pub struct EntryScan {
    client: Client,
    pulls: Pulls,
    reader: EntryReader,
    page: PageBuilder,
    current: Option<Answer>,
    ended: bool,
    /// The keys of entries that were not read, when those are left out.
    unread: Option<Vec<Data>>,
}

/// An answer of which entries are still to be read.
struct Answer {
    message: Message,
    at: usize,
}

impl EntryReader {
    /// Begins to read all entries of the map.
    pub fn scan(self, client: &Client) -> EntryScan {
        EntryScan {
            client: client.clone(),
            pulls: Pulls::new(client.map(self.map())),
            page: self.page(),
            reader: self,
            current: None,
            ended: false,
            unread: None,
        }
    }
}

impl EntryScan {
    /// How many partitions are asked for at the same time, at most.
    pub fn partitions(mut self, at_a_time: usize) -> Self {
        self.set_partitions(at_a_time);
        self
    }

    /// The same, from the next partition on.
    pub fn set_partitions(&mut self, at_a_time: usize) {
        self.pulls.partitions = at_a_time;
    }

    /// How many bytes of answers may be under way, as far as can be told from the largest one so far: at least one
    /// partition is.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.pulls.max_bytes = bytes;
        self
    }

    /// Entries that can't be read here are left out; [`EntryScan::take_unread`] has their keys.
    pub fn skip_unread(mut self) -> Self {
        self.unread = Some(Vec::new());
        self
    }

    /// The keys of the entries that were left out since this was asked last.
    pub fn take_unread(&mut self) -> Vec<Data> {
        self.unread.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// About how many bytes all answers have together, as far as can be told from the largest one so far.
    pub fn expected_bytes(&self) -> u64 {
        let partitions = self.client.state().borrow().partition_count;
        self.pulls.largest as u64 * u64::from(partitions)
    }

    /// The next rows. Nothing at the end of the map, and after an error.
    pub async fn next_page(&mut self) -> Result<Option<Page>, EntryError> {
        if self.ended {
            return Ok(None);
        }
        let next = self.advance().await;
        if !matches!(next, Ok(Some(_))) {
            self.ended = true;
            self.pulls.stop();
        }
        next
    }

    /// The pages as a stream.
    pub fn into_stream(self) -> Pin<Box<dyn Stream<Item = Result<Page, EntryError>> + Send>> {
        let pages = unfold(self, |mut scan| async move {
            let page = scan.next_page().await.transpose()?;
            Some((page, scan))
        });
        Box::pin(pages)
    }

    async fn advance(&mut self) -> Result<Option<Page>, EntryError> {
        loop {
            self.pulls.start(self.current.is_some())?;
            if let Some(mut answer) = self.current.take() {
                let read = answer.read(&mut self.reader, &mut self.page, self.unread.as_mut());
                match read {
                    Ok(true) => self.current = Some(answer),
                    Ok(false) => {}
                    Err(EntryError::UnknownSchema(id)) => {
                        self.reader.learn(&self.client, id).await?;
                        self.current = Some(answer);
                        continue;
                    }
                    Err(error) => return Err(error),
                }
                let left_out = self.unread.as_ref().is_some_and(|unread| unread.len() >= UNREAD_MAX);
                if left_out || self.page.rows() >= PAGE_ROWS || self.page.size_in_bytes() >= PAGE_BYTES {
                    return Ok(Some(self.page.finish(false)));
                }
                continue;
            }
            let Some(message) = poll_fn(|context| self.pulls.poll_next(context)).await else { break };
            self.current = Some(Answer::new(message?)?);
        }
        let rest = self.page.finish(true);
        let left_out = self.unread.as_ref().is_some_and(|unread| !unread.is_empty());
        Ok((rest.rows() > 0 || left_out).then_some(rest))
    }
}

impl Answer {
    fn new(message: Message) -> Result<Self, EntryError> {
        let (_, mut frames) = message.read().map_err(Error::from)?;
        frames.begin().map_err(Error::from)?;
        let at = frames.at();
        Ok(Self { message, at })
    }

    /// Reads entries until the page is full; whether there are more. After an error the entry that it is about is next.
    fn read(
        &mut self,
        reader: &mut EntryReader,
        page: &mut PageBuilder,
        mut unread: Option<&mut Vec<Data>>,
    ) -> Result<bool, EntryError> {
        let unreadable = |malformed: Malformed| EntryError::from(Error::from(malformed));
        let mut frames = Frames::resume(self.message.bytes(), self.at);
        loop {
            if frames.at_end().map_err(unreadable)? {
                return Ok(false);
            }
            if page.rows() >= PAGE_ROWS || page.size_in_bytes() >= PAGE_BYTES {
                return Ok(true);
            }
            let key = frames.value().map_err(unreadable)?;
            let value = frames.value().map_err(unreadable)?;
            match (reader.read(key.content, value.content, page), &mut unread) {
                (Ok(()), _) => {}
                (Err(EntryError::NeedsSql(_) | EntryError::Invalid { .. }), Some(unread)) => {
                    unread.extend(Data::new(Bytes::copy_from_slice(key.content)));
                    if unread.len() >= UNREAD_MAX {
                        self.at = frames.at();
                        return Ok(true);
                    }
                }
                (Err(error), _) => return Err(error),
            }
            self.at = frames.at();
        }
    }
}

impl std::fmt::Debug for EntryScan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntryScan")
            .field("map", &self.pulls.map().name())
            .field("ended", &self.ended)
            .finish()
    }
}
