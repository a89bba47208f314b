"""How much of what each side sends first may be kept: by the table of R6, and never more.

Pure functions over the first bytes of both sides. Under TLS it is the first 4 KiB, or the alert
that refuses it, in cleartext
the first message (bareos.md §3.1), of PostgreSQL what comes before authentication (§1.9).
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.evidence.packet import HELLO_BYTES

#: Bytes that ``allowance`` has to see of a side: two PostgreSQL requests and the head of what
#: follows them.
PREFIX_BYTES = 24

_TLS = b"\x16\x03"
_ALERT = b"\x15\x03"
#: A TLS alert and the signal TERMINATE: all that answers a ClientHello which is refused
#: (bareos.md §11).
_REFUSAL_BYTES = 11
_RECORDS = range(20, 24)
_RECORD_HEADER = 5
#: 2^14 bytes and what TLS 1.2 lets a cipher add (RFC 5246 §6.2.3).
_LONGEST_RECORD = 2**14 + 2048
_HELLO = b"Hello "
_CHALLENGE = b"auth cram-md5"
#: A longer message makes the receiver drop the connection (bareos.md §3.1).
_LONGEST_MESSAGE = 1_000_000
_SSL_REQUEST, _GSSENC_REQUEST = 80877103, 80877104
#: The server refuses longer startup packets.
_LONGEST_STARTUP = 10_000


class Allowance(NamedTuple):
    """How far into a side's stream payload may be kept."""

    size: int
    """Bytes from its beginning."""
    settled: bool
    """No further bytes can change that."""


_NOTHING = Allowance(0, True)
_UNKNOWN = Allowance(0, False)


def allowance(sent: bytes, received: bytes, *, may_initiate: bool, may_accept: bool) -> Allowance:
    """Return what may be kept of a side that sent ``sent`` first and received ``received``.

    Both are as much of the beginning as is known without a hole, up to PREFIX_BYTES.
    ``may_initiate`` and ``may_accept``: it may be the side that opened the connection, or the
    other; both are true of a connection whose SYN was not seen.
    """
    if sent[:2] == _TLS:
        return Allowance(HELLO_BYTES, True)
    if sent[:2] == _ALERT and may_initiate != may_accept:  # amid a stream two bytes are no proof
        return Allowance(_REFUSAL_BYTES, True)
    readings = []
    if may_initiate:
        readings += [_hello(sent), _postgresql(sent)]
    if may_accept:
        readings.append(_answer(sent, received))
    if may_initiate and may_accept:
        readings.append(_record(sent))
    begins = any(start.startswith(sent) for start in (_TLS, _ALERT))
    readings.append(_UNKNOWN if begins else _NOTHING)
    best = max(readings)
    if best.size and best.settled:
        return best
    return best._replace(settled=all(reading.settled for reading in readings))


def _record(sent: bytes) -> Allowance:
    """Of a stream that was seen from its middle on: the header of a TLS record (RFC 8446 §5.1).

    It shows that the flow is protected, and nothing of what is.
    """
    if len(sent) < _RECORD_HEADER:
        return _UNKNOWN
    known = sent[0] in _RECORDS and sent[1] == 3 and sent[2] <= 4
    length = int.from_bytes(sent[3:5], "big")
    return Allowance(_RECORD_HEADER, True) if known and 0 < length <= _LONGEST_RECORD else _NOTHING


def _message(sent: bytes) -> Allowance:
    """The first message, whose signed length is known."""
    length = int.from_bytes(sent[:4], "big", signed=True)
    if length > _LONGEST_MESSAGE:
        return _NOTHING
    return Allowance(min(4 + max(length, 0), HELLO_BYTES), True)


def _hello(sent: bytes) -> Allowance:
    if sent[4:10] == _HELLO:
        return _message(sent)
    return _UNKNOWN if _HELLO.startswith(sent[4:10]) else _NOTHING


def _requests(sent: bytes) -> int:
    """Count the requests for encryption that a PostgreSQL client begins with, 0 to 2."""
    count = 0
    while count < 2 and _is_request(sent[8 * count : 8 * count + 8]):
        count += 1
    return count


def _is_request(packet: bytes) -> bool:
    length, code = int.from_bytes(packet[:4], "big"), int.from_bytes(packet[4:], "big")
    return len(packet) == 8 and length == 8 and code in (_SSL_REQUEST, _GSSENC_REQUEST)


def _postgresql(sent: bytes) -> Allowance:
    before = 8 * _requests(sent)
    rest = sent[before : before + 8]
    if before and rest[:2] == _TLS:
        return Allowance(HELLO_BYTES, True)
    if len(rest) < 8:
        return Allowance(before, False)
    length, version = int.from_bytes(rest[:4], "big"), int.from_bytes(rest[4:6], "big")
    if version == 3 and 9 <= length <= _LONGEST_STARTUP:
        return Allowance(min(before + length, HELLO_BYTES), True)
    return Allowance(before, True)


def _answer(sent: bytes, received: bytes) -> Allowance:
    """What may be kept of an acceptor: its first message, or one byte to each request."""
    if received[4:10] == _HELLO or sent[4:17] == _CHALLENGE:
        return _message(sent) if len(sent) >= 4 else _UNKNOWN
    if received[:2] == _TLS:
        return _UNKNOWN if _ALERT.startswith(sent) else _NOTHING
    answers = 0
    for _ in range(_requests(received)):
        if sent[answers : answers + 1] not in (b"N", b"S"):
            break
        answers += 1
    if answers and sent[answers - 1 : answers] == b"S":
        rest = sent[answers : answers + 2]
        if rest == _TLS:
            return Allowance(HELLO_BYTES, True)
        return Allowance(answers, not _TLS.startswith(rest))
    # What the initiator will send is not known yet, or it may go on asking.
    waiting = len(received) < PREFIX_BYTES and len(sent) < PREFIX_BYTES
    return Allowance(answers, not waiting)
