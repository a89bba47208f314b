"""What the full capture showed of a connection and its thinned one does not, as notes say it
(``packets.flow_notes``; ``noting`` writes them).

Payload that is not kept decides some of what a reader concludes: two copies that differ beyond the
hello, a challenge that was answered, TLS inside a cleartext login. None of it is repeated in the
note, only the conclusion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from auditor.flows.flow import Flow, Hello, InitiatorEvidence, Side, Transport
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.tampering import WORDS, Tampering
from auditor.packets.flow_notes import FlowNote, RefusedLogin
from auditor.packets.unseen_note import Lack


class Mark(StrEnum):
    """What else a note may say."""

    PROVEN = "proven"
    CERTIFICATE = "certificate"
    UNSEEN = "unseen"
    """The hello was not seen, or is not kept."""
    CONTRADICTS = "contradicts"
    NAMED = "named"
    """It had a name, which is not kept."""
    NAMELESS = "nameless"
    """The names that are kept are not those that the full capture shows."""
    DOUBTED = "doubted"
    """What its ends said first may be contradicted by what was not kept."""
    UNSURE = "unsure"
    """The heartbeat would be judged otherwise."""


_End = tuple[str, int]
_Key = tuple[_End, _End, int]
#: Notes by ends, in any order, and begin of their connection.
Notes = Mapping[_Key, FlowNote]


def _key(one: _End, other: _End, started: int) -> _Key:
    return (min(one, other), max(one, other), started)


def end_of(side: Side) -> _End:
    """Return address and port."""
    return (side.address, side.port)


def key_of(flow: Flow) -> _Key:
    """Return what tells a connection from all others."""
    return _key(end_of(flow.initiator), end_of(flow.acceptor), flow.started)


def by_connection(notes: Iterable[FlowNote]) -> Notes:
    """Return notes by what tells connections apart; those in words that are not known are left
    out, since anybody may have written the file."""
    return {
        _key(note.initiator, note.acceptor, note.started): note for note in notes if is_known(note)
    }


def is_known(note: FlowNote) -> bool:
    """Tell whether a note is in words that mean something."""
    known = note.by in {*InitiatorEvidence} and note.transport in {*Transport}
    if note.refused is not None:
        known &= note.refused.by in {*End} and note.refused.kind in {*RefusalKind}
    return known and all(kind in WORDS for kind, _ in note.facts)


def without_missing(flow: Flow) -> Flow:
    """Return a flow of a thinned capture: what is not there was left out."""
    if not (flow.initiator.missing or flow.acceptor.missing):
        return flow
    return replace(
        flow,
        initiator=replace(flow.initiator, missing=0),
        acceptor=replace(flow.acceptor, missing=0),
    )


def as_noted(flow: Flow, notes: Notes) -> Flow:
    """Return a flow as the full capture showed it, if there is a note on it that knows its end."""
    note = notes.get(key_of(flow))
    if note is None or (note.until is not None and note.until < flow.last):
        return flow
    if end_of(flow.initiator) != note.initiator:
        flow = _turned(flow)
    shown = flow.hello
    if Mark.NAMELESS in note.marks or note.transport == Transport.UNKNOWN:
        shown = Hello()
    hello = replace(
        shown,
        transport=Transport(note.transport),
        tls_offered=note.offered,
        tls_version=note.version,
        proven=Mark.PROVEN in note.marks,
        certificate=Mark.CERTIFICATE in note.marks,
    )
    if Mark.UNSURE in note.marks:
        flow = unsure(flow)
    return replace(
        flow,
        initiator_evidence=InitiatorEvidence(note.by),
        hello=hello,
        hello_unseen=Mark.UNSEEN in note.marks,
        hello_contradicts=Mark.CONTRADICTS in note.marks,
        name_left_out=Mark.NAMED in note.marks,
        doubts=frozenset({Lack.DOUBTED}) if Mark.DOUBTED in note.marks else flow.doubts,
        refusal=refusal_of(flow.refusal, note.refused),
        tampering=tuple(_facts(flow, note)),
        tampering_count=note.count,
    )


def unsure(flow: Flow) -> Flow:
    """Return a flow of whose heartbeat too much was left out: nothing can be said of it."""
    return replace(flow, initiator=replace(flow.initiator, probes=()), beats_left_out=True)


def _turned(flow: Flow) -> Flow:
    rejection, too_big = (
        error and replace(error, of_initiator=not error.of_initiator)
        for error in (flow.rejection, flow.too_big)
    )
    return replace(
        flow,
        initiator=flow.acceptor,
        acceptor=flow.initiator,
        hello=Hello(),
        rejection=rejection,
        too_big=too_big,
    )


def refusal_of(seen: Refusal | None, noted: RefusedLogin | None) -> Refusal | None:
    """Return the refusal that is noted, in the words that were ``seen``."""
    if noted is None:
        return None
    kind, by = RefusalKind(noted.kind), End(noted.by)
    if kind is RefusalKind.ANSWER and seen is not None and (seen.kind, seen.by) == (kind, by):
        return seen  # of its words nothing is noted
    return Refusal(kind, by, noted.said, noted.certain)


def _facts(flow: Flow, note: FlowNote) -> Iterator[Tampering]:
    """Yield the facts of a note; of those that the thinned capture shows too it has frames."""
    seen = {(fact.kind, fact.time): fact for fact in flow.tampering}
    for kind, time in note.facts:
        yield seen.get((kind, time), Tampering(kind, 0, 0, time))
