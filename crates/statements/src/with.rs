//! Random WITH clauses and set operations.

use pg::{Oid, oid};

use crate::expr::{Column, Scope};
use crate::from::Source;
use crate::literals;
use crate::{Generator, Statement};

impl Generator {
    pub fn set_operation(&mut self) -> Statement {
        let op = self.rng.pick(&[
            "UNION",
            "UNION ALL",
            "INTERSECT",
            "EXCEPT",
            "INTERSECT ALL",
            "EXCEPT ALL",
            "UNION DISTINCT",
        ]);
        self.grammar(op);
        let types: Vec<Oid> =
            (0..self.rng.below(2) + 1).map(|_| self.comparable_type(&Scope::default())).collect();
        let (a, b) =
            (self.select_of(&types, &Scope::default(), 1), self.select_of(&types, &Scope::default(), 1));
        let order = self.order_by(types.len(), "");
        let limit = self.limit();
        Statement::ordered(format!("{a} {op} ({b}){order}{limit}"))
    }

    pub fn with_query(&mut self) -> Statement {
        let name = self.name("w");
        let types: Vec<Oid> = (0..self.rng.below(2) + 1).map(|_| self.any_type(&Scope::default())).collect();
        let query = self.select_of(&types, &Scope::default(), 1);
        let how = self.rng.pick(&["", "MATERIALIZED ", "NOT MATERIALIZED "]);
        self.grammar(if how.is_empty() { "WITH" } else { "WITH MATERIALIZED" });
        let columns: Vec<Column> = types
            .iter()
            .enumerate()
            .map(|(n, ty)| Column { text: format!("{name}.c{n}"), ty: *ty })
            .collect();
        let key = columns
            .iter()
            .map(|c| if self.sortable(c.ty) { c.text.clone() } else { format!("{}::text", c.text) })
            .collect();
        let names: Vec<String> = (0..types.len()).map(|n| format!("c{n}")).collect();
        self.ctes.push(Source { text: name.clone(), columns, key, alias: name.clone() });
        let body = match self.rng.below(3) {
            0 => self.grouped(),
            1 => self.windowed(),
            _ => self.plain(),
        };
        let sql = format!("WITH {name}({}) AS {how}({query}) {}", names.join(", "), body.sql);
        Statement { ordered: body.ordered, ..Statement::unordered(sql) }
    }

    pub fn recursive(&mut self) -> Statement {
        self.grammar("WITH RECURSIVE");
        let ty = [oid::INT4, oid::TEXT, oid::NUMERIC][self.rng.below(3)];
        let start = self.literal(ty, 5);
        let scope = Scope {
            columns: vec![Column { text: "r.n".into(), ty: oid::INT4 }, Column { text: "r.x".into(), ty }],
            ..Scope::default()
        };
        let next = self.expr(ty, &scope, 1);
        let union = self.rng.pick(&["UNION", "UNION ALL"]);
        let clause = match self.rng.below(5) {
            0 => {
                self.grammar("SEARCH");
                let order = self.rng.pick(&["DEPTH", "BREADTH"]);
                format!(" SEARCH {order} FIRST BY n SET seq")
            }
            1 => {
                self.grammar("CYCLE");
                " CYCLE n SET is_cycle USING path".into()
            }
            _ => String::new(),
        };
        let limit = if self.rng.percent(10) { " LIMIT 4" } else { "" };
        let name = literals::type_name(ty);
        Statement::unordered(format!(
            "WITH RECURSIVE r(n, x) AS (SELECT 1, ({start})::{name} {union} SELECT n + 1, ({next})::{name} FROM r WHERE n < {}{limit}){clause} SELECT * FROM r",
            self.rng.below(5) + 2
        ))
    }

    /// Set operations of set operations, of branches with several types.
    pub fn set_nest(&mut self) -> Statement {
        self.grammar("set operations in set operations");
        let ops = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"];
        let ty = self.comparable_type(&Scope::default());
        let branch = |g: &mut Generator| {
            let ty = match ty {
                oid::NUMERIC | oid::FLOAT8 if g.rng.percent(30) => {
                    g.grammar("set operation of several types");
                    oid::INT4
                }
                oid::TIMESTAMP if g.rng.percent(30) => oid::DATE,
                ty => ty,
            };
            match g.rng.below(5) {
                0 => format!("VALUES ({}), ({})", g.expr(ty, &Scope::default(), 1), g.edge_literal(ty)),
                1 => {
                    g.grammar("sorted branch");
                    let query = g.select_of(&[ty], &Scope::default(), 1);
                    format!("({query} ORDER BY 1 LIMIT 3)")
                }
                _ => g.select_of(&[ty], &Scope::default(), 1),
            }
        };
        let (a, b, c, d) = (branch(self), branch(self), branch(self), branch(self));
        let op = |g: &mut Generator| {
            let op = ops[g.rng.below(ops.len())];
            g.grammar(op);
            op
        };
        let (p, q, r) = (op(self), op(self), op(self));
        let text = match self.rng.below(4) {
            0 => format!("{a} {p} {b} {q} {c}"),
            1 => format!("({a} {p} {b}) {q} ({c} {r} {d})"),
            2 => format!("{a} {p} ({b} {q} ({c} {r} {d}))"),
            _ => format!("SELECT * FROM ({a} {p} {b}) AS s(x) {q} {c}"),
        };
        let order = self.order_by(1, "");
        let limit = self.limit();
        Statement::ordered(format!("{text}{order}{limit}"))
    }

