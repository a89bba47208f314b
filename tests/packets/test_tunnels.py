"""Tunnels: what is within them is found, in whatever they are and whatever is in them."""

from __future__ import annotations

from itertools import product

import pytest
from decoding import Seen, ipv4, rows, seen, tcp
from layering import LINKS, TAGS, TUNNELS, fragments, frame, layer, outer, tunnelled, udp, vxlan
from pcapfile import pcap
from tape import Endpoint, Tape

from auditor.packets.segments import Undecoded

PACKETS = {
    4: bytes(ipv4(b"data")),
    6: Tape().join(Endpoint("2001:db8::1", 40000), Endpoint("2001:db8::2", 9102)),
}
PACKETS[6] = PACKETS[6].send(Endpoint("2001:db8::1", 40000), b"data").frames[0].data[14:]
SOURCES = {4: "10.0.0.1", 6: "2001:db8::1"}


def found(*packets: bytes) -> tuple[list[Seen], tuple[Undecoded, ...]]:
    capture = pcap([(k, frame(layer(packet))) for k, packet in enumerate(packets)])
    segments, info = seen([capture])
    return segments, info.layers


def network(packet: bytes) -> int:
    ((row, _),) = rows(pcap([(0, frame(layer(packet)))]))
    return int(row["network"])


@pytest.mark.parametrize("name", TUNNELS)
def test_what_a_tunnel_carries_is_found(name: str) -> None:
    for inner, around in product((4, 6), (4, 6)):
        (segment,), layers = found(tunnelled(PACKETS[inner], name, around))
        assert (segment.src, segment.payload) == (SOURCES[inner], b"data")
        assert layers == ()


@pytest.mark.parametrize("name", TUNNELS)
def test_a_tunnel_that_is_cut_anywhere_is_no_segment_with_other_ends(name: str) -> None:
    packet = tunnelled(PACKETS[4], name)
    for size in range(len(packet)):
        cut = pcap([(0, frame(layer(packet)))], snaplen=14 + size)
        for segment in seen([cut])[0]:
            assert (segment.src, segment.dst, segment.dport) == ("10.0.0.1", "10.0.0.2", 9102)


@pytest.mark.parametrize("name", TUNNELS)
def test_a_tunnel_in_fragments_is_put_together(name: str) -> None:
    for version in (4, 6):
        packet = tunnelled(PACKETS[4], name, version)
        (segment,), layers = found(*fragments(packet, 16, 40, ident=9))
        assert (segment.src, segment.payload, layers) == ("10.0.0.1", b"data", ())


@pytest.mark.parametrize("name", TUNNELS)
def test_fragments_within_a_tunnel_are_put_together(name: str) -> None:
    for version in (4, 6):
        parts = fragments(PACKETS[version], 8, 16, ident=5)
        (segment,), layers = found(*(tunnelled(part, name, 10 - version) for part in parts))
        assert (segment.src, segment.payload, layers) == (SOURCES[version], b"data", ())


@pytest.mark.parametrize("name", ["IP in IP", "GRE with key", "VXLAN", "GTP-U", "L2TPv2"])
def test_fragments_within_a_tunnel_that_is_in_fragments_are_put_together(name: str) -> None:
    around = [tunnelled(part, name) for part in fragments(PACKETS[4], 8, 16, ident=5)]
    parts = [
        part for number, one in enumerate(around) for part in fragments(one, 16, 24, ident=number)
    ]
    (segment,), layers = found(*parts)
    assert (segment.src, segment.payload, layers) == ("10.0.0.1", b"data", ())


def test_tunnels_in_tunnels_are_followed_to_a_bound() -> None:
    packet = PACKETS[4]
    for depth in range(7):
        packet = tunnelled(packet, "IP in IP", 4 + depth % 2 * 2)
        assert len(found(packet)[0]) == 1
    segments, layers = found(tunnelled(packet, "GRE"))
    assert segments == []
    assert layers == (Undecoded("too many layers", 1, may_hold=True),)


def test_networks_in_tunnels_are_told_apart_by_what_both_directions_share() -> None:
    one, other = (outer(4, 17, udp(4789, vxlan(PACKETS[4], number))) for number in (77, 78))
    assert len({network(one), network(other), network(PACKETS[4])}) == 3
    numbered = {name: network(tunnelled(PACKETS[4], name)) for name in TUNNELS}
    alike = {name for name, number in numbered.items() if number == 0}
    assert alike == {
        *("IP in IP", "GRE", "GRE with routes", "PPTP", "frame over GRE", "ERSPAN I"),
        *("MPLS over GRE", "frame in IP", "MPLS in IP", "AH", "L2TPv3", "GTP-U", "TZSP"),
        *("GTP-U with extension", "L2TPv2", "L2TPv2 with all", "L2TPv3 over UDP"),
        *("MPLS over UDP", "GRE over UDP"),
    }


