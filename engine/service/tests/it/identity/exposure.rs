//! What others reach asks for TLS and identity, or for that somebody says that it needs none.

use std::net::TcpListener;

use embargo_service::{Config, Server, ServerError, Settings, Source};
use tokio::sync::oneshot;

use crate::asker::get;
use crate::bench::within;
use crate::policies::ban;

use super::quick;

fn started(settings: Settings, policies: &std::path::Path) -> Server {
    let source = Source::Folder(policies.to_path_buf());
    Server::start(source, Config::new(settings).unwrap()).unwrap()
}

#[tokio::test]
async fn an_address_that_others_reach_is_refused_without_tls_and_identity() {
    let policies = ban();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let server = started(quick(), policies.path());
    let refused = within(server.serve(listener, std::future::pending())).await;
    let Err(ServerError::Exposed(exposed)) = refused else {
        panic!("{refused:?}");
    };
    let said = exposed.to_string();
    assert!(
        said.contains("can be reached from other machines"),
        "{said}"
    );
    assert!(said.contains("\n  hint: "), "{said}");
}

#[tokio::test]
async fn it_is_served_where_somebody_says_so_and_lists_nothing_by_itself() {
    let policies = ban();
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let mut address = listener.local_addr().unwrap();
    address.set_ip([127, 0, 0, 1].into());
    let settings = Settings {
        insecure: true,
        ..quick()
    };
    let server = started(settings, policies.path());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(server.serve(listener, async move {
        let _ = stopped.await;
    }));
    assert_eq!(get(address, "/health").await.status, 200);
    let channel = crate::bench::connect(address).await;
    use tonic_reflection::pb::v1 as pb;
    let mut client = pb::server_reflection_client::ServerReflectionClient::new(channel);
    let asked = tokio_stream::once(pb::ServerReflectionRequest::default());
    let refused = client.server_reflection_info(asked).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unimplemented);
    drop(client);
    drop(stop);
    within(served).await.unwrap().unwrap();
}

#[tokio::test]
async fn material_that_cannot_be_used_is_said_at_the_start() {
    let policies = ban();
    let settings = super::configured("identity: {tokens_file: /nowhere/tokens.yaml}");
    let source = Source::Folder(policies.path().to_path_buf());
    let refused = Server::start(source, Config::new(settings).unwrap()).unwrap_err();
    let said = refused.to_string();
    assert!(
        said.starts_with("the file of tokens cannot be used: /nowhere/tokens.yaml"),
        "{said}"
    );
}
