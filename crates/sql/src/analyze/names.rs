//! Names of columns and of entries of FROM (`parse_relation.c`, `transformColumnRef`).
//!
//! An unquoted name is looked for folded to lower case, as PostgreSQL does; where that finds nothing, as it was
//! written; then as the only one that differs in case alone. The cluster's names are case-sensitive and often mixed.

use std::sync::Arc;

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use super::scope::{Item, ItemColumn, Made, Scope};
use super::system_columns::{Found, system_column};
use crate::catalog::Name;
use crate::query::{ColumnRef, Expr, ExprKind, Range, RangeKind};
use crate::walk::shift_levels;

/// How a name is compared, in the order in which it is tried.
#[derive(Clone, Copy, Debug)]
enum Spelling {
    Folded,
    Written,
    AnyCase,
}

const SPELLINGS: [Spelling; 3] = [Spelling::Folded, Spelling::Written, Spelling::AnyCase];

fn spelled(name: &Name, spelling: Spelling, other: &str) -> bool {
    match spelling {
        Spelling::Folded => *name.folded() == *other,
        Spelling::Written => !name.quoted && *name.text == *other,
        Spelling::AnyCase => !name.quoted && name.text.eq_ignore_ascii_case(other),
    }
}

/// Finds what a name means among things with names: all that match by the first spelling that matches any.
pub(super) fn find_all<T>(name: &Name, things: &[T], name_of: impl Fn(&T) -> Option<&str>) -> Vec<usize> {
    for spelling in SPELLINGS {
        let matches: Vec<usize> = things
            .iter()
            .enumerate()
            .filter(|(_, thing)| name_of(thing).is_some_and(|other| spelled(name, spelling, other)))
            .map(|(i, _)| i)
            .collect();
        if !matches.is_empty() {
            return matches;
        }
    }
    Vec::new()
}

/// `NameListToString`
pub(super) fn dotted(names: &[Name]) -> String {
    names.iter().map(|n| n.folded().to_string()).collect::<Vec<_>>().join(".")
}

