//! The tally of a batch: answers in the order of the items, as long as they fit.
//!
//! An answer that does not fit is replaced by the status that says so, for which room is kept
//! for every item that is still to come.

use embargo_proto::v1 as pb;
use prost::Message as _;

use super::super::record::Unrecorded;
use super::super::status::Refusal;

/// Room for the snapshot and the instant of the answer.
const REST_BYTES: usize = 256;
/// Room for one item whose answer does not fit.
const REFUSED_BYTES: usize = 512;
/// No decision takes fewer bytes: two digests alone are 128.
const LEAST_BYTES: usize = 128;

/// The bytes of an entry of a repeated field with a tag of one byte.
pub(super) fn in_list(content: usize) -> usize {
    1 + prost::length_delimiter_len(content) + content
}

pub(super) struct Tally {
    results: Vec<pb::DecideResult>,
    most: usize,
    left: usize,
    to_come: usize,
}

impl Tally {
    /// Of so many items, in an answer of so many bytes at most.
    pub(super) fn new(items: usize, most: usize) -> Self {
        Self {
            results: Vec::with_capacity(items),
            most,
            left: most.saturating_sub(REST_BYTES),
            to_come: items,
        }
    }

    /// The next answer, or what stands in its place, for which room is kept here.
    pub(super) fn fit(
        &mut self,
        result: Unrecorded<pb::DecideResult>,
    ) -> Unrecorded<pb::DecideResult> {
        let size = |result: &pb::DecideResult| in_list(result.encoded_len());
        self.to_come = self.to_come.saturating_sub(1);
        let fits = result.measured(size) <= self.free();
        let result = if fits {
            result
        } else {
            let most = self.most;
            result
                .replaced(|result| refused(result.correlation_id, Refusal::AnswerTooLarge { most }))
        };
        self.left = self.left.saturating_sub(result.measured(size));
        result
    }

    /// Adds answers for which there is room.
    pub(super) fn add(&mut self, results: Vec<pb::DecideResult>) {
        self.results.extend(results);
    }

    /// Whether no decision can fit any more.
    pub(super) const fn is_full(&self) -> bool {
        // The next item's own reserve is free to it.
        self.free() + REFUSED_BYTES < LEAST_BYTES
    }

    const fn free(&self) -> usize {
        self.left
            .saturating_sub(self.to_come.saturating_mul(REFUSED_BYTES))
    }

    pub(super) fn finish(self) -> Vec<pb::DecideResult> {
        self.results
    }
}

/// The answer for an item that has no decision.
pub(super) fn refused(correlation_id: String, refusal: Refusal) -> pb::DecideResult {
    pb::DecideResult {
        correlation_id,
        result: Some(pb::decide_result::Result::Error(refusal.into_item())),
    }
}

/// The answer for an item that has one.
pub(super) fn decided(correlation_id: String, decision: pb::Decision) -> pb::DecideResult {
    pb::DecideResult {
        correlation_id,
        result: Some(pb::decide_result::Result::Decision(decision)),
    }
}

#[cfg(test)]
mod tests {
    use embargo_proto::MAX_MESSAGE_BYTES;

    use super::*;

    fn judged(bytes: usize) -> Unrecorded<pb::DecideResult> {
        let decision = pb::Decision {
            decision_id: "d".repeat(bytes),
            ..Default::default()
        };
        Unrecorded::unlogged(decided("c".repeat(64), decision))
    }

    fn add(tally: &mut Tally, result: Unrecorded<pb::DecideResult>) {
        let (results, _) = super::super::super::record::file(vec![tally.fit(result)]);
        tally.add(results);
    }

    fn is_decision(result: &pb::DecideResult) -> bool {
        matches!(result.result, Some(pb::decide_result::Result::Decision(_)))
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_comes_after_may_fit() {
        let mut tally = Tally::new(4, MAX_MESSAGE_BYTES);
        for bytes in [10 << 20, 10 << 20, 100, 5 << 20] {
            add(&mut tally, judged(bytes));
        }
        let results = tally.finish();
        let kept: Vec<bool> = results.iter().map(is_decision).collect();
        assert_eq!(kept, [true, false, true, true]);
        let answer = pb::BatchDecideHostsResponse {
            results,
            ..Default::default()
        };
        assert!(answer.encoded_len() <= MAX_MESSAGE_BYTES - REST_BYTES);
    }

    #[test]
    fn a_thousand_refusals_always_fit() {
        let mut tally = Tally::new(1_000, MAX_MESSAGE_BYTES);
        let large = MAX_MESSAGE_BYTES - REST_BYTES - 999 * REFUSED_BYTES - 200;
        add(&mut tally, judged(large));
        for _ in 1..1_000 {
            add(&mut tally, judged(1 << 20));
        }
        let results = tally.finish();
        assert_eq!(results.iter().filter(|one| is_decision(one)).count(), 1);
        let answer = pb::BatchDecideHostsResponse {
            results,
            ..Default::default()
        };
        assert!(answer.encoded_len() <= MAX_MESSAGE_BYTES - REST_BYTES);
    }

    #[test]
    fn the_status_of_an_item_that_does_not_fit_keeps_to_its_room() {
        let most = MAX_MESSAGE_BYTES;
        let refused = refused("c".repeat(64), Refusal::AnswerTooLarge { most });
        assert!(in_list(refused.encoded_len()) <= REFUSED_BYTES);
    }
}
