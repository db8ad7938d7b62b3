//! Rows as keys: equality and hashes by the types of their columns, NULL equal to NULL.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use pg::{Oid, Value};

pub(super) use pg::compare::{compare, equal};

/// FNV-like mixing would do for honest data; rows come from outside, so the standard library's keyed hash does it.
pub(super) type State = std::hash::RandomState;

/// The hash of a row's columns.
pub(super) fn hash_row(state: &State, types: &[Oid], row: &[Value]) -> u64 {
    use std::hash::BuildHasher;
    let mut hasher = state.build_hasher();
    for (at, value) in row.iter().enumerate() {
        pg::hash(type_at(types, at), value, &mut hasher);
    }
    hasher.finish()
}

/// Whether two rows are not distinct.
pub(super) fn same_row(types: &[Oid], a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).enumerate().all(|(at, (a, b))| equal(type_at(types, at), a, b))
}

fn type_at(types: &[Oid], at: usize) -> Oid {
    types.get(at).copied().unwrap_or(Oid::INVALID)
}

/// How one column is ordered.
#[derive(Clone, Copy)]
pub(super) struct Order {
    pub(super) ty: Oid,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

impl Order {
    /// As without any words in ORDER BY.
    pub(super) fn ascending(ty: Oid) -> Order {
        Order { ty, descending: false, nulls_first: false }
    }

    #[inline]
    pub(super) fn compare(&self, a: &Value, b: &Value) -> Ordering {
        match (a.is_null(), b.is_null()) {
            (false, false) => {
                let order = compare(self.ty, a, b);
                if self.descending { order.reverse() } else { order }
            }
            (true, true) => Ordering::Equal,
            (null, _) if null == self.nulls_first => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
}

/// Compares two keys.
pub(super) fn compare_keys(orders: &[Order], a: &[Value], b: &[Value]) -> Ordering {
    for (order, (a, b)) in orders.iter().zip(a.iter().zip(b)) {
        let found = order.compare(a, b);
        if found.is_ne() {
            return found;
        }
    }
    Ordering::Equal
}

/// Finds entries, numbered in the order they were added, by hash. The caller has the entries and compares them.
#[derive(Default)]
pub(super) struct HashIndex {
    /// The first and the last entry of a hash.
    chains: HashMap<u64, (u32, u32), BuildHasherDefault<Identity>>,
    /// The next entry of the same hash.
    next: Vec<u32>,
}

const END: u32 = u32::MAX;

impl HashIndex {
    /// What an entry takes, in bytes, beside the caller's own.
    pub(super) const ENTRY_BYTES: usize = 32;

    /// Adds the next entry.
    pub(super) fn push(&mut self, hash: u64) {
        let entry = self.next.len() as u32;
        self.next.push(END);
        match self.chains.entry(hash) {
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert((entry, entry));
            }
            std::collections::hash_map::Entry::Occupied(mut occupied) => {
                let (_, last) = occupied.get_mut();
                if let Some(next) = self.next.get_mut(*last as usize) {
                    *next = entry;
                }
                *last = entry;
            }
        }
    }

    /// Counts an entry that nobody shall find.
    pub(super) fn push_hidden(&mut self) {
        self.next.push(END);
    }

    /// The first entry of a hash.
    pub(super) fn first(&self, hash: u64) -> Option<usize> {
        self.chains.get(&hash).map(|(first, _)| *first as usize)
    }

    /// The entry of the same hash after this one.
    pub(super) fn after(&self, entry: usize) -> Option<usize> {
        self.next.get(entry).filter(|next| **next != END).map(|next| *next as usize)
    }

    /// The first entry of a hash for which this is true.
    pub(super) fn find(&self, hash: u64, mut is: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut entry = self.first(hash);
        while let Some(found) = entry {
            if is(found) {
                return Some(found);
            }
            entry = self.after(found);
        }
        None
    }
}

/// For keys that are hashes already.
#[derive(Default)]
pub(crate) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A set of rows.
#[derive(Default)]
pub(super) struct RowSet {
    state: State,
    index: HashIndex,
    rows: Vec<Vec<Value>>,
}

impl RowSet {
    /// The number of a row that is not distinct from this one.
    pub(super) fn find(&self, types: &[Oid], row: &[Value]) -> Option<usize> {
        let hash = hash_row(&self.state, types, row);
        self.index.find(hash, |at| self.rows.get(at).is_some_and(|other| same_row(types, row, other)))
    }

    /// Adds a row unless it is there; its number, and whether it is new.
    pub(super) fn insert(&mut self, types: &[Oid], row: Vec<Value>) -> (usize, bool) {
        let hash = hash_row(&self.state, types, &row);
        let rows = &self.rows;
        let found =
            self.index.find(hash, |at| rows.get(at).is_some_and(|other| same_row(types, &row, other)));
        match found {
            Some(at) => (at, false),
            None => {
                self.index.push(hash);
                self.rows.push(row);
                (self.rows.len() - 1, true)
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        self.rows.iter().map(|row| super::memory::row_bytes(row) + HashIndex::ENTRY_BYTES).sum()
    }

    pub(super) fn into_rows(self) -> Vec<Vec<Value>> {
        self.rows
    }
}
