"""The manual's overview on the page."""

from __future__ import annotations

from itertools import combinations

from audits import made, recorded
from pages import page_of

from auditor.report.html.diagram import drawn, said
from auditor.report.pictures.overview_places import BOXES, HEIGHT, WIDTH
from auditor.report.told.standing import standings
from auditor.report.told.view import View


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
