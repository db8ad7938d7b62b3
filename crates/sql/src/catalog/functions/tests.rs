//! What a PostgreSQL 15 answers on the movie tables.

use pg::func::Call;
use pg::{Env, Oid, Value, oid};

use super::*;
use crate::catalog::system::tables::*;
use crate::catalog::tests::{catalog, movies};
use crate::session::Session;

struct World {
    catalog: Catalog,
    session: Session,
    env: Env,
    cancel: CancelToken,
}

impl World {
    fn new() -> World {
        World {
            catalog: catalog(&movies()),
            session: Session::default(),
            env: Env::default(),
            cancel: CancelToken::new(),
        }
    }

    /// Calls the overload whose arguments fit the values, as the analyzer would; strict functions skip NULL.
    fn call(&self, name: &str, args: &[Value]) -> Value {
        self.try_call(name, args).unwrap_or_else(|error| Value::text(error.to_string()))
    }

    fn try_call(&self, name: &str, args: &[Value]) -> Result<Value> {
        let fits = |proc: &&&pg::catalog::Proc| {
            proc.args.len() == args.len() && proc.args.iter().zip(args).all(|(ty, value)| fits(*ty, value))
        };
        let proc =
            pg::catalog::procs_by_name(name).iter().find(fits).unwrap_or_else(|| panic!("{name}{args:?}"));
        let call = Call { env: &self.env, arg_types: &proc.args, result: proc.result };
        let call =
            SystemCall { call: &call, catalog: &self.catalog, session: &self.session, cancel: &self.cancel };
        if proc.strict && args.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        system_function(proc.oid).unwrap_or_else(|| panic!("{name} is missing"))(&call, args)
    }

    fn set(&self, name: &str, args: &[Value]) -> Vec<Vec<Value>> {
        let proc = pg::catalog::procs_by_name(name).first().unwrap_or_else(|| panic!("{name}"));
        let call = Call { env: &self.env, arg_types: &proc.args, result: proc.result };
        let call =
            SystemCall { call: &call, catalog: &self.catalog, session: &self.session, cancel: &self.cancel };
        let function = system_set_function(proc.oid).unwrap_or_else(|| panic!("{name} is missing"));
        function(&call, args).expect("rows")
    }

    fn class(&self, name: &str) -> Value {
        Value::Oid(self.catalog.class_by_text(name, &["public".into()]).expect("a relation"))
    }
}

fn fits(ty: Oid, value: &Value) -> bool {
    match value {
        Value::Oid(_) => matches!(ty, oid::OID | oid::REGCLASS | oid::XID),
        Value::Text(_) => matches!(ty, oid::TEXT | oid::NAME | oid::PG_NODE_TREE | oid::ACLITEM),
        Value::Bool(_) => ty == oid::BOOL,
        Value::Char(_) => ty == oid::CHAR,
        Value::Int2(_) => ty == oid::INT2,
        Value::Int4(_) => ty == oid::INT4,
        Value::Int8(_) => ty == oid::INT8,
        Value::Array(_) => true,
        _ => ty != oid::INT2,
    }
}

fn t(text: &str) -> Value {
    Value::text(text)
}

fn o(oid: u32) -> Value {
    Value::Oid(Oid(oid))
}

