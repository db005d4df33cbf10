//! R9. Nothing that goes wrong yields ALLOW.
//!
//! A table: a row for each way in which there can be no judgement, a column for each way to
//! ask. Each cell is an error with its reason, or INDETERMINATE with its cause. What cannot be
//! provoked from outside has tests beside its code: panics and policies that do not come back
//! (`service/workers/tests.rs`), garbage on the wire (`service/tests/it/raw.rs`), answers that
//! are too large (`service/tests/it/large_answers.rs`), each status and effect at the client's
//! gate (`clients/rust/tests/it/gate.rs`).

mod asking;

use std::path::Path;
use std::time::Duration;

use embargo_client::{Client, Gate, GateOutcome};
use embargo_proto::v1 as pb;
use embargo_service::Settings;
use prost_types::Timestamp;

use self::asking::{Ask, METHODS, Outcome, outcomes};
use crate::policies::{ask, host, write};
use crate::process::Server;
use crate::server::{Bench, within};
use crate::support::{folder, run};

/// A policy beside the one at fault, whose finding alone would let the host pass.
const BESIDE: &str = "package restrictions.beside\n\nwarn contains \"seen\" if input.host.id\n";

const LOOPING: &str = "package restrictions.fault\n\n_n := [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n\ndeny contains \"x\" if { some a in _n; some b in _n; some c in _n; some d in _n; some e in _n; some f in _n; some g in _n; a + b + c + d + e + f + g == 1000 }\n";

/// What of the policies, the facts or the question is at fault.
struct Row {
    name: &'static str,
    policy: Option<&'static str>,
    change: fn(&mut Ask),
    wanted: Wanted,
}

