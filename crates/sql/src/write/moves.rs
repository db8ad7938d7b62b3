//! Rows that an UPDATE gives another key: their entries are put under the new key and removed from the old one.
//!
//! Rows are taken in the order of their keys, and each new key must be free when its row's turn comes, as PostgreSQL's
//! unique indexes want it. Whether that is so is found for all rows before the first is written.

use std::collections::{HashMap, HashSet};

use futures::stream::{StreamExt, TryStreamExt, iter};
use pg::{Result, Value};

use crate::exec::Context;
use crate::remote::{EntryKey, StoredValue};

use super::entries::{Entries, concurrent_update};
use super::key::GETS;
use super::partly;

/// The entries of the rows as they were read.
pub(super) type Stored = HashMap<EntryKey, Option<StoredValue>>;

/// Rows to be moved, or only changed where the new key is the old one.
pub(super) struct Moves<'e> {
    entries: &'e Entries,
    rows: Vec<Move>,
    stored: Stored,
}

struct Move {
    old: EntryKey,
    new: EntryKey,
    key: Vec<Value>,
    values: Vec<Value>,
}

impl<'e> Moves<'e> {
    /// The moves of rows with these keys and new values, none of which meets a key that is there.
    pub(super) async fn of(
        entries: &'e Entries,
        context: &Context,
        rows: Vec<(Vec<Value>, Vec<Value>)>,
        stored: Stored,
    ) -> Result<Moves<'e>> {
        let row = |(key, values): (Vec<Value>, Vec<Value>)| {
            let old = entries.key.entry_key(context, &key)?;
            let new = entries.key.entry_key(context, &entries.new_key(&key, &values))?;
            Ok(Move { old, new, key, values })
        };
        let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
        let moves = Moves { entries, rows, stored };
        let mut there = moves.there(context).await?;
        for row in moves.rows.iter().filter(|row| row.old != row.new) {
            if there.contains(&row.new) {
                return Err(entries.duplicate(&row.key, &row.values, &context.env));
            }
            there.remove(&row.old);
            there.insert(row.new.clone());
        }
        Ok(moves)
    }

    /// Which of all keys that are named, old and new, have an entry.
    async fn there(&self, context: &Context) -> Result<HashSet<EntryKey>> {
        let mut there: HashSet<EntryKey> = self.rows.iter().map(|row| row.old.clone()).collect();
        let unknown = self.rows.iter().filter(|row| !there.contains(&row.new));
        let look = |row: &'_ Move| {
            let key = self.entries.new_key(&row.key, &row.values);
            let new = row.new.clone();
            async move {
                let found = self.entries.key.stored(context, &new, &key).await?;
                Ok::<_, pg::Error>(found.map(|_| new))
            }
        };
        let found: Vec<Option<EntryKey>> =
            iter(unknown.map(look).collect::<Vec<_>>()).buffer_unordered(GETS).try_collect().await?;
        there.extend(found.into_iter().flatten());
        Ok(there)
    }

    /// What RETURNING needs of the rows.
    pub(super) fn needed(&self) -> Vec<Vec<Value>> {
        self.rows.iter().map(|row| self.entries.needed(&row.values)).collect()
    }

    /// One row after the other: where one goes, another may have been.
    pub(super) async fn write(&self, context: &Context) -> Result<()> {
        for (row, written) in self.rows.iter().zip(0..) {
            let done = async {
                context.cancel.check()?;
                let old = self.stored.get(&row.old).cloned().flatten().ok_or_else(concurrent_update)?;
                self.write_one(context, row, &old).await
            };
            done.await.map_err(|error| partly(error, written, 0, "statement"))?;
        }
        Ok(())
    }

    async fn write_one(&self, context: &Context, row: &Move, old: &StoredValue) -> Result<()> {
        let (entries, cluster) = (self.entries, &context.cluster);
        if row.old == row.new {
            return match entries.replace(context, old, row.values.clone()).await? {
                true => Ok(()),
                false => Err(concurrent_update()),
            };
        }
        let new = entries.new_value(old, &row.values)?;
        if !cluster.add_entry(&entries.map, &row.new, old, &new).await? {
            return Err(entries.duplicate(&row.key, &row.values, &context.env));
        }
        if !cluster.remove_stored(&entries.map, old).await? {
            // Somebody has changed the row meanwhile, which stays where it was.
            cluster.remove_entry(&entries.map, &row.new).await?;
            return Err(concurrent_update());
        }
        Ok(())
    }
}
