"""Where the ends of a topology stand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from auditor.report.pictures.topology_layout import BOX, FRAME, HIGH, WIDTH, place, rank, sides
from auditor.report.told.topology import Edge, Node

ROLES = ["console", "director", "catalog", "file daemon", "storage daemon", "tray monitor"]


def nodes() -> dict[str, Node]:
    return {
        **{f"{role} {n}": Node(f"{role} {n}", role) for role in ROLES for n in range(3)},
        **{f"x{n}": Node(f"x{n}", "", stranger=True) for n in range(6)},
        "other": Node("other", ""),
    }


def hosts() -> dict[str, Node]:
    """Three hosts of all roles, and two consoles at one address."""
    made = nodes()
    for name, node in made.items():
        node.addresses[f"10.0.0.{name[-1]}" if node.role != "console" else "10.0.0.9"] = None
    return made


def test_a_frame_holds_what_is_at_its_address_and_covers_nobody_else() -> None:
    placed, frames, height = place(hosts())
    assert [frame.address for frame in frames] == ["10.0.0.9", "10.0.0.0", "10.0.0.1", "10.0.0.2"]
    for frame in frames:
        assert 0 < frame.top < frame.bottom < height
        assert FRAME / 2 <= frame.x <= WIDTH - FRAME / 2
        for one in placed.values():
            if frame.address in one.node.addresses and not one.node.stranger:
                assert one.x == frame.x
                assert frame.top < one.y - HIGH / 2 < one.y + HIGH / 2 < frame.bottom
            else:
                apart = abs(one.x - frame.x) >= (BOX + FRAME) / 2
                assert apart or one.y + HIGH / 2 < frame.top or one.y - HIGH / 2 > frame.bottom
    tops = sorted((frame.top, frame.bottom) for frame in frames if frame.x == WIDTH / 2)
    assert all(one[1] < other[0] for one, other in pairwise(tops))


@pytest.mark.parametrize("made", [nodes, hosts])
def test_no_box_covers_another_and_all_are_inside(made: Callable[[], dict[str, Node]]) -> None:
    placed, _, height = place(made())
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
        ("director 2", "file daemon 0", ((0, 1), (1, 0))),
        ("director 0", "file daemon 0", ((-1, 0), (1, 0))),
        ("file daemon 0", "storage daemon 0", ((1, 0), (-1, 0))),
        ("storage daemon 0", "storage daemon 1", ((1, 0), (1, 0))),
        ("tray monitor 0", "file daemon 1", ((-1, 0), (-1, 0))),
        ("x0", "director 2", ((0, -1), (0, 1))),
    ],
)
def test_an_edge_leaves_towards_where_it_goes(
    initiator: str, acceptor: str, expected: object
) -> None:
    placed = place(nodes()).placed
    assert sides(placed, Edge(initiator, acceptor, "3")) == expected


def test_edges_of_one_side_stand_beside_each_other() -> None:
    placed = place(nodes()).placed
    director = placed["director 0"]
    for index, name in enumerate(("file daemon 0", "file daemon 2", "storage daemon 0")):
        director.docks[0, 1].append((rank(director, placed[name], (0, 1)), index))
    xs = [director.dock((0, 1), index)[0] for index in range(3)]
    assert xs == sorted(xs)
    assert len({*xs}) == 3
