//! DecideInventory: documents as MDM systems write them.

use embargo_proto::v1 as pb;
use pb::inventory_result::Result as Answer;
use tonic::{Code, Status};

use crate::bench::{Bench, NOW, reason, timestamp};
use crate::policies::ban;

/// Two hosts of Fleet: one with what is banned, one with a record that is no object.
const HOSTS: &str = r#"[
  {"host": {"uuid": "H1", "platform": "darwin", "software": [
    {"name": "Acme Shield.app", "version": "3.1", "source": "apps", "bundle_identifier": "com.acme.shield"}]}},
  {"host": {"uuid": "H2", "platform": "darwin", "software": [
    {"name": "Editor.app", "source": "apps", "bundle_identifier": "org.example.editor"}, 7]}},
  {"host": {"uuid": "H3", "hardware_serial": "S", "platform": "darwin"}}
]"#;
/// A status file of dpkg, which names no host.
const STATUS: &str = "Package: editor\nStatus: install ok installed\nVersion: 1\n";

fn request(document: &str) -> pb::DecideInventoryRequest {
    pb::DecideInventoryRequest {
        document: document.as_bytes().to_vec(),
        ..Default::default()
    }
}

async fn decide(
    bench: &Bench,
    request: pb::DecideInventoryRequest,
) -> Result<pb::DecideInventoryResponse, Status> {
    let answer = bench.decisions().decide_inventory(request).await?;
    Ok(answer.into_inner())
}

fn decision(result: &pb::InventoryResult) -> &pb::Decision {
    match result.result.as_ref().unwrap() {
        Answer::Decision(decision) => decision,
        Answer::Error(status) => panic!("{status:?}"),
    }
}

#[tokio::test]
async fn the_hosts_of_a_document_are_judged_and_what_could_not_be_read_is_never_allowed() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let answer = decide(&bench, request(HOSTS)).await.unwrap();
    assert_eq!(answer.format, "fleet");
    let told: Vec<(&str, u32, u32, usize, pb::Effect)> = answer
        .results
        .iter()
        .map(|host| {
            let effect = decision(host).effect();
            (
                host.host_id.as_str(),
                host.record_count,
                host.software_count,
                host.remarks.len(),
                effect,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("H1", 1, 1, 0, pb::Effect::Deny),
            ("H2", 2, 1, 1, pb::Effect::Indeterminate),
            ("H3", 0, 0, 0, pb::Effect::Indeterminate),
        ]
    );
    let remark = &answer.results[1].remarks[0];
    assert_eq!(remark.kind(), pb::inventory_remark::Kind::Unread);
    assert_eq!(remark.place, "[1].host.software[1]");
    assert_eq!(answer.evaluate_time, Some(timestamp(NOW)));
    assert_eq!(answer.snapshot.unwrap().snapshot_id, bench.snapshot_id());
}

#[tokio::test]
async fn what_the_caller_knows_completes_the_document() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let about = pb::HostFacts {
        host_id: "server-1".to_owned(),
        ..Default::default()
    };
    let named = pb::DecideInventoryRequest {
        format: "dpkg".to_owned(),
        about: Some(about),
        ..request(STATUS)
    };
    let answer = decide(&bench, named).await.unwrap();
    assert_eq!(answer.results[0].host_id, "server-1");
    assert_eq!(decision(&answer.results[0]).effect(), pb::Effect::Allow);

    // Without a name there is no host, and no decision on it.
    let answer = decide(&bench, request(STATUS)).await.unwrap();
    let Some(Answer::Error(status)) = &answer.results[0].result else {
        panic!("{answer:?}");
    };
    assert_eq!(status.code, i32::from(Code::InvalidArgument));
    assert!(
        status.message.contains("facts.host_id"),
        "{}",
        status.message
    );
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_an_error_without_facts() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for (document, keys) in [
        (
            "{\"host\": {\"uuid\": \"very-secret\",\n \"uuid\": 1}}",
            true,
        ),
        ("{\"secret\": {}}", true),
        (" ", false),
    ] {
        let status = decide(&bench, request(document)).await.unwrap_err();
        let (code, reason, details) = reason(&status);
        assert_eq!(
            (code, reason.as_str()),
            (Code::InvalidArgument, "INVENTORY_INVALID")
        );
        let metadata = &details.error_info().unwrap().metadata;
        assert_eq!(metadata.contains_key("line"), keys, "{document}");
        assert!(!status.message().contains("secret"), "{}", status.message());
    }
    let wrong = pb::DecideInventoryRequest {
        format: "florp".to_owned(),
        ..request(STATUS)
    };
    let software = pb::DecideInventoryRequest {
        about: Some(crate::policies::host("h")),
        ..request(STATUS)
    };
    let unnamed = pb::DecideInventoryRequest {
        about: Some(pb::HostFacts {
            host_id: "h".to_owned(),
            ..Default::default()
        }),
        ..request(r#"[{"host": {"software": []}}, {"host": {"software": []}}]"#)
    };
    let endless = pb::DecideInventoryRequest {
        about: Some(pb::HostFacts {
            groups: vec!["g".to_owned(); 1_001],
            ..Default::default()
        }),
        ..request(HOSTS)
    };
    for (request, wanted, said) in [
        (endless, "FACTS_INVALID", "about.groups"),
        (unnamed, "FACTS_INVALID", "leaves 2 without a name"),
        (wrong, "REQUEST_INVALID", "known format"),
        (request(""), "REQUEST_INVALID", "`document`"),
        (software, "FACTS_INVALID", "software"),
    ] {
        let status = decide(&bench, request).await.unwrap_err();
        assert_eq!(reason(&status).1, wanted);
        assert!(status.message().contains(said), "{}", status.message());
    }
    let many = format!(
        "[{}]",
        vec![r#"{"host": {"uuid": "H", "software": []}}"#; 1_001].join(",")
    );
    let status = decide(&bench, request(&many)).await.unwrap_err();
    assert_eq!(reason(&status).1, "BATCH_TOO_LARGE");
}
