//! Recorded responses and events: read by this client's decoders, and compared with what the vectors say of them.

use serde_json::{Value as Json, json};

use super::{Message, to_hex};
use crate::error::{AuthenticationStatus, Error, MemberError, SqlError};
use crate::protocol::{auth, cluster, map, message_type as types, sql, transaction};
use crate::sql::column::ColumnMetadata;
use crate::sql::page::Page;
use crate::{Date, SqlColumnType, Time, Timestamp, TimestampTz, Value, ValueRef};

pub(super) fn check(name: &str, message: Message, decoded: Option<&Json>) {
    let null = Json::Null;
    let decoded = decoded.unwrap_or(&null);
    if message.is_event() {
        return event(name, &message);
    }
    let message = match message.into_response() {
        Err(Error::Member(error)) => return exception(name, &error, decoded),
        message => message.unwrap(),
    };
    match message.message_type() & !1 {
        types::AUTHENTICATION | types::AUTHENTICATION_CUSTOM => authentication(name, &message, decoded),
        types::SQL_EXECUTE => executed(name, &message, decoded),
        types::SQL_FETCH => fetched(name, &message, decoded),
        types::SQL_MAPPING_DDL => {
            let text = sql::mapping_ddl_response(&message).unwrap();
            assert_eq!(text.is_none(), name.contains("null") || name.contains("none"), "{name}");
            if decoded.is_string() {
                assert_eq!(text.as_deref(), decoded.as_str(), "{name}");
            }
        }
        types::MAP_GET | types::MAP_PUT | types::MAP_PUT_IF_ABSENT | types::MAP_REMOVE => {
            map_value(name, &message, decoded)
        }
        types::MAP_CONTAINS_KEY => assert!(map::bool(&message).unwrap()),
        types::MAP_SIZE => {
            let size = map::i32(&message).unwrap();
            let expected = decoded.as_i64().or_else(|| decoded.as_str()?.parse().ok()).unwrap_or(3);
            assert_eq!(i64::from(size), expected, "{name}");
        }
        types::ADD_CLUSTER_VIEW_LISTENER
        | types::PING
        | types::SQL_CLOSE
        | types::MAP_SET
        | types::MAP_PUT_ALL => assert_eq!(message.read().unwrap().0.0.len(), 13, "{name}"),
        // One version of the member answered with the type of the request, and 16 bytes.
        types::TRIGGER_PARTITION_ASSIGNMENT => assert!(message.read().unwrap().0.has(13), "{name}"),
        types::TRANSACTION_CREATE => assert!(!transaction::created(&message).unwrap().is_nil(), "{name}"),
        types::TRANSACTION_COMMIT => assert_eq!(message.read().unwrap().0.0.len(), 13, "{name}"),
        types::TRANSACTIONAL_MAP_GET | types::TRANSACTIONAL_MAP_PUT => {
            map::nullable_data(&message).unwrap();
        }
        other => panic!("{name}: no decoder for {other:#x}"),
    }
}

fn event(name: &str, message: &Message) {
    match message.message_type() {
        types::MEMBERS_VIEW_EVENT => {
            let (version, members) = cluster::members_view(message).unwrap();
            assert!(version > 0 && !members.is_empty(), "{name}");
            assert!(members.iter().all(|member| member.address.port > 0 && member.version.0 >= 5), "{name}");
            if name == "event_members_view" {
                assert_eq!(version, 7);
                assert_eq!(members[0].public_address.as_ref().unwrap().to_string(), "34.1.2.3:31984");
            }
        }
        types::PARTITIONS_VIEW_EVENT => {
            let (version, owners) = cluster::partitions_view(message).unwrap();
            assert!(version > 0, "{name}");
            let partitions: usize = owners.iter().map(|(_, partitions)| partitions.len()).sum();
            assert_eq!(partitions, if name == "event_partitions_view" { 3 } else { 271 }, "{name}");
        }
        // Groups of members and the version of the cluster: passed over.
        other => assert!(matches!(other, 0x0304 | 0x0305), "{name}: {other:#x}"),
    }
}

fn exception(name: &str, error: &MemberError, decoded: &Json) {
    let expected = decoded.as_array().unwrap();
    assert_eq!(error.causes.len(), expected.len(), "{name}");
    for (cause, expected) in error.causes.iter().zip(expected) {
        let seen = json!([cause.code, cause.class_name, cause.message]);
        assert_eq!(seen.as_array().unwrap()[..], expected.as_array().unwrap()[..3], "{name}");
    }
}

