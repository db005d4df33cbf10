//! Shutting down without a lost answer.
//!
//! While calls are running, the server still listens and refuses new ones in words that the
//! caller understands. Then connections are closed. Both take no longer than the drain limit.

use std::future::Future;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::transport::{Drain, Health};

/// How long connections may take to close once no call is running.
const CLOSING: Duration = Duration::from_secs(1);

/// Serves until `shutdown` is ready, and drains.
pub(super) async fn serve<F>(
    start: impl FnOnce(ClosedFuture) -> F,
    shutdown: impl Future<Output = ()>,
    drain: &Drain,
    health: &Health,
    limit: Duration,
) where
    F: Future<Output = ()>,
{
    let (close, closed) = oneshot::channel();
    let mut serving = Box::pin(start(ClosedFuture(closed)));
    tokio::select! {
        () = &mut serving => return,
        () = shutdown => {}
    }
    tracing::info!(limit_ms = limit.as_millis(), "draining");
    health.stop().await;
    drain.begin();
    tokio::select! {
        () = &mut serving => return,
        finished = timeout(limit, drain.no_call_runs()) => {
            if finished.is_err() {
                tracing::warn!("calls are still running; their connections are closed");
            }
        }
    }
    health.end_watches().await;
    // The server waits for it, and is still there.
    let _ = close.send(());
    if timeout(CLOSING, serving).await.is_err() {
        tracing::warn!("connections are still open; they are left behind");
    }
}

/// Ready once connections are to be closed.
pub(super) struct ClosedFuture(oneshot::Receiver<()>);

impl Future for ClosedFuture {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        std::pin::Pin::new(&mut self.0).poll(context).map(|_| ())
    }
}
