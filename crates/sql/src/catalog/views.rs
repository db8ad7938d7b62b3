//! The cluster's views as PostgreSQL reads them: a view gives what its definition, run as a statement, would give. So its
//! definition is analysed in its place, with PostgreSQL's types, and the maps behind it are read in whatever way is best.
//! A definition that only Hazelcast understands is left to it ([`RelationKind::ClusterView`]).

use std::collections::HashSet;
use std::sync::Arc;

use pg::{Env, Oid};

use super::{Catalog, Column, Database, LiveRelation, Relation, RelationKind, SUPERUSER};
use crate::analyze::{AnalyzeContext, Params, VIEW_SEARCH_PATH, analyze};
use crate::hazelcast::CATALOG;
use crate::parse::{ParseOptions, Token, TokenKind, parse, tokenize};

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
    if views.is_empty() {
        return tables;
    }
    for _ in 0..ROUNDS {
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

/// A definition as Hazelcast keeps it (`HazelcastSqlDialect`) in the words of PostgreSQL: without its catalog before names, which is
/// no database, and with types that mean the same. Its DECIMAL has one precision and one scale, which bind nothing.
fn in_postgresqls_words(definition: &str) -> String {
    let tokens = tokenize(definition);
    let word = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.kind.is_word(word));
    let symbol = |at: usize, symbol: char| tokens.get(at).is_some_and(|token| token.kind.is_symbol(symbol));
    let number = |at: usize, n: i32| matches!(tokens.get(at), Some(t) if matches!(t.kind, TokenKind::Integer(i) if i == n));
    let quoted = |at: usize| tokens.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Quoted(_)));
    // How many tokens make room for what.
    let other = |at: usize| -> Option<(usize, &str)> {
        if is_quoted(&tokens, at, CATALOG) && symbol(at + 1, '.') && symbol(at + 3, '.') {
            Some((2, ""))
        } else if word(at, "double") && !word(at + 1, "precision") {
            Some((1, "DOUBLE PRECISION"))
        } else if word(at, "tinyint") {
            Some((1, "SMALLINT"))
        } else if word(at, "decimal") && symbol(at + 1, '(') && number(at + 2, 76) && number(at + 4, 38) {
            Some((6, "DECIMAL"))
        } else if word(at, "character") && word(at + 1, "set") && quoted(at + 2) {
            Some((3, ""))
        } else {
            None
        }
    };
    let (mut out, mut copied, mut at) = (String::with_capacity(definition.len()), 0, 0);
    while at < tokens.len() {
        let Some((length, text)) = other(at) else {
            at += 1;
            continue;
        };
        let start = tokens.get(at).map_or(definition.len(), |token| token.start);
        let end = tokens.get(at + length - 1).map_or(definition.len(), |token| token.end);
        out.push_str(definition.get(copied..start).unwrap_or_default());
        out.push_str(text);
        (copied, at) = (end, at + length);
    }
    out.push_str(definition.get(copied..).unwrap_or_default());
    out
}

fn is_quoted(tokens: &[Token], at: usize, name: &str) -> bool {
    matches!(tokens.get(at).map(|token| &token.kind), Some(TokenKind::Quoted(text)) if **text == *name)
}

/// A view of the cluster's as one of PostgreSQL's, if its definition is one.
fn understood(catalog: &Catalog, view: &Relation) -> Option<Relation> {
    let RelationKind::ClusterView { definition } = &view.kind else { return None };
    let definition = in_postgresqls_words(definition);
    let statement = parse(&definition, ParseOptions::default()).ok()?.into_iter().next()?;
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
        kind: RelationKind::View { definition: definition.into() },
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

/// Whether a view reads a relation. Its definition names all relations with their schemas, in quotes.
fn reads(view: &Relation, relation: &Relation) -> bool {
    let definition = match &view.kind {
        RelationKind::ClusterView { definition } => definition.as_str(),
        RelationKind::View { definition } => definition,
        RelationKind::Mapping(_) | RelationKind::Catalog => return false,
    };
    let tokens = tokenize(definition);
    let names =
        |at: usize| is_quoted(&tokens, at, &relation.schema) && is_quoted(&tokens, at + 2, &relation.name);
    (0..tokens.len()).any(names)
}

fn is_same(a: &Relation, b: &Relation) -> bool {
    let types = |relation: &Relation| relation.columns.iter().map(|column| column.ty).collect::<Vec<_>>();
    std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind) && types(a) == types(b)
}
