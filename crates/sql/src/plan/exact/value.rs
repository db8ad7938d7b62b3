//! Values that Hazelcast computes as PostgreSQL does.

use pg::{Value as PgValue, oid};

use crate::hazelcast::SqlType;
use crate::plan::ArgForm;
use crate::plan::piece::{Piece, TypedPiece, column_of};
use crate::query::*;
use crate::same::same;
use crate::walk::for_each_child_mut;

use super::functions;
use super::height::is_low;
use super::settled::{is_finite, is_settled, is_text, may_not_fit, natural};
use super::{Risk, Scope};

/// A value in Hazelcast SQL.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Exact {
    pub(in crate::plan) piece: Piece,
    pub(in crate::plan) cluster_type: SqlType,
    /// Values that are equal for PostgreSQL have the same form, although not all values of the type do.
    pub(in crate::plan) canonical: bool,
    /// Of a DECIMAL whose values are known not to be too long: digits before and after the point.
    pub(in crate::plan) digits: Option<(u32, u32)>,
}

impl Exact {
    pub(super) fn new(piece: Piece, cluster_type: SqlType) -> Exact {
        Exact { piece, cluster_type, canonical: false, digits: None }
    }

    pub(in crate::plan) fn typed(self) -> TypedPiece {
        TypedPiece { piece: self.piece, cluster_type: self.cluster_type }
    }

    /// Whether equal values have equal serialised bytes: what Hazelcast groups, joins and removes duplicates by.
    pub(in crate::plan) fn is_groupable(&self) -> bool {
        use SqlType::*;
        self.canonical
            || matches!(self.cluster_type, Varchar | Boolean | TinyInt | SmallInt | Integer | BigInt | Date)
    }

    /// In the type that all values of its PostgreSQL type can have.
    fn widened(self, ty: SqlType) -> Option<Exact> {
        if self.cluster_type == ty {
            return Some(self);
        }
        (self.cluster_type == SqlType::TinyInt && ty == SqlType::SmallInt).then(|| Exact {
            piece: Piece::wrapped("CAST(", self.piece, " AS SMALLINT)"),
            cluster_type: ty,
            ..self
        })
    }
}

