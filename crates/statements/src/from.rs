//! Random FROM clauses.

use pg::{Oid, oid};

use crate::Generator;
use crate::expr::{Column, Scope};
use crate::literals;
use crate::pool::Maker;

/// The tables that both sides have, and their columns.
pub const TABLES: &[(&str, &[(&str, &str)])] = &[
    (
        "movies",
        &[
            ("__key", "int4"),
            ("id", "int4"),
            ("title", "varchar"),
            ("popularity", "float8"),
            ("release_date", "varchar"),
            ("vote_average", "float8"),
            ("vote_count", "int4"),
        ],
    ),
    (
        "actors",
        &[
            ("__key", "int4"),
            ("gender", "int4"),
            ("id", "int4"),
            ("name", "varchar"),
            ("popularity", "float8"),
        ],
    ),
    ("casts", &[("__key", "int4"), ("movie_id", "int4"), ("actor_id", "int4")]),
    ("reviews", &[("__key", "int4"), ("movie_id", "int4"), ("author", "varchar"), ("rating", "float8")]),
    (
        "types",
        &[
            ("__key", "int4"),
            ("c_smallint", "int2"),
            ("c_int", "int4"),
            ("c_bigint", "int8"),
            ("c_real", "float4"),
            ("c_double", "float8"),
            ("c_numeric", "numeric"),
            ("c_boolean", "bool"),
            ("c_varchar", "varchar"),
            ("c_date", "date"),
            ("c_time", "time"),
            ("c_timestamp", "timestamp"),
            ("c_timestamptz", "timestamptz"),
        ],
    ),
];

/// Where rows come from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// As it is written in FROM.
    pub text: String,
    /// Its columns, qualified.
    pub columns: Vec<Column>,
    /// How its rows are told apart: the columns that ORDER BY must name for a total order.
    pub key: Vec<String>,
    /// Its alias.
    pub alias: String,
}

impl Generator {
    /// A name that this statement has not used.
    pub fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    /// A few rows, for subqueries: the text after FROM, and its columns.
    pub fn small_rows(&mut self) -> (String, Vec<Column>) {
        let source = if self.tables && self.rng.percent(50) { self.table(4) } else { self.values() };
        (source.text, source.columns)
    }

    /// A table cut to its first rows.
    pub fn table(&mut self, rows: usize) -> Source {
        let (name, columns) = TABLES[self.rng.below(TABLES.len())];
        let alias = self.name("t");
        let columns = columns
            .iter()
            .filter_map(|(c, ty)| Some(Column { text: format!("{alias}.{c}"), ty: literals::oid(ty)? }))
            .collect();
        let whole = if self.only_tables { 25 } else { 15 };
        let text = if self.rng.percent(whole) && rows >= 30 {
            format!("{name} AS {alias}")
        } else {
            format!("(SELECT * FROM {name} WHERE __key <= {}) {alias}", self.rng.below(rows) + 2)
        };
        self.grammar("table");
        Source { text, columns, key: vec![format!("{alias}.__key")], alias }
    }

    /// VALUES with an alias.
    pub fn values(&mut self) -> Source {
        self.grammar("VALUES in FROM");
        let alias = self.name("v");
        let types: Vec<Oid> = (0..self.rng.below(2) + 1).map(|_| self.any_type(&Scope::default())).collect();
        // Literals of no type would make columns of other types.
        let loose = std::mem::take(&mut self.loose);
        let rows: Vec<String> = (1..=self.rng.below(3) + 2)
            .map(|n| {
                let cells: Vec<String> = types.iter().map(|ty| self.edge_literal(*ty)).collect();
                format!("({n}, {})", cells.join(", "))
            })
            .collect();
        self.loose = loose;
        let names: Vec<String> = (0..=types.len()).map(|n| format!("c{n}")).collect();
        let text = format!("(VALUES {}) AS {alias}({})", rows.join(", "), names.join(", "));
        let types = std::iter::once(oid::INT4).chain(types);
        let columns =
            names.iter().zip(types).map(|(c, ty)| Column { text: format!("{alias}.{c}"), ty }).collect();
        Source { text, columns, key: vec![format!("{alias}.c0")], alias }
    }

    /// A set-returning function.
    fn function(&mut self) -> Source {
        let alias = self.name("f");
        let simple: Vec<_> = self
            .pool
            .sets
            .iter()
            .filter(|c| matches!(&c.maker, Maker::Function(p) if p.outputs().is_empty()))
            .cloned()
            .collect();
        let call = simple[self.rng.below(simple.len())].clone();
        self.grammar("function in FROM");
        let text = self.call(&call, &Scope::default(), 0);
        if self.rng.percent(40) {
            self.grammar("WITH ORDINALITY");
            let columns = vec![
                Column { text: format!("{alias}.x"), ty: call.result },
                Column { text: format!("{alias}.n"), ty: oid::INT8 },
            ];
            return Source {
                text: format!("{text} WITH ORDINALITY AS {alias}(x, n)"),
                columns,
                key: vec![format!("{alias}.n")],
                alias,
            };
        }
        let columns = vec![Column { text: format!("{alias}.x"), ty: call.result }];
        let key = if self.sortable(call.result) {
            vec![format!("{alias}.x")]
        } else {
            vec![format!("{alias}.x::text")]
        };
        Source { text: format!("{text} AS {alias}(x)"), columns, key, alias }
    }

