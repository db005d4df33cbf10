//! What is counted over all callers: one place each, which somebody holds while another asks.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use embargo_service::{LimitsSettings, Program, Settings};
use pb::batch_decide_hosts_request::BatchItem;
use tokio_stream::StreamExt as _;
use tonic::{Code, Status};

use super::with;
use crate::bench::{Bench, connect, reason, within};
use crate::policies::{ask, ban, clean_host, host, item, slow};

/// Longer than somebody else needs to come, and no longer: a worker goes on without its caller.
const LONG: Duration = Duration::from_secs(2);
/// Shorter than that by much: those who hold a place come faster than they are answered. A large
/// request may need longer for its way.
const SOON: Duration = Duration::from_millis(100);

/// Something that a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asking {
    Decide,
    DecideFull,
    Explain,
    Batch,
    Stream,
    Inventory,
    Watch,
    Validate,
    Large,
    Policy,
}

/// What is under way. It is given up with the value.
enum UnderWay {
    Stream { _open: Box<dyn Send> },
    Call(tokio::task::JoinHandle<Result<(), Status>>),
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Self::Call(call) = self {
            call.abort();
        }
    }
}

fn items(count: usize) -> pb::HostFacts {
    pb::HostFacts {
        software: (0..count).map(|at| item(&at.to_string())).collect(),
        ..clean_host("h")
    }
}

impl Asking {
    /// Asks on a connection of its own, and waits for the answer or, of a stream, its beginning.
    async fn ask(self, address: SocketAddr) -> Result<Option<UnderWay>, Status> {
        let channel = connect(address).await;
        let mut decisions =
            pb::decision_service_client::DecisionServiceClient::new(channel.clone())
                .max_decoding_message_size(embargo_proto::MAX_MESSAGE_BYTES);
        let mut policies = pb::policy_service_client::PolicyServiceClient::new(channel)
            .max_decoding_message_size(embargo_proto::MAX_MESSAGE_BYTES);
        let facts = Some(clean_host("h"));
        match self {
            Self::Decide => decisions
                .decide_host(ask(clean_host("h")))
                .await
                .map(drop)?,
            Self::DecideFull => decisions.decide_host(ask(items(20_000))).await.map(drop)?,
            Self::Explain => {
                let request = pb::ExplainDecisionRequest {
                    facts,
                    ..Default::default()
                };
                decisions.explain_decision(request).await.map(drop)?;
            }
            Self::Batch => {
                let request = pb::BatchDecideHostsRequest {
                    items: vec![BatchItem {
                        correlation_id: "a".to_owned(),
                        facts,
                        action: 0,
                    }],
                    ..Default::default()
                };
                decisions.batch_decide_hosts(request).await.map(drop)?;
            }
            Self::Stream => {
                let first = pb::StreamDecideHostsRequest {
                    correlation_id: "a".to_owned(),
                    facts,
                    ..Default::default()
                };
                let open = tokio_stream::once(first).chain(tokio_stream::pending());
                let mut answers = decisions.stream_decide_hosts(open).await?.into_inner();
                answers.message().await?;
                return Ok(Some(UnderWay::Stream {
                    _open: Box::new(answers),
                }));
            }
            Self::Inventory => {
                let status = "Package: editor\nStatus: install ok installed\nVersion: 1\n";
                let request = pb::DecideInventoryRequest {
                    document: status.as_bytes().to_vec(),
                    about: Some(pb::HostFacts {
                        host_id: "h".to_owned(),
                        ..Default::default()
                    }),
                    ..Default::default()
                };
                decisions.decide_inventory(request).await.map(drop)?;
            }
            Self::Watch => {
                let request = pb::WatchSnapshotRequest {};
                let mut states = policies.watch_snapshot(request).await?.into_inner();
                states.message().await?;
                return Ok(Some(UnderWay::Stream {
                    _open: Box::new(states),
                }));
            }
            Self::Validate => {
                let request = pb::ValidateBundleRequest {
                    files: vec![pb::SourceFile {
                        path: "rules/a.rego".to_owned(),
                        content: b"package restrictions.a\n".to_vec(),
                    }],
                };
                policies.validate_bundle(request).await.map(drop)?;
            }
            Self::Large => {
                let mut facts = clean_host("h");
                facts.form_factor = Some("x".repeat(2 * 1_024 * 1_024));
                decisions.decide_host(ask(facts)).await.map(drop)?;
            }
            Self::Policy => {
                let policy_id = "restrictions.large".to_owned();
                let request = pb::GetPolicyRequest { policy_id };
                policies.get_policy(request).await.map(drop)?;
            }
        }
        Ok(None)
    }
}

