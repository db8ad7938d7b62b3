//! Errors of the cluster as PostgreSQL's. Hazelcast's own codes say little (most run-time errors are "generic"), so its
//! messages are looked at; what the member said is always kept in DETAIL.

use hazelcast_client::{Error as HzError, SqlError, member_error_code, sql_error_code};
use pg::{Error, SqlState};

/// An error of the cluster as the client of the gateway gets it.
pub fn pg_error(error: &HzError) -> Error {
    match error {
        HzError::Sql(error) => sql_error(error),
        HzError::Member(error) => match error.code() {
            member_error_code::ACCESS_CONTROL | member_error_code::SECURITY => {
                Error::new(SqlState::INSUFFICIENT_PRIVILEGE, "the cluster denies this")
                    .detail(error.to_string())
            }
            member_error_code::OUT_OF_MEMORY => {
                Error::new(SqlState::OUT_OF_MEMORY, "a member of the cluster is out of memory")
                    .detail(error.to_string())
            }
            _ => Error::internal("a member of the cluster failed").detail(error.to_string()),
        },
        HzError::NotConnected(_) | HzError::Connect { .. } | HzError::Authentication { .. } => {
            Error::new(SqlState::CONNECTION_FAILURE, "the cluster can not be reached")
                .detail(sentence(&error.to_string()))
                .hint("The gateway goes on trying. Run the statement again later.")
        }
        HzError::ConnectionLost { sent, .. } => connection_lost(error, *sent),
        HzError::Timeout { .. } => timeout(),
        HzError::Cancelled { may_go_on } => cancelled(*may_go_on),
        HzError::Overloaded(what) => {
            Error::new(SqlState(*b"53000"), "too many statements are waiting for the cluster")
                .detail(sentence(what))
        }
        HzError::ClientClosed => super::shutting_down(),
        _ => Error::internal("the cluster can not be used").detail(sentence(&error.to_string())),
    }
}

/// How a message of the SQL engine is known, and what it means.
struct Rule {
    /// A part of the message, in lower case.
    marker: &'static str,
    code: SqlState,
    message: &'static str,
}

const fn rule(marker: &'static str, code: SqlState, message: &'static str) -> Rule {
    Rule { marker, code, message }
}

