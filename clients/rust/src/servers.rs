//! The servers that a client may ask, and which of them is asked first.
//!
//! They are equals: the same policies, and idempotent methods. One that was unavailable or late is
//! not asked first any longer, so that only the calls that met its end pay for it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tonic::Code;

use crate::{CallError, Place};

/// Servers in a circle, at least one.
#[derive(Debug)]
pub(crate) struct Servers<S> {
    /// The one that was named first.
    head: (Arc<str>, S),
    others: Vec<(Arc<str>, S)>,
    preferred: AtomicUsize,
}

impl<S> Servers<S> {
    pub(crate) fn new(head: (Arc<str>, S), others: Vec<(Arc<str>, S)>) -> Self {
        Self {
            head,
            others,
            preferred: AtomicUsize::new(0),
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.others.len().saturating_add(1)
    }

    /// The number of the server to begin with.
    pub(crate) fn preferred(&self) -> usize {
        self.preferred.load(Ordering::Relaxed)
    }

    /// The number of the server to go on with.
    pub(crate) fn after(&self, number: usize) -> usize {
        let next = number.saturating_add(1);
        if next < self.count() { next } else { 0 }
    }

    /// A server and its endpoint.
    pub(crate) fn at(&self, number: usize) -> (&Arc<str>, &S) {
        let (endpoint, server) = number
            .checked_sub(1)
            .and_then(|at| self.others.get(at))
            .unwrap_or(&self.head);
        (endpoint, server)
    }

    /// Takes in how a call to a server failed.
    pub(crate) fn note(&self, number: usize, failure: &CallError) {
        if leaves(failure) {
            // Only if nobody has left it already: they would lead past a server that works.
            let _ = self.preferred.compare_exchange(
                number,
                self.after(number),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
        }
    }

    /// Takes in how a stream failed that came from a place.
    pub(crate) fn note_at(&self, place: &Place, failure: &CallError) {
        let is_there = |number: &usize| **self.at(*number).0 == *place.endpoint();
        if let Some(number) = (0..self.count()).find(is_there) {
            self.note(number, failure);
        }
    }

    /// The same circle of what `make` makes of each.
    pub(crate) fn map<T>(&self, make: impl Fn(usize, &S) -> T) -> Servers<T> {
        let made = |number: usize| {
            let (endpoint, server) = self.at(number);
            (Arc::clone(endpoint), make(number, server))
        };
        let others = (1..self.count()).map(made).collect();
        Servers::new(made(0), others)
    }

    pub(crate) fn place(&self, number: usize, method: &'static str) -> Place {
        Place::new(method, Arc::clone(self.at(number).0))
    }
}

/// Whether the next call had better begin elsewhere. One that is overloaded is left by this call
/// only, for all of its callers at once would overload the next.
fn leaves(failure: &CallError) -> bool {
    matches!(failure.code(), Code::Unavailable | Code::DeadlineExceeded)
}
