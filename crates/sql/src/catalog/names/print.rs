//! Texts for oids.

use std::sync::Arc;

use pg::catalog::{
    operator_by_oid, operators_by_name, proc_by_oid, procs_by_name, quote_identifier, quote_qualified,
};
use pg::{Oid, oid};

use super::super::lookup::full_path;
use super::super::system::{schema_name, tables::*};
use crate::catalog::{Catalog, QualifiedName};

impl Catalog {
    /// A name for an oid of a reg type; `None` when there is no such object.
    pub(super) fn name_of(&self, reg_type: Oid, object: Oid, path: &[Arc<str>]) -> Option<String> {
        match reg_type {
            oid::REGCLASS => {
                let name = self.database().class_name(object)?;
                Some(print(name, self.class_is_visible(object, path)?))
            }
            oid::REGTYPE => {
                self.database().type_name(object)?;
                Some(self.format_type(object, None, path))
            }
            oid::REGPROC => {
                let proc = proc_by_oid(object)?;
                let candidates = procs_by_name(proc.name).iter().filter(|p| searched(p.namespace, path));
                let unique = candidates.clone().count() == 1 && searched(proc.namespace, path);
                Some(quote_qualified((!unique).then(|| schema_name(proc.namespace)).flatten(), proc.name))
            }
            oid::REGPROCEDURE => self.procedure_name(object, path),
            oid::REGOPER => {
                let operator = operator_by_oid(object)?;
                let unique = operators_by_name(operator.name).len() == 1;
                let schema = schema_name(operator.namespace)?;
                Some(if unique { operator.name.to_owned() } else { format!("{schema}.{}", operator.name) })
            }
            oid::REGOPERATOR => {
                let operator = operator_by_oid(object)?;
                let side = |oid: Oid| match oid.is_valid() {
                    true => self.format_type(oid, None, path),
                    false => "NONE".to_owned(),
                };
                Some(format!("{}({},{})", operator.name, side(operator.left), side(operator.right)))
            }
            oid::REGNAMESPACE => Some(quote_identifier(&self.namespace_name(object)?).into_owned()),
            oid::REGROLE => Some(quote_identifier(&self.role_name(object)?).into_owned()),
            oid::REGCOLLATION => self.named(PG_COLLATION, object, 2, path),
            oid::REGCONFIG => self.named(PG_TS_CONFIG, object, 2, path),
            oid::REGDICTIONARY => self.named(PG_TS_DICT, object, 2, path),
            _ => None,
        }
    }

    /// `format_procedure`: a function with its argument types.
    pub fn procedure_name(&self, object: Oid, path: &[Arc<str>]) -> Option<String> {
        let proc = proc_by_oid(object)?;
        let schema = (!searched(proc.namespace, path)).then(|| schema_name(proc.namespace)).flatten();
        let args: Vec<String> = proc.args.iter().map(|arg| self.format_type(*arg, None, path)).collect();
        Some(format!("{}({})", quote_qualified(schema, proc.name), args.join(",")))
    }

    /// An object of a table whose second column is its name and another its schema.
    fn named(&self, table: Oid, object: Oid, namespace: usize, path: &[Arc<str>]) -> Option<String> {
        let row = self.find(table, object)?;
        let schema = self.namespace_name(row.oid(namespace))?;
        let visible = full_path(path).any(|known| *known == *schema);
        Some(quote_qualified((!visible).then_some(&*schema), row.text(1)))
    }
}

fn print(name: QualifiedName, visible: bool) -> String {
    quote_qualified((!visible).then_some(&*name.schema), &name.name)
}

/// Whether a schema is on the path.
pub(super) fn searched(namespace: Oid, path: &[Arc<str>]) -> bool {
    schema_name(namespace).is_some_and(|name| full_path(path).any(|schema| schema == name))
}
