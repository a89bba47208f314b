"""Reads what is written once more, so that a file says where it tells less than the full one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from auditor.flows import ConnectionTracker, Flow
from auditor.flows.noting import find_notes
from auditor.outputs import Write
from auditor.packets import CaptureInfo, Decoder
from auditor.packets.flow_notes import FlowNote

#: Notes of one file; a reader takes as many.
_MOST = 65536


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

    def notes(
        self, full: Iterable[Flow], info: CaptureInfo
    ) -> tuple[list[FlowNote], tuple[str, ...]]:
        """Return what is to be noted of the ``full`` capture's flows, and of what is beyond the
        bound, in words. ``info``: the account of the full capture."""
        thinned = self._tracker.finish(info.last, thinned=True).flows
        notes = list(find_notes(full, thinned))
        beyond = len(notes) - _MOST
        if beyond <= 0:
            return notes, ()
        return notes[:_MOST], (f"{beyond} connections of which the full capture showed more",)
