//! Values of each type, as literals: mostly plain ones, sometimes those at the edges.

use pg::{Oid, catalog};

use crate::rng::Rng;

/// Plain values of the types, and those at the edges.
const VALUES: &[(&str, &[&str], &[&str])] = &[
    ("bool", &["t", "f"], &[]),
    ("int2", &["0", "1", "2", "3", "-1", "7", "42"], &["-32768", "32767"]),
    ("int4", &["0", "1", "2", "3", "5", "-1", "-7", "10", "42", "100"], &["-2147483648", "2147483647"]),
    (
        "int8",
        &["0", "1", "2", "3", "-5", "12", "1000000007"],
        &["-9223372036854775808", "9223372036854775807"],
    ),
    (
        "float4",
        &["0", "1", "-1", "0.5", "2.25", "3.1", "100"],
        &["-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1e-45"],
    ),
    (
        "float8",
        &["0", "1", "-1", "0.5", "-2.25", "3.1", "0.1", "100", "12345.678"],
        &[
            "-0",
            "NaN",
            "Infinity",
            "-Infinity",
            "1.7976931348623157e308",
            "5e-324",
            "1e15",
            "1e16",
            "123456789012345680",
        ],
    ),
    (
        "numeric",
        &["0", "1", "-1", "0.5", "1.50", "3.14159", "-12.345", "100", "7"],
        &[
            "NaN",
            "Infinity",
            "-Infinity",
            "1e30",
            "1e-20",
            "99999999999999999999.999999",
            "0.000",
            "123456789.987654321",
        ],
    ),
    (
        "text",
        &["", "a", "abc", "Hello World", "foo bar baz", "123", "x_y%z", "2024-03-01", "The Matrix"],
        &[
            "  pad  ",
            "äöü ß",
            "東京 😀",
            "a\nb",
            "tab\there",
            "'quoted'",
            "back\\slash",
            "ABC abc",
            "1.5e3",
            "null",
        ],
    ),
    ("varchar", &["", "b", "abc", "Hello", "movie", "42"], &["éclair", "  x ", "Ünï"]),
    ("bpchar", &["", "a", "abc  ", "x y"], &["ä  ", "   "]),
    ("name", &["abc", "pg_class", "x"], &["Mixed Case", "ä"]),
    ("char", &["a", "", "x"], &[]),
    ("bytea", &["\\x", "\\x00", "\\x616263", "\\xdeadbeef"], &["\\xff00ff00ff", "abc\\001"]),
    (
        "date",
        &["2024-02-29", "2000-01-01", "1999-12-31", "2023-06-15"],
        &[
            "0001-01-01",
            "9999-12-31",
            "infinity",
            "-infinity",
            "0044-03-15 BC",
            "5874897-12-31",
            "4713-01-01 BC",
        ],
    ),
    ("time", &["00:00:00", "12:34:56", "23:59:59.999999", "06:30"], &["24:00:00"]),
    ("timetz", &["00:00:00+00", "12:34:56+02", "23:59:59.5-05:30"], &["24:00:00+00", "12:00+15:59"]),
    (
        "timestamp",
        &["2024-02-29 12:34:56.789", "2000-01-01 00:00:00", "1999-12-31 23:59:59", "2023-06-15 06:00:00"],
        &[
            "infinity",
            "-infinity",
            "0001-01-01 00:00:00",
            "294276-12-31 23:59:59.999999",
            "4713-11-24 00:00:00 BC",
            "0044-03-15 10:00 BC",
        ],
    ),
    (
        "timestamptz",
        &[
            "2024-02-29 12:34:56.789+00",
            "2000-01-01 00:00:00+02",
            "2024-03-31 01:30:00+00",
            "1999-12-31 23:59:59-08",
        ],
        &[
            "infinity",
            "-infinity",
            "0001-01-01 00:00:00+00",
            "294276-12-31 23:59:59.999999+00",
            "4713-11-24 00:00:00+00 BC",
        ],
    ),
    (
        "interval",
        &["1 day", "2 hours", "1 mon", "-3 days", "1 year 2 mons 3 days 04:05:06.789", "00:30:00"],
        &["0", "-178000000 years", "P1Y2M3DT4H5M6S", "-1 mon +1 day", "@ 1 hour ago", "2147483647 days"],
    ),
    (
        "uuid",
        &["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000000"],
        &["ffffffff-ffff-ffff-ffff-ffffffffffff", "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"],
    ),
    (
        "json",
        &[
            "null",
            "1",
            "\"a\"",
            "[1, 2, 3]",
            "{\"a\": 1, \"b\": [true, null]}",
            "{\"k\": {\"n\": 2.50}}",
            "[]",
            "{}",
        ],
        &["{\"a\": 1, \"a\": 2}", "\"\\u00e4\\n\"", "[1.0, -0, 1e5]", " { \"x\" :  [ ] } "],
    ),
    (
        "jsonb",
        &[
            "null",
            "1",
            "\"a\"",
            "[1, 2, 3]",
            "{\"a\": 1, \"b\": [true, null]}",
            "{\"k\": {\"n\": 2.50}}",
            "[]",
            "{}",
            "[{\"a\": 1}, {\"a\": 2}]",
        ],
        &[
            "{\"a\": 1, \"a\": 2}",
            "\"\\u00e4\\n\"",
            "[1.0, -0, 1e5]",
            "{\"long\": \"xxxxxxxxxxxxxxx\", \"b\": false}",
        ],
    ),
    (
        "jsonpath",
        &[
            "$",
            "$.a",
            "$.b[*]",
            "$[*] ? (@ > 1)",
            "$.k.n",
            "strict $.a",
            "$.**",
            "$[0 to 1]",
            "$[*].a",
            "$.a + 1",
            "$.b.size()",
            "$.b[*].type()",
            "exists($.a)",
            "$.a == 1",
        ],
        &[
            "$ ? (@.a == 1 && @.b[0] == true)",
            "lax $.\"k\".n.double()",
            "$[last]",
            "$.a ? (@ like_regex \"^a\" flag \"i\")",
            "-$.a",
            "$.k.keyvalue()",
            "\"x\" starts with \"x\"",
            "$.k.n.ceiling()",
        ],
    ),
    ("oid", &["0", "23", "25", "1259"], &["4294967295"]),
    ("bit", &["0", "1"], &[]),
    ("varbit", &["", "1", "0101", "110010101"], &["11111111111111111111111111111111111"]),
    (
        "money",
        &["0", "1", "12.34", "-5.50", "$1,000.00"],
        &["92233720368547758.07", "-92233720368547758.08", "(3)"],
    ),
    (
        "inet",
        &["192.168.1.5", "10.0.0.0/8", "192.168.1.5/24", "::1", "2001:db8::/32"],
        &["0.0.0.0/0", "::ffff:1.2.3.4", "255.255.255.255", "2001:4f8:3:ba:2e0:81ff:fe22:d1f1"],
    ),
    (
        "cidr",
        &["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/32", "10"],
        &["0.0.0.0/0", "::/0", "192.168.100.128/25", "10.1.2.3/32"],
    ),
    ("macaddr", &["08:00:2b:01:02:03", "08002b:010203"], &["ff-ff-ff-ff-ff-ff", "0800.2b01.0203"]),
    ("macaddr8", &["08:00:2b:01:02:03:04:05", "08:00:2b:01:02:03"], &["ff-ff-ff-ff-ff-ff-ff-ff"]),
    (
        "int4range",
        &["[1,10)", "(2,5]", "empty", "[3,3]", "[20,30)"],
        &["(,)", "[5,)", "(,7]", "[1,2147483647)"],
    ),
    ("int8range", &["[1,10)", "(2,5]", "empty"], &["(,)", "[5,)"]),
    ("numrange", &["[1.5,10)", "(2,5.50]", "empty", "[3,3]"], &["(,)", "[5,)", "(1,1)", "[-Infinity,NaN]"]),
    (
        "daterange",
        &["[2024-01-01,2024-02-01)", "(2000-01-01,2000-01-05]", "empty"],
        &["(,)", "[2024-01-01,)", "[2024-01-01,infinity]"],
    ),
    ("tsrange", &["[2024-01-01 00:00,2024-02-01 12:00)", "empty"], &["(,2000-01-01]", "(,)"]),
    ("tstzrange", &["[2024-01-01 00:00+00,2024-02-01 12:00+02)", "empty"], &["(,2000-01-01]", "(,)"]),
    ("int4multirange", &["{[1,3),[5,8)}", "{}", "{[2,4]}"], &["{(,1],[10,)}", "{[1,5),[3,9)}"]),
    ("int8multirange", &["{[1,3),[5,8)}", "{}"], &["{(,)}"]),
    ("nummultirange", &["{[1.5,3),(5,8]}", "{}"], &["{(,1)}"]),
    ("datemultirange", &["{[2024-01-01,2024-02-01)}", "{}"], &["{(,2000-01-01)}"]),
    ("tsmultirange", &["{[2024-01-01,2024-02-01)}", "{}"], &[]),
    ("tstzmultirange", &["{[2024-01-01 00:00+00,2024-02-01 00:00+00)}", "{}"], &[]),
    ("point", &["(0,0)", "(1,2)", "(-3.5,4)", "(3,4)"], &["(Infinity,0)", "(1e300,1e-300)"]),
    ("lseg", &["[(0,0),(1,1)]", "[(0,1),(1,0)]", "[(1,2),(3,4)]"], &["[(2,2),(2,2)]"]),
    ("line", &["{1,-1,0}", "{0,1,-2}", "[(0,0),(1,2)]"], &["{1,0,-3}"]),
    ("box", &["(1,1),(0,0)", "(3,4),(1,2)", "(0.5,2),(0.5,-1)"], &["(0,0),(0,0)"]),
    ("path", &["[(0,0),(1,1),(2,0)]", "((0,0),(1,1),(2,0))", "[(1,2)]"], &["((0,0),(0,0))"]),
    (
        "polygon",
        &["((0,0),(1,1),(2,0))", "((0,0),(0,4),(4,4),(4,0))", "((1,1),(1,2),(2,2),(2,1))"],
        &["((0,0))"],
    ),
    ("circle", &["<(0,0),1>", "<(1,2),3.5>", "<(5,5),2>"], &["<(0,0),0>"]),
    ("pg_lsn", &["0/0", "16/B374D848", "0/1"], &["FFFFFFFF/FFFFFFFF"]),
    ("xid8", &["0", "1", "12345678901"], &["18446744073709551615"]),
    ("tid", &["(0,1)", "(42,7)"], &["(4294967295,65535)"]),
    ("regclass", &["pg_class", "pg_type"], &["-"]),
    ("regtype", &["int4", "text", "timestamp with time zone"], &["-", "numeric[]"]),
    (
        "_int4",
        &["{}", "{1,2,3}", "{3,1,NULL}", "{{1,2},{3,4}}"],
        &["[0:2]={7,8,9}", "{NULL}", "{2147483647,-2147483648}"],
    ),
    ("_int8", &["{}", "{1,2,3}"], &["{NULL}"]),
    (
        "_text",
        &["{}", "{a,b,c}", "{x,NULL,\"y z\"}", "{{a,b},{c,d}}"],
        &["{\"\",\"NULL\",\"a\\\"b\"}", "[2:3]={p,q}"],
    ),
    ("_numeric", &["{}", "{1.5,2.50,3}"], &["{NaN,NULL,1}"]),
    ("_float8", &["{}", "{0.5,1,2}", "{0.25,0.75}"], &["{NaN,NULL}"]),
    ("_bool", &["{}", "{t,f,NULL}"], &[]),
    ("_date", &["{}", "{2024-01-01,2000-02-29}"], &["{infinity}"]),
];

