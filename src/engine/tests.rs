//! Statements that need no cluster, through the engine as sessions use it.

use std::sync::Arc;
use std::time::Duration;

use pg::{Oid, Value, oid};
use sql::exec::CancelToken;
use sql::parse::hazelcast::HazelcastStatement;
use sql::session::Session as SqlSession;
use sql::settings::{Defaults, Scope, Settings};

use super::SqlEngine;
use super::passed::Passed;
use crate::cluster::Cluster;
use crate::config::Limits;
use crate::session::engine::{Batch, Engine, Notices, Outcome, ParsedKind, Prepared, Surroundings};
use crate::session::variables::{Variables, now};

fn engine() -> SqlEngine {
    // Nobody listens there, and nobody is asked.
    let settings = crate::config::Settings {
        cluster: Some("nobody@127.0.0.1:1".into()),
        ..crate::config::Settings::default()
    };
    let config = settings.finish().unwrap();
    let cluster = Cluster::start(&config).unwrap();
    let limits = Limits {
        max_connections: 1,
        drain_timeout: Duration::ZERO,
        dml_timeout: Duration::from_secs(1),
        statement_memory: 1 << 20,
        workers: 1,
    };
    SqlEngine::new(cluster, &limits)
}

fn around(engine: &SqlEngine, settings: &[(&str, &str)]) -> Surroundings {
    let mut own = Settings::new(Arc::new(Defaults::new("test")), "ann");
    for (name, value) in settings {
        own.set(name, Some(value), Scope::Session).unwrap();
    }
    let variables = Variables::new(Arc::new(SqlSession::new(own)));
    let mut around = Surroundings {
        env: variables.env(now(), now(), Arc::new(pg::env::NoNames)),
        variables,
        user: "ann".into(),
        database: "films".into(),
        notices: Notices::default(),
        cancel: CancelToken::new(),
    };
    around.env.names = engine.names(&around);
    around
}

async fn prepare(
    engine: &SqlEngine,
    text: &str,
    declared: Option<&[Oid]>,
    around: &Surroundings,
) -> Arc<dyn Prepared> {
    match engine.parse(text, declared.is_some()).unwrap().remove(0).kind {
        ParsedKind::Sql(statement) => statement.analyze(declared, around).await.unwrap(),
        ParsedKind::Command(command) => panic!("{command:?}"),
    }
}

async fn value(prepared: &Arc<dyn Prepared>, around: &Surroundings) -> Value {
    let Ok(Outcome::Rows(mut rows)) = prepared.execute(Arc::new([]), None, around).await else {
        panic!("no rows")
    };
    match rows.next().await {
        Ok(Some(Batch::Values(mut rows))) => rows.remove(0).remove(0),
        _ => panic!("no value"),
    }
}

/// Sends a text as often as it takes to be kept.
async fn keep(engine: &SqlEngine, text: &str, around: &Surroundings) -> Arc<dyn Prepared> {
    prepare(engine, text, None, around).await;
    prepare(engine, text, None, around).await
}

#[tokio::test]
async fn a_text_that_comes_again_has_its_plan_whoever_sends_it() {
    let engine = engine();
    let (one, two) = (around(&engine, &[]), around(&engine, &[("application_name", "x")]));
    let kept = keep(&engine, "SELECT 40 + 2", &one).await;
    let again = prepare(&engine, "SELECT 40 + 2", None, &two).await;
    assert!(Arc::ptr_eq(&kept, &again));
    assert_eq!(value(&again, &two).await, Value::Int4(42));
}

