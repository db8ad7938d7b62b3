//! What answers are compared with and who gives them: a real PostgreSQL and the gateway, each as a [`Guarded`] process
//! that ends with us.
//!
//! [`wire::Client`] asks either of them, [`compare`] looks at two answers, [`data`] is the same on both sides.
//!
//! [`PostgreSql`] is a server with an empty data folder of its own, [`Gateway`] is our program in front of a cluster
//! (members are started by the crate `member`).

pub mod compare;
pub mod data;
mod gateway;
mod postgresql;
pub mod wire;

pub use gateway::Gateway;
pub use member::Guarded;
pub use postgresql::PostgreSql;
