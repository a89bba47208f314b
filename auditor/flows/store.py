"""Owns the tracker's tables and makes room in them, up to hard bounds."""

from __future__ import annotations

import numpy as np

from auditor.flows.tables import FACT, FACTS, FLOW, HELLO_BYTES, PROBE, SIDE, STATE, TRACE
from auditor.flows.tcp_state import NONE, SENT_ACK
from auditor.packets.segments import Array

#: Rows, and rows of hellos (4 KiB each), at the start; every growth doubles them.
_START = 1024
_HELLOS = 64
#: Probes kept per flow of ``max_flows``, on average: the default bound then holds a week of one
#: probe a minute on each of a hundred flows.
_PROBES_PER_FLOW = 4
#: Dropping half-open flows must free this share of the table, or a flood of SYNs would make
#: every new flow cost a pass over all of them.
_WORTHWHILE = 64
_NEVER_STOP = 1 << 62


def _grown(table: Array, rows: int) -> Array:
    larger = np.zeros((rows, *table.shape[1:]), table.dtype)
    larger[: len(table)] = table
    return larger


class Store:
    """The tables of one capture; rows beyond those in use are zero."""

    def __init__(self, max_flows: int, seeds: bytes) -> None:
        if max_flows < 1:
            raise ValueError("max_flows must be at least 1")
        self.max_flows = max_flows
        self.half_open_dropped = 0
        self._max_probes = max(_START, max_flows * _PROBES_PER_FLOW)
        self._max_hellos = max(_HELLOS, max_flows // 4)
        rows = min(_START, max_flows)
        self._states = np.zeros(1, STATE)
        self.state["seeds"] = np.frombuffer(seeds, "u8", 10)
        self.state["recent"] = NONE
        self.flows = np.zeros(rows + 1, FLOW)
        self.sides = np.zeros(2 * rows, SIDE)
        self.probes = np.zeros(_START, PROBE)
        self.hellos = np.zeros((_HELLOS, HELLO_BYTES), "u1")
        self.filled = np.zeros((_HELLOS, HELLO_BYTES // 8), "u1")
        self.traces = np.zeros(_HELLOS, TRACE)
        self.facts = np.zeros(FACTS, FACT)
        self._heads = np.zeros(0, "i4")
        self._set_stops()
        self._set_buckets()

    @property
    def state(self) -> np.void:
        """The counters, as one record."""
        return self._states[0]  # type: ignore[no-any-return]

    def tables(self) -> tuple[Array, ...]:
        """Return what the kernel takes after the batch: ``Tables``, but the state as an array."""
        return (
            self._states,
            self.flows,
            self.sides,
            self._heads,
            self.probes,
            self.hellos,
            self.filled,
            self.traces,
            self.facts,
        )

    def make_room(self) -> None:
        """Double every table that is full; at its bound, drop half-open flows, then give up."""
        state = self.state
        if state["flow_count"] >= state["flow_stop"]:
            rows = len(self.flows) - 1
            if rows < self.max_flows:
                rows = min(2 * rows, self.max_flows)
                self.flows = _grown(self.flows, rows + 1)
                self.sides = _grown(self.sides, 2 * rows)
            else:
                self._drop_half_open()
            self._set_buckets()
        if state["probe_count"] >= state["probe_stop"]:
            self.probes = _grown(self.probes, min(2 * len(self.probes), self._max_probes))
        if state["hello_count"] >= state["hello_stop"]:
            rows = min(2 * len(self.hellos), self._max_hellos)
            self.hellos = _grown(self.hellos, rows)
            self.filled = _grown(self.filled, rows)
            self.traces = _grown(self.traces, rows)
        self._set_stops()

    def _set_stops(self) -> None:
        state = self.state
        rows = len(self.flows) - 1
        settled = rows == self.max_flows and state["flow_count"] >= rows
        state["flow_stop"] = _NEVER_STOP if settled else rows
        # One segment may write two probes: its own, and the peer's that it proves.
        full = len(self.probes) == self._max_probes
        state["probe_stop"] = _NEVER_STOP if full else len(self.probes) - 1
        full = len(self.hellos) == self._max_hellos
        state["hello_stop"] = _NEVER_STOP if full else len(self.hellos)

    def _set_buckets(self) -> None:
        size = 1 << (2 * len(self.flows) - 1).bit_length()
        if size != len(self._heads):
            self._heads = np.zeros(size, "i4")
        self.state["relink"] = 1

    def _drop_half_open(self) -> None:
        """Forget the flows of which only SYNs were seen, and close up the tables."""
        state = self.state
        count = int(state["flow_count"])
        flows = self.flows[:count]
        sides = self.sides[: 2 * count].reshape(count, 2)
        opener = flows["opener"]
        which = np.arange(count)
        established = (sides["bits"][which, np.maximum(opener, 0)] & SENT_ACK) != 0
        answered = sides["segments"][which, 1 - np.maximum(opener, 0)] > 0
        keep = (opener < 0) | established | answered
        dropped = count - int(keep.sum())
        if dropped < max(1, self.max_flows // _WORTHWHILE):
            return
        self.half_open_dropped += dropped
        self._close_up(keep)

    def _close_up(self, keep: Array) -> None:
        state = self.state
        count = len(keep)
        left = int(keep.sum())
        place = np.where(keep, np.cumsum(keep) - 1, NONE)
        flows = self.flows[:count][keep]
        sides = self.sides[: 2 * count].reshape(count, 2)[keep].reshape(-1)
        hellos = self._close_up_hellos(sides)
        self.flows[:] = np.zeros((), FLOW)
        self.flows[:left] = flows
        self.sides[:] = np.zeros((), SIDE)
        self.sides[: 2 * left] = sides
        rows = self.probes["row"][: state["probe_count"]]
        rows[:] = 2 * place[rows >> 1] + (rows & 1)
        facts = self.facts[: state["fact_count"]]
        facts = facts[keep[facts["row"] >> 1]]
        facts["row"] = 2 * place[facts["row"] >> 1] + (facts["row"] & 1)
        self.facts[: len(facts)] = facts
        state["fact_count"] = len(facts)
        state["hello_count"] = hellos
        state["flow_count"] = left
        state["recent"] = NONE

    def _close_up_hellos(self, sides: Array) -> int:
        """Keep the hellos of these sides only, with their second readings; return how many."""
        owners = np.flatnonzero(sides["hello"] >= 0)
        firsts = sides["hello"][owners]
        doubled = np.flatnonzero(self.traces["second"][firsts] > 0)
        seconds = self.traces["second"][firsts[doubled]] - 1
        rows = np.concatenate((firsts, seconds))
        for table in (self.hellos, self.filled, self.traces):
            table[: len(rows)] = table[rows]
            table[len(rows) :] = np.zeros((), table.dtype)
        sides["hello"][owners] = np.arange(len(owners))
        self.traces["second"][doubled] = len(owners) + 1 + np.arange(len(doubled))
        return len(rows)
