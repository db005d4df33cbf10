//! The limits on answers, on work and on what is kept, each with the test that holds it; and
//! the numbers that are no limits.

use super::row::{Held, Row};

const HERE: &str = "service/tests/it/limits/kept.rs";
const MESSAGES: &str = "service/tests/it/limits.rs";
const LARGE: &str = "service/tests/it/large_answers.rs";
const STREAM: &str = "service/tests/it/stream.rs";
const OVERLOAD: &str = "service/tests/it/overload.rs";
const WATCH: &str = "service/src/transport/policy_service/watch.rs";
const DIAGNOSTIC: &str = "core/src/diagnostic.rs";
const EVIDENCE: &str = "core/src/catalogue/evidence.rs";
const FINDINGS: &str = "core/tests/it/failures.rs";
const EXPLAIN: &str = "core/tests/it/explain.rs";
const EXPLANATION: &str = "service/src/transport/explanation.rs";
const TERMS: &str = "core/src/rego/probe/terms.rs";
const REMARKS: &str = "core/src/facts/inventory/remark.rs";

const SIXTEEN: &str = "sixteen_mebibytes_are_read_and_one_more_byte_is_not";
const ITEMS_FIT: &str = "items_of_a_batch_that_no_longer_fit_are_refused_and_small_ones_still_fit";
const TIMELINE_FITS: &str = "a_timeline_is_cut_where_it_would_no_longer_fit_and_goes_on_from_there";
const FIRST: &str = "of_many_fields_at_fault_the_first_sixteen_are_named";
const WATCHES: &str = "a_thousand_watches_are_served_and_one_more_is_refused";
const THIRTY: &str = "a_state_is_sent_again_when_thirty_seconds_have_passed_without_news";
const SENTENCES: &str = "a_finding_keeps_its_texts_to_their_length_or_the_policy_fails";
const TWO_HUNDRED: &str = "of_many_remarks_two_hundred_are_told";
const SEGMENTS: &str = "a_timeline_ends_after_500_segments_and_goes_on_from_there";
const DIGESTS: &str = "digests_are_64_hexadecimal_digits";
const MISSING: &str = "of_many_missing_facts_a_hundred_are_named";
const READ: &str = "an_explanation_keeps_to_its_limits_however_much_there_is_to_tell";
const BOUNDED: &str = "a_rule_names_a_hundred_facts_and_instruments_at_most";
const SHOWN: &str = "a_value_is_shown_with_two_hundred_bytes_at_most";
const CUT: &str = "a_message_keeps_to_4096_bytes_and_an_excerpt_to_512";

type Entry = (&'static str, &'static str, Held);

pub(super) fn rows() -> Vec<Row> {
    let entries = services().into_iter().chain(messages()).chain(reasons());
    let row = |(place, stated, held): Entry| Row {
        place,
        stated,
        held,
    };
    entries.collect::<Vec<_>>().into_iter().map(row).collect()
}

fn services() -> Vec<Entry> {
    use Held::{NoLimit, Test};
    let (decisions, policies) = ("DecisionService", "PolicyService");
    let watch = "PolicyService.WatchSnapshot";
    let either = "A message holds at most 16 MiB in either direction";
    let first = "names the first 16 such fields";
    let exceeds = "the answer would exceed 16 MiB";
    let larger = "if it is larger than 16 MiB";
    vec![
        (decisions, either, Test(MESSAGES, SIXTEEN)),
        (
            decisions,
            "An instant in a request lies in the years 0001 to 9999",
            Test(MESSAGES, super::TABLE),
        ),
        (decisions, first, Test(HERE, FIRST)),
        (decisions, exceeds, Test(LARGE, ITEMS_FIT)),
        (decisions, larger, Test(MESSAGES, SIXTEEN)),
        (
            "DecisionService.StreamDecideHosts",
            "while 256 items are unanswered",
            Test(STREAM, "a_caller_that_takes_no_answers_is_no_longer_read"),
        ),
        (policies, either, Test(MESSAGES, SIXTEEN)),
        (policies, first, Test(HERE, FIRST)),
        (policies, exceeds, Test(LARGE, ITEMS_FIT)),
        (policies, larger, Test(MESSAGES, SIXTEEN)),
        (
            watch,
            "when 30 seconds have passed without one",
            Test(WATCH, THIRTY),
        ),
        (
            watch,
            "more than 1 in",
            NoLimit("says how missed states show"),
        ),
        (
            watch,
            "At most 1,000 watches at a time",
            Test(OVERLOAD, WATCHES),
        ),
        (
            watch,
            "there are 1,000 watches already",
            Test(OVERLOAD, WATCHES),
        ),
        ("PolicyService.IdentifySoftware", first, Test(HERE, FIRST)),
        (
            "ListPoliciesRequest.page_size",
            "0 stands for 50; more than 1,000 becomes 1,000",
            Test(HERE, "a_page_holds_50_policies_or_1000_at_most"),
        ),
    ]
}

