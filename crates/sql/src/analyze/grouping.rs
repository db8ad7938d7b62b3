//! `GROUP BY`, grouping sets, and whether ungrouped columns are used (`transformGroupClause`, `parse_agg.c`).

use pg::oid;
use pg::{Error, Result, SqlState, Value};

use super::Analyzer;
use super::clause::Clause;
use super::expr::syntax_error;
use crate::parse::ast::{self, ExprKind as Ast, GroupItem, Literal};
use crate::query::{Aggregate, Coercion, ColumnRef, Expr, ExprKind, GroupKey, Grouping, Query, Target};
use crate::same::same;
use crate::stack::grown;
use crate::walk;

/// More grouping sets are refused, as by PostgreSQL.
const MAX_SETS: usize = 4096;

/// A grouping expression, and the target that it is: of two targets that look the same each is a key of its own.
struct Key {
    expr: Expr,
    target: Option<usize>,
}

impl Analyzer<'_> {
    pub(super) fn group_by(
        &mut self,
        select: &ast::Select,
        targets: &mut [Target],
    ) -> Result<Option<Grouping>> {
        if select.group_by.is_empty() {
            return Ok(None);
        }
        let mut keys: Vec<Key> = Vec::new();
        let mut per_item = Vec::with_capacity(select.group_by.len());
        let mut plain = true;
        for item in &select.group_by {
            plain &= matches!(item, GroupItem::Expr(_));
            per_item.push(self.group_item(item, targets, &mut keys)?);
        }
        if plain {
            return Ok(Some(Grouping { keys: different(keys), sets: None }));
        }
        let mut sets = vec![Vec::new()];
        for alternatives in per_item {
            sets = sets
                .iter()
                .flat_map(|set| alternatives.iter().map(move |more| union(set, more)))
                .take(MAX_SETS + 1)
                .collect();
            if sets.len() > MAX_SETS {
                return Err(Error::new(
                    SqlState::STATEMENT_TOO_COMPLEX,
                    format!("too many grouping sets present (maximum {MAX_SETS})"),
                ));
            }
        }
        if select.group_distinct {
            distinct_sets(&mut sets);
        }
        let trivial = sets.len() == 1 && sets.first().is_some_and(|set| set.len() == keys.len());
        if trivial {
            return Ok(Some(Grouping { keys: different(keys), sets: None }));
        }
        tell_apart(&mut keys, targets);
        let keys = keys.into_iter().map(|key| GroupKey { expr: key.expr }).collect();
        Ok(Some(Grouping { keys, sets: Some(sets) }))
    }

    /// The sets that an item stands for.
    fn group_item(
        &mut self,
        item: &GroupItem,
        targets: &mut [Target],
        keys: &mut Vec<Key>,
    ) -> Result<Vec<Vec<usize>>> {
        match item {
            GroupItem::Empty => Ok(vec![Vec::new()]),
            GroupItem::Expr(expr) => Ok(vec![self.group_exprs(expr, targets, keys)?]),
            GroupItem::Rollup(exprs, _) => {
                let mut sets = vec![Vec::new()];
                for expr in exprs {
                    let more = self.group_exprs(expr, targets, keys)?;
                    let longer = union(sets.last().map_or(&[][..], Vec::as_slice), &more);
                    sets.push(longer);
                }
                sets.reverse();
                Ok(sets)
            }
            GroupItem::Cube(exprs, pos) => {
                if exprs.len() > 12 {
                    return Err(Error::new(SqlState::TOO_MANY_COLUMNS, "CUBE is limited to 12 elements")
                        .at(self.pos(*pos)));
                }
                let mut sets = vec![Vec::new()];
                for expr in exprs {
                    let more = self.group_exprs(expr, targets, keys)?;
                    let with: Vec<_> = sets.iter().map(|set| union(set, &more)).collect();
                    sets = with.into_iter().chain(sets).collect();
                }
                Ok(sets)
            }
            GroupItem::Sets(items, _) => {
                let mut sets = Vec::new();
                for item in items {
                    sets.extend(self.group_item(item, targets, keys)?);
                }
                Ok(sets)
            }
        }
    }

    /// `(a, b)` groups by both.
    fn group_exprs(
        &mut self,
        expr: &ast::Expr,
        targets: &mut [Target],
        keys: &mut Vec<Key>,
    ) -> Result<Vec<usize>> {
        let Ast::Row(fields) = &expr.kind else { return Ok(vec![self.group_key(expr, targets, keys)?]) };
        let mut set = Vec::new();
        for field in fields {
            let key = self.group_key(field, targets, keys)?;
            if !set.contains(&key) {
                set.push(key);
            }
        }
        Ok(set)
    }

    fn group_key(&mut self, raw: &ast::Expr, targets: &mut [Target], keys: &mut Vec<Key>) -> Result<usize> {
        let mut target = match &raw.kind {
            Ast::Const(literal) => Some(self.ordinal(literal, targets, "GROUP BY", raw.pos)?),
            Ast::Column(names) if names.len() == 1 => self.group_alias(raw, targets)?,
            _ => None,
        };
        let expr = match target {
            Some(index) => {
                let target = targets.get_mut(index).ok_or_else(|| Error::internal("a lost target"))?;
                self.resolve_unknown(&mut target.expr)?;
                target.expr.clone()
            }
            None => {
                let expr = self.in_clause(Clause::GroupBy, |a| a.sort_expr(raw))?;
                target = targets.iter().position(|target| same(&target.expr, &expr));
                expr
            }
        };
        self.group_key_allowed(&expr)?;
        self.check_equality(expr.ty.oid, self.pos(raw.location()))?;
        let known = keys.iter().position(|key| key.target == target && same(&key.expr, &expr));
        Ok(known.unwrap_or_else(|| {
            keys.push(Key { expr, target });
            keys.len() - 1
        }))
    }

    /// A target that an alias or a number means may contain what GROUP BY must not (`checkTargetlistEntrySQL92`).
    fn group_key_allowed(&self, expr: &Expr) -> Result<()> {
        let mut wrong = None;
        walk::visit_aggregates(expr, &mut |inner, depth| {
            // Those of subqueries may be this query's.
            if walk::aggregate_level(inner) == depth {
                let message = "aggregate functions are not allowed in GROUP BY";
                wrong = wrong.or(Some((SqlState::GROUPING_ERROR, message, inner.position)));
            }
        });
        walk::visit(expr, &mut |inner| {
            if let ExprKind::Window(_) = inner.kind {
                let message = "window functions are not allowed in GROUP BY";
                wrong = wrong.or(Some((SqlState::WINDOWING_ERROR, message, inner.position)));
            }
            wrong.is_none()
        });
        match wrong {
            Some((code, message, position)) => Err(Error::new(code, message).at(position)),
            None => Ok(()),
        }
    }

    /// A target's alias counts only where no column of FROM has the name.
    fn group_alias(&mut self, raw: &ast::Expr, targets: &[Target]) -> Result<Option<usize>> {
        let Ast::Column(names) = &raw.kind else { return Ok(None) };
        let Some(name) = names.first() else { return Ok(None) };
        if self.is_column_here(name) {
            return Ok(None);
        }
        self.target_by_name(name, targets, "GROUP BY", raw.pos)
    }

    /// The target that a number means.
    pub(super) fn ordinal(
        &self,
        literal: &Literal,
        targets: &[Target],
        clause: &str,
        raw_pos: u32,
    ) -> Result<usize> {
        let pos = self.pos(raw_pos);
        let Literal::Integer(number) = literal else {
            return Err(syntax_error(format!("non-integer constant in {clause}"), pos));
        };
        let index = usize::try_from(*number).ok().and_then(|n| n.checked_sub(1));
        let visible = targets.iter().filter(|target| !target.junk).count();
        index.filter(|index| *index < visible).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_COLUMN_REFERENCE,
                format!("{clause} position {number} is not in select list"),
            )
            .at(pos)
        })
    }

    /// The target of a name, if there is one; two different ones are ambiguous.
    pub(super) fn target_by_name(
        &self,
        name: &crate::catalog::Name,
        targets: &[Target],
        clause: &str,
        raw_pos: u32,
    ) -> Result<Option<usize>> {
        let folded = name.folded();
        let mut found: Option<(usize, &Target)> = None;
        for (i, target) in targets.iter().enumerate().filter(|(_, t)| !t.junk && t.name == folded) {
            match found {
                None => found = Some((i, target)),
                Some((_, first)) if !same(&first.expr, &target.expr) => {
                    return Err(Error::new(
                        SqlState::AMBIGUOUS_COLUMN,
                        format!("{clause} \"{folded}\" is ambiguous"),
                    )
                    .at(self.pos(raw_pos)));
                }
                Some(_) => {}
            }
        }
        Ok(found.map(|(i, _)| i))
    }

    /// `GROUPING(…)`: its arguments are looked up among the grouping expressions once these are known.
    pub(super) fn grouping_call(&mut self, args: &[ast::Expr], pos: Option<u32>) -> Result<Expr> {
        if args.len() > 31 {
            return Err(Error::new(
                SqlState::TOO_MANY_ARGUMENTS,
                "GROUPING must have fewer than 32 arguments",
            )
            .at(pos));
        }
        let mut args = self.exprs(args)?;
        let level = grouping_level(&args);
        args.iter_mut().for_each(|arg| walk::raise_levels(arg, level));
        let owner = self.scopes.len().checked_sub(level + 1).and_then(|owner| self.scopes.get_mut(owner));
        let scope = owner.ok_or_else(|| Error::internal("GROUPING belongs to no query"))?;
        if let Some(name) = scope.clause.refuses_aggregates() {
            return Err(Error::new(
                SqlState::GROUPING_ERROR,
                format!("grouping operations are not allowed in {name}"),
            )
            .at(pos));
        }
        scope.has_aggregates = true;
        scope.grouping_calls.push((args, pos));
        let call = scope.grouping_calls.len() - 1;
        Ok(Expr::new(ExprKind::Grouping { keys: vec![call], levels_up: level }, oid::INT4).at(pos))
    }

    /// Puts the indexes of grouping expressions into the block's GROUPING calls in an expression, subqueries included.
    /// Without grouping sets each is 0.
    pub(super) fn finish_grouping(&mut self, expr: &mut Expr, grouping: &Grouping) -> Result<()> {
        let calls = &self.scope()?.grouping_calls;
        if calls.is_empty() {
            return Ok(());
        }
        let mut result = Ok(());
        walk::visit_groupings_mut(expr, &mut |found, depth| {
            let ExprKind::Grouping { keys, levels_up } = &mut found.kind else { return };
            if *levels_up != depth || result.is_err() {
                return;
            }
            let args = keys.first().and_then(|call| calls.get(*call)).map(|(args, _)| args.as_slice());
            let indexes = args.unwrap_or_default().iter().map(|arg| index_of_key(arg, &grouping.keys));
            match indexes.collect() {
                Ok(_) if grouping.sets.is_none() => found.kind = ExprKind::Const(Value::Int4(0)),
                Ok(indexes) => *keys = indexes,
                Err(error) => result = Err(error),
            }
        });
        result
    }

    /// The same in the block's windows.
    pub(super) fn finish_grouping_of_windows(&mut self, grouping: &Grouping) -> Result<()> {
        let mut windows = std::mem::take(&mut self.scope()?.windows);
        for window in &mut windows {
            let keys = window.order_by.iter_mut().map(|key| &mut key.expr);
            window
                .partition_by
                .iter_mut()
                .chain(keys)
                .try_for_each(|expr| self.finish_grouping(expr, grouping))?;
        }
        self.scope()?.windows = windows;
        Ok(())
    }

    /// `check_ungrouped_columns`
    pub(super) fn check_grouped(&self, expr: &Expr, keys: &[GroupKey]) -> Result<()> {
        self.check_grouped_expr(expr, keys, 0)
    }

    fn check_grouped_expr(&self, expr: &Expr, keys: &[GroupKey], depth: usize) -> Result<()> {
        if depth == 0 && keys.iter().any(|key| same(&key.expr, expr)) {
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Aggregate(call) if depth == 0 && walk::aggregate_level(expr) == 0 => {
                return self.check_direct_arguments(call, keys);
            }
            ExprKind::Aggregate(_) if walk::aggregate_level(expr) >= depth => return Ok(()),
            ExprKind::Grouping { .. } => return Ok(()),
            ExprKind::Column(column) if column.levels_up == depth => {
                return self.check_grouped_column(*column, keys, depth, expr.position);
            }
            ExprKind::Subquery(subquery) => self.check_grouped_query(&subquery.query, keys, depth + 1)?,
            // A whole row, whose columns have no positions of their own.
            ExprKind::Row { fields, present, .. } if fields.iter().all(|field| field.position.is_none()) => {
                let parts = fields
                    .iter()
                    .chain(present.as_deref())
                    .map(|field| self.check_grouped_expr(field, keys, depth));
                return parts.collect::<Result<()>>().map_err(|error| whole_row_error(error, expr.position));
            }
            _ => {}
        }
        let mut result = Ok(());
        walk::for_each_child(expr, &mut |child| {
            if result.is_ok() {
                result = self.check_grouped_expr(child, keys, depth);
            }
        });
        result
    }

    /// The direct arguments of an ordered-set aggregate are of the group, not of its rows.
    fn check_direct_arguments(&self, call: &Aggregate, keys: &[GroupKey]) -> Result<()> {
        if !call.within_group {
            return Ok(());
        }
        let mut args = call.args.iter();
        args.try_for_each(|arg| self.check_grouped_expr(arg, keys, 0)).map_err(|error| {
            if error.message().starts_with("column ") {
                error.detail("Direct arguments of an ordered-set aggregate must use only grouped columns.")
            } else {
                error
            }
        })
    }

    fn check_grouped_column(
        &self,
        column: ColumnRef,
        keys: &[GroupKey],
        depth: usize,
        position: Option<u32>,
    ) -> Result<()> {
        let is_key = |key: &GroupKey| {
            matches!(&key.expr.kind, ExprKind::Column(k)
                if k.levels_up == 0 && k.range == column.range && k.column == column.column)
        };
        if keys.iter().any(is_key) {
            return Ok(());
        }
        let range = self.scopes.last().and_then(|scope| scope.ranges.get(column.range));
        let (alias, name) = match range {
            Some(range) => (
                range.alias.clone(),
                range.columns.get(column.column).map(|c| c.name.clone()).unwrap_or_default(),
            ),
            None => Default::default(),
        };
        let message = if depth == 0 {
            format!(
                "column \"{alias}.{name}\" must appear in the GROUP BY clause or be used in an aggregate function"
            )
        } else {
            format!("subquery uses ungrouped column \"{alias}.{name}\" from outer query")
        };
        Err(Error::new(SqlState::GROUPING_ERROR, message).at(position))
    }

    fn check_grouped_query(&self, query: &Query, keys: &[GroupKey], depth: usize) -> Result<()> {
        let (exprs, queries) = walk::parts(query);
        for expr in exprs {
            self.check_grouped_expr(expr, keys, depth)?;
        }
        for inner in queries {
            grown(|| self.check_grouped_query(inner, keys, depth + 1))?;
        }
        Ok(())
    }
}

