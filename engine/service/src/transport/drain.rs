//! Draining: the way from serving to not serving without a lost answer.
//!
//! Once it has begun, new calls are refused and streams end by themselves; whoever shuts the
//! server down waits until no call is running.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether the server drains, and the calls that are running. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Drain {
    begun: Arc<watch::Sender<bool>>,
    calls: Arc<watch::Sender<()>>,
}

/// A running call. Nobody waits for it any longer once it is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    _call: watch::Receiver<()>,
}

impl Drain {
    pub(crate) fn new() -> Self {
        Self {
            begun: Arc::new(watch::Sender::new(false)),
            calls: Arc::new(watch::Sender::new(())),
        }
    }

    /// Begins to drain.
    pub(crate) fn begin(&self) {
        self.begun.send_replace(true);
    }

    /// Whether draining has begun.
    pub(crate) fn has_begun(&self) -> bool {
        *self.begun.borrow()
    }

    /// Waits until draining has begun.
    pub(super) async fn begun(&self) {
        // This holds a sender, so that the wait cannot fail.
        let _ = self.begun.subscribe().wait_for(|begun| *begun).await;
    }

    /// Counts a call in, unless draining has begun.
    pub(super) fn enter(&self) -> Option<Running> {
        // Counted in before the look, so that whoever waits for the last call cannot miss it.
        let running = Running {
            _call: self.calls.subscribe(),
        };
        (!*self.begun.borrow()).then_some(running)
    }

    /// Waits until no call is running.
    pub(crate) async fn no_call_runs(&self) {
        self.calls.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_are_let_in_until_draining_begins_and_waited_for() {
        let drain = Drain::new();
        let call = drain.enter().expect("let in");
        drain.begin();
        assert!(drain.enter().is_none());
        drain.begun().await;
        let waiting = tokio::spawn({
            let drain = drain.clone();
            async move { drain.no_call_runs().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(call);
        waiting.await.unwrap();
    }
}
