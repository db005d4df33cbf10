//! A row of the table of limits, and how it is proved: over the wire, by each method that it
//! concerns, and with others on the same connection who must not notice.

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use pb::inventory_result::Result as Answer;
use tonic::{Code, Status};

use tonic_types::StatusExt as _;

use crate::bench::{Bench, item_status, timestamp};
use crate::policies::host;

/// A limit that the API states.
pub(super) struct Row {
    /// Where it is stated: a field, message, method or service.
    pub(super) place: &'static str,
    /// Its words there.
    pub(super) stated: &'static str,
    pub(super) held: Held,
}

/// What holds a limit.
pub(super) enum Held {
    /// Facts: those that keep to it, and those that do not, with the field that is named.
    Facts(Vec<pb::HostFacts>, Vec<(pb::HostFacts, String)>),
    /// Other fields of requests.
    Asked(Vec<Ask>, Vec<(Ask, Wanted<'static>)>),
    /// A test of its own: its file below `engine`, and its name.
    Test(&'static str, &'static str),
    /// It is a number and no limit, for this reason.
    NoLimit(&'static str),
}

/// A refusal that is wanted.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// Facts are refused, with this field.
    Facts(&'a str),
    /// The request is refused, with this field.
    Request(&'a str),
    /// It is refused with this reason, which names no field.
    Reason(Code, &'a str),
}

/// Facts of a sound host, changed.
pub(super) fn facts(change: impl FnOnce(&mut pb::HostFacts)) -> pb::HostFacts {
    let mut facts = host("h");
    change(&mut facts);
    facts
}

/// A call.
#[derive(Clone)]
pub(super) enum Ask {
    Decide(pb::DecideHostRequest),
    Batch(pb::BatchDecideHostsRequest),
    Stream(pb::StreamDecideHostsRequest),
    Inventory(pb::DecideInventoryRequest),
    Timeline(pb::ComputeDecisionTimelineRequest),
    Explain(pb::ExplainDecisionRequest),
    Identify(pb::IdentifySoftwareRequest),
    List(pb::ListPoliciesRequest),
    Get(pb::GetPolicyRequest),
    Validate(pb::ValidateBundleRequest),
}

impl Ask {
    /// Asks. The refusal of the first host counts as one of the call.
    pub(super) async fn of(self, bench: &Bench) -> Result<(), Status> {
        let mut decisions = bench.decisions();
        let mut policies = bench.policies();
        match self {
            Self::Decide(request) => decisions.decide_host(request).await.map(drop),
            Self::Timeline(request) => decisions.compute_decision_timeline(request).await.map(drop),
            Self::Explain(request) => decisions.explain_decision(request).await.map(drop),
            Self::Identify(request) => policies.identify_software(request).await.map(drop),
            Self::List(request) => policies.list_policies(request).await.map(drop),
            Self::Get(request) => policies.get_policy(request).await.map(drop),
            Self::Validate(request) => policies.validate_bundle(request).await.map(drop),
            Self::Batch(request) => {
                let answer = decisions.batch_decide_hosts(request).await?.into_inner();
                decided(answer.results.first().unwrap())
            }
            Self::Stream(request) => {
                let items = tokio_stream::iter([request]);
                let mut answers = decisions.stream_decide_hosts(items).await?.into_inner();
                let answer = answers.message().await?.expect("an answer");
                decided(answer.result.as_ref().expect("always set"))
            }
            Self::Inventory(request) => {
                let answer = decisions.decide_inventory(request).await?.into_inner();
                match answer.results.into_iter().next().unwrap().result.unwrap() {
                    Answer::Decision(_) => Ok(()),
                    Answer::Error(error) => Err(decided(&pb::DecideResult {
                        correlation_id: String::new(),
                        result: Some(pb::decide_result::Result::Error(error)),
                    })
                    .unwrap_err()),
                }
            }
        }
    }
}

fn decided(result: &pb::DecideResult) -> Result<(), Status> {
    match &result.result {
        Some(pb::decide_result::Result::Decision(_)) => Ok(()),
        _ => Err(item_status(result)),
    }
}

/// Every method that takes such facts, with the field that it names for one of the facts.
fn askers(facts: &pb::HostFacts, field: &str) -> Vec<(Ask, String)> {
    let given = Some(facts.clone());
    let below = field.strip_prefix("facts.").unwrap_or(field);
    let mut asks = vec![
        (
            Ask::Decide(pb::DecideHostRequest {
                facts: given.clone(),
                ..Default::default()
            }),
            field.to_owned(),
        ),
        (
            Ask::Batch(pb::BatchDecideHostsRequest {
                items: vec![BatchItem {
                    correlation_id: "a".to_owned(),
                    facts: given.clone(),
                    action: 0,
                }],
                ..Default::default()
            }),
            field.to_owned(),
        ),
        (
            Ask::Stream(pb::StreamDecideHostsRequest {
                correlation_id: "a".to_owned(),
                facts: given.clone(),
                ..Default::default()
            }),
            field.to_owned(),
        ),
        (
            Ask::Timeline(pb::ComputeDecisionTimelineRequest {
                facts: given.clone(),
                start_time: Some(timestamp("2025-01-01T00:00:00Z")),
                end_time: Some(timestamp("2025-01-02T00:00:00Z")),
                ..Default::default()
            }),
            field.to_owned(),
        ),
        (
            Ask::Explain(pb::ExplainDecisionRequest {
                facts: given.clone(),
                ..Default::default()
            }),
            field.to_owned(),
        ),
    ];
    let facts = facts.clone();
    if below.starts_with("software[") {
        let request = pb::IdentifySoftwareRequest {
            software: facts.software,
            ..Default::default()
        };
        asks.push((Ask::Identify(request), below.to_owned()));
    } else if !(below.starts_with("software")
        || below.starts_with("coverage")
        || below == "collect_time"
        || facts.host_id.is_empty())
    {
        // What a document says itself is not said about it, and it may name its host.
        let about = pb::HostFacts {
            software: Vec::new(),
            coverage: Vec::new(),
            collect_time: None,
            ..facts
        };
        let request = pb::DecideInventoryRequest {
            document: super::requests::STATUS.as_bytes().to_vec(),
            about: Some(about),
            ..Default::default()
        };
        asks.push((Ask::Inventory(request), format!("about.{below}")));
    }
    asks
}

impl Row {
    /// Proves it, if it is one that is proved here, and says what does not hold.
    pub(super) async fn prove(self, bench: &Bench) -> Vec<String> {
        let mut faults = Vec::new();
        let mut passed = |asked: Result<(), Status>| faults.extend(asked.err().map(|s| wrong(&s)));
        match self.held {
            Held::Facts(passes, refused) => {
                for facts in passes {
                    for (ask, _) in askers(&facts, "facts") {
                        passed(ask.of(bench).await);
                    }
                }
                for (facts, field) in refused {
                    for (ask, field) in askers(&facts, &field) {
                        faults.extend(Wanted::Facts(&field).missing(ask.of(bench).await));
                    }
                }
            }
            Held::Asked(passes, refused) => {
                for ask in passes {
                    passed(ask.of(bench).await);
                }
                for (ask, wanted) in refused {
                    faults.extend(wanted.missing(ask.of(bench).await));
                }
            }
            Held::Test(..) | Held::NoLimit(_) => {}
        }
        let here = |fault| format!("{}, {:?}: {fault}", self.place, self.stated);
        faults.into_iter().map(here).collect()
    }
}

impl Wanted<'_> {
    /// What came in its place.
    fn missing(self, asked: Result<(), Status>) -> Option<String> {
        let (code, reason, field) = match self {
            Self::Facts(field) => (Code::InvalidArgument, "FACTS_INVALID", Some(field)),
            Self::Request(field) => (Code::InvalidArgument, "REQUEST_INVALID", Some(field)),
            Self::Reason(code, reason) => (code, reason, None),
        };
        let Err(status) = asked else {
            return Some(format!("{reason} {field:?} was answered"));
        };
        let details = status.get_error_details();
        let found = details.error_info().map_or("", |info| &info.reason);
        let fields = details
            .bad_request()
            .map_or(&[][..], |bad| &bad.field_violations);
        let fields: Vec<&str> = fields.iter().map(|violation| &*violation.field).collect();
        let is_wanted = status.code() == code && found == reason && fields == field.as_slice();
        (!is_wanted).then(|| format!("{reason} {field:?} came as {}", wrong(&status)))
    }
}

fn wrong(status: &Status) -> String {
    format!(
        "{}: {}",
        status.code(),
        status.message().lines().next().unwrap_or_default()
    )
}
