"""The offset of UTC to the time since boot comes from the closest pair of readings."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from auditor.capture.ebpf import clock
from auditor.capture.ebpf.clock import BootClock, boot_ns, sample_clock

OFFSET = 1_800_000_000_000_000_000


@pytest.fixture
def clocks(monkeypatch):
    """Return what sets how long (ns) a pair takes, and when in it the wall clock is read."""

    def tick(widths: list[int], share: float = 0.5) -> None:
        state = {"now": 1000, "turn": 0}

        def width() -> int:
            return widths[state["turn"] % len(widths)]

        def boot(which: str) -> int:
            assert which == "boot"
            return state["now"]

        def wall() -> int:
            before = state["now"]
            state["now"] = before + width()
            read = before + round(width() * share)
            state["turn"] += 1
            return OFFSET + read

        double = SimpleNamespace(CLOCK_BOOTTIME="boot", clock_gettime_ns=boot, time_ns=wall)
        monkeypatch.setattr(clock, "time", double)

    return tick


@pytest.mark.parametrize("at", [0, 31, 63])
def test_the_closest_of_64_pairs_counts(clocks, at):
    widths = [5000] * 64
    widths[at] = 100
    clocks(widths)
    assert sample_clock() == BootClock(OFFSET, 50)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 1.0])
@pytest.mark.parametrize("width", [1, 7, 1000])
def test_the_offset_is_as_accurate_as_it_says(clocks, share, width):
    clocks([width], share)
    sampled = sample_clock()
    assert abs(sampled.offset - OFFSET) <= sampled.accuracy == (width + 1) // 2


def test_utc_is_the_time_since_boot_and_the_offset(clocks):
    clocks([0])
    assert BootClock(OFFSET, 50).utc(boot_ns()) == OFFSET + 1000
