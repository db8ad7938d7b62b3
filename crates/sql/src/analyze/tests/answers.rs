//! Statements that no cluster is needed for, from text to rows.

use futures::executor::block_on;
use futures::future::BoxFuture;
use pg::Value;

use super::*;
use crate::exec::{CancelToken, Context, run};
use crate::hazelcast::SqlType;
use crate::plan::{RemoteScan, plan};
use crate::query::Statement;
use crate::remote::{Cluster, Pages};
use crate::session::Session;

/// A cluster that must not be asked.
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

fn answer(catalog: &Arc<Catalog>, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
    let analyzed = analyze_with(catalog, sql, &[])?;
    let Statement::Query(query) = &analyzed.statement else { return Err(Error::internal("no query")) };
    let names = Names::new(catalog.clone(), Arc::from(["public".into()].as_slice()));
    let env = Env { names: Arc::new(names), ..Env::default() };
    let context = Context {
        rows_before_errors: true,
        env: env.clone(),
        params: Arc::new([]),
        snapshot: catalog.clone(),
        cluster: Arc::new(NoCluster),
        session: Arc::new(Session::default()),
        memory_limit: 64 << 20,
        observer: None,
        cancel: CancelToken::new(),
    };
    let rows = block_on(run(&plan(query, &env)?, context)?.collect())?;
    let text = |(value, column): (&Value, &OutputColumn)| -> Result<Option<String>> {
        if value.is_null() {
            return Ok(None);
        }
        let mut out = Vec::new();
        pg::text::output(value, column.ty.oid, &env, &mut out)?;
        Ok(Some(String::from_utf8_lossy(&out).into_owned()))
    };
    rows.iter().map(|row| row.iter().zip(&query.columns).map(text).collect()).collect()
}

#[test]
fn answers_are_postgres() {
    let catalog = Arc::new(catalog(&fixture()));
    let known: Vec<&str> = KNOWN.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let mut wrong = Vec::new();
    for line in include_str!("answers.jsonl").lines() {
        let line: Json = serde_json::from_str(line).expect("a line of JSON");
        let sql = line["sql"].as_str().expect("a statement");
        let ours = match answer(&catalog, sql) {
            Ok(rows) => serde_json::json!(rows),
            Err(error) => format!("{} {}", error.code().as_str(), error.message()).into(),
        };
        let theirs = match line.get("error") {
            None => line["rows"].clone(),
            Some(error) => {
                let text = |key: &str| error[key].as_str().unwrap_or_default();
                format!("{} {}", text("code"), text("message")).into()
            }
        };
        let is_known = known.contains(&sql.lines().next().unwrap_or_default());
        if is_known == (ours == theirs) {
            wrong.push(format!(
                "known: {is_known}: {sql}\n    ours:         {ours}\n    PostgreSQL's: {theirs}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} statements:\n{}", wrong.len(), wrong.join("\n"));
}
