//! The analysed query: what a statement means, in PostgreSQL's terms, before anybody decides where it runs
//! (PostgreSQL's `Query` and `primnodes.h`).
//!
//! A query block numbers the entries of its FROM clause ([`Range`]); a column is named by its range and its place in
//! it, and by how many blocks further out that range stands. The planner replaces such columns by places in rows
//! ([`ExprKind::Slot`]) and arguments ([`ExprKind::Arg`]); analysis never makes those two.

use std::sync::Arc;

use pg::{Oid, TypeRef, Value};

use crate::catalog::Relation;
use crate::plan::{ExplainOptions, SubPlan};

/// An analysed statement about rows.
#[derive(Clone, Debug)]
pub enum Statement {
    /// It reads.
    Query(Box<Query>),
    /// `INSERT`, `SINK`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE`
    Delete(Box<Delete>),
    /// `EXPLAIN`
    Explain(Box<Explain>),
}

/// `INSERT INTO`, `SINK INTO`.
#[derive(Clone, Debug)]
pub struct Insert {
    /// The table.
    pub relation: Arc<Relation>,
    /// `WITH`: for the source, one level further in, and for what else stands in the statement.
    pub ctes: Vec<Cte>,
    /// Which of its columns (indexes into `Relation::columns`) get the columns of the source; the others are NULL.
    pub columns: Vec<usize>,
    /// The rows, in the types of these columns. DEFAULT has become NULL.
    pub source: Query,
    /// Hazelcast's SINK: entries that are there are replaced.
    pub sink: bool,
    /// `ON CONFLICT`, always with the key.
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`, over the columns of the table as range 0; none when empty.
    pub returning: Vec<Target>,
}

/// `ON CONFLICT`: what becomes of a row whose key is there.
#[derive(Clone, Debug)]
pub enum OnConflict {
    /// It is left out.
    Nothing,
    /// The entry is updated: a block over the table as range 0 and the row that was to be inserted, `excluded`, as range
    /// 1, whose rows are still to be given.
    Update {
        /// The columns assigned to, one per target of the source.
        columns: Vec<usize>,
        /// The block, without FROM.
        source: Box<Query>,
    },
}

/// `UPDATE`.
#[derive(Clone, Debug)]
pub struct Update {
    /// The table.
    pub relation: Arc<Relation>,
    /// The columns assigned to (indexes into `Relation::columns`), one per target of the source.
    pub columns: Vec<usize>,
    /// A plain block whose range 0 is the table (the others are those of FROM), whose filter says which rows change,
    /// and whose targets are the new values, in the types of the columns.
    pub source: Query,
    /// `RETURNING`, over the ranges of the source; the table's columns mean their new values. None when empty.
    pub returning: Vec<Target>,
}

/// `DELETE`.
#[derive(Clone, Debug)]
pub struct Delete {
    /// The table.
    pub relation: Arc<Relation>,
    /// A plain block without targets whose range 0 is the table (the others are those of USING), and whose filter says
    /// which rows go.
    pub source: Query,
    /// `RETURNING`, over the ranges of the source; none when empty.
    pub returning: Vec<Target>,
}

/// `EXPLAIN`.
#[derive(Clone, Debug)]
pub struct Explain {
    /// Hazelcast's spelling, `EXPLAIN PLAN FOR`.
    pub plan_for: bool,
    /// What is shown.
    pub options: ExplainOptions,
    /// What is explained.
    pub statement: Statement,
}

impl Statement {
    /// Its WITH.
    pub fn ctes(&self) -> &[Cte] {
        match self {
            Statement::Query(query) => &query.ctes,
            Statement::Insert(insert) => &insert.ctes,
            Statement::Update(update) => &update.source.ctes,
            Statement::Delete(delete) => &delete.source.ctes,
            Statement::Explain(_) => &[],
        }
    }

    /// The same, to change it.
    pub fn ctes_mut(&mut self) -> &mut [Cte] {
        match self {
            Statement::Query(query) => &mut query.ctes,
            Statement::Insert(insert) => &mut insert.ctes,
            Statement::Update(update) => &mut update.source.ctes,
            Statement::Delete(delete) => &mut delete.source.ctes,
            Statement::Explain(_) => &mut [],
        }
    }

    /// Whether its WITH changes data.
    pub fn changes_in_with(&self) -> bool {
        self.ctes().iter().any(|cte| cte.change.is_some())
    }

    /// The columns of its result, if it has one.
    pub fn columns(&self) -> Option<Vec<OutputColumn>> {
        match self {
            Statement::Query(query) => Some(query.columns.clone()),
            Statement::Insert(insert) => returned(&insert.returning, |_| Some(&insert.relation)),
            Statement::Update(update) => {
                returned(&update.returning, |range| relation_of(&update.source, range))
            }
            Statement::Delete(delete) => {
                returned(&delete.returning, |range| relation_of(&delete.source, range))
            }
            Statement::Explain(explain) => Some(vec![OutputColumn {
                name: "QUERY PLAN".into(),
                ty: explain.options.column_type().into(),
                origin: (Oid::INVALID, 0),
            }]),
        }
    }
}

/// The columns that RETURNING makes; `relation` tells what a range is.
fn returned<'a>(
    targets: &[Target],
    relation: impl Fn(usize) -> Option<&'a Arc<Relation>>,
) -> Option<Vec<OutputColumn>> {
    let origin = |expr: &Expr| {
        let ExprKind::Column(ColumnRef { levels_up: 0, range, column }) = expr.kind else { return None };
        let relation = relation(range)?;
        Some((relation.oid, relation.columns.get(column)?.attnum))
    };
    let column = |target: &Target| OutputColumn {
        name: target.name.clone(),
        ty: target.expr.ty,
        origin: origin(&target.expr).unwrap_or_default(),
    };
    (!targets.is_empty()).then(|| targets.iter().map(column).collect())
}

fn relation_of(source: &Query, range: usize) -> Option<&Arc<Relation>> {
    let Body::Select(select) = &source.body else { return None };
    match &select.ranges.get(range)?.kind {
        RangeKind::Relation(relation) => Some(relation),
        _ => None,
    }
}

/// A statement that reads rows: `SELECT`, `VALUES`, `TABLE`, set operations, with what stands around them.
#[derive(Clone, Debug)]
pub struct Query {
    /// `WITH`, in order of definition.
    pub ctes: Vec<Cte>,
    /// What makes the rows.
    pub body: Body,
    /// `ORDER BY`.
    pub order_by: Vec<SortKey>,
    /// `LIMIT`: an `int8`; NULL means all.
    pub limit: Option<Expr>,
    /// `OFFSET`: an `int8`.
    pub offset: Option<Expr>,
    /// `FETCH FIRST … WITH TIES`.
    pub with_ties: bool,
    /// The columns of the result, as Describe tells them.
    pub columns: Vec<OutputColumn>,
}

impl Query {
    /// A query of its body alone.
    pub fn plain(body: Body, columns: Vec<OutputColumn>) -> Query {
        let (ctes, order_by) = (Vec::new(), Vec::new());
        Query { ctes, body, order_by, limit: None, offset: None, with_ties: false, columns }
    }
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// The name: an alias, a column's own, a function's, or `?column?` (PostgreSQL's `FigureColname`).
    pub name: Arc<str>,
    /// The type.
    pub ty: TypeRef,
    /// The relation and attribute number when it is a plain column of one (RowDescription), else invalid and 0.
    pub origin: (Oid, i16),
}

/// A common table expression.
#[derive(Clone, Debug)]
pub struct Cte {
    /// Its name.
    pub name: Arc<str>,
    /// Its columns.
    pub columns: Vec<RangeColumn>,
    /// Its query. In a recursive one the reference to itself is a [`RangeKind::Cte`] too.
    pub query: Query,
    /// `WITH RECURSIVE`, and it does refer to itself: the body is a UNION whose right side is the recursive term.
    pub recursive: bool,
    /// `MATERIALIZED`: yes, no, or not said.
    pub materialized: Option<bool>,
    /// It changes data, and its rows are what RETURNING makes: the query is one without rows. Only at the top of a
    /// statement; [`crate::write`] does it.
    pub change: Option<Box<Statement>>,
}

/// What makes the rows of a query.
#[derive(Clone, Debug)]
pub enum Body {
    /// `SELECT …`
    Select(Box<Select>),
    /// `UNION`, `INTERSECT`, `EXCEPT`
    SetOperation(Box<SetOperation>),
    /// `VALUES (…), (…)`: every row has as many expressions as the query has columns, already of their types
    Values(Vec<Vec<Expr>>),
}

/// One query block.
#[derive(Clone, Debug)]
pub struct Select {
    /// The entries of the FROM clause, by number.
    pub ranges: Vec<Range>,
    /// How they are joined; several entries stand for cross joins. Empty: no FROM.
    pub from: Vec<From>,
    /// `WHERE`, a `bool`.
    pub filter: Option<Expr>,
    /// `GROUP BY`, or aggregates without it.
    pub grouping: Option<Grouping>,
    /// `HAVING`, a `bool`.
    pub having: Option<Expr>,
    /// The windows that window functions refer to.
    pub windows: Vec<Window>,
    /// `DISTINCT`.
    pub distinct: Distinct,
    /// The select list, and behind it what only ORDER BY, GROUP BY or DISTINCT ON need (`junk`).
    pub targets: Vec<Target>,
}

impl Select {
    /// A block of FROM and a select list.
    pub fn plain(ranges: Vec<Range>, from: Vec<From>, targets: Vec<Target>) -> Select {
        let (windows, distinct) = (Vec::new(), Distinct::No);
        Select { ranges, from, filter: None, grouping: None, having: None, windows, distinct, targets }
    }
}

/// An entry of the select list.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its value.
    pub expr: Expr,
    /// Its output name.
    pub name: Arc<str>,
    /// Not part of the result.
    pub junk: bool,
}

impl Target {
    /// The column of the result, which is no relation's own.
    pub fn output(&self) -> OutputColumn {
        OutputColumn { name: self.name.clone(), ty: self.expr.ty, origin: (Oid::INVALID, 0) }
    }
}

/// `GROUP BY`. Targets, HAVING and sort keys above it contain aggregates, and expressions equal to a key.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// The grouping expressions (over the FROM clause), without duplicates.
    pub keys: Vec<GroupKey>,
    /// `GROUPING SETS`, `ROLLUP`, `CUBE` expanded: each a list of indexes into `keys`. `None`: one set of all keys.
    pub sets: Option<Vec<Vec<usize>>>,
}

/// A grouping expression and how it is compared.
#[derive(Clone, Debug)]
pub struct GroupKey {
    /// The expression.
    pub expr: Expr,
}

/// `DISTINCT`.
#[derive(Clone, Debug, Default)]
pub enum Distinct {
    /// Not asked for.
    #[default]
    No,
    /// Over all targets that are not junk.
    All,
    /// `DISTINCT ON`: indexes of targets.
    On(Vec<usize>),
}

/// A sort key: a target of the block (junk or not), or a column of a set operation or VALUES.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Index into `Select::targets`, or into `Query::columns` for other bodies.
    pub target: usize,
    /// `DESC`, or `USING >`.
    pub descending: bool,
    /// `NULLS FIRST`; PostgreSQL's default is `descending`.
    pub nulls_first: bool,
}

/// An entry of the range table.
#[derive(Clone, Debug)]
pub struct Range {
    /// The name it is known by.
    pub alias: Arc<str>,
    /// Its columns, hidden ones included, in the order of `Relation::columns` when it is a relation.
    pub columns: Vec<RangeColumn>,
    /// What it is.
    pub kind: RangeKind,
    /// It may refer to ranges left of it in the same FROM clause (as columns of level 1 inside a subquery, of level 0
    /// in a function's arguments).
    pub lateral: bool,
}

/// A column of a range.
#[derive(Clone, Debug)]
pub struct RangeColumn {
    /// Its name here, aliases applied.
    pub name: Arc<str>,
    /// Its type.
    pub ty: TypeRef,
    /// Nameable, but absent from `*`.
    pub hidden: bool,
}

/// What an entry of the range table is.
#[derive(Clone, Debug)]
pub enum RangeKind {
    /// A table: a mapping, or a relation of the catalog. (A view is a subquery.)
    Relation(Arc<Relation>),
    /// A subquery, or a view's.
    Subquery(Box<Query>),
    /// Functions in FROM (`ROWS FROM` when several), with `WITH ORDINALITY`.
    Function {
        /// The calls, usually one.
        calls: Vec<Expr>,
        /// Number of columns that each call contributes.
        widths: Vec<usize>,
        /// A last column counts the rows.
        ordinality: bool,
    },
    /// `(VALUES …) AS t`.
    Values(Vec<Vec<Expr>>),
    /// A reference to a common table expression: of the query that is `levels_up` blocks out, its `index`th.
    Cte {
        /// 0: of the query whose block this range is in. Levels count as for [`ColumnRef`].
        levels_up: usize,
        /// Index into `Query::ctes`.
        index: usize,
    },
}

impl Range {
    /// A relation under its own name.
    pub fn of_relation(relation: &Arc<Relation>) -> Range {
        let column =
            |c: &crate::catalog::Column| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: c.hidden };
        Range {
            alias: relation.name.clone(),
            columns: relation.columns.iter().map(column).collect(),
            kind: RangeKind::Relation(relation.clone()),
            lateral: false,
        }
    }

    /// A subquery with the columns that it has.
    pub fn of_subquery(alias: &str, query: Query) -> Range {
        let column = |c: &OutputColumn| RangeColumn { name: c.name.clone(), ty: c.ty, hidden: false };
        Range {
            alias: alias.into(),
            columns: query.columns.iter().map(column).collect(),
            kind: RangeKind::Subquery(Box::new(query)),
            lateral: false,
        }
    }
}

/// The shape of the FROM clause.
#[derive(Clone, Debug)]
pub enum From {
    /// A range by its number.
    Range(usize),
    /// A join. USING and NATURAL have become `on`; the merged columns are expressions where they are used.
    Join {
        /// Which join.
        kind: JoinKind,
        /// The left side.
        left: Box<From>,
        /// The right side.
        right: Box<From>,
        /// The condition; `None` for CROSS JOIN.
        on: Option<Expr>,
    },
}

/// The kinds of joins. Semi and Anti are made by the planner only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Semi,
    Anti,
}

/// `UNION`, `INTERSECT`, `EXCEPT`: both sides have the columns of the whole, already coerced.
#[derive(Clone, Debug)]
pub struct SetOperation {
    /// Which.
    pub kind: SetOperationKind,
    /// `ALL`: duplicates stay.
    pub all: bool,
    /// The left side.
    pub left: Query,
    /// The right side.
    pub right: Query,
}

/// See [`SetOperation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SetOperationKind {
    Union,
    Intersect,
    Except,
}

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
