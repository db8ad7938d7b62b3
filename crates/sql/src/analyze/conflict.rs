//! `ON CONFLICT` (`transformOnConflictClause`): the only constraint there is is the key.

use std::sync::Arc;

use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use super::expr::syntax_error;
use super::scope::Item;
use crate::catalog::Relation;
use crate::parse::ast::{self, ConflictTarget};
use crate::query::{ColumnRef, ExprKind, OnConflict};

impl Analyzer<'_> {
    /// In a scope whose only range is the table.
    pub(super) fn on_conflict(
        &mut self,
        conflict: &ast::OnConflict,
        relation: &Arc<Relation>,
    ) -> Result<OnConflict> {
        match &conflict.target {
            Some(ConflictTarget::Constraint(name)) => check_constraint(&name.folded(), relation)?,
            Some(ConflictTarget::Columns(columns, filter)) => {
                self.check_conflict_columns(columns, filter.as_ref(), relation)?;
            }
            None if conflict.update.is_some() => {
                let message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
                let hint = "For example, ON CONFLICT (column_name).";
                return Err(syntax_error(message, self.pos(conflict.pos)).hint(hint));
            }
            None => {}
        }
        let Some((assignments, filter)) = &conflict.update else { return Ok(OnConflict::Nothing) };
        // The table of RETURNING comes behind this one.
        let before = self.scope()?.namespace.clone();
        let mut kept = self.scope()?.ranges.clone();
        let (range, origins) = self.relation_range(relation.clone(), Some("excluded".into()))?;
        let scope = self.scope()?;
        // Messages know it from here on.
        kept.push(range.clone());
        // A row that is not in the table has no system columns.
        let excluded = Item { system: false, ..scope.add(range, origins) };
        scope.namespace.push(excluded);
        let (columns, targets) = self.assignments(relation, assignments)?;
        let filter = self.change_filter(filter.as_ref())?;
        let source = Box::new(self.change_source(Vec::new(), filter, targets)?);
        let scope = self.scope()?;
        scope.namespace = before;
        scope.ranges = kept;
        Ok(OnConflict::Update { columns, source })
    }

    /// `resolve_unique_index_expr`, `infer_arbiter_indexes`
    fn check_conflict_columns(
        &mut self,
        columns: &[ast::ConflictColumn],
        filter: Option<&ast::Expr>,
        relation: &Relation,
    ) -> Result<()> {
        let mut named = Vec::new();
        let mut plain = true;
        for column in columns {
            let pos = self.pos(column.expr.pos);
            if let Some(ordering) = column.ordering {
                let message = format!("{ordering} is not allowed in ON CONFLICT clause");
                return Err(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(pos));
            }
            let raw = match &column.expr.kind {
                ast::ExprKind::Collate(inner, _) => inner,
                _ => &column.expr,
            };
            let expr = self.in_clause(Clause::ConflictTarget, |a| a.expr(raw))?;
            match expr.kind {
                ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column }) => named.push(column),
                _ => plain = false,
            }
        }
        if let Some(raw) = filter {
            // The key is unique without it too.
            let expr = self.in_clause(Clause::ConflictPredicate, |a| a.expr(raw))?;
            self.coerce_to_boolean(expr, "WHERE")?;
        }
        let key = relation.key().unwrap_or_default();
        let same = key.iter().all(|column| named.contains(column))
            && named.iter().all(|column| key.contains(column));
        if plain && same && !key.is_empty() {
            return Ok(());
        }
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        Err(Error::new(SqlState::INVALID_COLUMN_REFERENCE, message))
    }
}

fn check_constraint(name: &str, relation: &Relation) -> Result<()> {
    if relation.key().is_some() && name == format!("{}_pkey", relation.name) {
        return Ok(());
    }
    let message = format!("constraint \"{name}\" for table \"{}\" does not exist", relation.name);
    Err(Error::new(SqlState::UNDEFINED_OBJECT, message))
}
