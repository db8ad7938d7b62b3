//! `EXPLAIN`: the plan as lines, PostgreSQL's names where it has them, and the Hazelcast SQL of each remote part.

use pg::{Env, Oid, Value, oid};

use crate::plan::{EntryRead, KeyAccess, KeyPart, Keys, LookUps, Plan, RemoteScan, SortBy, Way};
use crate::query::*;
use crate::walk::for_each_child;

/// The lines of a plan.
pub fn explain(plan: &Plan) -> Vec<String> {
    let mut lines = Lines(Vec::new());
    lines.plan(plan, 0);
    lines.0
}

struct Lines(Vec<String>);

impl Lines {
    fn node(&mut self, depth: usize, text: impl AsRef<str>) {
        let text = text.as_ref();
        self.0.push(match depth {
            0 => text.to_string(),
            _ => format!("{}->  {text}", "      ".repeat(depth - 1) + "  "),
        });
    }

    fn detail(&mut self, depth: usize, text: impl AsRef<str>) {
        self.0.push(format!("{}{}", "      ".repeat(depth) + "  ", text.as_ref()));
    }

    fn plan(&mut self, plan: &Plan, depth: usize) {
        self.describe(plan, depth);
        for expr in plan.exprs() {
            self.subplans(expr, depth);
        }
        if let Plan::With { ctes, .. } = plan {
            for cte in ctes {
                self.detail(depth, format!("CTE {}", cte.id));
                self.plan(&cte.plan, depth + 1);
                cte.recursive.iter().for_each(|(term, _)| self.plan(term, depth + 1));
            }
        }
        for input in plan.inputs() {
            self.plan(input, depth + 1);
        }
    }

    fn describe(&mut self, plan: &Plan, depth: usize) {
        match plan {
            Plan::Remote(scan) => self.remote(scan, depth),
            Plan::Catalog { relation, .. } => {
                self.node(depth, format!("Seq Scan on {}.{}", relation.schema, relation.name));
            }
            Plan::Values { rows } if rows.len() == 1 => self.node(depth, "Result"),
            Plan::Values { .. } => self.node(depth, "Values Scan"),
            Plan::Functions { calls, .. } => self.node(depth, format!("Function Scan on {}", list(calls))),
            Plan::Filter { condition, .. } => {
                self.node(depth, "Filter");
                self.detail(depth, format!("Filter: {}", text(condition)));
            }
            Plan::Project { exprs, .. } => {
                self.node(depth, "Project");
                self.detail(depth, format!("Output: {}", list(exprs)));
            }
            Plan::ProjectSet { exprs, .. } => {
                self.node(depth, "ProjectSet");
                self.detail(depth, format!("Output: {}", list(exprs)));
            }
            Plan::Join { kind, keys, condition, look_ups, .. } => {
                let name = if keys.is_empty() { "Nested Loop" } else { "Hash Join" };
                self.node(depth, format!("{name}{}", join_word(*kind)));
                for (left, right) in keys {
                    self.detail(depth, format!("Hash Cond: ({} = right.{})", text(left), text(right)));
                }
                condition.iter().for_each(|c| self.detail(depth, format!("Join Filter: {}", text(c))));
                if let Some(LookUps { scan, most, .. }) = look_ups
                    && let Way::Keys(access) = &scan.way
                {
                    let map = access.read.map();
                    self.detail(
                        depth,
                        format!("Hazelcast Keys of {map} instead of the right side: up to {most}"),
                    );
                }
            }
            Plan::Apply { kind, condition, .. } => {
                self.node(depth, format!("Nested Loop{} (lateral)", join_word(*kind)));
                condition.iter().for_each(|c| self.detail(depth, format!("Join Filter: {}", text(c))));
            }
            Plan::Aggregate { keys, .. } => {
                self.node(depth, if keys.is_empty() { "Aggregate" } else { "HashAggregate" });
                if !keys.is_empty() {
                    self.detail(depth, format!("Group Key: {}", list(keys)));
                }
            }
            Plan::Window { .. } => self.node(depth, "WindowAgg"),
            Plan::Sort { keys, .. } => {
                self.node(depth, "Sort");
                let keys: Vec<String> = keys.iter().map(sort_key).collect();
                self.detail(depth, format!("Sort Key: {}", keys.join(", ")));
            }
            Plan::Limit { .. } => self.node(depth, "Limit"),
            Plan::Distinct { .. } => self.node(depth, "Unique"),
            Plan::Append { .. } => self.node(depth, "Append"),
            Plan::SetOperation { kind, .. } => self.node(depth, format!("SetOp {kind:?}")),
            Plan::With { .. } => self.node(depth, "With"),
            Plan::CteScan { id } => self.node(depth, format!("CTE Scan on {id}")),
        }
    }

    fn remote(&mut self, scan: &RemoteScan, depth: usize) {
        match &scan.way {
            Way::Sql => {
                self.node(depth, if scan.lookup { "Hazelcast Lookup" } else { "Hazelcast Scan" });
                self.detail(depth, format!("Hazelcast SQL: {}", scan.sql));
            }
            Way::Keys(access) => self.keys(access, depth),
            Way::Entries(read) => {
                self.node(depth, format!("Hazelcast Entries of {}", read.map()));
                self.detail(depth, format!("Columns: {}", names(read)));
            }
            Way::Size(map) => self.node(depth, format!("Hazelcast Size of {map}")),
        }
        scan.reason.iter().for_each(|reason| self.detail(depth, format!("Chosen for: {reason}")));
        if !scan.args.is_empty() && matches!(scan.way, Way::Sql) {
            let args: Vec<String> = scan.args.iter().map(|arg| text(&arg.expr)).collect();
            self.detail(depth, format!("Arguments: {}", args.join(", ")));
        }
    }

