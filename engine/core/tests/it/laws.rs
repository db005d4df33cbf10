//! Laws that hold for all facts, instants and actions.

use std::sync::Arc;

use embargo_core::decision::{Evaluator, Question};
use embargo_core::facts::{HostFacts, HostRecord, OperatingSystem, Owner, OwnerKind, Software};
use embargo_core::instant::Instant;
use embargo_core::instrument::{Action, Effect};
use embargo_core::snapshot::Snapshot;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};

use crate::support::{acme, at, compile, evaluator, facts, on_large_stack, shipped, shipped_files};

const CASES: u32 = 400;

fn words(known: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let owned: Vec<String> = known.iter().map(|word| (*word).to_owned()).collect();
    subsequence(owned, 0..=known.len().min(3))
}

fn owner() -> impl Strategy<Value = Owner> {
    let kinds = [
        OwnerKind::Government,
        OwnerKind::Contractor,
        OwnerKind::Business,
        OwnerKind::Personal,
    ];
    (
        option::of(select(kinds.to_vec())),
        words(&[
            "US", "US-TX", "US-MD", "US-NJ", "CA", "AU", "DE", "GB", "LT", "NL", "IT", "RO", "PL",
            "UA", "EU",
        ]),
        words(&[
            "federal-civilian",
            "defense",
            "state-agency",
            "central-government",
            "public-administration",
            "critical-infrastructure",
            "non-corporate-commonwealth-entity",
        ]),
        option::of(any::<bool>()),
        words(&["FAR 52.204-23", "FAR 52.240-91"]),
    )
        .prop_map(
            |(kind, jurisdictions, sectors, us_person, contract_clauses)| Owner {
                kind,
                jurisdictions,
                sectors,
                us_person,
                contract_clauses,
            },
        )
}

fn item() -> impl Strategy<Value = Software> {
    let names = [
        "Kaspersky Endpoint Security for Windows",
        "Kaspersky Security Center Network Agent",
        "Kaspersky Password Manager",
        "Kaspersky Threat Intelligence",
        "Kaspersky Anti-Virus Engine",
        "kavremover",
        "Something Else",
        "Kaspersky renewal.pdf",
    ];
    (
        select(names.to_vec()),
        any::<bool>(),
        option::of(select(vec!["1.0", "12.4"])),
        any::<bool>(),
    )
        .prop_map(|(name, published, version, embedded)| Software {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            publisher: published.then(|| "AO Kaspersky Lab".to_owned()),
            source: Some("programs".to_owned()),
            embedded_in: embedded.then(|| "Example Gateway".to_owned()),
            ..Software::default()
        })
}

fn host() -> impl Strategy<Value = HostFacts> {
    (
        option::of(owner()),
        option::of(select(vec!["laptop", "mobile", "server", "appliance"])),
        option::of(select(vec!["windows", "android", "ios", "linux"])),
        words(&[
            "contract-deliverables",
            "government-delivery",
            "non-contract",
            "remediation",
        ]),
        vec(item(), 0..4),
    )
        .prop_map(|(owner, form_factor, family, purposes, software)| {
            HostFacts::check(HostRecord {
                host_id: "h".to_owned(),
                os: family.map(|family| OperatingSystem {
                    family: Some(family.to_owned()),
                    ..OperatingSystem::default()
                }),
                form_factor: form_factor.map(str::to_owned),
                owner,
                purposes,
                software,
                ..HostRecord::default()
            })
            .unwrap()
        })
}

fn action() -> impl Strategy<Value = Action> {
    select(Action::ALL.to_vec())
}

/// Instants around which something turns, and any others.
fn instant(snapshot: &Snapshot) -> impl Strategy<Value = Instant> + use<> {
    let turning: Vec<Instant> = snapshot
        .instruments()
        .flat_map(|instrument| instrument.boundaries())
        .collect();
    let near = (select(turning), -1_i128..=1).prop_map(|(at, step)| {
        Instant::from_unix_nanoseconds(at.unix_nanoseconds() + step).unwrap()
    });
    let any = (1_400_000_000_i64..1_900_000_000).prop_map(|at| Instant::from_unix(at, 0).unwrap());
    prop_oneof![near, any]
}

