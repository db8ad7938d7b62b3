//! Function calls (`ParseFuncOrColumn`): plain ones, aggregates, window functions, casts in disguise.

use std::sync::Arc;

use pg::catalog::{self, Proc};
use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState, Value};

use super::Analyzer;
use super::candidates::Candidate;
use super::coerce::Context;
use super::functions::{Meaning, signature};
use super::generic;
use crate::catalog::Name;
use crate::parse::ast::{self, FuncCall};
use crate::query::{Call, CallForm, Expr, ExprKind};

/// A call whose function is found and whose arguments are coerced.
pub(super) struct Resolved {
    pub(super) proc: &'static Proc,
    pub(super) args: Vec<Expr>,
    pub(super) result: Oid,
    pub(super) filter: Option<Expr>,
}

impl Analyzer<'_> {
    /// `transformFuncCall`
    pub(super) fn func_call(&mut self, call: &FuncCall, raw_pos: u32) -> Result<Expr> {
        let pos = self.pos(raw_pos);
        let mut args = Vec::with_capacity(call.args.len());
        let mut arg_names: Vec<Arc<str>> = Vec::new();
        for arg in &call.args {
            match &arg.name {
                Some(name) => {
                    let name = name.folded();
                    if arg_names.contains(&name) {
                        return Err(Error::new(
                            SqlState::SYNTAX_ERROR,
                            format!("argument name \"{name}\" used more than once"),
                        )
                        .at(self.pos(arg.expr.pos)));
                    }
                    arg_names.push(name);
                }
                None if !arg_names.is_empty() => {
                    return Err(Error::new(
                        SqlState::SYNTAX_ERROR,
                        "positional argument cannot follow named argument",
                    )
                    .at(self.pos(arg.expr.pos)));
                }
                None => {}
            }
            let expr = match &arg.expr.kind {
                ast::ExprKind::Star(names) if !names.is_empty() => self.whole_row(names, arg.expr.pos)?,
                _ => self.expr(&arg.expr)?,
            };
            args.push(expr);
        }
        if call.within_group {
            for key in &call.order_by {
                args.push(self.expr(&key.expr)?);
            }
        }
        self.resolve_call(call, args, &arg_names, pos)
    }

    /// `ParseFuncOrColumn`
    pub(super) fn resolve_call(
        &mut self,
        call: &FuncCall,
        args: Vec<Expr>,
        arg_names: &[Arc<str>],
        pos: Option<u32>,
    ) -> Result<Expr> {
        // The filter is looked at before the function is known.
        let filter = call.filter.as_ref().map(|filter| self.filter(filter)).transpose()?;
        // `f(row)` may be `row.f`.
        if let ([name], [arg]) = (call.name.as_slice(), args.as_slice())
            && is_plain(call)
            && arg_names.is_empty()
            && let Some(field) = self.composite_field(arg, name)?
        {
            return Ok(field);
        }
        let mut meaning = self.function(&call.name, &args, arg_names, call.variadic, pos)?;
        // Hazelcast's spelling, when PostgreSQL has no function of that name.
        if let (Meaning::None, [name], []) = (&meaning, call.name.as_slice(), args.as_slice())
            && *name.folded() == *"rand"
        {
            meaning = self.function(&[Name::quoted("random")], &args, arg_names, false, pos)?;
        }
        match meaning {
            Meaning::Function(proc, candidate) => {
                self.check_call(call, proc, pos)?;
                self.finish_call(call, proc, &candidate, args, filter, pos)
            }
            Meaning::Cast(target) => self.cast_call(call, target, args, pos),
            Meaning::None => Err(no_function(call, &args, arg_names, pos)),
            Meaning::Many => Err(Error::new(
                SqlState::AMBIGUOUS_FUNCTION,
                format!("function {} is not unique", signature(&call.name, &args, arg_names)),
            )
            .hint("Could not choose a best candidate function. You might need to add explicit type casts.")
            .at(pos)),
        }
    }

    fn cast_call(&mut self, call: &FuncCall, target: Oid, args: Vec<Expr>, pos: Option<u32>) -> Result<Expr> {
        if !is_plain(call) {
            return Err(not_aggregate(call, pos).unwrap_or_else(|| Error::internal("a cast is no aggregate")));
        }
        let Some(arg) = args.into_iter().next() else {
            return Err(Error::internal("a cast without operand"));
        };
        match self.coerce_to_target(arg, TypeRef::of(target), Context::Explicit, pos)? {
            Some(expr) => Ok(expr),
            None => Err(Error::internal("a cast that was possible is not").at(pos)),
        }
    }

    /// What may not be said of a function of this kind.
    fn check_call(&self, call: &FuncCall, proc: &Proc, pos: Option<u32>) -> Result<()> {
        let name = display_name(call);
        let wrong = |message: String| Err(Error::new(SqlState::WRONG_OBJECT_TYPE, message).at(pos));
        match proc.kind {
            'f' | 'p' => {
                if proc.kind == 'p' {
                    return Err(Error::new(SqlState::WRONG_OBJECT_TYPE, format!("{name} is a procedure"))
                        .hint("To call a procedure, use CALL.")
                        .at(pos));
                }
                not_aggregate(call, pos).map_or(Ok(()), Err)?;
                if call.over.is_some() {
                    return wrong(format!(
                        "OVER specified, but {name} is not a window function nor an aggregate function"
                    ));
                }
            }
            'a' => {
                let ordered = catalog::aggregate(proc.oid).is_some_and(|a| a.kind != 'n');
                if ordered && !call.within_group {
                    return wrong(format!("WITHIN GROUP is required for ordered-set aggregate {name}"));
                }
                if !ordered && call.within_group {
                    return wrong(format!(
                        "{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP"
                    ));
                }
                if ordered && call.over.is_some() {
                    return Err(Error::new(
                        SqlState::FEATURE_NOT_SUPPORTED,
                        format!("OVER is not supported for ordered-set aggregate {name}"),
                    )
                    .at(pos));
                }
            }
            _ => {
                if call.over.is_none() {
                    return wrong(format!("window function {name} requires an OVER clause"));
                }
                if call.within_group {
                    return wrong(format!("window function {name} cannot have WITHIN GROUP"));
                }
            }
        }
        Ok(())
    }

    fn finish_call(
        &mut self,
        call: &FuncCall,
        proc: &'static Proc,
        candidate: &Candidate,
        args: Vec<Expr>,
        filter: Option<Expr>,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let args = if call.within_group {
            self.ordered_set_arguments(call, proc, candidate, args, pos)?
        } else {
            args
        };
        let mut resolved = self.call_arguments(proc, candidate, args, pos)?;
        resolved.filter = filter;
        if proc.kind == 'a' && resolved.args.is_empty() && !call.star && !call.within_group {
            let name = display_name(call);
            return Err(Error::new(
                SqlState::WRONG_OBJECT_TYPE,
                format!("{name}(*) must be used to call a parameterless aggregate function"),
            )
            .at(pos));
        }
        if call.variadic && proc.variadic == oid::ANY {
            check_variadic_any(&resolved.args)?;
        }
        match (proc.kind, &call.over) {
            ('a', None) => self.aggregate(call, resolved, pos),
            ('a' | 'w', Some(over)) => self.window_call(call, over, resolved, pos),
            _ => {
                self.collates |= proc.name == "pg_collation_for";
                if proc.returns_set {
                    self.set_function_allowed(pos)?;
                }
                let position = resolved.args.iter().map(|a| a.position).chain([pos]).flatten().min();
                let ty = TypeRef::of(resolved.result);
                let variadic = call.variadic && proc.variadic == oid::ANY;
                let call = Call {
                    proc: proc.oid,
                    args: resolved.args,
                    form: CallForm::Function,
                    retset: proc.returns_set,
                    variadic,
                };
                Ok(Expr::new(ExprKind::Call(Box::new(call)), ty).at(position))
            }
        }
    }

    /// Coerces the arguments, fills in defaults, gathers variadic ones.
    fn call_arguments(
        &mut self,
        proc: &'static Proc,
        candidate: &Candidate,
        args: Vec<Expr>,
        pos: Option<u32>,
    ) -> Result<Resolved> {
        let mut inputs: Vec<Oid> = args.iter().map(|a| a.ty.oid).collect();
        let mut declared = candidate.args.clone();
        let mut args = args;
        let defaults = self.default_arguments(proc, candidate)?;
        let call_args = args.len();
        for (expr, ty) in &defaults {
            inputs.push(expr.ty.oid);
            declared.push(*ty);
        }
        args.extend(defaults.into_iter().map(|(expr, _)| expr));
        let result = generic::enforce(&inputs, &mut declared, proc.result)?;
        let mut coerced = Vec::with_capacity(args.len());
        for (arg, ty) in args.into_iter().zip(&declared) {
            coerced.push(self.coerce(arg, TypeRef::of(*ty), Context::Implicit, None)?);
        }
        if candidate.variadic > 0 && proc.variadic != oid::ANY {
            coerced = gather(coerced, candidate.variadic, pos)?;
        }
        if let Some(places) = &candidate.places {
            coerced = reorder(coerced, places, call_args, proc.args.len());
        }
        Ok(Resolved { proc, args: coerced, result, filter: None })
    }

    /// The defaults that a call needs, with the declared types of their places.
    fn default_arguments(&mut self, proc: &'static Proc, candidate: &Candidate) -> Result<Vec<(Expr, Oid)>> {
        if candidate.defaults == 0 {
            return Ok(Vec::new());
        }
        let text = proc.default_tree.and_then(catalog::raw_node_tree_text).unwrap_or_default();
        let trees = crate::parse::parse_expressions(text)?;
        if trees.len() != proc.defaults {
            return Err(Error::internal(format!("defaults of {} are unreadable", proc.name)));
        }
        let first = proc.args.len() - proc.defaults;
        let wanted: Vec<usize> = match &candidate.places {
            Some(places) => (0..proc.args.len()).filter(|place| !places.contains(place)).collect(),
            None => (candidate.args.len()..proc.args.len()).collect(),
        };
        let mut found = Vec::new();
        for place in wanted {
            let (Some(tree), Some(ty)) =
                (place.checked_sub(first).and_then(|i| trees.get(i)), proc.args.get(place))
            else {
                return Err(Error::internal(format!("{} lacks a default", proc.name)));
            };
            let expr = self.without_positions(|a| a.expr(tree))?;
            let expr = if generic::is_polymorphic(*ty) {
                expr
            } else {
                self.coerce_to_target(expr, TypeRef::of(*ty), Context::Assignment, None)?
                    .ok_or_else(|| Error::internal("a default of another type"))?
            };
            found.push((expr, *ty));
        }
        Ok(found)
    }

    /// Set-returning functions stand in the select list and in FROM, and in few other places
    /// (`check_srf_call_placement`).
    pub(super) fn set_function_allowed(&mut self, pos: Option<u32>) -> Result<()> {
        let clause = self.clause();
        if let Some(name) = clause.refuses_sets() {
            return Err(Error::new(
                SqlState::FEATURE_NOT_SUPPORTED,
                format!("set-returning functions are not allowed in {name}"),
            )
            .at(pos));
        }
        Ok(())
    }
}

