//! `WITH` (`parse_cte.c`).

use std::sync::Arc;

use pg::oid::TypeRef;
use pg::{Error, Result, SqlState};

use super::Analyzer;
use super::scope::CteEntry;
use super::setop::not_recursive_form;
use super::types::format_type;
use crate::parse::ast::{self, QueryBody, Statement};
use crate::query::{Body, Cte, OutputColumn, Query, RangeColumn, SetOperationKind};

impl Analyzer<'_> {
    pub(super) fn with(&mut self, with: &ast::With) -> Result<Vec<Cte>> {
        let mut ctes = Vec::with_capacity(with.ctes.len());
        for (index, cte) in with.ctes.iter().enumerate() {
            let name = cte.name.folded();
            let pos = self.pos(cte.pos);
            if with.ctes.iter().take(index).any(|other| other.name.folded() == name) {
                return Err(Error::new(
                    SqlState::DUPLICATE_ALIAS,
                    format!("WITH query name \"{name}\" specified more than once"),
                )
                .at(pos));
            }
            if !with.recursive {
                let future = with.ctes.iter().skip(index).map(|cte| cte.name.folded()).collect();
                self.scope()?.future_ctes = future;
            }
            let Statement::Query(query) = &*cte.statement else {
                return Err(Error::refused("a data-modifying statement in WITH").at(pos));
            };
            let (query, recursive) = self.cte_query(cte, query, index, with.recursive)?;
            let own = query.columns.len() - recursive.added;
            let own_columns = query.columns.get(..own).unwrap_or_default();
            let mut columns = name_columns(&name, &cte.columns, own_columns, pos)?;
            columns.extend(name_columns(&name, &[], query.columns.get(own..).unwrap_or_default(), pos)?);
            let recursive = recursive.is;
            self.publish_cte(&name, index, Some(columns.clone()), &query.columns)?;
            ctes.push(Cte { name, columns, query, recursive, materialized: cte.materialized });
        }
        self.scope()?.future_ctes.clear();
        Ok(ctes)
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
        let entry = CteEntry {
            name: name.clone(),
            columns,
            origins,
            index,
            self_reference: false,
            not_recursive: None,
        };
        let ctes = &mut self.scope()?.ctes;
        match ctes.iter_mut().find(|cte| cte.index == index) {
            Some(known) => *known = CteEntry { self_reference: known.self_reference, ..entry },
            None => ctes.push(entry),
        }
        Ok(())
    }

    fn cte_query(
        &mut self,
        cte: &ast::Cte,
        query: &ast::Query,
        index: usize,
        recursive: bool,
    ) -> Result<(Query, Recursive)> {
        let not = Recursive { is: false, added: 0 };
        if !recursive {
            self.only_recursive(cte)?;
            return Ok((self.query(query)?, not));
        }
        let name = cte.name.folded();
        self.publish_cte(&name, index, None, &[])?;
        let union = match &query.body {
            QueryBody::SetOperation { kind: SetOperationKind::Union, all, left, right } => {
                Some((*all, left, right))
            }
            _ => None,
        };
        let Some((all, left, right)) = union else {
            // A reference to itself finds no columns, and fails there.
            let pos = self.pos(cte.pos);
            if let Some(entry) = self.scope()?.ctes.iter_mut().find(|entry| entry.index == index) {
                entry.not_recursive = Some(pos);
            }
            self.only_recursive(cte)?;
            return Ok((self.query(query)?, not));
        };
        let ((analysed, added), _) =
            self.in_scope(|a| a.recursive_union(cte, query, index, all, left, right))?;
        let entry = self.scope()?.ctes.iter().find(|entry| entry.index == index);
        let recursive = entry.is_some_and(|entry| entry.self_reference);
        if recursive && !(query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none()) {
            return Err(self.not_in_recursion(query));
        }
        if !recursive {
            self.only_recursive(cte)?;
        }
        Ok((analysed, Recursive { is: recursive, added }))
    }

    /// SEARCH and CYCLE are for queries that do refer to themselves.
    fn only_recursive(&mut self, cte: &ast::Cte) -> Result<()> {
        if cte.search.is_none() && cte.cycle.is_none() {
            return Ok(());
        }
        Err(super::expr::syntax_error("WITH query is not recursive", self.pos(cte.pos)))
    }

    /// `checkWellFormedRecursion` about what stands behind the union.
    fn not_in_recursion(&mut self, query: &ast::Query) -> Error {
        let sort = query.order_by.iter().map(|key| key.expr.location()).min().map(|pos| ("ORDER BY", pos));
        let offset = query.offset.as_ref().map(|expr| ("OFFSET", expr.location()));
        let limit = query.limit.as_ref().map(|expr| ("LIMIT", expr.location()));
        let (what, pos) = sort.or(offset).or(limit).unwrap_or_default();
        Error::new(SqlState::FEATURE_NOT_SUPPORTED, format!("{what} in a recursive query is not implemented"))
            .at(self.pos(pos))
    }

    /// The left side first: it says what the columns are that the right side may refer to.
    fn recursive_union(
        &mut self,
        cte: &ast::Cte,
        query: &ast::Query,
        index: usize,
        all: bool,
        left: &ast::Query,
        right: &ast::Query,
    ) -> Result<(Query, usize)> {
        let ctes = match &query.with {
            Some(with) => self.with(with)?,
            None => Vec::new(),
        };
        let pos = self.pos(cte.pos);
        let name = cte.name.folded();
        let left = self.query_in(left, true)?;
        let columns = name_columns(&name, &cte.columns, &left.columns, pos)?;
        let owner = self.scopes.len().checked_sub(2).and_then(|i| self.scopes.get_mut(i));
        if let Some(entry) = owner.and_then(|scope| scope.ctes.iter_mut().find(|entry| entry.index == index))
        {
            entry.columns = Some(columns.clone());
        }
        let paths = self.paths(cte, &columns)?;
        let added = paths.as_ref().map(|paths| paths.columns(true)).unwrap_or_default();
        let owner = self.scopes.len().checked_sub(2).and_then(|i| self.scopes.get_mut(i));
        if let Some(entry) = owner.and_then(|scope| scope.ctes.iter_mut().find(|entry| entry.index == index))
        {
            entry.columns.iter_mut().for_each(|columns| columns.extend(added.iter().cloned()));
        }
        let declared: Vec<TypeRef> = left.columns.iter().map(|column| column.ty).collect();
        let place = |i| super::setop::column_expr(&left, i).and_then(|expr| expr.position);
        let places: Vec<Option<u32>> = (0..declared.len()).map(place).collect();
        let right = self.query_in(right, false)?;
        let (operation, columns) = self.combine_sides(SetOperationKind::Union, all, left, right, pos)?;
        let owner = self.scopes.len().checked_sub(2).and_then(|i| self.scopes.get(i));
        let recursive = owner
            .and_then(|scope| scope.ctes.iter().find(|entry| entry.index == index))
            .is_some_and(|entry| entry.self_reference);
        if recursive {
            check_recursive_types(&name, &declared, &columns, &places)?;
        }
        let mut analysed =
            self.finish_set_operation(query, Body::SetOperation(Box::new(operation)), columns)?;
        analysed.ctes = ctes;
        if let Some(paths) = paths.filter(|_| recursive) {
            super::search_cycle::add_paths(&name, &mut analysed, &paths)?;
        }
        Ok((analysed, added.len()))
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
            entry.self_reference = true;
            if entry.columns.is_none() {
                return Err(match entry.not_recursive {
                    Some(at) => not_recursive_form(&folded, at),
                    None => recursive_reference(&folded, pos),
                });
            }
            return Ok(Some((level, entry.clone())));
        }
        Ok(None)
    }
}

/// What is known of a query in WITH.
struct Recursive {
    /// It refers to itself.
    is: bool,
    /// So many columns stand behind its own, by SEARCH and CYCLE.
    added: usize,
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
