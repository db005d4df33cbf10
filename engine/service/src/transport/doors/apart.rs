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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn no_more_texts_are_converted_at_a_time_than_is_set_by_all_who_share_it() {
        for most in [1, 3] {
            let apart = Apart::new(most);
            let begun = Arc::new(AtomicUsize::new(0));
            let mut open = Vec::new();
            let converting: Vec<_> = (0..5)
                .map(|_| {
                    let (opened, opens) = mpsc::channel::<()>();
                    open.push(opened);
                    // Another door has another clone.
                    let (apart, begun) = (apart.clone(), Arc::clone(&begun));
                    let convert = move || {
                        begun.fetch_add(1, Ordering::AcqRel);
                        // Ends once its sender is gone.
                        opens.recv().is_err()
                    };
                    tokio::spawn(async move { apart.convert(LARGE, convert).await })
                })
                .collect();
            while begun.load(Ordering::Acquire) < most {
                tokio::task::yield_now().await;
            }
            assert_eq!(apart.large.available_permits(), 0);
            assert_eq!(begun.load(Ordering::Acquire), most);
            // What is small does not wait.
            assert_eq!(apart.convert(LARGE - 1, || 7).await, Some(7));
            drop(open);
            for one in converting {
                assert_eq!(one.await.unwrap(), Some(true));
            }
            assert_eq!(begun.load(Ordering::Acquire), 5);
        }
    }
}
