//! The options of COPY, and which of them go together (`ProcessCopyOptions`).

use crate::{Error, Result, SqlState};

/// How the data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CopyFormat {
    /// Lines of fields with backslashes.
    #[default]
    Text,
    /// Comma-separated values.
    Csv,
    /// PostgreSQL's binary format.
    Binary,
}

/// Whether the first line names the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// There is no such line.
    #[default]
    No,
    /// There is; when reading it is skipped.
    Yes,
    /// When reading, its names must be those of the columns.
    Match,
}

/// Some columns by name, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// None.
    #[default]
    None,
    /// `*`
    All,
    /// These.
    Named(Vec<String>),
}

impl Columns {
    /// Whether a column is among them.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Columns::None => false,
            Columns::All => true,
            Columns::Named(names) => names.iter().any(|known| known == name),
        }
    }
}

/// An option as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: OptionValue,
    /// Where it stands.
    pub position: u32,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// Just the name.
    None,
    /// A word, a number or a string.
    Text(String),
    /// `*`
    Star,
    /// Names in parentheses.
    List(Vec<String>),
}

/// What the options mean together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `FORMAT`
    pub format: CopyFormat,
    /// `DELIMITER`
    pub delimiter: u8,
    /// `NULL`
    pub null: String,
    /// `HEADER`
    pub header: Header,
    /// `QUOTE`
    pub quote: u8,
    /// `ESCAPE`
    pub escape: u8,
    /// `FORCE_QUOTE`
    pub force_quote: Columns,
    /// `FORCE_NOT_NULL`
    pub force_not_null: Columns,
    /// `FORCE_NULL`
    pub force_null: Columns,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            format: CopyFormat::Text,
            delimiter: b'\t',
            null: "\\N".to_owned(),
            header: Header::No,
            quote: b'"',
            escape: b'"',
            force_quote: Columns::None,
            force_not_null: Columns::None,
            force_null: Columns::None,
        }
    }
}

/// What was given, one by one.
#[derive(Default)]
struct Seen {
    format: Option<CopyFormat>,
    freeze: Option<bool>,
    delimiter: Option<String>,
    null: Option<String>,
    header: Option<Header>,
    quote: Option<String>,
    escape: Option<String>,
    force_quote: Option<Columns>,
    force_not_null: Option<Columns>,
    force_null: Option<Columns>,
    encoding: Option<String>,
}

impl Options {
    /// Reads options, for `COPY FROM` or `COPY TO`.
    pub fn new(given: &[Given], from: bool) -> Result<Options> {
        let mut seen = Seen::default();
        for option in given {
            seen.take(option, from).map_err(|error| error.at(Some(option.position)))?;
        }
        seen.together(from)
    }
}

impl Seen {
    fn take(&mut self, option: &Given, from: bool) -> Result<()> {
        match option.name.as_str() {
            "format" => once(&mut self.format, format(option)?),
            "freeze" => once(&mut self.freeze, boolean(option)?),
            "delimiter" => once(&mut self.delimiter, text(option)?),
            "null" => once(&mut self.null, text(option)?),
            "header" => once(&mut self.header, header(option, from)?),
            "quote" => once(&mut self.quote, text(option)?),
            "escape" => once(&mut self.escape, text(option)?),
            "force_quote" => once(&mut self.force_quote, columns(option, true)?),
            "force_not_null" => once(&mut self.force_not_null, columns(option, false)?),
            "force_null" => once(&mut self.force_null, columns(option, false)?),
            "encoding" => once(&mut self.encoding, text(option)?),
            name => Err(syntax(format!("option \"{name}\" not recognized"))),
        }
    }

