//! The maps of `cargo xtask bench cost`, and the statements that are run on them.

use sql::plan::{Columns, Scan};

use super::cost::{Case, connect, execute};
use crate::run::say;

/// Narrow and wide rows, in two formats each; some hundred rows; one.
const MAPS: [(&str, &str, bool); 7] = [
    ("cost_compact", NARROW, false),
    ("cost_json", NARROW, true),
    ("cost_wide", WIDE, true),
    ("cost_wide_compact", WIDE, false),
    (INDEXED, NARROW, false),
    ("cost_few", NARROW, true),
    ("cost_one", NARROW, true),
];
const NARROW: &str = "__key INT, a BIGINT, b DOUBLE, c VARCHAR, g INT";
const WIDE: &str = "__key INT, t1 VARCHAR, t2 VARCHAR, t3 VARCHAR, t4 VARCHAR, t5 VARCHAR, t6 VARCHAR, \
                    t7 VARCHAR, t8 VARCHAR, t9 VARCHAR, t10 VARCHAR, i1 INT, i2 INT, i3 INT, i4 INT, \
                    d1 DOUBLE, d2 DOUBLE, l1 BIGINT, l2 BIGINT, l3 BIGINT";
/// The map of which two columns have an index.
const INDEXED: &str = "cost_indexed";
/// Rows of the small map.
const FEW: u32 = 500;
/// Bytes of entries: keys and values as they are stored.
const COMPACT_BYTES: f64 = 90.0;
const JSON_BYTES: f64 = 105.0;
const WIDE_BYTES: f64 = 860.0;
const WIDE_COMPACT_BYTES: f64 = 700.0;

/// Maps that are there for the time of measuring.
pub struct Maps {
    port: u16,
}

impl Maps {
    /// Makes and fills them.
    pub fn load(port: u16, points: u32) -> Result<Maps, String> {
        let mut client = connect(port)?;
        for (name, columns, json) in MAPS {
            let format =
                if json { "'json-flat'" } else { "'compact', 'valueCompactTypeName' = 'cost_point'" };
            execute(
                &mut client,
                &format!(
                    "CREATE OR REPLACE MAPPING {name} ({columns}) TYPE IMap \
                     OPTIONS ('keyFormat' = 'int', 'valueFormat' = {format})"
                ),
            )?;
            let rows = rows(name, points);
            say(&format!("Loading {name}, {rows} rows"));
            let values = if columns == WIDE { wide_values() } else { NARROW_VALUES.to_owned() };
            let sink = format!("SINK INTO {name} SELECT {values} FROM generate_series(1, {rows}) AS i");
            execute(&mut client, &sink)?;
        }
        for column in ["a", "g"] {
            execute(&mut client, &format!("CREATE INDEX {INDEXED}_{column} ON {INDEXED} ({column})"))?;
        }
        Ok(Maps { port })
    }

    /// Removes them.
    pub fn drop(self) -> Result<(), String> {
        let mut client = connect(self.port)?;
        for (name, ..) in MAPS {
            execute(&mut client, &format!("DELETE FROM {name}"))?;
            execute(&mut client, &format!("DROP MAPPING {name}"))?;
        }
        Ok(())
    }
}

const NARROW_VALUES: &str =
    "i, (i * 7919::bigint) % 1000003, i / 64.0::float8, 'name-' || lpad(i::text, 11, '0'), i % 100";

fn wide_values() -> String {
    let texts = (1..=10).map(|n| format!("repeat(md5((i * {n})::text), 2)::varchar(50)"));
    let numbers = (1..=4).map(|n| format!("(i * {n}) % 1000000"));
    let floats = (1..=2).map(|n| format!("i * {n} / 8.0::float8"));
    let longs = (1..=3).map(|n| format!("i * 1000003::bigint * {n}"));
    let values: Vec<String> = texts.chain(numbers).chain(floats).chain(longs).collect();
    format!("i, {}", values.join(", "))
}

fn rows(map: &str, points: u32) -> u32 {
    match map {
        "cost_wide" | "cost_wide_compact" => points / 10,
        "cost_few" => FEW,
        "cost_one" => 1,
        _ => points,
    }
}

