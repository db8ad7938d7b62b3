//! What answers are compared with and who gives them: a real PostgreSQL and the gateway, each as a [`Guarded`] process
//! that ends with us.
//!
//! [`PostgreSql`] is a server with an empty data folder of its own, [`Gateway`] is our program in front of a cluster
//! (members are started by the crate `member`).

mod gateway;
mod postgresql;

pub use gateway::Gateway;
pub use member::Guarded;
pub use postgresql::PostgreSql;
