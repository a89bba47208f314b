"""What could not be decoded of several files of one recording, by hosts and time, within bounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from auditor.packets.segments import UndecodedRun
from auditor.packets.undecoded import layer_of

#: Runs of one recording: more than one file has, and than its evidence says.
MOST_TOGETHER = 4096
#: A pause (ns) in a run of a file is no longer than this, unless it has many.
_PAUSE = 1_000_000_000
_LONGEST = 1 << 63


def runs_together(*several: Iterable[UndecodedRun]) -> tuple[UndecodedRun, ...]:
    """Return the runs of several files; of too many those of the same hosts and layer are one where
    the pause between them is short, and of those beyond only their time is told."""
    runs = tuple(run for some in several for run in some)
    if len(runs) <= MOST_TOGETHER:
        return runs
    pause, room = _PAUSE, MOST_TOGETHER * 3 // 4
    while len(runs) > room and pause < _LONGEST:
        pause *= 4
        runs = _with_pauses(runs, pause)
    if len(runs) > room:
        runs = (*runs[: room - 1], _of_any(runs[room - 1 :]))
    return runs


def _with_pauses(runs: Sequence[UndecodedRun], pause: int) -> tuple[UndecodedRun, ...]:
    found: list[UndecodedRun] = []
    for run in sorted(runs, key=lambda one: (one.source, one.target, one.layer, one.first)):
        before = found[-1] if found else None
        if before is None or before[:3] != run[:3] or run.first - before.last > pause:
            found.append(run)
        else:
            last, packets = max(before.last, run.last), before.packets + run.packets
            found[-1] = before._replace(last=last, packets=packets)
    return tuple(found)


def _of_any(runs: Sequence[UndecodedRun]) -> UndecodedRun:
    first, last = min(run.first for run in runs), max(run.last for run in runs)
    return UndecodedRun("", "", layer_of(0).name, first, last, sum(run.packets for run in runs))
