//! Texts of statements without their constants, as `pg_stat_statements` shows them (`generate_normalized_query`), and the
//! number that all texts have that differ in nothing else. Made of tokens alone, so it is the same on every instance.

use super::lexer::tokenize;
use super::token::{Token, TokenKind};
use crate::catalog::stable_hash;

/// A text without its constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Normalized {
    /// The text, with `$n` in place of each constant, counted on from the parameters that it has.
    pub query: String,
    /// Of its tokens: neither spaces, comments, nor the case of names and keywords count.
    pub id: i64,
}

/// A statement without its constants.
pub fn normalize(text: &str) -> Normalized {
    of_tokens(text, &tokenize(text))
}

fn of_tokens(text: &str, tokens: &[Token]) -> Normalized {
    let mut next = tokens.iter().map(parameter).max().unwrap_or(0);
    let mut query = String::with_capacity(text.len());
    let mut essence = String::with_capacity(text.len());
    let mut places = Places::default();
    let mut copied = tokens.first().map_or(0, |token| token.start);
    for (at, token) in tokens.iter().enumerate() {
        if matches!(token.kind, TokenKind::End | TokenKind::Error(_) | TokenKind::Symbol(';')) {
            break;
        }
        let (before, after) = (at.checked_sub(1).and_then(|at| tokens.get(at)), tokens.get(at + 1));
        if places.is_constant(before, token, after) {
            let sign = before.filter(|sign| sign.kind.is_symbol('-') && places.signed);
            let start = sign.map_or(token.start, |sign| sign.start);
            query.push_str(text.get(copied..start).unwrap_or_default());
            next += 1;
            query.push_str(&format!("${next}"));
            copied = token.end;
            if sign.is_some() {
                essence.truncate(essence.len() - 2);
            }
            essence.push('?');
        } else {
            write_essence(&mut essence, token, text);
        }
        essence.push(' ');
        places.pass(before, token);
    }
    let end = tokens.last().map_or(text.len(), |token| token.start);
    query.push_str(text.get(copied..end).unwrap_or_default().trim_end().trim_end_matches(';').trim_end());
    Normalized { query, id: stable_hash(&essence) as i64 }
}

/// What is recorded as it was written: a command.
fn verbatim(text: &str) -> Normalized {
    let text = text.trim().trim_end_matches(';').trim_end();
    Normalized { query: text.to_owned(), id: stable_hash(text) as i64 }
}

/// What is recorded of a statement: without its constants, or a command as it was written, which in PostgreSQL is all that
/// its planner does not see, EXPLAIN and DECLARE too.
pub fn recorded(text: &str) -> Normalized {
    recorded_of(text, &tokenize(text))
}

fn recorded_of(text: &str, tokens: &[Token]) -> Normalized {
    let planned = match tokens.first().map(|token| &token.kind) {
        Some(TokenKind::Symbol('(')) => true,
        Some(kind) => kind.word().is_some_and(|word| PLANNED.contains(&word)),
        None => false,
    };
    if planned { of_tokens(text, tokens) } else { verbatim(text) }
}

/// How statements begin that are planned; one that was prepared is recorded under the whole PREPARE.
const PLANNED: [&str; 10] =
    ["select", "with", "values", "table", "insert", "update", "delete", "merge", "sink", "prepare"];

/// The number of a text of one statement (`pg_stat_activity.query_id`).
pub fn query_id(text: &str) -> Option<i64> {
    let tokens = tokenize(text);
    let mut behind = tokens.iter().skip_while(|token| !matches!(token.kind, TokenKind::Symbol(';')));
    let only = behind.all(|token| matches!(token.kind, TokenKind::Symbol(';') | TokenKind::End));
    let any = tokens.first().is_some_and(|token| !matches!(token.kind, TokenKind::End));
    (only && any).then(|| recorded_of(text, &tokens).id)
}

fn parameter(token: &Token) -> u32 {
    if let TokenKind::Param(number) = token.kind { number } else { 0 }
}

fn write_essence(essence: &mut String, token: &Token, text: &str) {
    match &token.kind {
        TokenKind::Word { folded, .. } => essence.push_str(folded),
        _ => essence.push_str(text.get(token.start..token.end).unwrap_or_default()),
    }
}

/// What is known of the place where a token stands.
#[derive(Default)]
struct Places {
    /// The `-` before is a sign.
    signed: bool,
    /// For each parenthesis that is open, and outside of all: a number is the place of a column (`ORDER BY 1`).
    columns: Vec<bool>,
    outside: bool,
    /// How many parentheses of a type's modifiers are open (`numeric(10, 2)`).
    modifiers: usize,
    /// A type's name may be under way.
    in_type: bool,
}

impl Places {
    fn by_columns(&mut self) -> &mut bool {
        self.columns.last_mut().unwrap_or(&mut self.outside)
    }

    fn is_constant(&mut self, before: Option<&Token>, token: &Token, after: Option<&Token>) -> bool {
        let before = before.map(|token| &token.kind);
        match &token.kind {
            TokenKind::String(_) | TokenKind::Bits(_) => true,
            TokenKind::Integer(_) | TokenKind::Number(_) if self.modifiers > 0 => false,
            TokenKind::Integer(_) => {
                let starts = before.is_some_and(|kind| kind.is_word("by") || kind.is_symbol(','));
                let ends = after.is_none_or(|token| match &token.kind {
                    TokenKind::Symbol(c) => matches!(c, ',' | ')' | ';'),
                    TokenKind::Word { .. } | TokenKind::End => true,
                    _ => false,
                });
                !(*self.by_columns() && starts && ends)
            }
            TokenKind::Number(_) => true,
            TokenKind::Word { folded, .. } if matches!(&**folded, "true" | "false" | "null") => {
                let tested = before
                    .is_some_and(|kind| ["is", "not", "default", "."].iter().any(|word| kind.is_word(word)));
                let named = after.is_some_and(|token| token.kind.is_symbol('('));
                !(tested || named || before.is_some_and(|kind| kind.is_symbol('.') || kind.is_word("as")))
            }
            _ => false,
        }
    }

