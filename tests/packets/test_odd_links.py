"""Every link type and every tag, and what of them cannot be read."""

from __future__ import annotations

import pytest
from decoding import ipv4, seen
from layering import LINKS, TAGS, frame, layer, llc, ppp, wifi
from pcapfile import pcap
from tape import Endpoint, Tape

from auditor.packets.link_types import LINK_TYPES
from auditor.packets.segments import Undecoded

FOUR = bytes(ipv4(b"four"))
SIX = (
    Tape()
    .join(Endpoint("2001:db8::1", 40000), Endpoint("2001:db8::2", 9102))
    .send(Endpoint("2001:db8::1", 40000), b"six")
    .frames[0]
    .data[14:]
)
MAC = bytes(12)


def read(link: int, data: bytes, **more: int) -> tuple[list[bytes], tuple[Undecoded, ...]]:
    segments, info = seen([pcap([(0, data)], link=link, **more)])
    return [one.payload for one in segments], info.layers


@pytest.mark.parametrize("name", LINKS)
def test_both_families_are_found_on_every_link(name: str) -> None:
    link, build = LINKS[name]
    assert read(link, build(layer(FOUR))) == ([b"four"], ())
    assert read(link, build(layer(SIX))) == ([b"six"], ())


def test_every_link_type_of_the_table_is_tried() -> None:
    same = {12, 14, 228, 229, 166, 219, 240}  # as raw IP, or in the tests below
    assert {link for link, _ in LINKS.values()} | same == set(LINK_TYPES)


@pytest.mark.parametrize("name", LINKS)
def test_a_frame_that_is_cut_anywhere_is_counted_and_no_other_segment(name: str) -> None:
    link, build = LINKS[name]
    whole = build(layer(FOUR))
    for size in range(1, len(whole) - 24):
        payloads, layers = read(link, whole, snaplen=size)
        assert payloads == []
        assert all(one.packets == 1 for one in layers)


@pytest.mark.parametrize("name", TAGS)
def test_both_families_are_found_behind_every_tag(name: str) -> None:
    for packet, payload in ((FOUR, b"four"), (SIX, b"six")):
        assert read(1, frame(TAGS[name](layer(packet)))) == ([payload], ())


@pytest.mark.parametrize(
    ("link", "data", "payloads"),
    [
        (166, ppp(layer(FOUR)), [b"four"]),
        (166, b"\0" + ppp(layer(FOUR)), [b"four"]),
        (219, (1 << 8 | 64).to_bytes(4, "big") + FOUR, [b"four"]),
        (240, bytes(4) + frame(layer(SIX)), [b"six"]),
        (258, bytes([16, 0, 0, 0]) + bytes(4) + bytes([12, 0, 0, 0]) + bytes(4) + SIX, [b"six"]),
        (258, bytes([12, 0, 0, 0]) + bytes(4) + b"\x32\0\0\0" + ppp(layer(SIX)), [b"six"]),
        (192, b"\0\0\x08\0\1\0\0\0" + frame(layer(FOUR)), [b"four"]),
        (107, b"\x18\x40\x01\x03\xcc" + FOUR, [b"four"]),
        (107, b"\x18\x41\x03\xcf\0\x21" + FOUR, [b"four"]),
        (107, b"\x18\x41\x03\0\x80\0\x80\xc2\0\7" + frame(layer(FOUR)), [b"four"]),
        (10, b"\x50" + MAC + b"\x06\x06\x03" + FOUR, [b"four"]),
        (100, b"\xaa\xaa\x03\0\x80\xc2\0\7" + frame(layer(FOUR)), [b"four"]),
        (1, MAC + b"\x88\xe5\0\0" + bytes(4) + b"\x08\0" + FOUR, [b"four"]),
        (1, MAC + b"\x89\x4f\x0f\xc2" + b"\2\3" + bytes(4) + frame(layer(FOUR)), [b"four"]),
        (9, b"\x02\x81" + (1 << 8 | 64).to_bytes(4, "big") + SIX, [b"six"]),
    ],
)
def test_other_ways_to_say_the_same_are_read(link: int, data: bytes, payloads: list[bytes]) -> None:
    assert read(link, data) == (payloads, ())


