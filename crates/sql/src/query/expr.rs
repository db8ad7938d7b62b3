//! Expressions (`primnodes.h`).

use std::sync::Arc;

use pg::{Oid, TypeRef, Value};

use super::Query;
use crate::plan::SubPlan;

/// An expression with its type.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type.
    pub ty: TypeRef,
    /// Where it stands in the statement, in characters from 1, for errors found later.
    pub position: Option<u32>,
}

/// A column of a range. Levels count [`Query`] nodes, whatever their bodies: a subquery in an expression or in FROM,
/// a common table expression, and each side of a set operation is one level below the query that holds it. (A view is
/// a query of its own: its levels start inside it.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ColumnRef {
    /// 0: a range of this block; n: of the block n levels further out.
    pub levels_up: usize,
    /// Index into `Select::ranges`.
    pub range: usize,
    /// Index into `Range::columns`.
    pub column: usize,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal, or what folding made.
    Const(Value),
    /// `$n`, from 0.
    Param(usize),
    /// A column (analysis only).
    Column(ColumnRef),
    /// A place in the input row (plans only).
    Slot(usize),
    /// A value handed to a subplan or the inner side of an apply by the row outside (plans only).
    Arg(usize),
    /// A function, also behind an operator or a cast.
    Call(Box<Call>),
    /// An aggregate call; its arguments are over the FROM clause.
    Aggregate(Box<Aggregate>),
    /// A window function call.
    Window(Box<WindowCall>),
    /// `GROUPING(…)`, with grouping sets.
    Grouping {
        /// Indexes into the group keys.
        keys: Vec<usize>,
        /// How many queries further out the keys belong.
        levels_up: usize,
    },
    /// `AND` of two or more.
    And(Vec<Expr>),
    /// `OR` of two or more.
    Or(Vec<Expr>),
    /// `NOT`.
    Not(Box<Expr>),
    /// `IS [NOT] NULL`; of a row value: of all its fields.
    IsNull {
        /// The operand.
        expr: Box<Expr>,
        /// `IS NOT NULL`.
        negated: bool,
    },
    /// `IS [NOT] TRUE`, `FALSE`, `UNKNOWN`.
    BooleanTest {
        /// The operand, a `bool`.
        expr: Box<Expr>,
        /// What it is tested for; `None` is UNKNOWN.
        value: Option<bool>,
        /// `IS NOT`.
        negated: bool,
    },
    /// `IS [NOT] DISTINCT FROM`, by an equality function.
    DistinctFrom {
        /// `=` of the operands' types.
        equal: Operator,
        /// The left operand.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
        /// `IS NOT DISTINCT FROM`.
        negated: bool,
    },
    /// `CASE`. With an operand, the conditions compare [`ExprKind::CaseTest`], which stands for its value.
    Case {
        /// `CASE operand WHEN …`.
        operand: Option<Box<Expr>>,
        /// Conditions and results.
        arms: Vec<(Expr, Expr)>,
        /// `ELSE`.
        otherwise: Option<Box<Expr>>,
    },
    /// The operand of the innermost CASE around.
    CaseTest,
    /// `COALESCE`.
    Coalesce(Vec<Expr>),
    /// `NULLIF`, by an equality function over the (coerced) operands; the result is the left operand.
    NullIf {
        /// `=` of the operands' types.
        equal: Operator,
        /// The left operand, of the result's type.
        left: Box<Expr>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `GREATEST`, `LEAST`: NULLs are ignored; compared by the type's default order.
    MinMax {
        /// `GREATEST`.
        greatest: bool,
        /// The arguments, of one type.
        args: Vec<Expr>,
    },
    /// `left op ANY|ALL (list)`: also IN (`= ANY`) and NOT IN (`<> ALL`) over lists. The items are coerced.
    AnyList {
        /// The operator.
        operator: Operator,
        /// `ALL` instead of `ANY`.
        all: bool,
        /// The left operand.
        left: Box<Expr>,
        /// The items.
        list: Vec<Expr>,
    },
    /// `left op ANY|ALL (array)`.
    AnyArray {
        /// The operator, over an element of the array.
        operator: Operator,
        /// `ALL` instead of `ANY`.
        all: bool,
        /// The left operand.
        left: Box<Expr>,
        /// The array.
        array: Box<Expr>,
    },
    /// A conversion that is no function call of `pg_cast`.
    Coerce {
        /// The operand.
        expr: Box<Expr>,
        /// How.
        method: Coercion,
        /// Written in the statement, rather than implied: matters for `varchar(n)` and friends.
        explicit: bool,
    },
    /// `COLLATE` (until collations are derived).
    Collate {
        /// The operand.
        expr: Box<Expr>,
        /// The row of `pg_collation`.
        collation: Oid,
        /// Where the clause stands; the whole stands where its operand does.
        position: Option<u32>,
    },
    /// `ARRAY[…]`: elements of one type; with `nested`, arrays that become one more dimension.
    Array {
        /// The elements.
        items: Vec<Expr>,
        /// The items are arrays themselves.
        nested: bool,
    },
    /// `ROW(…)`.
    Row {
        /// The fields.
        fields: Vec<Expr>,
        /// Their names: `f1`, `f2` …, or a relation's columns for a whole-row reference.
        names: Vec<Arc<str>>,
        /// For a whole-row reference above an outer join: what is NULL where the join found no row. Then so is the
        /// whole, which is not the same as a row of NULLs.
        present: Option<Box<Expr>>,
    },
    /// `(a, b) op (c, d)` for the ordering operators, and equality of rows: lexicographic.
    RowCompare {
        /// Which comparison.
        comparison: Comparison,
        /// Per field: for `=` and `<>` the equality, for the others `<` or `>` and the equality follows from the order.
        operators: Vec<Operator>,
        /// The left fields.
        left: Vec<Expr>,
        /// The right fields.
        right: Vec<Expr>,
    },
    /// `(composite).field`.
    Field {
        /// The composite.
        expr: Box<Expr>,
        /// The field's index.
        index: usize,
    },
    /// `array[i]`, `array[i:j]`, `jsonb['key']`.
    Subscript {
        /// The container.
        expr: Box<Expr>,
        /// One per dimension.
        subscripts: Vec<Subscript>,
    },
    /// A subquery in an expression (analysis only).
    Subquery(Box<Subquery>),
    /// A subquery in an expression, planned (plans only).
    SubPlan(Box<SubPlan>),
    /// `CURRENT_DATE` and its relatives.
    SqlValue(SqlValue),
    /// `DEFAULT`, in INSERT and UPDATE only.
    Default,
}

