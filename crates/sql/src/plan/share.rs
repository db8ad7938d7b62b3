//! What several parts of a statement ask of the cluster is asked once: maps that are read whole, with all columns that
//! any of the parts uses, and statements that are the same. The rows become a common table expression around the plan,
//! of which each part takes what it wants; so they are kept, and waited for, as those of `WITH` are.

use std::collections::HashMap;
use std::sync::Arc;

use pg::Oid;

use crate::catalog::{Relation, RelationKind};
use crate::query::*;
use crate::same::same;
use crate::stack::grown;
use crate::walk::{any, parts, visit};

use super::distribute::is_remote;
use super::{CtePlan, Plan, RemoteColumn, RemoteScan, Way};

/// Maps of more bytes are read by each part: their rows would go to temporary files.
const LARGE: f64 = 4e9;

/// How many parts of a statement read each relation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Readers(HashMap<Oid, usize>);

impl Readers {
    /// As many as name it, before it is known which way each goes.
    pub(super) fn of(query: &Query) -> Readers {
        let mut readers = Readers::default();
        readers.count(query);
        readers
    }

    /// As many as a plan has that read all entries.
    pub(super) fn of_plan(plan: &Plan) -> Readers {
        let mut readers = Readers::default();
        plan.each(&mut |plan| {
            if let Plan::Remote(scan) = plan
                && let Some(relation) = whole(scan)
            {
                readers.add(relation);
            }
        });
        readers
    }

    fn count(&mut self, query: &Query) {
        if let Body::Select(select) = &query.body {
            for range in &select.ranges {
                match &range.kind {
                    RangeKind::Relation(relation) if is_remote(relation) => self.add(relation),
                    _ => {}
                }
            }
        }
        let (exprs, mut queries) = parts(query);
        for expr in exprs {
            visit(expr, &mut |e| {
                if let ExprKind::Subquery(subquery) = &e.kind {
                    queries.push(&subquery.query);
                }
                true
            });
        }
        queries.into_iter().for_each(|inner| grown(|| self.count(inner)));
    }

    fn add(&mut self, relation: &Relation) {
        if matches!(relation.kind, RelationKind::Mapping(_)) && !is_large(relation) {
            *self.0.entry(relation.oid).or_default() += 1;
        }
    }

    /// How many share what reading a relation costs.
    pub(super) fn sharing(&self, relation: &Relation) -> usize {
        self.0.get(&relation.oid).copied().unwrap_or(1).max(1)
    }

    /// Whether fewer share what reading a relation costs than were expected to.
    pub(super) fn fall_short_of(&self, expected: &Readers) -> bool {
        self.0.iter().any(|(oid, &n)| expected.0.get(oid).is_some_and(|&expected| n < expected))
    }
}

fn is_large(relation: &Relation) -> bool {
    relation.mapping().is_some_and(|mapping| {
        let (rows, bytes) = (mapping.rows.unwrap_or(0), mapping.entry_bytes.unwrap_or(0));
        rows as f64 * bytes as f64 > LARGE
    })
}

/// The relation of which a scan reads all entries.
fn whole(scan: &RemoteScan) -> Option<&Arc<Relation>> {
    match &scan.way {
        Way::Entries(read) if read.search.is_none() => Some(&read.relation),
        _ => None,
    }
}

/// Whether two scans ask the same, but for the columns of maps that are read whole.
fn alike(a: &RemoteScan, b: &RemoteScan) -> bool {
    if let (Some(a), Some(b)) = (whole(a), whole(b)) {
        return a.oid == b.oid && !is_large(a);
    }
    let same_args = || {
        a.args.len() == b.args.len()
            && a.args
                .iter()
                .zip(&b.args)
                .all(|(a, b)| (a.cluster_type, a.form) == (b.cluster_type, b.form) && same(&a.expr, &b.expr))
    };
    match (&a.way, &b.way) {
        (Way::Sql, Way::Sql) | (Way::Size(_), Way::Size(_)) => a.sql == b.sql && same_args(),
        _ => false,
    }
}

