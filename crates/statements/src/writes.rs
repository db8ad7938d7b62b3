//! Random changes of tables: INSERT with every form of ON CONFLICT, UPDATE with FROM, DELETE with USING, changes in
//! WITH, each with and without RETURNING. What they do depends on nothing that SQL leaves open: a row is joined with
//! one other at most.

use pg::{Oid, oid};

use crate::expr::{Column, Scope};
use crate::from::Source;
use crate::literals::{self, quoted};
use crate::{Generator, Statement};

/// A name, and the type that PostgreSQL calls so.
type Named = (&'static str, &'static str);

/// A table that is written to.
#[derive(Debug)]
pub struct Written {
    /// Its name on both sides.
    pub name: &'static str,
    key: &'static [Named],
    columns: &'static [Named],
    /// The options of its mapping.
    options: &'static str,
}

/// The tables that are written to: maps whose keys and values are stored in different ways.
pub const WRITTEN: [Written; 4] = [
    Written {
        name: "w_json",
        key: &[("__key", "int4")],
        columns: &[("a", "int4"), ("b", "varchar"), ("c", "numeric"), ("d", "float8"), ("e", "timestamp")],
        options: "'keyFormat' = 'int', 'valueFormat' = 'json-flat'",
    },
    Written {
        name: "w_compact",
        key: &[("__key", "int8")],
        columns: &[("a", "int4"), ("b", "varchar"), ("c", "int8"), ("d", "bool"), ("e", "date")],
        options: "'keyFormat' = 'bigint', 'valueFormat' = 'compact', 'valueCompactTypeName' = 'written'",
    },
    Written {
        name: "w_parts",
        key: &[("k1", "int4"), ("k2", "varchar")],
        columns: &[("a", "int4"), ("b", "varchar")],
        options: "'keyFormat' = 'json-flat', 'valueFormat' = 'json-flat'",
    },
    Written {
        name: "w_one",
        key: &[("__key", "varchar")],
        columns: &[("this", "varchar")],
        options: "'keyFormat' = 'varchar', 'valueFormat' = 'varchar'",
    },
];

impl Written {
    /// The statement that makes the mapping.
    pub fn mapping(&self) -> String {
        let whole = self.key.len() == 1;
        let key = self.key.iter().map(|(name, ty)| match whole {
            true => format!("{name} {}", hazelcast(ty)),
            false => format!("{name} {} EXTERNAL NAME \"__key.{name}\"", hazelcast(ty)),
        });
        let rest = self.columns.iter().map(|(name, ty)| format!("{name} {}", hazelcast(ty)));
        let columns: Vec<String> = key.chain(rest).collect();
        format!(
            "CREATE OR REPLACE MAPPING {} ({}) TYPE IMap OPTIONS ({})",
            self.name,
            columns.join(", "),
            self.options
        )
    }

    /// The statement that makes the table on PostgreSQL.
    pub fn table(&self) -> String {
        let column = |(name, ty): &Named| match *name {
            // A map has no null values.
            "this" => format!("{name} {ty} NOT NULL"),
            _ => format!("{name} {ty}"),
        };
        let columns: Vec<String> = self.all().map(column).collect();
        format!("CREATE TABLE {} ({}, PRIMARY KEY ({}))", self.name, columns.join(", "), self.key_names())
    }

    /// The rows in a given order.
    pub fn contents(&self) -> String {
        format!("SELECT * FROM {} ORDER BY {}", self.name, self.key_names())
    }

    /// The statements that take all rows away and put the first ones in.
    pub fn refill(&self) -> [String; 2] {
        let row = |n: usize| {
            let mut rng = crate::Rng::new(n as u64);
            let key = self
                .key
                .iter()
                .enumerate()
                .map(|(at, (_, ty))| key_literal(ty, if at > 0 { n % 3 } else { n }));
            let rest = self.columns.iter().map(|(_, ty)| {
                let value = literals::oid(ty).and_then(|ty| literals::value(&mut rng, ty, 0));
                value.map_or("NULL".to_owned(), quoted)
            });
            format!("({})", key.chain(rest).collect::<Vec<_>>().join(", "))
        };
        let rows: Vec<String> = (1..=8).map(row).collect();
        [
            format!("DELETE FROM {}", self.name),
            format!("INSERT INTO {} VALUES {}", self.name, rows.join(", ")),
        ]
    }

