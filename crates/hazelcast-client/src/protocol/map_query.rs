//! Messages that ask a map by predicates: pages, indexes.

use super::map::data;
use super::message::Message;
use super::message_type as types;
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::Data;
use crate::error::Malformed;

/// What a query is about (`IterationType`): the number is that of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Iterate {
    Keys = 0,
    Values = 1,
    Entries = 2,
}

/// The last entries of the pages that were read: where the next ones begin (`AnchorDataListHolder`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Anchors(pub(crate) Vec<(i32, Data, Data)>);

/// A `PagingPredicateHolder`.
#[derive(Debug, Clone)]
pub(crate) struct Paging<'a> {
    pub(crate) page_size: i32,
    pub(crate) page: i32,
    pub(crate) iterate: Iterate,
    pub(crate) anchors: &'a Anchors,
    pub(crate) predicate: Option<&'a Data>,
    pub(crate) comparator: Option<&'a Data>,
    /// Only the partition of this key is asked.
    pub(crate) partition_key: Option<&'a Data>,
}

pub(crate) fn page(map: &str, partition: Option<u32>, paging: &Paging<'_>) -> Request {
    let message_type = match paging.iterate {
        Iterate::Keys => types::MAP_KEY_SET_WITH_PAGING_PREDICATE,
        Iterate::Values => types::MAP_VALUES_WITH_PAGING_PREDICATE,
        Iterate::Entries => types::MAP_ENTRIES_WITH_PAGING_PREDICATE,
    };
    let partition = partition.map_or(NO_PARTITION, |partition| partition as i32);
    let mut request = RequestBuilder::new(message_type, partition);
    request.str(map);
    request.begin();
    let mut fixed = [0; 9];
    let (size, rest) = fixed.split_at_mut(4);
    size.copy_from_slice(&paging.page_size.to_le_bytes());
    let (page, kind) = rest.split_at_mut(4);
    page.copy_from_slice(&paging.page.to_le_bytes());
    kind.fill(paging.iterate as u8);
    request.frame(&fixed);
    request.begin();
    let pages: Vec<u8> = paging.anchors.0.iter().flat_map(|(page, ..)| page.to_le_bytes()).collect();
    request.frame(&pages);
    request.begin();
    for (_, key, value) in &paging.anchors.0 {
        request.data(key);
        request.data(value);
    }
    request.end();
    request.end();
    for data in [paging.predicate, paging.comparator, paging.partition_key] {
        match data {
            Some(data) => request.data(data),
            None => request.null(),
        }
    }
    request.end();
    request.finish()
}

/// One page: keys with values for entries, else keys or values alone.
#[derive(Debug)]
pub(crate) enum PageOf {
    Entries(Vec<(Data, Data)>),
    Items(Vec<Data>),
}

pub(crate) fn page_response(message: &Message, iterate: Iterate) -> Result<(PageOf, Anchors), Malformed> {
    let (_, mut frames) = message.read()?;
    let bytes = message.bytes();
    let page = match iterate {
        Iterate::Entries => PageOf::Entries(
            frames.list(|frames| Ok((data(frames.value()?, bytes)?, data(frames.value()?, bytes)?)))?,
        ),
        Iterate::Keys | Iterate::Values => PageOf::Items(frames.list(|frames| data(frames.value()?, bytes))?),
    };
    frames.begin()?;
    let pages = super::cluster::integers(frames.value()?.content)?;
    // An anchor keeps nothing alive but itself: it outlives its page.
    let entries = frames.list(|frames| {
        Ok((data(frames.value()?, bytes)?.detached(), data(frames.value()?, bytes)?.detached()))
    })?;
    frames.finish()?;
    if pages.len() != entries.len() {
        return Err(Malformed("anchors and their pages differ in number"));
    }
    let anchors = pages.into_iter().zip(entries).map(|(page, (key, value))| (page, key, value));
    Ok((page, Anchors(anchors.collect())))
}

/// An `IndexConfig`.
#[derive(Debug, Clone)]
pub(crate) struct Index<'a> {
    pub(crate) kind: i32,
    pub(crate) name: Option<&'a str>,
    pub(crate) attributes: &'a [String],
    /// For bitmap indexes: the attribute that is unique, and how it is made a number.
    pub(crate) bitmap: Option<(&'a str, i32)>,
}

pub(crate) fn add_index(map: &str, index: &Index<'_>) -> Request {
    let mut request = RequestBuilder::new(types::MAP_ADD_INDEX, NO_PARTITION);
    request.str(map);
    request.begin();
    request.frame(&index.kind.to_le_bytes());
    request.nullable_str(index.name);
    request.begin();
    for attribute in index.attributes {
        request.str(attribute);
    }
    request.end();
    match index.bitmap {
        Some((unique_key, transformation)) => {
            request.begin();
            request.frame(&transformation.to_le_bytes());
            request.str(unique_key);
            request.end();
        }
        None => request.null(),
    }
    request.end();
    request.finish()
}
