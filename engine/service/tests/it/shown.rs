//! PolicyService: what is active is shown, and other bundles are tried out.

use std::fs;

use embargo_proto::v1 as pb;
use embargo_service::Source;

use crate::bench::{Bench, NOW, reason, settings, timestamp, within};
use crate::policies::{ban, host, stamped, write, write_stamped};

#[tokio::test]
async fn the_shipped_set_is_listed_page_by_page() {
    let bench = Bench::serve(Source::Embedded, settings()).await;
    let mut client = bench.policies();
    let mut request = pb::ListPoliciesRequest {
        page_size: 7,
        ..Default::default()
    };
    let mut ids = Vec::new();
    loop {
        let page = client
            .list_policies(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert!(page.policies.len() <= 7);
        assert_eq!(page.snapshot.unwrap().snapshot_id, bench.snapshot_id());
        ids.extend(page.policies.into_iter().map(|policy| policy.policy_id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let active = bench.started_with.active.as_ref().unwrap();
    let wanted: Vec<&str> = active
        .snapshot
        .policies()
        .iter()
        .map(|policy| &*policy.id)
        .collect();
    assert_eq!(ids, wanted);
    request = pb::ListPoliciesRequest::default();
    let all = client.list_policies(request).await.unwrap().into_inner();
    assert_eq!(all.policies.len(), wanted.len().min(50));
}

#[tokio::test]
async fn a_page_token_ends_with_its_snapshot() {
    let root = tempfile::tempdir().unwrap();
    write_stamped(root.path(), "v1");
    let bench = Bench::start(root.path()).await;
    let mut client = bench.policies();
    let mut request = pb::ListPoliciesRequest {
        page_size: 1,
        ..Default::default()
    };
    let first = client
        .list_policies(request.clone())
        .await
        .unwrap()
        .into_inner();
    request.page_token = first.next_page_token;
    assert!(client.list_policies(request.clone()).await.is_ok());
    let mut states = client
        .watch_snapshot(pb::WatchSnapshotRequest {})
        .await
        .unwrap()
        .into_inner();
    write_stamped(root.path(), "v2");
    while within(states.message())
        .await
        .unwrap()
        .unwrap()
        .active
        .unwrap()
        .r#ref
        .unwrap()
        .generation
        < 2
    {}
    let status = client.list_policies(request).await.unwrap_err();
    assert_eq!(reason(&status).1, "PAGE_TOKEN_INVALID");
}

#[tokio::test]
async fn a_policy_is_shown_with_its_rules_and_instruments_without_tests() {
    let policies = ban();
    write(
        policies.path(),
        "instruments/ban/rule_test.rego",
        "package restrictions.ban_test\n\ntest_x if true\n",
    );
    let bench = Bench::start(policies.path()).await;
    let request = pb::GetPolicyRequest {
        policy_id: "restrictions.ban".to_owned(),
    };
    let answer = bench
        .policies()
        .get_policy(request)
        .await
        .unwrap()
        .into_inner();
    let policy = answer.policy.unwrap();
    assert_eq!(policy.title, "No Acme");
    assert_eq!(policy.description, "Acme is banned.");
    assert_eq!(policy.path, "instruments/ban");
    assert_eq!(policy.instrument_ids, ["ban"]);
    let paths: Vec<&str> = answer
        .sources
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "instruments/ban/instrument.yaml",
            "instruments/ban/rule.rego"
        ]
    );
    let on_disk = fs::read(policies.path().join(paths[1])).unwrap();
    assert_eq!(answer.sources[1].content, on_disk);
}

#[tokio::test]
async fn the_snapshot_says_what_it_holds_and_when_it_became_active() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = pb::GetSnapshotRequest {};
    let answer = bench
        .policies()
        .get_snapshot(request)
        .await
        .unwrap()
        .into_inner();
    let active = answer.active.unwrap();
    let counts = (
        active.policy_count,
        active.instrument_count,
        active.product_count,
    );
    assert_eq!(counts, (1, 1, 1));
    assert_eq!(active.activate_time, Some(timestamp(NOW)));
    let snapshot = active.r#ref.unwrap();
    assert_eq!(
        (snapshot.snapshot_id, snapshot.generation),
        (bench.snapshot_id(), 1)
    );
    let reload = answer.last_reload.unwrap();
    assert_eq!(reload.state(), pb::reload::State::Activated);
}

#[tokio::test]
async fn a_bundle_is_compiled_without_becoming_active() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let mut client = bench.policies();
    let files: Vec<pb::SourceFile> = stamped("v1")
        .into_iter()
        .map(|(path, content)| pb::SourceFile {
            path,
            content: content.into_bytes(),
        })
        .collect();
    let request = pb::ValidateBundleRequest { files };
    let good = client
        .validate_bundle(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(good.snapshot_id.len(), 64);
    assert_ne!(good.snapshot_id, bench.snapshot_id());

    let mut broken = request;
    broken.files[0].content =
        b"package restrictions.left\n\ndeny contains \"x\" if {\n\tinput.host.id ==\n}\n".to_vec();
    let bad = client.validate_bundle(broken).await.unwrap().into_inner();
    assert!(bad.snapshot_id.is_empty());
    let remark = &bad.diagnostics[0];
    assert_eq!(remark.severity(), pb::diagnostic::Severity::Error);
    let span = remark.span.as_ref().unwrap();
    assert_eq!(span.path, "rules/left.rego");
    assert!(span.start_line >= 4);

    let request = pb::GetSnapshotRequest {};
    let now = client.get_snapshot(request).await.unwrap().into_inner();
    assert_eq!(
        now.active.unwrap().r#ref.unwrap().snapshot_id,
        bench.snapshot_id()
    );
}

#[tokio::test]
async fn software_is_identified_as_a_decision_would_find_it() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = pb::IdentifySoftwareRequest {
        software: host("h").software,
        ..Default::default()
    };
    let answer = bench
        .policies()
        .identify_software(request.clone())
        .await
        .unwrap()
        .into_inner();
    let [found] = answer.identifications.as_slice() else {
        panic!("{:?}", answer.identifications);
    };
    assert_eq!(found.software.as_ref().unwrap().index, 1);
    assert_eq!(found.product_id, "acme.shield");
    assert_eq!(found.vendor_id, "acme");
    assert_eq!(found.product_class, "antivirus");
    assert_eq!(found.strength(), pb::evidence::Strength::Strong);
    assert_eq!(answer.snapshot.unwrap().snapshot_id, bench.snapshot_id());

    let mut bad = request.clone();
    bad.software[2].name.clear();
    let status = bench.policies().identify_software(bad).await.unwrap_err();
    assert_eq!(reason(&status).1, "FACTS_INVALID");
    assert_eq!(crate::bench::fields(&status), ["software[2].name"]);
    let mut other = request;
    other.require_snapshot_id = "other".to_owned();
    let status = bench.policies().identify_software(other).await.unwrap_err();
    assert_eq!(reason(&status).1, "SNAPSHOT_MISMATCH");
}

#[tokio::test]
async fn a_server_without_an_executable_refuses_to_run_tests_in_words() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let request = pb::RunPolicyTestsRequest::default();
    let status = bench
        .policies()
        .run_policy_tests(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    assert!(status.message().contains("embargo test"));
}
