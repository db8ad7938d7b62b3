//! Who and where the session is, and its settings.

use std::net::SocketAddr;
use std::sync::Arc;

use pg::{Result, Value, oid};

use super::{SystemCall, SystemFunction, args};
use crate::catalog::lookup::full_path;
use crate::settings::{Scope, encoding};

pub(super) const FUNCTIONS: &[(&str, SystemFunction)] = &[
    ("current_database", |call, _| Ok(Value::Text(call.catalog.name().clone()))),
    ("current_schema", |call, _| {
        Ok(call.path().first().map_or(Value::Null, |schema| Value::Text(schema.clone())))
    }),
    ("current_schemas", current_schemas),
    ("current_user", |call, _| Ok(Value::Text(call.session.settings().current_user()))),
    ("session_user", |call, _| Ok(Value::Text(call.session.settings().session_user()))),
    ("drandom", |call, _| Ok(Value::Float8(call.session.random()))),
    ("setseed", set_seed),
    ("pgsql_version", version),
    ("pg_backend_pid", |call, _| Ok(Value::Int4(call.session.backend_pid))),
    ("pg_postmaster_start_time", |call, _| Ok(Value::TimestampTz(call.session.server_start))),
    ("pg_conf_load_time", |call, _| Ok(Value::TimestampTz(call.session.server_start))),
    ("inet_client_addr", |call, _| Ok(address(call.session.client))),
    ("inet_client_port", |call, _| Ok(port(call.session.client))),
    ("inet_server_addr", |call, _| Ok(address(call.session.server))),
    ("inet_server_port", |call, _| Ok(port(call.session.server))),
    ("show_config_by_name", |call, args| call.session.settings().show(args::text(args, 0)?).map(Value::text)),
    ("show_config_by_name_missing_ok", current_setting_missing_ok),
    ("set_config_by_name", set_config),
    ("pg_settings_get_flags", settings_flags),
    ("getdatabaseencoding", |call, _| Ok(Value::text(call.session.settings().get("server_encoding")))),
    ("pg_client_encoding", |call, _| Ok(Value::text(call.session.settings().get("client_encoding")))),
    ("PG_encoding_to_char", |_, args| {
        Ok(Value::text(encoding::name(i32::try_from(args::int(args, 0)?).unwrap_or(-1))))
    }),
    ("PG_char_to_encoding", |_, args| Ok(Value::Int4(encoding::number(args::text(args, 0)?)))),
    ("pg_encoding_max_length_sql", max_length),
    ("pg_is_in_recovery", |_, _| Ok(Value::Bool(false))),
    ("pg_is_wal_replay_paused", |_, _| Err(not_in_recovery())),
    ("pg_last_wal_receive_lsn", |_, _| Ok(Value::Null)),
    ("pg_last_wal_replay_lsn", |_, _| Ok(Value::Null)),
    ("pg_last_xact_replay_timestamp", |_, _| Ok(Value::Null)),
    ("pg_jit_available", |_, _| Ok(Value::Bool(false))),
    ("pg_trigger_depth", |_, _| Ok(Value::Int4(0))),
    ("pg_my_temp_schema", |_, _| Ok(Value::Oid(pg::Oid::INVALID))),
    ("pg_is_other_temp_schema", |_, _| Ok(Value::Bool(false))),
    ("pg_notification_queue_usage", |_, _| Ok(Value::Float8(0.0))),
    ("pg_cancel_backend", |call, args| signal(call, args, |call, pid| call.session.instance.cancel(pid))),
    ("pg_terminate_backend", |call, args| {
        signal(call, args, |call, pid| call.session.instance.terminate(pid))
    }),
    // Nobody can hold an advisory lock here (taking one is refused), so there is never one to give back.
    ("pg_advisory_unlock_all", |_, _| Ok(Value::Void)),
    ("pg_advisory_unlock_int8", |_, _| Ok(Value::Bool(false))),
    ("pg_advisory_unlock_int4", |_, _| Ok(Value::Bool(false))),
    ("pg_advisory_unlock_shared_int8", |_, _| Ok(Value::Bool(false))),
    ("pg_advisory_unlock_shared_int4", |_, _| Ok(Value::Bool(false))),
    ("pg_stat_clear_snapshot", |_, _| Ok(Value::Void)),
    ("pg_stat_force_next_flush", |_, _| Ok(Value::Void)),
    ("get_current_ts_config", |call, _| {
        let name = call.session.settings().get("default_text_search_config");
        call.catalog.reg_in(oid::REGCONFIG, &name, &call.path()).map(Value::Oid)
    }),
];

