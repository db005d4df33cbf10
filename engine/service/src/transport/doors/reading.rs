//! Reading of what doors are asked, apart from what answers others where it is large.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::super::status::{Limit, Refusal};

/// Bytes from which on a content is read apart.
const LARGE: usize = 32 * 1_024;
/// Large contents that are read at a time: what is read takes many times its size.
const LARGE_AT_A_TIME: usize = 4;
/// Large contents that wait for it.
const WAITING: usize = 32;

/// Where contents are read. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    large: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Reading {
    pub(super) fn new() -> Self {
        Self {
            large: Arc::new(Semaphore::new(LARGE_AT_A_TIME)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }

    /// Does `read`, which reads so many bytes.
    ///
    /// # Errors
    /// If too many large contents wait, or reading panics.
    pub(super) async fn of<T: Send + 'static>(
        &self,
        bytes: usize,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        if bytes < LARGE {
            return Ok(read());
        }
        let waiting = Arc::clone(&self.waiting);
        let waiting = waiting
            .try_acquire_owned()
            .map_err(|_| Refusal::Overloaded(Limit::ConcurrentInventories))?;
        let large = Arc::clone(&self.large).acquire_owned().await;
        let large = large.map_err(|_| Refusal::ServerFault)?;
        let done = tokio::task::spawn_blocking(move || {
            // Kept also where nobody waits for the answer any longer.
            let _kept = (waiting, large);
            read()
        });
        done.await.map_err(|_| Refusal::ServerFault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_large_waits_for_a_place_and_too_much_of_it_is_refused() {
        let reading = Reading::new();
        let places = Arc::clone(&reading.large)
            .acquire_many_owned(u32::try_from(LARGE_AT_A_TIME).unwrap())
            .await
            .unwrap();
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let reading = reading.clone();
                tokio::spawn(async move { reading.of(LARGE, || 1).await })
            })
            .collect();
        while reading.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            reading.of(LARGE, || 1).await,
            Err(Refusal::Overloaded(Limit::ConcurrentInventories))
        );
        assert_eq!(reading.of(LARGE - 1, || 2).await, Ok(2));
        drop(places);
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(1));
        }
        assert_eq!(reading.waiting.available_permits(), WAITING);
    }
}
