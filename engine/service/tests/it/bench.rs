//! A running server and its clients.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use embargo_proto::MAX_MESSAGE_BYTES;
use embargo_proto::v1 as pb;
use embargo_service::{
    Clock, Config, Limits, LogCounts, Present, Server, ServerError, Settings, Source,
};
use pb::decision_service_client::DecisionServiceClient;
use pb::policy_service_client::PolicyServiceClient;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The instant that every test server takes for the present.
pub(crate) const NOW: &str = "2025-06-01T12:00:00.123456789Z";

pub(crate) struct Bench {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    /// Where the management listener is, if there is one.
    pub(crate) management: Option<SocketAddr>,
    pub(crate) started_with: Present,
    pub(crate) limits: Limits,
    pub(crate) log_counts: Box<dyn Fn() -> LogCounts + Send + Sync>,
    stop: Option<oneshot::Sender<()>>,
    served: JoinHandle<Result<(), ServerError>>,
}

pub(crate) fn settings() -> Settings {
    Settings {
        workers: 2,
        poll_interval: Duration::from_millis(500),
        clock: Clock::of(|| NOW.parse().unwrap()),
        ..Settings::default()
    }
}

impl Bench {
    /// Serves a folder.
    pub(crate) async fn start(policies: &Path) -> Self {
        Self::start_with(policies, settings()).await
    }

    pub(crate) async fn start_with(policies: &Path, settings: Settings) -> Self {
        Self::serve(Source::Folder(policies.to_path_buf()), settings).await
    }

    pub(crate) async fn serve(source: Source, settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::start(source, Config::new(settings).unwrap()).unwrap();
        let started_with = server.present();
        let limits = server.limits();
        let management = server.management();
        let log_counts = Box::new(server.log_counts());
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.serve(listener, async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            channel: connect(address).await,
            management,
            started_with,
            limits,
            log_counts,
            stop: Some(stop),
            served,
        }
    }

    pub(crate) fn decisions(&self) -> DecisionServiceClient<Channel> {
        DecisionServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(2 * MAX_MESSAGE_BYTES)
    }

    pub(crate) fn policies(&self) -> PolicyServiceClient<Channel> {
        PolicyServiceClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(2 * MAX_MESSAGE_BYTES)
    }

    /// A watch of which the present state was taken already: the next message is a change.
    pub(crate) async fn watch(&self) -> Streaming<pb::WatchSnapshotResponse> {
        let request = pb::WatchSnapshotRequest {};
        let mut states = self
            .policies()
            .watch_snapshot(request)
            .await
            .unwrap()
            .into_inner();
        within(states.message()).await.unwrap();
        states
    }

    /// Tells the server to shut down.
    pub(crate) fn stop(&mut self) {
        self.stop.take().expect("stopped once").send(()).unwrap();
    }

    /// Waits until it has.
    pub(crate) async fn stopped(self) {
        drop(self.channel);
        within(self.served).await.unwrap().unwrap();
    }

    pub(crate) fn snapshot_id(&self) -> String {
        let active = self.started_with.active.as_ref().expect("active");
        active.snapshot.id().to_string()
    }

    pub(crate) async fn decide(
        &self,
        request: pb::DecideHostRequest,
    ) -> Result<pb::Decision, Status> {
        let answer = self.decisions().decide_host(request).await?;
        Ok(answer.into_inner().decision.expect("always set"))
    }
}

pub(crate) async fn connect(address: SocketAddr) -> Channel {
    Channel::from_shared(format!("http://{address}"))
        .unwrap()
        .connect()
        .await
        .unwrap()
}

/// Waits, but not for ever.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("in time")
}

pub(crate) fn timestamp(text: &str) -> prost_types::Timestamp {
    let instant: embargo_core::instant::Instant = text.parse().unwrap();
    let (seconds, nanos) = instant.to_unix();
    prost_types::Timestamp { seconds, nanos }
}

/// Code, reason and details of a status that the server made.
pub(crate) fn reason(status: &Status) -> (Code, String, ErrorDetails) {
    let details = status.get_error_details();
    let info = details
        .error_info()
        .unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
    assert_eq!(info.domain, "embargo.v1");
    (status.code(), info.reason.clone(), details.clone())
}

/// The fields that a status names.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let (_, _, details) = reason(status);
    let bad = details.bad_request().expect("a BadRequest");
    bad.field_violations
        .iter()
        .map(|v| v.field.clone())
        .collect()
}

/// The same for the error of an item.
pub(crate) fn item_status(result: &pb::DecideResult) -> Status {
    use prost::Message as _;
    match &result.result {
        Some(pb::decide_result::Result::Error(error)) => Status::with_details(
            Code::from_i32(error.code),
            error.message.clone(),
            error.encode_to_vec().into(),
        ),
        other => panic!("no error: {other:?}"),
    }
}

pub(crate) fn item_decision(result: &pb::DecideResult) -> &pb::Decision {
    match &result.result {
        Some(pb::decide_result::Result::Decision(decision)) => decision,
        other => panic!("no decision: {other:?}"),
    }
}