#[derive(Clone, Copy)]
enum Wanted {
    Refused(&'static str),
    Indeterminate,
}

const SOUND: &str =
    "package restrictions.fault\n\ndeny contains \"x\" if input.host.id == \"denied\"\n";

fn rows() -> Vec<Row> {
    let asked = |name, change, reason| Row {
        name,
        policy: Some(SOUND),
        change,
        wanted: Wanted::Refused(reason),
    };
    let failing = |name, policy| Row {
        name,
        policy: Some(policy),
        change: |_| {},
        wanted: Wanted::Indeterminate,
    };
    vec![
        Row {
            name: "there are no policies",
            policy: None,
            change: |_| {},
            wanted: Wanted::Refused("NO_SNAPSHOT"),
        },
        Row {
            name: "the policies do not compile",
            policy: Some("package restrictions.fault\n\ndeny contains {\n"),
            change: |_| {},
            wanted: Wanted::Refused("NO_SNAPSHOT"),
        },
        asked(
            "facts without a host id",
            |ask| ask.facts.host_id.clear(),
            "FACTS_INVALID",
        ),
        asked(
            "facts beyond a limit",
            |ask| ask.facts.purposes = vec!["x".to_owned(); 10_000],
            "FACTS_INVALID",
        ),
        asked(
            "an action that there is not",
            |ask| ask.action = 99,
            "REQUEST_INVALID",
        ),
        asked(
            "an instant after the year 9999",
            |ask| {
                ask.at = Some(Timestamp {
                    seconds: i64::MAX,
                    nanos: 0,
                });
            },
            "REQUEST_INVALID",
        ),
        asked(
            "an instant with negative nanoseconds",
            |ask| {
                ask.at = Some(Timestamp {
                    seconds: 1_700_000_000,
                    nanos: -1,
                });
            },
            "REQUEST_INVALID",
        ),
        asked(
            "a snapshot that is not active",
            |ask| ask.snapshot = "0".repeat(64),
            "SNAPSHOT_MISMATCH",
        ),
        failing(
            "a rule that raises an error",
            "package restrictions.fault\n\ndeny contains \"x\" if count(input.host.id) / 0 == 1\n",
        ),
        failing(
            "a function that is given the wrong type",
            "package restrictions.fault\n\ndeny contains \"x\" if not startswith(input.host, \"x\")\n",
        ),
        failing(
            "a rule that contradicts itself",
            "package restrictions.fault\n\n_v := 1 if input.host.id\n_v := 2 if input.host.id\n\ndeny contains \"x\" if not _v == 1\n",
        ),
        failing(
            "a result that is no finding",
            "package restrictions.fault\n\ndeny contains 7 if input.host.id\n",
        ),
        failing(
            "a finding about an item that there is not",
            "package restrictions.fault\n\ndeny contains {\"software\": 99, \"message\": \"x\"} if input.host.id\n",
        ),
        failing(
            "a call whose answer would fill the memory",
            "package restrictions.fault\n\ndeny contains \"x\" if sprintf(\"%999999999d\", [1]) == \"x\"\n",
        ),
        failing(
            "a value that rests on itself",
            "package restrictions.fault\n\ndeny contains \"x\" if {\n\tinput.host.id\n\tx := x + 1\n\tx == 1\n}\n",
        ),
        failing("a rule that does not end in time", LOOPING),
        Row {
            name: "software that could not be read",
            policy: Some(SOUND),
            change: |ask| {
                ask.facts.coverage = vec![pb::Coverage {
                    source: "programs".to_owned(),
                    state: i32::from(pb::coverage::State::Unreadable),
                    ..Default::default()
                }];
            },
            wanted: Wanted::Indeterminate,
        },
        Row {
            name: "no source was read at all",
            policy: Some(SOUND),
            change: |ask| {
                ask.facts.software.clear();
                ask.facts.coverage = vec![pb::Coverage {
                    source: "programs".to_owned(),
                    state: i32::from(pb::coverage::State::NotCollected),
                    ..Default::default()
                }];
            },
            wanted: Wanted::Indeterminate,
        },
    ]
}

fn policies(root: &Path, policy: Option<&str>) {
    if let Some(policy) = policy {
        write(root, "fault.rego", policy);
        write(root, "beside.rego", BESIDE);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_whatever_goes_wrong_there_is_no_allow_by_any_method_and_the_gate_stays_shut() {
    let mut cells = 0;
    for row in rows() {
        let root = tempfile::tempdir().unwrap();
        policies(root.path(), row.policy);
        let bench = Bench::start(root.path(), Settings::default()).await;
        let mut asked = Ask::new(host("h"));
        (row.change)(&mut asked);
        for method in METHODS {
            let outcomes = outcomes(&bench, method, &asked).await;
            assert!(!outcomes.is_empty(), "{}, {method:?}: no answer", row.name);
            for outcome in outcomes {
                cells += 1;
                match (row.wanted, &outcome) {
                    (Wanted::Refused(wanted), Outcome::Error { reason, .. }) => {
                        assert_eq!(reason, wanted, "{}, {method:?}", row.name);
                    }
                    (Wanted::Indeterminate, Outcome::Decision(decision)) => {
                        assert_eq!(
                            decision.effect(),
                            pb::Effect::Indeterminate,
                            "{}, {method:?}",
                            row.name
                        );
                        let says_why =
                            !decision.failures.is_empty() || !decision.missing_facts.is_empty();
                        assert!(says_why, "{}, {method:?}", row.name);
                    }
                    _ => panic!("{}, {method:?}: {outcome:?}", row.name),
                }
            }
        }
        let url = format!("http://{}", bench.address);
        let client = Client::connect(url.as_str()).await.unwrap();
        let gate = Gate::new(&client, Duration::from_secs(20));
        match within(gate.check(asked.for_one_host())).await {
            GateOutcome::Closed(_) => cells += 1,
            GateOutcome::Open(passed) => panic!("{}: {passed:?}", row.name),
        }
    }
    println!(
        "R9: {} rows, {cells} answers, none of them ALLOW",
        rows().len()
    );
}

/// The same host by the same ways, so that the table above could fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_where_nothing_goes_wrong_each_method_answers_and_the_gate_opens() {
    let root = tempfile::tempdir().unwrap();
    policies(root.path(), Some(SOUND));
    let bench = Bench::start(root.path(), Settings::default()).await;
    let asked = Ask::new(host("h"));
    for method in METHODS {
        for outcome in outcomes(&bench, method, &asked).await {
            let Outcome::Decision(decision) = outcome else {
                panic!("{method:?}: {outcome:?}");
            };
            assert_eq!(decision.effect(), pb::Effect::Warn, "{method:?}");
        }
    }
    let url = format!("http://{}", bench.address);
    let client = Client::connect(url.as_str()).await.unwrap();
    let gate = Gate::new(&client, Duration::from_secs(20));
    let outcome = within(gate.check(ask("h"))).await;
    assert!(matches!(outcome, GateOutcome::Open(_)), "{outcome:?}");
}

/// Deadlines, overload and shutting down: each caller gets a decision that is right or an error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r9_who_comes_too_late_too_many_or_at_the_end_is_told_so() {
    let root = tempfile::tempdir().unwrap();
    policies(root.path(), Some(LOOPING));
    let settings = Settings {
        workers: 1,
        queued_calls: 1,
        ..Settings::default()
    };
    let bench = Bench::start(root.path(), settings).await;
    let asked = Ask::new(host("h"));
    let late = Ask {
        deadline: Some(Duration::from_millis(20)),
        ..asked.clone()
    };
    for method in METHODS {
        for outcome in outcomes(&bench, method, &late).await {
            let Outcome::Error { code, .. } = outcome else {
                panic!("{method:?}: {outcome:?}");
            };
            assert!(
                matches!(code, tonic::Code::DeadlineExceeded | tonic::Code::Cancelled),
                "{method:?}: {code:?}"
            );
        }
    }
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let mut client = crate::server::decisions(bench.channel.clone());
        crowd.spawn(async move { client.decide_host(ask("h")).await });
    }
    let mut turned_away = 0;
    while let Some(answer) = crowd.join_next().await {
        match answer.unwrap() {
            Ok(answer) => {
                let decision = answer.into_inner().decision.unwrap();
                assert_eq!(decision.effect(), pb::Effect::Indeterminate);
            }
            Err(status) => {
                assert_eq!(status.code(), tonic::Code::ResourceExhausted, "{status}");
                turned_away += 1;
            }
        }
    }
    assert!(turned_away > 0);
    let address = bench.address;
    bench.stop().await;
    let client = Client::builder(format!("http://{address}")).connect_lazy();
    let gate = Gate::new(&client.unwrap(), Duration::from_secs(1));
    let outcome = within(gate.check(ask("h"))).await;
    assert!(matches!(outcome, GateOutcome::Closed(_)), "{outcome:?}");
}

