"""Of a side that speaks TLS what is in the clear and needed, and the sizes of the rest (P4)."""

from __future__ import annotations

from auditor.evidence.thinning.excerpt import Excerpt
from auditor.evidence.thinning.handshake_octets import Stand, mask_hello, mask_messages
from auditor.flows.hello.messages import is_retry
from auditor.flows.hello.records import ALERT, CHANGE_CIPHER_SPEC, HANDSHAKE, is_record

_HEADER = 5
_HANDSHAKE = bytes([HANDSHAKE])
#: So much of a handshake message tells whether it can be a hello that fills its record.
_MESSAGE_HEAD = 4
_WARNING, _FATAL = 1, 2
#: The signal that a Bareos program may send after its alert (bareos.md §11).
_TERMINATE = b"\xff\xff\xff\xfc"


def retries(sent: bytes) -> bool:
    """Tell whether a side begins with a HelloRetryRequest: what follows its ChangeCipherSpec, and
    that of its peer, is in the clear then (RFC 8446 §D.4)."""
    return is_record(sent) and sent[0] == HANDSHAKE and is_retry(sent[_HEADER:])


def add_tls(out: Excerpt, *, retried: bool) -> None:
    """Add the TLS records that follow; ``retried``: one side began with a HelloRetryRequest.

    Of what is no record and comes after one, the place of a header is blanked: so it stays known
    that the side went on without TLS.
    """
    reading, begin = _Records(out, retried), out.size
    while not out.ended and len(header := out.rest(_HEADER)) == _HEADER:
        goes_on = is_record(header)
        if not goes_on and out.size > begin:
            out.blank(_HEADER)
        stand = reading.add(header) if goes_on else Stand.NONE
        if stand is Stand.NONE:
            out.end()
        elif stand is Stand.WITHIN:
            return


class _Records:
    """Adds one record after the other, or what is there of it, and tells how that stands."""

    def __init__(self, out: Excerpt, retried: bool) -> None:
        self._out = out
        self._retried = retried
        self._first = True
        """No handshake message was there yet."""
        self._sealed = False
        """What follows is ciphertext."""

    def add(self, header: bytes) -> Stand:
        kind, length = header[0], int.from_bytes(header[3:], "big")
        if kind == HANDSHAKE and not self._sealed:
            return self._add_messages()
        body = self._out.rest(_HEADER + length)[_HEADER:]
        if kind == CHANGE_CIPHER_SPEC:
            return self._add_change(body, length)
        if kind == ALERT and length == 2:
            return self._add_alert(body)
        if kind == HANDSHAKE and self._retried and length > _MESSAGE_HEAD:
            return self._add_late(body, length)
        self._sealed |= kind != ALERT
        return self._add_sealed(body, length)

    def _add_sealed(self, body: bytes, length: int) -> Stand:
        self._out.keep(_HEADER)
        self._out.blank(length)
        return Stand.BETWEEN if len(body) == length else Stand.WITHIN

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
        hello = mask_hello(body) if may_be else None
        if hello is None:
            return self._add_sealed(body, length)
        self._out.keep(_HEADER)
        self._out.put(hello)
        return Stand.BETWEEN

    def _add_messages(self) -> Stand:
        """Add the messages of the handshake records that follow: one may spread over several."""
        parts, more = _gather(self._out)
        content = b"".join(self._out.sent[begin:end] for begin, end in parts)
        masked, stand = mask_messages(content, first=self._first)
        self._first &= not masked
        done = 0
        for begin, end in parts:
            if done == len(masked):
                break
            some = masked[done : done + end - begin]
            self._out.keep(begin - self._out.size)
            self._out.put(some)
            done += len(some)
        if stand is Stand.WITHIN:
            return Stand.NONE if more else Stand.WITHIN
        return stand if more or stand is Stand.NONE else Stand.WITHIN


def _gather(out: Excerpt) -> tuple[list[tuple[int, int]], bool]:
    """Return where in the stream what the next records of type 22 carry begins and ends, as far as
    it was seen, and whether the header of another record, or what is none, follows them."""
    parts, at = list[tuple[int, int]](), out.size
    while (header := out.sent[at : at + _HEADER])[:1] == _HANDSHAKE and is_record(header):
        end = at + _HEADER + int.from_bytes(header[3:], "big")
        if at + _HEADER < min(end, len(out.sent)):
            parts.append((at + _HEADER, min(end, len(out.sent))))
        at = end
    return parts, len(out.sent) - at >= _HEADER
