"""What notes of one file of a recording say of a connection that goes on in another.

Each file was thinned by itself, and a note tells what that file shows: of a connection that began
in one before, or goes on in one after, it knows a part. What it accuses of stands, and so does what
it saw proven; what it did not see, another file may have.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Transport
from auditor.flows.noted import Mark, end_of, is_known, refusal_of, unsure
from auditor.flows.tampering import FACTS_PER_FLOW, Tampering
from auditor.packets.flow_notes import FlowNote
from auditor.packets.unseen_note import Lack

_End = tuple[str, int]
#: Notes by ends, the lesser first, in order of time.
Pieces = Mapping[tuple[_End, _End], Sequence[FlowNote]]


def pieces_of(notes: Iterable[FlowNote]) -> Pieces:
    """Return the notes of files after which others were recorded, by ends."""
    found: dict[tuple[_End, _End], list[FlowNote]] = {}
    for note in notes:
        if note.until is not None and is_known(note):
            ends = sorted((note.initiator, note.acceptor))
            found.setdefault((ends[0], ends[1]), []).append(note)
    for some in found.values():
        some.sort(key=lambda note: note.started)
    return found


def noted_in_pieces(flow: Flow, pieces: Pieces) -> Flow:
    """Return a flow with what notes say that know a part of it."""
    ends = sorted((end_of(flow.initiator), end_of(flow.acceptor)))
    some = pieces.get((ends[0], ends[1]), ())
    begin = bisect_left(some, flow.started, key=lambda note: note.started)
    stop = bisect_right(some, flow.last, key=lambda note: note.started)
    for note in some[begin:stop]:
        if note.started != flow.started or (note.until or 0) < flow.last:
            flow = _with(flow, note)
    return flow


def _with(flow: Flow, note: FlowNote) -> Flow:
    if Mark.UNSURE in note.marks:
        flow = unsure(flow)
    hello = flow.hello
    if hello.transport is Transport.UNKNOWN:
        hello = replace(hello, transport=Transport(note.transport))
    seen = {(fact.kind, fact.time) for fact in flow.tampering}
    facts = [Tampering(kind, 0, 0, time) for kind, time in note.facts if (kind, time) not in seen]
    tampering = sorted((*flow.tampering, *facts), key=lambda fact: fact.time)
    return replace(
        flow,
        hello=replace(hello, proven=hello.proven or Mark.PROVEN in note.marks),
        hello_contradicts=flow.hello_contradicts or Mark.CONTRADICTS in note.marks,
        name_left_out=flow.name_left_out or (hello.identity is None and Mark.NAMED in note.marks),
        doubts=flow.doubts | (frozenset({Lack.DOUBTED} if Mark.DOUBTED in note.marks else ())),
        refusal=flow.refusal if note.refused is None else refusal_of(flow.refusal, note.refused),
        tampering=tuple(tampering[:FACTS_PER_FLOW]),
        tampering_count=flow.tampering_count + len(facts),
    )
