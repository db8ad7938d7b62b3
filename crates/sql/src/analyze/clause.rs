//! The clause in which an expression stands (`ParseExprKind`): what it may contain, and how messages call it.

use super::Analyzer;
use pg::Result;

/// Where an expression stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clause {
    /// The select list.
    #[default]
    Targets,
    JoinOn,
    FromFunction,
    FromSubquery,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrame(&'static str),
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Returning,
    Values,
    UpdateSource,
    ConflictTarget,
    ConflictPredicate,
    ExecuteParameter,
}

impl Clause {
    /// How the clause is called where aggregates must not stand; `None` where they may.
    pub fn refuses_aggregates(self) -> Option<&'static str> {
        Some(match self {
            Clause::Targets
            | Clause::Having
            | Clause::WindowPartition
            | Clause::WindowOrder
            | Clause::OrderBy
            | Clause::DistinctOn => return None,
            Clause::JoinOn => "JOIN conditions",
            Clause::FromFunction => "functions in FROM",
            Clause::FromSubquery => "FROM clause of their own query level",
            Clause::Where => "WHERE",
            Clause::Filter => "FILTER",
            Clause::WindowFrame(unit) => match unit {
                "RANGE" => "window RANGE",
                "ROWS" => "window ROWS",
                _ => "window GROUPS",
            },
            Clause::GroupBy => "GROUP BY",
            Clause::Limit => "LIMIT",
            Clause::Offset => "OFFSET",
            Clause::Returning => "RETURNING",
            Clause::Values => "VALUES",
            Clause::UpdateSource => "UPDATE",
            Clause::ConflictTarget => "index expressions",
            Clause::ConflictPredicate => "index predicates",
            Clause::ExecuteParameter => "EXECUTE parameters",
        })
    }

    /// As [`Clause::refuses_aggregates`], for window functions.
    pub fn refuses_windows(self) -> Option<&'static str> {
        match self {
            Clause::Having => Some("HAVING"),
            Clause::WindowPartition | Clause::WindowOrder => Some("window definitions"),
            Clause::WindowFrame(_) => Some("window definitions"),
            other => other.refuses_aggregates(),
        }
    }

    /// As [`Clause::refuses_aggregates`], for functions that return sets.
    pub fn refuses_sets(self) -> Option<&'static str> {
        match self {
            Clause::FromFunction | Clause::GroupBy | Clause::Returning | Clause::Values => match self {
                Clause::Returning => Some("RETURNING"),
                Clause::Values => Some("VALUES"),
                _ => None,
            },
            Clause::Having => Some("HAVING"),
            Clause::WindowPartition | Clause::WindowOrder => None,
            Clause::WindowFrame(_) => Some("window definitions"),
            other => other.refuses_aggregates(),
        }
    }
}

impl Analyzer<'_> {
    /// The clause under analysis.
    pub(super) fn clause(&self) -> Clause {
        self.scopes.last().map_or(Clause::Targets, |scope| scope.clause)
    }

    /// Analyses something in a clause.
    pub(super) fn in_clause<T>(
        &mut self,
        clause: Clause,
        f: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = self.clause();
        if let Some(scope) = self.scopes.last_mut() {
            scope.clause = clause;
        }
        let result = f(self);
        if let Some(scope) = self.scopes.last_mut() {
            scope.clause = before;
        }
        result
    }
}
