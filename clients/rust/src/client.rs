//! The client itself: its servers, a deadline, a retry policy, and the one way in which every
//! call is made. The calls stand by service in the modules below.
//!
//! Invariant: no call waits longer than the client's deadline, whatever the server and the network
//! do. Streams are bounded while they open; each says what bounds it afterwards.

mod decisions;
mod policies;

mod health;

use std::{sync::Arc, time::Duration};

use embargo_proto::{
    MAX_MESSAGE_BYTES,
    v1::{
        decision_service_client::DecisionServiceClient, policy_service_client::PolicyServiceClient,
    },
};
use prost::Message;
use tonic::{
    Request, Response, Status, service::interceptor::InterceptedService, transport::Channel,
};
use tonic_health::pb::health_client::HealthClient;

use crate::{
    CallError, ClientBuilder, ConnectError, MAX_DEADLINE, Place, RetryPolicy,
    authorization::Authorization, retry, servers::Servers,
};

pub use decisions::{BatchDecisions, InventoriedDecision, InventoryDecisions, ItemDecision};
pub use health::ServerPart;
pub use policies::PolicyTests;

/// A connection to an Embargo server, or to several that are equals. Clones share it and are cheap.
#[derive(Clone, Debug)]
pub struct Client {
    servers: Arc<Servers<Server>>,
    deadline: Duration,
    retry: RetryPolicy,
}

/// The connection that every call goes over.
type Line = InterceptedService<Channel, Authorization>;

/// The services of one server.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    decisions: DecisionServiceClient<Line>,
    policies: PolicyServiceClient<Line>,
    health: HealthClient<Line>,
}

impl Server {
    pub(crate) fn over(channel: Channel, authorization: &Authorization) -> Self {
        let line = InterceptedService::new(channel, authorization.clone());
        Self {
            decisions: DecisionServiceClient::new(line.clone())
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(MAX_MESSAGE_BYTES),
            policies: PolicyServiceClient::new(line.clone())
                .max_decoding_message_size(MAX_MESSAGE_BYTES)
                .max_encoding_message_size(MAX_MESSAGE_BYTES),
            health: HealthClient::new(line),
        }
    }
}

impl Client {
    /// Connects to an endpoint such as `https://embargo.example:8181`, with the default deadline
    /// and retries.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the endpoint or the way to it.
    pub async fn connect(endpoint: impl Into<String>) -> Result<Self, ConnectError> {
        Self::builder(endpoint).connect().await
    }

    /// Sets up a client for an endpoint such as `http://127.0.0.1:8181`. Others may be added.
    pub fn builder(endpoint: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(endpoint)
    }

    pub(crate) fn of(servers: Servers<Server>, deadline: Duration, retry: RetryPolicy) -> Self {
        Self {
            servers: Arc::new(servers),
            deadline,
            retry,
        }
    }

    /// The same connections with another deadline for each call, at most [`MAX_DEADLINE`].
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self {
            deadline: deadline.min(MAX_DEADLINE),
            ..self.clone()
        }
    }

    pub(crate) fn servers(&self) -> &Servers<Server> {
        &self.servers
    }

    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.retry
    }

    /// How long a call may take with all its attempts.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Makes a call with one answer. Each attempt tells the server what is left of the deadline.
    /// Returns the answer and where it came from.
    async fn unary<Q, A, F, Sent>(
        &self,
        method: &'static str,
        request: Q,
        send: F,
    ) -> Result<(A, Place), CallError>
    where
        Q: Message + Clone,
        F: Fn(Server, Request<Q>) -> Sent,
        Sent: Future<Output = Result<Response<A>, Status>>,
    {
        // tonic would break the connection's stream instead of saying what is wrong.
        let bytes = request.encoded_len();
        if bytes > MAX_MESSAGE_BYTES {
            return Err(CallError::TooLarge {
                bytes,
                place: self.servers.place(self.servers.preferred(), method),
            });
        }
        retry::run(
            &self.retry,
            self.deadline,
            &self.servers,
            method,
            |server, left| {
                let mut attempt = Request::new(request.clone());
                attempt.set_timeout(left);
                send(server.clone(), attempt)
            },
        )
        .await
    }
}
