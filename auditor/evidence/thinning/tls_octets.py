"""Of a side that speaks TLS what is in the clear and needed, and the sizes of the rest (P4)."""

from __future__ import annotations

from auditor.evidence.thinning.excerpt import Excerpt, Reading
from auditor.evidence.thinning.handshake_octets import Stand, mask_hello, mask_messages
from auditor.flows.hello.messages import is_retry
from auditor.flows.hello.records import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    SERVER_HELLO,
    is_record,
)

_HEADER = 5
_APPLICATION_DATA = bytes([APPLICATION_DATA])
_HANDSHAKE, _SERVER_HELLO = bytes([HANDSHAKE]), bytes([SERVER_HELLO])
#: So much of a handshake message tells whether it can be a hello that fills its record.
_MESSAGE_HEAD = 4
_WARNING, _FATAL = 1, 2
#: The signal that a Bareos program may send after its alert (bareos.md §11).
_TERMINATE = b"\xff\xff\xff\xfc"


def retries(sent: bytes) -> bool:
    """Tell whether a side begins with a HelloRetryRequest: what follows its ChangeCipherSpec, and
    that of its peer, is in the clear then (RFC 8446 §D.4)."""
    if sent[_HEADER : _HEADER + 1] != _SERVER_HELLO or sent[0] != HANDSHAKE:
        return False
    return is_record(sent[:_HEADER]) and is_retry(sent[_HEADER:])


def add_tls(out: Excerpt, *, retried: bool) -> Reading:
    """Add the TLS records that follow; ``retried``: one side began with a HelloRetryRequest.

    Of what is no record and comes after one, the place of a header is blanked: so it stays known
    that the side went on without TLS.
    """
    reading = _Records(out, retried)
    reading.add_all()
    return reading


class _Records:
    """Adds one record after the other, or what is there of it."""

    __slots__ = ("_begin", "_certain", "_first", "_out", "_retried", "_sealed")

    def __init__(self, out: Excerpt, retried: bool) -> None:
        self._out = out
        self._retried = retried
        self._begin = out.size
        self._first = True
        """No handshake message was there yet."""
        self._sealed = False
        """What follows is ciphertext."""
        self._certain = (self._begin, True, False)
        """Size of the excerpt before the latest record, which may become longer, and both of
        the above there."""

    def go_on(self, sent: bytes, *, retried: bool) -> bool:
        """Add what follows the last whole record: one that was not whole is added again."""
        if retried is not self._retried:
            return False
        size, self._first, self._sealed = self._certain
        self._out.lengthen(sent, size)
        self.add_all()
        return True

    def add_all(self) -> None:
        """Add all that is there."""
        out, stand = self._out, Stand.BETWEEN
        while stand is Stand.BETWEEN and not out.ended:
            if self._sealed:
                self._add_data()
            self._certain = (out.size, self._first, self._sealed)
            header = out.rest(_HEADER)
            if len(header) < _HEADER:
                return
            goes_on = is_record(header)
            if not goes_on and out.size > self._begin:
                out.blank(_HEADER)
            stand = self._add(header) if goes_on else Stand.NONE
        if stand is Stand.NONE:
            out.end()

    def _add_data(self) -> None:
        """Add the whole records of application data that follow, which are most."""
        sent, at, kept = self._out.sent, self._out.size, bytearray()
        while (header := sent[at : at + _HEADER])[:1] == _APPLICATION_DATA and is_record(header):
            length = header[3] << 8 | header[4]
            at += _HEADER + length
            if at > len(sent):
                break
            kept += header
            kept += bytes(length)
        self._out.put(kept)

    def _add(self, header: bytes) -> Stand:
        kind, length = header[0], header[3] << 8 | header[4]
        if kind == HANDSHAKE and not self._sealed:
            return self._add_messages()
        if kind == CHANGE_CIPHER_SPEC:
            return self._add_change(self._body(length), length)
        if kind == ALERT and length == 2:
            return self._add_alert(self._body(length))
        if kind == HANDSHAKE and self._retried and length > _MESSAGE_HEAD:
            return self._add_late(self._body(length), length)
        self._sealed |= kind != ALERT
        return self._add_sealed(length)

    def _body(self, length: int) -> bytes:
        return self._out.rest(_HEADER + length)[_HEADER:]

    def _add_sealed(self, length: int) -> Stand:
        self._out.keep(_HEADER)
        return Stand.BETWEEN if self._out.blank(length) == length else Stand.WITHIN

    def _add_change(self, body: bytes, length: int) -> Stand:
        if length != 1 or body not in (b"", b"\x01"):
            return Stand.NONE
        if not body:
            return Stand.WITHIN
        self._out.keep(_HEADER + 1)
        self._sealed = True
        return Stand.BETWEEN

    def _add_alert(self, body: bytes) -> Stand:
        """Add an alert in the clear; one that is fatal is the last, but for TERMINATE."""
        if body and body[0] not in (_WARNING, _FATAL):
            return Stand.NONE
        if len(body) < 2:
            return Stand.WITHIN
        self._out.keep(_HEADER + 2)
        if body[0] == _WARNING:
            return Stand.BETWEEN
        said = self._out.rest(len(_TERMINATE))
        if said == _TERMINATE:
            self._out.keep(len(said))
            return Stand.NONE
        return Stand.WITHIN if _TERMINATE.startswith(said) else Stand.NONE

    def _add_late(self, body: bytes, length: int) -> Stand:
        """Add a record after the ChangeCipherSpec that may be a second hello, or else is sealed."""
        size = int.from_bytes(body[1:_MESSAGE_HEAD], "big") + _MESSAGE_HEAD
        may_be = len(body) < _MESSAGE_HEAD or (size == length and body[0] in (1, 2))
        if may_be and len(body) < length:
            return Stand.WITHIN
        hello = mask_hello(body, self._out.names) if may_be else None
        if hello is None:
            return self._add_sealed(length)
        self._out.keep(_HEADER)
        self._out.put(hello)
        return Stand.BETWEEN

    def _add_messages(self) -> Stand:
        """Add the messages of the handshake records that follow: one may spread over several."""
        parts, at = _gather(self._out)
        content = b"".join(self._out.sent[begin:end] for begin, end in parts)
        masked, stand = mask_messages(content, self._out.names, first=self._first)
        self._first &= not masked
        done = 0
        for begin, end in parts:
            if done == len(masked):
                break
            some = masked[done : done + end - begin]
            self._out.keep(begin - self._out.size)
            self._out.put(some)
            done += len(some)
        left = len(self._out.sent) - at
        if stand is Stand.WITHIN and left >= _HEADER:
            return Stand.NONE
        return Stand.WITHIN if stand is Stand.BETWEEN and left < 0 else stand


def _gather(out: Excerpt) -> tuple[list[tuple[int, int]], int]:
    """Return where in the stream what the next records of type 22 carry begins and ends, as far as
    it was seen, and where the next record, or what is none, begins."""
    parts, at, seen = list[tuple[int, int]](), out.size, len(out.sent)
    while (header := out.sent[at : at + _HEADER])[:1] == _HANDSHAKE and is_record(header):
        end = at + _HEADER + (header[3] << 8 | header[4])
        if at + _HEADER < min(end, seen):
            parts.append((at + _HEADER, min(end, seen)))
        at = end
    return parts, at
