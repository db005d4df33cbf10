//! Readiness, as `grpc.health.v1.Health` serves it.

use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};

use super::Client;
use crate::CallError;

/// What of a server is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServerPart {
    /// The server as a whole.
    Whole,
    /// DecisionService: whether there are policies to judge by.
    Decisions,
}

impl ServerPart {
    /// The name that the health service knows it by.
    #[must_use]
    pub fn service_name(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Decisions => "embargo.v1.DecisionService",
        }
    }
}

impl Client {
    /// Asks whether a part of the server serves: of the first that answers, if there are several.
    /// Everything but an explicit SERVING is a no.
    ///
    /// # Errors
    ///
    /// Fails if the server does not answer, or has no such part (NOT_FOUND).
    pub async fn is_serving(&self, part: ServerPart) -> Result<bool, CallError> {
        let request = HealthCheckRequest {
            service: part.service_name().into(),
        };
        let (answer, _) = self
            .unary("Check", request, |mut server, attempt| async move {
                server.health.check(attempt).await
            })
            .await?;
        Ok(answer.status() == ServingStatus::Serving)
    }
}
