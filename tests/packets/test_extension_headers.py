"""IPv6 extension headers before the fragment header, and between it and TCP."""

from __future__ import annotations

import pytest
from cut_up import TRUTH, carried, piece, pieces, read

#: A destination options header of 8 bytes that says that TCP follows, with padding (RFC 8200 §4.6).
TCP_FOLLOWS, UDP_FOLLOWS = bytes([6, 0, 1, 4, 0, 0, 0, 0]), bytes([17, 0, 1, 4, 0, 0, 0, 0])


def test_options_between_the_fragment_header_and_tcp_hide_nothing() -> None:
    payload = TCP_FOLLOWS + carried(6, TRUTH)
    frames = [piece(6, 0, payload[:32], nh=60), piece(6, 32, payload[32:], more=False, nh=60)]
    assert read(frames) == ([(TRUTH, 0)], 0)
    assert read(frames[::-1]) == ([(TRUTH, 0)], 0)
    assert read(frames, {9101}) == ([], 0)


def test_what_leads_to_another_protocol_is_no_fragment_of_tcp() -> None:
    assert read([piece(6, 0, UDP_FOLLOWS + bytes(24), nh=60)]) == ([], 0)


@pytest.mark.parametrize("kind", [0, 43, 60])
def test_headers_before_the_fragment_header_hide_nothing(kind: int) -> None:
    frames = []
    for frame in pieces(6, carried(6, TRUTH), 24):
        changed = bytearray(frame[:54] + bytes([44, 0, 1, 4, 0, 0, 0, 0]) + frame[54:])
        changed[20] = kind
        changed[18:20] = (len(changed) - 54).to_bytes(2, "big")
        frames.append(bytes(changed))
    assert read(frames) == ([(TRUTH, 0)], 0)


def test_a_fragment_that_is_the_only_one_is_whole() -> None:
    assert read([piece(6, 0, carried(6, TRUTH), more=False)]) == ([(TRUTH, 0)], 0)
