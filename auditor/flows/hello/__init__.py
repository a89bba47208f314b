"""The first bytes of both sides of a flow made into a Hello: who dials whom, and how protected.

Pure functions over bytes. There are four shapes (bareos.md §3.2): A, TLS at once; B, a cleartext
Hello; C, a cleartext Hello with TLS after it; D, PostgreSQL. No secret is kept: responses to
challenges, password messages and cancel keys are passed over.
"""

from __future__ import annotations

from auditor.flows.flow import Hello, Transport
from auditor.flows.hello.bareos import is_challenge, is_hello, read_bareos
from auditor.flows.hello.postgresql import is_postgresql, read_postgresql
from auditor.flows.hello.records import (
    ALERT,
    CLIENT_HELLO,
    HANDSHAKE,
    is_client_hello,
    is_record,
)
from auditor.flows.hello.tls import read_tls

__all__ = ["LIMIT", "begins_tls", "is_from_initiator", "read_hello"]

#: Bytes of each side that are looked at. Two ClientHellos with post-quantum key shares, the most
#: that an initiator sends before it proves itself, take less (bareos.md §3.6).
LIMIT = 4096


def read_hello(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what the first bytes of each side show, whatever they are: this never raises.

    Both begin with the first byte that the side sent and have no hole; either may be empty, cut
    short, or longer than LIMIT. Bytes of no protocol that is known here give ``Hello()``.
    """
    initiator, acceptor = initiator[:LIMIT], acceptor[:LIMIT]
    if is_hello(initiator):
        return read_bareos(initiator, acceptor)
    if is_postgresql(initiator):
        return read_postgresql(initiator, acceptor)
    if is_record(initiator) or (not initiator and is_record(acceptor)):
        return _read_tls(initiator, acceptor)
    if not initiator and is_challenge(acceptor):
        return read_bareos(initiator, acceptor)
    return Hello()


def _read_tls(initiator: bytes, acceptor: bytes) -> Hello:
    """Return what records show. They are TLS from a ClientHello on, or as long as they follow each
    other: a connection may be older than the capture."""
    hello = read_tls(initiator, acceptor)
    ended = hello.transport is Transport.CLEARTEXT and not hello.tls_offered
    return Hello() if ended else hello


def begins_tls(initiator: bytes, acceptor: bytes) -> bool:
    """Whether the first bytes that were sent may be those of TLS, which begins with a ClientHello.

    The header of another record in its place is somebody's bytes. Of an acceptor of which alone
    something was seen also an alert may be the first.
    """
    if not initiator:
        return acceptor[:1] in (bytes([HANDSHAKE]), bytes([ALERT]))
    return initiator[:1] == bytes([HANDSHAKE]) and initiator[5:6] in (b"", bytes([CLIENT_HELLO]))


def is_from_initiator(data: bytes) -> bool:
    """Whether ``data`` is what an initiator sends first, and an acceptor never does.

    That is a TLS ClientHello, a Bareos Hello, or a PostgreSQL startup packet, SSLRequest,
    GSSENCRequest or CancelRequest. It takes six, ten and eight bytes to tell.
    """
    return is_client_hello(data) or is_hello(data) or is_postgresql(data)
