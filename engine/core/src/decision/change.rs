//! Change: when the same facts will be judged differently.
//!
//! Rules compare the instant with phases, with waivers' ends and with instants written
//! out. Only there can a judgement turn, so only those instants are tried, and at each of
//! them only the policies that can turn at it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::instant::Instant;
use crate::snapshot::Policy;

use super::Judgement;
use super::evaluator::{Evaluator, Scene};

/// How often a policy is looked at for one decision. Beyond that the first instant not tried
/// is given, which may be too early and is never too late.
const LOOKS: usize = 1_024;

/// The first instant after that of the question at which the judgement may differ.
pub(super) fn next(
    evaluator: &mut Evaluator,
    scene: &Scene<'_>,
    present: &Judgement,
) -> Option<Instant> {
    let at = scene.question.at;
    // What failed for want of time may go well at any time.
    let is_passing = present
        .failures
        .iter()
        .any(|failure| failure.kind.is_passing());
    if is_passing || uses_time_freely(evaluator, scene) {
        return Some(at.next()).filter(|next| *next > at);
    }
    let turning = turning(evaluator, scene, at);
    let ends = waivers_end(evaluator, scene, at);
    let candidates: BTreeSet<Instant> = turning.keys().chain(&ends).copied().collect();
    // What each policy found when it was last looked at. The others have not turned since.
    let mut known: HashMap<usize, Judgement> = HashMap::new();
    let mut looks = 0;
    for candidate in candidates {
        let mut turned = ends.contains(&candidate);
        for position in turning.get(&candidate).into_iter().flatten() {
            looks += 1;
            if looks > LOOKS {
                return Some(candidate);
            }
            let then = evaluator.judge_by(&[*position], scene, candidate);
            let before = match known.remove(position) {
                Some(before) => before,
                None => evaluator.judge_by(&[*position], scene, at),
            };
            turned |= before != then;
            known.insert(*position, then);
        }
        if turned && evaluator.judge(scene, candidate) != *present {
            return Some(candidate);
        }
    }
    None
}

/// Whether a policy that is concerned may turn at any instant.
pub(super) fn uses_time_freely(evaluator: &Evaluator, scene: &Scene<'_>) -> bool {
    policies(evaluator, scene).any(|(_, policy)| !policy.package.is_timeless())
}

/// The policies that are concerned, with their positions.
fn policies<'a>(
    evaluator: &'a Evaluator,
    scene: &'a Scene<'_>,
) -> impl Iterator<Item = (usize, &'a Policy)> {
    let all = evaluator.snapshot().policies();
    scene
        .woken
        .iter()
        .filter_map(|at| Some((*at, all.get(*at)?)))
}

/// The instants after `after` at which policies that are concerned may turn, in order.
pub(super) fn candidates(evaluator: &Evaluator, scene: &Scene<'_>, after: Instant) -> Vec<Instant> {
    let mut all = waivers_end(evaluator, scene, after);
    all.extend(turning(evaluator, scene, after).into_keys());
    all.into_iter().collect()
}

/// The same without waivers, each with the policies that may turn at it.
fn turning(
    evaluator: &Evaluator,
    scene: &Scene<'_>,
    after: Instant,
) -> BTreeMap<Instant, Vec<usize>> {
    let mut all: BTreeMap<Instant, Vec<usize>> = BTreeMap::new();
    for (position, policy) in policies(evaluator, scene) {
        let later = policy.boundaries.partition_point(|at| *at <= after);
        for at in policy.boundaries.iter().skip(later) {
            all.entry(*at).or_default().push(position);
        }
    }
    all
}

/// When waivers for the host end.
fn waivers_end(evaluator: &Evaluator, scene: &Scene<'_>, after: Instant) -> BTreeSet<Instant> {
    if scene.woken.is_empty() {
        return BTreeSet::new();
    }
    let host = scene.question.facts.record();
    evaluator
        .snapshot()
        .waivers()
        .iter()
        .filter(|waiver| waiver.is_for(host))
        .map(|waiver| waiver.expires)
        .filter(|at| *at > after)
        .collect()
}
