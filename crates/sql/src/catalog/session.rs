//! The database as one session sees it: under the name it asked for, with its user among the roles.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use pg::{Oid, Value};

use super::cluster::{self, Gathered};
use super::database::Database;
use super::index::{IndexColumn, Indexes, TableIndex};
use super::live::{self, OWNER};
use super::lookup::{OidIndex, index_by_oid};
use super::oids::oid_of;
use super::system::tables::{PG_AUTHID, PG_DATABASE};
use super::system::{self, with_system_columns};
use super::{Name, Relation, Snapshot, mappings, servers};

/// The name of the bootstrap superuser.
pub const SUPERUSER: &str = "postgres";

/// A [`Snapshot`]: a [`Database`], and who looks at it.
#[derive(Debug)]
pub struct Catalog {
    database: Arc<Database>,
    name: Arc<str>,
    user: Arc<str>,
    others: Vec<Arc<str>>,
    /// Rows of tables of the cluster, for the statement that this is for.
    gathered: Gathered,
    own_rows: system::RowCache,
    own_indexes: Mutex<HashMap<Oid, Arc<OidIndex>>>,
    indexes: Indexes,
}

impl Catalog {
    /// A session's view: the database's name as the session asked for it, its user, and the names of the other
    /// databases that it could have asked for.
    pub fn new(
        database: Arc<Database>,
        name: impl Into<Arc<str>>,
        user: impl Into<Arc<str>>,
        others: Vec<Arc<str>>,
    ) -> Catalog {
        let (name, user) = (name.into(), user.into());
        Catalog {
            database,
            name,
            user,
            others,
            gathered: Gathered::default(),
            own_rows: Mutex::default(),
            own_indexes: Mutex::default(),
            indexes: Indexes::default(),
        }
    }

    /// What all sessions share.
    pub fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// `current_database()`
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// `session_user`
    pub fn user(&self) -> &Arc<str> {
        &self.user
    }

    /// The same view of a newer picture.
    pub fn with_database(&self, database: Arc<Database>) -> Catalog {
        Catalog::new(database, self.name.clone(), self.user.clone(), self.others.clone())
    }

    /// The same view with what a statement asks of the cluster itself.
    pub fn with_gathered(&self, gathered: Gathered) -> Catalog {
        Catalog { gathered, ..self.with_database(self.database.clone()) }
    }

    /// The oid of the database under its name.
    pub fn database_oid(&self) -> Oid {
        self.oid_of_database(&self.name)
    }

    /// The oid of a role by its name.
    pub fn role_oid(&self, name: &str) -> Option<Oid> {
        let rows = self.rows(PG_AUTHID);
        let row = rows.iter().find(|row| row.get(1).and_then(Value::as_str) == Some(name))?;
        oid_at(row, 0)
    }

    /// The name of a role.
    pub fn role_name(&self, oid: Oid) -> Option<Arc<str>> {
        let rows = self.rows(PG_AUTHID);
        let row = rows.iter().find(|row| oid_at(row, 0) == Some(oid))?;
        text_at(row, 1)
    }

    /// The oid of a role, also of one that only other sessions have.
    pub fn oid_of_user(&self, name: &str) -> Oid {
        self.role_oid(name).unwrap_or_else(|| oid_of("role", &self.database.cluster, name))
    }

    /// The oid of a database, also of one that only other sessions have asked for.
    pub fn oid_of_database(&self, name: &str) -> Oid {
        let built_in = system::rows(PG_DATABASE);
        let known = built_in.iter().find(|row| row.get(1).and_then(Value::as_str) == Some(name));
        known
            .and_then(|row| oid_at(row, 0))
            .unwrap_or_else(|| oid_of("database", &self.database.cluster, name))
    }

    /// Rows that depend on who looks.
    fn session_rows(&self, relation: Oid) -> Option<Arc<[Vec<Value>]>> {
        if !is_own(relation) {
            return None;
        }
        let mut cache = self.own_rows.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = cache.entry(relation).or_insert_with(|| match relation {
            PG_AUTHID => self.roles(),
            _ => self.databases(),
        });
        Some(rows.clone())
    }

    /// `pg_authid`: PostgreSQL's predefined roles, the bootstrap superuser, and the session's user. There are no
    /// rights yet: whoever may connect may do everything.
    fn roles(&self) -> Arc<[Vec<Value>]> {
        let built_in = system::rows(PG_AUTHID);
        if built_in.iter().any(|row| row.get(1).and_then(Value::as_str) == Some(&self.user)) {
            return built_in;
        }
        let mut rows = built_in.to_vec();
        if let Some(mut row) = rows.iter().find(|row| oid_at(row, 0) == Some(OWNER)).cloned() {
            set(&mut row, 0, Value::Oid(oid_of("role", &self.database.cluster, &self.user)));
            set(&mut row, 1, Value::Text(self.user.clone()));
            rows.push(row);
        }
        rows.into()
    }

