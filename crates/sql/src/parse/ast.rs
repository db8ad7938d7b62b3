//! Syntax trees: what was written, before it means anything (PostgreSQL's `parsenodes.h`). Positions are characters
//! from 1 in the text that was parsed; 0 is no position.

use std::sync::Arc;

use crate::catalog::Name;

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its own position as PostgreSQL's grammar takes it: for operators that of the operator, for `::` that of the
    /// two colons.
    pub pos: u32,
}

/// A constant.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum Literal {
    Integer(i32),
    /// Any other number.
    Number(Arc<str>),
    String(Arc<str>),
    /// With `b` or `x` before the digits.
    Bits(Arc<str>),
    Bool(bool),
    Null,
}

/// A name of an operator, with its schema when written `OPERATOR(schema.op)`.
#[derive(Clone, Debug)]
pub struct OperatorName {
    /// The schema.
    pub schema: Option<Name>,
    /// The symbol.
    pub name: Arc<str>,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `a`, `a.b`, `a.b.c`
    Column(Vec<Name>),
    /// `*`, `a.*`
    Star(Vec<Name>),
    /// `$n`, from 0
    Param(usize),
    /// A constant.
    Const(Literal),
    /// `CAST(x AS t)`, `x::t`, `t 'x'`
    Cast(Box<Expr>, TypeName),
    /// `a + b`, `- a`
    Operator {
        /// Which.
        op: OperatorName,
        /// None for a prefix operator.
        left: Option<Box<Expr>>,
        /// The right operand.
        right: Box<Expr>,
    },
    /// `a op ANY (array)`, `a op ALL (array)`
    AnyArray {
        /// The operator.
        op: OperatorName,
        /// `ALL`
        all: bool,
        /// The left operand.
        left: Box<Expr>,
        /// The array.
        array: Box<Expr>,
    },
    /// `a IS [NOT] DISTINCT FROM b`
    Distinct(Box<Expr>, Box<Expr>, bool),
    /// `NULLIF(a, b)`
    NullIf(Box<Expr>, Box<Expr>),
    /// `a [NOT] IN (list)`
    In {
        /// The operand.
        left: Box<Expr>,
        /// The items.
        list: Vec<Expr>,
        /// `NOT IN`
        negated: bool,
    },
    /// `a [NOT] BETWEEN [SYMMETRIC] b AND c`
    Between {
        /// a, b, c
        operands: Box<[Expr; 3]>,
        /// `NOT`
        negated: bool,
        /// `SYMMETRIC`
        symmetric: bool,
    },
    /// Two or more.
    And(Vec<Expr>),
    /// Two or more.
    Or(Vec<Expr>),
    /// `NOT a`
    Not(Box<Expr>),
    /// `a IS [NOT] NULL`
    IsNull(Box<Expr>, bool),
    /// `a IS [NOT] TRUE`, `FALSE`, `UNKNOWN` (None)
    BooleanTest(Box<Expr>, Option<bool>, bool),
    /// A function call, also those with their own syntax.
    Func(Box<FuncCall>),
    /// `CASE`
    Case {
        /// `CASE operand`
        operand: Option<Box<Expr>>,
        /// `WHEN a THEN b`
        arms: Vec<CaseArm>,
        /// `ELSE`
        otherwise: Option<Box<Expr>>,
    },
    /// `COALESCE`
    Coalesce(Vec<Expr>),
    /// `GREATEST` (true), `LEAST`
    MinMax(bool, Vec<Expr>),
    /// `CURRENT_DATE` and its relatives, with a precision.
    SqlValue(SqlValue, Option<i32>),
    /// `ARRAY[…]`
    Array(Vec<Expr>),
    /// `ROW(…)`, `(a, b)`
    Row(Vec<Expr>),
    /// `(SELECT …)` and what is done with it.
    Subquery(SubqueryKind, Box<Query>),
    /// `(a).b`, `a[1]`, `(a).*`
    Indirection(Box<Expr>, Vec<Indirection>),
    /// `a COLLATE c`
    Collate(Box<Expr>, Vec<Name>),
    /// `GROUPING(…)`
    Grouping(Vec<Expr>),
    /// `DEFAULT`
    Default,
    /// What PostgreSQL understands and we refuse.
    Refused(&'static str),
}

/// The functions without parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum SqlValue {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

/// `WHEN a THEN b`
#[derive(Clone, Debug)]
pub struct CaseArm {
    /// What is tested, or compared with the operand.
    pub condition: Expr,
    /// The value.
    pub result: Expr,
    /// The position of the word WHEN.
    pub pos: u32,
}

/// What is done with a subquery in an expression.
#[derive(Clone, Debug)]
pub enum SubqueryKind {
    /// Its one value.
    Scalar,
    /// `EXISTS`
    Exists,
    /// `ARRAY(…)`
    Array,
    /// `a op ANY (…)`, `a IN (…)`
    Quantified {
        /// The left operand.
        left: Box<Expr>,
        /// The operator; none was written for `IN`.
        op: Option<OperatorName>,
        /// `ALL`
        all: bool,
    },
}

/// A step into a value.
#[derive(Clone, Debug)]
pub enum Indirection {
    /// `.name`
    Field(Name),
    /// `.*`
    Star,
    /// `[i]`
    Index(Expr),
    /// `[i:j]`
    Slice(Option<Expr>, Option<Expr>),
}

/// A function call.
#[derive(Clone, Debug)]
pub struct FuncCall {
    /// The name, with its schema.
    pub name: Vec<Name>,
    /// The arguments.
    pub args: Vec<FuncArg>,
    /// `f(*)`
    pub star: bool,
    /// `f(DISTINCT …)`
    pub distinct: bool,
    /// `VARIADIC` before the last argument.
    pub variadic: bool,
    /// `f(… ORDER BY …)`
    pub order_by: Vec<SortBy>,
    /// The order is that of `WITHIN GROUP`.
    pub within_group: bool,
    /// `FILTER (WHERE …)`
    pub filter: Option<Expr>,
    /// `OVER …`
    pub over: Option<WindowDef>,
    /// It was not written as a call: a function of `pg_catalog` behind a syntax of its own.
    pub special: bool,
}

impl FuncCall {
    /// A call of nothing but a name and arguments.
    pub fn plain(name: Vec<Name>, args: Vec<FuncArg>) -> FuncCall {
        FuncCall {
            name,
            args,
            star: false,
            distinct: false,
            variadic: false,
            order_by: Vec::new(),
            within_group: false,
            filter: None,
            over: None,
            special: false,
        }
    }
}

/// An argument.
#[derive(Clone, Debug)]
pub struct FuncArg {
    /// `name => value`
    pub name: Option<Name>,
    /// The value.
    pub expr: Expr,
}

/// A sort key.
#[derive(Clone, Debug)]
pub struct SortBy {
    /// The expression.
    pub expr: Expr,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST` (true), `NULLS LAST`
    pub nulls_first: Option<bool>,
    /// `USING op`, with its position
    pub using: Option<(OperatorName, u32)>,
}

/// A window definition or reference.
#[derive(Clone, Debug)]
pub struct WindowDef {
    /// `OVER name`, or `WINDOW name AS`
    pub name: Option<Name>,
    /// `OVER (name …)`
    pub base: Option<Name>,
    /// `PARTITION BY`
    pub partition_by: Vec<Expr>,
    /// `ORDER BY`
    pub order_by: Vec<SortBy>,
    /// The frame, when written.
    pub frame: Option<Frame>,
    /// Its position.
    pub pos: u32,
}

/// A window frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `ROWS`, `RANGE`, `GROUPS`
    pub unit: crate::query::FrameUnit,
    /// Its start.
    pub start: FrameBound,
    /// Its end.
    pub end: FrameBound,
    /// `EXCLUDE`
    pub exclude: crate::query::FrameExclude,
}

/// A bound of a window frame.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Expr),
    CurrentRow,
    Following(Expr),
    UnboundedFollowing,
}

/// A type as it was written.
#[derive(Clone, Debug)]
pub struct TypeName {
    /// Its name; SQL's own words have become `pg_catalog`'s names.
    pub names: Vec<Name>,
    /// `SETOF`
    pub setof: bool,
    /// `%TYPE`
    pub percent_type: bool,
    /// The modifiers.
    pub typmods: Vec<Expr>,
    /// How many `[]`.
    pub array_dims: usize,
    /// Its position.
    pub pos: u32,
}

/// `SELECT`, `VALUES`, set operations, with what stands around them.
#[derive(Clone, Debug)]
pub struct Query {
    /// `WITH`
    pub with: Option<With>,
    /// What makes the rows.
    pub body: QueryBody,
    /// `ORDER BY`
    pub order_by: Vec<SortBy>,
    /// `LIMIT`; `LIMIT ALL` is a NULL
    pub limit: Option<Expr>,
    /// `OFFSET`
    pub offset: Option<Expr>,
    /// `WITH TIES`
    pub with_ties: bool,
    /// `FOR UPDATE` and its relatives: their words
    pub locking: Vec<Locking>,
    /// Its position.
    pub pos: u32,
}

/// `FOR UPDATE …`
#[derive(Clone, Debug)]
pub struct Locking {
    /// `UPDATE`, `NO KEY UPDATE`, `SHARE`, `KEY SHARE`
    pub strength: &'static str,
    /// `OF` these
    pub tables: Vec<RelationName>,
}

/// `WITH`
#[derive(Clone, Debug)]
pub struct With {
    /// `RECURSIVE`
    pub recursive: bool,
    /// The definitions.
    pub ctes: Vec<Cte>,
}

/// A common table expression.
#[derive(Clone, Debug)]
pub struct Cte {
    /// Its name.
    pub name: Name,
    /// Names for its columns.
    pub columns: Vec<Name>,
    /// `MATERIALIZED`, `NOT MATERIALIZED`
    pub materialized: Option<bool>,
    /// Its statement.
    pub statement: Box<Statement>,
    /// `SEARCH`
    pub search: Option<Search>,
    /// `CYCLE`
    pub cycle: Option<Cycle>,
    /// Its position.
    pub pos: u32,
}

/// `SEARCH DEPTH|BREADTH FIRST BY columns SET sequence`
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Search {
    pub breadth_first: bool,
    pub by: Vec<Name>,
    pub sequence: Name,
    pub pos: u32,
}

/// `CYCLE columns SET mark [TO value DEFAULT value] USING path`
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Cycle {
    pub columns: Vec<Name>,
    pub mark: Name,
    pub values: Option<(Expr, Expr)>,
    pub path: Name,
    pub pos: u32,
}

/// What makes the rows of a query.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum QueryBody {
    Select(Box<Select>),
    Values(Vec<Vec<Expr>>),
    SetOperation { kind: crate::query::SetOperationKind, all: bool, left: Box<Query>, right: Box<Query> },
}

/// One block.
#[derive(Clone, Debug, Default)]
pub struct Select {
    /// `DISTINCT`; with expressions, `DISTINCT ON`
    pub distinct: Option<Vec<Expr>>,
    /// The select list.
    pub targets: Vec<Target>,
    /// `INTO`, with its position
    pub into: Option<u32>,
    /// `FROM`
    pub from: Vec<TableRef>,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `GROUP BY`
    pub group_by: Vec<GroupItem>,
    /// `GROUP BY DISTINCT`
    pub group_distinct: bool,
    /// `HAVING`
    pub having: Option<Expr>,
    /// `WINDOW`
    pub windows: Vec<WindowDef>,
}

/// An entry of a select list.
#[derive(Clone, Debug)]
pub struct Target {
    /// `AS name`
    pub name: Option<Name>,
    /// The expression.
    pub expr: Expr,
    /// Its position.
    pub pos: u32,
}

/// An item of GROUP BY.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum GroupItem {
    Expr(Expr),
    /// `()`
    Empty,
    Rollup(Vec<Expr>, u32),
    Cube(Vec<Expr>, u32),
    Sets(Vec<GroupItem>, u32),
}

/// `AS t (a, b)`
#[derive(Clone, Debug)]
pub struct Alias {
    /// The name.
    pub name: Name,
    /// Names for columns.
    pub columns: Vec<Name>,
}

/// A column definition behind a function in FROM.
#[derive(Clone, Debug)]
pub struct ColumnDef {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeName,
    /// Its position.
    pub pos: u32,
}

/// A table, with its schema.
#[derive(Clone, Debug)]
pub struct RelationName {
    /// `database.schema.name`
    pub catalog: Option<Name>,
    /// The schema.
    pub schema: Option<Name>,
    /// The name.
    pub name: Name,
    /// Its position.
    pub pos: u32,
}

impl RelationName {
    /// Of one to three names.
    pub(super) fn of(names: &[Name], pos: u32) -> Option<RelationName> {
        let (name, before) = names.split_last()?;
        let (schema, before) = before.split_last().map_or((None, before), |(last, rest)| (Some(last), rest));
        let (catalog, before) = before.split_last().map_or((None, before), |(last, rest)| (Some(last), rest));
        let (catalog, schema, name) = (catalog.cloned(), schema.cloned(), name.clone());
        before.is_empty().then_some(RelationName { catalog, schema, name, pos })
    }
}

/// An item of FROM.
#[derive(Clone, Debug)]
pub enum TableRef {
    /// A table, a view, or a common table expression.
    Relation {
        /// Its name.
        name: RelationName,
        /// Its alias.
        alias: Option<Alias>,
        /// `TABLESAMPLE`
        sampled: bool,
    },
    /// `(SELECT …) AS t`
    Subquery {
        /// `LATERAL`
        lateral: bool,
        /// The query.
        query: Box<Query>,
        /// Its alias.
        alias: Option<Alias>,
        /// The position of its parenthesis.
        pos: u32,
    },
    /// `f(x) WITH ORDINALITY AS t (…)`, `ROWS FROM (…)`
    Function {
        /// `LATERAL`
        lateral: bool,
        /// The calls, each with its own column definitions inside ROWS FROM.
        calls: Vec<(Expr, Vec<ColumnDef>)>,
        /// `ROWS FROM`
        rows_from: bool,
        /// `WITH ORDINALITY`
        ordinality: bool,
        /// Its alias.
        alias: Option<Alias>,
        /// `AS t (a int, b text)`
        columns: Vec<ColumnDef>,
        /// Its position.
        pos: u32,
    },
    /// A join.
    Join(Box<Join>),
    /// What PostgreSQL understands and we refuse, with its position.
    Refused(&'static str, u32),
}

/// A join.
#[derive(Clone, Debug)]
pub struct Join {
    /// Its kind.
    pub kind: crate::query::JoinKind,
    /// `NATURAL`
    pub natural: bool,
    /// The left side.
    pub left: TableRef,
    /// The right side.
    pub right: TableRef,
    /// `ON`
    pub on: Option<Expr>,
    /// `USING`, with an alias of its own.
    pub using: Option<(Vec<Name>, Option<Name>)>,
    /// `(a JOIN b) AS t`
    pub alias: Option<Alias>,
    /// The position of the word JOIN.
    pub pos: u32,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// `SELECT`, `VALUES`, `TABLE`
    Query(Box<Query>),
    /// `INSERT INTO`, `SINK INTO`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE FROM`
    Delete(Box<Delete>),
    /// `TRUNCATE`
    Truncate(Vec<RelationName>),
    /// `EXPLAIN`
    Explain(Box<Explain>),
    /// What concerns the session, its transactions, cursors and prepared statements.
    Session(Box<super::session::SessionStatement>),
    /// `DROP VIEW`
    DropViews(Box<DropViews>),
    /// A statement of Hazelcast's own.
    Hazelcast(Box<super::hazelcast::HazelcastStatement>),
    /// What PostgreSQL understands and we refuse: what it is called in the message of the 0A000.
    Refused(String),
}

/// `DROP VIEW`
#[derive(Clone, Debug)]
pub struct DropViews {
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Which.
    pub views: Vec<RelationName>,
    /// `CASCADE`: what depends on them, too.
    pub cascade: bool,
}

/// `INSERT`
#[derive(Clone, Debug)]
pub struct Insert {
    /// `WITH`
    pub with: Option<With>,
    /// Hazelcast's `SINK INTO`: existing entries are replaced.
    pub sink: bool,
    /// The table.
    pub relation: RelationName,
    /// `AS t`
    pub alias: Option<Name>,
    /// The columns named.
    pub columns: Vec<InsertColumn>,
    /// `VALUES` or a query; `None` is DEFAULT VALUES.
    pub source: Option<Box<Query>>,
    /// `ON CONFLICT`
    pub on_conflict: Option<OnConflict>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// `ON CONFLICT`
#[derive(Clone, Debug)]
pub struct OnConflict {
    /// Which constraint; any when it is not said.
    pub target: Option<ConflictTarget>,
    /// `DO UPDATE SET … WHERE …`; `None` is DO NOTHING.
    pub update: Option<(Vec<Assignment>, Option<Expr>)>,
    /// Its position.
    pub pos: u32,
}

/// How ON CONFLICT names a constraint.
#[derive(Clone, Debug)]
pub enum ConflictTarget {
    /// `(a, b) WHERE …`
    Columns(Vec<ConflictColumn>, Option<Expr>),
    /// `ON CONSTRAINT name`
    Constraint(Name),
}

/// An `index_elem` of ON CONFLICT.
#[derive(Clone, Debug)]
pub struct ConflictColumn {
    /// The column, or an expression.
    pub expr: Expr,
    /// What is said behind it and not allowed here: `ASC/DESC`, `NULLS FIRST/LAST`.
    pub ordering: Option<&'static str>,
}

/// A target column.
#[derive(Clone, Debug)]
pub struct InsertColumn {
    /// Its name.
    pub name: Name,
    /// A field or element of it is meant.
    pub part: Option<ColumnPart>,
    /// Its position.
    pub pos: u32,
}

/// A part of a column that is to be written.
#[derive(Clone, Debug)]
pub enum ColumnPart {
    /// `c.f`
    Field(Name),
    /// `c[1]`
    Element,
}

/// `UPDATE`
#[derive(Clone, Debug)]
pub struct Update {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub relation: RelationName,
    /// `AS t`
    pub alias: Option<Name>,
    /// `SET`
    pub assignments: Vec<Assignment>,
    /// `FROM`
    pub from: Vec<TableRef>,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// `a = x`, `(a, b) = (x, y)`
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The columns; one unless they were in parentheses.
    pub columns: Vec<InsertColumn>,
    /// They were in parentheses.
    pub multiple: bool,
    /// The value.
    pub value: Expr,
}

/// `DELETE`
#[derive(Clone, Debug)]
pub struct Delete {
    /// `WITH`
    pub with: Option<With>,
    /// The table.
    pub relation: RelationName,
    /// `AS t`
    pub alias: Option<Name>,
    /// `USING`
    pub using: Vec<TableRef>,
    /// `WHERE`
    pub filter: Option<Expr>,
    /// `RETURNING`
    pub returning: Vec<Target>,
}

/// `(ANALYZE, FORMAT JSON)`
#[derive(Clone, Debug)]
pub struct ExplainOption {
    /// Its name, in lower case.
    pub name: String,
    /// Its value: words in lower case, strings as written.
    pub value: Option<String>,
    /// Its position.
    pub pos: u32,
}

/// `EXPLAIN`
#[derive(Clone, Debug)]
pub struct Explain {
    /// Hazelcast's `EXPLAIN PLAN FOR`.
    pub plan_for: bool,
    /// The options.
    pub options: Vec<ExplainOption>,
    /// What is explained.
    pub statement: Statement,
}

impl Expr {
    /// The position of its first token, as far as its parts tell (`exprLocation`).
    pub fn location(&self) -> u32 {
        let first = match &self.kind {
            ExprKind::Operator { left: Some(left), .. }
            | ExprKind::AnyArray { left, .. }
            | ExprKind::In { left, .. }
            | ExprKind::Distinct(left, ..)
            | ExprKind::IsNull(left, _)
            | ExprKind::BooleanTest(left, ..)
            | ExprKind::Cast(left, _)
            | ExprKind::Collate(left, _)
            | ExprKind::Subquery(SubqueryKind::Quantified { left, .. }, _) => left.location(),
            ExprKind::Between { operands, .. } => operands[0].location(),
            ExprKind::And(items) | ExprKind::Or(items) => items.first().map_or(0, Expr::location),
            ExprKind::Func(call) if call.special => {
                call.args.iter().map(|a| a.expr.location()).min().unwrap_or(0)
            }
            _ => 0,
        };
        if first == 0 { self.pos } else { first.min(self.pos) }
    }

    /// An expression.
    pub fn new(kind: ExprKind, pos: u32) -> Expr {
        Expr { kind, pos }
    }
}

impl Query {
    /// A query of nothing but a body.
    pub fn of(body: QueryBody, pos: u32) -> Query {
        Query {
            with: None,
            body,
            order_by: Vec::new(),
            limit: None,
            offset: None,
            with_ties: false,
            locking: Vec::new(),
            pos,
        }
    }
}
