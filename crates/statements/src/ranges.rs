//! FROM items of the rarer forms, and LATERAL.

use pg::{Oid, oid};

use crate::Generator;
use crate::expr::{Column, Scope};
use crate::from::{Source, TABLES};
use crate::literals;

fn column(alias: &str, name: &str, ty: Oid) -> Column {
    Column { text: format!("{alias}.{name}"), ty }
}

impl Generator {
    /// An item of FROM that is neither table, query nor a single function.
    pub fn rare_item(&mut self) -> Source {
        match self.rng.below(7) {
            0 => self.rows_from(),
            1 => self.unnest_of_several(),
            2 => self.column_definitions(),
            3 if self.tables => self.table_command(),
            4 if self.tables => self.renamed_table(),
            5 => self.typed_using(),
            _ => self.values_query(),
        }
    }

    /// `ROWS FROM (f(), g())`: as many rows as the longest has.
    fn rows_from(&mut self) -> Source {
        self.grammar("ROWS FROM");
        let alias = self.name("r");
        let count = self.rng.below(3) + 1;
        let (mut texts, mut columns, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..count {
            let (text, ty) = self.series_call();
            texts.push(text);
            names.push(format!("x{n}"));
            columns.push(column(&alias, &format!("x{n}"), ty));
        }
        if self.rng.percent(30) {
            self.grammar("ROWS FROM with column definitions");
            texts.push(
                "jsonb_to_recordset('[{\"a\": 1, \"b\": \"x\"}, {\"a\": 2.0}]'::jsonb) AS (a int, b text)"
                    .into(),
            );
            names.extend(["a".to_owned(), "b".to_owned()]);
            columns.extend([column(&alias, "a", oid::INT4), column(&alias, "b", oid::TEXT)]);
        }
        let ordinality = if self.rng.percent(50) { " WITH ORDINALITY" } else { "" };
        let mut key: Vec<String> = columns.iter().map(|c| c.text.clone()).collect();
        if !ordinality.is_empty() {
            self.grammar("WITH ORDINALITY");
            names.push("n".into());
            columns.push(column(&alias, "n", oid::INT8));
            key = vec![format!("{alias}.n")];
        }
        let text = format!("ROWS FROM ({}){ordinality} AS {alias}({})", texts.join(", "), names.join(", "));
        Source { text, columns, key, alias }
    }

    /// A set-returning function of simple values, and its type.
    fn series_call(&mut self) -> (String, Oid) {
        match self.rng.below(6) {
            0 => (format!("generate_series(1, {})", self.rng.below(5)), oid::INT4),
            1 => (format!("unnest({})", self.edge_literal(oid::INT4_ARRAY)), oid::INT4),
            2 => (format!("unnest({})", self.edge_literal(oid::TEXT_ARRAY)), oid::TEXT),
            3 => ("regexp_split_to_table('a,b,,c', ',')".into(), oid::TEXT),
            4 => ("generate_series(1.5, 4, 0.75)".into(), oid::NUMERIC),
            _ => ("generate_series(timestamp '2024-01-30', '2024-02-02', '1 day')".into(), oid::TIMESTAMP),
        }
    }

    fn unnest_of_several(&mut self) -> Source {
        self.grammar("unnest of several arrays");
        let alias = self.name("u");
        let (a, b) = (self.edge_literal(oid::INT4_ARRAY), self.edge_literal(oid::TEXT_ARRAY));
        Source {
            text: format!("unnest({a}, {b}) WITH ORDINALITY AS {alias}(x, y, n)"),
            columns: vec![
                column(&alias, "x", oid::INT4),
                column(&alias, "y", oid::TEXT),
                column(&alias, "n", oid::INT8),
            ],
            key: vec![format!("{alias}.n")],
            alias,
        }
    }

    /// A function that returns records, with definitions of their columns.
    fn column_definitions(&mut self) -> Source {
        self.grammar("column definitions");
        let alias = self.name("j");
        let function = self.rng.pick(&[
            "jsonb_to_recordset('[{\"a\": 1, \"b\": \"x\", \"c\": [1, 2]}, {\"a\": 3, \"b\": null}, {}]')",
            "json_to_recordset('[{\"a\": 1, \"b\": \"x\"}, {\"b\": {\"q\": 1}, \"a\": \"7\"}]')",
            "jsonb_to_record('{\"a\": -5, \"b\": \"two words\", \"d\": 1}')",
            "json_to_record('{\"b\": true, \"c\": \"{3,4}\"}')",
        ]);
        Source {
            text: format!("{function} AS {alias}(a int, b text, c int[])"),
            columns: vec![
                column(&alias, "a", oid::INT4),
                column(&alias, "b", oid::TEXT),
                column(&alias, "c", oid::INT4_ARRAY),
            ],
            key: vec![format!("{alias}.a"), format!("{alias}.b")],
            alias,
        }
    }

    /// `TABLE t` as a query.
    fn table_command(&mut self) -> Source {
        self.grammar("TABLE t");
        let alias = self.name("t");
        let columns = TABLES.iter().find(|(name, _)| *name == "types").map(|(_, columns)| *columns);
        let columns = columns.unwrap_or_default().iter();
        let columns = columns.filter_map(|(c, ty)| Some(column(&alias, c, literals::oid(ty)?))).collect();
        Source {
            text: format!("(TABLE types) AS {alias}"),
            columns,
            key: vec![format!("{alias}.__key")],
            alias,
        }
    }

    /// A table whose first columns have other names.
    fn renamed_table(&mut self) -> Source {
        self.grammar("table with names of columns");
        let alias = self.name("t");
        let only = self.rng.pick(&["", "ONLY "]);
        Source {
            text: format!("{only}casts AS {alias}(k, m)"),
            columns: vec![
                column(&alias, "k", oid::INT4),
                column(&alias, "m", oid::INT4),
                column(&alias, "actor_id", oid::INT4),
            ],
            key: vec![format!("{alias}.k")],
            alias,
        }
    }

    /// `JOIN USING` of columns that have different types, under a name of its own.
    fn typed_using(&mut self) -> Source {
        self.grammar("JOIN USING AS");
        let (a, b, c, j) = (self.name("a"), self.name("b"), self.name("c"), self.name("j"));
        let kind = self.rng.pick(&["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "FULL OUTER JOIN"]);
        let x = self.edge_literal(oid::TEXT);
        let left = format!("(VALUES (1, {x}::text), (2, 'l'), (NULL, 'n')) AS {a}(k, x)");
        let ty = self.rng.pick(&["bigint", "numeric", "int", "float8"]);
        let right = format!("(VALUES (1::{ty}, 'r'), (3, 's'), (NULL, 't')) AS {b}(k, y)");
        let mut text = format!("{left} {kind} {right} USING (k) AS {j}");
        let mut columns = vec![column(&a, "x", oid::TEXT), column(&b, "y", oid::TEXT)];
        if ty == "int" {
            columns.push(column(&j, "k", oid::INT4));
        }
        let mut key = vec![format!("{j}.k"), format!("{a}.x"), format!("{b}.y")];
        if self.rng.percent(40) {
            self.grammar("USING of three");
            text = format!("{text} {kind} (VALUES (1, 'z'), (4, 'w')) AS {c}(k, z) USING (k)");
            columns.push(column(&c, "z", oid::TEXT));
            key.push(format!("{c}.z"));
        }
        Source { text: format!("({text})"), columns, key, alias: String::new() }
    }

    /// A query that is VALUES, sorted and cut.
    fn values_query(&mut self) -> Source {
        self.grammar("VALUES sorted in FROM");
        let alias = self.name("v");
        let n = self.rng.below(3) + 1;
        Source {
            text: format!(
                "(VALUES (1, 'a'), (3, NULL), (2, 'b') ORDER BY 1 DESC NULLS LAST LIMIT {n}) AS {alias}(c0, c1)"
            ),
            columns: vec![column(&alias, "c0", oid::INT4), column(&alias, "c1", oid::TEXT)],
            key: vec![format!("{alias}.c0")],
            alias,
        }
    }

    /// A join with what reads the rows on its left.
    pub fn lateral(&mut self, left: Source) -> Source {
        let inside = Scope { columns: Vec::new(), outer: left.columns.clone() };
        let (word, right) = match self.rng.below(5) {
            0 => self.lateral_function(&left.columns),
            1 => ("LATERAL ", self.lateral_aggregate(&left.columns)),
            2 => ("LATERAL ", self.lateral_values(&left.columns)),
            _ => ("LATERAL ", self.derived(&inside, 0)),
        };
        let (left_text, right_text) = (left.text, format!("{word}{}", right.text));
        let mut columns = left.columns;
        columns.extend(right.columns);
        let text = match self.rng.below(5) {
            0 => {
                self.grammar(", LATERAL");
                format!("{left_text}, {right_text}")
            }
            1 => {
                self.grammar("CROSS JOIN LATERAL");
                format!("{left_text} CROSS JOIN {right_text}")
            }
            2 => {
                self.grammar("LEFT JOIN LATERAL");
                format!("{left_text} LEFT JOIN {right_text} ON true")
            }
            3 => {
                self.grammar("LEFT JOIN LATERAL ON a condition");
                let scope = Scope { columns: columns.clone(), outer: Vec::new() };
                let condition = self.condition(&scope, 1);
                format!("{left_text} LEFT JOIN {right_text} ON {condition}")
            }
            _ => {
                self.grammar("JOIN LATERAL");
                let scope = Scope { columns: columns.clone(), outer: Vec::new() };
                let condition = self.condition(&scope, 0);
                format!("{left_text} JOIN {right_text} ON {condition}")
            }
        };
        Source { text, columns, key: [left.key, right.key].concat(), alias: String::new() }
    }

    fn lateral_function(&mut self, columns: &[Column]) -> (&'static str, Source) {
        self.grammar("LATERAL function");
        let alias = self.name("f");
        let number = columns.iter().find(|c| c.ty == oid::INT4).map_or("2", |c| c.text.as_str());
        let call = format!("generate_series(1, abs({number}) % 4)");
        let key = vec![format!("{alias}.n")];
        let columns = vec![column(&alias, "x", oid::INT4), column(&alias, "n", oid::INT8)];
        let source = Source { text: format!("{call} WITH ORDINALITY AS {alias}(x, n)"), columns, key, alias };
        (self.rng.pick(&["", "LATERAL "]), source)
    }

    /// One row for each on the left: an aggregate of rows that it ties.
    fn lateral_aggregate(&mut self, columns: &[Column]) -> Source {
        self.grammar("LATERAL aggregate");
        let alias = self.name("g");
        let number = columns.iter().find(|c| c.ty == oid::INT4).map_or("2", |c| c.text.as_str());
        let from =
            if self.tables { "casts AS s" } else { "(VALUES (1, 2), (2, 3), (3, 3)) AS s(__key, movie_id)" };
        let text = format!(
            "(SELECT count(*), max(s.movie_id), sum(s.movie_id + {number}) FROM {from} WHERE s.__key <= {number}) AS {alias}(n, m, s)"
        );
        Source {
            text,
            columns: vec![column(&alias, "n", oid::INT8), column(&alias, "m", oid::INT4)],
            key: vec![format!("{alias}.n")],
            alias,
        }
    }

    fn lateral_values(&mut self, columns: &[Column]) -> Source {
        self.grammar("LATERAL VALUES");
        let alias = self.name("v");
        let at = self.rng.below(columns.len());
        let (text, ty) = columns.get(at).map_or(("1".into(), oid::INT4), |c| (c.text.clone(), c.ty));
        Source {
            text: format!("(VALUES (1, {text}), (2, NULL)) AS {alias}(c0, c1)"),
            columns: vec![column(&alias, "c0", oid::INT4), column(&alias, "c1", ty)],
            key: vec![format!("{alias}.c0")],
            alias,
        }
    }
}
