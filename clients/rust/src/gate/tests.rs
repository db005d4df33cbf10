//! Which effects make a permit. What happens before an effect is known is tested over a connection.

use embargo_proto::v1::{Finding, PolicyFailure};

use super::*;

fn with_effect(effect: i32) -> Decision {
    Decision {
        host_id: "h1".into(),
        effect,
        ..Decision::default()
    }
}

#[test]
fn of_all_numbers_only_allow_and_warn_make_a_permit() {
    let open: Vec<i32> = (-1_000..=1_000)
        .chain([i32::MIN, i32::MAX])
        .filter(|effect| admit(with_effect(*effect)).is_open())
        .collect();
    assert_eq!(open, [i32::from(Effect::Allow), i32::from(Effect::Warn)]);
}

#[test]
fn a_permit_says_whether_it_comes_with_warnings() {
    let passed = admit(with_effect(Effect::Warn.into()))
        .into_result()
        .unwrap();
    assert!(passed.has_warnings());
    let passed = admit(with_effect(Effect::Allow.into()))
        .into_result()
        .unwrap();
    assert!(!passed.has_warnings());
    assert_eq!(passed.into_decision(), with_effect(Effect::Allow.into()));
}

#[test]
fn a_closed_gate_names_the_cause_and_not_the_host() {
    let denied = Decision {
        findings: vec![Finding {
            message: "`Example AV` may not be used".into(),
            instrument_id: "us-example".into(),
            ..Finding::default()
        }],
        ..with_effect(Effect::Deny.into())
    };
    let reason = admit(denied).into_result().unwrap_err();
    assert_eq!(
        reason.to_string(),
        "denied: `Example AV` may not be used (us-example)"
    );

    let failed = Decision {
        failures: vec![PolicyFailure {
            policy_id: "p".into(),
            ..PolicyFailure::default()
        }],
        ..with_effect(Effect::Indeterminate.into())
    };
    let reason = admit(failed).into_result().unwrap_err();
    assert_eq!(
        reason.to_string(),
        "a denial cannot be ruled out: policy `p` failed"
    );

    let reason = admit(with_effect(Effect::Review.into()))
        .into_result()
        .unwrap_err();
    assert_eq!(reason.to_string(), "a person must decide");
    assert!(reason.decision().is_some());

    let unread = Decision {
        missing_facts: vec!["software".into()],
        ..with_effect(Effect::Indeterminate.into())
    };
    let reason = admit(unread).into_result().unwrap_err();
    assert_eq!(
        reason.to_string(),
        "a denial cannot be ruled out: facts are missing: software"
    );
}
