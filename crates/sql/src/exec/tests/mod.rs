//! Plans built by hand. Expected rows are PostgreSQL's.

mod expressions;
mod groups;
mod joins;
mod operators;
mod spill;
mod support;
mod windows;
