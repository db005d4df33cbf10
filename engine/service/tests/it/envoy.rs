//! External authorization of Envoy, by a client that knows Envoy's contract.

use std::time::{Duration, Instant};

use embargo_proto::envoy::service::auth::v3 as pb;
use embargo_service::{Door, EnvoyPlace, EnvoySettings, LimitsSettings, Settings};
use pb::attribute_context::{HttpRequest, Peer, Request as Sent};
use pb::authorization_client::AuthorizationClient;
use pb::check_response::HttpResponse;
use prost::Message as _;
use tonic::{Code, Status};

use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask, ban, host, slow, verdicts, write_stamped};

const FACTS: &str = r#"{"host_id": "h", "software": [{"name": "Editor"}]}"#;

/// A request with these headers, asked with these extensions of the context.
fn question(headers: &[(&str, &str)], context: &[(&str, &str)]) -> pb::CheckRequest {
    let owned = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    pb::CheckRequest {
        attributes: Some(pb::AttributeContext {
            request: Some(Sent {
                http: Some(HttpRequest {
                    headers: owned(headers),
                    ..HttpRequest::default()
                }),
            }),
            context_extensions: owned(context),
            ..pb::AttributeContext::default()
        }),
    }
}

async fn check(bench: &Bench, question: pb::CheckRequest) -> Result<pb::CheckResponse, Status> {
    let mut client = AuthorizationClient::new(bench.channel.clone());
    Ok(client.check(question).await?.into_inner())
}

/// Code, status of HTTP (0 if it passes), and the headers of the answer.
fn told(answer: &pb::CheckResponse) -> (i32, i32, Vec<(String, String)>) {
    let code = answer.status.as_ref().unwrap().code;
    let (http, headers) = match answer.http_response.as_ref().unwrap() {
        HttpResponse::OkResponse(ok) => (0, &ok.headers),
        HttpResponse::DeniedResponse(denied) => (denied.status.unwrap().code, &denied.headers),
    };
    assert_eq!(code == 0, http == 0, "{answer:?}");
    let headers = headers.iter().map(|option| {
        let header = option.header.clone().unwrap();
        (header.key, header.value)
    });
    (code, http, headers.collect())
}

fn with_action() -> Settings {
    Settings {
        envoy: EnvoySettings {
            action_from: vec![EnvoyPlace::Context("action".to_owned())],
            ..EnvoySettings::default()
        },
        ..settings()
    }
}

/// The one table of this door.
#[tokio::test]
async fn every_effect_is_told_in_its_own_words() {
    let policies = verdicts();
    let bench = Bench::start(policies.path()).await;
    for (effect, code, http, reason) in [
        ("allow", 0, 0, None),
        ("warn", 0, 0, None),
        ("review", 7, 403, Some("REVIEW_REQUIRED")),
        ("indeterminate", 7, 403, Some("INDETERMINATE")),
        ("deny", 7, 403, Some("DENIED")),
    ] {
        let facts = format!(r#"{{"host_id": "{effect}"}}"#);
        let answer = check(&bench, question(&[], &[("embargo-facts", &facts)])).await;
        let (found, status, headers) = told(&answer.unwrap());
        assert_eq!((found, status), (code, http), "{effect}");
        let value = |name: &str| {
            let mut named = headers.iter().filter(|(key, _)| key == name);
            named.next().map(|(_, value)| value.clone())
        };
        assert_eq!(value("x-embargo-effect").as_deref(), Some(effect));
        assert_eq!(value("x-embargo-snapshot-id"), Some(bench.snapshot_id()));
        assert!(value("x-embargo-decision-id").is_some_and(|id| !id.is_empty()));
        assert_eq!(value("x-embargo-reason").as_deref(), reason);
        let warning = (effect == "warn").then_some("by its id");
        assert_eq!(value("x-embargo-warning").as_deref(), warning);
    }
}

#[tokio::test]
async fn the_decision_is_the_one_of_the_api_and_the_host_is_who_the_certificate_says() {
    let policies = ban();
    let of_presence = Settings {
        envoy: EnvoySettings {
            action: embargo_core::instrument::Action::Presence,
            ..EnvoySettings::default()
        },
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), of_presence).await;
    let facts = r#"{"host_id": "pretended", "software": [{"name": "Editor"}, {"name": "Acme Shield", "version": "3.1", "publisher": "Acme Labs", "bundle_id": "com.acme.shield"}, {"name": "Browser"}]}"#;
    let mut asked = question(
        &[("x-embargo-facts", facts), ("x-embargo-host-id", "sent")],
        &[],
    );
    let attributes = asked.attributes.as_mut().unwrap();
    attributes.source = Some(Peer {
        principal: "spiffe://mesh/h".to_owned(),
    });
    let wanted = bench.decide(ask(host("spiffe://mesh/h"))).await.unwrap();
    let answer = check(&bench, asked).await.unwrap();
    let (code, http, headers) = told(&answer);
    assert_eq!((code, http), (7, 403));
    let id = ("x-embargo-decision-id".to_owned(), wanted.decision_id);
    assert!(headers.contains(&id), "{headers:?}");
    let Some(HttpResponse::DeniedResponse(denied)) = answer.http_response else {
        panic!("denied");
    };
    assert!(
        denied.body.contains("https://example.org/ban"),
        "{}",
        denied.body
    );
    assert!(!denied.body.contains("pretended") && !denied.body.contains("spiffe"));
}