    /// A derived table: a query with names for its columns.
    pub fn derived(&mut self, outer: &Scope, depth: usize) -> Source {
        self.grammar("derived table");
        let alias = self.name("d");
        let types: Vec<Oid> = (0..self.rng.below(2) + 2).map(|_| self.any_type(&Scope::default())).collect();
        let query = self.select_of(&types, outer, depth);
        let columns: Vec<Column> = types
            .iter()
            .enumerate()
            .map(|(n, ty)| Column { text: format!("{alias}.c{n}"), ty: *ty })
            .collect();
        let names: Vec<String> = (0..types.len()).map(|n| format!("c{n}")).collect();
        let key = columns
            .iter()
            .map(|c| if self.sortable(c.ty) { c.text.clone() } else { format!("{}::text", c.text) })
            .collect();
        Source { text: format!("({query}) AS {alias}({})", names.join(", ")), columns, key, alias }
    }

    /// One item of FROM.
    fn item(&mut self, outer: &Scope, depth: usize) -> Source {
        if let Some(cte) = self.ctes.last().cloned().filter(|_| self.rng.percent(50)) {
            return self.cte_scan(&cte);
        }
        let kind = if self.only_tables { self.rng.below(8) } else { self.rng.below(12) };
        match kind {
            0..=4 if self.tables => self.table(30),
            5..=6 if depth > 0 => self.derived(outer, depth - 1),
            7 | 8 => self.rare_item(),
            9 => self.function(),
            _ => self.values(),
        }
    }

    fn cte_scan(&mut self, cte: &Source) -> Source {
        self.grammar("CTE in FROM");
        let alias = self.name("q");
        let rename = |text: &String| text.replacen(&format!("{}.", cte.alias), &format!("{alias}."), 1);
        let columns = cte.columns.iter().map(|c| Column { text: rename(&c.text), ty: c.ty }).collect();
        Source {
            text: format!("{} AS {alias}", cte.alias),
            columns,
            key: cte.key.iter().map(rename).collect(),
            alias,
        }
    }

    /// A FROM clause of one to three items.
    pub fn from(&mut self, outer: &Scope, depth: usize) -> Source {
        let mut all = self.item(outer, depth);
        for _ in 0..[0, 0, 0, 1, 1, 2][self.rng.below(6)] {
            all = self.join(all, outer, depth);
        }
        all
    }

    fn join(&mut self, left: Source, outer: &Scope, depth: usize) -> Source {
        let mut columns = left.columns.clone();
        let scope = |columns: &[Column]| Scope { columns: columns.to_vec(), outer: outer.columns.clone() };
        if self.rng.percent(20) {
            return self.lateral(left);
        }
        let right = self.item(outer, depth);
        let key = [left.key.clone(), right.key.clone()].concat();
        let kind = self.rng.pick(&[
            "JOIN",
            "INNER JOIN",
            "LEFT JOIN",
            "LEFT JOIN",
            "RIGHT OUTER JOIN",
            "FULL JOIN",
            "CROSS JOIN",
            ",",
        ]);
        self.grammar(kind);
        let pair = self.equal_columns(&left.columns, &right.columns);
        columns.extend(right.columns.clone());
        if kind == "CROSS JOIN" || kind == "," {
            let separator = if kind == "," { ", ".into() } else { format!(" {kind} ") };
            return Source {
                text: format!("{}{separator}{}", left.text, right.text),
                columns,
                key,
                alias: String::new(),
            };
        }
        let mut condition = match &pair {
            Some((a, b)) => format!("{a} = {b}"),
            None => "true".into(),
        };
        if self.rng.percent(25) && kind != "FULL JOIN" {
            condition = format!("{condition} AND {}", self.condition(&scope(&columns), 1));
        }
        let mut text = format!("{} {kind} {} ON {condition}", left.text, right.text);
        if !left.alias.is_empty() && self.rng.percent(15) {
            self.grammar("join in parentheses");
            text = format!("({text})");
        }
        Source { text, columns, key, alias: String::new() }
    }

    /// Two columns of one type.
    fn equal_columns(&mut self, left: &[Column], right: &[Column]) -> Option<(String, String)> {
        let pairs: Vec<(&Column, &Column)> = left
            .iter()
            .flat_map(|a| right.iter().map(move |b| (a, b)))
            .filter(|(a, b)| a.ty == b.ty && self.sortable(a.ty))
            .collect();
        let (a, b) = pairs.get(self.rng.below(pairs.len()))?;
        Some((a.text.clone(), b.text.clone()))
    }

    /// USING and NATURAL: joins that merge columns, of two tables.
    pub fn merged_join(&mut self) -> Source {
        let (a, b) = (self.name("t"), self.name("t"));
        let how = self.rng.pick(&["USING (id)", "NATURAL", "USING (id) AS j"]);
        let kind = self.rng.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
        self.grammar(if how == "NATURAL" { "NATURAL" } else { "USING" });
        let left = format!(
            "(SELECT id, title, vote_count FROM movies WHERE __key <= {}) {a}",
            self.rng.below(40) + 1
        );
        let right =
            format!("(SELECT id, name, gender FROM actors WHERE __key <= {}) {b}", self.rng.below(400) + 1);
        let text = match how {
            "NATURAL" => format!("{left} NATURAL {kind} {right}"),
            _ => format!("{left} {kind} {right} {how}"),
        };
        let first = if how.ends_with("AS j") { "j.id" } else { "id" };
        let columns =
            [(first, oid::INT4), ("title", oid::VARCHAR), ("name", oid::VARCHAR), ("vote_count", oid::INT4)];
        let columns = columns.map(|(name, ty)| Column { text: name.into(), ty }).to_vec();
        Source {
            text,
            columns,
            key: ["id", "title", "name"].map(str::to_owned).to_vec(),
            alias: String::new(),
        }
    }
}