/// In order: the first that fits counts.
const RULES: &[Rule] = &[
    rule("division by zero", SqlState::DIVISION_BY_ZERO, "division by zero"),
    rule("duplicate key", SqlState::UNIQUE_VIOLATION, "duplicate key value violates unique constraint"),
    rule(
        "cannot write null to",
        SqlState::NOT_NULL_VIOLATION,
        "null value in a key violates not-null constraint",
    ),
    rule(
        "cannot set null to a primitive field",
        SqlState::NOT_NULL_VIOLATION,
        "null value violates not-null constraint",
    ),
    rule("cannot assign null", SqlState::NOT_NULL_VIOLATION, "null value violates not-null constraint"),
    rule(
        "null key is not allowed",
        SqlState::NOT_NULL_VIOLATION,
        "null value in a key violates not-null constraint",
    ),
    rule("cancel_forceful", SqlState::QUERY_CANCELED, TIMED_OUT),
    rule("timeout occurred", SqlState::QUERY_CANCELED, TIMED_OUT),
    rule("prevent an outofmemoryerror", SqlState::OUT_OF_MEMORY, "out of memory"),
    rule("type mismatch", SqlState::DATA_EXCEPTION, "an entry of the map is not what its mapping says"),
    rule("failed to extract", SqlState::DATA_EXCEPTION, "an entry of the map is not what its mapping says"),
    rule("integer overflow", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"),
    rule("to integer", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"),
    rule("to bigint", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range"),
    rule("bigint overflow", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range"),
    rule("smallint", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "smallint out of range"),
    rule("tinyint", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "smallint out of range"),
    rule("overflow", SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "value out of range"),
    rule("cannot parse", SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax"),
    rule("cannot convert", SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax"),
    rule("already exists", SqlState::DUPLICATE_TABLE, "relation already exists"),
    rule("does not exist", SqlState::UNDEFINED_OBJECT, "object does not exist"),
    rule("the jet engine is disabled", SqlState(*b"58000"), "the cluster's Jet engine is disabled"),
    rule("lite members", SqlState(*b"58000"), "a lite member can not run SQL"),
    rule("cursor is not found", SqlState::CONNECTION_FAILURE, "the cluster lost the query"),
];

/// Markers that mean what their rule says only for an overflow or a conversion.
const ONLY_NUMBERS: &[&str] = &["to integer", "to bigint", "smallint", "tinyint"];

fn sql_error(error: &SqlError) -> Error {
    let text = error.root_message();
    let detail = |out: Error| if text.is_empty() { out } else { out.detail(sentence(text)) };
    match error.code {
        sql_error_code::CANCELLED_BY_USER => return cancelled(false),
        sql_error_code::TIMEOUT => return timeout(),
        sql_error_code::OBJECT_NOT_FOUND => {
            return detail(Error::new(
                SqlState::UNDEFINED_TABLE,
                "the cluster does not know a relation of this statement",
            ));
        }
        sql_error_code::CONNECTION_PROBLEM
        | sql_error_code::TOPOLOGY_CHANGE
        | sql_error_code::RESTARTABLE_ERROR
        | sql_error_code::PARTITION_DISTRIBUTION
        | sql_error_code::INDEX_INVALID => {
            return detail(Error::new(
                SqlState::SERIALIZATION_FAILURE,
                "the cluster changed while the statement ran",
            ))
            .hint("Run the statement again.");
        }
        sql_error_code::MAP_LOADING_IN_PROGRESS => {
            return detail(Error::new(
                SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "the map is still being loaded",
            ));
        }
        sql_error_code::PARSING => {
            return detail(Error::internal("the cluster refuses what the gateway made of this statement"));
        }
        _ => (),
    }
    let lower = text.to_ascii_lowercase();
    let numeric =
        lower.contains("overflow") || lower.contains("cannot convert") || lower.contains("out of range");
    let found = RULES
        .iter()
        .find(|rule| lower.contains(rule.marker) && (numeric || !ONLY_NUMBERS.contains(&rule.marker)));
    let Some(rule) = found else {
        return detail(Error::internal("the cluster can not answer this statement"));
    };
    let out = detail(Error::new(rule.code, rule.message));
    match rule.code {
        SqlState::DATA_EXCEPTION => out
            .hint("Leave the entry out with a condition on its key, write it again, or change the mapping."),
        _ => out,
    }
}

fn connection_lost(error: &HzError, sent: bool) -> Error {
    let out = Error::new(SqlState::CONNECTION_FAILURE, "the connection to the cluster was lost")
        .detail(sentence(&error.to_string()));
    match sent {
        true => out.hint("It is not known whether a statement that writes was carried out."),
        false => out.hint("Run the statement again."),
    }
}

const TIMED_OUT: &str = "canceling statement due to statement timeout";

fn timeout() -> Error {
    Error::new(SqlState::QUERY_CANCELED, TIMED_OUT)
}

/// Whether an error of [`pg_error`] says that the cluster took too long; those of cancelling have its code, too.
pub(super) fn is_timeout(error: &Error) -> bool {
    error.message() == TIMED_OUT
}

fn cancelled(may_go_on: bool) -> Error {
    let out = Error::new(SqlState::QUERY_CANCELED, "canceling statement due to user request");
    match may_go_on {
        true => out.detail("The cluster can not stop a statement that writes: it may go on there."),
        false => out,
    }
}

/// A detail is a whole sentence.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?', ')', ']']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: i32, message: &str) -> Error {
        let error = SqlError { code, message: Some(message.into()), suggestion: None, origin: None };
        pg_error(&HzError::Sql(Box::new(error)))
    }

    #[test]
    fn run_time_errors_are_known_by_their_words() {
        for (message, code, primary) in [
            ("com.hazelcast.sql.impl.QueryException: Division by zero", "22012", "division by zero"),
            (
                "BIGINT overflow in '+' operator (consider adding explicit CAST to DECIMAL)",
                "22003",
                "bigint out of range",
            ),
            ("Numeric overflow while converting BIGINT to INTEGER", "22003", "integer out of range"),
            ("Duplicate key", "23505", "duplicate key value violates unique constraint"),
            (
                "Cannot set value null to field \"n\" of type INT: Cannot set NULL to a primitive field.",
                "23502",
                "null value violates not-null constraint",
            ),
            ("Cannot parse VARCHAR value to INTEGER", "22P02", "invalid input syntax"),
            (
                "Failed to extract map entry value because of type mismatch [expectedClass=a, actualClass=b]",
                "22000",
                "an entry of the map is not what its mapping says",
            ),
            ("class a cannot be cast to class b", "XX000", "the cluster can not answer this statement"),
        ] {
            let error = of(-1, message);
            assert_eq!((error.code().as_str(), error.message()), (code, primary), "{message}");
            assert!(error.fields().detail.is_some());
        }
    }

    #[test]
    fn codes_that_say_something_count() {
        assert_eq!(of(sql_error_code::TOPOLOGY_CHANGE, "x").code(), SqlState::SERIALIZATION_FAILURE);
        assert_eq!(of(sql_error_code::CANCELLED_BY_USER, "x").code(), SqlState::QUERY_CANCELED);
        assert_eq!(of(sql_error_code::PARSING, "Encountered").code(), SqlState::INTERNAL_ERROR);
    }
}
