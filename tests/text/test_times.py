"""Times as text."""

from __future__ import annotations

import pytest

from auditor.text.times import from_iso, iso, length

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("time", "full", "brief"),
    [
        (0, "1970-01-01T00:00:00.000000000Z", "1970-01-01T00:00:00+00:00"),
        (1, "1970-01-01T00:00:00.000000001Z", "1970-01-01T00:00:00.000000001+00:00"),
        (1000, "1970-01-01T00:00:00.000001000Z", "1970-01-01T00:00:00.000001+00:00"),
        (-1, "1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999999+00:00"),
        (
            1_800_000_000 * SECOND + 500_000_000,
            "2027-01-15T08:00:00.500000000Z",
            "2027-01-15T08:00:00.500000+00:00",
        ),
        ((1 << 62), "2116-02-20T23:53:38.427387904Z", "2116-02-20T23:53:38.427387904+00:00"),
    ],
)
def test_a_time_is_written_to_the_nanosecond(time: int, full: str, brief: str) -> None:
    assert (iso(time), iso(time, brief=True)) == (full, brief)
    assert from_iso(full) == time


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00.123456789",
        "2027-01-15T08:00:00.12345678xZ",
        "2027-01-15T08:00:00.12345678²Z",
        "2027-13-15T08:00:00.123456789Z",
        "2027-01-15 25:00:00.123456789Z",
        "9" * 200,
    ],
)
def test_what_was_not_written_so_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|hour|Invalid"):
        from_iso(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.5, "0.5 s"),
        (67.5, "67.5 s"),
        (119.96, "120 s"),
        (120, "2 min"),
        (350, "5 min 50 s"),
        (3600, "1 h"),
        (8100, "2 h 15 min"),
        (432000, "5 d"),
        (90061, "1 d 1 h 1 min 1 s"),
    ],
)
def test_a_length_is_told_as_people_say_it(seconds: float, shown: str) -> None:
    assert length(seconds) == shown
