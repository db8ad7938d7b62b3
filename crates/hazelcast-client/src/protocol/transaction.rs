//! Messages of transactions and of maps within them (protocol 7.4).

use uuid::Uuid;

use super::message::Message;
use super::message_type as types;
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::Data;
use crate::error::Malformed;

/// The id that the member gave, and the thread that began it: both are in every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TransactionId {
    pub(crate) id: Uuid,
    pub(crate) thread: i64,
}

pub(crate) fn create(timeout_millis: i64, durability: i32, kind: i32, thread: i64) -> Request {
    let mut request = RequestBuilder::new(types::TRANSACTION_CREATE, NO_PARTITION);
    request.i64(timeout_millis);
    request.i32(durability);
    request.i32(kind);
    request.i64(thread);
    request.finish()
}

pub(crate) fn created(message: &Message) -> Result<Uuid, Malformed> {
    message.read()?.0.uuid(13)?.ok_or(Malformed("transaction without an id"))
}

/// Transaction.commit or Transaction.rollback.
pub(crate) fn end(message_type: i32, transaction: TransactionId) -> Request {
    begin(message_type, transaction).finish()
}

fn begin(message_type: i32, transaction: TransactionId) -> RequestBuilder {
    let mut request = RequestBuilder::new(message_type, NO_PARTITION);
    request.uuid(transaction.id);
    request.i64(transaction.thread);
    request
}

/// An operation on a map: its name, then these values.
pub(crate) fn on_map(
    message_type: i32,
    transaction: TransactionId,
    map: &str,
    ttl_millis: Option<i64>,
    values: &[&Data],
) -> Request {
    let mut request = begin(message_type, transaction);
    if let Some(ttl) = ttl_millis {
        request.i64(ttl);
    }
    request.str(map);
    for value in values {
        request.data(value);
    }
    request.finish()
}
