"""When a probe must and must not come (bareos.md §6.1, §9.5)."""

from __future__ import annotations

import pytest

from auditor.judge.heartbeat.probe_window import ProbeWindow, probe_window

MS = 1_000_000
RTT = 5 * MS


def window(seconds: float) -> ProbeWindow:
    return probe_window(int(seconds), RTT)


@pytest.mark.parametrize(
    ("seconds", "measured"),
    [
        (2, 2.016), (3, 3.07), (3, 3.17), (5, 5.2), (6, 6.1), (7, 7.2), (8, 8.2), (9, 9.2),
        (20, 20.48), (60, 60.7), (60, 61.44), (300, 312.6), (300, 311.296),
    ],
)  # fmt: skip
def test_what_was_measured_is_allowed(seconds: int, measured: float) -> None:
    """The intervals of §6.1, at HZ = 250."""
    assert window(seconds).allows(round(measured * 1000) * MS)


@pytest.mark.parametrize(
    ("seconds", "late"), [(60, 2), (300, 16), (60, 4), (300, 32), (7200, 131), (7200, 262)]
)
def test_the_kernels_own_lateness_is_allowed(seconds: int, late: int) -> None:
    """The upper bounds of §6.1 for HZ 250 and HZ 1000."""
    assert window(seconds).allows((seconds + late) * 1000 * MS)


@pytest.mark.parametrize(
    ("seconds", "other"), [(60, 54), (60, 59.8), (60, 69), (75, 60), (60, 75), (7200, 60), (2, 3)]
)
def test_another_interval_is_not(seconds: int, other: float) -> None:
    """A symmetric tolerance of ten percent would allow 54 s for 60 s."""
    assert not window(seconds).allows(round(other * 1000) * MS)


@pytest.mark.parametrize("seconds", [1, 60, 32767])
@pytest.mark.parametrize(("rtt", "way"), [(0, 0), (30 * MS, 30 * MS), (None, 1000 * MS)])
def test_it_is_a_tenth_early_to_an_eighth_and_the_round_trip_late(
    seconds: int, rtt: int | None, way: int
) -> None:
    """§9.5: [H − 0.1 s, 1.125·H + RTT + 0.1 s]; a round trip that was not seen is taken as 1 s."""
    low, high = probe_window(seconds, rtt)
    assert low == seconds * 1000 * MS - 100 * MS
    assert high == seconds * 1125 * MS + way + 100 * MS
    allowed = [probe_window(seconds, rtt).allows(at) for at in (low - 1, low, high, high + 1)]
    assert allowed == [False, True, True, False]
