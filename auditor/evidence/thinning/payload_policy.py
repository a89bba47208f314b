"""How much of what each side says first may be kept: by rule K5, and never more.

Pure functions over the first octets of both sides. Under TLS it is the first 4 KiB, in cleartext
the first message (bareos.md §3.1), of PostgreSQL what comes before authentication (§1.9).
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.evidence.packet import HELLO_BYTES

#: Octets that ``allowance`` has to see of a side: two PostgreSQL requests and the head of what
#: follows them.
HEAD = 24

_TLS = b"\x16\x03"
_RECORDS = range(20, 24)
_RECORD_HEADER = 5
#: 2^14 octets and what TLS 1.2 lets a cipher add (RFC 5246 §6.2.3).
_LONGEST_RECORD = 2**14 + 2048
_HELLO = b"Hello "
_CHALLENGE = b"auth cram-md5"
#: A longer message makes the receiver drop the connection (bareos.md §3.1).
_LONGEST = 1_000_000
_SSL_REQUEST, _GSSENC_REQUEST = 80877103, 80877104
#: The server refuses longer startup packets.
_STARTUP = 10_000


class Allowance(NamedTuple):
    """How far into a side's stream payload may be kept."""

    octets: int
    settled: bool
    """No further octets can change that."""


_NOTHING = Allowance(0, True)
_UNKNOWN = Allowance(0, False)


def allowance(said: bytes, heard: bytes, *, may_dial: bool, may_accept: bool) -> Allowance:
    """Return what may be kept of a side that begins with ``said``; its peer with ``heard``.

    Both are as much of the beginning as is known without a hole, up to HEAD octets.
    """
    if said[:2] == _TLS:
        return Allowance(HELLO_BYTES, True)
    ways = []
    if may_dial:
        ways += [_hello(said), _postgresql(said)]
    if may_accept:
        ways.append(_answer(said, heard))
    if may_dial and may_accept:
        ways.append(_record(said))
    ways.append(_UNKNOWN if _TLS.startswith(said) else _NOTHING)
    best = max(ways)
    if best.octets and best.settled:
        return best
    return best._replace(settled=all(way.settled for way in ways))


def _record(said: bytes) -> Allowance:
    """Of a stream that was seen from its middle on: the header of a TLS record (RFC 8446 §5.1).

    It shows that the flow is protected, and nothing of what is.
    """
    if len(said) < _RECORD_HEADER:
        return _UNKNOWN
    known = said[0] in _RECORDS and said[1] == 3 and said[2] <= 4
    length = int.from_bytes(said[3:5], "big")
    return Allowance(_RECORD_HEADER, True) if known and 0 < length <= _LONGEST_RECORD else _NOTHING


def _message(said: bytes) -> Allowance:
    """The first message, whose signed length is known."""
    length = int.from_bytes(said[:4], "big", signed=True)
    if length > _LONGEST:
        return _NOTHING
    return Allowance(min(4 + max(length, 0), HELLO_BYTES), True)


def _hello(said: bytes) -> Allowance:
    if said[4:10] == _HELLO:
        return _message(said)
    return _UNKNOWN if _HELLO.startswith(said[4:10]) else _NOTHING


def _requests(said: bytes) -> int:
    """Count the requests for encryption that a PostgreSQL client begins with, 0 to 2."""
    count = 0
    while count < 2 and _request(said[8 * count : 8 * count + 8]):
        count += 1
    return count


def _request(packet: bytes) -> bool:
    length, code = int.from_bytes(packet[:4], "big"), int.from_bytes(packet[4:], "big")
    return len(packet) == 8 and length == 8 and code in (_SSL_REQUEST, _GSSENC_REQUEST)


def _postgresql(said: bytes) -> Allowance:
    before = 8 * _requests(said)
    rest = said[before : before + 8]
    if before and rest[:2] == _TLS:
        return Allowance(HELLO_BYTES, True)
    if len(rest) < 8:
        return Allowance(before, False)
    length, version = int.from_bytes(rest[:4], "big"), int.from_bytes(rest[4:6], "big")
    if version == 3 and 9 <= length <= _STARTUP:
        return Allowance(min(before + length, HELLO_BYTES), True)
    return Allowance(before, True)


def _answer(said: bytes, heard: bytes) -> Allowance:
    """What may be kept of an acceptor: its first message, or one octet to each request."""
    if heard[4:10] == _HELLO or said[4:17] == _CHALLENGE:
        return _message(said) if len(said) >= 4 else _UNKNOWN
    if heard[:2] == _TLS:
        return _NOTHING
    answers = 0
    for _ in range(_requests(heard)):
        if said[answers : answers + 1] not in (b"N", b"S"):
            break
        answers += 1
    if answers and said[answers - 1 : answers] == b"S":
        rest = said[answers : answers + 2]
        if rest == _TLS:
            return Allowance(HELLO_BYTES, True)
        return Allowance(answers, not _TLS.startswith(rest))
    # What the initiator will say is not known yet, or it may say that it goes on asking.
    waiting = len(heard) < HEAD and len(said) < HEAD
    return Allowance(answers, not waiting)
