//! A byte budget that many connections share: whoever wants to receive a large message asks first, so that a crowd of
//! clients that each announce a gigabyte can't make the process take it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Error, Result, SqlState};

/// Bytes that may be held at a time, over all connections.
#[derive(Clone, Debug)]
pub struct Budget(Arc<AtomicUsize>);

/// A part of a [`Budget`]; given back when dropped.
#[derive(Debug)]
pub struct Grant {
    budget: Arc<AtomicUsize>,
    bytes: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(bytes: usize) -> Budget {
        Budget(Arc::new(AtomicUsize::new(bytes)))
    }

    /// Takes bytes out of the budget, or fails with 53200 at once: waiting would let one client block the others.
    pub fn take(&self, bytes: usize) -> Result<Grant> {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes))
            .map(|_| Grant { budget: self.0.clone(), bytes })
            .map_err(|left| {
                Error::new(SqlState::OUT_OF_MEMORY, "out of memory").detail(format!(
                    "A message of {bytes} bytes exceeds what is left for large messages ({left} bytes)."
                ))
            })
    }

    /// The bytes nobody holds.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        self.budget.fetch_add(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_taken() {
        let budget = Budget::new(100);
        let grant = budget.take(60).unwrap();
        assert_eq!(budget.left(), 40);
        assert_eq!(budget.take(41).unwrap_err().code(), SqlState::OUT_OF_MEMORY);
        drop(grant);
        assert_eq!(budget.left(), 100);
        assert!(budget.take(100).is_ok());
    }
}
