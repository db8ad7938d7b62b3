//! What the tests build plans from: a catalog and a cluster of their own, and short words for expressions.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::executor::block_on;
use futures::future::BoxFuture;
use pg::{Env, Error, Oid, Result, Value, catalog, oid};

use crate::catalog::{Column, Name, Relation, RelationKind, Snapshot};
use crate::exec::{CancelToken, Context, run};
use crate::hazelcast::SqlType;
use crate::plan::{Plan, RemoteColumn, RemoteScan, SortBy};
use crate::query::{Aggregate, Call, CallForm, Expr, ExprKind, Operator};
use crate::remote::{Batch, Cluster, Pages};
use crate::session::Session;

/// The relation `t` of the tests' catalog.
pub(super) const T: Oid = Oid(50_000);

/// A catalog of one relation.
#[derive(Debug, Default)]
pub(super) struct TestCatalog {
    pub(super) rows: Vec<Vec<Value>>,
}

impl Snapshot for TestCatalog {
    fn relation(&self, _: Option<&Name>, _: &Name, _: &[Arc<str>]) -> Option<Arc<Relation>> {
        None
    }

    fn relation_by_oid(&self, _: Oid) -> Option<Arc<Relation>> {
        None
    }

    fn has_schema(&self, _: &str) -> bool {
        false
    }

    fn rows(&self, relation: Oid) -> Arc<[Vec<Value>]> {
        assert_eq!(relation, T);
        self.rows.clone().into()
    }

    fn version(&self) -> u64 {
        0
    }
}

/// A cluster that gives the same pages to every scan, and counts what is asked.
#[derive(Default)]
pub(super) struct TestCluster {
    pub(super) pages: Vec<Batch>,
    /// The scans, with their arguments.
    pub(super) opened: Mutex<Vec<(Arc<str>, Vec<Value>)>>,
    /// How many pages were fetched.
    pub(super) fetched: Arc<AtomicUsize>,
    /// Each page is waited for once.
    pub(super) slow: bool,
}

struct TestPages {
    pages: VecDeque<Batch>,
    fetched: Arc<AtomicUsize>,
    slow: bool,
}

impl Pages for TestPages {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        Box::pin(async {
            if self.slow {
                let mut waited = false;
                futures::future::poll_fn(|cx| {
                    if std::mem::replace(&mut waited, true) {
                        return std::task::Poll::Ready(());
                    }
                    cx.waker().wake_by_ref();
                    std::task::Poll::Pending
                })
                .await;
            }
            let page = self.pages.pop_front();
            if page.is_some() {
                self.fetched.fetch_add(1, Ordering::SeqCst);
            }
            Ok(page)
        })
    }
}

impl Cluster for TestCluster {
    fn open<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        args: Vec<(Value, SqlType)>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        let args = args.into_iter().map(|(value, _)| value).collect();
        self.opened.lock().unwrap().push((scan.sql.clone(), args));
        let pages = self.pages.clone().into();
        let pages = TestPages { pages, fetched: self.fetched.clone(), slow: self.slow };
        Box::pin(async { Ok(Box::new(pages) as Box<dyn Pages>) })
    }

    /// There is an entry for each even key, which is its only column.
    fn look_up<'a>(
        &'a self,
        scan: &'a Arc<RemoteScan>,
        keys: Vec<Vec<Value>>,
    ) -> BoxFuture<'a, Result<Box<dyn Pages>>> {
        self.opened.lock().unwrap().push((scan.sql.clone(), keys.concat()));
        let even = |key: &Vec<Value>| key[0].as_i64().is_some_and(|n| n % 2 == 0);
        let rows: Batch = keys.into_iter().filter(even).collect();
        let pages = TestPages { pages: vec![rows].into(), fetched: self.fetched.clone(), slow: self.slow };
        Box::pin(async { Ok(Box::new(pages) as Box<dyn Pages>) })
    }
}

pub(super) fn context() -> Context {
    with(TestCatalog::default(), Arc::new(TestCluster::default()))
}

pub(super) fn with(catalog: TestCatalog, cluster: Arc<TestCluster>) -> Context {
    Context {
        rows_before_errors: true,
        env: Env { transaction_timestamp: 86_400_000_000, ..Env::default() },
        params: Arc::new([]),
        snapshot: Arc::new(catalog),
        cluster,
        session: Arc::new(Session::default()),
        memory_limit: 64 << 20,
        observer: None,
        cancel: CancelToken::new(),
    }
}

/// All rows of a plan.
pub(super) fn rows_in(plan: &Plan, context: Context) -> Result<Batch> {
    block_on(run(plan, context)?.collect())
}

/// All rows of a plan that needs no catalog and no cluster.
pub(super) fn rows(plan: &Plan) -> Batch {
    rows_in(plan, context()).unwrap()
}

