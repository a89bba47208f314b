"""Open control connections: the same answers as by looking at all of them, and with little work."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest
from matching_site import flow_of

from auditor.flows.flow import Flow
from auditor.judge.matching import open_controls
from auditor.judge.matching.copies import mark_5b
from auditor.judge.matching.correlation import STILL_OPEN, Spans, end_of
from auditor.judge.matching.match import Match
from auditor.judge.matching.open_controls import LatestEnds, Waiting

DIR, READ, WRITE = "192.0.2.1", "192.0.2.20", "192.0.2.21"


def control(started: int, ended: int | None = None) -> Flow:
    return replace(flow_of(DIR, WRITE, 9103, started=started), ended=ended)


def some_controls(chance: random.Random, count: int) -> list[Flow]:
    starts = sorted(chance.randrange(60) for _ in range(count))
    return [control(at, chance.choice([None, at + chance.randrange(30)])) for at in starts]


def closest(flows: list[Flow], left: list[int], reading: Spans | None) -> int | None:
    """What the module does, by looking at all of them."""

    def gap(index: int) -> tuple[int, int]:
        started = flows[index].started
        before = reading.last_start(started) if reading is not None else None
        return (STILL_OPEN if before is None else started - before), -started

    return min(left, key=gap, default=None)


@pytest.mark.parametrize("seed", range(40))
def test_the_one_that_is_taken_is_the_closest_of_all_that_are_open(seed: int) -> None:
    chance = random.Random(seed)
    flows = some_controls(chance, 12)
    readings = [None, Spans(some_controls(chance, 3)), Spans(some_controls(chance, 5))]
    waiting, left = Waiting(flows), list[int]()
    for time in range(90):
        for index, flow in enumerate(flows):
            if flow.started == time:
                waiting.add(index)
                left.append(index)
        if chance.random() < 0.3:
            reading = chance.choice(readings)
            left = [index for index in left if end_of(flows[index]) >= time]
            wanted = closest(flows, left, reading)
            assert waiting.take(time, reading) == (wanted, len(left) < 2)
            left = [index for index in left if index != wanted]


@pytest.mark.parametrize("seed", range(20))
def test_what_is_open_beside_is_told_of_this_and_of_any_other_daemon(seed: int) -> None:
    chance = random.Random(seed)
    ends, every = LatestEnds(), list[tuple[str, int]]()
    for time in range(60):
        storage = chance.choice("abc")
        same = any(name == storage and end >= time for name, end in every)
        others = any(name != storage and end >= time for name, end in every)
        assert ends.beside(storage, time) == (same, others)
        every.append((storage, time + chance.randrange(8)))
        ends.add(*every[-1])


class _Counted:
    """How often the end of a flow was asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, flow: Flow) -> int:
        self.times += 1
        return end_of(flow)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Counted]:
    asked = _Counted()
    monkeypatch.setattr(open_controls, "end_of", asked)
    yield asked


@pytest.mark.parametrize("readers", [1, 40])
def test_twice_as_many_take_twice_as_much_work(counted: _Counted, readers: int) -> None:
    """Half of them control connections that stay open, half of them copies."""
    work = []
    for count in (400, 800):
        flows = [control(at) for at in range(count)]
        flows += [
            flow_of(f"192.0.2.{100 + at % readers}", WRITE, 9103, started=count + at)
            for at in range(count)
        ]
        before = counted.times
        mark_5b(flows, [Match("5a")] * count + [Match("8")] * count, ())
        work.append(counted.times - before)
    assert work[1] < 2.5 * work[0]
    assert work[1] < 4 * 1600