/// An operator, as a row of `pg_operator` and the function behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    /// The row of `pg_operator`.
    pub oid: Oid,
    /// `oprcode`.
    pub proc: Oid,
}

/// A function call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The row of `pg_proc`.
    pub proc: Oid,
    /// The arguments, coerced; defaults filled in; variadic ones gathered into an array unless `"any"`.
    pub args: Vec<Expr>,
    /// How it was written.
    pub form: CallForm,
    /// It returns a set.
    pub retset: bool,
    /// `VARIADIC` was written before the last argument of a `VARIADIC "any"` function.
    pub variadic: bool,
}

/// How a call was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallForm {
    /// `f(x)`
    Function,
    /// `a + b`: the row of `pg_operator`.
    Operator(Oid),
    /// `CAST(x AS t)`, `x::t`
    ExplicitCast,
    /// A cast that nobody wrote.
    ImplicitCast,
}

/// An aggregate call.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The row of `pg_proc`.
    pub proc: Oid,
    /// The arguments; none for `count(*)`. For ordered-set aggregates, the direct arguments.
    pub args: Vec<Expr>,
    /// `DISTINCT`.
    pub distinct: bool,
    /// `ORDER BY` inside the call, or `WITHIN GROUP`.
    pub order_by: Vec<AggregateSort>,
    /// `FILTER (WHERE …)`.
    pub filter: Option<Expr>,
    /// An ordered-set aggregate.
    pub within_group: bool,
}

/// A sort key inside an aggregate or a window.
#[derive(Clone, Debug)]
pub struct AggregateSort {
    /// The expression.
    pub expr: Expr,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST`.
    pub nulls_first: bool,
}

/// A window function call.
#[derive(Clone, Debug)]
pub struct WindowCall {
    /// The row of `pg_proc`: a window function or an aggregate.
    pub proc: Oid,
    /// The arguments.
    pub args: Vec<Expr>,
    /// `FILTER (WHERE …)`.
    pub filter: Option<Expr>,
    /// Index into `Select::windows`.
    pub window: usize,
}

/// A window definition.
#[derive(Clone, Debug)]
pub struct Window {
    /// `PARTITION BY`.
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`.
    pub order_by: Vec<AggregateSort>,
    /// The frame.
    pub frame: Frame,
}

