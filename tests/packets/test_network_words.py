"""Words for networks, read anew from frames; the number tells whether they are right."""

from __future__ import annotations

import struct

import pytest
from decoding import rows
from frames import ethernet, tcp
from hypothesis import example, given
from hypothesis import strategies as st
from layering import TAGS, TUNNELS, frame, layer, outer, tunnelled, udp, vxlan
from pcapfile import pcap

from auditor.packets.network_words import network_number, network_words

ENDS = {4: ("10.0.0.1", "10.0.0.2"), 6: ("2001:db8::1", "2001:db8::2")}
PACKETS = {
    version: ethernet(src, dst, 6, tcp((src, 40001, dst, 9102), "A", 1, 2, 3, b"data"))[14:]
    for version, (src, dst) in ENDS.items()
}

#: What Wireshark calls the numbers of ``layering``.
TOLD = {
    "VLAN": "VLAN 7",
    "two VLANs": "VLAN 7 VLAN 8",
    "two old VLANs": "VLAN 7 VLAN 8",
    "PBB": "I-SID 4097",
    "GRE with key": "GRE key 5",
    "GRE with all": "GRE key 5",
    "NVGRE": "VSID 20481",
    "ERSPAN II": "mirrored VLAN 3",
    "ERSPAN III": "mirrored VLAN 3",
    "VXLAN": "VNI 77",
    "VXLAN of Linux": "VNI 77",
    "VXLAN-GPE": "VNI 77",
    "GENEVE": "VNI 77",
    "IP over GENEVE": "VNI 77",
}


def network(data: bytes, link: int = 1) -> int:
    ((row, _),) = rows(pcap([(0, data)], link=link))
    return int(row["network"])


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("name", [*TAGS, *TUNNELS])
def test_every_layer_with_a_number_is_named(name: str, version: int) -> None:
    packet = PACKETS[version]
    if name in TAGS:
        data = frame(TAGS[name](layer(packet)))
    else:
        data = frame(layer(tunnelled(packet, name)))
    number = network(data)
    words = network_words(data, number)
    unnamed = f"network 0x{number:04x}" if number else "no VLAN"
    assert words == TOLD.get(name, unnamed)
    assert network_number(words) == number


def test_a_tunnel_in_a_vlan_has_both_numbers() -> None:
    packet = outer(4, 17, udp(4789, vxlan(PACKETS[4], 5001)))
    data = frame(TAGS["VLAN"](layer(packet)))
    assert network_words(data, network(data)) == "VLAN 7 VNI 5001"


def test_a_cooked_frame_has_its_tag_elsewhere() -> None:
    tag = struct.pack("!HH", 10, 0x0800)
    data = bytes(14) + b"\x81\0" + tag + PACKETS[4]
    assert network_words(data, network(data, 113)) == "VLAN 10"
    data = b"\x81\0" + bytes(18) + tag + PACKETS[4]
    assert network_words(data, network(data, 276)) == "VLAN 10"


@given(st.binary(max_size=80), st.integers(0, 0xFFFF))
@example(b"\x81\0" * 40, 7)
@example(b"", 7)
def test_any_bytes_are_some_words_for_their_number(data: bytes, number: int) -> None:
    assert network_number(network_words(data, number)) == number


@pytest.mark.parametrize(
    "words", ["", "VLAN", "VLAN x", "VLAN 7;", "network 0x12345", "VLAN 7  VLAN 8", "vlan 7", "0"]
)
def test_words_of_somebody_else_are_no_network(words: str) -> None:
    assert network_number(words) is None
