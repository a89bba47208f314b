"""Frames with other addresses: checksums are what they were, and nothing strange is let through."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, IPerror, TCPerror
from scapy.layers.inet6 import ICMPv6DestUnreach, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment
from scapy.layers.ipsec import AH
from scapy.layers.l2 import CookedLinux, Dot1Q, Ether
from scapy.packet import Packet, Raw

from auditor.evidence.anonymizing.address_map import AddressMap
from auditor.evidence.anonymizing.frames import Frames
from auditor.packets.link_types import COOKED, COOKED2, ETHERNET, RAW

FRAMES, MAP = Frames(b"a key"), AddressMap(b"a key")
MAC, OTHER = "02:11:22:33:44:55", "00:1b:21:aa:bb:cc"
FOUR = IP(src="10.77.0.31", dst="203.0.113.20")
SIX = IPv6(src="2001:db8::31", dst="fd00::20")
SEGMENT = TCP(sport=40001, dport=9103, seq=5, ack=9, flags="PA")


def changed(packet: Packet) -> Packet:
    return Ether(FRAMES.changed(ETHERNET, bytes(packet)))


def sums(packet: Packet) -> list[int]:
    """Return the checksums in a frame, and what they were to be."""
    again = packet.copy()
    for layer in (IP, TCP):
        if layer in again:
            del again[layer].chksum
    again = again.__class__(bytes(again))
    found = [layer for layer in (IP, TCP) if layer in packet]
    return [packet[layer].chksum - again[layer].chksum for layer in found]


@pytest.mark.parametrize("network", [FOUR, SIX], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("payload", [b"", b"odd", b"even"])
@pytest.mark.parametrize("tag", [None, Dot1Q(vlan=7)], ids=["plain", "VLAN"])
def test_addresses_are_others_and_checksums_right(
    network: Packet, payload: bytes, tag: Packet | None
) -> None:
    link = Ether(src=MAC, dst=OTHER)
    packet = (link / tag if tag else link) / network / SEGMENT / Raw(payload)
    packet = Ether(bytes(packet))
    made = changed(packet)
    layer = IP if IP in packet else IPv6
    assert (made[layer].src, made[layer].dst) == (MAP.text(network.src), MAP.text(network.dst))
    assert not any(sums(made))
    assert made[Ether].src not in (MAC, OTHER)
    assert made[Ether].dst not in (MAC, OTHER)
    assert bytes(made[TCP].payload) == payload
    assert made[TCP].seq == 5


@pytest.mark.parametrize("network", [FOUR, SIX], ids=["IPv4", "IPv6"])
def test_a_wrong_checksum_stays_wrong_and_says_nothing(network: Packet) -> None:
    packet = Ether() / network / SEGMENT.copy() / Raw(b"abc")
    packet = Ether(bytes(packet))
    wrong = set()
    for stored in (1, 0x1234, 0xABCD):
        packet[TCP].chksum = stored
        made = changed(Ether(bytes(packet)))
        assert sums(made)[-1] != 0
        wrong.add(made[TCP].chksum)
    assert len(wrong) == 1, "the sum of the true addresses cannot be found from it"


def test_what_the_network_card_was_to_fill_in_is_unfilled() -> None:
    packet = Ether(bytes(Ether() / FOUR / SEGMENT / Raw(b"abc")))
    total = sum(struct.unpack(">4H", bytes(packet[IP])[12:20])) + 6 + 23
    packet[TCP].chksum = (total & 0xFFFF) + (total >> 16)
    assert changed(Ether(bytes(packet)))[TCP].chksum == 0


def test_a_segment_that_is_not_whole_has_no_checksum() -> None:
    packet = bytes(Ether() / FOUR / SEGMENT / Raw(bytes(100)))
    made = FRAMES.changed(ETHERNET, packet[:54])
    assert made[50:52] == bytes(2)
    assert len(made) == 54


def test_a_wrong_checksum_of_ip_stays_wrong() -> None:
    packet = Ether(bytes(Ether() / FOUR / SEGMENT))
    packet[IP].chksum ^= 0x0F0F
    assert sums(changed(Ether(bytes(packet))))[0] != 0


def test_addresses_in_the_quotation_of_an_error_are_others() -> None:
    error = Ether() / IP(src="10.77.0.1", dst=FOUR.src) / ICMP(type=3, code=13) / FOUR / SEGMENT
    made = changed(Ether(bytes(error)))
    assert (made[IPerror].src, made[IPerror].dst) == (MAP.text(FOUR.src), MAP.text(FOUR.dst))
    assert made[TCPerror].dport == 9103
    assert made[IP].src == MAP.text("10.77.0.1")
    assert made[ICMP].chksum == 0
    six = Ether() / IPv6(src="fe80::1", dst=SIX.src) / ICMPv6DestUnreach() / SIX / SEGMENT
    octets = bytes(changed(Ether(bytes(six))))
    for address in (SIX.src, SIX.dst):
        hidden = MAP.text(address)
        assert IPv6(src=hidden).src == hidden
        assert bytes(IPv6(src=hidden, dst="::"))[8:24] in octets
        assert bytes(IPv6(src=address, dst="::"))[8:24] not in octets


@pytest.mark.parametrize(
    "header",
    [IPv6ExtHdrDestOpt(), IPv6ExtHdrFragment(), AH(icv=bytes(12), payloadlen=4)],
    ids=["options", "fragment", "authentication"],
)
def test_extension_headers_are_stepped_over(header: Packet) -> None:
    packet = Ether(bytes(Ether() / SIX / header / SEGMENT / Raw(b"ab")))
    made = changed(packet)
    assert made[IPv6].src == MAP.text(SIX.src)
    assert bytes(SEGMENT)[:16] in bytes(made)
    assert bytes(made).endswith(b"ab")


@pytest.mark.parametrize(
    "packet",
    [
        Ether(type=0x0806) / Raw(b"SECRET" * 9),
        Ether() / IP(src="1.2.3.4", dst="5.6.7.8", proto=47) / Raw(b"SECRET" * 9),
        Ether() / IP(src="1.2.3.4", dst="5.6.7.8", proto=6, frag=9) / Raw(b"SECRET" * 9),
        Ether() / IPv6(nh=50) / Raw(b"SECRET" * 9),
        Ether() / IP() / ICMP(type=3) / Raw(b"SECRET" * 9),
        Ether(type=0x0800) / Raw(b"SECRET"),
    ],
)
def test_nothing_is_kept_of_what_is_not_understood(packet: Packet) -> None:
    made = FRAMES.changed(ETHERNET, bytes(packet))
    assert b"SECRET" not in made
    assert len(made) == len(bytes(packet))


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from([ETHERNET, COOKED, COOKED2, RAW, 0, 999]),
    st.binary(max_size=120),
    st.integers(0, 200),
)
def test_any_bytes_at_all_keep_their_length(link: int, noise: bytes, size: int) -> None:
    packet = bytes(FOUR / SEGMENT / Raw(b"x" * 40))
    for data in (noise, packet[:size], noise[:14] + packet[:size]):
        assert len(FRAMES.changed(link, data)) == len(data)


def test_a_cooked_header_loses_its_address() -> None:
    address = bytes.fromhex("001b21aabbcc")
    packet = CookedLinux(lladdrlen=6, src=address, proto=0x800) / FOUR / SEGMENT
    made = FRAMES.changed(COOKED, bytes(packet))
    assert address not in made
    assert made[:6] == bytes(packet)[:6]


def test_addresses_of_all_and_of_none_stay() -> None:
    for same in ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"):
        assert changed(Ether(src=same, dst=same) / FOUR / SEGMENT).src == same
    assert changed(Ether(src=MAC, dst="03:bf:0a:4d:00:1f") / FOUR / SEGMENT).dst.endswith("00:00")
