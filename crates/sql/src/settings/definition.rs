//! The settings that PostgreSQL 15 has: name, type, bounds, default (`pg_settings`), and what that view does not tell.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use pg::catalog;

/// A setting.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its name, in PostgreSQL's case.
    pub name: &'static str,
    /// The unit of its numbers: `ms`, `kB`, `8kB` …; empty when there is none.
    pub unit: &'static str,
    /// `pg_settings.category`
    pub category: &'static str,
    /// `pg_settings.short_desc`
    pub description: Cow<'static, str>,
    /// `pg_settings.extra_desc`
    pub extra: Option<Cow<'static, str>>,
    /// Who may change it when.
    pub context: Context,
    /// Its type.
    pub kind: Kind,
    /// `pg_settings.min_val`
    pub min: Option<&'static str>,
    /// `pg_settings.max_val`
    pub max: Option<&'static str>,
    /// The values of an enum.
    pub values: Vec<String>,
    /// Its built-in default, in the form of `pg_settings.setting`.
    pub default: Cow<'static, str>,
    /// It has no default at all, rather than an empty one.
    pub no_default: bool,
    /// Absent from `SHOW ALL` and `pg_settings`.
    pub hidden: bool,
    /// `RESET ALL` leaves it.
    pub keeps_on_reset_all: bool,
    /// A change of it is told to the client (ParameterStatus).
    pub reported: bool,
    /// It would change answers, and has no effect here: only its default is taken.
    pub fixed: bool,
    /// Takes a list.
    pub list: List,
}

/// `pg_settings.context`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Context {
    Internal,
    Postmaster,
    Sighup,
    Backend,
    SuperuserBackend,
    Superuser,
    User,
}

/// `pg_settings.vartype`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Bool,
    Integer,
    Real,
    String,
    Enum,
}

/// Whether a setting takes a list (`GUC_LIST_INPUT`), and quotes its items (`GUC_LIST_QUOTE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum List {
    No,
    Plain,
    Quoted,
}

impl Context {
    fn read(text: &str) -> Context {
        match text {
            "internal" => Context::Internal,
            "postmaster" => Context::Postmaster,
            "sighup" => Context::Sighup,
            "backend" => Context::Backend,
            "superuser-backend" => Context::SuperuserBackend,
            "superuser" => Context::Superuser,
            _ => Context::User,
        }
    }

    /// As `pg_settings` shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Context::Internal => "internal",
            Context::Postmaster => "postmaster",
            Context::Sighup => "sighup",
            Context::Backend => "backend",
            Context::SuperuserBackend => "superuser-backend",
            Context::Superuser => "superuser",
            Context::User => "user",
        }
    }
}

impl Kind {
    fn read(text: &str) -> Kind {
        match text {
            "bool" => Kind::Bool,
            "integer" => Kind::Integer,
            "real" => Kind::Real,
            "enum" => Kind::Enum,
            _ => Kind::String,
        }
    }

    /// As `pg_settings` shows it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Bool => "bool",
            Kind::Integer => "integer",
            Kind::Real => "real",
            Kind::String => "string",
            Kind::Enum => "enum",
        }
    }
}

/// `GUC_REPORT` (protocol chapter, "Asynchronous Operations").
const REPORTED: [&str; 14] = [
    "application_name",
    "client_encoding",
    "DateStyle",
    "default_transaction_read_only",
    "in_hot_standby",
    "integer_datetimes",
    "IntervalStyle",
    "is_superuser",
    "scram_iterations",
    "server_encoding",
    "server_version",
    "session_authorization",
    "standard_conforming_strings",
    "TimeZone",
];

/// See [`Setting::fixed`].
const FIXED: [&str; 4] =
    ["array_nulls", "quote_all_identifiers", "standard_conforming_strings", "transform_null_equals"];

/// `GUC_LIST_INPUT | GUC_LIST_QUOTE`
const QUOTED_LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// `GUC_LIST_INPUT`
const PLAIN_LISTS: [&str; 5] = [
    "DateStyle",
    "listen_addresses",
    "log_destination",
    "synchronous_standby_names",
    "wal_consistency_checking",
];

/// The settings that `pg_settings` does not show (`GUC_NO_SHOW_ALL`), with type, context and default.
const HIDDEN: [(&str, Kind, Context, &str); 6] = [
    ("default_with_oids", Kind::Bool, Context::User, "off"),
    ("is_superuser", Kind::Bool, Context::Internal, "on"),
    ("role", Kind::String, Context::User, "none"),
    ("seed", Kind::Real, Context::User, "0"),
    ("session_authorization", Kind::String, Context::User, ""),
    ("ssl_renegotiation_limit", Kind::Integer, Context::User, "0"),
];

/// The settings that PostgreSQL does not have: name, values (the first is the default), what it says of itself.
const OWN: [(&str, &[&str], &str); 1] = [(
    "hazelgres.pushdown",
    &["cost", "none", "full"],
    "How much of a query the cluster is asked to compute, of what it computes exactly.",
)];

/// Switches of our own, which are on: name and description.
const SWITCHES: [(&str, &str); 4] = [
    ("hazelgres.enable_entries", "Enables the planner's use of whole maps read by map operations."),
    ("hazelgres.enable_keys", "Enables the planner's use of look-ups of entries by their keys."),
    ("hazelgres.enable_size", "Enables the planner's use of the sizes of maps for counts."),
    ("hazelgres.enable_sql", "Enables the planner's use of Hazelcast SQL where there is another way."),
];