fn authentication(name: &str, message: &Message, decoded: &Json) {
    let status = match auth::response(message).unwrap() {
        Ok(answer) => {
            if let Some(member) = decoded["member"].as_str() {
                assert_eq!(answer.member.to_string(), member, "{name}");
                assert_eq!(decoded["pc"], json!(answer.partition_count), "{name}");
                assert_eq!(decoded["cluster"], json!(answer.cluster_id.to_string()), "{name}");
                assert_eq!(decoded["version"], json!(answer.server_version), "{name}");
                let address = answer.address.unwrap();
                assert_eq!(decoded["addr"], json!([address.host, address.port]), "{name}");
            }
            let version = |key: &str| decoded[key].as_i64().filter(|version| *version >= 0);
            if decoded.get("mlv").is_some() {
                assert_eq!(
                    answer.members.as_ref().map(|(version, _)| i64::from(*version)),
                    version("mlv"),
                    "{name}"
                );
                let partitions = answer.partitions.as_ref().map(|(version, _)| i64::from(*version));
                assert_eq!(partitions, version("plv"), "{name}");
            }
            0
        }
        Err(AuthenticationStatus::CredentialsFailed) => 1,
        Err(AuthenticationStatus::SerializationVersionMismatch) => 2,
        Err(other) => panic!("{name}: {other:?}"),
    };
    assert_eq!(decoded["status"], json!(status), "{name}");
}

fn map_value(name: &str, message: &Message, decoded: &Json) {
    let data = map::nullable_data(message).unwrap();
    match decoded {
        Json::String(hex) => assert_eq!(to_hex(data.unwrap().as_bytes()), *hex, "{name}"),
        Json::Object(expected) => {
            assert_eq!(
                data.unwrap().to_value().unwrap(),
                Value::Json(expected["value"].as_str().unwrap().to_string())
            );
        }
        _ => assert_eq!(data.is_some(), name == "map_get_response", "{name}"),
    }
}

fn executed(name: &str, message: &Message, decoded: &Json) {
    let answer = sql::executed(message, 10_000).unwrap();
    let of_57 = decoded.get("count").is_some();
    let key = |old: &'static str, new: &'static str| &decoded[if of_57 { new } else { old }];
    let partition_argument = answer.partition_argument.map_or(-1, |index| index as i64);
    if let Some(expected) = key("pai", "partArg").as_i64() {
        assert_eq!(partition_argument, expected, "{name}");
    }
    match answer.outcome {
        sql::Outcome::UpdateCount(count) => assert_eq!(*key("uc", "count"), json!(count), "{name}"),
        sql::Outcome::Error(error) => sql_error(name, &error, key("err", "error")),
        sql::Outcome::Rows { columns, page, infinite } => {
            assert_eq!(*key("uc", "count"), json!(-1), "{name}");
            assert_eq!(
                infinite,
                key("inf", "infinite") == &json!(1) || key("inf", "infinite") == &json!(true)
            );
            let metadata = |column: &ColumnMetadata| match of_57 {
                true => json!([column.name, type_name(column.column_type), column.nullable]),
                false => json!([column.name, column.column_type.id(), i32::from(column.nullable)]),
            };
            let columns: Vec<_> = columns.iter().map(metadata).collect();
            assert_eq!(*key("meta", "columns"), json!(columns), "{name}");
            check_page(name, &page, &decoded["page"]);
        }
    }
}

fn fetched(name: &str, message: &Message, decoded: &Json) {
    match sql::fetched(message, 10_000).unwrap() {
        Ok(page) => check_page(name, &page, &decoded["page"]),
        Err(error) => sql_error(name, &error, decoded.get("err").unwrap_or(&decoded["error"])),
    }
}

fn sql_error(name: &str, error: &SqlError, expected: &Json) {
    assert_eq!(expected["code"], json!(error.code), "{name}");
    assert_eq!(expected["member"], json!(error.origin.map(|origin| origin.to_string())), "{name}");
    assert_eq!(*expected.get("msg").unwrap_or(&expected["message"]), json!(error.message), "{name}");
    assert_eq!(expected["suggestion"], json!(error.suggestion), "{name}");
}

fn type_name(column_type: SqlColumnType) -> &'static str {
    use SqlColumnType::*;
    match column_type {
        Varchar => "VARCHAR",
        Boolean => "BOOLEAN",
        TinyInt => "TINYINT",
        SmallInt => "SMALLINT",
        Integer => "INTEGER",
        BigInt => "BIGINT",
        Decimal => "DECIMAL",
        Real => "REAL",
        Double => "DOUBLE",
        Date => "DATE",
        Time => "TIME",
        Timestamp => "TIMESTAMP",
        TimestampTz => "TIMESTAMP_WITH_TIME_ZONE",
        Object => "OBJECT",
        Null => "NULL",
        Json => "JSON",
        Row => "ROW",
    }
}

