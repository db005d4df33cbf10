//! One question, put to every method that gives decisions, to the command line and to the gate.

use std::time::Duration;

use embargo_client::{Client, Gate};
use embargo_proto::MAX_MESSAGE_BYTES;
use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use prost::Message as _;
use prost_types::Timestamp;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::policies::host;
use crate::server::{decisions, within};
use crate::support::{folder, run};

/// A question in the words of every method.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) facts: Option<pb::HostFacts>,
    /// The same facts as a document.
    pub(super) document: String,
    /// What the caller says beside the document.
    pub(super) about: Option<pb::HostFacts>,
    pub(super) action: i32,
    pub(super) time: Option<Timestamp>,
    pub(super) required: String,
    /// What is said of the deadline, which the caller itself does not keep.
    pub(super) timeout: Option<&'static str>,
}

impl Default for Question {
    /// One that is sound.
    fn default() -> Self {
        Self {
            facts: Some(host("sound")),
            document: r#"{"host_id": "sound", "software": [{"name": "Editor"}]}"#.to_owned(),
            about: None,
            action: 0,
            time: None,
            required: String::new(),
            timeout: None,
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The effects of all decisions in the answer.
    Decided(Vec<pb::Effect>),
    Refused(Status),
}

impl Outcome {
    /// In a word: the effect, the reason, or the code of a status without a reason.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Decided(effects) => format!("{effects:?}"),
            Self::Refused(status) => status.get_error_details().error_info().map_or_else(
                || format!("{:?}", status.code()),
                |info| info.reason.clone(),
            ),
        }
    }

    /// Whether nobody could take it for a leave.
    pub(super) fn is_closed(&self) -> bool {
        match self {
            Self::Decided(effects) => {
                let is_closed = |effect: &pb::Effect| {
                    matches!(
                        effect,
                        pb::Effect::Review | pb::Effect::Indeterminate | pb::Effect::Deny
                    )
                };
                !effects.is_empty() && effects.iter().all(is_closed)
            }
            Self::Refused(status) => status.code() != Code::Ok,
        }
    }

    /// Whether a refusal by the server says what would put it right.
    pub(super) fn has_remedy(&self) -> bool {
        let Self::Refused(status) = self else {
            return true;
        };
        let details = status.get_error_details();
        details.error_info().is_none()
            || details.bad_request().is_some()
            || status.message().contains("hint: ")
    }
}

/// The methods that give decisions.
pub(super) const METHODS: [&str; 5] = [
    "DecideHost",
    "BatchDecideHosts",
    "StreamDecideHosts",
    "DecideInventory",
    "ComputeDecisionTimeline",
];

fn decided(decision: Option<pb::Decision>) -> pb::Effect {
    decision.expect("an answer without a decision").effect()
}

fn item_status(status: &tonic_types::pb::Status) -> Status {
    Status::with_details(
        Code::from_i32(status.code),
        status.message.clone(),
        status.encode_to_vec().into(),
    )
}

/// The answer for one item of many.
fn of_item(result: Option<pb::decide_result::Result>) -> Outcome {
    match result.expect("an item without a result") {
        pb::decide_result::Result::Decision(decision) => Outcome::Decided(vec![decision.effect()]),
        pb::decide_result::Result::Error(status) => Outcome::Refused(item_status(&status)),
    }
}

/// Puts a question to a method.
pub(super) async fn ask(channel: &Channel, method: &str, question: &Question) -> Outcome {
    match within(put(channel, method, question.clone())).await {
        Ok(outcome) => outcome,
        Err(status) => Outcome::Refused(status),
    }
}

