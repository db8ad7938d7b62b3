//! Fields of composite values, elements and slices of arrays (`transformIndirection`, `transformContainerSubscripts`).

use std::sync::Arc;

use pg::catalog::{base_type, element_type, proc_by_oid, system_relation, type_by_oid};
use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value};

use super::Analyzer;
use super::coerce::Context;
use super::names::find_all;
use super::types::format_type;
use crate::catalog::Name;
use crate::parse::ast::{self, Indirection};
use crate::query::{Expr, ExprKind, Subscript};

impl Analyzer<'_> {
    pub(super) fn indirection(
        &mut self,
        operand: &ast::Expr,
        steps: &[Indirection],
        pos: Option<u32>,
    ) -> Result<Expr> {
        let mut value = self.expr(operand)?;
        let pos = value.position.or(pos);
        let mut subscripts: Vec<&Indirection> = Vec::new();
        for step in steps {
            match step {
                Indirection::Index(_) | Indirection::Slice(..) => subscripts.push(step),
                Indirection::Star => {
                    return Err(Error::new(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        "row expansion via \"*\" is not supported here",
                    )
                    .at(pos));
                }
                Indirection::Field(name) => {
                    value = self.subscripts(value, &subscripts)?;
                    subscripts.clear();
                    let whole_row = match &operand.kind {
                        ast::ExprKind::Column(names) => {
                            names.last().filter(|_| matches!(value.kind, ExprKind::Row { .. }))
                        }
                        _ => None,
                    };
                    value = self.field(value, name, whole_row, pos)?;
                }
            }
        }
        self.subscripts(value, &subscripts)
    }

    fn field(
        &mut self,
        value: Expr,
        name: &Name,
        whole_row: Option<&Name>,
        pos: Option<u32>,
    ) -> Result<Expr> {
        if let Some(field) = self.composite_field(&value, name)? {
            return Ok(field);
        }
        if is_record_column(&value) && self.composite_columns(&value).is_none() {
            return Err(not_registered());
        }
        let ty = value.ty.oid;
        let folded = name.folded();
        // `(x).f` may be `f(x)`.
        let found =
            self.function(std::slice::from_ref(name), std::slice::from_ref(&value), &[], false, pos)?;
        if let super::functions::Meaning::Function(..) = found {
            let call = ast::FuncCall::plain(vec![name.clone()], Vec::new());
            return self.resolve_call(&call, vec![value], &[], pos);
        }
        if let Some(relation) = whole_row {
            return Err(Error::new(
                SqlState::UNDEFINED_COLUMN,
                format!("column {}.{folded} does not exist", relation.folded()),
            )
            .at(pos));
        }
        if ty == oid::RECORD {
            return Err(Error::new(
                SqlState::UNDEFINED_COLUMN,
                format!("could not identify column \"{folded}\" in record data type"),
            )
            .at(pos));
        }
        if super::coerce::is_composite(ty) {
            return Err(Error::new(
                SqlState::UNDEFINED_COLUMN,
                format!("column \"{folded}\" not found in data type {}", format_type(ty)),
            )
            .at(pos));
        }
        Err(Error::new(
            SqlState::WRONG_OBJECT_TYPE,
            format!(
                "column notation .{folded} applied to type {}, which is not a composite type",
                format_type(ty)
            ),
        )
        .at(pos))
    }

    /// The field of a composite value, if it has such a one (`ParseComplexProjection`).
    pub(super) fn composite_field(&mut self, value: &Expr, name: &Name) -> Result<Option<Expr>> {
        let Some(columns) = self.composite_columns(value) else { return Ok(None) };
        let found = find_all(name, &columns, |(name, _)| Some(name));
        let Some(index) = found.first().copied() else { return Ok(None) };
        Ok(field_at(value, &columns, index))
    }

    fn subscripts(&mut self, value: Expr, steps: &[&Indirection]) -> Result<Expr> {
        if steps.is_empty() {
            return Ok(value);
        }
        let (container, container_typmod) = base_type(value.ty.oid, value.ty.typmod);
        if container == oid::JSONB {
            return self.jsonb_subscripts(value, steps);
        }
        let position = value.position;
        let element = element_type(container)
            .or_else(|| type_by_oid(container).map(|row| row.element).filter(|element| element.is_valid()));
        let element = element.ok_or_else(|| {
            Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!(
                    "cannot subscript type {} because it does not support subscripting",
                    format_type(container)
                ),
            )
            .at(position)
        })?;
        let slice = steps.iter().any(|step| matches!(step, Indirection::Slice(..)));
        let mut subscripts = Vec::with_capacity(steps.len());
        for step in steps {
            subscripts.push(match step {
                // Among slices, a single subscript is the upper bound of one.
                Indirection::Index(index) if slice => {
                    let one = Expr::constant(Value::Int4(1), oid::INT4);
                    Subscript::Slice(Some(one), Some(self.integer_subscript(index)?))
                }
                Indirection::Index(index) => Subscript::Index(self.integer_subscript(index)?),
                Indirection::Slice(from, to) => {
                    let from = from.as_ref().map(|e| self.integer_subscript(e)).transpose()?;
                    let to = to.as_ref().map(|e| self.integer_subscript(e)).transpose()?;
                    Subscript::Slice(from, to)
                }
                _ => return Err(Error::internal("a field among subscripts")),
            });
        }
        let ty = if slice { container } else { element };
        let kind = ExprKind::Subscript { expr: Box::new(value), subscripts };
        Ok(Expr::new(kind, TypeRef { oid: ty, typmod: container_typmod }).at(position))
    }

    fn integer_subscript(&mut self, index: &ast::Expr) -> Result<Expr> {
        let index = self.expr(index)?;
        let position = index.position;
        self.coerce_to_target(index, oid::INT4.into(), Context::Assignment, None)?.ok_or_else(|| {
            Error::new(SqlState::DATATYPE_MISMATCH, "array subscript must have type integer").at(position)
        })
    }

    fn jsonb_subscripts(&mut self, value: Expr, steps: &[&Indirection]) -> Result<Expr> {
        let position = value.position;
        let mut subscripts = Vec::with_capacity(steps.len());
        for step in steps {
            let Indirection::Index(index) = step else {
                let bound = match step {
                    Indirection::Slice(lower, upper) => upper.as_ref().or(lower.as_ref()),
                    _ => None,
                };
                return Err(Error::new(
                    SqlState::DATATYPE_MISMATCH,
                    "jsonb subscript does not support slices",
                )
                .at(bound.and_then(|bound| self.pos(bound.location()))));
            };
            let index = self.expr(index)?;
            let target = if index.ty.oid == oid::UNKNOWN || super::coerce::category(index.ty.oid) == 'S' {
                oid::TEXT
            } else {
                oid::INT4
            };
            let (from, at) = (index.ty.oid, index.position);
            let index = self.coerce_to_target(index, target.into(), Context::Implicit, None)?;
            subscripts.push(Subscript::Index(index.ok_or_else(|| {
                Error::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!("subscript type {} is not supported", format_type(from)),
                )
                .hint("jsonb subscript must be coercible to either integer or text.")
                .at(at)
            })?));
        }
        let kind = ExprKind::Subscript { expr: Box::new(value), subscripts };
        Ok(Expr::new(kind, oid::JSONB).at(position))
    }

    /// `(a).*` in a select list: each field with its name (`ExpandRowReference`).
    pub(super) fn expand_row(&mut self, value: Expr) -> Result<Vec<(Arc<str>, Expr)>> {
        let position = value.position;
        let Some(columns) = self.composite_columns(&value) else {
            if is_record_column(&value) {
                return Err(not_registered());
            }
            if value.ty.oid == oid::RECORD {
                return Err(Error::refused("expanding a record of unknown columns").at(position));
            }
            return Err(Error::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("type {} is not composite", format_type(value.ty.oid)),
            ));
        };
        let fields = (0..columns.len()).filter_map(|i| {
            let name = columns.get(i).map(|(name, _)| name.clone())?;
            Some((name, field_at(&value, &columns, i)?))
        });
        Ok(fields.collect())
    }
}

