//! From a query to a plan: what the cluster does, and what is left for us.

use std::sync::Arc;

pub use cost::{COSTS, Columns, Costs, PARTITIONS_AT_A_TIME, SMALL, Scan};
pub use exact::{Example, Rule, pushdown_page, rules};
pub use explain::{ExplainOptions, Format, Measured, explain, hazelcast_plans};
pub(crate) use flatten::{references_in, references_in_expr, replace_in_expr, replace_references};
pub use keys::key_parts;
pub use piece::quote;
pub use search::{Found, IndexSearch, Sought};
pub use way::{EntryRead, KeyAccess, KeyPart, Keys, MapWays, Way, Ways, key_value};

mod bind;
mod block;
mod choose;
mod convert;
mod cost;
mod decorrelate;
mod distribute;
mod exact;
mod explain;
mod flatten;
mod fold;
mod from;
mod inline;
mod join_key;
mod join_order;
mod key_join;
mod keys;
mod lateral;
mod order;
mod outer;
mod piece;
mod planner;
mod push;
mod pushdown;
mod remote;
mod repeatable;
mod search;
mod share;
#[cfg(test)]
mod tests;
mod tree;
mod way;

use pg::TypeRef;

use crate::catalog::Relation;
use crate::hazelcast::SqlType;
use crate::query::{Aggregate, Expr, JoinKind, Query, SetOperationKind, Window, WindowCall};
use planner::Planner;

/// A tree of operators. Each yields rows; expressions name the places of their input's rows
/// ([`crate::query::ExprKind::Slot`]). A join's row is the left row followed by the right one.
#[derive(Clone, Debug)]
pub enum Plan {
    /// Rows of the cluster.
    Remote(Arc<RemoteScan>),
    /// Rows of a relation of the catalog: the columns named.
    Catalog {
        /// The relation.
        relation: Arc<Relation>,
        /// Indexes of columns.
        columns: Vec<usize>,
    },
    /// Rows of expressions; a FROM-less SELECT is one row of none.
    Values {
        /// The rows.
        rows: Vec<Vec<Expr>>,
    },
    /// Functions in FROM.
    Functions {
        /// The calls; their rows stand side by side, NULL where one is shorter.
        calls: Vec<Expr>,
        /// Number of columns of each.
        widths: Vec<usize>,
        /// A last column counts the rows.
        ordinality: bool,
    },
    /// The rows for which the condition is true.
    Filter {
        /// Where they come from.
        input: Box<Plan>,
        /// The condition.
        condition: Expr,
    },
    /// Each row made anew.
    Project {
        /// Where they come from.
        input: Box<Plan>,
        /// The new row.
        exprs: Vec<Expr>,
    },
    /// Each row made anew, with set-returning functions among the expressions: as many rows as the longest set.
    ProjectSet {
        /// Where they come from.
        input: Box<Plan>,
        /// The new row.
        exprs: Vec<Expr>,
    },
    /// A join of two inputs that don't know each other: by hashing when there are keys, else by nested loop.
    /// Semi and Anti yield left rows only.
    Join {
        /// Which join.
        kind: JoinKind,
        /// The outer, probing, side.
        left: Box<Plan>,
        /// The inner side, which is held in memory.
        right: Box<Plan>,
        /// Pairs of equal expressions, over the left and the right row, of one type, compared by its equality.
        keys: Vec<(Expr, Expr)>,
        /// What else must hold, over the joined row.
        condition: Option<Expr>,
        /// The right side's rows can be looked up by the keys instead, while there are few of them.
        look_ups: Option<LookUps>,
    },
    /// For each left row, the right side anew with values of that row as arguments (LATERAL).
    Apply {
        /// Inner, Left, Semi or Anti.
        kind: JoinKind,
        /// The outer side.
        left: Box<Plan>,
        /// The inner side.
        right: Box<Plan>,
        /// What [`crate::query::ExprKind::Arg`] means in it: expressions over the left row.
        args: Vec<Expr>,
        /// What must hold, over the joined row.
        condition: Option<Expr>,
    },
    /// Groups: yields the keys, then the aggregates, then, with grouping sets, the set's number as `int4`.
    Aggregate {
        /// Where the rows come from.
        input: Box<Plan>,
        /// The keys, over the input.
        keys: Vec<Expr>,
        /// Grouping sets: indexes into `keys`. `None`: one set of all keys. No keys and no sets: one row always.
        sets: Option<Vec<Vec<usize>>>,
        /// The aggregates; their arguments are over the input.
        aggregates: Vec<(Aggregate, TypeRef)>,
    },
    /// Window functions of one window: yields the input row followed by their values.
    Window {
        /// Where the rows come from.
        input: Box<Plan>,
        /// The window, over the input.
        window: Window,
        /// The calls; their arguments are over the input.
        calls: Vec<(WindowCall, TypeRef)>,
    },
    /// Rows in order.
    Sort {
        /// Where they come from.
        input: Box<Plan>,
        /// By what.
        keys: Vec<SortBy>,
        /// Only so many are wanted.
        limit: Option<Box<Expr>>,
    },
    /// `LIMIT`, `OFFSET`.
    Limit {
        /// Where the rows come from.
        input: Box<Plan>,
        /// `int8` or NULL, constant while executing.
        limit: Option<Expr>,
        /// `int8` or NULL, constant while executing.
        offset: Option<Expr>,
        /// `WITH TIES`: the input is sorted by these.
        ties: Option<Vec<SortBy>>,
    },
    /// The first row of each group of equal keys.
    Distinct {
        /// Where the rows come from.
        input: Box<Plan>,
        /// The keys; all columns when `None`.
        keys: Option<Vec<Expr>>,
    },
    /// Rows of one input after the other (UNION ALL).
    Append {
        /// The inputs, all of the same columns.
        inputs: Vec<Plan>,
    },
    /// `INTERSECT`, `EXCEPT` (`UNION` is Distinct over Append).
    SetOperation {
        /// Which.
        kind: SetOperationKind,
        /// `ALL`.
        all: bool,
        /// The left side.
        left: Box<Plan>,
        /// The right side, which is held in memory.
        right: Box<Plan>,
    },
    /// `WITH` around a plan: common table expressions that are computed once, when first asked.
    With {
        /// The definitions, by number.
        ctes: Vec<CtePlan>,
        /// What uses them.
        input: Box<Plan>,
    },
    /// Rows of a common table expression; of a recursive one inside itself, the rows of the last round.
    CteScan {
        /// The number, unique in the whole plan.
        id: usize,
        /// Which of its columns; all when `None`.
        columns: Option<Vec<usize>>,
    },
}

