//! The system columns of tables (`scanRTEForColumn`, `SystemAttributeByName`).
//!
//! Relations of the catalog have them among their columns. Of what the cluster has, `tableoid` is known. An entry has no
//! place, so that `ctid` is NULL, which is no row's: editors of tables ask for it beside the columns, and what they would
//! change by it they don't find. Nothing tells one version of an entry from another: a constant `xmin` would make those who
//! lock by it (`WHERE id = … AND xmin = …`) write over what others wrote.

use pg::{Error, Result, SqlState, Value};

use super::Analyzer;
use super::scope::{Item, Made};
use crate::catalog::{Relation, SYSTEM_COLUMNS, SystemAttribute};
use crate::query::{ColumnRef, Expr, ExprKind, RangeKind};
use crate::walk::shift_levels;

/// A column of an entry of FROM.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// One of its own, by its place.
    Own(usize),
    /// One that every table has.
    System(SystemAttribute),
}

/// A system column by its name.
pub fn system_column(name: &str) -> Option<SystemAttribute> {
    SYSTEM_COLUMNS.into_iter().find(|column| column.name == name)
}

impl Analyzer<'_> {
    /// A system column of an entry of FROM that has them.
    pub(super) fn take_system_column(
        &mut self,
        level: usize,
        item: &Item,
        column: SystemAttribute,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let lost = || Error::internal("a lost range");
        let range = item.range.ok_or_else(lost)?;
        let at = self.scopes.len().checked_sub(level + 1).ok_or_else(lost)?;
        let scope = self.scopes.get_mut(at).ok_or_else(lost)?;
        let Some(RangeKind::Relation(relation)) = scope.ranges.get(range).map(|range| &range.kind) else {
            return Err(lost());
        };
        let mut expr = match relation.columns.iter().position(|own| own.attnum == column.attnum) {
            Some(place) => {
                let column_ref = ColumnRef { levels_up: 0, range, column: place };
                Expr::new(ExprKind::Column(column_ref), column.ty)
            }
            None => {
                let value = value_of(column, relation).map_err(|error| error.at(pos))?;
                let origin = (relation.oid, column.attnum);
                // The rows to be changed are read from the table itself, and no outer join makes them NULL.
                if scope.changes && range == 0 {
                    value
                } else {
                    scope.make(Made { range, name: column.name, value, origin }).ok_or_else(lost)?
                }
            }
        };
        shift_levels(&mut expr, level);
        expr.position = pos;
        Ok(expr)
    }
}

/// What a system column is in all rows of a table that keeps none.
fn value_of(column: SystemAttribute, relation: &Relation) -> Result<Expr> {
    let value = match column.name {
        "tableoid" => Value::Oid(relation.oid),
        "ctid" => Value::Null,
        name => {
            // `tts_virtual_getsysattr`
            let message = "cannot retrieve a system column in this context";
            let detail =
                format!("Hazelcast keeps no \"{name}\" of an entry: nothing tells its versions apart.");
            let hint = "To see whether a row was changed meanwhile, compare its columns, or keep its version in one.";
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).detail(detail).hint(hint));
        }
    };
    Ok(Expr::constant(value, column.ty))
}
