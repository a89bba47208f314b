"""Which UDP ports are tunnels."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from decoding import ipv4
from layering import frame, layer, outer, udp, vxlan
from pcapfile import pcap

from auditor.errors import CaptureError
from auditor.packets import Decoder
from auditor.packets.decode_as import (
    GENEVE,
    STANDARD_PORTS,
    TUNNELS,
    VXLAN,
    Watched,
    port_table,
    rules_of,
    same_network_of,
    tunnels_of,
)
from auditor.packets.decoding import TCP_PORT

INNER = bytes(ipv4(b"data"))


def count(port: int, body: bytes, *rules: str, source: int = 50000) -> int:
    packet = outer(4, 17, udp(port, body, source))
    capture = pcap([(0, frame(layer(packet)))])
    decoder = Decoder(Watched({9102: ""}, rules))
    return sum(len(batch.segments) for batch in decoder.feed(capture))


def test_ports_of_the_standards_need_not_be_named() -> None:
    assert tunnels_of([]) == STANDARD_PORTS
    assert count(4789, vxlan(INNER)) == 1
    assert count(8473, vxlan(INNER)) == 0


def test_a_port_is_what_users_say_that_it_is() -> None:
    for rule in ("udp.port==8473,vxlan", "udp.port == 8473, vxlan", "udp.port==8470-8479,vxlan"):
        assert count(8473, vxlan(INNER), rule) == 1
    assert count(4789, vxlan(INNER), "udp.port==4789,data") == 0
    assert count(5555, INNER, "udp.port==5555,ip") == 1
    assert count(5555, frame(layer(INNER)), "udp.port==5555,eth") == 1


def test_the_other_port_counts_if_that_of_the_receiver_says_nothing() -> None:
    assert count(50001, vxlan(INNER), source=4789) == 1
    assert count(53, vxlan(INNER), source=8473) == 0


def test_the_last_word_on_a_port_holds() -> None:
    tunnels = tunnels_of(["udp.port==7,vxlan", "udp.port==7-8,geneve"])
    assert (tunnels[7], tunnels[8]) == (GENEVE, GENEVE)


@pytest.mark.parametrize(
    "rule",
    [
        *("", "udp.port==8473", "udp.port=8473,vxlan", "tcp.port==8473,vxlan"),
        *("udp.port==0,vxlan", "udp.port==65536,vxlan", "udp.port==9-8,vxlan"),
        *("udp.port==8473,nothing", "udp.port==٣,vxlan", "udp.port==8473,vxlan\n"),
    ],
)
def test_what_is_no_such_rule_is_refused_with_an_example(rule: str) -> None:
    with pytest.raises(CaptureError, match=r"write udp\.port==8473,vxlan, with one of vxlan,"):
        tunnels_of([rule])


def test_a_port_may_be_both_a_tunnel_and_of_interest() -> None:
    table = port_table([4789, 9102])
    assert (table[4789], table[9102], table[53]) == (VXLAN | TCP_PORT, TCP_PORT, 0)
    assert table.dtype == np.uint8
    assert all(value % 2 == 0 and value < 256 for value in TUNNELS.values())


@pytest.mark.parametrize("name", TUNNELS)
def test_every_name_may_be_given_to_a_port(name: str) -> None:
    assert tunnels_of([f"udp.port==7,{name}"])[7] == TUNNELS[name]


def test_ports_that_are_watched_are_ports_as_any_and_stay_what_they_are_elsewhere() -> None:
    same = [["VLAN 10", "VLAN 20"]]
    watched = Watched({9102: "storage", 9103: "file"}, ["udp.port==7,vxlan"], same)
    assert (same_network_of(watched), same_network_of({9102})) == ((("VLAN 10", "VLAN 20"),), ())
    assert (rules_of(watched), rules_of({9102})) == (("udp.port==7,vxlan",), ())
    assert dict(watched) == {9102: "storage", 9103: "file"}
    other = pickle.loads(pickle.dumps(watched))
    assert (other, rules_of(other)) == (watched, rules_of(watched))
    assert same_network_of(other) == same_network_of(watched)
