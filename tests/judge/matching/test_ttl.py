"""A segment that still has its initial hop count has passed no router."""

import pytest

from auditor.flows.flow import Side
from auditor.judge.matching.ttl import has_initial_ttl


@pytest.mark.parametrize("ttl", [64, 128, 255])
def test_systems_start_with_these_and_one_less_has_passed_a_router(ttl: int) -> None:
    assert has_initial_ttl(Side("192.0.2.1", 1, ttl=ttl))
    assert not has_initial_ttl(Side("192.0.2.1", 1, ttl=ttl - 1))


def test_a_side_that_was_not_seen_proves_nothing() -> None:
    assert not has_initial_ttl(Side("192.0.2.1", 1))
