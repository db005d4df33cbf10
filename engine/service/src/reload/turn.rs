//! Turns of the loop: wait for an event or for the time to look, let things come to rest, read,
//! and make an attempt if what was read is new.
//!
//! Nothing is read while a file is being written or changes follow each other, up to a limit.
//! What was read while something changed is thrown away. Where no event tells of changes, things
//! are at rest when they read the same for a while.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::config::Settings;
use crate::source::{BundlePlace, ReadSourceError, Reader, Reading, Source, agree};
use crate::telemetry::{BundlePoll, Telemetry};

use super::Signal;
use super::attempt::Attempts;
use super::watch::Watch;

/// How often it is looked whether the root is another folder, of which not every way to make it
/// one raises an event.
const GLANCE: Duration = Duration::from_millis(500);
/// How long the first attempt waits at most for rest: a server shall be ready soon.
const FIRST_REST: Duration = Duration::from_secs(1);
/// Changes that have followed each other for long are expected to pause for longer: for this part
/// of the time that they took,
const PAUSE: u32 = 4;
/// and at most for so many quiet periods. So long it takes, too, after a folder came.
const PAUSE_LIMIT: u32 = 5;
/// Quiet periods between two reads that must agree where no event tells of changes.
const APART: u32 = 3;

pub(super) struct Turns {
    reader: Reader,
    attempts: Attempts,
    watch: Option<Watch>,
    woken: Receiver<Signal>,
    stopped: Arc<AtomicBool>,
    poll_interval: Duration,
    quiet_period: Duration,
    quiet_limit: Duration,
    telemetry: Telemetry,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    ByEvent,
    ByTime,
    ToStop,
}

/// What a source gives.
type Read = Result<Reading, ReadSourceError>;

impl Turns {
    pub(super) fn new(
        source: Source,
        settings: &Settings,
        attempts: Attempts,
        signals: SyncSender<Signal>,
        woken: Receiver<Signal>,
        stopped: Arc<AtomicBool>,
    ) -> Self {
        let root = match &source {
            Source::Folder(path) => Some(path),
            Source::Bundle(bundle) => match &bundle.place {
                BundlePlace::File(path) => Some(path),
                BundlePlace::Url(_) => None,
            },
            Source::Embedded => None,
        };
        let watch = root.map(|path| {
            // Events come with absolute paths.
            let root = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
            Watch::new(root, signals)
        });
        Self {
            reader: Reader::new(source, settings.clock.clone()),
            attempts,
            watch,
            woken,
            stopped,
            poll_interval: settings.poll_interval,
            quiet_period: settings.quiet_period,
            quiet_limit: settings.quiet_limit,
            telemetry: settings.telemetry.clone(),
        }
    }

    /// Makes the first attempt, says so, and goes on until it is told to stop.
    pub(super) fn run(&mut self, first: impl FnOnce()) {
        let Some(watch) = &mut self.watch else {
            self.fetch();
            first();
            self.fetch_again();
            return;
        };
        watch.set();
        let most = FIRST_REST.max(self.quiet_period).min(self.quiet_limit);
        if !self.take_up(most, Woken::ByEvent) {
            return;
        }
        first();
        let mut looked = Instant::now();
        loop {
            let left = self.poll_interval.saturating_sub(looked.elapsed());
            let woken = self.wait(left.min(GLANCE));
            let goes_on = match woken {
                Woken::ToStop => false,
                Woken::ByEvent => self.take_up(self.quiet_limit, woken),
                Woken::ByTime if self.is_stale() => self.take_up(self.quiet_limit, woken),
                Woken::ByTime if looked.elapsed() < self.poll_interval => continue,
                Woken::ByTime => self.look(),
            };
            if !goes_on {
                return;
            }
            looked = Instant::now();
            self.attempts.tidy();
        }
    }

    /// Fetches again and again, if that is how the source is read. What is inside of the binary
    /// does not change.
    fn fetch_again(&mut self) {
        while let Some(pause) = self.reader.pause() {
            let start = Instant::now();
            while start.elapsed() < pause {
                if self.wait(pause.saturating_sub(start.elapsed())) == Woken::ToStop {
                    return;
                }
            }
            self.fetch();
        }
    }

    /// Reads what is not watched, and makes an attempt if it is new.
    fn fetch(&mut self) {
        let read = self.reader.read_settled();
        let before = match &read {
            Err(ReadSourceError::Archive(_) | ReadSourceError::Signature(_)) => {
                Some(BundlePoll::Refused)
            }
            Err(_) => Some(BundlePoll::Failed),
            Ok(_) if self.reader.is_failing() => Some(BundlePoll::Failed),
            Ok(_) if !self.attempts.is_new(&read) => Some(BundlePoll::Unchanged),
            Ok(_) => None,
        };
        self.attempts.make(read);
        if self.reader.is_remote() {
            let taken = if self.attempts.is_refused() {
                BundlePoll::Refused
            } else {
                BundlePoll::Fetched
            };
            self.telemetry.bundle_polled(before.unwrap_or(taken));
        }
        self.attempts.tidy();
    }