/// Runs a law on the shipped policies, on a stack as large as the service's.
fn hold<S>(
    strategy: impl FnOnce(&Arc<Snapshot>) -> S + Send + 'static,
    law: fn(&Arc<Snapshot>, S::Value) -> Result<(), TestCaseError>,
) where
    S: Strategy,
    S::Value: 'static,
{
    on_large_stack(move || {
        let snapshot = shipped();
        let strategy = strategy(&snapshot);
        let config = Config {
            cases: CASES,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config)
            .run(&strategy, |value| law(&snapshot, value))
            .unwrap_or_else(|failure| panic!("{failure}"));
    });
}

thread_local! {
    /// Evaluators are costly to warm; the laws hold whatever they have seen before.
    static WARM: std::cell::RefCell<Option<(Evaluator, Evaluator)>> = const { std::cell::RefCell::new(None) };
}

fn with_warm<T>(
    snapshot: &Arc<Snapshot>,
    work: impl FnOnce(&mut Evaluator, &mut Evaluator) -> T,
) -> T {
    WARM.with_borrow_mut(|slot| {
        let (remembering, forgetful) =
            slot.get_or_insert_with(|| (evaluator(snapshot), evaluator(snapshot).without_memory()));
        work(remembering, forgetful)
    })
}

#[test]
fn what_is_remembered_equals_what_is_evaluated() {
    hold(
        |snapshot| (host(), action(), instant(snapshot)),
        |snapshot, (facts, action, at)| {
            let question = Question {
                facts: &facts,
                action,
                at,
            };
            let (remembered, evaluated) = with_warm(snapshot, |memory, fresh| {
                (memory.decide(question), fresh.decide(question))
            });
            prop_assert_eq!(remembered, evaluated);
            Ok(())
        },
    );
}

#[test]
fn nothing_changes_before_the_next_change_and_something_does_at_it() {
    hold(
        |snapshot| {
            (
                host(),
                action(),
                instant(snapshot),
                vec(instant(snapshot), 8),
            )
        },
        |snapshot, (facts, action, at, others)| {
            with_warm(snapshot, |evaluator, _| {
                let decision = evaluator.decide(Question {
                    facts: &facts,
                    action,
                    at,
                });
                let next = decision.next_change_time;
                for other in others
                    .into_iter()
                    .filter(|other| *other > at && next.is_none_or(|next| *other < next))
                {
                    let later = evaluator.decide(Question {
                        facts: &facts,
                        action,
                        at: other,
                    });
                    prop_assert_eq!(&later.judgement, &decision.judgement);
                    prop_assert_eq!(later.next_change_time, next);
                }
                if let Some(next) = next {
                    let before =
                        Instant::from_unix_nanoseconds(next.unix_nanoseconds() - 1).unwrap();
                    let last = evaluator.decide(Question {
                        facts: &facts,
                        action,
                        at: before.max(at),
                    });
                    prop_assert_eq!(&last.judgement, &decision.judgement);
                    let turned = evaluator.decide(Question {
                        facts: &facts,
                        action,
                        at: next,
                    });
                    prop_assert_ne!(&turned.judgement, &decision.judgement);
                }
                Ok(())
            })
        },
    );
}

#[test]
fn a_timeline_has_no_gap_and_agrees_with_every_instant_in_it() {
    hold(
        |snapshot| {
            (
                host(),
                action(),
                instant(snapshot),
                1_i64..3_000,
                vec(0_i128..1_000_000, 6),
            )
        },
        |snapshot, (facts, action, start, days, samples)| {
            with_warm(snapshot, |evaluator, _| {
                let length = i128::from(days) * 86_400 * 1_000_000_000;
                let end =
                    Instant::from_unix_nanoseconds(start.unix_nanoseconds() + length).unwrap();
                let timeline = evaluator
                    .timeline(
                        Question {
                            facts: &facts,
                            action,
                            at: start,
                        },
                        end,
                    )
                    .unwrap();
                let segments = &timeline.segments;
                prop_assert_eq!(segments.first().unwrap().start, start);
                prop_assert_eq!(segments.last().unwrap().end, end);
                for pair in segments.windows(2) {
                    prop_assert_eq!(pair[0].end, pair[1].start);
                    prop_assert_ne!(&pair[0].decision.judgement, &pair[1].decision.judgement);
                }
                for sample in samples {
                    let offset = length * sample / 1_000_000;
                    let at =
                        Instant::from_unix_nanoseconds(start.unix_nanoseconds() + offset).unwrap();
                    let segment = segments
                        .iter()
                        .find(|segment| segment.start <= at && at < segment.end)
                        .unwrap();
                    let decision = evaluator.decide(Question {
                        facts: &facts,
                        action,
                        at,
                    });
                    prop_assert_eq!(&decision.judgement, &segment.decision.judgement);
                    prop_assert_eq!(decision.next_change_time, segment.decision.next_change_time);
                }
                Ok(())
            })
        },
    );
}

