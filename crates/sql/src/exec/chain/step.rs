//! One join of a chain.

use std::sync::Arc;

use pg::{Oid, Result, Value};

use crate::catalog::{IndexColumn, Numbers, Relation, TableIndex};
use crate::exec::eval::{Op, Scope, eval_all};
use crate::exec::frame::{Frame, Pace};
use crate::exec::join;
use crate::exec::lookup::Probe;
use crate::exec::stream::{BoxNode, drain};
use crate::query::JoinKind;

/// A join, compiled. Its expressions are over the parts of the row.
pub(super) struct Step {
    /// Inner, Left, Semi or Anti.
    pub(super) kind: JoinKind,
    pub(super) right: Right,
    /// What the right row must be; none when that is tested before.
    pub(super) filter: Option<Op>,
    /// What else must hold, with the right row.
    pub(super) condition: Option<Op>,
    /// So many steps from this one on are one left join: where no rows match all of them, all their parts are NULL.
    pub(super) opens: usize,
    /// It is the last one of those, and the first is so many steps before it.
    pub(super) closes: Option<usize>,
}

/// Where the right rows come from.
pub(super) enum Right {
    /// A relation of the catalog, by an index of it.
    Index { relation: Arc<Relation>, index: Vec<IndexColumn>, probe: Probe },
    /// Rows that are made when the chain begins, by keys.
    Table { node: BoxNode, left_keys: Vec<Op>, right_keys: Vec<Op>, types: Vec<Oid> },
}

/// The right rows.
pub(super) enum Table {
    Index(Arc<TableIndex>),
    Rows(join::Table),
}

/// How far a join has come for a left row.
pub(super) struct Cursor {
    candidates: Candidates,
    /// The right row under way; none: NULLs.
    row: Option<usize>,
    matched: bool,
    done: bool,
    /// All steps that this one opens have matched.
    pub(super) filled: bool,
}

enum Candidates {
    /// Numbers of rows that match the keys.
    Found(Numbers),
    /// The next row whose keys may be these.
    Next(Option<usize>, Vec<Value>),
}

impl Step {
    /// Gets the right rows.
    pub(super) async fn table(&self, frame: &Frame) -> Result<Table> {
        match &self.right {
            Right::Index { relation, index, .. } => {
                Ok(Table::Index(frame.run.snapshot()?.index(relation.oid, index)))
            }
            Right::Table { node, right_keys, types, .. } => {
                let mut reservation = frame.reserve("a hash join");
                let rows = drain(&mut node.clone().open(frame), &mut reservation).await?;
                join::Table::new(rows, (right_keys, types), reservation, frame).await.map(Table::Rows)
            }
        }
    }

    /// Begins with a left row.
    pub(super) fn begin(&self, table: &Table, scope: &Scope<'_>) -> Result<Cursor> {
        let candidates = match (&self.right, table) {
            (Right::Index { probe, .. }, Table::Index(index)) => Candidates::Found(probe.find(index, scope)?),
            (Right::Table { left_keys, types, .. }, Table::Rows(rows)) => {
                let key = eval_all(left_keys, scope)?;
                Candidates::Next(rows.first(types, &key), key)
            }
            _ => Candidates::Next(None, Vec::new()),
        };
        Ok(Cursor { candidates, row: None, matched: false, done: false, filled: false })
    }

    /// Goes on to the next right row, which becomes the last part; false when there is none any more.
    pub(super) async fn advance<'a>(
        &self,
        cursor: &mut Cursor,
        table: &'a Table,
        parts: &mut Vec<&'a [Value]>,
        frame: &Frame,
        pace: &mut Pace,
    ) -> Result<bool> {
        if cursor.done {
            return Ok(false);
        }
        while let Some(at) = self.next(cursor, table) {
            pace.step().await?;
            let right = table.row(at);
            if let Some(filter) = &self.filter
                && !filter.is_true(&frame.scope(right))?
            {
                continue;
            }
            parts.push(right);
            if let Some(condition) = &self.condition
                && !condition.is_true(&frame.scope_of(parts))?
            {
                parts.pop();
                continue;
            }
            cursor.matched = true;
            cursor.row = Some(at);
            match self.kind {
                JoinKind::Semi => cursor.done = true,
                JoinKind::Anti => {
                    cursor.done = true;
                    return Ok(false);
                }
                _ => {}
            }
            return Ok(true);
        }
        cursor.done = true;
        cursor.row = None;
        let alone = match self.kind {
            JoinKind::Left | JoinKind::Anti => !cursor.matched,
            _ => false,
        };
        if alone {
            // Places of a part that are not there are NULL.
            parts.push(&[]);
        }
        Ok(alone)
    }

    fn next(&self, cursor: &mut Cursor, table: &Table) -> Option<usize> {
        match (&mut cursor.candidates, table, &self.right) {
            (Candidates::Found(found), ..) => found.next(),
            (Candidates::Next(next, key), Table::Rows(rows), Right::Table { types, .. }) => loop {
                let at = (*next)?;
                *next = rows.after(at);
                if rows.has_key(types, at, key) {
                    return Some(at);
                }
            },
            _ => None,
        }
    }
}

impl Table {
    fn row(&self, at: usize) -> &[Value] {
        let row = match self {
            Table::Index(index) => index.rows().get(at),
            Table::Rows(rows) => rows.rows.get(at),
        };
        row.map(Vec::as_slice).unwrap_or_default()
    }
}

impl Cursor {
    /// That of a join whose part is not there.
    pub(super) fn absent() -> Cursor {
        let candidates = Candidates::Found(Numbers::None);
        Cursor { candidates, row: None, matched: false, done: true, filled: false }
    }

    /// The part that it stands at.
    pub(super) fn part<'a>(&self, table: &'a Table) -> &'a [Value] {
        self.row.map(|at| table.row(at)).unwrap_or_default()
    }
}
