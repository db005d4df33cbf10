//! Turns of the loop: wait for an event or for the time to look, let things settle, read,
//! and make an attempt if what was read is new.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::source::Source;

use super::Signal;
use super::attempt::Attempts;
use super::watch::Watch;

pub(super) struct Turns {
    source: Source,
    attempts: Attempts,
    watch: Option<Watch>,
    woken: Receiver<Signal>,
    stopped: Arc<AtomicBool>,
    poll_interval: Duration,
    quiet_period: Duration,
    quiet_limit: Duration,
}

/// Why a wait ended.
#[derive(PartialEq, Eq)]
enum Woken {
    ByEvent,
    ByTime,
    ToStop,
}

impl Turns {
    pub(super) fn new(
        source: Source,
        settings: &Settings,
        attempts: Attempts,
        signals: SyncSender<Signal>,
        woken: Receiver<Signal>,
        stopped: Arc<AtomicBool>,
    ) -> Self {
        let watch = match &source {
            Source::Folder(path) => {
                // Events come with absolute paths.
                let root = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
                Some(Watch::new(root, signals))
            }
            Source::Embedded => None,
        };
        Self {
            source,
            attempts,
            watch,
            woken,
            stopped,
            poll_interval: settings.poll_interval,
            quiet_period: settings.quiet_period,
            quiet_limit: settings.quiet_limit,
        }
    }

    /// Makes the first attempt, says so, and goes on until it is told to stop.
    pub(super) fn run(&mut self, first: impl FnOnce()) {
        self.take_up();
        first();
        if self.watch.is_none() {
            // What is inside of the binary does not change.
            return;
        }
        loop {
            match self.wait(self.poll_interval) {
                Woken::ToStop => return,
                Woken::ByEvent => {
                    if !self.settle() {
                        return;
                    }
                    self.take_up();
                }
                Woken::ByTime => {
                    if !self.look() {
                        return;
                    }
                }
            }
            self.attempts.tidy();
        }
    }

    /// Reads and makes an attempt. The watch is set anew before the reading, so that a change
    /// falls either under the new watch or into what is read.
    fn take_up(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.set();
        }
        self.attempts.make(self.source.read_settled());
    }

    /// Looks whether something changed without an event. No, if it is time to stop.
    fn look(&mut self) -> bool {
        let moved = self.watch.as_ref().is_some_and(Watch::is_stale);
        if !moved && !self.attempts.is_new(&self.source.read()) {
            return true;
        }
        if !self.settle() {
            return false;
        }
        self.take_up();
        true
    }

    /// Waits until no event has come for a while, or for as long as that may take. No, if it
    /// is time to stop.
    fn settle(&self) -> bool {
        let start = Instant::now();
        loop {
            let left = self.quiet_limit.saturating_sub(start.elapsed());
            if left.is_zero() {
                return true;
            }
            match self.wait(self.quiet_period.min(left)) {
                Woken::ByEvent => {}
                Woken::ByTime => return true,
                Woken::ToStop => return false,
            }
        }
    }

    fn wait(&self, most: Duration) -> Woken {
        let woken = match self.woken.recv_timeout(most) {
            Ok(Signal::Changed) => Woken::ByEvent,
            Err(RecvTimeoutError::Timeout) => Woken::ByTime,
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => Woken::ToStop,
        };
        if self.stopped.load(Ordering::Acquire) {
            return Woken::ToStop;
        }
        woken
    }
}
