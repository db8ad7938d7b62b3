//! Names of types (`parse_type.c`), and their modifiers.

use pg::catalog::{PG_CATALOG, PUBLIC, array_type, type_in_namespace};
use pg::oid::TypeRef;
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use crate::catalog::{modifier, written};
use crate::parse::ast::TypeName;

/// `information_schema`'s own oid, as `pg_namespace` has it.
pub fn information_schema() -> Option<Oid> {
    static FOUND: std::sync::LazyLock<Option<Oid>> = std::sync::LazyLock::new(|| {
        pg::catalog::system_relations()
            .iter()
            .find(|relation| relation.name == "information_schema_catalog_name")
            .map(|relation| relation.namespace)
    });
    *FOUND
}

/// The SQL name of a type, for messages (`format_type_be`).
pub fn format_type(ty: Oid) -> String {
    pg::catalog::format_type(ty, None)
}

/// The oid of a schema that holds built-in objects.
pub fn namespace(schema: &str) -> Option<Oid> {
    match schema {
        "pg_catalog" => Some(PG_CATALOG),
        // Functions of an extension are there.
        "public" => Some(PUBLIC),
        "information_schema" => information_schema(),
        _ => None,
    }
}

impl Analyzer<'_> {
    /// `typenameTypeIdAndMod`
    pub(super) fn type_name(&mut self, name: &TypeName) -> Result<TypeRef> {
        let pos = self.pos(name.pos);
        if name.percent_type {
            return Err(Error::refused("%TYPE").at(pos));
        }
        let found = match self.qualified(&name.names)? {
            (None, name) => self.type_on_path(&name.folded()),
            (Some(schema), name) => self.type_in_schema(&schema.folded(), &name.folded(), pos)?,
        };
        let undefined = || {
            let text = written(&name.names, name.array_dims);
            Error::new(SqlState::UNDEFINED_OBJECT, format!("type \"{text}\" does not exist")).at(pos)
        };
        let element = found.ok_or_else(undefined)?;
        let typmod = modifier(element, name).map_err(|error| error.at(pos))?;
        if name.array_dims == 0 {
            return Ok(TypeRef { oid: element, typmod });
        }
        let array = array_type(element).ok_or_else(undefined)?;
        Ok(TypeRef { oid: array, typmod })
    }

    fn type_on_path(&self, name: &str) -> Option<Oid> {
        let mut schemas = vec!["pg_catalog".into()];
        schemas.extend(self.search_path().iter().map(|s| s.to_string()));
        schemas
            .iter()
            .filter_map(|schema| type_in_namespace(name, namespace(schema)?))
            .map(|row| row.oid)
            .next()
    }

    fn type_in_schema(&self, schema: &str, name: &str, pos: Option<u32>) -> Result<Option<Oid>> {
        let namespace = self.explicit_namespace(schema, pos)?;
        Ok(type_in_namespace(name, namespace).map(|row| row.oid))
    }

    /// `LookupExplicitNamespace`: the oid of a schema, for what is built in; invalid where there is nothing of that.
    pub(super) fn explicit_namespace(&self, schema: &str, pos: Option<u32>) -> Result<Oid> {
        match namespace(schema) {
            Some(oid) => Ok(oid),
            None if self.cx.snapshot.has_schema(schema) => Ok(Oid::INVALID),
            None => {
                Err(Error::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{schema}\" does not exist"))
                    .at(pos))
            }
        }
    }
}
