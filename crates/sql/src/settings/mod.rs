//! The settings of a session: SET, SHOW, RESET and their transactional behaviour (guc.c).

mod definition;
pub mod encoding;
mod env;
mod show;
mod units;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pg::{Error, Result, SqlState};

pub use definition::{Context, Kind, List, Setting, setting, settings};
pub use value::{flatten, parse_bool, split_identifiers};

use crate::plan::Costs;

use crate::catalog::{known_role, known_schema};

/// What all sessions of a server start with.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    values: BTreeMap<String, (String, Source)>,
    /// Those of roles that have their own.
    roles: BTreeMap<String, Arc<Defaults>>,
    /// What plans are chosen by.
    costs: Arc<Costs>,
}

/// `pg_settings.source`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Source {
    Default,
    ConfigurationFile,
    Client,
    Session,
}

impl Source {
    /// As `pg_settings` shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Default => "default",
            Source::ConfigurationFile => "configuration file",
            Source::Client => "client",
            Source::Session => "session",
        }
    }
}

impl Defaults {
    /// PostgreSQL 15's defaults as `initdb -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8` leaves them, with our version:
    /// `server_version` is `15.N (product)`.
    pub fn new(product: &str) -> Defaults {
        let number = setting("server_version_num").map_or("150000", |setting| setting.default.as_ref());
        let minor = number.parse::<u32>().map_or(0, |number| number % 10_000);
        let mut defaults = Defaults::default();
        defaults.insert("server_version", format!("15.{minor} ({product})"), Source::Default);
        for (name, value) in [
            ("server_encoding", "UTF8"),
            ("lc_collate", "C"),
            ("lc_ctype", "C.UTF-8"),
            // What PostgreSQL finds out at start; nothing of ours is that deep.
            ("max_stack_depth", "2048"),
            ("client_encoding", "UTF8"),
        ] {
            defaults.insert(name, value.into(), Source::Default);
        }
        for (name, value) in [
            ("TimeZone", "UTC"),
            ("log_timezone", "UTC"),
            ("DateStyle", "ISO, MDY"),
            ("lc_messages", "C.UTF-8"),
            ("lc_monetary", "C.UTF-8"),
            ("lc_numeric", "C.UTF-8"),
            ("lc_time", "C.UTF-8"),
            ("timezone_abbreviations", "Default"),
            ("default_text_search_config", "pg_catalog.english"),
            // There is no just-in-time compilation here.
            ("jit", "off"),
        ] {
            defaults.insert(name, value.into(), Source::ConfigurationFile);
        }
        defaults
    }

    /// Sets a default by configuration: any setting, whatever its context.
    pub fn configure(&mut self, name: &str, value: &str) -> Result<()> {
        let found = setting(name).ok_or_else(|| unrecognized(name))?;
        let around = value::Surroundings { current: found.default.as_ref(), has_role: &known_role };
        let value = value::check(found, value, &around)?;
        self.insert(found.name, value, Source::ConfigurationFile);
        Ok(())
    }

    /// Sets a default of one role, when those of all roles are set.
    pub fn configure_role(&mut self, role: &str, name: &str, value: &str) -> Result<()> {
        let mut defaults = match self.roles.get(role) {
            Some(defaults) => Defaults::clone(defaults),
            None => Defaults { roles: BTreeMap::new(), ..self.clone() },
        };
        defaults.configure(name, value)?;
        self.roles.insert(role.to_owned(), Arc::new(defaults));
        Ok(())
    }

    /// Sets what the ways to rows cost, before anything of a role.
    pub fn set_costs(&mut self, costs: Costs) {
        self.costs = Arc::new(costs);
    }

    /// The defaults of a role.
    pub fn of_role(defaults: &Arc<Defaults>, role: &str) -> Arc<Defaults> {
        defaults.roles.get(role).unwrap_or(defaults).clone()
    }

    fn insert(&mut self, name: &str, value: String, source: Source) {
        self.values.insert(name.to_ascii_lowercase(), (value, source));
    }

    fn get(&self, setting: &Setting) -> (String, Source) {
        let known = self.values.get(&setting.name.to_ascii_lowercase()).cloned();
        known.unwrap_or_else(|| (setting.default.to_string(), Source::Default))
    }
}

/// How long a SET lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `SET`, `SET SESSION`
    Session,
    /// `SET LOCAL`: until the end of the transaction
    Local,
}

/// Values of one setting; each level hides those before it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Entry {
    session: Option<String>,
    local: Option<String>,
}

type Values = Arc<BTreeMap<String, Entry>>;