def test_fragments_of_two_networks_are_not_mixed() -> None:
    parts = fragments(PACKETS[4], 8, ident=5)
    mixed = [
        outer(4, 17, udp(4789, vxlan(part, number))) for number, part in enumerate(parts, start=77)
    ]
    assert found(*mixed)[0] == []


@pytest.mark.parametrize(
    ("protocol", "body", "layer_name"),
    [
        (50, bytes(64), "ESP"),
        (108, bytes(64), "compressed IP (IPComp)"),
        (253, bytes(64), "IP protocol 253"),
        (17, udp(4500, b"\1\2\3\4" + bytes(60)), "ESP in UDP"),
        (17, udp(51820, b"\4\0\0\0" + bytes(60)), "WireGuard"),
        (17, udp(1194, b"\x48" + bytes(60)), "OpenVPN"),
        (17, udp(5247, bytes(60)), "CAPWAP"),
        (17, udp(2152, b"\x30\xff\0\x20\0\0\0\1" + bytes(60)), "GTP-U of an unknown kind"),
        (115, b"\0\0\0\2" + bytes(60), "L2TPv3 of an unknown kind"),
        (47, b"\0\0\x99\x99" + bytes(60), "EtherType 0x9999"),
    ],
)
def test_what_hides_what_it_carries_is_counted(protocol: int, body: bytes, layer_name: str) -> None:
    for version in (4, 6):
        assert found(outer(version, protocol, body)) == ([], (Undecoded(layer_name, 1, True),))


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        (17, udp(53, bytes(60))),
        (17, udp(4500, bytes(60))),  # IKE
        (17, udp(4500, b"\xff")),
        (17, udp(4789, bytes(60))),  # without its flag
        (17, udp(1701, b"\xc8\2" + bytes(60))),  # control
        (17, udp(2152, b"\x32\1" + bytes(60))),  # an echo
        (17, udp(3544, b"\0\0\xff\xff" + bytes(60))),
        (17, udp(51820, b"\1\0\0\0" + bytes(60))),
        (17, udp(1194, b"\x38" + bytes(60))),
        (115, bytes(64)),
        (47, bytes(64)),
        (47, b"\x20\x81\x88\x0b" + bytes(12)),  # an acknowledgement of PPTP
        (132, bytes(64)),
        (89, bytes(64)),
    ],
)
def test_what_carries_no_tcp_is_nothing_to_complain_of(protocol: int, body: bytes) -> None:
    assert found(outer(4, protocol, body)) == ([], ())


def test_teredo_is_ipv6_behind_an_authentication_and_an_origin() -> None:
    for head in (b"", bytes(8), b"\0\1\0\0" + bytes(9), b"\0\1\2\3" + bytes(5 + 9) + bytes(8)):
        (segment,), _ = found(outer(4, 17, udp(3544, head + PACKETS[6])))
        assert segment.src == "2001:db8::1"


def test_a_frame_that_a_mirror_cut_off_is_believed_as_far_as_it_is_there() -> None:
    long = bytes(ipv4(b"x" * 900))
    for size in (60, 200):
        inner = frame(layer(long))[:size]
        cut = b"\x10\0\x88\xbe" + bytes(4) + (1 << 28 | 1 << 10).to_bytes(4, "big") + bytes(4)
        (segment,), layers = found(outer(4, 47, cut + inner))
        assert (segment.length, len(segment.payload), layers) == (900, size - 54, ())


def test_udp_in_fragments_that_is_no_tunnel_takes_no_room() -> None:
    frames = [
        frame(layer(part))
        for number in range(50)
        for part in fragments(outer(4, 17, udp(2049, bytes(64))), 16, 32, ident=number)
    ]
    _, info = seen([pcap([(k, one) for k, one in enumerate(frames)])])
    assert (info.fragments, info.layers) == (0, ())


def test_an_unfinished_tunnel_in_fragments_is_counted() -> None:
    first, *_ = fragments(tunnelled(PACKETS[4], "VXLAN"), 64, ident=7)
    _, info = seen([pcap([(0, frame(layer(first)))])])
    assert info.fragments == 1


def test_authentication_before_tcp_is_stepped_over() -> None:
    segment = bytes(tcp(b"data"))
    for version in (4, 6):
        packet = outer(version, 51, bytes([6, 4]) + bytes(22) + segment)
        assert [one.payload for one in found(packet)[0]] == [b"data"]


@pytest.mark.parametrize("tag", TAGS)
def test_tunnels_are_found_behind_tags_and_tags_in_tunnels(tag: str) -> None:
    link, build = LINKS["Ethernet"]
    around = build(TAGS[tag](layer(tunnelled(PACKETS[4], "VXLAN", 6))))
    assert len(seen([pcap([(0, around)], link=link)])[0]) == 1
    inner = b"\0\0" + b"\x65\x58" + build(TAGS[tag](layer(PACKETS[6])))
    assert len(found(outer(4, 47, inner))[0]) == 1
