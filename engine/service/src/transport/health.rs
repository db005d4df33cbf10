//! Health: whether decisions can be had, as `grpc.health.v1` says it.
//!
//! Serving from the first good snapshot until the server drains. A rejected reload changes
//! nothing about that, because what was active keeps judging; it has a name of its own.

use embargo_proto::v1::decision_service_server::SERVICE_NAME as DECISIONS;
use embargo_proto::v1::policy_service_server::SERVICE_NAME as POLICIES;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health as HealthApi, HealthServer};
use tonic_health::server::{HealthReporter, health_reporter};

use crate::reload::{Present, ReloadState};

/// The server as a whole.
const WHOLE: &str = "";
/// Whether the last attempt to load the policies was accepted.
const RELOAD: &str = "embargo.v1.reload";

const NAMES: [&str; 4] = [WHOLE, DECISIONS, POLICIES, RELOAD];

/// Keeps health up to date.
pub(crate) struct Health {
    reporter: HealthReporter,
    task: JoinHandle<()>,
}

impl Health {
    /// Begins to tell what `present` means for health.
    pub(crate) async fn start(
        mut present: watch::Receiver<Present>,
    ) -> (Self, HealthServer<impl HealthApi>) {
        let (reporter, service) = health_reporter();
        let first = present.borrow_and_update().clone();
        tell(&reporter, &first).await;
        let task = tokio::spawn({
            let reporter = reporter.clone();
            async move {
                while present.changed().await.is_ok() {
                    let state = present.borrow_and_update().clone();
                    tell(&reporter, &state).await;
                }
            }
        });
        (Self { reporter, task }, service)
    }

    /// Says that nothing is served any longer.
    pub(crate) async fn stop(&self) {
        self.task.abort();
        for name in NAMES {
            self.reporter
                .set_service_status(name, ServingStatus::NotServing)
                .await;
        }
    }

    /// Ends the watches of health, which would keep connections open.
    pub(crate) async fn end_watches(&self) {
        for name in NAMES {
            self.reporter.clone().clear_service_status(name).await;
        }
    }
}

async fn tell(reporter: &HealthReporter, present: &Present) {
    let of = |serves| {
        if serves {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        }
    };
    let decides = of(present.active.is_some());
    let accepted = of(present
        .last_reload
        .as_ref()
        .is_some_and(|report| report.state != ReloadState::Rejected));
    for (name, status) in NAMES.into_iter().zip([decides, decides, decides, accepted]) {
        reporter.set_service_status(name, status).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_health_has_a_status() {
        assert_eq!(DECISIONS, "embargo.v1.DecisionService");
        assert_eq!(POLICIES, "embargo.v1.PolicyService");
    }
}
