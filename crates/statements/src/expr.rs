//! Random expressions of a wanted type.

use pg::{Oid, catalog, oid};

use crate::Generator;
use crate::arguments;
use crate::literals::{self, type_name};
use crate::pool::{Call, Maker};

/// A column that can be named.
#[derive(Debug, Clone)]
pub struct Column {
    /// As it is written.
    pub text: String,
    /// Its type.
    pub ty: Oid,
}

/// The columns that can be named at a place: the innermost query's, then those around it.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// This query's own.
    pub columns: Vec<Column>,
    /// Those of the queries around.
    pub outer: Vec<Column>,
}

impl Generator {
    /// An expression of a type, no deeper than `depth`.
    pub fn expr(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.rng.percent(15) {
            return self.leaf(ty, scope);
        }
        if ty == oid::BOOL && self.rng.percent(60) {
            return self.condition(scope, depth);
        }
        match self.rng.below(100) {
            0..=44 => self.made(ty, scope, depth),
            45..=52 => self.case(ty, scope, depth),
            53..=60 => self.conditional(ty, scope, depth),
            61..=66 => self.subquery_value(ty, scope, depth),
            67..=72 => self.element(ty, scope, depth),
            73..=82 => self.special(ty, scope, depth),
            83..=93 => self.rare(ty, scope, depth),
            _ => self.leaf(ty, scope),
        }
    }

    /// A column or a literal.
    pub fn leaf(&mut self, ty: Oid, scope: &Scope) -> String {
        let of_type = |columns: &[Column]| -> Vec<String> {
            let same = |c: &&Column| c.ty == ty || (ty == oid::TEXT && c.ty == oid::VARCHAR);
            columns.iter().filter(same).map(|c| c.text.clone()).collect()
        };
        let (own, outer) = (of_type(&scope.columns), of_type(&scope.outer));
        if !own.is_empty() && self.rng.percent(75) {
            return own[self.rng.below(own.len())].clone();
        }
        if !outer.is_empty() && self.rng.percent(40) {
            self.grammar("correlation");
            return outer[self.rng.below(outer.len())].clone();
        }
        self.edge_literal(ty)
    }

    /// A function, operator or cast that gives the type.
    pub fn made(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let Some(at) = self.pool.by_result.get(&ty).filter(|all| !all.is_empty()) else {
            return self.leaf(ty, scope);
        };
        let at = at[self.rng.below(at.len())];
        let call = self.pool.calls[at].clone();
        self.call(&call, scope, depth.saturating_sub(1))
    }

    /// A call with arguments at random.
    pub fn call(&mut self, call: &Call, scope: &Scope, depth: usize) -> String {
        self.functions.insert(call.name());
        let mut args: Vec<String> = Vec::new();
        for (at, ty) in call.args.iter().enumerate() {
            args.push(self.argument(call, at, *ty, scope, depth));
        }
        match (&call.maker, args.as_slice()) {
            (Maker::Function(proc), args) => {
                let name = catalog::quote_identifier(proc.name);
                let qualified = if self.rng.percent(5) || catalog::keyword_category(proc.name).is_some() {
                    "pg_catalog."
                } else {
                    ""
                };
                let array = call
                    .args
                    .last()
                    .is_some_and(|ty| catalog::type_by_oid(*ty).is_some_and(|row| row.is_array()));
                let variadic = if proc.variadic.is_valid() && array { "VARIADIC " } else { "" };
                if !variadic.is_empty() {
                    self.grammar("VARIADIC");
                }
                if proc.name.starts_with("jsonb_path") {
                    self.grammar("jsonpath");
                }
                let (last, first) = args
                    .split_last()
                    .map_or((String::new(), &[][..]), |(l, f)| (format!("{variadic}{l}"), f));
                let list: Vec<&str> = first
                    .iter()
                    .map(String::as_str)
                    .chain((!args.is_empty()).then_some(last.as_str()))
                    .collect();
                format!("{qualified}{name}({})", list.join(", "))
            }
            (Maker::Operator(op), [left, right]) if self.rng.percent(5) => {
                self.grammar("OPERATOR()");
                format!("({left} OPERATOR(pg_catalog.{}) {right})", op.name)
            }
            (Maker::Operator(op), [left, right]) => format!("({left} {} {right})", op.name),
            (Maker::Operator(op), [right]) if self.rng.percent(5) => {
                self.grammar("OPERATOR()");
                format!("(OPERATOR(pg_catalog.{}) {right})", op.name)
            }
            (Maker::Operator(op), [right]) => format!("({} {right})", op.name),
            (Maker::Cast(_, to), [arg]) if self.rng.percent(50) => {
                format!("CAST({arg} AS {})", type_name(*to))
            }
            (Maker::Cast(_, to), [arg]) => format!("({arg})::{}", type_name(*to)),
            _ => "NULL".into(),
        }
    }

