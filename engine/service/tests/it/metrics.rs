//! Metrics: what is counted at which door, and that whatever is exported is described, and whatever the
//! dashboard and the alerts ask for is exported.

mod named;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use embargo_proto::envoy::service::auth::v3 as envoy;
use embargo_proto::v1 as pb;
use embargo_service::{DecisionLogCounts, DecisionLogReading, METRICS, MetricKind, SinkReading};
use pb::batch_decide_hosts_request::BatchItem;
use serde_json::json;
use tokio_stream::StreamExt as _;

use crate::asker::{self, post};
use crate::bench::{Bench, within};
use crate::policies::{ask, bad_host, host, verdicts, write};
use crate::scrape::{Scrape, managed, serve};

const DECISIONS: &str = "embargo_decisions_total";
const CALLS: &str = "embargo_calls_total";

fn documents(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn inventory(id: &str) -> pb::DecideInventoryRequest {
    let host = json!({"host_id": id, "software": [{"name": "Editor"}]});
    pb::DecideInventoryRequest {
        document: host.to_string().into_bytes(),
        format: "facts".to_owned(),
        ..Default::default()
    }
}

/// Asks for a denial, and with facts that are refused, in every way that there is.
async fn ask_in_every_way(bench: &Bench) {
    let mut decisions = bench.decisions();
    bench.decide(ask(host("deny"))).await.unwrap();
    bench.decide(ask(bad_host("x"))).await.unwrap_err();
    let item = |id: &str, facts| BatchItem {
        correlation_id: id.to_owned(),
        facts: Some(facts),
        ..Default::default()
    };
    let batch = pb::BatchDecideHostsRequest {
        items: vec![item("a", host("deny")), item("b", bad_host("x"))],
        ..Default::default()
    };
    decisions.batch_decide_hosts(batch).await.unwrap();
    let streamed = |facts| pb::StreamDecideHostsRequest {
        correlation_id: "a".to_owned(),
        facts: Some(facts),
        ..Default::default()
    };
    let items = vec![streamed(host("deny")), streamed(bad_host("x"))];
    let answers = decisions
        .stream_decide_hosts(tokio_stream::iter(items))
        .await
        .unwrap();
    assert_eq!(answers.into_inner().collect::<Vec<_>>().await.len(), 2);
    decisions.decide_inventory(inventory("deny")).await.unwrap();

    let facts = json!({"hostId": "deny", "software": []});
    let body = json!({"facts": facts}).to_string();
    assert_eq!(
        post(bench.address, "/v1/hosts:decide", &body).await.status,
        200
    );
    let lines = format!("{}\n", json!({"correlationId": "a", "facts": facts}));
    let answer = post(bench.address, "/v1/hosts:streamDecide", lines).await;
    assert_eq!((answer.status, answer.is_whole), (200, true));
    let body = json!({"facts": {"hostId": ""}}).to_string();
    assert_eq!(
        post(bench.address, "/v1/hosts:decide", body).await.status,
        400
    );

    let facts = json!({"host_id": "deny", "software": []});
    let body = json!({"input": facts}).to_string();
    assert_eq!(
        post(bench.address, "/v1/data/embargo/allow", body)
            .await
            .status,
        200
    );
    let body = json!({"input": {"host_id": ""}}).to_string();
    assert_eq!(
        post(bench.address, "/v1/data/embargo/allow", body)
            .await
            .status,
        400
    );

    for (facts, uid) in [(facts.to_string(), "one"), ("{".to_owned(), "two")] {
        let object = json!({"metadata": {"annotations": {"embargo.dev/facts": facts}}});
        let request = json!({"uid": uid, "operation": "CREATE", "name": "h", "object": object});
        let review = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request,
        });
        let answer = post(bench.address, "/webhook/k8s/v1", review.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }

    for (id, status) in [("deny", 200), ("", 400)] {
        let evaluation = json!({
            "subject": {"type": "device", "id": id},
            "resource": {"type": "software", "id": "Editor"},
            "action": {"name": "use"},
        });
        let answer = post(
            bench.address,
            "/access/v1/evaluation",
            evaluation.to_string(),
        )
        .await;
        assert_eq!(answer.status, status, "{}", answer.json());
    }

    let mut client = envoy::authorization_client::AuthorizationClient::new(bench.channel.clone());
    for facts in [facts.to_string(), "{".to_owned()] {
        let attributes = envoy::AttributeContext {
            context_extensions: [("embargo-facts".to_owned(), facts)].into(),
            ..Default::default()
        };
        let question = envoy::CheckRequest {
            attributes: Some(attributes),
        };
        client.check(question).await.unwrap();
    }
}

