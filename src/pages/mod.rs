//! Between the cluster's values and PostgreSQL's. Pages of rows are written straight into DataRow messages when nothing
//! stands between ([`rows`]), or become values for the executor ([`value`]); parameters go the other way ([`parameter`]).
//!
//! Values that PostgreSQL can't hold have one rule each:
//!
//! * nanoseconds are cut to microseconds (Hazelcast's own literals do the same);
//! * years outside PostgreSQL's range are 22008;
//! * NUL characters in texts are 22021;
//! * decimals beyond `numeric` are 22003; a negative scale becomes zeros;
//! * an integer too large for the type that PostgreSQL gives its column is 22003.

pub mod decimal;
pub mod object;
pub mod parameter;
pub mod rows;
pub mod temporal;
pub mod value;
