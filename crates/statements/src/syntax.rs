//! Expressions with the rarer forms of syntax: composite values, named arguments, VARIADIC, slices, lengths of types.

use pg::{Oid, catalog, oid};

use crate::Generator;
use crate::expr::{Scope, nested};
use crate::pool::{Call, Maker};

/// Types with a length or a precision.
const MODIFIERS: &[(Oid, &[&str])] = &[
    (oid::NUMERIC, &["numeric(10,2)", "numeric(20)", "numeric(6,-2)", "decimal(30, 12)"]),
    (oid::VARCHAR, &["varchar(3)", "character varying(40)"]),
    (oid::BPCHAR, &["char(4)", "character(2)", "bpchar"]),
    (oid::TIMESTAMP, &["timestamp(0)", "timestamp(3) without time zone"]),
    (oid::TIMESTAMPTZ, &["timestamptz(1)", "timestamp(4) with time zone"]),
    (oid::TIME, &["time(2)", "time(0) without time zone"]),
    (oid::TIMETZ, &["time(3) with time zone"]),
    (oid::INTERVAL, &["interval(1)", "interval day to second(2)", "interval year to month", "interval hour"]),
    (oid::VARBIT, &["bit varying(3)"]),
    (oid::BIT, &["bit(4)"]),
];

impl Generator {
    /// An expression of a rarer form; another one when the type has none.
    pub fn rare(&mut self, ty: Oid, scope: &Scope, depth: usize) -> String {
        let d = depth.saturating_sub(1);
        match self.rng.below(8) {
            0 => self.with_modifier(ty, scope, d),
            1 => self.named_arguments(ty, scope, d),
            2 => self.composite(ty, scope, d),
            3 => self.long_case(ty, scope, d),
            4 => self.slice(ty, scope, d),
            5 => self.mixed_types(ty, scope, d),
            6 => self.correlated(ty, scope),
            _ => self.variadic(ty, scope, d),
        }
    }

    fn with_modifier(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        let Some((_, all)) = MODIFIERS.iter().find(|(of, _)| *of == ty) else {
            return self.expr(ty, scope, d);
        };
        self.grammar("cast with a modifier");
        let (value, to) = (self.expr(ty, scope, d), self.rng.pick(all));
        if self.rng.percent(50) { format!("CAST({value} AS {to})") } else { format!("({value})::{to}") }
    }

    fn named_arguments(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        let named = |call: &Call| match &call.maker {
            Maker::Function(proc) => {
                proc.args.len() == proc.arg_names.len()
                    && !proc.args.is_empty()
                    && !proc.variadic.is_valid()
                    && proc.arg_names.iter().all(|name| !name.is_empty())
            }
            _ => false,
        };
        let all: Vec<Call> = self.pool.calls.iter().filter(|c| c.result == ty && named(c)).cloned().collect();
        let Some(call) = all.get(self.rng.below(all.len())) else { return self.made(ty, scope, d + 1) };
        let Maker::Function(proc) = &call.maker else { return self.made(ty, scope, d + 1) };
        self.functions.insert(call.name());
        self.grammar("named arguments");
        let arrow = self.rng.pick(&["=>", "=>", ":="]);
        let positional = if self.rng.percent(40) { 1 } else { 0 };
        // What has a default may be left out.
        let needed = proc.args.len() - proc.defaults.min(proc.args.len());
        let mut args: Vec<(usize, String)> = Vec::new();
        for (at, ty) in call.args.iter().enumerate() {
            if at < needed || self.rng.percent(60) {
                args.push((at, self.argument(call, at, *ty, scope, d)));
            }
        }
        let mut texts: Vec<String> = args
            .into_iter()
            .map(|(at, text)| match at < positional {
                true => text,
                false => format!("{} {arrow} {text}", catalog::quote_identifier(proc.arg_names[at])),
            })
            .collect();
        if positional == 0 && self.rng.percent(50) {
            texts.reverse();
        }
        format!("{}({})", catalog::quote_identifier(proc.name), texts.join(", "))
    }

    /// A field of a composite value, or such a value as a whole.
    fn composite(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        let alias =
            scope.columns.first().and_then(|c| c.text.split_once('.')).map(|(alias, _)| alias.to_owned());
        if let (oid::TEXT, Some(alias)) = (ty, &alias) {
            self.grammar("whole row");
            return self
                .rng
                .pick(&[
                    "ALIAS::text",
                    "row_to_json(ALIAS)::text",
                    "(ALIAS.*)::text",
                    "to_jsonb(ALIAS)::text",
                ])
                .replace("ALIAS", alias);
        }
        self.grammar("field of a composite value");
        let value = self.expr(ty, scope, d);
        match self.rng.below(3) {
            0 => format!("(ROW({value}, 2)).f1"),
            1 => format!("((SELECT s FROM (SELECT 1 AS a, {value} AS b) AS s)).b"),
            _ => format!("(SELECT (s).b FROM (VALUES (1, {value})) AS s(a, b))"),
        }
    }

