"""Two datagrams of one number are no contradiction."""

from __future__ import annotations

from itertools import chain

import pytest
from cut_up import TRUTH, carried, pieces, read

from auditor.packets.segments import TORN

FAMILIES = pytest.mark.parametrize("version", [4, 6])


@FAMILIES
def test_a_lie_in_the_tcp_header_hides_nothing(version: int) -> None:
    lies = pieces(version, carried(version, TRUTH, seq=1 << 30, sport=9103), 8, ttl=1)
    truth = pieces(version, carried(version, TRUTH), 8)
    found, fragments = read([lies[0], *truth])
    assert (found, fragments) == ([(TRUTH, TORN)], 0)
    found, fragments = read([lies[0], truth[1], truth[0]])  # whole before the truth is there
    assert (found[-1], fragments) == ((TRUTH, 0), 0)  # it may be another datagram


@FAMILIES
@pytest.mark.parametrize("order", [1, -1])
def test_a_number_that_is_used_again_contradicts_nothing(version: int, order: int) -> None:
    """Much of the second is what the first was; each has a place where it differs."""
    said = [bytes(40), b"1" + bytes(39), bytes(38) + b"2", b"3" * 40]
    frames = [
        pieces(version, carried(version, data, seq=7 + 40 * k), 8, 24, 40)[::order]
        for k, data in enumerate(said)
    ]
    found, fragments = read(chain.from_iterable(frames))
    assert (found, fragments) == ([(data, 0) for data in said], 0)
