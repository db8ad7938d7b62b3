//! Statements against what PostgreSQL makes of them.

use std::sync::Arc;

use super::*;
use crate::catalog::tests::{catalog, movies};
use crate::parse::{ParseOptions, parse};

fn analyze_text(text: &str) -> Result<Analyzed> {
    let catalog = catalog(&movies());
    let search_path: [Arc<str>; 1] = ["public".into()];
    let env = Env::default();
    let cx = AnalyzeContext {
        snapshot: &catalog,
        search_path: &search_path,
        env: &env,
        database: "hazelcast",
        params: Params::Variable(&[]),
    };
    let mut parsed = parse(text, ParseOptions { placeholders: true })?;
    analyze(&parsed.remove(0), &cx)
}

fn shape(text: &str) -> String {
    match analyze_text(text) {
        Ok(analyzed) => {
            let columns = analyzed.columns.unwrap_or_default();
            let column = |c: &OutputColumn| {
                format!("{} {}", c.name, pg::catalog::format_type(c.ty.oid, Some(c.ty.typmod)))
            };
            columns.iter().map(column).collect::<Vec<_>>().join(", ")
        }
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_first_look() {
    let cases = [
        ("select 1", "?column? integer"),
        ("select title, m.vote_count + 1 from movies m", "title character varying, ?column? integer"),
        (
            "select a.name, count(*), avg(vote_average) from movies m join casts c on c.movie_id = m.id join actors a \
             on a.id = c.actor_id where m.popularity > 10 group by a.name having count(*) > 2 order by 2 desc limit 5",
            "name character varying, count bigint, avg double precision",
        ),
        ("select 'x', null", "?column? text, ?column? text"),
        ("select nope from movies", "42703: column \"nope\" does not exist"),
    ];
    for (text, expected) in cases {
        assert_eq!(shape(text), expected, "{text}");
    }
}
