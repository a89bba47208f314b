"""Frames of which a recorder kept only the beginning."""

from __future__ import annotations

import pytest
from decoding import PORTS, ethernet
from pcapfile import pcap, shortened
from tape import Endpoint, Tape

from auditor.packets import Decoder
from auditor.packets.cut_frames import NOT_CUT, shortest_cut

LONG = ethernet(b"x" * 700)


def kept(capture: bytes) -> int:
    return min(shortest_cut(batch.segments) for batch in Decoder(PORTS).feed(capture))


@pytest.mark.parametrize("size", [54, 60, 96, 753])
def test_the_shortest_frame_that_was_cut_is_told(size: int) -> None:
    capture = pcap([(0, LONG), (1, ethernet(b"")), (2, LONG)])
    assert kept(capture) == NOT_CUT
    assert kept(shortened(capture, size, 262144)) == size
    assert kept(pcap([(0, LONG)]) + shortened(capture, size)[24:]) == size


def test_a_frame_that_was_cut_before_or_behind_its_segment_tells_nothing() -> None:
    padded = ethernet(b"x") + bytes(100)
    assert kept(shortened(pcap([(0, padded)]), 60, 262144)) == NOT_CUT


def test_nor_does_an_icmp_error() -> None:
    tape = Tape().syn(Endpoint("10.0.0.31", 40001), Endpoint("10.0.0.20", 9103))
    assert kept(tape.error("10.0.0.20", 3, 10).pcap()) == NOT_CUT