    /// An argument that the call can do something with.
    pub fn argument(&mut self, call: &Call, at: usize, ty: Oid, scope: &Scope, depth: usize) -> String {
        let special = match &call.maker {
            Maker::Function(proc) => arguments::of(proc.name, at, ty),
            Maker::Operator(op) => arguments::of(op.name, at, ty),
            Maker::Cast(..) => None,
        };
        let always = ["generate", "interval(", "varchar(", "bpchar("];
        match special {
            Some(values)
                if self.rng.percent(90) || always.iter().any(|name| call.name().starts_with(name)) =>
            {
                format!("{}::{}", literals::quoted(self.rng.pick(values)), type_name(ty))
            }
            _ => self.expr(ty, scope, depth),
        }
    }

    fn case(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let (a, b) = (self.expr(ty, scope, depth - 1), self.expr(ty, scope, depth - 1));
        if self.rng.percent(30) {
            self.grammar("CASE of a value");
            let test = self.comparable_type(scope);
            let (value, other) = (self.leaf(test, scope), self.leaf(test, scope));
            return format!("CASE {value} WHEN {other} THEN {a} ELSE {b} END");
        }
        self.grammar("CASE");
        let condition = self.expr(oid::BOOL, scope, depth - 1);
        let end = if self.rng.percent(70) { format!("ELSE {b} ") } else { String::new() };
        format!("CASE WHEN {condition} THEN {a} {end}END")
    }

    /// COALESCE, NULLIF, GREATEST, LEAST.
    fn conditional(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let sortable = self.sortable(ty);
        let name =
            if sortable { self.rng.pick(&["COALESCE", "NULLIF", "GREATEST", "LEAST"]) } else { "COALESCE" };
        self.grammar(name);
        let (a, b) = (self.expr(ty, scope, depth - 1), self.expr(ty, scope, depth - 1));
        format!("{name}({a}, {b})")
    }

    /// A scalar subquery, or an array made by one.
    fn subquery_value(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        if let Some(element) =
            catalog::element_type(ty).filter(|_| catalog::type_by_oid(ty).is_some_and(|t| t.is_array()))
        {
            if self.rng.percent(50) || !self.sortable(element) {
                self.grammar("ARRAY[]");
                let items: Vec<String> =
                    (0..self.rng.below(3) + 1).map(|_| self.expr(element, scope, depth - 1)).collect();
                return format!("ARRAY[{}]::{}", items.join(", "), type_name(ty));
            }
            self.grammar("ARRAY(subquery)");
            let inner = self.expr(element, &nested(scope), 1);
            let (from, _) = self.small_rows();
            return format!("ARRAY(SELECT {inner} FROM {from} ORDER BY 1)");
        }
        self.grammar("scalar subquery");
        let mut inner = nested(scope);
        let (from, columns) = self.small_rows();
        inner.columns = columns;
        let value = self.expr(ty, &inner, depth - 1);
        if self.sortable(ty) && self.rng.percent(50) {
            return format!("(SELECT {value} FROM {from} ORDER BY 1 LIMIT 1)");
        }
        format!("(SELECT {value})", value = self.expr(ty, &nested(scope), depth - 1))
    }

    /// An element or a slice of an array.
    fn element(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let Some(array) = catalog::array_type(ty).filter(|array| self.pool.types.contains(array)) else {
            return self.leaf(ty, scope);
        };
        self.grammar("subscript");
        let (value, index) = (self.expr(array, scope, depth - 1), self.rng.below(4));
        format!("({value})[{index}]")
    }

    /// Syntax of its own.
    fn special(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let sub = |g: &mut Generator, ty: Oid| g.expr(ty, scope, depth - 1);
        match ty {
            oid::TEXT => self.special_text(scope, depth),
            oid::INT4 => match self.rng.below(3) {
                0 => format!("POSITION('a' IN {})", sub(self, oid::TEXT)),
                1 => format!("CHAR_LENGTH({})", sub(self, oid::TEXT)),
                _ => format!("- ({})", sub(self, oid::INT4)),
            },
            oid::NUMERIC => self.extract(scope, depth),
            oid::TIMESTAMP | oid::TIMESTAMPTZ => self.at_time_zone(ty, scope, depth),
            oid::INTERVAL => {
                self.grammar("INTERVAL with fields");
                self.rng
                    .pick(&[
                        "INTERVAL '1' YEAR",
                        "INTERVAL '1-2' YEAR TO MONTH",
                        "INTERVAL '3 04:05' DAY TO MINUTE",
                        "INTERVAL '1.5' SECOND(1)",
                        "INTERVAL(2) '1.239 seconds'",
                        "INTERVAL '4' HOUR",
                    ])
                    .into()
            }
            oid::BOOL => self.condition(scope, depth),
            _ => self.made(ty, scope, depth),
        }
    }

