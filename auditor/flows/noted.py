"""What the full capture showed of a connection and its thinned one does not: written as a note of
``packets.flow_notes`` by who thins, and believed by who reads the thinned one.

Payload that is not kept decides some of what a reader concludes: two copies that differ beyond the
hello, a challenge that was answered, TLS inside a cleartext login. None of it is repeated in the
note, only the conclusion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from auditor.flows.flow import Flow, Hello, InitiatorEvidence, Side, Transport
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.tampering import WORDS, Tampering
from auditor.packets.flow_notes import FlowNote, RefusedLogin

_PROVEN, _CERTIFICATE, _UNSEEN, _CONTRADICTS, _NAMELESS = (
    "proven",
    "certificate",
    "unseen",
    "contradicts",
    "nameless",
)
#: A refusal in words is payload, of which nothing is written.
_IN_WORDS = "an answer that refuses"

_End = tuple[str, int]
_Key = tuple[_End, _End, int]
#: Notes by ends, in any order, and begin of their connection.
Notes = Mapping[_Key, FlowNote]


def _key(one: _End, other: _End, started: int) -> _Key:
    return (min(one, other), max(one, other), started)


def _end(side: Side) -> _End:
    return (side.address, side.port)


def _key_of(flow: Flow) -> _Key:
    return _key(_end(flow.initiator), _end(flow.acceptor), flow.started)


# ---------------------------------------------------------------- for who thins


def find_notes(full: Iterable[Flow], thinned: Iterable[Flow]) -> Iterator[FlowNote]:
    """Yield a note for each flow of which the thinned capture, by itself, tells something else."""
    again = {_key_of(flow): flow for flow in thinned}
    for flow in full:
        other = again.get(_key_of(flow))
        if other is None or flow.started < 0:
            continue
        nameless = _says_more(other.hello, flow.hello)
        lost = flow.hello.identity is not None and (nameless or other.hello.identity is None)
        note = _note(replace(flow, hello_unseen=flow.hello_unseen or lost), nameless)
        if note != _note(other, False):
            yield note


def _says_more(thin: Hello, full: Hello) -> bool:
    """Tell whether names that the thinned capture shows are not those of the full one."""
    pairs = (
        (thin.identity, full.identity),
        (thin.line, full.line),
        (thin.acceptor, full.acceptor),
        (thin.user, full.user),
        (thin.database, full.database),
        (thin.server_name, full.server_name),
    )
    return any(shown and shown != known for shown, known in pairs)


def _note(flow: Flow, nameless: bool) -> FlowNote:
    hello, refusal = flow.hello, flow.refusal
    marks = {
        _PROVEN: hello.proven,
        _CERTIFICATE: hello.certificate,
        _UNSEEN: flow.hello_unseen,
        _CONTRADICTS: flow.hello_contradicts,
        _NAMELESS: nameless,
    }
    refused = None
    if refusal is not None:
        said = _IN_WORDS if refusal.kind is RefusalKind.ANSWER else refusal.said
        refused = RefusedLogin(refusal.by, refusal.kind, said, refusal.certain)
    return FlowNote(
        initiator=_end(flow.initiator),
        acceptor=_end(flow.acceptor),
        started=flow.started,
        by=flow.initiator_evidence,
        transport=hello.transport,
        offered=hello.tls_offered,
        version=hello.tls_version,
        marks=frozenset(mark for mark, holds in marks.items() if holds),
        refused=refused,
        facts=tuple((fact.kind, fact.time) for fact in flow.tampering),
        count=flow.tampering_count,
    )


# ---------------------------------------------------------------- for who reads what was thinned


def by_connection(notes: Iterable[FlowNote]) -> Notes:
    """Return notes by what tells connections apart; those in words that are not known are left
    out, since anybody may have written the file."""
    return {
        _key(note.initiator, note.acceptor, note.started): note for note in notes if _is_known(note)
    }


def _is_known(note: FlowNote) -> bool:
    known = note.by in {*InitiatorEvidence} and note.transport in {*Transport}
    if note.refused is not None:
        known &= note.refused.by in {*End} and note.refused.kind in {*RefusalKind}
    return known and all(kind in WORDS for kind, _ in note.facts)


def without_missing(flow: Flow) -> Flow:
    """Return a flow of a thinned capture: what is not there was left out."""
    return replace(
        flow,
        initiator=replace(flow.initiator, missing=0),
        acceptor=replace(flow.acceptor, missing=0),
    )


def as_noted(flow: Flow, notes: Notes) -> Flow:
    """Return a flow as the full capture showed it, if there is a note on it."""
    note = notes.get(_key_of(flow))
    if note is None:
        return flow
    if _end(flow.initiator) != note.initiator:
        flow = _turned(flow)
    shown = flow.hello
    if _NAMELESS in note.marks or note.transport == Transport.UNKNOWN:
        shown = Hello()
    hello = replace(
        shown,
        transport=Transport(note.transport),
        tls_offered=note.offered,
        tls_version=note.version,
        proven=_PROVEN in note.marks,
        certificate=_CERTIFICATE in note.marks,
    )
    return replace(
        flow,
        initiator_evidence=InitiatorEvidence(note.by),
        hello=hello,
        hello_unseen=_UNSEEN in note.marks,
        hello_contradicts=_CONTRADICTS in note.marks,
        refusal=_refusal(flow.refusal, note.refused),
        tampering=tuple(_facts(flow, note)),
        tampering_count=note.count,
    )


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


def _refusal(seen: Refusal | None, noted: RefusedLogin | None) -> Refusal | None:
    if noted is None:
        return None
    kind, by = RefusalKind(noted.kind), End(noted.by)
    if seen is not None and (seen.kind, seen.by) == (kind, by):
        return seen
    return Refusal(kind, by, noted.said, noted.certain)


def _facts(flow: Flow, note: FlowNote) -> Iterator[Tampering]:
    """Yield the facts of a note; of those that the thinned capture shows too it has frames."""
    seen = {(fact.kind, fact.time): fact for fact in flow.tampering}
    for kind, time in note.facts:
        yield seen.get((kind, time), Tampering(kind, 0, 0, time))
