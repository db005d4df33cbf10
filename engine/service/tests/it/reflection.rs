//! Reflection: a caller that knows nothing finds the services.

use tokio_stream::once;

use crate::bench::{Bench, within};
use crate::policies::ban;

const WANTED: [&str; 3] = [
    "embargo.v1.DecisionService",
    "embargo.v1.PolicyService",
    "grpc.health.v1.Health",
];

macro_rules! names {
    ($version:ident, $bench:expr) => {{
        use pb::server_reflection_client::ServerReflectionClient;
        use pb::server_reflection_request::MessageRequest;
        use pb::server_reflection_response::MessageResponse;
        use tonic_reflection::pb::$version as pb;
        let mut client = ServerReflectionClient::new($bench.channel.clone());
        let ask = pb::ServerReflectionRequest {
            message_request: Some(MessageRequest::ListServices(String::new())),
            ..Default::default()
        };
        let answers = client.server_reflection_info(once(ask)).await.unwrap();
        let answer = within(answers.into_inner().message())
            .await
            .unwrap()
            .unwrap();
        match answer.message_response {
            Some(MessageResponse::ListServicesResponse(list)) => list
                .service
                .into_iter()
                .map(|one| one.name)
                .collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        }
    }};
}

#[tokio::test]
async fn both_versions_of_reflection_list_the_services() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for names in [names!(v1, bench), names!(v1alpha, bench)] {
        for wanted in WANTED {
            assert!(
                names.iter().any(|name| name == wanted),
                "{wanted}: {names:?}"
            );
        }
    }
}
