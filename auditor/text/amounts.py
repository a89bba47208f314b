"""Amounts as people write them: a number and a unit, such as ``10m``."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NUMBER = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,9})?)\s*(?P<unit>[A-Za-z]*)", re.ASCII)

#: Seconds by unit; without one they are seconds.
TIME_UNITS: Mapping[str, float] = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def amount(text: str, units: Mapping[str, float]) -> float | None:
    """Return a positive amount in the unit whose factor is 1; None: the text is none."""
    found = _NUMBER.fullmatch(text.strip())
    unit = units.get(found["unit"].lower()) if found is not None else None
    if found is None or unit is None:
        return None
    return float(found["number"]) * unit or None
