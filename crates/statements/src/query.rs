//! Random queries.

use pg::{Oid, oid};

use crate::expr::{Column, Scope};
use crate::from::Source;
use crate::{Generator, Sent, Statement};

impl Generator {
    /// A whole statement.
    pub fn statement(&mut self) -> Statement {
        self.names = 0;
        self.ctes.clear();
        self.parameters.clear();
        self.edges = [5, 5, 15, 40][self.rng.below(4)];
        self.tables = self.only_tables || self.rng.percent(60);
        self.with_parameters = self.rng.percent(20);
        let kind = if self.only_tables { 45 + self.rng.below(55) } else { self.rng.below(100) };
        self.loose = kind >= 40 && self.rng.percent(20);
        let statement = match kind {
            0..=27 => self.one_call(),
            28..=31 => self.set_in_select_list(),
            32..=34 => self.values_statement(),
            35..=37 => self.recursive(),
            38..=44 => self.graph(),
            45..=49 => self.set_operation(),
            50..=53 => self.set_nest(),
            54..=57 => self.with_query(),
            58..=61 => self.with_several(),
            62..=69 => self.grouped(),
            70..=73 => self.grouped_otherwise(),
            74..=80 => self.windowed(),
            81..=83 => self.window_chain(),
            84..=86 => self.distinct_on(),
            87..=90 => self.otherwise_selected(),
            _ => self.plain(),
        };
        self.sent(statement)
    }

    /// How the statement is sent: with parameters, it is prepared.
    pub fn sent(&mut self, mut statement: Statement) -> Statement {
        let parameters = std::mem::take(&mut self.parameters);
        (statement.sql, statement.parameters) = crate::spelling::numbered(&statement.sql, &parameters);
        if !self.with_parameters {
            return statement;
        }
        statement.sent = match self.rng.below(3) {
            0 => {
                self.grammar("PREPARE and EXECUTE");
                Sent::Prepared { typed: self.rng.percent(70) }
            }
            1 => {
                self.grammar("extended protocol, text");
                Sent::Extended { format: 0 }
            }
            _ => {
                self.grammar("extended protocol, binary");
                Sent::Extended { format: 1 }
            }
        };
        statement
    }

    /// One function, operator or cast of literals: each in turn, so that all are met.
    fn one_call(&mut self) -> Statement {
        self.tables = false;
        let turn = self.turn;
        self.turn += 1;
        let all = self.pool.calls.len() + self.pool.sets.len() + self.pool.aggregates.len();
        let at = turn % all;
        let scope = Scope::default();
        if let Some(call) = self.pool.calls.get(at).cloned() {
            return Statement::single(format!("SELECT {}", self.call(&call, &scope, 0)), true);
        }
        let at = at - self.pool.calls.len();
        if let Some(call) = self.pool.sets.get(at).cloned() {
            let text = self.call(&call, &scope, 0);
            return Statement::single(format!("SELECT * FROM {text}"), false);
        }
        let call = self.pool.aggregates[at - self.pool.sets.len()].clone();
        let source = self.values_of(&call.args);
        let text = self.aggregate(&call, &Scope { columns: source.columns, ..Scope::default() });
        Statement::ordered(format!("SELECT {text} FROM {}", source.text))
    }

    /// VALUES with columns of these types.
    fn values_of(&mut self, types: &[Oid]) -> Source {
        let rows: Vec<String> = (0..self.rng.below(4) + 1)
            .map(|_| {
                let cells: Vec<String> = types.iter().map(|ty| self.edge_literal(*ty)).collect();
                format!("({})", if cells.is_empty() { "1".into() } else { cells.join(", ") })
            })
            .collect();
        let columns =
            types.iter().enumerate().map(|(n, ty)| Column { text: format!("column{}", n + 1), ty: *ty });
        Source {
            text: format!("(VALUES {}) v", rows.join(", ")),
            columns: columns.collect(),
            ..Source::default()
        }
    }

    fn set_in_select_list(&mut self) -> Statement {
        self.grammar("set-returning function in the select list");
        let call = self.pool.sets[self.rng.below(self.pool.sets.len())].clone();
        let source = self.values();
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let text = self.call(&call, &scope, 0);
        if self.rng.percent(50) {
            return Statement::unordered(format!("SELECT {text} AS s, generate_series(1, 3) AS n"));
        }
        Statement::unordered(format!("SELECT {}, {text} FROM {}", source.key[0], source.text))
    }

