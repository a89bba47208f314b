"""The same endpoints in several VLANs and tunnels: two connections, or one that is seen twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest
from changed import RECORDINGS, Told, frames_of, link_of, said, said_of, written
from layering import frame, layer, outer, udp, vxlan
from networks import (
    LATER,
    SHIFT,
    anew,
    beating,
    by_direction,
    facts,
    followed,
    in_vlan,
    routed,
    tagged,
    together,
    told,
)
from records import HIGH, LOW, between, put, tracking_tables
from talking import ENDS
from tape import SECOND, Endpoint, Tape

from auditor.flows.lookup import insert
from auditor.flows.networks import (
    APART,
    FAR,
    distance,
    find_flow,
    is_in,
    set_apart,
    share_network,
)
from auditor.flows.tables import FLOW
from auditor.flows.tcp_state import HAS_ISN, HAS_NEXT, NONE
from auditor.packets.segments import ACK, RST, SYN


def old(ends: tuple[Endpoint, Endpoint], every: float, times: int = 3) -> Tape:
    """Return the same of a connection that began before the capture."""
    tape = beating(ends, every, times)
    del tape.frames[:4]
    return tape


def in_vxlan(frames: Iterable[Told], number: int) -> list[Told]:
    packets = (outer(4, 17, udp(4789, vxlan(one.data[14:], number))) for one in frames)
    data = [frame(layer(packet)) for packet in packets]
    return [Told(one.time, new, len(new)) for one, new in zip(frames, data, strict=True)]


WAYS: dict[str, Callable[[Iterable[Told], int], list[Told]]] = {
    "VLAN": in_vlan,
    "VXLAN": in_vxlan,
}


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("begun", [beating, old])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("numbers", [(10, 20), (0, 4094), (7, 8, 9)])
def test_the_same_ends_in_several_networks_are_each_judged_alone(
    family: str, begun: Callable[..., Tape], way: str, numbers: tuple[int, ...]
) -> None:
    alone = [
        list(anew(told(begun(ENDS[family], 20 + 10 * at)), at * SHIFT + at, at * LATER))
        for at in range(len(numbers))
    ]
    frames = [WAYS[way](one, number) for one, number in zip(alone, numbers, strict=True)]
    found = followed(together(*frames))
    assert sorted(map(facts, found)) == sorted(facts(*followed(one)) for one in alone)
    assert len({flow.initiator.probes for flow in found}) == len(numbers)


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("begun", [beating, old])
@pytest.mark.parametrize("networks", [(10, 20), (0, 20), (20, 0)])
@pytest.mark.parametrize("seen", [routed, by_direction])
def test_one_connection_that_is_seen_in_two_networks_is_one(
    family: str, begun: Callable[..., Tape], networks: tuple[int, int], seen: Callable[..., Any]
) -> None:
    frames = told(begun(ENDS[family], 30))
    (flow,) = followed(seen(frames, *networks))
    assert facts(flow) == facts(*followed(frames))


def test_one_connection_in_three_networks_is_one() -> None:
    frames = told(beating(ENDS["IPv4"], 30))
    three = (tagged(one, at % 3)._replace(time=one.time) for at, one in enumerate(frames))
    (flow,) = followed(three)
    assert facts(flow) == facts(*followed(frames))


@pytest.mark.parametrize("seen", [routed, by_direction])
def test_two_connections_each_in_two_networks_are_two(seen: Callable[..., Any]) -> None:
    one, other = told(old(ENDS["IPv4"], 30)), told(beating(ENDS["IPv4"], 50))
    other = list(anew(other, SHIFT, LATER))
    found = followed(together(seen(one, 10, 20), seen(other, 30, 40)))
    assert sorted(map(facts, found)) == sorted(facts(*followed(each)) for each in (one, other))


@pytest.mark.parametrize("flags", ["S", "A", "PA", "R", "RA", "FA", "SA"])
@pytest.mark.parametrize("vlan", [0, 20])
def test_what_a_stranger_sends_in_another_network_changes_nothing(flags: str, vlan: int) -> None:
    fd, sd = ENDS["IPv4"]
    alone = told(beating((fd, sd), 30))
    forged = told(Tape(start=alone[5].time + 7).join(fd, sd, 77_000_000).segment(fd, flags))
    found = followed(together(in_vlan(alone, 10), in_vlan(forged, vlan)))
    assert facts(found[0]) == facts(*followed(alone))


def test_a_stranger_in_one_of_its_networks_before_it_begins_splits_nothing() -> None:
    fd, sd = ENDS["IPv4"]
    alone = told(beating((fd, sd), 30))
    before = told(Tape(start=alone[0].time - SECOND).syn(fd, sd, 99_000_000))
    found = followed([*in_vlan(before, 20), *by_direction(alone, 10, 20)])
    assert facts(found[-1]) == facts(*followed(alone))


def test_an_error_belongs_to_the_connection_that_it_quotes() -> None:
    fd, sd = ENDS["IPv4"]
    one = told(beating((fd, sd), 30).silence(1).send(fd, b"z").error("10.77.0.1", 3, 1))
    other = list(anew(told(beating((fd, sd), 50)), SHIFT, LATER))
    for vlans in ((10, 20), (20, 10)):
        found = followed(together(in_vlan(one, vlans[0]), in_vlan(other, vlans[1])))
        assert [flow.rejection is not None for flow in found] == [True, False]


def test_a_connection_that_follows_on_its_ends_in_its_network_is_another() -> None:
    ends = ENDS["IPv4"]
    first = told(beating(ends, 20).fin(ends[0]).fin(ends[1]).ack())
    second = list(anew(told(beating(ends, 20)), SHIFT, 200 * SECOND))
    third = list(anew(told(beating(ends, 40)), 5 * SHIFT, LATER))
    found = followed(together(in_vlan([*first, *second], 10), in_vlan(third, 20)))
    alone = [facts(*followed(one)) for one in (first, third, second)]
    assert list(map(facts, found)) == alone


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("numbers", [range(1, 41), range(3000, 3100)])
def test_what_a_stranger_begins_in_many_networks_takes_nothing_from_one_that_was_there(
    family: str, numbers: range
) -> None:
    fd, sd = ENDS[family]
    alone = told(beating((fd, sd), 30).fin(fd).fin(sd).ack())
    begun = (
        told(Tape(start=alone[5].time + at).syn(fd, sd, 99_000_000 * at)) for at in range(1, 101)
    )
    forged = (in_vlan(one, number) for one, number in zip(begun, numbers, strict=False))
    found = followed(together(alone, *forged))
    assert facts(found[0]) == facts(*followed(alone))
    assert len(found) == 1 + len(numbers)


def test_ever_more_networks_make_no_segment_dear() -> None:
    alone = told(old(ENDS["IPv4"], 30, 2))
    many = [anew(in_vlan(alone, 0), at * (SHIFT + 2), at) for at in range(40)]
    found = followed(together(*(in_vlan(one, 1 + at) for at, one in enumerate(many))))
    assert len(found) == 40


SMALL = [name for name in RECORDINGS if link_of(name) == 1 and len(frames_of(name)) < 700]


@pytest.mark.parametrize("name", SMALL)
def test_recordings_in_vlans_say_what_they_say_alone(name: str, tmp_path: Any) -> None:
    frames, path = frames_of(name), tmp_path / "x.pcap"
    for seen in (routed, by_direction):
        assert said_of(written(path, name, seen(frames, 10, 20)), name) == said(name)
    two = together(in_vlan(frames, 10), in_vlan(anew(frames, SHIFT, LATER), 20))
    flows = said_of(written(path, name, two), name).flows
    assert flows == {key: 2 * count for key, count in said(name).flows.items()}


@pytest.mark.parametrize("name", SMALL)
def test_old_connections_of_recordings_in_two_vlans_are_two(name: str, tmp_path: Any) -> None:
    frames = frames_of(name)
    middle, path = frames[len(frames) // 3 :], tmp_path / "x.pcap"
    two = together(in_vlan(middle, 10), in_vlan(anew(middle, SHIFT, LATER), 20))
    alone = said_of(written(path, name, middle), name)
    flows = said_of(written(path, name, two), name).flows
    assert flows == {key: 2 * count for key, count in alone.flows.items()}


# ---------------------------------------------------------------------- the kernels by themselves


@pytest.mark.parametrize(
    ("columns", "far"),
    [
        ({"flags": ACK, "seq": 1000, "ack": 5000}, 0),
        ({"flags": ACK, "seq": 998, "ack": 5003}, 5),
        ({"flags": RST, "seq": 1010}, 10),
        ({"flags": SYN, "seq": 900}, 0),
        ({"flags": SYN, "seq": 901}, FAR),
        ({"flags": SYN | ACK, "seq": 900, "ack": 4001}, 0),
        ({"flags": SYN | ACK, "seq": 900, "ack": 4002}, FAR),
    ],
)
def test_a_segment_is_as_far_as_its_numbers_are(columns: dict[str, int], far: int) -> None:
    tables = tracking_tables()
    known = HAS_ISN | HAS_NEXT
    put(tables.sides[0], bits=known, isn=900, next=1000)
    put(tables.sides[1], bits=known, isn=4000, next=5000)
    assert distance(0, between(LOW, HIGH, **columns), tables) == far


def test_nothing_is_near_where_no_number_is_known() -> None:
    tables = tracking_tables()
    assert distance(0, between(LOW, HIGH, flags=ACK), tables) == FAR
    put(tables.sides[0], bits=HAS_NEXT, next=0)
    assert distance(0, between(LOW, HIGH, flags=ACK), tables) == FAR


def opened(tables: Any, *networks: int) -> None:
    for index, network in enumerate(networks):
        tables.state["flow_count"] += 1
        with np.errstate(over="ignore"):
            set_apart(insert(between(LOW, HIGH, network=network), index, tables), tables)
        for row, number in ((2 * index, 1000 << index), (2 * index + 1, 5000 << index)):
            put(tables.sides[row], bits=HAS_NEXT, next=number << 12)


def look(tables: Any, **columns: int) -> int:
    with np.errstate(over="ignore"):
        return find_flow(between(LOW, HIGH, **columns), tables)


def test_its_own_network_is_found_and_another_is_apart() -> None:
    tables = tracking_tables()
    assert look(tables, network=3) == NONE
    opened(tables, 3, 4)
    assert look(tables, network=3, flags=SYN) == 0
    assert look(tables, network=4, flags=SYN) == 2
    assert look(tables, network=5, flags=SYN) == APART
    assert list(tables.flows["apart"][:2]) == [1, 1]


@pytest.mark.parametrize(
    ("others", "found", "unknown"), [(20, 0, APART), (1022, 0, APART), (1024, 2048, 2048)]
)
def test_its_own_network_is_found_behind_many(others: int, found: int, unknown: int) -> None:
    tables = tracking_tables(others + 2)
    tables.state["flow_count"] = others + 1
    for index in range(others + 1):
        insert(between(LOW, HIGH, network=index), index, tables)
    tables.flows["apart"] = 1
    assert look(tables, network=0, flags=ACK) == found
    assert look(tables, network=60_000, flags=SYN) == unknown


def test_what_goes_on_in_another_network_shows_that_it_passes_through_both() -> None:
    tables = tracking_tables()
    opened(tables, 3, 4)
    there = {"seq": 1000 << 12, "ack": 5000 << 12, "flags": ACK}
    assert look(tables, network=9, **there) == 0
    assert is_in(tables.flows[0], between(LOW, HIGH, network=9))
    assert not is_in(tables.flows[1], between(LOW, HIGH, network=9))
    assert look(tables, network=9, flags=SYN) == 0


def test_of_two_that_pass_through_the_same_networks_numbers_decide() -> None:
    tables = tracking_tables()
    opened(tables, 3, 4)
    there = {"seq": 1000 << 12, "ack": 5000 << 12, "flags": ACK}
    for flow, row in zip(tables.flows[:2], tables.sides[:4:2], strict=True):
        put(flow, other_network=9)
        put(row, next=row["next"] << 6)
    there["seq"] <<= 6
    assert look(tables, network=9, **there) == 0  # though the other is newer
    there["seq"] += 1 << 28
    assert look(tables, network=9, **there) == 2  # it fits to none


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ((1, 1), (1, 1), True),
        ((1, 2), (2, 2), True),
        ((1, 2), (3, 1), True),
        ((1, 2), (3, 4), False),
    ],
)
def test_flows_share_a_network(one: tuple[int, int], other: tuple[int, int], shared: bool) -> None:
    rows = np.zeros(2, FLOW)
    for row, networks in zip(rows, (one, other), strict=True):
        put(row, network=networks[0], other_network=networks[1])
    assert share_network(rows[0], rows[1]) is shared
