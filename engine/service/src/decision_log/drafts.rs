//! Drafts that wait to be written, in lossy mode, and the thread that writes them.
//!
//! A draft holds what the call held in memory anyway; how many there are, and about how many bytes
//! they take, is bounded. Whoever comes when there is no room is dropped and counted, and does not
//! wait.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::counts::add;
use super::draft::Draft;
use super::sinks::Buffers;

/// Drafts that wait.
#[derive(Debug)]
pub(super) struct Drafts {
    state: Mutex<State>,
    arrived: Condvar,
    most_entries: usize,
    most_bytes: usize,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<(Draft, usize)>,
    bytes: usize,
    is_closed: bool,
}

impl Drafts {
    pub(super) fn new(most_entries: usize, most_bytes: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            most_entries,
            most_bytes,
            dropped: AtomicU64::new(0),
        }
    }

    /// Takes a draft, if there is room.
    pub(super) fn push(&self, draft: Draft) {
        let bytes = draft.weight();
        let mut state = self.state();
        let is_full = state.waiting.len() >= self.most_entries
            || state.bytes.saturating_add(bytes) > self.most_bytes;
        if is_full || state.is_closed {
            drop(state);
            add(&self.dropped, 1);
            return;
        }
        // Whoever writes sleeps only if there was nothing.
        let sleeps = state.waiting.is_empty();
        state.bytes = state.bytes.saturating_add(bytes);
        state.waiting.push_back((draft, bytes));
        drop(state);
        if sleeps {
            self.arrived.notify_one();
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// No more is taken; what waits is written.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.arrived.notify_all();
    }

    /// Writes what comes, on a thread of its own, until all is written.
    ///
    /// # Errors
    /// If the thread cannot be started.
    pub(super) fn write_apart(
        self: &Arc<Self>,
        buffers: Buffers,
        write: impl Fn(&Draft) -> Vec<u8> + Send + 'static,
    ) -> io::Result<()> {
        let drafts = Arc::clone(self);
        thread::Builder::new()
            .name("embargo-log".to_owned())
            .spawn(move || {
                while let Some(draft) = drafts.next() {
                    // A defect in writing must not end the log.
                    match catch_unwind(AssertUnwindSafe(|| write(&draft))) {
                        Ok(entry) => buffers.push(&entry),
                        Err(_) => {
                            add(&drafts.dropped, 1);
                            tracing::error!("an entry of the decision log could not be written");
                        }
                    }
                }
                // Buffers end with what writes into them.
            })?;
        Ok(())
    }

    fn next(&self) -> Option<Draft> {
        let mut state = self.state();
        loop {
            if let Some((draft, bytes)) = state.waiting.pop_front() {
                state.bytes = state.bytes.saturating_sub(bytes);
                return Some(draft);
            }
            if state.is_closed {
                return None;
            }
            state = self
                .arrived
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
