"""Where the clock of a capture was set, and in which order its segments stand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from decoding import PORTS, SECOND, ethernet
from hypothesis import assume, given
from hypothesis import strategies as st
from pcapfile import Pcapng, pcap

from auditor.packets import Decoder
from auditor.packets.clock_steps import MOST_STEPS, in_order
from auditor.packets.segments import SEGMENT, Batch, Clock, ClockStep

START = 1_800_000_000 * SECOND
MS = 1_000_000
OTHER = b"\xff" * 6 + b"\2" * 6 + b"\x08\x06" + bytes(28)


def decoded(frames: list[tuple[float, bytes]], cuts: int = 1) -> tuple[list[Batch], Clock]:
    """Decode frames at so many seconds after the start, from that many chunks."""
    data = pcap(((START + round(at * SECOND), frame) for at, frame in frames), nanoseconds=True)
    decoder, size = Decoder(PORTS), -(-len(data) // cuts)
    found = []
    for at in range(0, len(data), size):
        found += [
            replace(b, segments=b.segments.copy()) for b in decoder.feed(data[at : at + size])
        ]
    return found, decoder.finish().clock


def step(before: float, after: float) -> ClockStep:
    return ClockStep(START + round(before * SECOND), START + round(after * SECOND))


def times(batches: list[Batch]) -> list[list[float]]:
    return [[(t - START) / SECOND for t in batch.segments["time"].tolist()] for batch in batches]


@pytest.mark.parametrize("cuts", [1, 3, 400])
def test_the_segments_before_and_after_a_step_come_apart(cuts: int) -> None:
    batches, clock = decoded([(at, ethernet()) for at in (0, 1, 100, 40, 41)], cuts)
    found = [batch for batch in batches if batch.step is not None]
    assert [batch.step for batch in found] == [step(100, 40)]
    assert [t for one in times(batches) for t in one] == [0, 1, 100, 40, 41]
    assert times(found)[0][0] == 40
    assert clock == Clock(1, (step(100, 40),), 0, START + 41 * SECOND)


def test_packets_of_no_interest_show_a_step_as_well() -> None:
    """Between two segments whose own times go on: a silence is cut nevertheless."""
    batches, clock = decoded([(0, ethernet()), (90, OTHER), (2, OTHER), (95, ethernet())])
    assert times(batches) == [[0], [], [95]]
    assert [one.step for one in batches] == [None, step(90, 2), step(2, 95)]
    assert clock.steps == (step(90, 2), step(2, 95))


def test_a_step_after_the_last_segment_is_told_too() -> None:
    batches, clock = decoded([(0, ethernet()), (90, OTHER), (2, OTHER)])
    assert times(batches) == [[0], []]
    assert (batches[1].step, clock.ended) == (step(90, 2), START + 2 * SECOND)


@pytest.mark.parametrize(("late", "is_step"), [(7e-6, 0), (0.125, 0), (0.126, 1), (3600, 1)])
def test_no_clock_is_set_by_less_than_an_eighth_of_a_second(late: float, is_step: int) -> None:
    frames = [(5000, ethernet()), (5000 - late, OTHER), (5000.01 - late, ethernet())]
    batches, clock = decoded(frames)
    assert (clock.late > 0, len(clock.steps), clock.beyond) == (True, is_step, 0)
    assert batches[0].late


def test_many_steps_are_counted_and_not_located() -> None:
    most = MOST_STEPS + 9
    frames = [(1000.0 - at, OTHER) for at in range(most + 1)]
    _, clock = decoded(frames)
    assert (len(clock.steps), clock.beyond) == (MOST_STEPS, most - MOST_STEPS)
    one_by_one = decoded(frames, 700)
    assert one_by_one[1] == clock


def test_a_capture_in_order_has_neither() -> None:
    batches, clock = decoded([(at, ethernet()) for at in range(9)])
    assert (clock, batches[0].step, batches[0].late) == (Clock(), None, False)


def test_a_pcapng_file_tells_the_same() -> None:
    file = Pcapng().interface(tsresol=9)
    for at in (0, 100, 40):
        file.enhanced(START + at * SECOND, ethernet())
    decoder = Decoder(PORTS)
    assert [batch.step for batch in decoder.feed(bytes(file))] == [None, step(100, 40)]
    assert decoder.finish().clock.steps == (step(100, 40),)


# ---------------------------------------------------------------------- order


def batch(shown: list[int], *, late: bool = False, step: ClockStep | None = None) -> Batch:
    rows = np.zeros(len(shown), SEGMENT)
    rows["time"], rows["number"] = shown, range(len(shown))
    return Batch(rows, np.zeros(1, "u1"), step, late)


def order(*batches: Batch) -> list[int]:
    return [int(t) for one in in_order(batches) for t in one.segments["time"]]


def test_what_is_late_is_put_in_order_within_and_over_a_border() -> None:
    assert order(batch([1, 3, 2], late=True), batch([5, 4, 6], late=True)) == [1, 2, 3, 4, 5, 6]
    first = batch([1, 2, 6, 8], late=True)
    assert order(first, batch([4, 5, 7, 9], late=True)) == [1, 2, 4, 5, 6, 7, 8, 9]


def test_what_lies_on_two_sides_of_a_step_stays_there() -> None:
    set_back = batch([4, 3], late=True, step=ClockStep(9, 3))
    assert order(batch([9, 8], late=True), set_back, batch([2], late=True)) == [8, 9, 2, 3, 4]
    found = list(in_order([batch([9], late=True), set_back, batch([2], late=True)]))
    assert [(one.step is not None, one.segments["time"].tolist()) for one in found] == [
        (False, [9]), (True, [2]), (False, [3, 4]), (False, []),
    ]  # fmt: skip


def test_a_step_with_nothing_behind_it_is_handed_on() -> None:
    alone = batch([], step=ClockStep(9, 3))
    assert [one.step for one in in_order([batch([1], late=True), alone, batch([2])])] == [
        None, ClockStep(9, 3), None,
    ]  # fmt: skip


def test_until_something_is_late_no_batch_waits_for_the_next() -> None:
    taken = []

    def batches() -> Iterator[Batch]:
        for first in (1, 2, 3):
            taken.append(first)
            yield batch([first], late=first == 2)

    waits = [len(taken) for _ in in_order(batches())]
    assert waits == [1, 3, 3]


@given(st.integers(0, 1 << 32), st.integers(2, 60), st.integers(1, 20))
def test_any_order_within_the_bound_is_put_right(seed: int, count: int, size: int) -> None:
    """If it lies in the batch before at most."""
    at_random = random.Random(seed)
    shown = sorted(at_random.sample(range(1000), count))
    stands = sorted(shown, key=lambda t: t + at_random.randrange(9))
    parts = [stands[start : start + size] for start in range(0, count, size)]
    latest = [0, *(max(stands[: start + size]) for start in range(0, count, size))]
    assume(all(min(part) >= latest[k - 1] for k, part in enumerate(parts) if k > 1))
    seen = batch([-1], late=True)
    assert order(seen, *(batch(part, late=True) for part in parts)) == [-1, *shown]
