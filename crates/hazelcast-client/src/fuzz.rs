//! Entrances for fuzzing (feature `fuzzing`): everything that reads bytes of others, without I/O. Nothing here is part of
//! the crate's interface.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use crate::data::Data;
use crate::data::compact::read::read;
use crate::data::compact::schema::{CompactSchema, FieldKind};
use crate::protocol::message::Message;
use crate::protocol::stream::MessageCutter;
use crate::protocol::{auth, cluster, exception, map, map_query, schema, sql, transaction};
use crate::{Page, Value};

/// The stream of a connection: cut into messages, each read as everything that it could be.
pub fn stream(bytes: &[u8]) {
    let mut cutter = MessageCutter::new(1 << 20);
    let mut buffer = BytesMut::from(bytes);
    while let Ok(Some(message)) = cutter.next(&mut buffer) {
        read_as_everything(&message);
    }
}

/// One message, also where the frames' own limits don't protect the decoders.
pub fn message(bytes: &[u8]) {
    if let Ok(message) = Message::new(Bytes::copy_from_slice(bytes)) {
        read_as_everything(&message);
    }
}

/// A serialized value; what can be read must be read again after it was written.
pub fn value(bytes: &[u8]) {
    let Ok(value) = Value::from_data(bytes) else { return };
    if let Ok(Some(data)) = Data::from_value(&value) {
        let again = data.to_value();
        // NaN is not equal to itself, so texts are compared.
        assert!(again.is_ok_and(|again| format!("{again:?}") == format!("{value:?}")), "{value:?}");
    }
}

/// A Compact record of a schema that the first bytes make.
pub fn compact(bytes: &[u8]) {
    let Some((count, rest)) = bytes.split_first() else { return };
    let count = usize::from(*count % 32).min(rest.len());
    let (kinds, body) = rest.split_at(count);
    let kinds =
        kinds.iter().map(|kind| FieldKind::from_id(i32::from(kind % 48)).unwrap_or(FieldKind::String));
    let fields = kinds.enumerate().map(|(index, kind)| (format!("f{index}"), kind));
    let schema = Arc::new(CompactSchema::new("fuzzed", fields));
    let mut data = vec![0, 0, 0, 0, 0xff, 0xff, 0xff, 0xc9];
    data.extend_from_slice(&schema.id().to_be_bytes());
    data.extend_from_slice(body);
    let Some(data) = Data::new(data.into()) else { return };
    let _ = read(&data, &|id| (id == schema.id()).then(|| Arc::clone(&schema)));
}

/// The page in an answer to SqlExecute or SqlFetch.
pub fn page(bytes: &[u8]) -> Option<Page> {
    let message = Message::new(Bytes::copy_from_slice(bytes)).ok()?;
    match sql::executed(&message, 1 << 16) {
        Ok(sql::Executed { outcome: sql::Outcome::Rows { page, .. }, .. }) => Some(page),
        _ => sql::fetched(&message, 1 << 16).ok()?.ok(),
    }
}

pub(crate) fn read_as_everything(message: &Message) {
    let _ = exception::decode(message);
    let _ = auth::response(message);
    let _ = cluster::members_view(message);
    let _ = cluster::partitions_view(message);
    let _ = cluster::distributed_objects(message);
    let _ = cluster::distributed_object_event(message);
    let _ = map::nullable_data(message);
    let _ = map::entries(message);
    let _ = map::list_of_data(message);
    let _ = map::list_of_nullable(message);
    let _ = map::entry_view(message);
    let _ = map::entry_event(message);
    let _ = map::registration(message);
    let _ = (map::bool(message), map::i32(message), map::string(message));
    for iterate in [map_query::Iterate::Entries, map_query::Iterate::Keys] {
        let _ = map_query::page_response(message, iterate);
    }
    let _ = transaction::created(message);
    let _ = (schema::schema(message), schema::replicated_to(message));
    let _ = sql::mapping_ddl_response(message);
    if let Ok(executed) = sql::executed(message, 4096)
        && let sql::Outcome::Rows { page, .. } = executed.outcome
    {
        read_everything(&page);
    }
    if let Ok(Ok(page)) = sql::fetched(message, 4096) {
        read_everything(&page);
    }
}

/// Every value of a page by every getter, also beyond its bounds.
pub fn read_everything(page: &Page) {
    for column in 0..=page.columns() {
        for row in 0..page.rows() + 2 {
            let value = page.value(row, column);
            if row < page.rows() && column < page.columns() {
                assert_eq!(page.is_null(row, column), value == crate::ValueRef::Null);
            }
            let _ =
                (page.bool(row, column), page.i64(row, column), page.f64(row, column), page.str(row, column));
            let _ = page.decimal(row, column).map(|value| value.to_string());
            let _ = page.data(row, column).map(Value::from_data);
            let _ = page.timestamp_tz(row, column).map(|value| value.is_valid());
        }
    }
}
