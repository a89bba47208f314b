"""Lengths of time and sizes, as people write them."""

from __future__ import annotations

from contextlib import suppress

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.cli.quantities import DURATION, SIZE, Quantity


@pytest.mark.parametrize(
    ("kind", "written", "number"),
    [
        (DURATION, "90s", 90),
        (DURATION, "90", 90),
        (DURATION, "1.5m", 90),
        (DURATION, " 2 H ", 7200),
        (DURATION, "7d", 604800),
        (DURATION, "0.5", 0.5),
        (SIZE, "500K", 512000),
        (SIZE, "100M", 100 << 20),
        (SIZE, "2gb", 2 << 30),
        (SIZE, "4096", 4096),
        (SIZE, 4096, 4096),  # a default that is a number already
    ],
)
def test_a_number_and_its_unit(kind: Quantity, written: object, number: float) -> None:
    assert kind.convert(written, None, None) == number


@pytest.mark.parametrize("kind", [DURATION, SIZE])
@pytest.mark.parametrize(
    "written",
    ["", "s", "0", "0.0", "-1", "+1", "1e3", "1,5", ".5", "5.", "1x", "1 2", "٣", "9" * 16],
)
def test_anything_else_is_refused_with_how_to_write_it(kind: Quantity, written: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        kind.convert(written, None, None)
    example = "90s, 10m or 2h" if kind is DURATION else "500K, 100M or 2G"
    assert caught.value.message.startswith(f"{written!r}: write it like {example} (units: ")


@given(st.integers(1, 10**15 - 1), st.sampled_from(["", "k", "KB", "m", "Mb", "G", "gB"]))
def test_a_size_is_in_powers_of_1024(number: int, unit: str) -> None:
    power = " kmg".index(unit[:1].lower() or " ")
    assert SIZE.convert(f"{number}{unit}", None, None) == float(number) * 1024**power


@given(st.text(max_size=12))
def test_no_text_is_a_fault_or_a_number_that_is_not_positive(text: str) -> None:
    with suppress(click.BadParameter):
        assert DURATION.convert(text, None, None) > 0
