//! Aggregates as accumulators, by the oid of their `pg_proc` row.

mod collect;
mod extreme;
mod float;
mod hypothetical;
mod number;
mod ordered;
mod regression;

use super::NewAccumulator;

/// The tables of this folder.
pub(super) const TABLES: [&[(u32, NewAccumulator)]; 7] = [
    collect::AGGREGATES,
    extreme::AGGREGATES,
    float::AGGREGATES,
    hypothetical::AGGREGATES,
    number::AGGREGATES,
    ordered::AGGREGATES,
    regression::AGGREGATES,
];