/// Nothing but a name and arguments.
fn is_plain(call: &FuncCall) -> bool {
    !call.star
        && !call.distinct
        && !call.variadic
        && call.order_by.is_empty()
        && call.filter.is_none()
        && call.over.is_none()
}

/// The name as messages have it (`NameListToString`).
pub(super) fn display_name(call: &FuncCall) -> String {
    call.name.iter().map(|n| n.folded().to_string()).collect::<Vec<_>>().join(".")
}

/// What only an aggregate may have.
fn not_aggregate(call: &FuncCall, pos: Option<u32>) -> Option<Error> {
    let name = display_name(call);
    let message = if call.star {
        format!("{name}(*) specified, but {name} is not an aggregate function")
    } else if call.distinct {
        format!("DISTINCT specified, but {name} is not an aggregate function")
    } else if call.within_group {
        format!("WITHIN GROUP specified, but {name} is not an aggregate function")
    } else if !call.order_by.is_empty() {
        format!("ORDER BY specified, but {name} is not an aggregate function")
    } else if call.filter.is_some() {
        format!("FILTER specified, but {name} is not an aggregate function")
    } else {
        return None;
    };
    Some(Error::new(SqlState::WRONG_OBJECT_TYPE, message).at(pos))
}

fn no_function(call: &FuncCall, args: &[Expr], arg_names: &[Arc<str>], pos: Option<u32>) -> Error {
    let error = Error::new(
        SqlState::UNDEFINED_FUNCTION,
        format!("function {} does not exist", signature(&call.name, args, arg_names)),
    )
    .at(pos);
    if call.order_by.len() > 1 && !call.within_group {
        return error.hint(
            "No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER \
             BY must appear after all regular arguments of the aggregate.",
        );
    }
    error.hint(
        "No function matches the given name and argument types. You might need to add explicit type casts.",
    )
}