/// The settings of a session.
#[derive(Clone, Debug)]
pub struct Settings {
    defaults: Arc<Defaults>,
    user: Arc<str>,
    /// From the startup message: what RESET goes back to.
    client: BTreeMap<String, String>,
    /// By lower-case name.
    values: Values,
    /// Custom names (`a.b`) ever set: they stay, with an empty value, even when the SET is rolled back.
    custom: BTreeSet<String>,
    transaction: Option<Transaction>,
    reported: BTreeMap<&'static str, String>,
    path: Arc<[Arc<str>]>,
    /// `session_user`, `current_user`.
    users: (Arc<str>, Arc<str>),
    version: u64,
}

#[derive(Clone, Debug)]
struct Transaction {
    start: Values,
    savepoints: Vec<(String, Values)>,
}

fn unrecognized(name: &str) -> Error {
    Error::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))
}

/// The settings that belong to a transaction, and what they start from.
fn transaction_default(name: &str) -> Option<&'static str> {
    match name {
        "transaction_isolation" => Some("default_transaction_isolation"),
        "transaction_read_only" => Some("default_transaction_read_only"),
        "transaction_deferrable" => Some("default_transaction_deferrable"),
        _ => None,
    }
}

/// `valid_custom_variable_name`: two or more identifiers with dots between.
fn is_custom_name(name: &str) -> bool {
    let mut parts = 0;
    name.split('.').all(|part| {
        parts += 1;
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii())
            && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii())
    }) && parts > 1
}

impl Settings {
    /// A session's settings before any startup parameter.
    pub fn new(defaults: Arc<Defaults>, user: impl Into<Arc<str>>) -> Settings {
        let mut settings = Settings {
            defaults,
            user: user.into(),
            client: BTreeMap::new(),
            values: Values::default(),
            custom: BTreeSet::new(),
            transaction: None,
            reported: BTreeMap::new(),
            path: Arc::from([]),
            users: Default::default(),
            version: 0,
        };
        settings.changed();
        settings
    }

    /// A parameter of the startup message, or of its `options`.
    pub fn startup(&mut self, name: &str, text: &str) -> Result<()> {
        let key = name.to_ascii_lowercase();
        let value = match setting(name) {
            Some(setting) => {
                check_context(setting, true)?;
                self.check(setting, text)?
            }
            None => {
                self.check_custom(name)?;
                self.custom.insert(key.clone());
                text.to_owned()
            }
        };
        self.client.insert(key, value);
        self.changed();
        Ok(())
    }

    /// SET. `None` is DEFAULT. Outside a transaction a local value is checked and forgotten; the warning is the
    /// caller's.
    pub fn set(&mut self, name: &str, text: Option<&str>, scope: Scope) -> Result<()> {
        let found = setting(name);
        let value = match (found, text) {
            (Some(setting), text) => {
                check_context(setting, false)?;
                text.map(|text| self.check(setting, text)).transpose()?
            }
            (None, text) => {
                self.check_custom(name)?;
                self.custom.insert(name.to_ascii_lowercase());
                text.map(str::to_owned)
            }
        };
        let key =
            found.map_or_else(|| name.to_ascii_lowercase(), |setting| setting.name.to_ascii_lowercase());
        let local = scope == Scope::Local || transaction_default(&key).is_some();
        if local && self.transaction.is_none() {
            return Ok(());
        }
        let reset = self.reset_value(&key);
        let entry = Arc::make_mut(&mut self.values).entry(key).or_default();
        if local {
            entry.local = Some(value.unwrap_or(reset));
        } else {
            *entry = Entry { session: value, local: None };
        }
        self.changed();
        Ok(())
    }

    /// RESET.
    pub fn reset(&mut self, name: &str) -> Result<()> {
        self.set(name, None, Scope::Session)
    }

    /// RESET ALL: all but those that say who one is and what the transaction is like.
    pub fn reset_all(&mut self) {
        let keep = |key: &str| setting(key).is_some_and(|setting| setting.keeps_on_reset_all);
        Arc::make_mut(&mut self.values).retain(|key, _| keep(key));
        self.changed();
    }

    fn check(&self, setting: &'static Setting, text: &str) -> Result<String> {
        let current = self.value(setting);
        let has_role = |name: &str| name == &*self.user || known_role(name);
        value::check(setting, text, &value::Surroundings { current: &current, has_role: &has_role })
    }

