//! `SEARCH` and `CYCLE` of recursive common table expressions (`analyzeCTE`, `rewriteSearchCycle.c`): columns of paths
//! that both terms of the union compute.

use std::sync::Arc;

use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value, catalog};

use super::Analyzer;
use super::common::{common_type, common_typmod};
use super::expr::syntax_error;
use super::from::subquery_range;
use super::types::format_type;
use crate::catalog::Name;
use crate::parse::ast;
use crate::query::*;
use crate::walk::shift_query_levels;

/// `record_eq`
const RECORD_EQ: Operator = Operator { oid: Oid(2988), proc: Oid(2981) };
/// `array_append`
const ARRAY_APPEND: Oid = Oid(378);
/// `int8inc`
const INT8_INC: Oid = Oid(1219);

/// What SEARCH and CYCLE of a common table expression add to it.
#[derive(Debug)]
pub(super) struct Paths {
    search: Option<Search>,
    cycle: Option<Cycle>,
}

#[derive(Debug)]
struct Search {
    breadth_first: bool,
    /// Indexes of the columns that order.
    by: Vec<usize>,
    sequence: Arc<str>,
}

#[derive(Debug)]
struct Cycle {
    /// Indexes of the columns that repeat.
    columns: Vec<usize>,
    mark: Arc<str>,
    value: Expr,
    default: Expr,
    not_equal: Operator,
    path: Arc<str>,
}

impl Paths {
    /// The columns that are added, which a `*` inside the recursive term does not see.
    pub(super) fn columns(&self, hidden: bool) -> Vec<RangeColumn> {
        let column = |name: &Arc<str>, ty: TypeRef| RangeColumn { name: name.clone(), ty, hidden };
        let mut columns = Vec::new();
        if let Some(search) = &self.search {
            let ty = if search.breadth_first { oid::RECORD } else { oid::RECORD_ARRAY };
            columns.push(column(&search.sequence, ty.into()));
        }
        if let Some(cycle) = &self.cycle {
            columns.push(column(&cycle.mark, cycle.value.ty));
            columns.push(column(&cycle.path, oid::RECORD_ARRAY.into()));
        }
        columns
    }
}

impl Analyzer<'_> {
    /// What the two clauses say, before the columns of the common table expression are known.
    pub(super) fn paths(&mut self, cte: &ast::Cte) -> Result<Option<Paths>> {
        let search = cte.search.as_ref().map(|search| Search {
            breadth_first: search.breadth_first,
            by: Vec::new(),
            sequence: search.sequence.folded(),
        });
        let cycle = cte.cycle.as_ref().map(|cycle| self.cycle(cycle)).transpose()?;
        Ok((search.is_some() || cycle.is_some()).then_some(Paths { search, cycle }))
    }

    fn cycle(&mut self, cycle: &ast::Cycle) -> Result<Cycle> {
        let (value, default) = match &cycle.values {
            Some((value, default)) => (self.expr(value)?, self.expr(default)?),
            None => {
                let constant = |value| Expr::constant(Value::Bool(value), oid::BOOL);
                (constant(true), constant(false))
            }
        };
        let ty = common_type(&[&value, &default], Some("CYCLE"))?.unwrap_or(oid::TEXT);
        let mut value = self.coerce_to_common(value, ty, "CYCLE/SET/TO")?;
        let mut default = self.coerce_to_common(default, ty, "CYCLE/SET/DEFAULT")?;
        let typmod = common_typmod([&value, &default], ty);
        (value.ty.typmod, default.ty.typmod) = (typmod, typmod);
        let not_equal = inequality(ty)?;
        let (mark, path) = (cycle.mark.folded(), cycle.path.folded());
        Ok(Cycle { columns: Vec::new(), mark, value, default, not_equal, path })
    }

    /// Finds the columns that are named, and sees that all names are different.
    pub(super) fn resolve_paths(
        &mut self,
        cte: &ast::Cte,
        paths: &mut Paths,
        columns: &[RangeColumn],
    ) -> Result<()> {
        if let (Some(search), Some(raw)) = (&mut paths.search, &cte.search) {
            let pos = self.pos(raw.pos);
            search.by = named_columns("search", &raw.by, columns, pos)?;
            new_name("search sequence", &search.sequence, columns, pos)?;
        }
        if let (Some(cycle), Some(raw)) = (&mut paths.cycle, &cte.cycle) {
            let pos = self.pos(raw.pos);
            cycle.columns = named_columns("cycle", &raw.columns, columns, pos)?;
            new_name("cycle mark", &cycle.mark, columns, pos)?;
            new_name("cycle path", &cycle.path, columns, pos)?;
            if cycle.mark == cycle.path {
                let message = "cycle mark column name and cycle path column name are the same";
                return Err(syntax_error(message, pos));
            }
        }
        let (Some(search), Some(cycle)) = (&paths.search, &paths.cycle) else { return Ok(()) };
        for (name, what) in [(&cycle.mark, "mark"), (&cycle.path, "path")] {
            if search.sequence == *name {
                let message =
                    format!("search sequence column name and cycle {what} column name are the same");
                return Err(syntax_error(message, cte.search.as_ref().and_then(|raw| self.pos(raw.pos))));
            }
        }
        Ok(())
    }
}

