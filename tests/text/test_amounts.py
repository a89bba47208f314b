"""Amounts with a unit."""

from __future__ import annotations

import pytest

from auditor.text.amounts import TIME_UNITS, amount


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("350s", 350), ("60m", 3600), ("1.5 h", 5400), ("5D", 432000), (" 2 m ", 120)],
)
def test_a_number_with_a_unit_is_an_amount(text: str, seconds: float) -> None:
    assert amount(text, TIME_UNITS) == seconds


@pytest.mark.parametrize("text", ["", "m", "-5", "0", "0h", "5 weeks", "5m5s", "1e3", "٣"])
def test_anything_else_is_none(text: str) -> None:
    assert amount(text, TIME_UNITS) is None
