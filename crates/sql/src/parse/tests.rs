//! Tests of the parser by itself.

use super::*;

fn parse_one(text: &str) -> Result<ParsedStatement> {
    Ok(parse(text, ParseOptions::default())?.remove(0))
}

#[test]
fn statements_are_cut_at_semicolons() {
    for (text, expected) in [
        (";; select 1 ; /* ; */ select ';' -- x\n;", &["select 1", "select ';'"][..]),
        (" SELECT ';' ; ; BEGIN;\nSELECT 2 -- x", &["SELECT ';'", "BEGIN", "SELECT 2"]),
    ] {
        let found = parse(text, ParseOptions::default()).unwrap();
        let texts: Vec<_> = found.iter().map(|s| &text[s.text.clone()]).collect();
        assert_eq!(texts, expected);
    }
    assert!(parse(" -- ping", ParseOptions::default()).unwrap().is_empty());
}

#[test]
fn syntax_errors_are_postgres() {
    let cases = [
        ("selec 1", "syntax error at or near \"selec\"", 1),
        ("select 1 from", "syntax error at end of input", 14),
        ("select 1 + ", "syntax error at end of input", 12),
        ("select (1", "syntax error at end of input", 10),
        ("select 'abc", "unterminated quoted string at or near \"'abc\"", 8),
        ("select é, 1 < 2 < 3", "syntax error at or near \"<\"", 17),
        ("select 1a", "trailing junk after numeric literal at or near \"1a\"", 8),
        ("select a from t where", "syntax error at end of input", 22),
        ("select a b c from t", "syntax error at or near \"c\"", 12),
        ("select * from (select 1)", "subquery in FROM must have an alias", 15),
        ("select \"\"", "zero-length delimited identifier at or near \"\"\"\"", 8),
    ];
    for (text, message, position) in cases {
        let error = parse_one(text).unwrap_err();
        assert_eq!((error.message(), error.fields().position), (message, Some(position)), "{text}");
    }
}

#[test]
fn placeholders_follow_their_position() {
    let options = ParseOptions { placeholders: true };
    for text in
        ["select ? + ?", "select * from t where a=? and b<=?", "select (?,?)", "select a ? 'x', ?::int, ?"]
    {
        parse(text, options).unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    let refused = parse("select ?", ParseOptions::default()).unwrap_err();
    assert_eq!(refused.code().as_str(), "42P02");
    let numbered = parse("select $1, ?", options).unwrap_err();
    assert_eq!(numbered.code().as_str(), "42601");
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("select {}1{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(parse_one(&deep).unwrap_err().code().as_str(), "54001");
    let long = format!("select 1{}", " + 1".repeat(100_000));
    assert_eq!(parse_one(&long).unwrap_err().code().as_str(), "54001");
    let deep = format!("select {}1{}", "(".repeat(9_000), ")".repeat(9_000));
    parse_one(&deep).unwrap();
    let wide = format!("select 1 where {}", vec!["a = 1"; 20_000].join(" or "));
    parse_one(&wide).unwrap();
    let many =
        format!("select f({}), {}", vec!["a + 1 + 2"; 5000].join(", "), vec!["(a + b)"; 1000].join(", "));
    parse_one(&many).unwrap();
}

#[test]
fn the_height_of_a_tree_is_bounded_however_it_comes_about() {
    let chains = (0..50).fold("1".to_owned(), |inner, _| format!("({inner}{})", " + 1".repeat(400)));
    let ctes: Vec<String> = (1..5000).map(|i| format!("c{i} as (select * from c{})", i - 1)).collect();
    for text in [
        format!("select {chains}"),
        format!("select 1 from {}", vec!["(select 1) s"; 20_000].join(", ")),
        format!("select 1 from t {}", "join t using (a) ".repeat(20_000)),
        vec!["select 1"; 20_000].join(" union all "),
        format!("with c0 as (select 1), {} select * from c4999", ctes.join(", ")),
    ] {
        assert_eq!(parse_one(&text).unwrap_err().code().as_str(), "54001");
    }
    for text in [
        format!("select 1{}", " + 1".repeat(5000)),
        vec!["select 1"; 5000].join(" union all "),
        format!("with c0 as (select 1), {} select 1", ctes[..100].join(", ")),
    ] {
        parse_one(&text).unwrap();
    }
}

#[test]
fn a_text_of_too_many_words_is_refused() {
    let text = format!("select {}", "1,".repeat(2_100_000));
    assert_eq!(parse(&text, ParseOptions::default()).unwrap_err().code().as_str(), "54000");
}

#[test]
fn what_postgresql_accepts_is_no_syntax_error() {
    let statements = include_str!("accepted.sql").lines().filter(|line| !line.starts_with("--"));
    let refused = |text: &&str| match parse(text, ParseOptions::default()) {
        Ok(statements) => statements.len() != 1,
        Err(error) => error.code().as_str() == "42601",
    };
    let wrong: Vec<&str> = statements.filter(refused).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