    /// WITH of several queries, of which later ones read earlier ones, and WITH inside.
    pub fn with_several(&mut self) -> Statement {
        self.grammar("WITH of several");
        let (a, b, c) = (self.name("w"), self.name("w"), self.name("w"));
        let (t, u) = (self.comparable_type(&Scope::default()), self.comparable_type(&Scope::default()));
        let first = self.select_of(&[t, u], &Scope::default(), 1);
        let scope = |alias: &str| Scope {
            columns: vec![
                Column { text: format!("{alias}.x"), ty: t },
                Column { text: format!("{alias}.y"), ty: u },
            ],
            ..Scope::default()
        };
        let inner = scope(&a);
        let (value, condition) = (self.expr(t, &inner, 1), self.condition(&inner, 1));
        let how = self.rng.pick(&["", "MATERIALIZED ", "NOT MATERIALIZED "]);
        let second = match self.rng.below(3) {
            0 => format!("SELECT {value}, {a}.y FROM {a} WHERE {condition}"),
            1 => {
                self.grammar("WITH inside WITH");
                format!(
                    "WITH {c}(x, y) AS (SELECT {value}, {a}.y FROM {a}) SELECT x, y FROM {c} WHERE y IS NOT NULL UNION ALL TABLE {a}"
                )
            }
            _ => format!("SELECT (array_agg({a}.x ORDER BY {a}.x))[1], {a}.y FROM {a} GROUP BY {a}.y"),
        };
        let outer = scope(&b);
        let (out, test) = (self.expr(t, &outer, 1), self.condition(&outer, 1));
        let body = match self.rng.below(4) {
            0 => format!("SELECT {out}, {b}.y FROM {b} WHERE {test}"),
            1 => format!("SELECT {b}.x, {a}.y FROM {a} JOIN {b} ON {a}.y = {b}.y"),
            2 => {
                self.grammar("WITH in a subquery");
                format!("SELECT {b}.*, (WITH {c} AS (SELECT {out} AS z) SELECT z FROM {c}) FROM {b}")
            }
            _ => {
                self.grammar("TABLE t");
                format!("TABLE {b} UNION ALL TABLE {a}")
            }
        };
        Statement::unordered(format!("WITH {a}(x, y) AS ({first}), {b}(x, y) AS {how}({second}) {body}"))
    }

    /// Ways through a graph: recursion with a join, in the order of a search, and until a cycle.
    pub fn graph(&mut self) -> Statement {
        let edges = self.rng.pick(&[
            "(1, 2), (2, 3), (1, 4), (4, 3), (3, 5)",
            "(1, 2), (2, 3), (3, 1), (2, 4)",
            "(1, 1), (1, 2), (2, NULL)",
        ]);
        let (union, mut tail) = (self.rng.pick(&["UNION", "UNION ALL"]), String::new());
        let mut columns = "a, b, n".to_owned();
        if self.rng.percent(60) {
            let order = self.rng.pick(&["DEPTH", "BREADTH"]);
            self.grammar(if order == "DEPTH" { "SEARCH DEPTH FIRST" } else { "SEARCH BREADTH FIRST" });
            tail = format!(" SEARCH {order} FIRST BY {} SET s", self.rng.pick(&["a", "a, b", "b, a"]));
            columns.push_str(", s");
        }
        if self.rng.percent(60) {
            self.grammar("CYCLE");
            let mark =
                self.rng.pick(&["", " TO 'Y' DEFAULT 'N'", " TO 1 DEFAULT 0", " TO true DEFAULT false"]);
            if !mark.is_empty() {
                self.grammar("CYCLE TO DEFAULT");
            }
            tail = format!("{tail} CYCLE {} SET c{mark} USING p", self.rng.pick(&["a", "a, b", "b"]));
            columns.push_str(", c, p");
        }
        let step = match self.rng.below(4) {
            0 => {
                self.grammar("WITH inside WITH RECURSIVE");
                "(WITH z AS (SELECT * FROM e) SELECT z.a, z.b, w.n + 1 FROM w JOIN z ON z.a = w.b WHERE w.n < 4)"
            }
            1 => "SELECT e.a, e.b, w.n + 1 FROM e, w WHERE e.a = w.b AND w.n < 4",
            2 => "SELECT e.a, e.b, w.n + 1 FROM w LEFT JOIN e ON e.a = w.b WHERE w.n < 3",
            _ => "SELECT l.a, l.b, w.n + 1 FROM w, LATERAL (SELECT * FROM e WHERE e.a = w.b) l WHERE w.n < 4",
        };
        let with = format!(
            "WITH RECURSIVE e(a, b) AS (VALUES {edges}), w(a, b, n) AS (SELECT a, b, 1 FROM e WHERE a = 1 {union} {step}){tail}"
        );
        let order = if tail.contains("SEARCH") { "s, a, b, n" } else { "n, a, b" };
        match self.rng.below(4) {
            0 => {
                self.grammar("WITH RECURSIVE in a subquery");
                Statement::unordered(format!(
                    "SELECT x.n, (SELECT count(*) FROM ({with} SELECT * FROM w) q WHERE q.n = x.n) FROM generate_series(1, 4) x(n)"
                ))
            }
            1 => Statement::unordered(format!(
                "{with} SELECT n, count(*), array_agg(b ORDER BY b) FROM w GROUP BY n"
            )),
            _ => Statement::unordered(format!("{with} SELECT {columns} FROM w ORDER BY {order}")),
        }
    }
}
