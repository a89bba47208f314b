"""Where the clock of a capture was set, and which packets stand behind later ones.

No clock is set by less than an eighth of a second: by so much it is brought in line little by
little (RFC 5905 §11.3). What is late by less therefore has the right time, and stands in the wrong
place: packets of several queues, cards or taps are written as they come; unless the clock is not
steady, which what hosts count tells (``rows_order``). What is late by more shows
that the clock was set back: nothing tells how long the time between both packets was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from auditor.packets.counters import (
    BACKWARDS,
    FOREVER,
    PREVIOUS,
    STEP_COUNT,
    STEPS,
    STEPS_A_SCAN,
    clock_of,
)
from auditor.packets.recorder_notes import RecorderNotes
from auditor.packets.rows_order import RowsOrder
from auditor.packets.segments import Array, Batch, Clock, ClockStep

#: Steps of one capture that are located; no clock that is good for anything is set so often.
MOST_STEPS = 64


class ClockSteps:
    """The steps of one capture, as they are met."""

    def __init__(self) -> None:
        self._found: list[ClockStep] = []
        self._beyond = 0
        self._late = 0

    def account(self, counters: Array, recorded: RecorderNotes | None) -> Clock:
        """Return what there is to tell at the end of the capture; ``recorded``: what it says of
        itself, if it is thinned."""
        late, told, beyond = int(counters[BACKWARDS]), -FOREVER, self._beyond
        if recorded is not None:
            late = max(late, recorded.clock.late, recorded.backwards)
            told = -FOREVER if recorded.clock.ended is None else recorded.clock.ended
            beyond += recorded.backwards > 0
        ended = max(int(clock_of(counters)), told) if self._found else None
        return Clock(late, tuple(self._found), beyond, ended)

    def cut(self, rows: Array, buffer: Array, counters: Array) -> Iterator[Batch]:
        """Yield the rows (dtype SEGMENT) of one scan, cut where ``counters`` say that the clock
        was set; those are free for the next scan."""
        late, self._late = counters[BACKWARDS] > self._late, int(counters[BACKWARDS])
        count, counters[STEP_COUNT] = int(counters[STEP_COUNT]), 0
        begin, step = 0, None
        for place in range(STEPS, STEPS + 3 * min(count, STEPS_A_SCAN), 3):
            if len(self._found) == MOST_STEPS:
                break
            row, before, after = map(int, counters[place : place + 3])
            if row > begin or step is not None:
                yield Batch(rows[begin:row], buffer, step, late)
            begin, step = row, ClockStep(before, after)
            self._found.append(step)
            count -= 1
        self._beyond += count
        if len(rows) > begin or step is not None:
            yield Batch(rows[begin:], buffer, step, late)


def note_step(counters: Array, row: int, before: int, after: int) -> None:
    """Note a step before ``row`` that the capture itself tells of, not its packets: from one time
    (ns UTC) to another."""
    count = int(counters[STEP_COUNT])
    if count < STEPS_A_SCAN:
        counters[STEPS + 3 * count : STEPS + 3 * count + 3] = row, before, after
    counters[STEP_COUNT] = count + 1
    counters[PREVIOUS] = after


class InOrder:
    """Puts the rows of batches in the order of their times, or of the file where the times are
    wrong, if they are late by less than any clock is set: within a batch, and over the border to
    the one before.

    Once some were late a batch comes when the one after it was taken. What lies on two sides of a
    step stays there.
    """

    def __init__(self) -> None:
        self._held: Batch | None = None
        self._seen = False
        self._order = RowsOrder()

    def take(self, batch: Batch) -> Iterator[Batch]:
        """Take the next batch; yield what is in order now."""
        self._seen |= batch.late
        if self._held is not None and batch.step is None and batch.late:
            *due, self._held = self._merged(self._held, batch)
            yield from due
        elif self._seen:
            yield from self.rest()
            self._held = self._sorted(batch)
        else:
            yield batch

    def rest(self) -> Iterator[Batch]:
        """Yield what is held, at the end."""
        held, self._held = self._held, None
        if held is not None:
            yield held

    def _sorted(self, batch: Batch) -> Batch:
        if not batch.late:
            return batch
        rows = batch.segments.copy()
        order = self._order.of(rows)
        return batch if order is None else replace(batch, segments=rows[order])

    def _merged(self, one: Batch, other: Batch) -> list[Batch]:
        """Return the rows of two batches that follow each other, the first in order, as pieces in
        order; the last has none of the first."""
        count = len(one.segments)
        if not count or not len(other.segments):
            return [one, self._sorted(other)]
        both = np.concatenate((one.segments, other.segments))
        order = self._order.of(both)
        if order is None:
            return [one, other]
        later = order >= count
        last = int(np.flatnonzero(~later)[-1]) + 1
        (turns,) = np.nonzero(later[1:last] != later[: last - 1])
        pieces = [
            replace(other if later[begin] else one, segments=both[order[begin:end]], step=None)
            for begin, end in pairwise([0, *(turns + 1).tolist(), last])
        ]
        pieces.append(replace(other, segments=both[order[last:]]))
        pieces[0] = replace(pieces[0], step=one.step)
        return pieces


def in_order(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the rows of batches as ``InOrder`` puts them."""
    order = InOrder()
    for batch in batches:
        yield from order.take(batch)
    yield from order.rest()
