//! A server whose every answer is the same, whatever is asked.

use std::pin::Pin;
use std::time::Duration;

use embargo_proto::v1 as pb;
use pb::decision_service_server::{DecisionService, DecisionServiceServer};
use tokio_stream::Stream;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

/// What it answers to DecideHost.
#[derive(Clone)]
pub(super) enum Answer {
    /// A decision with this effect on what was asked.
    Effect(i32),
    /// A decision on another host.
    OtherHost,
    /// An answer without a decision.
    Nothing,
    Fails(Status),
    /// None at all.
    Never,
}

/// A status as an Embargo server sends it, with its reason.
pub(super) fn status(code: Code, reason: &str) -> Answer {
    let mut details = ErrorDetails::with_error_info(reason, "embargo.v1", []);
    if matches!(reason, "OVERLOADED" | "RATE_LIMITED") {
        details.set_retry_info(Some(Duration::from_millis(1)));
    }
    let message = "no\n::error::not a command";
    Answer::Fails(Status::with_error_details(code, message, details))
}

/// A status of something else on the way.
pub(super) fn foreign(code: Code) -> Answer {
    Answer::Fails(Status::new(code, "<proxy> says & \"no\""))
}

/// A running fake, which stops with the value.
pub(super) struct Fake {
    pub(super) url: String,
    _runtime: tokio::runtime::Runtime,
}

impl Fake {
    pub(super) fn start(answer: &Answer) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = DecisionServiceServer::new(Method(answer.clone()));
        runtime.spawn(
            tonic::transport::Server::builder()
                .add_service(service)
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self {
            url,
            _runtime: runtime,
        }
    }
}

struct Method(Answer);

fn uncalled<T>() -> Result<T, Status> {
    Err(Status::unimplemented("the gate does not call it"))
}

#[tonic::async_trait]
impl DecisionService for Method {
    async fn decide_host(
        &self,
        request: Request<pb::DecideHostRequest>,
    ) -> Result<Response<pb::DecideHostResponse>, Status> {
        let request = request.into_inner();
        let asked = |effect| pb::Decision {
            host_id: request.facts.unwrap_or_default().host_id,
            action: request.action,
            effect,
            evaluate_time: request.evaluate_time,
            snapshot_id: "aa".to_owned(),
            ..Default::default()
        };
        let decision = match &self.0 {
            Answer::Effect(effect) => Some(asked(*effect)),
            Answer::OtherHost => Some(pb::Decision {
                host_id: "another".to_owned(),
                ..asked(pb::Effect::Allow.into())
            }),
            Answer::Nothing => None,
            Answer::Fails(status) => return Err(status.clone()),
            Answer::Never => std::future::pending().await,
        };
        Ok(Response::new(pb::DecideHostResponse { decision }))
    }

    async fn batch_decide_hosts(
        &self,
        _: Request<pb::BatchDecideHostsRequest>,
    ) -> Result<Response<pb::BatchDecideHostsResponse>, Status> {
        uncalled()
    }

    type StreamDecideHostsStream =
        Pin<Box<dyn Stream<Item = Result<pb::StreamDecideHostsResponse, Status>> + Send>>;

    async fn stream_decide_hosts(
        &self,
        _: Request<Streaming<pb::StreamDecideHostsRequest>>,
    ) -> Result<Response<Self::StreamDecideHostsStream>, Status> {
        uncalled()
    }

    async fn decide_inventory(
        &self,
        _: Request<pb::DecideInventoryRequest>,
    ) -> Result<Response<pb::DecideInventoryResponse>, Status> {
        uncalled()
    }

    async fn explain_decision(
        &self,
        _: Request<pb::ExplainDecisionRequest>,
    ) -> Result<Response<pb::ExplainDecisionResponse>, Status> {
        uncalled()
    }

    async fn compute_decision_timeline(
        &self,
        _: Request<pb::ComputeDecisionTimelineRequest>,
    ) -> Result<Response<pb::ComputeDecisionTimelineResponse>, Status> {
        uncalled()
    }
}
