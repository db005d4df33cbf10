//! The clock: the one place that knows what time it is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use embargo_core::instant::Instant;

/// Tells the present instant.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// The clock of the system.
    #[must_use]
    pub fn system() -> Self {
        Self::of(|| {
            let whole = |time: Duration| i128::try_from(time.as_nanos()).unwrap_or(i128::MAX);
            let nanoseconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
                Ok(since) => whole(since),
                Err(before) => -whole(before.duration()),
            };
            Instant::from_unix_nanoseconds(nanoseconds).unwrap_or(Instant::MAX)
        })
    }

    /// A clock that tells what `now` gives.
    pub fn of(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
