//! What `psql` prints on a PostgreSQL 15.

use super::*;
use crate::{Oid, oid};

#[test]
fn types_have_their_columns() {
    let int4 = type_by_name("int4").expect("int4");
    assert_eq!((int4.oid, int4.len, int4.category, int4.preferred), (oid::INT4, 4, 'N', false));
    assert_eq!((int4.array, int4.input, int4.kind), (oid::INT4_ARRAY, Oid(42), 'b'));
    let vector = type_by_oid(oid::OIDVECTOR).expect("oidvector");
    assert!(vector.element == oid::OID && vector.is_array());
    assert!(!type_by_name("name").expect("name").is_array());
    assert!(type_by_name("text").expect("text").preferred);
    assert_eq!(element_type(oid::TEXT_ARRAY), Some(oid::TEXT));
    assert_eq!(array_type(oid::NUMERIC), Some(oid::NUMERIC_ARRAY));
    let domain = types().iter().find(|row| row.name == "sql_identifier").expect("a domain");
    assert_eq!(base_type(domain.oid, -1).0, oid::NAME);
    assert!(type_by_name("integer").is_none());
}

#[test]
fn procs_have_their_columns() {
    let date_trunc = procs_by_name("date_trunc");
    assert_eq!(date_trunc.len(), 4);
    let settings = procs_by_name("pg_show_all_settings")[0];
    assert!(settings.returns_set && settings.outputs().len() == 17);
    assert_eq!(settings.outputs()[0], ("name", oid::TEXT));
    let make_interval = procs_by_name("make_interval")[0];
    assert_eq!((make_interval.defaults, make_interval.args.len()), (7, 7));
    assert_eq!(make_interval.arg_names[0], "years");
    let tree = make_interval.default_tree.expect("defaults");
    assert_eq!(raw_node_tree_text(tree), Some("0, 0, 0, 0, 0, 0, 0.0"));
    assert_eq!(procs_by_name("format")[0].variadic, oid::ANY);
    let lower = proc_by_signature("lower", &[oid::TEXT]).expect("lower(text)");
    assert!(lower.strict && lower.volatility == 'i' && lower.source == "lower");
    assert!(procs().len() > 3200);
    assert!(procs_by_name("no_such_function").is_empty());
}

#[test]
fn operators_casts_and_aggregates() {
    let eq = operator_exact("=", oid::INT4, oid::INT4).expect("=");
    assert_eq!((eq.oid, eq.code, eq.commutator), (Oid(96), Oid(65), Oid(96)));
    assert_eq!(operator_exact("-", Oid::INVALID, oid::INT4).expect("prefix").kind, 'l');
    assert_eq!(cast(oid::INT4, oid::INT8).map(|c| (c.context, c.method)), Some(('i', 'f')));
    assert!(cast(oid::INT4, oid::DATE).is_none());
    assert!(is_binary_coercible(oid::VARCHAR, oid::TEXT));
    assert!(!is_binary_coercible(oid::BPCHAR, oid::VARCHAR) || cast(oid::BPCHAR, oid::VARCHAR).is_some());
    let avg = proc_by_signature("avg", &[oid::INT4]).expect("avg");
    assert_eq!(aggregate(avg.oid).map(|a| (a.kind, a.state)), Some(('n', oid::INT8_ARRAY)));
}

#[test]
fn operator_classes_follow_get_default_op_class() {
    let text_eq = operator_exact("=", oid::TEXT, oid::TEXT).map(|o| o.oid);
    assert_eq!(equality_operator(oid::VARCHAR), text_eq);
    assert_eq!(equality_operator(oid::XID), operator_exact("=", oid::XID, oid::XID).map(|o| o.oid));
    assert_eq!(btree_operator(oid::XID, Strategy::Less), None);
    assert_eq!(equality_operator(oid::JSON), None);
    assert_eq!(btree_comparison(oid::INT4), Some(Oid(351)));
    assert_eq!(default_opclass(oid::INT4_ARRAY, BTREE).map(|c| c.name), Some("array_ops"));
    let less = btree_operator(oid::INT4, Strategy::Less).expect("<");
    assert_eq!(btree_strategies(less), [(Oid(1976), 1)]);
}

/// `SELECT format_type(oid, typmod)`.
#[test]
fn types_are_printed_as_format_type_prints_them() {
    let numeric = ((10 << 16) | 2) + 4;
    let cases = [
        (0, None, "-"),
        (1, None, "???"),
        (23, None, "integer"),
        (1043, Some(24), "character varying(20)"),
        (1043, Some(-1), "character varying"),
        (1042, None, "character"),
        (1042, Some(-1), "bpchar"),
        (1042, Some(14), "character(10)"),
        (1560, None, "bit"),
        (1560, Some(-1), "\"bit\""),
        (1560, Some(3), "bit(3)"),
        (1700, Some(numeric), "numeric(10,2)"),
        (1231, Some(numeric), "numeric(10,2)[]"),
        (1184, Some(3), "timestamp(3) with time zone"),
        (1186, Some(0x1c08_ffff), "interval day to second"),
        (1186, Some(0x7fff_0003), "interval(3)"),
        (18, None, "\"char\""),
        (1007, None, "integer[]"),
        (30, None, "oidvector"),
        (13226, None, "information_schema.sql_identifier"),
        (71, None, "pg_type"),
    ];
    for (oid, typmod, expected) in cases {
        assert_eq!(format_type(Oid(oid), typmod), expected, "format_type({oid}, {typmod:?})");
    }
}

#[test]
fn relations_have_all_their_columns() {
    let pg_class = system_relation(Oid(1259)).expect("pg_class");
    assert_eq!(pg_class.columns.len(), 33);
    assert_eq!(pg_class.columns[1].name, "relname");
    assert_eq!(pg_class.columns[32].type_oid, oid::PG_NODE_TREE);
    for relation in system_relations().iter().filter(|r| r.kind == 'r') {
        if let Some(table) = system_table(relation.name) {
            let names: Vec<_> = relation.columns.iter().map(|c| c.name).collect();
            assert_eq!(table.columns().collect::<Vec<_>>(), names, "{}", relation.name);
            assert!(table.rows().all(|row| row.count() == names.len()), "{}", relation.name);
        }
    }
    let views = system_relations().iter().filter(|r| r.kind == 'v');
    assert_eq!(views.clone().count(), 140);
    assert!(
        views.into_iter().all(|view| view_definition(view.oid, false).is_some_and(|d| d.contains("SELECT")))
    );
}

#[test]
fn every_procs_default_count_has_a_text() {
    for proc in procs().iter().filter(|proc| proc.defaults > 0) {
        let tree = proc.default_tree.unwrap_or_default();
        assert!(raw_node_tree_text(tree).is_some(), "{}", proc.name);
    }
}
