"""Lanes of charts."""

from __future__ import annotations

import pytest
from audits import FLOW, made
from matplotlib.figure import Figure

from auditor.report.pictures.charts import MOST_LANES, lane_name, lane_of, left_out, say_nothing
from auditor.report.told.view import View


def lane(**flow: object) -> tuple[int, str, str]:
    return lane_of(View(made(flows=[{**FLOW, **flow}])).flows[0])


@pytest.mark.parametrize(
    ("flow", "name"),
    [
        ({}, " 5a  dir → sd"),
        ({"connection": "12", "acceptor_daemon": "catalog c"}, " 12  dir → c"),
        ({"connection": ""}, "  –  director dir → storage daemon sd"),
        ({"connection": "", "acceptor_daemon": "192.0.2.20"}, "  –  director dir → 192.0.2.20"),
        (
            {"initiator_daemon": "director " + "x" * 99},
            " 5a  " + "x" * 14 + "…" + "x" * 7 + " → sd",
        ),
    ],
)
def test_a_lane_is_named_by_its_number_and_its_ends(flow: dict[str, object], name: str) -> None:
    assert lane_name(lane(**flow)) == name


def test_lanes_are_in_the_manuals_order_and_those_without_a_number_last() -> None:
    numbers = ["12", "5b", "", "5a", "10", "9", "3"]
    shown, left = left_out((lane(connection=number) for number in numbers), set())
    assert [lane_name(one).split()[0] for one in shown] == ["3", "5a", "5b", "9", "10", "12", "–"]
    assert left == 0


def test_connections_that_are_alike_share_one() -> None:
    assert lane(initiator_port=1) == lane(initiator_port=2, id="f2")


def test_more_lanes_than_there_is_room_for_are_counted() -> None:
    lanes = [(3, f"d{n:03}", "sd") for n in range(MOST_LANES + 7)]
    shown, left = left_out(reversed(lanes), set())
    assert shown == lanes[:MOST_LANES] and left == 7


def test_what_fails_is_never_the_one_that_is_left_out() -> None:
    lanes = [(3, f"d{n:03}", "sd") for n in range(MOST_LANES + 7)]
    shown, left = left_out(lanes, {lanes[-1], lanes[2]})
    assert shown == [*lanes[: MOST_LANES - 1], lanes[-1]] and left == 7


def test_a_sentence_stands_where_nothing_is_drawn() -> None:
    axes = Figure().subplots()
    say_nothing(axes, "Nobody was seen.")
    assert [one.get_text() for one in axes.texts] == ["Nobody was seen."]
    assert not axes.axison
