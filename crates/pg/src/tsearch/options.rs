//! The options of `ts_headline`, as they are written: `StartSel = <b>, MaxWords = 5` (`deserialize_deflist`).

use super::syntax_error;
use crate::text::is_space;
use crate::{Error, Result, SqlState};

/// What a headline shall be like.
#[derive(Clone, Debug)]
pub(super) struct Options {
    pub(super) max_words: i32,
    pub(super) min_words: i32,
    pub(super) short_word: i32,
    pub(super) max_fragments: i32,
    pub(super) highlight_all: bool,
    pub(super) start: String,
    pub(super) stop: String,
    pub(super) delimiter: String,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            max_words: 35,
            min_words: 15,
            short_word: 3,
            max_fragments: 0,
            highlight_all: false,
            start: "<b>".into(),
            stop: "</b>".into(),
            delimiter: " ... ".into(),
        }
    }
}

impl Options {
    /// What a list says, and what is usual.
    pub(super) fn of(list: &[(String, String)]) -> Result<Options> {
        let mut options = Options::default();
        for (name, value) in list {
            options.set(name, value.clone())?;
        }
        options.check()?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<()> {
        let number = || crate::text::parse_int4(&value);
        match name.to_ascii_lowercase().as_str() {
            "maxwords" => self.max_words = number()?,
            "minwords" => self.min_words = number()?,
            "shortword" => self.short_word = number()?,
            "maxfragments" => self.max_fragments = number()?,
            "startsel" => self.start = value,
            "stopsel" => self.stop = value,
            "fragmentdelimiter" => self.delimiter = value,
            "highlightall" => {
                let yes = ["1", "on", "true", "t", "y", "yes"];
                self.highlight_all = yes.iter().any(|yes| value.eq_ignore_ascii_case(yes));
            }
            _ => return Err(invalid(format!("unrecognized headline parameter: \"{name}\""))),
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        let wrong = [
            (self.min_words >= self.max_words, "MinWords should be less than MaxWords"),
            (self.min_words <= 0, "MinWords should be positive"),
            (self.short_word < 0, "ShortWord should be >= 0"),
            (self.max_fragments < 0, "MaxFragments should be >= 0"),
        ];
        match wrong.iter().find(|(wrong, _)| *wrong && !self.highlight_all) {
            Some((_, message)) => Err(invalid((*message).to_owned())),
            None => Ok(()),
        }
    }
}

fn invalid(message: String) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// The names and values of a list.
pub(super) fn read_list(text: &str) -> Result<Vec<(String, String)>> {
    List::new(text).read()
}

/// A list of names and values.
struct List<'a> {
    text: &'a str,
    rest: std::iter::Peekable<std::str::Chars<'a>>,
}

impl<'a> List<'a> {
    fn new(text: &'a str) -> List<'a> {
        List { text, rest: text.chars().peekable() }
    }

    fn wrong(&self) -> Error {
        syntax_error(format!("invalid parameter list format: \"{}\"", self.text))
    }

    fn read(mut self) -> Result<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        loop {
            while self.rest.next_if(|c| is_space(*c) || *c == ',').is_some() {}
            let Some(first) = self.rest.next() else { return Ok(pairs) };
            let name = self.name(first)?;
            let value = self.value()?;
            pairs.push((name, value));
        }
    }

    /// A name, and the sign behind it.
    fn name(&mut self, first: char) -> Result<String> {
        let mut name = String::new();
        if first == '"' {
            self.quoted('"', &mut name)?;
        } else {
            name.push(first);
            while let Some(c) = self.rest.next_if(|c| !is_space(*c) && *c != '=') {
                name.push(c);
            }
        }
        self.skip_space();
        match self.rest.next() {
            Some('=') => Ok(name),
            _ => Err(self.wrong()),
        }
    }

    fn value(&mut self) -> Result<String> {
        self.skip_space();
        let mut value = String::new();
        match self.rest.next().ok_or_else(|| self.wrong())? {
            quote @ ('\'' | '"') => self.quoted(quote, &mut value)?,
            'E' if self.rest.next_if_eq(&'\'').is_some() => self.quoted('\'', &mut value)?,
            first => {
                value.push(first);
                while let Some(c) = self.rest.next_if(|c| !is_space(*c) && *c != ',') {
                    value.push(c);
                }
                // A bare number is one, and is written as such.
                if let Ok(number) = value.parse::<i32>() {
                    value = number.to_string();
                }
            }
        }
        Ok(value)
    }

    fn quoted(&mut self, quote: char, text: &mut String) -> Result<()> {
        loop {
            match self.rest.next().ok_or_else(|| self.wrong())? {
                c if c == quote && self.rest.next_if_eq(&quote).is_none() => return Ok(()),
                // Within apostrophes a backslash may be doubled as well.
                '\\' if quote == '\'' => {
                    self.rest.next_if_eq(&'\\');
                    text.push('\\');
                }
                c => text.push(c),
            }
        }
    }

    fn skip_space(&mut self) {
        while self.rest.next_if(|c| is_space(*c)).is_some() {}
    }
}