    fn long_case(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        let (a, b, c) = (self.expr(ty, scope, d), self.expr(ty, scope, 0), self.expr(ty, scope, 0));
        let (p, q) = (self.condition(scope, 0), self.condition(scope, 0));
        if self.rng.percent(50) {
            self.grammar("CASE of several conditions");
            return format!("CASE WHEN {p} THEN {a} WHEN {q} THEN {b} ELSE {c} END");
        }
        self.grammar("CASE of a value and several others");
        let test = self.comparable_type(scope);
        let (value, x, y) = (self.expr(test, scope, d), self.expr(test, scope, 0), self.expr(test, scope, 0));
        format!("CASE {value} WHEN {x} THEN {a} WHEN {y} THEN {b} ELSE {c} END")
    }

    fn slice(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        if ty == oid::JSONB {
            self.grammar("subscript of jsonb");
            let at = self.rng.pick(&["['a']", "['b'][0]", "[0]", "['k']['n']", "[-1]"]);
            return format!("({}){at}", self.expr(ty, scope, d));
        }
        if catalog::type_by_oid(ty).is_some_and(|row| row.is_array()) {
            self.grammar("slice");
            let at = self.rng.pick(&[
                "[1:2]",
                "[:2]",
                "[2:]",
                "[:]",
                "[1:1][1:2]",
                "[2]",
                "[2:1]",
                "[0:5]",
                "[-1:1]",
            ]);
            // A subscript alone would give an element.
            let at = if at == "[2]" { "[2:2]" } else { at };
            return format!("({}){at}", self.expr(ty, scope, d));
        }
        match catalog::array_type(ty).filter(|array| self.pool.types.contains(array)) {
            Some(array) => {
                self.grammar("subscript of several dimensions");
                let at = self.rng.pick(&["[1][2]", "[2][1]", "[1][1][1]", "[NULL]", "['1']"]);
                format!("({}){at}", self.expr(array, scope, d))
            }
            None => self.made(ty, scope, d + 1),
        }
    }

    /// Arguments of several types, of which PostgreSQL chooses one.
    fn mixed_types(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        let others: &[Oid] = match ty {
            oid::INT8 => &[oid::INT4, oid::INT2],
            oid::NUMERIC => &[oid::INT4, oid::INT8],
            oid::FLOAT8 => &[oid::INT4, oid::NUMERIC, oid::FLOAT4, oid::INT8],
            oid::TIMESTAMP => &[oid::DATE],
            oid::TIMESTAMPTZ => &[oid::DATE, oid::TIMESTAMP],
            oid::TEXT => &[oid::VARCHAR, oid::NAME],
            _ => return self.made(ty, scope, d + 1),
        };
        self.grammar("values of several types");
        let other = others[self.rng.below(others.len())];
        let (a, b) = (self.expr(ty, scope, d), self.expr(other, scope, d));
        let (a, b) = if self.rng.percent(50) { (a, b) } else { (b, a) };
        match self.rng.below(4) {
            0 => format!("CASE WHEN {} THEN {a} ELSE {b} END", self.condition(scope, 0)),
            1 => format!("GREATEST({a}, {b}, NULL)"),
            2 => format!("(SELECT max(m) FROM (VALUES ({a}), ({b})) AS m(m))"),
            _ => format!("COALESCE({a}, {b})"),
        }
    }

    /// An aggregate of a subquery that reads the row outside.
    fn correlated(&mut self, ty: Oid, scope: &Scope) -> String {
        if !self.sortable(ty) || matches!(ty, oid::BOOL | oid::UUID | oid::BYTEA | oid::JSONB) {
            return self.leaf(ty, scope);
        }
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        self.grammar("correlated aggregate");
        let value = self.expr(ty, &inner, 1);
        let condition = self.condition(&inner, 0);
        format!("(SELECT (array_agg({value} ORDER BY {value}))[1] FROM {from} WHERE {condition})")
    }

    fn variadic(&mut self, ty: Oid, scope: &Scope, d: usize) -> String {
        if ty != oid::TEXT && ty != oid::INT4 {
            return self.made(ty, scope, d + 1);
        }
        self.grammar("VARIADIC");
        let (a, b) = (self.any_type(scope), self.any_type(scope));
        let (x, y) = (self.expr(a, scope, d), self.expr(b, scope, 0));
        let array = self.expr(oid::TEXT_ARRAY, scope, d);
        match (ty, self.rng.below(5)) {
            (oid::INT4, 0..=2) => format!("num_nulls(VARIADIC {array})"),
            (oid::INT4, _) => format!("num_nonnulls({x}, {y}, NULL)"),
            (_, 0) => format!("concat(VARIADIC {array})"),
            (_, 1) => format!("concat_ws(',', {x}, {y})"),
            (_, 2) => format!("format('%s|%2$L|%1$s', {x}, {y})"),
            (_, 3) => format!("format('%s %s', VARIADIC {array})"),
            _ => format!("jsonb_build_array({x}, {y})::text"),
        }
    }
}