/// A window frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `ROWS`, `RANGE` or `GROUPS`.
    pub unit: FrameUnit,
    /// The start.
    pub start: FrameBound,
    /// The end.
    pub end: FrameBound,
    /// `EXCLUDE`.
    pub exclude: FrameExclude,
}

/// See [`Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// See [`Frame`].
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

/// See [`Frame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum FrameExclude {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}

/// A conversion that is no function of `pg_cast`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coercion {
    /// The value stays as it is (`varchar` to `text`, `int4` to `oid` where binary compatible).
    Relabel,
    /// Through text: the output function of the one type and the input function of the other.
    InputOutput,
    /// Apply the type modifier of the result (`varchar(3)`, `numeric(5,2)`, `timestamp(0)`).
    Typmod,
    /// Element by element, by this function of `pg_cast` (invalid: relabel).
    ArrayElements(Oid),
    /// Element by element through text.
    ArrayInputOutput,
}

/// The six comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A subscript.
#[derive(Clone, Debug)]
pub enum Subscript {
    /// `[i]`
    Index(Expr),
    /// `[i:j]`, either side may be left out
    Slice(Option<Expr>, Option<Expr>),
}

/// A subquery in an expression.
#[derive(Clone, Debug)]
pub struct Subquery {
    /// What is made of its rows.
    pub kind: SubqueryKind,
    /// Its query; columns of this block are at level 1 in it.
    pub query: Query,
}

/// What is made of a subquery's rows.
#[derive(Clone, Debug)]
pub enum SubqueryKind {
    /// The one value of the one row, NULL when there is none, 21000 when there are more.
    Scalar,
    /// `EXISTS`
    Exists,
    /// `ARRAY(SELECT …)`
    Array,
    /// `left op ANY|ALL (SELECT …)`, IN, NOT IN (`<> ALL`); several columns for row values.
    Quantified {
        /// `ALL` instead of `ANY`.
        all: bool,
        /// No quantifier: a row compared with the one row that there may be, and NULL when there is none.
        single: bool,
        /// The left operands.
        left: Vec<Expr>,
        /// One operator per column; rows compare as in [`ExprKind::RowCompare`].
        operators: Vec<Operator>,
        /// The comparison that the operators make, which matters for several columns.
        comparison: Comparison,
        /// How the columns of the subquery are converted before they are compared: expressions over
        /// [`ExprKind::Slot`] of its rows, one per column.
        right: Vec<Expr>,
    },
}

/// The functions that SQL writes without parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SqlValue {
    CurrentDate,
    CurrentTime(Option<i32>),
    CurrentTimestamp(Option<i32>),
    LocalTime(Option<i32>),
    LocalTimestamp(Option<i32>),
    CurrentUser,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

impl Expr {
    /// An expression without position.
    pub fn new(kind: ExprKind, ty: impl Into<TypeRef>) -> Expr {
        Expr { kind, ty: ty.into(), position: None }
    }

    /// A constant.
    pub fn constant(value: Value, ty: impl Into<TypeRef>) -> Expr {
        Expr::new(ExprKind::Const(value), ty)
    }

    /// A row of these fields.
    pub fn row(fields: Vec<Expr>, names: Vec<Arc<str>>) -> Expr {
        Expr::new(ExprKind::Row { fields, names, present: None }, pg::oid::RECORD)
    }

    /// All of these conditions; `None` when there are none.
    pub fn all(mut conditions: Vec<Expr>) -> Option<Expr> {
        match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(Expr::new(ExprKind::And(conditions), pg::oid::BOOL)),
        }
    }

    /// A place in the input row.
    pub fn slot(index: usize, ty: impl Into<TypeRef>) -> Expr {
        Expr::new(ExprKind::Slot(index), ty)
    }

    /// With a position.
    pub fn at(mut self, position: Option<u32>) -> Expr {
        self.position = position;
        self
    }
}