fn not_in_recovery() -> pg::Error {
    pg::Error::new(pg::SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "recovery is not in progress")
        .hint("Recovery control functions can only be executed during recovery.")
}

/// `current_schemas(include_implicit)`
fn current_schemas(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let path = call.path();
    let schemas: Vec<Value> = if args::bool(args, 0)? {
        full_path(&path).map(Value::text).collect()
    } else {
        path.iter().map(|schema| Value::Text(schema.clone())).collect()
    };
    Ok(args::make_array(oid::NAME, schemas))
}

/// `version()`: tools read the number behind the first word.
fn version(call: &SystemCall<'_>, _: &[Value]) -> Result<Value> {
    let version = call.session.settings().get("server_version");
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(Value::text(format!("PostgreSQL {version} on {arch}-{os}, compiled by rustc, 64-bit")))
}

fn address(of: Option<SocketAddr>) -> Value {
    of.map_or(Value::Null, |address| pg::Other::Inet(address.ip().into()).into())
}

/// `setseed()`
fn set_seed(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let seed = match args {
        [Value::Float8(seed)] => *seed,
        _ => return Err(pg::Error::internal("setseed met an argument of another kind")),
    };
    call.session.seed(seed)?;
    Ok(Value::Void)
}

fn port(of: Option<SocketAddr>) -> Value {
    of.map_or(Value::Null, |address| Value::Int4(address.port().into()))
}

fn current_setting_missing_ok(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let settings = call.session.settings();
    let name = args::text(args, 0)?;
    match settings.find(name) {
        Some(value) => Ok(Value::text(value)),
        None if args::bool(args, 1)? => Ok(Value::Null),
        None => settings.show(name).map(Value::text),
    }
}

/// `set_config(name, value, is_local)`: not strict; NULL resets, NULL for `is_local` is false.
fn set_config(call: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let Some(name) = args.first().and_then(Value::as_str) else {
        return Err(pg::Error::new(pg::SqlState::NULL_VALUE_NOT_ALLOWED, "SET requires parameter name"));
    };
    let value = args.get(1).and_then(Value::as_str);
    let scope = if args.get(2).is_some_and(Value::is_true) { Scope::Local } else { Scope::Session };
    let mut settings = call.session.settings();
    settings.set(name, value, scope)?;
    if scope == Scope::Local {
        // Outside a transaction block the value is gone with the statement, but it is what is answered.
        let mut inside = settings.clone();
        inside.begin();
        inside.set(name, value, scope)?;
        return Ok(Value::text(inside.get(name)));
    }
    Ok(Value::text(settings.get(name)))
}

fn settings_flags(_: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    let name = args::text(args, 0)?;
    let row = pg::catalog::settings().rows().find_map(|mut row| {
        let known = row.next().flatten()?;
        known.eq_ignore_ascii_case(name).then(|| row.last().flatten().unwrap_or_default())
    });
    Ok(args::or_null(row.map(|flags| {
        let inner = flags.trim_matches(['{', '}']);
        args::texts(inner.split(',').filter(|flag| !flag.is_empty()).map(Arc::<str>::from))
    })))
}

/// `pg_encoding_max_length(encoding)`
fn max_length(_: &SystemCall<'_>, args: &[Value]) -> Result<Value> {
    // encnames.c and wchar.c: bytes of the longest character.
    const LENGTHS: [i32; 42] = [
        1, 3, 3, 3, 4, 3, 4, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 2, 2, 2, 2, 4, 3, 2,
    ];
    let length = usize::try_from(args::int(args, 0)?).ok().and_then(|i| LENGTHS.get(i));
    Ok(length.map_or(Value::Null, |length| Value::Int4(*length)))
}

/// Asks another session to stop, which may not be there.
fn signal(call: &SystemCall<'_>, args: &[Value], act: fn(&SystemCall<'_>, i32) -> bool) -> Result<Value> {
    let pid = i32::try_from(args::int(args, 0)?).unwrap_or(0);
    Ok(Value::Bool(act(call, pid)))
}
