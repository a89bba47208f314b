"""From one capture to its flows: the reader decodes in one thread, tracking runs in another.

Both release the interpreter's lock inside their kernels, so a two-core machine does both at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from auditor.flows.flow import Flow
from auditor.packets.segments import CaptureInfo

#: Called with the number of bytes read since the last call.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class TrackedCapture:
    """One capture, read to its end."""

    info: CaptureInfo
    flows: tuple[Flow, ...]
    overflow: tuple[str, ...]
    """Sentences on what the flow table could not hold; empty: nothing was left out."""
    summaries: tuple[str, ...] = ()
    """Sentences on attempts that are counted and have no rows."""
    here: bool = False
    """It was recorded on the host on which the configuration was read."""
    probes_lost: bool = False
    """More keepalive probes were seen than the tables could hold."""


def track_capture(
    path: str, ports: Collection[int], progress: Progress | None = None
) -> TrackedCapture:
    """Return the flows of one capture file, or of standard input for ``-``.

    Raises CaptureError when it is not a capture. ``ports`` are the TCP ports to look at.
    """
    from auditor.flows import ConnectionTracker
    from auditor.packets import read_capture

    tracker = ConnectionTracker(ports)
    pending: Future[None] | None = None
    reader = read_capture(path, ports, progress=progress)
    with reader, ThreadPoolExecutor(1, "track") as worker:
        for batch in reader:
            if pending is not None:
                pending.result()
            pending = worker.submit(tracker.feed, batch, noted=reader.thinned)
        if pending is not None:
            pending.result()
    info = reader.info
    result = tracker.finish(
        info.ended,
        thinned=info.thinned,
        notes=info.flow_notes,
        unseen=info.unseen,
        snaplen=info.snaplen,
    )
    return TrackedCapture(
        info,
        result.flows,
        tuple(result.notes),
        probes_lost=bool(result.probes_dropped),
        summaries=tuple(map(str, result.summaries)),
    )
