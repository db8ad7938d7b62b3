//! Changes: `INSERT`, `SINK`, `UPDATE`, `DELETE`, `TRUNCATE`.
//!
//! Hazelcast never tells how many rows a statement changed, its UPDATE rewrites whole values and so drops what the
//! mapping does not name, and none of it can be undone. So: rows of VALUES are counted here, matching rows are read
//! before they are deleted, and an UPDATE reads each entry, changes the members that are assigned, and puts the new
//! value only if the entry is still the one that was read. Each entry changes atomically; a statement does not.

mod conflict;
mod delete;
mod entries;
mod insert;
mod json;
mod key;
mod moves;
mod reads;
mod refused;
mod returning;
mod truncate;
mod update;
mod with;

pub use insert::RowsPlan;

use pg::{Env, Error, Result, Value};

use crate::catalog::{ClusterTable, Relation};
use crate::exec::Context;
use crate::plan::Plan;
use crate::query::Statement;

/// What a change has done.
#[derive(Debug)]
pub struct Changed {
    /// How many rows it has changed.
    pub count: u64,
    /// What `RETURNING` makes of them, when it is there.
    pub returned: Option<Vec<Vec<Value>>>,
}

/// How a change is made.
#[derive(Clone, Debug)]
pub enum WritePlan {
    /// `INSERT`, `SINK`
    Insert(Box<insert::InsertPlan>),
    /// `UPDATE`
    Update(Box<update::UpdatePlan>),
    /// `DELETE`
    Delete(Box<delete::DeletePlan>),
    /// `TRUNCATE`
    Truncate(truncate::TruncatePlan),
    /// Changes in WITH
    With(Box<with::WithPlan>),
}

impl WritePlan {
    /// Runs it.
    pub async fn run(&self, context: &Context) -> Result<Changed> {
        match self {
            WritePlan::Insert(plan) => plan.run(context).await,
            WritePlan::Update(plan) => plan.run(context).await,
            WritePlan::Delete(plan) => plan.run(context).await,
            WritePlan::Truncate(plan) => plan.run(context).await,
            WritePlan::With(plan) => plan.run(context).await,
        }
    }

    /// The plans by which it finds its rows.
    fn plans(&self) -> Vec<&Plan> {
        match self {
            WritePlan::Insert(plan) => plan.plans(),
            WritePlan::Update(plan) => plan.plans(),
            WritePlan::Delete(plan) => vec![&plan.keys],
            WritePlan::Truncate(_) => Vec::new(),
            WritePlan::With(plan) => plan.plans.iter().collect(),
        }
    }

    /// The tables of the cluster whose rows have to be gathered before it runs, each once.
    pub fn gathered(&self) -> Vec<ClusterTable> {
        let mut tables: Vec<ClusterTable> = self.plans().into_iter().flat_map(Plan::gathered).collect();
        tables.sort_unstable();
        tables.dedup();
        tables
    }

    /// Whether finding the rows holds its thread ([`Plan::holds`]).
    pub fn holds(&self) -> bool {
        // What a change in WITH is followed by is planned when its rows are there.
        matches!(self, WritePlan::With(_)) || self.plans().into_iter().any(Plan::holds)
    }

    /// What it does, and the plans that find its rows, for EXPLAIN.
    pub fn explained(&self, statement: &Statement) -> (String, Vec<&Plan>) {
        let on = |what: &str, relation: &Relation| format!("{what} on {}.{}", relation.schema, relation.name);
        let title = |statement: &Statement| match statement {
            Statement::Insert(insert) => on("Insert", &insert.relation),
            Statement::Update(update) => on("Update", &update.relation),
            Statement::Delete(delete) => on("Delete", &delete.relation),
            Statement::Truncate(_) => "Truncate".to_owned(),
            Statement::Query(_) | Statement::Explain(_) => "Select".to_owned(),
        };
        let changes = statement.ctes().iter().filter_map(|cte| cte.change.as_deref());
        let titles: Vec<String> = changes.chain([statement]).map(title).collect();
        (titles.join(", "), self.plans())
    }

    /// The command tag for a number of rows. (SINK has INSERT's, whose first number was once an oid.)
    pub fn tag(&self, rows: u64) -> String {
        match self {
            WritePlan::Insert(_) => format!("INSERT 0 {rows}"),
            WritePlan::Update(_) => format!("UPDATE {rows}"),
            WritePlan::Delete(_) => format!("DELETE {rows}"),
            WritePlan::Truncate(_) => "TRUNCATE TABLE".to_owned(),
            WritePlan::With(plan) => plan.tag(rows),
        }
    }
}

/// An error after which some rows are there: nothing can take them back, so it must be said. `what` wrote them
/// ("statement", "COPY").
pub fn partly(error: Error, rows: u64, under_way: u64, what: &str) -> Error {
    let text = match (rows, under_way) {
        (0, 0) => return error,
        (0, _) => {
            format!("Some of the first {under_way} rows of this {what} may have been written, and stay.")
        }
        (_, 0) => format!("The first {rows} rows of this {what} were written before, and stay."),
        _ => format!(
            "The first {rows} rows of this {what} were written before, and stay; some of the {under_way} rows behind them \
             may have been written, too."
        ),
    };
    let hint = match error.fields().hint.as_deref() {
        Some(hint) => format!("{text} {hint}"),
        None => text,
    };
    error.hint(hint)
}

/// Plans a change. The number of parameters is needed because an UPDATE adds some of its own behind them.
pub fn plan(statement: &Statement, params: usize, env: &Env) -> Result<WritePlan> {
    if statement.changes_in_with() {
        return with::plan(statement, params, env).map(|plan| WritePlan::With(Box::new(plan)));
    }
    match statement {
        Statement::Insert(insert) => {
            insert::plan(insert, params, env).map(|plan| WritePlan::Insert(Box::new(plan)))
        }
        Statement::Update(update) => {
            update::plan(update, params, env).map(|plan| WritePlan::Update(Box::new(plan)))
        }
        Statement::Delete(delete) => delete::plan(delete, env).map(|plan| WritePlan::Delete(Box::new(plan))),
        Statement::Truncate(tables) => truncate::plan(tables).map(WritePlan::Truncate),
        Statement::Query(_) | Statement::Explain(_) => Err(Error::internal("a query is no change")),
    }
}
