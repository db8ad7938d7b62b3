//! Pieces of Hazelcast SQL in the making.

use crate::catalog::Column;
use crate::hazelcast::SqlType;
use crate::plan::{ArgForm, RemoteArg};
use crate::query::{Expr, ExprKind};

/// A piece of Hazelcast SQL, with its arguments in the order of their placeholders.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) sql: String,
    pub(super) args: Vec<RemoteArg>,
    /// The cluster may fail at it: where PostgreSQL fails too, with other words, or where a guard finds something for
    /// which the cluster's answer is not PostgreSQL's.
    pub(super) risky: bool,
    /// Hazelcast's planner may think that it is never NULL although it is: it must not be asked whether it is NULL, in
    /// whatever form, since that is answered without looking.
    pub(super) untold: bool,
}

/// A piece that is a value, with its type in Hazelcast.
#[derive(Clone, Debug)]
pub(super) struct TypedPiece {
    pub(super) piece: Piece,
    pub(super) cluster_type: SqlType,
}

impl Piece {
    pub(super) fn sql(sql: impl Into<String>) -> Piece {
        Piece { sql: sql.into(), ..Piece::default() }
    }

    pub(super) fn push(&mut self, sql: &str) -> &mut Piece {
        self.sql.push_str(sql);
        self
    }

    pub(super) fn append(&mut self, other: Piece) -> &mut Piece {
        self.sql.push_str(&other.sql);
        self.args.extend(other.args);
        self.risky |= other.risky;
        self.untold |= other.untold;
        self
    }

    /// Whether Hazelcast can be asked whether it is NULL.
    pub(super) fn tells_null(&self) -> bool {
        let known = |arg: &RemoteArg| matches!(&arg.expr.kind, ExprKind::Const(value) if !value.is_null());
        !self.untold && self.args.iter().all(known)
    }

    pub(super) fn risky(mut self) -> Piece {
        self.risky = true;
        self
    }

    /// A template with `{0}`, `{1}` … in the places of its operands.
    pub(super) fn template(template: &str, operands: &[Piece]) -> Piece {
        let mut piece = Piece::default();
        let mut parts = template.split(['{', '}']);
        piece.push(parts.next().unwrap_or_default());
        while let (Some(number), Some(text)) = (parts.next(), parts.next()) {
            if let Some(operand) = number.parse().ok().and_then(|n: usize| operands.get(n)) {
                piece.append(operand.clone());
            }
            piece.push(text);
        }
        piece
    }

    pub(super) fn argument(expr: &Expr, cluster_type: SqlType, form: ArgForm) -> Piece {
        let args = vec![RemoteArg { expr: expr.clone(), cluster_type, form }];
        Piece { sql: "?".into(), args, ..Piece::default() }
    }

    pub(super) fn wrapped(before: &str, inner: Piece, after: &str) -> Piece {
        let mut piece = Piece::sql(before);
        piece.append(inner).push(after);
        piece
    }

    pub(super) fn infix(left: Piece, operator: &str, right: Piece) -> Piece {
        let mut piece = left;
        piece.push(operator).append(right);
        piece
    }
}

/// A name as Hazelcast reads it exactly.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A column, qualified, so that no alias of the select list can take its place.
pub(super) fn column_piece(column: &Column) -> Piece {
    column_of("t", column)
}

/// A column of the relation that is called so.
pub(super) fn column_of(alias: &str, column: &Column) -> Piece {
    Piece::sql(format!("{alias}.{}", quote(&column.name)))
}
