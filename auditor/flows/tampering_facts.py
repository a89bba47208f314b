"""Notes facts of tampering in a table of fixed size: a few a flow, the others are counted."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from auditor.flows.tables import Tables
from auditor.flows.tampering import FACTS_PER_FLOW, Tampering
from auditor.kernels import kernel
from auditor.packets.segments import Array


class _Facts(Protocol):
    """Where facts are kept."""

    @property
    def state(self) -> np.void:
        """Of dtype STATE."""

    @property
    def facts(self) -> Array:
        """Of dtype FACT."""


@kernel
def note_tampering(segment: np.void, row: int, kind: int, other: int, tables: Tables) -> None:
    """Note that ``segment``, which ``row`` sent or seems to have sent, shows tampering.

    ``other`` is the number of the frame that it contradicts, or 0.
    """
    flow, state = tables.flows[row >> 1], tables.state
    flow["tampered"] += 1
    if flow["tampered"] > FACTS_PER_FLOW or state["fact_count"] >= len(tables.facts):
        return
    fact = tables.facts[state["fact_count"]]
    fact["row"] = row
    fact["kind"] = kind
    fact["frame"] = segment["number"]
    fact["other"] = other
    fact["time"] = segment["time"]
    state["fact_count"] += 1


def collect_facts(store: _Facts) -> dict[int, tuple[Tampering, ...]]:
    """Return the facts that were kept, by index of the flow, in order of sight."""
    collected: dict[int, list[Tampering]] = {}
    for row, kind, frame, other, time in store.facts[: int(store.state["fact_count"])].tolist():
        collected.setdefault(row >> 1, []).append(Tampering(kind, frame, other, time))
    return {index: tuple(facts) for index, facts in collected.items()}
