//! The reload loop: takes up changed policies, whole or not at all.
//!
//! A file event is a hint, a periodic digest of the tree is the truth. Whatever goes wrong,
//! what was active keeps judging, and the failure is visible in the log and in [`Present`].

mod attempt;
mod log;
mod order;
mod present;
mod trials;
mod keeper;
mod turn;
mod watch;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::watch as channel;

use crate::config::Config;
use crate::source::Source;

use self::attempt::Attempts;
pub use self::present::{Active, Present, ReloadReport, ReloadState};
use self::turn::Turns;

/// Signals that may wait for the loop. One is as good as many.
const SIGNALS: usize = 8;

/// What wakes the loop.
#[derive(Debug)]
enum Signal {
    /// Something below the root may have changed.
    Changed,
    /// The loop shall end.
    Stop,
}

/// A running reload loop. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Reloader {
    present: channel::Receiver<Present>,
    signals: mpsc::SyncSender<Signal>,
    stopped: Arc<AtomicBool>,
}

impl Reloader {
    /// Makes the first attempt and starts the loop. A first attempt that fails is no error:
    /// nothing is active, and the loop waits for a change.
    ///
    /// # Errors
    /// If no thread can be started.
    pub(crate) fn start(source: Source, config: &Config) -> io::Result<Self> {
        let (sender, present) = channel::channel(Present::default());
        let (signals, woken) = mpsc::sync_channel(SIGNALS);
        let (first, done) = mpsc::sync_channel(1);
        let stopped = Arc::new(AtomicBool::new(false));
        let settings = config.settings().clone();
        // The tests of the shipped set are among this project's own.
        let is_tested = !matches!(source, Source::Embedded) && !settings.skip_tests_on_reload;
        let allows_rollback = matches!(&source, Source::Bundle(bundle) if bundle.allows_rollback);
        let attempts = Attempts::new(sender, settings, is_tested, allows_rollback);
        let pause = config.settings().poll_interval;
        let turns = Turns::new(
            source,
            config.settings(),
            attempts,
            signals.clone(),
            woken,
            Arc::clone(&stopped),
        );
        thread::Builder::new()
            .name("embargo-reload".to_owned())
            .spawn(move || keep_turning(turns, &first, pause))?;
        // A loop that ended without an attempt leaves nothing active, which is said as such.
        let _ = done.recv();
        Ok(Self {
            present,
            signals,
            stopped,
        })
    }

    /// What is active and how the last attempt went, as it changes.
    pub(crate) fn present(&self) -> channel::Receiver<Present> {
        self.present.clone()
    }
}

/// Runs the loop until it is told to stop, whatever happens inside of it: a defect must not
/// keep later changes from being taken up.
fn keep_turning(mut turns: Turns, first: &mpsc::SyncSender<()>, pause: Duration) {
    let mut run = || {
        turns.run(|| {
            // The one who waits may have gone, or been told already.
            let _ = first.try_send(());
        });
    };
    while catch_unwind(AssertUnwindSafe(&mut run)).is_err() {
        tracing::error!("the reload loop failed and goes on");
        thread::sleep(pause);
    }
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // Full of signals is as good: the loop looks at the flag when it wakes.
        let _ = self.signals.try_send(Signal::Stop);
    }
}

#[cfg(test)]
mod tests;
