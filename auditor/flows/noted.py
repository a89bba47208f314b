"""What the full capture showed of a connection and its thinned one does not: written as a note of
``packets.flow_notes`` by who thins, and believed by who reads the thinned one.

Payload that is not kept decides some of what a reader concludes: two copies that differ beyond the
hello, a challenge that was answered, TLS inside a cleartext login. None of it is repeated in the
note, only the conclusion.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Hello, InitiatorEvidence, Side, Transport
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.tampering import WORDS, Tampering
from auditor.packets.flow_notes import FlowNote, RefusedLogin

_PROVEN, _CERTIFICATE, _UNSEEN, _CONTRADICTS, _NAMED, _NAMELESS, _UNSURE = (
    "proven",
    "certificate",
    "unseen",
    "contradicts",
    "named",
    "nameless",
    "unsure",
)
#: Silences (ns) are the same within the first; what is shorter than the second is not judged, and
#: thinning is not exact there.
_SAME = 100_000_000
#: How far (ns) the packets of a capture are put in order.
_ORDER_NS = 2_000_000_000
_JUDGED = 900_000_000
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
    again: dict[tuple[_End, _End], list[tuple[int, int, Flow]]] = {}
    for flow in thinned:
        again.setdefault(_key_of(flow)[:2], []).append((flow.started, flow.index, flow))
    for some in again.values():
        some.sort(key=lambda one: one[:2])
    for flow in full:
        other = _nearest(flow, again.get(_key_of(flow)[:2], []))
        if other is None or other.started < 0:
            continue
        nameless = _says_more(other.hello, flow.hello)
        lost = flow.hello.identity is not None and (nameless or other.hello.identity is None)
        lesser = replace(
            flow,
            started=other.started,
            hello_unseen=flow.hello_unseen or lost,
            name_left_out=flow.name_left_out or lost,
        )
        note = _note(lesser, nameless=nameless, unsure=not _beats_alike(flow, other))
        if note != _note(other, nameless=False, unsure=False):
            yield note


def _nearest(flow: Flow, others: Sequence[tuple[int, int, Flow]]) -> Flow | None:
    """Return the flow that is the same connection: packets of a thinned capture are in order of
    time, so that it may begin with another one. ``others`` are in order."""
    at = bisect_left(others, flow.started, key=lambda one: one[0])
    near = [one[2] for one in others[max(0, at - 1) : at + 1]]
    other = min(near, key=lambda one: abs(one.started - flow.started), default=None)
    return other if other and abs(other.started - flow.started) <= _ORDER_NS else None


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


def _beats_alike(full: Flow, thin: Flow) -> bool:
    """Tell whether both captures show the same of the heartbeat of a connection."""
    ends = {_end(side): side for side in (thin.initiator, thin.acceptor)}
    return full.outcome == thin.outcome and all(
        _is_alike(side, ends[_end(side)]) for side in (full.initiator, full.acceptor)
    )


def _is_alike(one: Side, other: Side) -> bool:
    idle = sorted((one.longest_idle, other.longest_idle))
    if idle[1] >= _JUDGED and idle[1] - idle[0] > _SAME:
        return False
    if len(one.probes) != len(other.probes) or one.unasked.acks != other.unasked.acks:
        return False
    return all(
        mine.time == its.time
        and mine.exact == its.exact
        and (mine.answered is None) == (its.answered is None)
        and abs(mine.interval - its.interval) <= _SAME
        for mine, its in zip(one.probes, other.probes, strict=True)
    )


def _note(flow: Flow, *, nameless: bool, unsure: bool) -> FlowNote:
    hello, refusal = flow.hello, flow.refusal
    marks = {
        _PROVEN: hello.proven,
        _CERTIFICATE: hello.certificate,
        _UNSEEN: flow.hello_unseen,
        _CONTRADICTS: flow.hello_contradicts,
        _NAMED: flow.name_left_out,
        _NAMELESS: nameless,
        _UNSURE: unsure,
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
    if _UNSURE in note.marks:
        flow = _unsure(flow)
    return replace(
        flow,
        initiator_evidence=InitiatorEvidence(note.by),
        hello=hello,
        hello_unseen=_UNSEEN in note.marks,
        hello_contradicts=_CONTRADICTS in note.marks,
        name_left_out=_NAMED in note.marks,
        refusal=_refusal(flow.refusal, note.refused),
        tampering=tuple(_facts(flow, note)),
        tampering_count=note.count,
    )


def _unsure(flow: Flow) -> Flow:
    """Return a flow of whose heartbeat too much was left out: nothing can be said of it."""
    initiator = replace(flow.initiator, probes=(), missing=max(1, flow.initiator.missing))
    return replace(flow, initiator=initiator)


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