/// The types that there are values of.
pub fn types() -> impl Iterator<Item = Oid> {
    VALUES.iter().filter_map(|(name, _, _)| oid(name))
}

/// The type of a name.
pub fn oid(name: &str) -> Option<Oid> {
    catalog::type_by_name(name).map(|row| row.oid)
}

/// How a type is written.
pub fn type_name(ty: Oid) -> String {
    if ty == pg::oid::BPCHAR {
        // `character` would be of one character.
        return "bpchar".into();
    }
    catalog::format_type(ty, None)
}

/// The first plain value of a type: whether it can be read says whether there is the type.
pub fn sample(ty: Oid) -> Option<&'static str> {
    let name = catalog::type_by_oid(ty)?.name;
    VALUES.iter().find(|(n, _, _)| *n == name)?.1.first().copied()
}

/// The text of a literal in quotes.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A literal of a type. `edges`: how many of a hundred lie at the edges.
pub fn literal(rng: &mut Rng, ty: Oid, edges: usize) -> String {
    let name = catalog::type_by_oid(ty).map_or("text", |row| row.name);
    if rng.percent(4) {
        return format!("NULL::{}", type_name(ty));
    }
    let Some((_, plain, edge)) = VALUES.iter().find(|(n, _, _)| *n == name) else {
        return format!("NULL::{}", type_name(ty));
    };
    let text = if !edge.is_empty() && rng.percent(edges) { rng.pick(edge) } else { rng.pick(plain) };
    spelled(rng, name, text, ty)
}