/// `<>` of a type.
fn inequality(ty: Oid) -> Result<Operator> {
    let missing = |which: &str| {
        let message = format!("could not identify an {which} operator for type {}", format_type(ty));
        Error::new(SqlState::UNDEFINED_FUNCTION, message)
    };
    let equal = catalog::equality_operator(ty).and_then(catalog::operator_by_oid);
    let negator = equal.ok_or_else(|| missing("equality"))?.negator;
    let row = catalog::operator_by_oid(negator).ok_or_else(|| missing("inequality"))?;
    Ok(Operator { oid: row.oid, proc: row.code })
}

fn named_columns(
    kind: &str,
    names: &[Name],
    columns: &[RangeColumn],
    pos: Option<u32>,
) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    for name in names {
        let name = name.folded();
        let Some(index) = columns.iter().position(|column| column.name == name) else {
            let message = format!("{kind} column \"{name}\" not in WITH query column list");
            return Err(syntax_error(message, pos));
        };
        if found.contains(&index) {
            let message = format!("{kind} column \"{name}\" specified more than once");
            return Err(Error::new(SqlState::DUPLICATE_COLUMN, message).at(pos));
        }
        found.push(index);
    }
    Ok(found)
}

fn new_name(kind: &str, name: &str, columns: &[RangeColumn], pos: Option<u32>) -> Result<()> {
    if columns.iter().any(|column| *column.name == *name) {
        let message = format!("{kind} column name \"{name}\" already used in WITH query column list");
        return Err(syntax_error(message, pos));
    }
    Ok(())
}

/// `rewriteSearchAndCycle`: the union of a common table expression with the columns that are added.
pub(super) fn add_paths(name: &str, query: &mut Query, paths: &Paths) -> Result<()> {
    let Body::SetOperation(union) = &mut query.body else { return Ok(()) };
    for (side, which) in [(&union.left, "left"), (&union.right, "right")] {
        if matches!(side.body, Body::SetOperation(_)) {
            let message =
                format!("with a SEARCH or CYCLE clause, the {which} side of the UNION must be a SELECT");
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
        }
    }
    let added = paths.columns(false);
    let width = query.columns.len();
    add_references(name, &mut union.right, width, &added)?;
    wrap(&mut union.left, "*TLOCRN*", width, &added, &first(paths, &query.columns), None);
    let before = |i: usize| {
        let ty = added.get(i).map_or(TypeRef::of(oid::RECORD), |column| column.ty);
        column_of(width + i, ty)
    };
    let filter = paths.cycle.as_ref().map(|cycle| {
        let mark = before(usize::from(paths.search.is_some()));
        let args = vec![mark, cycle.value.clone()];
        call(cycle.not_equal.proc, args, CallForm::Operator(cycle.not_equal.oid), oid::BOOL)
    });
    let next = next(paths, &query.columns, &before);
    wrap(&mut union.right, "*TROCRN*", width, &added, &next, filter);
    query.columns.extend(added.iter().map(output));
    Ok(())
}

fn output(column: &RangeColumn) -> OutputColumn {
    OutputColumn { name: column.name.clone(), ty: column.ty, origin: super::names::NO_ORIGIN }
}

/// The recursive term hands on what the reference to itself has in the columns that are added.
fn add_references(name: &str, query: &mut Query, width: usize, added: &[RangeColumn]) -> Result<()> {
    let reference = match &query.body {
        // The term is one query inside the union, which is one inside the query with the common table expressions.
        Body::Select(select) => select.ranges.iter().position(|range| {
            matches!(range.kind, RangeKind::Cte { levels_up: 2, .. }) && is_of(range, width, added)
        }),
        _ => None,
    };
    let (Some(range), Body::Select(select)) = (reference, &mut query.body) else {
        let message = format!(
            "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{name}\" must be at the top level \
             of its right-hand SELECT"
        );
        return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
    };
    if select.targets.iter().any(|target| target.junk) {
        return Err(Error::refused(
            "ORDER BY inside the recursive term of a WITH query with SEARCH or CYCLE",
        ));
    }
    for (i, column) in added.iter().enumerate() {
        let place = ColumnRef { levels_up: 0, range, column: width + i };
        let expr = Expr::new(ExprKind::Column(place), column.ty);
        select.targets.push(Target { expr, name: column.name.clone(), junk: false });
    }
    query.columns.extend(added.iter().map(output));
    Ok(())
}