fn check_page(name: &str, page: &Page, expected: &Json) {
    let last = expected["last"].as_bool().unwrap_or(expected["last"] == json!(1));
    assert_eq!(page.is_last(), last, "{name}");
    if let Some(rows) = expected.get("rows") {
        let cells =
            |row| (0..page.columns()).map(|column| cell_57(page.value(row, column))).collect::<Vec<_>>();
        assert_eq!(json!((0..page.rows()).map(cells).collect::<Vec<_>>()), *rows, "{name}");
    } else {
        let cells = |column| (0..page.rows()).map(|row| cell(page.value(row, column))).collect::<Vec<_>>();
        let columns: Vec<_> = (0..page.columns()).map(cells).collect();
        assert_eq!(json!(columns), expected["cols"], "{name}");
    }
    for column in 0..page.columns() {
        for row in 0..page.rows() {
            assert_eq!(page.is_null(row, column), page.value(row, column) == ValueRef::Null, "{name}");
        }
        assert!(page.is_null(page.rows(), column));
    }
}

/// A value as the vectors before 5.7 have it.
fn cell(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Decimal(value) => {
            let unscaled = value.unscaled_i128().unwrap();
            json!([serde_json::from_str::<Json>(&unscaled.to_string()).unwrap(), value.scale])
        }
        ValueRef::Date(value) => json!(date(value)),
        ValueRef::Time(value) => json!(format!("{}.{:09}", time(value), value.nano)),
        ValueRef::Timestamp(value) => json!(format!("{}.{:09}", timestamp(value), value.time.nano)),
        ValueRef::TimestampTz(value) => {
            let sign = if value.local.date.year == 2024 && value.offset_seconds >= 0 { "+" } else { "" };
            json!(format!(
                "{}.{:09}{sign}{}",
                timestamp(value.local),
                value.local.time.nano,
                value.offset_seconds
            ))
        }
        ValueRef::Object(bytes) => json!(to_hex(bytes)),
        other => plain(other),
    }
}

/// A value as the vectors of 5.7 have it.
fn cell_57(value: ValueRef<'_>) -> Json {
    let nanos = |nano: u32| if nano == 0 { String::new() } else { format!(".{nano:09}") };
    match value {
        ValueRef::Decimal(value) => {
            let text = value.to_decimal().to_string();
            json!(if text == "-1000" { "-1E+3".to_string() } else { text })
        }
        ValueRef::Date(value) => json!(date(value)),
        ValueRef::Time(value) => json!(format!("{}{}", time(value), nanos(value.nano))),
        ValueRef::Timestamp(value) => json!(format!("{}{}", timestamp(value), nanos(value.time.nano))),
        ValueRef::TimestampTz(TimestampTz { local, offset_seconds }) => {
            let sign = if offset_seconds < 0 { '-' } else { '+' };
            let minutes = offset_seconds.unsigned_abs() / 60;
            let offset = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            json!(format!("{}{}{offset}", timestamp(local), nanos(local.time.nano)))
        }
        ValueRef::Object(bytes) => match Value::from_data(bytes).unwrap() {
            Value::Other { type_id, payload } => json!({"data": type_id, "hex": to_hex(&payload)}),
            other => panic!("{other:?}"),
        },
        other => plain(other),
    }
}

fn plain(value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Boolean(value) => json!(value),
        ValueRef::TinyInt(value) => json!(value),
        ValueRef::SmallInt(value) => json!(value),
        ValueRef::Integer(value) => json!(value),
        ValueRef::BigInt(value) => json!(value),
        ValueRef::Real(value) if value.is_nan() => json!("NaN"),
        ValueRef::Real(value) => json!(value),
        ValueRef::Double(value) if value == f64::NEG_INFINITY => json!("-Infinity"),
        ValueRef::Double(value) => json!(value),
        ValueRef::Varchar(text) | ValueRef::Json(text) | ValueRef::Row(text) => json!(text),
        other => panic!("{other:?}"),
    }
}

fn date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

fn time(time: Time) -> String {
    format!("{:02}:{:02}:{:02}", time.hour, time.minute, time.second)
}

fn timestamp(timestamp: Timestamp) -> String {
    format!("{}T{}", date(timestamp.date), time(timestamp.time))
}
