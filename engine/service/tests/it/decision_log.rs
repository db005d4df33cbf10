//! The decision log: an entry for every decision, through whatever door and method it leaves, and in
//! strict mode no decision without one.

mod asking;
mod cost;
mod service;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use embargo_proto::v1 as pb;
use embargo_service::{
    DecisionLogSettings, Door, FileSettings, Format, LogMode, Settings, Share, SpoolSettings,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tonic::Code;

use self::asking::{Asked, everything};
use self::service::Service;
use crate::asker::post;
use crate::bench::{Bench, reason, settings, within};
use crate::policies::{ask, bad_host, ban, clean_host, host, verdicts};

/// Settings of a log that ends in a file.
fn to_file(folder: &Path, mode: LogMode) -> DecisionLogSettings {
    DecisionLogSettings {
        mode,
        spool: (mode == LogMode::Strict).then(|| SpoolSettings::in_folder(folder.join("spool"))),
        file: Some(FileSettings {
            path: file(folder),
            format: Format::Embargo,
            bytes: u64::MAX,
            kept: 0,
        }),
        ..DecisionLogSettings::default()
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("decisions.jsonl")
}

async fn serve(policies: &TempDir, decision_log: DecisionLogSettings) -> Bench {
    let settings = Settings {
        decision_log,
        ..settings()
    };
    Bench::start_with(policies.path(), settings).await
}

/// All entries, once the server has ended.
async fn entries(mut bench: Bench, folder: &Path) -> Vec<Value> {
    bench.stop();
    bench.stopped().await;
    let text = fs::read_to_string(file(folder)).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// The decisions that entries hold, by door and method.
fn decided(entries: &[Value]) -> Vec<Asked> {
    let mut decided = Vec::new();
    for entry in entries {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let later = entry["laterDecisions"].as_array().into_iter().flatten();
        for decision in std::iter::once(&entry["decision"]).chain(later) {
            decided.push(Asked {
                door: text(&entry["door"]),
                method: text(&entry["method"]),
                decision_id: text(&decision["decisionId"]),
            });
        }
    }
    decided.sort();
    decided
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_decision_has_one_entry_through_every_door_and_method() {
    for mode in [LogMode::Lossy, LogMode::Strict] {
        let (policies, folder) = (ban(), tempfile::tempdir().unwrap());
        let bench = serve(&policies, to_file(folder.path(), mode)).await;
        let mut asked = everything(&bench).await;
        asked.sort();
        let counts = (bench.log_counts)();
        assert_eq!(
            (counts.dropped, counts.withheld, counts.left_out),
            (0, 0, 0)
        );
        let entries = entries(bench, folder.path()).await;
        assert_eq!(decided(&entries), asked, "{mode:?}");
        let ids: Vec<&str> = entries
            .iter()
            .map(|entry| entry["eventId"].as_str().unwrap())
            .collect();
        let unique: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len());
        // No way to ask is left out: methods of the API through both doors, and the other doors.
        let ways: std::collections::BTreeSet<(String, String)> = asked
            .into_iter()
            .map(|asked| (asked.door, asked.method))
            .collect();
        assert_eq!(ways.len(), 6 + 6 + 5, "{ways:?}");
        assert!(
            Door::ALL
                .iter()
                .all(|door| ways.iter().any(|(known, _)| known == door.word()))
        );
    }
}

#[test]
fn the_evaluator_is_asked_in_one_place() {
    fn look(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, into);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("tests.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
                if [
                    "Question {",
                    ".decide(Question",
                    ".timeline(question",
                    "explain(evaluator",
                ]
                .iter()
                .any(|sign| code.contains(sign))
                {
                    into.push(path);
                }
            }
        }
    }
    let transport = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/transport");
    let mut found = Vec::new();
    look(&transport, &mut found);
    assert_eq!(
        found,
        [transport.join("record.rs")],
        "whatever judges there passes by the log"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_says_who_asked_what_and_when() {
    let (policies, folder) = (ban(), tempfile::tempdir().unwrap());
    let log = DecisionLogSettings {
        labels: BTreeMap::from([("region".to_owned(), "eu".to_owned())]),
        ..to_file(folder.path(), LogMode::Lossy)
    };
    let bench = serve(&policies, log).await;
    let mut request = tonic::Request::new(ask(host("h")));
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    request
        .metadata_mut()
        .insert("traceparent", parent.parse().unwrap());
    bench.decisions().decide_host(request).await.unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("traceparent", parent),
    ];
    let body = crate::http::as_json("embargo.v1.DecideHostRequest", &ask(host("h")));
    let path = "/v1/hosts:decide";
    crate::asker::ask(bench.address, "POST", path, &headers, body.as_bytes()).await;
    let snapshot = bench.snapshot_id();
    let entries = entries(bench, folder.path()).await;
    for (entry, door) in entries.iter().zip(["grpc", "http"]) {
        assert_eq!(entry["door"], door);
        assert_eq!(entry["method"], "DecideHost");
        assert_eq!(entry["principal"]["kind"], "anonymous");
        assert_eq!(entry["labels"]["region"], "eu");
        assert_eq!(entry["labels"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(entry["snapshot"]["snapshotId"], snapshot);
        assert_eq!(entry["evaluateTime"], crate::bench::NOW);
        assert_eq!(entry["traceId"], "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(entry["spanId"], "b7ad6b7169203331");
        assert_eq!(entry["decision"]["effect"], "EFFECT_DENY");
        assert_eq!(entry["facts"]["software"][1]["bundleId"], "com.acme.shield");
        assert_ne!(entry["facts"]["hostId"], "h");
    }
    assert_eq!(entries.len(), 2);
    // Entries of one host can be joined.
    assert_eq!(entries[0]["facts"]["hostId"], entries[1]["facts"]["hostId"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_settings_leave_out_has_no_entry_and_is_counted() {
    let (policies, folder) = (verdicts(), tempfile::tempdir().unwrap());
    let log = DecisionLogSettings {
        sample: BTreeMap::from([(
            embargo_core::instrument::Effect::Allow,
            Share::new(0.0).unwrap(),
        )]),
        drop_doors: [Door::Opa].into(),
        refusals: true,
        ..to_file(folder.path(), LogMode::Lossy)
    };
    let bench = serve(&policies, log).await;
    for id in ["allow", "deny", "review"] {
        bench.decide(ask(clean_host(id))).await.unwrap();
    }
    let input = r#"{"input": {"host_id": "deny", "software": []}}"#;
    assert_eq!(
        post(bench.address, "/v1/data/embargo/allow", input)
            .await
            .status,
        200
    );
    bench
        .decide(ask(bad_host("secret-host")))
        .await
        .unwrap_err();
    let counts = (bench.log_counts)();
    assert_eq!((counts.entries, counts.left_out), (5, 2));
    let entries = entries(bench, folder.path()).await;
    let effects: Vec<&Value> = entries
        .iter()
        .map(|entry| &entry["decision"]["effect"])
        .collect();
    assert_eq!(
        effects,
        [&json!("EFFECT_DENY"), &json!("EFFECT_REVIEW"), &Value::Null]
    );
    assert_eq!(entries[2]["error"]["reason"], "FACTS_INVALID");
    assert_eq!(entries[2].get("facts"), None);
    assert!(!entries[2].to_string().contains("secret-host"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_there_is_no_room_entries_are_dropped_and_decisions_go_on() {
    let (policies, folder) = (ban(), tempfile::tempdir().unwrap());
    let log = DecisionLogSettings {
        queued_bytes: 1,
        ..to_file(folder.path(), LogMode::Lossy)
    };
    let bench = serve(&policies, log).await;
    for _ in 0..3 {
        bench.decide(ask(host("h"))).await.unwrap();
    }
    let counts = (bench.log_counts)();
    assert_eq!((counts.entries, counts.dropped), (3, 3));
    assert_eq!(entries(bench, folder.path()).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_that_are_personal_are_in_no_file_of_the_log() {
    for mode in [LogMode::Lossy, LogMode::Strict] {
        let (policies, folder) = (asking::telling(), tempfile::tempdir().unwrap());
        let bench = serve(&policies, to_file(folder.path(), mode)).await;
        let facts = asking::canaries();
        bench.decide(ask(facts.clone())).await.unwrap();
        let items = vec![pb::batch_decide_hosts_request::BatchItem {
            correlation_id: facts.host_id.clone(),
            facts: Some(facts.clone()),
            action: 0,
        }];
        let batch = pb::BatchDecideHostsRequest {
            items,
            ..Default::default()
        };
        bench.decisions().batch_decide_hosts(batch).await.unwrap();
        let explain = pb::ExplainDecisionRequest {
            facts: Some(facts),
            ..Default::default()
        };
        let explained = bench
            .decisions()
            .explain_decision(explain)
            .await
            .unwrap()
            .into_inner();
        let told = format!("{:?}", explained.decision.unwrap().findings);
        assert!(told.contains("canary"), "the rule repeats facts: {told}");
        let entries = entries(bench, folder.path()).await;
        assert_eq!(entries.len(), 3);
        let mut files = vec![file(folder.path())];
        if mode == LogMode::Strict {
            let spool = fs::read_dir(folder.path().join("spool")).unwrap();
            files.extend(spool.map(|entry| entry.unwrap().path()));
        }
        for path in files.iter().filter(|path| path.is_file()) {
            let text = String::from_utf8_lossy(&fs::read(path).unwrap()).to_lowercase();
            assert!(!text.contains("canary"), "{}: {text}", path.display());
        }
    }
}

/// A log whose spool is full after some entries, as long as the service does not take them.
fn tight(folder: &Path, service: &Service) -> DecisionLogSettings {
    let spool = SpoolSettings {
        max_bytes: 48 * 1_024,
        segment_bytes: 8 * 1_024,
        ..SpoolSettings::in_folder(folder.join("spool"))
    };
    DecisionLogSettings {
        mode: LogMode::Strict,
        spool: Some(spool),
        http: Some(service.settings()),
        ..DecisionLogSettings::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_strict_mode_there_is_no_answer_without_its_entry_at_any_door_and_it_recovers() {
    let (policies, folder) = (ban(), tempfile::tempdir().unwrap());
    let service = Service::start().await;
    let mut bench = serve(&policies, tight(folder.path(), &service)).await;
    let mut answered = Vec::new();
    let mut number = 0;
    let refused = loop {
        number += 1;
        match bench.decide(ask(host(&format!("h{number}")))).await {
            Ok(decision) => answered.push(decision.decision_id),
            Err(status) => break status,
        }
    };
    assert!(answered.len() > 3, "{}", answered.len());
    let (code, word, details) = reason(&refused);
    assert_eq!(
        (code, word.as_str()),
        (Code::Unavailable, "DECISION_LOG_UNAVAILABLE")
    );
    assert!(details.retry_info().is_some());
    asking::is_refused_at_every_door(&bench).await;
    let counts = (bench.log_counts)();
    assert!(counts.withheld > 10, "{counts:?}");

    // The service takes entries again, and so decisions are answered again.
    service.open();
    let again = within(async {
        loop {
            number += 1;
            if let Ok(decision) = bench.decide(ask(host(&format!("h{number}")))).await {
                return decision;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    });
    answered.push(again.await.decision_id);
    bench.stop();
    bench.stopped().await;
    let taken = service.decision_ids();
    for id in &answered {
        assert!(taken.contains(id), "an answer has no entry");
    }
}
