"""The manual's overview: thirteen arrows, each from who dials to whom, none across another."""

from __future__ import annotations

from itertools import combinations

import pytest

from auditor.report.pictures.overview_places import ARROWS, BOXES, Arrow, Box
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
