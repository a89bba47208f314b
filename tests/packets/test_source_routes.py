"""Packets that are to pass by hosts on their way are of a connection with the last of them."""

from __future__ import annotations

import socket

import pytest
from decoding import seen, tcp
from pcapfile import pcap

SEGMENT = bytes(tcp(b"data"))
SOURCE, HOP, OTHER, LAST = (bytes([10, 0, 0, number]) for number in (1, 7, 8, 2))


def ipv4(options: bytes, target: bytes = HOP) -> bytes:
    options += bytes(-len(options) % 4)
    size = 20 + len(options)
    head = bytes([0x40 | size // 4, 0]) + (size + len(SEGMENT)).to_bytes(2, "big")
    return head + bytes(4) + b"\x40\6\0\0" + SOURCE + target + options + SEGMENT


def route(kind: int, pointer: int, *hosts: bytes) -> bytes:
    return bytes([kind, 3 + 4 * len(hosts), pointer]) + b"".join(hosts)


def ends(packet: bytes) -> list[tuple[str, str]]:
    return [(one.src, one.dst) for one in seen([pcap([(0, packet)], link=101)])[0]]


@pytest.mark.parametrize("kind", [131, 137])
def test_the_last_address_of_a_route_is_where_it_goes(kind: int) -> None:
    for before in (b"", b"\1\1", b"\x94\4\0\0"):
        assert ends(ipv4(before + route(kind, 4, OTHER, LAST))) == [("10.0.0.1", "10.0.0.2")]
        assert ends(ipv4(before + route(kind, 8, OTHER, LAST))) == [("10.0.0.1", "10.0.0.2")]


def test_a_route_that_is_passed_says_nothing_more() -> None:
    assert ends(ipv4(route(131, 12, OTHER, HOP), LAST)) == [("10.0.0.1", "10.0.0.2")]


@pytest.mark.parametrize(
    "options",
    [
        route(7, 4, OTHER, OTHER),  # recorded, not asked for
        b"\0\0\0\0" + route(131, 4, OTHER),  # behind the end
        bytes([131, 3, 4]) + bytes(5),
        bytes([131, 40, 4]) + bytes(9),
        bytes([7, 0]) + route(131, 4, OTHER),
    ],
)
def test_other_options_leave_the_address_alone(options: bytes) -> None:
    assert ends(ipv4(options, LAST)) == [("10.0.0.1", "10.0.0.2")]


def six(number: int) -> bytes:
    return socket.inet_pton(socket.AF_INET6, f"2001:db8::{number}")


def ipv6(kind: int, left: int, *hosts: bytes, before: bytes = b"", target: bytes = b"") -> bytes:
    header = bytes([6, 2 * len(hosts), kind, left]) + bytes(4) + b"".join(hosts)
    body = before + header + SEGMENT
    head = b"\x60\0\0\0" + len(body).to_bytes(2, "big") + bytes([0 if before else 43, 64])
    return head + six(1) + (target or six(7)) + body


@pytest.mark.parametrize("before", [b"", b"\x2b\0\1\4\0\0\0\0"])
@pytest.mark.parametrize("kind", [0, 2])
def test_the_last_address_of_a_routing_header_is_where_it_goes(kind: int, before: bytes) -> None:
    packet = ipv6(kind, 1, six(8), six(2), before=before)
    assert ends(packet) == [("2001:db8::1", "2001:db8::2")]


def test_the_first_of_segments_is_the_last_hop() -> None:
    assert ends(ipv6(4, 1, six(2), six(8))) == [("2001:db8::1", "2001:db8::2")]


def test_a_routing_header_that_is_passed_or_unknown_says_nothing_more() -> None:
    assert ends(ipv6(0, 0, six(8), target=six(2))) == [("2001:db8::1", "2001:db8::2")]
    assert ends(ipv6(3, 1, six(8), target=six(2))) == [("2001:db8::1", "2001:db8::2")]
    assert ends(ipv6(0, 1, target=six(2))) == [("2001:db8::1", "2001:db8::2")]


def test_a_connection_with_a_route_one_way_is_one() -> None:
    there = ends(ipv4(route(131, 4, OTHER, LAST)))
    assert there == [("10.0.0.1", "10.0.0.2")]
