//! The limits that answers keep to, each at its edge.

use std::time::Duration;

use embargo_core::instant::Instant;
use embargo_proto::v1 as pb;
use embargo_service::Settings;
use prost_types::ListValue;
use prost_types::value::Kind;
use tempfile::TempDir;
use tonic::Code;

use super::attributes::{object, value};
use crate::bench::{Bench, NOW, reason, settings, timestamp};
use crate::policies::{ask, ban, clean_host, host, item, write};

/// Policies of one rule, which may say whatever it likes of facts.
async fn ruled(rule: &str) -> (TempDir, Bench) {
    let root = tempfile::tempdir().unwrap();
    write(root.path(), "rule.rego", rule);
    let bench = Bench::start(root.path()).await;
    let last = &bench.started_with.last_reload;
    assert!(bench.started_with.active.is_some(), "{last:?}");
    (root, bench)
}

fn file(path: &str, content: &str) -> pb::SourceFile {
    pb::SourceFile {
        path: path.to_owned(),
        content: content.as_bytes().to_vec(),
    }
}

async fn remarks(bench: &Bench, files: Vec<pb::SourceFile>) -> Vec<pb::Diagnostic> {
    let request = pb::ValidateBundleRequest { files };
    let answer = bench.policies().validate_bundle(request).await.unwrap();
    answer.into_inner().diagnostics
}

#[tokio::test]
async fn of_many_fields_at_fault_the_first_sixteen_are_named() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for count in [16, 17, 1_000] {
        let mut facts = clean_host("h");
        facts.software = vec![item(""); count];
        let request = pb::IdentifySoftwareRequest {
            software: facts.software.clone(),
            ..Default::default()
        };
        let refused = [
            bench.decide(ask(facts)).await.unwrap_err(),
            bench
                .policies()
                .identify_software(request)
                .await
                .unwrap_err(),
        ];
        for status in refused {
            let (code, reason, details) = reason(&status);
            assert_eq!((code, &*reason), (Code::InvalidArgument, "FACTS_INVALID"));
            let named = &details.bad_request().unwrap().field_violations;
            assert_eq!(named.len(), 16);
            assert!(named[15].field.ends_with("software[15].name"));
            let more = format!("(and {} more)", count - 1);
            assert!(status.message().contains(&more), "{status:?}");
        }
    }
}

#[tokio::test]
async fn digests_are_64_hexadecimal_digits() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    let decision = bench.decide(ask(host("h"))).await.unwrap();
    for id in [
        &decision.decision_id,
        &decision.snapshot_id,
        &bench.snapshot_id(),
    ] {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        assert!(id.len() == 64 && id.bytes().all(is_digit), "{id}");
    }
}

#[tokio::test]
async fn a_finding_keeps_its_texts_to_their_length_or_the_policy_fails() {
    let rule = "package restrictions.r\n\nwarn contains {\"message\": a.message, \"detail\": a.detail, \
                \"remediation\": a.remediation} if a := input.host.attributes\n";
    let (_root, bench) = ruled(rule).await;
    let limits = [
        ("message", 1_024),
        ("detail", 4_096),
        ("remediation", 1_024),
    ];
    for beyond in [None, Some("message"), Some("detail"), Some("remediation")] {
        let text = |(name, most): (&str, usize)| {
            let length = most + usize::from(beyond == Some(name));
            (
                name.to_owned(),
                value(Kind::StringValue("x".repeat(length))),
            )
        };
        let mut facts = clean_host("h");
        facts.attributes = Some(prost_types::Struct {
            fields: limits.map(text).into(),
        });
        let decision = bench.decide(ask(facts)).await.unwrap();
        match beyond {
            None => {
                let finding = &decision.findings[0];
                let lengths = [&finding.message, &finding.detail, &finding.remediation];
                assert_eq!(lengths.map(String::len), [1_024, 4_096, 1_024]);
            }
            Some(field) => {
                assert_eq!(decision.effect(), pb::Effect::Indeterminate, "{field}");
                assert_eq!(
                    decision.failures[0].kind(),
                    pb::FailureKind::MalformedResult
                );
            }
        }
    }
}

#[tokio::test]
async fn of_many_missing_facts_a_hundred_are_named() {
    let rule = "package restrictions.r\n\nreview contains {\"message\": \"x\", \"missing\": [path]} if {\n\t\
                some path in input.host.attributes.paths\n}\n";
    let (_root, bench) = ruled(rule).await;
    for count in [99, 100, 101, 300] {
        let path = |at| value(Kind::StringValue(format!("host.fact_{at:03}")));
        let values = (1..=count).map(path).collect();
        let list = value(Kind::ListValue(ListValue { values }));
        let mut facts = clean_host("h");
        facts.attributes = Some(object("paths", list));
        let decision = bench.decide(ask(facts)).await.unwrap();
        assert_eq!(decision.failures, [], "{decision:?}");
        assert_eq!(decision.missing_facts.len(), count.min(100));
        assert_eq!(decision.missing_facts[98], "host.fact_099");
    }
}

