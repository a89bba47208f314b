"""Numbers, times and lists as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from heapq import nsmallest

from auditor.report.cells import Value

#: ``file:line``; a rule's own sources and the configuration's problems both have this form.
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+)")

#: Lines of one file: more are counted.
_MOST_LINES = 60

#: The styles of the severities and verdicts.
STYLES: Mapping[str, str] = {
    "high": "bold red",
    "medium": "bold yellow",
    "low": "bold cyan",
    "info": "bold blue",
    "fail": "bold red",
    "pass": "bold green",
    "unknown": "bold yellow",
    "quiet": "dim",
}


def count(number: int, noun: str) -> str:
    """Return ``1 flow``, ``1,234 flows``."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def seconds(value: float | None) -> str:
    """Return a short time: ``9 s``, ``9.2 s``."""
    if value is None:
        return ""
    return f"{value:.1f}".removesuffix(".0") + " s"


def span(value: float) -> str:
    """Return a length of time, from milliseconds to days, in two units at most."""
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 120:
        return seconds(value)
    minutes, hours, days = round(value / 60), round(value / 3600), int(value // 86400)
    if minutes < 120:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{days} d {round(value % 86400 / 3600)} h"


def moment(iso: Value, day: str = "") -> str:
    """Return a time to the second, without its date where that is ``day`` (``YYYY-MM-DD``)."""
    if not isinstance(iso, str):
        return ""
    date, clock = iso[:10], iso[11:19]
    return clock if date == day else f"{date} {clock}"


def some(items: Iterable[str], most: int, more: str) -> str:
    """Return the first items with commas between; ``more`` stands for those left out."""
    listed = list(items)
    shown = ", ".join(listed[:most])
    return shown if len(listed) <= most else f"{shown} {more}"


def places(sources: Sequence[str]) -> list[str]:
    """Return sources one a file, its first lines joined: ``dir.conf:2, 10``; files keep their
    order."""
    lines: dict[str, set[str]] = {}
    for source in sources:
        match = _PLACE.fullmatch(source)
        file, line = (match["file"], match["line"]) if match else (source, "")
        lines.setdefault(file, set()).update([line] if line else ())
    return [f"{file}:{_some_lines(known)}" if known else file for file, known in lines.items()]


def _some_lines(lines: Collection[str]) -> str:
    shown = ", ".join(nsmallest(_MOST_LINES, lines, key=int))
    left = len(lines) - _MOST_LINES
    return shown if left <= 0 else f"{shown} and {left:,} more"


def place_and_rest(sentence: str) -> tuple[str, str]:
    """Return the ``file:line`` that a sentence begins with (else empty), and the rest."""
    where, separator, rest = sentence.partition(": ")
    return (where, rest) if separator and _PLACE.fullmatch(where) else ("", sentence)
