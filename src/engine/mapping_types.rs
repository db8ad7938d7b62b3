//! The type names in CREATE MAPPING and CREATE TYPE. One that Hazelcast does not know is accepted by it, and from then on
//! every statement of the whole cluster fails until an entry of a hidden map is removed: such a name must never get there.

use std::ops::Range;

use pg::{Error, Result, SqlState};
use sql::hazelcast::SqlType;
use sql::parse::{Token, TokenKind, tokenize};

/// Checks the column list of a statement, if it has one. `known` are types that users have defined.
pub(super) fn check_types(whole: &str, statement: Range<usize>, known: &[String]) -> Result<()> {
    let tokens: Vec<Token> =
        tokenize(whole).into_iter().filter(|token| statement.contains(&token.start)).collect();
    let Some(open) = column_list(&tokens) else { return Ok(()) };
    let mut rest = tokens.get(open + 1..).unwrap_or_default();
    loop {
        // A column: its name, its type, and perhaps EXTERNAL NAME.
        let column: &[Token] = rest.get(1..).unwrap_or_default();
        let end = column.iter().position(|token| ends_type(&token.kind)).unwrap_or(column.len());
        check_type(column.get(..end).unwrap_or_default(), known)?;
        let next = column.iter().position(|token| is_symbol(&token.kind, &[',', ')']));
        match next {
            Some(next) if is_symbol(&column[next].kind, &[',']) => rest = &column[next + 1..],
            _ => return Ok(()),
        }
    }
}

/// Where the column list begins: at the first parenthesis, unless OPTIONS stand before it.
fn column_list(tokens: &[Token]) -> Option<usize> {
    let open = tokens.iter().position(|token| is_symbol(&token.kind, &['(']))?;
    let before = tokens.get(..open)?;
    let options = before.last().and_then(|token| token.kind.word()) == Some("options");
    (!options).then_some(open)
}

/// What follows a type: the next column, the end of the list, EXTERNAL NAME. Parentheses never do: Hazelcast knows no
/// modifiers.
fn ends_type(kind: &TokenKind) -> bool {
    is_symbol(kind, &[',', ')']) || kind.word() == Some("external")
}

fn is_symbol(kind: &TokenKind, symbols: &[char]) -> bool {
    matches!(kind, TokenKind::Symbol(symbol) if symbols.contains(symbol))
}

fn check_type(tokens: &[Token], known: &[String]) -> Result<()> {
    let mut name = Vec::new();
    for token in tokens {
        match &token.kind {
            TokenKind::Word { text, .. } => name.push(text.to_string()),
            TokenKind::Quoted(text) if known.iter().any(|known| **known == **text) => return Ok(()),
            _ => break,
        }
    }
    let name = name.join(" ");
    let complete = tokens.iter().all(|token| token.kind.word().is_some());
    // Unquoted names of user-defined types are as they were written.
    if complete && (SqlType::by_name(&name).is_some_and(can_be_declared) || known.contains(&name)) {
        return Ok(());
    }
    let position = tokens.first().map(|token| token.pos);
    let written = if name.is_empty() { "this".to_owned() } else { format!("\"{name}\"") };
    let error = Error::new(SqlState::UNDEFINED_OBJECT, format!("type {written} does not exist"))
        .detail("Hazelcast would accept the name, and then fail every statement that reads its catalog.");
    Err(match suggestion(&name) {
        Some(suggested) => error.hint(format!("Hazelcast's type is {suggested}.")),
        None => error,
    }
    .at(position))
}

/// Types of results only can't be declared.
fn can_be_declared(sql_type: SqlType) -> bool {
    !matches!(sql_type, SqlType::Null | SqlType::Row)
}

/// Hazelcast's name for what PostgreSQL calls otherwise.
fn suggestion(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "text" | "varchar" | "char" | "character" | "string" | "bpchar" | "name" => "VARCHAR",
        "int2" => "SMALLINT",
        "int4" | "serial" => "INTEGER",
        "int8" | "long" | "bigserial" => "BIGINT",
        "float4" => "REAL",
        "float8" | "float" => "DOUBLE",
        "bool" => "BOOLEAN",
        "decimal" | "numeric" => "DECIMAL",
        "timestamptz" => "TIMESTAMP WITH TIME ZONE",
        "jsonb" => "JSON",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str) -> Result<()> {
        check_types(sql, 0..sql.len(), &["Address".to_owned()])
    }

    #[test]
    fn known_types_pass() {
        for sql in [
            "CREATE MAPPING m (__key INT, name VARCHAR EXTERNAL NAME \"this.name\") TYPE IMap OPTIONS ('a'='b')",
            "CREATE OR REPLACE EXTERNAL MAPPING IF NOT EXISTS m EXTERNAL NAME \"x\" (a TIMESTAMP WITH TIME ZONE, b double precision) TYPE IMap",
            "CREATE MAPPING m TYPE IMap OPTIONS ('keyFormat'='int', 'valueFormat'='varchar')",
            "CREATE MAPPING m (a Address, b \"Address\") TYPE IMap",
            "CREATE TYPE t (a BIGINT)",
        ] {
            check(sql).unwrap();
        }
    }

    #[test]
    fn unknown_types_never_reach_the_cluster() {
        for (sql, name, position) in [
            ("CREATE MAPPING m (__key INT, v TEXT) TYPE IMap", "\"TEXT\"", 32),
            ("CREATE MAPPING m (v INTT EXTERNAL NAME x)", "\"INTT\"", 21),
            ("CREATE MAPPING m (a INT, b VARCHAR(10), c INT)", "\"VARCHAR\"", 28),
            ("CREATE MAPPING m (a DECIMAL(10, 2))", "\"DECIMAL\"", 21),
            ("CREATE MAPPING m (a address)", "\"address\"", 21),
            ("CREATE MAPPING m (a \"INT\")", "this", 21),
            ("CREATE MAPPING m (a INT NOT NULL)", "\"INT NOT NULL\"", 21),
        ] {
            let error = check(sql).unwrap_err();
            assert_eq!(error.message(), format!("type {name} does not exist"), "{sql}");
            assert_eq!(error.fields().position, Some(position), "{sql}");
        }
        assert_eq!(
            check("CREATE MAPPING m (a float8)").unwrap_err().fields().hint.as_deref(),
            Some("Hazelcast's type is DOUBLE.")
        );
    }

    #[test]
    fn half_a_statement_is_the_clusters_to_refuse() {
        for sql in
            ["CREATE MAPPING m (", "CREATE MAPPING m (a", "CREATE MAPPING m", "CREATE MAPPING m (a INT,"]
        {
            let _ = check(sql);
        }
    }
}