#[tokio::test]
async fn every_door_counts_what_it_decides_and_what_it_refuses() {
    let policies = verdicts();
    let bench = serve(policies.path()).await;
    ask_in_every_way(&bench).await;
    let scrape = Scrape::of(&bench).await;
    let ways = [
        ("grpc", "DecideHost"),
        ("grpc", "BatchDecideHosts"),
        ("grpc", "StreamDecideHosts"),
        ("grpc", "DecideInventory"),
        ("http", "DecideHost"),
        ("http", "StreamDecideHosts"),
        ("opa", "data"),
        ("kubernetes", "review"),
        ("authzen", "evaluation"),
        ("envoy", "Check"),
    ];
    for (door, method) in ways {
        let way = [("door", door), ("method", method)];
        let denied = [way.as_slice(), &[("effect", "DENY")]].concat();
        assert_eq!(scrape.get(DECISIONS, &denied), 1.0, "{way:?}");
        assert_eq!(scrape.get(DECISIONS, &way), 1.0, "{way:?}");
        let ended = [way.as_slice(), &[("code", "OK"), ("reason", "")]].concat();
        assert_eq!(scrape.get(CALLS, &ended), 1.0, "{way:?}");
        let measured = scrape.get("embargo_call_duration_seconds_count", &way);
        assert_eq!(measured, scrape.get(CALLS, &way), "{way:?}");
    }
    // Facts that are refused are told in the words of the door, which some doors take for an answer.
    for (door, method, code) in [
        ("grpc", "DecideHost", "INVALID_ARGUMENT"),
        ("http", "DecideHost", "INVALID_ARGUMENT"),
        ("opa", "data", "INVALID_ARGUMENT"),
        ("kubernetes", "review", "OK"),
        ("authzen", "evaluation", "INVALID_ARGUMENT"),
        ("envoy", "Check", "OK"),
    ] {
        let refused = [
            ("door", door),
            ("method", method),
            ("code", code),
            ("reason", "FACTS_INVALID"),
        ];
        let count = scrape.find(CALLS, &refused);
        let all: Vec<_> = scrape.0.iter().filter(|s| s.name == CALLS).collect();
        assert_eq!(count, Some(1.0), "{refused:?} {all:?}");
    }
    for method in ["BatchDecideHosts", "StreamDecideHosts"] {
        let refused = [("method", method), ("reason", "FACTS_INVALID")];
        assert_eq!(scrape.get("embargo_refused_items_total", &refused), 1.0);
    }
    let decided = scrape.get("embargo_evaluation_duration_seconds_count", &[]);
    assert_eq!(decided, scrape.get(DECISIONS, &[]));
    assert!(scrape.get("embargo_queue_wait_seconds_count", &[]) >= 10.0);
    assert_eq!(scrape.get("embargo_calls_in_progress", &[]), 0.0);
}

#[tokio::test]
async fn failures_are_counted_by_policy_until_there_is_no_such_policy() {
    let policies = verdicts();
    let bench = serve(policies.path()).await;
    bench.decide(ask(host("indeterminate"))).await.unwrap();
    let failures = "embargo_policy_failures_total";
    let failing = [
        ("policy", "restrictions.failing"),
        ("kind", "runtime-error"),
    ];
    assert_eq!(Scrape::of(&bench).await.get(failures, &failing), 1.0);
    let mut states = bench.watch().await;
    fs::remove_file(policies.path().join("rules/failing.rego")).unwrap();
    within(states.message()).await.unwrap();
    assert_eq!(Scrape::of(&bench).await.find(failures, &[]), None);
}

