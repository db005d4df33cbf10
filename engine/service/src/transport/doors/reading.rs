//! Reading of contents that somebody waits for who would rather wait than be refused: large ones
//! wait for their turn, and so many of them that memory keeps its bounds.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::super::status::{Limit, Refusal};
use super::apart::{Apart, LARGE};

/// Where contents are read. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    apart: Apart,
    waiting: Arc<Semaphore>,
}

impl Reading {
    /// Of which so many are read or wait for it, at most.
    pub(super) fn new(apart: &Apart, waiting: usize) -> Self {
        Self {
            apart: apart.clone(),
            waiting: Arc::new(Semaphore::new(waiting)),
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
        let place = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| Refusal::Overloaded(Limit::WaitingTexts))?;
        let read = self.apart.convert(bytes, move || {
            // Kept also where nobody waits for the answer any longer.
            let _place = place;
            read()
        });
        read.await.ok_or(Refusal::ServerFault)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn what_is_large_waits_for_its_turn_and_too_much_of_it_is_refused() {
        const WAITING: usize = 32;
        let reading = Reading::new(&Apart::new(2), WAITING);
        let mut open = Vec::new();
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let (opened, opens) = mpsc::channel::<()>();
                open.push(opened);
                let reading = reading.clone();
                // Ends once its sender is gone.
                let read = move || opens.recv().is_err();
                tokio::spawn(async move { reading.of(LARGE, read).await })
            })
            .collect();
        while reading.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            reading.of(LARGE, || 1).await,
            Err(Refusal::Overloaded(Limit::WaitingTexts))
        );
        assert_eq!(reading.of(LARGE - 1, || 2).await, Ok(2));
        drop(open);
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(true));
        }
        assert_eq!(reading.waiting.available_permits(), WAITING);
    }
}
