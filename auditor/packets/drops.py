"""When packets were lost by the recorder's own count: between two of its counts, or two packets.

A comment beside a thinned capture's statistics says it of the full one (ns UTC, packets)::

    bareos-audit dropped from=1800… until=1800… packets=12
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.packets.counters import DROP_COUNT, DROPS, FIRST, LAST
from auditor.packets.pcapng_comments import LATEST, MAX_NOTE
from auditor.packets.segments import Array, Drop

#: What every such line begins with.
DROPPED = "bareos-audit dropped "
#: More than any capture says of itself.
MAX_TOLD = 4096
_LINE = re.compile(
    rf"{DROPPED}from=(?P<first>-?[0-9]{{1,19}}) until=(?P<last>-?[0-9]{{1,19}})"
    r" packets=(?P<packets>[1-9][0-9]{0,17})",
    re.ASCII,
)


def drops_of(counters: Array) -> Iterator[Drop]:
    """Yield when packets were lost, within the time of the capture."""
    first, last = int(counters[FIRST]), int(counters[LAST])
    if first > last:
        return
    for row in range(DROPS, DROPS + 3 * int(counters[DROP_COUNT]), 3):
        begin, end, packets = (int(counters[row + k]) for k in range(3))
        begin = min(max(begin, first), last)
        yield Drop(begin, max(min(end, last), begin), packets)


def settled(dropped: int | None, told: Sequence[Drop] | None, counters: Array) -> tuple[Drop, ...]:
    """Return when ``dropped`` packets were lost: as is ``told`` of a full capture; if that is None,
    as the counts in this one tell. Empty where that is not known of all of them.

    Between the counts of a recorder that thins there are packets which it held back.
    """
    drops = tuple(drops_of(counters) if told is None else told)
    return drops if 0 < (dropped or 0) <= sum(one.packets for one in drops) else ()


def drop_to_comment(drop: Drop) -> str:
    """Return the line that says when packets were lost."""
    return f"{DROPPED}from={drop.first} until={drop.last} packets={drop.packets}"


def drop_from_comment(text: str) -> Drop | None:
    """Return what such a line says, or None for any other text."""
    found = _LINE.fullmatch(text) if len(text) <= MAX_NOTE else None
    if found is None:
        return None
    drop = Drop(*(int(found[name]) for name in ("first", "last", "packets")))
    return drop if -LATEST <= drop.first <= drop.last <= LATEST else None
