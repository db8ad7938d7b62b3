//! Conversions between types (`parse_coerce.c`): which exist, in which context, and the expressions that make them.

use std::sync::Arc;

use pg::catalog::{base_type, cast, element_type, proc_by_oid, type_by_oid};
use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value};

use super::Analyzer;
use super::generic;
use super::types::format_type;
use crate::query::{Call, CallForm, Coercion, Expr, ExprKind};

/// How far a conversion may go (`CoercionContext`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// Nobody asked for it.
    Implicit,
    /// Into a column.
    Assignment,
    /// Written as a cast.
    Explicit,
}

/// How a value is converted (`CoercionPathType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pathway {
    Function(Oid),
    Relabel,
    InputOutput,
    Array,
}

/// Whether a type is a composite one.
pub fn is_composite(ty: Oid) -> bool {
    type_by_oid(base_type(ty, -1).0).is_some_and(|row| row.kind == 'c')
}

/// The category of a type (`TypeCategory`).
pub fn category(ty: Oid) -> char {
    type_by_oid(ty).map_or('X', |row| row.category)
}

/// Whether a type is preferred in its category.
pub fn is_preferred(ty: Oid) -> bool {
    type_by_oid(ty).is_some_and(|row| row.preferred)
}

/// The type under domains.
pub fn base(ty: Oid) -> Oid {
    base_type(ty, -1).0
}

/// `find_coercion_pathway`
pub fn pathway(target: Oid, source: Oid, context: Context) -> Option<Pathway> {
    let (source, target) = (base(source), base(target));
    if source == target {
        return Some(Pathway::Relabel);
    }
    if let Some(row) = cast(source, target) {
        let needed = match row.context {
            'i' => Context::Implicit,
            'a' => Context::Assignment,
            _ => Context::Explicit,
        };
        if context < needed {
            return None;
        }
        return Some(match row.method {
            'f' => Pathway::Function(row.func),
            'i' => Pathway::InputOutput,
            _ => Pathway::Relabel,
        });
    }
    if target != oid::OIDVECTOR
        && target != oid::INT2VECTOR
        && let (Some(target_element), Some(source_element)) = (element_type(target), element_type(source))
        && pathway(target_element, source_element, context).is_some()
    {
        return Some(Pathway::Array);
    }
    if (context >= Context::Assignment && category(target) == 'S')
        || (context >= Context::Explicit && category(source) == 'S')
    {
        return Some(Pathway::InputOutput);
    }
    None
}

/// `can_coerce_type`
pub fn can_coerce(inputs: &[Oid], targets: &[Oid], context: Context) -> bool {
    let mut polymorphic = false;
    for (&input, &target) in inputs.iter().zip(targets) {
        if input == target || target == oid::ANY {
            continue;
        }
        if generic::is_polymorphic(target) {
            polymorphic = true;
            continue;
        }
        let fits = input == oid::UNKNOWN
            || pathway(target, input, context).is_some()
            || (input == oid::RECORD && is_composite(target))
            || (target == oid::RECORD && is_composite(input))
            || (target == oid::RECORD_ARRAY && element_type(input).is_some_and(is_composite));
        if !fits {
            return false;
        }
    }
    !polymorphic || generic::is_consistent(inputs, targets)
}

