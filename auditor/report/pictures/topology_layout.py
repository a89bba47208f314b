"""Where the ends of a site's topology stand, and at which side of its box each edge docks:
consoles, Directors and catalogs above, clients left, storage right, strangers below, and in a frame
what is at one address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.report.pictures.topology_hosts import Unit, units
from auditor.report.told.topology import Edge, Node
from auditor.site.model import Role

WIDTH = 940
#: Size of a box, the gap below it, and the middles of the three columns.
BOX, HIGH, _GAP = 190, 38, 16
#: Width of a frame, and the room that it takes above its boxes, and around them.
_TITLE, _MARGIN = 20, 9
FRAME = BOX + 2 * _MARGIN
_COLUMNS = (130, 470, 810)
_TOP = 24
_STRANGERS_A_ROW = 4

#: Away from the middle of a box, across and down.
Side = tuple[int, int]

#: Where a role stands: its row (0 above, 1 below) and its column.
_PLACES: Mapping[str, tuple[int, int]] = {
    Role.CONSOLE: (0, 0),
    Role.TRAY_MONITOR: (0, 0),
    Role.DIRECTOR: (0, 1),
    Role.CATALOG: (0, 2),
    Role.FILE_DAEMON: (1, 0),
    Role.STORAGE_DAEMON: (1, 2),
    "": (1, 1),
}
#: The sides at which an edge leaves and arrives, by the columns and rows of its ends.
_LEFT, _RIGHT, _TOP_SIDE, _BOTTOM = (-1, 0), (1, 0), (0, -1), (0, 1)


@dataclass(slots=True)
class Placed:
    """An end with the middle of its box, and the row and column that it stands in."""

    node: Node
    x: float
    y: float
    row: int
    """0: above, 1: below, 2: strangers."""
    column: int
    last: bool = True
    """Nothing stands below it in its cell."""
    docks: dict[Side, list[tuple[tuple[float, float], int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By side: where each edge goes to, and which it is."""

    def dock(self, side: Side, edge: int) -> tuple[float, float]:
        """Return where an edge touches the box: edges of one side stand beside each other."""
        order = sorted(self.docks[side])
        place = next(rank for rank, (_, one) in enumerate(order) if one == edge)
        share = (place + 1) / (len(order) + 1) - 0.5
        across, down = side
        return (
            self.x + (across * BOX / 2 if across else share * BOX),
            self.y + (down * HIGH / 2 if down else share * HIGH),
        )


class Frame(NamedTuple):
    """What holds the boxes of all that is at one address."""

    address: str
    x: float
    """Of its middle; it is ``FRAME`` wide."""
    top: float
    bottom: float


class Layout(NamedTuple):
    """Where everything stands."""

    placed: dict[str, Placed]
    """Every end by its name."""
    frames: list[Frame]
    height: float
    """Of the picture."""


def place(nodes: Mapping[str, Node]) -> Layout:
    """Return every end with its place; those at one address stand below each other."""
    cells: dict[tuple[int, int], list[Unit]] = defaultdict(list)
    strangers = [node for node in nodes.values() if node.stranger]
    for unit in units(node for node in nodes.values() if not node.stranger):
        cells[_PLACES.get(unit.role, (1, 1))].append(unit)
    heights = [0.0, 0.0]
    for (row, _), found in cells.items():
        heights[row] = max(heights[row], sum(map(_height, found)))
    begins = (_TOP, _TOP + heights[0] + (34 if all(heights) else 0))
    layout = Layout({}, [], 0)
    for (row, column), found in cells.items():
        _fill(layout, found, row, column, begins[row])
    _place_strangers(layout, strangers, begins[1] + heights[1])
    bottoms = (
        *(one.y + HIGH / 2 for one in layout.placed.values()),
        *(frame.bottom for frame in layout.frames),
    )
    return layout._replace(height=max(bottoms, default=0) + _TOP)


def _height(unit: Unit) -> float:
    """Return how much room a unit takes with the gap below it."""
    return len(unit.nodes) * (HIGH + _GAP) + (_TITLE + _MARGIN if unit.address else 0)


def _fill(layout: Layout, found: Sequence[Unit], row: int, column: int, top: float) -> None:
    """Place units below each other in one cell."""
    x = _COLUMNS[column]
    count = sum(len(unit.nodes) for unit in found)
    for unit in found:
        y = top + HIGH / 2 + (_TITLE if unit.address else 0)
        for node in unit.nodes:
            count -= 1
            layout.placed[node.name] = Placed(node, x, y, row, column, last=not count)
            y += HIGH + _GAP
        if unit.address:
            bottom = y - HIGH / 2 - _GAP + _MARGIN
            layout.frames.append(Frame(unit.address, x, top, bottom))
        top += _height(unit)


def _place_strangers(layout: Layout, strangers: Sequence[Node], bottom: float) -> None:
    for index, node in enumerate(strangers):
        line, place = divmod(index, _STRANGERS_A_ROW)
        in_row = min(_STRANGERS_A_ROW, len(strangers) - line * _STRANGERS_A_ROW)
        x = WIDTH / 2 + (place - (in_row - 1) / 2) * (BOX + 2 * _GAP)
        y = bottom + 40 + HIGH / 2 + line * (HIGH + _GAP)
        layout.placed[node.name] = Placed(node, x, y, 2, 1)


def sides(placed: Mapping[str, Placed], edge: Edge) -> tuple[Side, Side]:
    """Return the sides at which an edge leaves its initiator and reaches its acceptor."""
    one, other = placed[edge.initiator], placed[edge.acceptor]
    if one.column == other.column and one.row < 2 and other.row < 2:
        side = _RIGHT if one.column == 2 else _LEFT
        return (side, side)
    return _side(one, other), _side(other, one)


def _side(one: Placed, other: Placed) -> Side:
    if one.row == 2:
        return _TOP_SIDE
    if one.column == 1:
        if one.row == 0 and other.row > 0 and one.last:
            return _BOTTOM
        return _RIGHT if other.x > one.x else _LEFT
    return _RIGHT if one.column == 0 else _LEFT


def rank(one: Placed, other: Placed, side: Side) -> tuple[float, float]:
    """Return what orders the edges of a side so that they do not cross near it."""
    if side[0]:
        return (other.y, 0)
    left = other.x < one.x
    down = other.y * side[1]
    return (0, down) if left else (1, -down) if other.x > one.x else (0.5, 0)