#[tokio::test]
async fn an_instrument_has_sixteen_citations_at_most() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for (count, is_sound) in [(16, true), (17, false)] {
        let citations = vec!["{title: T, url: \"https://example.org/t\"}"; count].join(", ");
        let instrument = format!(
            "id: i\ntitle: T\nissuer: I\ncitations: [{citations}]\nphases:\n  - {{id: p, from: 2025-01-01T00:00:00Z, actions: \
             [use], effect: warn, basis: published, provenance: own}}\n"
        );
        let rule = "package restrictions.r\n\nwarn contains \"x\" if input.action == \"use\"\n";
        let files = vec![
            file("instruments/i/instrument.yaml", &instrument),
            file("r.rego", rule),
        ];
        let remarks = remarks(&bench, files).await;
        let errors: Vec<_> = remarks
            .iter()
            .filter(|one| one.severity() == pb::diagnostic::Severity::Error)
            .collect();
        assert_eq!(errors.is_empty(), is_sound, "{count}: {errors:?}");
    }
}

#[tokio::test]
async fn the_id_of_a_policy_has_256_bytes_at_most() {
    let policies = ban();
    let bench = Bench::start(policies.path()).await;
    for (bytes, is_sound) in [(256, true), (257, false)] {
        let name = "x".repeat(bytes - "restrictions.".len());
        let rule = format!(
            "package restrictions.{name}\n\nwarn contains \"x\" if input.action == \"use\"\n"
        );
        let remarks = remarks(&bench, vec![file("r.rego", &rule)]).await;
        assert_eq!(remarks.is_empty(), is_sound, "{bytes}: {remarks:?}");
        if let [remark] = remarks.as_slice() {
            assert_eq!(remark.code, "rego-package");
            assert!(remark.message.contains("257 bytes"), "{remark:?}");
        }
    }
}

#[tokio::test]
async fn of_many_remarks_two_hundred_are_told() {
    let root = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for at in 0..201 {
        let path = format!("{at}.rego");
        write(root.path(), &path, "package");
        files.push(file(&path, "package"));
    }
    let bench = Bench::start(root.path()).await;
    assert_eq!(remarks(&bench, files.clone()).await.len(), 200);
    files.truncate(200);
    assert_eq!(remarks(&bench, files).await.len(), 200);
    let answer = bench
        .policies()
        .get_snapshot(pb::GetSnapshotRequest {})
        .await
        .unwrap();
    assert_eq!(
        answer.into_inner().last_reload.unwrap().diagnostics.len(),
        200
    );
}

#[tokio::test]
async fn a_timeline_ends_after_500_segments_and_goes_on_from_there() {
    let start = timestamp(NOW);
    let second = |at: i64| Instant::from_unix(start.seconds + at, 0).unwrap();
    let root = tempfile::tempdir().unwrap();
    // Ten policies that turn in turn, since each looks at all of its phases.
    for policy in 0..10 {
        let phases = (0..60).map(|phase| {
            let at = 1 + 10 * phase + policy;
            format!(
                "  - {{id: p-{at}, from: {}, until: {}, actions: [presence], effect: warn, basis: \
                 published, provenance: own}}\n",
                second(at),
                second(at + 1)
            )
        });
        let phases: String = phases.collect();
        let folder = format!("instruments/i-{policy}");
        let instrument = format!("id: i-{policy}\ntitle: T\nissuer: I\nphases:\n{phases}");
        write(
            root.path(),
            &format!("{folder}/instrument.yaml"),
            &instrument,
        );
        let rule = format!(
            "# METADATA\n# custom: {{instrument: i-{policy}}}\npackage restrictions.r{policy}\n\nwarn \
             contains {{\"message\": phase.id}} if {{\n\tsome phase in \
             data.instruments[\"i-{policy}\"].phases\n\tphase.from_ns <= input.now_ns\n\tnot \
             phase.until_ns <= input.now_ns\n}}\n"
        );
        write(root.path(), &format!("{folder}/rule.rego"), &rule);
    }
    let patient = Settings {
        policy_budget: Duration::from_secs(20),
        decision_budget: Duration::from_secs(60),
        ..settings()
    };
    let bench = Bench::start_with(root.path(), patient).await;
    let last = &bench.started_with.last_reload;
    assert!(bench.started_with.active.is_some(), "{last:?}");
    let end = prost_types::Timestamp {
        seconds: start.seconds + 1_000,
        ..start
    };
    let mut request = pb::ComputeDecisionTimelineRequest {
        facts: Some(clean_host("h")),
        start_time: Some(start),
        end_time: Some(end),
        ..Default::default()
    };
    let mut counts = Vec::new();
    loop {
        let answer = bench
            .decisions()
            .compute_decision_timeline(request.clone())
            .await;
        let answer = answer.unwrap().into_inner();
        counts.push(answer.segments.len());
        let last = answer.segments.last().unwrap().end_time;
        if answer.truncate_time.is_none() {
            assert_eq!(last, request.end_time);
            break;
        }
        assert_eq!(last, answer.truncate_time);
        request.start_time = answer.truncate_time;
    }
    // What comes before them, the phases, and what comes after.
    assert_eq!(counts, [500, 102]);
}

#[tokio::test]
async fn a_page_holds_50_policies_or_1000_at_most() {
    let root = tempfile::tempdir().unwrap();
    for at in 0..1_001 {
        let rule = format!(
            "package restrictions.r{at}\n\nwarn contains \"x\" if input.action == \"use\"\n"
        );
        write(root.path(), &format!("{at}.rego"), &rule);
    }
    let bench = Bench::start(root.path()).await;
    for (page_size, listed) in [
        (0, 50),
        (1, 1),
        (1_000, 1_000),
        (1_001, 1_000),
        (i32::MAX, 1_000),
    ] {
        let request = pb::ListPoliciesRequest {
            page_size,
            ..Default::default()
        };
        let page = bench
            .policies()
            .list_policies(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(page.policies.len(), listed, "{page_size}");
    }
}
