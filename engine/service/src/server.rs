//! The server: the one place where source, reload, workers and transport are put together.

mod listening;
mod shutdown;

use std::future::Future;
use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use embargo_proto::{ENVOY_FILE_DESCRIPTOR_SET, FILE_DESCRIPTOR_SET};
use thiserror::Error;
use tonic_reflection::server::Builder as Reflection;

use crate::config::{Config, Door};
use crate::decision_log::{DecisionLog, LogCounts, LogUnusable};
use crate::reload::{Present, Reloader};
use crate::source::Source;
use crate::transport::{Drain, Guard, Health, Rooms, connections, doors, services};
use crate::workers::Judges;

/// How long the decision log may take to be sent at the end, at least.
const FLUSHING: Duration = Duration::from_secs(1);

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
    /// The decision log cannot begin.
    #[error(transparent)]
    DecisionLog(#[from] LogUnusable),
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
    log: DecisionLog,
}

impl Server {
    /// Loads the policies and starts the workers and the reload loop. Waits for the first
    /// attempt, which need not succeed: see [`Server::present`].
    ///
    /// # Errors
    /// If threads cannot be started.
    pub fn start(source: Source, config: Config) -> Result<Self, ServerError> {
        let log = DecisionLog::start(&config.settings().decision_log)?;
        let judges = Judges::start(&config).map_err(ServerError::Threads)?;
        let reloader = Reloader::start(source, &config).map_err(ServerError::Threads)?;
        Ok(Self {
            config,
            reloader,
            judges,
            log,
        })
    }

    /// What is active, and how the last attempt to load the policies went.
    #[must_use]
    pub fn present(&self) -> Present {
        self.reloader.present().borrow().clone()
    }

    /// What became of entries of the decision log so far, for as long as it is asked.
    #[must_use]
    pub fn log_counts(&self) -> impl Fn() -> LogCounts + Send + Sync + 'static {
        let log = self.log.clone();
        move || log.counts()
    }

    /// Serves until `shutdown` is ready, then drains: health says so, new calls are refused,
    /// streams end, running calls finish within the drain limit.
    ///
    /// # Errors
    /// If the listener cannot be used, or too many workers are lost, after which the process should
    /// end.
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
            self.log.clone(),
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
        let speaks_http1 = doors::speak_http1(open);
        let routes = routes.prepare().into_axum_router();
        shutdown::serve(
            |closed| listening::serve(incoming, routes, speaks_http1, closed),
            shutdown,
            &drain,
            &health,
            settings.drain_limit,
        )
        .await;
        self.log.close(settings.drain_limit.max(FLUSHING)).await;
        if lost.load(Ordering::Acquire) {
            return Err(ServerError::WorkersLost);
        }
        Ok(())
    }
}
