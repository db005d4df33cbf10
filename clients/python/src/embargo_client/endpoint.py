"""What a client is set up with: endpoints, TLS and a token, checked once, before anything is sent.

Invariant: a token leaves over plain text only towards this host itself, unless the caller asks for more; TLS that was asked for is
never left out.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Union
from urllib.parse import urlsplit

import grpc

from .errors import MAX_MESSAGE_BYTES, ConfigurationError

#: PEM itself as bytes, or the path of a file that holds it.
Pem = Union[bytes, str, "os.PathLike[str]"]

#: What gRPC is told about every connection. Retries are ours, since only we know which answers may be asked for again; a connection
#: that has a call in flight and is silent for 20 s is probed, and dropped 10 s later.
_OPTIONS: tuple[tuple[str, int | str], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.primary_user_agent", "embargo-client-python/0.1.0"),
)

_TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Tls:
    """How an `https` endpoint is verified, and how this client shows who it is."""

    #: The authorities that may vouch for the server. The roots that gRPC brings along, if None.
    ca: Pem | None = None
    #: This client's certificate chain, for servers that ask for one. Given together with `key`.
    certificate: Pem | None = None
    #: The private key of `certificate`.
    key: Pem | None = field(default=None, repr=False)
    #: The name that the server's certificate must have, if it is not the endpoint's host.
    server_name: str | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """What gRPC connects with."""
        if (self.certificate is None) != (self.key is None):
            raise ConfigurationError("of certificate and key one is missing; hint: give both or neither")
        return grpc.ssl_channel_credentials(
            root_certificates=_read(self.ca, "ca"),
            private_key=_read(self.key, "key"),
            certificate_chain=_read(self.certificate, "certificate"),
        )


@dataclass(frozen=True)
class Endpoint:
    """A server's address."""

    #: As it was given.
    given: str
    secure: bool
    host: str
    port: int

    @property
    def target(self) -> str:
        """As gRPC names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"dns:///{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether it is this host itself, so that nobody listens on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @classmethod
    def parse(cls, given: str) -> Endpoint:
        """Reads `http://HOST:PORT` or `https://HOST:PORT`."""
        hint = "hint: write it as `https://HOST:PORT` or `http://HOST:PORT`"
        try:
            parts = urlsplit(given)
            port = parts.port
        except ValueError:
            raise ConfigurationError(f"the endpoint is not an address; {hint}") from None
        if parts.username is not None or parts.password is not None:
            # Not shown: it may be a secret.
            raise ConfigurationError("the endpoint names a user; hint: give a token instead")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ConfigurationError(f"`{given}` is not an endpoint; {hint}")
        if parts.path not in ("", "/"):
            raise ConfigurationError(f"`{given}` has a path, and gRPC has none; {hint}")
        secure = parts.scheme == "https"
        return cls(given, secure, parts.hostname, port if port is not None else (443 if secure else 80))


@dataclass(frozen=True)
class Setup:
    """Everything that connections are made from."""

    endpoints: tuple[Endpoint, ...]
    tls: Tls | None
    #: What is sent with every call.
    metadata: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def check(cls, endpoints: str | Sequence[str], tls: Tls | None, token: str | None, allow_token_over_plain_text: bool) -> Setup:
        """What was given, if it holds together."""
        given = (endpoints,) if isinstance(endpoints, str) else tuple(endpoints)
        if not given:
            raise ConfigurationError("there is no endpoint; hint: give at least one, such as `http://127.0.0.1:8181`")
        parsed = tuple(Endpoint.parse(each) for each in given)
        plain = [each for each in parsed if not each.secure]
        if tls is not None and plain:
            raise ConfigurationError(f"`{plain[0].given}` has no TLS, and TLS is set up; hint: write `https://`")
        if token is None:
            return cls(parsed, tls, ())
        if not _TOKEN.fullmatch(token):
            raise ConfigurationError("the token is empty or has characters that no header takes; hint: strip line ends")
        exposed = [each for each in plain if not each.loopback]
        if exposed and not allow_token_over_plain_text:
            raise ConfigurationError(
                f"the token would cross the network in plain text: `{exposed[0].given}`; "
                "hint: use `https://`, or set allow_token_over_plain_text"
            )
        return cls(parsed, tls, (("authorization", f"Bearer {token}"),))

    def options(self, endpoint: Endpoint) -> list[tuple[str, int | str]]:
        """What gRPC is told about a connection."""
        options: list[tuple[str, int | str]] = list(_OPTIONS)
        if endpoint.loopback:
            options.append(("grpc.enable_http_proxy", 0))
        if self.tls is not None and self.tls.server_name is not None:
            options.append(("grpc.ssl_target_name_override", self.tls.server_name))
        return options

    def credentials(self) -> grpc.ChannelCredentials:
        """What TLS connections are made with."""
        return (self.tls or Tls()).credentials()


def _read(pem: Pem | None, what: str) -> bytes | None:
    if pem is None or isinstance(pem, bytes):
        return pem
    try:
        return Path(pem).read_bytes()
    except OSError as error:
        cause = error.strerror or "it cannot be read"
        raise ConfigurationError(f"{cause}: {what} `{os.fspath(pem)}`; hint: give a readable PEM file") from None
