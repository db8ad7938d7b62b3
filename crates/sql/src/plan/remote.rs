//! A statement for the cluster in the making: one mapping or view, and as many phases of a query block as are exact.

use std::collections::HashMap;
use std::sync::Arc;

use pg::TypeRef;

use crate::catalog::{Relation, RelationKind};
use crate::hazelcast::SqlType;
use crate::plan::{
    EntryRead, KeyAccess, KeyPart, Keys, Notes, Plan, RemoteArg, RemoteColumn, RemoteScan, Way,
};

use super::choose::ByEntries;
use super::piece::{Piece, TypedPiece, column_piece, quote};
use super::search::Search;

/// A value of each row that comes back.
#[derive(Clone, Debug)]
struct Output {
    piece: Piece,
    column: RemoteColumn,
    /// The column of the relation, when it is one.
    source: Option<usize>,
}

/// A `SELECT` of Hazelcast SQL over one relation, which is called `t` in it.
#[derive(Clone, Debug)]
pub(super) struct RemoteSelect {
    relation: Arc<Relation>,
    outputs: Vec<Output>,
    columns: HashMap<usize, usize>,
    pub(super) filters: Vec<Piece>,
    pub(super) group_by: Vec<Piece>,
    pub(super) having: Vec<Piece>,
    pub(super) order_by: Vec<Piece>,
    pub(super) limit: Option<RemoteArg>,
    pub(super) offset: Option<RemoteArg>,
    /// `SELECT DISTINCT`.
    pub(super) distinct: bool,
    /// The one filter fixes the key.
    pub(super) lookup: bool,
    /// Only the entries of these keys, by map operations; there are no filters then.
    pub(super) keys: Option<(Vec<KeyPart>, Keys)>,
    /// All entries, by map operations, and why; there is nothing but columns then.
    pub(super) entries: Option<ByEntries>,
    /// When there turn out to be more bytes than that, they are read by the statement.
    pub(super) max_pull: Option<u64>,
    /// All outputs are the number of entries.
    pub(super) size: bool,
    /// What is computed further in, in a derived table: Hazelcast groups by no expression that has arguments.
    pub(super) inner: Inner,
    /// Why no more goes down.
    pub(super) cut: Option<Arc<str>>,
}

/// The derived table of a statement: columns of the relation, and values by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Inner {
    pub(super) columns: Vec<usize>,
    pub(super) values: Vec<(String, Piece)>,
}

impl RemoteSelect {
    pub(super) fn new(relation: &Arc<Relation>) -> RemoteSelect {
        RemoteSelect {
            relation: relation.clone(),
            outputs: Vec::new(),
            columns: HashMap::new(),
            filters: Vec::new(),
            group_by: Vec::new(),
            having: Vec::new(),
            order_by: Vec::new(),
            limit: None,
            offset: None,
            distinct: false,
            lookup: false,
            keys: None,
            entries: None,
            max_pull: None,
            size: false,
            inner: Inner::default(),
            cut: None,
        }
    }

    /// The place of a column in the rows that come back; it is asked for when it was not yet.
    pub(super) fn column(&mut self, index: usize) -> usize {
        if let Some(&slot) = self.columns.get(&index) {
            return slot;
        }
        let slot = self.repeat_column(index);
        self.columns.insert(index, slot);
        slot
    }

    /// Asks for a column (once more), so that the rows are those of a select list with duplicates.
    pub(super) fn repeat_column(&mut self, index: usize) -> usize {
        let (piece, ty, cluster_type) = match self.relation.columns.get(index) {
            Some(column) => (column_piece(column), column.ty, column.cluster_type.unwrap_or(SqlType::Object)),
            None => (Piece::sql("NULL"), TypeRef::of(pg::oid::TEXT), SqlType::Null),
        };
        let slot = self.push(piece, RemoteColumn { cluster_type, ty }, Some(index));
        self.columns.entry(index).or_insert(slot);
        slot
    }

    /// Asks for a value that is no plain column.
    pub(super) fn output(&mut self, value: TypedPiece, ty: TypeRef) -> usize {
        self.push(value.piece, RemoteColumn { cluster_type: value.cluster_type, ty }, None)
    }

    /// All outputs are the same.
    pub(super) fn only_first_output(&mut self) {
        self.outputs.truncate(1);
    }

    /// Whether the statement is about entries whose keys are known.
    pub(super) fn is_by_key(&self) -> bool {
        self.lookup || self.keys.is_some()
    }

    /// How many entries there are at most, when they are looked up by keys whose number is known.
    pub(super) fn most_rows(&self) -> Option<f64> {
        match &self.keys {
            Some((_, Keys::List(keys))) => Some(keys.len() as f64),
            _ => None,
        }
    }

    fn push(&mut self, piece: Piece, column: RemoteColumn, source: Option<usize>) -> usize {
        self.outputs.push(Output { piece, column, source });
        self.outputs.len() - 1
    }

    /// The name of an output, by which ORDER BY finds an aggregate.
    pub(super) fn alias(slot: usize) -> String {
        quote(&format!("c{slot}"))
    }

    /// How many values a row has.
    pub(super) fn width(&self) -> usize {
        self.outputs.len()
    }

    /// The statement. Without outputs, each row is a constant.
    pub(super) fn finish(mut self) -> Plan {
        if let Some((parts, keys)) = self.keys.take() {
            return self.finish_keys(parts, keys);
        }
        if let Some(entries) = self.entries.take() {
            return self.finish_entries(entries);
        }
        if self.outputs.is_empty() {
            let column = RemoteColumn { cluster_type: SqlType::TinyInt, ty: TypeRef::of(pg::oid::INT2) };
            self.push(Piece::sql("1"), column, None);
        }
        let streaming = match &self.relation.kind {
            RelationKind::Mapping(mapping) => mapping.streaming,
            _ => false,
        };
        let columns = self.outputs.iter().map(|output| output.column).collect();
        let lookup = self.lookup;
        let way = if self.size { Way::Size(self.map().into()) } else { Way::Sql };
        let notes = self.notes();
        let text = self.text();
        Plan::Remote(Arc::new(RemoteScan {
            sql: text.sql.into(),
            args: text.args,
            columns,
            lookup,
            streaming,
            way,
            guarded: text.risky,
            reason: None,
            notes,
        }))
    }

