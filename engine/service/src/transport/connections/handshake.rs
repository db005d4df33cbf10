//! Handshakes of TLS, and what connections are read from and written to.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::line::Line;
use crate::identity::{Known, Shown};
use crate::telemetry::Telemetry;
use crate::tls::Tls;

/// How connections begin that speak TLS. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Handshakes {
    pub(crate) tls: Tls,
    /// Who is known by certificates.
    pub(crate) known: Arc<Known>,
    /// How long one may take.
    pub(crate) limit: Duration,
}

impl Handshakes {
    /// Agrees with a caller on TLS. None if they do not, or not in time, or if the connection has to
    /// end before.
    pub(super) async fn shake(
        &self,
        stream: TcpStream,
        line: &Line,
        telemetry: &Telemetry,
    ) -> Option<(Wire, Option<Arc<Shown>>)> {
        // What the files have now.
        let agreeing = TlsAcceptor::from(self.tls.config()).accept(stream);
        let ended = poll_fn(|context| match line.end(context.waker()) {
            Some(why) => Poll::Ready(why),
            None => Poll::Pending,
        });
        let failed = tokio::select! {
            agreed = agreeing => match agreed {
                Ok(stream) => {
                    let shown = stream.get_ref().1.peer_certificates();
                    let own = shown.and_then(<[_]>::first);
                    let shown = own.map(|certificate| Arc::new(self.known.shown(certificate)));
                    return Some((Wire::Tls(Box::new(stream)), shown));
                }
                Err(cause) => ("protocol", cause.to_string()),
            },
            () = tokio::time::sleep(self.limit) => ("timeout", "it took too long".to_owned()),
            why = ended => ("closed", why.to_owned()),
        };
        let (reason, failed) = failed;
        telemetry.handshake_failed(reason);
        tracing::debug!(cause = %failed, "no handshake");
        None
    }
}

/// What a connection is read from and written to.
#[derive(Debug)]
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}