#[tokio::test]
async fn what_a_request_lacks_or_has_wrong_is_answered_and_never_passes() {
    let policies = verdicts();
    let bench = Bench::start_with(policies.path(), with_action()).await;
    let facts = |text: &str| question(&[("x-embargo-facts", text)], &[]);
    for (asked, reason) in [
        (pb::CheckRequest::default(), "FACTS_MISSING"),
        (question(&[], &[]), "FACTS_MISSING"),
        (facts(""), "FACTS_MISSING"),
        (facts("host_id: h"), "FACTS_INVALID"),
        (facts("{"), "FACTS_INVALID"),
        (facts(r#"{"software": []}"#), "FACTS_INVALID"),
        (
            facts(r#"{"host_id": "h"},{"host_id": "h"}"#),
            "FACTS_INVALID",
        ),
        (facts(&"[".repeat(100_000)), "FACTS_INVALID"),
        (
            facts(&format!(
                r#"{{"host_id": "h", "attributes": {{"a": {}"#,
                "[".repeat(100_000)
            )),
            "FACTS_INVALID",
        ),
        (
            facts(r#"{"host_id": "h", "software": [{"name": ""}]}"#),
            "FACTS_INVALID",
        ),
        (
            question(&[], &[("embargo-facts", FACTS), ("action", "steal")]),
            "REQUEST_INVALID",
        ),
    ] {
        let answer = check(&bench, asked).await.unwrap();
        let (code, http, headers) = told(&answer);
        assert_eq!((code, http), (3, 400), "{reason}");
        let wanted = ("x-embargo-reason".to_owned(), reason.to_owned());
        assert!(headers.contains(&wanted), "{headers:?}");
    }
}

#[tokio::test]
async fn what_the_server_fails_at_is_an_error_of_grpc() {
    let empty = tempfile::tempdir().unwrap();
    let bench = Bench::start(empty.path()).await;
    let asked = || question(&[("x-embargo-facts", FACTS)], &[]);
    let status = check(&bench, asked()).await.unwrap_err();
    let (code, word, _) = reason(&status);
    assert_eq!((code, word.as_str()), (Code::Unavailable, "NO_SNAPSHOT"));

    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(20),
        decision_budget: Duration::from_secs(20),
        ..settings()
    };
    let mut bench = Bench::start_with(policies.path(), patient).await;
    let start = Instant::now();
    let status = check(&bench, asked()).await.unwrap_err();
    let (code, word, _) = reason(&status);
    assert_eq!(
        (code, word.as_str()),
        (Code::DeadlineExceeded, "DEADLINE_PASSED")
    );
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "the limit is 200 ms"
    );

    // A call of the API goes on, so that the server drains and still listens.
    let mut client = bench.decisions();
    let running = tokio::spawn(async move { client.decide_host(ask(host("h"))).await });
    let mut states = bench.watch().await;
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");
    let status = check(&bench, asked()).await.unwrap_err();
    let (code, word, _) = reason(&status);
    assert_eq!((code, word.as_str()), (Code::Unavailable, "DRAINING"));
    running.abort();
}

#[tokio::test]
async fn overload_is_an_error_and_some_are_answered() {
    let policies = slow();
    let narrow = Settings {
        workers: 1,
        limits: LimitsSettings {
            queued_calls: 1,
            ..LimitsSettings::default()
        },
        policy_budget: Duration::from_millis(300),
        envoy: EnvoySettings {
            limit: Duration::from_secs(20),
            ..EnvoySettings::default()
        },
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), narrow).await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let mut client = AuthorizationClient::new(bench.channel.clone());
            tokio::spawn(async move {
                client
                    .check(question(&[("x-embargo-facts", FACTS)], &[]))
                    .await
            })
        })
        .collect();
    let (mut answered, mut refused) = (0, 0);
    for call in calls {
        match within(call).await.unwrap() {
            Ok(answer) => {
                assert_eq!(
                    told(&answer.into_inner()).1,
                    403,
                    "a slow policy is no leave"
                );
                answered += 1;
            }
            Err(status) => {
                assert_eq!(reason(&status).1, "OVERLOADED");
                refused += 1;
            }
        }
    }
    assert!(answered >= 1 && refused >= 1, "{answered} {refused}");
}

