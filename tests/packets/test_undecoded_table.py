"""Between whom and when what could not be decoded passed, in a table of fixed size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.packets.counters import MAX_RUNS, NOTED, RUN_COUNT, RUN_PAUSE, new_counters
from auditor.packets.fragments import new_fragments
from auditor.packets.link_types import IPV4
from auditor.packets.segments import Array, UndecodedRun
from auditor.packets.undecoded import CUT, IP_PROTOCOL, MACSEC, RUNT
from auditor.packets.undecoded_runs import add_runs, runs_of
from auditor.packets.undecoded_table import note_anywhere, note_packet, put_new

SECOND = 1_000_000_000
ESP = IP_PROTOCOL | 50
HEADER = bytes([0x45, *bytes(11), 192, 0, 2, 1, 192, 0, 2, 2])


def note(counters: Array, number: int, time: int, key: int = ESP) -> None:
    """Note a packet between two hosts that a number of 31 bits tells from others."""
    counters[NOTED] = key
    header = np.frombuffer(HEADER[:16] + (number + 1).to_bytes(4, "big"), np.uint8)
    note_packet(header, 0, len(header), IPV4, time, counters)


def told(counters: Array) -> tuple[UndecodedRun, ...]:
    return runs_of(counters, new_fragments())


def test_packets_without_a_long_pause_between_them_are_one_run() -> None:
    counters = new_counters()
    for time in (5, 3, SECOND, 2 * SECOND, 9 * SECOND):
        note(counters, 7, time)
    assert [(one.first, one.last, one.packets) for one in told(counters)] == [
        (3, 2 * SECOND, 4),
        (9 * SECOND, 9 * SECOND, 1),
    ]


def test_hosts_and_layers_are_told_apart() -> None:
    counters = new_counters()
    for number, key in ((1, ESP), (2, ESP), (1, CUT), (1, ESP)):
        note(counters, number, SECOND, key)
    note_anywhere(counters, MACSEC, SECOND)
    assert sorted((one.source, one.target, one.layer, one.packets) for one in told(counters)) == [
        ("", "", "MACsec", 1),
        ("192.0.2.1", "0.0.0.2", "ESP", 2),
        ("192.0.2.1", "0.0.0.2", "headers that were cut by the recorder", 1),
        ("192.0.2.1", "0.0.0.3", "ESP", 1),
    ]


def test_what_can_hold_nothing_is_not_noted() -> None:
    counters = new_counters()
    note(counters, 1, SECOND, RUNT)
    assert (told(counters), counters[NOTED]) == ((), 0)


def test_for_want_of_room_longer_pauses_are_none() -> None:
    """So it takes no more room, and what is told covers each packet."""
    counters, times = new_counters(), range(0, 5000 * 3 * SECOND, 3 * SECOND)
    for time in times:
        note(counters, 1, time)
    runs = told(counters)
    assert counters[RUN_PAUSE] == 4 * SECOND
    assert [(one.first, one.last, one.packets) for one in runs] == [(0, times[-1], 5000)]


def test_of_too_many_hosts_neither_they_nor_the_layer_are_told() -> None:
    counters = new_counters()
    for number in range(2 * MAX_RUNS):
        note(counters, number, number)
    *known, other = sorted(told(counters), key=lambda one: one.packets)
    assert len(known) == MAX_RUNS
    assert (other.source, other.target, other.layer) == ("", "", "other layers")
    assert (other.packets, other.first, other.last) == (MAX_RUNS, MAX_RUNS, 2 * MAX_RUNS - 1)
    note(counters, 3, -(1 << 62))  # of a host that is known, at whatever time
    note(counters, 5 * MAX_RUNS, 1 << 62)
    assert counters[RUN_COUNT] == MAX_RUNS + 1


def test_runs_of_another_table_are_counted_among_those_of_one() -> None:
    one, other = new_counters(), new_counters()
    note(one, 1, SECOND)
    note(other, 1, 2 * SECOND)
    note(other, 2, 2 * SECOND)
    add_runs(one, other)
    assert [(run.target, run.first, run.packets) for run in told(one)] == [
        ("0.0.0.2", SECOND, 2),
        ("0.0.0.3", 2 * SECOND, 1),
    ]
    put_new(one)  # the one that was counted last, once more
    assert told(one)[-1].packets == 2


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(-(1 << 62), 1 << 62)), max_size=40),
    st.integers(0, MAX_RUNS + 1),
)
def test_whatever_passes_each_packet_lies_in_a_run_of_its_hosts_or_of_any(
    packets: list[tuple[int, int]], before: int
) -> None:
    counters = new_counters()
    for number in range(before):
        note(counters, 10_000 + number, number)
    for number, time in packets:
        note(counters, number, time)
    runs = told(counters)
    assert sum(run.packets for run in runs) == before + len(packets)
    assert len(runs) <= MAX_RUNS + 1
    for number, time in packets:
        target = ".".join(map(str, (number + 1).to_bytes(4, "big")))
        assert any(run.target in ("", target) and run.first <= time <= run.last for run in runs)


@pytest.mark.parametrize("length", [0, 19])
def test_of_a_header_that_is_not_whole_nobody_is_told(length: int) -> None:
    counters = new_counters()
    counters[NOTED] = ESP
    header = np.frombuffer(HEADER, np.uint8)
    note_packet(header, 0, length, IPV4, 1, counters)
    assert [(one.source, one.target) for one in told(counters)] == [("", "")]
