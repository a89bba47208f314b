"""What the recorder of a thinned capture says of first bytes that it did not keep, or not all of
(``packets.unseen_note``): it proves less of them, and never other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.flows.flow import Flow, Hello
from auditor.flows.refusal import End, Refusal, RefusalKind
from auditor.flows.tampering import COPIES_DIFFER, Tampering
from auditor.flows.unseen_octets import about
from auditor.packets.unseen_note import Lack, UnseenNote

#: Who refused a login, by the word for it.
_REFUSED = ((Lack.REFUSED, End.ACCEPTOR), (Lack.DECLINED, End.INITIATOR))
_SAID = "a message that was not kept"


def with_doubts(flows: Iterable[Flow], notes: Sequence[UnseenNote]) -> tuple[Flow, ...]:
    """Return flows of which nothing is proven that notes say was told otherwise, or might be."""
    flows = tuple(flows)
    some = [note for note in notes if note.marks]
    if not some:
        return flows
    return tuple(
        _doubted(flow, mine) if mine else flow
        for flow, mine in zip(flows, about(flows, some), strict=True)
    )


def _doubted(flow: Flow, notes: Sequence[UnseenNote]) -> Flow:
    words = frozenset().union(*(note.marks for note in notes))
    unread = Lack.UNREAD in words
    facts = tuple(
        Tampering(COPIES_DIFFER, 0, 0, note.time) for note in notes if Lack.TWICE in note.marks
    )
    refused = next((by for word, by in _REFUSED if word in words), None) if unread else None
    refusal = Refusal(RefusalKind.ANSWER, refused, _SAID) if refused else None
    return replace(
        flow,
        refusal=flow.refusal or refusal,
        doubts=words | {Lack.PROOF} if flow.hello.proven else words,
        hello=Hello() if unread else replace(flow.hello, proven=False),
        hello_unseen=flow.hello_unseen or unread,
        beats_left_out=flow.beats_left_out or Lack.BOUND in words,
        name_left_out=flow.name_left_out or Lack.NAMED in words,
        tampering=flow.tampering + facts,
        tampering_count=flow.tampering_count + len(facts),
    )