impl Analyzer<'_> {
    /// `coerce_type`: the conversion must have been found possible.
    pub(super) fn coerce(
        &mut self,
        expr: Expr,
        target: TypeRef,
        context: Context,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let input = expr.ty.oid;
        if input == target.oid || generic::takes_anything(target.oid) {
            return Ok(expr);
        }
        if generic::is_polymorphic(target.oid) && input != oid::UNKNOWN {
            let base = base(input);
            return Ok(if base == input { expr } else { relabel(expr, TypeRef::of(base), context) });
        }
        if let ExprKind::Collate { expr: operand, collation, position } = expr.kind {
            // The conversion goes under it; what is not collatable loses it.
            let whole = expr.position;
            let operand = self.coerce(*operand, target, context, pos)?;
            let ty = operand.ty;
            return Ok(match super::collations::is_collatable(ty.oid) {
                true => {
                    let kind = ExprKind::Collate { expr: Box::new(operand), collation, position };
                    Expr::new(kind, ty).at(whole)
                }
                false => operand,
            });
        }
        if input == oid::UNKNOWN {
            match expr.kind {
                ExprKind::Const(value) => return self.literal(value, expr.position, target, context),
                ExprKind::Param(index) => {
                    return self.coerce_param(
                        Expr { kind: ExprKind::Param(index), ..expr },
                        index,
                        target,
                        context,
                        pos,
                    );
                }
                _ => {}
            }
        }
        let Some(way) = pathway(target.oid, input, context) else {
            if target.oid == oid::RECORD && is_composite(input) {
                return Ok(expr);
            }
            if target.oid == oid::RECORD_ARRAY {
                return Ok(relabel(expr, TypeRef::of(target.oid), context));
            }
            if is_composite(target.oid) {
                return Err(
                    Error::refused("a cast from record to a composite type").at(pos.or(expr.position))
                );
            }
            return Err(Error::internal(format!(
                "failed to find conversion function from {} to {}",
                format_type(input),
                format_type(target.oid)
            ))
            .at(pos.or(expr.position)));
        };
        let (base_oid, base_typmod) = base_type(target.oid, target.typmod);
        let base_target = TypeRef { oid: base_oid, typmod: base_typmod };
        let converted = match way {
            Pathway::Relabel => {
                // A domain over the same type, or a binary-compatible type.
                return Ok(relabel(expr, TypeRef::of(target.oid), context));
            }
            way => conversion(expr, way, base_target, context, pos),
        };
        Ok(into_domain(converted, target, context))
    }

    /// `coerce_to_target_type`: `None` when there is no such conversion.
    pub(super) fn coerce_to_target(
        &mut self,
        expr: Expr,
        target: TypeRef,
        context: Context,
        pos: Option<u32>,
    ) -> Result<Option<Expr>> {
        if !can_coerce(&[expr.ty.oid], &[target.oid], context) {
            return Ok(None);
        }
        let expr = self.coerce(expr, target, context, pos)?;
        Ok(Some(apply_typmod(expr, target, context)))
    }

    /// `coerce_to_boolean`
    pub(super) fn coerce_to_boolean(&mut self, expr: Expr, construct: &str) -> Result<Expr> {
        if expr.ty.oid != oid::BOOL {
            let (from, position) = (expr.ty.oid, expr.position);
            return match self.coerce_to_target(expr, oid::BOOL.into(), Context::Assignment, None)? {
                Some(expr) => self.no_set(expr, construct),
                None => Err(Error::new(
                    SqlState::DATATYPE_MISMATCH,
                    format!("argument of {construct} must be type boolean, not type {}", format_type(from)),
                )
                .at(position)),
            };
        }
        self.no_set(expr, construct)
    }

    fn no_set(&self, expr: Expr, construct: &str) -> Result<Expr> {
        if returns_set(&expr) {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!("argument of {construct} must not return a set"),
            )
            .at(expr.position));
        }
        Ok(expr)
    }

    /// `coerce_to_specific_type`
    pub(super) fn coerce_to_specific(&mut self, expr: Expr, target: Oid, construct: &str) -> Result<Expr> {
        let (from, position) = (expr.ty.oid, expr.position);
        let expr = if from == target {
            expr
        } else {
            match self.coerce_to_target(expr, target.into(), Context::Assignment, None)? {
                Some(expr) => expr,
                None => {
                    return Err(Error::new(
                        SqlState::DATATYPE_MISMATCH,
                        format!(
                            "argument of {construct} must be type {}, not type {}",
                            format_type(target),
                            format_type(from)
                        ),
                    )
                    .at(position));
                }
            }
        };
        self.no_set(expr, construct)
    }

    /// An unknown literal as a constant of a type: through the type's input function.
    fn literal(
        &mut self,
        value: Value,
        position: Option<u32>,
        target: TypeRef,
        context: Context,
    ) -> Result<Expr> {
        let (base_oid, base_typmod) = base_type(target.oid, target.typmod);
        // Only interval's input looks at its modifier at this point; the others are cut to it afterwards.
        let typmod = if base_oid == oid::INTERVAL { base_typmod } else { -1 };
        let value = match &value {
            Value::Text(text) => self.input(base_oid, typmod, text).map_err(|e| placed(e, position))?,
            _ => value,
        };
        let constant = Expr::constant(value, TypeRef { oid: base_oid, typmod }).at(position);
        Ok(into_domain(constant, target, context))
    }

    /// The value of a text (the input function of a type).
    pub(super) fn input(&self, type_oid: Oid, typmod: i32, text: &Arc<str>) -> Result<Value> {
        let element = element_type(type_oid).unwrap_or(type_oid);
        if element == oid::RECORD {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "input of anonymous composite types is not implemented",
            ));
        }
        if let Some(row) = type_by_oid(type_oid)
            && row.is_pseudo()
            && !matches!(type_oid, oid::UNKNOWN | oid::CSTRING | oid::VOID)
        {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("cannot accept a value of type {}", format_type(type_oid)),
            ));
        }
        super::literals::input(type_oid, typmod, text, self.cx.env)
    }
}

