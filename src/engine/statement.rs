//! A statement that reads or writes rows: from its syntax tree to its plan, and from its plan to its rows.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use futures::future::BoxFuture;
use pg::env::{ByteaOutput, DateStyle, IntervalStyle};
use pg::wire::Format;
use pg::{Env, Error, Oid, Result, SqlState, Value};
use sql::analyze::{AnalyzeContext, Analyzed, Params, analyze_statement, resolve_type};
use sql::catalog::{Catalog, ClusterTable};
use sql::exec::{self, CancelToken};
use sql::interrupts;
use sql::parse::Statement as Syntax;
use sql::parse::ast::TypeName;
use sql::plan::{self, Options, Plan};
use sql::query::{Query, Statement as Analysed};
use sql::session::RelationLock;
use sql::write::{self, Changed, WritePlan};

use super::Shared;
use super::answers::{self, Of};
use super::direct::Direct;
use super::elsewhere;
use super::explain::Explained;
use super::rows::{Computed, Guarded, ready};
use crate::session::engine::{Column, Outcome, Prepared, Statement, Surroundings};

/// A statement that was read.
#[derive(Debug)]
pub(super) struct SqlStatement {
    shared: Arc<Shared>,
    syntax: Arc<Syntax>,
    /// The types that PREPARE gives to parameters.
    types: Vec<TypeName>,
    /// Its text is long, and so what it means and its plan may take long to find.
    long: bool,
    /// What it meant before, when that can be kept: the statement may be one of the plan cache.
    known: Option<Mutex<Vec<Known>>>,
}

/// Texts of so many bytes are worked on where nobody else has to wait.
const LONG_TEXT: usize = 2048;

/// So many meanings are kept of one statement.
const KNOWN_MAX: usize = 8;

/// What a statement means where it was analysed.
#[derive(Debug)]
struct Known {
    place: Place,
    prepared: Arc<PreparedSql>,
}

/// All that the meaning of a statement, and its plan, depend on but for the catalog.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    declared: Option<Vec<Oid>>,
    database: Arc<str>,
    user: Arc<str>,
    search_path: Arc<[Arc<str>]>,
    options: Options,
    time_zone: Arc<str>,
    text_search_configuration: Arc<str>,
    formats: (DateStyle, IntervalStyle, ByteaOutput, i32),
}

impl Place {
    /// Some place, for tests.
    #[cfg(test)]
    pub(super) fn somewhere() -> Place {
        let date_style = DateStyle { format: pg::env::DateFormat::Iso, order: pg::env::DateOrder::Mdy };
        Place {
            declared: None,
            database: "d".into(),
            user: "u".into(),
            search_path: Arc::new([]),
            options: Options::default(),
            time_zone: "UTC".into(),
            text_search_configuration: "pg_catalog.english".into(),
            formats: (date_style, IntervalStyle::Postgres, ByteaOutput::Hex, 1),
        }
    }

    pub(super) fn of(declared: Option<&[Oid]>, around: &Surroundings) -> Place {
        // Every member of `Env` is either here or changes nothing that is kept.
        let Env {
            time_zone,
            date_style,
            interval_style,
            extra_float_digits,
            bytea_output,
            text_search_configuration,
            transaction_timestamp: _,
            statement_timestamp: _,
            // Made of the catalog and the search path.
            names: _,
        } = &around.env;
        Place {
            declared: declared.map(<[Oid]>::to_vec),
            database: around.database.clone(),
            user: around.user.clone(),
            search_path: around.variables.settings().search_path(),
            options: around.variables.options(),
            time_zone: time_zone.clone(),
            text_search_configuration: text_search_configuration.clone(),
            formats: (*date_style, *interval_style, *bytea_output, *extra_float_digits),
        }
    }
}

impl SqlStatement {
    pub(super) fn new(shared: &Arc<Shared>, syntax: Syntax) -> SqlStatement {
        SqlStatement::with_types(shared, syntax, Vec::new())
    }

    /// A statement of PREPARE.
    pub(super) fn with_types(shared: &Arc<Shared>, syntax: Syntax, types: Vec<TypeName>) -> SqlStatement {
        SqlStatement { shared: shared.clone(), syntax: Arc::new(syntax), types, long: false, known: None }
    }

