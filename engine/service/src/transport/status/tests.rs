use super::*;

fn every_refusal() -> Vec<(Refusal, Code, &'static str, &'static [&'static str])> {
    let violation = Violation::new("software[17].sha256", "has 20 bytes, and must have 32");
    let facts = FactsInvalid {
        violations: vec![violation],
        total: 3,
    };
    let bundle = BundleInvalid {
        path: Some("../waivers/all.yaml".to_owned()),
        cause: "the path is malformed".to_owned(),
        hint: "write it relative to the root",
    };
    let mismatch = Refusal::SnapshotMismatch {
        required: "a".to_owned(),
        active: "b".to_owned(),
    };
    let policy_id = "restrictions.gone".to_owned();
    let too_large = Refusal::BatchTooLarge {
        items: 1_200,
        most: 1_000,
    };
    vec![
        (
            Refusal::facts(facts, "facts."),
            Code::InvalidArgument,
            "FACTS_INVALID",
            &[],
        ),
        (
            Refusal::field("page_size", "is -1"),
            Code::InvalidArgument,
            "REQUEST_INVALID",
            &[],
        ),
        (
            too_large,
            Code::InvalidArgument,
            "BATCH_TOO_LARGE",
            &["itemCount", "maxItemCount"],
        ),
        (
            Refusal::PageTokenInvalid,
            Code::InvalidArgument,
            "PAGE_TOKEN_INVALID",
            &[],
        ),
        (
            Refusal::InventoryInvalid {
                message: "the document is not sound JSON".to_owned(),
                place: Some((3, 7)),
            },
            Code::InvalidArgument,
            "INVENTORY_INVALID",
            &["column", "line"],
        ),
        (
            Refusal::BundleInvalid(bundle),
            Code::InvalidArgument,
            "BUNDLE_INVALID",
            &["path"],
        ),
        (
            Refusal::BundleRejected { errors: 3 },
            Code::InvalidArgument,
            "BUNDLE_REJECTED",
            &["errorCount"],
        ),
        (
            Refusal::PolicyNotFound { policy_id },
            Code::NotFound,
            "POLICY_NOT_FOUND",
            &["policyId"],
        ),
        (
            mismatch,
            Code::FailedPrecondition,
            "SNAPSHOT_MISMATCH",
            &["activeSnapshotId", "requiredSnapshotId"],
        ),
        (Refusal::NoSnapshot, Code::Unavailable, "NO_SNAPSHOT", &[]),
        (Refusal::Draining, Code::Unavailable, "DRAINING", &[]),
        (
            Refusal::Overloaded(Limit::QueuedCalls),
            Code::ResourceExhausted,
            "OVERLOADED",
            &["limit"],
        ),
        (
            Refusal::DecisionLogUnavailable,
            Code::Unavailable,
            "DECISION_LOG_UNAVAILABLE",
            &[],
        ),
        (
            Refusal::RateLimited {
                rate: Rate::Calls,
                wait: Duration::from_micros(1_234_567),
            },
            Code::ResourceExhausted,
            "RATE_LIMITED",
            &["limit"],
        ),
        (
            Refusal::AnswerTooLarge { most: 16_777_216 },
            Code::ResourceExhausted,
            "ANSWER_TOO_LARGE",
            &["maxByteCount"],
        ),
        (
            Refusal::DeadlinePassed,
            Code::DeadlineExceeded,
            "DEADLINE_PASSED",
            &[],
        ),
        (Refusal::ServerFault, Code::Internal, "SERVER_FAULT", &[]),
        (
            Refusal::CredentialsMissing,
            Code::Unauthenticated,
            "CREDENTIALS_MISSING",
            &[],
        ),
        (
            Refusal::CredentialsInvalid(Cause::Expired),
            Code::Unauthenticated,
            "CREDENTIALS_INVALID",
            &["cause"],
        ),
        (
            Refusal::CredentialsInvalid(Cause::ClaimMissing("exp")),
            Code::Unauthenticated,
            "CREDENTIALS_INVALID",
            &["cause", "claim"],
        ),
        (
            Refusal::ScopeMissing(Scope::Explain),
            Code::PermissionDenied,
            "SCOPE_MISSING",
            &["scope"],
        ),
    ]
}

#[test]
fn every_refusal_has_the_code_the_reason_and_the_metadata_of_the_contract() {
    for (refusal, code, reason, keys) in every_refusal() {
        let item = refusal.clone().into_item();
        let status = refusal.into_status();
        assert_eq!(status.code(), code, "{reason}");
        let details = status.get_error_details();
        let info = details.error_info().expect(reason);
        assert_eq!(info.reason, reason);
        assert_eq!(info.domain, "embargo.v1");
        let mut found: Vec<&str> = info.metadata.keys().map(String::as_str).collect();
        found.sort_unstable();
        assert_eq!(found, keys, "{reason}");
        let is_bad_request = matches!(reason, "FACTS_INVALID" | "REQUEST_INVALID");
        assert_eq!(details.bad_request().is_some(), is_bad_request, "{reason}");
        let may_be_repeated = matches!(
            reason,
            "OVERLOADED" | "RATE_LIMITED" | "DECISION_LOG_UNAVAILABLE"
        );
        assert_eq!(details.retry_info().is_some(), may_be_repeated, "{reason}");
        assert_eq!(item.code, i32::from(code));
        assert_eq!(item.message, status.message());
        assert!(!item.details.is_empty());
    }
}

#[test]
fn a_field_is_named_from_the_request_down() {
    let (refusal, ..) = every_refusal().remove(0);
    let status = refusal.into_status();
    assert_eq!(
        status.message(),
        "`facts.software[17].sha256` has 20 bytes, and must have 32 (and 2 more)"
    );
    let details = status.get_error_details();
    let fields = &details.bad_request().unwrap().field_violations;
    assert_eq!(fields[0].field, "facts.software[17].sha256");
}

#[test]
fn one_fault_alone_is_told_without_a_number_of_others() {
    let one = Refusal::field("page_size", "is -1");
    assert_eq!(one.to_string(), "`page_size` is -1");
    let none = Refusal::RequestInvalid(Vec::new());
    assert_eq!(none.to_string(), "the request breaks a rule");
}

#[test]
fn an_overload_names_its_limit_and_when_to_try_again() {
    for (limit, word, after) in [
        (Limit::QueuedCalls, "queued-calls", 100),
        (Limit::QueuedSoftware, "queued-software", 100),
        (Limit::ConcurrentBatches, "concurrent-batches", 500),
        (Limit::BundleCompilations, "bundle-compilations", 500),
        (Limit::ConcurrentInventories, "concurrent-inventories", 500),
        (Limit::ConcurrentCalls, "concurrent-calls", 500),
        (Limit::ArrivingMessages, "arriving-messages", 500),
        (Limit::UntakenAnswers, "untaken-answers", 500),
        (Limit::WaitingTexts, "waiting-texts", 500),
        (Limit::ConcurrentStreams, "concurrent-streams", 5_000),
        (Limit::Watches, "watches", 5_000),
    ] {
        let details = Refusal::Overloaded(limit).into_status().get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["limit"], word);
        let delay = details.retry_info().unwrap().retry_delay;
        assert_eq!(delay, Some(Duration::from_millis(after)), "{word}");
    }
}

