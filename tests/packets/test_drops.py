"""When packets were lost: between two counts of the recorder, or before one packet."""

from __future__ import annotations

import pytest
from decoding import SECOND, ethernet, seen
from pcapfile import Pcapng

from auditor.packets.counters import MAX_DROPS, new_counters
from auditor.packets.drop_counts import note_drops
from auditor.packets.drops import drop_from_comment, drop_to_comment, drops_of, settled
from auditor.packets.segments import Drop

FRAME = ethernet(b"data")
START = 1_800_000_000 * SECOND


def file(interfaces: int = 1) -> Pcapng:
    made = Pcapng()
    for _ in range(interfaces):
        made.interface(tsresol=9)
    return made


def drops(made: Pcapng) -> list[tuple[float, float, int]]:
    """Return when packets were lost, in seconds since the start."""
    info = seen([bytes(made)])[1]
    assert sum(one.packets for one in info.drops) in (0, info.dropped)
    return [((a - START) / SECOND, (b - START) / SECOND, count) for a, b, count in info.drops]


def at(made: Pcapng, *seconds: float, interface: int = 0) -> Pcapng:
    for second in seconds:
        made.enhanced(START + round(second * SECOND), FRAME, interface=interface)
    return made


def counted(made: Pcapng, lost: int, interface: int = 0) -> Pcapng:
    return made.statistics(interface, ifdrop=lost, osdrop=None)


def missed(made: Pcapng, count: int, second: float, interface: int = 0) -> Pcapng:
    option = made.option(4, count.to_bytes(8, "little")) + bytes(4)
    time = START + round(second * SECOND)
    return made.enhanced(time, FRAME, interface=interface, options=option)


def test_a_count_is_of_the_time_since_the_one_before() -> None:
    made = counted(at(file(), 0, 10), 0)
    assert drops(made) == []
    assert drops(counted(at(made, 20, 30), 7)) == [(10, 30, 7)]
    assert drops(counted(at(made, 40), 7)) == [(10, 30, 7)]
    assert drops(counted(at(made, 50), 9)) == [(10, 30, 7), (40, 50, 2)]


def test_a_single_count_is_of_the_whole_file() -> None:
    assert drops(counted(at(file(), 5, 10), 3)) == [(5, 10, 3)]


def test_what_a_packet_says_is_of_the_time_since_the_one_before() -> None:
    made = at(missed(at(file(), 0, 10), 4, 12), 20)
    assert drops(made) == [(10, 12, 4)]
    assert drops(counted(made, 4)) == [(10, 12, 4)]
    assert drops(counted(made, 6)) == [(10, 12, 4), (20, 20, 2)]


def test_of_several_interfaces_nobody_knows_which_packet_was_before() -> None:
    made = at(file(2), 0, 10, interface=1)
    assert drops(missed(made, 4, 12)) == [(0, 12, 4)]
    assert drops(counted(at(made, 20), 2, interface=1)) == [(0, 12, 4), (0, 20, 2)]


def test_another_section_begins_where_the_one_before_ends() -> None:
    made = counted(at(file(), 0, 10), 3)
    made.section("little").interface(tsresol=9)
    assert drops(counted(at(made, 20, 30), 5)) == [(0, 10, 3), (10, 30, 5)]


def test_of_too_many_places_the_latest_are_one() -> None:
    counters = new_counters()
    counters[1], counters[2] = 0, 10**6
    for place in range(MAX_DROPS + 3):
        note_drops(counters, 10 * place, 10 * place + 1, 1)
    note_drops(counters, 0, 1, 0)
    found = list(drops_of(counters))
    assert len(found) == MAX_DROPS
    assert found[-1] == Drop(10 * (MAX_DROPS - 1), 10 * (MAX_DROPS + 2) + 1, 4)


def test_without_a_packet_there_is_no_time() -> None:
    assert drops(counted(file(), 9)) == []
    assert list(drops_of(new_counters())) == []


@pytest.mark.parametrize(("dropped", "known"), [(None, 0), (0, 0), (3, 1), (4, 0), (2, 1)])
def test_when_it_was_is_known_of_all_or_not_said(dropped: int | None, known: int) -> None:
    told = [Drop(1, 2, 3)]
    assert len(settled(dropped, told, new_counters())) == known
    assert settled(dropped, None, new_counters()) == ()


def test_what_is_written_is_read() -> None:
    drop = Drop(-5, START, 12)
    line = drop_to_comment(drop)
    assert drop_from_comment(line) == drop
    for text in (line + " ", line[:-2], line.replace("-5", f"{START + 1}"), line * 9, "x" + line):
        assert drop_from_comment(text) is None
