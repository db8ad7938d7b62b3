//! The FROM clause (`table_ref` of `gram.y`).

use pg::{Error, Result};

use super::ast::{Alias, ColumnDef, Expr, Join, Query, TableRef};
use super::parser::Parser;
use super::token::TokenKind;
use crate::query::JoinKind;

/// What stands in parentheses in FROM.
enum InParentheses {
    Query(Query),
    Table(TableRef),
}

impl Parser<'_> {
    /// `table_ref`, with the joins behind it.
    pub fn table_ref(&mut self) -> Result<TableRef> {
        self.nested(|p| {
            let first = p.table_primary()?;
            p.joins(first, false)
        })
    }

    /// Joins behind a table; with `nested`, an ON or USING in front ends them.
    fn joins(&mut self, mut left: TableRef, nested: bool) -> Result<TableRef> {
        while let Some((kind, natural, cross)) = self.join_words()? {
            self.grow(1)?;
            let pos = self.tokens.get(self.at.saturating_sub(1)).map_or(0, |t| t.pos);
            let mut join = Join {
                kind,
                natural,
                left,
                right: TableRef::Refused("", 0),
                on: None,
                using: None,
                alias: None,
                pos,
            };
            if natural || cross {
                join.right = self.table_primary()?;
            } else {
                let first = self.table_primary()?;
                join.right = self.nested(|p| p.joins(first, true))?;
                self.join_condition(&mut join)?;
            }
            left = TableRef::Join(Box::new(join));
            if nested && self.is_any(&["on", "using"]) {
                break;
            }
        }
        Ok(left)
    }

    fn join_condition(&mut self, join: &mut Join) -> Result<()> {
        if self.eat("using") {
            let columns = self.name_list()?;
            let alias = if self.eat("as") { Some(self.col_id()?) } else { None };
            join.using = Some((columns, alias));
            return Ok(());
        }
        self.expect("on")?;
        join.on = Some(self.expr()?);
        Ok(())
    }

    /// The words of a join, taken: its kind, and whether it is NATURAL or CROSS.
    fn join_words(&mut self) -> Result<Option<(JoinKind, bool, bool)>> {
        if self.eat("cross") {
            self.expect("join")?;
            return Ok(Some((JoinKind::Inner, false, true)));
        }
        let natural = self.eat("natural");
        let kind = match self.peek().word() {
            Some("join") => {
                self.advance();
                return Ok(Some((JoinKind::Inner, natural, false)));
            }
            Some("inner") => JoinKind::Inner,
            Some("left") => JoinKind::Left,
            Some("right") => JoinKind::Right,
            Some("full") => JoinKind::Full,
            _ if natural => return Err(self.unexpected()),
            _ => return Ok(None),
        };
        self.advance();
        if kind != JoinKind::Inner {
            self.eat("outer");
        }
        self.expect("join")?;
        Ok(Some((kind, natural, false)))
    }

    fn table_primary(&mut self) -> Result<TableRef> {
        let pos = self.pos();
        let lateral = self.eat("lateral");
        if self.is_symbol('(') {
            return match self.table_parentheses()? {
                InParentheses::Query(query) => self.derived_table(query, lateral, pos),
                InParentheses::Table(_) if lateral => Err(self.unexpected()),
                InParentheses::Table(table) => Ok(table),
            };
        }
        if self.is("xmltable") && self.ahead(1).kind.is_symbol('(') {
            return Err(Error::refused("XMLTABLE").at(Some(pos)));
        }
        if self.are(&["rows", "from"]) && self.ahead(2).kind.is_symbol('(') {
            return self.rows_from(lateral, pos);
        }
        // Hazelcast's TABLE(f(…)): the call by itself.
        if self.is("table") && self.ahead(1).kind.is_symbol('(') {
            self.skip(2);
            let call = self.call_in_from()?;
            self.expect_symbol(')')?;
            return self.function(vec![(call, Vec::new())], false, lateral, pos);
        }
        if lateral || (self.at_call() && !self.is("only")) {
            let call = self.call_in_from()?;
            return self.function(vec![(call, Vec::new())], false, lateral, pos);
        }
        self.table_reference()
    }

    /// A call, or one of the functions without parentheses.
    fn at_call(&self) -> bool {
        const WORDS: &[&str] = &[
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "current_role",
            "current_user",
            "session_user",
            "user",
            "current_catalog",
            "current_schema",
        ];
        if self.is_any(WORDS) {
            return true;
        }
        if self.are(&["collation", "for"]) {
            return true;
        }
        let mut n = 0;
        while self.ahead(n).kind.is_label() {
            if !self.ahead(n + 1).kind.is_symbol('.') {
                return self.ahead(n + 1).kind.is_symbol('(');
            }
            n += 2;
        }
        false
    }

    /// `relation_expr opt_alias_clause tablesample`
    fn table_reference(&mut self) -> Result<TableRef> {
        let TableRef::Relation { name, .. } = self.table_reference_name()? else {
            return Err(self.unexpected());
        };
        let alias = self.alias()?;
        let sampled = self.is("tablesample");
        if sampled {
            return Err(Error::refused("TABLESAMPLE").at(Some(self.pos())));
        }
        Ok(TableRef::Relation { name, alias, sampled })
    }

    /// `relation_expr`: nothing inherits here, so that ONLY and `*` change nothing.
    pub(super) fn table_reference_name(&mut self) -> Result<TableRef> {
        let name = if self.eat("only") {
            if self.eat_symbol('(') {
                let name = self.relation_name()?;
                self.expect_symbol(')')?;
                name
            } else {
                self.relation_name()?
            }
        } else {
            self.relation_name()?
        };
        self.eat_symbol('*');
        Ok(TableRef::Relation { name, alias: None, sampled: false })
    }

    fn table_parentheses(&mut self) -> Result<InParentheses> {
        self.nested(|p| {
            p.expect_symbol('(')?;
            if p.at_query() {
                let query = p.query()?;
                p.expect_symbol(')')?;
                return Ok(InParentheses::Query(query));
            }
            let first = if p.is_symbol('(') {
                let pos = p.pos();
                match p.table_parentheses()? {
                    InParentheses::Query(query) if p.is_symbol(')') || p.at_query_continuation() => {
                        let query = p.continue_query(query)?;
                        p.expect_symbol(')')?;
                        return Ok(InParentheses::Query(query));
                    }
                    InParentheses::Query(query) => p.derived_table(query, false, pos)?,
                    InParentheses::Table(table) => table,
                }
            } else {
                p.table_primary()?
            };
            let mut table = p.joins(first, false)?;
            p.expect_symbol(')')?;
            let TableRef::Join(join) = &mut table else {
                // Only joins may stand in parentheses.
                return Err(p.unexpected_at(p.tokens.get(p.at.saturating_sub(1)).unwrap_or(p.token())));
            };
            join.alias = join.alias.take().or(p.alias()?);
            Ok(InParentheses::Table(table))
        })
    }

    fn derived_table(&mut self, query: Query, lateral: bool, pos: u32) -> Result<TableRef> {
        let alias = self.alias()?;
        if alias.is_none() {
            let values = matches!(query.body, super::ast::QueryBody::Values(_));
            let (what, hint) = if values { ("VALUES", "(VALUES ...)") } else { ("subquery", "(SELECT ...)") };
            return Err(self
                .error_at(pos, format!("{what} in FROM must have an alias"))
                .hint(format!("For example, FROM {hint} [AS] foo.")));
        }
        Ok(TableRef::Subquery { lateral, query: Box::new(query), alias, pos })
    }

    fn rows_from(&mut self, lateral: bool, pos: u32) -> Result<TableRef> {
        self.skip(2);
        self.expect_symbol('(')?;
        let calls = self.list(|p| {
            let call = p.call_in_from()?;
            let mut columns = Vec::new();
            if p.eat("as") {
                p.expect_symbol('(')?;
                columns = p.list(Self::column_def)?;
                p.expect_symbol(')')?;
            }
            Ok((call, columns))
        })?;
        self.expect_symbol(')')?;
        self.function(calls, true, lateral, pos)
    }

    fn function(
        &mut self,
        calls: Vec<(Expr, Vec<ColumnDef>)>,
        rows_from: bool,
        lateral: bool,
        pos: u32,
    ) -> Result<TableRef> {
        let ordinality = self.eat_all(&["with", "ordinality"]);
        let (alias, columns) = self.function_alias()?;
        Ok(TableRef::Function { lateral, calls, rows_from, ordinality, alias, columns, pos })
    }

    /// `func_alias_clause`: names, or definitions, of columns.
    fn function_alias(&mut self) -> Result<(Option<Alias>, Vec<ColumnDef>)> {
        let written = self.eat("as");
        if written && self.eat_symbol('(') {
            let columns = self.list(Self::column_def)?;
            self.expect_symbol(')')?;
            return Ok((None, columns));
        }
        if !written && !self.peek().is_col_id() {
            return Ok((None, Vec::new()));
        }
        let name = self.col_id()?;
        if !self.eat_symbol('(') {
            return Ok((Some(Alias { name, columns: Vec::new() }), Vec::new()));
        }
        let plain = matches!(self.ahead(1).kind, TokenKind::Symbol(',' | ')'));
        let (mut names, mut definitions) = (Vec::new(), Vec::new());
        if plain {
            names = self.list(Self::col_id)?;
        } else {
            definitions = self.list(Self::column_def)?;
        }
        self.expect_symbol(')')?;
        Ok((Some(Alias { name, columns: names }), definitions))
    }

    fn column_def(&mut self) -> Result<ColumnDef> {
        let pos = self.pos();
        let name = self.col_id()?;
        let ty = self.type_name()?;
        if self.eat("collate") {
            self.any_name()?;
        }
        Ok(ColumnDef { name, ty, pos })
    }

    /// `opt_alias_clause`
    pub(super) fn alias(&mut self) -> Result<Option<Alias>> {
        if !self.eat("as") && !self.peek().is_col_id() {
            return Ok(None);
        }
        let name = self.col_id()?;
        let columns = if self.is_symbol('(') { self.name_list()? } else { Vec::new() };
        Ok(Some(Alias { name, columns }))
    }
}
