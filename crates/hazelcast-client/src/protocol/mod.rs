//! The Open Binary Client Protocol 2.x: frames, messages and their contents, without any I/O.

pub(crate) mod frame;
