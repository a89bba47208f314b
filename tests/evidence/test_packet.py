"""Bounds of a kept packet against the standards that they come from."""

from __future__ import annotations

from auditor.evidence.packet import HEADER_BYTES, Direction


def test_the_longest_usual_headers_fit() -> None:
    """Two tags (IEEE 802.1ad), IPv6 (RFC 8200 §3), TCP with 40 bytes of options (RFC 9293 §3.1)."""
    ethernet, tags, ipv6, tcp = 14, 2 * 4, 40, 15 * 4
    extensions = 8 + 8 + 24  # hop-by-hop, destination options, an authentication header
    assert ethernet + tags + ipv6 + extensions + tcp <= HEADER_BYTES


def test_directions_are_the_bits_of_epb_flags() -> None:
    """The pcapng specification, §4.3.1: 00 no information, 01 inbound, 10 outbound."""
    assert [int(one) for one in Direction] == [0b00, 0b01, 0b10]
