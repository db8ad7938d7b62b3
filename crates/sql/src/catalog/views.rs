//! The cluster's views as PostgreSQL reads them: a view gives what its definition, run as a statement, would give. So its
//! definition is analysed in its place, with PostgreSQL's types, and the maps behind it are read in whatever way is best.
//! A definition that only Hazelcast understands is left to it ([`RelationKind::ClusterView`]).

use std::collections::HashSet;
use std::sync::Arc;

use pg::{Env, Oid};

use super::{Catalog, Column, Database, LiveRelation, Relation, RelationKind, SUPERUSER};
use crate::analyze::{AnalyzeContext, Params, VIEW_SEARCH_PATH, analyze};
use crate::hazelcast::CATALOG;
use crate::parse::{ParseOptions, TokenKind, parse, tokenize};

/// Views may be built of views: the types of those below are known a round earlier.
const ROUNDS: usize = 32;

/// Gives the views among the relations of a cluster their meaning.
pub(super) fn understand(cluster: &str, mut tables: Vec<LiveRelation>) -> Vec<LiveRelation> {
    let is_view = |table: &LiveRelation| matches!(table.relation.kind, RelationKind::ClusterView { .. });
    let views: Vec<(usize, Arc<Relation>)> = tables
        .iter()
        .enumerate()
        .filter(|(_, table)| is_view(table))
        .map(|(i, t)| (i, t.relation.clone()))
        .collect();
    for _ in 0..ROUNDS {
        if views.is_empty() {
            break;
        }
        let database = Arc::new(Database::indexed(cluster.to_owned(), 0, tables.clone()));
        let catalog = Catalog::new(database, CATALOG, SUPERUSER, Vec::new());
        let mut changed = false;
        for (at, view) in &views {
            let Some(table) = tables.get_mut(*at) else { continue };
            let relation = understood(&catalog, view).map_or_else(|| view.clone(), Arc::new);
            changed |= !is_same(&relation, &table.relation);
            table.relation = relation;
        }
        if !changed {
            break;
        }
    }
    tables
}

/// A view of the cluster's as one of PostgreSQL's, if its definition is one.
fn understood(catalog: &Catalog, view: &Relation) -> Option<Relation> {
    let RelationKind::ClusterView { definition } = &view.kind else { return None };
    let statement = parse(definition, ParseOptions::default()).ok()?.into_iter().next()?;
    let env = Env::default();
    let cx = AnalyzeContext {
        snapshot: catalog,
        search_path: &*VIEW_SEARCH_PATH,
        env: &env,
        database: CATALOG,
        params: Params::None,
    };
    let columns = analyze(&statement, &cx).ok()?.columns?;
    if columns.len() != view.columns.len() {
        return None;
    }
    let column = |(own, defined): (&Column, &crate::query::OutputColumn)| Column {
        ty: defined.ty,
        cluster_type: None,
        external_name: None,
        ..own.clone()
    };
    Some(Relation {
        oid: view.oid,
        schema: view.schema.clone(),
        name: view.name.clone(),
        columns: view.columns.iter().zip(&columns).map(column).collect(),
        kind: RelationKind::View { definition: definition.as_str().into() },
    })
}

impl Database {
    /// The views that are built of some views, each with the one by which it was found first, and behind it those that are
    /// built of it.
    pub fn views_over(&self, views: &[Arc<Relation>]) -> Vec<(Arc<Relation>, Arc<Relation>)> {
        let mut over = Vec::new();
        let mut seen: HashSet<Oid> = views.iter().map(|view| view.oid).collect();
        let mut left: Vec<(Arc<Relation>, Arc<Relation>)> = Vec::new();
        let above = |view: &Arc<Relation>| {
            let reading = self.tables().iter().rev().filter(|table| reads(&table.relation, view));
            reading.map(|table| (table.relation.clone(), view.clone())).collect::<Vec<_>>()
        };
        for view in views {
            left.extend(above(view));
            while let Some((next, read)) = left.pop() {
                if seen.insert(next.oid) {
                    left.extend(above(&next));
                    over.push((next, read));
                }
            }
        }
        over
    }
}

/// Whether a view reads a relation. The definitions that Hazelcast keeps name all relations in full, in quotes.
fn reads(view: &Relation, relation: &Relation) -> bool {
    let definition = match &view.kind {
        RelationKind::ClusterView { definition } => definition.as_str(),
        RelationKind::View { definition } => definition,
        RelationKind::Mapping(_) | RelationKind::Catalog => return false,
    };
    let tokens = tokenize(definition);
    let is = |at: usize, name: &str| matches!(tokens.get(at).map(|token| &token.kind), Some(TokenKind::Quoted(text)) if **text == *name);
    (0..tokens.len()).any(|at| is(at, CATALOG) && is(at + 2, &relation.schema) && is(at + 4, &relation.name))
}

fn is_same(a: &Relation, b: &Relation) -> bool {
    let types = |relation: &Relation| relation.columns.iter().map(|column| column.ty).collect::<Vec<_>>();
    std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind) && types(a) == types(b)
}
