"""The interfaces that a pcapng section describes, as a table that the kernel can read."""

from __future__ import annotations

from collections import Counter

import numpy as np

from auditor.packets.counters import FOREVER
from auditor.packets.link_types import LINK_TYPES, link_name
from auditor.packets.pcapng_options import Order, options, text
from auditor.packets.scanner import MAX_CAPTURED
from auditor.packets.segments import CapturedOn

#: Columns of the table, one row an interface of the section, int64. A time in ns is
#: ``ticks * MULTIPLY // DIVIDE + OFFSET`` (for ticks <= LIMIT), or with SHIFT > 0 ticks are
#: seconds with that many binary places. IDENTITY is the index of name and link type over all
#: sections of the file. LOST is what its latest statistics say that was lost, where COUNTED is 1,
#: and MISSED the sum of what packets say that was lost before them. Up to
#: UNTIL (ns UTC) that is known.
LINK, SNAPLEN, MULTIPLY, DIVIDE, SHIFT, LIMIT, OFFSET, DECODABLE, SKIPPED, IDENTITY = range(10)
LOST, COUNTED, MISSED, UNTIL = 10, 11, 12, 13
COLUMNS = 14

#: Interfaces of one section that are kept; no machine has more, and a hostile file may not cost
#: more memory than this.
MAX_INTERFACES = 1024
#: Distinct names of link types that are kept over all sections.
_MAX_NAMES = 32
_NAME, _TSRESOL, _TSOFFSET = 2, 9, 14
#: Characters of an interface's name; Linux has 15.
_MAX_NAME = 256


class Interfaces:
    """The interfaces of the current section, and what there was in the sections before it."""

    def __init__(self) -> None:
        self.table = np.zeros((MAX_INTERFACES, COLUMNS), np.int64)
        """Shape (MAX_INTERFACES, COLUMNS); see the columns above."""
        self.count = 0
        """Rows in use."""
        self.ignored = 0
        """Interfaces without a row because the table was full, in all sections."""
        self.short = 0
        """The same where the description is cut short."""
        self._names: dict[str, None] = {}
        self._identities: dict[CapturedOn, int] = {}
        self._snaplens: dict[int, int] = {}
        self._first_of_link: dict[int, int] = {}
        self._skipped: Counter[int] = Counter()

    def clear(self) -> None:
        """Forget the interfaces: a new section begins."""
        self._add_skipped(self._skipped)
        self.table[: self.count] = 0
        self.count = 0

    def add(self, body: bytes, order: Order, since: int = -FOREVER) -> None:
        """Add the interface of an Interface Description Block's body (pcapng §4.2), before which
        packets up to the time ``since`` came."""
        if len(body) < 8:
            self.short += 1
            return
        if self.count == MAX_INTERFACES:
            self.ignored += 1
            return
        row = self.table[self.count]
        self.count += 1
        link = int.from_bytes(body[:2], order)
        row[LINK] = link
        row[UNTIL] = since
        row[DECODABLE] = link in LINK_TYPES
        snaplen = int.from_bytes(body[4:8], order)
        row[SNAPLEN] = snaplen or MAX_CAPTURED
        resolution = 6
        name = ""
        for code, value in options(body[8:], order):
            if code == _TSRESOL and len(value) == 1:
                resolution = value[0]
            elif code == _NAME:
                name = text(value)[:_MAX_NAME]
            elif code == _TSOFFSET and len(value) == 8:
                offset = int.from_bytes(value, order, signed=True) * 1_000_000_000
                row[OFFSET] = max(1 - FOREVER, min(offset, FOREVER - 1))
        row[MULTIPLY], row[DIVIDE], row[SHIFT] = _resolution(resolution)
        row[LIMIT] = FOREVER // int(row[MULTIPLY])
        row[IDENTITY] = self._identify(CapturedOn(name, link))
        self._limit(int(row[IDENTITY]), snaplen)
        if len(self._names) < _MAX_NAMES:
            self._names[link_name(link)] = None

    def _identify(self, interface: CapturedOn) -> int:
        """Return the index of an interface that may have been described before.

        One too many passes for the first of its link type, which decides how its frames are read.
        """
        if interface not in self._identities and len(self._identities) == MAX_INTERFACES:
            return self._first_of_link.get(interface.link, 0)
        index = self._identities.setdefault(interface, len(self._identities))
        self._first_of_link.setdefault(interface.link, index)
        return index

    def _limit(self, index: int, snaplen: int) -> None:
        """Take in how much of a packet an interface keeps: the least that is said of it."""
        if snaplen:
            self._snaplens[index] = min(snaplen, self._snaplens.get(index, snaplen))

    @property
    def described(self) -> tuple[CapturedOn, ...]:
        """The interfaces of all sections, by IDENTITY."""
        known = self._snaplens
        return tuple(
            one._replace(snaplen=known.get(index, 0)) for one, index in self._identities.items()
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Distinct names of link types, in order of appearance."""
        return tuple(self._names)

    @property
    def skipped(self) -> Counter[int]:
        """Packets of each link type that cannot be decoded."""
        skipped = self._skipped.copy()
        self._add_skipped(skipped)
        return skipped

    def _add_skipped(self, skipped: Counter[int]) -> None:
        for row in self.table[: self.count]:
            if row[SKIPPED]:
                skipped[int(row[LINK])] += int(row[SKIPPED])

    @property
    def lost(self) -> int | None:
        """Packets that each interface of this section lost, by its latest statistics or by what
        packets say, whichever is more; None: neither says anything."""
        rows = self.table[: self.count]
        told = rows[(rows[:, COUNTED] == 1) | (rows[:, MISSED] > 0)]
        return sum(max(int(row[LOST]), int(row[MISSED])) for row in told) if len(told) else None


def _resolution(value: int) -> tuple[int, int, int]:
    """Return (MULTIPLY, DIVIDE, SHIFT) of an ``if_tsresol``: a power of 10, or of 2 from 0x80."""
    exponent = value & 0x7F
    if value & 0x80:
        return 1_000_000_000, 1, min(exponent, 63)
    return 10 ** max(9 - exponent, 0), 10 ** min(max(exponent - 9, 0), 18), 0
