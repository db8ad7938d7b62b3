//! Recorded requests: their fields are read, and must give the same bytes when this client writes them.

use bytes::Bytes;

use super::{Message, message, to_hex};
use crate::config::{Credentials, Routing};
use crate::data::Data;
use crate::data::value::Value;
use crate::data::{decimal::Decimal, temporal::Date};
use crate::protocol::frame::{Fixed, Frames, NULL};
use crate::protocol::request::{Request, RequestBuilder};
use crate::protocol::{auth, cluster, map, message_type as types, sql, transaction};
use crate::sql::statement::ExpectedResult;
use uuid::Uuid;

pub(super) fn check(name: &str, bytes: &[u8]) {
    let message = message(bytes);
    let mut request = rebuild(&message);
    request.set_correlation_id(message.correlation_id());
    let written = adjusted(request.as_bytes(), bytes, &message);
    assert_eq!(to_hex(&written), to_hex(bytes), "{name}");
}

/// Our authentication has two fields of protocol 2.8, and always version 1 of the serialization: what a vector does
/// otherwise is taken over.
fn adjusted(written: &[u8], vector: &[u8], message: &Message) -> Vec<u8> {
    let mut written = written.to_vec();
    if matches!(message.message_type(), types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM) {
        if vector[0] == 40 {
            written.drain(40..42);
            written[0] = 40;
        }
        written[39] = vector[39];
    }
    written
}

/// The same request by this client's builders.
fn rebuild(message: &Message) -> Request {
    let (fixed, mut frames) = message.read().unwrap();
    let partition = fixed.i32(12).unwrap();
    match message.message_type() {
        types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM => authentication(message),
        types::PING => cluster::ping(),
        types::ADD_CLUSTER_VIEW_LISTENER => cluster::add_cluster_view_listener(),
        types::TRIGGER_PARTITION_ASSIGNMENT => cluster::trigger_partition_assignment(),
        types::SQL_EXECUTE => execute(message),
        types::SQL_FETCH => sql::fetch(query_id(&mut frames), fixed.i32(16).unwrap()),
        types::SQL_CLOSE => sql::close(query_id(&mut frames)),
        types::SQL_MAPPING_DDL => sql::mapping_ddl(frames.str().unwrap()),
        types::MAP_SIZE => map::about(types::MAP_SIZE, frames.str().unwrap(), &[]),
        types::MAP_PUT_ALL => {
            let name = frames.str().unwrap();
            let entries = frames.list(|frames| Ok((data(frames), data(frames)))).unwrap();
            let entries: Vec<_> = entries.iter().map(|(key, value)| (key, value)).collect();
            map::put_all(name, partition, &entries)
        }
        types::MAP_GET
        | types::MAP_PUT
        | types::MAP_SET
        | types::MAP_PUT_IF_ABSENT
        | types::MAP_REMOVE
        | types::MAP_CONTAINS_KEY => entry(message, partition),
        types::TRANSACTION_CREATE => transaction::create(
            fixed.i64(16).unwrap(),
            fixed.i32(24).unwrap(),
            fixed.i32(28).unwrap(),
            fixed.i64(32).unwrap(),
        ),
        types::TRANSACTION_COMMIT => transaction::end(types::TRANSACTION_COMMIT, transaction_id(message)),
        types::TRANSACTIONAL_MAP_GET | types::TRANSACTIONAL_MAP_PUT => transactional(message),
        // A type that doesn't exist, sent to see it refused.
        0x7f_0100 => generic(message, partition),
        other => panic!("no builder for {other:#x}"),
    }
}

fn data(frames: &mut Frames<'_>) -> Data {
    Data::new(Bytes::copy_from_slice(frames.value().unwrap().content)).unwrap()
}

fn entry(message: &Message, partition: i32) -> Request {
    let (_, mut frames) = message.read().unwrap();
    let map = frames.str().unwrap();
    let key = &data(&mut frames);
    let value = frames.more().then(|| data(&mut frames));
    let entry = map::Entry { map, partition, key, thread: 1 };
    let lifetime = map::Lifetime::default();
    match (message.message_type(), value) {
        (types::MAP_GET, None) => entry.get(),
        (types::MAP_REMOVE, None) => entry.remove(),
        (types::MAP_CONTAINS_KEY, None) => entry.contains_key(),
        (types::MAP_PUT, Some(value)) => entry.put(&value, lifetime),
        (types::MAP_SET, Some(value)) => entry.set(&value, lifetime),
        (types::MAP_PUT_IF_ABSENT, Some(value)) => entry.put_if_absent(&value, lifetime),
        (other, _) => panic!("{other:#x}"),
    }
}

fn transaction_id(message: &Message) -> transaction::TransactionId {
    let (fixed, _) = message.read().unwrap();
    transaction::TransactionId { id: fixed.uuid(16).unwrap().unwrap(), thread: fixed.i64(33).unwrap() }
}

fn transactional(message: &Message) -> Request {
    let (fixed, mut frames) = message.read().unwrap();
    let ttl = fixed.has(49).then(|| fixed.i64(41).unwrap());
    let map = frames.str().unwrap();
    let mut values = Vec::new();
    while frames.more() {
        values.push(data(&mut frames));
    }
    let values: Vec<_> = values.iter().collect();
    transaction::on_map(message.message_type(), transaction_id(message), map, ttl, &values)
}

