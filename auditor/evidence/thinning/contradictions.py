"""What the first bytes of a connection tell that is not kept of them (P11)."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.flows.flow import Transport
from auditor.flows.hello import is_from_initiator, read_hello
from auditor.flows.hello.records import APPLICATION_DATA, is_record
from auditor.flows.refusal import End
from auditor.packets.unseen_note import Lack

_RECORD_HEADER = 5
#: Of a hello that is not whole no more is kept (P2).
_HEAD_BYTES = 10
#: More bytes than this no damage on the way changes, as ``flows.hello_copies`` has it.
_DAMAGE = 8

NOTHING: frozenset[Lack] = frozenset()
#: A hello is not kept that may have had a name.
NAME_LOST = frozenset({Lack.DOUBTED, Lack.UNREAD, Lack.NAMED})


def goes_on_as_tls(sent: bytes, received: bytes) -> bool:
    """Tell whether a connection is TLS as far as the bytes of both sides were seen, whichever of
    them dialled."""
    pairs = ((sent, received), (received, sent))
    return all(read_hello(*pair).transport is Transport.TLS for pair in pairs)


def of_places(differing: Sequence[int], sent: bytes, kept: int) -> frozenset[Lack]:
    """Return what is to be said of two segments that differ at these places of what a side
    ``sent``, of which ``kept`` bytes are kept or may yet be.

    Ciphertext is not compared: readers do not.
    """
    if not differing or _is_sealed(sent, differing[0]):
        return NOTHING
    if differing[0] < kept:
        return NAME_LOST
    return frozenset({Lack.DOUBTED, Lack.TWICE} if len(differing) > _DAMAGE else {Lack.DOUBTED})


def _is_sealed(sent: bytes, place: int) -> bool:
    at = 0
    while place >= at + _RECORD_HEADER and is_record(sent[at : at + _RECORD_HEADER]):
        if sent[at] == APPLICATION_DATA:
            return True
        at += _RECORD_HEADER + int.from_bytes(sent[at + 3 : at + _RECORD_HEADER], "big")
    return False


def of_late(late: int, kept: int) -> frozenset[Lack]:
    """Return what is to be said where from ``late`` on segments were given up, and more of the
    stream, up to ``kept``, might have been kept then."""
    if kept <= late:
        return NOTHING
    return NAME_LOST if late <= _HEAD_BYTES else frozenset({Lack.DOUBTED})


def of_nothing(sent: bytes, received: bytes, kept: bytes) -> frozenset[Lack]:
    """Return what is to be said of a side that ``sent`` what is no hello, so that nothing of it is
    kept: it may be that of who dialled, and then what is ``kept`` of its peer's says nothing."""
    if not sent or is_from_initiator(received):
        return NOTHING
    if read_hello(b"", kept).transport is Transport.UNKNOWN:
        return NOTHING
    return frozenset({Lack.DOUBTED, Lack.UNREAD})


def of_refusal(one: bytes, other: bytes) -> frozenset[Lack]:
    """Return who refused the login, as far as both sides of a connection say of which no protocol
    is taken."""
    pairs = ((one, other), (other, one)) if is_from_initiator(one) else ((other, one), (one, other))
    refusals = (read_hello(*pair).refusal for pair in pairs)
    first = next((refusal for refusal in refusals if refusal is not None), None)
    if first is None:
        return NOTHING
    return frozenset({Lack.REFUSED if first.by is End.ACCEPTOR else Lack.DECLINED})


def of_older(sent: bytes, received: bytes, *, marked: bool) -> frozenset[Lack]:
    """Return what is to be said of a side that was seen from its middle on; ``marked``: it was
    kept that it speaks TLS."""
    if is_from_initiator(sent) or read_hello(received, sent).refusal is not None:
        return NAME_LOST
    if marked and not goes_on_as_tls(sent, received):
        return frozenset({Lack.DOUBTED, Lack.UNREAD})
    return NOTHING
