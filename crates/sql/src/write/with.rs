//! `INSERT`, `UPDATE` and `DELETE` in WITH (manual, "Data-Modifying Statements in WITH").
//!
//! In PostgreSQL all of a statement sees the same snapshot, and learns what another part of it has changed from RETURNING
//! alone. There is no snapshot here, so order stands in for it: what does not depend on a change is read before the first
//! change is made, then the changes are made one after the other, then the rest is done over the rows that they returned.
//! What would have to read a map that an earlier change of the statement writes is refused.

use pg::{Env, Error, Result, Value};

use crate::exec::{self, Context};
use crate::plan::{Plan, references_in, references_in_expr, replace_in_expr, replace_references};
use crate::query::*;
use crate::stack::grown;
use crate::walk::{for_each_in_query_mut, parts, visit_outer_columns};

use super::reads::{expr_reads, reads, reads_beside};
use super::{Changed, WritePlan, partly};

/// How a statement with changes in its WITH is run.
#[derive(Clone, Debug)]
pub struct WithPlan {
    statement: Statement,
    params: usize,
    /// The common table expressions that are read before the first change.
    before: Vec<usize>,
    /// What happens then, in this order.
    steps: Vec<usize>,
    /// The plans of its parts, made as if the changes returned nothing.
    pub(super) plans: Vec<Plan>,
}

/// Plans all of it once, over no rows, so that what can't be done is known before anything is done.
pub(super) fn plan(statement: &Statement, params: usize, env: &Env) -> Result<WithPlan> {
    let ctes = statement.ctes();
    let mut depends = vec![false; ctes.len()];
    for (index, cte) in ctes.iter().enumerate() {
        let earlier = (0..index).filter(|&other| depends[other]);
        depends[index] = cte.change.is_some() || earlier.into_iter().any(|other| names(cte, other));
    }
    let used =
        |index: usize| ctes.iter().any(|cte| names(cte, index)) || statement_names(statement, 0, index);
    let by_change = |index: usize| ctes.iter().any(|cte| cte.change.is_some() && names(cte, index));
    let before: Vec<usize> = (0..ctes.len())
        .filter(|&index| !depends[index] && used(index) && (!ctes[index].recursive || by_change(index)))
        .collect();
    let steps: Vec<usize> = (0..ctes.len())
        .filter(|&index| ctes[index].change.is_some() || (depends[index] && by_change(index)))
        .collect();
    let mut with = WithPlan { statement: statement.clone(), params, before, steps, plans: Vec::new() };
    with.plans = with.rehearse(env)?;
    Ok(with)
}

impl WithPlan {
    /// The command tag.
    pub(super) fn tag(&self, rows: u64) -> String {
        match verb(&self.statement) {
            "INSERT" => format!("INSERT 0 {rows}"),
            verb => format!("{verb} {rows}"),
        }
    }

