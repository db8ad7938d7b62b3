//! PostgreSQL's SQL over Hazelcast: from text to rows. Pure, but for the trait [`remote::Cluster`] through which pages
//! of rows come from the cluster.
//!
//! A statement meets the modules in this order:
//!
//! 1. [`parse`] cuts a text into statements and makes syntax trees of them.
//! 2. [`analyze`] gives a syntax tree PostgreSQL's meaning: a typed [`query::Query`] in which every name is resolved
//!    against a [`catalog::Snapshot`], every function and operator is a row of `pg_proc`, and every parameter has a type.
//! 3. [`plan`] splits the query between the cluster and us ([`plan::Plan`]): what is exact there goes down as
//!    Hazelcast SQL, the rest stays here.
//! 4. [`exec`] runs plans row by row.

pub mod analyze;
pub mod catalog;
pub mod exec;
pub mod hazelcast;
pub mod interrupts;
pub mod parse;
pub mod plan;
pub mod query;
pub mod remote;
pub mod same;
pub mod session;
pub mod settings;
mod stack;
pub mod walk;
pub mod write;