/// The command line ends with 2, which no gate takes for a permit.
#[test]
fn r9_the_command_line_ends_with_a_code_that_is_no_permit() {
    let root = tempfile::tempdir().unwrap();
    policies(
        root.path(),
        Some("package restrictions.fault\n\ndeny contains 7 if input.host.id\n"),
    );
    let set = root.path().to_str().unwrap();
    let server = Server::start_with(&["--policies", set]);
    let broken = folder(&[]);
    let facts = root.path().join("facts.json");
    std::fs::write(&facts, "{\"host_id\": \"\"}").unwrap();
    for (what, arguments) in [
        (
            "a policy fails",
            vec!["decide", "--example", "--policies", set],
        ),
        (
            "a policy fails at the server",
            vec!["decide", "--example", "--server", &server.url],
        ),
        (
            "there are no policies",
            vec![
                "decide",
                "--example",
                "--policies",
                broken.path().to_str().unwrap(),
            ],
        ),
        (
            "nobody is there",
            vec!["decide", "--example", "--server", "http://127.0.0.1:1"],
        ),
        (
            "bad facts",
            vec!["decide", facts.to_str().unwrap(), "--policies", set],
        ),
        ("no facts", vec!["decide", "no-such-file.yaml"]),
        (
            "an unknown action",
            vec!["decide", "--example", "--action", "look-at"],
        ),
    ] {
        let ran = run(&arguments);
        assert_eq!(ran.code, 2, "{what}: {} {}", ran.out, ran.err);
        assert!(!ran.out.contains("ALLOW"), "{what}: {}", ran.out);
    }
}