    fn keys(&mut self, access: &KeyAccess, depth: usize) {
        self.node(depth, format!("Hazelcast Keys of {}", access.read.map()));
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
        self.detail(depth, format!("Key: {} = {keys}", parts.join(", ")));
        self.detail(depth, format!("Columns: {}", names(&access.read)));
    }

    fn subplans(&mut self, expr: &Expr, depth: usize) {
        if let ExprKind::SubPlan(subplan) = &expr.kind {
            self.detail(depth, format!("SubPlan {}", subplan.id + 1));
            self.plan(&subplan.plan, depth + 1);
        }
        for_each_child(expr, &mut |child| self.subplans(child, depth));
    }
}

/// Of a list of keys, so many are shown.
const SHOWN_MAX: usize = 10;

fn names(read: &EntryRead) -> String {
    let name = |&column: &usize| read.relation.columns.get(column).map_or("?", |column| &*column.name);
    read.columns.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn join_word(kind: JoinKind) -> String {
    match kind {
        JoinKind::Inner => String::new(),
        other => format!(" {other:?} Join"),
    }
}

fn sort_key(key: &SortBy) -> String {
    let mut out = text(&key.expr);
    if key.descending {
        out.push_str(" DESC");
    }
    if key.nulls_first != key.descending {
        out.push_str(if key.nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
    }
    out
}

fn list(exprs: &[Expr]) -> String {
    exprs.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// An expression, roughly as `ruleutils.c` would print it; columns are places in the input row.
fn text(expr: &Expr) -> String {
    let mut children = Vec::new();
    for_each_child(expr, &mut |child| children.push(text(child)));
    match &expr.kind {
        ExprKind::Const(value) => constant(value, expr.ty.oid),
        ExprKind::Param(index) => format!("${}", index + 1),
        ExprKind::Slot(slot) => format!("c{slot}"),
        ExprKind::Arg(index) => format!("outer{index}"),
        ExprKind::Column(column) => format!("column {}.{}", column.range, column.column),
        ExprKind::Call(call) => called(call, &children),
        ExprKind::Aggregate(aggregate) => format!("{}({})", proc_name(aggregate.proc), children.join(", ")),
        ExprKind::Window(window) => {
            format!("{}({}) OVER w{}", proc_name(window.proc), children.join(", "), window.window)
        }
        ExprKind::And(_) => format!("({})", children.join(" AND ")),
        ExprKind::Or(_) => format!("({})", children.join(" OR ")),
        ExprKind::Not(_) => format!("(NOT {})", children.join(", ")),
        ExprKind::IsNull { negated, .. } => {
            format!("({} IS {}NULL)", children.join(", "), if *negated { "NOT " } else { "" })
        }
        ExprKind::AnyList { operator, all, .. } => {
            let (left, list) = children.split_first().map_or(("", &[][..]), |(l, r)| (l.as_str(), r));
            let word = if *all { "ALL" } else { "ANY" };
            format!("({left} {} {word} ({}))", operator_name(operator.oid), list.join(", "))
        }
        ExprKind::Coerce { .. } => {
            format!(
                "({})::{}",
                children.join(", "),
                pg::catalog::format_type(expr.ty.oid, Some(expr.ty.typmod))
            )
        }
        ExprKind::SubPlan(subplan) => format!("(SubPlan {})", subplan.id + 1),
        ExprKind::SqlValue(value) => format!("{value:?}"),
        other => {
            let debug = format!("{other:?}");
            let name: String = debug.chars().take_while(char::is_ascii_alphanumeric).collect();
            format!("{}({})", name.to_ascii_uppercase(), children.join(", "))
        }
    }
}

fn called(call: &Call, args: &[String]) -> String {
    match (call.form, args) {
        (CallForm::Operator(oid), [left, right]) => format!("({left} {} {right})", operator_name(oid)),
        (CallForm::Operator(oid), [operand]) => format!("({} {operand})", operator_name(oid)),
        _ => format!("{}({})", proc_name(call.proc), args.join(", ")),
    }
}

fn operator_name(oid: Oid) -> &'static str {
    pg::catalog::operator_by_oid(oid).map_or("?", |operator| operator.name)
}

fn proc_name(oid: Oid) -> &'static str {
    pg::catalog::proc_by_oid(oid).map_or("?", |proc| proc.name)
}

/// A constant with its type, unless its look tells it.
fn constant(value: &Value, ty: Oid) -> String {
    if value.is_null() {
        return "NULL".to_string();
    }
    let mut text = Vec::new();
    let shown = pg::text::output(value, ty, &Env::default(), &mut text);
    let text = String::from_utf8_lossy(&text);
    match (shown, ty) {
        (Err(_), _) => format!("{value:?}"),
        (Ok(()), oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8 | oid::NUMERIC) => {
            text.into_owned()
        }
        (Ok(()), oid::BOOL) => if text == "t" { "true" } else { "false" }.to_string(),
        (Ok(()), oid::TEXT | oid::VARCHAR) => format!("'{}'", text.replace('\'', "''")),
        (Ok(()), _) => format!("'{}'::{}", text.replace('\'', "''"), pg::catalog::format_type(ty, None)),
    }
}
