//! The server: the one place where source, reload, workers and transport are put together.

mod lingering;
mod listening;
mod shutdown;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use embargo_proto::{ENVOY_FILE_DESCRIPTOR_SET, FILE_DESCRIPTOR_SET};
use thiserror::Error;
use tonic_reflection::server::Builder as Reflection;

use crate::config::Exposed;
use crate::config::{Config, Door};
use crate::decision_log::{DecisionLog, LogCounts, LogUnusable};
use crate::identity::Known;
use crate::jose;
use crate::management::{Management, Unbound};
use crate::material::{Material, MaterialInvalid, MaterialState, look_after};
use crate::reload::{Present, Reloader};
use crate::source::Source;
use crate::telemetry::{Exporting, OtlpInvalid};
use crate::tls::Tls;
use crate::transport::connections::Handshakes;
use crate::transport::doors::Strangers;
use crate::transport::{
    Access, Drain, Guard, Health, Limits, connections, counted, doors, services,
};
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
    /// The management listener cannot be used.
    #[error("{0}")]
    Management(#[from] Unbound),
    /// What the environment says of OpenTelemetry cannot be heeded.
    #[error("{0}")]
    Otlp(#[from] OtlpInvalid),
    /// The descriptors that reflection serves are unreadable.
    #[error("the descriptors of the API cannot be read: {0}")]
    Descriptors(#[source] tonic_reflection::server::Error),
    /// The descriptors that JSON is read by are unreadable.
    #[error("the descriptors of the API cannot be read: {0}")]
    Schema(#[source] prost_reflect::DescriptorError),
    /// The decision log cannot begin.
    #[error(transparent)]
    DecisionLog(#[from] LogUnusable),
    /// Certificates, keys or tokens cannot be used.
    #[error(transparent)]
    Material(#[from] MaterialInvalid),
    /// Others reach the address, and the server does not know whom to trust.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// Too many workers have not come back from a policy.
    #[error(
        "too many workers did not come back from a policy, so the process ends for its supervisor to start another\n  hint: the log names the policies; correct them, or they are barred again"
    )]
    WorkersLost,
}

/// Certificates, keys and tokens of a server, for whoever watches how they stand.
#[derive(Clone)]
pub struct Materials(Vec<Arc<dyn Material>>);

impl Materials {
    /// How each of them stands.
    #[must_use]
    pub fn states(&self) -> Vec<MaterialState> {
        self.0.iter().map(|material| material.state()).collect()
    }
}

/// A server that has made its first attempt to load the policies.
#[derive(Debug)]
pub struct Server {
    config: Config,
    tls: Option<Tls>,
    known: Arc<Known>,
    reloader: Reloader,
    judges: Judges,
    management: Option<Management>,
    log: DecisionLog,
    limits: Limits,
}

impl Server {
    /// Loads the policies and starts the workers and the reload loop. Waits for the first
    /// attempt, which need not succeed: see [`Server::present`].
    ///
    /// # Errors
    /// If threads cannot be started, or certificates, keys or tokens cannot be used.
    pub fn start(source: Source, config: Config) -> Result<Self, ServerError> {
        jose::install();
        let settings = config.settings();
        let management = Management::bind(&settings.management)?;
        let speaks_http1 = doors::speak_http1(&settings.doors);
        let tls = settings.tls.as_ref();
        let tls = tls.map(|tls| Tls::load(tls, speaks_http1)).transpose()?;
        let known = Arc::new(Known::load(&settings.identity)?);
        let log = DecisionLog::start(&settings.decision_log)?;
        let judges = Judges::start(&config).map_err(ServerError::Threads)?;
        let reloader = Reloader::start(source, &config).map_err(ServerError::Threads)?;
        let telemetry = &settings.telemetry;
        if log.is_on() {
            telemetry.observe_decision_log(Arc::new(log.clone()));
        }
        telemetry.observe_judges(judges.clone());
        telemetry.observe_present(reloader.present());
        if let Some(tls) = &tls {
            telemetry.observe_tls(tls.clone());
        }
        let limits = Limits::new(&settings.limits, telemetry);
        Ok(Self {
            config,
            tls,
            known,
            reloader,
            judges,
            management,
            log,
            limits,
        })
    }

    /// What is active, and how the last attempt to load the policies went.
    #[must_use]
    pub fn present(&self) -> Present {
        self.reloader.present().borrow().clone()
    }

    /// The limits on what callers take, some of which can be changed while the server runs.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits.clone()
    }

    /// Where the management listener is, if there is one.
    #[must_use]
    pub fn management(&self) -> Option<SocketAddr> {
        self.management.as_ref().map(Management::address)
    }

    /// What became of entries of the decision log so far, for as long as it is asked.
    pub fn log_counts(&self) -> impl Fn() -> LogCounts + Send + Sync + 'static {
        let log = self.log.clone();
        move || log.counts()
    }

    /// How certificates, keys and tokens stand that are read again when they change.
    #[must_use]
    pub fn materials(&self) -> Materials {
        Materials(self.material())
    }

    fn material(&self) -> Vec<Arc<dyn Material>> {
        let tls = self.tls.iter().map(Tls::material);
        tls.chain(self.known.material()).collect()
    }

    /// Serves until `shutdown` is ready, then drains: health says so, new calls are refused,
    /// streams end, running calls finish within the drain limit.
    ///
    /// # Errors
    /// If the listener cannot be used, or is one that others reach without that the settings have TLS
    /// and identity or say `insecure`; or if too many workers are lost, after which the process should
    /// end.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServerError> {
        let settings = self.config.settings();
        let address = listener.local_addr().map_err(ServerError::Listener)?;
        if let Err(exposed) = settings.exposed(address) {
            if !settings.insecure {
                return Err(exposed.into());
            }
            tracing::warn!(address = %address, "insecure: {}", exposed.lacks);
        }
        let looked_after = tokio::spawn(look_after(self.material(), settings.poll_interval));
        let lost = AtomicBool::new(false);
        let shutdown = async {
            tokio::select! {
                () = shutdown => {}
                () = self.judges.too_many_are_lost() => lost.store(true, Ordering::Release),
            }
        };
        let drain = Drain::new();
        let (health, health_service) = Health::start(self.reloader.present()).await;
        let telemetry = &settings.telemetry;
        telemetry.observe_drain(drain.clone());
        let exporting = settings.otlp.as_ref();
        let exporting = exporting
            .map(|otlp| Exporting::start(telemetry, otlp))
            .transpose()?;
        let _managing = self
            .management
            .map(|management| management.serve(telemetry));
        let rooms = self.limits.rooms().clone();
        let services = services(
            self.reloader.present(),
            self.judges.clone(),
            settings,
            &drain,
            &rooms,
            self.log.clone(),
        );
        let limits = &settings.limits;
        let handshakes = self.tls.clone().map(|tls| Handshakes {
            tls,
            known: Arc::clone(&self.known),
            limit: limits.handshake_timeout,
        });
        let incoming = connections::accept(listener, limits, &rooms, handshakes)
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
        let strangers = Strangers::new(limits).map_err(ServerError::Schema)?;
        let access = Access::new(
            Arc::clone(&self.known),
            strangers.clone(),
            telemetry.clone(),
        );
        let mut routes = doors::routes(settings, &services, &rooms, &drain, &strangers)
            .add_service(Guard::new(health_service, rooms.clone()));
        if settings.reflects(Some(address)) {
            let v1 = descriptors().build_v1().map_err(ServerError::Descriptors)?;
            let v1alpha = descriptors()
                .build_v1alpha()
                .map_err(ServerError::Descriptors)?;
            routes = routes
                .add_service(Guard::new(v1, rooms.clone()))
                .add_service(Guard::new(v1alpha, rooms));
        }
        if open.contains(&Door::Grpc) {
            routes = routes
                .add_service(services.decisions)
                .add_service(services.policies);
        }
        let speaks_http1 = doors::speak_http1(open);
        let routes = counted(routes.prepare().into_axum_router(), telemetry);
        shutdown::serve(
            |closed| listening::serve(incoming, routes, access, speaks_http1, limits, closed),
            shutdown,
            &drain,
            &health,
            settings.drain_limit,
        )
        .await;
        if let Some(exporting) = exporting {
            exporting.finish().await;
        }
        looked_after.abort();
        self.log.close(settings.drain_limit.max(FLUSHING)).await;
        if lost.load(Ordering::Acquire) {
            return Err(ServerError::WorkersLost);
        }
        Ok(())
    }
}
