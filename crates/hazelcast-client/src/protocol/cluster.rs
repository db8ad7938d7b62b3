//! Messages about the cluster: its members, its partitions, its objects (protocol 2.5 and 3).

use uuid::Uuid;

use super::frame::{Fixed, Frames};
use super::message::Message;
use super::message_type::{
    ADD_CLUSTER_VIEW_LISTENER, ADD_DISTRIBUTED_OBJECT_LISTENER, CREATE_PROXY, DESTROY_PROXY,
    GET_DISTRIBUTED_OBJECTS, PING, REMOVE_DISTRIBUTED_OBJECT_LISTENER, STATISTICS,
    TRIGGER_PARTITION_ASSIGNMENT,
};
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::error::Malformed;
use crate::state::{Address, MemberInfo};

/// A list with its version: what is older than what is known is to be ignored.
pub(crate) type Versioned<T> = (i32, Vec<T>);

/// A member and the partitions that it owns.
pub(crate) type Owner = (Uuid, Vec<i32>);

pub(crate) fn ping() -> Request {
    RequestBuilder::new(PING, NO_PARTITION).finish()
}

/// When they were collected, as text, and as compressed metrics. Its answer says nothing.
pub(crate) fn statistics(collected_millis: i64, attributes: &str, metrics: &[u8]) -> Request {
    let mut request = RequestBuilder::with_capacity(STATISTICS, NO_PARTITION, 2048);
    request.i64(collected_millis);
    request.str(attributes);
    request.frame(metrics);
    request.finish()
}

pub(crate) fn add_cluster_view_listener() -> Request {
    RequestBuilder::new(ADD_CLUSTER_VIEW_LISTENER, NO_PARTITION).finish()
}

pub(crate) fn trigger_partition_assignment() -> Request {
    RequestBuilder::new(TRIGGER_PARTITION_ASSIGNMENT, NO_PARTITION).finish()
}

pub(crate) fn get_distributed_objects() -> Request {
    RequestBuilder::new(GET_DISTRIBUTED_OBJECTS, NO_PARTITION).finish()
}

/// Service and name of each object.
pub(crate) fn distributed_objects(message: &Message) -> Result<Vec<(String, String)>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames.list(|frames| {
        frames.begin()?;
        let object = (frames.string()?, frames.string()?);
        frames.finish()?;
        Ok(object)
    })
}

pub(crate) fn create_proxy(service: &str, name: &str) -> Request {
    proxy(CREATE_PROXY, service, name)
}

pub(crate) fn destroy_proxy(service: &str, name: &str) -> Request {
    proxy(DESTROY_PROXY, service, name)
}

fn proxy(message_type: i32, service: &str, name: &str) -> Request {
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.str(name);
    request.str(service);
    request.finish()
}

/// On one member, for the objects of all.
pub(crate) fn add_distributed_object_listener() -> Request {
    let mut request = RequestBuilder::new(ADD_DISTRIBUTED_OBJECT_LISTENER, NO_PARTITION);
    request.bool(false);
    request.finish()
}

pub(crate) fn remove_distributed_object_listener(registration: Uuid) -> Request {
    let mut request = RequestBuilder::new(REMOVE_DISTRIBUTED_OBJECT_LISTENER, NO_PARTITION);
    request.uuid(registration);
    request.finish()
}

/// Name, service, and what happened: `CREATED` or `DESTROYED`.
pub(crate) fn distributed_object_event(message: &Message) -> Result<(String, String, String), Malformed> {
    let (_, mut frames) = message.read()?;
    Ok((frames.string()?, frames.string()?, frames.string()?))
}

/// The event of a new member list: its version, and all members, oldest first.
pub(crate) fn members_view(message: &Message) -> Result<Versioned<MemberInfo>, Malformed> {
    let (fixed, mut frames) = message.read()?;
    Ok((fixed.i32(16)?, frames.list(member_info)?))
}

/// The event of a new partition table: its version, and the partitions that each member owns.
pub(crate) fn partitions_view(message: &Message) -> Result<Versioned<Owner>, Malformed> {
    let (fixed, mut frames) = message.read()?;
    Ok((fixed.i32(16)?, partition_owners(&mut frames)?))
}

pub(super) fn address(frames: &mut Frames<'_>) -> Result<Address, Malformed> {
    frames.begin()?;
    let port = Fixed(frames.value()?.content).i32(0)?;
    let port = u16::try_from(port).map_err(|_| Malformed("port out of range"))?;
    let host = frames.string()?;
    frames.finish()?;
    Ok(Address { host, port })
}

pub(super) fn member_info(frames: &mut Frames<'_>) -> Result<MemberInfo, Malformed> {
    frames.begin()?;
    let fixed = Fixed(frames.value()?.content);
    let uuid = fixed.uuid(0)?.ok_or(Malformed("member without uuid"))?;
    let lite = fixed.bool(17)?;
    let address = address(frames)?;
    let attributes = frames.list(|frames| Ok((frames.string()?, frames.string()?)))?;
    let version = member_version(frames)?;
    let mut public_address = None;
    if !frames.at_end()? {
        public_address = public_of(frames)?;
    }
    frames.finish()?;
    Ok(MemberInfo { uuid, address, lite, version, attributes, public_address })
}

fn member_version(frames: &mut Frames<'_>) -> Result<(u8, u8, u8), Malformed> {
    frames.begin()?;
    let fixed = Fixed(frames.value()?.content);
    let version = (fixed.u8(0)?, fixed.u8(1)?, fixed.u8(2)?);
    frames.finish()?;
    Ok(version)
}

/// Of a member's addresses, the one for clients that is called "public".
fn public_of(frames: &mut Frames<'_>) -> Result<Option<Address>, Malformed> {
    const CLIENT: i32 = 1;
    let addresses = frames.list(|frames| {
        frames.begin()?;
        let kind = Fixed(frames.value()?.content).i32(0)?;
        let identifier = frames.nullable_string()?;
        frames.finish()?;
        Ok((kind == CLIENT && identifier.as_deref() == Some("public"), address(frames)?))
    })?;
    Ok(addresses.into_iter().find(|(public, _)| *public).map(|(_, address)| address))
}

/// EntryList_UUID_List_Integer: the lists first, then the keys in one frame.
pub(super) fn partition_owners(frames: &mut Frames<'_>) -> Result<Vec<Owner>, Malformed> {
    let lists = frames.list(|frames| integers(frames.value()?.content))?;
    let keys = frames.value()?.content;
    let keys = keys.chunks(17).map(|key| Fixed(key).uuid(0)).collect::<Result<Vec<_>, _>>()?;
    if keys.len() != lists.len() {
        return Err(Malformed("partition lists and their owners differ in number"));
    }
    let owned = |(owner, list): (Option<Uuid>, Vec<i32>)| owner.map(|owner| (owner, list));
    Ok(keys.into_iter().zip(lists).filter_map(owned).collect())
}

/// List_Integer: the items packed in one frame.
pub(super) fn integers(content: &[u8]) -> Result<Vec<i32>, Malformed> {
    let (items, rest) = content.as_chunks::<4>();
    if rest.is_empty() {
        Ok(items.iter().map(|item| i32::from_le_bytes(*item)).collect())
    } else {
        Err(Malformed("list of integers with a broken item"))
    }
}
