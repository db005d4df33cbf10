//! A server whose every answer is scripted, and which notes how it was asked.

use std::{
    collections::VecDeque,
    future::pending,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use embargo_client::{Client, ClientBuilder, RetryPolicy, v1};
use embargo_proto::v1::{
    decision_service_server::{DecisionService, DecisionServiceServer},
    policy_service_server::{PolicyService, PolicyServiceServer},
};
use tokio::net::TcpListener;
use tokio_stream::{Stream, StreamExt as _, wrappers::TcpListenerStream};
use tonic::{Request, Response, Status, Streaming, transport::Server};

/// What to do with one call.
#[derive(Clone)]
pub(crate) enum Step<A> {
    Answer(A),
    Fail(Status),
    Hang,
}

/// What one method does: a step for each call, the last one for all that follow.
pub(crate) struct Script<A> {
    steps: Mutex<VecDeque<Step<A>>>,
    /// The `grpc-timeout` of each call.
    timeouts: Mutex<Vec<Option<String>>>,
    /// The `authorization` of each call.
    tokens: Mutex<Vec<Option<String>>>,
}

impl<A> Default for Script<A> {
    fn default() -> Self {
        Self {
            steps: Mutex::default(),
            timeouts: Mutex::default(),
            tokens: Mutex::default(),
        }
    }
}

impl<A: Clone> Script<A> {
    pub(crate) fn set(&self, steps: impl IntoIterator<Item = Step<A>>) {
        *self.steps.lock().unwrap() = steps.into_iter().collect();
    }

    pub(crate) fn calls(&self) -> usize {
        self.timeouts.lock().unwrap().len()
    }

    pub(crate) fn timeouts(&self) -> Vec<Option<String>> {
        self.timeouts.lock().unwrap().clone()
    }

    pub(crate) fn tokens(&self) -> Vec<Option<String>> {
        self.tokens.lock().unwrap().clone()
    }

    async fn play<Q>(&self, request: &Request<Q>) -> Result<Response<A>, Status> {
        let header = |name| {
            let value = request.metadata().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        self.timeouts.lock().unwrap().push(header("grpc-timeout"));
        self.tokens.lock().unwrap().push(header("authorization"));
        let step = {
            let mut steps = self.steps.lock().unwrap();
            if steps.len() > 1 {
                steps.pop_front()
            } else {
                steps.front().cloned()
            }
        };
        match step {
            Some(Step::Answer(answer)) => Ok(Response::new(answer)),
            Some(Step::Fail(status)) => Err(status),
            Some(Step::Hang) => pending().await,
            None => Err(Status::unimplemented("the script is empty")),
        }
    }
}

type Events<A> = Vec<Result<A, Status>>;
type Sent<A> = Pin<Box<dyn Stream<Item = Result<A, Status>> + Send>>;

/// The scripts of all methods that the client calls.
#[derive(Default)]
pub(crate) struct Scripts {
    pub(crate) decide: Script<v1::DecideHostResponse>,
    pub(crate) batch: Script<v1::BatchDecideHostsResponse>,
    /// What is sent once all items have come.
    pub(crate) stream: Script<Events<v1::StreamDecideHostsResponse>>,
    pub(crate) inventory: Script<v1::DecideInventoryResponse>,
    pub(crate) explain: Script<v1::ExplainDecisionResponse>,
    pub(crate) timeline: Script<v1::ComputeDecisionTimelineResponse>,
    pub(crate) pages: Script<v1::ListPoliciesResponse>,
    pub(crate) policy: Script<v1::GetPolicyResponse>,
    pub(crate) snapshot: Script<v1::GetSnapshotResponse>,
    /// What is sent before the watch falls silent.
    pub(crate) watch: Script<Events<v1::WatchSnapshotResponse>>,
    /// What the next watch sends instead.
    watched: Mutex<Option<Sent<v1::WatchSnapshotResponse>>>,
    pub(crate) validate: Script<v1::ValidateBundleResponse>,
    pub(crate) identify: Script<v1::IdentifySoftwareResponse>,
    pub(crate) tests: Script<Events<v1::RunPolicyTestsResponse>>,
    /// The page tokens that were asked for.
    pub(crate) page_tokens: Mutex<Vec<String>>,
}

/// A running fake. It stops with the test's runtime.
pub(crate) struct Fake {
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) endpoint: String,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::start_as("http", Server::builder()).await
    }

    /// A fake behind the transport that is given, on this machine.
    pub(crate) async fn start_as(scheme: &str, mut transport: Server) -> Self {
        let scripts = Arc::<Scripts>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = format!("{scheme}://127.0.0.1:{port}");
        let (reporter, health) = tonic_health::server::health_reporter();
        reporter
            .set_not_serving::<DecisionServiceServer<Methods>>()
            .await;
        let methods = Methods(Arc::clone(&scripts));
        let limit = embargo_proto::MAX_MESSAGE_BYTES;
        let server = transport
            .add_service(health)
            .add_service(
                DecisionServiceServer::new(methods.clone()).max_decoding_message_size(limit),
            )
            .add_service(PolicyServiceServer::new(methods).max_decoding_message_size(limit))
            .serve_with_incoming(TcpListenerStream::new(listener));
        tokio::spawn(server);
        Self { scripts, endpoint }
    }

    /// Has the next watch send what comes.
    pub(crate) fn watch_by(
        &self,
        states: impl Stream<Item = Result<v1::WatchSnapshotResponse, Status>> + Send + 'static,
    ) {
        *self.scripts.watched.lock().unwrap() = Some(Box::pin(states));
    }

    /// A client whose retries cost no time.
    pub(crate) async fn client(&self) -> Client {
        quick(Client::builder(&self.endpoint))
            .connect()
            .await
            .unwrap()
    }
}

