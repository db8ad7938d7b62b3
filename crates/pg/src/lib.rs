//! PostgreSQL's vocabulary, as PostgreSQL 15 has it: types and values, their text and binary formats, SQLSTATEs,
//! the built-in catalog as data, functions and operators as kernels on values, and the wire's messages and framing
//! guard. Nothing here does I/O, and nothing here knows Hazelcast.

pub mod array;
pub mod binary;
pub mod catalog;
pub mod coerce;
pub mod compare;
pub mod copy;
pub mod datetime;
pub mod env;
pub mod error;
pub mod func;
pub mod interval;
pub mod json;
pub mod numeric;
pub mod oid;
pub mod other;
pub mod prng;
pub mod text;
pub mod tsearch;
pub mod value;
pub mod wire;

pub use array::Array;
pub use coerce::coerce_typmod;
pub use compare::{compare, hash};
pub use env::Env;
pub use error::{Error, Result, SqlState};
pub use interval::Interval;
pub use numeric::Numeric;
pub use oid::{Oid, TypeRef};
pub use other::Other;
pub use value::{Record, Value};
