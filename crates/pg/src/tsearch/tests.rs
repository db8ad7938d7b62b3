use super::*;
use crate::Oid;

/// A text and its tokens, as PostgreSQL cuts it: `kind text|kind text`.
fn cut(text: &str) -> String {
    let tokens: Vec<String> = tokens(text).map(|token| format!("{} {}", token.kind, token.text)).collect();
    tokens.join("|")
}

#[test]
fn tokens_of_texts() {
    for (text, expected) in [
        ("", ""),
        ("The x1 naïve", "1 The|12  |3 x1|12  |2 naïve"),
        ("foo-bar1", "15 foo-bar1|11 foo|12 -|9 bar1"),
        ("me@mail.example.org", "4 me@mail.example.org"),
        ("http://a.bc/d?e f", "14 http://|5 a.bc/d?e|6 a.bc|18 /d?e|12  |1 f"),
        ("/usr/x.so 1.2.3", "19 /usr/x.so|12  |8 1.2.3"),
        ("-4 5.6 7e-8", "21 -4|12  |20 5.6|12  |7 7e-8"),
        ("-1.2.3", "12 -|8 1.2.3"),
        (r#"<a b="c\"d">x&amp;y"#, r#"13 <a b="c\"d">|1 x|23 &amp;|1 y"#),
        ("<script>a</script>b", "13 <script>|12 a|13 </script>|1 b"),
        ("é\u{301}a 日本", "2 é\u{301}a|12  |2 日本"),
    ] {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn tokens_are_the_whole_text() {
    let pieces =
        ["<a ", "x@y", "http://", "a.bc", "/d", "-1.", "2e", "&#x", ";", "é-", "\"'\\>", " ", "<!--", ":80"];
    let mut random = 1u32;
    for _ in 0..5000 {
        let mut text = String::new();
        for _ in 0..6 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.push_str(pieces[(random >> 16) as usize % pieces.len()]);
        }
        // Of an address and its parts, of a word and its parts, only the parts count.
        let whole = |token: &Token<'_>| !matches!(token.kind, 5 | 15..=17);
        let again: String = tokens(&text).filter(whole).map(|token| token.text).collect();
        // What a piece of markup begins and the text does not end is left out.
        assert!(text.starts_with(&again), "{text:?} {again:?}");
    }
}

fn english() -> &'static Configuration {
    let table = crate::catalog::system_table("pg_ts_config").unwrap();
    let mut rows = table.rows().map(|row| row.flatten().collect::<Vec<_>>());
    let row = rows.find(|row| row[1] == "english").unwrap();
    Configuration::by_oid(Oid(row[0].parse().unwrap())).unwrap()
}

fn vector(text: &str) -> TsVector {
    let mut document = Document::default();
    document.add(english(), text).unwrap();
    document.into_vector().unwrap()
}

#[test]
fn documents_and_queries() {
    let vector = vector("The fat cats ate fat rats, running");
    assert_eq!(vector.to_text(), "'ate':4 'cat':3 'fat':2,5 'rat':6 'run':7");
    let query = |text, grammar| to_tsquery(english(), text, grammar, Operands::Phrase).unwrap();
    let phrase = query("cats <-> of <-> the & rats", Grammar::Operators);
    assert_eq!(phrase.to_text(), "'cat' & 'rat'");
    for (text, finds) in [
        ("cat & rat", true),
        ("cat & !rat", false),
        ("fat <-> rat", true),
        ("cat <2> fat", true),
        ("r:*", true),
    ] {
        assert_eq!(matches(&vector, &query(text, Grammar::Operators)), finds, "{text}");
    }
    let web = query("\"fat rats\" -dogs or mice", Grammar::Web);
    assert_eq!(web.to_text(), "'fat' <-> 'rat' & !'dog' | 'mice'");
}

#[test]
fn binary_forms() {
    let vector = TsVector::parse("b:2,3A a").unwrap();
    let mut bytes = Vec::new();
    vector.send(&mut bytes);
    assert_eq!(TsVector::recv(&bytes).unwrap(), vector);
    let query = query_in("a:*B & !(b <3> c) | d").unwrap();
    let mut bytes = Vec::new();
    query.send(&mut bytes);
    assert_eq!(TsQuery::recv(&bytes).unwrap(), query);
    for end in 0..bytes.len() {
        assert!(TsQuery::recv(&bytes[..end]).is_err());
    }
    // An operator without operands, and a word too many.
    assert!(TsQuery::recv(&[0, 0, 0, 2, 2, 2, 1, 0, 0, b'a', 0]).is_err());
    assert!(TsQuery::recv(&[0, 0, 0, 2, 1, 0, 0, b'a', 0, 1, 0, 0, b'a', 0]).is_err());
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(query_in(&deep).unwrap_err().code(), SqlState::STATEMENT_TOO_COMPLEX);
    assert_eq!(query_in(&vec!["a"; 100_000].join("&")).unwrap_err().code(), SqlState::STATEMENT_TOO_COMPLEX);
    let wide = query_in(&vec!["a"; 4000].join("&")).unwrap();
    assert_eq!(wide.rewrite(&query_in("b").unwrap(), &wide).items.len(), wide.items.len());
    assert!(wide.compare(&wide).is_eq());
    assert!(matches(&TsVector::parse("a").unwrap(), &wide));
}

#[test]
fn headlines() {
    let query = to_tsquery(english(), "cat", Grammar::Plain, Operands::All).unwrap();
    let headline = |text, options| Headline::new(english(), &query, options).unwrap().of(text).unwrap();
    assert_eq!(headline("a <i>fat</i> cat &amp; well-known", ""), "a  fat  <b>cat</b> &amp; well-known");
    assert_eq!(headline("one cat", "StartSel='it''s', StopSel=\"\""), "one it'scat");
}