/// The message about a column, made one about its row.
fn whole_row_error(mut error: Error, position: Option<u32>) -> Error {
    let message = &mut error.fields_mut().message;
    if let (Some(dot), Some(end)) = (message.find('.'), message.rfind('"')) {
        message.replace_range(dot + 1..end, "*");
    }
    error.at(position)
}

/// How many queries further out a GROUPING belongs (`check_agglevels_and_constraints`).
fn grouping_level(args: &[Expr]) -> usize {
    args.iter().filter_map(walk::least_level).min().unwrap_or(0)
}

/// The first key that looks like an argument of GROUPING (`finalize_grouping_exprs`).
fn index_of_key(arg: &Expr, keys: &[GroupKey]) -> Result<usize> {
    keys.iter().position(|key| same(bare(&key.expr), arg)).ok_or_else(|| {
        Error::new(
            SqlState::GROUPING_ERROR,
            "arguments to GROUPING must be grouping expressions of the associated query level",
        )
        .at(arg.position)
    })
}

/// A key without what [`tell_apart`] has put around it.
fn bare(key: &Expr) -> &Expr {
    match &key.kind {
        ExprKind::Coerce { expr, method: Coercion::Relabel, .. } if expr.ty == key.ty => bare(expr),
        _ => key,
    }
}

