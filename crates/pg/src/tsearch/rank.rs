//! How well a document fits a query (`tsrank.c`): numbers as PostgreSQL computes them, `float4` and `float8` where it has
//! them.

use super::matching::{Answer, Found, Source, Word, execute};
use super::query::{Item, Operator, TsQuery};
use super::vector::{Lexeme, Position, TsVector};
use super::{MAX_POSITION, deeper};

/// What weights `D` to `A` count, when nothing else is said.
pub const DEFAULT_WEIGHTS: [f32; 4] = [0.1, 0.2, 0.4, 1.0];

/// How the number depends on the length of the document: bits.
mod by {
    pub(super) const LOG_LENGTH: i32 = 1;
    pub(super) const LENGTH: i32 = 2;
    pub(super) const EXTENT_DISTANCE: i32 = 4;
    pub(super) const UNIQUE: i32 = 8;
    pub(super) const LOG_UNIQUE: i32 = 16;
    pub(super) const ITSELF: i32 = 32;
}

/// The lexemes that a word of a query finds (`find_wordentry`).
fn lexemes_of<'a>(vector: &'a TsVector, word: &str, prefix: bool) -> &'a [Lexeme] {
    let start = vector.lexemes.partition_point(|lexeme| *lexeme.word < *word);
    let rest = vector.lexemes.get(start..).unwrap_or(&[]);
    let found = |lexeme: &&Lexeme| match prefix {
        true => lexeme.word.as_bytes().starts_with(word.as_bytes()),
        false => *lexeme.word == *word,
    };
    rest.get(..rest.iter().take_while(found).count()).unwrap_or(&[])
}

/// The words of a query in the order of their bytes, each once (`SortAndUniqItems`).
fn unique_words(query: &TsQuery) -> Vec<(&str, bool)> {
    let mut words: Vec<(&str, bool)> = query
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Word { text, prefix, .. } => Some((&**text, *prefix)),
            Item::Operator { .. } => None,
        })
        .collect();
    words.sort_by(|a, b| a.0.cmp(b.0));
    words.dedup_by(|next, kept| next.0 == kept.0);
    words
}

/// `word_distance`
fn closeness(distance: i32) -> f32 {
    if distance > 100 {
        return 1e-30;
    }
    (1.0 / (1.005 + 0.05 * (f64::from(distance as f32) / 1.5 - 2.0).exp())) as f32
}

fn weight_of(weights: &[f32; 4], position: Position) -> f32 {
    weights[usize::from(position.weight())]
}

/// `ts_rank`
pub fn rank(weights: &[f32; 4], vector: &TsVector, query: &TsQuery, method: i32) -> f32 {
    if vector.lexemes.is_empty() || query.is_empty() {
        return 0.0;
    }
    let joined = matches!(
        query.items.first(),
        Some(Item::Operator { operator: Operator::And | Operator::Phrase(_), .. })
    );
    let mut rank = if joined { rank_and(weights, vector, query) } else { rank_or(weights, vector, query) };
    if rank < 0.0 {
        rank = 1e-20;
    }
    let count = vector.lexemes.len();
    let logarithm = |n: usize| ((n + 1) as f64).ln() / 2f64.ln();
    if method & by::LOG_LENGTH != 0 {
        rank = (f64::from(rank) / logarithm(vector.length())) as f32;
    }
    if method & by::LENGTH != 0 {
        rank /= vector.length() as f32;
    }
    if method & by::UNIQUE != 0 {
        rank /= count as f32;
    }
    if method & by::LOG_UNIQUE != 0 {
        rank = (f64::from(rank) / logarithm(count)) as f32;
    }
    if method & by::ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank
}

/// The positions of a lexeme, or what stands for them: the last place there is (for distances), which is in no list.
struct Places<'a> {
    all: &'a [Position],
    unknown: bool,
}

