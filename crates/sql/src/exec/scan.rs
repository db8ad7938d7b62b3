//! The leaves: the cluster, the catalog, VALUES, functions.

use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt};
use pg::{Error, Result, Value};

use super::batch::full;
use super::compile::{Compiler, Subqueries};
use super::eval::{Op, eval_all};
use super::frame::{Frame, Pace};
use super::later::Later;
use super::observe::Seen;
use super::sets::{SetCall, SetRows, side_by_side};
use super::stream::{BATCH, BoxNode, BoxOperator, Node, Operator};
use crate::catalog::Relation;
use crate::plan::{Keys, RemoteScan, Way};
use crate::query::Expr;
use crate::remote::{Batch, Pages};

/// A scan of the cluster.
pub(super) struct RemoteNode {
    scan: Arc<RemoteScan>,
    args: Args,
    subqueries: Subqueries,
    /// Where the bytes are counted that come.
    seen: Option<Arc<Seen>>,
}

/// What a scan is opened with.
enum Args {
    /// The values of the statement's arguments.
    Statement(Vec<Op>),
    /// Keys, each with its parts.
    Keys(Vec<Vec<Op>>),
    /// An array of keys.
    Array(Op),
}

impl Args {
    fn compile(compiler: &mut Compiler, scan: &RemoteScan) -> Result<Args> {
        let Way::Keys(access) = &scan.way else {
            return compiler.exprs(scan.args.iter().map(|arg| &arg.expr)).map(Args::Statement);
        };
        Ok(match &access.keys {
            Keys::List(keys) => {
                Args::Keys(keys.iter().map(|key| compiler.exprs(key)).collect::<Result<_>>()?)
            }
            Keys::Array(array) => Args::Array(compiler.expr(array)?),
            Keys::Given => return Err(Error::internal("a scan by given keys stands alone")),
        })
    }
}

impl RemoteNode {
    pub(super) fn compile(
        compiler: &mut Compiler,
        scan: &Arc<RemoteScan>,
        seen: Option<Arc<Seen>>,
    ) -> Result<BoxNode> {
        let (args, subqueries) = compiler.over(|c| Args::compile(c, scan))?;
        Ok(Arc::new(RemoteNode { scan: scan.clone(), args, subqueries, seen }))
    }
}

impl Node for RemoteNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        Box::new(Remote { node: self, frame: frame.clone(), pages: RemotePages::Closed })
    }
}

struct Remote {
    node: Arc<RemoteNode>,
    frame: Frame,
    pages: RemotePages,
}

enum RemotePages {
    Closed,
    Open(Box<dyn Pages>),
    Done,
}

impl Remote {
    async fn pages(&mut self) -> Result<Option<Box<dyn Pages>>> {
        let node = &self.node;
        node.subqueries.prepare(&self.frame).await?;
        let scope = self.frame.scope(&[]);
        let ops = match (&node.args, &node.scan.way) {
            (Args::Statement(ops), _) => ops,
            (Args::Keys(keys), Way::Keys(access)) => {
                let keys: Vec<Vec<Value>> =
                    keys.iter().map(|key| eval_all(key, &scope)).collect::<Result<_>>()?;
                return look_up(node, &self.frame, access.distinct(&keys)).await;
            }
            (Args::Array(array), Way::Keys(access)) => {
                let keys = access.elements(&array.eval(&scope)?)?;
                return look_up(node, &self.frame, keys).await;
            }
            _ => return Err(Error::internal("keys without a way by them")),
        };
        let values = eval_all(ops, &scope)?;
        if node.scan.lookup && values.iter().any(Value::is_null) {
            return Ok(None);
        }
        let mut args = Vec::with_capacity(values.len());
        for (arg, value) in node.scan.args.iter().zip(values) {
            args.push((arg.bind(value)?, arg.cluster_type));
        }
        self.frame.run.cluster()?.open(&node.scan, args).await.map(Some)
    }
}

async fn look_up(node: &RemoteNode, frame: &Frame, keys: Vec<Vec<Value>>) -> Result<Option<Box<dyn Pages>>> {
    if keys.is_empty() {
        return Ok(None);
    }
    frame.run.cluster()?.look_up(&node.scan, keys).await.map(Some)
}

impl Operator for Remote {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async move {
            if let RemotePages::Closed = self.pages {
                self.pages = self.pages().await?.map_or(RemotePages::Done, RemotePages::Open);
            }
            let RemotePages::Open(pages) = &mut self.pages else { return Ok(None) };
            while let Some(batch) = pages.next().await? {
                self.frame.run.cancel.check()?;
                if let Some(seen) = &self.node.seen {
                    seen.bytes.fetch_add(pages.last_bytes(), std::sync::atomic::Ordering::Relaxed);
                }
                if !batch.is_empty() {
                    return Ok(Some(batch));
                }
            }
            self.pages = RemotePages::Done;
            Ok(None)
        }
        .boxed()
    }
}

/// A relation of the catalog, and perhaps a condition over its rows.
pub(super) struct CatalogNode {
    relation: Arc<Relation>,
    columns: Vec<usize>,
    filter: Option<(Op, Subqueries)>,
}

impl CatalogNode {
    pub(super) fn compile(
        relation: &Arc<Relation>,
        columns: &[usize],
        filter: Option<(Op, Subqueries)>,
    ) -> BoxNode {
        Arc::new(CatalogNode { relation: relation.clone(), columns: columns.to_vec(), filter })
    }
}

