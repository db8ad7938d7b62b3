//! From the value of an argument to what is sent for it.

use pg::{Error, Result, SqlState, Value};

use super::{ArgForm, RemoteArg};

impl RemoteArg {
    /// What is sent for a value of this argument.
    pub fn bind(&self, value: Value) -> Result<Value> {
        match self.form {
            ArgForm::Plain => Ok(value),
            ArgForm::LowerZero => Ok(with_zero(value, -0.0)),
            ArgForm::UpperZero => Ok(with_zero(value, 0.0)),
            ArgForm::LikePattern => like_pattern(value),
            ArgForm::Limit => row_count(value, MOST_ROWS, || {
                Error::new(SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT must not be negative")
            }),
            ArgForm::Offset => row_count(value, 0, || {
                Error::new(SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET must not be negative")
            }),
        }
    }
}

/// LIMIT and OFFSET are INTEGER in Hazelcast. No map has more entries than that (`IMap.size()` is an int), so that a
/// larger number means the same as this one.
const MOST_ROWS: i64 = i32::MAX as i64;

fn with_zero(value: Value, zero: f64) -> Value {
    match value {
        Value::Float8(0.0) => Value::Float8(zero),
        Value::Float4(0.0) => Value::Float4(zero as f32),
        other => other,
    }
}

fn row_count(value: Value, null: i64, negative: impl FnOnce() -> Error) -> Result<Value> {
    let count = if value.is_null() { Some(null) } else { value.as_i64() };
    match count {
        Some(count) if count >= 0 => Ok(Value::Int4(i32::try_from(count.min(MOST_ROWS)).unwrap_or(i32::MAX))),
        _ => Err(negative()),
    }
}

/// Rewrites a pattern so that backslashes stand only before `%`, `_` and themselves (`like_match.c` takes any
/// character after one).
fn like_pattern(value: Value) -> Result<Value> {
    let Value::Text(pattern) = &value else { return Ok(value) };
    if !pattern.contains('\\') {
        return Ok(value);
    }
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some(escaped @ ('%' | '_' | '\\')) => out.extend(['\\', escaped]),
            Some(other) => out.push(other),
            None => {
                let message = "LIKE pattern must not end with escape character";
                return Err(Error::new(SqlState::INVALID_ESCAPE_SEQUENCE, message));
            }
        }
    }
    Ok(Value::text(out))
}

#[cfg(test)]
mod tests {
    use pg::oid;

    use super::*;
    use crate::hazelcast::SqlType;
    use crate::query::Expr;

    fn bind(form: ArgForm, value: Value) -> Result<Value> {
        let expr = Expr::constant(Value::Null, oid::TEXT);
        RemoteArg { expr, cluster_type: SqlType::Varchar, form }.bind(value)
    }

    #[test]
    fn zeros_take_the_side_that_the_comparison_needs() {
        let lower = bind(ArgForm::LowerZero, Value::Float8(0.0)).unwrap();
        assert_eq!(lower, Value::Float8(-0.0));
        assert_eq!(bind(ArgForm::UpperZero, lower).unwrap(), Value::Float8(0.0));
        assert_eq!(bind(ArgForm::UpperZero, Value::Float8(-1.5)).unwrap(), Value::Float8(-1.5));
    }

    #[test]
    fn needless_escapes_are_dropped() {
        let pattern = bind(ArgForm::LikePattern, Value::text(r"\a\%\\b")).unwrap();
        assert_eq!(pattern.as_str(), Some(r"a\%\\b"));
        let error = bind(ArgForm::LikePattern, Value::text(r"a\")).unwrap_err();
        assert_eq!(error.code(), SqlState::INVALID_ESCAPE_SEQUENCE);
    }

    #[test]
    fn limits_are_counts() {
        assert_eq!(bind(ArgForm::Limit, Value::Null).unwrap(), Value::Int4(i32::MAX));
        assert_eq!(bind(ArgForm::Limit, Value::Int8(1 << 40)).unwrap(), Value::Int4(i32::MAX));
        assert_eq!(bind(ArgForm::Offset, Value::Null).unwrap(), Value::Int4(0));
        let error = bind(ArgForm::Limit, Value::Int8(-1)).unwrap_err();
        assert_eq!(error.code(), SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE);
    }
}
