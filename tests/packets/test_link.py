"""Link layers."""

from __future__ import annotations

import warnings

import pytest
from decoding import IP, Ether, ethernet, ipv4, ipv6, only, rows, seen, tcp
from pcapfile import pcap

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from scapy.layers.inet6 import IPv6
    from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q
    from scapy.layers.ppp import PPP, PPPoE

PACKET4 = bytes(ipv4(b"four"))
PACKET6 = bytes(IPv6(src="2001:db8::1", dst="2001:db8::2") / tcp(b"six"))


def payload(link, frame):
    return only(pcap([(0, frame)], link=link)).payload


@pytest.mark.parametrize(("packet", "expected"), [(PACKET4, b"four"), (PACKET6, b"six")])
@pytest.mark.parametrize("link", [12, 14, 101])
def test_raw_ip_tells_the_families_apart_by_their_version(link, packet, expected):
    assert payload(link, packet) == expected


def test_raw_ipv4_and_raw_ipv6_take_only_their_own_family():
    assert payload(228, PACKET4) == b"four"
    assert payload(229, PACKET6) == b"six"
    assert seen([pcap([(0, PACKET6)], link=228)])[1].undecoded == 1
    assert seen([pcap([(0, PACKET4)], link=229)])[1].undecoded == 1


@pytest.mark.parametrize(
    "tags",
    [
        Dot1Q(vlan=7),
        Dot1AD(vlan=7) / Dot1Q(vlan=8),
        Dot1Q(vlan=7) / Dot1Q(vlan=8) / Dot1Q(vlan=9),
    ],
)
def test_vlan_tags_are_stepped_over(tags):
    for inner, expected in ((ipv4(b"four"), b"four"), (IPv6(PACKET6), b"six")):
        assert payload(1, bytes(Ether(dst="02:00:00:00:00:02") / tags / inner)) == expected


def test_the_old_qinq_ethertype_is_stepped_over():
    tagged = bytes(Ether(dst="02:00:00:00:00:02") / Dot1Q(vlan=7) / Dot1Q(vlan=8) / ipv4(b"x"))
    assert payload(1, tagged[:12] + b"\x91\x00" + tagged[14:]) == b"x"


def test_a_tower_of_tags_is_given_up():
    frame = bytes(12) + b"\x81\x00\x00\x07" * 10 + b"\x08\x00" + PACKET4
    assert seen([pcap([(0, frame)])])[1].undecoded == 1


@pytest.mark.parametrize(("protocol", "packet"), [(0x21, PACKET4), (0x57, PACKET6)])
def test_pppoe_sessions_are_followed(protocol, packet):
    header = Ether(dst="02:00:00:00:00:02") / PPPoE(sessionid=1) / PPP(proto=protocol)
    assert payload(1, bytes(header) + packet) in (b"four", b"six")


@pytest.mark.parametrize("cooked", [CookedLinux, CookedLinuxV2])
def test_linux_cooked_captures_are_read_also_with_a_vlan_tag(cooked):
    link = 113 if cooked is CookedLinux else 276
    assert payload(link, bytes(cooked(proto=0x0800)) + PACKET4) == b"four"
    assert payload(link, bytes(cooked(proto=0x86DD)) + PACKET6) == b"six"
    assert payload(link, bytes(cooked(proto=0x8100)) + b"\0\7\x08\x00" + PACKET4) == b"four"


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("family", [10, 24, 28, 30])
def test_the_null_header_is_in_the_order_of_the_capturing_host(order, family):
    assert payload(0, (2).to_bytes(4, order) + PACKET4) == b"four"
    assert payload(0, family.to_bytes(4, order) + PACKET6) == b"six"


def test_the_loop_header_is_in_network_order():
    assert payload(108, b"\0\0\0\2" + PACKET4) == b"four"
    assert payload(108, b"\0\0\0\x18" + PACKET6) == b"six"


@pytest.mark.parametrize(
    ("link", "header"), [(0, 4), (1, 14), (101, 1), (108, 4), (113, 16), (276, 20)]
)
def test_a_frame_that_ends_inside_its_link_header_is_not_decoded(link, header):
    _, info = seen([pcap([(0, b"\x08" * (header - 1))], link=link)])
    assert (info.packets, info.undecoded) == (1, 1)


def test_a_frame_that_ends_inside_a_tag_is_not_decoded():
    for cut in (b"\x81\x00\x00\x07\x08", b"\x88\x64" + bytes(7)):
        assert seen([pcap([(0, bytes(12) + cut)])])[1].undecoded == 1


def test_other_protocols_are_packets_and_nothing_to_complain_of():
    frames = [
        bytes(12) + b"\x08\x06" + bytes(28),  # ARP
        bytes(12) + b"\x00\x26" + bytes(38),  # 802.3 with LLC, as spanning tree
        bytes(12) + b"\x88\x64\x11\0\0\1\0\4\xc0\x21" + bytes(8),  # PPP LCP
    ]
    _, info = seen([pcap([(0, frame) for frame in frames])])
    assert (info.packets, info.segments, info.undecoded, info.short) == (3, 0, 0, 0)


def test_an_unsupported_link_type_is_named_and_its_packets_are_counted():
    segments, info = seen([pcap([(0, ethernet())] * 3, link=147)])
    assert segments == []
    assert (info.packets, info.undecoded, info.link) == (3, 3, "link type 147")
    assert info.notes == ("Packets of link type 147 cannot be decoded.",)


def test_both_families_come_out_with_their_addresses():
    four = only(pcap([(0, ethernet())]))
    six = only(pcap([(0, ipv6(tcp()))]))
    assert (four.src, four.dst) == ("10.0.0.1", "10.0.0.2")
    assert (six.src, six.dst) == ("2001:db8::1", "2001:db8::2")
    assert IP(src="10.0.0.1").src == four.src


def test_networks_of_the_same_addresses_are_told_apart_by_their_tags():
    def network(*tags):
        frame = Ether(dst="02:00:00:00:00:02")
        for vlan in tags:
            frame /= Dot1Q(vlan=vlan)
        ((batch, _),) = rows(pcap([(0, bytes(frame / ipv4(b"x")))]))
        return int(batch["network"])

    assert [network(), network(0), network(7), network(4094)] == [0, 0, 7, 4094]
    assert network(7, 8) == network(7, 0, 8)
    assert len({network(7), network(8), network(7, 8), network(8, 7), network()}) == 5
