"""Lengths of time and sizes as people write them on a command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from auditor.text.amounts import TIME_UNITS, amount


class Quantity(click.ParamType[float]):
    """A positive number with a unit, such as ``10m``."""

    def __init__(self, name: str, units: Mapping[str, float], example: str) -> None:
        self.name = name
        self._units = units
        self._example = example

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number in the first unit; fail with a sentence where it is not one."""
        if isinstance(value, int | float):
            return float(value)
        found = amount(str(value), self._units)
        if found is None:
            units = ", ".join(name for name in self._units if name)
            self.fail(f"{value!r}: write it like {self._example} (units: {units}).", param, ctx)
        return found


#: Seconds.
DURATION = Quantity("TIME", TIME_UNITS, "90s, 10m or 2h")
#: Bytes; K, M and G are powers of 1024, as tcpdump's and dumpcap's users expect of buffers.
SIZE = Quantity(
    "SIZE",
    {"": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30},
    "500K, 100M or 2G",
)
