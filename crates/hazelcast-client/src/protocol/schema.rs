//! Messages about the schemas of Compact records.

use uuid::Uuid;

use super::message::Message;
use super::message_type::{FETCH_SCHEMA, SEND_SCHEMA};
use super::request::{NO_PARTITION, Request, RequestBuilder};
use crate::data::compact::schema::{CompactSchema, FieldKind};
use crate::error::Malformed;

pub(crate) fn fetch_schema(id: i64) -> Request {
    let mut request = RequestBuilder::new(FETCH_SCHEMA, NO_PARTITION);
    request.i64(id);
    request.finish()
}

/// The schema, if the cluster knows it. Kinds that this client doesn't know make it unreadable.
pub(crate) fn schema(message: &Message) -> Result<Option<CompactSchema>, Malformed> {
    let (_, mut frames) = message.read()?;
    frames.nullable(|frames| {
        frames.begin()?;
        let type_name = frames.string()?;
        let fields = frames.list(|frames| {
            frames.begin()?;
            let content = frames.value()?.content;
            let id = content.first_chunk().copied().map(i32::from_le_bytes);
            let kind = id.and_then(FieldKind::from_id).ok_or(Malformed("unknown kind of a Compact field"))?;
            let name = frames.string()?;
            frames.finish()?;
            Ok((name, kind))
        })?;
        frames.finish()?;
        Ok(CompactSchema::new(type_name, fields))
    })
}

pub(crate) fn send_schema(schema: &CompactSchema) -> Request {
    let mut request = RequestBuilder::new(SEND_SCHEMA, NO_PARTITION);
    request.begin();
    request.str(schema.type_name());
    request.begin();
    for field in schema.fields() {
        request.begin();
        request.frame(&field.kind.id().to_le_bytes());
        request.str(&field.name);
        request.end();
    }
    request.end();
    request.end();
    request.finish()
}

/// The members that have the schema now.
pub(crate) fn replicated_to(message: &Message) -> Result<Vec<Uuid>, Malformed> {
    const WIDTH: usize = 17;
    let (_, mut frames) = message.read()?;
    let content = frames.value()?.content;
    let fixed = super::frame::Fixed(content);
    let uuids = (0..content.len() / WIDTH).filter_map(|index| fixed.uuid(index * WIDTH).transpose());
    uuids.collect()
}
