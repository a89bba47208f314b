"""Which frames of a capture show what is told of a connection, in words and for Wireshark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from auditor.report.cells import number, text, texts
from auditor.report.told.groups import Row

#: Frames that one filter names, and of them those of probes, at most.
_MOST_FRAMES = 50
_MOST_PROBES = 30

#: A frame's number as a cell of texts has it: whoever wrote a report may have put anything there.
_NUMBER = re.compile(r"[0-9]{1,10}")

#: The frames of every connection, and what each is.
_NAMED = {
    "first_frame": "first",
    "reply_frame": "reply",
    "hello_frame": "hello",
    "ending_frame": "end",
}


def frame_span(flow: Row) -> str:
    """Return ``frames 561-568``, or ``frame 561``; empty: no frame is known. Of attempts that share
    a row only that of the one which is told."""
    first, last = (number(flow, f"{end}_frame") for end in ("first", "last"))
    if first is None or last is None:
        return ""
    alone = first >= last or (number(flow, "attempts") or 1) > 1
    return f"frame {first:.0f}" if alone else f"frames {first:.0f}-{last:.0f}"


def named_frames(flow: Row, probes: Sequence[int] = ()) -> str:
    """Return what is in the frames of a flow: ``561 first, 562 reply, 564 hello, 568 end``."""
    found: dict[int, list[str]] = {}
    for column, word in _NAMED.items():
        _add(found, [number(flow, column)], word)
    _add(found, probes[:_MOST_PROBES], "probe")
    _add(found, _accusing(flow), "contradicts")
    return ", ".join(f"{frame} {' and '.join(words)}" for frame, words in sorted(found.items()))


def _add(found: dict[int, list[str]], frames: Iterable[float | None], word: str) -> None:
    for frame in frames:
        if frame is not None:
            found.setdefault(int(frame), []).append(word)


def frame_filter(flows: Iterable[Row], probes: Mapping[str, Sequence[int]]) -> str:
    """Return the display filter that shows these frames of flows of one capture, and of the
    ``probes`` of each, by its id; empty: no frame is known."""
    found: dict[int, None] = {}
    for flow in flows:
        known = [number(flow, column) for column in _NAMED]
        told = (*_accusing(flow), *known, *probes.get(text(flow, "id"), ())[:_MOST_PROBES])
        found.update(dict.fromkeys(int(frame) for frame in told if frame is not None))
    frames = sorted([*found][:_MOST_FRAMES])
    if len(frames) < 2:
        return "".join(f"frame.number == {frame}" for frame in frames)
    return f"frame.number in {{{', '.join(map(str, frames))}}}"


def _accusing(flow: Row) -> list[int]:
    named = texts(flow, "tampering_frames")
    return [int(frame) for frame in named if _NUMBER.fullmatch(frame)]