    /// The same, of a text of so many bytes.
    pub(super) fn of_length(self, bytes: usize) -> SqlStatement {
        SqlStatement { long: bytes >= LONG_TEXT, ..self }
    }

    /// The same, whose meaning is kept when that depends on nothing but the catalog and the settings.
    pub(super) fn kept(self, timeless: bool) -> SqlStatement {
        SqlStatement { known: timeless.then(Mutex::default), ..self }
    }

    /// What it meant before in the same place, if the catalog is still the same.
    fn known(&self, place: &Place) -> Option<Arc<PreparedSql>> {
        let known = lock(self.known.as_ref()?);
        let known = known.iter().find(|known| known.place == *place)?;
        let prepared = known.prepared.clone();
        (prepared.last().version == self.shared.catalog.version()).then_some(prepared)
    }

    fn keep(&self, place: Place, prepared: &Arc<PreparedSql>) {
        let Some(known) = &self.known else { return };
        let mut known = lock(known);
        known.retain(|other| other.place != place);
        if known.len() >= KNOWN_MAX {
            known.remove(0);
        }
        known.push(Known { place, prepared: prepared.clone() });
    }

    fn declared(&self, around: &Surroundings) -> Result<Vec<Oid>> {
        let view = self.shared.view(around);
        let resolve = |name| with_context(&view, Params::None, around, |context| resolve_type(name, context));
        self.types.iter().map(|name| resolve(name).map(|ty| ty.oid)).collect()
    }
}

