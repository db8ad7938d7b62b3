//! Indexes over the rows of the catalog's tables: made when first asked for, kept as long as the rows are.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use pg::{Oid, Value};

use crate::exec::Identity;

/// A column of an index, and the type by whose equality it is looked up.
pub type IndexColumn = (usize, Oid);

/// The numbers of rows that were found: mostly none or one, for which nothing is allocated.
#[derive(Debug, Default)]
pub enum Numbers {
    /// None any more.
    #[default]
    None,
    /// One more.
    One(usize),
    /// Several.
    Many(std::vec::IntoIter<usize>),
}

impl Iterator for Numbers {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Numbers::None => None,
            Numbers::One(number) => {
                let number = *number;
                *self = Numbers::None;
                Some(number)
            }
            Numbers::Many(numbers) => numbers.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Numbers::None => 0,
            Numbers::One(_) => 1,
            Numbers::Many(numbers) => numbers.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Numbers {}

impl FromIterator<usize> for Numbers {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Numbers {
        let mut numbers = numbers.into_iter();
        match (numbers.next(), numbers.next()) {
            (None, _) => Numbers::None,
            (Some(only), None) => Numbers::One(only),
            (Some(first), Some(second)) => {
                let all: Vec<usize> = [first, second].into_iter().chain(numbers).collect();
                Numbers::Many(all.into_iter())
            }
        }
    }
}

/// Rows of a table by the values of some columns.
#[derive(Debug)]
pub struct TableIndex {
    rows: Arc<[Vec<Value>]>,
    columns: Box<[IndexColumn]>,
    state: RandomState,
    /// Where the rows of a hash stand in `order`.
    spans: HashMap<u64, (u32, u32), BuildHasherDefault<Identity>>,
    /// Numbers of rows, by hash, then in the order of the table. Rows with a NULL are in no span: nothing equals them.
    order: Box<[u32]>,
}

impl TableIndex {
    /// Reads the rows once.
    pub fn new(rows: Arc<[Vec<Value>]>, columns: &[IndexColumn]) -> TableIndex {
        let state = RandomState::new();
        let mut hashed: Vec<(u64, u32)> = Vec::with_capacity(rows.len());
        for (row, number) in rows.iter().zip(0..) {
            let key = || columns.iter().map(|(at, ty)| (row.get(*at).unwrap_or(&Value::Null), *ty));
            if key().all(|(value, _)| !value.is_null()) {
                hashed.push((hash(&state, key()), number));
            }
        }
        hashed.sort_unstable();
        let mut spans: HashMap<u64, (u32, u32), BuildHasherDefault<Identity>> =
            HashMap::with_capacity_and_hasher(hashed.len(), BuildHasherDefault::default());
        for ((hash, _), at) in hashed.iter().zip(0..) {
            spans.entry(*hash).or_insert((at, at)).1 = at + 1;
        }
        let order = hashed.into_iter().map(|(_, number)| number).collect();
        TableIndex { rows, columns: columns.into(), state, spans, order }
    }

    /// The rows that it is over.
    pub fn rows(&self) -> &Arc<[Vec<Value>]> {
        &self.rows
    }

    /// How many rows one look-up finds on average, rounded up.
    pub fn rows_per_key(&self) -> usize {
        self.order.len().div_ceil(self.spans.len().max(1))
    }

    /// The numbers of the rows whose columns equal these values; none when one is NULL.
    pub fn find<'a>(&'a self, key: &'a [Value]) -> impl Iterator<Item = usize> + 'a {
        let columns = &self.columns;
        let span = match key.iter().any(Value::is_null) {
            true => None,
            false => {
                let typed = key.iter().zip(columns).map(|(value, (_, ty))| (value, *ty));
                self.spans.get(&hash(&self.state, typed))
            }
        };
        let (from, to) = span.copied().unwrap_or_default();
        let found = self.order.get(from as usize..to as usize).unwrap_or_default();
        found.iter().map(|number| *number as usize).filter(move |number| {
            self.rows.get(*number).is_some_and(|row| {
                key.iter().zip(columns).all(|(value, (at, ty))| {
                    row.get(*at).is_some_and(|held| pg::compare::equal(*ty, held, value))
                })
            })
        })
    }
}

fn hash<'a>(state: &RandomState, values: impl Iterator<Item = (&'a Value, Oid)>) -> u64 {
    use std::hash::Hasher;
    let mut hasher = state.build_hasher();
    values.for_each(|(value, ty)| pg::hash(ty, value, &mut hasher));
    hasher.finish()
}

/// Indexes that are kept.
#[derive(Debug, Default)]
pub struct Indexes {
    kept: Mutex<HashMap<Key, Arc<TableIndex>>>,
}

/// A table and the columns of an index of it.
type Key = (Oid, Box<[IndexColumn]>);

impl Indexes {
    /// Statements choose what is indexed; beyond this nothing more is kept for them.
    const MAX: usize = 512;

    /// The index of a table with these rows by these columns.
    pub fn get(
        &self,
        relation: Oid,
        columns: &[IndexColumn],
        rows: impl FnOnce() -> Arc<[Vec<Value>]>,
    ) -> Arc<TableIndex> {
        let key = (relation, Box::from(columns));
        if let Some(index) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return index.clone();
        }
        // Made outside the lock: making it twice does no harm.
        let index = Arc::new(TableIndex::new(rows(), columns));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < Indexes::MAX {
            kept.insert(key, index.clone());
        }
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pg::oid::{INT4, OID, TEXT};

    fn rows() -> Arc<[Vec<Value>]> {
        [
            vec![Value::Oid(Oid(1)), Value::text("a")],
            vec![Value::Oid(Oid(2)), Value::text("b")],
            vec![Value::Oid(Oid(1)), Value::text("c")],
            vec![Value::Null, Value::text("a")],
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn rows_are_found_in_their_order() {
        let index = TableIndex::new(rows(), &[(0, OID)]);
        let find = |value| index.find(&[value]).collect::<Vec<_>>();
        assert_eq!(find(Value::Oid(Oid(1))), [0, 2]);
        assert!(find(Value::Oid(Oid(3))).is_empty());
        assert!(find(Value::Null).is_empty());
        assert_eq!(index.rows_per_key(), 2);
    }

    #[test]
    fn columns_count_together_and_integers_of_any_width_are_equal() {
        let index = TableIndex::new(rows(), &[(0, INT4), (1, TEXT)]);
        let key = [Value::Int4(1), Value::text("c")];
        assert_eq!(index.find(&key).collect::<Vec<_>>(), [2]);
        assert_eq!(index.find(&[Value::Int4(1), Value::text("b")]).count(), 0);
    }
}
