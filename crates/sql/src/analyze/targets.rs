//! Select lists (`parse_target.c`): stars expanded, and columns named as PostgreSQL names them.

use std::sync::Arc;

use pg::Result;
use pg::oid;

use super::Analyzer;
use super::expr::syntax_error;
use super::names::unnamed;
use super::special::sql_value_name;
use crate::parse::ast::{self, ExprKind as Ast, Indirection, SubqueryKind as AstSubquery};
use crate::query::{ColumnRef, Expr, ExprKind, SubqueryKind, Target};
use crate::walk;

impl Analyzer<'_> {
    /// `transformTargetList`
    pub(super) fn targets(&mut self, targets: &[ast::Target]) -> Result<Vec<Target>> {
        let mut list = Vec::with_capacity(targets.len());
        for target in targets {
            match &target.expr.kind {
                Ast::Star(names) if names.is_empty() => self.expand_star(&mut list, target.expr.pos)?,
                Ast::Star(names) => {
                    let pos = self.pos(target.expr.pos);
                    let (level, item) = self.item_of_star(names, pos)?;
                    for column in item.visible_columns() {
                        let mut expr = column.expr.clone();
                        walk::shift_levels(&mut expr, level);
                        expr.position = pos;
                        list.push(Target { expr, name: column.name.clone(), junk: false });
                    }
                }
                Ast::Indirection(operand, steps) if matches!(steps.last(), Some(Indirection::Star)) => {
                    let steps = steps.get(..steps.len() - 1).unwrap_or_default();
                    let pos = self.pos(target.expr.pos);
                    let value = self.indirection(operand, steps, pos)?;
                    for (name, expr) in self.expand_row(value)? {
                        list.push(Target { expr, name, junk: false });
                    }
                }
                _ => {
                    let expr = self.expr(&target.expr)?;
                    let name = match &target.name {
                        Some(name) => name.folded(),
                        None => self.figure_name(&target.expr, &expr),
                    };
                    list.push(Target { expr, name, junk: false });
                }
            }
        }
        Ok(list)
    }

    /// `ExpandAllTables`
    fn expand_star(&mut self, list: &mut Vec<Target>, raw_pos: u32) -> Result<()> {
        let pos = self.pos(raw_pos);
        let scope = self.scope()?;
        let mut found = false;
        for item in scope.namespace.iter().filter(|item| item.columns_visible) {
            found = true;
            for column in item.visible_columns() {
                let expr = column.expr.clone().at(pos);
                list.push(Target {
                    expr: Expr { position: pos, ..expr },
                    name: column.name.clone(),
                    junk: false,
                });
            }
        }
        if !found {
            return Err(syntax_error("SELECT * with no tables specified is not valid", pos));
        }
        Ok(())
    }

    /// `resolveTargetListUnknowns`: what is still unknown is text.
    pub(super) fn resolve_unknowns(&mut self, targets: &mut [Target]) -> Result<()> {
        for target in targets {
            self.resolve_unknown(&mut target.expr)?;
        }
        Ok(())
    }

    pub(super) fn resolve_unknown(&mut self, expr: &mut Expr) -> Result<()> {
        if expr.ty.oid == oid::UNKNOWN {
            let old = std::mem::replace(expr, Expr::constant(pg::Value::Null, oid::TEXT));
            *expr = self.coerce_to_common(old, oid::TEXT, "SELECT")?;
        }
        Ok(())
    }

    /// `FigureColname`
    pub(super) fn figure_name(&self, raw: &ast::Expr, expr: &Expr) -> Arc<str> {
        self.figure(raw, expr).map_or_else(unnamed, |(_, name)| name)
    }

    /// The name, and whether it is a strong one: a cast's or a CASE's own name yields to what is inside.
    fn figure(&self, raw: &ast::Expr, expr: &Expr) -> Option<(bool, Arc<str>)> {
        let strong = |name: &str| Some((true, Arc::from(name)));
        match &raw.kind {
            Ast::Column(names) => {
                let written = names.last()?.folded();
                // The alias of a join may give it another one altogether.
                let own = self.own_name(expr).filter(|own| own.to_lowercase() == written.to_lowercase());
                Some((true, own.unwrap_or(written)))
            }
            // `(t.*)::text` is called like the table.
            Ast::Star(names) => Some((true, names.last()?.folded())),
            Ast::Indirection(inner, steps) => {
                let fields = steps.iter().rev().find_map(|step| match step {
                    Indirection::Field(name) => Some(name.folded()),
                    _ => None,
                });
                match fields {
                    Some(name) => Some((true, name)),
                    None => self.figure(inner, inner_of(expr)),
                }
            }
            Ast::Func(call) => Some((true, call.name.last()?.folded())),
            Ast::NullIf(..) => strong("nullif"),
            Ast::Cast(inner, ty) => match self.figure(inner, expr) {
                Some((true, name)) => Some((true, name)),
                _ => Some((false, ty.names.last()?.folded())),
            },
            Ast::Collate(inner, _) => self.figure(inner, expr),
            Ast::Grouping(_) => strong("grouping"),
            Ast::Subquery(AstSubquery::Exists, _) => strong("exists"),
            Ast::Subquery(AstSubquery::Array, _) => strong("array"),
            Ast::Subquery(AstSubquery::Scalar, _) => Some((true, scalar_column(expr)?)),
            Ast::Case { otherwise, .. } => {
                match otherwise.as_ref().and_then(|e| self.figure(e, otherwise_of(expr))) {
                    Some((true, name)) => Some((true, name)),
                    _ => Some((false, "case".into())),
                }
            }
            Ast::Array(_) => strong("array"),
            Ast::Row(_) => strong("row"),
            Ast::Coalesce(_) => strong("coalesce"),
            Ast::MinMax(true, _) => strong("greatest"),
            Ast::MinMax(false, _) => strong("least"),
            Ast::SqlValue(value, _) => strong(sql_value_name(*value)),
            _ => None,
        }
    }

    /// The name that a column has in its range: the cluster's own spelling.
    fn own_name(&self, expr: &Expr) -> Option<Arc<str>> {
        let mut found = None;
        walk::visit(expr, &mut |e| {
            if let ExprKind::Column(ColumnRef { levels_up, range, column }) = e.kind {
                let range = self.block(levels_up).and_then(|scope| scope.ranges.get(range));
                found = range.and_then(|range| range.columns.get(column)).map(|column| column.name.clone());
            }
            matches!(e.kind, ExprKind::Coerce { .. } | ExprKind::Call(_))
        });
        found
    }
}

/// The column of the scalar subquery that an expression is, perhaps inside casts.
fn scalar_column(expr: &Expr) -> Option<Arc<str>> {
    let mut found = None;
    walk::visit(expr, &mut |e| {
        if let ExprKind::Subquery(subquery) = &e.kind
            && matches!(subquery.kind, SubqueryKind::Scalar)
            && found.is_none()
        {
            found = subquery.query.columns.first().map(|column| column.name.clone());
        }
        found.is_none()
    });
    found
}

fn otherwise_of(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Case { otherwise: Some(otherwise), .. } => otherwise,
        _ => expr,
    }
}

fn inner_of(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Subscript { expr, .. } | ExprKind::Field { expr, .. } => expr,
        _ => expr,
    }
}
