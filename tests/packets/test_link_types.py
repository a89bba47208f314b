"""One table of link types: the kernels and the recorder read each of them alike."""

from __future__ import annotations

import pytest
from decoding import ipv4, only, seen
from pcapfile import pcap

from auditor.evidence.endpoints import ends_of
from auditor.packets.link_names import LINK_NAMES
from auditor.packets.link_types import (
    IP_VERSION,
    IPV4,
    LINK_TYPES,
    ODD_HEADER,
    RAW_IPV6,
    LinkType,
    link_name,
)

PACKET = bytes(ipv4(b"data"))
WITH_ETHERTYPE = [link for link, layout in LINK_TYPES.items() if layout.protocol >= 0]
WITH_VERSION = [
    link
    for link, layout in LINK_TYPES.items()
    if layout.protocol == IP_VERSION and link != RAW_IPV6
]


def header(layout: LinkType) -> bytes:
    field = layout.protocol
    rest = layout.header - field - 2
    return bytes(field) + IPV4.to_bytes(2, "big") + bytes(rest)


def test_every_way_to_say_the_protocol_is_known() -> None:
    for layout in LINK_TYPES.values():
        assert ODD_HEADER <= layout.protocol < max(layout.header - 1, 0)


@pytest.mark.parametrize("link", WITH_ETHERTYPE)
def test_kernels_and_recorder_find_the_same_behind_an_ethertype(link: int) -> None:
    frame = header(LINK_TYPES[link]) + PACKET
    segment = only(pcap([(0, frame)], link=link))
    assert segment.payload == b"data"
    assert ends_of(link, frame) == (
        (segment.src, segment.sport),
        (segment.dst, segment.dport),
    )


@pytest.mark.parametrize("link", WITH_VERSION)
def test_kernels_and_recorder_find_the_same_in_raw_ip(link: int) -> None:
    segment = only(pcap([(0, PACKET)], link=link))
    assert ends_of(link, PACKET) == (
        (segment.src, segment.sport),
        (segment.dst, segment.dport),
    )


@pytest.mark.parametrize("link", [2, 147, 277, 0xFFFF])
def test_a_link_type_that_is_not_in_the_table_is_not_read(link: int) -> None:
    assert seen([pcap([(0, PACKET)], link=link)])[1].undecoded == 1
    assert ends_of(link, PACKET) is None
    assert link_name(link) == f"link type {link}"


def test_a_link_type_that_is_not_decoded_has_its_name_beside_its_number() -> None:
    assert link_name(189) == "link type 189 (USB of Linux)"
    assert link_name(147) == "link type 147"
    assert link_name(1) == "Ethernet"
    assert len(set(LINK_NAMES.values())) >= len(LINK_NAMES) - 1
