"""The overview as matplotlib draws it."""

from __future__ import annotations

import pytest
from audits import made, recorded
from matplotlib.figure import Figure

from auditor.report.pictures.overview_plot import LOOKS, overview_plot
from auditor.report.pictures.sheet import LIGHT
from auditor.report.told.standing import State, standings
from auditor.report.told.view import View
from auditor.site.connections import connections


def texts(name: str) -> list[str]:
    axes = Figure(figsize=(8, 8)).add_axes((0, 0, 1, 1))
    overview_plot(standings(View(recorded(name)))).on(axes, LIGHT)
    return [one.get_text() for one in axes.texts]


@pytest.mark.parametrize("name", ["trouble", "modes"])
def test_each_number_stands_with_the_sign_of_its_state(name: str) -> None:
    drawn = texts(name)
    for one in standings(View(recorded(name))):
        assert drawn[drawn.index(one.number) + 1] == LOOKS[one.state].sign


def test_states_differ_by_more_than_colour() -> None:
    assert set(LOOKS) == set(State)
    assert len({look.sign for look in LOOKS.values()}) == len(State)
    drawn = texts("modes")
    assert all(f"{look.sign} {state}" in drawn for state, look in LOOKS.items())


def test_a_screen_reader_hears_every_number() -> None:
    label = overview_plot(standings(View(made()))).label
    assert all(f"{number} not exercised" in label for number in connections())
    assert "3 fail" in overview_plot(standings(View(recorded("trouble")))).label
