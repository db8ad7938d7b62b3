//! Entries by their keys: look-ups that are under way at the same time, read as they come.

use futures::stream::{FuturesUnordered, StreamExt};

use super::reader::{EntryError, EntryReader};
use crate::client::Client;
use crate::data::Data;
use crate::sql::page::Page;

/// How many look-ups of one call are under way at a time.
const UNDER_WAY: usize = 64;
/// Rows of a page, and bytes, when it is full.
pub(super) const PAGE_ROWS: usize = 4096;
pub(super) const PAGE_BYTES: usize = 1 << 20;

impl EntryReader {
    /// The entries of the keys that have one, in no order. Keys must be serialized as the map's keys are,
    /// and each be there once: a key that is there twice gives two rows.
    pub async fn fetch(&mut self, client: &Client, keys: &[Data]) -> Result<Vec<Page>, EntryError> {
        let map = client.map(self.map());
        let ask = |key: &'_ Data| {
            let (map, key) = (map.clone(), key.clone());
            async move { map.get(&key).await.map(|value| value.map(|value| (key, value))) }
        };
        let mut keys = keys.iter();
        let mut running: FuturesUnordered<_> = keys.by_ref().take(UNDER_WAY).map(ask).collect();
        let mut page = self.page();
        let mut pages = Vec::new();
        while let Some(found) = running.next().await {
            running.extend(keys.next().map(ask));
            let Some((key, value)) = found? else { continue };
            self.read_known(client, key.as_bytes(), value.as_bytes(), &mut page).await?;
            if page.rows() >= PAGE_ROWS || page.size_in_bytes() >= PAGE_BYTES {
                pages.push(page.finish(false));
            }
        }
        pages.push(page.finish(true));
        Ok(pages)
    }

    /// As [`EntryReader::read`], with schemas fetched when they are needed.
    pub(super) async fn read_known(
        &mut self,
        client: &Client,
        key: &[u8],
        value: &[u8],
        page: &mut super::page::PageBuilder,
    ) -> Result<(), EntryError> {
        let mut fetched = None;
        loop {
            match self.read(key, value, page) {
                Err(EntryError::UnknownSchema(id)) if fetched != Some(id) => {
                    self.learn(client, id).await?;
                    fetched = Some(id);
                }
                read => return read,
            }
        }
    }

    /// Fetches a schema that an entry names.
    pub(super) async fn learn(&self, client: &Client, id: i64) -> Result<(), EntryError> {
        match client.compact_schema(id).await? {
            Some(_) => Ok(()),
            None => Err(EntryError::UnknownSchema(id)),
        }
    }
}
