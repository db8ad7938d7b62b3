//! From syntax trees to typed queries: PostgreSQL's parse analysis (`src/backend/parser/analyze.c` and its
//! neighbours). Names are resolved against the catalog, operators and functions by PostgreSQL's rules for overloads,
//! unknown literals and parameters get the types that their places want.

use std::sync::Arc;

use pg::{Env, Error, Oid, Result, SqlState};

use crate::catalog::Snapshot;
use crate::parse::{ParsedStatement, Statement};
use crate::plan::ExplainOptions;
use crate::query::{self, OutputColumn};
use crate::session::{LockMode, RelationLock};

mod aggregates;
mod assignments;
mod calls;
mod candidates;
mod case;
mod clause;
mod coerce;
mod collations;
mod common;
mod conflict;
mod dependent;
mod dml;
mod expr;
mod from;
mod functions;
mod generic;
mod grouping;
mod indirection;
mod joins;
mod literals;
mod locking;
mod names;
mod operators;
mod ordered_sets;
mod params;
mod records;
mod recursion;
mod rows;
mod scope;
mod search_cycle;
mod select;
mod setop;
mod sort;
mod special;
mod sublink;
mod system_columns;
mod targets;
mod types;
mod views;
mod windows;
mod with;

#[cfg(test)]
pub(crate) mod tests;

use scope::Scope;
pub use views::VIEW_SEARCH_PATH;

/// What a statement is analysed against.
#[derive(Clone, Copy, Debug)]
pub struct AnalyzeContext<'a> {
    /// The catalog.
    pub snapshot: &'a dyn Snapshot,
    /// Schemas in which unqualified names are looked for, `pg_catalog` first unless it is named.
    pub search_path: &'a [Arc<str>],
    /// Settings and the names of objects, for literals.
    pub env: &'a Env,
    /// The name of the database, which may stand before a schema.
    pub database: &'a str,
    /// What the statement may say of parameters.
    pub params: Params<'a>,
}

/// What a statement may say of parameters.
#[derive(Clone, Copy, Debug)]
pub enum Params<'a> {
    /// There are none (the simple protocol): `$1` is 42P02.
    None,
    /// As many as the statement names; the types declared so far, invalid (or `unknown`) ones to be found.
    Variable(&'a [Oid]),
}

/// An analysed statement.
#[derive(Clone, Debug)]
pub struct Analyzed {
    /// What it means.
    pub statement: query::Statement,
    /// The types of its parameters.
    pub params: Vec<Oid>,
    /// The columns of its result, as Describe tells them (domains have become their base types); `None` when it has
    /// none.
    pub columns: Option<Vec<OutputColumn>>,
    /// Rows are to be locked: `UPDATE`, `NO KEY UPDATE`, `SHARE`, `KEY SHARE`.
    pub locks: Option<&'static str>,
    /// The relations that it names, also by way of views, and what for.
    pub relations: Vec<RelationLock>,
}

/// Analyses a statement that reads or changes rows, or explains such a one.
pub fn analyze(statement: &ParsedStatement, cx: &AnalyzeContext<'_>) -> Result<Analyzed> {
    analyze_statement(&statement.kind, cx)
}

/// As [`analyze`], for a statement inside another (`PREPARE`, `DECLARE`).
pub fn analyze_statement(statement: &Statement, cx: &AnalyzeContext<'_>) -> Result<Analyzed> {
    let mut analyzer = Analyzer::new(cx);
    let mut statement = analyzer.statement(statement)?;
    if analyzer.collates {
        collations::derive(&mut statement)?;
    }
    let params = analyzer.finish_params(&statement)?;
    let columns = statement.columns().map(|columns| columns.iter().map(described).collect());
    Ok(Analyzed { statement, params, columns, locks: analyzer.locks, relations: analyzer.relations })
}

/// Analyses expressions that stand alone (the arguments of `EXECUTE`), each converted to a type by assignment.
pub fn analyze_arguments(
    exprs: &[crate::parse::ast::Expr],
    types: &[Oid],
    cx: &AnalyzeContext<'_>,
) -> Result<Vec<query::Expr>> {
    let mut analyzer = Analyzer::new(cx);
    analyzer.scopes.push(Scope::default());
    let mut values = Vec::with_capacity(exprs.len());
    for (i, (expr, ty)) in exprs.iter().zip(types).enumerate() {
        let mut value = analyzer.in_clause(clause::Clause::ExecuteParameter, |a| a.expr(expr))?;
        collations::derive_alone(&mut value)?;
        let (from, position) = (value.ty.oid, value.position);
        let value = analyzer.coerce_to_target(value, (*ty).into(), coerce::Context::Assignment, None)?;
        values.push(value.ok_or_else(|| {
            Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "parameter ${} of type {} cannot be coerced to the expected type {}",
                    i + 1,
                    types::format_type(from),
                    types::format_type(*ty)
                ),
            )
            .hint("You will need to rewrite or cast the expression.")
            .at(position)
        })?);
    }
    Ok(values)
}

