//! Objects of the catalog by oid and by name, without looking at every row.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use pg::catalog::{TypeName, system_relation, system_relations, type_by_oid, type_in_namespace};
use pg::{Oid, Value};

use super::session::oid_at;
use super::system::{self, PUBLIC, schema_name, tables::PG_NAMESPACE};
use super::{Catalog, Database, Snapshot};

/// A row of a table of the catalog.
#[derive(Clone, Debug)]
pub struct RowRef {
    rows: Arc<[Vec<Value>]>,
    index: usize,
}

impl RowRef {
    /// A column.
    pub fn get(&self, column: usize) -> &Value {
        self.rows.get(self.index).and_then(|row| row.get(column)).unwrap_or(&Value::Null)
    }

    /// A column that holds an oid.
    pub fn oid(&self, column: usize) -> Oid {
        match self.get(column) {
            Value::Oid(oid) => *oid,
            _ => Oid::INVALID,
        }
    }

    /// A column that holds text.
    pub fn text(&self, column: usize) -> &str {
        self.get(column).as_str().unwrap_or_default()
    }

    /// A column that holds a `bool`.
    pub fn is(&self, column: usize) -> bool {
        self.get(column).is_true()
    }

    /// A column that holds a `"char"`.
    pub fn char(&self, column: usize) -> u8 {
        match self.get(column) {
            Value::Char(c) => *c,
            _ => 0,
        }
    }

    /// A column that holds a number.
    pub fn int(&self, column: usize) -> i64 {
        self.get(column).as_i64().unwrap_or(0)
    }

    /// The items of a column that holds an array of numbers.
    pub fn ints(&self, column: usize) -> Vec<i64> {
        match self.get(column) {
            Value::Array(array) => array.items.iter().filter_map(Value::as_i64).collect(),
            _ => Vec::new(),
        }
    }

