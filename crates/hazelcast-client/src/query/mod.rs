//! Objects that members work with on behalf of a client: predicates, projections, aggregators.
//!
//! They are objects of Hazelcast's own classes, so every member has what it needs to run them.

pub(crate) mod aggregator;
pub(crate) mod index;
pub(crate) mod predicate;
pub(crate) mod projection;

#[cfg(test)]
mod tests;
