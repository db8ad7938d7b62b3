//! SHOW, `current_setting()`, `pg_settings`, and what is told to the client.

use std::sync::Arc;

use pg::{Array, Result, Value, oid};

use super::definition::{Kind, Setting, setting, settings};
use super::units::{show_number, show_real};
use super::{Settings, Source, unrecognized};

/// A row of SHOW ALL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowRow {
    /// `name`
    pub name: String,
    /// `setting`
    pub setting: String,
    /// `description`
    pub description: String,
}

impl Settings {
    /// A value as SHOW prints it (`current_setting()`).
    pub fn show(&self, name: &str) -> Result<String> {
        self.find(name).ok_or_else(|| unrecognized(name))
    }

    /// A value as SHOW prints it, if the name is known.
    pub fn find(&self, name: &str) -> Option<String> {
        if let Some(setting) = setting(name) {
            return Some(self.shown(setting));
        }
        let key = name.to_ascii_lowercase();
        let entry = self.values.get(&key);
        let set = entry.and_then(|entry| entry.local.clone().or_else(|| entry.session.clone()));
        set.or_else(|| self.client.get(&key).cloned())
            .or_else(|| self.custom.contains(&key).then(String::new))
    }

    /// A value as SHOW prints it; empty for an unknown name.
    pub fn get(&self, name: &str) -> String {
        self.find(name).unwrap_or_default()
    }

    /// The name of SHOW's column.
    pub fn show_name(name: &str) -> String {
        setting(name).map_or_else(|| name.to_owned(), |setting| setting.name.to_owned())
    }

    fn shown(&self, setting: &Setting) -> String {
        let value = self.value(setting);
        match (setting.name, setting.kind) {
            // A value that only setseed() makes is not shown.
            ("seed", _) => "unavailable".to_owned(),
            _ if is_mode(setting) => octal(&value),
            ("archive_command", _) if value.is_empty() => "(disabled)".to_owned(),
            (_, Kind::Integer) => show_number(setting, &value),
            (_, Kind::Real) if setting.unit.is_empty() => value.parse().map_or(value, show_real),
            (_, Kind::Real) => show_number(setting, &value),
            _ => value,
        }
    }

    /// SHOW ALL. Names that are not ours or PostgreSQL's (`GUC_CUSTOM_PLACEHOLDER`) are shown only when asked for by name.
    pub fn show_all(&self) -> Vec<ShowRow> {
        let mut rows: Vec<ShowRow> = settings()
            .iter()
            .filter(|setting| !setting.hidden)
            .map(|setting| ShowRow {
                name: setting.name.to_owned(),
                setting: self.shown(setting),
                description: setting.description.to_string(),
            })
            .collect();
        rows.sort_by_key(|row| row.name.to_ascii_lowercase());
        rows
    }

    /// `pg_show_all_settings()`.
    pub fn rows(&self) -> Vec<Vec<Value>> {
        settings().iter().filter(|setting| !setting.hidden).map(|setting| self.row(setting)).collect()
    }

    fn source(&self, setting: &Setting) -> Source {
        let key = setting.name.to_ascii_lowercase();
        if self.values.get(&key).is_some_and(|entry| entry.local.is_some() || entry.session.is_some()) {
            Source::Session
        } else if self.client.contains_key(&key) {
            Source::Client
        } else {
            self.defaults.get(setting).1
        }
    }

    fn row(&self, setting: &'static Setting) -> Vec<Value> {
        let optional = |text: Option<&str>| text.map_or(Value::Null, Value::text);
        let not_empty = |text: &'static str| optional(Some(text).filter(|text| !text.is_empty()));
        let values = || {
            let items = setting.values.iter().map(|value| Value::text(value.as_str())).collect();
            Value::Array(Arc::new(Array::one_dimensional(oid::TEXT, items)))
        };
        let default = self.defaults.get(setting).0;
        // Ours is what a server of this version is built with.
        let boot = if setting.name == "server_version" { &default } else { setting.default.as_ref() };
        let reset = self.reset_value(&setting.name.to_ascii_lowercase());
        let plain = |value: String| match setting.kind {
            Kind::Real => value.parse().map_or(value, show_real),
            _ => value,
        };
        vec![
            Value::text(setting.name),
            Value::text(match setting.name {
                "archive_command" => self.shown(setting),
                _ if is_mode(setting) => self.shown(setting),
                _ => plain(self.value(setting)),
            }),
            not_empty(setting.unit),
            Value::text(setting.category),
            Value::text(setting.description.as_ref()),
            optional(setting.extra.as_deref()),
            Value::text(setting.context.as_str()),
            Value::text(setting.kind.as_str()),
            Value::text(self.source(setting).as_str()),
            optional(setting.min),
            optional(setting.max),
            if setting.values.is_empty() { Value::Null } else { values() },
            if setting.no_default { Value::Null } else { Value::text(boot) },
            if setting.no_default && reset.is_empty() { Value::Null } else { Value::text(plain(reset)) },
            Value::Null,
            Value::Null,
            Value::Bool(false),
        ]
    }

    /// What the client has to be told (ParameterStatus) because it changed since the last call; everything at first.
    pub fn take_reports(&mut self) -> Vec<(&'static str, String)> {
        let mut reports = Vec::new();
        for setting in settings().iter().filter(|setting| setting.reported) {
            let value = self.shown(setting);
            if self.reported.get(setting.name) != Some(&value) {
                self.reported.insert(setting.name, value.clone());
                reports.push((setting.name, value));
            }
        }
        reports
    }
}

/// Whether it is a file mode, which is shown in octal.
fn is_mode(setting: &Setting) -> bool {
    matches!(setting.name, "data_directory_mode" | "log_file_mode" | "unix_socket_permissions")
}

fn octal(value: &str) -> String {
    value.parse::<u32>().map_or_else(|_| value.to_owned(), |mode| format!("{mode:04o}"))
}
