//! The management listener: probes and metrics, apart from the port at which decisions are asked for.

use std::time::Duration;

use embargo_proto::v1 as pb;
use embargo_service::{Config, ManagementSettings, Server, ServerError, Settings, Source};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::asker::{self, Answer};
use crate::bench::{Bench, reason, within};
use crate::policies::{ask, ban, host, slow, verdicts, write};
use crate::scrape::{Scrape, managed, serve};

async fn get(bench: &Bench, path: &str) -> Answer {
    asker::get(bench.management.unwrap(), path).await
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[tokio::test]
async fn a_server_is_ready_once_policies_judge_and_says_why_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "rule.rego",
        "package restrictions.broken\n\ndeny contains {\n",
    );
    let bench = serve(folder.path()).await;
    let answer = get(&bench, "/readyz").await;
    assert_eq!(answer.status, 503);
    assert!(text(&answer).starts_with("not ready: no policies are active yet\n  hint: "));
    assert_eq!(get(&bench, "/livez").await.status, 200);
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_ready", &[]), 0.0);
    assert_eq!(
        scrape.get("embargo_reloads_total", &[("outcome", "rejected")]),
        1.0
    );
    assert_eq!(scrape.find("embargo_snapshot_info", &[]), None);

    let sound = "package restrictions.sound\n\ndeny contains \"x\" if input.host.id == \"a\"\n";
    let mut states = bench.watch().await;
    write(folder.path(), "rule.rego", sound);
    within(states.message()).await.unwrap();
    let answer = get(&bench, "/readyz").await;
    assert_eq!((answer.status, text(&answer)), (200, "ready\n"));
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_ready", &[]), 1.0);
    assert_eq!(
        scrape.get("embargo_reloads_total", &[("outcome", "activated")]),
        1.0
    );
    assert_eq!(scrape.get("embargo_snapshot_policies", &[]), 1.0);
}

