"""Networks that have the same addresses are apart; what a connection passes through is one."""

from __future__ import annotations

import numpy as np
import pytest
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
from talking import ENDS, FD, SD
from tape import SECOND, Endpoint, Tape

from auditor.flows.numbered_twice import BEYOND
from auditor.flows.several_networks import by_network, networks_of, of_each_network
from auditor.packets.decode_as import Watched

OTHER = Endpoint("10.77.0.99", 40009)


def test_each_connection_says_where_it_was_seen() -> None:
    one, other = told(beating(ENDS["IPv4"], 20)), told(beating(ENDS["IPv4"], 40))
    other = list(anew(other, SHIFT, LATER))
    found = followed(together(in_vlan(one, 10), by_direction(other, 20, 0)))
    assert [(flow.network, flow.seen_in) for flow in found] == [
        (1, ("VLAN 10",)),
        (2, ("no VLAN", "VLAN 20")),
    ]


@pytest.mark.parametrize("seen", [routed, by_direction])
def test_one_network_has_no_number(seen: object) -> None:
    (flow,) = followed(seen(told(beating(ENDS["IPv4"], 20)), 10, 20))  # type: ignore[operator]
    assert (flow.network, flow.seen_in) == (0, ())


def test_vlans_without_an_address_in_common_are_one_network() -> None:
    one = told(beating((FD, SD), 20))
    other = told(beating((OTHER, Endpoint("10.77.0.98", 9103)), 20))
    found = followed(together(in_vlan(one, 10), in_vlan(other, 20)))
    assert [flow.network for flow in found] == [0, 0]


def test_what_nobody_answers_parts_no_network_in_which_somebody_talks() -> None:
    one = told(beating((FD, SD), 20))
    far = told(beating((OTHER, Endpoint("10.77.0.98", 9103)), 20))
    forged = told(Tape(start=one[0].time + SECOND).syn(Endpoint(FD.address, 50000), SD))
    found = followed(together(in_vlan(one, 10), in_vlan([*far, *forged], 20)))
    assert {flow.network for flow in found} == {0}
    alone = followed(together(in_vlan(one, 10), in_vlan(forged, 20)))
    assert [flow.network for flow in alone] == [1, 2]


def test_what_is_heard_in_one_network_says_nothing_of_a_host_in_another() -> None:
    fd, sd = ENDS["IPv4"]
    lost = beating((fd, sd), 20).silence(1).send(fd, b"z")
    for _ in range(8):
        lost.silence(2).resend(fd)
    one = told(lost)
    other = list(anew(told(beating((Endpoint(fd.address, 40077), sd), 60, 5)), SHIFT, LATER))
    found = followed(together(in_vlan(one, 10), in_vlan(other, 20)))
    (alone,) = followed(one)
    assert facts(found[0]) == facts(alone)
    assert found[0].how == alone.how
    together_ = followed(together(in_vlan(one, 10), in_vlan(other, 10)))
    assert together_[0].how != alone.how


def test_more_networks_than_are_told_apart_are_the_last_one() -> None:
    one = told(beating(ENDS["IPv4"], 20, 1))
    frames = [
        tagged(frame, 1 + at)
        for at in range(70)
        for frame in anew(one, at * SHIFT + at, at * 300 * SECOND)
    ]
    found = followed(frames)
    assert {flow.network for flow in found} <= set(range(1, 65))
    assert len({flow.network for flow in found}) == 64


def test_a_second_numbering_of_a_network_is_that_network() -> None:
    found = followed(told(beating(ENDS["IPv4"], 20))) * 2
    assert networks_of(np.array([[10, 10], [10 ^ BEYOND, 10 ^ BEYOND]], "u2"), found) == [0, 0]
    assert networks_of(np.array([[10, 10], [11, 11]], "u2"), found) == [1, 2]


def test_networks_that_are_said_to_be_one_are() -> None:
    found = followed(told(beating(ENDS["IPv4"], 20))) * 4
    seen_in = np.array([[10, 10], [20, 20], [30 ^ BEYOND, 30 ^ BEYOND], [40, 41]], "u2")
    assert networks_of(seen_in, found) == [1, 2, 3, 4]
    assert networks_of(seen_in, found, [(10, 30)]) == [1, 2, 1, 3]
    assert networks_of(seen_in, found, [(41, 99, 20), (7, 8)]) == [1, 2, 3, 2]
    assert networks_of(seen_in, found, [(10, 20), (20, 30, 40)]) == [0, 0, 0, 0]


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize(("vlans", "words"), [((10, 20), "VLAN 20"), ((4094, 0), "no VLAN")])
def test_what_is_heard_in_networks_that_are_said_to_be_one_is_of_one_host(
    family: str, vlans: tuple[int, int], words: str
) -> None:
    fd, sd = ENDS[family]
    lost = beating((fd, sd), 20).silence(1).send(fd, b"z")
    for _ in range(8):
        lost.silence(2).resend(fd)
    other = told(beating((Endpoint(fd.address, 40077), sd), 60, 5))
    frames = [in_vlan(one, vlan) for one, vlan in zip((told(lost), other), vlans, strict=True)]
    same = Watched(dict.fromkeys((9101, 9102, 9103), ""), (), [(f"VLAN {vlans[0]}", words)])
    joined = followed(together(*frames), same)
    assert [flow.network for flow in joined] == [0, 0]
    alike = followed(together(in_vlan(told(lost), 10), in_vlan(other, 10)))
    assert [(facts(flow), flow.how) for flow in joined] == [
        (facts(flow), flow.how) for flow in alike
    ]
    assert [flow.network for flow in followed(together(*frames))] == [1, 2]


def test_nothing_is_no_network() -> None:
    assert networks_of(np.zeros((0, 2), "u2"), []) == []


def test_places_are_told_by_network() -> None:
    assert by_network([1, 2, 1, 3, 2]) == [[0, 2], [1, 4], [3]]


def test_what_is_said_of_one_network_is_asked_without_the_others() -> None:
    one, other = told(beating(ENDS["IPv4"], 20)), told(beating(ENDS["IPv4"], 40))
    found = followed(together(in_vlan(one, 10), in_vlan(anew(other, SHIFT, LATER), 20)))
    said = of_each_network([*found, found[0]], lambda some: [len(some)] * len(some))
    assert said == [2, 1, 2]
    assert of_each_network([], lambda _: []) == []