/// Whether the rows of a scan may be kept for others: they end, and depend on nothing but the statement.
fn may_be_shared(scan: &RemoteScan) -> bool {
    let depends =
        |e: &Expr| matches!(e.kind, ExprKind::Arg(_) | ExprKind::SubPlan(_) | ExprKind::Subquery(_));
    let fixed = || !scan.args.iter().any(|arg| any(&arg.expr, &depends));
    !scan.streaming && !scan.lookup && (whole(scan).is_some() || fixed())
}

/// Scans that are made once.
struct Shared {
    id: usize,
    scan: RemoteScan,
    readers: usize,
}

impl Shared {
    fn of(id: usize, scan: &RemoteScan) -> Shared {
        let mut shared = Shared { id, scan: scan.clone(), readers: 0 };
        if let Some(relation) = whole(scan) {
            // Each has conditions of its own; those of the statement for what can't be read go with it.
            let relation = relation.clone();
            shared.scan.args.clear();
            shared.scan.guarded = false;
            shared.set_columns(&relation);
        }
        shared
    }

    /// One more reads this: the places of its columns.
    fn add(&mut self, scan: &RemoteScan) -> Vec<usize> {
        self.readers += 1;
        let (Way::Entries(mine), Way::Entries(read)) = (&mut self.scan.way, &scan.way) else {
            return (0..scan.columns.len()).collect();
        };
        let places = read.columns.iter().map(|column| {
            mine.columns.iter().position(|known| known == column).unwrap_or_else(|| {
                mine.columns.push(*column);
                mine.columns.len() - 1
            })
        });
        let places = places.collect();
        self.set_columns(&read.relation);
        places
    }

    /// The statement and its columns, as what is read says.
    fn set_columns(&mut self, relation: &Relation) {
        let Way::Entries(read) = &self.scan.way else { return };
        self.scan.sql = RemoteScan::select(relation, &read.columns).into();
        let column = |&column: &usize| {
            let column = relation.columns.get(column)?;
            let cluster_type = column.cluster_type.unwrap_or(crate::hazelcast::SqlType::Object);
            Some(RemoteColumn { cluster_type, ty: column.ty })
        };
        self.scan.columns = read.columns.iter().filter_map(column).collect();
    }

    fn into_cte(mut self) -> CtePlan {
        let what = format!("read once for {} parts of the statement", self.readers);
        self.scan.reason = Some(match self.scan.reason {
            Some(reason) => format!("{reason}; {what}").into(),
            None => what.into(),
        });
        CtePlan { id: self.id, plan: Plan::Remote(Arc::new(self.scan)), recursive: None }
    }
}

/// Makes scans that are alike once. `next_cte`: the first number that no common table expression has.
pub(super) fn share(mut plan: Plan, next_cte: usize) -> Plan {
    let mut all: Vec<Arc<RemoteScan>> = Vec::new();
    plan.each(&mut |plan| {
        if let Plan::Remote(scan) = plan
            && may_be_shared(scan)
        {
            all.push(scan.clone());
        }
    });
    let mut shared: Vec<Shared> = Vec::new();
    for (at, scan) in all.iter().enumerate() {
        let again = all.iter().skip(at + 1).any(|other| alike(scan, other));
        if again && !shared.iter().any(|known| alike(&known.scan, scan)) {
            shared.push(Shared::of(next_cte + shared.len(), scan));
        }
    }
    if shared.is_empty() {
        return plan;
    }
    plan.each_mut(&mut |plan| {
        if let Plan::Remote(scan) = plan
            && may_be_shared(scan)
            && let Some(known) = shared.iter_mut().find(|known| alike(&known.scan, scan))
        {
            let columns = Some(known.add(scan));
            *plan = Plan::CteScan { id: known.id, columns };
        }
    });
    let ctes = shared.into_iter().map(Shared::into_cte).collect();
    Plan::With { ctes, input: Box::new(plan) }
}
