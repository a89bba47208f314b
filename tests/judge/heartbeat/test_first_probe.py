"""When a silent connection first speaks, and which interval survives a limit."""

from __future__ import annotations

import pytest

from auditor.judge.heartbeat.first_probe import first_probe, surviving_interval
from auditor.site.heartbeat import Heartbeat


@pytest.mark.parametrize(
    ("heartbeat", "idle", "latest"),
    [
        (Heartbeat(60), 7200, 67.5),
        (Heartbeat(0), 7200, 8100),
        (Heartbeat(0), 600, 675),
        (Heartbeat(None), 7200, None),
        (Heartbeat(0, speaks=30), 7200, 30),
        (Heartbeat(0, speaks=600), 300, 337.5),
    ],
)
def test_it_comes_an_eighth_late_at_most(
    heartbeat: Heartbeat, idle: int, latest: float | None
) -> None:
    """bareos.md §6.1; §1.8 for what speaks by itself."""
    assert first_probe(heartbeat, idle) == latest


@pytest.mark.parametrize("limit", [1, 5, 11, 18, 60, 240, 350, 600, 900, 1200, 3600, 7440, 86400])
def test_what_is_proposed_survives_the_limit(limit: float) -> None:
    seconds = surviving_interval(limit)
    latest = first_probe(Heartbeat(seconds), 7200)
    assert latest is not None and (latest <= limit or seconds == 1)
    assert seconds <= 1800


def test_a_lost_probe_is_survived_too_where_there_is_time() -> None:
    assert surviving_interval(3600) == 1200
    assert surviving_interval(350) == 120
    assert surviving_interval(None) == 60
