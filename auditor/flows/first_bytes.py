"""The first bytes of sides: read from the tracker's tables, or kept when their connection is over.

Of a connection that is over, and of which nothing was seen for a while, the 4 KiB of each side make
room for others: what is read of them is kept once for all sides that said the same.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np

from auditor.flows.hello_drawn import drawn
from auditor.flows.hello_extract import extract
from auditor.flows.tables import HELLO_BYTES
from auditor.packets.segments import Array

#: ``hello`` of a side whose first bytes are kept is this, less the place where they are.
FIRST_KEPT = -2


class FirstBytes(NamedTuple):
    """The contiguous beginning of a side's stream, at most 4 KiB, as ``hello_extract`` has it."""

    readings: tuple[bytes, ...] = (b"",)
    """As believed, and where nothing decides, the other way to read it."""
    refused: bool = False
    """Some of it was seen only in segments that the receiver must have dropped."""
    contradicts: bool = False
    """There are two ways to read it, of which the second may not have been kept."""
    drawn: int = 0
    """64 bits of what the side drew at random in it (``hello_drawn``); 0: nothing is seen."""

    @property
    def believed(self) -> bytes:
        """What it is taken for where no better is known."""
        return self.readings[0]


_NOTHING = FirstBytes()


#: Of so many sides that are over what they drew is kept beside it, 12 octets each.
_DRAWN = 1 << 20
#: There are fewer texts.
_BEYOND = 1 << 40


class KeptBytes:
    """What sides said first whose connection is over, each text once, within a bound."""

    def __init__(self, most: int) -> None:
        """``most``: octets of all texts together."""
        self._left = most
        self._found: list[FirstBytes] = []
        self._places: dict[FirstBytes, int] = {}
        self._sides = array("i")  # of each side whose drawn bits are kept, its text
        self._drawn = array("Q")

    def __getitem__(self, hello: int) -> FirstBytes:
        """Return what is kept for a side by its ``hello``, which is FIRST_KEPT or less."""
        place = FIRST_KEPT - hello
        if place < _BEYOND:
            return self._found[place]
        place -= _BEYOND
        return self._found[self._sides[place]]._replace(drawn=self._drawn[place])

    def keep(self, said: FirstBytes) -> int | None:
        """Keep it and return the ``hello`` of its side; None: there is no room."""
        drawn, said = said.drawn, said._replace(drawn=0)
        place = self._places.get(said)
        if place is None:
            size = sum(map(len, said.readings))
            if size > self._left:
                return None
            self._left -= size
            place = self._places[said] = len(self._found)
            self._found.append(said)
        if not drawn or len(self._sides) == _DRAWN:
            return FIRST_KEPT - place
        self._sides.append(place)
        self._drawn.append(drawn)
        return FIRST_KEPT - _BEYOND - len(self._sides) + 1


def first_bytes(
    hellos: Array, filled: Array, traces: Array, kept: KeptBytes, which: Array
) -> list[FirstBytes]:
    """Return what sides said first; ``which`` are their values of ``hello``."""
    firsts = which[which >= 0]
    seconds = traces["second"][firsts]
    doubled = seconds > 0
    rows = np.concatenate((firsts, seconds[doubled] - 1))
    out = np.empty((len(rows), HELLO_BYTES + 2), "u1")
    extract(hellos, filled, rows, np.concatenate((firsts, firsts[doubled])), out)
    texts = [one[2 : 2 + (one[0] << 8 | one[1])] for one in map(bytes, out)]
    others = iter(texts[len(firsts) :])
    refused = np.any(traces["refused"][firsts], axis=1).tolist()
    bits = np.where(seconds == 0, drawn(hellos, filled, firsts), 0).tolist()
    sides = zip(texts, seconds.tolist(), refused, bits, strict=False)
    read = iter(
        [
            FirstBytes((text, next(others)) if second > 0 else (text,), doubtful, second != 0, own)
            for text, second, doubtful, own in sides
        ]
    )
    return [
        kept[one] if one <= FIRST_KEPT else next(read) if one >= 0 else _NOTHING
        for one in which.tolist()
    ]
