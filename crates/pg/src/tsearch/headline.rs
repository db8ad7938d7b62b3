//! `ts_headline`: the part of a text that shows best what a query finds, its words marked (`prsd_headline`).

use super::MAX_WORD;
use super::configuration::Configuration;
use super::matching::{Answer, Found, Source, Word as QueryWord, execute};
use super::options::{Options, read_list};
use super::parser::*;
use super::query::{Item, TsQuery};
use super::vector::Position;
use crate::Result;

/// Makes headlines of texts.
#[derive(Debug)]
pub struct Headline<'a> {
    configuration: &'static Configuration,
    query: &'a TsQuery,
    /// The options as they were given. What is wrong with them shows when there is a text.
    given: Vec<(String, String)>,
    options: Options,
    /// The place of the last token that counts.
    place: u32,
}

/// A token of the text; once more for each further word of the query that finds it.
#[derive(Clone, Debug)]
struct Word<'a> {
    token: Token<'a>,
    place: u16,
    /// The item of the query that finds it.
    item: Option<usize>,
    repeated: bool,
    /// It is in the headline.
    shown: bool,
}

impl Word<'_> {
    fn is_interesting(&self) -> bool {
        self.item.is_some() && !self.repeated
    }

    /// Words whose parts are tokens of their own behind them.
    fn has_parts(&self) -> bool {
        matches!(self.token.kind, URL | NUM_HYPHENATED | ASCII_HYPHENATED | HYPHENATED)
    }

    /// Whether it counts as a word.
    fn counts(&self) -> bool {
        !matches!(self.token.kind, BLANK | TAG) && !self.has_parts()
    }

    /// Whether a headline should not end with it, unless it is what was looked for.
    fn is_bad_end(&self, short: i32) -> bool {
        let number = matches!(self.token.kind, SCIENTIFIC | VERSION | DECIMAL | SIGNED_INT | UNSIGNED_INT);
        let ignored = matches!(self.token.kind, PROTOCOL | ENTITY);
        let is_short = self.token.text.len() <= usize::try_from(short).unwrap_or(0);
        (!self.counts() || number || ignored || is_short) && !self.is_interesting()
    }
}

/// A piece of the text, both ends within.
#[derive(Clone, Copy, Debug)]
struct Piece {
    first: usize,
    last: usize,
}

