//! Entries by their keys.

use std::sync::Arc;

use futures::stream::{StreamExt, TryStreamExt, iter};
use hazelcast_client::{self as hz, Page};
use pg::{Error, Result, Value};
use sql::hazelcast::SqlType;
use sql::plan::{RemoteScan, Way};

use super::remote::{about, arguments};
use super::{PageStream, Scope};
use crate::cluster::error::pg_error;

/// How many statements for one key each are under way at a time.
const STATEMENTS: usize = 16;

impl Scope {
    /// Looks up the entries of some keys, each of which has the parts of the scan's access and is there once.
    pub async fn look_up_pages(&self, scan: &Arc<RemoteScan>, keys: &[Vec<Value>]) -> Result<PageStream> {
        let Way::Keys(access) = &scan.way else { return Err(Error::internal("a scan is not by keys")) };
        let types: Vec<SqlType> = access.parts.iter().map(|part| part.cluster_type).collect();
        let argument = |key: &Vec<Value>| arguments(key.iter().zip(types.iter().copied()));
        let questions: Vec<Vec<hz::Value>> = keys.iter().map(argument).collect::<Result<_>>()?;
        let pages: Vec<Vec<Page>> =
            iter(questions).map(|key| self.one_by_sql(scan, key)).buffered(STATEMENTS).try_collect().await?;
        Ok(PageStream::ready(scan, pages.into_iter().flatten().collect::<Vec<_>>()))
    }

    /// What SQL says of a key.
    async fn one_by_sql(&self, scan: &RemoteScan, key: Vec<hz::Value>) -> Result<Vec<Page>> {
        let mut rows = self.rows(&scan.sql, &key, key.len() == 1).await?;
        let mut pages = Vec::new();
        while let Some(page) = rows.next_page().await.map_err(|error| about(pg_error(&error), &scan.sql))? {
            pages.push(page);
        }
        Ok(pages)
    }
}
