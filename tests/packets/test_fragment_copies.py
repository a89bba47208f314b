"""A lie among fragments that its receiver never sees hides no truth."""

from __future__ import annotations

import pytest
from cut_up import LIE, TRUTH, carried, piece, pieces, read

from auditor.packets.segments import TORN

FAMILIES = pytest.mark.parametrize("version", [4, 6])


@FAMILIES
@pytest.mark.parametrize("place", [1, 2])
def test_a_lie_that_expires_on_its_way_hides_no_truth(version: int, place: int) -> None:
    truth = pieces(version, carried(version, TRUTH), 24, 32)
    lies = pieces(version, carried(version, LIE), 24, 32, ttl=1)
    first = [*truth[:place], lies[place], *truth[place:]]
    second = [*truth[:place], truth[place], lies[place], *truth[place + 1 :]]
    found, fragments = read(first)
    assert (found[-1], fragments) == ((TRUTH, TORN), 0)
    if place == 1:  # else it was whole when the lie came, and the lie has no right checksum
        assert read(second) == ([(TRUTH, TORN)], 0)


@FAMILIES
def test_each_place_may_lie_in_another_order(version: int) -> None:
    """The TTL tells the copies apart where neither the first nor the last of all is true."""
    truth = pieces(version, carried(version, TRUTH), 24, 32)
    lies = pieces(version, carried(version, LIE), 24, 32, ttl=1)
    assert read([truth[1], lies[1], lies[2], truth[2], truth[0]]) == ([(TRUTH, TORN)], 0)


def test_a_wrong_ip_checksum_is_a_lie_as_well() -> None:
    truth = pieces(4, carried(4, TRUTH), 24, 32)
    other = carried(4, LIE)
    lies = [
        piece(4, 24, other[24:32], chksum=1, ttl=255),
        piece(4, 32, other[32:], more=False, chksum=1, ttl=255),
    ]
    assert read([truth[1], lies[0], lies[1], truth[2], truth[0]]) == ([(TRUTH, TORN)], 0)
