"""The manual's overview: thirteen arrows, none through a box, none across another."""

from __future__ import annotations

from itertools import combinations

import pytest
from audits import made, recorded
from pages import page_of

from auditor.report.html.diagram import ARROWS, BOXES, HEIGHT, WIDTH, Arrow, Box, drawn, said
from auditor.report.told.standing import standings
from auditor.report.told.view import View
from auditor.site.connections import connections

ROLES = {
    "console": {"Console, named", "Console, default"},
    "director": {"Director"},
    "file daemon": {"File Daemon"},
    "storage daemon": {"Storage Daemon", "2nd Storage D."},
    "tray monitor": {"Tray monitor"},
    "catalog": {"Catalog"},
}


def at_edge(box: Box, x: int, y: int) -> bool:
    across = box.x <= x <= box.x + box.width and y in {box.y, box.y + box.height}
    along = box.y <= y <= box.y + box.height and x in {box.x, box.x + box.width}
    return across or along


@pytest.mark.parametrize("number", ARROWS)
def test_each_arrow_goes_from_who_dials_to_whom(number: str) -> None:
    arrow, known = ARROWS[number], connections()[number]
    begins = {box.name for box in BOXES if at_edge(box, arrow.x1, arrow.y1)}
    ends = {box.name for box in BOXES if at_edge(box, arrow.x2, arrow.y2)}
    assert begins and begins <= ROLES[known.initiator]
    assert ends and ends <= ROLES[known.acceptor]


def test_every_connection_has_its_arrow() -> None:
    assert list(ARROWS) == list(connections())


def side(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (c[1] - a[1]) * (b[0] - a[0]) > (b[1] - a[1]) * (c[0] - a[0])


def cross(one: Arrow, other: Arrow) -> bool:
    a, b, c, d = (one.x1, one.y1), (one.x2, one.y2), (other.x1, other.y1), (other.x2, other.y2)
    return side(a, c, d) != side(b, c, d) and side(a, b, c) != side(a, b, d)


def test_no_two_arrows_cross() -> None:
    assert not [pair for pair in combinations(ARROWS, 2) if cross(*(ARROWS[n] for n in pair))]


def test_no_two_numbers_overlap_and_all_are_inside() -> None:
    places = [(one["x"], one["y"]) for one in drawn(standings(View(made())))]
    assert all(33 <= x <= WIDTH - 33 and 17 <= y <= HEIGHT - 17 for x, y in places)
    for (x, y), (u, v) in combinations(places, 2):
        assert abs(x - u) > 66 or abs(y - v) > 34
    for x, y in places:
        for box in BOXES:
            inside_x = box.x - 33 < x < box.x + box.width + 33
            assert not (inside_x and box.y - 17 < y < box.y + box.height + 17)


def test_a_state_is_told_by_words_and_by_a_shape_too() -> None:
    arrows = page_of(recorded("trouble")).find("g", of_class="arrow")
    assert len(arrows) == 13
    signs = {}
    for arrow in arrows:
        assert (arrow.attributes["role"], arrow.attributes["tabindex"]) == ("button", "0")
        assert arrow.attributes["aria-pressed"] == "false"
        (state,) = {"pass", "fail", "unknown", "forbidden", "idle"} & {
            *arrow.attributes["class"].split()
        }
        assert state.replace("idle", "not exercised") in arrow.attributes["aria-label"]
        (sign,) = arrow.find("path", of_class="sign")
        signs.setdefault(state, set()).add(sign.attributes["d"])
    assert all(len(shapes) == 1 for shapes in signs.values())
    assert len({*map(min, signs.values())}) == len(signs) >= 3


def test_what_is_said_of_an_arrow_begins_with_its_number() -> None:
    told = [said(one) for one in standings(View(recorded("trouble")))]
    assert told[0] == "1, named console to Director: pass, 1 seen, 1 proven"
    assert told[2] == "3, Director to File Daemon: fail, 1 finding; 2 seen, 1 proven"
