"""The site's own topology as a picture: consoles, Directors and catalogs above, clients left,
storage right, and whoever does not belong there below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.report.pictures.sheet import Picture, Sheet, word
from auditor.report.pictures.topology_layout import (
    BOX,
    FRAME,
    HIGH,
    WIDTH,
    Frame,
    Placed,
    place,
    rank,
    sides,
)
from auditor.report.told.standing import State
from auditor.report.told.topology import Edge, Node, Topology

#: How far an edge leaves the box that stands in the column of the other one.
_BULGE = 38

#: How many letters of the second line a box has room for. Where it is less, the column says the
#: role too, and the box is pale where nobody was seen.
_SECOND = 36

_DASHES: Mapping[State, object] = {State.UNKNOWN: (0, (5, 3))}


def topology_plot(shown: Topology) -> Picture | None:
    """Return the picture; None: there is nobody."""
    placed, frames, height = place(shown.nodes)
    if not placed:
        return None
    docked = [sides(placed, edge) for edge in shown.edges]
    for index, (edge, (out, into)) in enumerate(zip(shown.edges, docked, strict=True)):
        one, other = placed[edge.initiator], placed[edge.acceptor]
        one.docks[out].append((rank(one, other, out), 2 * index))
        other.docks[into].append((rank(other, one, into), 2 * index + 1))

    def draw(sheet: Sheet) -> None:
        for frame in frames:
            _draw_frame(sheet, frame)
        for index, (edge, (out, into)) in enumerate(zip(shown.edges, docked, strict=True)):
            begin = placed[edge.initiator].dock(out, 2 * index)
            end = placed[edge.acceptor].dock(into, 2 * index + 1)
            _draw_edge(sheet, edge, index, (begin, out), (end, into))
        for one in placed.values():
            _draw_box(sheet, one)

    return Picture(WIDTH, height, _label(shown, framed=bool(frames)), draw)


def _label(shown: Topology, *, framed: bool) -> str:
    strangers = sum(node.count for node in shown.nodes.values() if node.stranger)
    apart = f"; {strangers} of them unknown to the configuration" if strangers else ""
    there = sum(node.count for node in shown.nodes.values())
    held = "; a frame holds what is at one address" if framed else ""
    return f"The site's topology: {there} ends{apart}{held}; the table below has each edge"


_Dock = tuple[tuple[float, float], tuple[int, int]]


def _draw_edge(sheet: Sheet, edge: Edge, index: int, begin: _Dock, end: _Dock) -> None:
    """Draw one edge as a curve with its number on it, in the colour and dashes of its state."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    ((x1, y1), (dx1, dy1)), ((x2, y2), (dx2, dy2)) = begin, end
    reach = max(36.0, min(150.0, (abs(x2 - x1) + abs(y2 - y1)) * 0.35))
    reach = _BULGE if (dx1, dy1) == (dx2, dy2) else reach
    points = [
        (x1, y1),
        (x1 + dx1 * reach, y1 + dy1 * reach),
        (x2 + dx2 * reach, y2 + dy2 * reach),
        (x2, y2),
    ]
    curve = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    ink = sheet.inks[str(edge.state)]
    gid = f"numbers-{edge.number}-{index}"
    sheet.axes.add_patch(
        FancyArrowPatch(
            path=curve,
            arrowstyle="-|>,head_length=5,head_width=2.6",
            facecolor=ink,
            edgecolor=ink,
            linestyle=_DASHES.get(edge.state, "-"),
            linewidth=2.4 if edge.state is State.FAIL else 1.4,
            gid=gid,
            shrinkA=0,
            shrinkB=0,
        )
    )
    share = 0.32 + 0.12 * (index % 4)
    x, y = (_along([point[axis] for point in points], share) for axis in (0, 1))
    told = (edge.number or "–") + (" ✕" if edge.state is State.FAIL else "")
    told += " ?" if edge.state is State.UNKNOWN else ""
    back = sheet.inks["bg"]
    box = {"boxstyle": "round,pad=0.3", "facecolor": back, "edgecolor": ink, "linewidth": 1}
    sheet.text(x, y, told, "ink", 9.5, ha="center", bbox=box, gid=gid)


def _along(values: list[float], share: float) -> float:
    """Return a place on a cubic curve."""
    one, two, three, four = values
    rest = 1 - share
    return (
        rest**3 * one
        + 3 * rest * rest * share * two
        + 3 * rest * share * share * three
        + share**3 * four
    )


def _draw_frame(sheet: Sheet, frame: Frame) -> None:
    from matplotlib.patches import FancyBboxPatch

    left = frame.x - FRAME / 2
    sheet.axes.add_patch(
        FancyBboxPatch(
            (left, frame.top),
            FRAME,
            frame.bottom - frame.top,
            boxstyle="round,pad=0,rounding_size=9",
            facecolor=sheet.inks["soft"],
            edgecolor=sheet.inks["muted"],
            linewidth=0.8,
            zorder=0.5,
        )
    )
    told = word(frame.address, 34)
    sheet.text(left + 10, frame.top + 11, told, "muted", 8.5, ha="left", va="center_baseline")


def _draw_box(sheet: Sheet, one: Placed) -> None:
    from matplotlib.patches import FancyBboxPatch

    node = one.node
    sheet.axes.add_patch(
        FancyBboxPatch(
            (one.x - BOX / 2, one.y - HIGH / 2),
            BOX,
            HIGH,
            boxstyle="round,pad=0,rounding_size=7",
            facecolor=sheet.inks["card"],
            edgecolor=sheet.inks["fail" if node.stranger else "muted" if node.seen else "line"],
            linestyle=(0, (4, 3)) if node.stranger else "-",
            linewidth=1.6 if node.stranger else 1.1,
        )
    )
    second = _second_line(node)
    ink = "ink" if node.seen else "muted"
    up = 7 if second else 0
    lines = ((word(_name(node), 26), -up, 10.5, ink), (word(second, _SECOND), 9, 8.5, "muted"))
    for told, offset, size, colour in lines:
        sheet.text(one.x, one.y + offset, told, colour, size, ha="center", va="center_baseline")


def _name(node: Node) -> str:
    if node.count > 1:
        return node.name.partition(" like ")[0]
    return node.name.removeprefix(f"{node.role} ") if node.role else node.name


def _second_line(node: Node) -> str:
    where = _some(node.addresses)
    like = node.name.partition(" like ")[2] if node.count > 1 else ""
    if like:
        return f"like {like}" if node.seen else f"like {like}, not seen"
    if node.stranger:
        return "unknown to the configuration"
    if node.count > 1:
        return "" if node.seen else "not seen"
    rest = where if node.seen else f"{where}, not seen"
    told = f"{node.role or 'unknown role'} {rest}".strip().replace(" ,", ",")
    fitting = (one for one in (told, rest) if len(one) <= _SECOND or not where)
    return next(fitting, where)


def _some(addresses: Iterable[str]) -> str:
    known = [*addresses]
    return known[0] + (f" +{len(known) - 1}" if len(known) > 1 else "") if known else ""
