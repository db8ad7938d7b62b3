//! Conditions of the rarer forms: rows in subqueries and lists, operators named in full, LIKE of arrays.

use pg::oid;

use crate::Generator;
use crate::expr::{Scope, nested};

impl Generator {
    pub(crate) fn rare_condition(&mut self, scope: &Scope, d: usize) -> String {
        match self.rng.below(13) {
            0 | 1 => self.row_in_subquery(scope),
            2 => self.row_in_list(scope),
            3 => self.row_tests(scope, d),
            4 => self.like_any(scope, d),
            5 => self.operator_any(scope, d),
            6 => self.mixed_comparison(scope, d),
            7 => self.overlaps(scope),
            8 => self.normalized(scope, d),
            9 => self.json_condition(scope, d),
            10 => self.whole_rows(scope),
            11 => self.array_subquery(scope),
            _ => self.correlated_condition(scope),
        }
    }

    fn row_in_subquery(&mut self, scope: &Scope) -> String {
        self.grammar("row IN subquery");
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        let (a, b) = (self.comparable_type(&inner), self.comparable_type(&inner));
        let (x, y) = (self.expr(a, scope, 0), self.expr(b, scope, 0));
        let (p, q) = (self.expr(a, &inner, 0), self.expr(b, &inner, 0));
        let word = self.rng.pick(&["IN", "NOT IN", "= ANY", "<> ALL", "= SOME", "< ANY", ">= ALL"]);
        let row = self.rng.pick(&["", "ROW"]);
        format!("({row}({x}, {y}) {word} (SELECT {p}, {q} FROM {from}))")
    }

    fn row_in_list(&mut self, scope: &Scope) -> String {
        self.grammar("row IN list");
        let (a, b) = (self.comparable_type(scope), self.comparable_type(scope));
        let row = |g: &mut Generator| format!("({}, {})", g.expr(a, scope, 0), g.expr(b, scope, 0));
        let (left, x, y) = (row(self), row(self), row(self));
        format!("({left} {} ({x}, {y}))", self.rng.pick(&["IN", "NOT IN"]))
    }

    fn row_tests(&mut self, scope: &Scope, d: usize) -> String {
        let (a, b) = (self.comparable_type(scope), self.comparable_type(scope));
        let row = |g: &mut Generator| format!("ROW({}, {})", g.expr(a, scope, d), g.expr(b, scope, 0));
        let (x, y) = (row(self), row(self));
        match self.rng.below(3) {
            0 => {
                self.grammar("row IS NULL");
                format!("({x} {})", self.rng.pick(&["IS NULL", "IS NOT NULL"]))
            }
            1 => {
                self.grammar("row IS DISTINCT FROM");
                format!("({x} {} {y})", self.rng.pick(&["IS DISTINCT FROM", "IS NOT DISTINCT FROM"]))
            }
            _ => {
                self.grammar("row BETWEEN");
                format!("({x} BETWEEN {y} AND {x})")
            }
        }
    }

    fn like_any(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("LIKE ANY");
        let text = self.expr(oid::TEXT, scope, d);
        let word = self.rng.pick(&["LIKE ANY", "NOT LIKE ALL", "ILIKE ANY", "ILIKE ALL", "NOT ILIKE ANY"]);
        format!("({text} {word} (ARRAY['%a%', '_b%', NULL, '%']))")
    }

    fn operator_any(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("OPERATOR() ANY");
        let value = self.expr(oid::INT4, scope, d);
        let op = self.rng.pick(&["<", "=", "<>", ">="]);
        let array = self.rng.pick(&[
            "'{1,2,NULL}'",
            "ARRAY[1, 2]",
            "'{}'::int[]",
            "ARRAY[1.5, 2]",
            "'{{1,2},{3,4}}'",
        ]);
        format!("({value} OPERATOR(pg_catalog.{op}) {} ({array}))", self.rng.pick(&["ANY", "ALL", "SOME"]))
    }