    /// `pg_database`: the templates, and the databases that can be asked for.
    fn databases(&self) -> Arc<[Vec<Value>]> {
        let built_in = system::rows(PG_DATABASE);
        let by_name =
            |name: &str| built_in.iter().find(|row| row.get(1).and_then(Value::as_str) == Some(name));
        let mut rows: Vec<Vec<Value>> =
            ["template1", "template0"].iter().filter_map(|n| by_name(n)).cloned().collect();
        let Some(pattern) = by_name("postgres").cloned() else { return rows.into() };
        for name in std::iter::once(&self.name).chain(&self.others) {
            if rows.iter().any(|row| row.get(1).and_then(Value::as_str) == Some(name)) {
                continue;
            }
            let mut row = pattern.clone();
            row.truncate(row.len().saturating_sub(6));
            set(&mut row, 0, Value::Oid(self.oid_of_database(name)));
            set(&mut row, 1, Value::Text(name.clone()));
            rows.push(with_system_columns(row, PG_DATABASE, rows.len() + 1, Oid(2)));
        }
        rows.into()
    }

    /// Where the rows of a table stand by oid; kept with the picture, unless the rows are the session's own.
    pub(super) fn oid_index(&self, table: Oid, rows: &[Vec<Value>]) -> Arc<OidIndex> {
        let cache = match table {
            PG_AUTHID | PG_DATABASE => &self.own_indexes,
            _ => &self.database.oid_indexes,
        };
        let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.entry(table).or_insert_with(|| Arc::new(index_by_oid(rows))).clone()
    }

    fn exact(&self, schema: &str, name: &str) -> Option<Arc<Relation>> {
        let live = || self.database.table(schema, name).map(|table| table.relation.clone());
        system::relation_by_name(schema, name).or_else(live).or_else(|| extra_by_name(schema, name))
    }

    fn ignoring_case(&self, schema: &str, name: &str) -> Option<Arc<Relation>> {
        self.database.table_ignoring_case(schema, name).map(|table| table.relation.clone())
    }

    /// A relation by name in the first schema that has it; unquoted names by their three readings in turn.
    fn look_up(&self, schemas: &[&str], name: &Name) -> Option<Arc<Relation>> {
        let exact = |text: &str| schemas.iter().find_map(|schema| self.exact(schema, text));
        if name.quoted {
            return exact(&name.text);
        }
        exact(&name.folded())
            .or_else(|| exact(&name.text))
            .or_else(|| schemas.iter().find_map(|schema| self.ignoring_case(schema, &name.text)))
    }
}

impl Snapshot for Catalog {
    fn relation(
        &self,
        schema: Option<&Name>,
        name: &Name,
        search_path: &[Arc<str>],
    ) -> Option<Arc<Relation>> {
        match schema {
            Some(schema) => self.look_up(&[&schema.folded()], name),
            None => {
                let mut schemas: Vec<&str> = search_path.iter().map(AsRef::as_ref).collect();
                // pg_catalog is searched first unless the path says where (manual, 5.9.5).
                if !schemas.contains(&"pg_catalog") {
                    schemas.insert(0, "pg_catalog");
                }
                self.look_up(&schemas, name)
            }
        }
    }

    fn relation_by_oid(&self, oid: Oid) -> Option<Arc<Relation>> {
        let live = || self.database.table_by_oid(oid).map(|table| table.relation.clone());
        system::relation_by_oid(oid).or_else(live).or_else(|| extra_by_oid(oid))
    }

    fn has_schema(&self, name: &str) -> bool {
        system::known_schema(name)
    }

    fn rows(&self, relation: Oid) -> Arc<[Vec<Value>]> {
        if mappings::by_oid(relation).is_some() {
            return mappings::rows(self);
        }
        if cluster::table(relation).is_some() {
            return self.gathered.get(&relation).cloned().unwrap_or_else(|| Arc::from([]));
        }
        self.session_rows(relation).unwrap_or_else(|| self.database.rows(relation))
    }

    fn index(&self, relation: Oid, columns: &[IndexColumn]) -> Arc<TableIndex> {
        /// Of tables that are the same in every picture.
        static BUILT_IN: LazyLock<Indexes> = LazyLock::new(Indexes::default);
        let indexes = if is_own(relation) || extra_by_oid(relation).is_some() {
            &self.indexes
        } else if live::has_rows(relation) || servers::has_rows(relation) {
            &self.database.indexes
        } else {
            &BUILT_IN
        };
        indexes.get(relation, columns, || self.rows(relation))
    }

    fn version(&self) -> u64 {
        self.database.version()
    }

    fn catalog(&self) -> Option<&Catalog> {
        Some(self)
    }
}

/// A relation that PostgreSQL doesn't have, by its name.
fn extra_by_name(schema: &str, name: &str) -> Option<Arc<Relation>> {
    mappings::by_name(schema, name).or_else(|| cluster::by_name(schema, name))
}

/// A relation that PostgreSQL doesn't have, by its oid.
fn extra_by_oid(oid: Oid) -> Option<Arc<Relation>> {
    mappings::by_oid(oid).or_else(|| cluster::by_oid(oid))
}

/// Whether a table's rows depend on who looks.
fn is_own(relation: Oid) -> bool {
    matches!(relation, PG_AUTHID | PG_DATABASE)
}

/// A column of a row that holds an oid.
pub(super) fn oid_at(row: &[Value], index: usize) -> Option<Oid> {
    match row.get(index) {
        Some(Value::Oid(oid)) => Some(*oid),
        _ => None,
    }
}

/// A column of a row that holds text.
pub(super) fn text_at(row: &[Value], index: usize) -> Option<Arc<str>> {
    match row.get(index) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

fn set(row: &mut [Value], index: usize, value: Value) {
    if let Some(slot) = row.get_mut(index) {
        *slot = value;
    }
}
