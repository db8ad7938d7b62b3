//! That what is written has the bytes of the Java classes, field by field.

use super::aggregator::{ALL, Aggregator};
use super::predicate::Predicate;
use super::projection::Projection;
use crate::data::Data;
use crate::data::value::Value;

fn hex(data: &Data) -> String {
    data.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hash 0, type -2, identified, factory, class.
fn header(factory: i32, class: i32) -> String {
    format!("00000000fffffffe01{:08x}{class:08x}", factory as u32)
}

#[test]
fn predicates_are_those_of_java() {
    let cases = [
        (Predicate::sql("a"), 0, "0000000161".to_string()),
        (Predicate::equal("a", 7), 3, "0000000161fffffff900000007".to_string()),
        (Predicate::equal("a", Value::Null), 3, "000000016100000000".to_string()),
        // The upper bound comes first.
        (Predicate::between("a", 1i8, 2i8), 2, "0000000161fffffffd02fffffffd01".to_string()),
        (Predicate::at_most("a", 1i8), 4, "0000000161fffffffd010101".to_string()),
        (Predicate::greater("a", 1i8), 4, "0000000161fffffffd010000".to_string()),
        (Predicate::is_in("a", [1i8, 2]), 7, "000000016100000002fffffffd01fffffffd02".to_string()),
        (Predicate::constant(true), 14, String::new()),
        (!Predicate::constant(false), 10, "fffffffe01ffffffec0000000d".to_string()),
        (
            Predicate::constant(true) & Predicate::constant(false),
            1,
            "00000002fffffffe01ffffffec0000000efffffffe01ffffffec0000000d".to_string(),
        ),
    ];
    for (predicate, class, fields) in cases {
        assert_eq!(hex(&predicate.to_data().unwrap()), header(-20, class) + &fields, "{predicate:?}");
    }
}

#[test]
fn a_partition_stands_around_the_whole() {
    let predicate = Predicate::constant(true).in_partition_of(&1i8).unwrap();
    let inner = "fffffffd01fffffffe01ffffffec0000000e";
    assert_eq!(hex(&predicate.to_data().unwrap()), header(-20, 16) + inner);
    assert_eq!(hex(&predicate.condition_data().unwrap()), header(-20, 14));
    assert_eq!(predicate.partition_key().map(Data::type_id), Some(-3));
}

#[test]
fn projections_and_aggregators_are_those_of_java() {
    let attribute = Projection::attribute("a").to_data().unwrap();
    assert_eq!(hex(&attribute), header(-30, 0) + "0000000161");
    let attributes = Projection::attributes(["a", "b"]).to_data().unwrap();
    assert_eq!(hex(&attributes), header(-30, 1) + "0000000200000001610000000162");
    assert!(Projection::attributes(Vec::<String>::new()).to_data().is_err());
    assert_eq!(hex(&Aggregator::count().to_data().unwrap()), header(-29, 4) + "ffffffff0000000000000000");
    assert_eq!(
        hex(&Aggregator::decimal_sum("a").to_data().unwrap()),
        header(-29, 1) + "0000000161ffffffe5000000010000000000"
    );
    // Each has a class of its own.
    let mut classes: Vec<_> =
        ALL.iter().map(|make| make("a".into()).to_data().unwrap().payload()[5..9].to_vec()).collect();
    classes.sort();
    classes.dedup();
    assert_eq!(classes.len(), 19);
}

#[test]
fn predicates_that_are_serialized_go_as_they_are() {
    let custom =
        Data::from_value(&Value::Other { type_id: 77, payload: vec![1, 2].into() }).unwrap().unwrap();
    let predicate = Predicate::serialized(custom.clone());
    assert_eq!(predicate.to_data().unwrap(), custom);
    assert_eq!(hex(&(!predicate).to_data().unwrap()), header(-20, 10) + "0000004d0102");
}