    fn check_custom(&self, name: &str) -> Result<()> {
        match name {
            _ if is_custom_name(name) => Ok(()),
            _ if name.contains('.') => Err(Error::new(
                SqlState::INVALID_NAME,
                format!("invalid configuration parameter name \"{name}\""),
            )
            .detail("Custom parameter names must be two or more simple identifiers separated by dots.")),
            _ => Err(unrecognized(name)),
        }
    }

    /// What RESET goes back to.
    fn reset_value(&self, key: &str) -> String {
        if let Some(value) = self.client.get(key) {
            return value.clone();
        }
        match setting(key) {
            Some(setting) if setting.name == "session_authorization" => self.user.to_string(),
            Some(setting) => self.defaults.get(setting).0,
            None => String::new(),
        }
    }

    /// The value in the form of `pg_settings.setting`.
    fn value(&self, setting: &Setting) -> String {
        let key = setting.name.to_ascii_lowercase();
        let entry = self.values.get(&key);
        if let Some(value) = entry.and_then(|entry| entry.local.as_ref().or(entry.session.as_ref())) {
            return value.clone();
        }
        match transaction_default(&key).and_then(definition::setting) {
            Some(default) => self.value(default),
            None => self.reset_value(&key),
        }
    }

    /// BEGIN, or the start of an implicit transaction.
    pub fn begin(&mut self) {
        if self.transaction.is_none() {
            self.transaction = Some(Transaction { start: self.values.clone(), savepoints: Vec::new() });
        }
    }

    /// COMMIT: what was set stays, but for local values.
    pub fn commit(&mut self) {
        if self.transaction.take().is_some() && self.values.values().any(|entry| entry.local.is_some()) {
            let values = Arc::make_mut(&mut self.values);
            values.values_mut().for_each(|entry| entry.local = None);
            values.retain(|_, entry| *entry != Entry::default());
            self.changed();
        }
    }

    /// ROLLBACK: everything is as it was at the start.
    pub fn rollback(&mut self) {
        if let Some(transaction) = self.transaction.take() {
            self.restore(transaction.start);
        }
    }

    /// SAVEPOINT.
    pub fn savepoint(&mut self, name: &str) {
        let values = self.values.clone();
        if let Some(transaction) = &mut self.transaction {
            transaction.savepoints.push((name.to_owned(), values));
        }
    }

    /// ROLLBACK TO SAVEPOINT: the savepoint stays. False when there is none of this name.
    pub fn rollback_to(&mut self, name: &str) -> bool {
        let Some(transaction) = &mut self.transaction else { return false };
        let Some(at) = transaction.savepoints.iter().rposition(|(known, _)| known == name) else {
            return false;
        };
        transaction.savepoints.truncate(at + 1);
        if let Some((_, values)) = transaction.savepoints.last().cloned() {
            self.restore(values);
        }
        true
    }

    /// RELEASE SAVEPOINT. False when there is none of this name.
    pub fn release(&mut self, name: &str) -> bool {
        let Some(transaction) = &mut self.transaction else { return false };
        let at = transaction.savepoints.iter().rposition(|(known, _)| known == name);
        at.inspect(|at| transaction.savepoints.truncate(*at)).is_some()
    }

    fn restore(&mut self, values: Values) {
        if !Arc::ptr_eq(&self.values, &values) {
            self.values = values;
            self.changed();
        }
    }

    /// Keeps what depends on values up to date.
    fn changed(&mut self) {
        self.version += 1;
        let session: Arc<str> = self.get("session_authorization").into();
        let user: Arc<str> = match self.get("role").as_str() {
            "none" => session.clone(),
            role => role.into(),
        };
        self.users = (session, user.clone());
        let names = split_identifiers(&self.get("search_path")).unwrap_or_default();
        let mut path: Vec<Arc<str>> = Vec::new();
        for name in names {
            let name: Arc<str> = if name == "$user" { user.clone() } else { name.into() };
            if known_schema(&name) && !path.contains(&name) {
                path.push(name);
            }
        }
        self.path = path.into();
    }
}

/// Whether a setting may be set in a session (everybody is a superuser so far).
fn check_context(setting: &Setting, at_start: bool) -> Result<()> {
    let why = match setting.context {
        Context::Internal => "cannot be changed",
        Context::Postmaster => "cannot be changed without restarting the server",
        Context::Sighup => "cannot be changed now",
        Context::Backend | Context::SuperuserBackend if !at_start => "cannot be set after connection start",
        _ => return Ok(()),
    };
    Err(Error::new(SqlState::CANT_CHANGE_RUNTIME_PARAM, format!("parameter \"{}\" {why}", setting.name)))
}

#[cfg(test)]
mod tests;
