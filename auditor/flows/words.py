"""What a side said first, as one number that is equal where all is equal that a reader makes of it.

What is drawn at random is no part of it: in TLS what ``hello_extract`` blanks and the lengths of
sealed records, of which only their number and alerts are read (``login``); in clear the numbers of
a challenge and what answers it. Whatever is not understood has no number, and is like nothing else.
"""

from __future__ import annotations

import numpy as np

from auditor.flows.hello_copies import is_marked
from auditor.flows.hello_extract import blank, is_record, record_length
from auditor.flows.tables import HELLO_BYTES
from auditor.flows.tcp_state import FIN_ACKED, HAS_ISN
from auditor.kernels import entry, kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

#: Of what is like nothing else; 0: nobody looked yet.
NO_WORDS = -1

#: Below 2^31, so that a product of two of its remainders fits into 63 bits.
_PRIME = 2**31 - 1
_TOGETHER = 3
"""Octets that are taken in at once: they are less than the prime."""

_FIRST, _APPLICATION_DATA = 20, 23
#: More messages than a login has, and the length of a sealed alert (``login``).
_LOGIN_MESSAGES, _SEALED_ALERT = 5, 19
_RECORDS = 128
"""That are read."""
#: As ``hello.framing`` has them: messages of a side that are read, and the longest that may be.
_MESSAGES, _LENGTH_LIMIT = 8, 1_000_000
_HELLO, _CHALLENGE = tuple(b"Hello "), tuple(b"auth cram-md5")
_AUTHENTICATED, _REJECTED = tuple(b"1000 OK auth"), tuple(b"rejected")
_0, _9, _DOT, _OPENS, _AT, _CASE = 48, 57, 46, 60, 64, 32


@kernel
def mixed(one: int, value: int, seed: int) -> int:
    """Return 62 bits of ``one``, as many, and ``value``, which is not negative and below 2^31: two
    polynomials over a prime, at places that nobody outside knows (universal hashing)."""
    high = ((one >> 31) * (1 + (seed >> 32) % (_PRIME - 1)) + value + 1) % _PRIME
    low = ((one & 0x7FFFFFFF) * (1 + (seed & 0x7FFFFFFF) % (_PRIME - 1)) + value + 1) % _PRIME
    return high << 31 | low


@kernel
def _text(one: int, data: Array, begin: int, end: int, seed: int) -> int:
    """Return ``one`` with ``data[begin:end]`` and its length mixed in."""
    high_at, low_at = 1 + (seed >> 32) % (_PRIME - 1), 1 + (seed & 0x7FFFFFFF) % (_PRIME - 1)
    one = mixed(one, end - begin, seed)
    high, low = one >> 31, one & 0x7FFFFFFF
    at = begin
    while at < end:
        value = 0
        for k in range(_TOGETHER):
            value = value << 8 | (int64(data[at + k]) if at + k < end else 0)
        high = (high * high_at + value + 1) % _PRIME
        low = (low * low_at + value + 1) % _PRIME
        at += _TOGETHER
    return high << 31 | low


@kernel
def _of_tls(data: Array, size: int, whole: bool, seed: int) -> int:
    """Return the number of records: all that is in clear, and of what is sealed how many there are
    and whether they are alerts, as far as that is read (``hello.records``, ``login``)."""
    at = records = sealed = messages = cut = first = 0
    one = mixed(1, int64(whole), seed)
    while records < _RECORDS and is_record(data, at, size):
        end = at + 5 + record_length(data, at)
        alert = record_length(data, at) == _SEALED_ALERT
        if data[at] != _APPLICATION_DATA:
            one = mixed(one, sealed << 8 | messages << 4 | cut << 1 | first, seed)
            one = _text(one, data, at, min(end, size), seed)
        elif end > size:
            cut = 1 if alert else 2
        else:
            first |= sealed == 0 and alert
            messages = min(messages + (sealed > 0 and not alert), _LOGIN_MESSAGES)
            sealed = min(sealed + 1, _LOGIN_MESSAGES)
        at = end
        records += 1
    one = mixed(one, sealed << 8 | messages << 4 | cut << 1 | first, seed)
    if at < size:  # what follows begins no record
        one = mixed(one, min(size - at, 5) << 8 | int64(data[at]), seed)
    return one


@kernel
def _begins(data: Array, begin: int, end: int, text: tuple[int, ...]) -> bool:
    if end - begin < len(text):
        return False
    k = 0
    while k < len(text) and data[begin + k] == text[k]:
        k += 1
    return k == len(text)


