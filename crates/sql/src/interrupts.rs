//! Analysis and planning look whether their statement is to stop (PostgreSQL's `CHECK_FOR_INTERRUPTS`). They compute on one
//! thread from beginning to end, and what they compute is not asked for rows: so the statement's token is the thread's
//! while they do, as PostgreSQL's `InterruptPending` is the process's.

use std::cell::RefCell;

use pg::Result;

use crate::exec::CancelToken;

thread_local! {
    static CURRENT: RefCell<Option<CancelToken>> = const { RefCell::new(None) };
}

/// Does something that ends early once the token is cancelled.
pub fn within<T>(token: &CancelToken, work: impl FnOnce() -> T) -> T {
    /// Puts the token back that was there before, whatever becomes of the work.
    struct Before(Option<CancelToken>);
    impl Drop for Before {
        fn drop(&mut self) {
            CURRENT.set(self.0.take());
        }
    }
    let _before = Before(CURRENT.replace(Some(token.clone())));
    work()
}

/// The error with which the statement under way ends, if it is to stop.
pub(crate) fn check() -> Result<()> {
    CURRENT.with_borrow(|current| current.as_ref().map_or(Ok(()), CancelToken::check))
}

/// Whether the statement under way is to stop: for loops that can't fail. Whoever called them has to [`check`].
pub(crate) fn pending() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_some_and(CancelToken::is_cancelled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::CancelReason;

    #[test]
    fn a_token_is_seen_inside_only() {
        let (outer, inner) = (CancelToken::new(), CancelToken::new());
        inner.cancel(CancelReason::UserRequest);
        within(&outer, || {
            assert!(check().is_ok());
            within(&inner, || assert!(check().is_err() && pending()));
            assert!(!pending());
        });
        assert!(check().is_ok());
    }
}
