//! What a PostgreSQL 15 answers for `'text'::regtype` and `oid::regtype::text`.

use std::sync::Arc;

use pg::{Oid, oid};

use crate::catalog::Catalog;
use crate::catalog::tests::{catalog, movies};

fn path() -> Vec<Arc<str>> {
    vec!["public".into()]
}

/// Reads and prints again, or SQLSTATE and message.
fn through(catalog: &Catalog, reg_type: Oid, text: &str) -> String {
    match catalog.reg_in(reg_type, text, &path()) {
        Ok(oid) => catalog.reg_out(reg_type, oid, &path()),
        Err(error) => error.to_string(),
    }
}

fn check(reg_type: Oid, cases: &[(&str, &str)]) {
    let catalog = catalog(&movies());
    for (text, expected) in cases {
        assert_eq!(through(&catalog, reg_type, text), *expected, "{text}");
    }
}

#[test]
fn regclass() {
    check(
        oid::REGCLASS,
        &[
            ("movies", "movies"),
            ("Movies", "movies"),
            ("public.movies", "movies"),
            ("hazelcast.public.movies", "movies"),
            ("movies_pkey", "movies_pkey"),
            ("pg_class", "pg_class"),
            ("1259", "pg_class"),
            ("information_schema.tables", "information_schema.tables"),
            ("pg_toast.pg_toast_1255", "pg_toast.pg_toast_1255"),
            ("-", "-"),
            ("0", "-"),
            ("123", "123"),
            ("x.y", "3F000: schema \"x\" does not exist"),
            ("nope", "42P01: relation \"nope\" does not exist"),
            ("\"Movies\"", "42P01: relation \"Movies\" does not exist"),
            ("public.nope", "42P01: relation \"public.nope\" does not exist"),
            ("a.b.c", "0A000: cross-database references are not implemented: \"a.b.c\""),
            ("a b", "42602: invalid name syntax"),
            ("", "42602: invalid name syntax"),
            ("\"a", "42602: invalid name syntax"),
            ("99999999999", "22003: value \"99999999999\" is out of range for type oid"),
        ],
    );
}

#[test]
fn regtype() {
    check(
        oid::REGTYPE,
        &[
            ("int", "integer"),
            ("INTEGER", "integer"),
            ("timestamp with time zone", "timestamp with time zone"),
            ("timestamp(3) without time zone", "timestamp without time zone"),
            ("time", "time without time zone"),
            ("varchar(10)", "character varying"),
            ("character varying", "character varying"),
            ("int4[]", "integer[]"),
            ("_int4", "integer[]"),
            ("int4 array", "integer[]"),
            ("\"char\"", "\"char\""),
            ("char", "character"),
            ("double precision", "double precision"),
            ("bit varying(3)", "bit varying"),
            ("interval day to second", "interval"),
            ("numeric(10,2)[]", "numeric[]"),
            ("float(10)", "real"),
            ("movies", "movies"),
            ("movies[]", "movies[]"),
            ("public.movies", "movies"),
            ("pg_catalog.int4", "integer"),
            ("information_schema.sql_identifier", "information_schema.sql_identifier"),
            ("oidvector", "oidvector"),
            ("25", "text"),
            ("foo", "42704: type \"foo\" does not exist"),
            ("pg_catalog.foo", "42704: type \"pg_catalog.foo\" does not exist"),
            ("nope.t", "3F000: schema \"nope\" does not exist"),
            ("setof int4", "42601: invalid type name \"setof int4\""),
            ("foo bar", "42601: syntax error at or near \"bar\""),
            ("", "42601: invalid type name \"\""),
        ],
    );
}

#[test]
fn functions_and_operators() {
    check(
        oid::REGPROC,
        &[
            ("boolin", "boolin"),
            ("pg_catalog.boolin", "boolin"),
            ("870", "pg_catalog.lower"),
            ("99999", "99999"),
            ("lower", "42725: more than one function named \"lower\""),
            ("nope", "42883: function \"nope\" does not exist"),
            ("nope.f", "3F000: schema \"nope\" does not exist"),
        ],
    );
    check(
        oid::REGPROCEDURE,
        &[
            ("lower(text)", "lower(text)"),
            ("1242", "boolin(cstring)"),
            ("now()", "now()"),
            ("format_type(oid, integer)", "format_type(oid,integer)"),
            ("lower(foo)", "42704: type \"foo\" does not exist"),
            ("lower(int)", "42883: function \"lower(int)\" does not exist"),
            ("lower", "22P02: expected a left parenthesis"),
            ("lower(text", "22P02: expected a right parenthesis"),
        ],
    );
    check(
        oid::REGOPER,
        &[("!!", "!!"), ("551", "pg_catalog.+"), ("0", "0"), ("+", "42725: more than one operator named +")],
    );
    check(
        oid::REGOPERATOR,
        &[
            ("+(int4,int4)", "+(integer,integer)"),
            ("-(none,int4)", "-(NONE,integer)"),
            ("0", "0"),
            ("+(text,text)", "42883: operator does not exist: +(text,text)"),
        ],
    );
}

#[test]
fn the_others() {
    check(
        oid::REGNAMESPACE,
        &[
            ("public", "public"),
            ("11", "pg_catalog"),
            ("5", "5"),
            ("nope", "3F000: schema \"nope\" does not exist"),
        ],
    );
    check(
        oid::REGROLE,
        &[
            ("postgres", "postgres"),
            ("3373", "pg_monitor"),
            ("77", "77"),
            ("x", "42704: role \"x\" does not exist"),
        ],
    );
    check(
        oid::REGCOLLATION,
        &[
            ("\"C\"", "\"C\""),
            ("100", "\"default\""),
            ("C", "42704: collation \"c\" for encoding \"UTF8\" does not exist"),
        ],
    );
    check(
        oid::REGCONFIG,
        &[
            ("english", "english"),
            ("3748", "simple"),
            ("nope", "42704: text search configuration \"nope\" does not exist"),
        ],
    );
    check(oid::REGDICTIONARY, &[("simple", "simple")]);
}

#[test]
fn what_the_path_hides_is_qualified() {
    let catalog = catalog(&movies());
    let class = catalog.reg_in(oid::REGCLASS, "movies", &path()).expect("movies");
    assert_eq!(catalog.reg_out(oid::REGCLASS, class, &[]), "public.movies");
    let ty = catalog.reg_in(oid::REGTYPE, "movies[]", &path()).expect("movies[]");
    assert_eq!(catalog.reg_out(oid::REGTYPE, ty, &[]), "public.movies[]");
    let inside: Vec<Arc<str>> = vec!["information_schema".into()];
    assert_eq!(catalog.format_type(Oid(13226), None, &inside), "sql_identifier");
}
