"""``audit.plot``: five pictures, on axes that are given or their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audits import FLOW, made, recorded
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

KINDS = ["overview", "topology", "timeline", "heartbeats", "intervals"]


@pytest.fixture(autouse=True)
def _without_windows() -> Iterator[None]:
    pyplot.switch_backend("agg")
    yield
    pyplot.close("all")


def draw(name: str, kind: str, ax: Axes | None = None) -> Axes:
    return getattr(recorded(name).plot, kind)(ax)


def texts(axes: Axes) -> set[str]:
    ticks = {label.get_text() for label in axes.get_yticklabels()}
    return {one.get_text() for one in axes.texts} | ticks


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_has_a_figure_of_its_own(kind: str) -> None:
    axes = draw("heartbeat", kind)
    assert pyplot.get_fignums() == [axes.figure.number]
    assert len(texts(axes)) > 5
    axes.figure.canvas.draw()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_drawn_where_it_shall_be_and_nowhere_else(kind: str) -> None:
    ours, other = Figure(figsize=(6, 4)).subplots(1, 2)
    assert draw("trouble", kind, ours) is ours
    assert ours.has_data() or ours.texts
    assert not other.has_data() and not other.texts
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize("kind", ["overview", "topology", "heartbeats"])
def test_letters_are_smaller_where_there_is_less_room(kind: str) -> None:
    def size(width: float) -> float:
        axes = draw("heartbeat", kind, Figure(figsize=(width, 5)).add_axes((0, 0, 1, 1)))
        return max(one.get_fontsize() for one in axes.texts)

    assert size(4) == pytest.approx(size(8) / 2)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_where_nothing_is_known_a_sentence_says_so(kind: str) -> None:
    axes = getattr(made().plot, kind)()
    (told,) = axes.texts
    assert told.get_text().endswith(".")
    assert not axes.axison


def test_nothing_exercises_no_number() -> None:
    assert sum(one.get_text() == "–" for one in made().plot.overview().texts) == 13


@pytest.mark.parametrize("kind", ["topology", "timeline", "heartbeats", "intervals"])
def test_a_hostile_name_is_only_a_name(kind: str) -> None:
    evil = "$\\frac{$\x1b[2J\u202e" + "x" * 4096
    probe = {"flow": "f1", "side": "initiator", "interval_s": 60.0, "time": FLOW["started"],
             "exact": True}  # fmt: skip
    audit = made(flows=[{**FLOW, "initiator_daemon": evil, "watched_s": 9.0}], probes=[probe])
    axes = getattr(audit.plot, kind)()
    axes.figure.canvas.draw()
    (told,) = [one for one in texts(axes) if "frac" in one]
    assert "$\\frac{$?[2J?" in told and len(told) < 80
