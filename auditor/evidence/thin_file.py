"""Thins a capture file into evidence that can be shared: no payload but the hello."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.errors import CaptureError
from auditor.evidence.anonymizing.copying import copy_without_names, key_of
from auditor.evidence.libpcap_filter import capture_filter
from auditor.evidence.packet import Counters, Packet
from auditor.evidence.pcapng_file import Evidence
from auditor.evidence.reread import Reread
from auditor.evidence.thinning import Thinner
from auditor.flows import ConnectionTracker, TrackingResult
from auditor.outputs import Guard, Write, atomic_file
from auditor.packets import Batch, CaptureInfo, read_capture
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


class _Pipeline:
    """One batch after the other through thinning, and beside it through the tracker."""

    def __init__(
        self, ports: Collection[int], write: Write, max_flows: int, *, piece: bool
    ) -> None:
        self._piece = piece
        self._again = Reread(ports)
        self.evidence = Evidence(self._again.beside(write), capture_filter(ports))
        self._max_flows = max_flows
        self._tracker = ConnectionTracker(ports)
        self._thinner: Thinner | None = None
        self._pending: Future[None] | None = None

    def take(self, batch: Batch, worker: ThreadPoolExecutor, *, thinned: bool) -> None:
        """Take a batch; one of a capture that is ``thinned`` loses no header any more."""
        if self._thinner is None:
            self._thinner = Thinner(
                self._max_flows, everything=thinned, as_read=True, piece=self._piece
            )
        if self._pending is not None:
            self._pending.result()
        if batch.step is not None:
            self.evidence.add(self._thinner.begin_anew(batch.step.after))
            self.evidence.step(batch.step)
        self._pending = worker.submit(self._tracker.feed, batch)
        self.evidence.add(self._thinner.feed(batch))

    def finish(self, info: CaptureInfo) -> tuple[tuple[int, int, int], tuple[str, ...]]:
        """Write what is held back, and what is to be said of the full capture; return thinning's
        counters, and what that lacked."""
        if self._pending is not None:
            self._pending.result()
        rest: list[Packet] = [] if self._thinner is None else self._thinner.flush()
        self.evidence.add(rest)
        counts = (0, 0, 0) if self._thinner is None else self._thinner.counters()
        result = self._tracker.finish(
            info.ended, thinned=info.thinned, notes=info.flow_notes, unseen=info.unseen
        )
        self.evidence.flush()
        notes = self._again.notes(result.flows, info)
        unreadable = tuple(_unreadable(info))
        matched, kept, lost = counts
        counters = Counters(
            info.packets, matched, kept, info.dropped or 0, lost, info.withheld, info.lost_new
        )
        lacks = (*info.lacks, *notes.beyond, *_unplaced(info))
        self.evidence.end(info, counters, lacks, notes.flows, notes.unseen, unreadable)
        return counts, (*unreadable, *_undecoded(info), *_unseen(result), *lacks)


def thin_capture(
    source: str,
    output: str,
    ports: Collection[int],
    *,
    max_flows: int = 65536,
    progress: Callable[[int], None] | None = None,
    guard: Guard | None = None,
    anonymize: bool | str | Path | bytes = False,
) -> ThinnedCapture:
    """Write what an audit of ``source`` needs to the pcapng file ``output``, and nothing else.

    ``source`` is any capture that can be audited, ``-`` for standard input; ``output`` may be
    ``-`` for standard output. ``ports`` are the TCP ports to look at, ``max_flows`` bounds the
    connections that are open at once. ``progress`` is called with the bytes read since its last
    call. ``guard`` says what ``output`` may not replace. With
    ``anonymize`` addresses and names are replaced, as ``key_of`` has it. Raises CaptureError or
    OutputError; then ``output`` is as it was.
    """
    _refuse_same(source, output)
    key = key_of(anonymize)
    if key is not None:
        with TemporaryDirectory(prefix="bareos-audit-") as folder:
            named = str(Path(folder) / "thinned.pcapng")
            done = thin_capture(source, named, ports, max_flows=max_flows, progress=progress)
            with atomic_file(output, guard=guard) as write:
                copy = copy_without_names(named, write, ports, key, max_flows=max_flows)
        return replace(done, packets_out=copy.packets, octets_out=copy.bytes_written)
    with atomic_file(output, guard=guard) as write:
        return thin_to(source, write, ports, max_flows=max_flows, progress=progress)


def thin_to(
    source: str,
    write: Write,
    ports: Collection[int],
    *,
    max_flows: int = 65536,
    progress: Callable[[int], None] | None = None,
    piece: bool = False,
) -> ThinnedCapture:
    """Give the octets of a thinned ``source`` to ``write``, as ``thin_capture`` does to a file.

    ``piece``: what is written is followed with the evidence of other files of the recording, and
    not shared: of a connection that is cut in its hello all is kept that may belong to it. Raises
    CaptureError.
    """
    with (
        read_capture(source, ports, progress=progress) as reader,
        ThreadPoolExecutor(1, "follow") as worker,
    ):
        pipeline = _Pipeline(ports, write, max_flows, piece=piece)
        evidence = pipeline.evidence
        for batch in reader:
            evidence.describe(reader.interfaces)
            pipeline.take(batch, worker, thinned=reader.thinned)
        info = reader.info
        evidence.describe(reader.interfaces)
        (matched, _, lost), losses = pipeline.finish(info)
    return ThinnedCapture(
        info.packets, evidence.packets, reader.taken, evidence.bytes_written, matched, lost, losses
    )


def _refuse_same(source: str, output: str) -> None:
    same = source == output != "-"
    with suppress(OSError, ValueError):
        same = same or Path(source).samefile(output)
    if same:
        raise CaptureError(f"{output} is the capture itself: name another file with -o.")


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


def _unseen(result: TrackingResult) -> Iterator[str]:
    """Yield how much of the connections of a full capture is not in it."""
    missing = sum(flow.initiator.missing + flow.acceptor.missing for flow in result.flows)
    if missing:
        yield f"{missing} acknowledged bytes were never captured"
