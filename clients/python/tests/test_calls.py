"""The calls with one answer, besides DecideHost."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from fake import HOST, Fail, Fake, at, decision, facts, info

from embargo_client import CallError, MalformedError, NoDecisionError, StatusError, v1

Item = v1.BatchDecideHostsRequest.BatchItem
Event = v1.RunPolicyTestsResponse


def result(correlation_id: str, effect: int = v1.EFFECT_ALLOW, **more: Any) -> v1.DecideResult:
    return v1.DecideResult(correlation_id=correlation_id, decision=decision(effect, **more))


def batch(fake: Fake, client: Any, ids: str, *results: v1.DecideResult, **more: Any) -> Any:
    given = {"results": results, "snapshot": v1.SnapshotRef(generation=1), "evaluate_time": at(1), **more}
    fake.set("BatchDecideHosts", v1.BatchDecideHostsResponse(**given))
    items = [Item(correlation_id=each, facts=facts(), action=v1.ACTION_INSTALL) for each in ids]
    return client.batch_decide_hosts(v1.BatchDecideHostsRequest(items=items))


def test_the_items_of_a_batch_succeed_or_fail_one_by_one(fake: Fake, client: Any) -> None:
    failed = Fail(grpc.StatusCode.INVALID_ARGUMENT, "no", info("FACTS_INVALID")).packed()
    ok = Fail(grpc.StatusCode.OK, "fine").packed()
    answers = batch(
        fake,
        client,
        "abcdef",
        result("a", v1.EFFECT_DENY),
        v1.DecideResult(correlation_id="b", error=failed),
        result("c", 99),
        v1.DecideResult(correlation_id="d"),
        result("e", host_id="host-2"),
        v1.DecideResult(correlation_id="f", error=ok),
    )
    a, b, c, d, e, f = answers.items
    assert a.decision.effect == v1.EFFECT_DENY
    assert (b.error.reason, b.error.place.correlation_id) == ("FACTS_INVALID", "b")
    assert all(isinstance(item.error, NoDecisionError) for item in (c, d, e))
    assert f.error.code is grpc.StatusCode.UNKNOWN, "an error whose code is OK is an error"
    for item in (b, c, d, e, f):
        with pytest.raises(CallError):
            item.decision  # noqa: B018
    assert (answers.snapshot.generation, answers.evaluate_time) == (1, at(1))
    assert HOST not in repr(answers.items)


@pytest.mark.parametrize(
    ("results", "more", "says"),
    [
        ([result("a")], {}, "the batch has 2 items and 1 answers"),
        ([result("a"), result("b"), result("c")], {}, "the batch has 2 items and 3 answers"),
        ([result("b"), result("a")], {}, "no item waits for the answer `b`"),
        ([result("a"), result("a")], {}, "no item waits for the answer `a`"),
        ([result("a"), result("b")], {"snapshot": None}, "the answer lacks `snapshot`"),
        ([result("a"), result("b")], {"evaluate_time": None}, "the answer lacks `evaluate_time`"),
    ],
)
def test_a_batch_whose_answers_do_not_pair_with_its_items_fails(
    fake: Fake, client: Any, results: list[Any], more: dict[str, Any], says: str
) -> None:
    with pytest.raises(MalformedError, match=says):
        batch(fake, client, "ab", *results, **more)


def inventory(fake: Fake, client: Any, *results: v1.InventoryResult, **asked: Any) -> Any:
    answer = v1.DecideInventoryResponse(format="facts", results=results, snapshot=v1.SnapshotRef(generation=1), evaluate_time=at(1))
    fake.set("DecideInventory", answer)
    return client.decide_inventory(v1.DecideInventoryRequest(document=b"{}", action=v1.ACTION_INSTALL, **asked))


def test_the_hosts_of_an_inventory_succeed_or_fail_one_by_one(fake: Fake, client: Any) -> None:
    remark = v1.InventoryRemark(kind=v1.InventoryRemark.KIND_SKIPPED, place="line 1")
    told = v1.InventoryResult(host_id=HOST, record_count=2, software_count=1, remarks=[remark], decision=decision())
    other = v1.InventoryResult(host_id="host-2", decision=decision())
    failed = v1.InventoryResult(host_id="host-3", error=Fail(grpc.StatusCode.INVALID_ARGUMENT).packed())
    nothing = v1.InventoryResult(host_id="host-4")
    answers = inventory(fake, client, told, other, failed, nothing)
    assert (answers.format, answers.hosts[0].record_count, answers.hosts[0].software_count) == ("facts", 2, 1)
    assert answers.hosts[0].remarks == (remark,)
    assert answers.hosts[0].decision == decision()
    assert isinstance(answers.hosts[1].error, NoDecisionError)
    assert answers.hosts[2].error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert isinstance(answers.hosts[3].error, NoDecisionError)
    assert "host-2" not in repr(answers.hosts)


def test_an_inventory_without_hosts_is_no_answer(fake: Fake, client: Any) -> None:
    with pytest.raises(MalformedError, match="the answer lacks `results`"):
        inventory(fake, client)


def test_an_explanation_comes_with_a_decision_on_what_was_asked(fake: Fake, client: Any) -> None:
    request = v1.ExplainDecisionRequest(facts=facts(), action=v1.ACTION_INSTALL)
    fake.set("ExplainDecision", v1.ExplainDecisionResponse(decision=decision(v1.EFFECT_DENY)))
    assert client.explain_decision(request).decision.effect == v1.EFFECT_DENY
    for none in (v1.ExplainDecisionResponse(), v1.ExplainDecisionResponse(decision=decision(host_id="host-2"))):
        fake.set("ExplainDecision", none)
        with pytest.raises(NoDecisionError):
            client.explain_decision(request)


def segment(start: int, end: int, effect: int = v1.EFFECT_ALLOW, judged: int | None = None) -> v1.TimelineSegment:
    at_start = decision(effect, evaluate_time=at(start if judged is None else judged))
    return v1.TimelineSegment(start_time=at(start), end_time=at(end), decision=at_start)


def timeline(fake: Fake, client: Any, *segments: v1.TimelineSegment, truncated: int | None = None) -> Any:
    answer = v1.ComputeDecisionTimelineResponse(segments=segments)
    if truncated is not None:
        answer.truncate_time.CopyFrom(at(truncated))
    fake.set("ComputeDecisionTimeline", answer)
    request = v1.ComputeDecisionTimelineRequest(facts=facts(), action=v1.ACTION_INSTALL, start_time=at(1), end_time=at(9))
    return client.compute_decision_timeline(request)


def test_a_timeline_covers_what_was_asked_for(fake: Fake, client: Any) -> None:
    whole = [segment(1, 5), segment(5, 9, v1.EFFECT_DENY)]
    assert list(timeline(fake, client, *whole).segments) == whole
    assert list(timeline(fake, client, segment(1, 5), truncated=5).segments) == [segment(1, 5)]


@pytest.mark.parametrize(
    ("segments", "kind"),
    [
        ([], MalformedError),
        ([segment(1, 5), segment(6, 9)], MalformedError),
        ([segment(2, 9)], MalformedError),
        ([segment(1, 5)], MalformedError),
        ([segment(1, 5), segment(5, 9, 99)], NoDecisionError),
        ([segment(1, 9, judged=2)], NoDecisionError),
        ([v1.TimelineSegment(start_time=at(1), end_time=at(9))], NoDecisionError),
        ([v1.TimelineSegment(start_time=at(1), decision=decision())], MalformedError),
    ],
)
def test_a_timeline_with_a_hole_is_no_answer(fake: Fake, client: Any, segments: list[Any], kind: type[CallError]) -> None:
    with pytest.raises(kind):
        timeline(fake, client, *segments)


def page(*ids: str, token: str = "") -> v1.ListPoliciesResponse:
    policies = [v1.Policy(policy_id=each) for each in ids]
    return v1.ListPoliciesResponse(policies=policies, next_page_token=token, snapshot=v1.SnapshotRef(generation=1))


def reloaded() -> Fail:
    return Fail(grpc.StatusCode.INVALID_ARGUMENT, "no", info("PAGE_TOKEN_INVALID"))


def listed(client: Any) -> list[str]:
    return [policy.policy_id for policy in client.list_all_policies().policies]


def test_all_pages_make_up_a_listing(fake: Fake, client: Any) -> None:
    fake.set("ListPolicies", page("a", "b", token="1"), page("c"))
    assert listed(client) == ["a", "b", "c"]
    assert [(asked.page_size, asked.page_token) for asked in fake.asked["ListPolicies"]] == [(1000, ""), (1000, "1")]


def test_a_listing_begins_anew_when_the_server_reloads_between_pages(fake: Fake, client: Any) -> None:
    fake.set("ListPolicies", page("old", token="1"), reloaded(), page("a", token="2"), page("b"))
    assert listed(client) == ["a", "b"]


def test_a_listing_does_not_begin_anew_for_ever(fake: Fake, client: Any) -> None:
    fake.set("ListPolicies", *[page("old", token="1"), reloaded()] * 9)
    with pytest.raises(StatusError):
        client.list_all_policies()
    assert fake.calls("ListPolicies") == 6


def test_a_page_that_repeats_ends_a_listing(fake: Fake, client: Any) -> None:
    fake.set("ListPolicies", page("a", token="1"))
    with pytest.raises(MalformedError, match="the same page again"):
        client.list_all_policies()


def test_one_page_may_be_asked_for(fake: Fake, client: Any) -> None:
    fake.set("ListPolicies", page("a", token="1"))
    assert client.list_policies(1, "0").next_page_token == "1"


def test_an_identification_is_of_an_item_that_was_asked_about(fake: Fake, client: Any) -> None:
    request = v1.IdentifySoftwareRequest(software=[v1.Software(name="X")])
    for index, sound in ((0, True), (1, False)):
        told = v1.Identification(software=v1.SoftwareRef(index=index), product_id="p")
        answer = v1.IdentifySoftwareResponse(identifications=[told], snapshot=v1.SnapshotRef(generation=1))
        fake.set("IdentifySoftware", answer)
        if sound:
            assert client.identify_software(request) == answer
        else:
            with pytest.raises(MalformedError):
                client.identify_software(request)


def ran(passed: bool) -> Event:
    return Event(result=Event.TestResult(name="t", passed=passed))


def summed(passed: int, failed: int) -> Event:
    return Event(summary=Event.TestSummary(passed_count=passed, failed_count=failed))


def test_a_test_run_that_came_to_its_end_is_a_report(fake: Fake, client: Any) -> None:
    fake.set("RunPolicyTests", [ran(True), ran(False), summed(1, 1)])
    report = client.run_policy_tests(v1.RunPolicyTestsRequest())
    assert [each.passed for each in report.results] == [True, False]
    assert not report.passed
    fake.set("RunPolicyTests", [ran(True), summed(1, 0)])
    assert client.run_policy_tests(v1.RunPolicyTestsRequest()).passed


@pytest.mark.parametrize(
    "events",
    [
        [],
        [ran(True)],
        [ran(True), Event()],
        [summed(0, 0), ran(False)],
        [ran(True), summed(1, 1)],
        [ran(True), summed(0, 0), summed(1, 0)],
    ],
)
def test_a_test_run_that_broke_off_or_lost_a_result_is_no_report(fake: Fake, client: Any, events: list[Event]) -> None:
    fake.set("RunPolicyTests", events)
    with pytest.raises(MalformedError):
        client.run_policy_tests(v1.RunPolicyTestsRequest())


def test_a_test_run_that_fails_midway_is_an_error(fake: Fake, client: Any) -> None:
    fake.set("RunPolicyTests", [ran(True), Fail(grpc.StatusCode.INTERNAL, "no", info("SERVER_FAULT"))])
    with pytest.raises(StatusError):
        client.run_policy_tests(v1.RunPolicyTestsRequest())


def test_a_bundle_with_faults_is_an_answer(fake: Fake, client: Any) -> None:
    answer = v1.ValidateBundleResponse(diagnostics=[v1.Diagnostic(code="rego-parse-error")])
    fake.set("ValidateBundle", answer)
    assert client.validate_bundle([v1.SourceFile(path="a.rego")]) == answer


def test_no_snapshot_is_an_answer(fake: Fake, client: Any) -> None:
    fake.set("GetSnapshot", v1.GetSnapshotResponse())
    assert not client.get_snapshot().HasField("active")
