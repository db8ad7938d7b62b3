//! Whether two servers answered the same.

use crate::wire::{Cell, Reply};

/// How much floating-point sums may differ, since their order is not given.
const TOLERANCE: f64 = 1e-12;

const FLOAT4: u32 = 700;
const FLOAT8: u32 = 701;

/// What two replies differ in, if they do. `ordered` says that the rows' order is part of the answer.
pub fn difference(ours: &Reply, theirs: &Reply, ordered: bool) -> Option<String> {
    if let (Some(a), Some(b)) = (&ours.error, &theirs.error) {
        // Severity, code, message, detail, hint and position.
        let same = ['S', 'C', 'M', 'D', 'H', 'P'].iter().all(|field| a.get(field) == b.get(field));
        return (!same).then(|| format!("error {a:?}\n   instead of {b:?}"));
    }
    if ours.error != theirs.error {
        return Some(format!("error {:?}\n   instead of {:?}", ours.error, theirs.error));
    }
    if ours.parameters != theirs.parameters {
        return Some(format!("parameter types {:?}\n   instead of {:?}", ours.parameters, theirs.parameters));
    }
    if ours.columns != theirs.columns {
        return Some(format!("columns {:?}\n   instead of {:?}", ours.columns, theirs.columns));
    }
    if ours.tag != theirs.tag {
        return Some(format!("tag {:?} instead of {:?}", ours.tag, theirs.tag));
    }
    let types: Vec<u32> = theirs.columns.iter().flatten().map(|c| c.oid).collect();
    let binary = theirs.columns.iter().flatten().any(|c| c.format == 1);
    rows(ours, theirs, ordered, &types, binary)
}

fn rows(ours: &Reply, theirs: &Reply, ordered: bool, types: &[u32], binary: bool) -> Option<String> {
    if ours.rows.len() != theirs.rows.len() {
        return Some(format!("{} rows instead of {}", ours.rows.len(), theirs.rows.len()));
    }
    let (mut a, mut b) = (ours.rows.clone(), theirs.rows.clone());
    if !ordered {
        a.sort();
        b.sort();
    }
    for (i, (a, b)) in a.iter().zip(&b).enumerate() {
        for (column, (x, y)) in a.iter().zip(b).enumerate() {
            let oid = types.get(column).copied().unwrap_or_default();
            if x != y && !nearly(x, y, oid, binary) {
                return Some(format!(
                    "row {}, column {}: {} instead of {}",
                    i + 1,
                    column + 1,
                    show(x),
                    show(y)
                ));
            }
        }
    }
    None
}

/// Floating-point numbers that differ by no more than the order of a sum explains.
fn nearly(x: &Cell, y: &Cell, oid: u32, binary: bool) -> bool {
    let (Some(x), Some(y)) = (x, y) else { return false };
    let number = |bytes: &[u8]| -> Option<f64> {
        match (binary, oid) {
            (false, FLOAT4 | FLOAT8) => std::str::from_utf8(bytes).ok()?.parse().ok(),
            (true, FLOAT8) => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
            _ => None,
        }
    };
    let (Some(x), Some(y)) = (number(x), number(y)) else { return false };
    (x - y).abs() <= TOLERANCE * x.abs().max(y.abs())
}

fn show(cell: &Cell) -> String {
    match cell {
        None => "NULL".into(),
        Some(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Column;

    fn reply(oid: u32, rows: &[&str]) -> Reply {
        let column = Column { name: "x".into(), oid, size: 8, modifier: -1, format: 0 };
        Reply {
            columns: Some(vec![column]),
            rows: rows.iter().map(|r| vec![Some(r.as_bytes().to_vec())]).collect(),
            tag: Some(format!("SELECT {}", rows.len())),
            ..Reply::default()
        }
    }

    #[test]
    fn order_matters_only_where_it_is_given() {
        let (a, b) = (reply(23, &["1", "2"]), reply(23, &["2", "1"]));
        assert_eq!(difference(&a, &b, false), None);
        assert_eq!(difference(&a, &b, true), Some("row 1, column 1: \"1\" instead of \"2\"".into()));
    }

    #[test]
    fn types_and_values_must_agree_and_sums_nearly() {
        assert!(difference(&reply(23, &["1"]), &reply(20, &["1"]), true).is_some());
        assert!(difference(&reply(701, &["0.30000000000000004"]), &reply(701, &["0.3"]), true).is_none());
        assert!(difference(&reply(701, &["0.3001"]), &reply(701, &["0.3"]), true).is_some());
        assert!(difference(&reply(1700, &["0.30000000000000004"]), &reply(1700, &["0.3"]), true).is_some());
    }
}