@kernel
def _holds_rejected(data: Array, begin: int, end: int) -> bool:
    for at in range(begin, end - len(_REJECTED) + 1):
        k = 0
        while k < len(_REJECTED) and data[at + k] | _CASE == _REJECTED[k]:
            k += 1
        if k == len(_REJECTED):
            return True
    return False


@kernel
def _end_of_numbers(data: Array, begin: int, end: int) -> int:
    """Return the place of the ``@`` after ``<digits.digits``; ``begin`` if it is not written so."""
    at, dots = begin, 0
    while at < end and data[at] != _AT:
        dot = data[at] == _DOT
        digit = _0 <= data[at] <= _9
        if not (digit or (dot and dots == 0 and at > begin and _0 <= data[at - 1] <= _9)):
            return begin
        dots += dot
        at += 1
    proper = at < end and dots == 1 and _0 <= data[at - 1] <= _9
    return at if proper else begin


@kernel
def _of_message(one: int, data: Array, begin: int, end: int, place: int, seed: int) -> int:
    """Return ``one`` with what is read of a cleartext message mixed in (``hello.bareos``)."""
    if _begins(data, begin, end, _CHALLENGE):
        opens = begin
        while opens < end and data[opens] != _OPENS:
            opens += 1
        at = _end_of_numbers(data, opens + 1, end)
        return _text(_text(one, data, begin, opens, seed), data, at, end, seed)
    if _begins(data, begin, end, _AUTHENTICATED):
        return mixed(one, 1, seed)
    refuses = end - begin >= 4 and data[begin + 1] == data[begin + 2] == data[begin + 3] == _9
    if place == 0 or refuses or _holds_rejected(data, begin, end):
        return _text(one, data, begin, end, seed)
    return mixed(one, 2, seed)


@kernel
def _of_cleartext(data: Array, size: int, seed: int) -> int:
    """Return the number of messages in clear; NO_WORDS where TLS follows, or nothing is whole."""
    one, at, place = 2, 0, 0
    while at + 4 <= size and place < _MESSAGES:
        length = 0
        for k in range(4):
            length = length << 8 | int64(data[at + k])
        if length >= 1 << 31:
            length -= 1 << 32
        end = at + 4 + max(length, 0)
        if length > _LENGTH_LIMIT or end > size:
            break
        if length < 0:
            one = mixed(one, -length & 0x7FFFFFFF, seed)
        else:
            one = _of_message(mixed(one, 3, seed), data, at + 4, end, place, seed)
        at = end
        place += 1
    # What is left may be TLS, of which the first octets are enough.
    if place == 0 or (at < size and _FIRST <= data[at] <= _APPLICATION_DATA):
        return NO_WORDS
    return mixed(one, int64(at < size), seed)


@kernel
def _is_hello(data: Array, size: int) -> bool:
    """Tell whether it is in clear: a Hello, or a challenge as the acceptor sends first."""
    if size < 17:
        return False
    return _begins(data, 4, size, _HELLO) or _begins(data, 4, size, _CHALLENGE)


@kernel
def note_words(
    side: np.void, hellos: Array, filled: Array, traces: Array, said: Array, seed: int
) -> None:
    """Write the number of what a side said first into ``words``, if it is not there.

    ``hellos``, ``filled`` and ``traces`` are the tables, ``said`` is room for HELLO_BYTES, and
    ``seed`` (u8) is known to nobody.
    """
    if side["words"] != 0 or side["hello"] < 0:
        return
    side["words"] = NO_WORDS
    row, trace = int64(side["hello"]), traces[int64(side["hello"])]
    refused = 0
    for k in range(HELLO_BYTES // 8):
        refused |= int64(trace["refused"][k])
    if refused or trace["second"] != 0:
        return
    size = 0
    while size < HELLO_BYTES and is_marked(filled[row], size):
        said[size] = hellos[row][size]
        size += 1
    blank(said, size)
    whole = False
    if side["bits"] & HAS_ISN:
        stream = int64(side["next"] - side["isn"]) - 1 - int64(side["bits"] & FIN_ACKED != 0)
        whole = stream == size
    secret = int64(seed >> np.uint64(1))
    if is_record(said, 0, size):
        side["words"] = _of_tls(said, size, whole, secret)
    elif _is_hello(said, size):
        side["words"] = _of_cleartext(said, size, secret)


@entry
def note_all_words(
    states: Array,
    sides: Array,
    hellos: Array,
    filled: Array,
    traces: Array,
    said: Array,
    rows: Array,
) -> int:
    """Write the numbers of what the sides ``rows`` (i8) said; ``said`` (u1) is room for
    HELLO_BYTES. Returns how many they are."""
    seed = states[0]["seeds"][9]
    for k in range(len(rows)):
        note_words(sides[rows[k]], hellos, filled, traces, said, seed)
    return len(rows)