    fn mixed_comparison(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("comparison of several types");
        let pairs = [
            (oid::INT4, oid::INT8),
            (oid::INT2, oid::NUMERIC),
            (oid::NUMERIC, oid::FLOAT8),
            (oid::DATE, oid::TIMESTAMP),
            (oid::TIMESTAMPTZ, oid::DATE),
            (oid::FLOAT4, oid::FLOAT8),
            (oid::TEXT, oid::VARCHAR),
            (oid::TEXT, oid::NAME),
            (oid::BPCHAR, oid::VARCHAR),
            (oid::INT8, oid::FLOAT4),
        ];
        let (a, b) = pairs[self.rng.below(pairs.len())];
        let (a, b) = if self.rng.percent(50) { (a, b) } else { (b, a) };
        let op = self.rng.pick(&["=", "<>", "<", ">="]);
        format!("({} {op} {})", self.expr(a, scope, d), self.expr(b, scope, d))
    }

    fn overlaps(&mut self, scope: &Scope) -> String {
        self.grammar("OVERLAPS with lengths");
        let ty = [oid::DATE, oid::TIMESTAMP, oid::TIMESTAMPTZ][self.rng.below(3)];
        let (a, b) = (self.expr(ty, scope, 0), self.expr(ty, scope, 0));
        let (c, d) = (self.expr(oid::INTERVAL, scope, 0), self.expr(oid::INTERVAL, scope, 0));
        format!("(({a}, {c}) OVERLAPS ({b}, {d}))")
    }

    fn normalized(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("IS NORMALIZED");
        let form = self.rng.pick(&[
            "IS NORMALIZED",
            "IS NFC NORMALIZED",
            "IS NOT NFD NORMALIZED",
            "IS NFKC NORMALIZED",
        ]);
        format!("({} {form})", self.expr(oid::TEXT, scope, d))
    }

    fn json_condition(&mut self, scope: &Scope, d: usize) -> String {
        self.grammar("jsonb condition");
        let value = self.expr(oid::JSONB, scope, d);
        let test = self.rng.pick(&[
            "@? '$.a'",
            "@@ '$.a == 1'",
            "@> '{\"a\": 1}'",
            "? 'a'",
            "?| ARRAY['a', 'k']",
            "?& '{a,b}'",
            "->> 'a' = '1'",
            "-> 'b' -> 0 = 'true'",
            "#>> '{k,n}' IS NOT NULL",
            "@? '$.b[*] ? (@ == true)'",
            "@@ 'exists($.k ? (@.n > 2))'",
        ]);
        format!("({value} {test})")
    }

    fn whole_rows(&mut self, scope: &Scope) -> String {
        let alias =
            scope.columns.first().and_then(|c| c.text.split_once('.')).map(|(alias, _)| alias.to_owned());
        let sortable = scope.columns.iter().all(|c| self.sortable(c.ty));
        let Some(alias) = alias.filter(|_| sortable) else { return self.condition(scope, 0) };
        self.grammar("whole row in a condition");
        self.rng.pick(&["(A IS NOT NULL)", "(A IS NULL)", "(A IS NOT DISTINCT FROM A)"]).replace('A', &alias)
    }

    fn array_subquery(&mut self, scope: &Scope) -> String {
        self.grammar("ANY of ARRAY(subquery)");
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        let ty = self.comparable_type(&inner);
        let (value, element) = (self.expr(ty, scope, 0), self.expr(ty, &inner, 0));
        format!(
            "({value} {} (ARRAY(SELECT {element} FROM {from})))",
            self.rng.pick(&["= ANY", "<> ALL", "> ANY"])
        )
    }

    fn correlated_condition(&mut self, scope: &Scope) -> String {
        self.grammar("comparison with a correlated aggregate");
        let (from, columns) = self.small_rows();
        let inner = Scope { columns, ..nested(scope) };
        let condition = self.condition(&inner, 0);
        let value = self.expr(oid::INT8, scope, 0);
        let call = self.rng.pick(&["count(*)", "sum(1)", "max(2)::bigint", "count(*) FILTER (WHERE true)"]);
        format!(
            "({value} {} (SELECT {call} FROM {from} WHERE {condition}))",
            self.rng.pick(&["<", "=", ">="])
        )
    }
}