    fn together(self, from: bool) -> Result<Options> {
        if self.freeze == Some(true) {
            let message = "cannot perform COPY FREEZE because the table was not created or truncated in the \
                           current subtransaction";
            return Err(Error::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        }
        refuse_encoding(self.encoding.as_deref())?;
        let format = self.format.unwrap_or_default();
        if format == CopyFormat::Binary {
            self.refuse_for_binary()?;
        }
        let csv = format == CopyFormat::Csv;
        self.refuse_for_text(csv, from)?;
        let delimiter =
            one_byte(self.delimiter.as_deref().unwrap_or(if csv { "," } else { "\t" }), "delimiter")?;
        let quote = one_byte(self.quote.as_deref().unwrap_or("\""), "quote")?;
        let escape = match &self.escape {
            Some(escape) => one_byte(escape, "escape")?,
            None => quote,
        };
        let null = self.null.unwrap_or_else(|| if csv { String::new() } else { "\\N".to_owned() });
        let options = Options {
            format,
            delimiter,
            null,
            header: self.header.unwrap_or_default(),
            quote,
            escape,
            force_quote: self.force_quote.unwrap_or_default(),
            force_not_null: self.force_not_null.unwrap_or_default(),
            force_null: self.force_null.unwrap_or_default(),
        };
        options.check_characters()?;
        Ok(options)
    }

    fn refuse_for_binary(&self) -> Result<()> {
        if self.delimiter.is_some() {
            return Err(syntax("cannot specify DELIMITER in BINARY mode"));
        }
        if self.null.is_some() {
            return Err(syntax("cannot specify NULL in BINARY mode"));
        }
        match self.header {
            Some(Header::Yes | Header::Match) => Err(refused("cannot specify HEADER in BINARY mode")),
            _ => Ok(()),
        }
    }

    fn refuse_for_text(&self, csv: bool, from: bool) -> Result<()> {
        let only_csv = [
            (self.quote.is_some(), "quote"),
            (self.escape.is_some(), "escape"),
            (self.force_quote.is_some(), "force quote"),
            (self.force_not_null.is_some(), "force not null"),
            (self.force_null.is_some(), "force null"),
        ];
        if let Some((_, what)) = only_csv.iter().find(|(given, _)| *given && !csv) {
            return Err(refused(format!("COPY {what} available only in CSV mode")));
        }
        let only_one_way = [
            (self.force_quote.is_some() && from, "force quote", "TO"),
            (self.force_not_null.is_some() && !from, "force not null", "FROM"),
            (self.force_null.is_some() && !from, "force null", "FROM"),
        ];
        match only_one_way.iter().find(|(wrong, ..)| *wrong) {
            Some((_, what, way)) => Err(refused(format!("COPY {what} only available using COPY {way}"))),
            None => Ok(()),
        }
    }
}

impl Options {
    fn check_characters(&self) -> Result<()> {
        let csv = self.format == CopyFormat::Csv;
        if matches!(self.delimiter, b'\r' | b'\n') {
            return Err(invalid("COPY delimiter cannot be newline or carriage return"));
        }
        if self.null.contains(['\r', '\n']) {
            return Err(invalid("COPY null representation cannot use newline or carriage return"));
        }
        if !csv
            && (self.delimiter.is_ascii_lowercase()
                || self.delimiter.is_ascii_digit()
                || matches!(self.delimiter, b'\\' | b'.'))
        {
            return Err(invalid(format!("COPY delimiter cannot be \"{}\"", char::from(self.delimiter))));
        }
        if csv && self.delimiter == self.quote {
            return Err(invalid("COPY delimiter and quote must be different"));
        }
        if self.null.as_bytes().contains(&self.delimiter) {
            return Err(refused("COPY delimiter must not appear in the NULL specification"));
        }
        if csv && self.null.as_bytes().contains(&self.quote) {
            return Err(refused("CSV quote character must not appear in the NULL specification"));
        }
        Ok(())
    }
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        Some(_) => Err(syntax("conflicting or redundant options")),
        None => Ok(()),
    }
}

fn text(option: &Given) -> Result<String> {
    match &option.value {
        OptionValue::Text(text) => Ok(text.clone()),
        OptionValue::Star => Ok("*".to_owned()),
        _ => Err(syntax(format!("{} requires a parameter", option.name))),
    }
}

fn format(option: &Given) -> Result<CopyFormat> {
    match text(option)?.as_str() {
        "text" => Ok(CopyFormat::Text),
        "csv" => Ok(CopyFormat::Csv),
        "binary" => Ok(CopyFormat::Binary),
        other => Err(invalid(format!("COPY format \"{other}\" not recognized"))),
    }
}

fn boolean(option: &Given) -> Result<bool> {
    match &option.value {
        OptionValue::None => Ok(true),
        OptionValue::Text(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" => Ok(true),
            "false" | "off" | "0" => Ok(false),
            _ => Err(syntax(format!("{} requires a Boolean value", option.name))),
        },
        _ => Err(syntax(format!("{} requires a Boolean value", option.name))),
    }
}

fn header(option: &Given, from: bool) -> Result<Header> {
    if matches!(&option.value, OptionValue::Text(text) if text.eq_ignore_ascii_case("match")) {
        return match from {
            true => Ok(Header::Match),
            false => Err(invalid("cannot use \"match\" with HEADER in COPY TO")),
        };
    }
    match boolean(option) {
        Ok(true) => Ok(Header::Yes),
        Ok(false) => Ok(Header::No),
        Err(_) => Err(syntax("header requires a Boolean value or \"match\"")),
    }
}

fn columns(option: &Given, star: bool) -> Result<Columns> {
    match &option.value {
        OptionValue::List(names) => Ok(Columns::Named(names.clone())),
        OptionValue::Star if star => Ok(Columns::All),
        _ => Err(invalid(format!("argument to option \"{}\" must be a list of column names", option.name))),
    }
}

fn refuse_encoding(encoding: Option<&str>) -> Result<()> {
    let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    match encoding {
        Some(name) if !matches!(plain(name).as_str(), "utf8" | "unicode") => {
            Err(refused(format!("COPY with encoding \"{name}\" is not supported")))
        }
        _ => Ok(()),
    }
}

fn one_byte(text: &str, what: &str) -> Result<u8> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err(refused(format!("COPY {what} must be a single one-byte character"))),
    }
}

fn syntax(message: impl Into<String>) -> Error {
    Error::new(SqlState::SYNTAX_ERROR, message)
}

fn refused(message: impl Into<String>) -> Error {
    Error::new(SqlState::FEATURE_NOT_SUPPORTED, message)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(SqlState::INVALID_PARAMETER_VALUE, message)
}