#[tokio::test]
async fn a_call_that_its_caller_gives_up_is_counted_as_cancelled() {
    let policies = verdicts();
    let bench = serve(policies.path()).await;
    let states = bench.watch().await;
    let running = [("door", "grpc")];
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_calls_in_progress", &running), 1.0);
    drop(states);
    let cancelled = [("method", "WatchSnapshot"), ("code", "CANCELLED")];
    within(async {
        while Scrape::of(&bench).await.find(CALLS, &cancelled) != Some(1.0) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_calls_in_progress", &running), 0.0);
}

/// A decision log that has had its troubles.
#[derive(Debug)]
struct Kept;

impl DecisionLogCounts for Kept {
    fn read(&self) -> DecisionLogReading {
        DecisionLogReading {
            entries: 12,
            left_out: 2,
            dropped: 3,
            withheld: 1,
            spool_bytes: Some((4_096, 65_536)),
            sinks: vec![SinkReading {
                sink: "file",
                written: 5,
                dropped: 1,
                failures: 4,
                waiting: 1,
                lag: Duration::from_millis(1_500),
            }],
        }
    }
}

#[tokio::test]
async fn the_decision_log_is_told_of_as_it_stands_by_sink() {
    let scrape = eventful().await;
    let of = |name: &str, labels: &[(&str, &str)]| {
        scrape.find(&format!("embargo_decision_log_{name}"), labels)
    };
    assert_eq!(of("entries_total", &[]), Some(12.0));
    assert_eq!(of("dropped_total", &[("sink", "queue")]), Some(3.0));
    assert_eq!(of("dropped_total", &[("sink", "file")]), Some(1.0));
    assert_eq!(of("written_total", &[]), Some(5.0));
    assert_eq!(of("written_total", &[("sink", "queue")]), None);
    assert_eq!(of("lag_seconds", &[("sink", "file")]), Some(1.5));
    assert_eq!(of("spool_bytes", &[]), Some(4_096.0));
}

/// A scrape of a server at which everything has happened that is counted only then.
async fn eventful() -> Scrape {
    let policies = verdicts();
    let settings = managed();
    settings.telemetry.observe_decision_log(Arc::new(Kept));
    let bench = Bench::start_with(policies.path(), settings).await;
    ask_in_every_way(&bench).await;
    bench.decide(ask(host("indeterminate"))).await.unwrap();
    asker::get(bench.management.unwrap(), "/livez").await;
    Scrape::of(&bench).await
}

fn ending(kind: MetricKind) -> &'static [&'static str] {
    match kind {
        MetricKind::Counter | MetricKind::Gauge => &[""],
        MetricKind::Histogram => &["_bucket", "_count", "_sum"],
    }
}

#[tokio::test]
async fn what_is_exported_is_what_is_described_with_its_labels() {
    let mut described = BTreeMap::new();
    for metric in METRICS {
        for end in ending(metric.kind) {
            let bound = (*end == "_bucket").then_some("le");
            let labels = metric.labels.iter().copied().chain(bound);
            described.insert(
                format!("{}{end}", metric.name),
                labels.map(str::to_owned).collect(),
            );
        }
    }
    assert_eq!(eventful().await.labels(), described);
}

#[test]
fn the_documents_list_every_metric_as_it_is_described() {
    let mut table = String::from("| metric | kind | labels | what it says |\n|---|---|---|---|\n");
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|l| format!("`{l}`")).collect();
        let (name, kind) = (metric.name, metric.kind.word());
        writeln!(
            table,
            "| `{name}` | {kind} | {} | {} |",
            labels.join(", "),
            metric.help
        )
        .unwrap();
    }
    let path = documents("docs/operations/metrics.md");
    let page = fs::read_to_string(&path).unwrap();
    if std::env::var_os("EMBARGO_WRITE_DOCS").is_some() {
        let head = page.split("\n| metric |").next().unwrap();
        fs::write(&path, format!("{}\n\n{table}", head.trim_end())).unwrap();
        return;
    }
    assert!(
        page.ends_with(&table),
        "write it anew by this test with EMBARGO_WRITE_DOCS=1\n{table}"
    );
}

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_metrics_and_labels_that_there_are() {
    let labels = eventful().await.labels();
    let mut expressions = named::of_dashboard(&documents("deploy/observability/dashboard.json"));
    expressions.extend(named::of_alerts(&documents(
        "deploy/observability/alerts.yaml",
    )));
    assert!(expressions.len() > 60);
    let mut asked = std::collections::BTreeSet::new();
    for named::Expression { place, text, shown } in &expressions {
        let selectors = named::selectors(text);
        assert!(!selectors.is_empty(), "{place}: {text}");
        let mut known: Vec<&str> = vec!["job", "instance"];
        for (name, _) in &selectors {
            let found = labels
                .get(name)
                .unwrap_or_else(|| panic!("{place}: no {name}"));
            known.extend(found.iter().map(String::as_str));
            let base = ["_bucket", "_count", "_sum"]
                .iter()
                .find_map(|end| name.strip_suffix(end));
            asked.insert(base.unwrap_or(name).to_owned());
        }
        for (name, matched) in &selectors {
            for label in matched {
                let is_known =
                    labels[name].contains(label) || ["job", "instance"].contains(&label.as_str());
                assert!(is_known, "{place}: {name} has no label {label}");
            }
        }
        for label in named::grouped(text).iter().chain(shown) {
            assert!(
                known.contains(&label.as_str()),
                "{place}: no label {label} in {text}"
            );
        }
    }
    for metric in METRICS {
        let is_asked = asked.contains(metric.name);
        assert!(
            is_asked,
            "neither dashboard nor alerts show {}",
            metric.name
        );
    }
}

