"""Runs the cases of clients/conformance through both clients, against the server that EMBARGO_TARGET names.

A runner never skips: a key or a call that it does not know is a failure.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from blocking import Blocking, Loop
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

import embargo_client
from embargo_client import CallError, Passed, aio, v1

CASES = Path(os.environ.get("EMBARGO_CONFORMANCE") or Path(__file__).resolve().parents[2] / "conformance")

#: The keys of a case besides its name, by the one that says what is asked.
KEYS = {
    "call": {"deadline", "request", "want", "absent", "error"},
    "stream": {"want"},
    "watch": {"want"},
    "gate": {"want"},
    "cache": {"want"},
}


class Failed(Exception):
    """What was wanted and what came."""


class Loader(yaml.SafeLoader):
    """YAML as JSON data: instants stay texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Library:
    """One of the two clients, with functions that wait."""

    def __init__(self, name: str, target: str) -> None:
        self.name = name
        self._loop = Loop() if name == "asyncio" else None
        self.client = self.make("Client", f"http://{target}")

    def make(self, kind: str, *args: Any) -> Any:
        if self._loop is None:
            return getattr(embargo_client, kind)(*args)
        return Blocking(self._loop, self._loop.run(lambda: getattr(aio, kind)(*args)))

    def gate(self) -> Any:
        return self.make("Gate", getattr(self.client, "inner", self.client))

    def cache(self) -> Any:
        return self.make("DecisionCache", getattr(self.client, "inner", self.client))

    def stop(self) -> None:
        self.client.close()
        if self._loop is not None:
            self._loop.stop()


def item_data(item: Any) -> dict[str, Any]:
    """What an item of a batch or an inventory is in a message."""
    if item.error is not None:
        return {"error": {"code": item.error.code.value[0]}}
    return {"decision": data(item.decision)}


def batch_data(batch: Any) -> dict[str, Any]:
    results = [{"correlationId": item.correlation_id, **item_data(item)} for item in batch.items]
    return {"results": results, **shared(batch)}


def inventory_data(inventory: Any) -> dict[str, Any]:
    results = []
    for host in inventory.hosts:
        counts = v1.InventoryResult(
            host_id=host.host_id,
            record_count=host.record_count,
            software_count=host.software_count,
            remarks=host.remarks,
        )
        results.append({**data(counts), **item_data(host)})
    return {"format": inventory.format, "results": results, **shared(inventory)}


def shared(answers: Any) -> dict[str, Any]:
    return {"snapshot": data(answers.snapshot), "evaluateTime": answers.evaluate_time.ToJsonString()}


def data(message: Message) -> dict[str, Any]:
    return dict(MessageToDict(message))


def asked(kind: type[Message], function: str, made: Callable[[Any], Any] = data) -> Callable[..., Any]:
    """A call whose function takes the request as it is."""

    def ask(client: Any, request: Any, **settings: Any) -> Any:
        return made(getattr(client, function)(ParseDict(request, kind()), **settings))

    return ask


CALLS: dict[str, Callable[..., Any]] = {
    "DecideHost": asked(v1.DecideHostRequest, "decide_host", lambda decision: {"decision": data(decision)}),
    "BatchDecideHosts": asked(v1.BatchDecideHostsRequest, "batch_decide_hosts", batch_data),
    "DecideInventory": asked(v1.DecideInventoryRequest, "decide_inventory", inventory_data),
    "ExplainDecision": asked(v1.ExplainDecisionRequest, "explain_decision"),
    "ComputeDecisionTimeline": asked(v1.ComputeDecisionTimelineRequest, "compute_decision_timeline"),
    "GetSnapshot": lambda client, _, **settings: data(client.get_snapshot(**settings)),
    "ListPolicies": lambda client, request, **settings: data(
        client.list_policies(request.get("pageSize", 0), request.get("pageToken", ""), **settings)
    ),
    "GetPolicy": lambda client, request, **settings: data(client.get_policy(request.get("policyId", ""), **settings)),
    "IdentifySoftware": asked(v1.IdentifySoftwareRequest, "identify_software"),
    "ValidateBundle": lambda client, request, **settings: data(
        client.validate_bundle(ParseDict(request, v1.ValidateBundleRequest()).files, **settings)
    ),
    "RunPolicyTests": asked(v1.RunPolicyTestsRequest, "run_policy_tests", lambda report: {"summary": data(report.summary)}),
}


def call(library: Library, case: dict[str, Any]) -> None:
    settings = {}
    if "deadline" in case:
        settings["deadline"] = float(str(case["deadline"]).removesuffix("s"))
    try:
        answer = CALLS[case["call"]](library.client, case["request"], **settings)
    except CallError as error:
        if "error" not in case:
            raise Failed(f"wanted an answer, came {error}") from None
        differs(case["error"], error)
        return
    if "error" in case:
        raise Failed(f"wanted {case['error']}, came {answer}")
    matches(case["want"], answer)
    for path in case.get("absent", []):
        if found(answer, path):
            raise Failed(f"wanted no `{path}`, came {answer}")


def stream(library: Library, case: dict[str, Any]) -> None:
    items = [ParseDict(item, v1.StreamDecideHostsRequest()) for item in case["stream"]]
    wanted = dict(case["want"])
    for answer in library.client.stream_decide_hosts(items):
        want = wanted.pop(answer.correlation_id, None)
        if want is None:
            raise Failed(f"came a second or an unasked answer for `{answer.correlation_id}`")
        if "error" in want:
            if answer.error is None:
                raise Failed(f"wanted {want}, came a decision for `{answer.correlation_id}`")
            differs(want["error"], answer.error)
        else:
            matches(want, item_data(answer), answer.correlation_id)
    if wanted:
        raise Failed(f"no answers for {sorted(wanted)}")