/// How the right side of an inner or left join is looked up by the keys of the join, which are the parts of a map's key
/// in their order.
#[derive(Clone, Debug)]
pub struct LookUps {
    /// The rows by keys that are given: of the same columns as the right side, which has been filtered.
    pub scan: Arc<RemoteScan>,
    /// The places of the key's parts in a right row.
    pub parts: Vec<usize>,
    /// With more different keys, the right side is read as a whole.
    pub most: usize,
    /// All left rows are taken first then, and of the right side only what they ask for is held.
    pub left_first: bool,
}

/// A common table expression's plan.
#[derive(Clone, Debug)]
pub struct CtePlan {
    /// The number that [`Plan::CteScan`] names.
    pub id: usize,
    /// The query, or the non-recursive term.
    pub plan: Plan,
    /// The recursive term, and whether duplicates stay (`UNION ALL`).
    pub recursive: Option<(Plan, bool)>,
}

/// A sort key of a plan. Compared by the type's default order.
#[derive(Clone, Debug)]
pub struct SortBy {
    /// The expression.
    pub expr: Expr,
    /// `DESC`.
    pub descending: bool,
    /// `NULLS FIRST`.
    pub nulls_first: bool,
}

/// Rows that the cluster answers: by a statement, or in another way that gives the same rows.
#[derive(Clone, Debug)]
pub struct RemoteScan {
    /// Hazelcast SQL with `?` for each argument.
    pub sql: Arc<str>,
    /// The arguments in order; behind them those of an index search ([`RemoteScan::sql_args`]).
    pub args: Vec<RemoteArg>,
    /// The columns that come back.
    pub columns: Vec<RemoteColumn>,
    /// At most one row by its key, which is the one argument: fast, leaves no cursor. A NULL key must not be sent
    /// (Hazelcast refuses it): there are no rows then.
    pub lookup: bool,
    /// The rows never end.
    pub streaming: bool,
    /// The way in which the rows come.
    pub way: Way,
    /// The cluster may fail because of what it meets in the rows where PostgreSQL does not fail, or says it otherwise.
    /// Then the rows are computed here.
    pub guarded: bool,
    /// Why, where there was a choice.
    pub reason: Option<Arc<str>>,
    /// What EXPLAIN says of it.
    pub notes: Notes,
}

