"""The columns of FLOWS that tell what contradicts itself on the wire."""

from __future__ import annotations

from typing import Any

from auditor.flows import Flow
from auditor.flows.tampering import frames_of, in_words
from auditor.judge.heartbeat.verdict import Fault, HeartbeatVerdict
from auditor.judge.tables.places import Places


def tampering_columns(
    flow: Flow,
    heartbeat: HeartbeatVerdict,
    places: Places | None = None,
    *,
    elsewhere: bool = False,
) -> dict[str, Any]:
    """Return the facts of a flow; that acknowledgements answer nothing is one where they hide the
    fault of a heartbeat. ``places`` tells where frames are, of a recording in several files;
    ``elsewhere``: they count in evidence, and not in the capture that is named."""

    def told(number: int) -> str:
        if elsewhere:
            return f"{number} of its evidence"
        return str(places.frame(number)) if places is not None else str(number)

    said, count = in_words(flow.tampering, told), flow.tampering_count
    frames = frames_of(flow.tampering)
    if heartbeat.fault is Fault.UNASKED:
        unasked = flow.acceptor.unasked
        said = "; ".join(filter(None, (said, _words(unasked.acks, told(unasked.frame)))))
        count, frames = count + unasked.acks, sorted({*frames, unasked.frame})
    return {
        "tampering": said,
        "tampering_count": count,
        "tampering_frames": [] if elsewhere else list(map(str, frames)),
    }


def _words(count: int, frame: str) -> str:
    said = "nothing seen asked for an acknowledgement that keeps the initiator from probing"
    return f"{said} (frame {frame}{f' and {count - 1} more' if count > 1 else ''})"
