//! Decisions that still hold, so that the same question is not asked of the server again.
//!
//! Invariant: what is reused was judged on the same facts and action, by the snapshot that the watch
//! last told, and holds now. While the watch is not connected nobody knows what is active, and nothing
//! is reused. A failure is never kept, and neither is INDETERMINATE.

mod kept;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use embargo_proto::v1::{DecideHostRequest, Decision, Effect, WatchSnapshotResponse};
use tokio::{runtime::Handle, sync::watch, task::JoinHandle};
use tokio_stream::StreamExt as _;

use self::kept::{Kept, Key};
use crate::{CallError, Client, ConnectError, SnapshotWatch, decision_is_current};

/// How much a [`DecisionCache`] keeps. What was not asked about for longest goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The most decisions. 10,000 by default.
    pub decisions: usize,
    /// The most bytes of decisions, as they are encoded. 64 MiB by default.
    pub bytes: usize,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            decisions: 10_000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// A decision, and whether it came from the cache.
#[derive(Clone, Debug)]
pub struct CachedDecision {
    /// The decision. Its `evaluate_time` says when it was judged.
    pub decision: Decision,
    /// Whether no server was asked for it.
    pub is_reused: bool,
}

/// Asks for decisions, and reuses those that still hold.
///
/// It needs a permission to watch the snapshot. Facts are kept as digests alone.
#[derive(Debug)]
pub struct DecisionCache {
    client: Client,
    shared: Arc<Shared>,
    watching: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    told: watch::Sender<Told>,
}

/// What the watch told last.
#[derive(Clone, Debug)]
enum Told {
    /// It has not been connected yet.
    Nothing,
    /// It is connected. Nothing may be active.
    Active(Option<String>),
    /// It is broken and will resume.
    Broken,
    /// It will not resume.
    Ended(CallError),
}

impl DecisionCache {
    /// A cache of its own for a client, which watches the snapshot until it is dropped.
    ///
    /// # Errors
    ///
    /// Outside of a tokio runtime, which the watch runs on.
    pub fn new(client: &Client, limits: CacheLimits) -> Result<Self, ConnectError> {
        let runtime = Handle::try_current().map_err(|_| ConnectError::NoRuntime)?;
        let shared = Arc::new(Shared {
            kept: Mutex::new(Kept::new(limits)),
            told: watch::Sender::new(Told::Nothing),
        });
        let watching = runtime.spawn(follow(client.clone(), Arc::clone(&shared)));
        Ok(Self {
            client: client.clone(),
            shared,
            watching,
        })
    }

    /// Judges one host and action, or gives the decision that was made on them and still holds. A
    /// request that names an instant is always sent.
    ///
    /// # Errors
    ///
    /// As [`Client::decide_host`].
    pub async fn decide_host(
        &self,
        request: DecideHostRequest,
    ) -> Result<CachedDecision, CallError> {
        let key = match (&request.facts, &request.evaluate_time) {
            (Some(facts), None) => Some(Key::new(facts, request.action)),
            _ => None,
        };
        if let Some(key) = &key
            && let Some(decision) = self.shared.find(key, &request.require_snapshot_id)
        {
            return Ok(CachedDecision {
                decision,
                is_reused: true,
            });
        }
        let decision = self.client.decide_host(request).await?;
        if let Some(key) = key {
            self.shared.keep(key, &decision);
        }
        Ok(CachedDecision {
            decision,
            is_reused: false,
        })
    }

    /// Whether the watch is connected, so that decisions may be reused.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(*self.shared.told.borrow(), Told::Active(_))
    }

    /// Waits until the watch is connected. Nothing has to wait for it: until then the server is asked.
    ///
    /// # Errors
    ///
    /// Why the watch has ended for good, such as a missing permission.
    pub async fn connected(&self) -> Result<(), CallError> {
        let mut told = self.shared.told.subscribe();
        let settled = |told: &Told| matches!(told, Told::Active(_) | Told::Ended(_));
        match told.wait_for(settled).await.as_deref() {
            Ok(Told::Ended(failure)) => Err(failure.clone()),
            // The sender is this cache's own and lives as long as it.
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

impl Drop for DecisionCache {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

impl Shared {
    /// A decision that holds now, by a snapshot that is active and that the caller accepts.
    fn find(&self, key: &Key, required: &str) -> Option<Decision> {
        let told = self.told.borrow();
        let Told::Active(Some(active)) = &*told else {
            return None;
        };
        if !required.is_empty() && required != active {
            return None;
        }
        let now = SystemTime::now();
        self.kept().find(key, |decision| {
            decision.snapshot_id == *active && decision_is_current(decision, now)
        })
    }

    fn keep(&self, key: Key, decision: &Decision) {
        match decision.effect() {
            Effect::Allow | Effect::Warn | Effect::Review | Effect::Deny => {
                self.kept().insert(key, decision.clone());
            }
            Effect::Indeterminate | Effect::Unspecified => {}
        }
    }

    fn tell(&self, told: Told) {
        if let Told::Active(active) = &told {
            let active = active.as_deref().unwrap_or_default();
            self.kept()
                .retain(|decision| decision.snapshot_id == active);
        }
        self.told.send_replace(told);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what is active for as long as it can be known.
async fn follow(client: Client, shared: Arc<Shared>) {
    let mut watch = SnapshotWatch::new(client);
    let mut last = None;
    while let Some(state) = watch.next().await {
        match state {
            Ok(state) => shared.tell(Told::Active(active(state))),
            Err(failure) => {
                shared.tell(Told::Broken);
                last = Some(failure);
            }
        }
    }
    if let Some(failure) = last {
        shared.tell(Told::Ended(failure));
    }
}

fn active(state: WatchSnapshotResponse) -> Option<String> {
    Some(state.active?.r#ref?.snapshot_id)
}
