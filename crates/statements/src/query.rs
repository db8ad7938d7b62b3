//! Random queries.

use pg::{Oid, oid};

use crate::expr::{Column, Scope};
use crate::from::Source;
use crate::literals::{self, literal};
use crate::pool::Maker;
use crate::{Generator, Statement};

impl Generator {
    /// A whole statement.
    pub fn statement(&mut self) -> Statement {
        self.names = 0;
        self.ctes.clear();
        self.edges = [5, 5, 15, 40][self.rng.below(4)];
        self.tables = self.only_tables || self.rng.percent(60);
        let kind = if self.only_tables { 44 + self.rng.below(56) } else { self.rng.below(100) };
        match kind {
            0..=34 => self.one_call(),
            35..=39 => self.set_in_select_list(),
            40..=43 => self.values_statement(),
            44..=49 if self.only_tables => self.plain(),
            44..=49 => self.recursive(),
            50..=55 => self.set_operation(),
            56..=61 => self.with_query(),
            62..=72 => self.grouped(),
            73..=81 => self.windowed(),
            82..=85 => self.distinct_on(),
            _ => self.plain(),
        }
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
                let cells: Vec<String> =
                    types.iter().map(|ty| literal(&mut self.rng, *ty, self.edges)).collect();
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

    /// An aggregate whose value does not depend on the order of the rows.
    pub fn aggregate(&mut self, call: &crate::pool::Call, scope: &Scope) -> String {
        self.functions.insert(call.name());
        let Maker::Function(proc) = &call.maker else { return "count(*)".into() };
        let name = proc.name;
        let args: Vec<String> = call
            .args
            .iter()
            .map(|ty| {
                let depth = usize::from(self.rng.percent(30));
                self.expr(*ty, scope, depth)
            })
            .collect();
        let kind =
            pg::catalog::aggregate(proc.oid).map_or(('n', 0), |row| (row.kind, row.direct_args as usize));
        let filter = if self.rng.percent(20) {
            self.grammar("FILTER");
            format!(" FILTER (WHERE {})", self.condition(scope, 1))
        } else {
            String::new()
        };
        let keys: Vec<String> = args
            .iter()
            .zip(&call.args)
            .map(|(a, ty)| if self.sortable(*ty) { a.clone() } else { format!("{a}::text") })
            .collect();
        match kind.0 {
            'n' if args.is_empty() => format!("{name}(*){filter}"),
            'n' if call.args.iter().all(|ty| self.sortable(*ty))
                && self.rng.percent(20)
                && !name.contains("regr")
                && !name.contains("corr")
                && !name.contains("covar") =>
            {
                self.grammar("DISTINCT aggregate");
                format!("{name}(DISTINCT {} ORDER BY {}){filter}", args.join(", "), args.join(", "))
            }
            'n' => {
                self.grammar("ordered aggregate");
                format!("{name}({} ORDER BY {}){filter}", args.join(", "), keys.join(", "))
            }
            _ => self.ordered_set(name, kind, &args, &call.args, filter),
        }
    }

    fn ordered_set(
        &mut self,
        name: &str,
        kind: (char, usize),
        args: &[String],
        types: &[Oid],
        filter: String,
    ) -> String {
        self.grammar("WITHIN GROUP");
        let direct = match (name, types.first()) {
            ("percentile_cont" | "percentile_disc", Some(&oid::FLOAT8)) => {
                self.rng.pick(&["0.5", "0", "1", "0.25", "0.9"]).into()
            }
            ("percentile_cont" | "percentile_disc", _) => "ARRAY[0.25, 0.5, 0.75, 1]".to_owned(),
            _ => String::new(),
        };
        if kind.0 == 'h' {
            return format!(
                "{name}(3) WITHIN GROUP (ORDER BY {}){filter}",
                args.first().map_or("1", String::as_str)
            );
        }
        let rest = args.get(kind.1).cloned().unwrap_or_else(|| "1".into());
        let direction = self.rng.pick(&["", " DESC"]);
        format!("{name}({direct}) WITHIN GROUP (ORDER BY {rest}{direction}){filter}")
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
        Statement { many: true, sql: format!("VALUES {}{order}{limit}", rows.join(", ")), ordered }
    }

    /// ORDER BY all of so many output columns, which decides the order. `unless` is what a query has instead.
    fn order_by(&mut self, count: usize, unless: &str) -> String {
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

    fn limit(&mut self) -> String {
        match self.rng.below(8) {
            0 => format!(" LIMIT {}", self.rng.below(6)),
            1 => format!(" LIMIT {} OFFSET {}", self.rng.below(6) + 1, self.rng.below(3)),
            2 => {
                self.grammar("FETCH FIRST");
                format!(" OFFSET {} ROWS FETCH FIRST {} ROWS ONLY", self.rng.below(2), self.rng.below(5) + 1)
            }
            3 => {
                self.grammar("WITH TIES");
                format!(" FETCH FIRST {} ROWS WITH TIES", self.rng.below(4) + 1)
            }
            4 => " LIMIT ALL".into(),
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

    fn plain(&mut self) -> Statement {
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
        let filter = if self.rng.percent(50) {
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
            many: true,
            ordered: !order.is_empty(),
            sql: format!("SELECT {distinct}{}{from}{filter}{order}{limit}", list.join(", ")),
        }
    }

    fn grouped(&mut self) -> Statement {
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let keys: Vec<(String, Oid)> = (0..self.rng.below(3))
            .map(|_| {
                let ty = self.comparable_type(&scope);
                let depth = usize::from(self.rng.percent(30));
                (self.expr(ty, &scope, depth), ty)
            })
            .filter(|(text, _)| scope.columns.iter().any(|c| text.contains(&c.text)))
            .collect();
        let aggregates: Vec<String> =
            (0..self.rng.below(3) + 1).map(|_| self.any_aggregate(&scope)).collect();
        let names: Vec<String> = keys.iter().map(|(text, _)| text.clone()).collect();
        let mut list = names.clone();
        let by = match self.rng.below(6) {
            _ if names.is_empty() => self.rng.pick(&["", " GROUP BY ()"]).to_owned(),
            0 => self.group_by("ROLLUP", &names),
            1 => self.group_by("CUBE", &names),
            2 => {
                self.grammar("GROUPING SETS");
                format!(" GROUP BY GROUPING SETS (({}), ({}), ())", names.join(", "), names[0])
            }
            3 => {
                self.grammar("GROUP BY DISTINCT");
                format!(" GROUP BY DISTINCT ROLLUP ({}), {}", names.join(", "), names[0])
            }
            _ => format!(" GROUP BY {}", names.join(", ")),
        };
        if by.contains("ROLLUP") || by.contains("CUBE") || by.contains("SETS") {
            list.push(format!("GROUPING({})", names.join(", ")));
        }
        list.extend(aggregates);
        let having = if self.rng.percent(20) { " HAVING count(*) > 0" } else { "" };
        self.grammar("GROUP BY");
        Statement::unordered(format!("SELECT {} FROM {}{by}{having}", list.join(", "), source.text))
    }

    fn group_by(&mut self, word: &'static str, names: &[String]) -> String {
        self.grammar(word);
        format!(" GROUP BY {word} ({})", names.join(", "))
    }

    fn any_aggregate(&mut self, scope: &Scope) -> String {
        let call = self.pool.aggregates[self.rng.below(self.pool.aggregates.len())].clone();
        // Sums of floating-point numbers depend on the order; ORDER BY inside decides it.
        self.aggregate(&call, scope)
    }

    fn windowed(&mut self) -> Statement {
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let mut list: Vec<String> = source.key.clone();
        for _ in 0..self.rng.below(2) + 1 {
            let call = self.window_call(&scope);
            let over = self.window(&scope, &source.key);
            list.push(format!("{call} OVER {over}"));
        }
        self.grammar("OVER");
        let named = self.rng.percent(15).then(|| {
            self.grammar("WINDOW");
            format!(" WINDOW w AS (ORDER BY {})", source.key.join(", "))
        });
        if named.is_some() {
            list.push("row_number() OVER w, count(*) OVER (w ROWS 1 PRECEDING)".into());
        }
        Statement::unordered(format!(
            "SELECT {} FROM {}{}",
            list.join(", "),
            source.text,
            named.unwrap_or_default()
        ))
    }

    fn window_call(&mut self, scope: &Scope) -> String {
        let ty = self.comparable_type(scope);
        let value = self.expr(ty, scope, 0);
        let summed = [oid::INT4, oid::NUMERIC, oid::INT8][self.rng.below(3)];
        let number = self.expr(summed, scope, 0);
        let n = self.rng.below(3) + 1;
        match self.rng.below(16) {
            0 => "row_number()".into(),
            1 => "rank()".into(),
            2 => "dense_rank()".into(),
            3 => "percent_rank()".into(),
            4 => "cume_dist()".into(),
            5 => format!("ntile({n})"),
            6 => format!("lag({value})"),
            7 => format!("lead({value}, {n}, {value})"),
            8 => format!("first_value({value})"),
            9 => format!("last_value({value})"),
            10 => format!("nth_value({value}, {n})"),
            11 => format!("sum({number})"),
            12 => format!("avg({number})"),
            13 => format!("max({value})"),
            14 => format!("array_agg({value})"),
            _ => format!("count({value}) FILTER (WHERE {})", self.condition(scope, 1)),
        }
    }

    /// A window whose order is total, with any frame.
    fn window(&mut self, scope: &Scope, key: &[String]) -> String {
        let partition = if self.rng.percent(40) {
            let ty = self.comparable_type(scope);
            format!("PARTITION BY {} ", self.expr(ty, scope, 0))
        } else {
            String::new()
        };
        let bound = |g: &mut Generator, start: bool| match g.rng.below(5) {
            0 if start => "UNBOUNDED PRECEDING".to_owned(),
            0 => "UNBOUNDED FOLLOWING".to_owned(),
            1 => "CURRENT ROW".to_owned(),
            2 if !start => format!("{} FOLLOWING", g.rng.below(3)),
            _ if start => format!("{} PRECEDING", g.rng.below(3)),
            _ => format!("{} FOLLOWING", g.rng.below(3)),
        };
        let mode = self.rng.pick(&["ROWS", "GROUPS", "RANGE", "", ""]);
        let mut order = key.join(", ");
        let frame = match mode {
            "" => String::new(),
            "RANGE" => {
                self.grammar("RANGE frame");
                let single = key.len() == 1 && (key[0].ends_with("__key") || key[0].ends_with("c0"));
                if single {
                    let direction = self.rng.pick(&["", " DESC"]);
                    order = format!("{}{direction}", key[0]);
                    format!(" RANGE BETWEEN {} AND {}", bound(self, true), bound(self, false))
                } else {
                    " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW".into()
                }
            }
            _ => {
                self.grammar(mode);
                format!(" {mode} BETWEEN {} AND {}", bound(self, true), bound(self, false))
            }
        };
        let exclude = if frame.is_empty() {
            ""
        } else {
            self.rng.pick(&[
                "",
                "",
                "",
                " EXCLUDE CURRENT ROW",
                " EXCLUDE TIES",
                " EXCLUDE GROUP",
                " EXCLUDE NO OTHERS",
            ])
        };
        format!("({partition}ORDER BY {order}{frame}{exclude})")
    }

    fn distinct_on(&mut self) -> Statement {
        self.grammar("DISTINCT ON");
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let ty = self.comparable_type(&scope);
        let key = self.expr(ty, &scope, 1);
        let value = source.columns[self.rng.below(source.columns.len())].text.clone();
        let order = format!("{key}, {}", source.key.join(", "));
        Statement::unordered(format!(
            "SELECT DISTINCT ON ({key}) {key} AS k, {value} AS v FROM {} ORDER BY {order}",
            source.text
        ))
    }

    fn set_operation(&mut self) -> Statement {
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

    fn with_query(&mut self) -> Statement {
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
        Statement {
            many: true,
            sql: format!("WITH {name}({}) AS {how}({query}) {}", names.join(", "), body.sql),
            ordered: body.ordered,
        }
    }

    fn recursive(&mut self) -> Statement {
        self.grammar("WITH RECURSIVE");
        let ty = [oid::INT4, oid::TEXT, oid::NUMERIC][self.rng.below(3)];
        let start = literal(&mut self.rng, ty, 5);
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
}
