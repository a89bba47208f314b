"""The rows of CAPTURES: one a file, also where several are one recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from auditor.judge.tables.captures import capture_row, losses

if TYPE_CHECKING:
    from auditor.flows.flow import Flow
    from auditor.pipeline.track_capture import TrackedCapture


def capture_rows(
    tracked: Sequence[TrackedCapture], note: Callable[[str], list[str]]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each file. What is missing of a connection is told of every file that it is
    in; what the flow table could not hold, and what has no rows, of the first.

    ``note`` says more of the recording that begins with a capture.
    """
    for number, one in enumerate(tracked, 1):
        files, places = one.files or (one.info,), one.places
        flows: list[list[Flow]] = [[] for _ in files]
        for flow in one.flows:
            if len(files) == 1 or _is_told(flow):
                for index in places.of(flow):
                    flows[index].append(flow)
        overflow, summaries = one.overflow, one.summaries
        for info, some in zip(files, flows, strict=True):
            row = capture_row(info, some, losses(info, some, overflow), summaries, number)
            yield {**row, "notes": [*row["notes"], *note(info.name)]}
            overflow = summaries = ()
        for info in one.copies:
            yield capture_row(info, (), losses(info, (), ()), recording=number)


def _is_told(flow: Flow) -> bool:
    return bool(flow.initiator.missing or flow.acceptor.missing or flow.one_sided)