fn messages() -> Vec<Entry> {
    use Held::{NoLimit, Test};
    let counts = || NoLimit("says where counting begins");
    vec![
        (
            "HostFacts",
            "Instants lie in the years 0001 to 9999, with `nanos` from 0 to 999,999,999",
            Test(MESSAGES, super::TABLE),
        ),
        ("SoftwareRef.index", "from 0", counts()),
        ("SnapshotRef.generation", "from 1", counts()),
        ("SourceSpan", "count from 1", counts()),
        (
            "Identification.evidence",
            "1 to 32 pieces",
            Test(EVIDENCE, "of_many_signs_the_strongest_thirty_two_are_kept"),
        ),
        (
            "Finding.evidence",
            "At most 32 pieces",
            Test(EVIDENCE, "of_many_signs_the_strongest_thirty_two_are_kept"),
        ),
        (
            "Decision.decision_id",
            "1 to 64 lower-case hexadecimal digits",
            Test(HERE, DIGESTS),
        ),
        (
            "SnapshotRef.snapshot_id",
            "64 lower-case hexadecimal digits",
            Test(HERE, DIGESTS),
        ),
        (
            "Decision.findings",
            "At most 1,000",
            Test(FINDINGS, "more_findings_than_fit_are_counted"),
        ),
        ("Decision.missing_facts", "at most 100", Test(HERE, MISSING)),
        (
            "Finding.message",
            "At most 1,024 bytes",
            Test(HERE, SENTENCES),
        ),
        (
            "Finding.detail",
            "at most 4,096 bytes",
            Test(HERE, SENTENCES),
        ),
        (
            "Finding.remediation",
            "at most 1,024 bytes",
            Test(HERE, SENTENCES),
        ),
        (
            "Finding.citations",
            "At most 16",
            Test(HERE, "an_instrument_has_sixteen_citations_at_most"),
        ),
        (
            "Policy.policy_id",
            "At most 256 bytes",
            Test(HERE, "the_id_of_a_policy_has_256_bytes_at_most"),
        ),
        ("Reload.diagnostics", "At most 200", Test(HERE, TWO_HUNDRED)),
        (
            "ValidateBundleResponse.diagnostics",
            "At most 200",
            Test(HERE, TWO_HUNDRED),
        ),
        (
            "Diagnostic.message",
            "At most 4,096 bytes",
            Test(DIAGNOSTIC, CUT),
        ),
        (
            "Diagnostic.excerpt",
            "cut to 512 bytes",
            Test(DIAGNOSTIC, CUT),
        ),
        (
            "InventoryResult.remarks",
            "At most 1,001",
            Test(REMARKS, "a_flood_of_remarks_is_counted_and_not_kept"),
        ),
        (
            "ComputeDecisionTimelineResponse.segments",
            "1 to 500",
            Test(HERE, SEGMENTS),
        ),
        (
            "ComputeDecisionTimelineResponse.truncate_time",
            "after 500 segments",
            Test(HERE, SEGMENTS),
        ),
        (
            "ComputeDecisionTimelineResponse.truncate_time",
            "would exceed 16 MiB",
            Test(LARGE, TIMELINE_FITS),
        ),
    ]
}

/// Explanations, and runs of tests.
fn reasons() -> Vec<Entry> {
    use Held::Test;
    vec![
        (
            "ConditionExplanation.missing_facts",
            "at most 100",
            Test(EXPLANATION, BOUNDED),
        ),
        (
            "RuleExplanation.instrument_ids",
            "At most 100",
            Test(EXPLANATION, BOUNDED),
        ),
        (
            "RuleExplanation.facts",
            "At most 100",
            Test(EXPLANATION, BOUNDED),
        ),
        (
            "ConditionExplanation.readings",
            "At most 8",
            Test(EXPLAIN, READ),
        ),
        (
            "ConditionExplanation.because",
            "At most 4, and 12 deep",
            Test(EXPLAIN, READ),
        ),
        (
            "ConditionExplanation.because",
            "12 deep",
            Test(EXPLAIN, READ),
        ),
        (
            "ConditionExplanation.Reading.values",
            "At most 3",
            Test(EXPLAIN, READ),
        ),
        (
            "ConditionExplanation.Reading.values",
            "200 bytes",
            Test(TERMS, SHOWN),
        ),
        (
            "RunPolicyTestsRequest.name_contains",
            "At most 256 bytes",
            Test(
                "cli/tests/it/remote_tests.rs",
                "a_name_has_at_most_256_bytes",
            ),
        ),
    ]
}
