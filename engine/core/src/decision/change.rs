//! Change: when the same facts will be judged differently.
//!
//! Rules compare the instant with phases, with waivers' ends and with instants written
//! out. Only there can a judgement turn, so only those instants are tried.

use std::collections::BTreeSet;

use crate::instant::Instant;
use crate::snapshot::Policy;

use super::Judgement;
use super::evaluator::{Evaluator, Scene};

/// How many instants are tried for one decision. Beyond that the first one not tried is
/// given, which may be too early and is never too late.
const TRIES: usize = 64;

/// The first instant after that of the question at which the judgement may differ.
pub(super) fn next(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    present: &Judgement,
) -> Option<Instant> {
    let at = scene.question.at;
    if uses_time_freely(evaluator, scene) {
        return Some(at.next()).filter(|next| *next > at);
    }
    for (tried, candidate) in candidates(evaluator, scene, at).into_iter().enumerate() {
        if tried >= TRIES || evaluator.judge(scene, candidate) != *present {
            return Some(candidate);
        }
    }
    None
}

/// Whether a policy that is concerned may turn at any instant.
pub(super) fn uses_time_freely(evaluator: &Evaluator, scene: &Scene<'_>) -> bool {
    policies(evaluator, scene).any(|policy| !policy.package.is_timeless())
}

/// The policies that are concerned.
fn policies<'a>(
    evaluator: &'a Evaluator,
    scene: &'a Scene<'_>,
) -> impl Iterator<Item = &'a Policy> {
    let all = evaluator.snapshot().policies();
    scene.woken.iter().filter_map(|at| all.get(*at))
}

/// The instants after `after` at which a policy that is concerned may turn, in order.
pub(super) fn candidates(evaluator: &Evaluator, scene: &Scene<'_>, after: Instant) -> Vec<Instant> {
    let snapshot = evaluator.snapshot();
    let mut all = BTreeSet::new();
    for policy in policies(evaluator, scene) {
        let later = policy.boundaries.partition_point(|at| *at <= after);
        all.extend(policy.boundaries.iter().skip(later));
    }
    if !scene.woken.is_empty() {
        let host = scene.question.facts.record();
        let waivers = snapshot
            .waivers()
            .iter()
            .filter(|waiver| waiver.is_for(host));
        all.extend(
            waivers
                .map(|waiver| waiver.expires)
                .filter(|at| *at > after),
        );
    }
    all.into_iter().collect()
}
