//! What waits for a sink: the newest lines, as many bytes of them as there is room for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::super::counts::Counter;

/// Lines that wait. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Buffer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    changed: Notify,
    most_bytes: usize,
    counter: Counter,
}

#[derive(Debug, Default)]
struct State {
    lines: VecDeque<(Instant, Vec<u8>)>,
    bytes: usize,
    is_closed: bool,
}

impl Buffer {
    pub(super) fn new(most_bytes: usize, counter: Counter) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::default(),
            changed: Notify::new(),
            most_bytes,
            counter,
        }))
    }

    /// Takes a line. The oldest make room for it.
    pub(super) fn push(&self, line: Vec<u8>) {
        let mut dropped = 0;
        let mut state = self.state();
        state.bytes = state.bytes.saturating_add(line.len());
        state.lines.push_back((Instant::now(), line));
        while state.bytes > self.0.most_bytes {
            let Some((_, oldest)) = state.lines.pop_front() else {
                break;
            };
            state.bytes = state.bytes.saturating_sub(oldest.len());
            dropped += 1;
        }
        state.count(&self.0.counter);
        drop(state);
        if dropped > 0 {
            self.0.counter.dropped(dropped);
        }
        self.0.changed.notify_one();
    }

    /// No more comes.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.0.changed.notify_one();
    }

    /// The next lines: once there are enough for a chunk, or the first has waited for the delay, or
    /// no more comes. None at the end.
    pub(super) async fn next(&self, chunk_bytes: usize, delay: Duration) -> Option<Vec<Vec<u8>>> {
        let mut due: Option<Instant> = None;
        loop {
            {
                let mut state = self.state();
                let oldest = state.lines.front().map(|(since, _)| *since);
                match oldest {
                    None if state.is_closed => return None,
                    None => due = None,
                    Some(since) => {
                        let now = Instant::now();
                        let due = *due.insert(since + delay);
                        if state.bytes >= chunk_bytes || state.is_closed || due <= now {
                            let lines = state.take(chunk_bytes);
                            state.count(&self.0.counter);
                            self.0.counter.sending(Some(since));
                            return Some(lines);
                        }
                    }
                }
            }
            // A change since the look leaves a permit.
            let changed = self.0.changed.notified();
            match due {
                None => changed.await,
                Some(due) => {
                    let _ = tokio::time::timeout_at(due.into(), changed).await;
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code that can panic runs under the lock.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&self, counter: &Counter) {
        let oldest = self.lines.front().map(|(since, _)| *since);
        counter.waiting(self.lines.len(), oldest);
    }

    /// Lines of so many bytes at most, and one in any case.
    fn take(&mut self, bytes: usize) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        let mut taken = 0;
        while let Some((since, line)) = self.lines.pop_front() {
            if !lines.is_empty() && taken + line.len() > bytes {
                self.lines.push_front((since, line));
                break;
            }
            taken += line.len();
            lines.push(line);
        }
        self.bytes = self.bytes.saturating_sub(taken);
        lines
    }
}
