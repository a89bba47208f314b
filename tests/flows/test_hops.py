"""From how far away a segment came."""

from __future__ import annotations

import pytest

from auditor.flows.flow import Side
from auditor.flows.hops import hops, is_foreign_rst


@pytest.mark.parametrize(
    ("ttl", "found"), [(64, 0), (63, 1), (128, 0), (125, 3), (255, 0), (250, 5), (32, 0), (0, 32)]
)
def test_hosts_begin_with_a_round_number(ttl: int, found: int) -> None:
    assert hops(ttl) == found


@pytest.mark.parametrize(
    ("ttl", "rst_ttl", "foreign"),
    [(64, 64, False), (64, 255, False), (61, 252, False), (64, 57, True), (0, 57, False)],
)
def test_a_rst_from_elsewhere_comes_from_another_distance(
    ttl: int, rst_ttl: int, foreign: bool
) -> None:
    assert is_foreign_rst(Side("10.0.0.31", 9102, ttl=ttl, rst_ttl=rst_ttl)) is foreign
