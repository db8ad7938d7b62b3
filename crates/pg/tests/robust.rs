//! Whatever comes from outside, reading it gives a value or an error, and a value that was read can be shown.

use pg::{Env, Oid, TypeRef, binary, catalog, compare, text};
use proptest::prelude::*;

/// The types that values are read of, and their arrays.
fn types() -> Vec<Oid> {
    let names = [
        "bool",
        "bytea",
        "char",
        "name",
        "int8",
        "int2",
        "int4",
        "text",
        "oid",
        "json",
        "jsonb",
        "float4",
        "float8",
        "bpchar",
        "varchar",
        "date",
        "time",
        "timetz",
        "timestamp",
        "timestamptz",
        "interval",
        "numeric",
        "uuid",
        "regclass",
        "int2vector",
        "oidvector",
    ];
    let rows = names.iter().filter_map(|name| catalog::type_by_name(name));
    rows.flat_map(|row| [row.oid, row.array]).collect()
}

fn any_type() -> impl Strategy<Value = TypeRef> {
    let typmod = prop_oneof![Just(-1), 0..20_i32, Just((10 << 16 | 2) + 4), Just(6 << 16 | 2)];
    (prop::sample::select(types()), typmod).prop_map(|(oid, typmod)| TypeRef { oid, typmod })
}

fn env() -> impl Strategy<Value = Env> {
    let zones = ["UTC", "Europe/Berlin", "America/New_York", "<+05:30>-05:30"];
    prop::sample::select(zones.to_vec()).prop_map(|zone| Env { time_zone: zone.into(), ..Env::default() })
}

/// Texts that look a little like dates, numbers, arrays and documents.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,12}",
        "[-+:./ ,{}\"\\\\T]{1,2}",
        prop::sample::select(vec![
            "jan",
            "PM",
            "bc",
            "epoch",
            "infinity",
            "-infinity",
            "now",
            "ago",
            "year",
            "day",
            "EST",
            "MSK",
            "Europe/Berlin",
            "NaN",
            "1e",
            "e10",
            "J",
            "P",
            "null",
            "true",
            "\\u",
            "[",
            "]",
            "@",
            "DST",
            "week",
        ])
        .prop_map(String::from),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn text_input(text in texts(), ty in any_type(), env in env()) {
        if let Ok(value) = text::input(&text, ty, &env) {
            let mut out = Vec::new();
            text::output(&value, ty.oid, &env, &mut out).unwrap();
            let shown = String::from_utf8(out).unwrap();
            // What is shown reads back as the same value, a time's zone and a float's last digits included.
            let again = text::input(&shown, TypeRef::of(ty.oid), &env).unwrap();
            prop_assert!(compare::equal(ty.oid, &value, &again), "{text:?} {shown:?}");
        }
    }

    #[test]
    fn binary_input(bytes in prop::collection::vec(any::<u8>(), 0..60), ty in any_type(), env in env()) {
        if let Ok(value) = binary::recv(&bytes, ty, &env) {
            let mut out = Vec::new();
            text::output(&value, ty.oid, &env, &mut out).unwrap();
            let mut sent = Vec::new();
            binary::send(&value, ty.oid, &env, &mut sent).unwrap();
            let again = binary::recv(&sent, TypeRef::of(ty.oid), &env).unwrap();
            prop_assert!(compare::equal(ty.oid, &value, &again));
        }
    }

    #[test]
    fn small_binary_input(bytes in prop::collection::vec(0..4_u8, 0..40), ty in any_type()) {
        let env = Env::default();
        if let Ok(value) = binary::recv(&bytes, ty, &env) {
            text::output(&value, ty.oid, &env, &mut Vec::new()).unwrap();
        }
    }
}
