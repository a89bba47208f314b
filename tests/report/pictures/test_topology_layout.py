"""Where the ends of a topology stand."""

from __future__ import annotations

import pytest

from auditor.report.pictures.topology_layout import BOX, HIGH, WIDTH, place, rank, sides
from auditor.report.told.topology import Edge, Node

ROLES = ["console", "director", "catalog", "file daemon", "storage daemon", "tray monitor"]


def nodes() -> dict[str, Node]:
    return {
        **{f"{role} {n}": Node(f"{role} {n}", role) for role in ROLES for n in range(3)},
        **{f"x{n}": Node(f"x{n}", "", stranger=True) for n in range(6)},
        "other": Node("other", ""),
    }


def test_no_box_covers_another_and_all_are_inside() -> None:
    placed, height = place(nodes())
    boxes = [*placed.values()]
    assert len(boxes) == len(nodes())
    for index, one in enumerate(boxes):
        assert BOX / 2 <= one.x <= WIDTH - BOX / 2
        assert HIGH / 2 <= one.y <= height - HIGH / 2
        for other in boxes[index + 1 :]:
            assert abs(one.x - other.x) >= BOX or abs(one.y - other.y) >= HIGH


@pytest.mark.parametrize(
    ("initiator", "acceptor", "expected"),
    [
        ("console 0", "director 0", ((1, 0), (-1, 0))),
        ("director 0", "file daemon 0", ((0, 1), (1, 0))),
        ("file daemon 0", "storage daemon 0", ((1, 0), (-1, 0))),
        ("storage daemon 0", "storage daemon 1", ((1, 0), (1, 0))),
        ("tray monitor 0", "file daemon 1", ((-1, 0), (-1, 0))),
        ("x0", "director 0", ((0, -1), (0, 1))),
    ],
)
def test_an_edge_leaves_towards_where_it_goes(
    initiator: str, acceptor: str, expected: object
) -> None:
    placed, _ = place(nodes())
    assert sides(placed, Edge(initiator, acceptor, "3")) == expected


def test_edges_of_one_side_stand_beside_each_other() -> None:
    placed, _ = place(nodes())
    director = placed["director 0"]
    for index, name in enumerate(("file daemon 0", "file daemon 2", "storage daemon 0")):
        director.docks[0, 1].append((rank(director, placed[name], (0, 1)), index))
    xs = [director.dock((0, 1), index)[0] for index in range(3)]
    assert xs == sorted(xs)
    assert len({*xs}) == 3
