"""What a picture is, and what it is drawn on: a sheet in units of its own, in colours with names.

The HTML page gives the names the colours of its style, light and dark; notebooks take ``LIGHT``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.text import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The colours of the page's style in light, by their names there. States are never told by colour
#: alone: each picture gives them signs, dashes or words too.
LIGHT: Mapping[str, str] = {
    "ink": "#1d2228",
    "muted": "#565e68",
    "line": "#d8dbdf",
    "card": "#ffffff",
    "bg": "#f7f7f5",
    "soft": "#efefec",
    "pass": "#17693a",
    "fail": "#b3261e",
    "unknown": "#5c4a92",
    "idle": "#69717b",
    "medium": "#8a4b00",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where a picture is drawn: axes whose units are points on paper, from the left and the top."""

    axes: Axes
    inks: Mapping[str, str]
    """Colour by name: those of ``LIGHT``."""
    scale: float = 1.0
    """Points that a unit takes: a sheet that is shown smaller has smaller letters."""

    def text(self, x: float, y: float, told: str, ink: str, size: float, **how: Any) -> None:
        """Write letters of so many units; nothing in them is taken for mathematics."""
        how = {"va": "center", **how}
        self.axes.text(
            x, y, told, color=self.inks[ink], fontsize=size * self.scale, parse_math=False, **how
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture, not yet drawn."""

    width: float
    height: float
    label: str
    """What a screen reader says."""
    draw: Callable[[Sheet], None]

    def on(self, axes: Axes, inks: Mapping[str, str], scale: float = 1.0) -> None:
        """Draw it on these axes, which become a sheet of its size."""
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        axes.axis("off")
        self.draw(Sheet(axes, inks, scale))


def word(text: str, most: int = 30) -> str:
    """Return a name as a picture has room for it, without what a terminal or a page would obey, nor
    what no XML may hold, such as U+FFFF. What is too long lacks its middle: addresses of one
    network, and hosts that are numbered, differ at the end."""
    clean = printable(text, 4096)
    clean = "".join(one if one.isprintable() else "?" for one in clean)
    if len(clean) <= most:
        return clean
    tail = (most - 1) // 3
    return f"{clean[: most - 1 - tail]}…{clean[len(clean) - tail :]}"
