//! Values to text and back (`xxx_out`, `xxx_in`).

mod float;

pub use float::{parse_float4, parse_float8, write_float4, write_float8};
