"""IPv4, IPv6 and TCP headers, also such as lie."""

from __future__ import annotations

import warnings

import pytest
from decoding import IP, TCP, Ether, ethernet, ipv6, only, seen, tcp
from pcapfile import Pcapng, pcap

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet import UDP, IPOption_NOP
    from scapy.layers.inet6 import (
        IPv6ExtHdrDestOpt,
        IPv6ExtHdrFragment,
        IPv6ExtHdrHopByHop,
        IPv6ExtHdrRouting,
    )
    from scapy.layers.ipsec import AH

IP_AT, TCP_AT = 14, 34


def patched(frame, at, new):
    return frame[:at] + new + frame[at + len(new) :]


def account(frame, **options):
    segments, info = seen([pcap([(0, frame)], **options)])
    return len(segments), info.undecoded, info.short, info.fragments


def test_ethernet_padding_is_not_payload():
    frame = ethernet()
    assert len(frame) == 54
    segment = only(pcap([(0, frame + bytes(6))]))
    assert (segment.length, segment.payload) == (0, b"")


def test_ipv4_options_are_stepped_over():
    assert only(pcap([(0, ethernet(b"x", options=[IPOption_NOP()] * 40))])).payload == b"x"


def test_tcp_options_are_not_payload():
    frame = Ether(dst="02:00:00:00:00:02") / IP() / tcp(b"x", options=[("NOP", None)] * 40)
    assert only(pcap([(0, bytes(frame))])).payload == b"x"


def test_a_total_length_of_zero_is_an_offloaded_segment_as_long_as_its_frame():
    frame = patched(ethernet(b"y" * 40000), IP_AT + 2, b"\0\0")
    assert only(pcap([(0, frame)])).length == 40000
    (segment,), _ = seen([pcap([(0, frame)], snaplen=100)])
    assert (segment.length, len(segment.payload)) == (40000, 46)


def test_a_payload_length_of_zero_is_an_ipv6_segment_as_long_as_its_frame():
    frame = patched(ipv6(tcp(b"y" * 30000)), IP_AT + 4, b"\0\0")
    assert only(pcap([(0, frame)])).length == 30000


@pytest.mark.parametrize("cut", range(54, 70))
def test_a_snapped_segment_keeps_its_length_from_the_ip_header(cut):
    segment = only(pcap([(0, ethernet(b"0123456789abcdef"))], snaplen=cut))
    assert segment.length == 16
    assert segment.payload == b"0123456789abcdef"[: cut - 54]


def test_a_segment_snapped_inside_its_tcp_options_is_still_a_segment():
    frame = Ether(dst="02:00:00:00:00:02") / IP() / tcp(b"xyz", options=[("NOP", None)] * 20)
    segment = only(pcap([(0, bytes(frame))], snaplen=60))
    assert (segment.length, segment.payload) == (3, b"")


@pytest.mark.parametrize("cut", range(34, 54))
def test_a_frame_snapped_inside_the_tcp_header_is_short_unless_it_has_other_ports(cut):
    assert account(ethernet(b"data"), snaplen=cut) == (0, 0, 1, 0)
    back = bytes(Ether(dst="02:00:00:00:00:02") / IP() / TCP(sport=9102, dport=443))
    assert account(back, snaplen=cut) == (0, 0, 1, 0)
    other = bytes(Ether(dst="02:00:00:00:00:02") / IP() / TCP(sport=80, dport=443))
    assert account(other, snaplen=cut) == (0, 0, int(cut < 38), 0)


@pytest.mark.parametrize("cut", [14, 20, 33])
def test_a_frame_snapped_inside_the_ip_header_is_not_decoded(cut):
    assert account(ethernet(), snaplen=cut) == (0, 1, 0, 0)


def test_the_first_fragment_is_a_segment_and_later_ones_are_counted():
    first = patched(ethernet(b"x" * 8), IP_AT + 6, b"\x20\x00")
    later = patched(ethernet(b"x" * 8), IP_AT + 6, b"\x00\x05")
    assert account(first) == (1, 0, 0, 0)
    assert account(later) == (0, 0, 0, 1)


