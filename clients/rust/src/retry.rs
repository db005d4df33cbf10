//! When a call is made again, and the loop that does it.
//!
//! Every method of the API is idempotent, so that what may be repeated turns on the failure alone:
//! a server that was unavailable, or one that is overloaded and says when to return. It is made at
//! the next server, and without a pause as long as there is one that this call has not asked.
//! Invariant: neither attempts nor pauses go past the deadline.

mod jitter;

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use tonic::{Response, Status};

use crate::{CallError, Place, servers::Servers};

/// How often a call is made and how long the pauses between are.
///
/// A pause is random between nothing and a bound that doubles from `first_pause` to
/// `longest_pause` ("full jitter"), so that clients that failed together do not return together.
/// A server's own retry delay is waited out first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most attempts, the first included. 0 counts as 1. 4 by default.
    pub max_attempts: u32,
    /// The bound of the pause after the first attempt. 50 ms by default.
    pub first_pause: Duration,
    /// The most that the bound grows to. 1 s by default.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            first_pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(1),
        }
    }
}

impl RetryPolicy {
    /// One attempt only.
    #[must_use]
    pub fn none() -> Self {
        Self {
            max_attempts: 1,
            ..Self::default()
        }
    }

    /// A pause after `attempts` attempts.
    pub(crate) fn pause(&self, attempts: u32) -> Duration {
        jitter::up_to(self.bound(attempts))
    }

    /// The longest pause after `attempts` attempts.
    fn bound(&self, attempts: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
        self.first_pause
            .saturating_mul(doubled)
            .min(self.longest_pause)
    }
}

/// Makes a call until it succeeds, fails for good, or `limit` has passed. An attempt is told whom
/// it asks and how much is left. Returns the answer and where it came from.
pub(crate) async fn run<S, A, F, Sent>(
    policy: &RetryPolicy,
    limit: Duration,
    servers: &Servers<S>,
    method: &'static str,
    mut send: F,
) -> Result<(A, Place), CallError>
where
    F: FnMut(&S, Duration) -> Sent,
    Sent: Future<Output = Result<Response<A>, Status>>,
{
    let start = Instant::now();
    // The builder keeps the limit far from what an instant can hold.
    let deadline = start.checked_add(limit).unwrap_or(start);
    let mut attempts = 0_u32;
    let mut server = servers.preferred();
    loop {
        attempts = attempts.saturating_add(1);
        let place = servers.place(server, method);
        let left = deadline.saturating_duration_since(Instant::now());
        // Timers are coarse: an attempt with no time left could still be answered.
        if left.is_zero() {
            return Err(CallError::Deadline { limit, place });
        }
        let failure = match timeout_at(deadline, send(servers.at(server).1, left)).await {
            Ok(Ok(answer)) => return Ok((answer.into_inner(), place)),
            Ok(Err(status)) => CallError::from_status(&status, limit, &place),
            Err(_) => CallError::Deadline { limit, place },
        };
        servers.note(server, &failure);
        if attempts >= policy.max_attempts || !failure.is_retryable() {
            return Err(failure);
        }
        server = servers.after(server);
        let pause = match rounds(attempts, servers.count()) {
            0 => continue,
            rounds => failure
                .retry_delay()
                .unwrap_or_default()
                .saturating_add(policy.pause(rounds)),
        };
        match Instant::now().checked_add(pause) {
            // Waiting for an attempt that has no time left would only delay the bad news.
            Some(next) if next < deadline => sleep_until(next).await,
            _ => return Err(failure),
        }
    }
}

/// How many attempts there were with a pause after them: none until each server was asked.
fn rounds(attempts: u32, servers: usize) -> u32 {
    let without = u32::try_from(servers).unwrap_or(u32::MAX).saturating_sub(1);
    attempts.saturating_sub(without)
}

#[cfg(test)]
mod tests;