/// The statements.
pub fn cases(points: u32) -> Vec<Case> {
    let mut cases = Vec::new();
    for map in ["cost_compact", "cost_json"] {
        narrow(map, points, &mut |sql, scan| cases.push(Case { sql: sql.replace('@', map), scan }));
    }
    let of = |map, columns, members| Some(scan(map, points, columns, members));
    let none = |map, scanned: (usize, usize), columns, members| {
        let all = scan(map, points, columns, members);
        let tested_columns = Columns { all: scanned.0, members: scanned.1 };
        Some(Scan { tested: all.rows, tested_columns, passed: 0.0, sent: 0.0, ..all })
    };
    let few = scan("cost_few", points, 1, 1);
    let others = [
        ("SELECT * FROM cost_wide", of("cost_wide", 20, 19)),
        ("SELECT __key, t1, l2 FROM cost_wide", of("cost_wide", 3, 2)),
        ("SELECT t1, t4, i2, d1, l1 FROM cost_wide", of("cost_wide", 5, 5)),
        ("SELECT __key FROM cost_wide", of("cost_wide", 1, 0)),
        ("SELECT * FROM cost_wide_compact", of("cost_wide_compact", 20, 19)),
        ("SELECT __key FROM cost_wide_compact", of("cost_wide_compact", 1, 0)),
        ("SELECT t1, i2 FROM cost_wide WHERE i1 < 0", none("cost_wide", (1, 1), 3, 3)),
        ("SELECT * FROM cost_few", of("cost_few", 5, 4)),
        ("SELECT c FROM cost_few WHERE b < 0", none("cost_few", (1, 1), 2, 2)),
        ("SELECT g, count(*) FROM cost_few GROUP BY g", Some(Scan { grouped: few.rows, sent: 100.0, ..few })),
        ("SELECT * FROM cost_one", of("cost_one", 5, 4)),
        ("SELECT * FROM cost_indexed WHERE a = 7919", found(1.0, points)),
        ("SELECT * FROM cost_indexed WHERE g = 7", found(f64::from(points) / 100.0, points)),
        ("SELECT * FROM cost_indexed WHERE g IN (1, 2, 3, 4, 5)", found(f64::from(points) / 20.0, points)),
    ];
    let case = |(sql, scan): (&str, Option<Scan>)| Some(Case { sql: sql.to_owned(), scan: scan? });
    cases.extend(others.into_iter().filter_map(case));
    cases
}

/// Those on narrow rows; `@` is the map.
fn narrow(map: &str, points: u32, add: &mut dyn FnMut(&str, Scan)) {
    let of = |columns, members| scan(map, points, columns, members);
    let tested = |columns: usize, all: Scan| {
        let members = if all.json { columns } else { 0 };
        Scan { tested: all.rows, tested_columns: Columns { all: columns, members }, ..all }
    };
    let none = |scan: Scan| Scan { passed: 0.0, sent: 0.0, ..scan };
    let rows = f64::from(points);
    add("SELECT __key FROM @", of(1, 0));
    add("SELECT a FROM @", of(1, 1));
    add("SELECT * FROM @", of(5, 4));
    add(
        "SELECT __key FROM @ WHERE __key < 0",
        none(Scan { tested_columns: Columns { all: 1, members: 0 }, tested: rows, ..of(1, 0) }),
    );
    add("SELECT a, c FROM @ WHERE b < 0", none(tested(1, of(3, 3))));
    add("SELECT a, c FROM @ WHERE b < 0 AND a < 0 AND g < 0", none(tested(1, of(4, 4))));
    add("SELECT a FROM @ WHERE b >= 0", tested(1, of(2, 2)));
    add("SELECT sum(b) FROM @", Scan { grouped: rows, sent: 1.0, ..of(1, 1) });
    add("SELECT sum(b), max(c), sum(a) FROM @", Scan { grouped: rows, sent: 1.0, ..of(3, 3) });
    add("SELECT g, count(*), sum(a) FROM @ GROUP BY g", Scan { grouped: rows, sent: 100.0, ..of(2, 2) });
    let top = Scan { sorted: rows, first: true, sent: 10.0, ..of(3, 2) };
    add("SELECT __key, a, c FROM @ ORDER BY a DESC, __key LIMIT 10", top);
    add("SELECT __key, a FROM @ ORDER BY a", Scan { sorted: rows, ..of(2, 1) });
}

/// What an index finds, all columns of it.
fn found(rows: f64, points: u32) -> Option<Scan> {
    let all = scan(INDEXED, points, 5, 0);
    let tested_columns = Columns { all: 1, members: 0 };
    Some(Scan { found: Some(rows), tested_columns, passed: rows, sent: rows, ..all })
}

/// All of a map.
fn scan(map: &str, points: u32, columns: usize, members: usize) -> Scan {
    let rows = f64::from(rows(map, points));
    let (bytes, json) = match map {
        "cost_compact" | INDEXED => (COMPACT_BYTES, false),
        "cost_wide" => (WIDE_BYTES, true),
        "cost_wide_compact" => (WIDE_COMPACT_BYTES, false),
        _ => (JSON_BYTES, true),
    };
    let columns = Columns { all: columns, members: if json { members } else { 0 } };
    Scan { rows, bytes, json, columns, scanned: rows, passed: rows, sent: rows, ..Scan::default() }
}

/// A look-up of so many keys.
pub fn keys(keys: usize, points: u32) -> String {
    let step = (points as usize / keys).max(1);
    let keys: Vec<String> = (1..=keys).map(|key| (key * step).to_string()).collect();
    format!("SELECT * FROM cost_compact WHERE __key = ANY ('{{{}}}'::int[])", keys.join(","))
}