def test_fragments_of_other_protocols_are_not_counted():
    later = bytes(Ether(dst="02:00:00:00:00:02") / IP(frag=5) / UDP() / b"12345678")
    assert account(later) == (0, 0, 0, 0)
    assert account(ipv6(IPv6ExtHdrFragment(offset=5, nh=17) / b"12345678")) == (0, 0, 0, 0)


def test_dont_fragment_is_not_a_fragment():
    assert account(ethernet(flags="DF")) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    "chain",
    [
        IPv6ExtHdrHopByHop(),
        IPv6ExtHdrRouting(addresses=["2001:db8::9"]),
        IPv6ExtHdrDestOpt(),
        IPv6ExtHdrFragment(offset=0, m=1),
        AH(nh=6, payloadlen=4, icv=bytes(12)),
        IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / IPv6ExtHdrRouting()
        / AH(nh=60, payloadlen=4, icv=bytes(12)) / IPv6ExtHdrDestOpt(),
    ],
)  # fmt: skip
def test_ipv6_extension_headers_are_stepped_over(chain):
    segment = only(pcap([(0, ipv6(chain / tcp(b"x")))]))
    assert (segment.length, segment.payload, segment.dport) == (1, b"x", 9102)


def test_a_later_ipv6_fragment_of_tcp_is_counted():
    assert account(ipv6(IPv6ExtHdrFragment(offset=5, nh=6) / b"12345678")) == (0, 0, 0, 1)


def test_a_chain_of_extension_headers_is_bounded():
    chain = tcp()
    for _ in range(8):
        chain = IPv6ExtHdrDestOpt() / chain
    assert account(ipv6(chain)) == (0, 1, 0, 0)


def test_an_extension_header_that_the_capture_cut_is_not_decoded():
    frame = ipv6(IPv6ExtHdrDestOpt() / tcp())
    assert account(frame, snaplen=14 + 40 + 7) == (0, 1, 0, 0)
    assert account(frame, snaplen=14 + 40 + 8) == (0, 0, 1, 0)


def test_ipv6_identifies_a_segment_by_its_flow_label_and_hop_limit():
    segment = only(pcap([(0, ipv6(tcp(), fl=0xABCDE, hlim=3))]))
    assert (segment.ident, segment.ttl) == (0x1BCDE, 3)


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (IP_AT, b"\x44"),  # header shorter than 20 bytes
        (IP_AT, b"\x4f"),  # header longer than the total length
        (IP_AT, b"\x55"),  # IPv5 behind the EtherType of IPv4
        (IP_AT + 2, b"\x00\x13"),  # total length shorter than the header
        (IP_AT + 2, b"\x00\x27"),  # no room for a TCP header
        (IP_AT + 2, b"\x01\x00"),  # longer than the frame
        (TCP_AT + 12, b"\x40"),  # TCP header shorter than 20 bytes
        (TCP_AT + 12, b"\xf0"),  # TCP header longer than the packet
    ],
)
def test_an_ipv4_or_tcp_header_that_lies_is_not_decoded(at, new):
    assert account(patched(ethernet(b"data"), at, new)) == (0, 1, 0, 0)


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (IP_AT, b"\x45"),
        (IP_AT + 4, b"\x01\x00"),
        (IP_AT + 4, b"\x00\x13"),
    ],
)
def test_an_ipv6_header_that_lies_is_not_decoded(at, new):
    assert account(patched(ipv6(tcp(b"data")), at, new)) == (0, 1, 0, 0)


def test_an_extension_header_longer_than_the_packet_is_not_decoded():
    frame = ipv6(IPv6ExtHdrDestOpt() / tcp())
    assert account(patched(frame, IP_AT + 41, b"\xff") + bytes(2048)) == (0, 1, 0, 0)


def test_a_wire_length_below_the_captured_length_is_not_believed():
    file = Pcapng().interface().enhanced(0, ethernet(b"data"), wire=3)
    assert only(bytes(file)).payload == b"data"


def test_udp_on_a_port_of_interest_is_no_segment():
    frame = bytes(Ether(dst="02:00:00:00:00:02") / IP() / UDP(sport=9102, dport=9102) / bytes(20))
    assert account(frame) == (0, 0, 0, 0)
