//! hazelgres: a PostgreSQL server in front of a Hazelcast cluster.
//!
//! # The life of a query
//!
//! 1. [`serve::serve`] starts the cluster's client, the [`engine::SqlEngine`] over it, and a [`server::Server`], which
//!    accepts at once. Until the cluster and its catalog are there, clients get 57P03.
//! 2. For each socket the server answers what comes before a session: requests for encryption, cancel requests, the
//!    startup message. Who is let in gets a [`session::Session`], a place among [`server::cancel::Sessions`], and a thread that all of it runs on
//!    (server/workers.rs).
//! 3. [`server::wire::Wire`] receives; [`pg::wire::frame::cut`] cuts a guarded frame, [`pg::wire::frontend::decode`]
//!    makes a message of it.
//! 4. The session works on one message at a time. `Query` (session/simple.rs) and `Parse`, `Bind`, `Describe`, `Execute`
//!    (session/extended.rs) make a [`session::portal::Portal`], which is run by one path (session/rows.rs).
//! 5. [`session::engine::Engine::parse`] cuts the text into statements. What concerns the session itself is a
//!    [`session::command::Command`]: transactions, settings, prepared statements, cursors. Everything else is SQL.
//! 6. [`session::engine::Statement::analyze`] gives SQL its meaning ([`sql::analyze`]) in the newest picture of the
//!    catalog ([`cluster::catalog::CatalogSource`]). Describe is answered from that; nothing has run yet. A text that came
//!    before has all of this behind it (engine/cache.rs).
//! 7. [`session::engine::Prepared::execute`] plans it, when that has not been done ([`sql::plan::plan`]), and starts it:
//!    * a plan that is one statement of the cluster's (engine/direct.rs) is sent there by [`cluster::Scope::open_pages`],
//!      and its pages are written as DataRow messages as they are ([`pages::rows::PageRows`]);
//!    * any other is run by [`sql::exec::run`], which opens its scans through the same [`cluster::Scope`] and gets values
//!      ([`pages::value`]); on a thread of its own, unless it is short (engine/elsewhere.rs);
//!    * a change is made by [`sql::write`].
//! 8. The session pulls batches of rows and writes them into the output. When that has 64 KiB it is sent, and nothing more
//!    is pulled until the client has taken it: the client's pace is the cluster's pace. While anything is waited for, the
//!    client may cancel, vanish, or send ahead (`wait` in session/mod.rs); dropping the rows ends the query in the
//!    cluster.
//! 9. Output that is smaller is sent when there is no more input to work on.

pub mod access;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod engine;
pub mod pages;
pub mod serve;
pub mod server;
pub mod session;
#[cfg(test)]
mod testing;
