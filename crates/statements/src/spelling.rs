//! The ways to write a value: literals of every form, casts in all spellings, parameters.

use pg::{Oid, catalog};

use crate::Generator;
use crate::literals::{self, quoted, type_name};

/// Other words for the types.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("int2", &["int2", "SMALLINT"]),
    ("int4", &["int", "INT4", "pg_catalog.int4"]),
    ("int8", &["int8", "BIGINT", "pg_catalog.\"int8\""]),
    ("float4", &["float4", "float(24)"]),
    ("float8", &["float8", "FLOAT", "float(53)"]),
    ("numeric", &["decimal", "dec", "NUMERIC(20, 10)", "decimal(30,12)"]),
    ("bool", &["bool"]),
    ("text", &["pg_catalog.text", "TEXT"]),
    ("varchar", &["varchar", "char varying", "national character varying", "varchar(40)"]),
    (
        "timestamp",
        &["timestamp", "timestamp without time zone", "timestamp(6)", "timestamp(3) without time zone"],
    ),
    ("timestamptz", &["timestamptz", "timestamp(2) with time zone"]),
    ("time", &["time", "time(6)", "time without time zone"]),
    ("timetz", &["timetz", "time(1) with time zone"]),
    ("interval", &["interval(6)", "pg_catalog.interval", "interval second(3)"]),
    ("varbit", &["varbit", "bit varying(40)"]),
    ("_int4", &["int[]", "int4 ARRAY", "integer[4]", "pg_catalog._int4"]),
    ("_text", &["text[]", "text ARRAY[3]"]),
];

/// Stands around a parameter's place until it is known which parameters the statement has.
const PLACE: char = '\u{1}';

/// The statement with its parameters numbered as they come: not all that were made are in it.
pub fn numbered(sql: &str, all: &[(Oid, String)]) -> (String, Vec<(Oid, String)>) {
    let (mut text, mut used, mut kept) = (String::new(), Vec::new(), Vec::new());
    for (at, part) in sql.split(PLACE).enumerate() {
        // Places stand between the marks, so every second part is one.
        match part.parse::<usize>().ok().filter(|_| at % 2 == 1).and_then(|n| Some((n, all.get(n)?))) {
            Some((n, parameter)) => {
                let place = used.iter().position(|known| *known == n).unwrap_or_else(|| {
                    used.push(n);
                    kept.push(parameter.clone());
                    used.len() - 1
                });
                text.push_str(&format!("${}", place + 1));
            }
            None => text.push_str(part),
        }
    }
    (text, kept)
}

impl Generator {
    /// A literal of a type, or a parameter. `edges`: how many of a hundred values lie at the edges.
    pub fn literal(&mut self, ty: Oid, edges: usize) -> String {
        let Some(text) = literals::value(&mut self.rng, ty, edges) else {
            return format!("NULL::{}", type_name(ty));
        };
        if self.with_parameters && self.rng.percent(35) {
            return self.parameter(ty, text);
        }
        if self.loose && self.rng.percent(20) {
            self.grammar("literal of no type");
            return quoted(text);
        }
        self.spelled(text, ty)
    }

    /// A literal with as many edges as the statement has.
    pub fn edge_literal(&mut self, ty: Oid) -> String {
        self.literal(ty, self.edges)
    }

    fn parameter(&mut self, ty: Oid, text: &str) -> String {
        self.parameters.push((ty, text.to_owned()));
        let place = format!("{PLACE}{}{PLACE}", self.parameters.len() - 1);
        if self.rng.percent(20) {
            self.grammar("parameter of no type");
            return place;
        }
        self.grammar("parameter");
        format!("{place}::{}", type_name(ty))
    }

