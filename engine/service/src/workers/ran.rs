//! How long a thread has run, not counting the time in which it waited for a core.
//!
//! On a machine that is overloaded, or in a container that is throttled, a thread can stand
//! still for longer than a policy may take. That is not the policy's fault.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The priority of a thread that makes way: a seventieth of the usual share of a core.
#[cfg(target_os = "linux")]
const LEAST_PRIORITY: i32 = 19;

/// The clock of one thread.
#[derive(Debug)]
pub(super) struct ThreadClock {
    /// The number of the thread, on Linux.
    thread: Option<i32>,
    /// Where Linux tells how long the thread has run; elsewhere time as such has to do.
    statistics: Option<PathBuf>,
    start: Instant,
}

impl ThreadClock {
    /// The clock of the thread that asks.
    pub(super) fn of_this_thread() -> Self {
        let own = std::fs::read_link("/proc/thread-self").ok();
        let number = own.as_deref().and_then(Path::file_name);
        let thread = number.and_then(|number| number.to_str()?.parse().ok());
        let statistics = own.map(|own| Path::new("/proc").join(own).join("schedstat"));
        Self {
            thread,
            statistics: statistics.filter(|path| ran(path).is_some()),
            start: Instant::now(),
        }
    }

    /// Has the thread run only where no other of the process wants to, from here on. It cannot be
    /// undone: that would need a right that a server does not have. False where it is not possible.
    #[cfg(target_os = "linux")]
    pub(super) fn make_way(&self) -> bool {
        // The system takes the number of a thread for that of a process, and means the thread alone.
        let thread = self.thread.and_then(rustix::process::Pid::from_raw);
        thread.is_some_and(|thread| {
            rustix::process::setpriority_process(Some(thread), LEAST_PRIORITY).is_ok()
        })
    }

    /// Not possible for one thread alone.
    #[cfg(not(target_os = "linux"))]
    pub(super) const fn make_way(&self) -> bool {
        false
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