def watch(library: Library, case: dict[str, Any]) -> None:
    watching = library.client.watch_snapshot()
    try:
        # Not the next state: a watch whose server is not there looks for it without an end.
        event = watching.next_event()
        if not isinstance(event, v1.WatchSnapshotResponse):
            raise Failed(f"wanted a state, came {event}")
        matches(case["want"], data(event))
    finally:
        watching.close()


def gate(library: Library, case: dict[str, Any]) -> None:
    outcome = library.gate().check(ParseDict(case["gate"], v1.DecideHostRequest()))
    came = "open" if isinstance(outcome, Passed) else str(outcome.reason)
    if came != case["want"]:
        raise Failed(f"wanted {case['want']}, came {came}")


def cache(library: Library, case: dict[str, Any]) -> None:
    kept = library.cache()
    try:
        if not kept.wait_until_connected(10):
            raise Failed(f"the watch did not connect: {kept.watch_error}")
        request = ParseDict(case["cache"], v1.DecideHostRequest())
        first = kept.decide_host(request)
        if kept.hits:
            raise Failed("the first answer was reused")
        second = kept.decide_host(request)
        matches(case["want"], {"reused": kept.hits == 1})
        for decision in (first, second):
            for differing in ("evaluate_time", "decision_id"):
                decision.ClearField(differing)
        if first != second:
            raise Failed("the second answer differs from the first")
    finally:
        kept.close()


RUNNERS: dict[str, Callable[[Library, dict[str, Any]], None]] = {
    "call": call,
    "stream": stream,
    "watch": watch,
    "gate": gate,
    "cache": cache,
}


def differs(want: dict[str, Any], error: CallError) -> None:
    """Holds an error against what was wanted."""
    unknown = want.keys() - {"code", "reason", "fields", "metadata"}
    if unknown:
        raise Failed(f"unknown keys of an error: {sorted(unknown)}")
    came = {
        "code": error.code.name,
        "reason": error.reason,
        "fields": [violation.field for violation in error.fields],
        "metadata": error.metadata,
    }
    matches(want, came, "error")


def matches(want: Any, came: Any, path: str = "") -> None:
    """Raises unless `want` is a part of what came."""
    if isinstance(want, dict):
        if not isinstance(came, dict):
            raise Failed(f"{path}: wanted {want}, came {came}")
        for key, value in want.items():
            if key not in came:
                raise Failed(f"{path}.{key}: wanted {value}, came nothing: {came}")
            matches(value, came[key], f"{path}.{key}")
    elif isinstance(want, list):
        if not isinstance(came, list) or len(came) != len(want):
            raise Failed(f"{path}: wanted {want}, came {came}")
        for position, value in enumerate(want):
            matches(value, came[position], f"{path}.{position}")
    elif type(want) is not type(came) or want != came:
        numbers = isinstance(want, (int, float)) and isinstance(came, (int, float)) and not isinstance(want, bool)
        if not numbers or float(want) != float(came):
            raise Failed(f"{path}: wanted {want!r}, came {came!r}")


def found(came: Any, path: str) -> bool:
    """Whether there is something at a dotted path."""
    for key in path.split("."):
        if isinstance(came, list) and key.isdigit() and int(key) < len(came):
            came = came[int(key)]
        elif isinstance(came, dict) and key in came:
            came = came[key]
        else:
            return False
    return True


def cases() -> Iterator[dict[str, Any]]:
    files = sorted(CASES.glob("*.yaml"))
    if not files:
        raise SystemExit(f"there are no cases: {CASES}; hint: EMBARGO_CONFORMANCE names the folder that has them")
    names: set[str] = set()
    for file in files:
        document = yaml.load(file.read_text(), Loader)
        for case in document["cases"]:
            name = case.get("name", "")
            kinds = KEYS.keys() & case.keys()
            if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) or name in names or len(kinds) != 1:
                raise SystemExit(f"{file.name}: `{name}` has no name of its own, or does not ask one thing")
            (kind,) = kinds
            unknown = case.keys() - KEYS[kind] - {"name", kind}
            if unknown or (kind == "call" and case["call"] not in CALLS) or ("want" in case) == ("error" in case):
                raise SystemExit(f"{file.name}: `{name}` has keys or a call that are not known: {sorted(unknown)}")
            names.add(name)
            yield {**case, "kind": kind}


def main() -> None:
    target = os.environ.get("EMBARGO_TARGET")
    if not target:
        command = "embargo with --policies clients/conformance/policies -- clients/python/check.sh"
        raise SystemExit(f"EMBARGO_TARGET names no server; hint: run `{command}`")
    told = list(cases())
    failed = []
    for library in (Library("waiting", target), Library("asyncio", target)):
        for case in told:
            try:
                RUNNERS[case["kind"]](library, case)
            # Whatever goes wrong in a case is its failure, and the others are run all the same.
            except Exception as error:
                failed.append(case["name"])
                shown = str(error) if isinstance(error, Failed) else repr(error)
                print(f"{case['name']} ({library.name}): {shown}", file=sys.stderr)
        library.stop()
    if failed:
        raise SystemExit(f"conformance: {len(failed)} of {2 * len(told)} failed")
    print(f"conformance: {len(told)} passed")


if __name__ == "__main__":
    main()
