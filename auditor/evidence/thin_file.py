"""Thins a capture file into evidence that can be shared: no payload but the hello."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.errors import CaptureError
from auditor.evidence.anonymizing.copying import copy_without_names, key_of
from auditor.evidence.thin_batches import ThinnedCapture, Thinning
from auditor.flows import ConnectionTracker
from auditor.outputs import Guard, Write, atomic_file
from auditor.packets import Batch, CaptureInfo, read_capture

__all__ = ["ThinnedCapture", "thin_capture"]


class _Beside:
    """One batch after the other through thinning, and beside it through the tracker."""

    def __init__(self, ports: Collection[int], thinning: Thinning) -> None:
        self._thinning = thinning
        self._tracker = ConnectionTracker(ports)
        self._pending: Future[None] | None = None

    def take(self, batch: Batch, worker: ThreadPoolExecutor, *, thinned: bool) -> None:
        """Take a batch; ``thinned`` as in ``Thinning.take``."""
        if self._pending is not None:
            self._pending.result()
        self._thinning.before(batch, thinned=thinned)
        self._pending = worker.submit(self._tracker.feed, batch)
        self._thinning.take(batch)

    def finish(self, info: CaptureInfo) -> tuple[str, ...]:
        """Write what is held back, and what is to be said of the full capture; return what that
        lacked."""
        if self._pending is not None:
            self._pending.result()
        result = self._tracker.finish(
            info.ended, thinned=info.thinned, notes=info.flow_notes, unseen=info.unseen
        )
        return self._thinning.end(info, result.flows)


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
        thinning = Thinning(ports, write, max_flows, piece=piece)
        beside = _Beside(ports, thinning)
        for batch in reader:
            thinning.evidence.describe(reader.interfaces)
            beside.take(batch, worker, thinned=reader.thinned)
        info = reader.info
        thinning.evidence.describe(reader.interfaces)
        lacks = beside.finish(info)
    return thinning.account(info.packets, reader.taken, lacks)


def _refuse_same(source: str, output: str) -> None:
    same = source == output != "-"
    with suppress(OSError, ValueError):
        same = same or Path(source).samefile(output)
    if same:
        raise CaptureError(f"{output} is the capture itself: name another file with -o.")
