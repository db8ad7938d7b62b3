#![doc = include_str!("../README.md")]
//!
//! ## Where things are
//!
//! A statement begins in [`Client::sql`], is executed in `sql::execute` (a slot, a connection, the request), and gives an [`SqlRows`] that fetches page after
//! page. `sql::query` knows how a query is closed. A [`Map`] sends its requests by `map::invoke`.
//! `cluster::manager` is the task that keeps members, partitions and connections up to date; `cluster::connection` is one connection.
//! `protocol` has the messages and `data` the serialized values; both are pure.
#![deny(missing_docs)]

mod client;
#[cfg(feature = "cloud")]
mod cloud;
mod cluster;
mod cluster_config;
mod compact;
mod config;
mod data;
mod deadline;
mod entry;
mod error;
#[cfg(test)]
mod fake;
#[cfg(any(test, feature = "fuzzing"))]
#[cfg_attr(feature = "fuzzing", doc(hidden))]
pub mod fuzz;
mod management;
mod map;
mod objects;
mod protocol;
mod query;
mod schemas;
mod sql;
mod state;
mod statistics;
mod subscription;
#[cfg(feature = "tls")]
mod tls;
mod transaction;

pub use client::Client;
#[cfg(feature = "cloud")]
pub use cloud::Cloud;
pub use cluster_config::{ClusterConfig, PublicAddresses};
pub use config::{Backoff, ClientBuilder, Credentials, Routing};
pub use data::Data;
pub use data::compact::generic::{CompactRecord, CompactRecordBuilder};
pub use data::compact::schema::{CompactField, CompactSchema, FieldKind};
pub use data::compact::types::{Compact, CompactType, LazySchema, take_field};
pub use data::decimal::{Decimal, DecimalRef, ParseDecimalError};
pub use data::portable::record::{PortableField, PortableRecord, PortableRecordBuilder};
pub use data::portable::{PortableFieldType, PortableId};
pub use data::temporal::{Date, Time, Timestamp, TimestampTz};
pub use data::to_data::ToData;
pub use data::value::{ArrayKind, Value};
pub use entry::{
    EncodedKey, EntryColumn, EntryError, EntryFormat, EntryLayout, EntryReader, EntryScan, NeedsSql,
    PageBuilder,
};
pub use error::{
    AuthenticationStatus, Error, ErrorCause, MemberError, Result, SqlError, member_error_code, sql_error_code,
};
#[cfg(feature = "compact")]
pub use hazelcast_client_derive::Compact;
pub use management::{JobStatus, JobSummary, MapConfiguration};
pub use map::{
    EntryEventKind, EntryListener, EntryListenerBuilder, EntryStream, EntryView, Expiry, Map, MapEvent,
    MapLock, Pages,
};
pub use objects::{ObjectEvent, ObjectListener};
pub use query::aggregator::Aggregator;
pub use query::index::{IndexConfig, IndexKind, UniqueKeyTransformation};
pub use query::predicate::Predicate;
pub use query::projection::Projection;
pub use sql::cancel::CancelHandle;
pub use sql::column::{ColumnMetadata, SqlColumnType};
pub use sql::page::{Page, PageColumnRef};
pub use sql::result::{SqlResult, SqlRows};
pub use sql::statement::{ExpectedResult, SqlStatement};
pub use sql::value_ref::ValueRef;
pub use state::{Address, ClientState, ClientStatus, MemberInfo};
pub use statistics::collected::{Metric, MetricValue};
#[cfg(feature = "tls")]
pub use tls::Tls;
pub use transaction::{Transaction, TransactionBuilder, TransactionKind, TransactionalMap};
pub use uuid::Uuid;
