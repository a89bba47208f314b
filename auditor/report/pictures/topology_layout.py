"""Where the ends of a site's topology stand, and at which side of its box each edge docks:
consoles, Directors and catalogs above, clients left, storage right, and strangers below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.report.told.topology import Edge, Node
from auditor.site.model import Role

WIDTH = 940
#: Size of a box, the gap below it, and the middles of the three columns.
BOX, HIGH, _GAP = 190, 38, 16
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


def place(nodes: Mapping[str, Node]) -> tuple[dict[str, Placed], float]:
    """Return every end with its place, and the height of the picture."""
    cells: dict[tuple[int, int], list[Node]] = defaultdict(list)
    strangers = []
    for node in nodes.values():
        if node.stranger:
            strangers.append(node)
        else:
            cells[_PLACES.get(node.role, (1, 1))].append(node)
    step = HIGH + _GAP
    above = max((len(found) for (row, _), found in cells.items() if row == 0), default=0)
    below = max((len(found) for (row, _), found in cells.items() if row == 1), default=0)
    begins = (_TOP + HIGH / 2, _TOP + above * step + (34 if above and below else 0) + HIGH / 2)
    placed = {
        node.name: Placed(node, _COLUMNS[column], begins[row] + index * step, row, column)
        for (row, column), found in cells.items()
        for index, node in enumerate(found)
    }
    bottom = begins[1] + below * step - HIGH / 2
    for index, node in enumerate(strangers):
        line, place = divmod(index, _STRANGERS_A_ROW)
        in_row = min(_STRANGERS_A_ROW, len(strangers) - line * _STRANGERS_A_ROW)
        x = WIDTH / 2 + (place - (in_row - 1) / 2) * (BOX + 2 * _GAP)
        y = bottom + 40 + HIGH / 2 + line * step
        placed[node.name] = Placed(node, x, y, 2, 1)
    height = max((one.y for one in placed.values()), default=0) + HIGH / 2 + _TOP
    return placed, height


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
        if one.row == 0 and other.row > 0:
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