#[test]
fn definitions() {
    let world = World::new();
    let (pkey, movies) = (world.class("movies_pkey"), world.class("movies"));
    let index = |args: &[Value]| world.call("pg_get_indexdef", args);
    let full = "CREATE UNIQUE INDEX movies_pkey ON public.movies USING btree (__key)";
    assert_eq!(index(std::slice::from_ref(&pkey)), t(full));
    assert_eq!(index(&[pkey.clone(), Value::Int4(0), Value::Bool(true)]), t(&full.replace("public.", "")));
    assert_eq!(index(&[pkey.clone(), Value::Int4(1), Value::Bool(false)]), t("__key"));
    assert_eq!(index(&[pkey, Value::Int4(2), Value::Bool(false)]), Value::Null);
    assert_eq!(index(&[o(99999)]), Value::Null);
    assert_eq!(
        index(&[world.class("pg_proc_proname_args_nsp_index")]),
        t("CREATE UNIQUE INDEX pg_proc_proname_args_nsp_index ON pg_catalog.pg_proc USING btree (proname, \
           proargtypes, pronamespace)")
    );
    let key = world.catalog.database().table("public", "movies").and_then(|t| t.key.as_ref()).expect("a key");
    assert_eq!(world.call("pg_get_constraintdef", &[Value::Oid(key.constraint)]), t("PRIMARY KEY (__key)"));
    let check = world.catalog.scan(PG_CONSTRAINT).find(|row| row.char(3) == b'c').expect("a check");
    let check = Value::Oid(check.oid(0));
    assert_eq!(world.call("pg_get_constraintdef", std::slice::from_ref(&check)), t("CHECK ((VALUE >= 0))"));
    assert_eq!(world.call("pg_get_constraintdef", &[check, Value::Bool(true)]), t("CHECK (VALUE >= 0)"));
    let view = world.call("pg_get_viewdef", &[world.class("pg_tables"), Value::Bool(true)]);
    assert!(
        view.as_str().is_some_and(|v| v.ends_with("c.relkind = ANY (ARRAY['r'::\"char\", 'p'::\"char\"]);"))
    );
    assert_eq!(world.call("pg_get_viewdef", &[movies]), Value::Null);
    let rule = world.catalog.scan(PG_REWRITE).find(|row| Value::Oid(row.oid(2)) == world.class("pg_group"));
    let rule = world.call("pg_get_ruledef", &[Value::Oid(rule.expect("a rule").oid(0))]);
    assert!(rule.as_str().is_some_and(|rule| {
        rule.starts_with(
            "CREATE RULE \"_RETURN\" AS\n    ON SELECT TO pg_catalog.pg_group DO INSTEAD  SELECT",
        )
    }));
    assert_eq!(world.call("pg_get_serial_sequence", &[t("movies"), t("id")]), Value::Null);
    assert_eq!(
        world.call("pg_get_serial_sequence", &[t("movies"), t("x")]),
        t("42703: column \"x\" of relation \"movies\" does not exist")
    );
}

#[test]
fn functions() {
    let world = World::new();
    let proc = |text: &str| {
        Value::Oid(world.catalog.reg_in(oid::REGPROCEDURE, text, &["public".into()]).expect("a function"))
    };
    let interval = "make_interval(int,int,int,int,int,int,float8)";
    let arguments = [
        ("format(text,\"any\")", "text, VARIADIC \"any\""),
        (
            interval,
            "years integer DEFAULT 0, months integer DEFAULT 0, weeks integer DEFAULT 0, days integer DEFAULT 0, \
             hours integer DEFAULT 0, mins integer DEFAULT 0, secs double precision DEFAULT 0.0",
        ),
        (
            "aclexplode(aclitem[])",
            "acl aclitem[], OUT grantor oid, OUT grantee oid, OUT privilege_type text, OUT is_grantable boolean",
        ),
        ("percentile_cont(float8,float8)", "double precision ORDER BY double precision"),
        ("rank(\"any\")", "VARIADIC \"any\" ORDER BY VARIADIC \"any\""),
        ("count()", ""),
    ];
    for (text, expected) in arguments {
        assert_eq!(world.call("pg_get_function_arguments", &[proc(text)]), t(expected), "{text}");
    }
    assert_eq!(world.call("pg_get_function_result", &[proc("aclexplode(aclitem[])")]), t("SETOF record"));
    assert_eq!(world.call("pg_get_function_result", &[o(1)]), Value::Null);
    assert_eq!(
        world.call("pg_get_function_identity_arguments", &[proc("aclexplode(aclitem[])")]),
        t(
            "acl aclitem[], OUT grantor oid, OUT grantee oid, OUT privilege_type text, OUT is_grantable boolean"
        )
    );
    assert_eq!(world.call("pg_get_function_arg_default", &[proc(interval), Value::Int4(7)]), t("0.0"));
    assert_eq!(world.call("pg_get_function_arg_default", &[proc(interval), Value::Int4(8)]), Value::Null);
    assert_eq!(
        world.call("pg_get_functiondef", &[o(870)]),
        t(
            "CREATE OR REPLACE FUNCTION pg_catalog.lower(text)\n RETURNS text\n LANGUAGE internal\n IMMUTABLE \
           PARALLEL SAFE STRICT\nAS $function$lower$function$\n"
        )
    );
    assert_eq!(
        world.call("pg_get_functiondef", &[proc("row_number()")]),
        t(
            "CREATE OR REPLACE FUNCTION pg_catalog.row_number()\n RETURNS bigint\n LANGUAGE internal\n WINDOW \
           IMMUTABLE PARALLEL SAFE SUPPORT window_row_number_support\nAS \
           $function$window_row_number$function$\n"
        )
    );
    assert_eq!(
        world.call("pg_get_functiondef", &[proc("obj_description(oid)")]),
        t(
            "CREATE OR REPLACE FUNCTION pg_catalog.obj_description(oid)\n RETURNS text\n LANGUAGE sql\n STABLE \
           PARALLEL SAFE STRICT\nBEGIN ATOMIC\n SELECT pg_description.description\n    FROM pg_description\n   \
           WHERE ((pg_description.objoid = $1) AND (pg_description.objsubid = 0));\nEND\n"
        )
    );
    assert_eq!(
        world.call("pg_get_functiondef", &[proc("max(int)")]),
        t("42809: \"max\" is an aggregate function")
    );
}

