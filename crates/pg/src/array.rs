//! Arrays.

use crate::{Error, Oid, SqlState, Value};

/// The most dimensions (`MAXDIM`).
pub const MAX_DIMENSIONS: usize = 6;

/// 54000: too many dimensions.
pub fn too_many_dimensions(count: usize) -> Error {
    Error::new(
        SqlState::PROGRAM_LIMIT_EXCEEDED,
        format!("number of array dimensions ({count}) exceeds the maximum allowed ({MAX_DIMENSIONS})"),
    )
}

/// An array value of any number of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The type of the elements.
    pub element: Oid,
    /// The dimensions, outermost first; none for the empty array.
    pub dims: Vec<Dimension>,
    /// The elements, row-major.
    pub items: Vec<Value>,
}

/// One dimension of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// The number of elements.
    pub length: i32,
    /// The first subscript: 1, or 0 for `int2vector` and `oidvector`.
    pub lower: i32,
}

impl Array {
    /// A one-dimensional array with subscripts from 1.
    pub fn one_dimensional(element: Oid, items: Vec<Value>) -> Array {
        Array::with_lower_bound(element, items, 1)
    }

    /// An `int2vector` or `oidvector`: subscripts from 0.
    pub fn vector(element: Oid, items: Vec<Value>) -> Array {
        Array::with_lower_bound(element, items, 0)
    }

    fn with_lower_bound(element: Oid, items: Vec<Value>, lower: i32) -> Array {
        let length = i32::try_from(items.len()).unwrap_or(i32::MAX);
        let dims = if items.is_empty() { Vec::new() } else { vec![Dimension { length, lower }] };
        Array { element, dims, items }
    }
}