    fn pass(&mut self, before: Option<&Token>, token: &Token) {
        let word = token.kind.word();
        match &token.kind {
            TokenKind::Symbol('(') if self.in_type || self.modifiers > 0 => self.modifiers += 1,
            TokenKind::Symbol(')') if self.modifiers > 0 => self.modifiers -= 1,
            TokenKind::Symbol('(') => self.columns.push(false),
            TokenKind::Symbol(')') => {
                self.columns.pop();
            }
            _ => {}
        }
        const ENDS: [&str; 16] = [
            "limit",
            "offset",
            "fetch",
            "having",
            "window",
            "union",
            "intersect",
            "except",
            "for",
            "rows",
            "range",
            "groups",
            "order",
            "group",
            "select",
            "partition",
        ];
        if let Some(word) = word {
            if word == "by" {
                let sorts =
                    before.is_some_and(|token| token.kind.is_word("order") || token.kind.is_word("group"));
                *self.by_columns() = sorts;
            } else if ENDS.contains(&word) {
                *self.by_columns() = false;
            }
        }
        // A type's name stands behind `::` and, in CAST, behind AS; nothing but a name is followed by its modifiers.
        self.in_type = match &token.kind {
            TokenKind::TypeCast => true,
            TokenKind::Word { .. } | TokenKind::Quoted(_) | TokenKind::Symbol('.') => {
                self.in_type
                    || matches!(word, Some("numeric" | "decimal" | "varchar" | "char" | "character" | "bit"))
            }
            _ => false,
        };
        self.signed = token.kind.is_symbol('-')
            && before.is_none_or(|token| match &token.kind {
                TokenKind::Symbol(c) => !matches!(c, ')' | ']'),
                TokenKind::Word { category, .. } => matches!(category, Some('R')),
                TokenKind::Operator(_) => true,
                _ => false,
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_become_parameters() {
        // As PostgreSQL 15's pg_stat_statements shows them.
        let cases = [
            ("SELECT 1", "SELECT $1"),
            ("select  -1.5, 'a' , x -1 from t;", "select  $1, $2 , x -$3 from t"),
            (
                "SELECT * FROM m WHERE a = $1 AND b = 'x' -- c\n",
                "SELECT * FROM m WHERE a = $1 AND b = $2 -- c",
            ),
            ("SELECT a FROM m ORDER BY 1, a LIMIT 10", "SELECT a FROM m ORDER BY 1, a LIMIT $1"),
            (
                "SELECT a FROM m GROUP BY 1 HAVING count(*) > 2",
                "SELECT a FROM m GROUP BY 1 HAVING count(*) > $1",
            ),
            ("SELECT x IS NULL, NULL, b IS NOT TRUE, TRUE", "SELECT x IS NULL, $1, b IS NOT TRUE, $2"),
            ("SELECT a::numeric(10,2), '1'::int", "SELECT a::numeric(10,2), $1::int"),
            ("SELECT e'a\\'b', $$x$$, f(1, 2)", "SELECT $1, $2, f($3, $4)"),
        ];
        for (text, normalized) in cases {
            assert_eq!(normalize(text).query, normalized);
        }
    }

    #[test]
    fn commands_are_recorded_as_they_were_written() {
        let query = |text: &str| recorded(text).query;
        assert_eq!(query("EXPLAIN SELECT 1;"), "EXPLAIN SELECT 1");
        assert_eq!(query("SET a = 'b'"), "SET a = 'b'");
        assert_eq!(query("DECLARE c CURSOR FOR SELECT 1"), "DECLARE c CURSOR FOR SELECT 1");
        assert_eq!(query("(SELECT 1)"), "(SELECT $1)");
        assert_eq!(query("with a as (select 1) table a"), "with a as (select $1) table a");
        assert_eq!(query("SINK INTO m VALUES (1)"), "SINK INTO m VALUES ($1)");
    }

    #[test]
    fn texts_of_several_statements_have_no_number() {
        assert_eq!(query_id("SELECT 1;"), Some(normalize("SELECT 2").id));
        assert_eq!(query_id("SELECT 1; SELECT 2"), None);
        assert_eq!(query_id(" -- nothing"), None);
        assert_eq!(query_id("SHOW all"), Some(verbatim("SHOW all").id));
    }

    #[test]
    fn only_what_matters_makes_another_statement() {
        let id = |text: &str| normalize(text).id;
        assert_eq!(id("SELECT a FROM m WHERE b = 1"), id("select  A from M where B=-27 /* x */;"));
        assert_ne!(id("SELECT a FROM m"), id("SELECT b FROM m"));
        assert_ne!(id("SELECT \"A\" FROM m"), id("SELECT a FROM m"));
        assert_ne!(id("SELECT a FROM m ORDER BY 1"), id("SELECT a FROM m ORDER BY 2"));
        // The number is the same on every instance, and after an upgrade.
        assert_eq!(id("SELECT 1"), -5_511_640_943_742_012_577);
    }
}
