//! Authentication (protocol 2).

use uuid::Uuid;

use super::cluster::{Owner, Versioned, address, member_info, partition_owners};
use super::frame::Fixed;
use super::message::Message;
use super::message_type::{AUTHENTICATION, AUTHENTICATION_CUSTOM};
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::config::{Credentials, Routing};
use crate::error::{AuthenticationStatus, Malformed};
use crate::state::{Address, MemberInfo};

/// What the client says of itself.
#[derive(Debug, Clone)]
pub(crate) struct Identity<'a> {
    pub(crate) client_uuid: Uuid,
    pub(crate) cluster_name: &'a str,
    pub(crate) credentials: &'a Credentials,
    pub(crate) client_type: &'a str,
    pub(crate) client_version: &'a str,
    pub(crate) client_name: &'a str,
    pub(crate) labels: &'a [String],
    pub(crate) routing: Routing,
}

pub(crate) fn request(identity: &Identity<'_>) -> Request {
    let message_type = match identity.credentials {
        Credentials::Token(_) => AUTHENTICATION_CUSTOM,
        Credentials::None | Credentials::UsernamePassword { .. } => AUTHENTICATION,
    };
    let mut request = RequestBuilder::with_capacity(message_type, NO_PARTITION, 256);
    request.uuid(identity.client_uuid);
    request.u8(1); // serialization version
    request.u8(match identity.routing {
        Routing::SingleMember => 0,
        Routing::AllMembers => 1,
    });
    request.bool(false); // operations of the CP subsystem go to any member
    request.str(identity.cluster_name);
    match identity.credentials {
        // Members without security take nulls only: empty texts fail.
        Credentials::None => {
            request.null();
            request.null();
        }
        Credentials::UsernamePassword { username, password } => {
            request.str(username);
            request.str(password);
        }
        Credentials::Token(token) => request.frame(token),
    }
    request.str(identity.client_type);
    request.str(identity.client_version);
    request.str(identity.client_name);
    request.begin();
    for label in identity.labels {
        request.str(label);
    }
    request.end();
    request.finish()
}

/// The answer to a successful authentication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Authenticated {
    pub(crate) member: Uuid,
    pub(crate) address: Option<Address>,
    pub(crate) server_version: String,
    pub(crate) cluster_id: Uuid,
    pub(crate) partition_count: i32,
    pub(crate) failover_supported: bool,
    /// Version and members, from Hazelcast 5.4 on.
    pub(crate) members: Option<Versioned<MemberInfo>>,
    /// Version and owners of partitions, from Hazelcast 5.4 on, once partitions are assigned.
    pub(crate) partitions: Option<Versioned<Owner>>,
}

/// The status says first whether anything else can be relied on.
pub(crate) fn response(message: &Message) -> Result<Result<Authenticated, AuthenticationStatus>, Malformed> {
    let (fixed, mut frames) = message.read()?;
    match fixed.u8(13)? {
        0 => {}
        1 => return Ok(Err(AuthenticationStatus::CredentialsFailed)),
        2 => return Ok(Err(AuthenticationStatus::SerializationVersionMismatch)),
        3 => return Ok(Err(AuthenticationStatus::NotAllowedInCluster)),
        other => return Ok(Err(AuthenticationStatus::Other(other))),
    }
    let member = fixed.uuid(14)?.ok_or(Malformed("authenticated by a member without uuid"))?;
    let cluster_id = fixed.uuid(36)?.ok_or(Malformed("authenticated by a cluster without id"))?;
    let mut answer = Authenticated {
        member,
        address: frames.nullable(address)?,
        server_version: frames.string()?,
        cluster_id,
        partition_count: fixed.i32(32)?,
        failover_supported: fixed.bool(53)?,
        members: None,
        partitions: None,
    };
    if fixed.has(62) {
        frames.nullable(|frames| frames.value().map(drop))?; // ports of the thread-per-core server
        frames.nullable(|frames| frames.value().map(drop))?; // and its token
        let members = frames.nullable(|frames| frames.list(member_info))?;
        answer.members = versioned(fixed, 54, members)?;
        answer.partitions = versioned(fixed, 58, frames.nullable(partition_owners)?)?;
    }
    Ok(Ok(answer))
}

/// A list with its version; a version of -1 means that there is none.
fn versioned<T>(
    fixed: Fixed<'_>,
    at: usize,
    list: Option<Vec<T>>,
) -> Result<Option<Versioned<T>>, Malformed> {
    let version = fixed.i32(at)?;
    Ok(list.filter(|list| version >= 0 && !list.is_empty()).map(|list| (version, list)))
}
