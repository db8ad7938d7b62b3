//! Literals of unknown type become constants of a type through its input function.

use std::sync::Arc;

use pg::{Env, Oid, Result, TypeRef, Value};

/// The value of a text.
pub fn input(type_oid: Oid, typmod: i32, text: &Arc<str>, env: &Env) -> Result<Value> {
    pg::text::input(text, TypeRef { oid: type_oid, typmod }, env)
}