/// `calc_rank_and`: by the distances of the words.
fn rank_and(weights: &[f32; 4], vector: &TsVector, query: &TsQuery) -> f32 {
    let words = unique_words(query);
    if words.len() < 2 {
        return rank_or(weights, vector, query);
    }
    let nowhere = [Position::new(u32::from(MAX_POSITION), 0)];
    let mut rank: f32 = -1.0;
    // Of each word the lexeme that was looked at last.
    let mut before: Vec<Places<'_>> = Vec::new();
    for (word, prefix) in words {
        let mut last = None;
        for lexeme in lexemes_of(vector, word, prefix) {
            let unknown = lexeme.positions.is_empty();
            let own = Places { all: if unknown { &nowhere } else { &lexeme.positions }, unknown };
            for other in &before {
                rank = add_pairs(weights, &own, other, rank);
            }
            last = Some(own);
        }
        before.extend(last);
    }
    rank
}

fn add_pairs(weights: &[f32; 4], own: &Places<'_>, other: &Places<'_>, mut rank: f32) -> f32 {
    for x in own.all {
        for y in other.all {
            let distance = (i32::from(x.place()) - i32::from(y.place())).abs();
            if distance == 0 && !own.unknown && !other.unknown {
                continue;
            }
            let distance = if distance == 0 { i32::from(MAX_POSITION) } else { distance };
            let product = weight_of(weights, *x) * weight_of(weights, *y) * closeness(distance);
            let pair = f64::from(product).sqrt() as f32;
            rank = match rank < 0.0 {
                true => pair,
                false => (1.0 - (1.0 - f64::from(rank)) * (1.0 - f64::from(pair))) as f32,
            };
        }
    }
    rank
}

/// `calc_rank_or`: by how often each word stands there.
fn rank_or(weights: &[f32; 4], vector: &TsVector, query: &TsQuery) -> f32 {
    let words = unique_words(query);
    let nowhere = [Position::default()];
    let mut rank: f32 = 0.0;
    for (word, prefix) in &words {
        for lexeme in lexemes_of(vector, word, *prefix) {
            let positions = if lexeme.positions.is_empty() { &nowhere[..] } else { &lexeme.positions };
            let (mut sum, mut highest, mut at): (f32, f32, usize) = (0.0, -1.0, 0);
            for (nth, position) in positions.iter().enumerate() {
                let weight = weight_of(weights, *position);
                sum += weight / ((nth + 1) * (nth + 1)) as f32;
                if weight > highest {
                    (highest, at) = (weight, nth);
                }
            }
            let own = highest + sum - highest / ((at + 1) * (at + 1)) as f32;
            // The limit of the sum of 1 / i²: π² / 6.
            rank = (f64::from(rank) + f64::from(own) / 1.644_934_066_85) as f32;
        }
    }
    if !words.is_empty() {
        rank /= words.len() as f32;
    }
    rank
}

/// A place of a document, and the items of the query that are found there.
struct Spot {
    position: Position,
    items: Vec<usize>,
}

/// The places of a document that a query's words are found at, in order (`get_docrep`).
fn spots(vector: &TsVector, query: &TsQuery) -> Vec<Spot> {
    let mut all: Vec<(Position, &str, usize)> = Vec::new();
    for (item, part) in query.items.iter().enumerate() {
        let Item::Word { text, weights, prefix } = part else { continue };
        for lexeme in lexemes_of(vector, text, *prefix) {
            let wanted = |position: &&Position| *weights == 0 || weights & (1 << position.weight()) != 0;
            let found = lexeme.positions.iter().filter(wanted);
            all.extend(found.map(|position| (*position, &*lexeme.word, item)));
        }
    }
    all.sort_by_key(|(position, word, _)| (position.place(), position.weight(), *word));
    all.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1)
        .filter_map(|group| {
            let position = group.first()?.0;
            Some(Spot { position, items: group.iter().map(|(_, _, item)| *item).collect() })
        })
        .collect()
}

/// Where the words of a query were seen so far, by item.
struct Seen(Vec<Option<Vec<u16>>>);

impl Seen {
    fn none(query: &TsQuery) -> Seen {
        Seen(vec![None; query.items.len()])
    }

