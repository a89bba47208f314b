"""Which frames of a capture show what is told of a connection, in words and for Wireshark.

Columns count frames through all captures of a recording; here they are counted in the file that
each is in, as Wireshark does.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

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

#: Name of a file, and a number in it.
_Frame = tuple[str, int]


class ShownFrames:
    """The frames of an audit's connections."""

    def __init__(self, captures: Iterable[Row]) -> None:
        """``captures`` are the rows of CAPTURES."""
        self._files: dict[str, list[tuple[int, str]]] = {}
        self._recordings: dict[str, str] = {}
        for row in captures:
            name = text(row, "name")
            recording = self._recordings.setdefault(name, str(row["recording"] or name))
            before = int(number(row, "frames_before") or 0)
            self._files.setdefault(recording, []).append((before, name))
        for files in self._files.values():
            files.sort()

    def span(self, flow: Row, *, whole: bool = False) -> str:
        """Return ``frames 561-568``, or ``frame 561``; empty: no frame is known. Of attempts that
        share a row only that of the one which is told. ``whole``: the capture is named even if it
        is all of its recording."""
        ends = [number(flow, f"{end}_frame") for end in ("first", "last")]
        if None in ends:
            return ""
        (one, first), (other, last) = (self._place(flow, int(end or 0)) for end in ends)
        inside = f" of {one}" if whole or self._is_split(flow) else ""
        if (one, first) == (other, last) or (number(flow, "attempts") or 1) > 1:
            return f"frame {first}{inside}"
        if one == other:
            return f"frames {first}-{last}{inside}"
        return f"frames {first}{inside} to {last} of {other}"

    def named(self, flow: Row, probes: Sequence[int] = ()) -> str:
        """Return what is in the frames of a flow: ``561 first, 562 reply, 564 hello, 568 end``."""
        found: dict[int, list[str]] = {}
        for column, word in _NAMED.items():
            _add(found, [number(flow, column)], word)
        _add(found, probes[:_MOST_PROBES], "probe")
        _add(found, _accusing(flow), "contradicts")
        return ", ".join(
            f"{self._words(flow, frame)} {' and '.join(words)}"
            for frame, words in sorted(found.items())
        )

    def display_filter(self, flows: Sequence[Row], probes: Mapping[str, Sequence[int]]) -> str:
        """Return the display filter that shows the frames of flows in the capture that the first
        begins in, and of the ``probes`` of each, by its id; empty: none is known."""
        found: dict[int, None] = {}
        for flow in flows:
            known = [number(flow, column) for column in _NAMED]
            told = (*_accusing(flow), *known, *probes.get(text(flow, "id"), ())[:_MOST_PROBES])
            places = (self._place(flow, int(frame)) for frame in told if frame is not None)
            here = text(flows[0], "capture")
            found.update(dict.fromkeys(frame for name, frame in places if name == here))
        frames = sorted([*found][:_MOST_FRAMES])
        if len(frames) < 2:
            return "".join(f"frame.number == {frame}" for frame in frames)
        return f"frame.number in {{{', '.join(map(str, frames))}}}"

    def _is_split(self, flow: Row) -> bool:
        return len(self._files_of(flow)) > 1

    def _files_of(self, flow: Row) -> list[tuple[int, str]]:
        name = text(flow, "capture")
        return self._files.get(self._recordings.get(name, name), [(0, name)])

    def _place(self, flow: Row, frame: int) -> _Frame:
        files = self._files_of(flow)
        if len(files) == 1:
            return text(flow, "capture"), frame
        before, name = files[max(bisect_left(files, (frame, "")) - 1, 0)]
        return name, frame - before

    def _words(self, flow: Row, frame: int) -> str:
        name, inside = self._place(flow, frame)
        return str(inside) if name == text(flow, "capture") else f"{inside} of {name}"


def _add(found: dict[int, list[str]], frames: Iterable[float | None], word: str) -> None:
    for frame in frames:
        if frame is not None:
            found.setdefault(int(frame), []).append(word)


def _accusing(flow: Row) -> Iterator[int]:
    """Yield the frames that show tampering."""
    named = texts(flow, "tampering_frames")
    return (int(frame) for frame in named if _NUMBER.fullmatch(frame))
