//! Sessions, prepared statements and cursors as rows.

use pg::{Oid, Result, Value, oid};

use super::statistics::row_of;
use super::{SystemCall, SystemSetFunction, args};
use crate::parse::normalize::query_id;
use crate::session::Activity;

pub(super) const SETS: &[(&str, SystemSetFunction)] = &[
    ("pg_stat_get_activity", activity),
    ("pg_prepared_statement", prepared_statements),
    ("pg_cursor", cursors),
];

/// `pg_stat_get_activity(pid)`: all sessions when the argument is NULL.
fn activity(call: &SystemCall<'_>, args: &[Value]) -> Result<Vec<Vec<Value>>> {
    const FUNCTION: Oid = Oid(2022);
    let wanted = args.first().and_then(Value::as_i64);
    let sessions = sessions(call);
    let rows = sessions.iter().filter(|session| wanted.is_none_or(|pid| i64::from(session.pid) == pid));
    Ok(rows.map(|session| row_of(FUNCTION, |column| field(call, session, column))).collect())
}

/// All sessions of this instance, or this one alone where nothing tells of others.
pub(super) fn sessions(call: &SystemCall<'_>) -> Vec<Activity> {
    let mut sessions = call.session.instance.activity();
    if sessions.is_empty() {
        sessions.push(own(call));
    }
    sessions
}

/// This session, as far as it knows itself.
fn own(call: &SystemCall<'_>) -> Activity {
    let settings = call.session.settings();
    Activity {
        pid: call.session.backend_pid,
        database: call.catalog.name().clone(),
        user: settings.session_user(),
        application_name: settings.get("application_name"),
        client: call.session.client,
        backend_start: call.session.backend_start,
        transaction_start: Some(call.call.env.transaction_timestamp),
        query_start: Some(call.call.env.statement_timestamp),
        state_change: Some(call.call.env.statement_timestamp),
        state: "active",
        ..Activity::default()
    }
}

fn field(call: &SystemCall<'_>, session: &Activity, column: &str) -> Value {
    let time = |at: Option<i64>| at.map_or(Value::Null, Value::TimestampTz);
    match column {
        "datid" => call
            .catalog
            .scan(crate::catalog::system::tables::PG_DATABASE)
            .find(|row| row.text(1) == &*session.database)
            .map_or(Value::Null, |row| Value::Oid(row.oid(0))),
        "pid" => Value::Int4(session.pid),
        "usesysid" => call.catalog.role_oid(&session.user).map_or(Value::Null, Value::Oid),
        "application_name" => Value::text(session.application_name.as_str()),
        "state" => Value::text(session.state),
        // Whoever runs nothing waits for its client.
        "wait_event_type" if session.is_idle() => Value::text("Client"),
        "wait_event" if session.is_idle() => Value::text("ClientRead"),
        "query_id" if !session.query_cut => query_id(&session.query).map_or(Value::Null, Value::Int8),
        "query" => Value::text(session.query.as_str()),
        "xact_start" => time(session.transaction_start),
        "query_start" => time(session.query_start),
        "backend_start" => time(Some(session.backend_start)),
        "state_change" => time(session.state_change),
        "client_addr" => {
            session.client.map_or(Value::Null, |client| pg::Other::Inet(client.ip().into()).into())
        }
        "client_port" => session.client.map_or(Value::Null, |client| Value::Int4(client.port().into())),
        "backend_type" => Value::text("client backend"),
        "ssl" => Value::Bool(session.tls),
        "gss_auth" | "gss_enc" => Value::Bool(false),
        _ => Value::Null,
    }
}

fn prepared_statements(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    let statements = call.session.instance.prepared_statements(call.session.backend_pid);
    Ok(statements
        .into_iter()
        .map(|statement| {
            let types = statement.parameter_types.into_iter().map(Value::Oid).collect();
            vec![
                Value::text(statement.name),
                Value::text(statement.statement),
                Value::TimestampTz(statement.prepared_at),
                args::make_array(oid::REGTYPE, types),
                Value::Bool(statement.from_sql),
                Value::Int8(0),
                Value::Int8(0),
            ]
        })
        .collect())
}

fn cursors(call: &SystemCall<'_>, _: &[Value]) -> Result<Vec<Vec<Value>>> {
    let cursors = call.session.instance.cursors(call.session.backend_pid);
    Ok(cursors
        .into_iter()
        .map(|cursor| {
            vec![
                Value::text(cursor.name),
                Value::text(cursor.statement),
                Value::Bool(cursor.holdable),
                Value::Bool(cursor.binary),
                Value::Bool(cursor.scrollable),
                Value::TimestampTz(cursor.created_at),
            ]
        })
        .collect())
}