/// What is said of a remote part besides what it is.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Why the cluster does no more of the block.
    pub cut: Option<Arc<str>>,
    /// All of so many entries of a map are sent.
    pub pulls: Option<u64>,
}

/// An argument of a statement that the cluster answers.
#[derive(Clone, Debug)]
pub struct RemoteArg {
    /// Its value: an expression that is constant while the statement runs (constants, parameters,
    /// [`crate::query::ExprKind::Arg`], stable functions).
    pub expr: Expr,
    /// The type that Hazelcast wants.
    pub cluster_type: SqlType,
    /// What is done to the value before it is sent ([`RemoteArg::bind`]).
    pub form: ArgForm,
}

/// What makes an argument mean in Hazelcast what it means in PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgForm {
    /// Sent as it is.
    Plain,
    /// A floating-point zero is sent as -0.0: the lower of the two zeros that Hazelcast distinguishes.
    LowerZero,
    /// A floating-point zero is sent as +0.0.
    UpperZero,
    /// A LIKE pattern with backslash as its escape: an escape before an ordinary character is dropped, since
    /// Hazelcast allows it only before `%`, `_` and itself.
    LikePattern,
    /// `LIMIT`: NULL is sent as the largest number (an INTEGER); negative is 2201W.
    Limit,
    /// `OFFSET`: NULL is sent as 0; negative is 2201X.
    Offset,
}

/// A column that comes from the cluster.
#[derive(Clone, Copy, Debug)]
pub struct RemoteColumn {
    /// What Hazelcast sends.
    pub cluster_type: SqlType,
    /// What it is for us. The value is converted without loss, or the query fails with 22003.
    pub ty: TypeRef,
}

/// A subquery of an expression, planned.
#[derive(Clone, Debug)]
pub struct SubPlan {
    /// What is made of its rows; operators and left operands are over the row outside.
    pub kind: crate::query::SubqueryKind,
    /// The plan. [`crate::query::ExprKind::Arg`] in it means `args`.
    pub plan: Plan,
    /// Values of the row outside; none: the subquery is run once.
    pub args: Vec<Expr>,
    /// Number the executor keeps its state by, unique in the whole plan.
    pub id: usize,
}

/// How much the cluster is asked to compute (`hazelgres.pushdown`). Answers do not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pushdown {
    /// What is exact there and seems cheaper there.
    #[default]
    Cost,
    /// Nothing: the cluster sends rows.
    None,
    /// All that is exact there.
    All,
}

impl Pushdown {
    /// By the value of the setting.
    pub fn named(name: &str) -> Pushdown {
        match name {
            "none" => Pushdown::None,
            "full" => Pushdown::All,
            _ => Pushdown::Cost,
        }
    }
}

/// What the plan of a query depends on besides the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How much the cluster is asked to compute.
    pub pushdown: Pushdown,
    /// The ways that may be gone to the rows.
    pub ways: Ways,
    /// Those to the rows of some maps, in place of `ways`.
    pub map_ways: Option<Arc<MapWays>>,
    /// The most bytes of a map that are read by its entries.
    pub max_pull: Option<u64>,
    /// What the ways cost.
    pub costs: Arc<Costs>,
    /// Nothing is asked of the cluster that it may refuse because of what it meets ([`Plan::may_be_refused`]).
    pub safe: bool,
}

/// Plans a query.
pub fn plan(query: &Query, env: &pg::Env) -> pg::Result<Plan> {
    plan_with(query, env, Options::default())
}

/// Plans a query with options.
pub fn plan_with(query: &Query, env: &pg::Env, options: Options) -> pg::Result<Plan> {
    if query.ctes.iter().any(|cte| cte.change.is_some()) {
        return Err(pg::Error::refused("a data-modifying statement in WITH here"));
    }
    let mut query = query.clone();
    decorrelate::simplify_exists(&mut query);
    fold::fold_query(&mut query, env)?;
    flatten::flatten(&mut query);
    crate::interrupts::check()?;
    let readers = share::Readers::of(&query);
    let (plan, next_cte) = Planner::plan(&query, &options, readers.clone())?;
    let found = share::Readers::of_plan(&plan);
    let (plan, next_cte) = match found.fall_short_of(&readers) {
        true => Planner::plan(&query, &options, found)?,
        false => (plan, next_cte),
    };
    Ok(share::share(plan, next_cte))
}
