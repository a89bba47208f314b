"""The ends of a kept packet are found on every link layer, and nothing is read beyond its end."""

from __future__ import annotations

import struct

import pytest
from capture_stage import IP, TCP, Ether, IPv6, frame
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.l2 import Dot1Q

from auditor.evidence.endpoints import direction_of, ends_of, segment_of, unmapped
from auditor.evidence.packet import Direction

_V4 = (("10.0.0.1", 40000), ("10.0.0.2", 9103))
_V6 = (("2001:db8::1", 40000), ("2001:db8::2", 9103))
_NETWORK4 = bytes(IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=40000, dport=9103))
_NETWORK6 = bytes(IPv6(src="2001:db8::1", dst="2001:db8::2") / TCP(sport=40000, dport=9103))


@pytest.mark.parametrize(
    ("link", "data", "ends"),
    [
        (1, bytes(Ether() / IP(_NETWORK4)), _V4),
        (1, bytes(Ether() / IPv6(_NETWORK6)), _V6),
        (1, bytes(Ether() / Dot1Q(vlan=7) / Dot1Q(vlan=8) / IP(_NETWORK4)), _V4),
        (101, _NETWORK4, _V4),
        (101, _NETWORK6, _V6),
        (113, bytes(14) + b"\x08\x00" + _NETWORK4, _V4),
        (276, b"\x86\xdd" + bytes(18) + _NETWORK6, _V6),
    ],
)
def test_the_ends_are_found_on_every_link_layer(link, data, ends):
    assert ends_of(link, data) == ends


def test_the_ends_are_found_behind_options_and_extension_headers():
    options = IP(src="10.0.0.1", dst="10.0.0.2", options=b"\x01\x01\x01\x00")
    assert ends_of(101, bytes(options / TCP(sport=40000, dport=9103))) == _V4
    extended = IPv6(src="2001:db8::1", dst="2001:db8::2") / IPv6ExtHdrDestOpt()
    assert ends_of(101, bytes(extended / TCP(sport=40000, dport=9103))) == _V6


@pytest.mark.parametrize(
    "data",
    [
        bytes(IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=40000, dport=9103)),
        bytes(IP(src="10.0.0.1", dst="10.0.0.2", frag=5) / TCP(sport=40000, dport=9103)),
        bytes(IPv6() / IPv6ExtHdrFragment(offset=5) / TCP(sport=40000, dport=9103)),
        b"",
    ],
)
def test_what_has_no_tcp_header_has_no_ends(data):
    assert ends_of(101, data) is None


@given(st.sampled_from([1, 101, 113, 276, 105]), st.binary(max_size=120))
def test_hostile_bytes_give_ends_or_none(link, data):
    found = ends_of(link, data)
    assert found is None or all(0 <= port < 65536 for _, port in found)


@given(st.integers(0, 79), st.sampled_from([_NETWORK4, _NETWORK6]))
def test_a_packet_cut_anywhere_gives_its_ends_or_none(cut, network):
    assert ends_of(101, network[:cut]) in (None, _V4, _V6)


def test_mapped_addresses_are_spelt_as_ipv4():
    assert unmapped(("::ffff:10.0.0.1", 9103)) == ("10.0.0.1", 9103)
    assert unmapped(("2001:DB8::1", 9103))[1] == 9103
    assert unmapped(("10.0.0.1", 9103)) == ("10.0.0.1", 9103)


def test_the_senders_hardware_address_gives_the_direction():
    data = frame("10.0.0.1", 1, "10.0.0.2", 2)
    assert direction_of(1, bytes.fromhex("020000000001"), data) is Direction.OUTBOUND
    assert direction_of(1, bytes.fromhex("020000000002"), data) is Direction.INBOUND
    assert direction_of(1, bytes.fromhex("020000000003"), data) is Direction.UNKNOWN


def test_loopback_has_no_direction():
    assert direction_of(1, bytes(6), bytes(14)) is Direction.UNKNOWN


@pytest.mark.parametrize(("kind", "direction"), [(0, 1), (4, 2), (3, 0)])
def test_a_cooked_header_says_its_direction(kind, direction):
    assert direction_of(113, b"", struct.pack(">H", kind) + bytes(14)) == direction
    assert direction_of(276, b"", bytes(10) + bytes([kind]) + bytes(9)) == direction


@pytest.mark.parametrize(("flags", "bits"), [("S", 2), ("FA", 17), ("RA", 20)])
def test_the_flags_are_those_of_the_segment(flags, bits):
    segment = IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=40000, dport=9103, flags=flags)
    assert segment_of(101, bytes(segment)) == (_V4, bits)
    assert segment_of(101, bytes(segment)[:33]) == (_V4, 0), "cut before them"
