//! `EXPLAIN`: plans that are shown, and run before for ANALYZE.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use pg::{Env, Error, Result};
use sql::exec::{self, Context, Observer};
use sql::parse::Statement as Syntax;
use sql::parse::ast as syntax;
use sql::parse::session::SessionStatement;
use sql::plan::{self, ExplainOptions, Measured, Options, Plan};
use sql::query::{Explain, Statement as Analysed};
use sql::write::{self, WritePlan};
use tokio::runtime::Handle;

use super::elsewhere;
use super::statement::{PreparedSql, plans_of};
use crate::session::engine::{Column, Explaining, Prepared, Statement, Surroundings};

/// A statement that is explained.
#[derive(Debug)]
pub(super) struct Explained {
    explain: Arc<Explain>,
    work: Arc<Explains>,
    planning: Duration,
}

/// What the statement would do.
#[derive(Debug)]
enum Explains {
    /// It reads; by the second plan when the cluster refuses something of the first.
    Read(Box<(Plan, Option<Plan>)>),
    Write(WritePlan),
}

impl Explained {
    pub(super) fn plan(explain: &Explain, params: usize, options: Options, env: &Env) -> Result<Explained> {
        let begun = Instant::now();
        let work = match &explain.statement {
            Analysed::Query(query) if !explain.statement.changes_in_with() => {
                Explains::Read(Box::new(plans_of(query, env, options)?))
            }
            Analysed::Explain(_) => return Err(Error::refused("EXPLAIN of EXPLAIN")),
            change => Explains::Write(write::plan(change, params, env)?),
        };
        Ok(Explained { explain: Arc::new(explain.clone()), work: Arc::new(work), planning: begun.elapsed() })
    }

    /// The lines; with ANALYZE, the statement runs first.
    pub(super) async fn lines(&self, mut context: Context, elsewhere: &Handle) -> Result<Vec<String>> {
        let cancel = context.cancel.part();
        context.cancel = cancel.clone();
        let (explain, work, planning) = (self.explain.clone(), self.work.clone(), self.planning);
        let lines = async move { lines(&explain, &work, planning, context).await };
        elsewhere::run(elsewhere, cancel, lines).await
    }
}

async fn lines(
    explain: &Explain,
    work: &Explains,
    planning: Duration,
    context: Context,
) -> Result<Vec<String>> {
    let options = &explain.options;
    let mut measured = Measured { planning, ..Measured::default() };
    let mut safe = false;
    if options.analyze {
        let begun = Instant::now();
        let observer = Arc::new(Observer::default());
        let watched = Context { observer: Some(observer.clone()), ..context.clone() };
        match work {
            Explains::Read(plans) => match (drain(&plans.0, watched.clone()).await, &plans.1) {
                (Err(error), Some(other)) if super::rows::is_about_values(&error) => {
                    drain(other, watched).await?;
                    safe = true;
                }
                (done, _) => done?,
            },
            Explains::Write(plan) => drop(plan.run(&watched).await?),
        }
        measured.execution = begun.elapsed();
        measured.observer = Some(observer);
    }
    let (change, plans) = match work {
        Explains::Read(plans) => match &plans.1 {
            Some(other) if safe => (None, vec![other]),
            _ => (None, vec![&plans.0]),
        },
        Explains::Write(plan) => {
            let (title, plans) = plan.explained(&explain.statement);
            (Some(title), plans)
        }
    };
    if options.verbose {
        measured.hazelcast = plan::hazelcast_plans(&plans, &context).await?;
    }
    Ok(plan::explain(&plans, change.as_deref(), options, &measured))
}

async fn drain(plan: &Plan, context: Context) -> Result<()> {
    let mut rows = exec::run(plan, context)?;
    while rows.next().await?.is_some() {}
    Ok(())
}

/// Whether it explains a statement that the session keeps.
pub(super) fn is_of_execute(explain: &syntax::Explain) -> bool {
    let Syntax::Session(statement) = &explain.statement else { return false };
    matches!(**statement, SessionStatement::Execute { .. })
}

/// `EXPLAIN` of `EXECUTE`: what is explained is known when it runs.
#[derive(Debug)]
pub(super) struct ExplainPrepared {
    options: Vec<syntax::ExplainOption>,
    columns: Arc<[Column]>,
}

impl ExplainPrepared {
    pub(super) fn new(options: Vec<syntax::ExplainOption>) -> Result<ExplainPrepared> {
        let ty = ExplainOptions::of(&options, &|pos| Some(pos))?.column_type();
        let column = Column { name: "QUERY PLAN".into(), ty: ty.into(), origin: Default::default() };
        Ok(ExplainPrepared { options, columns: [column].into() })
    }
}

impl Explaining for ExplainPrepared {
    fn columns(&self) -> Arc<[Column]> {
        self.columns.clone()
    }

    fn of<'a>(
        &'a self,
        prepared: &'a Arc<dyn Prepared>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>> {
        Box::pin(async move {
            let known = prepared.as_any().and_then(|any| any.downcast_ref::<PreparedSql>());
            let known = known.ok_or_else(|| Error::refused("EXPLAIN of a statement of Hazelcast's"))?;
            let explain = syntax::Explain {
                plan_for: false,
                options: self.options.clone(),
                statement: known.syntax().clone(),
            };
            known
                .statement(Syntax::Explain(Box::new(explain)))
                .analyze(Some(prepared.parameter_types()), around)
                .await
        })
    }
}
