//! Random conditions over maps with indexes of every kind: by SQL, by what indexes find, by the way that is chosen, and in
//! PostgreSQL. `$HAZELGRES_CONDITIONS` says how many are asked, `$HAZELGRES_SEED` which.

use crate::bed;
use crate::wire::Client;

/// Columns with their types in Hazelcast and in PostgreSQL, and values; the ends of their ranges among them.
const COLUMNS: [(&str, &str, &str, &[&str]); 9] = [
    ("t", "TINYINT", "smallint", &["-128", "127", "5", "-3", "0", "11", "4"]),
    ("i", "INTEGER", "integer", &["-2147483648", "2147483647", "3", "40", "41", "-7", "0"]),
    ("b", "BIGINT", "bigint", &["-9223372036854775808", "9223372036854775807", "9007199254740993", "7", "0"]),
    ("n", "DECIMAL", "numeric", &["0", "1.0", "1.00", "2.5", "-7.25", "99999999999999999999.5", "40"]),
    ("f", "DOUBLE", "float8", &["0", "-0.0", "1.5", "-1e300", "40.5", "9007199254740992", "3"]),
    ("s", "VARCHAR", "text", &["''", "'a'", "'A'", "'12'", "'%'", "'b_c'", "'ü'", "'\u{1F600}'"]),
    ("d", "DATE", "date", &["'2024-02-29'", "'1999-12-31'", "'0001-01-01'", "'2024-03-01'"]),
    ("o", "BOOLEAN", "boolean", &["true", "false"]),
    (
        "ts",
        "TIMESTAMP",
        "timestamp",
        &["'2024-02-29 12:00:00'", "'1999-12-31 23:59:59.999999'", "'2024-02-29 00:00:00'"],
    ),
];

/// Values of other types, which columns of numbers are compared with.
const NUMBERS: [&str; 14] = [
    "40.5",
    "40.0",
    "-7.25::numeric",
    "128",
    "-129",
    "3000000000",
    "1e20::numeric",
    "99999999999999999999",
    "3::bigint",
    "4::smallint",
    "2.5::float8",
    "'NaN'::float8",
    "'NaN'::numeric",
    "'Infinity'::float8",
];

const ROWS: usize = 120;