fn is_record_column(value: &Expr) -> bool {
    value.ty.oid == oid::RECORD && matches!(value.kind, ExprKind::Column(_))
}

/// 42809: nobody knows the columns of a record that comes from elsewhere (`lookup_rowtype_tupdesc`).
fn not_registered() -> Error {
    Error::new(SqlState::WRONG_OBJECT_TYPE, "record type has not been registered")
}

fn field_at(value: &Expr, columns: &[(Arc<str>, TypeRef)], index: usize) -> Option<Expr> {
    if let ExprKind::Row { fields, .. } = &value.kind {
        return fields.get(index).cloned();
    }
    let ty = columns.get(index)?.1;
    Some(Expr::new(ExprKind::Field { expr: Box::new(value.clone()), index }, ty).at(value.position))
}

/// The columns of a composite value, as far as they are known.
pub(super) fn composite_columns(value: &Expr) -> Option<Vec<(Arc<str>, TypeRef)>> {
    match &value.kind {
        ExprKind::Row { fields, names, .. } => {
            Some(names.iter().cloned().zip(fields.iter().map(|field| field.ty)).collect())
        }
        ExprKind::Call(call) if value.ty.oid == oid::RECORD => {
            let inputs: Vec<Oid> = call.args.iter().map(|arg| arg.ty.oid).collect();
            output_columns(proc_by_oid(call.proc)?, &inputs)
        }
        _ => columns_of_type(value.ty.oid),
    }
}

/// The output columns of a function that has several, polymorphic ones made concrete.
pub(super) fn output_columns(proc: &pg::catalog::Proc, inputs: &[Oid]) -> Option<Vec<(Arc<str>, TypeRef)>> {
    let outputs = proc.outputs();
    if outputs.len() < 2 {
        return None;
    }
    let column = |(i, (name, ty)): (usize, &(&str, Oid))| {
        let ty = super::generic::enforce(inputs, &mut proc.args.to_vec(), *ty).ok()?;
        let name = if name.is_empty() { Arc::from(format!("column{}", i + 1)) } else { Arc::from(*name) };
        Some((name, TypeRef::of(ty)))
    };
    outputs.iter().enumerate().map(column).collect()
}

/// The columns of a row type of a relation of the catalog.
pub(super) fn columns_of_type(ty: Oid) -> Option<Vec<(Arc<str>, TypeRef)>> {
    let relation = type_by_oid(base_type(ty, -1).0).filter(|row| row.kind == 'c')?.relation;
    let columns = &system_relation(relation)?.columns;
    let column =
        |c: &pg::catalog::SystemColumn| (Arc::from(c.name), TypeRef { oid: c.type_oid, typmod: c.typmod });
    Some(columns.iter().map(column).collect())
}