/// There is no member: whoever asks one fails.
#[tokio::test(flavor = "multi_thread")]
async fn statements_without_a_table_of_the_cluster_ask_no_member() {
    let engine = engine();
    let around = around(&engine, &[]);
    for (text, expected) in [
        ("SELECT 1", Value::Int4(1)),
        ("SELECT length(upper('abc') || 'd')", Value::Int4(4)),
        ("SELECT (SELECT max(x) FROM (VALUES (1), (3), (2)) v(x))", Value::Int4(3)),
        ("SELECT count(*) FROM generate_series(1, 10) x WHERE x % 2 = 0", Value::Int8(5)),
        (
            "WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 5) SELECT max(x) FROM n",
            Value::Int4(5),
        ),
    ] {
        for _ in 0..3 {
            let prepared = prepare(&engine, text, None, &around).await;
            assert_eq!(value(&prepared, &around).await, expected, "{text}");
        }
    }
}

#[tokio::test]
async fn a_literal_whose_value_matters_makes_another_plan() {
    let engine = engine();
    let around = around(&engine, &[]);
    let texts = [
        ("SELECT 2000000000 + 1", oid::INT4, Value::Int4(2_000_000_001)),
        ("SELECT 3000000000 + 1", oid::INT8, Value::Int8(3_000_000_001)),
        ("SELECT coalesce(1, 2)", oid::INT4, Value::Int4(1)),
        ("SELECT coalesce(NULL, 2)", oid::INT4, Value::Int4(2)),
    ];
    for _ in 0..3 {
        for (text, ty, expected) in &texts {
            let prepared = prepare(&engine, text, None, &around).await;
            assert_eq!(prepared.columns().unwrap()[0].ty.oid, *ty, "{text}");
            assert_eq!(value(&prepared, &around).await, *expected, "{text}");
        }
    }
}

#[tokio::test]
async fn settings_that_give_a_text_another_meaning_make_another_plan() {
    let engine = engine();
    let text = "SELECT '2020-02-03 12:00'::timestamptz";
    let mut values = Vec::new();
    for settings in [
        &[("TimeZone", "UTC")][..],
        &[("TimeZone", "America/New_York")],
        &[("DateStyle", "SQL, DMY")],
        &[("TimeZone", "UTC"), ("hazelgres.enable_keys", "off")],
    ] {
        let around = around(&engine, settings);
        let kept = keep(&engine, text, &around).await;
        assert!(Arc::ptr_eq(&kept, &prepare(&engine, text, None, &around).await));
        assert!(values.iter().all(|(other, _)| !Arc::ptr_eq(other, &kept)), "{settings:?}");
        let value = value(&kept, &around).await;
        values.push((kept, value));
    }
    assert_ne!(values[0].1, values[1].1, "the time zone is in the value");
    assert_eq!(values[0].1, values[3].1);
}

#[tokio::test]
async fn declared_types_and_the_moment_are_not_mixed_up() {
    let engine = engine();
    let around = around(&engine, &[]);
    for _ in 0..3 {
        for (ty, declared) in [(oid::INT8, Some(&[oid::INT8][..])), (oid::TEXT, Some(&[]))] {
            let prepared = prepare(&engine, "SELECT $1", declared, &around).await;
            assert_eq!((prepared.parameter_types(), prepared.columns().unwrap()[0].ty.oid), (&[ty][..], ty));
        }
    }
    let moment = "SELECT 'now'::timestamptz";
    let kept = keep(&engine, moment, &around).await;
    assert!(!Arc::ptr_eq(&kept, &prepare(&engine, moment, None, &around).await));
}

#[tokio::test]
async fn a_change_after_which_the_catalog_can_not_be_read_is_done_with_a_warning() {
    let engine = engine();
    let around = around(&engine, &[]);
    for (words, warned) in [("CREATE MAPPING", true), ("DROP MAPPING", true), ("DROP JOB", false)] {
        let statement = HazelcastStatement { words, text: 0..words.len() };
        Passed::new(&engine.shared, &words.into(), &statement).look_again(&around).await;
        let notices = around.notices.take();
        assert_eq!(notices.len(), usize::from(warned), "{words}");
        for notice in notices {
            assert_eq!(notice.code().as_str(), "01000");
            assert_eq!(notice.fields().severity, pg::error::Severity::Warning);
            let message = format!("{words} was carried out, but the catalog could not be read after it");
            assert_eq!(notice.message(), message);
        }
    }
}
