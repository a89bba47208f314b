"""Numbers with units: times, sizes, speeds, as Bareos adds them up (bareos.md §5.5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: A unit's full name and what one of it is worth.
Unit = tuple[str, int]

#: In the order in which a prefix is tried: that is why ``m`` is a month.
TIME_UNITS: Sequence[Unit] = (
    ("n", 60),
    ("seconds", 1),
    ("months", 30 * 86400),
    ("minutes", 60),
    ("mins", 60),
    ("hours", 3600),
    ("days", 86400),
    ("weeks", 7 * 86400),
    ("quarters", 91 * 86400),
    ("years", 365 * 86400),
)

SIZE_UNITS: Sequence[Unit] = (
    ("*", 1),
    *(
        unit
        for power, letter in enumerate("kmgtpe", start=1)
        for unit in ((letter, 1024**power), (f"{letter}b", 1000**power))
    ),
)

SPEED_UNITS: Sequence[Unit] = (
    ("*", 1),
    ("k/s", 1024),
    ("kb/s", 1000),
    ("m/s", 1024**2),
    ("mb/s", 1000**2),
)

#: utime_t is a signed 64-bit number.
_LARGEST = 2**63 - 1

_PAIR = re.compile(
    r"\s*(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?P<unit>[^\d\s]*)", re.ASCII
)
_MONTHS = re.compile(r"\d\.?\s*[mM](?=[\s\d]|$)", re.ASCII)


def total(text: str, units: Sequence[Unit]) -> int | None:
    """Return the sum of all number-and-unit pairs in whole units of 1, or None if it is none.

    A unit may be cut to any prefix; the first unit that fits counts. Each pair is rounded down.
    """
    result, at = 0, 0
    while at < len(text) and (pair := _PAIR.match(text, at)):
        worth = _worth(pair["unit"], units)
        if worth is None:
            break
        amount = float(pair["number"]) * worth
        if abs(amount) > _LARGEST:
            return None
        result += int(amount)
        at = pair.end()
    return None if text[at:].strip(" \r\n") else result


def says_months(text: str) -> bool:
    """Tell whether a time has a bare ``m``, which is a month and seldom meant as one."""
    return _MONTHS.search(text) is not None


def _worth(unit: str, units: Sequence[Unit]) -> int | None:
    if not unit:
        return 1
    return next((worth for name, worth in units if name.startswith(unit.lower())), None)
