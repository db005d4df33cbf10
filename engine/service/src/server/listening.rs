//! Connections, each served by HTTP/2 or HTTP/1.1, whichever it speaks, within the limits of both.
//!
//! The library's own server ends a call whose `grpc-timeout` has passed by an answer of status 200,
//! which is no error to whoever asked over HTTP. Here deadlines are kept where calls are answered.

use std::future::Future;
use std::io;
use std::pin::pin;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio_stream::{Stream, StreamExt as _};
use tonic::codegen::Service as _;
use tonic::transport::server::Connected as _;

use crate::config::LimitsSettings;
use crate::transport::Access;
use crate::transport::connections::Connection;

use super::lingering::Lingering;

/// The largest frame of HTTP/2. Fewer frames make large messages cheaper.
const FRAME_BYTES: u32 = 64 * 1_024;
/// Bytes of HTTP/1.1 that are read ahead, of which a head is a part.
const READ_AHEAD: usize = 64 * 1_024;
/// Calls that the server resets for breaking the protocol; a connection with more of them is closed.
const FAULTY_STREAMS: usize = 256;

/// Serves each connection that comes until `closed` is ready, and then until all have ended.
pub(super) async fn serve(
    connections: impl Stream<Item = io::Result<Connection>>,
    routes: Router,
    access: Access,
    speaks_http1: bool,
    limits: &LimitsSettings,
    closed: impl Future<Output = ()>,
) {
    let builder = builder(speaks_http1, limits);
    let graceful = GracefulShutdown::new();
    {
        // No longer listened to than connections are taken.
        let mut connections = pin!(connections);
        let mut closed = pin!(closed);
        loop {
            let connection = tokio::select! {
                () = &mut closed => break,
                connection = connections.next() => connection,
            };
            match connection {
                Some(Ok(connection)) => {
                    let (routes, access) = (routes.clone(), access.clone());
                    let serving = serve_one(&builder, connection, routes, access, &graceful);
                    tokio::spawn(serving);
                }
                Some(Err(cause)) => tracing::debug!(cause = %cause, "no connection"),
                None => break,
            }
        }
    }
    graceful.shutdown().await;
}

fn serve_one(
    builder: &Builder<TokioExecutor>,
    connection: Connection,
    routes: Router,
    access: Access,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let line = connection.connect_info();
    let shown = connection.shown();
    let scheme = connection.scheme();
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Lingering::new);
        request.extensions_mut().insert(line.clone());
        request.extensions_mut().insert(scheme.clone());
        let admitted = access.admit(&mut request, shown.as_deref());
        // It is a call, whether or not it is let in.
        let call = admitted.is_err().then(|| line.call());
        let mut routes = routes.clone();
        async move {
            let _call = call;
            match admitted {
                Ok(()) => routes.call(request.map(Body::new)).await,
                Err(refused) => Ok(*refused),
            }
        }
    });
    let serving = builder
        .serve_connection(TokioIo::new(connection), answer)
        .into_owned();
    let watched = graceful.watch(serving);
    async move {
        if let Err(cause) = watched.await {
            tracing::debug!(cause = %cause, "a connection ended before its time");
        }
    }
}

fn builder(speaks_http1: bool, limits: &LimitsSettings) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    if !speaks_http1 {
        builder = builder.http2_only();
    }
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(count(limits.streams_per_connection))
        .initial_stream_window_size(count(limits.stream_window))
        .initial_connection_window_size(count(limits.connection_window))
        .max_frame_size(FRAME_BYTES)
        .keep_alive_interval(limits.keepalive_interval)
        .keep_alive_timeout(limits.keepalive_timeout)
        .max_header_list_size(count(limits.header_bytes))
        .max_pending_accept_reset_streams(limits.pending_resets)
        .max_local_error_reset_streams(FAULTY_STREAMS);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(READ_AHEAD);
    builder
}

/// A number of the settings, whose ranges are narrower than this.
fn count(setting: usize) -> u32 {
    u32::try_from(setting).unwrap_or(u32::MAX)
}