/// A limit that is set to one place, who holds it, and who comes then.
struct Row {
    limit: &'static str,
    set: fn(&mut LimitsSettings),
    held_by: &'static [Asking],
    refused: Asking,
    /// Whether decisions take as long as they may.
    is_slow: bool,
}

const ROWS: [Row; 11] = [
    Row {
        limit: "concurrent-calls",
        set: |limits| limits.concurrent_calls = 1,
        held_by: &[Asking::Watch],
        refused: Asking::Decide,
        is_slow: false,
    },
    Row {
        limit: "concurrent-streams",
        set: |limits| limits.concurrent_streams = 1,
        held_by: &[Asking::Stream],
        refused: Asking::Stream,
        is_slow: false,
    },
    Row {
        limit: "watches",
        set: |limits| limits.watches = 1,
        held_by: &[Asking::Watch],
        refused: Asking::Watch,
        is_slow: false,
    },
    Row {
        limit: "concurrent-batches",
        set: |limits| limits.concurrent_batches = 1,
        held_by: &[Asking::Batch],
        refused: Asking::Batch,
        is_slow: true,
    },
    Row {
        limit: "concurrent-inventories",
        set: |limits| limits.concurrent_inventories = 1,
        held_by: &[Asking::Inventory],
        refused: Asking::Inventory,
        is_slow: true,
    },
    Row {
        limit: "bundle-compilations",
        set: |limits| limits.bundle_compilations = 1,
        held_by: &[Asking::Validate],
        refused: Asking::Validate,
        is_slow: false,
    },
    Row {
        limit: "queued-calls",
        set: |limits| limits.queued_calls = 1,
        // One is judged, and one waits.
        held_by: &[Asking::Decide, Asking::Decide],
        refused: Asking::Decide,
        is_slow: true,
    },
    Row {
        limit: "queued-calls",
        set: |limits| limits.queued_explanations = 1,
        held_by: &[Asking::Explain, Asking::Explain],
        refused: Asking::Explain,
        is_slow: true,
    },
    Row {
        limit: "queued-software",
        set: |limits| limits.queued_software = 20_000,
        held_by: &[Asking::Decide],
        refused: Asking::DecideFull,
        is_slow: true,
    },
    Row {
        limit: "arriving-messages",
        set: |limits| limits.arriving_messages = 1_024 * 1_024,
        held_by: &[],
        refused: Asking::Large,
        is_slow: false,
    },
    Row {
        limit: "untaken-answers",
        set: |limits| limits.untaken_answers = 1_024 * 1_024,
        held_by: &[],
        refused: Asking::Policy,
        is_slow: false,
    },
];

/// A set with a policy whose sources take 1.4 MB, and with a slow one.
fn policies(is_slow: bool) -> tempfile::TempDir {
    let root = if is_slow { slow() } else { ban() };
    super::write_large(root.path());
    root
}

impl Row {
    fn settings(&self) -> Settings {
        Settings {
            workers: 1,
            policy_budget: LONG,
            decision_budget: LONG,
            // One that never answers.
            confined: Some(Program {
                path: "sleep".into(),
                arguments: vec!["60".into()],
            }),
            ..with(self.set)
        }
    }