    fn map(&self) -> &str {
        self.relation.mapping().map_or("", |mapping| &mapping.external_name)
    }

    /// All entries. Without outputs, each row is a part of its key.
    fn finish_entries(mut self, ByEntries { reason, search }: ByEntries) -> Plan {
        if self.outputs.is_empty() {
            let key = self.relation.key_columns().last().map(|(index, _)| index);
            let Some(key) = key else { return self.finish() };
            self.column(key);
        }
        let (mut read, columns) = self.read();
        let rows = self.relation.mapping().and_then(|mapping| mapping.rows);
        let notes = Notes { cut: self.cut.clone(), pulls: rows.filter(|_| search.is_none()) };
        let Piece { sql, mut args, risky, .. } = self.text();
        args.extend(search.iter().flat_map(Search::args));
        read.search = search.map(|search| search.search);
        let (sql, way, reason) = (sql.into(), Way::Entries(read), Some(reason));
        Plan::Remote(Arc::new(RemoteScan {
            sql,
            args,
            columns,
            lookup: false,
            guarded: risky,
            streaming: false,
            way,
            reason,
            notes,
        }))
    }

    fn notes(&self) -> Notes {
        let rows = self.relation.mapping().and_then(|mapping| mapping.rows);
        let all = self.filters.is_empty() && self.group_by.is_empty() && self.limit.is_none();
        let whole = all && !self.lookup && !self.size && !self.distinct;
        Notes { cut: self.cut.clone(), pulls: rows.filter(|_| whole) }
    }

    /// What is read of each entry.
    fn read(&self) -> (EntryRead, Vec<RemoteColumn>) {
        let read = EntryRead {
            relation: self.relation.clone(),
            columns: self.outputs.iter().filter_map(|output| output.source).collect(),
            search: None,
            max_pull: self.max_pull,
            kept: Default::default(),
        };
        (read, self.outputs.iter().map(|output| output.column).collect())
    }

    /// The entries of some keys. The statement is the one for one key. Without outputs, each row is a part of its key.
    fn finish_keys(mut self, parts: Vec<KeyPart>, keys: Keys) -> Plan {
        if let (true, Some(part)) = (self.outputs.is_empty(), parts.first()) {
            self.column(part.column);
        }
        for part in &parts {
            let column = self.relation.columns.get(part.column).map(column_piece).unwrap_or_default();
            self.filters.push(Piece::wrapped("(", column, " = ?)"));
        }
        let (read, columns) = self.read();
        let sql: Arc<str> = self.text().sql.into();
        let way = Way::Keys(Box::new(KeyAccess { read, parts, keys }));
        let (args, reason) = (Vec::new(), None);
        Plan::Remote(Arc::new(RemoteScan {
            sql,
            args,
            columns,
            lookup: false,
            streaming: false,
            way,
            guarded: false,
            reason,
            notes: Notes::default(),
        }))
    }

    fn text(self) -> Piece {
        let mut text = Writer(Piece::sql(if self.distinct { "SELECT DISTINCT" } else { "SELECT" }));
        for (slot, Output { piece, .. }) in self.outputs.into_iter().enumerate() {
            text.sql(if slot > 0 { ", " } else { " " });
            text.piece(piece);
            text.sql(&format!(" AS {}", RemoteSelect::alias(slot)));
        }
        let (schema, name) = (quote(&self.relation.schema), quote(&self.relation.name));
        if self.inner.values.is_empty() {
            text.sql(&format!(" FROM {schema}.{name} AS t"));
            text.list(" WHERE ", " AND ", self.filters);
        } else {
            text.sql(" FROM (SELECT ");
            let columns = self.inner.columns.iter().filter_map(|&column| self.relation.columns.get(column));
            let columns = columns.map(|column| (quote(&column.name), column_piece(column)));
            for (i, (name, piece)) in columns.chain(self.inner.values).enumerate() {
                text.sql(if i > 0 { ", " } else { "" });
                text.piece(piece);
                text.sql(&format!(" AS {name}"));
            }
            text.sql(&format!(" FROM {schema}.{name} AS t"));
            text.list(" WHERE ", " AND ", self.filters);
            text.sql(") AS t");
        }
        text.list(" GROUP BY ", ", ", self.group_by);
        text.list(" HAVING ", " AND ", self.having);
        text.list(" ORDER BY ", ", ", self.order_by);
        text.argument(" LIMIT ?", self.limit);
        text.argument(" OFFSET ?", self.offset);
        text.0
    }
}

/// Puts a statement together, its arguments in the order of their placeholders.
struct Writer(Piece);

impl Writer {
    fn sql(&mut self, sql: &str) {
        self.0.sql.push_str(sql);
    }

    fn piece(&mut self, piece: Piece) {
        self.0.append(piece);
    }

    fn list(&mut self, before: &str, between: &str, pieces: Vec<Piece>) {
        for (i, piece) in pieces.into_iter().enumerate() {
            self.sql(if i > 0 { between } else { before });
            self.piece(piece);
        }
    }

    fn argument(&mut self, sql: &str, arg: Option<RemoteArg>) {
        if let Some(arg) = arg {
            self.sql(sql);
            self.0.args.push(arg);
        }
    }
}
