//! The server: the one place where source, reload, workers and transport are put together.

mod shutdown;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use embargo_proto::{ENVOY_FILE_DESCRIPTOR_SET, FILE_DESCRIPTOR_SET};
use thiserror::Error;
use tonic::transport::Server as Transport;
use tonic_reflection::server::Builder as Reflection;

use crate::config::{Config, Door};
use crate::reload::{Present, Reloader};
use crate::source::Source;
use crate::transport::{Drain, Guard, Health, Rooms, connections, doors, services};
use crate::workers::Judges;

/// Calls of one connection at a time. A caller's further calls wait on their side.
const STREAMS_PER_CONNECTION: u32 = 256;
/// Bytes of a call, and of a connection, that may be under way without being read.
const STREAM_WINDOW: u32 = 1_024 * 1_024;
const CONNECTION_WINDOW: u32 = 8 * 1_024 * 1_024;
/// How often a quiet connection is asked whether it is alive, and how long it may be silent.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);
/// The largest frame of HTTP/2. Fewer frames make large messages cheaper.
const FRAME_BYTES: u32 = 64 * 1_024;
/// Bytes of a call's headers, as gRPC recommends. What a call is about stands in its message.
const HEADER_BYTES: u32 = 8 * 1_024;
/// Calls that were reset before they were looked at, and calls that the server resets for breaking
/// the protocol; a connection with more of them is closed. `transport/connections` counts the
/// resets of calls that were looked at.
const PENDING_RESETS: usize = 20;
const FAULTY_STREAMS: usize = 256;

/// Why a server does not start or does not go on.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The threads cannot be started.
    #[error("the threads of the server cannot be started: {0}")]
    Threads(#[source] io::Error),
    /// The listener cannot be used.
    #[error("the listener cannot be used: {0}")]
    Listener(#[source] io::Error),
    /// The descriptors that reflection serves are unreadable.
    #[error("the descriptors of the API cannot be read: {0}")]
    Descriptors(#[source] tonic_reflection::server::Error),
    /// The descriptors that JSON is read by are unreadable.
    #[error("the descriptors of the API cannot be read: {0}")]
    Schema(#[source] prost_reflect::DescriptorError),
    /// The transport failed.
    #[error("the transport failed: {0}")]
    Transport(#[source] tonic::transport::Error),
    /// Too many workers have not come back from a policy.
    #[error(
        "too many workers did not come back from a policy, so the process ends for its supervisor to start another\n  hint: the log names the policies; correct them, or they are barred again"
    )]
    WorkersLost,
}

/// A server that has made its first attempt to load the policies.
#[derive(Debug)]
pub struct Server {
    config: Config,
    reloader: Reloader,
    judges: Judges,
}

impl Server {
    /// Loads the policies and starts the workers and the reload loop. Waits for the first
    /// attempt, which need not succeed: see [`Server::present`].
    ///
    /// # Errors
    /// If threads cannot be started.
    pub fn start(source: Source, config: Config) -> Result<Self, ServerError> {
        let judges = Judges::start(&config).map_err(ServerError::Threads)?;
        let reloader = Reloader::start(source, &config).map_err(ServerError::Threads)?;
        Ok(Self {
            config,
            reloader,
            judges,
        })
    }

    /// What is active, and how the last attempt to load the policies went.
    #[must_use]
    pub fn present(&self) -> Present {
        self.reloader.present().borrow().clone()
    }

    /// Serves until `shutdown` is ready, then drains: health says so, new calls are refused,
    /// streams end, running calls finish within the drain limit.
    ///
    /// # Errors
    /// If the listener cannot be used, the transport fails, or too many workers are lost, after
    /// which the process should end.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServerError> {
        let settings = self.config.settings();
        let lost = AtomicBool::new(false);
        let shutdown = async {
            tokio::select! {
                () = shutdown => {}
                () = self.judges.too_many_are_lost() => lost.store(true, Ordering::Release),
            }
        };
        let drain = Drain::new();
        let (health, health_service) = Health::start(self.reloader.present()).await;
        let rooms = Rooms::new();
        let services = services(
            self.reloader.present(),
            self.judges.clone(),
            settings,
            &drain,
            &rooms,
        );
        let incoming = connections::accept(listener, settings.connections, &rooms)
            .map_err(ServerError::Listener)?;
        let open = &settings.doors;
        let descriptors = || {
            let known = Reflection::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET);
            if open.contains(&Door::Envoy) {
                known.register_encoded_file_descriptor_set(ENVOY_FILE_DESCRIPTOR_SET)
            } else {
                known
            }
        };
        let reflection = descriptors().build_v1().map_err(ServerError::Descriptors)?;
        let reflection_v1alpha = descriptors()
            .build_v1alpha()
            .map_err(ServerError::Descriptors)?;
        let mut routes = doors::routes(settings, &services, &rooms, &drain)
            .map_err(ServerError::Schema)?
            .add_service(Guard::new(health_service, rooms.clone()))
            .add_service(Guard::new(reflection, rooms.clone()))
            .add_service(Guard::new(reflection_v1alpha, rooms));
        if open.contains(&Door::Grpc) {
            routes = routes
                .add_service(services.decisions)
                .add_service(services.policies);
        }
        let router = Transport::builder()
            .accept_http1(doors::speak_http1(open))
            .max_concurrent_streams(STREAMS_PER_CONNECTION)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_frame_size(FRAME_BYTES)
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .http2_max_header_list_size(HEADER_BYTES)
            .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS))
            .http2_max_local_error_reset_streams(Some(FAULTY_STREAMS))
            .add_routes(routes.prepare());

        shutdown::serve(
            |closed| router.serve_with_incoming_shutdown(incoming, closed),
            shutdown,
            &drain,
            &health,
            settings.drain_limit,
        )
        .await
        .map_err(ServerError::Transport)?;
        if lost.load(Ordering::Acquire) {
            return Err(ServerError::WorkersLost);
        }
        Ok(())
    }
}