    fn values_statement(&mut self) -> Statement {
        self.grammar("VALUES");
        let types: Vec<Oid> = (0..self.rng.below(3) + 1).map(|_| self.any_type(&Scope::default())).collect();
        let row = |g: &mut Generator| {
            let cells: Vec<String> = types.iter().map(|ty| g.expr(*ty, &Scope::default(), 1)).collect();
            format!("({})", cells.join(", "))
        };
        let rows: Vec<String> = (0..self.rng.below(3) + 1).map(|_| row(self)).collect();
        let order = if types.iter().all(|ty| self.sortable(*ty)) {
            self.order_by(types.len(), "")
        } else {
            String::new()
        };
        let ordered = !order.is_empty();
        let limit = if ordered { self.limit() } else { String::new() };
        if ordered && self.rng.percent(30) {
            self.grammar("ORDER BY an expression over VALUES");
            return Statement::unordered(format!("VALUES {} ORDER BY column1 IS NULL, 1", rows.join(", ")));
        }
        Statement { ordered, ..Statement::unordered(format!("VALUES {}{order}{limit}", rows.join(", "))) }
    }

    /// ORDER BY all of so many output columns, which decides the order. `unless` is what a query has instead.
    pub fn order_by(&mut self, count: usize, unless: &str) -> String {
        if !unless.is_empty() {
            return unless.into();
        }
        let keys: Vec<String> = (1..=count)
            .map(|n| {
                let direction = self.rng.pick(&["", "", " ASC", " DESC"]);
                let nulls = self.rng.pick(&["", "", " NULLS FIRST", " NULLS LAST"]);
                format!("{n}{direction}{nulls}")
            })
            .collect();
        format!(" ORDER BY {}", keys.join(", "))
    }

    pub fn limit(&mut self) -> String {
        match self.rng.below(8) {
            0 => format!(" LIMIT {}", self.rng.below(12)),
            1 => format!(" LIMIT {} OFFSET {}", self.rng.below(6) + 1, self.rng.below(3)),
            2 => {
                self.grammar("FETCH FIRST");
                format!(" OFFSET {} ROWS FETCH FIRST {} ROWS ONLY", self.rng.below(2), self.rng.below(5) + 1)
            }
            3 => {
                self.grammar("WITH TIES");
                format!(" FETCH FIRST {} ROWS WITH TIES", self.rng.below(4) + 1)
            }
            4 => {
                self.grammar("LIMIT of an expression");
                self.rng
                    .pick(&[
                        " LIMIT ALL",
                        " LIMIT NULL",
                        " LIMIT (SELECT 2)",
                        " OFFSET 1 LIMIT 1 + 1",
                        " FETCH NEXT ROW ONLY",
                    ])
                    .into()
            }
            _ => String::new(),
        }
    }

    /// A query that gives columns of these types.
    pub fn select_of(&mut self, types: &[Oid], outer: &Scope, depth: usize) -> String {
        let source = if depth > 0 { self.from(outer, depth - 1) } else { self.values() };
        let scope = Scope {
            columns: source.columns,
            outer: outer.columns.iter().chain(&outer.outer).cloned().collect(),
        };
        let list: Vec<String> = types.iter().map(|ty| self.expr(*ty, &scope, 1)).collect();
        let filter = if self.rng.percent(40) {
            format!(" WHERE {}", self.condition(&scope, 1))
        } else {
            String::new()
        };
        format!("SELECT {} FROM {}{filter}", list.join(", "), source.text)
    }