#[tokio::test]
async fn a_server_that_drains_is_alive_and_not_ready() {
    let policies = slow();
    let patient = Settings {
        policy_budget: Duration::from_secs(5),
        ..managed()
    };
    let mut bench = Bench::start_with(policies.path(), patient).await;
    let mut client = bench.decisions();
    let running = tokio::spawn(async move { client.decide_host(ask(host("h"))).await });
    let mut states = bench.watch().await;
    bench.stop();
    let ended = within(states.message()).await.unwrap_err();
    assert_eq!(reason(&ended).1, "DRAINING");
    let answer = get(&bench, "/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(text(&answer), "not ready: the server is shutting down\n");
    assert_eq!(get(&bench, "/livez").await.status, 200);
    assert_eq!(Scrape::of(&bench).await.get("embargo_draining", &[]), 1.0);
    within(running).await.unwrap().unwrap();
    bench.stopped().await;
}

#[tokio::test]
async fn a_set_that_does_not_load_degrades_and_does_not_unready() {
    let policies = ban();
    let bench = serve(policies.path()).await;
    assert_eq!(Scrape::of(&bench).await.get("embargo_degraded", &[]), 0.0);
    let mut states = bench.watch().await;
    write(
        policies.path(),
        "broken.rego",
        "package restrictions.broken\n\ndeny contains {\n",
    );
    within(states.message()).await.unwrap();
    let scrape = Scrape::of(&bench).await;
    assert_eq!(scrape.get("embargo_degraded", &[]), 1.0);
    assert_eq!(scrape.get("embargo_ready", &[]), 1.0);
    let attempted = scrape.get("embargo_reload_last_attempt_timestamp_seconds", &[]);
    assert!(attempted >= scrape.get("embargo_reload_last_success_timestamp_seconds", &[]));
}

#[tokio::test]
async fn metrics_come_in_the_format_that_is_asked_for() {
    let policies = ban();
    let bench = serve(policies.path()).await;
    let address = bench.management.unwrap();
    let plain = asker::get(address, "/metrics").await;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(plain.headers["content-type"], kind);
    assert!(!text(&plain).contains("# EOF"));
    assert!(text(&plain).contains("# TYPE embargo_decisions_total counter\n"));
    let accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let open = asker::ask(address, "GET", "/metrics", &[("accept", accept)], b"").await;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(open.headers["content-type"], kind);
    assert!(text(&open).ends_with("# EOF\n"));
    assert!(text(&open).contains("# TYPE embargo_decisions counter\n"));
}

#[tokio::test]
async fn other_paths_and_verbs_are_refused() {
    let policies = ban();
    let bench = serve(policies.path()).await;
    let address = bench.management.unwrap();
    for path in ["/", "/v1/hosts:decide", "/metrics/", "/debug/pprof"] {
        assert_eq!(asker::get(address, path).await.status, 404, "{path}");
    }
    assert_eq!(asker::post(address, "/metrics", "{}").await.status, 405);
    let head = asker::ask(address, "HEAD", "/livez", &[], b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn who_sends_half_a_request_has_its_place_for_a_while_only() {
    let policies = ban();
    let settings = Settings {
        management: ManagementSettings {
            connections: 1,
            request_limit: Duration::from_secs(1),
            ..managed().management
        },
        ..managed()
    };
    let bench = Bench::start_with(policies.path(), settings).await;
    let mut stalled = TcpStream::connect(bench.management.unwrap()).await.unwrap();
    stalled.write_all(b"GET /metrics HT").await.unwrap();
    // The one place is taken, and is free again without that whoever has it does anything.
    assert_eq!(get(&bench, "/livez").await.status, 200);
    let mut rest = Vec::new();
    within(stalled.read_to_end(&mut rest)).await.unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn an_address_that_cannot_be_had_is_said_at_the_start() {
    let policies = ban();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        management: ManagementSettings {
            listen: Some(taken.local_addr().unwrap().to_string()),
            ..ManagementSettings::default()
        },
        ..managed()
    };
    let source = Source::Folder(policies.path().to_path_buf());
    let refused = Server::start(source, Config::new(settings).unwrap()).unwrap_err();
    assert!(matches!(refused, ServerError::Management(_)), "{refused}");
    assert!(refused.to_string().contains("as `management.listen` says"));
}

#[tokio::test]
async fn times_of_policies_are_measured_while_somebody_asks() {
    let policies = verdicts();
    let bench = serve(policies.path()).await;
    let address = bench.management.unwrap();
    let asked = tokio::spawn(async move { asker::get(address, "/debug/rules?seconds=2").await });
    // Decisions on other hosts than before, so that none is remembered, until the answer is there.
    let mut number = 0;
    while !asked.is_finished() {
        number += 1;
        let id = format!("host-{number}");
        bench.decide(ask(host(&id))).await.unwrap();
    }
    let answer = asked.await.unwrap();
    assert_eq!(answer.status, 200);
    let told = answer.json();
    let told = told["policies"].as_array().unwrap();
    let policy = |id: &str| told.iter().find(|policy| policy["policy"] == id);
    for id in ["restrictions.verdicts", "restrictions.failing"] {
        let policy = policy(id).unwrap_or_else(|| panic!("{told:?}"));
        let (count, total) = (
            policy["count"].as_u64().unwrap(),
            policy["totalSeconds"].as_f64(),
        );
        assert!(count > 0 && count <= 10 * number, "{policy}");
        let most = policy["maxSeconds"].as_f64().unwrap();
        assert!(
            most > 0.0 && most <= total.unwrap() && most < 1.0,
            "{policy}"
        );
    }
    assert!(!text(&answer).contains("host-"));
    for query in ["seconds=0", "seconds=61", "seconds=x"] {
        let answer = get(&bench, &format!("/debug/rules?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
    }
}

#[tokio::test]
async fn times_of_policies_can_be_switched_off() {
    let policies = ban();
    let settings = Settings {
        management: ManagementSettings {
            rule_times: false,
            ..managed().management
        },
        ..managed()
    };
    let bench = Bench::start_with(policies.path(), settings).await;
    assert_eq!(get(&bench, "/debug/rules?seconds=1").await.status, 403);
    let request = pb::GetSnapshotRequest {};
    bench.policies().get_snapshot(request).await.unwrap();
}
