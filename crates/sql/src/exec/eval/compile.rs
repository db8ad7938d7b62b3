//! From expressions to [`Op`]s.

use pg::catalog;
use pg::{Error, Oid, Result, SqlState, TypeRef, Value, oid};

use super::any::{AnyArray, AnyList, hashable};
use super::boolean::BooleanTest;
use super::call::{Binary, CallOp, Function};
use super::coerce::{CoerceMethod, CoerceOp};
use super::compound::{ArrayOp, RowOp};
use super::condition::{Case, MinMax, NullIf};
use super::row_compare::{FieldCompare, FieldOrder, RowCompare};
use super::subscript::{Bound, SubscriptKind, SubscriptOp};
use super::{DEEP, Op, functions, sql_value};
use crate::exec::compile::{Compiler, Spot};
use crate::query::{Call, CallForm, Coercion, Comparison, Expr, ExprKind, Operator, Subscript};
use crate::stack::grown;

/// `format(text, VARIADIC "any")`
const FORMAT: Oid = Oid(3539);
/// `jsonb_extract_path(jsonb, VARIADIC text[])`
const JSONB_EXTRACT_PATH: Oid = Oid(3217);

impl Compiler {
    /// Compiles expressions.
    pub(in crate::exec) fn exprs<'a>(
        &mut self,
        exprs: impl IntoIterator<Item = &'a Expr>,
    ) -> Result<Vec<Op>> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    /// Compiles an expression.
    pub(in crate::exec) fn expr(&mut self, expr: &Expr) -> Result<Op> {
        self.nesting += 1;
        let deep = self.nesting.is_multiple_of(DEEP);
        let op = if deep { grown(|| self.kind(expr)) } else { self.kind(expr) };
        self.nesting -= 1;
        let op = op.map_err(|error| error.at(expr.position))?;
        let leaf = matches!(
            op,
            Op::Const(_) | Op::Slot(_) | Op::Part(..) | Op::Arg(_) | Op::CaseTest | Op::SubPlan(_)
        );
        Ok(if deep && !leaf { Op::Deep(Box::new(op)) } else { op })
    }

    fn boxed(&mut self, expr: &Expr) -> Result<Box<Op>> {
        self.expr(expr).map(Box::new)
    }

    fn optional(&mut self, expr: Option<&Expr>) -> Result<Option<Op>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn kind(&mut self, expr: &Expr) -> Result<Op> {
        Ok(match &expr.kind {
            ExprKind::Const(value) => Op::Const(value.clone()),
            ExprKind::Param(index) => Op::Const(self.parameter(*index)?),
            ExprKind::Slot(index) => self.slot(*index)?,
            ExprKind::Arg(index) => {
                self.facts.args = true;
                Op::Arg(*index)
            }
            ExprKind::CaseTest => Op::CaseTest,
            ExprKind::Call(call) => cast_result(self.call(call, expr.ty)?, call, expr.ty.oid),
            ExprKind::And(items) => Op::And(self.exprs(items)?),
            ExprKind::Or(items) => Op::Or(self.exprs(items)?),
            ExprKind::Not(inner) => Op::Not(self.boxed(inner)?),
            ExprKind::IsNull { expr: inner, negated } => {
                Op::IsNull { op: self.boxed(inner)?, negated: *negated }
            }
            ExprKind::BooleanTest { expr: inner, value, negated } => {
                let op = self.expr(inner)?;
                Op::BooleanTest(Box::new(BooleanTest { op, value: *value, negated: *negated }))
            }
            ExprKind::Coalesce(items) => Op::Coalesce(self.exprs(items)?),
            ExprKind::MinMax { greatest, args } => {
                let args = self.exprs(args)?;
                Op::MinMax(Box::new(MinMax { greatest: *greatest, ty: expr.ty.oid, args }))
            }
            ExprKind::SqlValue(value) => Op::Const(sql_value::value(*value, &self.run)?),
            ExprKind::SubPlan(subplan) => Op::SubPlan(self.subplan(subplan, expr.ty)?),
            ExprKind::Case { .. }
            | ExprKind::NullIf { .. }
            | ExprKind::DistinctFrom { .. }
            | ExprKind::AnyList { .. }
            | ExprKind::AnyArray { .. }
            | ExprKind::RowCompare { .. } => self.comparing(expr)?,
            _ => self.compound(expr)?,
        })
    }

    fn comparing(&mut self, expr: &Expr) -> Result<Op> {
        Ok(match &expr.kind {
            ExprKind::Case { operand, arms, otherwise } => {
                let operand = self.optional(operand.as_deref())?;
                let mut compiled = Vec::with_capacity(arms.len());
                for (condition, result) in arms {
                    compiled.push((self.expr(condition)?, self.expr(result)?));
                }
                let otherwise = self.optional(otherwise.as_deref())?;
                Op::Case(Box::new(Case { operand, arms: compiled, otherwise }))
            }
            ExprKind::NullIf { equal, left, right } => {
                let equal = self.operator(*equal, left.ty.oid, right.ty.oid)?;
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Op::NullIf(Box::new(NullIf { equal, left, right }))
            }
            ExprKind::DistinctFrom { equal, left, right, negated } => {
                let function = self.operator(*equal, left.ty.oid, right.ty.oid)?;
                let (left, right) = (self.expr(left)?, self.expr(right)?);
                Op::DistinctFrom { equal: Box::new(Binary { function, left, right }), negated: *negated }
            }
            ExprKind::AnyList { operator, all, left, list } => {
                let item = list.first().map_or(left.ty.oid, |item| item.ty.oid);
                let function = self.operator(*operator, left.ty.oid, item)?;
                let key = if *all { inequality_key(*operator) } else { hashable(*operator) };
                let left = self.expr(left)?;
                let items = self.exprs(list)?;
                Op::AnyList(Box::new(AnyList::new(function, *all, left, items, key)))
            }
            ExprKind::AnyArray { operator, all, left, array } => {
                let element = catalog::element_type(array.ty.oid).or_else(|| vector_element(array.ty.oid));
                let function = self.operator(*operator, left.ty.oid, element.unwrap_or(left.ty.oid))?;
                let (left, array) = (self.expr(left)?, self.expr(array)?);
                Op::AnyArray(Box::new(AnyArray { operator: function, all: *all, left, array }))
            }
            ExprKind::RowCompare { comparison, operators, left, right } => {
                let left_types: Vec<Oid> = left.iter().map(|e| e.ty.oid).collect();
                let right_types: Vec<Oid> = right.iter().map(|e| e.ty.oid).collect();
                let compare = self.field_compare(*comparison, operators, &left_types, &right_types, true)?;
                let (left, right) = (self.exprs(left)?, self.exprs(right)?);
                Op::RowCompare(Box::new(RowCompare { compare, left, right }))
            }
            other => return Err(internal(other)),
        })
    }

    fn compound(&mut self, expr: &Expr) -> Result<Op> {
        Ok(match &expr.kind {
            ExprKind::Coerce { expr: inner, method, explicit } => {
                let op = self.expr(inner)?;
                match self.coercion(*method, inner.ty, expr.ty, *explicit)? {
                    CoerceMethod::Relabel => op,
                    method => Op::Coerce(Box::new(CoerceOp { op, method })),
                }
            }
            ExprKind::Array { items, nested } => {
                let element = catalog::element_type(expr.ty.oid).unwrap_or(oid::ANYELEMENT);
                let items = self.exprs(items)?;
                Op::Array(Box::new(ArrayOp { element, items, nested: *nested }))
            }
            ExprKind::Row { fields, names, present } => {
                let types = fields.iter().map(|field| field.ty.oid).collect();
                let fields = self.exprs(fields)?;
                let present = present.as_deref().map(|expr| self.expr(expr)).transpose()?;
                Op::Row(Box::new(RowOp { types, names: names.clone(), fields, present }))
            }
            ExprKind::Field { expr: inner, index } => Op::Field(self.boxed(inner)?, *index),
            ExprKind::Subscript { expr: inner, subscripts } => {
                let container = self.expr(inner)?;
                let kind = self.subscript(inner.ty.oid, subscripts)?;
                Op::Subscript(Box::new(SubscriptOp { container, kind }))
            }
            ExprKind::Default => {
                return Err(Error::new(SqlState::SYNTAX_ERROR, "DEFAULT is not allowed in this context"));
            }
            other => return Err(internal(other)),
        })
    }

    fn parameter(&self, index: usize) -> Result<Value> {
        self.run.params.get(index).cloned().ok_or_else(|| {
            Error::new(SqlState::UNDEFINED_PARAMETER, format!("no value found for parameter {}", index + 1))
        })
    }

    fn slot(&self, index: usize) -> Result<Op> {
        let Some(slots) = &self.slots else { return Ok(Op::Slot(index)) };
        match slots.get(index) {
            Some(Spot::Row(at)) => Ok(Op::Slot(*at)),
            Some(Spot::Part(part, at)) => Ok(Op::Part(*part, *at)),
            None => Err(Error::internal(format!("an expression names place {index} of {}", slots.len()))),
        }
    }

    fn call(&mut self, call: &Call, ty: TypeRef) -> Result<Op> {
        if call.retset {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                "set-valued function called in context that cannot accept a set",
            ));
        }
        let arg_types: Box<[Oid]> = call.args.iter().map(|arg| arg.ty.oid).collect();
        let operator = match call.form {
            CallForm::Operator(operator) => Some(operator),
            _ => None,
        };
        let function = self.function(call.proc, operator, arg_types, ty.oid)?;
        let mut args = self.exprs(&call.args)?;
        if call.variadic {
            let variadic_null_is_empty = call.proc == FORMAT;
            return Ok(Op::Call(Box::new(CallOp { function, args, variadic: true, variadic_null_is_empty })));
        }
        if args.len() == 2
            && let (Some(right), Some(left)) = (args.pop(), args.pop())
        {
            return Ok(Op::Binary(Box::new(Binary { function, left, right })));
        }
        Ok(Op::Call(Box::new(CallOp { function, args, variadic: false, variadic_null_is_empty: false })))
    }

    /// Resolves a function; what we don't have is refused.
    pub(in crate::exec) fn function(
        &mut self,
        proc: Oid,
        operator: Option<Oid>,
        arg_types: Box<[Oid]>,
        result: Oid,
    ) -> Result<Function> {
        self.facts.volatile |= functions::is_volatile(proc);
        let kernel = functions::scalar(proc).ok_or_else(|| match operator {
            Some(operator) => functions::refuse_operator(operator, &arg_types),
            None => functions::refuse(proc, &arg_types),
        })?;
        Ok(Function { kernel, strict: functions::is_strict(proc), arg_types, result })
    }

    /// Resolves an operator of two operands that yields a boolean.
    pub(in crate::exec) fn operator(
        &mut self,
        operator: Operator,
        left: Oid,
        right: Oid,
    ) -> Result<Function> {
        self.function(operator.proc, Some(operator.oid), Box::new([left, right]), oid::BOOL)
    }

    /// How rows are compared by these operators. `row`: as a row, even of one field; else one field goes by its
    /// operator alone.
    pub(in crate::exec) fn field_compare(
        &mut self,
        comparison: Comparison,
        operators: &[Operator],
        left: &[Oid],
        right: &[Oid],
        row: bool,
    ) -> Result<FieldCompare> {
        let typed = || operators.iter().zip(left.iter().zip(right));
        if let (false, [operator], [left], [right]) = (row, operators, left, right) {
            let negated = comparison == Comparison::NotEqual && is_equality(*operator);
            let function = self.operator(*operator, *left, *right)?;
            return Ok(match negated {
                true => FieldCompare::Equality { equals: vec![function], negated },
                false => FieldCompare::Single(function),
            });
        }
        match comparison {
            Comparison::Equal | Comparison::NotEqual => {
                let mut equals = Vec::with_capacity(operators.len());
                for (operator, (left, right)) in typed() {
                    equals.push(self.operator(equality_of(*operator)?, *left, *right)?);
                }
                Ok(FieldCompare::Equality { equals, negated: comparison == Comparison::NotEqual })
            }
            _ => {
                let mut fields = Vec::with_capacity(operators.len());
                for (operator, (left, right)) in typed() {
                    let equal = self.operator(equality_of(*operator)?, *left, *right)?;
                    fields.push(FieldOrder { equal, order: self.operator(*operator, *left, *right)? });
                }
                Ok(FieldCompare::Order { fields, or_equal: FieldCompare::or_equal(comparison) })
            }
        }
    }

    fn coercion(
        &mut self,
        method: Coercion,
        from: TypeRef,
        to: TypeRef,
        explicit: bool,
    ) -> Result<CoerceMethod> {
        let elements = |from: TypeRef, to: TypeRef| {
            let element = |ty: TypeRef| {
                catalog::element_type(ty.oid)
                    .or_else(|| vector_element(ty.oid))
                    .ok_or_else(|| Error::internal(format!("type {} has no elements", ty.oid)))
            };
            Ok::<_, Error>((element(from)?, element(to)?))
        };
        Ok(match method {
            Coercion::Relabel => relabel(from.oid, to.oid),
            Coercion::InputOutput => CoerceMethod::InputOutput { from: from.oid, to: TypeRef::of(to.oid) },
            Coercion::Typmod => match catalog::element_type(to.oid) {
                Some(element) => {
                    let inner = self.typmod(element, to.typmod, explicit)?;
                    wrap_elements(inner, element)
                }
                None => self.typmod(to.oid, to.typmod, explicit)?,
            },
            Coercion::ArrayElements(proc) => {
                let (source, element) = elements(from, to)?;
                let inner = match proc.is_valid() {
                    false => relabel(source, element),
                    true => {
                        let made = catalog::proc_by_oid(proc).map_or(element, |proc| proc.result);
                        let cast = self.cast_function(proc, source, element, to.typmod, explicit)?;
                        match relabel(made, element) {
                            CoerceMethod::Relabel => cast,
                            second => CoerceMethod::Then(Box::new(cast), Box::new(second)),
                        }
                    }
                };
                CoerceMethod::Elements { method: Box::new(inner), element }
            }
            Coercion::ArrayInputOutput => {
                let (source, element) = elements(from, to)?;
                let method = CoerceMethod::InputOutput { from: source, to: TypeRef::of(element) };
                CoerceMethod::Elements { method: Box::new(method), element }
            }
        })
    }

    /// The function that `pg_cast` has from a type to itself.
    fn typmod(&mut self, ty: Oid, typmod: i32, explicit: bool) -> Result<CoerceMethod> {
        match catalog::cast(ty, ty) {
            Some(cast) if typmod >= 0 => self.cast_function(cast.func, ty, ty, typmod, explicit),
            _ => Ok(CoerceMethod::Relabel),
        }
    }

    fn cast_function(
        &mut self,
        proc: Oid,
        from: Oid,
        to: Oid,
        typmod: i32,
        explicit: bool,
    ) -> Result<CoerceMethod> {
        let args = catalog::proc_by_oid(proc).map_or(1, |row| row.args.len()).clamp(1, 3);
        let types = [from, oid::INT4, oid::BOOL].into_iter().take(args).collect();
        let function = self.function(proc, None, types, to)?;
        Ok(CoerceMethod::Function { function, args, typmod, explicit })
    }

    fn subscript(&mut self, container: Oid, subscripts: &[Subscript]) -> Result<SubscriptKind> {
        if container == oid::JSONB {
            let types = Box::new([oid::JSONB, oid::TEXT_ARRAY]);
            let extract = self.function(JSONB_EXTRACT_PATH, None, types, oid::JSONB)?;
            let mut path = Vec::with_capacity(subscripts.len());
            for subscript in subscripts {
                match subscript {
                    Subscript::Index(index) => path.push(self.expr(index)?),
                    Subscript::Slice(..) => {
                        return Err(Error::new(
                            SqlState::DATATYPE_MISMATCH,
                            "jsonb subscript does not support slices",
                        ));
                    }
                }
            }
            return Ok(SubscriptKind::Jsonb { extract, path });
        }
        if subscripts.iter().all(|subscript| matches!(subscript, Subscript::Index(_))) {
            let mut indexes = Vec::with_capacity(subscripts.len());
            for subscript in subscripts {
                if let Subscript::Index(index) = subscript {
                    indexes.push(self.expr(index)?);
                }
            }
            return Ok(SubscriptKind::Element(indexes));
        }
        let mut bounds = Vec::with_capacity(subscripts.len());
        for subscript in subscripts {
            bounds.push(match subscript {
                Subscript::Index(index) => (Bound::One, Bound::At(self.expr(index)?)),
                Subscript::Slice(from, to) => (self.bound(from.as_ref())?, self.bound(to.as_ref())?),
            });
        }
        Ok(SubscriptKind::Slice(bounds))
    }

    fn bound(&mut self, expr: Option<&Expr>) -> Result<Bound> {
        Ok(match expr {
            None => Bound::Open,
            Some(expr) => Bound::At(self.expr(expr)?),
        })
    }
}

