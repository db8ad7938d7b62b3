//! `pg_range`.

use std::sync::LazyLock;

use super::data::system_table;
use crate::Oid;

/// A row of `pg_range`.
#[derive(Clone, Copy, Debug)]
pub struct RangeType {
    /// `rngtypid`
    pub range: Oid,
    /// `rngsubtype`
    pub element: Oid,
    /// `rngmultitypid`
    pub multirange: Oid,
    /// Whether it has a function that makes bounds canonical (`rngcanonical`).
    pub discrete: bool,
}

static ROWS: LazyLock<Vec<RangeType>> = LazyLock::new(|| {
    let rows = system_table("pg_range").into_iter().flat_map(|table| table.rows());
    rows.map(|mut row| {
        let (range, element, multirange) = (row.oid(), row.oid(), row.oid());
        row.pass(2); // rngcollation, rngsubopc
        RangeType { range, element, multirange, discrete: row.oid().is_valid() }
    })
    .collect()
});

/// The row of a range type, or of a multirange type.
pub fn range_type(oid: Oid) -> Option<&'static RangeType> {
    ROWS.iter().find(|row| row.range == oid || row.multirange == oid)
}
