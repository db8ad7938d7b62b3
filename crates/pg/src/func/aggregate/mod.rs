//! Aggregates as accumulators, by the oid of their `pg_proc` row.

mod collect;
mod extreme;
mod float;
mod number;
mod regression;

use super::NewAccumulator;

/// The tables of this folder.
pub(super) const TABLES: [&[(u32, NewAccumulator)]; 5] =
    [collect::AGGREGATES, extreme::AGGREGATES, float::AGGREGATES, number::AGGREGATES, regression::AGGREGATES];