    fn add(&mut self, spot: &Spot) {
        for item in &spot.items {
            let Some(places) = self.0.get_mut(*item) else { continue };
            let places = places.get_or_insert_default();
            if places.last() != Some(&spot.position.place()) {
                places.push(spot.position.place());
            }
        }
    }
}

impl Source for Seen {
    fn find(&self, word: Word<'_>, found: Option<&mut Found>) -> Answer {
        let Some(Some(places)) = self.0.get(word.item) else { return Answer::No };
        if let Some(found) = found {
            found.places.extend_from_slice(places);
            // Seen from behind.
            found.places.sort_unstable();
        }
        Answer::Yes
    }
}

/// The shortest pieces of a document that the query finds, from left to right (`Cover`).
struct Covers<'a> {
    spots: &'a [Spot],
    query: &'a TsQuery,
    /// Where the next one may begin.
    from: usize,
}

/// A piece: its first and last spot.
struct Cover {
    first: usize,
    last: usize,
}

impl Iterator for Covers<'_> {
    type Item = Cover;

    fn next(&mut self) -> Option<Cover> {
        loop {
            let mut seen = Seen::none(self.query);
            let last = (self.from..self.spots.len()).find(|at| self.completes(&mut seen, *at))?;
            // A cover does not begin before the first place that there is.
            if self.spots.get(last)?.position.place() == 0 {
                return None;
            }
            let mut seen = Seen::none(self.query);
            let first = (self.from..=last).rev().find(|at| self.completes(&mut seen, *at));
            match first {
                Some(first) => {
                    self.from = first + 1;
                    return Some(Cover { first, last });
                }
                None => self.from += 1,
            }
        }
    }
}

impl Covers<'_> {
    /// Whether the query finds what was seen with one more spot.
    fn completes(&self, seen: &mut Seen, at: usize) -> bool {
        self.spots.get(at).is_some_and(|spot| {
            seen.add(spot);
            deeper(|| execute(self.query, seen))
        })
    }
}

/// `ts_rank_cd`
pub fn rank_cd(weights: &[f32; 4], vector: &TsVector, query: &TsQuery, method: i32) -> f32 {
    let spots = spots(vector, query);
    if spots.is_empty() {
        return 0.0;
    }
    let inverse = weights.map(|weight| 1.0 / f64::from(weight));
    let (mut rank, mut distances, mut before, mut count) = (0.0, 0.0, 0.0, 0u32);
    for cover in (Covers { spots: &spots, query, from: 0 }) {
        let within = spots.get(cover.first..=cover.last).unwrap_or(&[]);
        let place = |at: usize| spots.get(at).map_or(0, |spot| i32::from(spot.position.place()));
        let sum = within.iter().fold(0.0, |sum, spot| sum + inverse[usize::from(spot.position.weight())]);
        let span = (cover.last - cover.first) as i32;
        let noise = place(cover.last) - place(cover.first) - span;
        // Places end at the highest one, words don't.
        let noise = if noise < 0 { span / 2 } else { noise };
        rank += f64::from(span + 1) / sum / f64::from(1 + noise);
        let middle = f64::from(place(cover.last) + place(cover.first)) / 2.0;
        if count > 0 && middle > before {
            distances += 1.0 / (middle - before);
        }
        before = middle;
        count += 1;
    }
    normalized(rank, vector, method, f64::from(count), distances) as f32
}

fn normalized(mut rank: f64, vector: &TsVector, method: i32, count: f64, distances: f64) -> f64 {
    let (length, unique) = (vector.length() as f64, vector.lexemes.len() as f64);
    if method & by::LOG_LENGTH != 0 {
        rank /= (length + 1.0).ln();
    }
    if method & by::LENGTH != 0 {
        rank /= length;
    }
    if method & by::EXTENT_DISTANCE != 0 && count > 0.0 && distances > 0.0 {
        rank /= count / distances;
    }
    if method & by::UNIQUE != 0 {
        rank /= unique;
    }
    if method & by::LOG_UNIQUE != 0 {
        rank /= (unique + 1.0).ln() / 2f64.ln();
    }
    if method & by::ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank
}