/// The function of a cast may return what is only binary-compatible with the target: `int4(int2)` makes oids too.
fn cast_result(op: Op, call: &Call, to: Oid) -> Op {
    let is_cast = matches!(call.form, CallForm::ExplicitCast | CallForm::ImplicitCast);
    let from = catalog::proc_by_oid(call.proc).filter(|_| is_cast).map_or(to, |proc| proc.result);
    match relabel(from, to) {
        CoerceMethod::Relabel => op,
        method => Op::Coerce(Box::new(CoerceOp { op, method })),
    }
}

/// Types that are the same to PostgreSQL's `pg_cast`, although our values of them are not.
fn relabel(from: Oid, to: Oid) -> CoerceMethod {
    let base = |ty| catalog::base_type(ty, -1).0;
    let is_oid = |ty| ty == oid::OID || pg::text::is_reg_type(ty);
    match (base(from), base(to)) {
        (oid::INT4, to) if is_oid(to) => CoerceMethod::ToOid,
        (from, oid::INT4) if is_oid(from) => CoerceMethod::FromOid,
        _ => CoerceMethod::Relabel,
    }
}

fn wrap_elements(method: CoerceMethod, element: Oid) -> CoerceMethod {
    match method {
        CoerceMethod::Relabel => CoerceMethod::Relabel,
        method => CoerceMethod::Elements { method: Box::new(method), element },
    }
}

