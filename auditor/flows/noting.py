"""Finds what the full capture shows of connections and its thinned one, by itself, does not.

Payload that is not kept decides some of what a reader concludes; and whatever rule of thinning
should keep too little, no verdict may hang on it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Hello, Side
from auditor.flows.noted import Mark, end_of, key_of
from auditor.flows.refusal import RefusalKind
from auditor.packets.flow_notes import FlowNote, RefusedLogin
from auditor.packets.unseen_note import UnseenNote

#: Silences (ns) are the same within this.
_SAME = 100_000_000
#: Shorter ones (ns) are not judged, and thinning is not exact there.
_JUDGED = 900_000_000
#: How far (ns) the packets of a capture are put in order.
_ORDER_NS = 2_000_000_000
#: What a note on bytes can say.
_MOST_OCTETS = 10**18 - 1
#: A refusal in words is payload, of which nothing is written.
_IN_WORDS = "an answer that refuses"


def find_notes(full: Iterable[Flow], thinned: Iterable[Flow]) -> Iterator[FlowNote]:
    """Yield a note for each flow of which the thinned capture, by itself, tells something else."""
    for flow, other in _pairs(full, thinned):
        if other is None:
            continue
        nameless = _says_more(other.hello, flow.hello)
        lost = flow.hello.identity is not None and (nameless or other.hello.identity is None)
        lesser = replace(
            flow,
            started=other.started,
            hello_unseen=flow.hello_unseen or lost,
            name_left_out=flow.name_left_out or lost,
        )
        unsure = flow.beats_left_out or not _beats_alike(flow, other)
        note = _note(lesser, nameless=nameless, unsure=unsure)
        if note != _note(other, nameless=False, unsure=False):
            yield note


def find_unseen(
    full: Iterable[Flow], thinned: Iterable[Flow], most: int
) -> tuple[list[UnseenNote], int]:
    """Return a note for each flow of which bytes were never captured, ``most`` at most, and how
    many bytes are missing of others: in the thinned capture all that is not there was left out."""
    lossy = (flow for flow in full if flow.initiator.missing or flow.acceptor.missing)
    notes: list[UnseenNote] = []
    rest = 0
    for flow, other in _pairs(lossy, thinned):
        sides = (flow.initiator, flow.acceptor)
        if other is None or len(notes) >= most:
            rest += sum(side.missing for side in sides)
            continue
        one, two = ((end_of(side), min(side.missing, _MOST_OCTETS)) for side in sides)
        notes.append(UnseenNote((one, two), other.started))
    return notes, rest


def _pairs(full: Iterable[Flow], thinned: Iterable[Flow]) -> Iterator[tuple[Flow, Flow | None]]:
    """Yield each flow of the full capture with the one of the thinned that is the same connection;
    None: no note can be about one."""
    again: dict[tuple[tuple[str, int], tuple[str, int]], list[tuple[int, int, Flow]]] = {}
    for flow in thinned:
        again.setdefault(key_of(flow)[:2], []).append((flow.started, flow.index, flow))
    for some in again.values():
        some.sort(key=lambda one: one[:2])
    for flow in full:
        other = _nearest(flow, again.get(key_of(flow)[:2], []))
        yield flow, other if other is not None and other.started >= 0 else None


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
    ends = {end_of(side): side for side in (thin.initiator, thin.acceptor)}
    return full.outcome == thin.outcome and all(
        _is_alike(side, ends[end_of(side)]) for side in (full.initiator, full.acceptor)
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
        Mark.PROVEN: hello.proven,
        Mark.CERTIFICATE: hello.certificate,
        Mark.UNSEEN: flow.hello_unseen,
        Mark.CONTRADICTS: flow.hello_contradicts,
        Mark.NAMED: flow.name_left_out,
        Mark.NAMELESS: nameless,
        Mark.DOUBTED: bool(flow.doubts),
        Mark.UNSURE: unsure,
    }
    refused = None
    if refusal is not None:
        said = _IN_WORDS if refusal.kind is RefusalKind.ANSWER else refusal.said
        refused = RefusedLogin(refusal.by, refusal.kind, said, refusal.certain)
    return FlowNote(
        initiator=end_of(flow.initiator),
        acceptor=end_of(flow.acceptor),
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
