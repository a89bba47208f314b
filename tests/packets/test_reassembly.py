"""What was whole is held against what comes after it."""

from __future__ import annotations

import pytest
from cut_up import LIE, TRUTH, carried, piece, pieces, read

from auditor.packets.segments import TORN

FAMILIES = pytest.mark.parametrize("version", [4, 6])


@FAMILIES
def test_a_lie_that_is_whole_sooner_than_the_truth_hides_nothing(version: int) -> None:
    """It ends the datagram before its end, and its receiver never sees it."""
    payload = carried(version, TRUTH)
    lie = piece(version, 16, payload[16:20] + b"shorter", more=False, ttl=1)
    truth = pieces(version, payload, 16, 32)
    found, fragments = read([lie, *truth])
    assert (found[-1], fragments) == ((TRUTH, TORN), 0)
    found, fragments = read([truth[0], lie, *truth[1:]])
    assert (found[-1], fragments) == ((TRUTH, TORN), 0)


def test_bytes_behind_the_end_fill_no_hole() -> None:
    payload = carried(4, TRUTH)
    beyond = piece(4, 48, b"x" * 16)
    frames = [piece(4, 0, payload[:16]), beyond, piece(4, 32, payload[32:], more=False)]
    assert read(frames) == ([], 3)
    assert read([*frames, piece(4, 16, payload[16:32])])[0][0][0] == TRUTH


def test_a_datagram_outlives_a_flood_of_as_many_as_linux_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The key that is drawn says which datagrams share a bucket: of a hundred and sixty one is full.
    monkeypatch.setattr("auditor.packets.fragments.secrets.randbelow", lambda _: 12345)
    first, last = pieces(4, carried(4, TRUTH), 24)
    flood = [piece(4, 0, carried(4, b"")[:8], id=1000 + k) for k in range(2)]
    many = []
    for k in range(2000):
        frame = bytearray(flood[0])
        frame[18:20] = (1000 + k).to_bytes(2, "big")
        many.append(bytes(frame))
    assert read([first, *many, last])[0] == [(TRUTH, 0)]


@FAMILIES
def test_a_whole_of_lies_makes_no_truth_forgotten(version: int) -> None:
    truth = pieces(version, carried(version, TRUTH), 24, 32)
    lies = [pieces(version, carried(version, data), 24, 32, ttl=1) for data in (LIE, LIE.upper())]
    found, fragments = read([*truth[:2], lies[0][2], *lies[1], truth[2]])
    assert (found[-1][0], fragments) == (TRUTH, 0)