fn internal(kind: &ExprKind) -> Error {
    let name = format!("{kind:?}");
    let name = name.split(['(', ' ']).next().unwrap_or_default();
    Error::internal(format!("an expression of kind {name} where none can be"))
}

fn vector_element(ty: Oid) -> Option<Oid> {
    match ty {
        oid::INT2VECTOR => Some(oid::INT2),
        oid::OIDVECTOR => Some(oid::OID),
        _ => None,
    }
}

fn is_equality(operator: Operator) -> bool {
    catalog::operator_by_oid(operator.oid).is_some_and(|row| row.name == "=")
}

/// The type to hash by for `<> ALL`, when the operator is the negation of an equality that can be hashed.
fn inequality_key(operator: Operator) -> Option<Oid> {
    let row = catalog::operator_by_oid(operator.oid).filter(|row| row.code == operator.proc)?;
    let equal = catalog::operator_by_oid(row.negator)?;
    hashable(Operator { oid: equal.oid, proc: equal.code })
}

/// The equality that belongs to an operator: itself, what `<>` negates, or that of its btree family.
fn equality_of(operator: Operator) -> Result<Operator> {
    let unknown = || Error::internal(format!("operator {} has no equality", operator.oid));
    let row = catalog::operator_by_oid(operator.oid).ok_or_else(unknown)?;
    if row.name == "=" {
        return Ok(operator);
    }
    let negated = catalog::operator_by_oid(row.negator).filter(|row| row.name == "=");
    let equal = negated.or_else(|| {
        let (family, _) = catalog::btree_strategies(operator.oid).into_iter().next()?;
        let equal = catalog::Strategy::Equal as u16;
        catalog::operator_by_oid(catalog::family_operator(family, row.left, row.right, equal)?)
    });
    equal.map(|equal| Operator { oid: equal.oid, proc: equal.code }).ok_or_else(unknown)
}
