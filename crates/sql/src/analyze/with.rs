//! `WITH` (`parse_cte.c`).

use std::sync::Arc;

use pg::oid::TypeRef;
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::scope::CteEntry;
use super::types::format_type;
use crate::parse::ast::{self, QueryBody, Statement};
use crate::query::{Body, Cte, OutputColumn, Query, RangeColumn, SetOperationKind};

impl Analyzer<'_> {
    pub(super) fn with(&mut self, with: &ast::With) -> Result<Vec<Cte>> {
        for (index, cte) in with.ctes.iter().enumerate() {
            let name = cte.name.folded();
            if with.ctes.iter().take(index).any(|other| other.name.folded() == name) {
                let message = format!("WITH query name \"{name}\" specified more than once");
                return Err(Error::new(SqlState::DUPLICATE_ALIAS, message).at(self.pos(cte.pos)));
            }
        }
        let items: Vec<(&ast::Cte, bool)> = if with.recursive {
            self.recursive_items(with)?.iter().map(|item| (item.cte, item.recursive)).collect()
        } else {
            with.ctes.iter().map(|cte| (cte, false)).collect()
        };
        let mut ctes = Vec::with_capacity(items.len());
        for (index, (cte, recursive)) in items.into_iter().enumerate() {
            if !with.recursive {
                let future = with.ctes.iter().skip(index).map(|cte| cte.name.folded()).collect();
                self.scope()?.future_ctes = future;
            }
            let name = cte.name.folded();
            let pos = self.pos(cte.pos);
            let Statement::Query(query) = &*cte.statement else {
                ctes.push(self.change_in_with(cte, index, with.recursive)?);
                continue;
            };
            let (query, added) = self.cte_query(cte, query, index, recursive)?;
            let own = query.columns.len() - added;
            let mut columns =
                name_columns(&name, &cte.columns, query.columns.get(..own).unwrap_or_default(), pos)?;
            columns.extend(name_columns(&name, &[], query.columns.get(own..).unwrap_or_default(), pos)?);
            self.publish_cte(&name, index, Some(columns.clone()), &query.columns)?;
            let records = self.record_columns(&query);
            if let Some(entry) = self.scope()?.ctes.iter_mut().find(|entry| entry.index == index) {
                entry.records = records;
            }
            ctes.push(Cte { name, columns, query, recursive, materialized: cte.materialized, change: None });
        }
        self.scope()?.future_ctes.clear();
        Ok(ctes)
    }

    /// `INSERT`, `UPDATE` or `DELETE` in WITH.
    fn change_in_with(&mut self, cte: &ast::Cte, index: usize, recursive: bool) -> Result<Cte> {
        let (name, pos) = (cte.name.folded(), self.pos(cte.pos));
        if self.scopes.len() > 1 || self.in_views > 0 {
            let message = "WITH clause containing a data-modifying statement must be at the top level";
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message).at(pos));
        }
        if recursive {
            // Whether it refers to itself, which it must not, is not looked at.
            return Err(Error::refused("a data-modifying statement in WITH RECURSIVE").at(pos));
        }
        if cte.search.is_some() || cte.cycle.is_some() {
            return Err(super::expr::syntax_error("WITH query is not recursive", pos));
        }
        let change = self.statement(&cte.statement)?;
        let outputs = change.columns().unwrap_or_default();
        let columns = name_columns(&name, &cte.columns, &outputs, pos)?;
        self.publish_cte(&name, index, Some(columns.clone()), &outputs)?;
        if outputs.is_empty()
            && let Some(entry) = self.scope()?.ctes.iter_mut().find(|entry| entry.index == index)
        {
            entry.returns_nothing = true;
        }
        let query = Query::plain(Body::Values(Vec::new()), outputs);
        let (materialized, change) = (cte.materialized, Some(Box::new(change)));
        Ok(Cte { name, columns, query, recursive: false, materialized, change })
    }

    /// Makes a common table expression known in this block, or replaces what is known of it.
    fn publish_cte(
        &mut self,
        name: &Arc<str>,
        index: usize,
        columns: Option<Vec<RangeColumn>>,
        outputs: &[OutputColumn],
    ) -> Result<()> {
        let origins = outputs.iter().map(|column| column.origin).collect();
        let columns_unknown = columns.is_none();
        let (in_progress, returns_nothing) = (columns_unknown, false);
        let (name, records) = (name.clone(), Vec::new());
        let entry = CteEntry { name, columns, origins, records, index, in_progress, returns_nothing };
        let ctes = &mut self.scope()?.ctes;
        match ctes.iter_mut().find(|cte| cte.index == index) {
            Some(known) => *known = entry,
            None => ctes.push(entry),
        }
        Ok(())
    }

    /// A query of WITH, and how many columns SEARCH and CYCLE have added to it.
    fn cte_query(
        &mut self,
        cte: &ast::Cte,
        query: &ast::Query,
        index: usize,
        recursive: bool,
    ) -> Result<(Query, usize)> {
        let union = match &query.body {
            QueryBody::SetOperation { kind: SetOperationKind::Union, all, left, right } if recursive => {
                (*all, &**left, &**right)
            }
            _ => {
                let query = self.query(query)?;
                if cte.search.is_some() || cte.cycle.is_some() {
                    return Err(super::expr::syntax_error("WITH query is not recursive", self.pos(cte.pos)));
                }
                return Ok((query, 0));
            }
        };
        self.publish_cte(&cte.name.folded(), index, None, &[])?;
        let (analysed, _) = self.in_scope(|a| a.recursive_union(cte, query, index, union))?;
        Ok(analysed)
    }

    /// The left side first: it says what the columns are that the right side may refer to.
    fn recursive_union(
        &mut self,
        cte: &ast::Cte,
        query: &ast::Query,
        index: usize,
        (all, left, right): (bool, &ast::Query, &ast::Query),
    ) -> Result<(Query, usize)> {
        let ctes = match &query.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        self.collates = true;
        let pos = self.pos(cte.pos);
        let name = cte.name.folded();
        let left = self.query_in(left, true)?;
        let columns = name_columns(&name, &cte.columns, &left.columns, pos)?;
        let mut paths = self.paths(cte)?;
        let added = paths.as_ref().map(|paths| paths.columns(true)).unwrap_or_default();
        let owner = self.scopes.len().checked_sub(2).and_then(|i| self.scopes.get_mut(i));
        if let Some(entry) = owner.and_then(|scope| scope.ctes.iter_mut().find(|entry| entry.index == index))
        {
            entry.columns = Some(columns.iter().chain(&added).cloned().collect());
        }
        let declared: Vec<TypeRef> = left.columns.iter().map(|column| column.ty).collect();
        let place = |i| super::setop::column_expr(&left, i).and_then(|expr| expr.position);
        let places: Vec<Option<u32>> = (0..declared.len()).map(place).collect();
        let right = self.query_in(right, false)?;
        let (operation, columns) = self.combine_sides(SetOperationKind::Union, all, left, right, pos)?;
        check_recursive_types(&name, &declared, &columns, &places)?;
        let mut analysed =
            self.finish_set_operation(query, Body::SetOperation(Box::new(operation)), columns.clone())?;
        analysed.ctes = ctes;
        if let Some(paths) = &mut paths {
            let named = name_columns(&name, &cte.columns, &columns, pos)?;
            self.resolve_paths(cte, paths, &named)?;
            super::search_cycle::add_paths(&name, &mut analysed, paths)?;
        }
        Ok((analysed, added.len()))
    }

    /// `scanNameSpaceForCTE`: in which block from here, and the how manieth there.
    pub(super) fn visible_cte(&self, folded: &str) -> Option<(usize, usize)> {
        let mut scopes = self.scopes.iter().rev().enumerate();
        scopes.find_map(|(level, scope)| {
            let entry = scope.ctes.iter().find(|entry| *entry.name == *folded)?;
            Some((level, entry.index))
        })
    }

    /// The common table expression of a name: how many blocks out, and what is known of it.
    pub(super) fn cte(
        &mut self,
        name: &crate::catalog::Name,
        pos: Option<u32>,
    ) -> Result<Option<(usize, CteEntry)>> {
        for level in 0..self.scopes.len() {
            let Some(scope) = self.scopes.len().checked_sub(level + 1).and_then(|i| self.scopes.get_mut(i))
            else {
                break;
            };
            let folded = name.folded();
            let Some(entry) = scope.ctes.iter_mut().find(|entry| entry.name == folded) else { continue };
            if entry.columns.is_none() {
                return Err(recursive_reference(&folded, pos));
            }
            return Ok(Some((level, entry.clone())));
        }
        Ok(None)
    }
}

