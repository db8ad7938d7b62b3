//! The tests of the whole program: a real server process in front of real members, a real PostgreSQL beside it as the
//! oracle, and real clients. Nothing of `src` is used. `cargo xtask setup` sees to what is needed.

mod bed;
mod oracle;
mod tools;
use testbed::{compare, wire};

mod breakages;
mod catalog;
mod corpus;
mod deep;
mod demo;
mod edge;
mod entries;
mod heavy;
mod indexes;
mod large;
mod members;
mod movies;
mod own;
mod plans;
mod protocol;
mod serve;
mod sql;
mod threats;
mod types;
mod ways;
