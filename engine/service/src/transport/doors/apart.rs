//! Apart: large texts are read and written on threads of their own, a few at a time over all doors,
//! so that they hold up nobody who asks for little and memory is bounded as a whole.

use std::sync::Arc;

use tokio::sync::Semaphore;

/// Bytes of a text from which on it is converted apart from what answers others.
pub(super) const LARGE: usize = 32 * 1_024;

/// Where texts are converted. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    large: Arc<Semaphore>,
}

impl Apart {
    /// Where so many are converted at a time. What is read takes many times its size.
    pub(super) fn new(most: usize) -> Self {
        Self {
            large: Arc::new(Semaphore::new(most)),
        }
    }

    /// Converts a text of so many bytes. None if that failed, which is a defect.
    pub(super) async fn convert<T: Send + 'static>(
        &self,
        size: usize,
        convert: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        if size < LARGE {
            return Some(convert());
        }
        let place = Arc::clone(&self.large).acquire_owned().await.ok()?;
        let converted = tokio::task::spawn_blocking(move || {
            let _place = place;
            convert()
        });
        converted.await.ok()
    }
}