@pytest.mark.parametrize(
    ("link", "data", "name"),
    [
        (105, wifi(layer(FOUR), 0x41), "encrypted 802.11"),
        (105, wifi(layer(FOUR), 0x05), "fragments of 802.11"),
        (105, wifi(layer(FOUR), 1, quality=b"\x80\0"), "aggregated 802.11 (A-MSDU)"),
        (8, b"\0\x80" + bytes(54), "compressed SLIP"),
        (9, b"\xff\x03\0\x2d" + bytes(40), "compressed TCP of PPP"),
        (9, b"\0\xfd" + bytes(40), "compressed PPP"),
        (9, b"\0\x53" + bytes(40), "encrypted PPP"),
        (9, b"\0\x55" + bytes(40), "PPP protocol 0x0055"),
        (1, MAC + b"\x88\xe5\x2c\0" + bytes(60), "MACsec"),
        (1, MAC + b"\x88\xb6" + bytes(60), "EtherType 0x88b6"),
        (1, MAC + b"\x88\x47" + bytes(60), "too many layers"),
    ],
)
def test_what_hides_what_it_carries_is_counted(link: int, data: bytes, name: str) -> None:
    assert read(link, data) == ([], (Undecoded(name, 1, may_hold=True),))


@pytest.mark.parametrize(
    ("link", "data"),
    [
        (105, b"\x80\0" + bytes(40)),  # a beacon
        (105, b"\x48\1" + bytes(40)),  # data without data
        (105, b"\xd4\0" + bytes(8)),
        (9, b"\xff\x03\xc0\x21" + bytes(8)),
        (9, b"\x80\x21" + bytes(8)),
        (104, b"\x8f\0\x80\x35" + bytes(18)),
        (107, b"\x18\x41\x03\xb1" + bytes(8)),
        (10, b"\x50" + MAC + b"\x42\x42\x03" + bytes(30)),
        (1, MAC + b"\0\x26\x42\x42\x03" + bytes(43)),
        (1, MAC + b"\0\x40\xaa\xaa\x03\0\0\x0c\x20\0" + bytes(60)),  # CDP
        (1, MAC + b"\x88\xcc" + bytes(4)),
        (1, MAC + b"\x88\x63\x11\x09" + bytes(20)),
        (1, MAC + b"\x88\x47\0\0\1\x40\x10\0\0\x21" + bytes(30)),  # a channel of control
        (1, MAC + b"\x89\x4f\x0f\xc2\2\x20" + bytes(20)),
        (258, bytes([12, 0, 0, 0]) + bytes(4) + bytes([99, 0, 0, 0]) + bytes(30)),
        (113, bytes(14) + b"\0\x0c" + bytes(16)),
    ],
)
def test_what_carries_no_ip_is_nothing_to_complain_of(link: int, data: bytes) -> None:
    assert read(link, data) == ([], ())


@pytest.mark.parametrize(
    "attributes",
    [
        b"\2\0\x09\0" + FOUR,  # shorter than its own header
        b"\x08\0\1\0abcd" * 70,
        b"\xff\xff\1\0",
        b"",
    ],
)
def test_a_log_without_a_packet_is_unreadable(attributes: bytes) -> None:
    payloads, layers = read(239, b"\2\0\0\1" + attributes)
    assert (payloads, [one.packets for one in layers]) == ([], [1])


def test_behind_labels_a_frame_is_found_with_and_without_a_control_word() -> None:
    label = (1 << 8 | 64).to_bytes(4, "big")
    whole = frame(layer(FOUR))
    for address in (whole[:6], b"\x00\x1b\x21\0\0\1", b"\xa4\xbb\x6d\0\0\1"):
        for control in (b"", bytes(4)):
            data = MAC + b"\x88\x47" + label + control + address + whole[6:]
            if control or address[0] >> 4 != 4:
                assert read(1, data) == ([b"four"], ())


def test_llc_is_what_a_length_in_place_of_an_ethertype_means() -> None:
    assert read(1, MAC + (len(FOUR) + 8).to_bytes(2, "big") + llc(layer(FOUR)))[0] == [b"four"]
    assert read(1, MAC + b"\5\xdd" + llc(layer(FOUR)))[0] == [b"four"]