fn query_id(frames: &mut Frames<'_>) -> sql::QueryId {
    frames.begin().unwrap();
    let fixed = Fixed(frames.value().unwrap().content);
    let uuid = |at| Uuid::from_u64_pair(fixed.i64(at).unwrap() as u64, fixed.i64(at + 8).unwrap() as u64);
    let query = sql::QueryId { member: uuid(0), local: uuid(16) };
    frames.finish().unwrap();
    query
}

fn execute(message: &Message) -> Request {
    let (fixed, mut frames) = message.read().unwrap();
    let sql = frames.str().unwrap();
    let arguments = frames.list(|frames| frames.nullable(|frames| Ok(data(frames).to_value().unwrap())));
    let arguments: Vec<_> =
        arguments.unwrap().into_iter().map(|value| value.unwrap_or(Value::Null)).collect();
    let schema = frames.nullable_string().unwrap();
    sql::execute(&sql::Execute {
        sql,
        arguments: &arguments,
        timeout_millis: fixed.i64(16).unwrap(),
        cursor_buffer_size: fixed.i32(24).unwrap(),
        schema: schema.as_deref(),
        expected: match fixed.u8(28).unwrap() {
            0 => ExpectedResult::Any,
            1 => ExpectedResult::Rows,
            _ => ExpectedResult::UpdateCount,
        },
        skip_update_statistics: fixed.bool(29).unwrap(),
        query: query_id(&mut frames),
    })
    .unwrap()
}

fn authentication(message: &Message) -> Request {
    let (fixed, mut frames) = message.read().unwrap();
    let cluster_name = frames.str().unwrap();
    let credentials = if message.message_type() == types::AUTHENTICATION_CUSTOM {
        Credentials::Token(frames.value().unwrap().content.to_vec())
    } else {
        match (frames.nullable_string().unwrap(), frames.nullable_string().unwrap()) {
            (Some(username), Some(password)) => Credentials::UsernamePassword { username, password },
            (None, None) => Credentials::None,
            // Recorded with a name alone, to see it refused: this client can't say that.
            (Some(username), None) => return name_without_password(message, username),
            (None, Some(_)) => panic!("password without a name"),
        }
    };
    let (client_type, client_version, client_name) =
        (frames.str().unwrap(), frames.str().unwrap(), frames.str().unwrap());
    let labels = frames.list(Frames::string).unwrap();
    auth::request(&auth::Identity {
        client_uuid: fixed.uuid(16).unwrap().unwrap(),
        cluster_name,
        credentials: &credentials,
        client_type,
        client_version,
        client_name,
        labels: &labels,
        routing: if fixed.has(35) && fixed.u8(34).unwrap() == 0 {
            Routing::SingleMember
        } else {
            Routing::AllMembers
        },
    })
}

fn name_without_password(message: &Message, username: String) -> Request {
    assert!(username.is_empty() || username == "admin");
    generic(message, -1)
}

/// The same frames again.
fn generic(message: &Message, partition: i32) -> Request {
    let (fixed, mut frames) = message.read().unwrap();
    let mut request = RequestBuilder::new(message.message_type(), partition);
    for byte in &fixed.0[16..] {
        request.u8(*byte);
    }
    while frames.more() {
        let frame = frames.next().unwrap();
        if frame.is(crate::protocol::frame::BEGIN) {
            request.begin();
        } else if frame.is(crate::protocol::frame::END) {
            request.end();
        } else if frame.is(NULL) {
            request.null();
        } else {
            request.frame(frame.content);
        }
    }
    request.finish()
}

/// That the values of the serialized vectors are read as what their names say.
pub(super) fn check_value(name: &str, value: &Value) {
    let expected = match name {
        "data_bool_true" => Value::Boolean(true),
        "data_byte" => Value::TinyInt(-5),
        "data_char" => Value::Character(65),
        "data_short" => Value::SmallInt(-300),
        "data_int" => Value::Integer(7),
        "data_long" => Value::BigInt(1 << 40),
        "data_float" => Value::Real(1.5),
        "data_double" => Value::Double(-2.25),
        "data_string" => Value::Varchar("héllo 😀".to_string()),
        "data_bigdecimal_neg" => Value::Decimal(Decimal::from_i128(-1, 3)),
        "data_biginteger" => Value::BigInteger(Decimal::from_i128(12_345_678_901_234_567_890, 0)),
        "data_localdate" => Value::Date(Date { year: 2024, month: 2, day: 29 }),
        "data_json" => Value::Json("{\"a\":1}".to_string()),
        "data_object_array" => {
            Value::Objects(vec![Value::Integer(1), Value::Varchar("a".to_string()), Value::Null])
        }
        "data_hash_map" => Value::Map(vec![(Value::Varchar("a".to_string()), Value::Integer(1))]),
        "data_optional" => Value::Other {
            type_id: -50,
            payload: Bytes::from_static(&[1, 0xff, 0xff, 0xff, 0xf9, 0, 0, 0, 1]),
        },
        _ => return,
    };
    assert_eq!(*value, expected, "{name}");
}