    /// The items of a column that holds an array of text.
    pub fn texts(&self, column: usize) -> Vec<String> {
        match self.get(column) {
            Value::Array(array) => {
                array.items.iter().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Where the row of an oid stands, for tables whose first column is `oid`.
pub(super) type OidIndex = HashMap<Oid, usize>;

pub(super) fn index_by_oid(rows: &[Vec<Value>]) -> OidIndex {
    rows.iter().enumerate().filter_map(|(i, row)| Some((oid_at(row, 0)?, i))).collect()
}

/// Every built-in relation, indexes and TOAST tables included, by namespace and name.
static CLASSES: LazyLock<HashMap<(Oid, &'static str), Oid>> = LazyLock::new(|| {
    system_relations().iter().map(|relation| ((relation.namespace, relation.name), relation.oid)).collect()
});

/// The name of an object and of its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualifiedName {
    /// The schema.
    pub schema: Arc<str>,
    /// The name.
    pub name: Arc<str>,
}

impl Database {
    /// Name and schema of a relation of any kind, indexes included.
    pub fn class_name(&self, oid: Oid) -> Option<QualifiedName> {
        if let Some(row) = system_relation(oid) {
            return Some(QualifiedName { schema: schema_name(row.namespace)?.into(), name: row.name.into() });
        }
        if let Some(table) = self.table_by_oid(oid) {
            let relation = &table.relation;
            return Some(QualifiedName { schema: relation.schema.clone(), name: relation.name.clone() });
        }
        let (table, key) = self.table_by_index(oid)?;
        Some(QualifiedName { schema: table.relation.schema.clone(), name: key.name.clone() })
    }

    /// A relation of any kind by its exact name, indexes included.
    pub fn class_oid(&self, schema: &str, name: &str) -> Option<Oid> {
        if let Some(oid) = CLASSES.get(&(namespace_oid(schema)?, name)) {
            return Some(*oid);
        }
        self.table(schema, name).map(|table| table.relation.oid).or_else(|| self.index_by_name(schema, name))
    }

    /// Name and schema of a type.
    pub fn type_name(&self, oid: Oid) -> Option<QualifiedName> {
        if let Some(row) = type_by_oid(oid) {
            return Some(QualifiedName { schema: schema_name(row.namespace)?.into(), name: row.name.into() });
        }
        let table = self.table_by_type(oid)?;
        let name = if table.row_type == oid { &table.relation.name } else { &table.array_name };
        Some(QualifiedName { schema: table.relation.schema.clone(), name: name.clone() })
    }

    /// A type by its exact name.
    pub fn type_oid(&self, schema: &str, name: &str) -> Option<Oid> {
        if let Some(row) = type_in_namespace(name, namespace_oid(schema)?) {
            return Some(row.oid);
        }
        self.table(schema, name).map(|table| table.row_type).or_else(|| self.array_by_name(schema, name))
    }

    /// The element type of a true array type.
    pub fn element_of(&self, array: Oid) -> Option<Oid> {
        match type_by_oid(array) {
            Some(row) => (row.is_array() && row.storage != 'p').then_some(row.element),
            None => self.table_by_type(array).filter(|table| table.array_type == array).map(|t| t.row_type),
        }
    }

    /// The array type over a type.
    pub fn array_of(&self, element: Oid) -> Option<Oid> {
        pg::catalog::array_type(element)
            .or_else(|| self.table_by_type(element).filter(|t| t.row_type == element).map(|t| t.array_type))
    }
}

/// The oid of a schema.
pub fn namespace_oid(name: &str) -> Option<Oid> {
    match name {
        "public" => Some(PUBLIC),
        "pg_catalog" => Some(system::PG_CATALOG),
        "information_schema" => Some(*system::INFORMATION_SCHEMA),
        "pg_toast" => Some(system::PG_TOAST),
        _ => None,
    }
}

/// The schemas that are searched, in order, for a path of existing schemas: `pg_catalog` is first unless the path says
/// where it is (`recomputeNamespacePath`).
pub fn full_path(path: &[Arc<str>]) -> impl Iterator<Item = &str> {
    let implicit = (!path.iter().any(|schema| &**schema == "pg_catalog")).then_some("pg_catalog");
    implicit.into_iter().chain(path.iter().map(AsRef::as_ref))
}

impl Catalog {
    /// The row of an object by its oid, in a table whose first column is `oid`.
    pub fn find(&self, table: Oid, oid: Oid) -> Option<RowRef> {
        let rows = self.rows(table);
        let index = *self.oid_index(table, &rows).get(&oid)?;
        Some(RowRef { rows, index })
    }

    /// All rows of a table.
    pub fn scan(&self, table: Oid) -> impl Iterator<Item = RowRef> + use<> {
        let rows = self.rows(table);
        (0..rows.len()).map(move |index| RowRef { rows: rows.clone(), index })
    }

    /// A schema's name.
    pub fn namespace_name(&self, oid: Oid) -> Option<Arc<str>> {
        schema_name(oid).map(Into::into).or_else(|| Some(self.find(PG_NAMESPACE, oid)?.text(1).into()))
    }

    /// Whether a relation is found by its bare name (`RelationIsVisible`); `None` when there is none.
    pub fn class_is_visible(&self, oid: Oid, path: &[Arc<str>]) -> Option<bool> {
        let name = self.database().class_name(oid)?;
        let first = full_path(path).find_map(|schema| self.database().class_oid(schema, &name.name));
        Some(first == Some(oid))
    }

    /// Whether a type is found by its bare name (`TypeIsVisible`); `None` when there is none.
    pub fn type_is_visible(&self, oid: Oid, path: &[Arc<str>]) -> Option<bool> {
        let name = self.database().type_name(oid)?;
        let first = full_path(path).find_map(|schema| self.database().type_oid(schema, &name.name));
        Some(first == Some(oid))
    }

    /// `format_type`, with schemas where the search path needs them.
    pub fn format_type(&self, oid: Oid, typmod: Option<i32>, path: &[Arc<str>]) -> String {
        let database = self.database();
        // Names are kept here while the printer borrows them.
        let element = database.element_of(oid);
        let shown = element.unwrap_or(oid);
        let name = database.type_name(shown);
        let hidden = name.is_some() && !self.type_is_visible(shown, path).unwrap_or(false);
        pg::catalog::format_type_with(oid, typmod, |asked| {
            let element = (asked == oid).then_some(element).flatten();
            let name = match element {
                Some(_) => return Some(TypeName { name: "", schema: None, element }),
                None => name.as_ref()?,
            };
            Some(TypeName { name: &name.name, schema: hidden.then_some(&*name.schema), element: None })
        })
    }
}