#[test]
fn who_asks_too_often_is_told_of_what_and_exactly_for_how_long() {
    let wait = Duration::from_nanos(12_345_678_901);
    for (rate, word) in [
        (Rate::Calls, "calls-per-second"),
        (Rate::Hosts, "hosts-per-second"),
    ] {
        let details = Refusal::RateLimited { rate, wait }
            .into_status()
            .get_error_details();
        assert_eq!(details.error_info().unwrap().metadata["limit"], word);
        assert_eq!(details.retry_info().unwrap().retry_delay, Some(wait));
    }
}

#[test]
fn a_long_text_of_a_caller_does_not_burst_the_header() {
    let status = Refusal::BundleInvalid(BundleInvalid {
        path: Some("ä".repeat(100_000)),
        cause: "the path is malformed".to_owned(),
        hint: "",
    })
    .into_status();
    assert!(status.details().len() + status.message().len() < 4_096);
}

#[test]
fn each_reason_has_its_section_with_the_message_as_it_is() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reasons.md");
    let page = std::fs::read_to_string(path).unwrap();
    let served = every_refusal();
    for reason in (1..100).filter_map(|number| ErrorReason::try_from(number).ok()) {
        let name = reason.as_str_name().trim_start_matches("ERROR_REASON_");
        let section = page
            .split("\n## ")
            .find(|part| part.lines().next() == Some(name));
        let section = section.unwrap_or_else(|| panic!("{name} has no section"));
        for (refusal, _, _, keys) in served.iter().filter(|(_, _, reason, _)| *reason == name) {
            assert!(
                keys.iter().all(|key| section.contains(&format!("`{key}`"))),
                "{name}"
            );
            // Messages that quote a request differ from one call to the next.
            if matches!(
                refusal,
                Refusal::DeadlinePassed
                    | Refusal::ServerFault
                    | Refusal::Draining
                    | Refusal::CredentialsMissing
                    | Refusal::CredentialsInvalid(Cause::Expired)
                    | Refusal::ScopeMissing(_)
            ) {
                assert!(section.contains(&refusal.to_string()), "{name}: {refusal}");
            }
            if let Refusal::Overloaded(limit) = refusal {
                assert!(section.contains(&format!("`{}`", limit.word())), "{name}");
            }
        }
    }
}
