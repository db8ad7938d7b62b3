//! Moments to come. Settings may be as long as they like: what is beyond the clock's range is never.

use std::time::Duration;

use tokio::time::Instant;

/// As good as never.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// The moment so long after another.
pub(crate) fn after(from: Instant, wait: Duration) -> Instant {
    from + wait.min(FOREVER)
}

/// The moment so long from now.
pub(crate) fn within(wait: Duration) -> Instant {
    after(Instant::now(), wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_is_no_overflow() {
        assert!(within(Duration::MAX) > Instant::now());
        assert_eq!(after(within(Duration::ZERO), Duration::from_secs(1)).elapsed(), Duration::ZERO);
    }
}
