//! The plan cache: texts that were read, with what their statements turned out to mean ([`super::statement`]), for all
//! sessions. A text that comes again is neither read, nor analysed, nor planned again, whoever sends it. Texts that
//! differ in anything, a literal too, are different: what a literal's value means to types, positions and plans needs no
//! thought.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use crate::session::engine::Parsed;

/// Texts that are longer are not kept.
const TEXT_MAX: usize = 32 * 1024;
/// What all that is kept may take, by the estimate of [`size`].
const BYTES_MAX: usize = 64 << 20;
/// Texts that came once are remembered by their hashes, up to so many.
const SEEN_MAX: usize = 1 << 14;

/// Statements by their texts.
#[derive(Debug)]
pub(super) struct Cache {
    hasher: RandomState,
    limit: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Without and with placeholders.
    texts: [HashMap<Arc<str>, Entry>; 2],
    bytes: usize,
    /// Counts uses.
    uses: u64,
    seen: HashSet<u64>,
}

#[derive(Debug)]
struct Entry {
    statements: Vec<Parsed>,
    used: u64,
}

impl Default for Cache {
    fn default() -> Cache {
        Cache { hasher: RandomState::new(), limit: BYTES_MAX, kept: Mutex::default() }
    }
}

impl Cache {
    /// The statements of a text that is kept.
    pub(super) fn get(&self, text: &str, placeholders: bool) -> Option<Vec<Parsed>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.uses += 1;
        let used = kept.uses;
        let entry = kept.texts[usize::from(placeholders)].get_mut(text)?;
        entry.used = used;
        Some(entry.statements.clone())
    }

    /// Keeps the statements of a text, if it came before: one that never comes again would only push others out.
    pub(super) fn put(&self, text: &Arc<str>, placeholders: bool, statements: &[Parsed]) {
        if text.len() > TEXT_MAX || statements.is_empty() {
            return;
        }
        let hash = self.hasher.hash_one((&**text, placeholders));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.seen.remove(&hash) {
            if kept.seen.len() >= SEEN_MAX {
                kept.seen.clear();
            }
            kept.seen.insert(hash);
            return;
        }
        if kept.bytes + size(text) > self.limit {
            kept.forget_half();
        }
        let entry = Entry { statements: statements.to_vec(), used: kept.uses };
        if kept.texts[usize::from(placeholders)].insert(text.clone(), entry).is_none() {
            kept.bytes += size(text);
        }
    }
}

impl Kept {
    /// Forgets the half that was not used for longest.
    fn forget_half(&mut self) {
        let mut uses: Vec<u64> =
            self.texts.iter().flat_map(HashMap::values).map(|entry| entry.used).collect();
        let middle = uses.len() / 2;
        if uses.is_empty() {
            return;
        }
        let limit = *uses.select_nth_unstable(middle).1;
        for texts in &mut self.texts {
            texts.retain(|_, entry| entry.used > limit);
        }
        self.bytes = self.texts.iter().flat_map(HashMap::keys).map(|text| size(text)).sum();
    }
}

/// What a text, its tree, its meaning and its plan take, roughly: the trees grow with the text.
fn size(text: &str) -> usize {
    4096 + 100 * text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::command::Command;
    use crate::session::engine::ParsedKind;

    fn statements() -> Vec<Parsed> {
        vec![Parsed { text: 0..8, kind: ParsedKind::Command(Command::ShowAll) }]
    }

    #[test]
    fn a_text_is_kept_when_it_comes_again() {
        let cache = Cache::default();
        let text: Arc<str> = "SELECT 1".into();
        cache.put(&text, false, &statements());
        assert!(cache.get(&text, false).is_none(), "it came once");
        cache.put(&text, false, &statements());
        assert!(cache.get(&text, false).is_some());
        assert!(cache.get(&text, true).is_none(), "with placeholders it is another");
        assert!(cache.get("SELECT 2", false).is_none() && cache.get("select 1", false).is_none());
    }

    #[test]
    fn what_is_not_used_makes_room() {
        let cache = Cache { limit: 10 * size("0000"), ..Cache::default() };
        for number in 0..1000 {
            let text: Arc<str> = format!("{number:04}").into();
            cache.put(&text, false, &statements());
            cache.put(&text, false, &statements());
            assert!(cache.get("0000", false).is_some(), "used all the time, after {number}");
            let kept = cache.kept.lock().unwrap();
            assert!(kept.bytes <= cache.limit && kept.texts[0].len() <= 10);
            assert_eq!(kept.bytes, kept.texts[0].keys().map(|text| size(text)).sum::<usize>());
        }
    }
}