/// One of the ways to write a value of a type.
fn spelled(rng: &mut Rng, name: &str, text: &str, ty: Oid) -> String {
    let number = text.parse::<i64>().is_ok();
    match (name, rng.below(5)) {
        ("int4", 0..=3) if number && text.len() < 10 => parenthesised(text),
        ("numeric", 0..=2) if text.contains('.') && !text.contains('e') => parenthesised(text),
        ("bool", 0..=3) => if text == "t" { "true" } else { "false" }.into(),
        ("text", 0..=1) if !text.is_ascii() || text.contains('\n') => {
            format!("E'{}'::text", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
        }
        ("text", 2) if !text.contains('$') => format!("$q${text}$q$::text"),
        (_, 3) => format!("CAST({} AS {})", quoted(text), type_name(ty)),
        ("date" | "time" | "timestamp" | "interval" | "jsonb" | "uuid" | "inet" | "point", 4) => {
            format!("{name} {}", quoted(text))
        }
        ("bit", _) => format!("{}::bit(1)", quoted(text)),
        ("bpchar", _) => format!("{}::bpchar", quoted(text)),
        _ => format!("{}::{}", quoted(text), type_name(ty)),
    }
}

fn parenthesised(text: &str) -> String {
    if text.starts_with('-') { format!("({text})") } else { text.into() }
}
