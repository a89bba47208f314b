"""The two TLS messages that name versions, keys and hosts: ClientHello and ServerHello."""

from __future__ import annotations

import struct
from typing import NamedTuple

from auditor.flows.hello.identities import decode
from auditor.flows.hello.reader import CutShortError, Reader

TLS_1_3 = 0x0304

_SERVER_NAME, _PRE_SHARED_KEY, _SUPPORTED_VERSIONS = 0, 41, 43

#: OpenSSL sends twelve extensions, browsers twenty, and Bareos one identity; what follows more than
#: this is not read.
_EXTENSIONS, _IDENTITIES = 64, 16

#: The random of a ServerHello that is a HelloRetryRequest: SHA-256 of that word
#: (RFC 8446 §4.1.3).
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")

_VERSION_NAMES = {0x0300: "SSL 3.0", 0x0301: "1.0", 0x0302: "1.1", 0x0303: "1.2", TLS_1_3: "1.3"}


class ClientHello(NamedTuple):
    """What the initiator offers (RFC 8446 §4.1.2)."""

    version: int
    """Highest version offered that we know, 0 if none."""
    identities: tuple[bytes, ...]
    """Pre-shared key identities, in the order of the offer (§4.2.11)."""
    server_name: str
    """Host name of RFC 6066 §3, or empty."""
    versions: tuple[int, ...]
    """All versions offered."""
    suites: frozenset[int]
    """Cipher suites offered, their IANA numbers."""

    def may_get(self, answer: ServerHello) -> bool:
        """Whether ``answer`` chose of what is offered here (RFC 8446 §4.1.3)."""
        return answer.version in self.versions and answer.suite in self.suites


class ServerHello(NamedTuple):
    """What the acceptor chose (RFC 8446 §4.1.3)."""

    version: int
    """Version chosen; a number that need not be known."""
    suite: int
    """Cipher suite, its IANA number."""
    selected: int | None
    """Index of the pre-shared key in the offer; None: no key was chosen, as always before 1.3."""
    retry: bool
    """It is a HelloRetryRequest: the choice is still to come."""


def version_name(version: int) -> str:
    """Return ``1.3`` for 0x0304 and so on; empty for a version that is none."""
    return _VERSION_NAMES.get(version, "")


def read_client_hello(body: bytes) -> ClientHello | None:
    """Return the ClientHello in ``body``; None when its fields do not fit into it."""
    fields = Reader(body)
    try:
        legacy = fields.number(2)
        fields.take(32)
        fields.vector(1)
        suites = fields.vector(2)
        fields.vector(1)
        extensions = _extensions(fields)
    except CutShortError:
        return None
    # 1.3 stands in the extension only; a greater legacy version stands for 1.2 (RFC 8446 §4.1.2).
    offered = _numbers(extensions.get(_SUPPORTED_VERSIONS, b""))
    offered = offered or tuple(range(0x0300, min(legacy, 0x0303) + 1))
    return ClientHello(
        max((version for version in offered if version in _VERSION_NAMES), default=0),
        _identities(extensions.get(_PRE_SHARED_KEY, b"")),
        _host_name(extensions[_SERVER_NAME]) if _SERVER_NAME in extensions else "",
        offered,
        frozenset(_pairs(suites)),
    )


def read_server_hello(body: bytes) -> ServerHello | None:
    """Return the ServerHello in ``body``; None when its fields do not fit into it."""
    fields = Reader(body)
    try:
        legacy = fields.number(2)
        random = fields.take(32)
        fields.vector(1)
        suite = fields.number(2)
        fields.take(1)
        extensions = _extensions(fields)
    except CutShortError:
        return None
    version = extensions.get(_SUPPORTED_VERSIONS, b"")
    selected = extensions.get(_PRE_SHARED_KEY, b"")
    return ServerHello(
        int.from_bytes(version, "big") if len(version) == 2 else legacy,
        suite,
        int.from_bytes(selected, "big") if len(selected) == 2 else None,
        random == _RETRY,
    )


def is_retry(message: bytes) -> bool:
    """Whether a handshake message is a ServerHello that is a HelloRetryRequest; it may be cut short
    behind its random."""
    return message[:1] == b"\x02" and message[6:38] == _RETRY


def _extensions(fields: Reader) -> dict[int, bytes]:
    """Extensions by number; TLS 1.2 and before may send none at all."""
    found: dict[int, bytes] = {}
    if fields.more():
        inner = Reader(fields.vector(2))
        for _ in range(_EXTENSIONS):
            if not inner.more():
                break
            kind = inner.number(2)
            found.setdefault(kind, inner.vector(2))
    return found


def _numbers(extension: bytes) -> tuple[int, ...]:
    """Return the numbers in the body of supported_versions."""
    try:
        return _pairs(Reader(extension).vector(1))
    except CutShortError:
        return ()


def _pairs(listed: bytes) -> tuple[int, ...]:
    count = len(listed) // 2
    return struct.unpack_from(f">{count}H", listed)


def _identities(extension: bytes) -> tuple[bytes, ...]:
    found: list[bytes] = []
    try:
        listed = Reader(Reader(extension).vector(2))
        while listed.more() and len(found) < _IDENTITIES:
            found.append(listed.vector(2))
            listed.take(4)  # obfuscated ticket age
    except CutShortError:
        return ()
    return tuple(found)


def _host_name(extension: bytes) -> str:
    try:
        listed = Reader(Reader(extension).vector(2))
        kind, name = listed.number(1), listed.vector(2)
    except CutShortError:
        return ""
    return decode(name) if kind == 0 else ""
