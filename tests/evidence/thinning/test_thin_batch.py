"""Every segment goes to its connection, also where two networks have the same addresses."""

from __future__ import annotations

import pytest
from changed import Told
from networks import anew, by_direction, routed, tagged, together
from talking import ENDS, connected
from tape import Endpoint, Frame, Tape
from thinning_stage import assert_agree, follow

pytestmark = pytest.mark.usefixtures("each_thinner")

HELLO = b"Hello Director dir calling\n"


def told(ends: tuple[Endpoint, Endpoint], every: float) -> list[Told]:
    tape = Tape().syn(*ends).synack().ack().send(ends[0], HELLO).ack().silence(every)
    for _ in range(3):
        tape.probe(ends[0]).answer().silence(every)
    tape.send(ends[1], b"x" * 1000).ack().fin(ends[0]).fin(ends[1]).ack()
    return [Told(one.time, one.data, one.wire) for one in tape.frames]


def pcap(frames: list[Told]) -> bytes:
    tape = connected()
    tape.frames = [Frame(*one) for one in frames]
    return tape.pcap()


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("begun", [0, 4])
@pytest.mark.parametrize("vlans", [(10, 20), (0, 20), (4094, 0)])
def test_two_networks_with_the_same_addresses_are_thinned_alone(
    family: str, begun: int, vlans: tuple[int, int]
) -> None:
    one, other = told(ENDS[family], 20), told(ENDS[family], 45)
    other = list(anew(other, 0x3A7B1C5D, 3_000_777))
    frames = together(
        (tagged(frame, vlans[0]) for frame in one[begun:]),
        (tagged(frame, vlans[1]) for frame in other),
    )
    flows, _ = follow(assert_agree(pcap(frames)))
    assert [len(flow.initiator.probes) for flow in flows] == [3, 3]


@pytest.mark.parametrize("family", ENDS)
@pytest.mark.parametrize("begun", [0, 4])
def test_a_connection_in_two_vlans_is_thinned_as_one(family: str, begun: int) -> None:
    frames = told(ENDS[family], 20)[begun:]
    for seen in (routed(frames, 10, 20), by_direction(frames, 10, 20)):
        (flow,), _ = follow(assert_agree(pcap(list(seen))))
        assert len(flow.initiator.probes) == 3
