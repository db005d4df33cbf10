"""The calls of PolicyService and what they give."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import v1
from .call import POLICIES, Call, require
from .errors import CallError, MalformedError, Place, Reason

#: The largest page that a server gives.
_PAGE_SIZE = 1_000

#: How often a listing is begun anew because the server reloaded between two pages.
_LISTINGS = 3


@dataclass(frozen=True)
class PolicyTestReport:
    """A test run that came to its end."""

    #: Each test, in no particular order.
    results: tuple[v1.RunPolicyTestsResponse.TestResult, ...]
    #: The sum of them.
    summary: v1.RunPolicyTestsResponse.TestSummary

    @property
    def passed(self) -> bool:
        """Whether no test failed."""
        return self.summary.failed_count == 0


def list_policies(page_size: int, page_token: str) -> Call[v1.ListPoliciesResponse]:
    request = v1.ListPoliciesRequest(page_size=page_size, page_token=page_token)

    def accept(answer: v1.ListPoliciesResponse, place: Place) -> v1.ListPoliciesResponse:
        require(answer, "snapshot", place)
        # The same page again would never end.
        if page_token and answer.next_page_token == page_token:
            raise MalformedError("the next page is the same page again", place)
        return answer

    return Call(POLICIES, "ListPolicies", request, accept)


class Listing:
    """All pages of one snapshot, begun anew if the server reloads between two of them."""

    def __init__(self) -> None:
        self._begun = 1
        self._all = v1.ListPoliciesResponse()
        self._token = ""

    def next(self) -> Call[v1.ListPoliciesResponse]:
        """The page to ask for."""
        return list_policies(_PAGE_SIZE, self._token)

    def took(self, page: v1.ListPoliciesResponse) -> v1.ListPoliciesResponse | None:
        """Takes a page in. Gives the whole, if it was the last one."""
        self._all.policies.extend(page.policies)
        self._all.snapshot.CopyFrom(page.snapshot)
        self._token = page.next_page_token
        return None if self._token else self._all

    def failed(self, failure: CallError) -> None:
        """Begins anew if the pages before belong to another snapshot by now, or raises the failure."""
        if failure.reason != Reason.PAGE_TOKEN_INVALID or not self._token or self._begun >= _LISTINGS:
            raise failure
        self._begun += 1
        self._all = v1.ListPoliciesResponse()
        self._token = ""


def get_policy(policy_id: str) -> Call[v1.GetPolicyResponse]:
    def accept(answer: v1.GetPolicyResponse, place: Place) -> v1.GetPolicyResponse:
        require(answer, "policy", place)
        require(answer, "snapshot", place)
        return answer

    return Call(POLICIES, "GetPolicy", v1.GetPolicyRequest(policy_id=policy_id), accept)


def get_snapshot() -> Call[v1.GetSnapshotResponse]:
    def accept(answer: v1.GetSnapshotResponse, place: Place) -> v1.GetSnapshotResponse:
        return answer

    return Call(POLICIES, "GetSnapshot", v1.GetSnapshotRequest(), accept)


def validate_bundle(files: Iterable[v1.SourceFile]) -> Call[v1.ValidateBundleResponse]:
    def accept(answer: v1.ValidateBundleResponse, place: Place) -> v1.ValidateBundleResponse:
        return answer

    return Call(POLICIES, "ValidateBundle", v1.ValidateBundleRequest(files=files), accept)


def identify_software(request: v1.IdentifySoftwareRequest) -> Call[v1.IdentifySoftwareResponse]:
    def accept(answer: v1.IdentifySoftwareResponse, place: Place) -> v1.IdentifySoftwareResponse:
        require(answer, "snapshot", place)
        if any(each.software.index >= len(request.software) for each in answer.identifications):
            raise MalformedError("an identification is of an item that was not asked about", place)
        return answer

    return Call(POLICIES, "IdentifySoftware", request, accept)


def run_policy_tests(request: v1.RunPolicyTestsRequest) -> Call[PolicyTestReport]:
    def accept(events: list[v1.RunPolicyTestsResponse], place: Place) -> PolicyTestReport:
        kinds = [event.WhichOneof("event") for event in events]
        # A run that broke off, or of which a result is lost, must not look as if it had passed.
        if not kinds or kinds[-1] != "summary" or any(kind != "result" for kind in kinds[:-1]):
            raise MalformedError("the test run has no end", place)
        results, summary = tuple(event.result for event in events[:-1]), events[-1].summary
        passed = sum(result.passed for result in results)
        if (passed, len(results) - passed) != (summary.passed_count, summary.failed_count):
            raise MalformedError("the results of the test run do not add up to its summary", place)
        return PolicyTestReport(results, summary)

    return Call(POLICIES, "RunPolicyTests", request, accept, gathered=True)
