//! `EXPLAIN`: the plan as a tree of operators under PostgreSQL's names where it has them, with the Hazelcast SQL of each
//! remote part, why it ends where it ends, and after ANALYZE what happened.

mod options;
mod show;
mod text;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use pg::Result;

pub use options::{ExplainOptions, Format};
pub use show::Property;
use text::{list, names, sort_key, text};

use crate::exec::{Context, Observer};
use crate::hazelcast::SqlType;
use crate::plan::{
    EntryRead, IndexSearch, KeyAccess, KeyPart, Keys, LookUps, Plan, RemoteColumn, RemoteScan, Sought, Way,
};
use crate::query::*;
use crate::walk::for_each_child;

/// An explained statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// What a line calls the operator: `Seq Scan on t`.
    title: String,
    /// `Node Type`
    node_type: String,
    /// What stands behind the title: ` (actual time=…)`.
    numbers: String,
    properties: Vec<(String, Property)>,
    /// What `numbers` says, one by one.
    measured: Vec<(String, Property)>,
    /// What is below, with the names of subplans.
    children: Vec<(Option<String>, Shown)>,
}

/// What is known besides the plan.
#[derive(Debug, Default)]
pub struct Measured {
    /// What the operators did.
    pub observer: Option<Arc<Observer>>,
    /// How long planning took.
    pub planning: Duration,
    /// How long the statement ran.
    pub execution: Duration,
    /// Hazelcast's own plans, by its SQL.
    pub hazelcast: HashMap<Arc<str>, Vec<String>>,
}

/// The rows of EXPLAIN for some plans: `change` is what a statement does with them when it writes (`Insert on t`).
pub fn explain(
    plans: &[&Plan],
    change: Option<&str>,
    options: &ExplainOptions,
    measured: &Measured,
) -> Vec<String> {
    let explainer = Explainer { options, measured };
    let mut shown: Vec<Shown> = plans.iter().map(|plan| explainer.plan(plan, None)).collect();
    let root = match change {
        Some(title) => Shown {
            title: title.to_owned(),
            node_type: "ModifyTable".to_owned(),
            children: shown.into_iter().map(|child| (None, child)).collect(),
            ..Shown::default()
        },
        None => shown.pop().unwrap_or_default(),
    };
    let mut summary = Vec::new();
    if options.summary {
        summary.push(("Planning Time".to_owned(), millis(measured.planning)));
    }
    if options.analyze {
        summary.extend(explainer.sides(plans));
    }
    if options.summary && options.analyze {
        summary.push(("Execution Time".to_owned(), millis(measured.execution)));
    }
    show::rows(&root, &summary, options.format)
}

fn millis(time: Duration) -> Property {
    Property::Number(format!("{:.3}", time.as_secs_f64() * 1e3))
}

struct Explainer<'a> {
    options: &'a ExplainOptions,
    measured: &'a Measured,
}

