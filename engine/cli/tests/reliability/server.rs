//! A server inside of the test's process, for promises about settings that the command line
//! does not have.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use embargo_proto::MAX_MESSAGE_BYTES;
use embargo_proto::v1 as pb;
use embargo_service::{Config, Server, ServerError, Settings, Source};
use pb::decision_service_client::DecisionServiceClient;
use pb::policy_service_client::PolicyServiceClient;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;

pub(crate) struct Bench {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    stop: Option<oneshot::Sender<()>>,
    _served: JoinHandle<Result<(), ServerError>>,
}

impl Bench {
    pub(crate) async fn start(policies: &Path, settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let source = Source::Folder(policies.to_path_buf());
        let server = Server::start(source, Config::new(settings).unwrap()).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(server.serve(listener, async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            channel: connect(address).await,
            stop: Some(stop),
            _served: served,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Tells the server to shut down.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) async fn decide(&self, id: &str) -> pb::Decision {
        let mut client = decisions(self.channel.clone());
        let answer = within(client.decide_host(crate::policies::ask(id))).await;
        answer.unwrap().into_inner().decision.unwrap()
    }

    /// What is active, and how the last attempt to load went.
    pub(crate) async fn snapshot(&self) -> pb::GetSnapshotResponse {
        let mut client = policies(self.channel.clone());
        let answer = within(client.get_snapshot(pb::GetSnapshotRequest {})).await;
        answer.unwrap().into_inner()
    }
}

pub(crate) fn decisions(channel: Channel) -> DecisionServiceClient<Channel> {
    DecisionServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES)
}

pub(crate) fn policies(channel: Channel) -> PolicyServiceClient<Channel> {
    PolicyServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES)
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
