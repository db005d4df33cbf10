//! One question, asked by every method that decides.

use std::time::Duration;

use embargo_proto::v1 as pb;
use pb::batch_decide_hosts_request::BatchItem;
use prost_types::Timestamp;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::server::{Bench, decisions, within};

/// The methods that decide.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    DecideHost,
    BatchDecideHosts,
    StreamDecideHosts,
    DecideInventory,
    ComputeDecisionTimeline,
}

pub(super) const METHODS: [Method; 5] = [
    Method::DecideHost,
    Method::BatchDecideHosts,
    Method::StreamDecideHosts,
    Method::DecideInventory,
    Method::ComputeDecisionTimeline,
];

/// What is asked.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) facts: pb::HostFacts,
    pub(super) action: i32,
    pub(super) at: Option<Timestamp>,
    pub(super) snapshot: String,
    pub(super) deadline: Option<Duration>,
}

/// What came of it for a host, or for a part of a timeline.
#[derive(Debug)]
pub(super) enum Outcome {
    Decision(Box<pb::Decision>),
    Error { code: Code, reason: String },
}

impl Ask {
    pub(super) fn new(facts: pb::HostFacts) -> Self {
        Self {
            facts,
            action: i32::from(pb::Action::Use),
            at: None,
            snapshot: String::new(),
            deadline: None,
        }
    }

    pub(super) fn for_one_host(&self) -> pb::DecideHostRequest {
        pb::DecideHostRequest {
            facts: Some(self.facts.clone()),
            action: self.action,
            evaluate_time: self.at,
            require_snapshot_id: self.snapshot.clone(),
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(deadline) = self.deadline {
            request.set_timeout(deadline);
        }
        request
    }
}

/// Asks by a method.
pub(super) async fn outcomes(bench: &Bench, method: Method, ask: &Ask) -> Vec<Outcome> {
    let asked = within(async {
        match method {
            Method::DecideHost => one(bench, ask).await,
            Method::BatchDecideHosts => batch(bench, ask).await,
            Method::StreamDecideHosts => stream(bench, ask).await,
            Method::DecideInventory => inventory(bench, ask).await,
            Method::ComputeDecisionTimeline => timeline(bench, ask).await,
        }
    });
    asked.await.unwrap_or_else(|status| vec![error(&status)])
}

async fn one(bench: &Bench, ask: &Ask) -> Result<Vec<Outcome>, Status> {
    let request = ask.request(ask.for_one_host());
    let answer = decisions(bench.channel.clone())
        .decide_host(request)
        .await?;
    Ok(vec![decision(answer.into_inner().decision)])
}

async fn batch(bench: &Bench, ask: &Ask) -> Result<Vec<Outcome>, Status> {
    let request = pb::BatchDecideHostsRequest {
        items: vec![BatchItem {
            correlation_id: "a".to_owned(),
            facts: Some(ask.facts.clone()),
            action: ask.action,
        }],
        evaluate_time: ask.at,
        require_snapshot_id: ask.snapshot.clone(),
    };
    let request = ask.request(request);
    let mut client = decisions(bench.channel.clone());
    let answer = client.batch_decide_hosts(request);
    let answer = answer.await?.into_inner();
    Ok(answer.results.into_iter().map(result).collect())
}

async fn stream(bench: &Bench, ask: &Ask) -> Result<Vec<Outcome>, Status> {
    let request = pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: Some(ask.facts.clone()),
        action: ask.action,
        evaluate_time: ask.at,
        require_snapshot_id: ask.snapshot.clone(),
    };
    let request = ask.request(tokio_stream::iter([request]));
    let mut client = decisions(bench.channel.clone());
    let answers = client.stream_decide_hosts(request);
    let mut answers = answers.await?.into_inner();
    let mut outcomes = Vec::new();
    while let Some(answer) = answers.message().await? {
        outcomes.push(result(answer.result.unwrap_or_default()));
    }
    Ok(outcomes)
}

/// The facts as a document of their own format.
async fn inventory(bench: &Bench, ask: &Ask) -> Result<Vec<Outcome>, Status> {
    let request = pb::DecideInventoryRequest {
        document: b"Package: editor\nStatus: install ok installed\nVersion: 1\n".to_vec(),
        format: "dpkg".to_owned(),
        about: Some(pb::HostFacts {
            software: Vec::new(),
            ..ask.facts.clone()
        }),
        action: ask.action,
        evaluate_time: ask.at,
        require_snapshot_id: ask.snapshot.clone(),
        ..Default::default()
    };
    let request = ask.request(request);
    let mut client = decisions(bench.channel.clone());
    let answer = client.decide_inventory(request);
    let answer = answer.await?.into_inner();
    Ok(answer
        .results
        .into_iter()
        .map(|of_host| match of_host.result {
            Some(pb::inventory_result::Result::Decision(found)) => decision(Some(found)),
            Some(pb::inventory_result::Result::Error(refused)) => refusal(&refused),
            None => panic!("an answer without a decision and without an error"),
        })
        .collect())
}

async fn timeline(bench: &Bench, ask: &Ask) -> Result<Vec<Outcome>, Status> {
    let start = ask.at.unwrap_or(Timestamp {
        seconds: 1_700_000_000,
        nanos: 0,
    });
    let request = pb::ComputeDecisionTimelineRequest {
        facts: Some(ask.facts.clone()),
        action: ask.action,
        start_time: Some(start),
        end_time: Some(Timestamp {
            seconds: 1_800_000_000,
            nanos: 0,
        }),
        require_snapshot_id: ask.snapshot.clone(),
    };
    let request = ask.request(request);
    let mut client = decisions(bench.channel.clone());
    let answer = client.compute_decision_timeline(request);
    let segments = answer.await?.into_inner().segments;
    Ok(segments
        .into_iter()
        .map(|segment| decision(segment.decision))
        .collect())
}

fn result(result: pb::DecideResult) -> Outcome {
    match result.result {
        Some(pb::decide_result::Result::Decision(found)) => decision(Some(found)),
        Some(pb::decide_result::Result::Error(refused)) => refusal(&refused),
        None => panic!("an answer without a decision and without an error"),
    }
}

fn refusal(refused: &tonic_types::pb::Status) -> Outcome {
    use prost::Message as _;
    let details = refused.encode_to_vec().into();
    let code = Code::from_i32(refused.code);
    error(&Status::with_details(
        code,
        refused.message.clone(),
        details,
    ))
}

fn decision(found: Option<pb::Decision>) -> Outcome {
    Outcome::Decision(Box::new(
        found.expect("an answer that is OK has a decision"),
    ))
}

fn error(status: &Status) -> Outcome {
    assert_ne!(status.code(), Code::Ok);
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone());
    Outcome::Error {
        code: status.code(),
        reason: reason.unwrap_or_default(),
    }
}
