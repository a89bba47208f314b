"""Networks are named by the frames in which they were seen first."""

from __future__ import annotations

import numpy as np
from networks import tagged, told
from talking import connected
from tape import Frame, Tape

from auditor.flows.network_names import NetworkNames
from auditor.flows.numbered_twice import BEYOND
from auditor.flows.tables import FLOW, STATE
from auditor.packets.segments import Batch


def batch(vlan: int) -> Batch:
    tape = Tape()
    tape.frames = [Frame(*tagged(one, vlan)) for one in told(connected())]
    return tape.batch()


def test_a_new_flow_names_its_network() -> None:
    names, state, flows = NetworkNames(), np.zeros(1, STATE)[0], np.zeros(3, FLOW)
    seen = batch(4094)
    before = names.known_of(state)
    state["flow_count"], flows["network"][0] = 1, 4094
    names.learn(before, state, flows, seen.segments, seen.buffer)
    assert names.of(4094, 0, 4094) == ("VLAN 4094", "no VLAN")


def test_what_passes_into_a_network_names_it() -> None:
    names, state, flows = NetworkNames(), np.zeros(1, STATE)[0], np.zeros(3, FLOW)
    seen = batch(30)
    before = names.known_of(state)
    state["aliased"] = 1
    names.learn(before, state, flows, seen.segments, seen.buffer)
    assert names.of(30) == ("VLAN 30",)


def test_what_was_not_learnt_is_a_number() -> None:
    assert NetworkNames().of(30, 0x8A31) == ("VLAN 30", "network 0x8a31")


def test_networks_that_are_one_have_their_numbers() -> None:
    assert NetworkNames([("VLAN 10", "no VLAN"), ("network 0x8a31", "VLAN 4095")]).same == (
        (10, 0),
        (0x8A31, 4095),
    )
    assert NetworkNames().same == ()


def test_a_second_numbering_is_of_the_network_that_its_frames_are_of() -> None:
    names, state, flows = NetworkNames(), np.zeros(1, STATE)[0], np.zeros(3, FLOW)
    seen = batch(30)
    seen.segments["network"] ^= BEYOND
    state["flow_count"], flows["network"][0] = 1, 30 ^ BEYOND
    names.learn((0, 0), state, flows, seen.segments, seen.buffer)
    assert names.of(30 ^ BEYOND) == ("VLAN 30",)
