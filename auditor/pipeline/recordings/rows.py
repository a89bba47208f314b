"""The rows of CAPTURES: one a file, also where several are one recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from auditor.judge.tables.captures import capture_row, losses
from auditor.text.listing import first_of
from auditor.text.times import iso, length

if TYPE_CHECKING:
    from auditor.flows.flow import Flow
    from auditor.packets.segments import CaptureInfo
    from auditor.pipeline.track_capture import TrackedCapture

_NS = 1e9
#: So many times are named in a sentence.
_SHOWN = 3


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
        holes, doubts = (_by_file(files, times) for times in (one.holes, one.doubts))
        for index, (info, some) in enumerate(zip(files, flows, strict=True)):
            row = capture_row(info, some, losses(info, some, overflow), summaries, number)
            unwatched = _unwatched(holes.get(index, ()), doubts.get(index, ()))
            yield {**row, "notes": [*row["notes"], *unwatched, *note(info.name)]}
            overflow = summaries = ()
        for info in one.copies:
            yield capture_row(info, (), losses(info, (), ()), recording=number)


def _is_told(flow: Flow) -> bool:
    return bool(flow.initiator.missing or flow.acceptor.missing or flow.one_sided)


def _by_file(
    files: Sequence[CaptureInfo], times: Sequence[tuple[int, int]]
) -> dict[int, list[tuple[int, int]]]:
    """Return times (ns UTC) by the file that goes on after them, the first at their end or later;
    times within the last file, which was made of several, are its own."""
    found: dict[int, list[tuple[int, int]]] = {}
    for since, until in times:
        later = (n for n, one in enumerate(files) if one.first is not None and one.first >= until)
        found.setdefault(next(later, len(files) - 1), []).append((since, until))
    return found


def _unwatched(
    holes: Sequence[tuple[int, int]], doubts: Sequence[tuple[int, int]]
) -> Iterator[str]:
    """Yield when nobody recorded, or may not have, before a file, and what that does."""
    if holes:
        yield f"Nobody recorded {_when(holes)}: no silence that this cuts is judged."
    if doubts:
        yield (
            f"Nothing shows whether anybody recorded {_when(doubts)}: no probe or answer is "
            "called missing of a connection that is not heard again."
        )


def _when(times: Sequence[tuple[int, int]]) -> str:
    return first_of(
        [
            f"from {_second(since)} to {_second(until)} UTC ({length((until - since) / _NS)})"
            for since, until in times
        ],
        _SHOWN,
    )


def _second(time: int) -> str:
    return iso(time)[:19].replace("T", " ")
