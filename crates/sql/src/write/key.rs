//! The keys of entries: how a statement finds the rows to change, and how each is addressed.

use std::sync::Arc;

use pg::catalog::operator_exact;
use pg::{Error, Result, SqlState, TypeRef, Value, oid};

use crate::catalog::Relation;
use crate::exec::Context;
use crate::hazelcast::SqlType;
use crate::plan::{Plan, Way, quote};
use crate::query::*;
use crate::remote::{EntryKey, StoredValue};

/// Entries that are asked for at a time.
pub(super) const GETS: usize = 64;

/// The key columns of a mapping.
#[derive(Clone, Debug)]
pub(super) struct Key {
    relation: Arc<Relation>,
    /// Indexes of columns, and their types in the cluster.
    pub(super) columns: Vec<(usize, SqlType)>,
}

impl Key {
    /// The key of a mapping whose entries are to be changed one by one.
    pub(super) fn of(relation: &Arc<Relation>, command: &str) -> Result<Key> {
        let mapping = relation.mapping().ok_or_else(|| not_a_table(relation, command))?;
        if !mapping.connector.eq_ignore_ascii_case("IMap") {
            let message = format!("{command} of a mapping of type {} is not supported", mapping.connector);
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
        }
        // A key whose parts are columns has itself as a hidden one.
        let parts = relation.key_columns().any(|(_, column)| !column.hidden);
        let columns: Vec<(usize, SqlType)> = relation
            .key_columns()
            .filter(|(_, column)| !(parts && column.hidden))
            .filter_map(|(index, column)| Some((index, column.cluster_type?)))
            .collect();
        if columns.is_empty() {
            let message =
                format!("{command} of \"{}\", which has no key columns, is not supported", relation.name);
            return Err(Error::new(SqlState::FEATURE_NOT_SUPPORTED, message));
        }
        Ok(Key { relation: relation.clone(), columns })
    }

    /// The key columns of range 0.
    pub(super) fn exprs(&self) -> Vec<Expr> {
        self.columns.iter().map(|&(index, _)| column(&self.relation, index)).collect()
    }

    /// The key columns of range 0 as targets of a block.
    pub(super) fn targets(&self) -> impl Iterator<Item = Target> {
        self.exprs().into_iter().map(|expr| Target { expr, name: "key".into(), junk: false })
    }

    /// Columns of the mapping, which is range 0, as targets of a block.
    pub(super) fn columns_as_targets(&self, columns: &[usize]) -> impl Iterator<Item = Target> {
        let target = |&index: &usize| Target {
            expr: column(&self.relation, index),
            name: "column".into(),
            junk: false,
        };
        columns.iter().map(target).collect::<Vec<_>>().into_iter()
    }

    /// The query that selects the keys of the rows a block matches, each once.
    pub(super) fn query(&self, source: &Query) -> Result<Query> {
        let mut query = source.clone();
        let Body::Select(select) = &mut query.body else {
            return Err(Error::internal("a change is no block"));
        };
        select.targets = self.targets().collect();
        if select.from.len() > 1 || !matches!(select.from.first(), Some(From::Range(_))) {
            select.distinct = Distinct::All;
        }
        query.columns = select
            .targets
            .iter()
            .map(|target| OutputColumn {
                name: target.name.clone(),
                ty: target.expr.ty,
                origin: Default::default(),
            })
            .collect();
        Ok(query)
    }

    /// Lets a query of [`Key::query`] also select other expressions over its ranges: of each key one row.
    pub(super) fn also(&self, query: &mut Query, targets: impl Iterator<Item = Target>) -> Result<()> {
        let Body::Select(select) = &mut query.body else {
            return Err(Error::internal("a change is no block"));
        };
        if let Distinct::All = select.distinct {
            select.distinct = Distinct::On((0..self.columns.len()).collect());
        }
        for target in targets {
            query.columns.push(target.output());
            select.targets.push(target);
        }
        Ok(())
    }

    /// The order of the keys, for a query of [`Key::query`].
    pub(super) fn order(&self) -> Vec<SortKey> {
        let key = |target| SortKey { target, descending: false, nulls_first: false };
        (0..self.columns.len()).map(key).collect()
    }

    /// Conditions that fix the key of range 0 to parameters from `first` on, none of which is NULL.
    pub(super) fn conditions(&self, first: usize) -> Result<Vec<Expr>> {
        self.exprs().into_iter().enumerate().map(|(i, key)| equals(key, first + i)).collect()
    }

    /// As [`Key::conditions`], where parts of the key may be NULL.
    pub(super) fn conditions_or_null(&self, first: usize) -> Result<Vec<Expr>> {
        let or_null = |(i, key): (usize, Expr)| {
            let param = Expr::new(ExprKind::Param(first + i), key.ty);
            let is_null =
                |expr: Expr| Expr::new(ExprKind::IsNull { expr: Box::new(expr), negated: false }, oid::BOOL);
            let both = ExprKind::And(vec![is_null(key.clone()), is_null(param)]);
            let either = ExprKind::Or(vec![equals(key, first + i)?, Expr::new(both, oid::BOOL)]);
            Ok(Expr::new(either, oid::BOOL))
        };
        self.exprs().into_iter().enumerate().map(or_null).collect()
    }

