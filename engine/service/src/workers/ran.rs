//! How long a thread has run, not counting the time in which it waited for a core.
//!
//! On a machine that is overloaded, or in a container that is throttled, a thread can stand
//! still for longer than a policy may take. That is not the policy's fault.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The clock of one thread.
#[derive(Debug)]
pub(super) struct ThreadClock {
    /// Where Linux tells how long the thread has run; elsewhere time as such has to do.
    statistics: Option<PathBuf>,
    start: Instant,
}

impl ThreadClock {
    /// The clock of the thread that asks.
    pub(super) fn of_this_thread() -> Self {
        let own = std::fs::read_link("/proc/thread-self").ok();
        let statistics = own.map(|own| Path::new("/proc").join(own).join("schedstat"));
        Self {
            statistics: statistics.filter(|path| ran(path).is_some()),
            start: Instant::now(),
        }
    }

    /// How long it has run so far.
    pub(super) fn ran(&self) -> Duration {
        let told = self.statistics.as_deref().and_then(ran);
        told.unwrap_or_else(|| self.start.elapsed())
    }
}

/// The first number there is the nanoseconds that a thread has spent on a core.
fn ran(statistics: &Path) -> Option<Duration> {
    let text = std::fs::read_to_string(statistics).ok()?;
    let nanoseconds = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_waits_does_not_run() {
        let clock = ThreadClock::of_this_thread();
        let before = clock.ran();
        std::thread::sleep(Duration::from_millis(50));
        assert!(clock.ran() - before < Duration::from_millis(25));
    }

    #[test]
    fn a_thread_that_works_runs() {
        let clock = ThreadClock::of_this_thread();
        let before = clock.ran();
        while clock.ran() - before < Duration::from_millis(5) {
            std::hint::black_box(before);
        }
    }
}
