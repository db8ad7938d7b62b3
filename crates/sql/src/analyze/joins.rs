//! Joins: visibility, USING and NATURAL (`transformFromClauseItem`, `transformJoinUsingClause`, `buildMergedJoinVar`).

use std::sync::Arc;

use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::clause::Clause;
use super::common::common_type;
use super::names::find_all;
use super::scope::{Item, ItemColumn};
use crate::catalog::Name;
use crate::parse::ast::{Join, OperatorName};
use crate::query::{Expr, ExprKind, From, JoinKind};

impl Analyzer<'_> {
    pub(super) fn join(&mut self, join: &Join) -> Result<(From, Vec<Item>)> {
        let (left, left_items) = self.item_of_from(&join.left)?;
        // The right side sees the left one through LATERAL, unless rows of the right come without it.
        let lateral_ok = matches!(join.kind, JoinKind::Inner | JoinKind::Left);
        let before = self.scope()?.namespace.len();
        let visible = left_items.iter().cloned().map(|item| Item { lateral_only: true, lateral_ok, ..item });
        self.scope()?.namespace.extend(visible);
        let (right, right_items) = self.item_of_from(&join.right)?;
        self.scope()?.namespace.truncate(before);
        self.check_sides(&left_items, &right_items)?;

        let left_columns = visible_columns(&left_items);
        let right_columns = visible_columns(&right_items);
        let using = self.using_names(join, &left_columns, &right_columns);
        let (merged, conditions, used) = match &using {
            Some(names) => self.merge(join, names, &left_columns, &right_columns)?,
            None => Default::default(),
        };
        let on = match (&join.on, conditions) {
            (Some(on), _) => Some(self.join_on(on, &left_items, &right_items)?),
            (None, conditions) if conditions.is_empty() => None,
            (None, conditions) => Some(super::case::combine(conditions, true, None)),
        };
        let rest = |columns: Vec<ItemColumn>, used: &[usize]| {
            columns
                .into_iter()
                .enumerate()
                .filter(|(i, _)| !used.contains(i))
                .map(|(_, c)| c)
                .collect::<Vec<_>>()
        };
        let mut columns = merged.clone();
        columns.extend(rest(left_columns, &used.iter().map(|(l, _)| *l).collect::<Vec<_>>()));
        columns.extend(rest(right_columns, &used.iter().map(|(_, r)| *r).collect::<Vec<_>>()));
        let nullable = |items: Vec<Item>, also: bool| -> Vec<Item> {
            items.into_iter().map(|item| Item { nullable: item.nullable || also, ..item }).collect()
        };
        let left_items = nullable(left_items, matches!(join.kind, JoinKind::Right | JoinKind::Full));
        let right_items = nullable(right_items, matches!(join.kind, JoinKind::Left | JoinKind::Full));
        let node = From::Join { kind: join.kind, left: Box::new(left), right: Box::new(right), on };
        let items = join_items(join, columns, merged, left_items, right_items)?;
        Ok((node, items))
    }

    /// The same name on both sides of a join.
    fn check_sides(&mut self, left: &[Item], right: &[Item]) -> Result<()> {
        let before = std::mem::replace(&mut self.scope()?.namespace, left.to_vec());
        let result = self.check_name_conflicts(right);
        self.scope()?.namespace = before;
        result
    }

    /// The condition sees both sides and nothing else of this FROM clause.
    fn join_on(&mut self, on: &crate::parse::ast::Expr, left: &[Item], right: &[Item]) -> Result<Expr> {
        let sides = left.iter().chain(right).cloned();
        let sides = sides.map(|item| Item { lateral_only: false, lateral_ok: true, ..item }).collect();
        let before = std::mem::replace(&mut self.scope()?.namespace, sides);
        let result = self.in_clause(Clause::JoinOn, |a| {
            let on = a.expr(on)?;
            a.coerce_to_boolean(on, "JOIN/ON")
        });
        self.scope()?.namespace = before;
        result
    }

    /// The names of USING, or of the columns that a NATURAL join finds on both sides.
    fn using_names(&self, join: &Join, left: &[ItemColumn], right: &[ItemColumn]) -> Option<Vec<Name>> {
        if !join.natural {
            return join.using.as_ref().map(|(names, _)| names.clone());
        }
        let common = left.iter().filter(|l| !l.hidden && right.iter().any(|r| !r.hidden && r.name == l.name));
        Some(common.map(|column| Name::quoted(column.name.clone())).collect())
    }

    #[allow(clippy::type_complexity)]
    fn merge(
        &mut self,
        join: &Join,
        names: &[Name],
        left: &[ItemColumn],
        right: &[ItemColumn],
    ) -> Result<(Vec<ItemColumn>, Vec<Expr>, Vec<(usize, usize)>)> {
        let (mut merged, mut conditions, mut used) = (Vec::new(), Vec::new(), Vec::new());
        for (i, name) in names.iter().enumerate() {
            let folded = name.folded();
            if names.iter().take(i).any(|other| other.folded() == folded) {
                return Err(Error::new(
                    SqlState::DUPLICATE_COLUMN,
                    format!("column name \"{folded}\" appears more than once in USING clause"),
                ));
            }
            let l = side_column(name, left, "left")?;
            let r = side_column(name, right, "right")?;
            let (Some(l_column), Some(r_column)) = (left.get(l), right.get(r)) else { continue };
            let equal = OperatorName { schema: None, name: "=".into() };
            let condition =
                self.make_operator(&equal, Some(l_column.expr.clone()), r_column.expr.clone(), None)?;
            conditions.push(self.coerce_to_boolean(condition, "JOIN/USING")?);
            let expr = self.merged_column(join.kind, &l_column.expr, &r_column.expr)?;
            merged.push(ItemColumn { name: l_column.name.clone(), expr, hidden: false });
            used.push((l, r));
        }
        Ok((merged, conditions, used))
    }

    /// `buildMergedJoinVar`
    fn merged_column(&mut self, kind: JoinKind, left: &Expr, right: &Expr) -> Result<Expr> {
        let ty = common_type(&[left, right], Some("JOIN/USING"))?.unwrap_or(pg::oid::TEXT);
        let convert = |a: &mut Self, expr: &Expr| a.coerce_to_common(expr.clone(), ty, "JOIN/USING");
        let is_column = |expr: &Expr| matches!(expr.kind, ExprKind::Column(_));
        let left = convert(self, left)?;
        let right = convert(self, right)?;
        Ok(match kind {
            JoinKind::Right => right,
            JoinKind::Full => Expr::new(ExprKind::Coalesce(vec![left, right]), ty),
            JoinKind::Inner if !is_column(&left) && is_column(&right) => right,
            _ => left,
        })
    }
}