    fn special_text(&mut self, scope: &Scope, depth: usize) -> String {
        let text = self.expr(oid::TEXT, scope, depth - 1);
        match self.rng.below(9) {
            0 => format!("SUBSTRING({text} FROM {} FOR 3)", self.rng.below(4)),
            1 => format!("TRIM(BOTH 'a ' FROM {text})"),
            2 => format!("TRIM({text})"),
            3 => format!("OVERLAY({text} PLACING 'zz' FROM 2 FOR 1)"),
            4 => format!("SUBSTRING({text} SIMILAR '%#\"a#\"%' ESCAPE '#')"),
            5 => format!("({text} || {} || '!')", self.expr(oid::INT4, scope, depth - 1)),
            6 => format!("NORMALIZE({text}, NFC)"),
            7 => format!("({text} COLLATE \"C\")"),
            _ => format!("CAST({text} AS varchar(3))::text"),
        }
    }

    fn extract(&mut self, scope: &Scope, depth: usize) -> String {
        let (from, fields): (Oid, &[&str]) = match self.rng.below(4) {
            0 => (
                oid::DATE,
                &[
                    "year",
                    "month",
                    "day",
                    "dow",
                    "doy",
                    "isoyear",
                    "week",
                    "quarter",
                    "century",
                    "decade",
                    "millennium",
                    "epoch",
                    "julian",
                    "isodow",
                ],
            ),
            1 => (
                oid::TIMESTAMP,
                &["hour", "minute", "second", "milliseconds", "microseconds", "epoch", "week", "julian"],
            ),
            2 => (
                oid::INTERVAL,
                &["year", "month", "day", "hour", "minute", "second", "epoch", "quarter", "century"],
            ),
            _ => (oid::TIMESTAMPTZ, &["hour", "timezone", "timezone_hour", "epoch", "day", "isoyear"]),
        };
        self.grammar("EXTRACT");
        format!("EXTRACT({} FROM {})", self.rng.pick(fields), self.expr(from, scope, depth - 1))
    }

    fn at_time_zone(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        self.grammar("AT TIME ZONE");
        let other = if ty == oid::TIMESTAMP { oid::TIMESTAMPTZ } else { oid::TIMESTAMP };
        let zone = self.rng.pick(&[
            "'UTC'",
            "'Europe/Berlin'",
            "'America/New_York'",
            "'+03'",
            "INTERVAL '1 hour'",
            "'EST'",
            "'Asia/Kolkata'",
        ]);
        format!("({} AT TIME ZONE {zone})", self.expr(other, scope, depth - 1))
    }

    /// What can be sorted and compared.
    pub fn sortable(&self, ty: Oid) -> bool {
        if let Some(element) =
            catalog::element_type(ty).filter(|_| catalog::type_by_oid(ty).is_some_and(|t| t.is_array()))
        {
            return self.sortable(element);
        }
        let range = catalog::type_by_oid(ty).is_some_and(|row| matches!(row.kind, 'r' | 'm'));
        range || catalog::btree_comparison(ty).is_some() || ty == oid::VARCHAR
    }

    /// The type of a column in reach, or another one.
    pub fn comparable_type(&mut self, scope: &Scope) -> Oid {
        let all: Vec<Oid> =
            scope.columns.iter().chain(&scope.outer).map(|c| c.ty).filter(|ty| self.sortable(*ty)).collect();
        if !all.is_empty() && self.rng.percent(75) {
            return all[self.rng.below(all.len())];
        }
        let usual = [
            oid::INT4,
            oid::TEXT,
            oid::NUMERIC,
            oid::FLOAT8,
            oid::DATE,
            oid::TIMESTAMP,
            oid::INT8,
            oid::INTERVAL,
            oid::BOOL,
        ];
        usual[self.rng.below(usual.len())]
    }

    /// A type for an expression.
    pub fn any_type(&mut self, scope: &Scope) -> Oid {
        if self.rng.percent(65) {
            return self.comparable_type(scope);
        }
        if self.rng.percent(30) {
            let usual =
                [oid::JSONB, oid::JSON, oid::INT4_ARRAY, oid::TEXT_ARRAY, oid::TIMESTAMPTZ, oid::TIME];
            return usual[self.rng.below(usual.len())];
        }
        self.pool.types[self.rng.below(self.pool.types.len())]
    }
}

/// The scope of a subquery, before it has columns of its own.
pub fn nested(scope: &Scope) -> Scope {
    Scope { columns: Vec::new(), outer: scope.columns.iter().chain(&scope.outer).cloned().collect() }
}
