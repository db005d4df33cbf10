//! The management listener: metrics and probes for those who run the server, apart from the port at
//! which decisions are asked for.
//!
//! Plain HTTP/1.1 without credentials, so nothing there is a fact, a host or a caller. It answers also
//! while the server drains, and says then that it is not ready. Connections and time are bounded.

mod answers;

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::ManagementSettings;
use crate::telemetry::Telemetry;

use self::answers::Answers;

/// After which time accepting is tried again when the system is out of something.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a connection may be without a request.
const IDLE: Duration = Duration::from_secs(75);
/// Bytes of a request's head, at most.
const HEAD_BYTES: usize = 16 * 1_024;

/// The management listener cannot be used.
#[derive(Debug, Error)]
#[error(
    "cannot listen on `{listen}`, as `management.listen` says: {cause}\n  hint: write HOST:PORT with a port that is free, such as 127.0.0.1:9464"
)]
pub struct Unbound {
    /// Where it should have listened.
    pub listen: String,
    /// What kept it from it.
    #[source]
    pub cause: io::Error,
}

/// A listener that has its address.
#[derive(Debug)]
pub(crate) struct Management {
    listener: TcpListener,
    address: SocketAddr,
    settings: ManagementSettings,
}

/// A listener that answers, until this is dropped.
#[derive(Debug)]
pub(crate) struct Managing {
    _serving: JoinSet<()>,
}

impl Management {
    /// Takes the address, if one is set.
    ///
    /// # Errors
    /// If it cannot be had.
    pub(crate) fn bind(settings: &ManagementSettings) -> Result<Option<Self>, Unbound> {
        let Some(listen) = &settings.listen else {
            return Ok(None);
        };
        let unbound = |cause| Unbound {
            listen: listen.clone(),
            cause,
        };
        let addresses: Vec<SocketAddr> = listen.to_socket_addrs().map_err(unbound)?.collect();
        let listener = TcpListener::bind(addresses.as_slice()).map_err(unbound)?;
        listener.set_nonblocking(true).map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        Ok(Some(Self {
            listener,
            address,
            settings: settings.clone(),
        }))
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers from here on, inside of a runtime.
    pub(crate) fn serve(self, telemetry: &Telemetry) -> Managing {
        tracing::info!(address = %self.address, "metrics and probes are here");
        let mut serving = JoinSet::new();
        let answers = Arc::new(Answers::new(telemetry, &self.settings));
        serving.spawn(accept(self, answers));
        Managing { _serving: serving }
    }
}

async fn accept(management: Management, answers: Arc<Answers>) {
    let listener = match tokio::net::TcpListener::from_std(management.listener) {
        Ok(listener) => listener,
        Err(cause) => {
            tracing::error!(%cause, "the management listener cannot be used");
            return;
        }
    };
    let places = Arc::new(Semaphore::new(management.settings.connections));
    let mut connections = JoinSet::new();
    loop {
        // Who comes next waits in the system's queue.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection = answer(stream, peer, Arc::clone(&answers));
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(cause) => {
                tracing::warn!(%cause, "a connection to the management listener cannot be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, peer: SocketAddr, answers: Arc<Answers>) {
    let _ = stream.set_nodelay(true);
    let limit = answers.longest();
    let service = service_fn(move |request| {
        let answers = Arc::clone(&answers);
        async move { Ok::<_, std::convert::Infallible>(answers.to(&request, peer).await) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limit.min(IDLE))
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(cause) = serving.await {
        tracing::debug!(%cause, "a connection to the management listener ended before its time");
    }
}
