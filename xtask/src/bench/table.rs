//! The table of docs/performance.md: the gateway beside Hazelcast's Java client and PostgreSQL.

use super::figures::Figures;

const JAVA: &str = "java";
const GATEWAY: &str = "pgraw@gw";
const POSTGRES: &str = "pgraw@pg";

/// The lines of the table: one for each case that Java's client and the gateway both have.
pub fn table(figures: &Figures) -> String {
    let mut lines = vec![
        "| | Java client | gateway | ratio | member's CPU, Java's / gateway's | gateway's CPU | PostgreSQL | its ratio |"
            .to_owned(),
        "| --- | --- | --- | --- | --- | --- | --- | --- |".to_owned(),
    ];
    lines.extend(figures.cases().into_iter().filter_map(|case| line(figures, case)));
    lines.join("\n")
}

fn line(figures: &Figures, case: &str) -> Option<String> {
    // The more of it the better, but for times.
    let kinds = [("ops", "/s", "µs"), ("rows_s", "rows/s", "s a million"), ("ms", "ms", "ms")];
    let (figure, unit, cpu) =
        kinds.into_iter().find(|(figure, ..)| figures.median(case, GATEWAY, figure).is_some())?;
    let of = |client: &str| figures.median(case, client, figure);
    let ratio = |other: f64, ours: f64| if figure == "ms" { other / ours } else { ours / other };
    let (java, gateway) = (of(JAVA)?, of(GATEWAY)?);
    let cpu_of = |client: &str, what: &str| figures.median(case, client, what).map_or("?".to_owned(), number);
    let postgres = match of(POSTGRES) {
        Some(time) => format!("{} {unit} | {}", number(time), number(ratio(time, gateway))),
        None => "| ".to_owned(),
    };
    Some(format!(
        "| {case} | {} {unit} | {} {unit} | {} | {} / {} {cpu} | {} {cpu} | {postgres} |",
        number(java),
        number(gateway),
        number(ratio(java, gateway)),
        cpu_of(JAVA, "cpu_member"),
        cpu_of(GATEWAY, "cpu_member"),
        cpu_of(GATEWAY, "cpu_server"),
    ))
}

/// Two digits, or all before the point.
fn number(number: f64) -> String {
    match number.abs() {
        n if n >= 10_000.0 => format!("{:.0} 000", number / 1_000.0),
        n if n >= 10.0 => format!("{number:.0}"),
        n if n >= 1.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_the_ratios() {
        let row = |case: &str, client: &str, figure: &str, value: f64| {
            let fig = serde_json::json!({ figure: [value, value], "cpu_member": [4.0], "cpu_server": [0.5] });
            serde_json::json!({ "case": case, "spec": client, "fig": fig })
        };
        let figures = Figures(vec![
            row("scan", "java", "rows_s", 500_000.0),
            row("scan", "pgraw@gw", "rows_s", 1_000_000.0),
            row("count", "java", "ms", 300.0),
            row("count", "pgraw@gw", "ms", 1.5),
            row("count", "pgraw@pg", "ms", 3.0),
            row("only java", "java", "ms", 3.0),
        ]);
        let lines: Vec<String> = table(&figures).lines().map(str::to_owned).collect();
        assert_eq!(
            lines[2..],
            [
                "| scan | 500 000 rows/s | 1000 000 rows/s | 2.0 | 4.0 / 4.0 s a million | 0.50 s a million | |  |",
                "| count | 300 ms | 1.5 ms | 200 | 4.0 / 4.0 ms | 0.50 ms | 3.0 ms | 2.0 |",
            ]
        );
    }
}
