//! The bytes that a statement holds: hash tables, sorts, materialised subqueries.

use std::mem::size_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pg::{Error, Result, SqlState, Value};

/// The budget of one statement.
#[derive(Debug)]
pub(super) struct Memory {
    limit: usize,
    used: AtomicUsize,
    spilled: AtomicUsize,
}

/// A statement may write so many times its memory to temporary files.
const SPILLED: usize = 64;

impl Memory {
    pub(super) fn new(limit: usize) -> Arc<Memory> {
        Arc::new(Memory { limit, used: AtomicUsize::new(0), spilled: AtomicUsize::new(0) })
    }

    /// Starts to hold nothing, for an operation with this name (`a sort`, `a hash join`).
    pub(super) fn reserve(self: &Arc<Memory>, operation: &'static str) -> Reservation {
        Reservation { memory: self.clone(), operation, bytes: 0 }
    }

    /// Writes so many bytes to temporary files, or fails with 53400.
    pub(super) fn spill(&self, bytes: usize) -> Result<()> {
        let spilled = self.spilled.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let limit = self.limit.saturating_mul(SPILLED);
        if spilled <= limit {
            return Ok(());
        }
        let message = format!("temporary file size exceeds the limit of a statement ({}kB)", limit / 1024);
        Err(Error::new(SqlState::CONFIGURATION_LIMIT_EXCEEDED, message)
            .hint("Make the result smaller, or raise \"statement_memory\" of the gateway."))
    }
}

/// What one operation holds; given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    memory: Arc<Memory>,
    operation: &'static str,
    bytes: usize,
}

impl Reservation {
    /// Holds so many more bytes, or fails with 53200.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<()> {
        let used = self.memory.used.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        self.bytes += bytes;
        if used > self.memory.limit { Err(self.exhausted()) } else { Ok(()) }
    }

    /// Whether so much is held that the rest should go to temporary files: an operator leaves room for the others.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > self.memory.limit / 4
    }

    /// Holds a row more.
    pub(super) fn grow_by_row(&mut self, row: &[Value]) -> Result<()> {
        self.grow(row_bytes(row))
    }

    /// Holds so many bytes less.
    pub(super) fn shrink(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        self.memory.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn exhausted(&self) -> Error {
        let limit = self.memory.limit;
        Error::new(SqlState::OUT_OF_MEMORY, "out of memory")
            .detail(format!(
                "The statement needs more than {limit} bytes for what the gateway holds; the last was for {}.",
                self.operation
            ))
            .hint("Make the result of the subqueries and joins smaller, or raise \"statement_memory\" of the gateway.")
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.memory.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What a row takes, its vector included.
pub fn row_bytes(row: &[Value]) -> usize {
    size_of::<Vec<Value>>() + 16 + row.iter().map(value_bytes).sum::<usize>()
}

/// What a value takes. Shared parts count as if they were not.
pub(super) fn value_bytes(value: &Value) -> usize {
    const ARC: usize = 2 * size_of::<usize>();
    size_of::<Value>()
        + match value {
            Value::Text(text) | Value::Jsonb(text) => ARC + text.len(),
            Value::Bytea(bytes) => ARC + bytes.len(),
            Value::Numeric(_) => ARC + 48,
            Value::Other(value) => ARC + pg::other::size(value),
            Value::Array(array) => {
                ARC + 64 + array.items.iter().map(value_bytes).sum::<usize>() + array.dims.len() * 8
            }
            Value::Record(record) => ARC + 72 + record.fields.iter().map(value_bytes).sum::<usize>(),
            _ => 0,
        }
}