fn is_of(range: &Range, width: usize, added: &[RangeColumn]) -> bool {
    let names = range.columns.iter().skip(width).map(|column| &column.name);
    range.columns.len() == width + added.len() && names.eq(added.iter().map(|column| &column.name))
}

/// `SELECT *, … FROM (query) alias WHERE …`
fn wrap(
    query: &mut Query,
    alias: &str,
    width: usize,
    added: &[RangeColumn],
    exprs: &[Expr],
    filter: Option<Expr>,
) {
    let empty = Query::plain(Body::Values(Vec::new()), Vec::new());
    let mut inner = std::mem::replace(query, empty);
    shift_query_levels(&mut inner, 1);
    let mut columns: Vec<OutputColumn> = inner.columns.iter().take(width).cloned().collect();
    // What is said of a column is said of where it stands in the term.
    let place = |i| super::setop::column_expr(&inner, i).and_then(|expr| expr.position);
    let kept = columns.iter().enumerate().map(|(i, column)| Target {
        expr: column_of(i, column.ty).at(place(i)),
        name: column.name.clone(),
        junk: false,
    });
    let new = exprs.iter().zip(added).map(|(expr, column)| Target {
        expr: expr.clone(),
        name: column.name.clone(),
        junk: false,
    });
    let targets = kept.chain(new).collect();
    columns.extend(added.iter().map(output));
    query.columns = columns;
    let ranges = vec![subquery_range(alias.into(), inner, false)];
    let block = Select { filter, ..Select::plain(ranges, vec![From::Range(0)], targets) };
    query.body = Body::Select(Box::new(block));
}

/// What the rows of the non-recursive term begin with.
fn first(paths: &Paths, columns: &[OutputColumn]) -> Vec<Expr> {
    let mut exprs = Vec::new();
    if let Some(search) = &paths.search {
        exprs.push(if search.breadth_first {
            let depth = Expr::constant(Value::Int8(0), oid::INT8);
            row(Some(depth), &search.by, columns)
        } else {
            path(row(None, &search.by, columns))
        });
    }
    if let Some(cycle) = &paths.cycle {
        exprs.push(cycle.default.clone());
        exprs.push(path(row(None, &cycle.columns, columns)));
    }
    exprs
}

/// How a row of the recursive term goes on from the row that it comes from, whose added columns are `before`.
fn next(paths: &Paths, columns: &[OutputColumn], before: &dyn Fn(usize) -> Expr) -> Vec<Expr> {
    let mut exprs = Vec::new();
    if let Some(search) = &paths.search {
        exprs.push(if search.breadth_first {
            let depth = ExprKind::Field { expr: Box::new(before(0)), index: 0 };
            let depth = call(INT8_INC, vec![Expr::new(depth, oid::INT8)], CallForm::Function, oid::INT8);
            row(Some(depth), &search.by, columns)
        } else {
            append(before(0), row(None, &search.by, columns))
        });
    }
    if let Some(cycle) = &paths.cycle {
        let known = before(usize::from(paths.search.is_some()) + 1);
        let here = row(None, &cycle.columns, columns);
        let found = ExprKind::AnyArray {
            operator: RECORD_EQ,
            all: false,
            left: Box::new(here.clone()),
            array: Box::new(known.clone()),
        };
        let mark = ExprKind::Case {
            operand: None,
            arms: vec![(Expr::new(found, oid::BOOL), cycle.value.clone())],
            otherwise: Some(Box::new(cycle.default.clone())),
        };
        exprs.push(Expr::new(mark, cycle.value.ty));
        exprs.push(append(known, here));
    }
    exprs
}

fn column_of(column: usize, ty: TypeRef) -> Expr {
    Expr::new(ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column }), ty)
}

fn row(depth: Option<Expr>, by: &[usize], columns: &[OutputColumn]) -> Expr {
    let of = |&i: &usize| columns.get(i).map(|column| column_of(i, column.ty));
    let names = depth.iter().map(|_| Arc::from("*DEPTH*"));
    let own = by.iter().filter_map(|&i| columns.get(i)).map(|column| column.name.clone());
    let names = names.chain(own).collect();
    let fields = depth.into_iter().chain(by.iter().filter_map(of)).collect();
    Expr::row(fields, names)
}

fn path(row: Expr) -> Expr {
    Expr::new(ExprKind::Array { items: vec![row], nested: false }, oid::RECORD_ARRAY)
}

fn append(path: Expr, row: Expr) -> Expr {
    call(ARRAY_APPEND, vec![path, row], CallForm::Function, oid::RECORD_ARRAY)
}

fn call(proc: Oid, args: Vec<Expr>, form: CallForm, ty: Oid) -> Expr {
    Expr::new(ExprKind::Call(Box::new(Call { proc, args, form, retset: false, variadic: false })), ty)
}
