//! Serialized values ("Data"): what travels as parameters, in OBJECT columns, and as keys and values of maps.

pub mod decimal;
pub mod temporal;
pub mod value;
