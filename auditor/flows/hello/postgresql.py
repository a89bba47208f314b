"""The first packets of a PostgreSQL connection (bareos.md §1.9).

Layouts from the PostgreSQL manual, "Message Formats": the packets before authentication have a
length of four bytes, itself included, and a code of four bytes, but no type byte.
"""

from __future__ import annotations

from dataclasses import replace

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello.identities import decode
from auditor.flows.hello.records import is_client_hello
from auditor.flows.hello.tls import read_tls

_CANCEL_REQUEST, _SSL_REQUEST, _GSSENC_REQUEST = 80877102, 80877103, 80877104

#: A client may ask for GSS and for TLS, once each.
_REQUESTS = 2

#: The server refuses longer startup packets.
_STARTUP_LIMIT = 10_000

#: A key in a CancelRequest has four bytes, from protocol 3.2 on up to 256.
_CANCEL_LIMIT = 12 + 256


def is_postgresql(data: bytes) -> bool:
    """Whether ``data`` begins with a packet that only a PostgreSQL client sends first."""
    length, code = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    if len(data) < 8:
        return False
    if code in (_SSL_REQUEST, _GSSENC_REQUEST):
        return length == 8
    if code == _CANCEL_REQUEST:
        return 16 <= length <= _CANCEL_LIMIT
    return code >> 16 == 3 and 9 <= length <= _STARTUP_LIMIT


def read_postgresql(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what the packets before authentication show; nothing after them is looked at.

    So a password message is never read, nor is the key of a CancelRequest.
    """
    requests, tls_requested = 0, False
    while requests < _REQUESTS and is_postgresql(initiator[8 * requests : 8 * requests + 8]):
        code = int.from_bytes(initiator[8 * requests + 4 : 8 * requests + 8], "big")
        if code not in (_SSL_REQUEST, _GSSENC_REQUEST):
            break
        tls_requested = tls_requested or code == _SSL_REQUEST
        requests += 1
    hello = Hello(transport=Transport.POSTGRESQL, tls_requested=tls_requested)
    rest = initiator[8 * requests :]
    if tls_requested and is_client_hello(rest):
        # Each request was answered with one byte before anything else could be sent.
        agreed = acceptor[requests - 1 : requests] in (b"", b"S")
        inner = read_tls(rest, acceptor[requests:] if agreed else b"")
        if inner.transport is not Transport.TLS:
            return hello
        return replace(inner, transport=Transport.POSTGRESQL, tls_requested=True)
    if is_postgresql(rest) and int.from_bytes(rest[4:8], "big") != _CANCEL_REQUEST:
        return _startup(hello, rest)
    return hello


def _startup(hello: Hello, packet: bytes) -> Hello:
    """User and database; the database is the user's name unless the packet names another."""
    length = int.from_bytes(packet[:4], "big")
    words = packet[8:length].split(b"\0")[:-1]
    given = dict(zip(words[::2], words[1::2], strict=False))
    user = decode(given.get(b"user", b""))
    whole = len(packet) >= length
    database = decode(given[b"database"]) if b"database" in given else user if whole else ""
    return replace(hello, user=user, database=database)
