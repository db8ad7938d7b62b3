//! Settings as the rest of the gateway uses them.

use std::sync::Arc;
use std::time::Duration;

use pg::Env;
use pg::env::{ByteaOutput, DateFormat, DateOrder, DateStyle, IntervalStyle, ObjectNames};

use super::{Settings, setting};
use crate::plan::{MapWays, Options, Pushdown, Ways};

impl Settings {
    /// The surroundings of a statement.
    pub fn env(&self, transaction: i64, statement: i64, names: Arc<dyn ObjectNames>) -> Env {
        Env {
            time_zone: self.get("TimeZone").into(),
            date_style: date_style(&self.get("DateStyle")),
            interval_style: match self.get("IntervalStyle").as_str() {
                "postgres_verbose" => IntervalStyle::PostgresVerbose,
                "sql_standard" => IntervalStyle::SqlStandard,
                "iso_8601" => IntervalStyle::Iso8601,
                _ => IntervalStyle::Postgres,
            },
            extra_float_digits: self.get("extra_float_digits").parse().unwrap_or(1),
            bytea_output: match self.get("bytea_output").as_str() {
                "escape" => ByteaOutput::Escape,
                _ => ByteaOutput::Hex,
            },
            text_search_configuration: self.get("default_text_search_config").into(),
            transaction_timestamp: transaction,
            statement_timestamp: statement,
            names,
        }
    }

    /// `session_user`
    pub fn session_user(&self) -> Arc<str> {
        self.users.0.clone()
    }

    /// `current_user`: the role, when one is set.
    pub fn current_user(&self) -> Arc<str> {
        self.users.1.clone()
    }

    /// The schemas of `search_path` that exist, in order; without those that are searched implicitly.
    pub fn search_path(&self) -> Arc<[Arc<str>]> {
        self.path.clone()
    }

    /// A setting in milliseconds that 0 turns off: `statement_timeout`, `lock_timeout`,
    /// `idle_in_transaction_session_timeout`, `idle_session_timeout`.
    pub fn timeout(&self, name: &str) -> Option<Duration> {
        let millis = super::setting(name).and_then(|setting| self.value(setting).parse::<u64>().ok())?;
        (millis > 0).then(|| Duration::from_millis(millis))
    }

    /// A boolean setting.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name) == "on"
    }

    /// What plans depend on (`hazelgres.…`).
    pub fn options(&self) -> Options {
        let ways = Ways {
            sql: self.is_on("hazelgres.enable_sql"),
            keys: self.is_on("hazelgres.enable_keys"),
            entries: self.is_on("hazelgres.enable_entries"),
            size: self.is_on("hazelgres.enable_size"),
        };
        let max_pull =
            setting("hazelgres.max_pull").and_then(|setting| self.value(setting).parse::<u64>().ok());
        let max_pull = max_pull.unwrap_or(0);
        Options {
            pushdown: Pushdown::named(&self.get("hazelgres.pushdown")),
            ways,
            map_ways: match self.get("hazelgres.map_ways").as_str() {
                "" => None,
                text => MapWays::parse(text).ok().map(Arc::new),
            },
            max_pull: (max_pull > 0).then(|| max_pull.saturating_mul(1024)),
            costs: self.defaults.costs.clone(),
            safe: false,
        }
    }

    /// Changes whenever a value may have changed.
    pub fn version(&self) -> u64 {
        self.version
    }
}

fn date_style(text: &str) -> DateStyle {
    let (format, order) = text.split_once(", ").unwrap_or((text, "MDY"));
    DateStyle {
        format: match format {
            "SQL" => DateFormat::Sql,
            "Postgres" => DateFormat::Postgres,
            "German" => DateFormat::German,
            _ => DateFormat::Iso,
        },
        order: match order {
            "DMY" => DateOrder::Dmy,
            "YMD" => DateOrder::Ymd,
            _ => DateOrder::Mdy,
        },
    }
}