    /// Goes through all of it as [`WithPlan::run`] does, with no rows for what a part gives.
    fn rehearse(&self, env: &Env) -> Result<Vec<Plan>> {
        let mut statement = self.statement.clone();
        let mut plans = Vec::new();
        let mut changed: Vec<(usize, &'static str, String)> = Vec::new();
        let maps = changed_maps(&statement);
        for &index in &self.before {
            plans.push(crate::plan::plan(&query_of(&statement, index)?, env)?);
            settle(&mut statement, index, Vec::new());
        }
        let mut failed = None;
        each_independent(&mut statement, &maps, &mut |query| {
            match crate::plan::plan(query, env) {
                Ok(plan) => plans.push(plan),
                Err(error) => failed = failed.take().or(Some(error)),
            }
            query.body = values(&query.columns, Vec::new());
        });
        if let Some(error) = failed {
            return Err(error);
        }
        for &index in &self.steps {
            let Some(cte) = statement.ctes().get(index) else { continue };
            match cte.change.as_deref() {
                Some(change) => {
                    let whole = self.statement.ctes().get(index).and_then(|cte| cte.change.as_deref());
                    check(change, whole.unwrap_or(change), 1, &changed)?;
                    plans.extend(super::plan(change, self.params, env)?.plans().into_iter().cloned());
                    changed.extend(target(change).map(|map| (index, verb(change), map)));
                }
                None => {
                    let query = query_of(&statement, index)?;
                    let part = Statement::Query(Box::new(query.clone()));
                    check(&part, &part, 0, &changed)?;
                    plans.push(crate::plan::plan(&query, env)?);
                }
            }
            settle(&mut statement, index, Vec::new());
        }
        check(&statement, &self.statement, 0, &changed)?;
        match &statement {
            Statement::Query(query) => plans.push(crate::plan::plan(query, env)?),
            change => plans.extend(super::plan(change, self.params, env)?.plans().into_iter().cloned()),
        }
        Ok(plans)
    }

    pub(super) async fn run(&self, context: &Context) -> Result<Changed> {
        let mut written = 0;
        self.run_counting(context, &mut written).await.map_err(|error| partly(error, written, 0, "statement"))
    }

    async fn run_counting(&self, context: &Context, written: &mut u64) -> Result<Changed> {
        let mut statement = self.statement.clone();
        let maps = changed_maps(&statement);
        for &index in &self.before {
            let rows = rows_of(&query_of(&statement, index)?, context).await?;
            settle(&mut statement, index, rows);
        }
        let mut independent = Vec::new();
        each_independent(&mut statement, &maps, &mut |query| independent.push(query.clone()));
        let mut read = Vec::with_capacity(independent.len());
        for query in &independent {
            read.push(rows_of(query, context).await?);
        }
        let mut read = read.into_iter();
        each_independent(&mut statement, &maps, &mut |query| {
            let columns = query.columns.clone();
            *query = Query::plain(values(&columns, read.next().unwrap_or_default()), columns);
        });
        for &index in &self.steps {
            let change = statement.ctes().get(index).and_then(|cte| cte.change.clone());
            let rows = match change {
                Some(change) => {
                    let changed = self.change(&change, context).await?;
                    *written += changed.count;
                    changed.returned.unwrap_or_default()
                }
                None => rows_of(&query_of(&statement, index)?, context).await?,
            };
            settle(&mut statement, index, rows);
        }
        match &statement {
            Statement::Query(query) => {
                let rows = rows_of(query, context).await?;
                Ok(Changed { count: rows.len() as u64, returned: Some(rows) })
            }
            change => self.change(change, context).await,
        }
    }

    async fn change(&self, change: &Statement, context: &Context) -> Result<Changed> {
        let plan: WritePlan = super::plan(change, self.params, &context.env)?;
        Box::pin(plan.run(context)).await
    }
}

async fn rows_of(query: &Query, context: &Context) -> Result<Vec<Vec<Value>>> {
    let plan = crate::plan::plan(query, &context.env)?;
    exec::run(&plan, context.clone())?.collect().await
}

/// The maps that a statement's WITH changes.
fn changed_maps(statement: &Statement) -> Vec<String> {
    statement.ctes().iter().filter_map(|cte| target(cte.change.as_deref()?)).collect()
}

/// The map that a change writes.
fn target(change: &Statement) -> Option<String> {
    let relation = match change {
        Statement::Insert(insert) => &insert.relation,
        Statement::Update(update) => &update.relation,
        Statement::Delete(delete) => &delete.relation,
        Statement::Query(_) | Statement::Truncate(_) | Statement::Explain(_) => return None,
    };
    Some(relation.mapping()?.external_name.clone())
}

fn verb(change: &Statement) -> &'static str {
    match change {
        Statement::Insert(_) => "INSERT",
        Statement::Update(_) => "UPDATE",
        Statement::Delete(_) => "DELETE",
        Statement::Query(_) | Statement::Truncate(_) | Statement::Explain(_) => "SELECT",
    }
}

/// Whether a common table expression names another of the same WITH.
fn names(cte: &Cte, index: usize) -> bool {
    match &cte.change {
        Some(change) => statement_names(change, 1, index),
        None => references_in(&cte.query, 1, index) > 0,
    }
}

/// Whether a statement names a common table expression `depth` queries further out. (Its own are looked at by
/// themselves.)
fn statement_names(statement: &Statement, depth: usize, index: usize) -> bool {
    let returned =
        |targets: &[Target]| targets.iter().any(|target| references_in_expr(&target.expr, depth, index) > 0);
    match statement {
        Statement::Query(query) => references_in(query, depth, index) > 0,
        Statement::Insert(insert) => {
            let conflict = match &insert.on_conflict {
                Some(OnConflict::Update { source, .. }) => references_in(source, depth, index) > 0,
                _ => false,
            };
            let own = |cte: &Cte| references_in(&cte.query, depth + 1, index) > 0;
            references_in(&insert.source, depth + 1, index) > 0
                || conflict
                || insert.ctes.iter().any(own)
                || returned(&insert.returning)
        }
        Statement::Update(update) => {
            references_in(&update.source, depth, index) > 0 || returned(&update.returning)
        }
        Statement::Delete(delete) => {
            references_in(&delete.source, depth, index) > 0 || returned(&delete.returning)
        }
        Statement::Truncate(_) | Statement::Explain(_) => false,
    }
}

