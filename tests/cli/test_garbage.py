"""Garbage is looked for seldom in a short run, and as ever in one that goes on for days."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from auditor.cli import garbage

USUAL = gc.get_threshold()


@pytest.fixture(autouse=True)
def taken_back() -> Iterator[None]:
    yield
    gc.set_threshold(*USUAL)


def test_a_short_run_looks_seldom_for_what_is_new_only() -> None:
    garbage.seldom()
    assert gc.get_threshold() == (200_000, *USUAL[1:])


def test_a_long_one_looks_as_python_does() -> None:
    garbage.seldom()
    garbage.as_ever()
    assert gc.get_threshold() == USUAL
