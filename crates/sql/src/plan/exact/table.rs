//! What is exact, in words: printed as `docs/pushdown.md`, and run by the tests.

/// A form that the cluster computes.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it is in PostgreSQL.
    pub form: &'static str,
    /// What is sent for it.
    pub sent: &'static str,
    /// What makes it exact.
    pub why: &'static str,
    /// Examples.
    pub examples: &'static [Example],
}

/// An example over the table of edge values.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// A condition.
    Condition(&'static str),
    /// A value.
    Value(&'static str),
    /// An aggregate.
    Aggregate(&'static str),
    /// A group key.
    Group(&'static str),
    /// A sort key.
    Sort(&'static str),
}

/// All rules.
pub fn rules() -> &'static [Rule] {
    RULES
}

/// The page that documents them.
pub fn pushdown_page() -> String {
    let mut page = String::from(HEAD);
    for rule in RULES {
        let examples: Vec<String> = rule.examples.iter().map(Example::shown).collect();
        let cell = |text: &str| text.replace('|', "\\|");
        page.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            cell(rule.form),
            cell(rule.sent),
            cell(rule.why),
            cell(&examples.join("<br>"))
        ));
    }
    page.push_str(TAIL);
    page
}

impl Example {
    fn shown(&self) -> String {
        let (word, sql) = match self {
            Example::Condition(sql) => ("WHERE ", sql),
            Example::Value(sql) => ("", sql),
            Example::Aggregate(sql) => ("", sql),
            Example::Group(sql) => ("GROUP BY ", sql),
            Example::Sort(sql) => ("ORDER BY ", sql),
        };
        format!("`{word}{sql}`")
    }
}

const HEAD: &str = "\
# What the cluster computes

Printed by `cargo xtask pushdown` from `crates/sql/src/plan/exact/table.rs`; not to be edited. Everything that is not here is
computed in the gateway. The examples are over the columns `i2 smallint, i4 int, j4 int, i8 bigint, r real, d double precision,
n numeric, m numeric, b boolean, s varchar, u varchar, dt date, tm time, ts timestamp, tz timestamptz`; a test asks each of
PostgreSQL and of a member, over edge values of each type, and checks that the member computed it.

A form is *risky* when the cluster can fail at it: where PostgreSQL fails too (an overflow), or where a guard finds a value for
which the cluster's answer would not be PostgreSQL's. Then the gateway computes it: it has the answer, or PostgreSQL's error.

| PostgreSQL | Hazelcast | why it is exact | examples |
| --- | --- | --- | --- |
";

const TAIL: &str = "
Not exact, among others: lengths and positions in text (counted in UTF-16 code units there), `upper` and `lower` (ß becomes SS),
arithmetic of floats (it overflows to Infinity), division of decimals (scales), `=` and `>` of times (nanoseconds), everything
about `timestamptz` but counts and extremes (equal instants of different offsets differ there), DISTINCT and grouping by floats, decimals
and times (1.0 and 1.00 differ there), `sum(real)`, `date_trunc`, intervals, regular expressions, `ILIKE`, JSON operators.
";

use Example::{Aggregate, Condition, Group, Sort, Value};

const fn rule(
    form: &'static str,
    sent: &'static str,
    why: &'static str,
    examples: &'static [Example],
) -> Rule {
    Rule { form, sent, why, examples }
}

const RULES: &[Rule] = &[
    rule(
        "comparison of an integer with a known value",
        "`x < ?`",
        "the argument has the column's type, or is cast to its own",
        &[
            Condition("i2 < 5"),
            Condition("i4 >= 2147483647"),
            Condition("i8 = -9223372036854775808"),
            Condition("i4 = 3000000000"),
            Condition("i2 <> 40000"),
        ],
    ),
    rule(
        "comparison of integers",
        "`x < y`",
        "compared as BIGINT",
        &[Condition("i4 < j4"), Condition("i2 = i4"), Condition("i8 <> j4")],
    ),
    rule(
        "comparison of a float with a known value",
        "`x >= ?`, `x >= ? AND x <= ?`",
        "a zero is sent as the one that lies on the right side; NaN is the largest on both sides",
        &[
            Condition("d = 0"),
            Condition("d >= 0"),
            Condition("d < 0"),
            Condition("d <> 0"),
            Condition("d > 'Infinity'"),
            Condition("d = 'NaN'"),
            Condition("d <= 'NaN'"),
            Condition("r = 1.5"),
            Condition("r < 0::real"),
            Condition("r = 0.1"),
        ],
    ),
    rule(
        "comparison of a numeric with a known value",
        "`x < ?`",
        "compared by value, whatever the scales; no NaN among arguments",
        &[
            Condition("n = 1.5"),
            Condition("n < 0.00"),
            Condition("n > 12345678901234567890123456789"),
            Condition("n = 1e3"),
        ],
    ),
    rule(
        "comparison of numerics, texts, booleans, dates",
        "`x < y`",
        "by value; text by UTF-16 code units on both sides",
        &[
            Condition("n < m"),
            Condition("n = m"),
            Condition("s < u"),
            Condition("s = u"),
            Condition("b <> (i4 > 0)"),
        ],
    ),
    rule(
        "comparison of a text, boolean or date with a known value",
        "`x < ?`",
        "as above; no infinite dates among arguments",
        &[
            Condition("s < 'b'"),
            Condition("s >= ''"),
            Condition("s = ' ab '"),
            Condition("b = true"),
            Condition("dt < '2024-02-29'"),
            Condition("dt >= '0044-03-15 BC'"),
        ],
    ),
    rule(
        "`<` and `>=` of a time or timestamp with a known value",
        "`x < ?`",
        "do not notice the nanoseconds that PostgreSQL does not have",
        &[
            Condition("tm < '12:00'"),
            Condition("ts >= '2024-03-31 02:30'"),
            Condition("ts < '0044-03-15 BC'"),
        ],
    ),
    rule(
        "IN, NOT IN of known values",
        "`x IN (?, …)`",
        "of integers, texts, booleans, dates, none of them a NULL; parameters over integers and texts that have no index",
        &[
            Condition("i4 IN (1, 2, 2147483647)"),
            Condition("s NOT IN ('', 'a')"),
            Condition("dt IN ('2024-02-29')"),
        ],
    ),
    rule(
        "LIKE, NOT LIKE of a known pattern",
        "`x LIKE ? ESCAPE '\\'`",
        "`_` is one code point on both sides; escapes that Hazelcast refuses are dropped",
        &[
            Condition("s LIKE 'a%'"),
            Condition("s LIKE '_'"),
            Condition("s NOT LIKE '%\\%%'"),
            Condition("s LIKE '\\a_'"),
            Condition("s LIKE ''"),
        ],
    ),
    rule(
        "AND, OR, NOT, IS [NOT] TRUE, FALSE, UNKNOWN, NULL",
        "the same; IS UNKNOWN as IS NULL",
        "three-valued on both sides",
        &[
            Condition("i4 > 0 AND (s IS NULL OR NOT b)"),
            Condition("(i4 > 0) IS NOT TRUE"),
            Condition("b IS UNKNOWN"),
            Condition("b IS NOT FALSE"),
            Condition("tz IS NOT NULL"),
            Condition("(s = 'a') IS NULL"),
        ],
    ),
    rule(
        "IS [NOT] DISTINCT FROM",
        "a CASE",
        "Hazelcast has none",
        &[
            Condition("i4 IS DISTINCT FROM j4"),
            Condition("s IS NOT DISTINCT FROM u"),
            Condition("i4 IS DISTINCT FROM 5"),
            Condition("s IS NOT DISTINCT FROM ''"),
            Condition("d IS DISTINCT FROM 0::float8"),
        ],
    ),
    rule(
        "`+ - * /`, unary `-` of integers (risky)",
        "`CAST((x + y) AS INTEGER)`",
        "Hazelcast gives them the next wider type; the cast fails where PostgreSQL's fail",
        &[
            Value("i4 + j4"),
            Value("i2 * i2"),
            Value("i8 - i4"),
            Value("-i4"),
            Value("-i8"),
            Value("i8 * j4"),
            Value("i4 / 7"),
            Value("i8 / i2"),
            Value("i2 / 2::smallint"),
            Condition("i4 + 1 > j4"),
            Group("i4 / 10"),
        ],
    ),
    rule(
        "`%`, `mod` of integers (risky)",
        "`MOD(x, y)`",
        "the sign is the dividend's",
        &[Value("i4 % 7"), Value("mod(i8, 1000)"), Value("i4 % -1"), Value("i2 % i2")],
    ),
    rule(
        "`abs` of integers and floats (risky for integers)",
        "`ABS(x)`",
        "",
        &[Value("abs(i4)"), Value("@ i8"), Value("abs(i2)"), Value("abs(d)"), Value("abs(r)")],
    ),
    rule(
        "casts of integers (risky when narrower)",
        "`CAST(x AS BIGINT)`",
        "",
        &[
            Value("i4::bigint"),
            Value("i8::int"),
            Value("i4::smallint"),
            Value("i8::numeric"),
            Value("i8::float8"),
            Value("r::float8"),
            Value("i4::text"),
            Value("b::text"),
            Group("i4::text"),
        ],
    ),
    rule(
        "`+ - *`, unary `-`, `abs` of numerics under aggregates (risky)",
        "`CASE WHEN x >= 1e12 OR … THEN CAST(? AS DECIMAL) ELSE x + 0 END`",
        "the guard admits 12 digits before and 8 behind the point, so that Hazelcast's 76 are never reached",
        &[
            Aggregate("sum(n)"),
            Aggregate("sum(n * (1 - m))"),
            Aggregate("max(n + m)"),
            Aggregate("min(-n)"),
            Aggregate("sum(abs(m) * 2.50)"),
            Aggregate("avg(n)"),
            Aggregate("sum(i4 * n)"),
        ],
    ),
    rule(
        "`||`, `btrim`, `ltrim`, `rtrim`, `replace`",
        "`||`, `TRIM` …",
        "no character is counted",
        &[
            Value("s || u"),
            Value("s || '!'"),
            Value("btrim(s)"),
            Value("ltrim(u)"),
            Value("rtrim(s)"),
            Value("replace(s, 'a', u)"),
            Value("replace(s, '', 'x')"),
            Value("replace(s, u, '')"),
            Group("s || '-'"),
            Condition("s || u = 'ab'"),
        ],
    ),
    rule(
        "CASE, COALESCE, NULLIF",
        "CASE, COALESCE",
        "branches of one type",
        &[
            Value("CASE WHEN i4 > 0 THEN s ELSE u END"),
            Value("CASE i4 WHEN 1 THEN 'one' WHEN j4 THEN 'same' END"),
            Value("COALESCE(s, u, 'none')"),
            Value("COALESCE(i4, 0)"),
            Value("NULLIF(s, u)"),
            Value("NULLIF(i4, 0)"),
            Value("NULLIF(d, 0)"),
            Value("COALESCE(n, 0.0)"),
            Group("CASE WHEN i4 > 0 THEN 'pos' WHEN i4 < 0 THEN 'neg' END"),
            Group("COALESCE(s, 'none')"),
            Sort("COALESCE(s, '')"),
            Condition("CASE WHEN b THEN i4 > 0 ELSE i4 < 0 END"),
        ],
    ),
    rule(
        "`extract`, `date_part` of year, quarter, month, day, doy, dow, isodow, hour, minute",
        "`CAST(EXTRACT(YEAR FROM x) AS DECIMAL)`",
        "whole numbers; the year before 1 is -1",
        &[
            Value("extract(year from dt)"),
            Value("extract(quarter from dt)"),
            Value("extract(month from dt)"),
            Value("extract(day from dt)"),
            Value("extract(doy from dt)"),
            Value("extract(dow from dt)"),
            Value("extract(isodow from ts)"),
            Value("extract(year from ts)"),
            Value("extract(hour from ts)"),
            Value("extract(minute from ts)"),
            Value("date_part('year', dt)"),
            Value("date_part('minute', ts)"),
            Group("extract(year from dt)"),
            Group("date_part('month', ts)"),
            Condition("extract(year from dt) = 2024"),
        ],
    ),
    rule(
        "`timestamp::date`",
        "`CAST(x AS DATE)`",
        "the day of the wall clock",
        &[Value("ts::date"), Group("ts::date"), Condition("ts::date = '2024-02-29'")],
    ),
    rule(
        "GROUP BY, DISTINCT",
        "GROUP BY",
        "by integers, texts, booleans, dates, and values above: equal exactly when their bytes are; expressions are computed in a derived table",
        &[Group("i4"), Group("s"), Group("b"), Group("dt"), Group("i2")],
    ),
    rule(
        "ORDER BY",
        "`x IS NULL, x`",
        "Hazelcast's NULLs are the smallest values and can't be told where to go; floats and times only as the last key",
        &[
            Sort("s"),
            Sort("s DESC"),
            Sort("i8 DESC NULLS LAST"),
            Sort("n NULLS FIRST"),
            Sort("dt"),
            Sort("b DESC, i4"),
            Sort("i4 + 0"),
            Sort("i4 % 7, s"),
        ],
    ),
    rule(
        "`count`",
        "`COUNT(x)`",
        "rows by their keys",
        &[
            Aggregate("count(*)"),
            Aggregate("count(tz)"),
            Aggregate("count(DISTINCT s)"),
            Aggregate("count(DISTINCT i4 % 3)"),
            Aggregate("count(n)"),
        ],
    ),
    rule(
        "`min`, `max`",
        "`MIN(x)`",
        "of numbers, texts, dates, times",
        &[
            Aggregate("min(s)"),
            Aggregate("max(s)"),
            Aggregate("trim_scale(max(n))"),
            Aggregate("min(dt)"),
            Aggregate("max(ts)"),
            Aggregate("min(tz)"),
            Aggregate("max(tm)"),
            Aggregate("max(i8)"),
        ],
    ),
    rule(
        "`bool_and`, `every`, `bool_or`",
        "`MIN(x)`, `MAX(x)`",
        "FALSE is the smaller",
        &[Aggregate("bool_and(b)"), Aggregate("bool_or(b)"), Aggregate("every(i4 > 0)")],
    ),
    rule(
        "`sum` of integers",
        "`SUM(x)`",
        "smallint and int sum to bigint, bigint to numeric",
        &[Aggregate("sum(i2)"), Aggregate("sum(i4)"), Aggregate("sum(i8)"), Aggregate("sum(DISTINCT i4)")],
    ),
    rule(
        "`avg` of integers and numerics",
        "`SUM(x)`, `COUNT(x)`",
        "divided here, with PostgreSQL's scale",
        &[Aggregate("avg(i2)"), Aggregate("avg(i4)"), Aggregate("avg(i8)"), Aggregate("avg(DISTINCT i4)")],
    ),
    rule(
        "`sum`, `avg` of double precision (risky)",
        "`CASE WHEN SUM(x) >= ? … THEN CAST(? AS DOUBLE) ELSE SUM(x) END`",
        "order-dependent in PostgreSQL too; what overflows there is computed here",
        &[Aggregate("sum(d)"), Aggregate("avg(d)"), Aggregate("sum(r::float8)")],
    ),
    rule(
        "FILTER",
        "`SUM(CASE WHEN c THEN x END)`",
        "",
        &[
            Aggregate("count(*) FILTER (WHERE i4 > 0)"),
            Aggregate("sum(i4) FILTER (WHERE s IS NOT NULL)"),
            Aggregate("avg(i4) FILTER (WHERE b)"),
            Aggregate("bool_or(b) FILTER (WHERE i4 > 0)"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_printed() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/pushdown.md");
        let written = std::fs::read_to_string(path).expect("docs/pushdown.md");
        assert_eq!(written, super::pushdown_page(), "run `cargo xtask pushdown`");
    }
}