    pub fn plain(&mut self) -> Statement {
        let source = match self.rng.below(6) {
            0 if self.tables => self.merged_join(),
            1 => Source::default(),
            _ => self.from(&Scope::default(), 2),
        };
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let types: Vec<Oid> = (0..self.rng.below(4) + 1).map(|_| self.any_type(&scope)).collect();
        let list: Vec<String> = types
            .iter()
            .map(|ty| {
                let value = self.expr(*ty, &scope, 2);
                if self.rng.percent(15) { format!("{value} AS \"Out {}\"", self.rng.below(9)) } else { value }
            })
            .collect();
        let sortable = types.iter().all(|ty| self.sortable(*ty));
        let distinct = if sortable && self.rng.percent(12) { "DISTINCT " } else { "" };
        let filter = if self.rng.percent(if self.only_tables { 30 } else { 45 }) {
            format!(" WHERE {}", self.condition(&scope, 2))
        } else {
            String::new()
        };
        let from = if source.text.is_empty() { String::new() } else { format!(" FROM {}", source.text) };
        let order =
            if sortable && self.rng.percent(70) { self.order_by(types.len(), "") } else { String::new() };
        let limit = if order.is_empty() { String::new() } else { self.limit() };
        self.grammar("SELECT");
        Statement {
            ordered: !order.is_empty(),
            ..Statement::unordered(format!(
                "SELECT {distinct}{}{from}{filter}{order}{limit}",
                list.join(", ")
            ))
        }
    }

    /// DISTINCT ON in the order of its expressions and more.
    pub fn distinct_on(&mut self) -> Statement {
        self.grammar("DISTINCT ON");
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let ty = self.comparable_type(&scope);
        let key = self.expr(ty, &scope, 1);
        let value = source.columns[self.rng.below(source.columns.len())].text.clone();
        let direction = self.rng.pick(&["", " DESC", " NULLS FIRST", " DESC NULLS LAST"]);
        let rest = source.key.join(", ");
        if self.rng.percent(35) {
            self.grammar("DISTINCT ON of several");
            let other = self.comparable_type(&scope);
            let other = self.expr(other, &scope, 0);
            return Statement::ordered(format!(
                "SELECT DISTINCT ON (o, k) {key} AS k, {other} AS o, {value} AS v FROM {} ORDER BY k{direction}, o, {rest}",
                source.text
            ));
        }
        Statement::unordered(format!(
            "SELECT DISTINCT ON ({key}) {key} AS k, {value} AS v FROM {} ORDER BY {key}{direction}, {rest}",
            source.text
        ))
    }

    /// Stars, sorts by expressions and names, ties, no columns at all.
    pub fn otherwise_selected(&mut self) -> Statement {
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let ty = self.comparable_type(&scope);
        let (value, key) = (self.expr(ty, &scope, 2), source.key.join(", "));
        let condition = self.condition(&scope, 1);
        let from = source.text;
        match self.rng.below(8) {
            0 => {
                self.grammar("SELECT *");
                Statement::unordered(format!("SELECT * FROM {from} WHERE {condition}"))
            }
            1 => {
                self.grammar("SELECT without columns");
                Statement::unordered(format!("SELECT FROM {from} WHERE {condition}"))
            }
            2 => {
                self.grammar("WITH TIES of a part of the order");
                let n = self.rng.below(3) + 1;
                let direction = self.rng.pick(&["", " DESC", " DESC NULLS LAST"]);
                Statement::unordered(format!(
                    "SELECT {key}, {value} AS v FROM {from} ORDER BY v{direction} FETCH FIRST {n} ROWS WITH TIES"
                ))
            }
            3 => {
                self.grammar("ORDER BY an expression");
                Statement::ordered(format!("SELECT {key} FROM {from} ORDER BY {value}, {key}"))
            }
            4 => {
                self.grammar("ORDER BY USING");
                let op = self.rng.pick(&["<", ">", "OPERATOR(pg_catalog.>)"]);
                Statement::ordered(format!(
                    "SELECT {value} AS v, {key} FROM {from} ORDER BY v USING {op}, {key}"
                ))
            }
            5 => {
                self.grammar("ORDER BY a condition");
                Statement::ordered(format!(
                    "SELECT ALL {key}, {value} FROM {from} ORDER BY ({condition}) DESC NULLS LAST, {key}"
                ))
            }
            6 => {
                self.grammar("set-returning functions in a select list of rows");
                let array = self.edge_literal(oid::TEXT_ARRAY);
                Statement::unordered(format!(
                    "SELECT {key}, unnest({array}), generate_series(1, 2) FROM {from} WHERE {condition}"
                ))
            }
            _ => {
                self.grammar("DISTINCT");
                let direction = self.rng.pick(&["", " DESC"]);
                Statement::ordered(format!(
                    "SELECT DISTINCT {value} AS v, {condition} AS w FROM {from} ORDER BY v{direction}, w"
                ))
            }
        }
    }
}
