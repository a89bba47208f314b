"""Sums of numbers with units, as Bareos adds them up (bareos.md §5.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.config.quantities import SIZE_UNITS, SPEED_UNITS, TIME_UNITS, says_months, total

DAY = 86400
#: Every word of §5.5 that is a unit of time, in seconds.
WORDS = {
    "": 1, "n": 60, "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "m": 30 * DAY, "mo": 30 * DAY, "months": 30 * DAY,
    "mi": 60, "min": 60, "minute": 60, "minutes": 60, "mins": 60,
    "h": 3600, "hours": 3600, "d": DAY, "days": DAY, "w": 7 * DAY, "weeks": 7 * DAY,
    "q": 91 * DAY, "quarter": 91 * DAY, "y": 365 * DAY, "years": 365 * DAY,
}  # fmt: skip
PAIRS = st.tuples(st.integers(0, 999), st.sampled_from(sorted(WORDS)), st.sampled_from(["", " "]))


@pytest.mark.parametrize(("word", "seconds"), list(WORDS.items()))
def test_a_unit_may_be_cut_to_any_prefix_and_the_first_that_fits_counts(
    word: str, seconds: int
) -> None:
    assert total(f"3 {word}", TIME_UNITS) == total(f"3{word.upper()}", TIME_UNITS) == 3 * seconds


@pytest.mark.parametrize("word", ["secs", "hr", "hrs", "x", "minutess", "ms"])
def test_what_is_no_prefix_of_a_unit_is_none(word: str) -> None:
    assert total(f"3 {word}", TIME_UNITS) is None


@given(st.lists(PAIRS, min_size=1, max_size=5))
def test_a_total_is_the_sum_of_its_pairs(pairs: list[tuple[int, str, str]]) -> None:
    text = " ".join(f"{number}{blank}{word}" for number, word, blank in pairs)
    assert total(text, TIME_UNITS) == sum(number * WORDS[word] for number, word, _ in pairs)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5 h", 5400),
        (".5 min", 30),
        ("1. min", 60),
        ("0.9", 0),
        ("0.9 0.9", 0),
        ("-1 min", -60),
        ("+1 min", 60),
        ("1e2", 100),
        ("  7  ", 7),
        ("7\r\n", 7),
        ("", 0),
    ],
)
def test_a_number_may_have_decimals_and_each_pair_is_rounded_down(text: str, seconds: int) -> None:
    assert total(text, TIME_UNITS) == seconds


@pytest.mark.parametrize("text", ["1 min, 30 s", "min", "1 2 x", "--1", "1 min 30 s ;"])
def test_what_is_left_over_makes_it_none(text: str) -> None:
    assert total(text, TIME_UNITS) is None


@pytest.mark.parametrize(
    ("text", "known"), [("9e18", True), ("-9e18", True), ("1e19", False), ("3e11 y", False)]
)
def test_a_pair_beyond_64_bits_is_none(text: str, known: bool) -> None:
    assert (total(text, TIME_UNITS) is not None) is known


@pytest.mark.parametrize(("power", "letter"), list(enumerate("kmgtpe", 1)))
def test_sizes_are_binary_and_with_b_decimal(power: int, letter: str) -> None:
    assert total(f"2{letter}", SIZE_UNITS) == 2 * 1024**power
    assert total(f"2 {letter}B", SIZE_UNITS) == 2 * 1000**power


@pytest.mark.parametrize(
    ("text", "speed"),
    [("2 k", 2048), ("2 kb", 2000), ("2kb/s", 2000), ("2m/s", 2 << 20), ("2 g/s", None)],
)
def test_speeds_are_kilo_and_mega(text: str, speed: int | None) -> None:
    assert total(text, SPEED_UNITS) == speed


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("1 m", True), ("1m", True), ("1.M", True), ("1 m 30 s", True), ("30 s 1m", True),
        ("1m30s", True), ("1 mi", False), ("1 mo", False), ("60", False), ("m", False),
    ],
)  # fmt: skip
def test_a_bare_m_is_a_month_and_seldom_meant(text: str, months: bool) -> None:
    assert says_months(text) is months
