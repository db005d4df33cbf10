"""How a client reaches its servers: endpoints, TLS, client certificates, tokens, and several servers."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from conftest import Library
from fake import Fake, answer, draining, question, unavailable

from embargo_client import ConfigurationError, Tls, TransportError, v1
from embargo_client.endpoint import Endpoint, Setup

TOKEN = "s3cret"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def pem(authority: trustme.CA) -> bytes:
    return bytes(authority.cert_pem.bytes())


def chain(certificate: trustme.LeafCert) -> tuple[bytes, bytes]:
    """A key and its chain."""
    return certificate.private_key_pem.bytes(), b"".join(each.bytes() for each in certificate.cert_chain_pems)


def serving(authority: trustme.CA, *, asks: bool, name: str = "localhost") -> grpc.ServerCredentials:
    roots = pem(authority) if asks else None
    return grpc.ssl_server_credentials([chain(authority.issue_cert(name))], roots, require_client_auth=asks)


def secure(fake: Fake) -> str:
    fake.set("DecideHost", answer())
    return f"https://localhost:{fake.port}"


def test_a_server_is_verified_by_the_authority_that_is_given(
    library: Library, fakes: Callable[..., Fake], authority: trustme.CA, tmp_path: Path
) -> None:
    endpoint = secure(fakes(serving(authority, asks=False)))
    file = tmp_path / "ca.pem"
    file.write_bytes(pem(authority))
    for ca in (pem(authority), file, str(file)):
        client = library.client(endpoint, tls=Tls(ca=ca))
        assert client.decide_host(question()).effect == v1.EFFECT_ALLOW
    for stranger in (Tls(ca=pem(trustme.CA())), None):
        with pytest.raises(TransportError):
            library.client(endpoint, tls=stranger).decide_host(question())


def test_a_server_of_another_name_is_not_believed(library: Library, fakes: Callable[..., Fake], authority: trustme.CA) -> None:
    endpoint = secure(fakes(serving(authority, asks=False, name="embargo.internal")))
    with pytest.raises(TransportError):
        library.client(endpoint, tls=Tls(ca=pem(authority))).decide_host(question())
    named = Tls(ca=pem(authority), server_name="embargo.internal")
    assert library.client(endpoint, tls=named).decide_host(question())


def test_a_client_shows_its_certificate(library: Library, fakes: Callable[..., Fake], authority: trustme.CA) -> None:
    endpoint = secure(fakes(serving(authority, asks=True)))
    key, certificate = chain(authority.issue_cert("client.example"))
    known = Tls(ca=pem(authority), certificate=certificate, key=key)
    assert library.client(endpoint, tls=known).decide_host(question()).effect == v1.EFFECT_ALLOW
    with pytest.raises(TransportError):
        library.client(endpoint, tls=Tls(ca=pem(authority))).decide_host(question())
    assert key.decode() not in repr(known)


def test_a_token_is_sent_with_every_call(library: Library, fakes: Callable[..., Fake], authority: trustme.CA) -> None:
    fake = fakes(serving(authority, asks=False))
    client = library.client(secure(fake), tls=Tls(ca=pem(authority)), token=TOKEN)
    fake.set("GetSnapshot", v1.GetSnapshotResponse())
    fake.set("WatchSnapshot", [v1.WatchSnapshotResponse()])
    fake.set("StreamDecideHosts", [])
    client.decide_host(question())
    client.get_snapshot()
    list(client.stream_decide_hosts([]))
    watch = client.watch_snapshot()
    next(watch)
    watch.close()
    assert [sent.get("authorization") for sent in fake.metadata] == [f"Bearer {TOKEN}"] * 4
    assert TOKEN not in repr(client)


def test_a_token_goes_to_this_host_in_plain_text(library: Library, fake: Fake) -> None:
    fake.set("DecideHost", answer())
    library.client(fake.endpoint, token=TOKEN).decide_host(question())
    assert fake.metadata[0]["authorization"] == f"Bearer {TOKEN}"
    assert fake.metadata[0]["user-agent"].startswith("embargo-client-python/")


@pytest.mark.parametrize(
    ("endpoints", "settings", "says"),
    [
        ("http://embargo.example:8181", {"token": TOKEN}, "the token would cross the network in plain text"),
        ("http://10.0.0.1:8181", {"token": TOKEN}, "the token would cross the network in plain text"),
        (["http://127.0.0.1:1", "http://10.0.0.1:1"], {"token": TOKEN}, "the token would cross the network"),
        ("http://127.0.0.1.example:8181", {"token": TOKEN}, "the token would cross the network in plain text"),
        ("https://embargo.example", {"token": f"{TOKEN}\n"}, "the token is empty or has characters"),
        ("https://embargo.example", {"token": ""}, "the token is empty or has characters"),
        ("http://127.0.0.1:8181", {"tls": Tls()}, "has no TLS, and TLS is set up"),
        ("https://embargo.example", {"tls": Tls(certificate=b"a")}, "of certificate and key one is missing"),
        ("https://embargo.example", {"tls": Tls(ca="/nowhere/ca.pem")}, "No such file or directory: ca `/nowhere/ca.pem`"),
        ("127.0.0.1:8181", {}, "is not an endpoint; hint: write it as"),
        ("localhost:8181", {}, "is not an endpoint"),
        ("ftp://127.0.0.1", {}, "is not an endpoint"),
        ("http://", {}, "is not an endpoint"),
        ("http://127.0.0.1:99999", {}, "the endpoint is not an address"),
        ("http://127.0.0.1/v1", {}, "has a path"),
        ("http://me:s3cret@127.0.0.1", {}, "the endpoint names a user"),
        ([], {}, "there is no endpoint"),
        ("http://127.0.0.1:1", {"deadline": float("nan")}, "the deadline is not a number"),
    ],
)
def test_what_does_not_hold_together_is_refused_before_anything_is_sent(
    library: Library, endpoints: Any, settings: dict[str, Any], says: str
) -> None:
    given = [endpoints] if isinstance(endpoints, str) else endpoints
    with pytest.raises(ConfigurationError) as raised:
        library.client(*given, **settings)
    assert says in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_a_token_crosses_the_network_in_plain_text_only_where_it_is_asked_for() -> None:
    setup = Setup.check("http://embargo.example:8181", None, TOKEN, True)
    assert setup.metadata == (("authorization", f"Bearer {TOKEN}"),)
    assert TOKEN not in repr(setup)


@pytest.mark.parametrize(
    ("given", "target", "loopback"),
    [
        ("http://127.0.0.1:8181", "dns:///127.0.0.1:8181", True),
        ("http://localhost", "dns:///localhost:80", True),
        ("https://[::1]:8181/", "dns:///[::1]:8181", True),
        ("https://embargo.example", "dns:///embargo.example:443", False),
        ("http://192.168.0.1:1", "dns:///192.168.0.1:1", False),
    ],
)
def test_an_endpoint_names_a_host_and_a_port(given: str, target: str, loopback: bool) -> None:
    endpoint = Endpoint.parse(given)
    assert (endpoint.target, endpoint.loopback, endpoint.given) == (target, loopback, given)


def test_another_server_answers_for_one_that_is_unavailable(library: Library, fakes: Callable[..., Fake]) -> None:
    first, second = fakes(), fakes()
    first.set("DecideHost", draining())
    second.set("DecideHost", answer())
    client = library.client(first.endpoint, second.endpoint)
    client.decide_host(question())
    client.decide_host(question())
    assert (first.calls("DecideHost"), second.calls("DecideHost")) == (1, 2), "one that was unavailable is not asked first"


def test_another_server_answers_for_one_that_is_not_there(library: Library, fake: Fake) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    fake.set("DecideHost", answer())
    assert library.client(f"http://127.0.0.1:{port}", fake.endpoint).decide_host(question())


def test_all_servers_are_asked_before_a_call_fails(library: Library, fakes: Callable[..., Fake]) -> None:
    started = [fakes(), fakes(), fakes()]
    for fake in started:
        fake.set("DecideHost", unavailable())
    with pytest.raises(TransportError):
        library.client(*(fake.endpoint for fake in started)).decide_host(question())
    assert [fake.calls("DecideHost") for fake in started] == [2, 1, 1]