fn visible_columns(items: &[Item]) -> Vec<ItemColumn> {
    items.iter().filter(|item| item.columns_visible).flat_map(|item| item.columns.iter().cloned()).collect()
}

fn side_column(name: &Name, columns: &[ItemColumn], side: &str) -> Result<usize> {
    let folded = name.folded();
    match find_all(name, columns, |column| Some(&column.name)).as_slice() {
        [only] => Ok(*only),
        [] => Err(Error::new(
            SqlState::UNDEFINED_COLUMN,
            format!("column \"{folded}\" specified in USING clause does not exist in {side} table"),
        )),
        _ => Err(Error::new(
            SqlState::AMBIGUOUS_COLUMN,
            format!("common column name \"{folded}\" appears more than once in {side} table"),
        )),
    }
}

/// What a join makes visible: its own columns, and its sides by their names unless it has an alias.
fn join_items(
    join: &Join,
    mut columns: Vec<ItemColumn>,
    merged: Vec<ItemColumn>,
    left: Vec<Item>,
    right: Vec<Item>,
) -> Result<Vec<Item>> {
    let item = |name: Option<Arc<str>>, columns: Vec<ItemColumn>, columns_visible: bool| Item {
        name_visible: name.is_some(),
        name,
        columns_visible,
        ..Item::unnamed(columns)
    };
    let mut items = Vec::new();
    if let Some(alias) = &join.alias {
        let visible = columns.iter().filter(|column| !column.hidden).count();
        if alias.columns.len() > visible {
            return Err(Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!(
                    "join expression \"{}\" has {visible} columns available but {} columns specified",
                    alias.name.folded(),
                    alias.columns.len()
                ),
            ));
        }
        for (column, name) in columns.iter_mut().filter(|c| !c.hidden).zip(&alias.columns) {
            column.name = name.folded();
        }
        items.push(item(Some(alias.name.folded()), columns, true));
    } else {
        // The columns of a join without a name are part of this one's.
        let sides = left.into_iter().chain(right).filter(|side| side.name.is_some());
        items.extend(sides.map(|side| Item { columns_visible: false, ..side }));
        items.push(item(None, columns, true));
        // An alias of the join hides that of USING too.
        if let Some((_, Some(alias))) = &join.using {
            items.push(item(Some(alias.folded()), merged, false));
        }
    }
    Ok(items)
}