/// Puts rows in the place of a common table expression, wherever it is named.
fn settle(statement: &mut Statement, index: usize, rows: Vec<Vec<Value>>) {
    let Some(cte) = statement.ctes_mut().get_mut(index) else { return };
    cte.change = None;
    cte.recursive = false;
    let columns = cte.query.columns.clone();
    let body = Query::plain(values(&columns, rows), columns.clone());
    cte.query = Query::plain(Body::Values(Vec::new()), columns);
    for cte in statement.ctes_mut() {
        match &mut cte.change {
            Some(change) => put(change, 1, index, &body),
            None => replace_references(&mut cte.query, 1, index, &body),
        }
    }
    put(statement, 0, index, &body);
}

fn put(statement: &mut Statement, depth: usize, index: usize, body: &Query) {
    let returned = |targets: &mut [Target]| {
        targets.iter_mut().for_each(|target| replace_in_expr(&mut target.expr, depth, index, body));
    };
    match statement {
        Statement::Query(query) => replace_references(query, depth, index, body),
        Statement::Insert(insert) => {
            replace_references(&mut insert.source, depth + 1, index, body);
            if let Some(OnConflict::Update { source, .. }) = &mut insert.on_conflict {
                replace_references(source, depth, index, body);
            }
            insert.ctes.iter_mut().for_each(|cte| replace_references(&mut cte.query, depth + 1, index, body));
            returned(&mut insert.returning);
        }
        Statement::Update(update) => {
            replace_references(&mut update.source, depth, index, body);
            returned(&mut update.returning);
        }
        Statement::Delete(delete) => {
            replace_references(&mut delete.source, depth, index, body);
            returned(&mut delete.returning);
        }
        Statement::Truncate(_) | Statement::Explain(_) => {}
    }
}

fn values(columns: &[OutputColumn], rows: Vec<Vec<Value>>) -> Body {
    let row = |row: Vec<Value>| {
        row.into_iter().zip(columns).map(|(value, column)| Expr::constant(value, column.ty)).collect()
    };
    if rows.is_empty() {
        // No rows, but of this width: a block whose condition is false.
        let null = |column: &OutputColumn| Target {
            expr: Expr::constant(Value::Null, column.ty),
            name: column.name.clone(),
            junk: false,
        };
        let never = Expr::constant(Value::Bool(false), pg::oid::BOOL);
        let select = Select::plain(Vec::new(), Vec::new(), columns.iter().map(null).collect());
        return Body::Select(Box::new(Select { filter: Some(never), ..select }));
    }
    Body::Values(rows.into_iter().map(row).collect())
}

/// A query of nothing but a common table expression, with those before it.
fn query_of(statement: &Statement, index: usize) -> Result<Query> {
    let ctes =
        statement.ctes().get(..=index).ok_or_else(|| Error::internal("a lost common table expression"))?;
    let mut ctes = ctes.to_vec();
    // Those that change something are not named by it, or settled.
    ctes.iter_mut().for_each(|cte| cte.change = None);
    let Some(cte) = ctes.last() else { return Err(Error::internal("a lost common table expression")) };
    let columns = cte.query.columns.clone();
    let range = Range {
        alias: cte.name.clone(),
        columns: cte.columns.clone(),
        kind: RangeKind::Cte { levels_up: 0, index },
        lateral: false,
    };
    let select = Select::all_of(range, &columns);
    Ok(Query { ctes, ..Query::plain(Body::Select(Box::new(select)), columns) })
}

/// Calls `f` with the outermost queries inside a statement that read a map which the statement changes, and nothing of
/// what stands around them: they are read before.
fn each_independent(statement: &mut Statement, maps: &[String], f: &mut dyn FnMut(&mut Query)) {
    match statement {
        Statement::Query(query) => independent(query, 0, maps, f),
        Statement::Insert(insert) => independent(&mut insert.source, 1, maps, f),
        Statement::Update(_) | Statement::Delete(_) | Statement::Truncate(_) | Statement::Explain(_) => {}
    }
}

