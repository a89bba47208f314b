"""What is read of a side's first bytes: the rest, which is drawn at random, is blanked.

So the hellos of connections that say the same are the same octets, are kept once, and are read
once. Only a TLS stream has such octets: randoms, sessions, key shares and binders in a hello that
is whole in the first record, and the payload of sealed records. Lengths stay as they are.
"""

from __future__ import annotations

from auditor.flows.hello_copies import is_marked
from auditor.flows.tables import HELLO_BYTES
from auditor.kernels import entry, kernel
from auditor.packets.integers import int64
from auditor.packets.segments import Array

_HANDSHAKE, _APPLICATION_DATA, _FIRST, _LAST = 22, 23, 20, 23
_CLIENT_HELLO, _SERVER_HELLO = 1, 2
#: The longest record: 2^14 octets, and the 2048 that TLS 1.2 lets a cipher add (RFC 5246 §6.2.3).
_LONGEST = 2**14 + 2048
_PRE_SHARED_KEY, _KEY_SHARE = 41, 51
#: What the random of a HelloRetryRequest begins with (RFC 8446 §4.1.3): that one is read.
_RETRY = 0xCF21AD74


@kernel
def _number(data: Array, at: int, size: int) -> int:
    value = 0
    for k in range(size):
        value = value << 8 | int64(data[at + k])
    return value


@kernel
def _blank(data: Array, begin: int, end: int) -> None:
    for k in range(begin, end):
        data[k] = 0


@kernel
def _blank_keys(data: Array, begin: int, end: int) -> None:
    """Blank the ages and binders of pre-shared keys (RFC 8446 §4.2.11)."""
    if begin + 2 > end:
        return
    at = begin + 2
    last = at + _number(data, begin, 2)
    if last > end:
        return
    while at + 2 <= last:
        at += 2 + _number(data, at, 2)
        if at + 4 > last:
            return
        _blank(data, at, at + 4)
        at += 4
    _blank(data, last, end)


@kernel
def _blank_extensions(data: Array, at: int, end: int, offers: bool) -> None:
    if at + 2 > end or at + 2 + _number(data, at, 2) > end:
        return
    end = at + 2 + _number(data, at, 2)
    at += 2
    while at + 4 <= end:
        kind, begin = _number(data, at, 2), at + 4
        at = begin + _number(data, at + 2, 2)
        if at > end:
            return
        if kind == _KEY_SHARE:
            _blank(data, begin, at)
        elif kind == _PRE_SHARED_KEY and offers:
            _blank_keys(data, begin, at)


@kernel
def _blank_hello(data: Array, begin: int, end: int) -> None:
    """Blank what is random of a ClientHello or ServerHello that ends before ``end``."""
    if begin + 39 > end:
        return
    kind, at = int64(data[begin]), begin + 4
    end = min(end, at + _number(data, begin + 1, 3))
    if kind < _CLIENT_HELLO or kind > _SERVER_HELLO or at + 35 > end:
        return
    if kind == _CLIENT_HELLO or _number(data, at + 2, 4) != _RETRY:
        _blank(data, at + 2, at + 34)
    after = at + 35 + int64(data[at + 34])
    if after + 4 > end:
        return
    _blank(data, at + 35, after)
    if kind == _CLIENT_HELLO:
        after += 2 + _number(data, after, 2)  # cipher suites, compression methods
        if after + 1 > end:
            return
        after += 1 + int64(data[after])
    else:
        after += 3
    _blank_extensions(data, after, end, kind == _CLIENT_HELLO)


@kernel
def is_record(data: Array, at: int, size: int) -> bool:
    """Tell whether ``data[:size]`` has at ``at`` the header of a TLS record that may hold something
    (as ``hello.records`` has it)."""
    if at + 5 > size or not _FIRST <= data[at] <= _LAST or data[at + 1] != 3 or data[at + 2] > 4:
        return False
    return 0 < record_length(data, at) <= _LONGEST


@kernel
def record_length(data: Array, at: int) -> int:
    """Return how many octets follow the header of the TLS record at ``at``."""
    return _number(data, at + 3, 2)


@kernel
def blank(data: Array, size: int) -> None:
    """Blank the octets of ``data[:size]``, a side's first bytes, that nobody reads."""
    at, sealed = 0, False
    while is_record(data, at, size):
        kind, length = int64(data[at]), record_length(data, at)
        begin, end = at + 5, at + 5 + length
        sealed |= kind == _APPLICATION_DATA
        if sealed:
            _blank(data, begin, min(end, size))
        elif kind == _HANDSHAKE and at == 0 and end <= size:
            message = begin + 4 + _number(data, begin + 1, 3) if length >= 4 else size + 1
            if message <= end:
                _blank_hello(data, begin, message)
        at = end


@entry
def extract(hellos: Array, filled: Array, rows: Array, marks: Array, out: Array) -> int:
    """Put the contiguous beginning of each of ``hellos[rows]`` into ``out``, what is random blank.

    ``marks`` (as ``rows``, i8) are the rows of ``filled`` that tell how far each goes. ``out`` has
    a row for each, of two octets that hold the length (the higher first) and HELLO_BYTES more.
    """
    for k in range(len(rows)):
        row, known = hellos[rows[k]], filled[marks[k]]
        said = out[k][2:]
        size = 0
        while size < HELLO_BYTES and is_marked(known, size):
            said[size] = row[size]
            size += 1
        blank(said, size)
        out[k][0] = size >> 8
        out[k][1] = size & 0xFF
    return len(rows)
