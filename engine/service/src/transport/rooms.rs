//! Rooms: all that callers share and that there is only so much of; and the handle by which it is
//! changed while the server runs.

use std::sync::Arc;
use std::time::Duration;

use crate::config::{ConfigInvalid, LimitsSettings};
use crate::telemetry::Telemetry;

use super::connections::Line;
use super::guard::{Held, Stay};
use super::places::{Place, Places};
use super::rates::Rates;
use super::status::{Limit, Refusal};

/// What all calls share. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    calls: Places,
    arriving: Places,
    /// Room for answers that wait for their callers.
    pub(super) leaving: Places,
    pub(super) batches: Places,
    pub(super) streams: Places,
    pub(super) watches: Places,
    pub(super) compilations: Places,
    pub(super) inventories: Places,
    pub(super) software: Places,
    pub(super) rates: Rates,
    pub(super) sizes: Sizes,
    /// Counts connections.
    pub(super) telemetry: Telemetry,
}

/// What one message may take, from the start of the server to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Bytes of a request.
    pub(super) request: usize,
    /// Bytes of an answer.
    pub(super) answer: usize,
    /// How long a request may take from its first byte to its last.
    pub(super) arrival: Duration,
}

impl Rooms {
    pub(crate) fn new(limits: &LimitsSettings, telemetry: &Telemetry) -> Self {
        Self {
            telemetry: telemetry.clone(),
            calls: Places::new(Limit::ConcurrentCalls, limits.concurrent_calls),
            arriving: Places::of_bytes(Limit::ArrivingMessages, limits.arriving_messages),
            leaving: Places::of_bytes(Limit::UntakenAnswers, limits.untaken_answers),
            batches: Places::new(Limit::ConcurrentBatches, limits.concurrent_batches),
            streams: Places::new(Limit::ConcurrentStreams, limits.concurrent_streams),
            watches: Places::new(Limit::Watches, limits.watches),
            compilations: Places::new(Limit::BundleCompilations, limits.bundle_compilations),
            inventories: Places::new(Limit::ConcurrentInventories, limits.concurrent_inventories),
            software: Places::new(Limit::QueuedSoftware, limits.queued_software),
            rates: Rates::new(&limits.rate),
            sizes: Sizes {
                request: limits.request_bytes,
                answer: limits.answer_bytes,
                arrival: limits.message_timeout,
            },
        }
    }

    /// Lets a call in, if there is a place.
    ///
    /// # Errors
    /// If there are too many calls.
    pub(super) fn enter(&self, line: Option<&Line>) -> Result<Stay, Refusal> {
        let place: Place = self.calls.take()?;
        Ok(Stay::new(
            line.map(Line::call),
            place,
            Held::new(self.arriving.clone()),
            self.leaving.clone(),
        ))
    }

    /// Whether answers that are not taken have half of the room that there is for them.
    pub(super) fn is_short(&self) -> bool {
        self.leaving.free() < self.leaving.most() / 2
    }

    fn apply(&self, limits: &LimitsSettings) {
        self.calls.set(limits.concurrent_calls);
        self.arriving.set_bytes(limits.arriving_messages);
        self.leaving.set_bytes(limits.untaken_answers);
        self.batches.set(limits.concurrent_batches);
        self.streams.set(limits.concurrent_streams);
        self.watches.set(limits.watches);
        self.compilations.set(limits.bundle_compilations);
        self.inventories.set(limits.concurrent_inventories);
        self.software.set(limits.queued_software);
        self.rates.apply(&limits.rate);
    }
}

/// The limits of a running server. Clones are the same.
#[derive(Clone, Debug)]
pub struct Limits {
    rooms: Rooms,
    /// What the server was started with.
    started_with: Arc<LimitsSettings>,
}

impl Limits {
    pub(crate) fn new(limits: &LimitsSettings, telemetry: &Telemetry) -> Self {
        Self {
            rooms: Rooms::new(limits, telemetry),
            started_with: Arc::new(limits.clone()),
        }
    }

    pub(crate) const fn rooms(&self) -> &Rooms {
        &self.rooms
    }

    /// Has other limits hold from here on, without disturbing what is under way: calls, batches,
    /// streams, inventories, watches and compilations at a time, room for messages, answers and
    /// software, and the rate of each caller. Returned are the names of those settings that differ
    /// and hold from the next start only: sizes, connections, HTTP/2, queues and times.
    ///
    /// # Errors
    /// If a setting does not keep its range; then all stays as it was.
    pub fn apply(&self, limits: &LimitsSettings) -> Result<Vec<&'static str>, ConfigInvalid> {
        limits.check()?;
        self.rooms.apply(limits);
        Ok(limits.fixed_that_differ(&self.started_with))
    }
}