impl Statement for SqlStatement {
    fn analyze<'a>(
        &'a self,
        declared: Option<&'a [Oid]>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Arc<dyn Prepared>>> {
        Box::pin(async move {
            let given = if self.types.is_empty() { Vec::new() } else { self.declared(around)? };
            let declared = if given.is_empty() { declared } else { Some(given.as_slice()) };
            let place = self.known.as_ref().map(|_| Place::of(declared, around));
            if let Some(prepared) = place.as_ref().and_then(|place| self.known(place)) {
                return Ok(prepared as Arc<dyn Prepared>);
            }
            let meaning = self.shared.meaning((&self.syntax, self.long), declared, around).await?;
            let prepared = Arc::new(PreparedSql {
                shared: self.shared.clone(),
                syntax: self.syntax.clone(),
                long: self.long,
                simple: declared.is_none(),
                parameter_types: meaning.parameter_types.clone(),
                columns: meaning.columns.clone(),
                writes: writes(&meaning.statement),
                locks: meaning.locks,
                relations: meaning.relations.clone(),
                meaning: RwLock::new(Arc::new(meaning)),
            });
            if let Some(place) = place {
                self.keep(place, &prepared);
            }
            Ok(prepared as Arc<dyn Prepared>)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a statement means: right for one picture of the catalog.
#[derive(Debug)]
struct Meaning {
    statement: Analysed,
    parameter_types: Vec<Oid>,
    columns: Option<Vec<Column>>,
    /// The rows that it reads are to be locked.
    locks: Option<&'static str>,
    /// What it names, and what for.
    relations: Vec<RelationLock>,
    /// The version of the catalog, and the search path that names were looked for in.
    version: u64,
    path: Arc<[Arc<str>]>,
    /// Its own.
    number: u64,
    /// How it will be run, once that has been asked: for the options that it was asked for first.
    work: OnceLock<(Options, Arc<Planned>)>,
}

/// A statement that can be run.
#[derive(Debug)]
struct Planned {
    work: Work,
    /// Tables of the cluster that it reads.
    gathered: Vec<ClusterTable>,
    /// Its answer may be kept ([`Plan::is_repeatable`]).
    repeatable: bool,
}

/// How a statement is run.
#[derive(Debug)]
enum Work {
    /// One statement of the cluster's, whose rows are sent as they come.
    Direct(Direct),
    /// By the executor; whether the plan is [short](elsewhere::is_short).
    Compute(Plan, bool),
    /// By the executor; when the cluster refuses something, by the second plan.
    Guarded(Arc<(Plan, Plan)>),
    /// A change.
    Write(WritePlan),
    /// EXPLAIN.
    Explain(Explained),
}

impl Work {
    /// Tables of the cluster that it reads.
    fn gathered(&self) -> Vec<ClusterTable> {
        match self {
            Work::Direct(_) | Work::Explain(_) => Vec::new(),
            Work::Compute(plan, _) => plan.gathered(),
            Work::Guarded(plans) => plans.0.gathered(),
            Work::Write(plan) => plan.gathered(),
        }
    }
}

impl Shared {
    /// Analyses. A relation that is unknown is looked for once more in a new picture of the catalog: another gateway,
    /// or a client of the cluster, may have made it a moment ago.
    async fn meaning(
        &self,
        statement: (&Arc<Syntax>, bool),
        declared: Option<&[Oid]>,
        around: &Surroundings,
    ) -> Result<Meaning> {
        let view = self.view(around);
        match self.meaning_in(&view, statement, declared, around).await {
            Err(error) if error.code() == SqlState::UNDEFINED_TABLE => {
                let database = self.catalog.refresh().await?;
                if database.version() == view.database().version() {
                    return Err(error);
                }
                self.meaning_in(&self.view_of(database, around), statement, declared, around).await
            }
            meaning => meaning,
        }
    }

    async fn meaning_in(
        &self,
        view: &Arc<Catalog>,
        (syntax, long): (&Arc<Syntax>, bool),
        declared: Option<&[Oid]>,
        around: &Surroundings,
    ) -> Result<Meaning> {
        if !long {
            return interrupts::within(&around.cancel, || meaning_in(view, syntax, declared, around));
        }
        let (view, syntax, around) = (view.clone(), syntax.clone(), around.clone());
        let declared = declared.map(<[Oid]>::to_vec);
        self.computed(&around.cancel.clone(), move || {
            meaning_in(&view, &syntax, declared.as_deref(), &around)
        })
        .await
    }

    /// What takes long to compute and asks nobody, computed where nobody else has to wait for it.
    async fn computed<T: Send + 'static>(
        &self,
        cancel: &CancelToken,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let cancel = cancel.part();
        let token = cancel.clone();
        elsewhere::run(&self.elsewhere, cancel, async move { interrupts::within(&token, work) }).await
    }

    /// The catalog as a session sees it, with the rows of these tables of the cluster.
    pub(super) async fn gathered(
        &self,
        tables: &[ClusterTable],
        around: &Surroundings,
    ) -> Result<Arc<Catalog>> {
        let view = self.view(around);
        if tables.is_empty() {
            return Ok(view);
        }
        let gathered = self.cluster.gather(tables, view.database()).await?;
        Ok(Arc::new(view.with_gathered(gathered)))
    }
}

fn meaning_in(
    view: &Arc<Catalog>,
    syntax: &Syntax,
    declared: Option<&[Oid]>,
    around: &Surroundings,
) -> Result<Meaning> {
    let params = declared.map_or(Params::None, Params::Variable);
    let analyzed = with_context(view, params, around, |context| analyze_statement(syntax, context))?;
    let Analyzed { statement, params, columns, locks, relations } = analyzed;
    let columns = columns.map(|columns| {
        let column = |column: sql::query::OutputColumn| Column {
            name: column.name,
            ty: column.ty,
            origin: column.origin,
        };
        columns.into_iter().map(column).collect()
    });
    let version = view.database().version();
    let path = around.variables.settings().search_path();
    // What is only explained is not read.
    let locks =
        locks.filter(|_| !matches!(&statement, Analysed::Explain(explain) if !explain.options.analyze));
    static NUMBERS: AtomicU64 = AtomicU64::new(0);
    let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let work = OnceLock::new();
    Ok(Meaning { statement, parameter_types: params, columns, locks, relations, version, path, number, work })
}

impl Meaning {
    /// How it is run, if that is known.
    fn planned(&self, options: &Options) -> Option<Arc<Planned>> {
        self.work.get().filter(|(planned_for, _)| planned_for == options).map(|(_, work)| work.clone())
    }

    /// Finds how it is run.
    fn plan(&self, options: Options, env: &Env) -> Result<Arc<Planned>> {
        let work = plan_of(&self.statement, self.parameter_types.len(), options.clone(), env)?;
        let repeatable = matches!(&work, Work::Compute(plan, _) if plan.is_repeatable());
        let work = Arc::new(Planned { gathered: work.gathered(), repeatable, work });
        // Only the first options' plan is kept: they hardly ever change.
        let _ = self.work.set((options, work.clone()));
        Ok(work)
    }
}

/// Does something in the context of an analysis.
pub(super) fn with_context<T>(
    view: &Catalog,
    params: Params<'_>,
    around: &Surroundings,
    analysis: impl FnOnce(&AnalyzeContext<'_>) -> T,
) -> T {
    let search_path = around.variables.settings().search_path();
    analysis(&AnalyzeContext {
        snapshot: view,
        search_path: &search_path,
        env: &around.env,
        database: &around.database,
        params,
    })
}

/// The plan of a query, and another for when the cluster refuses something of the first, if it may.
pub(super) fn plans_of(query: &Query, env: &Env, options: Options) -> Result<(Plan, Option<Plan>)> {
    let plan = plan::plan_with(query, env, options.clone())?;
    let safe = || plan::plan_with(query, env, Options { safe: true, ..options });
    let safe = plan.may_be_refused().then(safe).transpose()?;
    Ok((plan, safe))
}

fn plan_of(statement: &Analysed, params: usize, options: Options, env: &Env) -> Result<Work> {
    match statement {
        Analysed::Query(query) if !statement.changes_in_with() => {
            let plan = match plans_of(query, env, options)? {
                (plan, Some(safe)) => return Ok(Work::Guarded(Arc::new((plan, safe)))),
                (plan, None) => plan,
            };
            Ok(match Direct::of(&plan) {
                Some(direct) => Work::Direct(direct),
                None => {
                    let short = elsewhere::is_short(&plan);
                    Work::Compute(plan, short)
                }
            })
        }
        Analysed::Explain(explain) => Explained::plan(explain, params, options, env).map(Work::Explain),
        change => Ok(Work::Write(write::plan(change, params, env)?)),
    }
}

/// The name of the command when it changes data.
fn writes(statement: &Analysed) -> Option<&'static str> {
    match statement {
        Analysed::Insert(_) => Some("INSERT"),
        Analysed::Update(_) => Some("UPDATE"),
        Analysed::Delete(_) => Some("DELETE"),
        Analysed::Truncate(_) => Some("TRUNCATE TABLE"),
        Analysed::Explain(explain) if explain.options.analyze => writes(&explain.statement),
        Analysed::Query(_) if statement.changes_in_with() => Some("SELECT"),
        Analysed::Query(_) | Analysed::Explain(_) => None,
    }
}

/// A statement with its meaning.
#[derive(Debug)]
pub(super) struct PreparedSql {
    shared: Arc<Shared>,
    syntax: Arc<Syntax>,
    /// Its text is long.
    long: bool,
    /// It may have no parameters.
    simple: bool,
    parameter_types: Vec<Oid>,
    columns: Option<Vec<Column>>,
    writes: Option<&'static str>,
    locks: Option<&'static str>,
    relations: Vec<RelationLock>,
    /// For the newest picture of the catalog that it was run with.
    meaning: RwLock<Arc<Meaning>>,
}

impl PreparedSql {
    /// Its text, as it was read.
    pub(super) fn syntax(&self) -> &Syntax {
        &self.syntax
    }

    /// Another statement, whose text is as long.
    pub(super) fn statement(&self, syntax: Syntax) -> SqlStatement {
        SqlStatement { long: self.long, ..SqlStatement::new(&self.shared, syntax) }
    }

    /// The last meaning that it had.
    fn last(&self) -> Arc<Meaning> {
        self.meaning.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its meaning in the catalog as it is now, by the session's search path (`RevalidateCachedQuery`).
    async fn current(&self, around: &Surroundings) -> Result<Arc<Meaning>> {
        let last = self.last();
        let path = around.variables.settings().search_path();
        if last.version == self.shared.catalog.version() && last.path == path {
            return Ok(last);
        }
        let declared = (!self.simple).then_some(self.parameter_types.as_slice());
        let meaning = Arc::new(self.shared.meaning((&self.syntax, self.long), declared, around).await?);
        if meaning.columns != self.columns || meaning.parameter_types != self.parameter_types {
            let message = "cached plan must not change result type";
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
        }
        *self.meaning.write().unwrap_or_else(PoisonError::into_inner) = meaning.clone();
        Ok(meaning)
    }
}

impl PreparedSql {
    /// How it is run, planned if need be.
    async fn work(&self, meaning: Arc<Meaning>, around: &Surroundings) -> Result<Arc<Planned>> {
        let options = around.variables.options();
        if let Some(planned) = meaning.planned(&options) {
            return Ok(planned);
        }
        if !self.long {
            return interrupts::within(&around.cancel, || meaning.plan(options, &around.env));
        }
        let env = around.env.clone();
        self.shared.computed(&around.cancel, move || meaning.plan(options, &env)).await
    }

    /// Runs a change; elsewhere, when finding its rows may take long.
    async fn change(&self, plan: &WritePlan, mut context: exec::Context) -> Result<Changed> {
        if !plan.holds() {
            return plan.run(&context).await;
        }
        let cancel = context.cancel.part();
        context.cancel = cancel.clone();
        let plan = plan.clone();
        let work = async move { plan.run(&context).await };
        elsewhere::run(&self.shared.elsewhere, cancel, work).await
    }
}

impl Prepared for PreparedSql {
    fn parameter_types(&self) -> &[Oid] {
        &self.parameter_types
    }

    fn columns(&self) -> Option<&[Column]> {
        self.columns.as_deref()
    }

    fn writes(&self) -> Option<&'static str> {
        self.writes
    }

    fn locks(&self) -> Option<&'static str> {
        self.locks
    }

    fn relations(&self) -> &[RelationLock] {
        &self.relations
    }

    fn plan<'a>(&'a self, around: &'a Surroundings) -> Option<BoxFuture<'a, Result<()>>> {
        let meaning = self.last();
        if meaning.planned(&around.variables.options()).is_some() {
            return None;
        }
        Some(Box::pin(async move { self.work(meaning, around).await.map(|_| ()) }))
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }

    fn execute<'a>(
        &'a self,
        parameters: Arc<[Value]>,
        formats: Option<Arc<[Format]>>,
        around: &'a Surroundings,
    ) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            let meaning = self.current(around).await?;
            let of = Of { version: meaning.version, meaning: meaning.number };
            let planned = self.work(meaning, around).await?;
            let view = self.shared.gathered(&planned.gathered, around).await?;
            let context = |parameters| self.shared.context(view.clone(), parameters, around);
            match &planned.work {
                Work::Direct(direct) => {
                    direct.run(&self.shared.scope(around), &parameters, || context(parameters.clone())).await
                }
                Work::Compute(plan, short) => {
                    let compute =
                        || Computed::start(plan, *short, context(parameters.clone()), &self.shared.elsewhere);
                    // What is known of one picture of the catalog must have been read in it.
                    if let Some(formats) = formats
                        && planned.repeatable
                        && view.database().version() == of.version
                    {
                        return answers::answer(&self.shared, of, (&parameters, &formats), around, compute);
                    }
                    Ok(Outcome::Rows(Box::new(compute()?)))
                }
                Work::Guarded(plans) => {
                    let rows = Guarded::start(plans, context(parameters), &self.shared.elsewhere)?;
                    Ok(Outcome::Rows(Box::new(rows)))
                }
                Work::Write(plan) => {
                    let changed = self.change(plan, context(parameters)).await?;
                    let tag = plan.tag(changed.count);
                    Ok(match changed.returned {
                        Some(rows) => ready(tag, rows),
                        None => Outcome::Done(tag),
                    })
                }
                Work::Explain(explained) => {
                    let context = context(parameters);
                    let lines = explained.lines(context, &self.shared.elsewhere).await?;
                    let rows = lines.iter().map(|line| vec![Value::text(line.as_str())]).collect();
                    Ok(ready("EXPLAIN".into(), rows))
                }
            }
        })
    }
}
