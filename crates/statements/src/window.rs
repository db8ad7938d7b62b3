//! Random windows.

use pg::oid;

use crate::expr::Scope;
use crate::{Generator, Statement};

impl Generator {
    pub fn windowed(&mut self) -> Statement {
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
        let (order, frame) = self.frame(key);
        format!("({partition}ORDER BY {order}{frame})")
    }

    /// Windows that are made of windows, over rows or over groups, and sorted by.
    pub fn window_chain(&mut self) -> Statement {
        let source = self.from(&Scope::default(), 1);
        let scope = Scope { columns: source.columns.clone(), ..Scope::default() };
        let ty = self.comparable_type(&scope);
        let part = self.expr(ty, &scope, 0);
        if self.rng.percent(40) {
            self.grammar("window over groups");
            let call = self.rng.pick(&[
                "rank() OVER (ORDER BY count(*) DESC)",
                "sum(count(*)) OVER ()",
                "max(count(*)) OVER (PARTITION BY count(*) > 1)",
                "count(count(*)) FILTER (WHERE true) OVER ()",
                "sum(sum(1)) OVER (ORDER BY count(*) GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)",
            ]);
            let aliased = format!("SELECT {part} AS k FROM {}", source.text);
            return Statement::unordered(format!("SELECT k, count(*), {call} FROM ({aliased}) s GROUP BY k"));
        }
        self.grammar("window of a window");
        let (order, frame) = self.frame(&source.key);
        let call = self.window_call(&scope);
        let other = self.window_call(&scope);
        let sort = if self.rng.percent(30) {
            self.grammar("ORDER BY a window");
            format!(" ORDER BY row_number() OVER b DESC, {}", source.key.join(", "))
        } else {
            String::new()
        };
        Statement {
            ordered: !sort.is_empty(),
            ..Statement::unordered(format!(
                "SELECT {}, {call} OVER (b{frame}), {other} OVER b FROM {} WINDOW a AS (PARTITION BY {part}), b AS (a ORDER BY {order}){sort}",
                source.key.join(", "),
                source.text
            ))
        }
    }
}