#[test]
fn privileges() {
    let world = World::new();
    let yes = Value::Bool(true);
    let no = Value::Bool(false);
    let movies = world.class("movies");
    let table = |args: &[Value]| world.call("has_table_privilege", args);
    assert_eq!(table(&[movies.clone(), t("select")]), yes);
    assert_eq!(table(&[t("movies"), t("INSERT, UPDATE WITH GRANT OPTION")]), yes);
    assert_eq!(table(&[t("movies"), t("foo")]), t("22023: unrecognized privilege type: \"foo\""));
    assert_eq!(table(&[o(99999), t("select")]), Value::Null);
    assert_eq!(table(&[t("nope"), t("select")]), t("42P01: relation \"nope\" does not exist"));
    assert_eq!(table(&[t("pg_monitor"), movies.clone(), t("select")]), no);
    assert_eq!(table(&[t("pg_read_all_data"), movies.clone(), t("select")]), yes);
    assert_eq!(table(&[t("pg_read_all_data"), movies.clone(), t("insert")]), no);
    assert_eq!(table(&[t("public"), t("pg_class"), t("select")]), yes);
    assert_eq!(table(&[t("nobody"), t("pg_class"), t("select")]), t("42704: role \"nobody\" does not exist"));
    assert_eq!(world.call("has_schema_privilege", &[t("pg_monitor"), t("public"), t("usage")]), yes);
    assert_eq!(world.call("has_schema_privilege", &[t("pg_monitor"), t("public"), t("create")]), no);
    assert_eq!(world.call("has_database_privilege", &[t("pg_monitor"), t("hazelcast"), t("connect")]), yes);
    assert_eq!(world.call("has_function_privilege", &[t("pg_monitor"), t("lower(text)"), t("execute")]), yes);
    assert_eq!(world.call("has_column_privilege", &[t("movies"), t("id"), t("select")]), yes);
    assert_eq!(
        world.call("has_column_privilege", &[t("movies"), t("nope"), t("select")]),
        t("42703: column \"nope\" of relation \"movies\" does not exist")
    );
    assert_eq!(
        world.call("has_column_privilege", &[movies.clone(), Value::Int2(99), t("select")]),
        Value::Null
    );
    assert_eq!(world.call("has_any_column_privilege", &[movies, t("select")]), yes);
    assert_eq!(world.call("pg_has_role", &[t("pg_monitor"), t("pg_read_all_stats"), t("usage")]), yes);
    assert_eq!(world.call("pg_has_role", &[t("pg_read_all_stats"), t("pg_monitor"), t("member")]), no);
    let acl = |kind: u8| match world.call("acldefault", &[Value::Char(kind), o(10)]) {
        Value::Array(array) => {
            array.items.iter().map(|i| i.as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
        }
        other => vec![format!("{other:?}")],
    };
    assert_eq!(acl(b'r'), ["postgres=arwdDxt/postgres"]);
    assert_eq!(acl(b'f'), ["=X/postgres", "postgres=X/postgres"]);
    assert_eq!(acl(b'c'), [""; 0]);
    let list = args::make_array(oid::ACLITEM, vec![t("=r*w/postgres")]);
    assert_eq!(
        world.set("aclexplode", &[list]),
        [[o(10), o(0), t("SELECT"), yes], [o(10), o(0), t("UPDATE"), no]]
    );
}

#[test]
fn names() {
    let world = World::new();
    assert_eq!(world.call("format_type", &[o(1043), Value::Int4(24)]), t("character varying(20)"));
    assert_eq!(world.call("format_type", &[o(1042), Value::Null]), t("character"));
    assert_eq!(world.call("format_type", &[Value::Null, Value::Null]), Value::Null);
    assert_eq!(world.call("pg_get_userbyid", &[o(10)]), t("postgres"));
    assert_eq!(world.call("pg_get_userbyid", &[o(77)]), t("unknown (OID=77)"));
    let visible = |name: &str| world.call("pg_table_is_visible", &[world.class(name)]);
    assert_eq!((visible("movies"), visible("pg_class")), (Value::Bool(true), Value::Bool(true)));
    assert_eq!(visible("information_schema.tables"), Value::Bool(false));
    assert_eq!(world.call("pg_table_is_visible", &[o(99999)]), Value::Null);
    assert_eq!(world.call("to_regclass", &[t("movies")]), world.class("movies"));
    assert_eq!(world.call("to_regclass", &[t("x.y")]), Value::Null);
    assert_eq!(world.call("to_regproc", &[t("lower")]), Value::Null);
    assert_eq!(world.call("to_regtype", &[t("foo")]), Value::Null);
    assert_eq!(world.call("to_regprocedure", &[t("lower(x)")]), t("42704: type \"x\" does not exist"));
    assert_eq!(world.call("obj_description", &[o(870), t("pg_proc")]), t("lowercase"));
    assert_eq!(world.call("obj_description", &[world.class("movies"), t("pg_class")]), Value::Null);
    assert_eq!(
        world.call("shobj_description", &[o(1), t("pg_database")]),
        t("default template for new databases")
    );
}

#[test]
fn descriptions() {
    let world = World::new();
    let key = world.catalog.database().table("public", "movies").and_then(|t| t.key.as_ref()).expect("a key");
    let cases = [
        (PG_CLASS, world.class("movies"), 0, "table movies"),
        (PG_CLASS, world.class("movies"), 1, "column __key of table movies"),
        (PG_CLASS, Value::Oid(key.oid), 0, "index movies_pkey"),
        (PG_CLASS, world.class("pg_tables"), 0, "view pg_tables"),
        (PG_PROC, o(870), 0, "function lower(text)"),
        (PG_TYPE, o(23), 0, "type integer"),
        (PG_NAMESPACE, o(2200), 0, "schema public"),
        (PG_CONSTRAINT, Value::Oid(key.constraint), 0, "constraint movies_pkey on table movies"),
        (PG_AUTHID, o(10), 0, "role postgres"),
        (PG_LANGUAGE, o(12), 0, "language internal"),
        (PG_AM, o(403), 0, "access method btree"),
        (PG_CAST, o(10000), 0, "cast from bigint to smallint"),
        (PG_OPERATOR, o(96), 0, "operator =(integer,integer)"),
        (PG_COLLATION, o(100), 0, "collation \"default\""),
        (PG_OPCLASS, o(1978), 0, "operator class int4_ops for access method btree"),
        (PG_TABLESPACE, o(1663), 0, "tablespace pg_default"),
    ];
    for (class, object, column, expected) in cases {
        let text = world.call("pg_describe_object", &[Value::Oid(class), object, Value::Int4(column)]);
        assert_eq!(text, t(expected));
    }
    let record =
        world.call("pg_identify_object", &[Value::Oid(PG_CLASS), world.class("movies"), Value::Int4(1)]);
    let Value::Record(record) = record else { panic!("no record") };
    assert_eq!(record.fields, [t("table column"), t("public"), t("movies"), t("public.movies.__key")]);
}

#[test]
fn properties() {
    let world = World::new();
    let (pkey, movies) = (world.class("movies_pkey"), world.class("movies"));
    let column =
        |n, word| world.call("pg_index_column_has_property", &[pkey.clone(), Value::Int4(n), t(word)]);
    assert_eq!((column(1, "asc"), column(1, "desc")), (Value::Bool(true), Value::Bool(false)));
    assert_eq!((column(1, "distance_orderable"), column(9, "asc")), (Value::Bool(false), Value::Null));
    assert_eq!(world.call("pg_indexam_has_property", &[o(403), t("can_order")]), Value::Bool(true));
    assert_eq!(world.call("pg_indexam_has_property", &[o(403), t("foo")]), Value::Null);
    assert_eq!(world.call("pg_index_has_property", &[pkey, t("clusterable")]), Value::Bool(true));
    let updatable = |table: Value| world.call("pg_relation_is_updatable", &[table, Value::Bool(false)]);
    assert_eq!(updatable(movies.clone()), Value::Int4(28));
    assert_eq!(updatable(world.class("pg_tables")), Value::Int4(0));
    assert_eq!(updatable(world.class("pg_settings")), Value::Int4(4));
    let publishable = |table: Value| world.call("pg_relation_is_publishable", &[table]);
    assert_eq!(
        (publishable(movies), publishable(world.class("pg_class"))),
        (Value::Bool(true), Value::Bool(false))
    );
}

#[test]
fn session_functions() {
    let world = World::new();
    assert_eq!(world.call("current_database", &[]), t("hazelcast"));
    assert_eq!(world.call("current_schema", &[]), t("public"));
    assert_eq!(world.call("current_user", &[]), t("postgres"));
    let schemas = |implicit| world.call("current_schemas", &[Value::Bool(implicit)]);
    assert_eq!(schemas(true), args::make_array(oid::NAME, vec![t("pg_catalog"), t("public")]));
    assert_eq!(schemas(false), args::make_array(oid::NAME, vec![t("public")]));
    assert_eq!(world.call("set_config", &[t("search_path"), t(""), Value::Bool(false)]), t(""));
    assert_eq!(world.call("current_schema", &[]), Value::Null);
    assert_eq!(world.call("set_config", &[t("work_mem"), t("8192"), Value::Bool(true)]), t("8MB"));
    assert_eq!(world.call("current_setting", &[t("work_mem")]), t("4MB"));
    assert_eq!(world.call("pg_tablespace_location", &[o(1663)]), t(""));
    assert_eq!(world.call("pg_table_is_visible", &[Value::Oid(Oid(1259))]), Value::Bool(true));
    assert_eq!(world.call("current_setting", &[t("server_encoding")]), t("UTF8"));
    assert_eq!(world.call("current_setting", &[t("a.b"), Value::Bool(true)]), Value::Null);
    assert_eq!(
        world.call("current_setting", &[t("nope")]),
        t("42704: unrecognized configuration parameter \"nope\"")
    );
    let version = world.call("version", &[]);
    assert!(version.as_str().is_some_and(|v| v.starts_with("PostgreSQL 15.") && v.contains("(hazelgres)")));
    assert_eq!(world.call("pg_encoding_to_char", &[Value::Int4(6)]), t("UTF8"));
    assert_eq!(world.call("pg_char_to_encoding", &[t("utf-8")]), Value::Int4(6));
    assert_eq!(world.call("age", &[o(1)]), Value::Int4(i32::MAX));
    assert_eq!(world.set("pg_show_all_settings", &[])[0].len(), 17);
    let activity = world.set("pg_stat_get_activity", &[Value::Null]);
    assert_eq!((activity.len(), &activity[0][0]), (1, &Value::Oid(world.catalog.database_oid())));
    assert_eq!(world.call("pg_relation_size", &[world.class("movies")]), Value::Int8(0));
    assert_eq!(world.call("pg_relation_size", &[o(99999)]), Value::Null);
    assert_eq!(world.call("pg_stat_get_live_tuples", &[world.class("movies")]), Value::Int8(500));
    assert_eq!(world.call("pg_stat_get_numscans", &[world.class("movies")]), Value::Int8(0));
}

#[test]
fn time_zones() {
    let world = World::new();
    let names = world.set("pg_timezone_names", &[]);
    let berlin = names.iter().find(|row| row[0] == t("Europe/Berlin")).expect("Berlin");
    // On 1 January 2000.
    let hour = Value::Interval(pg::Interval { months: 0, days: 0, micros: 3_600_000_000 });
    assert_eq!(berlin[1..], [t("CET"), hour.clone(), Value::Bool(false)]);
    let abbrevs = world.set("pg_timezone_abbrevs", &[]);
    assert!(abbrevs.contains(&vec![t("CET"), hour, Value::Bool(false)]) && abbrevs.len() > 150);
}

#[test]
fn information_schema_functions() {
    let world = World::new();
    let number = |name: &str, ty: u32, typmod: i32| world.call(name, &[o(ty), Value::Int4(typmod)]);
    assert_eq!(number("_pg_numeric_precision", 1700, 655_366), Value::Int4(10));
    assert_eq!(number("_pg_numeric_scale", 1700, 655_366), Value::Int4(2));
    assert_eq!(number("_pg_numeric_precision", 1700, -1), Value::Null);
    assert_eq!(number("_pg_char_max_length", 1043, 24), Value::Int4(20));
    assert_eq!(number("_pg_char_octet_length", 1043, -1), Value::Int4(1 << 30));
    assert_eq!(number("_pg_datetime_precision", 1184, -1), Value::Int4(6));
    assert_eq!(number("_pg_interval_type", 1186, 470_351_871), t("DAY TO SECOND"));
    assert_eq!(number("_pg_interval_type", 1186, -1), Value::Null);
    let position = world.call("_pg_index_position", &[world.class("movies_pkey"), Value::Int2(1)]);
    assert_eq!(position, Value::Int4(1));
}

/// Every function of the catalog's own views is known, here or among the pure ones.
#[test]
fn the_views_functions_are_there() {
    let known = |name: &str| {
        let procs = pg::catalog::procs_by_name(name);
        procs.iter().any(|p| {
            system_function(p.oid).is_some()
                || system_set_function(p.oid).is_some()
                || pg::func::set_kernel(p.oid).is_some()
        })
    };
    let mut missing: Vec<String> = Vec::new();
    for relation in pg::catalog::system_relations().iter().filter(|r| r.kind == 'v') {
        let text = pg::catalog::view_definition(relation.oid, false).unwrap_or_default();
        for (at, _) in text.match_indices('(') {
            let before = &text[..at];
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
            let name = &before[start..];
            let system = ["pg_", "has_", "_pg_", "acl", "current_", "session_", "row_security"];
            if system.iter().any(|prefix| name.starts_with(prefix)) && !known(name) {
                missing.push(name.to_owned());
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert_eq!(missing, [""; 0]);
    assert!(known("pg_get_expr") && !known("no_such_function"));
}

/// A function has one home: what `pg::func` has is not looked for here.
#[test]
fn no_function_is_written_twice() {
    for proc in pg::catalog::procs() {
        let scalar = system_function(proc.oid).is_some() && pg::func::kernel(proc.oid).is_some();
        let set = system_set_function(proc.oid).is_some() && pg::func::set_kernel(proc.oid).is_some();
        assert!(!scalar && !set, "{}", proc.name);
    }
}
