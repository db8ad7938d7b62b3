//! Reading advanced regular expressions (manual, "Regular Expression Details"; PostgreSQL's regc_lex.c, regcomp.c).

use super::Flags;
use super::ast::{Alternatives, Atom, Branch, CharSet, Constraint, Item, Prefer};
use crate::func::ctype::Class;
use crate::{Error, Result, SqlState};

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 200;
/// `DUPMAX`
const MAX_COUNT: u32 = 255;

/// A parsed expression.
pub(super) struct Parsed {
    pub alternatives: Alternatives,
    /// How many capturing parentheses there are.
    pub captures: usize,
    pub flags: Flags,
}

/// 2201B with one of the regex library's messages.
pub(super) fn invalid(message: &str) -> Error {
    Error::new(SqlState::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {message}"))
}

/// Reads a pattern; its own leading options may change the flags.
pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed> {
    let mut parser =
        Parser { text: pattern.chars().collect(), at: 0, flags, captures: 0, closed: Vec::new(), depth: 0 };
    parser.prefixes()?;
    let alternatives = if parser.flags.literal {
        let rest = parser.text[parser.at..].to_vec();
        vec![rest.into_iter().map(|c| plain(parser.char_atom(c))).collect()]
    } else {
        parser.alternatives(true, false)?
    };
    if parser.at < parser.text.len() && !parser.flags.literal {
        return Err(invalid("parentheses () not balanced"));
    }
    Ok(Parsed { alternatives, captures: parser.captures, flags: parser.flags })
}

fn plain(atom: Atom) -> Item {
    Item { atom, min: 1, max: Some(1), prefer: Prefer::Nothing }
}

struct Parser {
    text: Vec<char>,
    at: usize,
    flags: Flags,
    captures: usize,
    /// The capturing parentheses that have been closed.
    closed: Vec<usize>,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn looking_at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.text.get(self.at + i) == Some(&c))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.looking_at(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    /// Directors (`***:`, `***=`) and embedded options (`(?i)`).
    fn prefixes(&mut self) -> Result<()> {
        if self.flags.literal {
            return Ok(());
        }
        if self.eat("***=") {
            self.flags.literal = true;
            return Ok(());
        }
        if self.looking_at("***") && !self.eat("***:") {
            return Err(invalid("invalid regexp (reg version 0.8)"));
        }
        let letter = |c: Option<&char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        if self.looking_at("(?") && letter(self.text.get(self.at + 2)) {
            self.at += 2;
            while let Some(c) = self.next() {
                if c == ')' {
                    return Ok(());
                }
                if !self.flags.set(c) || matches!(c, 'b' | 'e') {
                    return Err(invalid("invalid embedded option"));
                }
            }
            return Err(invalid("invalid embedded option"));
        }
        Ok(())
    }

    /// Skips comments, and white space in expanded syntax.
    fn skip(&mut self) -> Result<()> {
        loop {
            if self.looking_at("(?#") {
                while self.peek().is_some_and(|c| c != ')') {
                    self.at += 1;
                }
                if self.next().is_none() {
                    return Err(invalid("parentheses () not balanced"));
                }
            } else if self.flags.expanded && self.peek().is_some_and(|c| Class::Space.contains(c)) {
                self.at += 1;
            } else if self.flags.expanded && self.peek() == Some('#') {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.at += 1;
                }
            } else {
                return Ok(());
            }
        }
    }

    fn alternatives(&mut self, top: bool, look: bool) -> Result<Alternatives> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid("regular expression is too complex"));
        }
        let mut branches = vec![self.branch(look)?];
        while self.peek() == Some('|') {
            self.at += 1;
            branches.push(self.branch(look)?);
        }
        self.depth -= 1;
        if !top && self.next() != Some(')') {
            return Err(invalid("parentheses () not balanced"));
        }
        Ok(branches)
    }

    fn branch(&mut self, look: bool) -> Result<Branch> {
        let mut items = Branch::new();
        loop {
            self.skip()?;
            match self.peek() {
                None | Some('|' | ')') => return Ok(items),
                Some(_) => {}
            }
            let atom = self.atom(look)?;
            self.skip()?;
            let item = self.quantified(atom)?;
            items.push(item);
        }
    }

    fn quantified(&mut self, atom: Atom) -> Result<Item> {
        let (min, max, fixed) = match self.peek() {
            Some('*') => (0, None, false),
            Some('+') => (1, None, false),
            Some('?') => (0, Some(1), false),
            Some('{') if self.text.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                if matches!(atom, Atom::Constraint(_)) {
                    return Err(invalid("quantifier operand invalid"));
                }
                self.bound()?
            }
            _ => return Ok(plain(atom)),
        };
        if matches!(atom, Atom::Constraint(_)) {
            return Err(invalid("quantifier operand invalid"));
        }
        self.at += 1;
        let shorter = self.eat("?");
        self.skip()?;
        let again = match self.peek() {
            Some('*' | '+' | '?') => true,
            Some('{') => self.text.get(self.at + 1).is_some_and(char::is_ascii_digit),
            _ => false,
        };
        if again {
            return Err(invalid("quantifier operand invalid"));
        }
        let prefer = match (fixed, shorter) {
            (true, _) => Prefer::Nothing,
            (false, false) => Prefer::Longer,
            (false, true) => Prefer::Shorter,
        };
        Ok(Item { atom, min, max, prefer })
    }

    /// `{m}`, `{m,}`, `{m,n}`; stops at the brace that closes it.
    fn bound(&mut self) -> Result<(u32, Option<u32>, bool)> {
        self.at += 1;
        let min = self.number()?;
        let (max, fixed) = match self.peek() {
            Some(',') => {
                self.at += 1;
                let max =
                    if self.peek().is_some_and(|c| c.is_ascii_digit()) { Some(self.number()?) } else { None };
                (max, false)
            }
            _ => (Some(min), true),
        };
        match self.peek() {
            Some('}') => {}
            None => return Err(invalid("braces {} not balanced")),
            Some(_) => return Err(invalid("invalid repetition count(s)")),
        }
        if max.is_some_and(|max| min > max) {
            return Err(invalid("invalid repetition count(s)"));
        }
        Ok((min, max, fixed))
    }

    fn number(&mut self) -> Result<u32> {
        let mut number = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            number = number * 10 + digit;
            if number > MAX_COUNT {
                return Err(invalid("invalid repetition count(s)"));
            }
            self.at += 1;
        }
        Ok(number)
    }

    fn char_atom(&self, c: char) -> Atom {
        Atom::Set(CharSet::one(c, self.flags.ignore_case))
    }

    fn atom(&mut self, look: bool) -> Result<Atom> {
        match self.next() {
            Some('(') => self.parenthesis(look),
            Some('[') => self.bracket(),
            Some('.') => Ok(Atom::Set(self.complement(CharSet::default(), self.flags.newline_stops))),
            Some('^') => Ok(Atom::Constraint(if self.flags.newline_anchors {
                Constraint::LineStart
            } else {
                Constraint::TextStart
            })),
            Some('$') => Ok(Atom::Constraint(if self.flags.newline_anchors {
                Constraint::LineEnd
            } else {
                Constraint::TextEnd
            })),
            Some('\\') => self.escape(look),
            Some('*' | '+' | '?') => Err(invalid("quantifier operand invalid")),
            Some('{') if self.peek().is_some_and(|c| c.is_ascii_digit()) => {
                Err(invalid("quantifier operand invalid"))
            }
            Some(c) => Ok(self.char_atom(c)),
            None => Err(invalid("unexpected end")),
        }
    }

    /// All characters that aren't in a set; without the newline where that is asked for.
    fn complement(&self, mut set: CharSet, but_newline: bool) -> CharSet {
        set.negated = true;
        if but_newline {
            set.ranges.push(('\n', '\n'));
        }
        set
    }

    fn parenthesis(&mut self, look: bool) -> Result<Atom> {
        for (text, ahead, negative) in
            [("?=", true, false), ("?!", true, true), ("?<=", false, false), ("?<!", false, true)]
        {
            if self.eat(text) {
                let inner = self.alternatives(false, true)?;
                return Ok(Atom::Constraint(Constraint::Look { ahead, negative, inner }));
            }
        }
        if self.eat("?:") {
            return Ok(Atom::Group(self.alternatives(false, look)?));
        }
        if self.peek() == Some('?') {
            return Err(invalid("quantifier operand invalid"));
        }
        // In a lookaround nothing is captured.
        if look {
            return Ok(Atom::Group(self.alternatives(false, look)?));
        }
        self.captures += 1;
        let number = self.captures;
        let inner = self.alternatives(false, look)?;
        self.closed.push(number);
        Ok(Atom::Capture(number, inner))
    }

    /// An escape outside brackets.
    fn escape(&mut self, look: bool) -> Result<Atom> {
        let Some(c) = self.next() else { return Err(invalid("invalid escape \\ sequence")) };
        let constraint = match c {
            'A' => Some(Constraint::TextStart),
            'Z' => Some(Constraint::TextEnd),
            'm' => Some(Constraint::WordStart),
            'M' => Some(Constraint::WordEnd),
            'y' => Some(Constraint::WordBoundary),
            'Y' => Some(Constraint::NoWordBoundary),
            _ => None,
        };
        if let Some(constraint) = constraint {
            return Ok(Atom::Constraint(constraint));
        }
        if let Some((class, complement)) = class_escape(c) {
            return Ok(Atom::Set(CharSet { classes: vec![(class, complement)], ..CharSet::default() }));
        }
        if let Some(number) = self.backref(c) {
            if look || !self.closed.contains(&number) {
                return Err(invalid("invalid backreference number"));
            }
            return Ok(Atom::Backref(number));
        }
        let c = self.character_escape(c)?;
        Ok(self.char_atom(c))
    }

    /// The number of a back reference that starts with this digit: one digit always is, more are one if there are so
    /// many parentheses.
    fn backref(&mut self, first: char) -> Option<usize> {
        let mut number = first.to_digit(10).filter(|&digit| digit > 0)? as usize;
        let mut end = self.at;
        while let Some(digit) = self.text.get(end).and_then(|c| c.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit as usize);
            end += 1;
        }
        if end == self.at || number <= self.captures {
            self.at = end;
            return Some(number);
        }
        None
    }

    /// The character that an escape means, after the backslash and its first character.
    fn character_escape(&mut self, c: char) -> Result<char> {
        let bad = || invalid("invalid escape \\ sequence");
        Ok(match c {
            'a' => '\x07',
            'b' => '\x08',
            'B' => '\\',
            'c' => match self.next() {
                Some(c) => char::from(c as u8 & 0x1f),
                None => return Err(bad()),
            },
            'e' => '\x1b',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'u' => self.digits(16, 4, 4)?,
            'U' => self.digits(16, 8, 8)?,
            'x' => self.digits(16, 1, 255)?,
            '0'..='9' => {
                self.at -= 1;
                self.digits(8, 1, 3)?
            }
            c if c.is_ascii_alphabetic() => return Err(bad()),
            c => c,
        })
    }

    fn digits(&mut self, radix: u32, least: usize, most: usize) -> Result<char> {
        let bad = || invalid("invalid escape \\ sequence");
        let mut code: u32 = 0;
        let mut count = 0;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(radix)).filter(|_| count < most) {
            // More than 0xFF in octal takes one digit less.
            if radix == 8 && code * 8 + digit > 0xff {
                break;
            }
            code = code.checked_mul(radix).and_then(|code| code.checked_add(digit)).ok_or_else(bad)?;
            self.at += 1;
            count += 1;
        }
        if count < least {
            return Err(bad());
        }
        char::from_u32(code).ok_or_else(bad)
    }

    /// A bracket expression, after its opening bracket.
    fn bracket(&mut self) -> Result<Atom> {
        for (text, constraint) in [("[:<:]]", Constraint::WordStart), ("[:>:]]", Constraint::WordEnd)] {
            if self.eat(text) {
                return Ok(Atom::Constraint(constraint));
            }
        }
        let negated = self.eat("^");
        let mut set = CharSet { ignore_case: self.flags.ignore_case, ..CharSet::default() };
        let mut first = true;
        loop {
            match self.peek() {
                None => return Err(invalid("brackets [] not balanced")),
                Some(']') if !first => {
                    self.at += 1;
                    break;
                }
                Some(_) => self.bracket_item(&mut set, first)?,
            }
            first = false;
        }
        if negated {
            set = self.complement(set, self.flags.newline_stops);
        }
        Ok(Atom::Set(set))
    }

    fn bracket_item(&mut self, set: &mut CharSet, first: bool) -> Result<()> {
        if self.eat("[:") {
            let name = self.until(":]")?;
            let class = Class::by_name(&name).ok_or_else(|| invalid("invalid character class"))?;
            // Ignoring case, upper and lower are all letters.
            let class = match class {
                Class::Upper | Class::Lower if set.ignore_case => Class::Alpha,
                other => other,
            };
            set.classes.push((class, false));
            return Ok(());
        }
        if self.eat("[=") {
            let c = self.element("=]")?;
            set.ranges.push((c, c));
            return Ok(());
        }
        if self.peek() == Some('\\')
            && let Some((class, complement)) = self.text.get(self.at + 1).and_then(|&c| class_escape(c))
        {
            self.at += 2;
            set.classes.push((class, complement));
            return Ok(());
        }
        if self.peek() == Some('-') && !first && self.text.get(self.at + 1) != Some(&']') {
            return Err(invalid("invalid character range"));
        }
        let low = self.bracket_char()?;
        let ranged = self.peek() == Some('-') && self.text.get(self.at + 1).is_some_and(|&c| c != ']');
        if !ranged {
            set.ranges.push((low, low));
            return Ok(());
        }
        self.at += 1;
        let high = self.bracket_char()?;
        if low > high {
            return Err(invalid("invalid character range"));
        }
        set.ranges.push((low, high));
        Ok(())
    }

    /// A character of a bracket expression: itself, an escape, or a collating element.
    fn bracket_char(&mut self) -> Result<char> {
        if self.eat("[.") {
            return self.element(".]");
        }
        if self.looking_at("[:") || self.looking_at("[=") {
            return Err(invalid("invalid character range"));
        }
        match self.next() {
            Some('\\') => match self.next() {
                Some(c) if class_escape(c).is_some() => Err(invalid("invalid character range")),
                Some(c) => self.character_escape(c),
                None => Err(invalid("invalid escape \\ sequence")),
            },
            Some(c) => Ok(c),
            None => Err(invalid("brackets [] not balanced")),
        }
    }

    fn until(&mut self, end: &str) -> Result<String> {
        let mut name = String::new();
        while !self.eat(end) {
            name.push(self.next().ok_or_else(|| invalid("brackets [] not balanced"))?);
        }
        Ok(name)
    }

    /// A collating element: one character, or a POSIX name of one.
    fn element(&mut self, end: &str) -> Result<char> {
        let name = self.until(end)?;
        let mut chars = name.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => collating_name(&name).ok_or_else(|| invalid("invalid collating element")),
        }
    }
}

fn class_escape(c: char) -> Option<(Class, bool)> {
    Some(match c {
        'd' => (Class::Digit, false),
        's' => (Class::Space, false),
        'w' => (Class::Word, false),
        'D' => (Class::Digit, true),
        'S' => (Class::Space, true),
        'W' => (Class::Word, true),
        _ => return None,
    })
}

/// The names that are in use (regc_locale.c has all of ASCII).
fn collating_name(name: &str) -> Option<char> {
    Some(match name {
        "space" => ' ',
        "hyphen" | "hyphen-minus" => '-',
        "period" | "full-stop" => '.',
        "comma" => ',',
        "tab" => '\t',
        "newline" => '\n',
        "underscore" | "low-line" => '_',
        "left-square-bracket" => '[',
        "right-square-bracket" => ']',
        "backslash" | "reverse-solidus" => '\\',
        "slash" | "solidus" => '/',
        "circumflex" | "circumflex-accent" => '^',
        _ => return None,
    })
}