/// The limit holds while sets are compiled and swapped beside the calls: what takes longer is an
/// error, and that is the exception on whatever machine.
#[tokio::test(flavor = "multi_thread")]
async fn answers_come_in_time_while_policies_are_reloaded() {
    const ASKED: usize = 60;
    let limit = EnvoySettings::default().limit;
    let policies = tempfile::tempdir().unwrap();
    write_stamped(policies.path(), "0");
    let quick = Settings {
        poll_interval: Duration::from_millis(50),
        quiet_period: Duration::from_millis(5),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), quick).await;
    let mut states = bench.watch().await;
    let channel = bench.channel.clone();
    let asking = tokio::spawn(async move {
        let mut client = AuthorizationClient::new(channel);
        let mut answers = Vec::new();
        for _ in 0..ASKED {
            let start = Instant::now();
            let asked = question(&[("x-embargo-facts", FACTS)], &[]);
            let answer = client.check(asked).await;
            answers.push((start.elapsed(), answer.map(tonic::Response::into_inner)));
            // Spread over the reloads that go on meanwhile.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        answers
    });
    let mut reloads = 0;
    while !asking.is_finished() || reloads < 3 {
        reloads += 1;
        write_stamped(policies.path(), &reloads.to_string());
        within(states.message()).await.unwrap().unwrap();
    }
    let answers = within(asking).await.unwrap();
    let mut in_time = 0;
    for (took, answer) in answers {
        match answer {
            Ok(answer) => {
                assert_eq!(told(&answer).0, 0, "a warning passes");
                in_time += usize::from(took <= limit);
            }
            Err(status) => assert_eq!(reason(&status).1, "DEADLINE_PASSED"),
        }
    }
    assert!(in_time * 2 > ASKED, "{in_time} of {ASKED} within {limit:?}");
}

#[tokio::test]
async fn the_descriptors_are_part_of_reflection_if_the_door_is_open() {
    use tonic_reflection::pb::v1 as reflection;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let policies = verdicts();
    let symbol = "envoy.service.auth.v3.Authorization";
    let ask = |channel| async move {
        let asked = reflection::ServerReflectionRequest {
            message_request: Some(MessageRequest::FileContainingSymbol(symbol.to_owned())),
            ..Default::default()
        };
        let mut client = ServerReflectionClient::new(channel);
        let answers = client
            .server_reflection_info(tokio_stream::once(asked))
            .await;
        within(answers.unwrap().into_inner().message()).await
    };
    let bench = Bench::start(policies.path()).await;
    let answer = ask(bench.channel.clone()).await.unwrap().unwrap();
    let Some(MessageResponse::FileDescriptorResponse(found)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let file = prost_types::FileDescriptorProto::decode(&*found.file_descriptor_proto[0]).unwrap();
    assert_eq!(file.service[0].method[0].name(), "Check");

    let closed = Settings {
        doors: [Door::Grpc].into(),
        ..settings()
    };
    let bench = Bench::start_with(policies.path(), closed).await;
    let answer = ask(bench.channel.clone()).await;
    let unknown = match answer {
        Err(status) => status.code() == Code::NotFound,
        Ok(Some(answer)) => matches!(
            answer.message_response,
            Some(MessageResponse::ErrorResponse(_))
        ),
        Ok(None) => false,
    };
    assert!(unknown);
    let asked = question(&[("x-embargo-facts", FACTS)], &[]);
    let status = check(&bench, asked).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}