async fn put(channel: &Channel, method: &str, question: Question) -> Result<Outcome, Status> {
    let mut client = decisions(channel.clone()).max_encoding_message_size(2 * MAX_MESSAGE_BYTES);
    let Question {
        facts,
        document,
        about,
        action,
        time: evaluate_time,
        required: require_snapshot_id,
        timeout,
    } = question;
    let correlation_id = "a".to_owned();
    match method {
        "DecideHost" => {
            let request = pb::DecideHostRequest {
                facts,
                action,
                evaluate_time,
                require_snapshot_id,
            };
            let answer = client.decide_host(until(request, timeout)).await?;
            Ok(Outcome::Decided(vec![decided(
                answer.into_inner().decision,
            )]))
        }
        "BatchDecideHosts" => {
            let request = pb::BatchDecideHostsRequest {
                items: vec![BatchItem {
                    correlation_id,
                    facts,
                    action,
                }],
                evaluate_time,
                require_snapshot_id,
            };
            let answer = client.batch_decide_hosts(until(request, timeout)).await?;
            let mut results = answer.into_inner().results;
            assert_eq!(results.len(), 1);
            Ok(of_item(results.remove(0).result))
        }
        "StreamDecideHosts" => {
            let item = pb::StreamDecideHostsRequest {
                correlation_id,
                facts,
                action,
                evaluate_time,
                require_snapshot_id,
            };
            let items = until(tokio_stream::once(item), timeout);
            let mut answers = client.stream_decide_hosts(items).await?.into_inner();
            let answer = answers.message().await?.expect("an item without an answer");
            Ok(of_item(answer.result.expect("a result").result))
        }
        "DecideInventory" => {
            let request = pb::DecideInventoryRequest {
                document: document.into_bytes(),
                about,
                action,
                evaluate_time,
                require_snapshot_id,
                ..Default::default()
            };
            let answer = client.decide_inventory(until(request, timeout)).await?;
            let mut results = answer.into_inner().results;
            assert_eq!(results.len(), 1);
            Ok(match results.remove(0).result.expect("a result") {
                pb::inventory_result::Result::Decision(decision) => {
                    Outcome::Decided(vec![decision.effect()])
                }
                pb::inventory_result::Result::Error(status) => {
                    Outcome::Refused(item_status(&status))
                }
            })
        }
        "ComputeDecisionTimeline" => {
            let request = pb::ComputeDecisionTimelineRequest {
                facts,
                action,
                start_time: evaluate_time.or(Some(second(START))),
                end_time: Some(second(START + 1_000)),
                require_snapshot_id,
            };
            let answer = client
                .compute_decision_timeline(until(request, timeout))
                .await?;
            let segments = answer.into_inner().segments;
            let effects = segments
                .into_iter()
                .map(|segment| decided(segment.decision));
            Ok(Outcome::Decided(effects.collect()))
        }
        other => panic!("{other}"),
    }
}

/// Where timelines start, unless the question says.
const START: i64 = 2_000_000_000;

fn second(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

fn until<T>(message: T, timeout: Option<&'static str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(timeout) = timeout {
        // Only the header: the client's own timer would hide what the server says.
        let value = timeout.parse().unwrap();
        request.metadata_mut().insert("grpc-timeout", value);
    }
    request
}

/// Whether the gate of the Rust client opens.
pub(super) async fn gate_opens(url: &str, question: &Question) -> bool {
    let client = Client::builder(url)
        .retry(embargo_client::RetryPolicy::none())
        .connect_lazy()
        .unwrap();
    let request = pb::DecideHostRequest {
        facts: question.facts.clone(),
        action: question.action,
        evaluate_time: question.time,
        require_snapshot_id: question.required.clone(),
    };
    let deadline = match question.timeout {
        Some("1n") => Duration::from_nanos(1),
        _ => Duration::from_secs(3),
    };
    let gate = Gate::new(&client, deadline);
    within(gate.check(request)).await.is_open()
}

/// The exit codes of the command line: of `decide`, as of `gate`, and of `timeline`, which shows what it gets and
/// fails only without an answer.
pub(super) async fn exits(url: &str, question: &Question) -> (i32, i32) {
    let files = folder(&[("host.json", &question.document)]);
    let file = files.path().join("host.json").to_str().unwrap().to_owned();
    let url = url.to_owned();
    let ran = tokio::task::spawn_blocking(move || {
        let decide = run(&["decide", "--server", &url, &file]);
        let gate = run(&["gate", "--timeout", "5s", "--server", &url, &file]);
        assert_eq!(gate.code, decide.code, "{}{}", gate.out, gate.err);
        let until = [
            "--from",
            "2029-01-01T00:00:00Z",
            "--until",
            "2030-01-01T00:00:00Z",
        ];
        let timeline = run(&[&["timeline", "--server", &url, &file], &until[..]].concat());
        for one in [&decide, &timeline] {
            assert!(
                one.code == 0 || !one.out.is_empty() || one.err.contains("hint: "),
                "{}",
                one.err
            );
        }
        (decide.code, timeline.code)
    });
    within(ran).await.unwrap()
}