/// The keys of one set: what looks the same is the same.
fn different(keys: Vec<Key>) -> Vec<GroupKey> {
    let mut list: Vec<GroupKey> = Vec::with_capacity(keys.len());
    for Key { expr, .. } in keys {
        if !list.iter().any(|known| same(&known.expr, &expr)) {
            list.push(GroupKey { expr });
        }
    }
    list
}

/// In grouping sets, keys that look the same are different columns: a set may have one and not the other. All but the
/// first target's are relabelled as what they are, as often as there are such before them, and so are their targets.
fn tell_apart(keys: &mut [Key], targets: &mut [Target]) {
    let same_as = |key: &Key, other: &Key| other.target < key.target && same(&other.expr, &key.expr);
    let times: Vec<usize> =
        keys.iter().map(|key| keys.iter().filter(|other| same_as(key, other)).count()).collect();
    for (key, times) in keys.iter_mut().zip(times) {
        for _ in 0..times {
            let (ty, position) = (key.expr.ty, key.expr.position);
            let expr = Box::new(key.expr.clone());
            let kind = ExprKind::Coerce { expr, method: Coercion::Relabel, explicit: true };
            key.expr = Expr::new(kind, ty).at(position);
        }
        if let Some(target) = key.target.filter(|_| times > 0).and_then(|index| targets.get_mut(index)) {
            target.expr = key.expr.clone();
        }
    }
}

fn union(a: &[usize], b: &[usize]) -> Vec<usize> {
    let mut set = a.to_vec();
    set.extend(b.iter().filter(|key| !a.contains(key)));
    set
}

fn distinct_sets(sets: &mut Vec<Vec<usize>>) {
    let mut seen: Vec<Vec<usize>> = Vec::new();
    sets.retain(|set| {
        let mut sorted = set.clone();
        sorted.sort_unstable();
        let new = !seen.contains(&sorted);
        if new {
            seen.push(sorted);
        }
        new
    });
}
