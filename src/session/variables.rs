//! The settings of a session, and what transactions do to them.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pg::error::Severity;
use pg::{Env, Error, Result, SqlState};

use super::command::TransactionModes;
use super::transaction::End;

/// The settings of a session.
#[derive(Clone, Debug)]
pub struct Variables {
    values: BTreeMap<String, String>,
    startup: BTreeMap<String, String>,
    saved: Option<BTreeMap<String, String>>,
    session: Option<BTreeMap<String, String>>,
    reported: Vec<(&'static str, String)>,
}

const REPORTED: &[(&str, &str)] = &[
    ("application_name", ""),
    ("client_encoding", "UTF8"),
    ("DateStyle", "ISO, MDY"),
    ("default_transaction_read_only", "off"),
    ("in_hot_standby", "off"),
    ("integer_datetimes", "on"),
    ("IntervalStyle", "postgres"),
    ("is_superuser", "on"),
    ("server_encoding", "UTF8"),
    ("server_version", "15.14 (hazelgres 0.1.0)"),
    ("session_authorization", ""),
    ("standard_conforming_strings", "on"),
    ("TimeZone", "UTC"),
];

impl Variables {
    /// The settings at the start.
    pub fn new(user: &str, _database: &str, startup: &[(String, String)]) -> Result<Variables> {
        let mut values: BTreeMap<String, String> =
            REPORTED.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        values.insert("session_authorization".into(), user.into());
        values.extend(startup.iter().cloned());
        Ok(Variables { startup: values.clone(), values, saved: None, session: None, reported: Vec::new() })
    }
    pub fn canonical_name(&self, name: &str) -> Result<String> {
        Ok(name.to_owned())
    }
    pub fn show(&self, name: &str) -> Result<String> {
        self.values.get(name).cloned().ok_or_else(|| {
            Error::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
        })
    }
    pub fn show_all(&self) -> Vec<[String; 3]> {
        self.values.iter().map(|(name, value)| [name.clone(), value.clone(), String::new()]).collect()
    }
    pub fn set(&mut self, name: &str, values: Option<&[String]>, local: bool) -> Result<()> {
        self.save();
        let value = values.map(|values| values.join(", ")).or_else(|| self.startup.get(name).cloned());
        if !local && let Some(session) = &mut self.session {
            session.insert(name.into(), value.clone().unwrap_or_default());
        }
        self.values.insert(name.into(), value.unwrap_or_default());
        Ok(())
    }
    pub fn reset_all(&mut self) -> Result<()> {
        self.save();
        self.session = Some(self.startup.clone());
        self.values = self.startup.clone();
        Ok(())
    }
    pub fn set_transaction(&mut self, modes: &TransactionModes) -> Result<()> {
        self.save();
        if let Some(read_only) = modes.read_only {
            self.values.insert("transaction_read_only".into(), if read_only { "on" } else { "off" }.into());
        }
        Ok(())
    }
    pub fn set_characteristics(&mut self, _: &TransactionModes) -> Result<()> {
        Ok(())
    }
    pub fn transaction_modes(&self) -> TransactionModes {
        TransactionModes::default()
    }
    fn save(&mut self) {
        if self.saved.is_none() {
            self.saved = Some(self.values.clone());
            self.session = Some(self.values.clone());
        }
    }
    pub fn has_changed(&self) -> bool {
        self.saved.is_some()
    }
    pub fn end(&mut self, end: End) {
        let (saved, session) = (self.saved.take(), self.session.take());
        let values = if end == End::Committed { session } else { saved };
        if let Some(values) = values {
            self.values = values;
        }
        self.values.remove("transaction_read_only");
    }
    pub fn is_read_only(&self) -> bool {
        self.values.get("transaction_read_only").is_some_and(|value| value == "on")
    }
    pub fn take_changed_reports(&mut self) -> Vec<(String, String)> {
        let mut changed = Vec::new();
        for (name, _) in REPORTED {
            let value = self.values.get(*name).cloned().unwrap_or_default();
            match self.reported.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) if *known == value => continue,
                Some((_, known)) => known.clone_from(&value),
                None => self.reported.push((name, value.clone())),
            }
            changed.push((name.to_string(), value));
        }
        changed
    }
    pub fn statement_timeout(&self) -> Option<Duration> {
        let millis = self.values.get("statement_timeout")?.parse().ok()?;
        (millis > 0).then(|| Duration::from_millis(millis))
    }
    pub fn idle_session_timeout(&self) -> Option<Duration> {
        None
    }
    pub fn idle_in_transaction_timeout(&self) -> Option<Duration> {
        None
    }
    pub fn wants_notice(&self, severity: Severity) -> bool {
        severity <= Severity::Notice
    }
    pub fn apply(&self, _: &mut Env) {}
}

/// Now, as PostgreSQL counts: microseconds since 2000-01-01 UTC.
pub fn now() -> i64 {
    const POSTGRES_EPOCH: i64 = 946_684_800 * 1_000_000;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX) - POSTGRES_EPOCH
}