impl Scope<'_> {
    /// A value as it is in Hazelcast; of a known value, its argument.
    pub(in crate::plan) fn value(&self, expr: &Expr) -> Option<Exact> {
        if let Some((_, key)) = self.keys.iter().find(|(key, _)| same(key, expr)) {
            return Some(key.clone());
        }
        if !is_low(expr) {
            return None;
        }
        match &expr.kind {
            ExprKind::Column(column) => self.column(*column),
            ExprKind::Aggregate(aggregate) if self.grouped => self.aggregate(aggregate),
            ExprKind::Coerce { expr: inner, method: Coercion::Relabel, .. } if is_text(expr.ty.oid) => {
                self.value(inner).filter(|inner| inner.cluster_type == SqlType::Varchar)
            }
            _ if is_settled(expr) => self.argument(expr),
            ExprKind::Coerce { expr: inner, method: Coercion::InputOutput, .. } if is_text(expr.ty.oid) => {
                self.integer_as_text(inner)
            }
            ExprKind::Call(call) => match self.function(call) {
                None if expr.ty.oid == oid::BOOL => self.boolean(expr),
                found => found,
            },
            ExprKind::Case { operand, arms, otherwise } => {
                self.case(expr, operand.as_deref(), arms, otherwise.as_deref())
            }
            ExprKind::Coalesce(items) => self.coalesce(expr, items),
            ExprKind::NullIf { equal, left, right } => self.null_if(expr, *equal, left, right),
            _ if expr.ty.oid == oid::BOOL => self.boolean(expr),
            _ => None,
        }
    }

    fn column(&self, column: ColumnRef) -> Option<Exact> {
        let source = self.sources.iter().find(|s| column.levels_up == 0 && column.range == s.range)?;
        let column = source.relation.columns.get(column.column)?;
        Some(Exact::new(column_of(&source.alias, column), column.cluster_type?))
    }

    fn boolean(&self, expr: &Expr) -> Option<Exact> {
        Some(Exact::new(self.nested().test(expr)?, SqlType::Boolean))
    }

    /// A known value, with its type.
    pub(super) fn argument(&self, expr: &Expr) -> Option<Exact> {
        let ty = natural(expr.ty.oid)?;
        if !is_finite(expr) || (may_not_fit(expr) && self.risk == Risk::None) {
            return None;
        }
        let argument = Piece::argument(expr, ty, ArgForm::Plain);
        let mut piece = Piece::wrapped("CAST(", argument, &format!(" AS {})", ty.name()));
        piece.risky |= may_not_fit(expr);
        piece.untold = !matches!(&expr.kind, ExprKind::Const(value) if !value.is_null());
        let digits = match &expr.kind {
            ExprKind::Const(PgValue::Numeric(numeric)) => functions::digits_of(numeric),
            _ => None,
        };
        Some(Exact { digits, ..Exact::new(piece, ty) })
    }

    fn integer_as_text(&self, inner: &Expr) -> Option<Exact> {
        let value = self.value(inner)?;
        let integer = matches!(inner.ty.oid, oid::INT2 | oid::INT4 | oid::INT8);
        integer.then(|| Exact::new(Piece::wrapped("CAST(", value.piece, " AS VARCHAR)"), SqlType::Varchar))
    }

    /// A value of exactly the type that a PostgreSQL type has.
    pub(super) fn natural_value(&self, expr: &Expr) -> Option<Exact> {
        self.value(expr)?.widened(natural(expr.ty.oid)?)
    }

    fn case(
        &self,
        case: &Expr,
        operand: Option<&Expr>,
        arms: &[(Expr, Expr)],
        otherwise: Option<&Expr>,
    ) -> Option<Exact> {
        let ty = natural(case.ty.oid)?;
        let mut canonical = true;
        let mut piece = Piece::sql("CASE");
        for (condition, result) in arms {
            let condition = match operand {
                Some(operand) => &with_operand(condition, operand),
                None => condition,
            };
            let result = self.natural_value(result)?;
            canonical &= result.canonical;
            piece
                .push(" WHEN ")
                .append(self.nested().condition(condition)?)
                .push(" THEN ")
                .append(result.piece);
        }
        match otherwise {
            Some(otherwise) => {
                let result = self.natural_value(otherwise)?;
                canonical &= result.canonical;
                piece.push(" ELSE ").append(result.piece);
            }
            None => {
                piece.push(&format!(" ELSE CAST(NULL AS {})", ty.name()));
            }
        }
        piece.push(" END");
        // What it makes of branches that are NULL is not to be trusted.
        piece.untold = true;
        Some(Exact { canonical, ..Exact::new(piece, ty) })
    }

    fn coalesce(&self, expr: &Expr, items: &[Expr]) -> Option<Exact> {
        let ty = natural(expr.ty.oid)?;
        let values: Vec<Exact> = items.iter().map(|item| self.natural_value(item)).collect::<Option<_>>()?;
        let canonical = values.iter().all(|value| value.canonical);
        let (_, tested) = values.split_last()?;
        if !tested.iter().all(|value| value.piece.tells_null()) {
            return None;
        }
        let mut piece = Piece::sql("COALESCE(");
        for (i, value) in values.into_iter().enumerate() {
            piece.push(if i > 0 { ", " } else { "" }).append(value.piece);
        }
        piece.push(")");
        Some(Exact { canonical, ..Exact::new(piece, ty) })
    }

    fn null_if(&self, expr: &Expr, equal: Operator, left: &Expr, right: &Expr) -> Option<Exact> {
        let ty = natural(expr.ty.oid)?;
        let value = self.natural_value(left)?;
        let condition = self.nested().condition(&equality(equal, left, right))?;
        let mut piece = Piece::wrapped("CASE WHEN ", condition, " THEN ");
        piece.push(&format!("CAST(NULL AS {}) ELSE ", ty.name())).append(value.piece).push(" END");
        piece.untold = true;
        Some(Exact { canonical: value.canonical, ..Exact::new(piece, ty) })
    }
}

/// `left = right`, as a call of the operator.
pub(super) fn equality(operator: Operator, left: &Expr, right: &Expr) -> Expr {
    let call = Call {
        proc: operator.proc,
        args: vec![left.clone(), right.clone()],
        form: CallForm::Operator(operator.oid),
        retset: false,
        variadic: false,
    };
    Expr::new(ExprKind::Call(Box::new(call)), oid::BOOL)
}

/// A condition of `CASE operand WHEN …` with the operand in the places where it is meant.
fn with_operand(condition: &Expr, operand: &Expr) -> Expr {
    fn replace(expr: &mut Expr, operand: &Expr) {
        match &mut expr.kind {
            ExprKind::CaseTest => *expr = operand.clone(),
            // In its conditions another operand is meant.
            ExprKind::Case { operand: Some(inner), .. } => replace(inner, operand),
            _ => for_each_child_mut(expr, &mut |child| replace(child, operand)),
        }
    }
    let mut condition = condition.clone();
    replace(&mut condition, operand);
    condition
}