    fn all(&self) -> impl Iterator<Item = &Named> {
        self.key.iter().chain(self.columns)
    }

    fn key_names(&self) -> String {
        self.key.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }

    /// Its columns under an alias.
    fn scope(&self, alias: &str) -> Vec<Column> {
        self.all()
            .filter_map(|(name, ty)| Some(Column { text: format!("{alias}.{name}"), ty: literals::oid(ty)? }))
            .collect()
    }
}

/// What Hazelcast calls a type.
fn hazelcast(ty: &str) -> &'static str {
    match ty {
        "int4" => "INT",
        "int8" => "BIGINT",
        "float8" => "DOUBLE",
        "numeric" => "DECIMAL",
        "bool" => "BOOLEAN",
        "date" => "DATE",
        "timestamp" => "TIMESTAMP",
        _ => "VARCHAR",
    }
}

/// One of few keys, so that they meet.
fn key_literal(ty: &str, n: usize) -> String {
    match ty {
        "varchar" => quoted(["a", "b", "c", "", "é", "A", "aa", "10", "d", "e", "f", "g"][n % 12]),
        _ => n.to_string(),
    }
}

/// A change, and the columns that its RETURNING gives.
struct Change {
    sql: String,
    returned: Vec<Column>,
}

impl Generator {
    /// A statement that changes one of [`WRITTEN`].
    pub fn write(&mut self) -> Statement {
        self.names = 0;
        self.ctes.clear();
        self.parameters.clear();
        self.edges = [0, 5, 15][self.rng.below(3)];
        self.tables = self.rng.percent(50);
        self.with_parameters = self.rng.percent(25);
        self.loose = self.rng.percent(20);
        let at = self.rng.below(WRITTEN.len());
        let sql = if self.rng.percent(12) {
            self.change_in_with(at)
        } else {
            let returning = self.rng.percent(50);
            self.change(&WRITTEN[at], returning).sql
        };
        self.sent(Statement::unordered(sql))
    }

    fn change(&mut self, table: &Written, returning: bool) -> Change {
        match self.rng.below(10) {
            0..=4 => self.insert(table, returning),
            5..=7 => self.update(table, returning),
            _ => self.delete(table, returning),
        }
    }

    /// Changes that a WITH has, and a statement that reads what they return.
    fn change_in_with(&mut self, at: usize) -> String {
        self.grammar("change in WITH");
        let change = self.change(&WRITTEN[at], true);
        let names: Vec<String> = (0..change.returned.len()).map(|n| format!("c{n}")).collect();
        let with = format!("WITH ch({}) AS ({})", names.join(", "), change.sql);
        let columns: Vec<Column> = std::iter::zip(&names, &change.returned)
            .map(|(name, column)| Column { text: format!("ch.{name}"), ty: column.ty })
            .collect();
        let scope = Scope { columns, ..Scope::default() };
        let other = &WRITTEN[(at + 1) % WRITTEN.len()];
        match self.rng.below(3) {
            0 => format!("{with} SELECT count(*) FROM ch"),
            1 => {
                let ty = self.any_type(&scope);
                format!("{with} SELECT ch.*, {} FROM ch", self.expr(ty, &scope, 1))
            }
            _ => {
                let condition = self.condition(&scope, 1);
                let key = self.key_condition(other, "o");
                format!(
                    "{with} DELETE FROM {} AS o WHERE {key} AND EXISTS (SELECT FROM ch WHERE {condition})",
                    other.name
                )
            }
        }
    }

    fn insert(&mut self, table: &Written, returning: bool) -> Change {
        self.grammar("INSERT");
        let alias = self.name("w");
        let mut columns: Vec<Named> = table.columns.to_vec();
        if self.rng.percent(30) {
            let away = self.rng.below(columns.len());
            columns.remove(away);
        }
        let named: Vec<Named> = table.key.iter().copied().chain(columns).collect();
        let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
        let rows = if self.rng.percent(75) {
            self.rows_to_insert(table, &named)
        } else {
            self.query_to_insert(table, &named)
        };
        let conflict = self.on_conflict(table, &alias);
        let scope = Scope { columns: table.scope(&alias), ..Scope::default() };
        let (text, returned) = self.returning(&scope, returning);
        let sql =
            format!("INSERT INTO {} AS {alias} ({}) {rows}{conflict}{text}", table.name, names.join(", "));
        Change { sql, returned }
    }

