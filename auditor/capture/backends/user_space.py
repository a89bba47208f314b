"""What the backends have in common that thin in this process, not in the kernel."""

from __future__ import annotations

from collections.abc import Collection

from auditor.capture.backend import Request
from auditor.capture.backends.interface_pipeline import (
    InterfacePipeline,
    ThinningFactory,
    default_thinning,
)
from auditor.errors import CaptureError
from auditor.evidence.packet import SILENCE_NS, Counters, Interface, Packet
from auditor.evidence.timeline import Timeline
from auditor.packets.pcapng_comments import SocketFact

#: A packet is in our hands this long (ns) after its time at the latest: dumpcap passes its
#: buffer on twice a second, and gets as much again for a busy machine.
LAG_NS = 1_000_000_000


class MergedPipelines:
    """The packets of several pipelines, brought into one order.

    A busy pipeline runs ahead of a quiet one by no more than thinning and ``LAG_NS`` hold back,
    so several wait that long for each other. One alone waits for nobody.
    """

    def __init__(self, each: list[InterfacePipeline]) -> None:
        self.each = each
        self._timeline = Timeline(2 * SILENCE_NS + 2 * LAG_NS if len(each) > 1 else 0)

    def merge(self, packets: list[Packet], now: int) -> list[Packet]:
        """Take what the pipelines gave; return what is in order by now (ns UTC)."""
        if len(self.each) == 1:
            return packets
        self._timeline.add(packets)
        return self._timeline.due(now)

    def flush(self) -> list[Packet]:
        """Return what the pipelines and the ordering still hold back."""
        rest = [packet for pipeline in self.each for packet in pipeline.flush()]
        self._timeline.add(rest)
        return self._timeline.rest()

    def counters(self) -> tuple[Counters, ...]:
        """Return the counters of each pipeline; what came too late to be put in order is lost."""
        late = self._timeline.late
        return tuple(
            pipeline.counters._replace(lost=pipeline.counters.lost + late.get(number, 0))
            for number, pipeline in enumerate(self.each)
        )


class UserSpaceBackend:
    """The part of a ``Backend`` that does not depend on where the bytes come from."""

    def __init__(self, *blind: str, thinning: ThinningFactory = default_thinning) -> None:
        self.blind: tuple[str, ...] = (
            "It sees no sockets, so neither keepalive settings nor processes are known.",
            *blind,
        )
        self.interfaces: tuple[Interface, ...] = ()
        self.children: tuple[int, ...] = ()
        self._thinning = thinning
        self._pipelines = MergedPipelines([])
        self._failure: CaptureError | None = None

    def _make_pipelines(self, request: Request) -> None:
        """Make a pipeline for each of ``interfaces``; it loads code, so while rights are held."""
        self._pipelines = MergedPipelines(
            [
                InterfacePipeline(number, interface, request, self._thinning)
                for number, interface in enumerate(self.interfaces)
            ]
        )

    def facts(self) -> Collection[SocketFact]:
        """Return nothing: sockets are not seen from here."""
        return ()

    def counters(self) -> tuple[Counters, ...]:
        """Return what the pipelines counted, interface by interface."""
        return self._pipelines.counters()
