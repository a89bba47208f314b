"""The two directions of a tap in two captures, whose clocks may differ.

What one host says another acknowledges later, whoever recorded either. So each number that is said
in one capture and acknowledged in the other bounds how far the clocks are apart: on one side by
what the first host says, on the other by what the second does. Between the bounds lies what it
takes packets from the tap to either host and back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from auditor.packets.icmp import ICMP_ERROR
from auditor.packets.segments import ACK, FIN, SYN, Array
from auditor.pipeline.recordings.assignment import Recording
from auditor.pipeline.recordings.kinship import Kinship, kinships
from auditor.pipeline.recordings.sketch import SEGMENT_SEEN, hashed, least
from auditor.pipeline.recordings.survey import Surveyed

_NONE = np.empty(0, SEGMENT_SEEN)
#: A share (in percent) of what bounds may be wrong: a packet that a tap lost was sent again.
_WRONG = 5
#: Bounds that contradict each other by more (ns) are not of two clocks that run alike.
_SLACK_NS = 2_000_000


class Marks(NamedTuple):
    """What hosts said and acknowledged in a capture, of each number the first time."""

    said: Array
    """Dtype SEGMENT_SEEN, in order of ``key``."""
    acknowledged: Array
    """The same; a number has the key that it has where it is said."""


def in_one_time(recordings: Sequence[Recording], ports: Collection[int]) -> list[Recording]:
    """Return recordings with how far the clocks of files are ahead (``Surveyed.ahead``) that have
    one direction, of those that have the other. Where no one difference explains what was seen
    they are two. Raises CaptureError.
    """
    found: list[Recording] = []
    for one in recordings:
        sides = _sides(one.files)
        found += [one] if sides is None else _put_right(one, sides, ports)
    return found


def _sides(files: Sequence[Surveyed]) -> list[bool] | None:
    """Return of each file whether it is of the other clock than the first; None: all are of one,
    or nothing says which is of which."""
    kin = kinships([one.sketch for one in files])
    if Kinship.HALVES not in kin.values():
        return None
    near: dict[int, list[tuple[int, bool]]] = {}
    for (one, other), how in kin.items():
        if how is not Kinship.OTHER:
            near.setdefault(one, []).append((other, how is Kinship.HALVES))
            near.setdefault(other, []).append((one, how is Kinship.HALVES))
    sides: dict[int, bool] = {}
    for start in near:
        left = [start] if start not in sides else []
        sides.setdefault(start, False)
        while left:
            at = left.pop()
            for other, differs in near[at]:
                if other not in sides:
                    sides[other] = sides[at] ^ differs
                    left.append(other)
                elif sides[other] != sides[at] ^ differs:  # one file has both directions
                    return None
    return [sides.get(at, False) for at in range(len(files))]


def _put_right(
    recording: Recording, sides: Sequence[bool], ports: Collection[int]
) -> list[Recording]:
    parts = [
        [file for file, other in zip(recording.files, sides, strict=True) if other is side]
        for side in (False, True)
    ]
    here, there = (_together([_marks(file.path, ports) for file in part]) for part in parts)
    most, least_ = _bound(here.said, there.acknowledged), _bound(there.said, here.acknowledged)
    low = None if least_ is None else -least_
    if low is not None and most is not None and low > most + _SLACK_NS:
        return [_of(part) for part in parts]
    ahead = _between(low, most)
    if not ahead:
        return [recording]
    return [_of([*parts[0], *(file.put_right(ahead) for file in parts[1])])]


def _of(files: Sequence[Surveyed]) -> Recording:
    made = Recording()
    for file in sorted(files, key=lambda one: one.begin or 0):
        made.add(file)
    return made


def _between(low: int | None, most: int | None) -> int:
    """Return how far (ns) a clock is ahead, of which bounds are known; 0: it may be right."""
    if (low is None or low <= 0) and (most is None or most >= 0):
        return 0
    if low is None or most is None:
        return low or most or 0
    return (low + most) // 2


def _bound(said: Array, acknowledged: Array) -> int | None:
    """Return the least time (ns) from what is said to its acknowledgement; None: there is none."""
    _, one, other = np.intersect1d(
        said["key"], acknowledged["key"], assume_unique=True, return_indices=True
    )
    if not len(one):
        return None
    took = acknowledged["time"][other] - said["time"][one]
    return int(np.percentile(took, _WRONG, method="lower"))


def _marks(path: str, ports: Collection[int]) -> Marks:
    from auditor.packets import read_capture

    found = Marks(_NONE, _NONE)
    with read_capture(path, ports) as reader:
        for batch in reader:
            rows = batch.segments[batch.segments["ident"] & ICMP_ERROR == 0]
            found = _together([found, Marks(_said(rows), _acknowledged(rows))])
    return found


def _said(rows: Array) -> Array:
    flags = rows["flags"]
    long = rows["length"] + (flags & SYN != 0) + (flags & FIN != 0)
    ends = ("src_hi", "src_lo", "sport", "dst_hi", "dst_lo", "dport")
    return _seen(rows[long > 0], ends, (rows["seq"] + long.astype("u4"))[long > 0])


def _acknowledged(rows: Array) -> Array:
    some = rows[rows["flags"] & ACK != 0]
    ends = ("dst_hi", "dst_lo", "dport", "src_hi", "src_lo", "sport")
    return _seen(some, ends, some["ack"])


def _seen(rows: Array, ends: Sequence[str], numbers: Array) -> Array:
    found = np.empty(len(rows), SEGMENT_SEEN)
    found["key"] = hashed((*(rows[name].astype("u8") for name in ends), numbers.astype("u8")))
    found["time"] = rows["time"]
    return found


def _together(marks: Sequence[Marks]) -> Marks:
    return Marks(*(_firsts(np.concatenate(some)) for some in zip(*marks, strict=True)))


def _firsts(seen: Array) -> Array:
    """Return each number once, the first time, and those with the least keys."""
    seen = seen[np.lexsort((seen["time"], seen["key"]))]
    new = np.ones(len(seen), np.bool_)
    new[1:] = seen["key"][1:] != seen["key"][:-1]
    return least(seen[new])
