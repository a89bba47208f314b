"""What several files of one recording are together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.packets.flow_notes import FlowNote
from auditor.packets.runs_together import runs_together
from auditor.packets.segments import CaptureInfo, Clock, Drop, Undecoded


def joined(files: Sequence[CaptureInfo]) -> CaptureInfo:
    """Return the account of files that were recorded at one place, in order of time, as if they
    were one file; it has the name of the first. ``files`` are not none."""
    if len(files) == 1:
        return files[0]
    files = [replace(one, flow_notes=_ending(one), drops=_dropped(one)) for one in files]
    together = {name: how([getattr(one, name) for one in files]) for name, how in HOW.items()}
    return CaptureInfo(**together)


def _ending(one: CaptureInfo) -> tuple[FlowNote, ...]:
    """Return what is noted in a file, which knows nothing of those after it."""
    return tuple(replace(note, until=one.last) for note in one.flow_notes)


def _dropped(one: CaptureInfo) -> tuple[Drop, ...]:
    """Return when packets of a file were lost: in its time at least."""
    if not one.dropped or one.drops or one.first is None or one.last is None:
        return one.drops
    return (Drop(one.first, one.last, one.dropped),)


def _first(values: Sequence[Any]) -> Any:
    return values[0]


def _words(values: Iterable[str]) -> str:
    """Several are told after each other, each once."""
    return ", ".join(dict.fromkeys(word for one in values for word in one.split(", ") if word))


def _reasons(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, values)))


def _known(choose: Callable[[Iterable[int]], int]) -> Callable[[Sequence[int | None]], int | None]:
    """Return what chooses among the values that are known."""

    def chosen(values: Sequence[int | None]) -> int | None:
        known = [value for value in values if value is not None]
        return choose(known) if known else None

    return chosen


def _least(values: Iterable[int]) -> int:
    """The least but for 0, which stands for no limit."""
    return min(filter(None, values), default=0)


def _all(values: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
    """All of them in order, each once."""
    return tuple(dict.fromkeys(value for one in values for value in one))


def _every(values: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
    """All of them in order."""
    return tuple(value for one in values for value in one)


def _clocks(values: Sequence[Clock]) -> Clock:
    return Clock(
        late=sum(one.late for one in values),
        steps=tuple(step for one in values for step in one.steps),
        beyond=sum(one.beyond for one in values),
        ended=values[-1].ended,
    )


def _by_layer(values: Iterable[Sequence[Undecoded]]) -> tuple[Undecoded, ...]:
    """Those of one layer are counted together, most first."""
    found: dict[str, Undecoded] = {}
    for one in (one for some in values for one in some):
        before = found.get(one.layer)
        found[one.layer] = (
            one if before is None else before._replace(packets=before.packets + one.packets)
        )
    return tuple(sorted(found.values(), key=lambda one: (-one.packets, one.layer)))


#: Of each field of CaptureInfo, what becomes of the values of several files.
HOW: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "name": _first,
    "format": _first,
    "backend": _words,
    "link": _words,
    "packets": sum,
    "before": _first,
    "segments": sum,
    "first": _known(min),
    "last": _known(max),
    "dropped": _known(sum),
    "drops": _every,
    "truncated": any,
    "unread": _reasons,
    "undecoded": sum,
    "layers": _by_layer,
    "runs": lambda values: runs_together(*values),
    "fragments": sum,
    "short": sum,
    "snaplen": _least,
    "clock": _clocks,
    "thinned": any,
    "lacks": _all,
    "unreadable": _all,
    "withheld": sum,
    "lost_new": sum,
    "facts": _all,
    "flow_notes": _all,
    "unseen": _all,
    "holes": _all,
    "addresses": _all,
    "elsewhere": any,
    "notes": _all,
}
