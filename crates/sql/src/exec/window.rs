//! Window functions.

use pg::{Error, Result, TypeRef};

use super::compile::Compiler;
use super::stream::BoxNode;
use crate::plan::Plan;
use crate::query::{Window, WindowCall};

/// Compiles it.
pub(super) fn compile(
    _: &mut Compiler,
    _: &Plan,
    _: &Window,
    _: &[(WindowCall, TypeRef)],
) -> Result<BoxNode> {
    Err(Error::new(pg::SqlState::FEATURE_NOT_SUPPORTED, "window functions are not supported"))
}
