//! RunPolicyTests and ValidateBundle of a real server, whose confined processes are its own
//! executable.

use std::time::{Duration, Instant};

use embargo_proto::v1 as pb;
use pb::policy_service_client::PolicyServiceClient;
use pb::run_policy_tests_response::{Event, TestResult, TestSummary};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use crate::process::Server;
use crate::support::{folder, run};

const RULE: &str = "package restrictions.a

deny contains \"x\" if input.action == \"use\"
";

const RULE_TEST: &str = "package restrictions.a_test

import data.restrictions.a

test_denies if count(a.deny) == 1 with input as {\"action\": \"use\"}

test_fixture if count(a.deny) == 1 with input as data.testdata.use

test_wrong if count(a.deny) == 2 with input as {\"action\": \"use\"}
";

/// Does not end of itself.
const ENDLESS: &str = "package restrictions.b_test

test_endless if {
	xs := [1, 2, 3, 4, 5, 6, 7, 8, 9]
	some a in xs
	some b in xs
	some c in xs
	some d in xs
	some e in xs
	some f in xs
	some g in xs
	some h in xs
	some i in xs
	a + b + c + d + e + f + g + h + i == 0
}
";

fn files(files: &[(&str, &str)]) -> Vec<pb::SourceFile> {
    let files = files.iter().map(|(path, text)| pb::SourceFile {
        path: (*path).to_owned(),
        content: text.as_bytes().to_vec(),
    });
    files.collect()
}

async fn client(server: &Server) -> PolicyServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(server.url.clone()).unwrap();
    PolicyServiceClient::new(endpoint.connect().await.unwrap())
}

/// Results and summary of a run, or why it did not end.
async fn tested(
    client: &mut PolicyServiceClient<Channel>,
    files: Vec<pb::SourceFile>,
    name_contains: &str,
) -> Result<(Vec<TestResult>, TestSummary), Status> {
    let request = pb::RunPolicyTestsRequest {
        files,
        name_contains: name_contains.to_owned(),
    };
    let mut events = client.run_policy_tests(request).await?.into_inner();
    let mut results = Vec::new();
    let mut summary = None;
    while let Some(event) = events.message().await? {
        assert!(summary.is_none(), "the summary comes last");
        match event.event.unwrap() {
            Event::Result(result) => results.push(result),
            Event::Summary(sum) => summary = Some(sum),
        }
    }
    results.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((results, summary.unwrap()))
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

#[tokio::test]
async fn tests_of_a_bundle_run_with_its_fixtures_and_tell_why_they_fail() {
    let policies = folder(&[("a.rego", RULE)]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let sent = files(&[
        ("a.rego", RULE),
        ("a_test.rego", RULE_TEST),
        ("testdata/use.json", "{\"action\": \"use\"}"),
    ]);
    let (results, summary) = tested(&mut client, sent.clone(), "").await.unwrap();
    let passed: Vec<(&str, bool)> = results
        .iter()
        .map(|result| (result.name.as_str(), result.passed))
        .collect();
    let wanted = [
        ("restrictions.a_test.test_denies", true),
        ("restrictions.a_test.test_fixture", true),
        ("restrictions.a_test.test_wrong", false),
    ];
    assert_eq!(passed, wanted);
    assert_eq!((summary.passed_count, summary.failed_count), (2, 1));
    let failure = results[2].failure.as_ref().unwrap();
    assert_eq!(failure.code, "test-failed");
    assert!(failure.message.contains("count(a.deny) = 1"), "{failure:?}");
    assert_eq!(failure.span.as_ref().unwrap().start_line, 9);
    assert!(results[0].duration.is_some() && results[0].failure.is_none());

    let validated = client
        .validate_bundle(pb::ValidateBundleRequest {
            files: sent.clone(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(validated.snapshot_id, summary.snapshot_id);
    let (results, _) = tested(&mut client, sent, "fixture").await.unwrap();
    assert_eq!(results.len(), 1);
}

#[tokio::test]
async fn what_is_active_is_tested_without_the_tests_that_need_fixtures() {
    let passing = RULE_TEST.split("test_wrong").next().unwrap();
    let policies = folder(&[
        ("a.rego", RULE),
        ("a_test.rego", passing),
        ("testdata/use.json", "{\"action\": \"use\"}"),
    ]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let (results, summary) = tested(&mut client, Vec::new(), "").await.unwrap();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].name, "restrictions.a_test.test_denies");
    let active = client
        .get_snapshot(pb::GetSnapshotRequest {})
        .await
        .unwrap()
        .into_inner();
    let active = active.active.unwrap().r#ref.unwrap();
    assert_eq!(summary.snapshot_id, active.snapshot_id);
    let policy = client
        .get_policy(pb::GetPolicyRequest {
            policy_id: "restrictions.a".to_owned(),
        })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(policy.sources.len(), 1, "{:?}", policy.sources);
}

#[tokio::test]
async fn what_cannot_run_is_refused_with_its_reason() {
    let policies = folder(&[("a.rego", RULE)]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let broken = files(&[("a.rego", "package restrictions.a\n\ndeny contains x if y\n")]);
    let refused = tested(&mut client, broken, "").await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(reason(&refused), "BUNDLE_REJECTED");
    let metadata = refused.get_details_error_info().unwrap().metadata;
    assert_ne!(metadata.get("errorCount").unwrap(), "0");
    let outside = files(&[("../a.rego", RULE)]);
    let refused = tested(&mut client, outside, "").await.unwrap_err();
    assert_eq!(reason(&refused), "BUNDLE_INVALID");
}

#[tokio::test]
async fn a_name_has_at_most_256_bytes() {
    let policies = folder(&[("a.rego", RULE)]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let most = tested(&mut client, Vec::new(), &"x".repeat(256)).await;
    assert_eq!(most.unwrap().0.len(), 0);
    let more = tested(&mut client, Vec::new(), &"x".repeat(257)).await;
    assert_eq!(reason(&more.unwrap_err()), "REQUEST_INVALID");
}

/// Processes whose parent is the server.
fn children(server: &Server) -> Vec<u32> {
    let parent = server.process.id().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let behind = stat.rsplit(')').next().unwrap_or_default();
        if behind.split_whitespace().nth(1) == Some(&parent) {
            found.extend(entry.file_name().to_string_lossy().parse::<u32>().ok());
        }
    }
    found
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_test_that_does_not_end_ends_with_its_caller_and_two_run_at_a_time() {
    let policies = folder(&[("a.rego", RULE)]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let request = pb::RunPolicyTestsRequest {
        files: files(&[("a.rego", RULE), ("b_test.rego", ENDLESS)]),
        name_contains: String::new(),
    };
    let first = client.run_policy_tests(request.clone()).await.unwrap();
    let second = client.run_policy_tests(request.clone()).await.unwrap();
    until("two run", || children(&server).len() == 2).await;
    let third = client.run_policy_tests(request.clone()).await.unwrap_err();
    assert_eq!(reason(&third), "OVERLOADED");
    let limit = third.get_details_error_info().unwrap().metadata;
    assert_eq!(limit.get("limit").unwrap(), "bundle-compilations");
    drop((first, second));
    until("none is left", || children(&server).is_empty()).await;

    let mut short = Request::new(request);
    short.set_timeout(Duration::from_millis(700));
    let begun = Instant::now();
    let mut events = client.run_policy_tests(short).await.unwrap().into_inner();
    let ended = events.message().await.unwrap_err();
    assert_eq!(ended.code(), Code::DeadlineExceeded);
    assert!(begun.elapsed() < Duration::from_secs(5));
    until("none is left", || children(&server).is_empty()).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_process_that_dies_is_an_error_and_no_summary() {
    let policies = folder(&[("a.rego", RULE)]);
    let server = Server::start_with(&["-d", policies.path().to_str().unwrap()]);
    let mut client = client(&server).await;
    let request = pb::RunPolicyTestsRequest {
        files: files(&[("a.rego", RULE), ("b_test.rego", ENDLESS)]),
        name_contains: String::new(),
    };
    let mut events = client.run_policy_tests(request).await.unwrap().into_inner();
    until("it runs within its memory", || {
        children(&server).iter().any(|child| {
            let limits = std::fs::read_to_string(format!("/proc/{child}/limits"));
            let limits = limits.unwrap_or_default();
            let memory = limits
                .lines()
                .find(|line| line.starts_with("Max address space"));
            memory.is_some_and(|line| line.contains(&(2_u64 << 30).to_string()))
        })
    })
    .await;
    for child in children(&server) {
        let killed = std::process::Command::new("kill")
            .args(["-KILL", &child.to_string()])
            .status();
        assert!(killed.unwrap().success());
    }
    let ended = events.message().await.unwrap_err();
    assert_eq!(reason(&ended), "SERVER_FAULT");
    let ran = run(&["decide", "--example", "--server", &server.url]);
    assert_ne!(ran.out, "", "the server decides all the same: {}", ran.err);
}
