//! What tools ask of the catalog, through analysis, planning and execution, compared with a real PostgreSQL's answers
//! on tables of the same shape: `statements.sql` and `answers.csv`, which `record.sh` made.

use std::sync::Arc;

use futures::executor::block_on;
use futures::future::BoxFuture;
use pg::{Error, Result, TypeRef, Value};

use super::tests::corpus_metadata;
use super::{Catalog, Database, Metadata, Names};
use crate::analyze::{AnalyzeContext, Params, analyze};
use crate::exec::{CancelToken, Context, run};
use crate::hazelcast::SqlType;
use crate::parse::{ParseOptions, parse};
use crate::plan::{RemoteScan, plan};
use crate::query::Statement;
use crate::remote::{Cluster, Pages};
use crate::session::Session;

/// Nothing here may ask the cluster.
struct NoCluster;

impl Cluster for NoCluster {
    fn open<'a>(
        &'a self,
        _: &'a Arc<RemoteScan>,
        _: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        Box::pin(async { Err(Error::internal("the cluster was asked")) })
    }
}

/// A session on a catalog.
pub(crate) struct World {
    catalog: Arc<Catalog>,
    session: Arc<Session>,
}

/// Names, type oids and rows in text form.
pub(crate) type Answer = (Vec<String>, Vec<u32>, Vec<Vec<Option<String>>>);

impl World {
    pub(crate) fn new(metadata: &Metadata) -> World {
        let database = Arc::new(Database::new(metadata, 1));
        let catalog = Catalog::new(database, "postgres", "postgres", Vec::new());
        World { catalog: Arc::new(catalog), session: Arc::new(Session::default()) }
    }

    /// The answer to the last query of a text.
    pub(crate) fn query(&self, sql: &str, params: &[Option<&str>], types: &[pg::Oid]) -> Result<Answer> {
        let path = self.session.settings().search_path();
        let names = Arc::new(Names::new(self.catalog.clone(), path.clone()));
        let env = self.session.settings().env(800_000_000_000_000, 800_000_000_000_000, names);
        let mut last = (Vec::new(), Vec::new(), Vec::new());
        for statement in parse(sql, ParseOptions::default())? {
            let cx = AnalyzeContext {
                snapshot: &*self.catalog,
                search_path: &path,
                env: &env,
                database: self.catalog.name(),
                params: Params::Variable(types),
            };
            let analyzed = analyze(&statement, &cx)?;
            let Statement::Query(query) = &analyzed.statement else { continue };
            let values: Result<Vec<Value>> = params
                .iter()
                .zip(&analyzed.params)
                .map(|(text, ty)| match text {
                    Some(text) => pg::text::input(text, TypeRef::of(*ty), &env),
                    None => Ok(Value::Null),
                })
                .collect();
            let plan = plan(query, &env)?;
            let context = Context {
                rows_before_errors: true,
                env: env.clone(),
                params: values?.into(),
                snapshot: self.catalog.clone(),
                cluster: Arc::new(NoCluster),
                session: self.session.clone(),
                memory_limit: 256 << 20,
                observer: None,
                cancel: CancelToken::new(),
            };
            let rows = block_on(run(&plan, context)?.collect())?;
            let columns = analyzed.columns.unwrap_or_default();
            let text = |value: &Value, ty| -> Result<Option<String>> {
                if value.is_null() {
                    return Ok(None);
                }
                let mut out = Vec::new();
                pg::text::output(value, ty, &env, &mut out)?;
                Ok(Some(String::from_utf8_lossy(&out).into_owned()))
            };
            let rows: Result<Vec<Vec<Option<String>>>> = rows
                .iter()
                .map(|row| row.iter().zip(&columns).map(|(value, c)| text(value, c.ty.oid)).collect())
                .collect();
            let names = columns.iter().map(|column| column.name.to_string()).collect();
            last = (names, columns.iter().map(|column| column.ty.oid.0).collect(), rows?);
        }
        Ok(last)
    }
}

/// A field as `psql --csv` prints it.
fn csv(field: Option<&str>) -> String {
    match field {
        None => "\\N".to_owned(),
        Some(text) if text.contains([',', '"', '\n', '\r']) => format!("\"{}\"", text.replace('"', "\"\"")),
        Some(text) => text.to_owned(),
    }
}

/// Blocks by their titles, which stand in comments of their own line.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    text.split("-- ").skip(1).filter_map(|block| block.split_once('\n')).collect()
}

#[test]
fn tools_get_postgres_answers() {
    let world = World::new(&corpus_metadata());
    let answers = blocks(include_str!("answers.csv"));
    let statements = blocks(include_str!("statements.sql"));
    assert_eq!(statements.len(), answers.len());
    let mut wrong = Vec::new();
    for ((title, sql), (_, expected)) in statements.iter().zip(answers) {
        let answer = match world.query(sql, &[], &[]) {
            Ok((names, _, rows)) => {
                let line =
                    |fields: Vec<Option<&str>>| fields.into_iter().map(csv).collect::<Vec<_>>().join(",");
                let header = line(names.iter().map(|name| Some(name.as_str())).collect());
                let rows = rows.iter().map(|row| line(row.iter().map(Option::as_deref).collect()));
                std::iter::once(header).chain(rows).collect::<Vec<_>>().join("\n")
            }
            Err(error) => error.to_string(),
        };
        if answer.trim_end() != expected.trim_end() {
            wrong.push(format!("{title}\n{sql}\ngot:\n{answer}\nwant:\n{expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} answers are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Oids come from and go to every integer type.
#[test]
fn integers_are_oids() {
    let world = World::new(&corpus_metadata());
    let one = |sql: &str, params: &[Option<&str>], types: &[pg::Oid]| {
        let answer = world.query(sql, params, types);
        answer.map_or_else(|error| error.to_string(), |(_, _, rows)| format!("{:?}", rows[0][0]))
    };
    let class = "SELECT relname FROM pg_class WHERE oid = $1";
    for ty in [pg::oid::INT2, pg::oid::INT4, pg::oid::INT8, pg::oid::OID] {
        assert_eq!(one(class, &[Some("1259")], &[ty]), "Some(\"pg_class\")");
    }
    assert_eq!(one("SELECT nullif(1::oid, 1)", &[], &[]), "None");
    assert_eq!(one("SELECT (-1)::oid, 1", &[], &[]), "Some(\"4294967295\")");
    assert_eq!(one("SELECT 4294967295::oid::int4", &[], &[]), "Some(\"-1\")");
    assert_eq!(one("SELECT 1259::int2::regclass", &[], &[]), "Some(\"pg_class\")");
    assert_eq!(one("SELECT 'movies'::regclass::oid::int4 BETWEEN 16384 AND 32767", &[], &[]), "Some(\"t\")");
}