/// The error of a plan.
pub(super) fn error(plan: &Plan) -> Error {
    rows_in(plan, context()).unwrap_err()
}

/// The value of an expression.
pub(super) fn value(expr: Expr) -> Value {
    try_value(expr).unwrap()
}

pub(super) fn try_value(expr: Expr) -> Result<Value> {
    let plan = Plan::Project { input: Box::new(values(vec![vec![]])), exprs: vec![expr] };
    rows_in(&plan, context()).map(|mut rows| rows.remove(0).remove(0))
}

pub(super) fn values(rows: Vec<Vec<Expr>>) -> Plan {
    Plan::Values { rows }
}

/// Rows of one `int4` column.
pub(super) fn ints(items: &[Option<i32>]) -> Plan {
    values(items.iter().map(|item| vec![int(*item)]).collect())
}

/// Rows of two `int4` columns.
pub(super) fn pairs(items: &[(Option<i32>, Option<i32>)]) -> Plan {
    values(items.iter().map(|(a, b)| vec![int(*a), int(*b)]).collect())
}

pub(super) fn int(value: impl Into<Option<i32>>) -> Expr {
    Expr::constant(value.into().map_or(Value::Null, Value::Int4), oid::INT4)
}

pub(super) fn bigint(value: i64) -> Expr {
    Expr::constant(Value::Int8(value), oid::INT8)
}

pub(super) fn text(value: &str) -> Expr {
    Expr::constant(Value::text(value), oid::TEXT)
}

pub(super) fn null(ty: Oid) -> Expr {
    Expr::constant(Value::Null, ty)
}

pub(super) fn truth(value: Option<bool>) -> Expr {
    Expr::constant(value.map_or(Value::Null, Value::Bool), oid::BOOL)
}

pub(super) fn slot(at: usize) -> Expr {
    Expr::slot(at, oid::INT4)
}

pub(super) fn arg(at: usize) -> Expr {
    Expr::new(ExprKind::Arg(at), oid::INT4)
}

pub(super) fn boolean(kind: ExprKind) -> Expr {
    Expr::new(kind, oid::BOOL)
}

/// An operator over two types.
pub(super) fn operator(name: &str, ty: Oid) -> Operator {
    let row = catalog::operator_exact(name, ty, ty).unwrap();
    Operator { oid: row.oid, proc: row.code }
}

/// `left op right` over one type.
pub(super) fn op(left: Expr, name: &str, right: Expr) -> Expr {
    let row = catalog::operator_exact(name, left.ty.oid, right.ty.oid).unwrap();
    let call = Call {
        proc: row.code,
        args: vec![left, right],
        form: CallForm::Operator(row.oid),
        retset: false,
        variadic: false,
    };
    Expr::new(ExprKind::Call(Box::new(call)), row.result)
}

/// `name(args)` by its exact signature.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    let types: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
    let row = catalog::proc_by_signature(name, &types).unwrap();
    let (proc, retset, result) = (row.oid, row.returns_set, row.result);
    let call = Call { proc, args, form: CallForm::Function, retset, variadic: false };
    Expr::new(ExprKind::Call(Box::new(call)), result)
}

pub(super) fn aggregate(name: &str, types: &[Oid], args: Vec<Expr>) -> Aggregate {
    let row = catalog::proc_by_signature(name, types).unwrap();
    Aggregate {
        proc: row.oid,
        args,
        distinct: false,
        order_by: Vec::new(),
        filter: None,
        within_group: false,
    }
}

pub(super) fn by(expr: Expr) -> SortBy {
    SortBy { expr, descending: false, nulls_first: false }
}

/// The relation `t`: two `int4` columns.
pub(super) fn relation() -> Arc<Relation> {
    let column = |name: &str, attnum| Column {
        name: name.into(),
        ty: oid::INT4.into(),
        attnum,
        not_null: false,
        hidden: false,
        cluster_type: None,
        external_name: None,
    };
    Arc::new(Relation {
        oid: T,
        schema: "pg_catalog".into(),
        name: "t".into(),
        columns: vec![column("a", 1), column("b", 2)],
        kind: RelationKind::Catalog,
    })
}

/// A scan of the cluster with one `int4` column.
pub(super) fn remote(sql: &str) -> Plan {
    Plan::Remote(Arc::new(RemoteScan {
        sql: sql.into(),
        args: Vec::new(),
        columns: vec![RemoteColumn { cluster_type: SqlType::Integer, ty: oid::INT4.into() }],
        lookup: false,
        streaming: false,
        way: crate::plan::Way::Sql,
        reason: None,
        notes: Default::default(),
        guarded: false,
    }))
}

/// A column of `int4` values as it comes back.
pub(super) fn column(rows: &[Vec<Value>], at: usize) -> Vec<Option<i64>> {
    rows.iter().map(|row| row[at].as_i64()).collect()
}
