"""Where the manual's overview of all connections has its programs, and its thirteen arrows.

The places are drawn by hand, so that no two arrows cross (chapter "Network setup" of the manual;
bareos.md §0). Units are those of the drawing, 730 by 600.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

WIDTH, HEIGHT = 730, 600


class Box(NamedTuple):
    """One kind of program: its words, and the default port at which it listens."""

    name: str
    port: str
    x: int
    y: int
    width: int
    height: int


class Arrow(NamedTuple):
    """One connection: from whom dials to whom is dialled; ``label`` is where along it its number
    stands, 0 to 1."""

    x1: int
    y1: int
    x2: int
    y2: int
    label: float


BOXES = (
    Box("Console, named", "", 8, 8, 178, 54),
    Box("Console, default", "", 276, 8, 178, 54),
    Box("Director", "9101", 150, 160, 172, 68),
    Box("Catalog", "5432", 560, 160, 162, 68),
    Box("Tray monitor", "", 168, 330, 146, 58),
    Box("File Daemon", "9102", 8, 500, 152, 84),
    Box("Storage Daemon", "9103", 334, 500, 178, 84),
    Box("2nd Storage D.", "9103", 556, 344, 166, 76),
)

ARROWS: Mapping[str, Arrow] = {
    "1": Arrow(110, 62, 198, 160, 0.48),
    "2": Arrow(352, 62, 274, 160, 0.48),
    "3": Arrow(182, 228, 86, 500, 0.28),
    "4": Arrow(34, 500, 150, 208, 0.36),
    "5a": Arrow(292, 228, 424, 500, 0.44),
    "5b": Arrow(322, 214, 574, 344, 0.5),
    "6": Arrow(160, 522, 334, 522, 0.46),
    "7": Arrow(334, 564, 160, 564, 0.46),
    "8": Arrow(490, 500, 606, 420, 0.46),
    "9": Arrow(238, 330, 238, 228, 0.46),
    "10": Arrow(196, 388, 122, 500, 0.46),
    "11": Arrow(296, 388, 376, 500, 0.46),
    "12": Arrow(322, 190, 560, 190, 0.5),
}