/// The last arguments as one array.
fn gather(mut args: Vec<Expr>, count: usize, pos: Option<u32>) -> Result<Vec<Expr>> {
    let items = args.split_off(args.len().saturating_sub(count));
    let element = items.first().map_or(oid::UNKNOWN, |item| item.ty.oid);
    let array = catalog::array_type(element).ok_or_else(|| {
        Error::new(
            SqlState::UNDEFINED_OBJECT,
            format!("could not find array type for data type {}", super::types::format_type(element)),
        )
        .at(pos)
    })?;
    let position = items.first().and_then(|item| item.position);
    args.push(Expr::new(ExprKind::Array { items, nested: false }, array).at(position));
    Ok(args)
}

/// Puts named arguments, and the defaults behind them, into the places that the function declares.
fn reorder(args: Vec<Expr>, places: &[usize], call_args: usize, declared: usize) -> Vec<Expr> {
    let mut slots: Vec<Option<Expr>> = (0..declared).map(|_| None).collect();
    let missing: Vec<usize> = (0..declared).filter(|place| !places.contains(place)).collect();
    for (i, arg) in args.into_iter().enumerate() {
        let place = if i < call_args { places.get(i) } else { missing.get(i - call_args) };
        if let Some(slot) = place.and_then(|place| slots.get_mut(*place)) {
            *slot = Some(arg);
        }
    }
    slots.into_iter().map(|slot| slot.unwrap_or(Expr::constant(Value::Null, oid::UNKNOWN))).collect()
}

/// What is written behind `VARIADIC` must be an array, when the function takes anything.
fn check_variadic_any(args: &[Expr]) -> Result<()> {
    let array = |e: &Expr| pg::catalog::type_by_oid(e.ty.oid).is_some_and(|row| row.is_array());
    match args.last().filter(|last| !array(last)) {
        None => Ok(()),
        Some(last) => {
            let message = "VARIADIC argument must be an array";
            Err(Error::new(SqlState::DATATYPE_MISMATCH, message).at(last.position))
        }
    }
}
