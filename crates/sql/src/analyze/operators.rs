//! Operators (`parse_oper.c`; manual, "Operators", in "Type Conversion").

use pg::catalog::{Operator as Row, PG_CATALOG, operators_by_name, proc_by_oid};
use pg::oid::{self, TypeRef};
use pg::{Error, Oid, Result, SqlState};

use super::Analyzer;
use super::candidates::{Candidate, matching, select};
use super::coerce::{Context, base};
use super::generic;
use super::types::format_type;
use crate::parse::ast::OperatorName;
use crate::query::{Call, CallForm, Expr, ExprKind, Operator};

impl Analyzer<'_> {
    /// The operators of a name, binary or prefix.
    fn operators(&self, name: &OperatorName, binary: bool, pos: Option<u32>) -> Result<Vec<&'static Row>> {
        let in_schema = match &name.schema {
            None => PG_CATALOG,
            Some(schema) => self.explicit_namespace(&schema.folded(), pos)?,
        };
        let kind = if binary { 'b' } else { 'l' };
        Ok(operators_by_name(&name.name)
            .iter()
            .copied()
            .filter(|row| row.kind == kind && row.namespace == in_schema)
            .collect())
    }

    /// `oper`: the binary operator for two types.
    pub(super) fn binary_operator(
        &self,
        name: &OperatorName,
        left: Oid,
        right: Oid,
        pos: Option<u32>,
    ) -> Result<&'static Row> {
        let rows = self.operators(name, true, pos)?;
        if let Some(row) = exact(&rows, left, right) {
            return Ok(row);
        }
        let candidates = rows.iter().map(|row| Candidate::new(row.oid, vec![row.left, row.right])).collect();
        let found = matching(candidates, &[left, right]);
        let chosen = select(&found, &[left, right]).and_then(|c| rows.iter().find(|row| row.oid == c.oid));
        chosen.copied().ok_or_else(|| operator_error(name, Some(left), right, found.len() > 1, pos))
    }

    fn prefix_operator(&self, name: &OperatorName, right: Oid, pos: Option<u32>) -> Result<&'static Row> {
        let rows = self.operators(name, false, pos)?;
        if let Some(row) = rows.iter().find(|row| row.right == right) {
            return Ok(row);
        }
        let candidates = rows.iter().map(|row| Candidate::new(row.oid, vec![row.right])).collect();
        let found = matching(candidates, &[right]);
        let chosen = select(&found, &[right]).and_then(|c| rows.iter().find(|row| row.oid == c.oid));
        chosen.copied().ok_or_else(|| operator_error(name, None, right, found.len() > 1, pos))
    }

    /// `make_op`
    pub(super) fn make_operator(
        &mut self,
        name: &OperatorName,
        left: Option<Expr>,
        right: Expr,
        pos: Option<u32>,
    ) -> Result<Expr> {
        let row = match &left {
            Some(left) => self.binary_operator(name, left.ty.oid, right.ty.oid, pos)?,
            None => self.prefix_operator(name, right.ty.oid, pos)?,
        };
        let args: Vec<Expr> = left.into_iter().chain([right]).collect();
        let position = args.iter().map(|a| a.position).chain([pos]).flatten().min();
        let (args, result) = self.operator_arguments(row, args)?;
        let retset = proc_by_oid(row.code).is_some_and(|proc| proc.returns_set);
        let call = Call { proc: row.code, args, form: CallForm::Operator(row.oid), retset, variadic: false };
        if retset {
            self.set_function_allowed(pos)?;
        }
        Ok(Expr::new(ExprKind::Call(Box::new(call)), TypeRef::of(result)).at(position))
    }

    /// Coerces the operands of an operator; the type of its result.
    fn operator_arguments(&mut self, row: &Row, args: Vec<Expr>) -> Result<(Vec<Expr>, Oid)> {
        let inputs: Vec<Oid> = args.iter().map(|a| a.ty.oid).collect();
        let mut declared = if args.len() == 2 { vec![row.left, row.right] } else { vec![row.right] };
        let result = generic::enforce(&inputs, &mut declared, row.result)?;
        let args = args
            .into_iter()
            .zip(declared)
            .map(|(arg, ty)| self.coerce(arg, TypeRef::of(ty), Context::Implicit, None))
            .collect::<Result<Vec<_>>>()?;
        Ok((args, result))
    }

    /// An operator that must answer a boolean, with its operands coerced: for row comparisons, IN and the like.
    pub(super) fn boolean_operator(
        &mut self,
        name: &OperatorName,
        left: Expr,
        right: Expr,
        pos: Option<u32>,
    ) -> Result<(Operator, Expr, Expr, Oid)> {
        let row = self.binary_operator(name, left.ty.oid, right.ty.oid, pos)?;
        let (args, result) = self.operator_arguments(row, vec![left, right])?;
        let mut args = args.into_iter();
        match (args.next(), args.next()) {
            (Some(left), Some(right)) => Ok((Operator { oid: row.oid, proc: row.code }, left, right, result)),
            _ => Err(Error::internal("an operator lost its operands")),
        }
    }

    /// The `=` operator for two types (`IS DISTINCT FROM`, NULLIF): its operands coerced.
    pub(super) fn equality(
        &mut self,
        left: Expr,
        right: Expr,
        pos: Option<u32>,
        what: &str,
    ) -> Result<(Operator, Expr, Expr)> {
        let name = OperatorName { schema: None, name: "=".into() };
        let (operator, left, right, result) = self.boolean_operator(&name, left, right, pos)?;
        if result != oid::BOOL {
            return Err(Error::new(
                SqlState::DATATYPE_MISMATCH,
                format!("{what} requires = operator to yield boolean"),
            )
            .at(pos));
        }
        Ok((operator, left, right))
    }
}

/// `binary_oper_exact`: an unknown operand is taken for the other's type.
fn exact(rows: &[&'static Row], left: Oid, right: Oid) -> Option<&'static Row> {
    let find = |l: Oid, r: Oid| rows.iter().find(|row| row.left == l && row.right == r).copied();
    match (left == oid::UNKNOWN, right == oid::UNKNOWN) {
        (true, false) | (false, true) => {
            let known = if left == oid::UNKNOWN { right } else { left };
            let base = base(known);
            find(known, known).or_else(|| if base != known { find(base, base) } else { None })
        }
        _ => find(left, right),
    }
}

/// `op_error`
fn operator_error(name: &OperatorName, left: Option<Oid>, right: Oid, many: bool, pos: Option<u32>) -> Error {
    let symbol = match &name.schema {
        Some(schema) => format!("{}.{}", schema.folded(), name.name),
        None => name.name.to_string(),
    };
    let signature = match left {
        Some(left) => format!("{} {symbol} {}", format_type(left), format_type(right)),
        None => format!("{symbol} {}", format_type(right)),
    };
    if many {
        return Error::new(SqlState::AMBIGUOUS_FUNCTION, format!("operator is not unique: {signature}"))
            .hint("Could not choose a best candidate operator. You might need to add explicit type casts.")
            .at(pos);
    }
    let hint = match left {
        Some(_) => {
            "No operator matches the given name and argument types. You might need to add explicit type casts."
        }
        None => {
            "No operator matches the given name and argument type. You might need to add an explicit type cast."
        }
    };
    Error::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {signature}"))
        .hint(hint)
        .at(pos)
}