/// Numbers as of dice, the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut next = self.0;
        next = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        next = (next ^ (next >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((next ^ (next >> 31)) % limit.max(1) as u64) as usize
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// A condition in the making: with literals, or with parameters in the places of some.
#[derive(Default)]
struct Condition {
    parameters: Vec<Option<String>>,
}

impl Condition {
    /// A value to compare a column with.
    fn value(&mut self, dice: &mut Dice, column: usize) -> String {
        let (_, _, ty, values) = COLUMNS[column];
        let number = column < 5;
        let literal = match dice.below(8) {
            0 => "NULL".to_owned(),
            1 | 2 if number => return (*dice.of(&NUMBERS)).to_owned(),
            _ => (*dice.of(values)).to_owned(),
        };
        match dice.below(3) {
            0 => {
                let text = literal.trim_matches('\'').to_owned();
                self.parameters.push((literal != "NULL").then_some(text));
                // Of its own type, or of a wider one.
                let wide = if number && dice.below(4) == 0 { "numeric" } else { ty };
                let fits = !(wide == "numeric" && literal.contains('e'));
                format!("${}::{}", self.parameters.len(), if fits { wide } else { ty })
            }
            _ => format!("({literal})::{ty}"),
        }
    }

    fn column(&mut self, dice: &mut Dice, column: usize) -> String {
        let (name, _, ty, _) = COLUMNS[column];
        match (dice.below(8), ty) {
            (0, "smallint" | "integer") => format!("{name}::bigint"),
            (0, "bigint") | (1, "smallint" | "integer") => format!("{name}::numeric"),
            (2, "smallint" | "integer") => format!("{name}::float8"),
            _ => name.to_owned(),
        }
    }

    fn atom(&mut self, dice: &mut Dice) -> String {
        const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];
        let at = dice.below(COLUMNS.len());
        let column = self.column(dice, at);
        let comparison = *dice.of(&COMPARISONS);
        match dice.below(12) {
            0 => format!("{column} IS {}NULL", dice.of(&["", "NOT "])),
            1 => {
                let (low, high) = (self.value(dice, at), self.value(dice, at));
                format!("{column} {}BETWEEN {low} AND {high}", dice.of(&["", "NOT "]))
            }
            2 | 3 => {
                let items: Vec<_> = (0..=dice.below(3)).map(|_| self.value(dice, at)).collect();
                format!("{column} {}IN ({})", dice.of(&["", "", "NOT "]), items.join(", "))
            }
            4 => {
                let (low, high) = (self.value(dice, at), self.value(dice, at));
                format!(
                    "{column} {} {low} AND {column} {} {high}",
                    dice.of(&[">", ">="]),
                    dice.of(&["<", "<="])
                )
            }
            5 => format!("{column} IS {}DISTINCT FROM {}", dice.of(&["", "NOT "]), self.value(dice, at)),
            6 => format!(
                "s {}LIKE {}",
                dice.of(&["", "NOT "]),
                dice.of(&["'a%'", "'%'", "'_'", "'\\%'", "'A'"])
            ),
            7 => {
                let other = ["t", "i", "b", "n"][dice.below(4)];
                format!("i {comparison} {other}")
            }
            8 => format!("__key {comparison} {}", dice.below(ROWS)),
            9 => format!("__key IN ({}, {}, 5)", dice.below(ROWS), dice.below(ROWS)),
            _ => format!("{column} {comparison} {}", self.value(dice, at)),
        }
    }

    fn tree(&mut self, dice: &mut Dice, depth: usize) -> String {
        if depth == 0 {
            return self.atom(dice);
        }
        match dice.below(6) {
            0 | 1 => format!("({} AND {})", self.tree(dice, depth - 1), self.tree(dice, depth - 1)),
            2 | 3 => format!("({} OR {})", self.tree(dice, depth - 1), self.tree(dice, depth - 1)),
            4 => format!("NOT ({})", self.tree(dice, depth - 1)),
            _ => self.atom(dice),
        }
    }
}

/// The rows, as a list of VALUES.
fn rows() -> String {
    let mut dice = Dice(11);
    let row = |key: usize, dice: &mut Dice| {
        let value = |(_, _, ty, values): &(&str, &str, &str, &[&str])| match dice.below(5) {
            0 => format!("NULL::{ty}"),
            _ => format!("({})::{ty}", dice.of(values)),
        };
        format!("({key}, {})", COLUMNS.iter().map(value).collect::<Vec<_>>().join(", "))
    };
    (0..ROWS).map(|key| row(key, &mut dice)).collect::<Vec<_>>().join(", ")
}

/// The maps' names: each format with indexes of each kind.
fn load(gateway: &mut Client, oracle: &mut Client) -> Vec<String> {
    let columns = |ours: bool| {
        let column = |(name, hazelcast, postgresql, _): &(&str, &str, &str, &[&str])| {
            format!("{name} {}", if ours { hazelcast } else { postgresql })
        };
        COLUMNS.iter().map(column).collect::<Vec<_>>().join(", ")
    };
    oracle.query("DROP TABLE IF EXISTS indexed").ok();
    oracle.query(&format!("CREATE TABLE indexed (__key int, {})", columns(false))).ok();
    oracle.query(&format!("INSERT INTO indexed VALUES {}", rows())).ok();
    let mut names = Vec::new();
    for format in ["json-flat", "compact"] {
        for kind in ["SORTED", "HASH", "BITMAP", "composite"] {
            let name = format!("indexed_{}_{}", &format[..4], kind.to_lowercase());
            gateway
                .query(&format!(
                    "CREATE OR REPLACE MAPPING {name} (__key INT, {}) TYPE IMap OPTIONS ('keyFormat' = 'int', \
                     'valueFormat' = '{format}', 'valueCompactTypeName' = 'indexed')",
                    columns(true)
                ))
                .ok();
            gateway.query(&format!("INSERT INTO {name} VALUES {}", rows())).ok();
            for (column, ..) in COLUMNS.iter().filter(|_| kind != "composite") {
                let sql = format!("CREATE INDEX {name}_{column} ON {name} ({column}) TYPE {kind}");
                // Not all kinds take all types.
                let _ = gateway.query(&sql);
            }
            if kind == "composite" {
                for columns in ["i, s", "s, d, t", "b, n", "o, i"] {
                    let index = columns.replace(", ", "_");
                    gateway
                        .query(&format!("CREATE INDEX {name}_{index} ON {name} ({columns}) TYPE SORTED"))
                        .ok();
                }
                gateway.query(&format!("CREATE INDEX {name}_key ON {name} (__key) TYPE SORTED")).ok();
            }
            names.push(name);
        }
    }
    names
}

/// The keys of the rows for which a condition is true, or the SQLSTATE.
fn keys(client: &mut Client, table: &str, condition: &str, parameters: &[Option<String>]) -> Vec<String> {
    let sql = format!("SELECT __key FROM {table} WHERE {condition}");
    let parameters: Vec<Option<&str>> = parameters.iter().map(Option::as_deref).collect();
    let reply = client.extended(&sql, &parameters, 0);
    if let Some(error) = &reply.error {
        return vec![error[&'C'].clone()];
    }
    let mut keys: Vec<String> = reply.texts().into_iter().flatten().flatten().collect();
    keys.sort();
    keys
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn random_conditions_over_indexes_have_postgresqls_answers() {
    let mut oracle = Client::connect(bed::oracle().port);
    let mut ways = [&[][..], &["entries", "keys"], &["sql"]].map(|off: &[&str]| {
        let mut client = Client::connect(bed::shared_gateway().port);
        for way in off {
            client.query(&format!("SET hazelgres.enable_{way} = off")).ok();
        }
        (off.join(" "), client)
    });
    let names = load(&mut ways[0].1, &mut oracle);
    let mut dice = Dice(number("HAZELGRES_SEED", 1) as u64);
    let (mut wrong, mut found) = (Vec::new(), 0);
    let count = number("HAZELGRES_CONDITIONS", 120);
    for turn in 0..count {
        let mut condition = Condition::default();
        let depth = dice.below(3);
        let text = condition.tree(&mut dice, depth);
        let expected = keys(&mut oracle, "indexed", &text, &condition.parameters);
        found += usize::from(!expected.is_empty());
        let name = &names[turn % names.len()];
        for (off, client) in &mut ways {
            let answer = keys(client, name, &text, &condition.parameters);
            if answer != expected {
                let parameters = &condition.parameters;
                let (many, more) = (answer.len(), expected.len());
                let first = answer.first();
                wrong.push(format!(
                    "{name} without [{off}]: {text} {parameters:?}: {many} {first:?} for {more}"
                ));
            }
        }
    }
    assert!(found > count / 3, "{found} of {count} conditions found something");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
