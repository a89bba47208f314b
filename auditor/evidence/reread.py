"""Reads what is written once more, so that a file says where it tells less than the full one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from auditor.flows import ConnectionTracker, Flow
from auditor.flows.noting import find_notes, find_unseen
from auditor.outputs import Write
from auditor.packets import CaptureInfo, Decoder
from auditor.packets.flow_notes import FlowNote
from auditor.packets.unseen_note import UnseenNote

#: Notes of one file; a reader takes as many.
_MOST = 65536


class Notes(NamedTuple):
    """What is to be written of the connections of a full capture."""

    flows: list[FlowNote]
    unseen: list[UnseenNote]
    beyond: tuple[str, ...]
    """What is beyond the bound, in words."""


class Reread:
    """Tracks the connections of a thinned capture while it is written."""

    def __init__(self, ports: Collection[int]) -> None:
        self._decoder = Decoder(ports)
        self._tracker = ConnectionTracker(ports)

    def beside(self, write: Write) -> Write:
        """Return what writes as ``write`` does, and reads the same octets."""

        def both(data: bytes) -> None:
            for batch in self._decoder.feed(data):
                self._tracker.feed(batch, thinned=True)
            write(data)

        return both

    def notes(self, full: Sequence[Flow], info: CaptureInfo) -> Notes:
        """Return what is to be noted of the ``full`` capture's flows; ``info`` is the account of
        that capture."""
        thinned = self._tracker.finish(info.ended, thinned=True).flows
        unseen, octets = find_unseen(full, thinned, _MOST)
        notes = list(find_notes(full, thinned))
        beyond = []
        if octets:
            beyond.append(f"{octets} acknowledged bytes were never captured")
        if len(notes) > _MOST:
            more = len(notes) - _MOST
            beyond.append(f"{more} connections of which the full capture showed more")
        return Notes(notes[:_MOST], unseen, tuple(beyond))
