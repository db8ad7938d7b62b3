//! `cargo xtask bench cost`: the planner's constants, measured on the machine at hand, beside those that it has.

use std::path::Path;

use regex::Regex;

use super::figures::Figures;
use crate::run::{root, say};

/// What is run for it.
pub const WORKLOADS: [&str; 4] = ["W1", "W2", "W3", "W4"];
/// Hazelcast's SQL with nothing decoded, and the gateway.
pub const CLIENTS: &str = "raw,pgraw@gw";

/// Bytes of an entry of the narrow and of the wide tables.
const NARROW: f64 = 60.0;
const WIDE: f64 = 620.0;
/// What a column of an entry costs to read is too little to be told from the rest.
const ENTRY_COLUMN: f64 = 0.1;

/// Prints the constants that the figures in a file give.
pub fn report(figures: &Path) -> Result<(), String> {
    let figures = Figures::read(figures)?;
    let source = std::fs::read_to_string(root().join("crates/sql/src/plan/cost.rs")).unwrap_or_default();
    say("\nconstant            measured      in use");
    for (name, measured) in figures.constants() {
        let measured = measured.map_or("?".to_owned(), |micros| format!("{micros:.4}"));
        say(&format!("{name:<16} {measured:>11} {:>11}", in_use(&source, name)));
    }
    say("\nFor the configuration file of the gateway:\n");
    say(&section(&figures.constants()));
    Ok(())
}

/// The section of the gateway's configuration file. What was not measured, or came out below nothing because of what the
/// machine did meanwhile, keeps the planner's value.
fn section(constants: &[(&str, Option<f64>)]) -> String {
    let measured = constants.iter().filter_map(|(name, value)| Some((name, value.filter(|v| *v > 0.0)?)));
    let lines: Vec<String> = measured.map(|(name, micros)| format!("{name} = {micros:.4}")).collect();
    format!("[costs]\n{}", lines.join("\n"))
}

/// The value that the planner has for a constant.
fn in_use(source: &str, name: &str) -> String {
    let table = source.split("pub const COSTS").nth(1).unwrap_or_default();
    let value = Regex::new(&format!(r"(?m)^    {name}: ([0-9_.]+),$")).ok();
    let found = value.and_then(|value| Some(value.captures(table)?.get(1)?.as_str().replace('_', "")));
    found.unwrap_or_default()
}

impl Figures {
    /// Processor time of members and gateway: microseconds a row or a look-up, milliseconds a query.
    fn both(&self, case: &str) -> Option<f64> {
        let client = "pgraw@gw";
        Some(self.median(case, client, "cpu_member")? + self.median(case, client, "cpu_server")?)
    }

    fn sql(&self, case: &str) -> Option<f64> {
        self.median(case, "raw", "cpu_member")
    }

    fn constants(&self) -> Vec<(&'static str, Option<f64>)> {
        let compact = |columns: &str| self.sql(&format!("scan points_compact {columns} page 4096"));
        let column = compact("2col").zip(compact("1col")).map(|(two, one)| two - one);
        let row = compact("1col").zip(column).map(|(one, column)| one - column);
        let json = self.sql("scan points_json all page 4096").zip(row).map(|(all, row)| (all - row) / 4.0);
        let narrow = self.both("scan points_json all page 4096");
        let wide = self.both("wide all");
        let byte = wide.zip(narrow).map(|(w, n)| (w - n - 16.0 * ENTRY_COLUMN) / (WIDE - NARROW));
        let entry = narrow.zip(byte).map(|(n, byte)| n - NARROW * byte - 4.0 * ENTRY_COLUMN);
        let statement = self.sql("one row").map(|millis| millis * 1_000.0);
        let entries = self.both("count").map(|millis| millis * 1_000.0);
        vec![
            ("statement", statement),
            ("sql_row", row),
            ("sql_column", column),
            ("sql_column_json", json),
            ("entries", entries),
            ("entry", entry),
            ("entry_byte", byte),
            ("get", self.both("point points_json x16")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_told_from_figures() {
        let row = |case: &str, client: &str, member: f64, server: f64| {
            let fig = serde_json::json!({ "cpu_member": [member, member, 99.0], "cpu_server": [server] });
            serde_json::json!({ "case": case, "spec": client, "fig": fig })
        };
        let figures = Figures(vec![
            row("scan points_compact 1col page 4096", "raw", 0.9, 0.0),
            row("scan points_compact 2col page 4096", "raw", 1.2, 0.0),
            row("point points_json x16", "pgraw@gw", 15.0, 13.0),
        ]);
        let constants = figures.constants();
        let of =
            |name: &str| constants.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
        assert!((of("sql_column").unwrap() - 0.3).abs() < 1e-9);
        assert!((of("sql_row").unwrap() - 0.6).abs() < 1e-9);
        assert_eq!((of("get"), of("entry")), (Some(28.0), None));
        let source = "pub const COSTS: Costs = Costs {\n    get: 2_8.0,\n};";
        assert_eq!(in_use(source, "get"), "28.0");
        let section = section(&[("get", Some(28.0)), ("entry", None), ("row", Some(-0.1))]);
        assert_eq!(section, "[costs]\nget = 28.0000");
    }
}
