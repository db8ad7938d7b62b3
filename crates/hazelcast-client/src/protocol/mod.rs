//! The Open Binary Client Protocol 2.x: frames, messages and their contents, without any I/O.

pub(crate) mod auth;
pub(crate) mod cluster;
pub(crate) mod exception;
pub(crate) mod frame;
#[cfg(test)]
mod fuzz;
pub(crate) mod management;
pub(crate) mod map;
pub(crate) mod map_query;
pub(crate) mod message;
pub(crate) mod message_type;
pub(crate) mod page;
#[cfg(test)]
mod pages;
pub(crate) mod request;
pub(crate) mod schema;
pub(crate) mod sql;
pub(crate) mod stream;
pub(crate) mod transaction;
#[cfg(test)]
mod vectors;
