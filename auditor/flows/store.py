"""Owns the tracker's tables and makes room in them, up to hard bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from auditor.flows.alike import NOTHING_SAID
from auditor.flows.first_bytes import FirstBytes, KeptBytes, first_bytes
from auditor.flows.folding import KEEP_ALL, Looked, fold, limits_of, may_grow, plan_folding
from auditor.flows.summaries import no_summaries, summarise
from auditor.flows.tables import (
    FACT,
    FACTS,
    FLOW,
    HELLO_BYTES,
    PROBE,
    SIDE,
    STATE,
    TRACE,
    grown,
    move,
)
from auditor.flows.tcp_state import HELLO_DONE, NEVER, NONE
from auditor.flows.words import note_all_words
from auditor.kernels.zeroed import zeroed
from auditor.packets.segments import Array, ClockStep

#: Rows, and rows of hellos (4 KiB each), at the start; every growth doubles them.
_START = 1024
_HELLOS = 64
#: Flows whose first bytes are read together: they take 8 KiB each meanwhile.
_TOGETHER = 512
#: Probes kept per flow of ``max_flows``, on average: the default bound then holds a week of one
#: probe a minute on each of a hundred flows.
_PROBES_PER_FLOW = 4
#: The table grows beyond this share of its bound only for flows that are not alike.
_ALIKE = 4
#: Folding must free this share of the table (at its bound the second), or every new flow might cost
#: a pass over all of them; and so much of its end, where handshakes are under way, is left alone.
_WORTHWHILE, _LAST_RESORT = 4, 64
_UNDER_WAY = 4
#: A pass over all flows that gives rows of hellos back must free one for so many of them.
_PASSES = 64
#: So long (ns) after its latest segment a connection that is over is forgotten by both ends: twice
#: the longest that a segment may be on its way (RFC 9293 §3.4.2).
_LINGERS = 240_000_000_000
_NEVER_STOP = 1 << 62


class Store:
    """The tables of one capture; rows beyond those in use are zero."""

    def __init__(self, max_flows: int, seeds: bytes, max_rows: int | None = None) -> None:
        if max_flows < 1:
            raise ValueError("max_flows must be at least 1")
        self.max_flows = max_flows
        self._max_rows = max_flows if max_rows is None else min(max_rows, max_flows)
        self.folded = 0
        """Attempts that have no row of their own any more."""
        self.summaries = no_summaries()
        self._limits = limits_of(max_flows)
        self.kept = KEEP_ALL
        """Which ordinary connections keep rows of their own."""
        self.steps: list[ClockStep] = []
        """Where the clock was set."""
        self._max_probes = max(_START, max_flows * _PROBES_PER_FLOW)
        self._max_hellos = max(_HELLOS, max_flows // 4)
        rows = min(_START, self._max_rows)
        self._states = np.zeros(1, STATE)
        self.state["seeds"] = np.frombuffer(seeds, "u8", 10)
        self.state["recent"] = NONE
        self.flows, self.sides = zeroed(rows + 1, FLOW), zeroed(2 * rows, SIDE)
        self.probes = np.zeros(_START, PROBE)
        self.hellos = np.zeros((_HELLOS, HELLO_BYTES), "u1")
        self.filled = np.zeros((_HELLOS, HELLO_BYTES // 8), "u1")
        self.traces = np.zeros(_HELLOS, TRACE)
        self._kept = KeptBytes(self._max_hellos * HELLO_BYTES // 2)
        self.facts = np.zeros(FACTS, FACT)
        self._heads = np.zeros(0, "i4")
        self._set_stops()
        self._set_buckets()

    @property
    def state(self) -> np.void:
        """The counters, as one record."""
        return self._states[0]  # type: ignore[no-any-return]

    def first_bytes(self, flows: Sequence[int]) -> Iterator[tuple[FirstBytes, FirstBytes]]:
        """Yield what both sides of each of these flows said first."""
        for start in range(0, len(flows), _TOGETHER):
            rows = 2 * np.array(flows[start : start + _TOGETHER], "i8")
            said = self._first_bytes(np.column_stack((rows, rows + 1)).reshape(-1))
            yield from zip(said[::2], said[1::2], strict=True)

    def _first_bytes(self, rows: Array) -> list[FirstBytes]:
        return first_bytes(*self._looked()[3:], self._kept, self.sides["hello"][rows])

    def tables(self) -> tuple[Array, ...]:
        """Return what the kernel takes after the batch: ``Tables``, but the state as an array."""
        first = self._states, self.flows, self.sides, self._heads, self.probes
        return *first, self.hellos, self.filled, self.traces, self.facts

    def make_room(self) -> None:
        """Double every table that is full; let flows that are alike share rows first, and at the
        bound give up."""
        state = self.state
        if state["flow_count"] >= state["flow_stop"]:
            rows = len(self.flows) - 1
            grows = may_grow(self.flows, self.state, self._max_rows)
            least = rows // (_WORTHWHILE if grows else _LAST_RESORT)
            small = rows < min(self.max_flows, max(_START, self.max_flows // _ALIKE))
            folds = not small and self._fold(rows - rows // _UNDER_WAY, max(1, least))
            if grows and not folds:
                self._grow(min(2 * rows, self._max_rows))
            self._set_buckets()
        if state["probe_count"] >= state["probe_stop"]:
            self.probes = grown(self.probes, min(2 * len(self.probes), self._max_probes))
        if state["hello_count"] >= state["hello_stop"] and not self._keep_hellos():
            rows = min(2 * len(self.hellos), self._max_hellos)
            if rows == len(self.hellos):
                count = int(state["flow_count"])
                self._fold(count - count // _UNDER_WAY, max(1, count // _LAST_RESORT))
                self._set_buckets()
            else:
                tables = self.hellos, self.filled, self.traces
                self.hellos, self.filled, self.traces = (grown(one, rows) for one in tables)
        self._set_stops()

    def reopen(self) -> None:
        """Have the kernel ask for room again if by now the table may grow."""
        grows = may_grow(self.flows, self.state, self._max_rows)
        if grows and self.state["flow_stop"] == _NEVER_STOP:
            self._set_stops()

    def _set_stops(self) -> None:
        state, rows = self.state, len(self.flows) - 1
        settled = state["flow_count"] >= rows and not may_grow(
            self.flows, self.state, self._max_rows
        )
        state["flow_stop"] = _NEVER_STOP if settled else rows
        # One segment may write its own probe, and three more that it proves.
        full = len(self.probes) == self._max_probes
        state["probe_stop"] = _NEVER_STOP if full else len(self.probes) - 3
        full = state["hello_count"] >= len(self.hellos) == self._max_hellos
        state["hello_stop"] = _NEVER_STOP if full else len(self.hellos)

    def _set_buckets(self) -> None:
        size = 1 << (2 * len(self.flows) - 1).bit_length()
        if size != len(self._heads):
            self._heads = np.zeros(size, "i4")
        self.state["relink"] = 1

    def settle(self) -> None:
        """Let all that are alike share rows, at the end of a capture."""
        if self.folded or self.state["flow_count"] > min(one.few for one in self._limits):
            self._fold(int(self.state["flow_count"]), 1, last=True)
            self._set_buckets()
            self._set_stops()

    def prepare(self) -> None:
        """Load the machine code that only a flood calls, while it can be read and compiled."""
        with np.errstate(over="ignore"):
            plan_folding(self._looked(), 1, self._limits, KEEP_ALL)
            summarise(self._states, self.flows, self.sides, np.zeros(1, "i8"), no_summaries())
            self._note_words(np.zeros(0, "i8"))

    def _grow(self, rows: int) -> None:
        self.flows, self.sides = grown(self.flows, rows + 1), grown(self.sides, 2 * rows)

    def _note_words(self, rows: Array) -> None:
        room = np.zeros(HELLO_BYTES, "u1")
        note_all_words(self._states, self.sides, *self._looked()[3:], room, rows)

    def _looked(self) -> Looked:
        first = self.flows, self.sides
        return Looked(self._states, *first, self.hellos, self.filled, self.traces)

    def _fold(self, until: int, least: int, *, last: bool = False) -> bool:
        """Let flows before ``until`` that are alike share rows; tell whether ``least`` rows came
        free, or nothing was done. ``last``: at the end, where a few need not."""
        attempts, ordinary = self._limits if last else [one._replace(few=0) for one in self._limits]
        limits = attempts._replace(few=0 if self.folded else attempts.few), ordinary
        with np.errstate(over="ignore"):  # un-jitted, the hashes would warn that they wrap
            found = plan_folding(self._looked(), until, limits, self.kept)
            dropped = until - int(found.keep.sum())
            if dropped < least:
                return False
            fold(self._looked(), found, self.summaries)
        self.folded += dropped
        self._close_up(np.append(found.keep, np.ones(int(self.state["flow_count"]) - until, bool)))
        return True

    def _keep_hellos(self) -> bool:
        """Keep what is read of the first bytes of connections that have been over for a while, and
        take their rows; tell whether enough of them came free."""
        count = int(self.state["flow_count"])
        least = max(len(self.hellos) // _WORTHWHILE, count // _PASSES)
        if len(self.hellos) < _WORTHWHILE * least:
            return False
        flows, sides = self.flows[:count], self.sides[: 2 * count]
        over = (flows["ended"] != NEVER) & (self.state["latest"] - flows["last"] > _LINGERS)
        said = sides["payload_bytes"].reshape(count, 2).min(axis=1) > NOTHING_SAID
        mine = np.repeat(over & said, 2) & (sides["hello"] >= 0)
        (rows,) = mine.nonzero()
        if len(rows) < least:
            return False
        self._note_words(rows)
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            for row, one in zip(some.tolist(), self._first_bytes(some), strict=True):
                place = self._kept.keep(one)
                if place is not None:
                    sides["hello"][row] = place
                    sides["bits"][row] |= HELLO_DONE
        before = int(self.state["hello_count"])
        self.state["hello_count"] = self._close_up_hellos(sides["hello"])
        return before - int(self.state["hello_count"]) >= least

    def _close_up(self, keep: Array) -> None:
        state = self.state
        (kept,) = keep.nonzero()
        place = np.where(keep, np.cumsum(keep) - 1, NONE)
        move(self.flows, kept, len(keep))
        move(self.sides, (2 * kept[:, None] + [0, 1]).reshape(-1), 2 * len(keep))
        hellos = self._close_up_hellos(self.sides["hello"][: 2 * len(kept)])
        rows = self.probes["row"][: state["probe_count"]]
        rows[:] = 2 * place[rows >> 1] + (rows & 1)
        facts = self.facts[: state["fact_count"]]
        facts = facts[keep[facts["row"] >> 1]]
        facts["row"] = 2 * place[facts["row"] >> 1] + (facts["row"] & 1)
        self.facts[: len(facts)] = facts
        state["fact_count"] = len(facts)
        state["hello_count"] = hellos
        state["flow_count"] = len(kept)
        state["recent"] = NONE

    def _close_up_hellos(self, owned: Array) -> int:
        """Keep the rows of hellos that sides own, with their second readings; return how many."""
        (owners,) = (owned >= 0).nonzero()
        firsts = owned[owners]
        (doubled,) = (self.traces["second"][firsts] > 0).nonzero()
        seconds = self.traces["second"][firsts[doubled]] - 1
        rows = np.concatenate((firsts, seconds))
        for table in (self.hellos, self.filled, self.traces):
            move(table, rows, int(self.state["hello_count"]))
        owned[owners] = np.arange(len(owners))
        self.traces["second"][doubled] = len(owners) + 1 + np.arange(len(doubled))
        return len(rows)
