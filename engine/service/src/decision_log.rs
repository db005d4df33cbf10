//! The decision log: every decision that leaves the server, with what it was made of and who asked.
//!
//! A call leaves a [`Draft`] behind; an entry is written from it apart from the call, under masks,
//! and only its masked text waits anywhere or is sent anywhere. In lossy mode no decision waits for
//! the log, and what it cannot keep up with is dropped and counted. In strict mode an entry is on
//! disk before its decision is answered, or there is no answer.

mod event;
mod masks;
mod draft;
mod entry;
mod settings;
mod counts;
mod drafts;
mod sinks;
pub(crate) mod spool;
pub(crate) mod stored;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use embargo_core::instrument::Effect;
use thiserror::Error;

use crate::identity::Caller;
use crate::telemetry::{DecisionLogCounts, DecisionLogReading, SinkReading};

pub use self::counts::{LogCounts, SinkCounts};
pub(crate) use self::draft::{Call, Content, Draft, Judged, Refused};
pub use self::entry::Format;
pub use self::event::Share;
pub use self::masks::{KeyUnusable, Mask, MaskInvalid, MaskOp};
pub use self::settings::{DecisionLogSettings, FileSettings, HttpSettings, LogMode};
pub use self::sinks::SinkUnusable;

use self::counts::add;
use self::drafts::Drafts;
pub(crate) use self::event::EventId;
use self::event::EventIds;
use self::masks::{HmacKey, Masks};
use self::settings::Labels;
use self::sinks::Sinks;
use self::spool::{Spool, SpoolError};

/// How often it is said that answers are withheld.
const SAID_EVERY: Duration = Duration::from_secs(10);

