//! `INSERT`, `SINK`, `UPDATE`, `DELETE` and `EXPLAIN`.

use pg::{Error, Result};

use super::ast::{
    Assignment, ColumnPart, ConflictColumn, ConflictTarget, Delete, Explain, ExplainOption, Expr, ExprKind,
    Insert, InsertColumn, OnConflict, Statement, Target, Update, With,
};
use super::parser::Parser;
use super::token::TokenKind;
use crate::catalog::Name;

impl Parser<'_> {
    /// A statement that changes rows, with its WITH; `None` when none is in front.
    pub(super) fn modifying_statement(&mut self) -> Result<Option<Statement>> {
        let at = self.at;
        let with = self.with()?;
        if !self.at_change() {
            self.at = at;
            return Ok(None);
        }
        self.change(with).map(Some)
    }

    /// Whether a statement that changes rows stands here, behind its WITH.
    pub(super) fn at_change(&self) -> bool {
        matches!(self.peek().word(), Some("insert" | "sink" | "update" | "delete" | "merge"))
    }

    /// A statement that changes rows, whose WITH has been read.
    pub(super) fn change(&mut self, with: Option<With>) -> Result<Statement> {
        Ok(match self.peek().word() {
            Some("insert" | "sink") => Statement::Insert(Box::new(self.insert(with)?)),
            Some("update") => Statement::Update(Box::new(self.update(with)?)),
            Some("delete") => Statement::Delete(Box::new(self.delete(with)?)),
            Some("merge") => return Err(Error::refused("MERGE").at(Some(self.pos()))),
            _ => return Err(self.unexpected()),
        })
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
        if self.eat("overriding") {
            // What is written is kept anyhow: no column is made by its table.
            if !self.eat("user") {
                self.expect("system")?;
            }
            self.expect("value")?;
        }
        let source = if self.eat_all(&["default", "values"]) { None } else { Some(Box::new(self.query()?)) };
        let on_conflict = if self.are(&["on", "conflict"]) { Some(self.on_conflict()?) } else { None };
        let returning = self.returning()?;
        Ok(Insert { with, sink, relation, alias, columns, source, on_conflict, returning })
    }

    /// `opt_on_conflict`
    fn on_conflict(&mut self) -> Result<OnConflict> {
        let pos = self.pos();
        self.eat_all(&["on", "conflict"]);
        let at = self.pos();
        let target = if self.eat_symbol('(') {
            let columns = self.list(|p| p.conflict_column(at))?;
            self.expect_symbol(')')?;
            Some(ConflictTarget::Columns(columns, self.dml_filter()?))
        } else if self.eat_all(&["on", "constraint"]) {
            Some(ConflictTarget::Constraint(self.col_id()?))
        } else {
            None
        };
        self.expect("do")?;
        if self.eat("nothing") {
            return Ok(OnConflict { target, update: None, pos });
        }
        self.expect("update")?;
        self.expect("set")?;
        let assignments = self.list(Self::assignment)?;
        let filter = self.dml_filter()?;
        Ok(OnConflict { target, update: Some((assignments, filter)), pos })
    }

    /// `index_elem`; a plain column has the position of the whole list.
    fn conflict_column(&mut self, at: u32) -> Result<ConflictColumn> {
        let plain = !self.is_symbol('(');
        let mut expr = self.c_expr()?;
        if plain && matches!(expr.kind, ExprKind::Column(_)) {
            expr.pos = at;
        }
        if self.is("collate") {
            let pos = self.pos();
            self.advance();
            expr = Expr::new(ExprKind::Collate(Box::new(expr), self.any_name()?), pos);
        }
        // An operator class may stand here: any orders the key.
        if !self.is_any(&["asc", "desc", "nulls"]) && self.peek().is_col_id() {
            self.col_id()?;
            while self.eat_symbol('.') {
                self.label()?;
            }
        }
        let mut ordering = None;
        if self.eat("asc") || self.eat("desc") {
            ordering = Some("ASC/DESC");
        }
        if self.eat_all(&["nulls", "first"]) || self.eat_all(&["nulls", "last"]) {
            ordering = ordering.or(Some("NULLS FIRST/LAST"));
        }
        Ok(ConflictColumn { expr, ordering })
    }

    fn insert_column(&mut self) -> Result<InsertColumn> {
        let pos = self.pos();
        let name = self.col_id()?;
        let mut part = None;
        while self.is_symbol('.') || self.is_symbol('[') {
            if self.eat_symbol('.') {
                let field = self.label()?;
                part.get_or_insert(ColumnPart::Field(field));
            } else {
                part.get_or_insert(ColumnPart::Element);
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
        Ok(InsertColumn { name, part, pos })
    }

    fn returning(&mut self) -> Result<Vec<Target>> {
        if self.eat("returning") { self.list(Self::target) } else { Ok(Vec::new()) }
    }

    /// `TruncateStmt`
    pub(super) fn truncate(&mut self) -> Result<Statement> {
        self.advance();
        self.eat("table");
        let tables = self.list(|p| match p.table_reference_name()? {
            super::ast::TableRef::Relation { name, .. } => Ok(name),
            _ => Err(p.unexpected()),
        })?;
        // There are no sequences, and nothing refers to a table.
        if self.eat("restart") || self.eat("continue") {
            self.expect("identity")?;
        }
        if !self.eat("cascade") {
            self.eat("restrict");
        }
        Ok(Statement::Truncate(tables))
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

    fn dml_filter(&mut self) -> Result<Option<Expr>> {
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
