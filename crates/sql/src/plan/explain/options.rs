//! The options of EXPLAIN (`ExplainQuery`).

use pg::{Error, Oid, Result, SqlState, oid};

use crate::parse::ast::ExplainOption;

/// How a plan is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Lines.
    #[default]
    Text,
    /// One JSON array.
    Json,
    /// YAML.
    Yaml,
}

/// What is shown of a plan.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExplainOptions {
    /// The statement is run, and what happened is shown.
    pub analyze: bool,
    /// With Hazelcast's own plans.
    pub verbose: bool,
    /// With the size and way that were guessed.
    pub costs: bool,
    /// With the times of each operator.
    pub timing: bool,
    /// With the times of the whole.
    pub summary: bool,
    /// How.
    pub format: Format,
}

impl ExplainOptions {
    /// The type of the result's column.
    pub fn column_type(&self) -> Oid {
        match self.format {
            Format::Json => oid::JSON,
            Format::Text | Format::Yaml => oid::TEXT,
        }
    }

    /// The options that are written. `place`: where an error about an option stands, in characters from 1.
    pub fn of(raw: &[ExplainOption], place: &dyn Fn(u32) -> Option<u32>) -> Result<ExplainOptions> {
        let mut options = ExplainOptions { costs: true, ..ExplainOptions::default() };
        let (mut timing, mut summary, mut wal) = (None, None, false);
        for option in raw {
            match option.name.as_str() {
                "analyze" => options.analyze = boolean(option)?,
                "verbose" => options.verbose = boolean(option)?,
                "costs" => options.costs = boolean(option)?,
                "buffers" | "settings" => _ = boolean(option)?,
                "wal" => wal = boolean(option)?,
                "timing" => timing = Some(boolean(option)?),
                "summary" => summary = Some(boolean(option)?),
                "format" => options.format = format(option, place)?,
                name => {
                    let message = format!("unrecognized EXPLAIN option \"{name}\"");
                    return Err(Error::new(SqlState::SYNTAX_ERROR, message).at(place(option.pos)));
                }
            }
        }
        let needs = |name: &str| {
            let message = format!("EXPLAIN option {name} requires ANALYZE");
            Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message))
        };
        if wal && !options.analyze {
            return needs("WAL");
        }
        options.timing = timing.unwrap_or(options.analyze);
        if options.timing && !options.analyze {
            return needs("TIMING");
        }
        options.summary = summary.unwrap_or(options.analyze);
        Ok(options)
    }
}

/// `defGetBoolean`
fn boolean(option: &ExplainOption) -> Result<bool> {
    match option.value.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("true" | "on" | "1") => Ok(true),
        Some("false" | "off" | "0") => Ok(false),
        Some(_) => {
            let message = format!("{} requires a Boolean value", option.name);
            Err(Error::new(SqlState::SYNTAX_ERROR, message))
        }
    }
}

fn format(option: &ExplainOption, place: &dyn Fn(u32) -> Option<u32>) -> Result<Format> {
    let Some(value) = &option.value else {
        let message = format!("{} requires a parameter", option.name);
        return Err(Error::new(SqlState::SYNTAX_ERROR, message));
    };
    match value.as_str() {
        "text" => Ok(Format::Text),
        "json" => Ok(Format::Json),
        "yaml" => Ok(Format::Yaml),
        "xml" => Err(Error::refused("EXPLAIN (FORMAT XML)")),
        other => {
            let message = format!("unrecognized value for EXPLAIN option \"{}\": \"{other}\"", option.name);
            Err(Error::new(SqlState::INVALID_PARAMETER_VALUE, message).at(place(option.pos)))
        }
    }
}
