//! Data connections of the cluster as foreign servers, and their types as foreign-data wrappers. What they connect with is not
//! shown: users and passwords are among it, which PostgreSQL keeps in user mappings that only their owners see.

use std::collections::BTreeSet;

use pg::{Oid, Value};

use super::live::OWNER;
use super::metadata::ConnectionRow;
use super::oids::{oid_of, state_number};
use super::system::{tables::*, with_system_columns};

type Row = Vec<Value>;

/// Whether data connections have rows in a table.
pub fn has_rows(relation: Oid) -> bool {
    matches!(relation, PG_FOREIGN_SERVER | PG_FOREIGN_DATA_WRAPPER)
}

/// Adds the rows of all data connections of a cluster, with their system columns.
pub fn append(cluster: &str, connections: &[ConnectionRow], relation: Oid, rows: &mut Vec<Row>) {
    let mut add = |row: Row, state: Oid| {
        let line = rows.len() + 1;
        rows.push(with_system_columns(row, relation, line, state));
    };
    match relation {
        PG_FOREIGN_DATA_WRAPPER => {
            let types: BTreeSet<&str> = connections.iter().map(|row| &*row.connector).collect();
            types.iter().for_each(|name| add(wrapper_row(cluster, name), state_number(&[name])));
        }
        PG_FOREIGN_SERVER => {
            for row in connections {
                add(server_row(cluster, row), state_number(&[&row.name, &row.connector]));
            }
        }
        _ => {}
    }
}

fn wrapper(cluster: &str, connector: &str) -> Oid {
    oid_of("wrapper", cluster, connector)
}

fn wrapper_row(cluster: &str, connector: &str) -> Row {
    vec![
        Value::Oid(wrapper(cluster, connector)),
        Value::text(connector),
        Value::Oid(OWNER),
        Value::Oid(Oid::INVALID), // fdwhandler: it is in the members
        Value::Oid(Oid::INVALID), // fdwvalidator
        Value::Null,              // fdwacl
        Value::Null,              // fdwoptions
    ]
}

fn server_row(cluster: &str, row: &ConnectionRow) -> Row {
    vec![
        Value::Oid(oid_of("server", cluster, &row.name)),
        Value::text(row.name.as_str()),
        Value::Oid(OWNER),
        Value::Oid(wrapper(cluster, &row.connector)),
        Value::text(row.connector.as_str()), // srvtype
        Value::Null,                         // srvversion
        Value::Null,                         // srvacl
        Value::Null,                         // srvoptions
    ]
}
