"""Asks a server of this project through `opa-python-client`, which knows nothing of it.

Holds that the client's calls about data are answered as an OPA answers them, and that what is no
decision is an error there and never leave.
"""

import asyncio
import os
from importlib.metadata import version

import requests
from opa_client.opa import OpaClient
from opa_client.opa_async import AsyncOpaClient

HOST, _, PORT = os.environ["EMBARGO_TARGET"].rpartition(":")
CHECKED = 0


def facts(name: str | None, **software: str) -> dict:
    """A host with one item of the maker that does not exist, or with none of them."""
    item = {"name": "Editor"} if name is None else {"name": name, "bundle_id": f"com.example.{name}"}
    return {"host_id": "stock", "software": [item | software]}


def same(found: object, wanted: object) -> None:
    """Counts a check that holds, and ends at one that does not."""
    global CHECKED
    if found != wanted:
        raise SystemExit(f"clients/stock/python: {found!r} is not {wanted!r}")
    CHECKED += 1


def refused(status: int, call) -> None:
    """Holds that a call ends with an error of this status."""
    try:
        answer = call()
    except requests.HTTPError as error:
        same(error.response.status_code, status)
        same(error.response.json()["code"], "invalid_parameter")
        return
    raise SystemExit(f"clients/stock/python: no error, but {answer!r}")


def synchronous() -> None:
    """What the client asks by default."""
    with OpaClient(host=HOST, port=int(PORT), timeout=10) as client:
        same(client.check_connection(), True)
        same(client.check_health(), True)
        same(client.check_health({"bundles": True, "plugins": True}), True)
        same("restrictions.example_deny" in client.get_policies_list(), True)

        def rule(name: str, given: dict, package: str = "embargo") -> object:
            return client.query_rule(given, package, name).get("result")

        same(rule("allow", facts(None)), True)
        same(rule("allow", facts("warned")), True)
        same(rule("allow", facts("denied")), False)
        same(rule("allow", facts("reviewed")), False)
        # It cannot be told, so that it is neither.
        same(rule("allow", facts("faulty", version="x")), None)
        same(rule("effect", facts("faulty", version="x")), "indeterminate")
        same(len(rule("deny", facts("faulty", version="x"))), 1)
        same(rule("decision", facts("denied"))["findings"][0]["instrument_id"], "example-deny")
        same(len(rule("example_deny", facts("denied"), "restrictions")["deny"]), 1)
        same(rule("nothing", facts("denied")), None)
        job = {"extra_vars": {"embargo": facts("denied")}}
        same(rule("aap", job)["allowed"], False)
        answer = client.query_rule(facts(None), "embargo", "effect", {"metrics": True, "pretty": True})
        same(sorted(answer), ["decision_id", "metrics", "result"])

        refused(400, lambda: client.query_rule({"host_id": ""}, "embargo", "allow"))
        refused(400, lambda: client.query_rule({"hots_id": "h"}, "embargo", "allow"))
        refused(400, lambda: client.query_rule({"extra_vars": {}}, "embargo", "aap"))


async def asynchronous() -> None:
    """The same client without threads."""
    async with AsyncOpaClient(host=HOST, port=int(PORT), timeout=10) as client:
        same(await client.check_health(), True)
        answer = await client.query_rule(facts("denied"), "embargo", "allow")
        same(answer["result"], False)


synchronous()
asyncio.run(asynchronous())
print(f"opa-python-client {version('opa-python-client')} ({CHECKED} checks)")
