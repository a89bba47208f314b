"""Thins one batch after the other, and says at the end what the full recording showed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from auditor.evidence.libpcap_filter import capture_filter
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.reread import Reread
from auditor.evidence.thinning import Thinner
from auditor.flows import Flow
from auditor.outputs import Write
from auditor.packets import Batch, CaptureInfo
from auditor.text.listing import first_of

#: So many layers that could not be decoded are named.
_MOST_LAYERS = 3


@dataclass(frozen=True, slots=True)
class ThinnedCapture:
    """What thinning came to."""

    packets_in: int
    """Packets of the full capture."""
    packets_out: int
    """Packets that are kept."""
    octets_in: int
    """Of the file as it lies on disk, or came through the pipe."""
    octets_out: int
    """Of the thinned file."""
    matched: int
    """TCP segments on the ports asked for."""
    lost: int
    """Segments that were to be kept and could not: the flow table was full, or too many waited for
    the rest of a hello."""
    lacks: tuple[str, ...]
    """What the full capture lacked already, in words; the thinned one says so."""


class Thinning:
    """Writes what is kept of batches, in their order; whoever follows the full recording says at
    the end what it showed."""

    def __init__(
        self, ports: Collection[int], write: Write, max_flows: int = 65536, *, piece: bool = False
    ) -> None:
        """``piece`` as in ``thin_capture``."""
        self._piece = piece
        self._again = Reread(ports)
        self.evidence = Evidence(self._again.beside(write), capture_filter(ports))
        self._max_flows = max_flows
        self._thinner: Thinner | None = None

    def before(self, batch: Batch, *, thinned: bool) -> None:
        """Write what ends before a batch; one of a capture that is ``thinned`` loses no header any
        more. Its packets' interfaces are described by then."""
        if self._thinner is None:
            self._thinner = Thinner(
                self._max_flows, everything=thinned, as_read=True, piece=self._piece
            )
        if batch.step is not None:
            self.evidence.add(self._thinner.begin_anew(batch.step.after))
            self.evidence.step(batch.step)

    def take(self, batch: Batch) -> None:
        """Write what is known to be kept once a batch is known, for which ``before`` was called."""
        if self._thinner is not None:
            self.evidence.add(self._thinner.feed(batch))

    def counters(self) -> tuple[int, int, int]:
        """Return the segments matched, kept, and lost at a bound so far."""
        return (0, 0, 0) if self._thinner is None else self._thinner.counters()

    def end(self, info: CaptureInfo, flows: Iterable[Flow]) -> tuple[str, ...]:
        """Write what is held back, and what is to be said of the full recording, of which ``flows``
        were followed; return what that lacked."""
        flows = tuple(flows)
        rest: list[Packet] = [] if self._thinner is None else self._thinner.flush()
        self.evidence.add(rest)
        matched, kept, lost = self.counters()
        self.evidence.flush()
        notes = self._again.notes(flows, info)
        unreadable = tuple(_unreadable(info))
        counters = Counters(
            info.packets, matched, kept, info.dropped or 0, lost, info.withheld, info.lost_new
        )
        lacks = (*info.lacks, *notes.beyond, *_unplaced(info))
        self.evidence.end(info, counters, lacks, notes.flows, notes.unseen, unreadable)
        return (*unreadable, *_undecoded(info), *_unseen(flows), *lacks)

    def account(self, packets: int, octets: int, lacks: tuple[str, ...]) -> ThinnedCapture:
        """Return what thinning so many packets and bytes came to."""
        matched, _, lost = self.counters()
        out = self.evidence
        return ThinnedCapture(packets, out.packets, octets, out.bytes_written, matched, lost, lacks)


def _unreadable(info: CaptureInfo) -> Iterator[str]:
    """Yield what of the full capture could not be read: it says nothing of any connection."""
    yield from info.unreadable
    if info.truncated:
        yield f"the full {info.unread.removeprefix('the ') or 'file ended inside a record'}"


def _undecoded(info: CaptureInfo) -> Iterator[str]:
    """Yield what may have held connections and could not be decoded."""
    if found := info.may_hold:
        layers = first_of([f"{one.layer} ({one.packets})" for one in found], _MOST_LAYERS)
        yield f"{sum(one.packets for one in found)} packets could not be decoded: {layers}"


def _unplaced(info: CaptureInfo) -> Iterator[str]:
    """Yield how often the clock was set where the thinned capture does not say so."""
    if info.clock.beyond:
        yield f"its clock was set {info.clock.beyond} times at places that are not known"


def _unseen(flows: Iterable[Flow]) -> Iterator[str]:
    """Yield how much of the connections of a full capture is not in it."""
    missing = sum(flow.initiator.missing + flow.acceptor.missing for flow in flows)
    if missing:
        yield f"{missing} acknowledged bytes were never captured"