    /// VALUES for these columns, of which the first are the key.
    fn rows_to_insert(&mut self, table: &Written, columns: &[Named]) -> String {
        self.grammar("INSERT of VALUES");
        let first = self.rng.below(12);
        let count = [1, 1, 1, 2, 3][self.rng.below(5)];
        let rows: Vec<String> = (0..count)
            .map(|n| {
                // Mostly other keys than those of the rows before.
                let key = if self.rng.percent(5) { first } else { first + n };
                let cells: Vec<String> = columns
                    .iter()
                    .enumerate()
                    .map(|(at, (_, ty))| match at < table.key.len() {
                        true => key_literal(ty, key),
                        false if self.rng.percent(5) => "DEFAULT".into(),
                        false => self.new_value(ty, &Scope::default()),
                    })
                    .collect();
                format!("({})", cells.join(", "))
            })
            .collect();
        format!("VALUES {}", rows.join(", "))
    }

    /// A query that gives these columns: of rows whose keys are all different.
    fn query_to_insert(&mut self, table: &Written, columns: &[Named]) -> String {
        self.grammar("INSERT of a query");
        let source = self.keyed();
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let shift = self.rng.below(12);
        let number = format!("({} + {shift})", source.key[0]);
        let cells: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, (_, ty))| match (at < table.key.len(), *ty) {
                (true, "varchar") => format!("({number})::varchar"),
                (true, _) => number.clone(),
                _ => self.new_value(ty, &scope),
            })
            .collect();
        format!("SELECT {} FROM {}{}", cells.join(", "), source.text, self.filter(&scope))
    }

    /// Rows with a number that is different in each of them, their key.
    fn keyed(&mut self) -> Source {
        if self.tables && self.rng.percent(50) { self.table(6) } else { self.values() }
    }

    fn filter(&mut self, scope: &Scope) -> String {
        if self.rng.percent(50) { String::new() } else { format!(" WHERE {}", self.condition(scope, 1)) }
    }

    fn on_conflict(&mut self, table: &Written, alias: &str) -> String {
        let target = format!("({})", table.key_names());
        match self.rng.below(10) {
            0..=2 => String::new(),
            3 => {
                self.grammar("ON CONFLICT DO NOTHING");
                " ON CONFLICT DO NOTHING".into()
            }
            4 => {
                self.grammar("ON CONFLICT (key) DO NOTHING");
                format!(" ON CONFLICT {target} DO NOTHING")
            }
            _ => {
                self.grammar("ON CONFLICT DO UPDATE");
                let mut columns = table.scope(alias);
                columns.extend(table.scope("excluded"));
                let scope = Scope { columns, ..Scope::default() };
                let set = self.assignments(table, &scope);
                format!(" ON CONFLICT {target} DO UPDATE SET {set}{}", self.filter(&scope))
            }
        }
    }

    fn update(&mut self, table: &Written, returning: bool) -> Change {
        self.grammar("UPDATE");
        let alias = self.name("w");
        let (scope, from, on) = self.joined(table, &alias, "FROM");
        let set = self.assignments(table, &scope);
        let condition = self.rows_to_change(table, &alias, &scope, on);
        let (text, returned) = self.returning(&scope, returning);
        let sql = format!("UPDATE {} AS {alias} SET {set}{from}{condition}{text}", table.name);
        Change { sql, returned }
    }

    fn delete(&mut self, table: &Written, returning: bool) -> Change {
        self.grammar("DELETE");
        let alias = self.name("w");
        let (scope, using, on) = self.joined(table, &alias, "USING");
        let condition = self.rows_to_change(table, &alias, &scope, on);
        let (text, returned) = self.returning(&scope, returning);
        let sql = format!("DELETE FROM {} AS {alias}{using}{condition}{text}", table.name);
        Change { sql, returned }
    }

    /// The table, sometimes with another source of which each row meets one: what can be named, the clause of the source,
    /// and how they meet.
    fn joined(
        &mut self,
        table: &Written,
        alias: &str,
        word: &'static str,
    ) -> (Scope, String, Option<String>) {
        let mut scope = Scope { columns: table.scope(alias), ..Scope::default() };
        if self.rng.percent(70) {
            return (scope, String::new(), None);
        }
        self.grammar(word);
        let source = self.keyed();
        let (name, ty) = table.key[0];
        let number = match ty {
            "varchar" => format!("length({alias}.{name})"),
            _ => format!("{alias}.{name}"),
        };
        let on = format!("{number} = {}", source.key[0]);
        scope.columns.extend(source.columns);
        (scope, format!(" {word} {}", source.text), Some(on))
    }

    fn rows_to_change(&mut self, table: &Written, alias: &str, scope: &Scope, on: Option<String>) -> String {
        let which = match self.rng.below(10) {
            0..=4 => Some(self.key_condition(table, alias)),
            5..=8 => Some(self.condition(scope, 2)),
            _ => None,
        };
        let all: Vec<String> = on.into_iter().chain(which).collect();
        if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
    }

    /// A condition that fixes the key, or a part of it.
    fn key_condition(&mut self, table: &Written, alias: &str) -> String {
        let (name, ty) = table.key[self.rng.below(table.key.len())];
        let (first, second) = (self.rng.below(12), self.rng.below(12));
        match self.rng.below(3) {
            0 => format!("{alias}.{name} IN ({}, {})", key_literal(ty, first), key_literal(ty, second)),
            1 if ty != "varchar" => format!("{alias}.{name} BETWEEN {first} AND {}", first + second),
            _ => format!("{alias}.{name} = {}", key_literal(ty, first)),
        }
    }

    /// SET of one to three columns, each once.
    fn assignments(&mut self, table: &Written, scope: &Scope) -> String {
        let mut left: Vec<Named> = table.columns.to_vec();
        let mut all = Vec::new();
        for _ in 0..[1, 1, 2, 3][self.rng.below(4)] {
            if left.is_empty() {
                break;
            }
            let (name, ty) = left.swap_remove(self.rng.below(left.len()));
            if self.rng.percent(15) && !left.is_empty() {
                let second = left.swap_remove(self.rng.below(left.len()));
                all.push(self.assigned_row([(name, ty), second], scope));
            } else if self.rng.percent(4) {
                all.push(format!("{name} = DEFAULT"));
            } else {
                all.push(format!("{name} = {}", self.new_value(ty, scope)));
            }
        }
        all.join(", ")
    }

    /// Two columns that are set by a row, or by a subquery of one row at most.
    fn assigned_row(&mut self, columns: [Named; 2], scope: &Scope) -> String {
        let names = columns.map(|(name, _)| name).join(", ");
        if self.rng.percent(50) {
            self.grammar("SET of a row");
            let cells = columns.map(|(_, ty)| self.new_value(ty, scope));
            return format!("({names}) = ({})", cells.join(", "));
        }
        self.grammar("SET of a subquery");
        let source = self.keyed();
        let inner = Scope { columns: source.columns.clone(), outer: scope.columns.clone() };
        let cells = columns.map(|(_, ty)| self.new_value(ty, &inner));
        let number = self.rng.below(4) + 1;
        format!(
            "({names}) = (SELECT {} FROM {} WHERE {} = {number})",
            cells.join(", "),
            source.text,
            source.key[0]
        )
    }

    fn new_value(&mut self, ty: &str, scope: &Scope) -> String {
        let ty = literals::oid(ty).unwrap_or(oid::TEXT);
        let depth = [0, 0, 1, 1, 2][self.rng.below(5)];
        self.expr(ty, scope, depth)
    }

    /// RETURNING of a few expressions.
    fn returning(&mut self, scope: &Scope, wanted: bool) -> (String, Vec<Column>) {
        if !wanted {
            return (String::new(), Vec::new());
        }
        self.grammar("RETURNING");
        let types: Vec<Oid> = (0..self.rng.below(2) + 1).map(|_| self.any_type(scope)).collect();
        let mut returned = vec![scope.columns[0].clone()];
        returned.extend(types.into_iter().map(|ty| Column { text: self.expr(ty, scope, 1), ty }));
        let texts: Vec<String> =
            returned.iter().enumerate().map(|(n, column)| format!("{} AS r{n}", column.text)).collect();
        (format!(" RETURNING {}", texts.join(", ")), returned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_can_be_parsed() {
        let mut generator = Generator::new(1);
        for _ in 0..2_000 {
            let sql = generator.write().sql;
            if let Err(error) = sql::parse::parse(&sql, Default::default()) {
                assert_eq!(error.code(), pg::SqlState::FEATURE_NOT_SUPPORTED, "{sql}: {error}");
            }
        }
    }
}
