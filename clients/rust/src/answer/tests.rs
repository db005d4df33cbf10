//! Only a decision with a known effect on exactly what was asked is one.

use proptest::prelude::*;

use super::*;

fn question() -> Asked {
    let facts = HostFacts {
        host_id: "h1".into(),
        ..HostFacts::default()
    };
    Asked::new(
        Some(&facts),
        Action::Install.into(),
        Some(Timestamp {
            seconds: 7,
            nanos: 1,
        }),
        "aa",
    )
}

fn answer() -> Decision {
    Decision {
        host_id: "h1".into(),
        action: Action::Install.into(),
        effect: Effect::Allow.into(),
        evaluate_time: Some(Timestamp {
            seconds: 7,
            nanos: 1,
        }),
        snapshot_id: "aa".into(),
        ..Decision::default()
    }
}

#[test]
fn a_decision_on_what_was_asked_is_accepted_unchanged() {
    assert_eq!(question().accept(Some(answer())), Ok(answer()));
}

#[test]
fn each_way_to_be_no_decision_is_named() {
    let cases = [
        (None, NoDecision::Missing),
        (
            Some(Decision {
                effect: 0,
                ..answer()
            }),
            NoDecision::NoEffect,
        ),
        (
            Some(Decision {
                effect: 6,
                ..answer()
            }),
            NoDecision::UnknownEffect { number: 6 },
        ),
        (
            Some(Decision {
                host_id: "h2".into(),
                ..answer()
            }),
            NoDecision::OtherHost,
        ),
        (
            Some(Decision {
                action: Action::Use.into(),
                ..answer()
            }),
            NoDecision::OtherAction {
                asked: Action::Install.into(),
                answered: Action::Use.into(),
            },
        ),
        (
            Some(Decision {
                evaluate_time: None,
                ..answer()
            }),
            NoDecision::OtherInstant,
        ),
        (
            Some(Decision {
                snapshot_id: "bb".into(),
                ..answer()
            }),
            NoDecision::OtherSnapshot {
                asked: "aa".into(),
                answered: "bb".into(),
            },
        ),
    ];
    for (decision, why) in cases {
        assert_eq!(question().accept(decision), Err(why));
    }
}

#[test]
fn what_was_left_open_may_be_answered_in_any_way() {
    let facts = HostFacts {
        host_id: "h1".into(),
        ..HostFacts::default()
    };
    let open = Asked::new(Some(&facts), 0, None, "");
    let presence = Decision {
        action: Action::Presence.into(),
        ..answer()
    };
    assert_eq!(
        open.accept(Some(presence.clone())),
        Ok(presence),
        "no action means presence"
    );
    assert!(open.accept(Some(answer())).is_err());
}

#[test]
fn a_question_about_no_host_has_no_answer() {
    let nobody = Decision {
        host_id: String::new(),
        ..answer()
    };
    for facts in [None, Some(&HostFacts::default())] {
        let asked = Asked::new(facts, Action::Install.into(), None, "");
        assert!(matches!(
            asked.accept(Some(nobody.clone())),
            Err(NoDecision::OtherHost)
        ));
    }
}

proptest! {
    #[test]
    fn whatever_is_accepted_answers_the_question(
        effect in -2..10_i32,
        action in 0..4_i32,
        host_id in "h[12]?",
        snapshot_id in "(aa|bb)?",
        seconds in 6..9_i64,
    ) {
        let decision = Decision {
            host_id,
            action,
            effect,
            snapshot_id,
            evaluate_time: Some(Timestamp { seconds, nanos: 1 }),
            ..Decision::default()
        };
        let same = Decision { effect, ..answer() };
        let accepted = question().accept(Some(decision.clone())).is_ok();
        prop_assert_eq!(accepted, decision == same && (1..=5).contains(&effect));
    }
}
