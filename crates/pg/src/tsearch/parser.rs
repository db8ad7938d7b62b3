//! The parser `default` (manual, 12.5): cuts a text into words, numbers, addresses, paths, tags and what is between them.
//!
//! It is a machine that reads character by character and may try: a state that could go on in two ways remembers where it
//! was and goes one of them; when that leads nowhere, it comes back and takes the next rule. What a state does with a
//! character is a list of [`Rule`]s in the order in which they are tried ([`super::states`]).

use std::sync::LazyLock;

use super::deeper;
use super::states::{Do, Rule, State, rules};
use crate::func::{Ranges, is_wide_alpha, is_wide_space};

/// A kind of token (`ts_token_type`).
#[derive(Clone, Copy, Debug)]
pub struct TokenType {
    /// Its number.
    pub id: u8,
    /// Its name.
    pub alias: &'static str,
    /// What it is.
    pub description: &'static str,
}

macro_rules! token_types {
    ($($id:literal $name:ident $alias:literal $description:literal;)*) => {
        $(pub(super) const $name: u8 = $id;)*
        /// All kinds of tokens.
        pub const TOKEN_TYPES: &[TokenType] =
            &[$(TokenType { id: $id, alias: $alias, description: $description }),*];
    };
}
token_types! {
    1 ASCII_WORD "asciiword" "Word, all ASCII";
    2 WORD "word" "Word, all letters";
    3 NUM_WORD "numword" "Word, letters and digits";
    4 EMAIL "email" "Email address";
    5 URL "url" "URL";
    6 HOST "host" "Host";
    7 SCIENTIFIC "sfloat" "Scientific notation";
    8 VERSION "version" "Version number";
    9 NUM_PART "hword_numpart" "Hyphenated word part, letters and digits";
    10 PART "hword_part" "Hyphenated word part, all letters";
    11 ASCII_PART "hword_asciipart" "Hyphenated word part, all ASCII";
    12 BLANK "blank" "Space symbols";
    13 TAG "tag" "XML tag";
    14 PROTOCOL "protocol" "Protocol head";
    15 NUM_HYPHENATED "numhword" "Hyphenated word, letters and digits";
    16 ASCII_HYPHENATED "asciihword" "Hyphenated word, all ASCII";
    17 HYPHENATED "hword" "Hyphenated word, all letters";
    18 URL_PATH "url_path" "URL path";
    19 FILE "file" "File or path name";
    20 DECIMAL "float" "Decimal notation";
    21 SIGNED_INT "int" "Signed integer";
    22 UNSIGNED_INT "uint" "Unsigned integer";
    23 ENTITY "entity" "XML entity";
}

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its kind, 1 to 23.
    pub kind: u8,
    /// The piece itself.
    pub text: &'a str,
}

/// The tokens of a text.
pub fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut parser = Parser::new(text);
    std::iter::from_fn(move || parser.next())
}

/// What a rule asks of a character. All but `Any` and `End` are false behind the last one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    Any,
    End,
    Is(char),
    AsciiLetter,
    Letter,
    Digit,
    LetterOrDigit,
    NoLetterOrDigit,
    HexDigit,
    Space,
    /// Joins a word without being a letter: a combining character, or one that takes no space.
    Joins,
    InUrl,
    /// We are within a script or a style sheet.
    Ignored,
    /// We read the host of what has just been an URL.
    HostOfUrl,
    /// A host follows, and is taken.
    HostFollows,
    /// The path of an URL follows, and is taken.
    PathFollows,
}

/// What a token needs besides its rule.
#[derive(Clone, Copy, Debug)]
pub(super) enum Special {
    None,
    /// A tag may begin or end what is not text.
    Tag,
    /// The parts follow as tokens of their own.
    Again,
    /// The same, the host being the first.
    UrlAgain,
    /// Only the sign is the token.
    Sign,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    state: State,
    /// Where it is.
    at: usize,
    /// Where the token begins.
    start: usize,
    /// How many rules of the state were tried before.
    tried: usize,
}