impl Analyzer<'_> {
    /// `transformColumnRef`
    pub(super) fn column(&mut self, names: &[Name], raw_pos: u32) -> Result<Expr> {
        let pos = self.pos(raw_pos);
        match names {
            [name] => {
                if let Some(expr) = self.column_by_name(name, pos)? {
                    return Ok(expr);
                }
                // The name of an entry of FROM means its whole row.
                if let Some((level, item)) = self.item(None, name, pos)? {
                    return self.row_of(level, item, pos);
                }
                Err(self.no_column(None, name, pos))
            }
            [relation, name] => self.column_of(None, relation, name, pos),
            [schema, relation, name] => self.column_of(Some(schema), relation, name, pos),
            [catalog, schema, relation, name] => {
                if !self.is_database(catalog) {
                    return Err(of_another_database(names).at(pos));
                }
                self.column_of(Some(schema), relation, name, pos)
            }
            _ => Err(too_many_names(names).at(pos)),
        }
    }

    /// `DeconstructQualifiedName`: the schema, and the name in it.
    pub(super) fn qualified<'n>(&self, names: &'n [Name]) -> Result<(Option<&'n Name>, &'n Name)> {
        match names {
            [name] => Ok((None, name)),
            [schema, name] => Ok((Some(schema), name)),
            [catalog, schema, name] if self.is_database(catalog) => Ok((Some(schema), name)),
            [_, _, _] => Err(of_another_database(names)),
            _ => Err(too_many_names(names)),
        }
    }

    pub(super) fn is_database(&self, name: &Name) -> bool {
        *name.folded() == *self.cx.database || *name.text == *self.cx.database
    }

    /// `colNameToVar`: a column by its name alone, in the innermost block that has one.
    fn column_by_name(&mut self, name: &Name, pos: Option<u32>) -> Result<Option<Expr>> {
        for level in 0..self.scopes.len() {
            let Some(scope) = self.block(level) else { break };
            let mut found: Option<(usize, Found)> = None;
            for spelling in SPELLINGS {
                for (i, item) in scope.namespace.iter().enumerate() {
                    if !item.columns_visible || (item.lateral_only && !scope.lateral_active) {
                        continue;
                    }
                    let Some(column) = self.column_in(item, name, spelling, pos)? else { continue };
                    if found.is_some() {
                        return Err(ambiguous_column(name, pos));
                    }
                    found = Some((i, column));
                }
                if found.is_some() {
                    break;
                }
            }
            if let Some((i, column)) = found
                && let Some(item) = scope.namespace.get(i)
            {
                check_lateral(item, pos)?;
                if let Found::Own(index) = column {
                    return Ok(Some(self.take_column(level, item, index, pos)));
                }
                // Its block is about to be changed.
                let item = item.clone();
                return self.take(level, &item, column, pos).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether a column of this block's FROM has the name.
    pub(super) fn is_column_here(&self, name: &Name) -> bool {
        let Some(scope) = self.block(0) else { return false };
        let mut items = scope.namespace.iter().filter(|item| item.columns_visible);
        let folded = name.folded();
        items.any(|item| {
            item.columns.iter().any(|column| *column.name == *folded)
                || (item.system && system_column(&folded).is_some())
        })
    }

    /// `scanRTEForColumn`
    fn column_in(
        &self,
        item: &Item,
        name: &Name,
        spelling: Spelling,
        pos: Option<u32>,
    ) -> Result<Option<Found>> {
        let mut found = None;
        for (i, column) in item.columns.iter().enumerate() {
            if spelled(name, spelling, &column.name) {
                if found.is_some() {
                    return Err(ambiguous_column(name, pos));
                }
                found = Some(Found::Own(i));
            }
        }
        let system = || match spelling {
            Spelling::Folded if item.system => system_column(&name.folded()).map(Found::System),
            _ => None,
        };
        Ok(found.or_else(system))
    }

    fn take(&mut self, level: usize, item: &Item, found: Found, pos: Option<u32>) -> Result<Expr> {
        match found {
            Found::Own(index) => Ok(self.take_column(level, item, index, pos)),
            Found::System(column) => self.take_system_column(level, item, column, pos),
        }
    }

    fn take_column(&self, level: usize, item: &Item, index: usize, pos: Option<u32>) -> Expr {
        let Some(column) = item.columns.get(index) else {
            return Expr::constant(pg::Value::Null, oid::TEXT);
        };
        let mut expr = column.expr.clone();
        shift_levels(&mut expr, level);
        expr.position = pos;
        expr
    }

    /// The block `level` levels out.
    pub(super) fn block(&self, level: usize) -> Option<&super::scope::Scope> {
        self.scopes.len().checked_sub(level + 1).and_then(|i| self.scopes.get(i))
    }

    /// `refnameNamespaceItem`: an entry of FROM by its name; the block it is in, and the item.
    fn item(&self, schema: Option<&Name>, name: &Name, pos: Option<u32>) -> Result<Option<(usize, Item)>> {
        for level in 0..self.scopes.len() {
            let Some(scope) = self.block(level) else { break };
            let visible: Vec<&Item> = scope
                .namespace
                .iter()
                .filter(|item| item.name_visible && (!item.lateral_only || scope.lateral_active))
                .filter(|item| match schema {
                    None => true,
                    Some(schema) => {
                        item.schema.as_deref().is_some_and(|s| *schema.folded() == *s || *schema.text == *s)
                    }
                })
                .collect();
            let found = find_all(name, &visible, |item| item.name.as_deref());
            match found.as_slice() {
                [] => {}
                [only] => {
                    if let Some(item) = visible.get(*only) {
                        check_lateral(item, pos)?;
                        return Ok(Some((level, (*item).clone())));
                    }
                }
                _ => {
                    return Err(Error::new(
                        SqlState::AMBIGUOUS_ALIAS,
                        format!("table reference \"{}\" is ambiguous", name.folded()),
                    )
                    .at(pos));
                }
            }
        }
        Ok(None)
    }

    fn column_of(
        &mut self,
        schema: Option<&Name>,
        relation: &Name,
        name: &Name,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let Some((level, item)) = self.item(schema, relation, pos)? else {
            // `a.b` where a is a column of a composite type is not tried: PostgreSQL wants (a).b.
            return Err(self.missing_relation(relation, pos));
        };
        for spelling in SPELLINGS {
            if let Some(column) = self.column_in(&item, name, spelling, pos)? {
                return self.take(level, &item, column, pos);
            }
        }
        // `t.f` may be `f(t)`.
        let row = self.row_of(level, item, pos)?;
        let found = self.function(std::slice::from_ref(name), std::slice::from_ref(&row), &[], false, pos)?;
        if let super::functions::Meaning::Function(..) = found {
            let call = crate::parse::ast::FuncCall::plain(vec![name.clone()], Vec::new());
            return self.resolve_call(&call, vec![row], &[], pos);
        }
        Err(self.no_column(Some(relation), name, pos))
    }

    /// `f(t.*)`, `t` as a value: the whole row.
    pub(super) fn whole_row(&mut self, names: &[Name], raw_pos: u32) -> Result<Expr> {
        let pos = self.pos(raw_pos);
        let (level, item) = self.item_of_star(names, pos)?;
        self.row_of(level, item, pos)
    }

    /// The entry of FROM that `a.*` names.
    pub(super) fn item_of_star(&self, names: &[Name], pos: Option<u32>) -> Result<(usize, Item)> {
        let (schema, name) = match names {
            [name] => (None, name),
            [schema, name] => (Some(schema), name),
            [catalog, schema, name] if self.is_database(catalog) => (Some(schema), name),
            _ => {
                return Err(Error::new(
                    SqlState::SYNTAX_ERROR,
                    format!("improper qualified name (too many dotted names): {}.*", dotted(names)),
                )
                .at(pos));
            }
        };
        self.item(schema, name, pos)?.ok_or_else(|| self.missing_relation(name, pos))
    }

    /// `transformWholeRowRef`
    fn row_of(&mut self, level: usize, item: Item, pos: Option<u32>) -> Result<Expr> {
        let range = item.range.and_then(|i| self.block(level).and_then(|scope| scope.ranges.get(i)));
        let mut row_type = oid::RECORD;
        if let Some(range) = range {
            match &range.kind {
                // A function that returns one value: the value itself.
                RangeKind::Function { calls, ordinality: false, .. }
                    if calls.len() == 1 && item.columns.len() == 1 && is_scalar(calls) =>
                {
                    return Ok(self.take_column(level, &item, 0, pos));
                }
                RangeKind::Relation(relation) => {
                    row_type = pg::catalog::system_relation(relation.oid)
                        .map(|row| row.row_type)
                        .filter(|oid| oid.is_valid())
                        .unwrap_or(oid::RECORD);
                }
                _ => {}
            }
        }
        let from_here = |mut expr: Expr| {
            shift_levels(&mut expr, level);
            expr
        };
        let columns: Vec<&ItemColumn> = item.visible_columns().collect();
        let names = columns.iter().map(|column| column.name.clone()).collect();
        let fields = columns.iter().map(|column| from_here(column.expr.clone())).collect();
        let present = item.range.filter(|_| item.nullable).map(|range| self.present(level, range));
        let present = present.map(|expr| Box::new(from_here(expr)));
        Ok(Expr::new(ExprKind::Row { fields, names, present }, TypeRef::of(row_type)).at(pos))
    }

    /// What is NULL where an outer join has no row of a range: a map's key, or a column that the range is given for it.
    fn present(&mut self, level: usize, range: usize) -> Expr {
        let column = |column, ty| Expr::new(ExprKind::Column(ColumnRef { levels_up: 0, range, column }), ty);
        let scope = self.scopes.len().checked_sub(level + 1).and_then(|at| self.scopes.get_mut(at));
        let found = scope.and_then(|scope| {
            let of = scope.ranges.get_mut(range)?;
            if let RangeKind::Relation(relation) = &of.kind
                && let Some([key]) = relation.key().as_deref()
            {
                return Some(column(*key, of.columns.get(*key)?.ty));
            }
            let value = Expr::constant(pg::Value::Bool(true), oid::BOOL);
            scope.make(Made { range, name: "", value, origin: NO_ORIGIN })
        });
        found.unwrap_or_else(|| Expr::constant(pg::Value::Bool(true), oid::BOOL))
    }

    /// `errorMissingColumn`
    fn no_column(&self, relation: Option<&Name>, name: &Name, pos: Option<u32>) -> Error {
        let message = match relation {
            Some(relation) => format!("column {}.{} does not exist", relation.folded(), name.folded()),
            None => format!("column \"{}\" does not exist", name.folded()),
        };
        let error = Error::new(SqlState::UNDEFINED_COLUMN, message).at(pos);
        if let Some(hint) = self.unreachable_column(relation, name) {
            return error.hint(hint);
        }
        match self.similar_columns(relation, name).as_slice() {
            [(hint, _)] => error.hint(format!("Perhaps you meant to reference the column {hint}.")),
            [(first, _), (second, _)] => error
                .hint(format!("Perhaps you meant to reference the column {first} or the column {second}.")),
            _ => error,
        }
    }

    /// A column of that very name that cannot be seen from here.
    fn unreachable_column(&self, relation: Option<&Name>, name: &Name) -> Option<String> {
        let folded = name.folded();
        let is_system = system_column(&folded).is_some();
        let has = |scope: &Scope, at: usize, range: &Range| {
            range.columns.iter().any(|c| !c.hidden && *c.name == *folded)
                || (is_system && scope.namespace.iter().any(|item| item.range == Some(at) && item.system))
        };
        let meant = |range: &Range| relation.is_none_or(|r| *r.folded() == *range.alias);
        let range = self.scopes.iter().rev().find_map(|scope| {
            let mut ranges = scope.ranges.iter().enumerate();
            ranges.find(|(at, range)| meant(range) && has(scope, *at, range)).map(|(_, range)| range)
        })?;
        Some(format!(
            "There is a column named \"{folded}\" in table \"{}\", but it cannot be referenced from this part of the \
             query.",
            range.alias
        ))
    }

    /// The one or two columns that are spelled most alike (`searchRangeTableForCol`).
    fn similar_columns(&self, relation: Option<&Name>, name: &Name) -> Vec<(String, usize)> {
        const FAR: usize = 3;
        let folded = name.folded();
        let mut best: Vec<(String, usize)> = Vec::new();
        let mut least = FAR + 1;
        for level in 0..self.scopes.len() {
            let Some(scope) = self.block(level) else { break };
            for range in &scope.ranges {
                let alias_distance = relation.map_or(0, |r| distance(&r.folded(), &range.alias));
                for column in range.columns.iter().filter(|c| !c.hidden) {
                    let own = distance(&folded, &column.name);
                    // More than half of the name must be right.
                    if own > folded.len() / 2 {
                        continue;
                    }
                    let total = own + alias_distance;
                    let hint = format!("\"{}.{}\"", range.alias, column.name);
                    if total < least {
                        least = total;
                        best = vec![(hint, total)];
                    } else if total == least && total <= FAR {
                        best.push((hint, total));
                    }
                }
            }
        }
        if best.len() > 2 { Vec::new() } else { best }
    }

    /// `errorMissingRTE`
    pub(super) fn missing_relation(&self, name: &Name, pos: Option<u32>) -> Error {
        let folded = name.folded();
        let cte = self.visible_cte(&folded);
        for level in 0..self.scopes.len() {
            let Some(scope) = self.block(level) else { break };
            for (i, range) in scope.ranges.iter().enumerate() {
                // A relation is meant when no WITH query has the name.
                let is_named = match &range.kind {
                    RangeKind::Relation(relation) => cte.is_none() && *relation.name == *folded,
                    RangeKind::Cte { levels_up, index } => cte == Some((level + levels_up, *index)),
                    _ => false,
                };
                if *range.alias == *folded || is_named {
                    let item = scope.namespace.iter().find(|item| item.range == Some(i));
                    let visible = item.is_some_and(|item| item.name_visible && !item.lateral_only);
                    let alias_differs = *range.alias != *folded;
                    let text = if alias_differs && visible {
                        format!("Perhaps you meant to reference the table alias \"{}\".", range.alias)
                    } else {
                        format!(
                            "There is an entry for table \"{}\", but it cannot be referenced from this part of the \
                             query.",
                            range.alias
                        )
                    };
                    return Error::new(
                        SqlState::UNDEFINED_TABLE,
                        format!("invalid reference to FROM-clause entry for table \"{folded}\""),
                    )
                    .hint(text)
                    .at(pos);
                }
            }
        }
        Error::new(SqlState::UNDEFINED_TABLE, format!("missing FROM-clause entry for table \"{folded}\""))
            .at(pos)
    }
}

fn of_another_database(names: &[Name]) -> Error {
    Error::new(
        SqlState::FEATURE_NOT_SUPPORTED,
        format!("cross-database references are not implemented: {}", dotted(names)),
    )
}

fn too_many_names(names: &[Name]) -> Error {
    Error::new(
        SqlState::SYNTAX_ERROR,
        format!("improper qualified name (too many dotted names): {}", dotted(names)),
    )
}

fn is_scalar(calls: &[Expr]) -> bool {
    calls.first().is_some_and(|call| call.ty.oid != oid::RECORD && !super::coerce::is_composite(call.ty.oid))
}

fn check_lateral(item: &Item, pos: Option<u32>) -> Result<()> {
    if item.lateral_only && !item.lateral_ok {
        let name = item.name.as_deref().unwrap_or_default();
        return Err(Error::new(
            SqlState::INVALID_COLUMN_REFERENCE,
            format!("invalid reference to FROM-clause entry for table \"{name}\""),
        )
        .detail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
        .at(pos));
    }
    Ok(())
}

fn ambiguous_column(name: &Name, pos: Option<u32>) -> Error {
    Error::new(SqlState::AMBIGUOUS_COLUMN, format!("column reference \"{}\" is ambiguous", name.folded()))
        .at(pos)
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut previous = i;
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(usize::MAX);
            let left = next.last().copied().unwrap_or(usize::MAX);
            next.push((previous + usize::from(ca != *cb)).min(above + 1).min(left + 1));
            previous = above;
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// A relation and attribute that is none.
pub(super) const NO_ORIGIN: (Oid, i16) = (Oid::INVALID, 0);

/// The name of an output column that nobody named.
pub(super) fn unnamed() -> Arc<str> {
    "?column?".into()
}
