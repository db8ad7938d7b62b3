//! Stack for whoever walks a tree. Trees are as deep as clients write them (the parser has the limit,
//! `parse/parser.rs`), and a level of a walk takes what its functions' frames take: each walk asks at every level.

/// What must be left: more than any walk takes from one level to the next, in unoptimized builds too.
const LEFT: usize = 256 << 10;
/// What is added at a time.
const MORE: usize = 4 << 20;

/// Goes on on another stack when this one is nearly used up.
pub(crate) fn grown<T>(f: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(LEFT, MORE, f)
}