#[derive(Debug)]
struct Parser<'a> {
    text: &'a str,
    place: Place,
    /// Where to go back to.
    saved: Vec<Place>,
    host_of_url: bool,
    ignored: bool,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parser<'a> {
        let place = Place { state: State::Base, at: 0, start: 0, tried: 0 };
        Parser { text, place, saved: Vec::new(), host_of_url: false, ignored: false }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.place.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        if self.place.at >= self.text.len() {
            return None;
        }
        self.place.start = self.place.at;
        self.place.tried = 0;
        loop {
            let c = self.peek();
            let rules = rules(self.place.state);
            let first = std::mem::take(&mut self.place.tried);
            let found =
                (first..rules.len()).find(|nth| self.is(rules.get(*nth).map_or(Test::Any, |r| r.test), c));
            let (nth, rule) = found.and_then(|nth| Some((nth, rules.get(nth)?)))?;
            if let Some(token) = self.special(rule) {
                return Some(token);
            }
            if self.follow(rule, nth) {
                continue;
            }
            if let Some(kind) = rule.token {
                let text = self.text.get(self.place.start..self.place.at).unwrap_or("");
                self.again(rule.special);
                return Some(Token { kind, text });
            }
            match self.peek() {
                Some(c) => self.place.at += c.len_utf8(),
                None => return None,
            }
        }
    }

    /// Does what a rule says of the saved places, and goes to its state; whether the same character is read again.
    fn follow(&mut self, rule: &Rule, nth: usize) -> bool {
        match rule.go {
            Do::Next => {}
            Do::Try => self.saved.push(Place { tried: nth + 1, ..self.place }),
            Do::Back => {
                if let Some(place) = self.saved.pop() {
                    self.place = place;
                }
                return true;
            }
            Do::Sure => {
                self.saved.pop();
            }
            Do::SureOfAll => self.saved.clear(),
            Do::Return => {
                if let Some(place) = self.saved.pop() {
                    self.place = Place { at: self.place.at, ..place };
                }
            }
            Do::Rerun => {
                self.place.state = rule.to.unwrap_or(self.place.state);
                return true;
            }
        }
        self.place.state = rule.to.unwrap_or(self.place.state);
        false
    }

    fn is(&mut self, test: Test, c: Option<char>) -> bool {
        let Some(c) = c else { return self.is_at_end(test) };
        match test {
            Test::Any => true,
            Test::End => false,
            Test::Is(wanted) => c == wanted,
            Test::AsciiLetter => c.is_ascii_alphabetic(),
            Test::Letter => is_wide_alpha(c),
            Test::Digit => c.is_ascii_digit(),
            Test::LetterOrDigit => is_wide_alpha(c) || c.is_ascii_digit(),
            Test::NoLetterOrDigit => !is_wide_alpha(c) && !c.is_ascii_digit(),
            Test::HexDigit => c.is_ascii_hexdigit(),
            Test::Space => is_wide_space(c),
            Test::Joins => !c.is_ascii() && SPECIAL.contains(c),
            Test::InUrl => c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c),
            Test::Ignored => self.ignored,
            Test::HostOfUrl => std::mem::take(&mut self.host_of_url),
            Test::HostFollows => self.host_follows(),
            Test::PathFollows => self.path_follows(),
        }
    }

    fn is_at_end(&mut self, test: Test) -> bool {
        match test {
            Test::Any | Test::End => true,
            Test::Ignored => self.ignored,
            Test::HostOfUrl => std::mem::take(&mut self.host_of_url),
            _ => false,
        }
    }

    /// A parser for the rest.
    fn rest(&self) -> Parser<'a> {
        Parser::new(self.text.get(self.place.at..).unwrap_or(""))
    }

    fn host_follows(&mut self) -> bool {
        let mut rest = self.rest();
        rest.host_of_url = true;
        self.takes(deeper(|| rest.next()), HOST)
    }

    fn path_follows(&mut self) -> bool {
        let mut rest = self.rest();
        rest.saved.push(rest.place);
        rest.place.state = State::UrlPathFirst;
        self.takes(deeper(|| rest.next()), URL_PATH)
    }

    fn takes(&mut self, token: Option<Token<'_>>, kind: u8) -> bool {
        match token {
            Some(token) if token.kind == kind => {
                self.place.at += token.text.len();
                true
            }
            _ => false,
        }
    }

    /// What is special before a rule is followed; a token when that is all of it.
    fn special(&mut self, rule: &Rule) -> Option<Token<'a>> {
        match rule.special {
            Special::Tag => {
                let read = self.text.get(self.place.start..self.place.at).unwrap_or("");
                let is = |tag: &str| read.eq_ignore_ascii_case(tag);
                if is("</script") || is("</style") {
                    self.ignored = false;
                } else if is("<script") || is("<style") {
                    self.ignored = true;
                }
                None
            }
            Special::Sign => {
                let text = self.text.get(self.place.start..self.place.start + 1).unwrap_or("");
                self.place = Place { state: State::UnsignedInt, at: self.place.start + 1, ..self.place };
                self.saved.clear();
                Some(Token { kind: BLANK, text })
            }
            Special::None | Special::Again | Special::UrlAgain => None,
        }
    }

    /// Goes back to where the token began, when its parts are tokens too.
    fn again(&mut self, special: Special) {
        if matches!(special, Special::Again | Special::UrlAgain) {
            self.place.at = self.place.start;
        }
        if matches!(special, Special::UrlAgain) {
            self.host_of_url = true;
        }
    }
}

/// What joins words (`special.tsv`, made by `special.py`).
static SPECIAL: LazyLock<Ranges> =
    LazyLock::new(|| Ranges::parse(include_str!("special.tsv").trim().split('\t')));