    /// `"a" = ? AND "b" IS NULL`, and the arguments.
    pub(super) fn sql_condition(&self, key: &[Value]) -> (String, Vec<(Value, SqlType)>) {
        let name = |index: usize| self.relation.columns.get(index).map_or("", |column| &*column.name);
        let test = |(&(index, _), value): (&(usize, SqlType), &Value)| {
            format!("{} {}", quote(name(index)), if value.is_null() { "IS NULL" } else { "= ?" })
        };
        let tests: Vec<String> = self.columns.iter().zip(key).map(test).collect();
        let mut args = self.sql_args(key);
        args.retain(|(value, _)| !value.is_null());
        (tests.join(" AND "), args)
    }

    /// Whether keys may be equal and not the same: 1.0 and 1.00, 0 and -0.
    pub(super) fn has_equals(&self) -> bool {
        self.columns.iter().any(|(_, ty)| matches!(ty, SqlType::Decimal | SqlType::Real | SqlType::Double))
    }

    /// The map.
    pub(super) fn map(&self) -> &str {
        self.relation.mapping().map_or("", |mapping| &*mapping.external_name)
    }

    /// The parts of a key and their types in the cluster.
    fn sql_args(&self, key: &[Value]) -> Vec<(Value, SqlType)> {
        key.iter().cloned().zip(self.columns.iter().map(|&(_, ty)| ty)).collect()
    }

    /// The key by which map operations find an entry.
    pub(super) fn entry_key(&self, context: &Context, key: &[Value]) -> Result<EntryKey> {
        context.cluster.entry_key(&self.relation, &self.sql_args(key))
    }

    /// The value of the entry of a key, in whichever form of those that are known it is stored.
    pub(super) async fn stored(
        &self,
        context: &Context,
        entry_key: &EntryKey,
        key: &[Value],
    ) -> Result<Option<StoredValue>> {
        let map = self.map();
        if let Some(stored) = context.cluster.entry(map, entry_key).await? {
            return Ok(Some(stored));
        }
        for other in context.cluster.other_keys(&self.relation, &self.sql_args(key)).await? {
            if let Some(stored) = context.cluster.entry(map, &other).await? {
                return Ok(Some(stored));
            }
        }
        Ok(None)
    }

    /// `"public"."movies"`
    pub(super) fn table(&self) -> String {
        table(&self.relation)
    }
}

/// The ranges of a change's block.
pub(super) fn ranges(source: &Query) -> &[Range] {
    match &source.body {
        Body::Select(select) => &select.ranges,
        _ => &[],
    }
}

/// A relation's name in Hazelcast SQL.
pub(super) fn table(relation: &Relation) -> String {
    format!("{}.{}", quote(&relation.schema), quote(&relation.name))
}

/// Changes of views and of the catalog are refused as PostgreSQL does.
pub(super) fn not_a_table(relation: &Relation, command: &str) -> Error {
    let name = &relation.name;
    match relation.kind {
        crate::catalog::RelationKind::Catalog => Error::new(
            SqlState::INSUFFICIENT_PRIVILEGE,
            format!("permission denied: \"{name}\" is a system catalog"),
        ),
        _ => {
            let verb = match command {
                "INSERT" => "insert into",
                "UPDATE" => "update",
                _ => "delete from",
            };
            Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("cannot {verb} view \"{name}\""))
                .detail("Views of the cluster can only be read.")
        }
    }
}

fn column(relation: &Relation, index: usize) -> Expr {
    let ty = relation.columns.get(index).map_or(TypeRef::of(oid::UNKNOWN), |column| column.ty);
    Expr::new(ExprKind::Column(ColumnRef { levels_up: 0, range: 0, column: index }), ty)
}

/// `key = $n`
fn equals(key: Expr, param: usize) -> Result<Expr> {
    let ty = key.ty;
    let value = Expr::new(ExprKind::Param(param), ty);
    let text = |expr: Expr| {
        let kind = ExprKind::Coerce { expr: Box::new(expr), method: Coercion::Relabel, explicit: false };
        Expr::new(kind, oid::TEXT)
    };
    let (left, right, operand) =
        if ty.oid == oid::VARCHAR { (text(key), text(value), oid::TEXT) } else { (key, value, ty.oid) };
    let operator = operator_exact("=", operand, operand)
        .ok_or_else(|| Error::refused(format!("a key of type {}", pg::catalog::format_type(ty.oid, None))))?;
    let form = CallForm::Operator(operator.oid);
    let call = Call { proc: operator.code, args: vec![left, right], form, retset: false, variadic: false };
    Ok(Expr::new(ExprKind::Call(Box::new(call)), oid::BOOL))
}

/// A query that reads the cluster alone: the statement that the cluster runs for it.
pub(super) fn only_remote(plan: &Plan) -> Option<&crate::plan::RemoteScan> {
    match plan {
        Plan::Remote(scan) if matches!(scan.way, Way::Sql) => Some(scan),
        _ => None,
    }
}