/// The type that a type's name means (`PREPARE name (type, …)`).
pub fn resolve_type(name: &crate::parse::ast::TypeName, cx: &AnalyzeContext<'_>) -> Result<pg::TypeRef> {
    Analyzer::new(cx).type_name(name)
}

/// RowDescription shows the type under a domain.
fn described(column: &OutputColumn) -> OutputColumn {
    let (oid, typmod) = pg::catalog::base_type(column.ty.oid, column.ty.typmod);
    OutputColumn { ty: pg::TypeRef { oid, typmod }, ..column.clone() }
}

/// The state of an analysis.
struct Analyzer<'a> {
    cx: &'a AnalyzeContext<'a>,
    /// The query blocks around the place under analysis, outermost first.
    scopes: Vec<Scope>,
    /// The types of parameters so far; invalid where none was seen.
    params: Vec<Oid>,
    /// How many definitions of views the place is in: their positions are not in the statement's text, and names in
    /// them are looked up in `pg_catalog`.
    in_views: usize,
    /// How many BETWEENs the place is an operand of.
    in_betweens: usize,
    /// Something was seen that needs to know collations.
    collates: bool,
    /// Positions are not wanted although it is no view.
    unpositioned: usize,
    /// See [`Analyzed::locks`].
    locks: Option<&'static str>,
    /// See [`Analyzed::relations`].
    relations: Vec<RelationLock>,
}

impl<'a> Analyzer<'a> {
    fn new(cx: &'a AnalyzeContext<'a>) -> Analyzer<'a> {
        let params = match cx.params {
            Params::None => Vec::new(),
            Params::Variable(declared) => declared.to_vec(),
        };
        Analyzer {
            cx,
            scopes: Vec::new(),
            params,
            in_views: 0,
            in_betweens: 0,
            collates: false,
            unpositioned: 0,
            locks: None,
            relations: Vec::new(),
        }
    }

    /// Remembers what a relation is wanted for.
    fn wants(&mut self, relation: Oid, mode: LockMode) {
        let lock = RelationLock { relation, mode };
        if !self.relations.contains(&lock) {
            self.relations.push(lock);
        }
    }

    /// A position of the syntax tree as errors and expressions have it.
    fn pos(&self, pos: u32) -> Option<u32> {
        (pos > 0 && self.in_views == 0 && self.unpositioned == 0).then_some(pos)
    }

    fn without_positions<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.unpositioned += 1;
        let result = f(self);
        self.unpositioned -= 1;
        result
    }

    /// The schemas in which unqualified names are looked for.
    fn search_path(&self) -> &'a [Arc<str>] {
        if self.in_views > 0 { &*VIEW_SEARCH_PATH } else { self.cx.search_path }
    }

    fn statement(&mut self, statement: &Statement) -> Result<query::Statement> {
        match statement {
            Statement::Query(query) => Ok(query::Statement::Query(Box::new(self.query(query)?))),
            Statement::Insert(insert) => Ok(query::Statement::Insert(Box::new(self.insert(insert)?))),
            Statement::Update(update) => Ok(query::Statement::Update(Box::new(self.update(update)?))),
            Statement::Delete(delete) => Ok(query::Statement::Delete(Box::new(self.delete(delete)?))),
            Statement::Truncate(tables) => {
                let tables = tables.iter().map(|table| self.truncated(table)).collect::<Result<_>>()?;
                Ok(query::Statement::Truncate(tables))
            }
            Statement::Explain(explain) => Ok(query::Statement::Explain(Box::new(query::Explain {
                plan_for: explain.plan_for,
                options: ExplainOptions::of(&explain.options, &|pos| self.pos(pos))?,
                statement: self.statement(&explain.statement)?,
            }))),
            Statement::Refused(name) => Err(Error::refused(name)),
            Statement::Session(_) | Statement::Hazelcast(_) | Statement::DropViews(_) => {
                Err(Error::internal("only statements about rows are analysed"))
            }
        }
    }
}
