//! `INSERT`, `SINK`, `UPDATE`, `DELETE` and `EXPLAIN`.

use pg::{Error, Result};

use super::ast::{
    Assignment, Delete, Explain, ExplainOption, Insert, InsertColumn, Statement, Target, Update, With,
};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

impl Parser<'_> {
    /// A statement that changes rows, with its WITH; `None` when none is in front.
    pub(super) fn modifying_statement(&mut self) -> Result<Option<Statement>> {
        let at = self.at;
        let with = self.with()?;
        let statement = match self.peek().word() {
            Some("insert" | "sink") => Statement::Insert(Box::new(self.insert(with)?)),
            Some("update") => Statement::Update(Box::new(self.update(with)?)),
            Some("delete") => Statement::Delete(Box::new(self.delete(with)?)),
            Some("merge") => return Err(Error::refused("MERGE").at(Some(self.pos()))),
            _ => {
                self.at = at;
                return Ok(None);
            }
        };
        Ok(Some(statement))
    }

    fn insert(&mut self, with: Option<With>) -> Result<Insert> {
        let sink = self.is("sink");
        self.advance();
        self.expect("into")?;
        let relation = self.relation_name()?;
        let alias = if self.eat("as") { Some(self.col_id()?) } else { None };
        let mut columns = Vec::new();
        if self.is_symbol('(') && !self.at_query_or_parenthesis() {
            self.advance();
            columns = self.list(Self::insert_column)?;
            self.expect_symbol(')')?;
        }
        let overriding = self.eat("overriding");
        if overriding {
            if !self.eat("user") {
                self.expect("system")?;
            }
            self.expect("value")?;
        }
        let source = if self.eat_all(&["default", "values"]) { None } else { Some(Box::new(self.query()?)) };
        let on_conflict = if self.are(&["on", "conflict"]) {
            let pos = self.pos();
            self.skip_on_conflict();
            Some(pos)
        } else {
            None
        };
        let returning = self.returning()?;
        Ok(Insert { with, sink, relation, alias, columns, source, overriding, on_conflict, returning })
    }

    /// ON CONFLICT is refused whatever it says.
    fn skip_on_conflict(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                TokenKind::End | TokenKind::Error(_) => return,
                TokenKind::Symbol('(') => depth += 1,
                TokenKind::Symbol(')') if depth == 0 => return,
                TokenKind::Symbol(')') => depth -= 1,
                TokenKind::Symbol(';') if depth == 0 => return,
                kind if depth == 0 && kind.is_word("returning") => return,
                _ => {}
            }
            self.advance();
        }
    }

    fn insert_column(&mut self) -> Result<InsertColumn> {
        let pos = self.pos();
        let name = self.col_id()?;
        let mut indirection = false;
        while self.is_symbol('.') || self.is_symbol('[') {
            indirection = true;
            if self.eat_symbol('.') {
                self.label()?;
            } else {
                self.advance();
                if !self.is_symbol(':') {
                    self.expr()?;
                }
                if self.eat_symbol(':') && !self.is_symbol(']') {
                    self.expr()?;
                }
                self.expect_symbol(']')?;
            }
        }
        Ok(InsertColumn { name, indirection, pos })
    }

    fn returning(&mut self) -> Result<Vec<Target>> {
        if self.eat("returning") { self.list(Self::target) } else { Ok(Vec::new()) }
    }

    /// `relation_expr_opt_alias`
    fn target_relation(&mut self) -> Result<(super::ast::RelationName, Option<Name>)> {
        let super::ast::TableRef::Relation { name, .. } = self.table_reference_name()? else {
            return Err(self.unexpected());
        };
        let alias = if self.eat("as") || (self.peek().is_col_id() && !self.is("set")) {
            Some(self.col_id()?)
        } else {
            None
        };
        Ok((name, alias))
    }

    fn update(&mut self, with: Option<With>) -> Result<Update> {
        self.advance();
        let (relation, alias) = self.target_relation()?;
        self.expect("set")?;
        let assignments = self.list(Self::assignment)?;
        let from = if self.eat("from") { self.list(Self::table_ref)? } else { Vec::new() };
        let filter = self.dml_filter()?;
        let returning = self.returning()?;
        Ok(Update { with, relation, alias, assignments, from, filter, returning })
    }

    fn assignment(&mut self) -> Result<Assignment> {
        let multiple = self.eat_symbol('(');
        let columns = if multiple {
            let columns = self.list(Self::insert_column)?;
            self.expect_symbol(')')?;
            columns
        } else {
            vec![self.insert_column()?]
        };
        self.expect_symbol('=')?;
        Ok(Assignment { columns, multiple, value: self.expr()? })
    }

    fn dml_filter(&mut self) -> Result<Option<super::ast::Expr>> {
        if !self.eat("where") {
            return Ok(None);
        }
        if self.are(&["current", "of"]) {
            return Err(Error::refused("WHERE CURRENT OF").at(Some(self.pos())));
        }
        self.expr().map(Some)
    }

    fn delete(&mut self, with: Option<With>) -> Result<Delete> {
        self.advance();
        self.expect("from")?;
        let (relation, alias) = self.target_relation()?;
        let using = if self.eat("using") { self.list(Self::table_ref)? } else { Vec::new() };
        let filter = self.dml_filter()?;
        let returning = self.returning()?;
        Ok(Delete { with, relation, alias, using, filter, returning })
    }

    pub(super) fn explain(&mut self) -> Result<Explain> {
        self.advance();
        let plan_for = self.eat_all(&["plan", "for"]);
        let mut options = Vec::new();
        if self.is_symbol('(') && !self.at_query_or_parenthesis() {
            self.advance();
            options = self.list(Self::explain_option)?;
            self.expect_symbol(')')?;
        } else {
            if self.is_any(&["analyze", "analyse"]) {
                let pos = self.advance().pos;
                options.push(ExplainOption { name: "analyze".to_owned(), value: None, pos });
            }
            let pos = self.pos();
            if self.eat("verbose") {
                options.push(ExplainOption { name: "verbose".to_owned(), value: None, pos });
            }
        }
        let statement = self.explainable()?;
        Ok(Explain { plan_for, options, statement })
    }

    fn explainable(&mut self) -> Result<Statement> {
        if let Some(statement) = self.modifying_statement()? {
            return Ok(statement);
        }
        if self.at_query_or_parenthesis() {
            return Ok(Statement::Query(Box::new(self.query()?)));
        }
        if self.is_any(&["declare", "execute", "create", "refresh"]) {
            return self.nested(Self::statement);
        }
        Err(self.unexpected())
    }

    fn explain_option(&mut self) -> Result<ExplainOption> {
        let pos = self.pos();
        let name = self.label()?.text.to_ascii_lowercase();
        if matches!(self.peek(), TokenKind::Symbol(',' | ')')) {
            return Ok(ExplainOption { name, value: None, pos });
        }
        let sign = if self.eat_symbol('-') { "-" } else { "" };
        let token = self.advance();
        let value = self.text.get(token.start..token.end).unwrap_or_default();
        let value = match value.strip_prefix('\'') {
            Some(text) => text.trim_end_matches('\'').to_owned(),
            None => format!("{sign}{}", value.to_ascii_lowercase()),
        };
        Ok(ExplainOption { name, value: Some(value), pos })
    }
}