#[test]
fn every_alert_has_its_place_in_the_runbook() {
    let page = fs::read_to_string(documents("docs/operations/alerts.md")).unwrap();
    let headings: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## Embargo"))
        .collect();
    let alerts = named::alerts(&documents("deploy/observability/alerts.yaml"));
    let names: Vec<&str> = alerts
        .iter()
        .map(|alert| {
            alert["alert"]
                .as_str()
                .unwrap()
                .strip_prefix("Embargo")
                .unwrap()
        })
        .collect();
    assert_eq!(names, headings);
    for alert in &alerts {
        let name = alert["alert"].as_str().unwrap().to_lowercase();
        let link = alert["annotations"]["runbook_url"].as_str().unwrap();
        assert_eq!(link, format!("docs/operations/alerts.md#{name}"));
        assert!(alert["annotations"]["summary"].is_string() && alert["for"].is_string());
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["info", "warning", "critical"].contains(&severity));
    }
}

#[tokio::test]
async fn a_rule_file_that_is_new_counts_as_an_activation_with_its_tests() {
    let policies = verdicts();
    let bench = serve(policies.path()).await;
    let mut states = bench.watch().await;
    let test = "package restrictions.verdicts_test\n\ntest_deny if {\n\tcount(data.restrictions.verdicts.deny) == 1 with input as {\"host\": {\"id\": \"deny\"}}\n}\n";
    write(policies.path(), "rules/verdicts_test.rego", test);
    within(states.message()).await.unwrap();
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_reload_tests_run_total", &[]), 1.0);
    assert_eq!(
        scrape.get("embargo_reloads_total", &[("outcome", "activated")]),
        2.0
    );
    assert_eq!(scrape.get("embargo_snapshot_generation", &[]), 2.0);
    assert_eq!(
        scrape.get("embargo_reload_duration_seconds_count", &[]),
        2.0
    );
}