#[test]
fn the_order_of_unordered_facts_does_not_matter() {
    hold(
        |snapshot| (host(), action(), instant(snapshot)),
        |snapshot, (facts, action, at)| {
            let mut turned = facts.record().clone();
            turned.purposes.reverse();
            if let Some(owner) = &mut turned.owner {
                owner.jurisdictions.reverse();
                owner.sectors.reverse();
            }
            let turned = HostFacts::check(turned).unwrap();
            with_warm(snapshot, |evaluator, _| {
                prop_assert_eq!(
                    evaluator.decide(Question {
                        facts: &facts,
                        action,
                        at
                    }),
                    evaluator.decide(Question {
                        facts: &turned,
                        action,
                        at
                    })
                );
                Ok(())
            })
        },
    );
}

/// A fact that is not known may ask for a person, and never opens what some value of it
/// would close.
#[test]
fn an_owner_nobody_described_is_never_allowed_what_a_known_one_is_denied() {
    hold(
        |snapshot| (host(), action(), instant(snapshot)),
        |snapshot, (facts, action, at)| {
            let mut unknown = facts.record().clone();
            unknown.owner = None;
            unknown.purposes.clear();
            unknown.form_factor = None;
            unknown.os = None;
            let unknown = HostFacts::check(unknown).unwrap();
            with_warm(snapshot, |evaluator, _| {
                let known = evaluator.decide(Question {
                    facts: &facts,
                    action,
                    at,
                });
                let blind = evaluator.decide(Question {
                    facts: &unknown,
                    action,
                    at,
                });
                if known.judgement.effect == Effect::Deny {
                    prop_assert!(
                        blind.judgement.effect >= Effect::Review,
                        "{:?}",
                        blind.judgement
                    );
                    prop_assert!(
                        !blind.judgement.missing_facts.is_empty()
                            || blind.judgement.effect == Effect::Deny
                    );
                }
                Ok(())
            })
        },
    );
}

#[test]
fn the_order_of_files_does_not_matter() {
    let mut files = shipped_files();
    let one = compile(files.clone());
    files.reverse();
    let other = compile(files);
    assert_eq!(one.id(), other.id());
}

/// What is remembered for one host must not answer for another that differs in what a rule
/// can see, however little that is.
#[test]
fn hosts_that_differ_in_anything_a_rule_reads_are_told_apart() {
    on_large_stack(|| {
        let pairs = [
            ("input.host.os", "{host_id: h}", "{host_id: h, os: {}}"),
            (
                "input.host.owner",
                "{host_id: h}",
                "{host_id: h, owner: {}}",
            ),
            (
                "input.host.attributes",
                "{host_id: h}",
                "{host_id: h, attributes: {}}",
            ),
            (
                "input.host.form_factor",
                "{host_id: h}",
                "{host_id: h, form_factor: laptop}",
            ),
            (
                "input.host.owner.us_person == false",
                "{host_id: h, owner: {}}",
                "{host_id: h, owner: {us_person: false}}",
            ),
            (
                "input.host.groups",
                "{host_id: h}",
                "{host_id: h, groups: [a]}",
            ),
        ];
        for (condition, without, with) in pairs {
            let rule = format!("package restrictions.r\n\ndeny contains \"x\" if {condition}\n");
            let snapshot = compile(acme(&[("r.rego", &rule)]));
            let mut evaluator = evaluator(&snapshot);
            let mut ask = |yaml| {
                let facts = facts(yaml);
                let at = at("2025-01-01T00:00:00Z");
                let question = Question {
                    facts: &facts,
                    action: Action::Use,
                    at,
                };
                evaluator.decide(question).judgement.effect
            };
            let effects = [ask(without), ask(with), ask(without)];
            assert_eq!(
                effects,
                [Effect::Allow, Effect::Deny, Effect::Allow],
                "{condition}"
            );
        }
    });
}