fn independent(query: &mut Query, depth: usize, maps: &[String], f: &mut dyn FnMut(&mut Query)) {
    if !maps.iter().any(|map| reads(query, map)) {
        return;
    }
    let mut names_outside = false;
    visit_outer_columns(query, &mut |_| names_outside = true);
    // At the top the WITH is its own; what is left of it is not independent.
    if !names_outside && query.ctes.is_empty() && !names_ctes_outside(query, 0) {
        return f(query);
    }
    if depth == 0 && !names_outside {
        let ctes = std::mem::take(&mut query.ctes);
        let names_own = (0..ctes.len()).any(|index| references_in(query, 0, index) > 0);
        if !names_own {
            f(query);
        }
        query.ctes = ctes;
        if !names_own {
            return;
        }
    }
    let f = std::cell::RefCell::new(f);
    for_each_in_query_mut(
        query,
        &mut |expr| independent_in(expr, depth, maps, &mut **f.borrow_mut()),
        &mut |inner| independent(inner, depth + 1, maps, &mut **f.borrow_mut()),
    );
}

fn independent_in(expr: &mut Expr, depth: usize, maps: &[String], f: &mut dyn FnMut(&mut Query)) {
    crate::walk::for_each_child_mut(expr, &mut |child| independent_in(child, depth, maps, f));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        independent(&mut subquery.query, depth + 1, maps, f);
    }
}

/// Whether a query names a common table expression of a query around it.
fn names_ctes_outside(query: &Query, depth: usize) -> bool {
    let of_block = match &query.body {
        Body::Select(select) => select
            .ranges
            .iter()
            .any(|range| matches!(range.kind, RangeKind::Cte { levels_up, .. } if levels_up > depth)),
        Body::SetOperation(_) | Body::Values(_) => false,
    };
    let (exprs, queries) = parts(query);
    of_block
        || queries.into_iter().any(|inner| grown(|| names_ctes_outside(inner, depth + 1)))
        || exprs.into_iter().any(|expr| {
            crate::walk::any(expr, &|e| match &e.kind {
                ExprKind::Subquery(subquery) => names_ctes_outside(&subquery.query, depth + 1),
                _ => false,
            })
        })
}

/// Refuses what would see a change that was made before it. `whole` is the part as it was written.
fn check(
    part: &Statement,
    whole: &Statement,
    depth: usize,
    changed: &[(usize, &'static str, String)],
) -> Result<()> {
    for (index, earlier, map) in changed {
        let returned = |targets: &[Target]| targets.iter().any(|target| expr_reads(&target.expr, map));
        let sees = match part {
            Statement::Query(query) => reads(query, map),
            Statement::Insert(insert) => insert_reads(insert, map) || returned(&insert.returning),
            Statement::Update(update) => reads_beside(&update.source, map) || returned(&update.returning),
            Statement::Delete(delete) => reads_beside(&delete.source, map) || returned(&delete.returning),
            Statement::Truncate(_) | Statement::Explain(_) => false,
        };
        if sees {
            return Err(Error::refused(format!(
                "reading map \"{map}\" in a statement whose WITH changes it, together with what it changes"
            )));
        }
        if target(part).as_ref() != Some(map) {
            continue;
        }
        // Rows that are inserted don't meet those that are changed, unless these make room for them. One that is
        // updated instead may.
        let told = statement_names(whole, depth, *index) || matches!(*earlier, "INSERT" | "UPDATE");
        let adds = |insert: &Insert| !matches!(insert.on_conflict, Some(OnConflict::Update { .. }));
        if !(matches!(part, Statement::Insert(insert) if adds(insert)) && told) {
            return Err(Error::refused(format!("two changes of map \"{map}\" in one statement")));
        }
    }
    Ok(())
}

/// Whether an INSERT reads a map: for its rows, or for what becomes of those that are there.
fn insert_reads(insert: &Insert, map: &str) -> bool {
    let conflict = match &insert.on_conflict {
        Some(OnConflict::Update { source, .. }) => reads(source, map),
        Some(OnConflict::Nothing) | None => false,
    };
    conflict || reads(&insert.source, map) || insert.ctes.iter().any(|cte| reads(&cte.query, map))
}
