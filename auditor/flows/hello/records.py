"""TLS records of one side put together into the handshake messages that are in clear."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

CLIENT_HELLO, SERVER_HELLO, CERTIFICATE = 1, 2, 11
SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE = 14, 16

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23

#: An alert in a record of TLS 1.3: two bytes, the inner type and the tag (RFC 8446 §5.2).
SEALED_ALERT = 19

#: 2^14 bytes and the 2048 that TLS 1.2 lets a cipher add (RFC 5246 §6.2.3).
_RECORD_LIMIT = 2**14 + 2048

#: A handshake shows some ten records and messages in clear. These bounds let anyone cut them
#: finer, and keep 4 KiB of hostile one-byte records from costing a hundred honest hellos.
_RECORDS, _MESSAGES = 128, 32

_FATAL = 2

Message = tuple[int, bytes]
"""A handshake type and the body after the type's four-byte header."""


class SentRecords(NamedTuple):
    """What one side sent in its first TLS records."""

    clear: tuple[Message, ...] = ()
    """Whole handshake messages before its ChangeCipherSpec."""
    later: tuple[Message, ...] = ()
    """Whole handshake messages after it: in clear only when a HelloRetryRequest came first, for
    the middlebox form of TLS 1.3 puts a meaningless ChangeCipherSpec there (RFC 8446 §D.4);
    otherwise ciphertext that happened to look whole."""
    changed: bool = False
    """It sent a ChangeCipherSpec."""
    alert: int | None = None
    """The fatal alert that it sent in clear."""
    sealed: tuple[int, ...] = ()
    """Sizes of its records of application data, of which the last may be cut short."""
    finished: bool = False
    """A handshake record follows its ChangeCipherSpec: up to TLS 1.2 its Finished."""
    broken: bool = False
    """After a record comes what is none: it went on without TLS."""


def is_record(data: bytes) -> bool:
    """Whether ``data`` begins with the header of a TLS record that may hold something."""
    return _size_at(data, 0) > 0


def _size_at(data: bytes, at: int) -> int:
    """Return how much the record holds whose header is there; 0: none is, or it holds nothing."""
    if len(data) < at + 5 or data[at + 1] != 3 or data[at + 2] > 4:
        return 0
    size = data[at + 3] << 8 | data[at + 4]
    return (
        size if CHANGE_CIPHER_SPEC <= data[at] <= APPLICATION_DATA and size <= _RECORD_LIMIT else 0
    )


def is_client_hello(data: bytes) -> bool:
    """Whether ``data`` begins with a record whose first message is a ClientHello."""
    return is_record(data) and data[0] == HANDSHAKE and data[5:6] == bytes([CLIENT_HELLO])


@lru_cache(maxsize=1024)
def read_records(data: bytes) -> SentRecords:
    """Return what ``data``, the first bytes of one side, holds: messages up to its first
    ciphertext, and the sizes of that.

    A message may be spread over records in any way (RFC 8446 §5.1). A message or record that
    ``data`` ends in is left out.
    """
    clear, later, sealed = bytearray(), bytearray(), list[int]()
    changed, finished, alert, position = False, False, None, 0
    for _ in range(_RECORDS):
        if not (size := _size_at(data, position)):
            break
        kind, begin = data[position], position + 5
        position = begin + size
        if kind == APPLICATION_DATA:
            sealed.append(size)
            continue
        if sealed:
            continue  # so is this
        payload = data[begin:position]
        if kind == HANDSHAKE:
            finished |= changed
            (later if changed else clear).extend(payload)
        elif kind == CHANGE_CIPHER_SPEC:
            changed = True
        elif len(payload) == 2 and payload[0] == _FATAL:
            alert = payload[1]
            break
    broken = alert is None and position > 0 and _is_no_record(data[position : position + 5])
    return SentRecords(
        _messages(bytes(clear)),
        _messages(bytes(later)),
        changed,
        alert,
        tuple(sealed),
        finished,
        broken,
    )


def _is_no_record(header: bytes) -> bool:
    return len(header) == 5 and not is_record(header)


def record_sizes(data: bytes) -> tuple[tuple[int, int], ...]:
    """Return type and length of each whole record that ``data`` begins with, sealed or not."""
    found: list[tuple[int, int]] = []
    position = 0
    while len(found) < _RECORDS and (length := _size_at(data, position)):
        kind = data[position]
        position += 5 + length
        if position > len(data):
            break
        found.append((kind, length))
    return tuple(found)


def _messages(data: bytes) -> tuple[Message, ...]:
    messages: list[Message] = []
    position = 0
    while position + 4 <= len(data) and len(messages) < _MESSAGES:
        end = position + 4 + int.from_bytes(data[position + 1 : position + 4], "big")
        if end > len(data):
            break
        messages.append((data[position], data[position + 4 : end]))
        position = end
    return tuple(messages)
