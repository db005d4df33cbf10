//! OpenTelemetry: traces and metrics to a collector, set up by the standard environment variables.
//!
//! Both signals go out from tasks of the server's runtime by one wire, and the metrics are those of
//! the registry. A collector that is slow or gone costs spans, which are counted, and no call.

mod environment;
mod metrics;
mod readings;
mod traces;
mod wire;

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::config::Secret;

use super::Telemetry;

use self::wire::Wire;

/// What is sent where. Made from the environment by [`OtlpSettings::from_environment`].
#[derive(Clone, Debug, PartialEq)]
pub struct OtlpSettings {
    /// Where spans go; nowhere without.
    traces: Option<Collector>,
    /// Where metrics go; nowhere without.
    metrics: Option<Collector>,
    /// Which calls are traced.
    sampling: Sampling,
    /// What the server says of itself.
    resource: Vec<(String, String)>,
    /// How often metrics are sent.
    interval: Duration,
    batch: Batch,
}

/// A collector.
#[derive(Clone, PartialEq)]
struct Collector {
    protocol: Protocol,
    /// For HTTP with the path.
    endpoint: String,
    /// Their values are secrets.
    headers: Vec<(String, Secret)>,
    timeout: Duration,
    gzip: bool,
    /// Who vouches for the collector, beside those whom the system trusts.
    authorities: Option<PathBuf>,
    /// The server's own certificate and its key.
    identity: Option<(PathBuf, PathBuf)>,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector")
            .field("protocol", &self.protocol)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Grpc,
    Http,
}

/// Which calls are traced.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sampling {
    /// Whether a caller's own choice counts.
    heeds_parent: bool,
    /// Which part of the others.
    ratio: f64,
}

/// How spans are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batch {
    /// Spans that may wait.
    queue: usize,
    /// Spans of a message.
    size: usize,
    /// How long they wait for others.
    delay: Duration,
}

/// A variable of OpenTelemetry that cannot be heeded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{variable}` {why}")]
pub struct OtlpInvalid {
    /// The variable.
    pub variable: String,
    /// What is wrong, and the remedy. Without the value where that may be a secret.
    pub why: String,
}

impl OtlpInvalid {
    fn new(variable: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            variable: variable.into(),
            why: why.into(),
        }
    }
}

/// What is being sent, until it is told to finish.
#[derive(Debug)]
pub(crate) struct Exporting {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// How long what is left may take to be sent when the server ends.
const LAST: Duration = Duration::from_secs(5);

impl Exporting {
    /// Begins to send, inside of a runtime.
    ///
    /// # Errors
    /// If a file cannot be read or an address is none.
    pub(crate) fn start(
        telemetry: &Telemetry,
        settings: &OtlpSettings,
    ) -> Result<Self, OtlpInvalid> {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let attributes = settings
            .resource
            .iter()
            .map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
        let resource = Resource::builder_empty()
            .with_attributes(attributes)
            .build();
        if let Some(collector) = &settings.traces {
            let wire = Wire::new("traces", collector)?;
            let (tracing, sending) = traces::begin(
                telemetry,
                wire,
                settings.sampling,
                settings.batch,
                &resource,
            );
            // One server has one telemetry, so that nobody came first.
            let _ = telemetry.0.tracing.set(tracing);
            tasks.spawn(sending.run(stopped.clone()));
        }
        if let Some(collector) = &settings.metrics {
            let wire = Wire::new("metrics", collector)?;
            let sending = metrics::Sending {
                telemetry: telemetry.clone(),
                wire,
                interval: settings.interval,
                resource,
                begun: SystemTime::now(),
            };
            tasks.spawn(sending.run(stopped));
        }
        Ok(Self { stop, tasks })
    }

    /// Sends what is left, and ends.
    pub(crate) async fn finish(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST, all).await.is_err() {
            tracing::warn!("the collector does not take what is left; it is left behind");
        }
    }
}