impl Shown {
    fn new(title: impl Into<String>) -> Shown {
        let title = title.into();
        let node_type = title.split(" on ").next().unwrap_or_default().to_owned();
        Shown { title, node_type, ..Shown::default() }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Shown {
        self.properties.push((name.to_owned(), Property::Text(value.into())));
        self
    }

    fn with_some(self, name: &str, value: Option<String>) -> Shown {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

impl Explainer<'_> {
    /// An operator with all below it; `above` is what stands directly above.
    fn plan(&self, plan: &Plan, above: Option<&Plan>) -> Shown {
        let mut shown = self.describe(plan);
        if let (Plan::Remote(scan), Some(above)) = (plan, above) {
            shown.properties.extend(hint(scan, above).map(|hint| ("Hint".to_owned(), Property::Text(hint))));
        }
        self.measure(plan, &mut shown);
        for expr in plan.exprs() {
            self.subplans(expr, &mut shown);
        }
        if let Plan::With { ctes, .. } = plan {
            for cte in ctes {
                let name = format!("CTE {}", cte.id);
                shown.children.push((Some(name.clone()), self.plan(&cte.plan, Some(plan))));
                if let Some((term, _)) = &cte.recursive {
                    shown
                        .children
                        .push((Some(format!("{name} (recursive term)")), self.plan(term, Some(plan))));
                }
            }
        }
        for input in plan.inputs() {
            shown.children.push((None, self.plan(input, Some(plan))));
        }
        shown
    }

    fn subplans(&self, expr: &Expr, shown: &mut Shown) {
        if let ExprKind::SubPlan(subplan) = &expr.kind {
            let name = format!("SubPlan {}", subplan.id + 1);
            shown.children.push((Some(name), self.plan(&subplan.plan, None)));
        }
        for_each_child(expr, &mut |child| self.subplans(child, shown));
    }

    fn measure(&self, plan: &Plan, shown: &mut Shown) {
        let Some(observer) = &self.measured.observer else { return };
        let Some(seen) = observer.of(plan) else {
            shown.numbers = " (never executed)".to_owned();
            return;
        };
        let loops = seen.loops.load(Relaxed).max(1);
        let rows = seen.rows.load(Relaxed) as f64 / loops as f64;
        let (first, total) = seen.times();
        let each = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1e3 / loops as f64);
        let number = |name: &str, value: String| (name.to_owned(), Property::Number(value));
        let mut numbers = String::new();
        if self.options.timing {
            numbers = format!("time={}..{} ", each(first), each(total));
            shown.measured.push(number("Actual Startup Time", each(first)));
            shown.measured.push(number("Actual Total Time", each(total)));
        }
        shown.numbers = format!(" (actual {numbers}rows={rows:.0} loops={loops})");
        shown.measured.push(number("Actual Rows", format!("{rows:.0}")));
        shown.measured.push(number("Actual Loops", loops.to_string()));
        if matches!(plan, Plan::Remote(_)) {
            shown.properties.push(number("Bytes Moved", seen.bytes.load(Relaxed).to_string()));
        }
    }

    /// Rows and bytes that came from the cluster, and the time on each side.
    fn sides(&self, plans: &[&Plan]) -> Vec<(String, Property)> {
        let Some(observer) = &self.measured.observer else { return Vec::new() };
        let (mut rows, mut bytes, mut waited) = (0, 0, Duration::ZERO);
        for seen in remotes(plans).into_iter().filter_map(|(leaf, _)| observer.of(leaf)) {
            rows += seen.rows.load(Relaxed);
            bytes += seen.bytes.load(Relaxed);
            waited += seen.times().1;
        }
        let number = |name: &str, value: u64| (name.to_owned(), Property::Number(value.to_string()));
        let mut sides = vec![number("Rows Moved", rows), number("Bytes Moved", bytes)];
        if self.options.timing {
            // Parts that run at the same time are waited for together.
            let waited = waited.min(self.measured.execution);
            sides.push(("Cluster Time".to_owned(), millis(waited)));
            sides.push(("Gateway Time".to_owned(), millis(self.measured.execution - waited)));
        }
        sides
    }

    fn describe(&self, plan: &Plan) -> Shown {
        match plan {
            Plan::Remote(scan) => self.remote(scan),
            Plan::Catalog { relation, .. } => {
                Shown::new(format!("Seq Scan on {}.{}", relation.schema, relation.name))
            }
            Plan::Values { rows } if rows.len() == 1 => Shown::new("Result"),
            Plan::Values { .. } => Shown::new("Values Scan"),
            Plan::Functions { calls, .. } => Shown::new(format!("Function Scan on {}", list(calls))),
            Plan::Filter { condition, .. } => Shown::new("Filter").with("Filter", text(condition)),
            Plan::Project { exprs, .. } => Shown::new("Project").with("Output", list(exprs)),
            Plan::ProjectSet { exprs, .. } => Shown::new("ProjectSet").with("Output", list(exprs)),
            Plan::Join { kind, keys, condition, look_ups, .. } => join(*kind, keys, condition, look_ups),
            Plan::Apply { kind, condition, .. } => {
                Shown::new(format!("Nested Loop{} (lateral)", join_word(*kind)))
                    .with_some("Join Filter", condition.as_ref().map(text))
            }
            Plan::Aggregate { keys, .. } if keys.is_empty() => Shown::new("Aggregate"),
            Plan::Aggregate { keys, .. } => Shown::new("HashAggregate").with("Group Key", list(keys)),
            Plan::Window { .. } => Shown::new("WindowAgg"),
            Plan::Sort { keys, .. } => {
                let keys: Vec<String> = keys.iter().map(sort_key).collect();
                Shown::new("Sort").with("Sort Key", keys.join(", "))
            }
            Plan::Limit { .. } => Shown::new("Limit"),
            Plan::Distinct { .. } => Shown::new("Unique"),
            Plan::Append { .. } => Shown::new("Append"),
            Plan::SetOperation { kind, .. } => Shown::new(format!("SetOp {kind:?}")),
            Plan::With { .. } => Shown::new("With"),
            Plan::CteScan { id, .. } => Shown::new(format!("CTE Scan on {id}")),
        }
    }

    fn remote(&self, scan: &RemoteScan) -> Shown {
        let mut shown = match &scan.way {
            Way::Sql if scan.lookup => Shown::new("Hazelcast Lookup"),
            Way::Sql => Shown::new("Hazelcast Scan"),
            Way::Keys(access) => keys(access),
            Way::Entries(read) => {
                let shown = Shown::new(format!("Hazelcast Entries of {}", read.map()));
                let cond = read.search.as_ref().map(|search| index_cond(scan, read, search));
                shown.with("Columns", names(read)).with_some("Index Cond", cond)
            }
            Way::Size(map) => Shown::new(format!("Hazelcast Size of {map}")),
        };
        if matches!(scan.way, Way::Sql) {
            shown = shown.with("Hazelcast SQL", &*scan.sql);
        }
        if self.options.costs {
            shown = shown.with_some("Chosen for", scan.reason.as_ref().map(ToString::to_string));
        }
        shown = shown.with_some("Cut", scan.notes.cut.as_ref().map(ToString::to_string));
        if !scan.args.is_empty() && matches!(scan.way, Way::Sql) {
            let args: Vec<String> = scan.args.iter().map(|arg| text(&arg.expr)).collect();
            shown = shown.with("Arguments", args.join(", "));
        }
        if let Some(lines) = self.measured.hazelcast.get(&scan.sql) {
            shown.properties.push(("Hazelcast Plan".to_owned(), Property::Lines(lines.clone())));
        }
        shown
    }
}

/// Whole maps of so many entries that are pulled are worth a hint.
const LARGE: u64 = 10_000;

/// What would avoid that a large map is pulled for less than all of its entries.
fn hint(scan: &RemoteScan, above: &Plan) -> Option<String> {
    let entries = scan.notes.pulls.filter(|&entries| entries >= LARGE)?;
    let way = match above {
        Plan::Filter { .. } => {
            "a condition that the cluster can test (docs/pushdown.md), with an index on its columns, would let it send \
             fewer"
        }
        Plan::Join { .. } => {
            "a condition on this map, or a join by its key, would let the cluster send fewer"
        }
        Plan::Apply { .. } => {
            "a join by the map's key, in place of LATERAL, would let the cluster send fewer"
        }
        Plan::Aggregate { .. } | Plan::Distinct { .. } => {
            "keys and aggregates that the cluster can compute (docs/pushdown.md) would let it send the groups alone"
        }
        Plan::Sort { .. } | Plan::Limit { .. } => {
            "an order that the cluster can make (docs/pushdown.md), with a sorted index, would let it send the first \
             rows alone"
        }
        _ => return None,
    };
    Some(format!("all {entries} entries are moved here; {way}."))
}

fn join(
    kind: JoinKind,
    keys: &[(Expr, Expr)],
    condition: &Option<Expr>,
    look_ups: &Option<LookUps>,
) -> Shown {
    let name = if keys.is_empty() { "Nested Loop" } else { "Hash Join" };
    let mut shown = Shown::new(format!("{name}{}", join_word(kind)));
    for (left, right) in keys {
        shown = shown.with("Hash Cond", format!("({} = right.{})", text(left), text(right)));
    }
    shown = shown.with_some("Join Filter", condition.as_ref().map(text));
    if let Some(LookUps { scan, most, .. }) = look_ups
        && let Way::Keys(access) = &scan.way
    {
        let map = access.read.map();
        shown = shown
            .with("Look-ups", format!("Hazelcast Keys of {map} instead of the right side: up to {most}"));
    }
    shown
}

fn join_word(kind: JoinKind) -> String {
    match kind {
        JoinKind::Inner => String::new(),
        other => format!(" {other:?} Join"),
    }
}

/// What an index is asked for.
fn index_cond(scan: &RemoteScan, read: &EntryRead, search: &IndexSearch) -> String {
    let name = read.relation.columns.get(search.column).map_or("?", |column| &*column.name);
    let values: Vec<String> =
        scan.args.iter().skip(scan.sql_args()).map(|arg| text(&arg.expr)).take(SHOWN_MAX).collect();
    let more = if search.arguments() > SHOWN_MAX { ", ..." } else { "" };
    let condition = match (search.sought, values.as_slice()) {
        (Sought::Values(1), [value]) => format!("{name} = {value}"),
        (Sought::Values(_), values) => format!("{name} IN ({}{more})", values.join(", ")),
        (Sought::Elements, values) => format!("{name} = ANY ({})", values.concat()),
        (Sought::Range { .. }, [from, to]) => format!("{name} BETWEEN {from} AND {to}"),
        (Sought::Range { from, .. }, values) => {
            format!("{name} {} {}", if from { ">=" } else { "<=" }, values.concat())
        }
    };
    format!("({condition}) by index {}", search.index)
}

/// Of a list of keys, so many are shown.
const SHOWN_MAX: usize = 10;

fn keys(access: &KeyAccess) -> Shown {
    let name = |part: &KeyPart| {
        access.read.relation.columns.get(part.column).map_or("?", |column| &*column.name).to_string()
    };
    let parts: Vec<String> = access.parts.iter().map(name).collect();
    let keys = match &access.keys {
        Keys::List(keys) if keys.len() == 1 => keys.iter().map(|key| list(key)).collect(),
        Keys::List(keys) => {
            let shown: Vec<String> = keys.iter().take(SHOWN_MAX).map(|key| list(key)).collect();
            let more = if keys.len() > SHOWN_MAX { ", ..." } else { "" };
            format!("ANY ({}{more})", shown.join("; "))
        }
        Keys::Array(array) => format!("ANY ({})", text(array)),
        Keys::Given => "given".to_string(),
    };
    Shown::new(format!("Hazelcast Keys of {}", access.read.map()))
        .with("Key", format!("{} = {keys}", parts.join(", ")))
        .with("Columns", names(&access.read))
}

/// The remote leaves of plans.
fn remotes<'p>(plans: &[&'p Plan]) -> Vec<(&'p Plan, &'p Arc<RemoteScan>)> {
    let mut leaves = Vec::new();
    let mut note = |plan: &'p Plan| {
        if let Plan::Remote(scan) = plan {
            leaves.push((plan, scan));
        }
    };
    plans.iter().for_each(|plan| plan.each(&mut note));
    leaves
}

/// Hazelcast's own plans of all statements that are sent, for VERBOSE.
pub async fn hazelcast_plans(plans: &[&Plan], context: &Context) -> Result<HashMap<Arc<str>, Vec<String>>> {
    let mut found = HashMap::new();
    for (_, scan) in remotes(plans) {
        if !matches!(scan.way, Way::Sql) || found.contains_key(&scan.sql) {
            continue;
        }
        let column = RemoteColumn { cluster_type: SqlType::Varchar, ty: pg::oid::TEXT.into() };
        let asked = RemoteScan {
            sql: format!("EXPLAIN PLAN FOR {}", scan.sql).into(),
            args: Vec::new(),
            columns: vec![column],
            lookup: false,
            guarded: false,
            streaming: false,
            reason: None,
            way: Way::Sql,
            notes: Default::default(),
        };
        let mut pages = context.cluster.open(&Arc::new(asked), Vec::new()).await?;
        let mut lines = Vec::new();
        while let Some(rows) = pages.next().await? {
            lines.extend(rows.iter().filter_map(|row| row.first()?.as_str().map(str::to_owned)));
        }
        found.insert(scan.sql.clone(), lines);
    }
    Ok(found)
}