/// Whether an expression returns a set (`expression_returns_set`).
pub fn returns_set(expr: &Expr) -> bool {
    crate::walk::any(expr, &|e| matches!(&e.kind, ExprKind::Call(call) if call.retset))
}

fn relabel(expr: Expr, ty: TypeRef, context: Context) -> Expr {
    let position = expr.position;
    let explicit = context == Context::Explicit;
    Expr::new(ExprKind::Coerce { expr: Box::new(expr), method: Coercion::Relabel, explicit }, ty).at(position)
}

fn into_domain(expr: Expr, target: TypeRef, context: Context) -> Expr {
    if expr.ty.oid == target.oid { expr } else { relabel(expr, TypeRef::of(target.oid), context) }
}

/// `build_coercion_expression`
fn conversion(expr: Expr, way: Pathway, target: TypeRef, context: Context, pos: Option<u32>) -> Expr {
    let explicit = context == Context::Explicit;
    let position = [pos, expr.position].into_iter().flatten().min();
    let coerce = |expr, method, ty: TypeRef| {
        Expr::new(ExprKind::Coerce { expr: Box::new(expr), method, explicit }, ty).at(position)
    };
    match way {
        Pathway::Function(proc) => {
            let arity = proc_by_oid(proc).map_or(1, |row| row.args.len());
            let mut args = vec![expr];
            if arity >= 2 {
                args.push(Expr::constant(Value::Int4(target.typmod), oid::INT4));
            }
            if arity >= 3 {
                args.push(Expr::constant(Value::Bool(explicit), oid::BOOL));
            }
            let typmod = if arity >= 2 { target.typmod } else { -1 };
            let form = if explicit { CallForm::ExplicitCast } else { CallForm::ImplicitCast };
            let call = Call { proc, args, form, retset: false, variadic: false };
            Expr::new(ExprKind::Call(Box::new(call)), TypeRef { oid: target.oid, typmod }).at(position)
        }
        Pathway::Array => {
            let source = element_type(expr.ty.oid).unwrap_or(oid::UNKNOWN);
            let element = element_type(target.oid).unwrap_or(oid::UNKNOWN);
            let method = match pathway(element, source, context) {
                Some(Pathway::Function(proc)) => Coercion::ArrayElements(proc),
                Some(Pathway::InputOutput | Pathway::Array) => Coercion::ArrayInputOutput,
                _ => Coercion::ArrayElements(Oid::INVALID),
            };
            coerce(expr, method, TypeRef::of(target.oid))
        }
        Pathway::InputOutput => coerce(expr, Coercion::InputOutput, TypeRef::of(target.oid)),
        Pathway::Relabel => coerce(expr, Coercion::Relabel, TypeRef::of(target.oid)),
    }
}

/// `coerce_type_typmod`
pub fn apply_typmod(expr: Expr, target: TypeRef, context: Context) -> Expr {
    if expr.ty.typmod == target.typmod {
        return expr;
    }
    let position = expr.position;
    let (base_oid, _) = base_type(target.oid, target.typmod);
    let scalar = element_type(base_oid).unwrap_or(base_oid);
    let has_function = cast(scalar, scalar).is_some();
    let method = if target.typmod >= 0 && has_function { Coercion::Typmod } else { Coercion::Relabel };
    let explicit = context == Context::Explicit;
    Expr::new(ExprKind::Coerce { expr: Box::new(expr), method, explicit }, target).at(position)
}

/// What is wrong in a literal is told at the literal, also where the error has its place in the literal's text
/// (`setup_parser_errposition_callback`).
fn placed(mut error: Error, position: Option<u32>) -> Error {
    if position.is_some() {
        error.fields_mut().position = position;
    }
    error
}