impl<'a> Headline<'a> {
    /// Of what a query finds, as the options say.
    pub fn new(
        configuration: &'static Configuration,
        query: &'a TsQuery,
        options: &str,
    ) -> Result<Headline<'a>> {
        let (given, options) = (read_list(options)?, Options::default());
        Ok(Headline { configuration, query, given, options, place: 0 })
    }

    /// The headline of a text.
    pub fn of(&mut self, text: &str) -> Result<String> {
        let mut words = self.words(text)?;
        self.options = Options::of(&self.given)?;
        if self.options.max_fragments == 0 {
            let piece = self.best_piece(&words);
            self.show(&mut words, piece);
        } else {
            self.show_fragments(&mut words);
        }
        Ok(self.write(&words))
    }

    /// `hlparsetext`
    fn words<'t>(&mut self, text: &'t str) -> Result<Vec<Word<'t>>> {
        let mut words = Vec::new();
        for token in tokens(text).filter(|token| token.text.len() < MAX_WORD) {
            let mut word = Word { token, place: 0, item: None, repeated: false, shown: false };
            let lexeme = self.configuration.lexeme(token.kind, token.text)?;
            self.place = self.place.saturating_add(u32::from(lexeme.is_some()));
            let lexeme = lexeme.flatten();
            if lexeme.is_some() {
                word.place = Position::new(self.place, 0).place();
            }
            let mut items = lexeme.iter().flat_map(|lexeme| self.items_that_find(lexeme));
            word.item = items.next();
            words.push(word.clone());
            words.extend(items.map(|item| Word { item: Some(item), repeated: true, ..word.clone() }));
        }
        Ok(words)
    }

    /// `hlfinditem`
    fn items_that_find(&self, lexeme: &str) -> impl Iterator<Item = usize> {
        self.query.items.iter().enumerate().filter_map(move |(at, item)| match item {
            Item::Word { text, prefix: true, .. } => {
                lexeme.as_bytes().starts_with(text.as_bytes()).then_some(at)
            }
            Item::Word { text, .. } => (**text == *lexeme).then_some(at),
            Item::Operator { .. } => None,
        })
    }

    /// Of how many words a piece that the query finds may be.
    fn longest_cover(&self) -> usize {
        let longest = i64::from(self.options.max_words).saturating_mul(10).max(100);
        let longest = longest * i64::from(self.options.max_fragments.max(1));
        // As an int has it.
        usize::try_from(longest as i32).unwrap_or(0)
    }

    /// The next piece that the query finds, and none shorter within that begins there (`hlCover`).
    fn cover(&self, words: &[Word<'_>], from: usize) -> Option<Piece> {
        if self.query.is_empty() {
            return None;
        }
        let next =
            |from: usize| (from..words.len()).find(|at| words.get(*at).is_some_and(|w| w.item.is_some()));
        let longest = self.longest_cover();
        let mut start = next(from);
        while let Some(first) = start {
            let mut end = Some(first);
            while let Some(last) = end.filter(|last| *last == first || last - first < longest) {
                if execute(self.query, &Within(words.get(first..=last).unwrap_or(&[]))) {
                    return Some(Piece { first, last });
                }
                end = next(last + 1);
            }
            start = next(first + 1);
        }
        None
    }

    /// `mark_hl_words`
    fn best_piece(&self, words: &[Word<'_>]) -> Piece {
        if self.options.highlight_all {
            return Piece { first: 0, last: words.len().wrapping_sub(1) };
        }
        let bad = |at: usize| words.get(at).is_none_or(|word| word.is_bad_end(self.options.short_word));
        let mut best: Option<(bool, i32, Piece)> = None;
        let mut from = 0;
        while let Some(cover) = self.cover(words, from) {
            let (piece, interesting) = self.around(words, cover);
            let whole = piece.first <= cover.first && piece.last >= cover.last;
            let better = best.is_none_or(|(best_whole, most, best)| {
                (whole, interesting) > (best_whole, most)
                    || (whole, interesting) == (best_whole, most) && !bad(piece.last) && bad(best.last)
            });
            if better {
                best = Some((whole, interesting, piece));
            }
            from = cover.first + 1;
        }
        best.map_or_else(|| self.beginning(words), |(_, _, piece)| piece)
    }

    /// The piece around a cover, longer or shorter, and how many words of interest are in it.
    fn around(&self, words: &[Word<'_>], cover: Piece) -> (Piece, i32) {
        let (min, max) = (self.options.min_words, self.options.max_words);
        let bad = |at: usize| words.get(at).is_none_or(|word| word.is_bad_end(self.options.short_word));
        let count = |at: usize| {
            words.get(at).map_or((0, 0), |w| (i32::from(w.counts()), i32::from(w.is_interesting())))
        };
        let (mut length, mut interesting) = (0, 0);
        let mut piece = Piece { first: cover.first, last: cover.first };
        let mut at = cover.first;
        while at <= cover.last && length < max {
            let (counts, interests) = count(at);
            length += counts;
            interesting += interests;
            piece.last = at;
            at += 1;
        }
        if length >= max {
            // It can't be longer; without a bad end it is shorter.
            at = at.min(cover.last);
            while length > min && bad(at) {
                let (counts, interests) = count(at);
                length -= counts;
                interesting -= interests;
                piece.last = at.saturating_sub(1);
                at = at.saturating_sub(1);
            }
            return (piece, interesting);
        }
        // Forward to a good end.
        at -= 1;
        while at < words.len() && length < max {
            if at > cover.last {
                let (counts, interests) = count(at);
                length += counts;
                interesting += interests;
            }
            piece.last = at;
            if !bad(at) && length >= min {
                break;
            }
            at += 1;
        }
        if length < min {
            // The text ends: back towards its beginning.
            piece.first = 0;
            for at in (0..cover.first).rev() {
                let (counts, interests) = count(at);
                length += counts;
                interesting += interests;
                if length >= max || !bad(at) && length >= min {
                    piece.first = at;
                    break;
                }
            }
        }
        (piece, interesting)
    }

    /// The first words, when the query finds nothing.
    fn beginning(&self, words: &[Word<'_>]) -> Piece {
        let mut length = 0;
        let end = words.iter().take_while(|word| {
            let room = length < self.options.min_words;
            length += i32::from(word.counts());
            room
        });
        Piece { first: 0, last: end.count().wrapping_sub(1) }
    }

    /// `mark_fragment`; a last word before the first one is none.
    fn show(&self, words: &mut [Word<'_>], piece: Piece) {
        let end = piece.last.wrapping_add(1);
        for word in words.get_mut(piece.first..end).unwrap_or(&mut []) {
            word.shown = !word.repeated;
        }
    }

    /// `generateHeadline`
    fn write(&self, words: &[Word<'_>]) -> String {
        let (mut out, mut inside, mut fragments) = (String::new(), false, 0);
        for word in words.iter().filter(|word| !word.repeated) {
            if !word.shown {
                inside = false;
                continue;
            }
            if !inside {
                inside = true;
                fragments += 1;
                if fragments > 1 {
                    out.push_str(&self.options.delimiter);
                }
            }
            if word.has_parts() {
                continue;
            }
            match (word.token.kind, word.item) {
                (TAG, _) if !self.options.highlight_all => out.push(' '),
                (_, Some(_)) => {
                    out.extend([&self.options.start, word.token.text, &self.options.stop]);
                }
                (_, None) => out.push_str(word.token.text),
            }
        }
        out
    }
}

/// A piece that the query may find.
#[derive(Clone, Debug)]
struct Fragment {
    piece: Piece,
    /// Its words.
    length: i32,
    /// Those of interest.
    interesting: i32,
    /// It was chosen, or overlaps one that was.
    done: bool,
}

impl Headline<'_> {
    /// `mark_hl_fragments`
    fn show_fragments(&self, words: &mut [Word<'_>]) {
        let mut fragments = self.fragments(words);
        let mut chosen = 0;
        while chosen < self.options.max_fragments {
            let candidates = fragments.iter_mut().filter(|fragment| !fragment.done);
            // Most words of interest, then fewest words, then the first.
            let best = candidates.min_by_key(|fragment| (-fragment.interesting, fragment.length));
            let Some(best) = best else { break };
            best.done = true;
            let piece = self.stretched(words, best);
            self.show(words, piece);
            for other in &mut fragments {
                let own = other.piece;
                other.done |= own.first <= piece.last && own.last >= piece.first;
            }
            chosen += 1;
        }
        if chosen == 0 {
            let piece = self.beginning(words);
            self.show(words, piece);
        }
    }

    /// All that the query finds, cut into pieces of at most as many words as the headline may have.
    fn fragments(&self, words: &[Word<'_>]) -> Vec<Fragment> {
        let (mut fragments, mut from) = (Vec::new(), 0);
        while let Some(cover) = self.cover(words, from) {
            let mut first = cover.first;
            while first <= cover.last {
                let fragment = self.fragment(words, Piece { first, last: cover.last });
                first = fragment.piece.last + 1;
                fragments.push(fragment);
            }
            from = cover.first + 1;
        }
        fragments
    }

    /// `get_next_fragment`: from one word of interest to another.
    fn fragment(&self, words: &[Word<'_>], within: Piece) -> Fragment {
        let interests = |at: usize| words.get(at).is_some_and(Word::is_interesting);
        let counts = |at: usize| words.get(at).is_some_and(Word::counts);
        let first = (within.first..=within.last).find(|at| interests(*at)).unwrap_or(within.last);
        let (mut length, mut interesting, mut at) = (0, 0, first);
        while at <= within.last && length < self.options.max_words {
            length += i32::from(counts(at));
            interesting += i32::from(interests(at));
            at += 1;
        }
        let mut last = within.last;
        if last > at {
            // It was cut.
            last = at;
            while last > first && !interests(last) {
                length -= i32::from(counts(last));
                last -= 1;
            }
        }
        Fragment { piece: Piece { first, last }, length, interesting, done: false }
    }

    /// As long as it may be, as far as there is room, with good ends.
    fn stretched(&self, words: &[Word<'_>], fragment: &Fragment) -> Piece {
        let max = self.options.max_words;
        let mut length = fragment.length;
        let Piece { mut first, mut last } = fragment.piece;
        if length >= max {
            return fragment.piece;
        }
        let counts = |at: usize| i32::from(words.get(at).is_some_and(Word::counts));
        let free = |at: usize| words.get(at).is_some_and(|word| !word.shown);
        let bad = |at: usize| words.get(at).is_none_or(|word| word.is_bad_end(self.options.short_word));
        let (most, mut stretch, mut mark) = ((max - length) / 2, 0, first);
        while mark > 0 && stretch < most && free(mark - 1) {
            mark -= 1;
            length += counts(mark);
            stretch += counts(mark);
        }
        while mark < first && bad(mark) {
            length -= counts(mark);
            mark += 1;
        }
        first = mark;
        let mut mark = last;
        while mark + 1 < words.len() && length < max && free(mark + 1) {
            mark += 1;
            length += counts(mark);
        }
        while mark > last && bad(mark) {
            mark -= 1;
        }
        last = mark;
        Piece { first, last }
    }
}

/// A piece of the text that the query is asked about.
struct Within<'a>(&'a [Word<'a>]);

impl Source for Within<'_> {
    /// `checkcondition_HL`
    fn find(&self, word: QueryWord<'_>, found: Option<&mut Found>) -> Answer {
        let mut own = self.0.iter().filter(|own| own.item == Some(word.item)).map(|own| own.place).peekable();
        if own.peek().is_none() {
            return Answer::No;
        }
        if let Some(found) = found {
            for place in own {
                if found.places.last().is_none_or(|last| *last < place) {
                    found.places.push(place);
                }
            }
        }
        Answer::Yes
    }
}