impl Node for CatalogNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let rows = Arc::new([]);
        Box::new(Catalog {
            node: self,
            frame: frame.clone(),
            rows,
            started: false,
            at: 0,
            pace: frame.pace(),
            later: Later::new(frame),
        })
    }
}

struct Catalog {
    node: Arc<CatalogNode>,
    frame: Frame,
    rows: Arc<[Vec<Value>]>,
    started: bool,
    at: usize,
    pace: Pace,
    later: Later,
}

impl Catalog {
    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        while batch.len() < BATCH
            && let Some(row) = self.rows.get(self.at)
        {
            self.pace.step().await?;
            self.at += 1;
            let wanted = match &self.node.filter {
                Some((condition, _)) => condition.is_true(&self.frame.scope(row))?,
                None => true,
            };
            if wanted {
                batch.push(pick(row, &self.node.columns));
            }
        }
        Ok(())
    }
}

impl Operator for Catalog {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if !std::mem::replace(&mut self.started, true) {
                if let Some((_, subqueries)) = &self.node.filter {
                    subqueries.prepare(&self.frame).await?;
                }
                self.rows = self.frame.run.snapshot()?.rows(self.node.relation.oid);
            }
            self.later.due()?;
            let mut batch = Batch::new();
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}

/// Some columns of a row; hidden ones that the row doesn't have are NULL.
pub(super) fn pick(row: &[Value], columns: &[usize]) -> Vec<Value> {
    columns.iter().map(|at| row.get(*at).cloned().unwrap_or_default()).collect()
}

/// `VALUES`
pub(super) struct ValuesNode {
    rows: Vec<Vec<Op>>,
    subqueries: Subqueries,
}

impl ValuesNode {
    pub(super) fn compile(compiler: &mut Compiler, rows: &[Vec<Expr>]) -> Result<BoxNode> {
        let (rows, subqueries) =
            compiler.over(|c| rows.iter().map(|row| c.exprs(row)).collect::<Result<Vec<_>>>())?;
        Ok(Arc::new(ValuesNode { rows, subqueries }))
    }
}

impl Node for ValuesNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let later = Later::new(frame);
        Box::new(Values { node: self, frame: frame.clone(), at: 0, pace: frame.pace(), later })
    }
}

struct Values {
    node: Arc<ValuesNode>,
    frame: Frame,
    at: usize,
    pace: Pace,
    later: Later,
}

impl Values {
    async fn fill(&mut self, batch: &mut Batch) -> Result<()> {
        while batch.len() < BATCH
            && let Some(row) = self.node.rows.get(self.at)
        {
            self.pace.step().await?;
            self.at += 1;
            batch.push(eval_all(row, &self.frame.scope(&[]))?);
        }
        Ok(())
    }
}

impl Operator for Values {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.at == 0 {
                self.node.subqueries.prepare(&self.frame).await?;
            }
            self.later.due()?;
            let mut batch = Batch::new();
            let end = self.fill(&mut batch).await;
            self.later.rows(batch, end)
        }
        .boxed()
    }
}

/// Functions in FROM.
pub(super) struct FunctionsNode {
    calls: Vec<SetCall>,
    ordinality: bool,
    subqueries: Subqueries,
}

impl FunctionsNode {
    pub(super) fn compile(
        compiler: &mut Compiler,
        calls: &[Expr],
        widths: &[usize],
        ordinality: bool,
    ) -> Result<BoxNode> {
        let (calls, subqueries) = compiler.over(|c| {
            let calls = calls.iter().zip(widths);
            calls.map(|(call, width)| SetCall::compile(c, call, *width)).collect::<Result<Vec<_>>>()
        })?;
        Ok(Arc::new(FunctionsNode { calls, ordinality, subqueries }))
    }
}

impl Node for FunctionsNode {
    fn open(self: Arc<Self>, frame: &Frame) -> BoxOperator {
        let sets = Vec::new();
        Box::new(Functions { node: self, frame: frame.clone(), sets, at: 0, pace: frame.pace() })
    }
}

struct Functions {
    node: Arc<FunctionsNode>,
    frame: Frame,
    sets: Vec<SetRows>,
    at: usize,
    pace: Pace,
}

impl Functions {
    fn row(&mut self) -> Result<Option<Vec<Value>>> {
        let Some(made) = side_by_side(&mut self.sets)? else { return Ok(None) };
        let mut row = Vec::new();
        for (call, made) in self.node.calls.iter().zip(made) {
            let from = row.len();
            row.extend(made.into_iter().flatten());
            // Shorter sets, and rows of functions that gave fewer columns, are filled up.
            row.resize(from + call.width, Value::Null);
        }
        self.at += 1;
        if self.node.ordinality {
            row.push(Value::Int8(i64::try_from(self.at).unwrap_or(i64::MAX)));
        }
        Ok(Some(row))
    }
}

impl Operator for Functions {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Batch>>> {
        async {
            if self.at == 0 && self.sets.is_empty() {
                self.node.subqueries.prepare(&self.frame).await?;
                let scope = self.frame.scope(&[]);
                self.sets =
                    self.node.calls.iter().map(|call| call.rows(&scope)).collect::<Result<Vec<_>>>()?;
                for set in &mut self.sets {
                    set.meet_error(&mut self.pace).await?;
                }
            }
            let mut batch = Batch::new();
            while batch.len() < BATCH
                && let Some(row) = self.row()?
            {
                self.pace.step().await?;
                batch.push(row);
            }
            Ok(full(batch))
        }
        .boxed()
    }
}
