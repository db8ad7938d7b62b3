//! Random conditions: every form of a boolean that the grammar has.

use pg::oid;

use crate::Generator;
use crate::expr::{Scope, nested};

impl Generator {
    /// A boolean expression.
    pub fn condition(&mut self, scope: &Scope, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(26) {
            20..=25 => self.rare_condition(scope, d),
            0..=5 => self.comparison(scope, d),
            6 => {
                let (a, b) = (self.expr(oid::BOOL, scope, d), self.expr(oid::BOOL, scope, d));
                let word = self.rng.pick(&["AND", "OR"]);
                format!("({a} {word} {b})")
            }
            7 => format!("(NOT {})", self.expr(oid::BOOL, scope, d)),
            8 => {
                let ty = self.any_type(scope);
                let test = self.rng.pick(&["IS NULL", "IS NOT NULL", "ISNULL", "NOTNULL"]);
                self.grammar("IS NULL");
                format!("({} {test})", self.expr(ty, scope, d))
            }
            9 => {
                self.grammar("IS TRUE");
                let test = self.rng.pick(&[
                    "IS TRUE",
                    "IS NOT TRUE",
                    "IS FALSE",
                    "IS NOT FALSE",
                    "IS UNKNOWN",
                    "IS NOT UNKNOWN",
                ]);
                format!("({} {test})", self.expr(oid::BOOL, scope, d))
            }
            10 => self.between(scope, d),
            11 => self.in_list(scope, d),
            12 => self.in_subquery(scope),
            13 => self.exists(scope),
            14..=15 => self.like(scope, d),
            16 => self.quantified(scope, d),
            17 => self.rows(scope, d),
            18 => {
                self.grammar("OVERLAPS");
                let dates: Vec<String> = (0..4).map(|_| self.literal(oid::DATE, 0)).collect();
                format!("(({}, {}) OVERLAPS ({}, {}))", dates[0], dates[1], dates[2], dates[3])
            }
            _ => {
                let ty = self.comparable_type(scope);
                self.grammar("IS DISTINCT FROM");
                let not = self.rng.pick(&["", "NOT "]);
                let (a, b) = (self.expr(ty, scope, d), self.expr(ty, scope, d));
                format!("({a} IS {not}DISTINCT FROM {b})")
            }
        }
    }

    fn comparison(&mut self, scope: &Scope, d: usize) -> String {
        let ty = self.comparable_type(scope);
        let op = self.rng.pick(&["=", "<>", "<", "<=", ">", ">=", "!="]);
        let (a, b) = (self.expr(ty, scope, d), self.expr(ty, scope, d));
        format!("({a} {op} {b})")
    }

    fn between(&mut self, scope: &Scope, d: usize) -> String {
        let ty = self.comparable_type(scope);
        let words = ["BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC"];
        let word = words[self.rng.below(words.len())];
        self.grammar(word);
        let (a, b, c) = (self.expr(ty, scope, d), self.literal(ty, 10), self.literal(ty, 10));
        format!("({a} {word} {b} AND {c})")
    }

    fn in_list(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("IN list");
        let ty = self.comparable_type(scope);
        let list: Vec<String> = (0..self.rng.below(3) + 1).map(|_| self.literal(ty, 5)).collect();
        let word = self.rng.pick(&["IN", "NOT IN"]);
        format!("({} {word} ({}))", self.expr(ty, scope, d), list.join(", "))
    }

    fn in_subquery(&mut self, scope: &Scope) -> String {
        self.grammar("IN subquery");
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        let ty = self.comparable_type(&inner);
        let value = self.expr(ty, scope, 0);
        let inner = self.expr(ty, &inner, 1);
        let word = self.rng.pick(&["IN", "NOT IN", "= ANY", "<> ALL", "< SOME", ">= ALL"]);
        format!("({value} {word} (SELECT {inner} FROM {from}))")
    }

    fn exists(&mut self, scope: &Scope) -> String {
        self.grammar("EXISTS");
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        let condition = self.comparison(&inner, 0);
        let not = self.rng.pick(&["", "NOT "]);
        format!("({not}EXISTS (SELECT 1 FROM {from} WHERE {condition}))")
    }

    fn like(&mut self, scope: &Scope, d: usize) -> String {
        let text = self.expr(oid::TEXT, scope, d);
        let (word, patterns): (&str, &[&str]) = match self.rng.below(4) {
            0 => ("LIKE", &["'%a%'", "'_b%'", "'%'", "''", "'a\\_%'", "'%e' ESCAPE '!'"]),
            1 => ("ILIKE", &["'%A%'", "'the%'", "'%O_'"]),
            2 => ("SIMILAR TO", &["'(a|b)%'", "'[A-M]%'", "'_+'", "'%(o|e){2}%'"]),
            _ => (
                self.rng.pick(&["~", "~*", "!~", "!~*"]),
                &["'^[a-z]+$'", "'o{2}'", "'(foo|bar)'", "'\\d+'", "'^T.*x$'", "'\\yba'", "'(a)(b)?c'"],
            ),
        };
        self.grammar(word);
        let not = if word.contains('~') { "" } else { self.rng.pick(&["", "NOT "]) };
        format!("({text} {not}{word} {})", self.rng.pick(patterns))
    }

    fn quantified(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("ANY/ALL of an array");
        let ty = [oid::INT4, oid::TEXT, oid::NUMERIC][self.rng.below(3)];
        let array = pg::catalog::array_type(ty).unwrap_or(oid::INT4);
        let (value, array) = (self.expr(ty, scope, d), self.literal(array, 20));
        let op = self.rng.pick(&["= ANY", "<> ALL", "< ANY", ">= ALL"]);
        format!("({value} {op} ({array}))")
    }

    fn rows(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("row comparison");
        let (a, b) = (self.comparable_type(scope), self.comparable_type(scope));
        let pair = |g: &mut Generator| format!("{}, {}", g.expr(a, scope, d), g.expr(b, scope, 0));
        let (left, right) = (pair(self), pair(self));
        match self.rng.below(4) {
            0 => format!("(ROW({left}) = ({right}))"),
            1 => format!("(({left}) < ({right}))"),
            2 => format!("(({left}) IN (({right})))"),
            _ => {
                self.grammar("row compared with a subquery");
                format!("(({left}) {} (SELECT {right}))", self.rng.pick(&["=", "<>", "<", ">="]))
            }
        }
    }
}