pub(crate) fn quick(builder: ClientBuilder) -> ClientBuilder {
    builder.retry(RetryPolicy {
        first_pause: Duration::from_micros(10),
        longest_pause: Duration::from_micros(10),
        ..RetryPolicy::default()
    })
}

/// The generated traits, each method by its script.
#[derive(Clone)]
struct Methods(Arc<Scripts>);

fn events<A: Send + 'static>(
    response: Response<Events<A>>,
    then_silent: bool,
) -> Response<Sent<A>> {
    let sent = tokio_stream::iter(response.into_inner());
    if then_silent {
        Response::new(Box::pin(sent.chain(tokio_stream::pending())))
    } else {
        Response::new(Box::pin(sent))
    }
}

#[tonic::async_trait]
impl DecisionService for Methods {
    async fn decide_host(
        &self,
        request: Request<v1::DecideHostRequest>,
    ) -> Result<Response<v1::DecideHostResponse>, Status> {
        self.0.decide.play(&request).await
    }

    async fn batch_decide_hosts(
        &self,
        request: Request<v1::BatchDecideHostsRequest>,
    ) -> Result<Response<v1::BatchDecideHostsResponse>, Status> {
        self.0.batch.play(&request).await
    }

    type StreamDecideHostsStream = Sent<v1::StreamDecideHostsResponse>;

    async fn stream_decide_hosts(
        &self,
        mut request: Request<Streaming<v1::StreamDecideHostsRequest>>,
    ) -> Result<Response<Self::StreamDecideHostsStream>, Status> {
        while request.get_mut().message().await?.is_some() {}
        self.0
            .stream
            .play(&request)
            .await
            .map(|response| events(response, false))
    }

    async fn decide_inventory(
        &self,
        request: Request<v1::DecideInventoryRequest>,
    ) -> Result<Response<v1::DecideInventoryResponse>, Status> {
        self.0.inventory.play(&request).await
    }

    async fn explain_decision(
        &self,
        request: Request<v1::ExplainDecisionRequest>,
    ) -> Result<Response<v1::ExplainDecisionResponse>, Status> {
        self.0.explain.play(&request).await
    }

    async fn compute_decision_timeline(
        &self,
        request: Request<v1::ComputeDecisionTimelineRequest>,
    ) -> Result<Response<v1::ComputeDecisionTimelineResponse>, Status> {
        self.0.timeline.play(&request).await
    }
}

#[tonic::async_trait]
impl PolicyService for Methods {
    async fn list_policies(
        &self,
        request: Request<v1::ListPoliciesRequest>,
    ) -> Result<Response<v1::ListPoliciesResponse>, Status> {
        self.0
            .page_tokens
            .lock()
            .unwrap()
            .push(request.get_ref().page_token.clone());
        self.0.pages.play(&request).await
    }

    async fn get_policy(
        &self,
        request: Request<v1::GetPolicyRequest>,
    ) -> Result<Response<v1::GetPolicyResponse>, Status> {
        self.0.policy.play(&request).await
    }

    async fn get_snapshot(
        &self,
        request: Request<v1::GetSnapshotRequest>,
    ) -> Result<Response<v1::GetSnapshotResponse>, Status> {
        self.0.snapshot.play(&request).await
    }

    type WatchSnapshotStream = Sent<v1::WatchSnapshotResponse>;

    async fn watch_snapshot(
        &self,
        request: Request<v1::WatchSnapshotRequest>,
    ) -> Result<Response<Self::WatchSnapshotStream>, Status> {
        if let Some(states) = self.0.watched.lock().unwrap().take() {
            return Ok(Response::new(states));
        }
        self.0
            .watch
            .play(&request)
            .await
            .map(|response| events(response, true))
    }

    async fn validate_bundle(
        &self,
        request: Request<v1::ValidateBundleRequest>,
    ) -> Result<Response<v1::ValidateBundleResponse>, Status> {
        self.0.validate.play(&request).await
    }

    type RunPolicyTestsStream = Sent<v1::RunPolicyTestsResponse>;

    async fn run_policy_tests(
        &self,
        request: Request<v1::RunPolicyTestsRequest>,
    ) -> Result<Response<Self::RunPolicyTestsStream>, Status> {
        self.0
            .tests
            .play(&request)
            .await
            .map(|response| events(response, false))
    }

    async fn identify_software(
        &self,
        request: Request<v1::IdentifySoftwareRequest>,
    ) -> Result<Response<v1::IdentifySoftwareResponse>, Status> {
        self.0.identify.play(&request).await
    }
}

/// The host that tests ask about.
pub(crate) const HOST: &str = "host-1";

pub(crate) fn facts() -> Option<v1::HostFacts> {
    Some(v1::HostFacts {
        host_id: HOST.into(),
        ..v1::HostFacts::default()
    })
}

pub(crate) fn question() -> v1::DecideHostRequest {
    v1::DecideHostRequest {
        facts: facts(),
        action: v1::Action::Install.into(),
        ..v1::DecideHostRequest::default()
    }
}

/// A decision that answers [`question`].
pub(crate) fn decision(effect: impl Into<i32>) -> v1::Decision {
    v1::Decision {
        host_id: HOST.into(),
        action: v1::Action::Install.into(),
        effect: effect.into(),
        snapshot_id: "aa".into(),
        evaluate_time: at(1),
        ..v1::Decision::default()
    }
}

pub(crate) fn answer(decision: v1::Decision) -> Step<v1::DecideHostResponse> {
    Step::Answer(v1::DecideHostResponse {
        decision: Some(decision),
    })
}

pub(crate) fn at(seconds: i64) -> Option<embargo_client::Timestamp> {
    Some(embargo_client::Timestamp { seconds, nanos: 0 })
}
