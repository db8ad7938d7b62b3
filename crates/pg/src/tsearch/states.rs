//! The states of the parser and their rules.

use super::parser::*;

/// What happens to the places that the parser may come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Do {
    /// Nothing.
    Next,
    /// This place is saved: if the new state leads nowhere, the rules behind this one are tried.
    Try,
    /// It led nowhere.
    Back,
    /// It led somewhere: the place that was saved last is forgotten.
    Sure,
    /// All are forgotten.
    SureOfAll,
    /// The state before goes on from here.
    Return,
    /// The same character again, in another state.
    Rerun,
}

/// What a state does with a character.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) test: Test,
    pub(super) go: Do,
    /// The state that follows; none when it stays.
    pub(super) to: Option<State>,
    /// The kind of the token that ends before the character.
    pub(super) token: Option<u8>,
    pub(super) special: Special,
}

/// A rule without a token.
const fn go(test: Test, go: Do, to: State) -> Rule {
    Rule { test, go, to: Some(to), token: None, special: Special::None }
}

/// The character belongs to what the state reads.
const fn stay(test: Test) -> Rule {
    Rule { test, go: Do::Next, to: None, token: None, special: Special::None }
}

const fn back(test: Test) -> Rule {
    Rule { test, go: Do::Back, to: None, token: None, special: Special::None }
}

const fn token(test: Test, go: Do, to: State, kind: u8) -> Rule {
    Rule { test, go, to: Some(to), token: Some(kind), special: Special::None }
}

/// A token, whatever comes.
const fn done(kind: u8) -> Rule {
    token(Test::Any, Do::Next, State::Base, kind)
}

const fn special(rule: Rule, special: Special) -> Rule {
    Rule { special, ..rule }
}

macro_rules! states {
    ($($name:ident: [$($rule:expr),* $(,)?];)*) => {
        /// A state of the parser.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum State { $($name),* }

        /// The rules of a state.
        pub(super) fn rules(state: State) -> &'static [Rule] {
            use Do::{Next, Rerun, Return, Sure, SureOfAll, Try};
            use State::*;
            use Test::*;
            match state {
                $(State::$name => const { &[$($rule),*] },)*
            }
        }
    };
}

