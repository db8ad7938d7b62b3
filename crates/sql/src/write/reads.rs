//! Which maps a change reads: what it reads of the map that it changes must be read before.

use crate::catalog::RelationKind;
use crate::query::{Body, Expr, ExprKind, Query, Range, RangeKind};
use crate::stack::grown;
use crate::walk::{any, parts};

/// Whether a query may read a map. What a view of the cluster's reads is not known here.
pub(super) fn reads(query: &Query, map: &str) -> bool {
    let ranges = match &query.body {
        Body::Select(select) => select.ranges.as_slice(),
        Body::SetOperation(_) | Body::Values(_) => &[],
    };
    ranges.iter().any(|range| is_of(range, map)) || reads_inside(query, map)
}

/// As [`reads`], but for range 0 of the query's own block, the table that an UPDATE is of.
pub(super) fn reads_beside(query: &Query, map: &str) -> bool {
    let Body::Select(select) = &query.body else { return reads(query, map) };
    select.ranges.iter().skip(1).any(|range| is_of(range, map)) || reads_inside(query, map)
}

/// Whether a subquery in an expression may read a map.
pub(super) fn expr_reads(expr: &Expr, map: &str) -> bool {
    any(expr, &|e| matches!(&e.kind, ExprKind::Subquery(subquery) if reads(&subquery.query, map)))
}

fn is_of(range: &Range, map: &str) -> bool {
    let RangeKind::Relation(relation) = &range.kind else { return false };
    match &relation.kind {
        RelationKind::Mapping(mapping) => mapping.external_name == map,
        RelationKind::ClusterView { .. } => true,
        RelationKind::View { .. } | RelationKind::Catalog => false,
    }
}

fn reads_inside(query: &Query, map: &str) -> bool {
    let (exprs, queries) = parts(query);
    exprs.into_iter().any(|expr| expr_reads(expr, map))
        || queries.into_iter().any(|inner| grown(|| reads(inner, map)))
}
