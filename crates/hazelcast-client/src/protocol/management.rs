//! Messages about how the cluster is set up and what it does: configurations of maps, states of members, jobs.
//!
//! Those of Management Center (`MC.…`) are answered to every client whose address the members trust, which is every
//! address unless `management-center.trusted-interfaces` says otherwise (`AbstractMessageTask.isManagementTask`).

use super::frame::{Fixed, Frames};
use super::message::Message;
use super::message_type::{
    JET_GET_JOB_AND_SQL_SUMMARY_LIST, MC_GET_MAP_CONFIG, MC_GET_TIMED_MEMBER_STATE, MC_READ_METRICS,
};
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::error::Malformed;
use crate::management::{JobStatus, JobSummary, MapConfiguration};
use crate::query::index::{IndexConfig, IndexKind, UniqueKeyTransformation};

/// Where the fixed-size fields of a response begin.
const FIXED: usize = 13;

pub(crate) fn get_map_config(map: &str) -> Request {
    let mut request = RequestBuilder::new(MC_GET_MAP_CONFIG, NO_PARTITION);
    request.str(map);
    request.finish()
}

pub(crate) fn map_config(message: &Message) -> Result<MapConfiguration, Malformed> {
    let (fixed, mut frames) = message.read()?;
    let merge_policy = frames.string()?;
    // Since protocol 2.6 (Hazelcast 5.4).
    let indexes = if frames.more() { frames.nullable(|frames| frames.list(index))? } else { None };
    Ok(MapConfiguration {
        in_memory_format: name_of(fixed.i32(FIXED)?, &["BINARY", "OBJECT", "NATIVE"]),
        backup_count: fixed.i32(FIXED + 4)?,
        async_backup_count: fixed.i32(FIXED + 8)?,
        time_to_live_seconds: fixed.i32(FIXED + 12)?,
        max_idle_seconds: fixed.i32(FIXED + 16)?,
        max_size: fixed.i32(FIXED + 20)?,
        max_size_policy: name_of(fixed.i32(FIXED + 24)?, MAX_SIZE_POLICIES),
        read_backup_data: fixed.bool(FIXED + 28)?,
        eviction_policy: name_of(fixed.i32(FIXED + 29)?, &["LRU", "LFU", "NONE", "RANDOM"]),
        merge_policy,
        indexes,
    })
}

/// `MaxSizePolicy`, by its ids.
const MAX_SIZE_POLICIES: &[&str] = &[
    "PER_NODE",
    "PER_PARTITION",
    "USED_HEAP_PERCENTAGE",
    "USED_HEAP_SIZE",
    "FREE_HEAP_PERCENTAGE",
    "FREE_HEAP_SIZE",
    "ENTRY_COUNT",
    "USED_NATIVE_MEMORY_SIZE",
    "USED_NATIVE_MEMORY_PERCENTAGE",
    "FREE_NATIVE_MEMORY_SIZE",
    "FREE_NATIVE_MEMORY_PERCENTAGE",
];

/// The name of an enum's constant; a later version may have more.
fn name_of(id: i32, names: &[&str]) -> String {
    usize::try_from(id).ok().and_then(|at| names.get(at)).map_or_else(|| id.to_string(), ToString::to_string)
}

fn index(frames: &mut Frames<'_>) -> Result<IndexConfig, Malformed> {
    frames.begin()?;
    let kind = match Fixed(frames.value()?.content).i32(0)? {
        0 => IndexKind::Sorted,
        1 => IndexKind::Hash,
        2 => IndexKind::Bitmap,
        _ => return Err(Malformed("unknown type of index")),
    };
    let name = frames.nullable_string()?;
    let attributes = frames.list(Frames::string)?;
    let bitmap = frames.nullable(|frames| {
        frames.begin()?;
        let transformation = match Fixed(frames.value()?.content).i32(0)? {
            1 => UniqueKeyTransformation::Long,
            2 => UniqueKeyTransformation::Raw,
            _ => UniqueKeyTransformation::Object,
        };
        let key = frames.string()?;
        frames.finish()?;
        Ok((key, transformation))
    })?;
    frames.finish()?;
    let mut index = IndexConfig::new(kind, attributes);
    if let Some(name) = name {
        index = index.name(name);
    }
    Ok(match bitmap {
        Some((key, transformation)) => index.unique_key(key, transformation),
        None => index,
    })
}

pub(crate) fn get_timed_member_state() -> Request {
    RequestBuilder::new(MC_GET_TIMED_MEMBER_STATE, NO_PARTITION).finish()
}

pub(crate) fn timed_member_state(message: &Message) -> Result<Option<String>, Malformed> {
    message.read()?.1.nullable_string()
}

/// The collections of metrics that a member keeps, from the oldest on.
pub(crate) fn read_metrics(member: crate::Uuid) -> Request {
    let mut request = RequestBuilder::new(MC_READ_METRICS, NO_PARTITION);
    request.uuid(member);
    request.i64(0);
    request.finish()
}

/// The newest of the collections, as `MetricsCompressor` packs them.
pub(crate) fn newest_metrics(message: &Message) -> Result<Option<&[u8]>, Malformed> {
    let mut collections = message.read()?.1.list(|frames| Ok(frames.value()?.content))?;
    Ok(collections.pop())
}

pub(crate) fn get_jobs() -> Request {
    RequestBuilder::new(JET_GET_JOB_AND_SQL_SUMMARY_LIST, NO_PARTITION).finish()
}

pub(crate) fn jobs(message: &Message) -> Result<Vec<JobSummary>, Malformed> {
    message.read()?.1.list(job)
}

fn job(frames: &mut Frames<'_>) -> Result<JobSummary, Malformed> {
    frames.begin()?;
    let fixed = Fixed(frames.value()?.content);
    let name = frames.string()?;
    let failure = frames.nullable_string()?;
    let sql = frames.nullable(|frames| {
        frames.begin()?;
        let unbounded = Fixed(frames.value()?.content).bool(0)?;
        let query = frames.string()?;
        frames.finish()?;
        Ok((query, unbounded))
    })?;
    let suspension_cause = if frames.at_end()? { None } else { frames.nullable_string()? };
    let job = JobSummary {
        id: fixed.i64(1)?,
        name,
        light: fixed.bool(0)?,
        status: JobStatus::of(fixed.i32(17)?),
        submitted: fixed.i64(21)?,
        completed: Some(fixed.i64(29)?).filter(|at| *at > 0),
        user_cancelled: if fixed.has(38) { fixed.bool(37)? } else { false },
        failure,
        suspension_cause,
        query: sql.as_ref().map(|(query, _)| query.clone()),
        unbounded: sql.is_some_and(|(_, unbounded)| unbounded),
    };
    frames.finish()?;
    Ok(job)
}