    fn is_stale(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::is_stale)
    }

    /// Looks whether something changed without an event. No, if it is time to stop.
    fn look(&mut self) -> bool {
        if let Some(watch) = &mut self.watch
            && !watch.is_set()
        {
            watch.set();
        }
        if !self.attempts.is_new(&self.reader.read()) {
            return true;
        }
        self.take_up(self.quiet_limit, Woken::ByTime)
    }

    /// Lets things come to rest, reads, and makes an attempt. No, if it is time to stop.
    fn take_up(&mut self, most: Duration, woken: Woken) -> bool {
        let start = Instant::now();
        loop {
            if self.is_stale() {
                // Else nobody would tell of what happens in the folder that came instead.
                self.set_watch();
            }
            if woken == Woken::ByEvent && !self.rest(start, most) {
                return false;
            }
            // A change falls either under the fresh watch or into what is read.
            self.drain();
            self.set_watch();
            let tells = self.watch.as_ref().is_some_and(Watch::tells_of_closing);
            let read = if tells && woken == Woken::ByEvent {
                self.reader.read_settled()
            } else {
                match self.read_apart(start, most) {
                    Some(read) => read,
                    None => return false,
                }
            };
            if start.elapsed() < most && self.is_disturbed() {
                continue;
            }
            self.attempts.make(read);
            return true;
        }
    }

    fn set_watch(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.set();
        }
    }

    /// Waits until no event has come for a while and no file is being written, or for as long as
    /// that may take. No, if it is time to stop.
    fn rest(&self, start: Instant, most: Duration) -> bool {
        let mut last = start;
        loop {
            let left = most.saturating_sub(start.elapsed());
            if left.is_zero() {
                self.give_up(most);
                return true;
            }
            let longest = self.quiet_period * PAUSE_LIMIT;
            let pause = last.saturating_duration_since(start) / PAUSE;
            let grown = self.watch.as_ref().and_then(Watch::grown);
            let young = grown.map_or(Duration::ZERO, |grown| {
                longest.saturating_sub(grown.elapsed())
            });
            let pause = pause.clamp(self.quiet_period, longest).max(young);
            match self.wait(pause.min(left)) {
                Woken::ByEvent => last = Instant::now(),
                Woken::ByTime if left < pause || self.being_written().is_some() => {}
                Woken::ByTime => return true,
                Woken::ToStop => return false,
            }
        }
    }

    fn being_written(&self) -> Option<PathBuf> {
        self.watch.as_ref().and_then(Watch::being_written)
    }

    /// Goes on without rest.
    fn give_up(&self, most: Duration) {
        match self.being_written() {
            Some(file) => tracing::warn!(
                file = %file.display(),
                "a policy file has been open for writing for {most:?}; it is read as it is, and \
                 may be half a file"
            ),
            None => tracing::warn!(
                "the policy folder has been changing for {most:?}; it is read all the same"
            ),
        }
        if let Some(watch) = &self.watch {
            watch.stop_waiting();
        }
    }

    /// Whether something happened since the watch was set, so that what was read can be half of
    /// a change.
    fn is_disturbed(&mut self) -> bool {
        if let Some(watch) = &mut self.watch {
            watch.catch_up();
        }
        self.drain() || self.being_written().is_some()
    }

    /// Takes the signals that wait, and says whether there were any.
    fn drain(&self) -> bool {
        let mut any = false;
        while let Ok(signal) = self.woken.try_recv() {
            any |= matches!(signal, Signal::Changed);
        }
        any
    }

    /// Reads until two reads that lie apart agree, or for as long as that may take. None, if it
    /// is time to stop.
    fn read_apart(&mut self, start: Instant, most: Duration) -> Option<Read> {
        let mut before = self.reader.read_settled();
        while start.elapsed() < most {
            if self.wait(self.quiet_period * APART) == Woken::ToStop {
                return None;
            }
            let present = self.reader.read_settled();
            if agree(&before, &present) {
                break;
            }
            before = present;
        }
        Some(before)
    }

    /// Waits for a signal. One to stop may come without a signal of its own.
    fn wait(&self, most: Duration) -> Woken {
        let is_stopped = || self.stopped.load(Ordering::Acquire);
        if is_stopped() {
            return Woken::ToStop;
        }
        let woken = match self.woken.recv_timeout(most) {
            Ok(Signal::Changed) => Woken::ByEvent,
            Err(RecvTimeoutError::Timeout) => Woken::ByTime,
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => Woken::ToStop,
        };
        if is_stopped() { Woken::ToStop } else { woken }
    }
}

#[cfg(test)]
mod tests;
