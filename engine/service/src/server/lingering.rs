//! Contents that nobody reads to their end, because their call was answered before.
//!
//! HTTP/2 tells a caller that its content is no longer wanted by a reset, and some callers take that for
//! the end of the call, though its answer is on the way; over HTTP/1.1 the connection is closed, which
//! can outrun the answer. So what is left of a content is read and thrown away for a little while.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::timeout;

/// Bytes of a content that are thrown away, at most. Who sends more is told by a reset.
const BYTES: usize = 64 * 1_024;
/// How long that may take.
const WHILE: Duration = Duration::from_secs(1);

/// A content whose rest is read when it is dropped.
pub(super) struct Lingering<B>(Option<B>)
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static;

impl<B> Lingering<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
{
    pub(super) const fn new(content: B) -> Self {
        Self(Some(content))
    }
}

impl<B> HttpBody for Lingering<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Some(content) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(content).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            // Nothing is left of it.
            self.0 = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl<B> Drop for Lingering<B>
where
    B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
{
    fn drop(&mut self) {
        let rest = self.0.take().filter(|content| !content.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, Handle::try_current()) {
            runtime.spawn(timeout(WHILE, discard(rest)));
        }
    }
}

async fn discard(mut rest: impl HttpBody<Data = Bytes> + Unpin) {
    let mut left = BYTES;
    while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut rest).poll_frame(context)).await {
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::sync::mpsc;

    use super::*;

    /// A content of which the parts come one by one.
    struct Parts(mpsc::Receiver<Bytes>);

    impl HttpBody for Parts {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let part = self.0.poll_recv(context);
            part.map(|part| part.map(|part| Ok(Frame::data(part))))
        }
    }

    /// How many parts of a size are taken after that the content was dropped.
    async fn taken(size: usize) -> usize {
        let (sender, receiver) = mpsc::channel(1);
        drop(Lingering::new(Parts(receiver)));
        let mut count = 0;
        while count < 1_000 && sender.send(vec![0; size].into()).await.is_ok() {
            count += 1;
        }
        count
    }

    #[tokio::test]
    async fn the_rest_of_a_content_is_read_after_its_call_up_to_a_bound() {
        assert_eq!(taken(16).await, 1_000);
        let large = taken(16 * 1_024).await;
        // Up to the bound, one that passes it, and one that waits.
        assert!((5..=6).contains(&large), "{large}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_content_that_does_not_come_is_waited_for_a_while_only() {
        let (sender, receiver) = mpsc::channel(1);
        drop(Lingering::new(Parts(receiver)));
        assert!(!sender.is_closed());
        sender.closed().await;
    }

    #[tokio::test]
    async fn a_content_that_was_read_to_its_end_leaves_nothing_behind() {
        let (sender, receiver) = mpsc::channel(1);
        let mut content = Lingering::new(Parts(receiver));
        sender.send(Bytes::from_static(b"a")).await.unwrap();
        drop(sender);
        let mut next = async || poll_fn(|context| Pin::new(&mut content).poll_frame(context)).await;
        assert!(next().await.is_some());
        assert!(next().await.is_none());
        assert!(content.is_end_stream());
    }
}
