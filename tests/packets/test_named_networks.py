"""Words for networks and the numbers in them."""

from __future__ import annotations

import pytest

from auditor.packets.named_networks import named_numbers, words_of


@pytest.mark.parametrize(
    "named",
    [[("VLAN", 7)], [("VLAN", 7), ("VNI", 5001)], [("GRE key", 4_294_967_295), ("VSID", 1)]],
)
def test_numbers_are_read_back(named: list[tuple[str, int]]) -> None:
    assert named_numbers(words_of(named)) == named


@pytest.mark.parametrize(
    "words",
    ["VLAN", "VLAN 7 x", "no VLAN", "network 0x8a31", "VLAN 007", "VLAN 7 || frame", "VLAN ٧"],
)
def test_other_words_have_no_numbers(words: str) -> None:
    assert named_numbers(words) == []