    /// One of the ways to write a value of a type.
    fn spelled(&mut self, text: &str, ty: Oid) -> String {
        let name = catalog::type_by_oid(ty).map_or("text", |row| row.name);
        if let Some(number) = self.number(name, text) {
            return number;
        }
        if name == "bool" && self.rng.percent(70) {
            return if text == "t" { "true" } else { "false" }.into();
        }
        if matches!(name, "bit" | "bpchar") {
            let ty = if name == "bit" { "bit(1)" } else { "bpchar" };
            return format!("{}::{ty}", quoted(text));
        }
        let value = self.string(text);
        match self.rng.below(8) {
            0 => {
                self.grammar("CAST");
                format!("CAST({value} AS {})", type_name(ty))
            }
            1 => {
                self.grammar("cast to a type of another name");
                let all = SYNONYMS.iter().find(|(n, _)| *n == name);
                let fallback = type_name(ty);
                let to = all.map_or(fallback, |(_, all)| self.rng.pick(all).to_owned());
                if self.rng.percent(50) { format!("CAST({value} AS {to})") } else { format!("{value}::{to}") }
            }
            2 if matches!(
                name,
                "date"
                    | "time"
                    | "timestamp"
                    | "interval"
                    | "jsonb"
                    | "uuid"
                    | "inet"
                    | "point"
                    | "numeric"
                    | "float8"
            ) =>
            {
                self.grammar("type 'literal'");
                format!("{name} {value}")
            }
            3 if matches!(
                name,
                "float8" | "date" | "jsonb" | "text" | "uuid" | "money" | "int8" | "bytea"
            ) =>
            {
                self.grammar("cast like a function");
                format!("{name}({value})")
            }
            4 if name == "timestamptz" => {
                self.grammar("type 'literal'");
                format!("TIMESTAMP WITH TIME ZONE {value}")
            }
            5 if name == "varbit" && !text.is_empty() => {
                self.grammar("bit string");
                format!("B'{text}'::varbit")
            }
            _ => {
                self.grammar("::");
                format!("{value}::{}", type_name(ty))
            }
        }
    }

    /// A number without quotes.
    fn number(&mut self, name: &str, text: &str) -> Option<String> {
        let number = text.parse::<i64>().is_ok();
        let plain = match name {
            "int4" => number && text.len() < 10 && self.rng.percent(80),
            "numeric" => text.contains('.') && !text.contains('e') && self.rng.percent(60),
            _ => false,
        };
        if !plain {
            return None;
        }
        let mut text = text.to_owned();
        if name == "numeric" {
            match self.rng.below(5) {
                0 if text.starts_with("0.") => {
                    self.grammar("number without digits before its point");
                    text.remove(0);
                }
                1 => {
                    self.grammar("number with an exponent");
                    text.push_str("e0");
                }
                _ => (),
            }
        }
        Some(if text.starts_with('-') { format!("({text})") } else { text })
    }

    /// A string constant in any of its forms.
    fn string(&mut self, text: &str) -> String {
        match self.rng.below(12) {
            0 => {
                self.grammar("E''");
                let mut escaped = String::new();
                for c in text.chars() {
                    match c {
                        '\\' => escaped.push_str("\\\\"),
                        '\'' => escaped.push_str(self.rng.pick(&["\\'", "''"])),
                        '\n' => escaped.push_str("\\n"),
                        c if !c.is_ascii() => escaped.push_str(&format!("\\U{:08X}", c as u32)),
                        'a' => escaped.push_str(self.rng.pick(&["a", "\\x61", "\\141", "\\u0061"])),
                        c => escaped.push(c),
                    }
                }
                format!("E'{escaped}'")
            }
            1 => {
                self.grammar("U&''");
                let escape = self.rng.pick(&["\\", "!"]);
                let mut escaped = String::new();
                for c in text.chars() {
                    match c {
                        '\'' => escaped.push_str("''"),
                        c if escape.starts_with(c) => escaped.push_str(&escape.repeat(2)),
                        c if !c.is_ascii() || (c == 'a' && self.rng.percent(50)) => {
                            escaped.push_str(&format!("{escape}+{:06X}", c as u32));
                        }
                        c => escaped.push(c),
                    }
                }
                let tail = if escape == "\\" { "" } else { " UESCAPE '!'" };
                format!("U&'{escaped}'{tail}")
            }
            2 if !text.contains('$') => {
                self.grammar("$$ $$");
                let tag = self.rng.pick(&["$$", "$q$", "$T_1$"]);
                format!("{tag}{text}{tag}")
            }
            3 if text.is_ascii() && text.len() > 1 => {
                self.grammar("string in two parts");
                let (a, b) = text.split_at(text.len() / 2);
                format!("{}\n{}", quoted(a), quoted(b))
            }
            _ => quoted(text),
        }
    }
}