fn recursive_reference(name: &str, pos: Option<u32>) -> Error {
    Error::new(
        SqlState::INVALID_RECURSION,
        format!("recursive reference to query \"{name}\" must not appear within its non-recursive term"),
    )
    .at(pos)
}

fn check_recursive_types(
    name: &str,
    declared: &[TypeRef],
    overall: &[OutputColumn],
    places: &[Option<u32>],
) -> Result<()> {
    for (i, (declared, column)) in declared.iter().zip(overall).enumerate() {
        if *declared != column.ty {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "recursive query \"{name}\" column {} has type {} in non-recursive term but type {} overall",
                    i + 1,
                    pg::catalog::format_type(declared.oid, Some(declared.typmod)),
                    format_type(column.ty.oid)
                ),
            )
            .hint("Cast the output of the non-recursive term to the correct type.")
            .at(places.get(i).copied().flatten()));
        }
    }
    Ok(())
}

/// Output columns under the names that an alias gives them.
pub(super) fn name_columns(
    table: &str,
    names: &[crate::catalog::Name],
    outputs: &[OutputColumn],
    pos: Option<u32>,
) -> Result<Vec<RangeColumn>> {
    if names.len() > outputs.len() {
        return Err(Error::new(
            SqlState::INVALID_COLUMN_REFERENCE,
            format!(
                "WITH query \"{table}\" has {} columns available but {} columns specified",
                outputs.len(),
                names.len()
            ),
        )
        .at(pos));
    }
    let column = |(i, column): (usize, &OutputColumn)| RangeColumn {
        name: names.get(i).map_or_else(|| column.name.clone(), |name| name.folded()),
        ty: column.ty,
        hidden: false,
    };
    Ok(outputs.iter().enumerate().map(column).collect())
}
