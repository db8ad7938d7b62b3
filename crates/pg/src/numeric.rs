//! `numeric`: numbers of any precision, with the display scale that PostgreSQL keeps beside the value.

use num_bigint::BigInt;

/// A `numeric`. Equality here is structural (`1.0` is not `1.00`); SQL's is a kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numeric {
    /// `NaN`
    NaN,
    /// `Infinity`
    Infinity,
    /// `-Infinity`
    NegInfinity,
    /// `coefficient / 10^scale`
    Finite {
        /// The unscaled value.
        coefficient: BigInt,
        /// The display scale: digits after the decimal point, 0 to 16383.
        scale: u32,
    },
}