struct Settings {
    rows: Vec<Setting>,
    by_name: HashMap<String, usize>,
}

static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let mut rows: Vec<Setting> = catalog::settings().rows().map(read).collect();
    rows.extend(HIDDEN.iter().map(|(name, kind, context, default)| {
        let bounds = match *name {
            "seed" => (Some("-1"), Some("1")),
            "ssl_renegotiation_limit" => (Some("0"), Some("0")),
            _ => (None, None),
        };
        Setting {
            name,
            unit: "",
            category: "",
            description: Cow::Borrowed(""),
            extra: None,
            context: *context,
            kind: *kind,
            min: bounds.0,
            max: bounds.1,
            values: Vec::new(),
            default: Cow::Borrowed(default),
            no_default: false,
            hidden: true,
            keeps_on_reset_all: !matches!(*name, "default_with_oids" | "ssl_renegotiation_limit"),
            reported: REPORTED.contains(name),
            fixed: FIXED.contains(name),
            list: List::No,
        }
    }));
    rows.extend(OWN.iter().map(|(name, values, description)| own(name, values, description)));
    rows.extend(SWITCHES.iter().map(|(name, description)| Setting {
        kind: Kind::Bool,
        values: Vec::new(),
        ..own(name, &["on"], description)
    }));
    rows.push(Setting {
        kind: Kind::String,
        values: Vec::new(),
        ..own(
            "hazelgres.map_ways",
            &[""],
            "The ways that may be gone to the rows of some maps: \"map: way way; map: way\".",
        )
    });
    rows.push(Setting {
        kind: Kind::Integer,
        values: Vec::new(),
        unit: "kB",
        min: Some("0"),
        max: Some("2147483647"),
        // The operator's, not the users'.
        context: Context::Sighup,
        ..own(
            "hazelgres.max_pull",
            &["0"],
            "Maps of more bytes are read by SQL, not by map operations; 0 is no limit.",
        )
    });
    // PostgreSQL's own order: by name, case folded.
    rows.sort_by_key(|row| row.name.to_ascii_lowercase());
    let by_name = rows.iter().enumerate().map(|(i, row)| (row.name.to_ascii_lowercase(), i)).collect();
    Settings { rows, by_name }
});

/// A setting of our own, shown as PostgreSQL shows those of extensions.
fn own(name: &'static str, values: &[&'static str], description: &'static str) -> Setting {
    Setting {
        name,
        unit: "",
        category: "Customized Options",
        description: Cow::Borrowed(description),
        extra: None,
        context: Context::User,
        kind: Kind::Enum,
        min: None,
        max: None,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        default: Cow::Borrowed(values.first().copied().unwrap_or_default()),
        no_default: false,
        hidden: false,
        keeps_on_reset_all: false,
        reported: false,
        fixed: false,
        list: List::No,
    }
}

/// A row of `settings.tsv`, whose columns `dump.sh` names.
fn read(mut row: catalog::Row) -> Setting {
    let mut next = || row.next().flatten();
    let fixed = |text: Option<Cow<'static, str>>| match text {
        Some(Cow::Borrowed(text)) => Some(text),
        // None of these has anything to unescape.
        _ => None,
    };
    let name = fixed(next()).unwrap_or_default();
    let (unit, category) = (fixed(next()).unwrap_or_default(), fixed(next()).unwrap_or_default());
    let (description, extra) = (next().unwrap_or_default(), next());
    let context = Context::read(&next().unwrap_or_default());
    let kind = Kind::read(&next().unwrap_or_default());
    let (min, max) = (fixed(next()), fixed(next()));
    let values = next().map(|text| enum_values(&text)).unwrap_or_default();
    let default = next();
    let flags = next().unwrap_or_default();
    Setting {
        name,
        unit,
        category,
        description,
        extra,
        context,
        kind,
        min,
        max,
        values,
        no_default: default.is_none(),
        default: default.unwrap_or_default(),
        hidden: false,
        keeps_on_reset_all: flags.contains("NO_RESET_ALL"),
        reported: REPORTED.contains(&name),
        fixed: FIXED.contains(&name),
        list: match name {
            name if QUOTED_LISTS.contains(&name) => List::Quoted,
            name if PLAIN_LISTS.contains(&name) => List::Plain,
            _ => List::No,
        },
    }
}

/// The items of `{a,"b c"}`.
fn enum_values(text: &str) -> Vec<String> {
    text.trim_matches(['{', '}']).split(',').map(|item| item.trim_matches('"').to_owned()).collect()
}

/// All settings by name, hidden ones included.
pub fn settings() -> &'static [Setting] {
    &SETTINGS.rows
}

/// A setting by its name in any case (`find_option`), former names included.
pub fn setting(name: &str) -> Option<&'static Setting> {
    let mut name = name.to_ascii_lowercase();
    match name.as_str() {
        "sort_mem" => name = "work_mem".into(),
        "vacuum_mem" => name = "maintenance_work_mem".into(),
        _ => {}
    }
    SETTINGS.by_name.get(&name).and_then(|i| SETTINGS.rows.get(*i))
}
