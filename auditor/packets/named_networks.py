"""Words for networks that tell which VLAN or tunnel they are, such as ``VLAN 7 VNI 5001``."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Where no header has a number; where it is not known what a number is made of.
NO_NUMBER, UNNAMED = "no VLAN", "network 0x"
_WORD = re.compile(r"(VLAN|VNI|VSID|I-SID|GRE key|mirrored VLAN) ([0-9]{1,10})", re.ASCII)

#: What a number is called, and the number.
Named = tuple[str, int]


def words_of(named: Iterable[Named]) -> str:
    """Return the words for numbers, outermost first."""
    return " ".join(f"{name} {number}" for name, number in named)


def named_numbers(words: str) -> list[Named]:
    """Return the numbers in such words, outermost first; empty: there are none."""
    found = [(name, int(number)) for name, number in _WORD.findall(words)]
    return found if words_of(found) == words else []