/// Why a decision log does not begin.
#[derive(Debug, Error)]
pub enum LogUnusable {
    /// The key of HMACs.
    #[error(transparent)]
    Key(#[from] KeyUnusable),
    /// The masks.
    #[error("a mask of the decision log cannot be used: {0}\n  hint: correct `decision_log.masks`")]
    Mask(#[from] MaskInvalid),
    /// The spool of strict mode.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A sink.
    #[error(transparent)]
    Sink(#[from] SinkUnusable),
    /// A thread cannot be started.
    #[error("the threads of the decision log cannot be started: {0}")]
    Threads(#[source] std::io::Error),
}

/// An entry is not on disk, so that its decision must not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unkept;

/// The decision log of a server. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct DecisionLog(Option<Arc<Log>>);

#[derive(Debug)]
struct Log {
    settings: DecisionLogSettings,
    ids: EventIds,
    scribe: Scribe,
    way: Way,
    sinks: Sinks,
    entries: AtomicU64,
    left_out: AtomicU64,
    withheld: AtomicU64,
    begun: Instant,
    /// When it was last said that answers are withheld, in milliseconds from the beginning, and 1.
    said: AtomicU64,
}

/// How entries are kept.
#[derive(Debug)]
enum Way {
    Lossy(Arc<Drafts>),
    Strict(Spool),
}

/// Who writes entries. Clones are the same.
#[derive(Clone, Debug)]
struct Scribe {
    labels: Arc<Labels>,
    masks: Arc<Masks>,
}

impl Scribe {
    fn new(settings: &DecisionLogSettings, ids: &EventIds) -> Result<Self, LogUnusable> {
        let key = settings.hmac_key_file.as_deref().map(HmacKey::read);
        let key = key.transpose()?.unwrap_or_else(HmacKey::by_chance);
        Ok(Self {
            labels: Arc::new(Labels {
                instance: ids.next().to_string(),
                more: settings.labels.clone(),
            }),
            masks: Arc::new(Masks::new(settings.mask_personal, &settings.masks, key)?),
        })
    }

    fn entry(&self, draft: &Draft) -> Vec<u8> {
        entry::entry(draft, &self.labels, &self.masks)
    }
}

impl DecisionLog {
    /// A log that keeps nothing.
    #[cfg(test)]
    pub(crate) const fn off() -> Self {
        Self(None)
    }

    /// What settings make of a draft, as it is kept.
    #[cfg(test)]
    pub(crate) fn written(
        settings: &DecisionLogSettings,
        draft: impl FnOnce(EventId) -> Draft,
    ) -> Vec<u8> {
        let ids = EventIds::new();
        let scribe = Scribe::new(settings, &ids).unwrap();
        scribe.entry(&draft(ids.next()))
    }

    /// Begins a log.
    ///
    /// # Errors
    /// If a file that it needs cannot be used, or a thread cannot be started.
    pub(crate) fn start(settings: &DecisionLogSettings) -> Result<Self, LogUnusable> {
        if settings.mode == LogMode::Off {
            return Ok(Self(None));
        }
        let ids = EventIds::new();
        let scribe = Scribe::new(settings, &ids)?;
        let (way, sinks) = match (settings.mode, &settings.spool) {
            (LogMode::Strict, Some(spool)) => {
                let spool = Spool::open(spool.clone())?;
                let sinks = Sinks::of_spool(settings, &spool)?;
                (Way::Strict(spool), sinks)
            }
            _ => {
                let drafts = Arc::new(Drafts::new(settings.queued_entries, settings.queued_bytes));
                let (sinks, buffers) = Sinks::of_buffers(settings)?;
                let scribe = scribe.clone();
                drafts
                    .write_apart(buffers, move |draft| scribe.entry(draft))
                    .map_err(LogUnusable::Threads)?;
                (Way::Lossy(drafts), sinks)
            }
        };
        Ok(Self(Some(Arc::new(Log {
            settings: settings.clone(),
            ids,
            scribe,
            way,
            sinks,
            entries: AtomicU64::new(0),
            left_out: AtomicU64::new(0),
            withheld: AtomicU64::new(0),
            begun: Instant::now(),
            said: AtomicU64::new(0),
        }))))
    }

    /// Whether anything is logged at all.
    pub(crate) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The id of an entry about a decision with this effect, if filters and sampling keep it.
    pub(crate) fn wants(&self, caller: &Caller, effect: Effect) -> Option<EventId> {
        let log = self.0.as_ref()?;
        add(&log.entries, 1);
        let id = log.ids.next();
        let share = log.settings.sample.get(&effect);
        let is_kept = log.keeps(caller) && share.is_none_or(|share| share.keeps(id));
        if !is_kept {
            add(&log.left_out, 1);
        }
        is_kept.then_some(id)
    }

    /// The same about a call that has no decision.
    pub(crate) fn wants_refusal(&self, caller: &Caller) -> Option<EventId> {
        let log = self.0.as_ref().filter(|log| log.settings.refusals)?;
        add(&log.entries, 1);
        if log.keeps(caller) {
            return Some(log.ids.next());
        }
        add(&log.left_out, 1);
        None
    }

    /// Takes drafts over. In strict mode what is returned must be waited for before anything is
    /// answered; otherwise there is nothing to wait for.
    pub(crate) fn file(&self, drafts: Vec<Draft>) -> Receipt {
        let Some(log) = self.0.as_ref().filter(|_| !drafts.is_empty()) else {
            return Receipt(None);
        };
        match &log.way {
            Way::Lossy(queue) => {
                for draft in drafts {
                    queue.push(draft);
                }
                Receipt(None)
            }
            Way::Strict(spool) => {
                let (spool, scribe) = (spool.clone(), log.scribe.clone());
                let log = Arc::clone(log);
                Receipt(Some(tokio::spawn(async move {
                    let count = drafts.len();
                    let written = tokio::task::spawn_blocking(move || {
                        drafts.iter().map(|draft| scribe.entry(draft)).collect()
                    });
                    let kept = match written.await {
                        Ok(entries) => spool.append_all(entries).await.map_err(|cause| {
                            log.say(&cause);
                            Unkept
                        }),
                        Err(_) => Err(Unkept),
                    };
                    if kept.is_err() {
                        add(&log.withheld, count);
                    }
                    kept
                })))
            }
        }
    }

    /// What became of entries so far.
    pub(crate) fn counts(&self) -> LogCounts {
        let Some(log) = &self.0 else {
            return LogCounts::default();
        };
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        LogCounts {
            entries: read(&log.entries),
            left_out: read(&log.left_out),
            dropped: match &log.way {
                Way::Lossy(drafts) => drafts.dropped(),
                Way::Strict(_) => 0,
            },
            withheld: read(&log.withheld),
            sinks: log.sinks.counts(),
            spool: match &log.way {
                Way::Lossy(_) => None,
                Way::Strict(spool) => Some(spool.standing()),
            },
        }
    }

    /// Ends the log: what waits is written and sent, as far as that is done within the limit.
    pub(crate) async fn close(&self, limit: Duration) {
        let Some(log) = &self.0 else { return };
        match &log.way {
            Way::Lossy(drafts) => drafts.close(),
            Way::Strict(spool) => spool.close(),
        }
        log.sinks.close(limit).await;
    }
}

impl Log {
    fn keeps(&self, caller: &Caller) -> bool {
        !self.settings.drop_doors.contains(&caller.door)
            && !self
                .settings
                .drop_principals
                .contains(&caller.principal.name)
    }

    /// Says why answers are withheld, now and then.
    fn say(&self, cause: &SpoolError) {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = now.saturating_add(1);
        let every = u64::try_from(SAID_EVERY.as_millis()).unwrap_or(u64::MAX);
        let said = self.said.load(Ordering::Relaxed);
        let is_due = said == 0 || now.saturating_sub(said) >= every;
        let is_mine = || {
            let swapped =
                self.said
                    .compare_exchange(said, now, Ordering::Relaxed, Ordering::Relaxed);
            swapped.is_ok()
        };
        if is_due && is_mine() {
            tracing::error!(%cause, "decisions are withheld, since their entries cannot be kept");
        }
    }
}

/// Where entries are on their way to disk.
#[derive(Debug)]
#[must_use = "in strict mode nothing may be answered before entries are on disk"]
pub(crate) struct Receipt(Option<tokio::task::JoinHandle<Result<(), Unkept>>>);

impl Receipt {
    /// Of nothing, which is nowhere to be waited for.
    pub(crate) const fn nothing() -> Self {
        Self(None)
    }

    /// Waits until entries are on disk, if they have to be.
    ///
    /// # Errors
    /// If one of them may not be there.
    pub(crate) async fn settled(self) -> Result<(), Unkept> {
        match self.0 {
            None => Ok(()),
            Some(kept) => kept.await.unwrap_or(Err(Unkept)),
        }
    }
}

/// An entry in another form.
#[cfg(test)]
pub(crate) fn rendered(format: Format, entry: &[u8]) -> Vec<u8> {
    entry::render(format, entry).into_owned()
}

/// The present, for an entry.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

impl DecisionLogCounts for DecisionLog {
    fn read(&self) -> DecisionLogReading {
        let counts = self.counts();
        let sinks = counts.sinks.iter().map(|sink| SinkReading {
            sink: sink.sink,
            written: sink.entries,
            dropped: sink.dropped,
            failures: sink.failed_sends,
            waiting: sink.waiting,
            lag: sink.lag,
        });
        DecisionLogReading {
            entries: counts.entries,
            left_out: counts.left_out,
            dropped: counts.dropped,
            withheld: counts.withheld,
            spool_bytes: counts.spool.map(|spool| (spool.bytes, spool.limit)),
            sinks: sinks.collect(),
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        match &self.way {
            Way::Lossy(drafts) => drafts.close(),
            Way::Strict(spool) => spool.close(),
        }
    }
}