    async fn prove(&self) {
        let Self { limit, refused, .. } = *self;
        let policies = policies(self.is_slow);
        let bench = Bench::start_with(policies.path(), self.settings()).await;
        assert!(bench.started_with.active.is_some(), "{limit}");
        let start = Instant::now();
        let mut under_way = Vec::new();
        for asking in self.held_by {
            under_way.extend(held(*asking, &bench).await);
        }
        // Whoever holds the place asked first, and may not have it yet. Others are let in for those
        // who take long, some for each worker.
        let mut soon = SOON;
        let status = loop {
            assert!(start.elapsed() < Duration::from_secs(60), "{limit}");
            match tokio::time::timeout(soon, refused.ask(bench.address)).await {
                Ok(Err(status)) => break status,
                Ok(Ok(_)) => panic!("{limit}: {refused:?} was answered"),
                // It took the place of who was late. That it is given up is noticed at once.
                Err(_) => {
                    soon = (soon * 3 / 2).min(LONG * 3 / 4);
                    for _ in 0..2 {
                        under_way.extend(held(refused, &bench).await);
                    }
                }
            }
        };
        let (code, word, details) = reason(&status);
        assert_eq!(
            (code, word.as_str()),
            (Code::ResourceExhausted, "OVERLOADED"),
            "{limit}"
        );
        let info = details.error_info().unwrap();
        assert_eq!(info.metadata["limit"], limit);
        let delay = details.retry_info().unwrap().retry_delay.unwrap();
        assert!(delay > Duration::ZERO, "{limit}");
    }
}

/// Asks, and does not wait for an answer that does not come soon.
async fn held(asking: Asking, bench: &Bench) -> Option<UnderWay> {
    if matches!(asking, Asking::Stream | Asking::Watch) {
        return within(asking.ask(bench.address)).await.unwrap();
    }
    let address = bench.address;
    let call = tokio::spawn(async move { asking.ask(address).await.map(drop) });
    Some(UnderWay::Call(call))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_somebody_has_is_refused_to_the_next_with_its_name_and_a_delay() {
    for row in ROWS {
        row.prove().await;
    }
}

#[tokio::test]
async fn every_row_is_answered_where_the_limit_is_as_usual() {
    let policies = policies(false);
    let bench = Bench::start(policies.path()).await;
    for asking in [
        Asking::Decide,
        Asking::DecideFull,
        Asking::Explain,
        Asking::Batch,
        Asking::Stream,
        Asking::Inventory,
        Asking::Watch,
        Asking::Validate,
        Asking::Policy,
    ] {
        let answer = within(asking.ask(bench.address)).await;
        assert!(answer.is_ok(), "{asking:?}: {:?}", answer.err());
    }
    let Err(status) = Asking::Large.ask(bench.address).await else {
        panic!("a form factor of two megabytes");
    };
    assert_eq!(reason(&status).1, "FACTS_INVALID");
}

#[tokio::test]
async fn places_change_while_the_server_runs_and_what_is_under_way_goes_on() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let limits = |streams| LimitsSettings {
        concurrent_streams: streams,
        ..LimitsSettings::default()
    };
    let one = Asking::Stream.ask(bench.address).await.unwrap();
    let two = Asking::Stream.ask(bench.address).await.unwrap();
    assert!(bench.limits.apply(&limits(1)).unwrap().is_empty());
    let refused = |status: Result<_, Status>| reason(&status.err().expect("refused")).1;
    assert_eq!(
        refused(Asking::Stream.ask(bench.address).await),
        "OVERLOADED"
    );
    assert!(bench.limits.apply(&limits(3)).unwrap().is_empty());
    let three = Asking::Stream.ask(bench.address).await.unwrap();
    assert_eq!(
        refused(Asking::Stream.ask(bench.address).await),
        "OVERLOADED"
    );
    drop((one, two, three));
    let waits = LimitsSettings {
        connections: 5,
        ..limits(3)
    };
    let at_the_next_start = bench.limits.apply(&waits).unwrap();
    assert_eq!(at_the_next_start, ["limits.connections"]);
    let unsound = LimitsSettings {
        concurrent_streams: 0,
        watches: 1,
        ..LimitsSettings::default()
    };
    let refused = bench.limits.apply(&unsound).unwrap_err();
    assert_eq!(refused.setting, "limits.concurrent_streams");
    let _watch = Asking::Watch.ask(bench.address).await.unwrap();
    // Nothing of it holds.
    assert!(Asking::Watch.ask(bench.address).await.is_ok());
    bench.decide(ask(host("h"))).await.unwrap();
}