states! {
    Base: [
        go(Is('<'), Try, TagFirst), go(Ignored, Next, Blank),
        go(AsciiLetter, Next, AsciiWord), go(Letter, Next, Word), go(Digit, Next, UnsignedInt),
        go(Is('-'), Try, SignedIntFirst), go(Is('+'), Try, SignedIntFirst),
        go(Is('&'), Try, EntityFirst), go(Is('~'), Try, FileTilde), go(Is('/'), Try, FileFirst),
        go(Is('.'), Try, PathDot), go(Any, Next, Blank),
    ];
    // Words.
    AsciiWord: [
        token(End, Next, Base, ASCII_WORD), stay(AsciiLetter),
        go(Is('.'), Try, HostDomainFirst), go(Is('.'), Try, FileNext),
        go(Is('-'), Try, HostFirst), go(Is('-'), Try, HyphenAsciiFirst), go(Is('_'), Try, HostFirst),
        go(Is('@'), Try, Email), go(Is(':'), Try, ProtocolFirst), go(Is('/'), Try, FileFirst),
        go(Digit, Try, Host), go(Digit, Next, NumWord), go(Letter, Next, Word), go(Joins, Next, Word),
        done(ASCII_WORD),
    ];
    Word: [
        token(End, Next, Base, WORD), stay(Letter), stay(Joins), go(Digit, Next, NumWord),
        go(Is('-'), Try, HyphenWordFirst), done(WORD),
    ];
    NumWord: [
        token(End, Next, Base, NUM_WORD), stay(LetterOrDigit), stay(Joins), go(Is('@'), Try, Email),
        go(Is('/'), Try, FileFirst), go(Is('.'), Try, FileNext), go(Is('-'), Try, HyphenNumFirst),
        done(NUM_WORD),
    ];
    // Numbers.
    UnsignedInt: [
        token(End, Next, Base, UNSIGNED_INT), stay(Digit),
        go(Is('.'), Try, HostDomainFirst), go(Is('.'), Try, UnsignedDecimalFirst),
        go(Is('e'), Try, MantissaFirst), go(Is('E'), Try, MantissaFirst),
        go(Is('-'), Try, HostFirst), go(Is('_'), Try, HostFirst), go(Is('@'), Try, Email),
        go(AsciiLetter, Try, Host), go(Letter, Next, NumWord), go(Joins, Next, NumWord),
        go(Is('/'), Try, FileFirst), done(UNSIGNED_INT),
    ];
    SignedIntFirst: [back(End), go(Digit, Sure, SignedInt), back(Any)];
    SignedInt: [
        token(End, Next, Base, SIGNED_INT), stay(Digit), go(Is('.'), Try, DecimalFirst),
        go(Is('e'), Try, MantissaFirst), go(Is('E'), Try, MantissaFirst), done(SIGNED_INT),
    ];
    UnsignedDecimalFirst: [back(End), go(Digit, Sure, UnsignedDecimal), back(Any)];
    UnsignedDecimal: [
        token(End, Next, Base, DECIMAL), stay(Digit), go(Is('.'), Try, VersionFirst),
        go(Is('e'), Try, MantissaFirst), go(Is('E'), Try, MantissaFirst), done(DECIMAL),
    ];
    DecimalFirst: [back(End), go(Digit, Sure, Decimal), back(Any)];
    Decimal: [
        token(End, Next, Base, DECIMAL), stay(Digit), go(Is('.'), Try, SignedVersion),
        go(Is('e'), Try, MantissaFirst), go(Is('E'), Try, MantissaFirst), done(DECIMAL),
    ];
    VersionFirst: [back(End), go(Digit, Sure, Version), back(Any)];
    Version: [token(End, Next, Base, VERSION), stay(Digit), go(Is('.'), Try, VersionFirst), done(VERSION)];
    // A version has no sign.
    SignedVersion: [
        back(End), special(token(Digit, SureOfAll, UnsignedInt, BLANK), Special::Sign), back(Any),
    ];
    MantissaFirst: [
        back(End), go(Digit, Sure, Mantissa), go(Is('+'), Next, MantissaSign), go(Is('-'), Next, MantissaSign),
        back(Any),
    ];
    MantissaSign: [back(End), go(Digit, Sure, Mantissa), back(Any)];
    Mantissa: [token(End, Next, Base, SCIENTIFIC), stay(Digit), done(SCIENTIFIC)];
    Blank: [
        token(End, Next, Base, BLANK), token(Is('<'), Next, Base, BLANK), stay(Ignored),
        token(Is('-'), Next, Base, BLANK), token(Is('+'), Next, Base, BLANK), token(Is('&'), Next, Base, BLANK),
        token(Is('/'), Next, Base, BLANK), stay(NoLetterOrDigit), done(BLANK),
    ];
    // Entities.
    EntityFirst: [
        back(End), go(Is('#'), Next, EntityNumberFirst), go(AsciiLetter, Next, Entity),
        go(Is(':'), Next, Entity), go(Is('_'), Next, Entity), back(Any),
    ];
    Entity: [
        back(End), stay(LetterOrDigit), stay(Is(':')), stay(Is('_')), stay(Is('.')), stay(Is('-')),
        go(Is(';'), Next, EntityEnd), back(Any),
    ];
    EntityNumberFirst: [
        back(End), go(Is('x'), Next, EntityHexFirst), go(Is('X'), Next, EntityHexFirst),
        go(Digit, Next, EntityNumber), back(Any),
    ];
    EntityHexFirst: [back(End), go(HexDigit, Next, EntityHex), back(Any)];
    EntityNumber: [back(End), stay(Digit), go(Is(';'), Next, EntityEnd), back(Any)];
    EntityHex: [back(End), stay(HexDigit), go(Is(';'), Next, EntityEnd), back(Any)];
    EntityEnd: [token(Any, Sure, Base, ENTITY)];
    // Tags and comments.
    TagFirst: [
        back(End), go(Is('/'), Try, TagCloseFirst), go(Is('!'), Try, CommentFirst), go(Is('?'), Try, XmlBegin),
        go(AsciiLetter, Try, TagName), go(Is(':'), Try, TagName), go(Is('_'), Try, TagName), back(Any),
    ];
    XmlBegin: [back(End), go(Is('x'), Next, Tag), back(Any)];
    TagCloseFirst: [back(End), go(AsciiLetter, Next, TagName), back(Any)];
    TagName: [
        back(End), go(Is('/'), Next, TagBeginEnd), special(go(Is('>'), Next, TagEnd), Special::Tag),
        special(go(Space, Next, Tag), Special::Tag), stay(LetterOrDigit), stay(Is(':')), stay(Is('_')),
        stay(Is('.')), stay(Is('-')), back(Any),
    ];
    TagBeginEnd: [back(End), go(Is('>'), Next, TagEnd), back(Any)];
    Tag: [
        back(End), special(go(Is('>'), Next, TagEnd), Special::Tag), go(Is('\''), Next, TagQuote),
        go(Is('"'), Next, TagDoubleQuote), stay(AsciiLetter), stay(Digit), stay(Is('=')), stay(Is('-')),
        stay(Is('_')), stay(Is('#')), stay(Is('/')), stay(Is(':')), stay(Is('.')), stay(Is('&')), stay(Is('?')),
        stay(Is('%')), stay(Is('~')), special(stay(Space), Special::Tag), back(Any),
    ];
    TagQuote: [back(End), go(Is('\\'), Try, TagBackslash), go(Is('\''), Next, Tag), stay(Any)];
    TagDoubleQuote: [back(End), go(Is('\\'), Try, TagBackslash), go(Is('"'), Next, Tag), stay(Any)];
    TagBackslash: [back(End), Rule { go: Return, ..stay(Any) }];
    TagEnd: [token(Any, SureOfAll, Base, TAG)];
    CommentFirst: [
        back(End), go(Is('-'), Next, CommentSecond), go(Is('D'), Next, Tag), go(Is('d'), Next, Tag), back(Any),
    ];
    CommentSecond: [back(End), go(Is('-'), Next, Comment), back(Any)];
    Comment: [back(End), go(Is('-'), Next, CommentCloseFirst), stay(Any)];
    CommentCloseFirst: [back(End), go(Is('-'), Next, CommentCloseSecond), go(Any, Next, Comment)];
    CommentCloseSecond: [
        back(End), stay(Is('-')), go(Is('>'), Next, TagEnd), go(Any, Next, Comment),
    ];
    // Hosts, and what has one.
    HostDomainFirst: [back(End), go(AsciiLetter, Next, HostDomainSecond), go(Digit, Next, Host), back(Any)];
    HostDomainSecond: [
        back(End), go(AsciiLetter, Next, HostDomain), go(Digit, Try, Host), go(Is('-'), Try, HostFirst),
        go(Is('_'), Try, HostFirst), go(Is('.'), Try, HostDomainFirst), go(Is('@'), Try, Email), back(Any),
    ];
    HostDomain: [
        token(End, SureOfAll, Base, HOST), stay(AsciiLetter), go(Digit, Try, Host), go(Is(':'), Try, PortFirst),
        go(Is('-'), Try, HostFirst), go(Is('_'), Try, HostFirst), go(Is('.'), Try, HostDomainFirst),
        go(Is('@'), Try, Email), back(Digit), token(HostOfUrl, SureOfAll, UrlPathStart, HOST),
        go(Is('/'), Try, UrlWithPath), token(Any, SureOfAll, Base, HOST),
    ];
    PortFirst: [back(End), go(Digit, Next, Port), back(Any)];
    Port: [
        token(End, SureOfAll, Base, HOST), stay(Digit), token(HostOfUrl, SureOfAll, UrlPathStart, HOST),
        go(Is('/'), Try, UrlWithPath), token(Any, SureOfAll, Base, HOST),
    ];
    HostFirst: [back(End), go(Digit, Next, Host), go(AsciiLetter, Next, Host), back(Any)];
    Host: [
        back(End), stay(AsciiLetter), stay(Digit), go(Is('@'), Try, Email), go(Is('.'), Try, HostDomainFirst),
        go(Is('-'), Try, HostFirst), go(Is('_'), Try, HostFirst), back(Any),
    ];
    Email: [back(HostOfUrl), token(HostFollows, SureOfAll, Base, EMAIL), back(Any)];
    UrlPathFirst: [back(End), go(InUrl, Next, UrlPath), back(Any)];
    UrlPathStart: [go(Any, Next, UrlPath)];
    UrlPath: [token(End, Next, Base, URL_PATH), stay(InUrl), done(URL_PATH)];
    UrlWithPath: [
        back(End), special(token(PathFollows, SureOfAll, Base, URL), Special::UrlAgain), back(Any),
    ];
    ProtocolFirst: [back(End), go(Is('/'), Next, ProtocolSecond), back(Any)];
    ProtocolSecond: [back(End), go(Is('/'), Next, ProtocolEnd), back(Any)];
    ProtocolEnd: [token(Any, SureOfAll, Base, PROTOCOL)];
    // Files.
    FileFirst: [
        back(End), go(AsciiLetter, Next, File), go(Digit, Next, File), go(Is('.'), Next, PathFirst),
        go(Is('_'), Next, File), go(Is('~'), Try, FileTilde), back(Any),
    ];
    FileTilde: [
        back(End), go(AsciiLetter, Next, File), go(Digit, Next, File), go(Is('_'), Next, File),
        go(Is('/'), Next, FileFirst), back(Any),
    ];
    PathFirst: [
        back(End), go(AsciiLetter, Next, File), go(Digit, Next, File), go(Is('_'), Next, File),
        go(Is('.'), Next, PathSecond), go(Is('/'), Next, FileFirst), back(Any),
    ];
    PathDot: [back(End), go(Is('.'), Next, PathSecond), go(Is('/'), Next, FileFirst), back(Any)];
    PathSecond: [
        token(End, Sure, Base, FILE), go(Is('/'), Try, FileFirst), token(Is('/'), Sure, Base, FILE),
        token(Space, Sure, Base, FILE), back(Any),
    ];
    File: [
        token(End, Sure, Base, FILE), stay(AsciiLetter), stay(Digit), go(Is('.'), Try, FileNext), stay(Is('_')),
        stay(Is('-')), go(Is('/'), Try, FileFirst), token(Any, Sure, Base, FILE),
    ];
    FileNext: [
        back(End), go(AsciiLetter, Sure, File), go(Digit, Sure, File), go(Is('_'), Sure, File), back(Any),
    ];
    // Words with hyphens; their parts are tokens of their own behind them.
    HyphenAsciiFirst: [
        back(End), go(AsciiLetter, Next, HyphenAscii), go(Letter, Next, HyphenWord),
        go(Digit, Next, HyphenDigits), back(Any),
    ];
    HyphenAscii: [
        special(token(End, SureOfAll, Parts, ASCII_HYPHENATED), Special::Again), stay(AsciiLetter),
        go(Letter, Next, HyphenWord), go(Joins, Next, HyphenWord), go(Digit, Next, HyphenNum),
        go(Is('-'), Try, HyphenAsciiFirst),
        special(token(Any, SureOfAll, Parts, ASCII_HYPHENATED), Special::Again),
    ];
    HyphenWordFirst: [back(End), go(Letter, Next, HyphenWord), go(Digit, Next, HyphenDigits), back(Any)];
    HyphenWord: [
        special(token(End, SureOfAll, Parts, HYPHENATED), Special::Again), stay(Letter), stay(Joins),
        go(Digit, Next, HyphenNum), go(Is('-'), Try, HyphenWordFirst),
        special(token(Any, SureOfAll, Parts, HYPHENATED), Special::Again),
    ];
    HyphenNumFirst: [back(End), go(Letter, Next, HyphenNum), go(Digit, Next, HyphenDigits), back(Any)];
    HyphenNum: [
        special(token(End, SureOfAll, Parts, NUM_HYPHENATED), Special::Again), stay(LetterOrDigit),
        stay(Joins), go(Is('-'), Try, HyphenNumFirst),
        special(token(Any, SureOfAll, Parts, NUM_HYPHENATED), Special::Again),
    ];
    HyphenDigits: [
        back(End), stay(Digit), go(Letter, Next, HyphenNum), go(Joins, Next, HyphenNum), back(Any),
    ];
    Parts: [
        go(End, Rerun, Base), go(AsciiLetter, Next, AsciiPart), go(Letter, Next, WordPart),
        go(Digit, Try, NumberPart), go(Is('-'), Try, PartsHyphen), go(Any, Rerun, Base),
    ];
    PartsHyphen: [
        back(End), token(LetterOrDigit, Sure, Parts, BLANK), token(Joins, Sure, Parts, BLANK), back(Any),
    ];
    AsciiPart: [
        token(End, Next, Base, ASCII_PART), stay(AsciiLetter), go(Letter, Next, WordPart),
        go(Joins, Next, WordPart), go(Digit, Next, NumPart), token(Any, Next, Parts, ASCII_PART),
    ];
    WordPart: [
        token(End, Next, Base, PART), stay(Letter), stay(Joins), go(Digit, Next, NumPart),
        token(Any, Next, Parts, PART),
    ];
    NumPart: [
        token(End, Next, Base, NUM_PART), stay(LetterOrDigit), stay(Joins), token(Any, Next, Parts, NUM_PART),
    ];
    NumberPart: [
        back(End), stay(Digit), go(Letter, Sure, NumPart), go(Joins, Sure, NumPart), back(Any),
    ];
}
