//! Queries: `SelectStmt` of `gram.y`, with its clauses.

use pg::{Error, Result, SqlState};

use super::ast::{
    Cte, Cycle, Expr, ExprKind, Frame, FrameBound, GroupItem, Literal, Locking, Query, QueryBody, Search,
    Select, SortBy, Statement, Target, WindowDef, With,
};
use super::lexer::is_bare_label;
use super::parser::Parser;
use super::token::TokenKind;
use crate::query::{FrameExclude, FrameUnit, SetOperationKind};

impl Parser<'_> {
    /// Whether a query is in front (not in parentheses).
    pub(super) fn at_query(&self) -> bool {
        self.is_any(&["select", "values", "with", "table"])
    }

    /// Whether what stands behind a query in parentheses makes it part of a larger query.
    pub(super) fn at_query_continuation(&self) -> bool {
        self.is_any(&["union", "intersect", "except", "order", "limit", "offset", "fetch", "for"])
    }

    /// Whether a query is in front, in parentheses or not.
    pub(super) fn at_query_or_parenthesis(&self) -> bool {
        let mut n = 0;
        while self.ahead(n).kind.is_symbol('(') {
            n += 1;
        }
        ["select", "values", "with", "table"].iter().any(|w| self.ahead(n).kind.is_word(w))
    }

    /// `SelectStmt`
    pub fn query(&mut self) -> Result<Query> {
        self.nested(|p| {
            let pos = p.pos();
            let with = p.with()?;
            p.query_behind(with, pos)
        })
    }

    /// A query whose WITH, which stands there, has been read.
    fn query_behind(&mut self, with: Option<With>, pos: u32) -> Result<Query> {
        let first = self.query_primary()?;
        let mut query = self.continue_query(first)?;
        if with.is_some() {
            if query.with.is_some() {
                return Err(self.error_at(pos, "multiple WITH clauses not allowed"));
            }
            query.with = with;
        }
        Ok(query)
    }

    /// What may stand behind a first query: set operations, then ORDER BY and the rest.
    pub(super) fn continue_query(&mut self, first: Query) -> Result<Query> {
        let mut query = self.set_operations(first, 1)?;
        self.query_tail(&mut query)?;
        Ok(query)
    }

    fn query_primary(&mut self) -> Result<Query> {
        if self.is_symbol('(') { self.query_in_parentheses() } else { self.simple_query() }
    }

    /// `select_with_parens`
    pub(super) fn query_in_parentheses(&mut self) -> Result<Query> {
        self.expect_symbol('(')?;
        let query = self.query()?;
        self.expect_symbol(')')?;
        Ok(query)
    }

    fn simple_query(&mut self) -> Result<Query> {
        let pos = self.pos();
        if self.eat("values") {
            let rows = self.list(|p| {
                p.expect_symbol('(')?;
                let row = p.expr_list()?;
                p.expect_symbol(')')?;
                Ok(row)
            })?;
            return Ok(Query::of(QueryBody::Values(rows), pos));
        }
        if self.eat("table") {
            let name = self.table_reference_name()?;
            let star = Expr::new(ExprKind::Star(Vec::new()), 0);
            let targets = vec![Target { name: None, expr: star, pos: 0 }];
            let select = Select { targets, from: vec![name], ..Select::default() };
            return Ok(Query::of(QueryBody::Select(Box::new(select)), pos));
        }
        self.expect("select")?;
        let select = self.select()?;
        Ok(Query::of(QueryBody::Select(Box::new(select)), pos))
    }

    /// UNION and EXCEPT bind alike, INTERSECT tighter; all to the left.
    fn set_operations(&mut self, mut left: Query, min: u8) -> Result<Query> {
        loop {
            let (kind, level) = match self.peek().word() {
                Some("union") => (SetOperationKind::Union, 1),
                Some("except") => (SetOperationKind::Except, 1),
                Some("intersect") => (SetOperationKind::Intersect, 2),
                _ => return Ok(left),
            };
            if level < min {
                return Ok(left);
            }
            self.grow(1)?;
            self.advance();
            let all = self.eat("all");
            if !all {
                self.eat("distinct");
            }
            let primary = self.query_primary()?;
            let right = self.set_operations(primary, level + 1)?;
            let pos = left.pos;
            let (left_side, right_side) = (Box::new(left), Box::new(right));
            left = Query::of(QueryBody::SetOperation { kind, all, left: left_side, right: right_side }, pos);
        }
    }

    /// `ORDER BY`, `LIMIT`, `OFFSET`, `FETCH`, `FOR` (`insertSelectOptions`).
    fn query_tail(&mut self, query: &mut Query) -> Result<()> {
        if self.is("order") {
            let order_by = self.order_by()?;
            if !query.order_by.is_empty() {
                let pos = order_by.first().map_or(0, |key| key.expr.location());
                return Err(self.error_at(pos, "multiple ORDER BY clauses not allowed"));
            }
            query.order_by = order_by;
        }
        let (mut limited, mut moved) = (false, false);
        loop {
            let pos = self.pos();
            if self.is("for") && !self.ahead(1).kind.is_word("ordinality") {
                self.locking(query)?;
            } else if !limited && self.eat("limit") {
                limited = true;
                let limit = self.limit()?;
                if self.eat_symbol(',') {
                    self.expr()?;
                    return Err(self
                        .error_at(pos, "LIMIT #,# syntax is not supported")
                        .hint("Use separate LIMIT and OFFSET clauses."));
                }
                self.set_limit(query, limit)?;
            } else if !limited && self.is("fetch") {
                limited = true;
                self.fetch_first(query)?;
            } else if !moved && self.eat("offset") {
                moved = true;
                let offset = self.expr()?;
                if !self.eat("row") {
                    self.eat("rows");
                }
                let pos = offset.location();
                if query.offset.replace(offset).is_some() {
                    return Err(self.error_at(pos, "multiple OFFSET clauses not allowed"));
                }
            } else {
                return Ok(());
            }
        }
    }

    fn set_limit(&mut self, query: &mut Query, limit: Expr) -> Result<()> {
        let pos = limit.location();
        match query.limit.replace(limit) {
            None => Ok(()),
            Some(_) => Err(self.error_at(pos, "multiple LIMIT clauses not allowed")),
        }
    }

    fn limit(&mut self) -> Result<Expr> {
        let pos = self.pos();
        if self.eat("all") {
            return Ok(Expr::new(ExprKind::Const(Literal::Null), pos));
        }
        self.expr()
    }

    /// `FETCH FIRST n ROWS ONLY`: n is a plain operand, 1 when left out.
    fn fetch_first(&mut self, query: &mut Query) -> Result<()> {
        self.advance();
        if !self.eat("first") {
            self.expect("next")?;
        }
        let limit = if self.is_any(&["row", "rows"]) {
            Expr::new(ExprKind::Const(Literal::Integer(1)), 0)
        } else {
            self.b_expr()?
        };
        if !self.eat("row") {
            self.expect("rows")?;
        }
        if self.eat("only") {
            return self.set_limit(query, limit);
        }
        self.expect("with")?;
        self.expect("ties")?;
        if query.order_by.is_empty() {
            return Err(Error::new(
                SqlState::SYNTAX_ERROR,
                "WITH TIES cannot be specified without ORDER BY clause",
            ));
        }
        query.with_ties = true;
        self.set_limit(query, limit)
    }

    fn locking(&mut self, query: &mut Query) -> Result<()> {
        self.advance();
        if self.are(&["read", "only"]) {
            self.skip(2);
            return Ok(());
        }
        let strength = if self.eat("update") {
            "UPDATE"
        } else if self.eat_all(&["no", "key", "update"]) {
            "NO KEY UPDATE"
        } else if self.eat("share") {
            "SHARE"
        } else if self.eat_all(&["key", "share"]) {
            "KEY SHARE"
        } else {
            return Err(self.unexpected());
        };
        let mut tables = Vec::new();
        if self.eat("of") {
            tables = self.list(Self::relation_name)?;
        }
        if !self.eat("nowait") {
            self.eat_all(&["skip", "locked"]);
        }
        query.locking.push(Locking { strength, tables });
        Ok(())
    }

    pub(super) fn order_by(&mut self) -> Result<Vec<SortBy>> {
        self.expect("order")?;
        self.expect("by")?;
        self.list(|p| {
            let expr = p.expr()?;
            let mut sort = SortBy { expr, descending: false, nulls_first: None, using: None };
            if p.eat("using") {
                let pos = p.pos();
                sort.using = Some((p.operator_name()?, pos));
            } else if p.eat("desc") {
                sort.descending = true;
            } else {
                p.eat("asc");
            }
            if p.eat_all(&["nulls", "first"]) {
                sort.nulls_first = Some(true);
            } else if p.eat_all(&["nulls", "last"]) {
                sort.nulls_first = Some(false);
            }
            Ok(sort)
        })
    }

    pub(super) fn with(&mut self) -> Result<Option<With>> {
        if !self.eat("with") {
            return Ok(None);
        }
        // A common table expression may have that name.
        let next = &self.ahead(1).kind;
        let is_name = next.is_symbol('(') || next.is_word("as");
        let recursive = !is_name && self.eat("recursive");
        // Each may be written in the place where the next refers to it.
        let ctes = self.stacked(Self::cte)?;
        Ok(Some(With { recursive, ctes }))
    }

    fn cte(&mut self) -> Result<Cte> {
        let pos = self.pos();
        let name = self.col_id()?;
        let columns = if self.is_symbol('(') { self.name_list()? } else { Vec::new() };
        self.expect("as")?;
        let materialized = if self.eat("materialized") {
            Some(true)
        } else if self.eat_all(&["not", "materialized"]) {
            Some(false)
        } else {
            None
        };
        self.expect_symbol('(')?;
        let statement = self.nested(|p| {
            // A WITH may stand before either; it is read once.
            let pos = p.pos();
            let with = p.with()?;
            if p.at_change() {
                return p.change(with);
            }
            if with.is_none() && !p.at_query_or_parenthesis() {
                return Err(p.unexpected());
            }
            p.query_behind(with, pos).map(|query| Statement::Query(Box::new(query)))
        })?;
        self.expect_symbol(')')?;
        let search = if self.is("search") { Some(self.search()?) } else { None };
        let cycle = if self.is("cycle") { Some(self.cycle()?) } else { None };
        Ok(Cte { name, columns, materialized, statement: Box::new(statement), search, cycle, pos })
    }

    /// `opt_search_clause`
    fn search(&mut self) -> Result<Search> {
        let pos = self.pos();
        self.expect("search")?;
        let breadth_first = self.eat("breadth");
        if !breadth_first {
            self.expect("depth")?;
        }
        self.expect("first")?;
        self.expect("by")?;
        let by = self.list(Parser::col_id)?;
        self.expect("set")?;
        Ok(Search { breadth_first, by, sequence: self.col_id()?, pos })
    }

    /// `opt_cycle_clause`
    fn cycle(&mut self) -> Result<Cycle> {
        let pos = self.pos();
        self.expect("cycle")?;
        let columns = self.list(Parser::col_id)?;
        self.expect("set")?;
        let mark = self.col_id()?;
        let values = if self.eat("to") {
            let value = self.literal()?;
            self.expect("default")?;
            Some((value, self.literal()?))
        } else {
            None
        };
        self.expect("using")?;
        Ok(Cycle { columns, mark, values, path: self.col_id()?, pos })
    }

    /// `AexprConst`: a literal, with or without a type before it.
    fn literal(&mut self) -> Result<Expr> {
        let token = self.token().clone();
        let expr = self.b_expr()?;
        match expr.kind {
            ExprKind::Const(_) | ExprKind::Cast(..) => Ok(expr),
            _ => Err(self.unexpected_at(&token)),
        }
    }

    fn select(&mut self) -> Result<Select> {
        let mut select = Select::default();
        if self.eat("distinct") {
            let mut on = Vec::new();
            if self.eat("on") {
                self.expect_symbol('(')?;
                on = self.expr_list()?;
                self.expect_symbol(')')?;
            }
            select.distinct = Some(on);
        } else {
            self.eat("all");
        }
        if !self.at_end_of_targets() {
            select.targets = self.list(Self::target)?;
        } else if select.distinct.is_some() {
            return Err(self.unexpected());
        }
        if self.is("into") {
            select.into = Some(self.pos());
            return Err(Error::refused("SELECT INTO").at(Some(self.pos())));
        }
        if self.eat("from") {
            // The items are joined from left to right.
            select.from = self.list(|p| p.grow(1).and_then(|()| p.table_ref()))?;
        }
        if self.eat("where") {
            select.filter = Some(self.expr()?);
        }
        if self.eat("group") {
            self.expect("by")?;
            select.group_distinct = self.eat("distinct");
            if !select.group_distinct {
                self.eat("all");
            }
            select.group_by = self.list(Self::group_item)?;
        }
        if self.eat("having") {
            select.having = Some(self.expr()?);
        }
        if self.eat("window") {
            select.windows = self.list(Self::named_window)?;
        }
        Ok(select)
    }

    fn at_end_of_targets(&self) -> bool {
        const WORDS: &[&str] = &[
            "from",
            "where",
            "group",
            "having",
            "window",
            "union",
            "intersect",
            "except",
            "order",
            "limit",
            "offset",
            "fetch",
            "for",
            "into",
        ];
        self.is_any(WORDS) || matches!(self.peek(), TokenKind::End | TokenKind::Symbol(')' | ';'))
    }

    pub(super) fn target(&mut self) -> Result<Target> {
        let pos = self.pos();
        if self.eat_symbol('*') {
            return Ok(Target { name: None, expr: Expr::new(ExprKind::Star(Vec::new()), pos), pos });
        }
        let expr = self.expr()?;
        let name = if self.eat("as") {
            Some(self.label()?)
        } else {
            match self.peek() {
                TokenKind::Word { folded, .. } if is_bare_label(folded) => Some(self.label()?),
                TokenKind::Quoted(_) => Some(self.label()?),
                _ => None,
            }
        };
        Ok(Target { name, expr, pos })
    }

    fn group_item(&mut self) -> Result<GroupItem> {
        let pos = self.pos();
        let open = self.ahead(1).kind.is_symbol('(');
        if self.is_symbol('(') && self.ahead(1).kind.is_symbol(')') {
            self.skip(2);
            return Ok(GroupItem::Empty);
        }
        if open && self.is_any(&["rollup", "cube"]) {
            let rollup = self.is("rollup");
            self.skip(2);
            let exprs = self.expr_list()?;
            self.expect_symbol(')')?;
            return Ok(if rollup { GroupItem::Rollup(exprs, pos) } else { GroupItem::Cube(exprs, pos) });
        }
        if self.are(&["grouping", "sets"]) {
            self.skip(2);
            self.expect_symbol('(')?;
            let items = self.nested(|p| p.list(Self::group_item))?;
            self.expect_symbol(')')?;
            return Ok(GroupItem::Sets(items, pos));
        }
        Ok(GroupItem::Expr(self.expr()?))
    }

    fn named_window(&mut self) -> Result<WindowDef> {
        let name = self.col_id()?;
        self.expect("as")?;
        Ok(WindowDef { name: Some(name), ..self.window_specification()? })
    }

    /// Behind `OVER`.
    pub(super) fn over(&mut self) -> Result<WindowDef> {
        let pos = self.pos();
        if self.is_symbol('(') {
            return self.window_specification();
        }
        let name = Some(self.col_id()?);
        Ok(WindowDef { name, base: None, partition_by: Vec::new(), order_by: Vec::new(), frame: None, pos })
    }

    fn window_specification(&mut self) -> Result<WindowDef> {
        let pos = self.pos();
        self.expect_symbol('(')?;
        let framed = self.is_any(&["partition", "order", "range", "rows", "groups"]);
        let base = if self.peek().is_col_id() && !framed { Some(self.col_id()?) } else { None };
        let mut partition_by = Vec::new();
        if self.eat("partition") {
            self.expect("by")?;
            partition_by = self.expr_list()?;
        }
        let order_by = if self.is("order") { self.order_by()? } else { Vec::new() };
        let frame = self.frame()?;
        self.expect_symbol(')')?;
        Ok(WindowDef { name: None, base, partition_by, order_by, frame, pos })
    }

    fn frame(&mut self) -> Result<Option<Frame>> {
        let unit = match self.peek().word() {
            Some("range") => FrameUnit::Range,
            Some("rows") => FrameUnit::Rows,
            Some("groups") => FrameUnit::Groups,
            _ => return Ok(None),
        };
        self.advance();
        let between = self.eat("between");
        let start_at = self.pos();
        let start = self.frame_bound()?;
        let mut end_at = start_at;
        let end = if between {
            self.expect("and")?;
            end_at = self.pos();
            self.frame_bound()?
        } else {
            FrameBound::CurrentRow
        };
        self.check_bounds((&start, start_at), (&end, end_at), between)?;
        let exclude = if self.eat("exclude") {
            if self.eat_all(&["current", "row"]) {
                FrameExclude::CurrentRow
            } else if self.eat("group") {
                FrameExclude::Group
            } else if self.eat("ties") {
                FrameExclude::Ties
            } else {
                self.expect("no")?;
                self.expect("others")?;
                FrameExclude::NoOthers
            }
        } else {
            FrameExclude::NoOthers
        };
        Ok(Some(Frame { unit, start, end, exclude }))
    }

    /// `frame_extent`
    fn check_bounds(
        &self,
        (start, start_at): (&FrameBound, u32),
        (end, end_at): (&FrameBound, u32),
        between: bool,
    ) -> Result<()> {
        use FrameBound as Bound;
        let wrong = |what: &str, at| Err(Error::new(SqlState::WINDOWING_ERROR, what).at(Some(at)));
        match (start, end) {
            (Bound::UnboundedFollowing, _) => wrong("frame start cannot be UNBOUNDED FOLLOWING", start_at),
            (_, Bound::UnboundedPreceding) => wrong("frame end cannot be UNBOUNDED PRECEDING", end_at),
            (Bound::CurrentRow, Bound::Preceding(_)) => {
                wrong("frame starting from current row cannot have preceding rows", end_at)
            }
            (Bound::Following(_), Bound::CurrentRow) if !between => {
                wrong("frame starting from following row cannot end with current row", start_at)
            }
            (Bound::Following(_), Bound::Preceding(_) | Bound::CurrentRow) => {
                wrong("frame starting from following row cannot have preceding rows", end_at)
            }
            _ => Ok(()),
        }
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.eat_all(&["unbounded", "preceding"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.eat_all(&["unbounded", "following"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        if self.eat_all(&["current", "row"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let offset = self.expr()?;
        if self.eat("preceding") {
            return Ok(FrameBound::Preceding(offset));
        }
        self.expect("following")?;
        Ok(FrameBound::Following(offset))
    }
}
