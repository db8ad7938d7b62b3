//! Random aggregates and GROUP BY.

use pg::{Oid, oid};

use crate::expr::Scope;
use crate::pool::Maker;
use crate::{Generator, Statement};

impl Generator {
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
            self.grammar("hypothetical-set aggregate");
            let first = args.first().cloned().unwrap_or_else(|| "1".into());
            let ty = types.first().copied().unwrap_or(oid::INT4);
            let value = self.edge_literal(ty);
            let direction = self.rng.pick(&["", " DESC", " NULLS FIRST"]);
            if self.rng.percent(40) {
                return format!(
                    "{name}({value}, 'b') WITHIN GROUP (ORDER BY {first}{direction}, 'c'::text){filter}"
                );
            }
            return format!("{name}({value}) WITHIN GROUP (ORDER BY {first}{direction}){filter}");
        }
        let rest = args.get(kind.1).cloned().unwrap_or_else(|| "1".into());
        let direction = self.rng.pick(&["", " DESC"]);
        format!("{name}({direct}) WITHIN GROUP (ORDER BY {rest}{direction}){filter}")
    }

    pub fn grouped(&mut self) -> Statement {
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

    pub fn any_aggregate(&mut self, scope: &Scope) -> String {
        let call = self.pool.aggregates[self.rng.below(self.pool.aggregates.len())].clone();
        // Sums of floating-point numbers depend on the order; ORDER BY inside decides it.
        self.aggregate(&call, scope)
    }

    /// GROUP BY in its rarer forms, and what stands around it.
    pub fn grouped_otherwise(&mut self) -> Statement {
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let ty = self.comparable_type(&scope);
        let (key, other) = (self.expr(ty, &scope, 1), self.comparable_type(&scope));
        let (other, value) = (self.expr(other, &scope, 0), self.any_aggregate(&scope));
        let from = source.text;
        Statement::unordered(match self.rng.below(9) {
            0 => {
                self.grammar("GROUP BY a place");
                format!("SELECT {value}, {key}, {other} FROM {from} GROUP BY 2, 3")
            }
            1 => {
                self.grammar("GROUP BY an alias");
                format!("SELECT {key} AS a, {other} AS b, {value} FROM {from} GROUP BY a, b")
            }
            2 => {
                self.grammar("HAVING");
                format!(
                    "SELECT {key} AS a, {value} FROM {from} GROUP BY a HAVING count(*) > 1 OR min(1) = max(1)"
                )
            }
            3 => {
                self.grammar("GROUPING in a subquery");
                format!(
                    "SELECT a, b, (SELECT GROUPING(a, b)), count(*) FROM (SELECT {key} AS a, {other} AS b FROM {from}) s GROUP BY ROLLUP (a, b)"
                )
            }
            4 => {
                self.grammar("GROUPING in HAVING");
                format!(
                    "SELECT a, b, count(*) FROM (SELECT {key} AS a, {other} AS b FROM {from}) s GROUP BY CUBE (a, b) HAVING GROUPING(a) = 0 OR GROUPING(b, a) > 2"
                )
            }
            5 => {
                self.grammar("set-returning function in GROUP BY");
                format!("SELECT generate_series(1, 2) AS g, count(*), {value} FROM {from} GROUP BY g")
            }
            6 => {
                self.grammar("grouping sets in grouping sets");
                format!(
                    "SELECT a, b, GROUPING(a), GROUPING(b), count(*) FROM (SELECT {key} AS a, {other} AS b FROM {from}) s GROUP BY GROUPING SETS (ROLLUP (a, b), CUBE (b), (a, b), ()), a"
                )
            }
            7 => {
                self.grammar("set-returning function over groups");
                format!(
                    "SELECT a, unnest(ARRAY[count(*), 7]) FROM (SELECT {key} AS a FROM {from}) s GROUP BY a"
                )
            }
            _ => {
                self.grammar("aggregate of the query outside");
                format!(
                    "SELECT a, (SELECT max(s.b) FROM (VALUES (1)) v(x) WHERE v.x <= 2), (SELECT count(s.a) + v.x FROM (VALUES (1)) v(x)) FROM (SELECT {key} AS a, 1 AS b FROM {from}) s GROUP BY a"
                )
            }
        })
    }
}
