"""The README's examples run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fake import Fake, Hang, at, decision, state

from embargo_client import ConfigurationError, v1

README = Path(__file__).parents[1] / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def judge(request: Any, _: Any) -> v1.DecideHostResponse:
    facts = request.facts
    action = request.action or v1.ACTION_PRESENCE
    return v1.DecideHostResponse(decision=decision(host_id=facts.host_id, action=action, evaluate_time=at(1)))


def judge_all(items: Any, _: Any) -> Any:
    for item in items:
        decided = judge(item, None).decision
        if item.correlation_id == "1":
            decided.effect = 99  # type: ignore[assignment]
        yield v1.StreamDecideHostsResponse(result=v1.DecideResult(correlation_id=item.correlation_id, decision=decided))


def run(example: str) -> None:
    exec(compile(example, str(README), "exec"), {"__name__": "__main__"})


@pytest.fixture
def served(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake.set("DecideHost", judge)
    fake.set("StreamDecideHosts", judge_all)
    fake.set("WatchSnapshot", [state(), Hang()])
    monkeypatch.setenv("EMBARGO_URL", fake.endpoint)
    return fake


def test_there_are_the_examples_that_are_tested() -> None:
    assert len(EXAMPLES) == 4


def test_the_gate_opens(served: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    run(EXAMPLES[0])
    assert capsys.readouterr().out == "go ahead: EFFECT_ALLOW\n"


def test_the_gate_stays_closed(served: Fake) -> None:
    served.set("DecideHost", v1.DecideHostResponse())
    with pytest.raises(SystemExit, match="stop: no_decision: the answer holds no decision"):
        run(EXAMPLES[0])


def test_the_gate_for_asyncio_opens(served: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    run(EXAMPLES[1])
    assert capsys.readouterr().out == "go ahead\n"


def test_a_fleet_is_judged(served: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    run(EXAMPLES[2])
    first, second, third = capsys.readouterr().out.splitlines()
    assert (first, third) == ("0 EFFECT_ALLOW", "2 EFFECT_ALLOW")
    assert second.startswith("1 not judged: the decision has the unknown effect 99: item `1` of StreamDecideHosts")


def test_a_client_is_set_up_with_files_that_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="`ca\\.pem`"):
        run(EXAMPLES[3].replace('"…"', '"token"'))
