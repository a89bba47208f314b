"""What one file of a recording leaves to the next."""

from __future__ import annotations

from typing import NamedTuple

from auditor.packets.segments import Array


class Earlier(NamedTuple):
    """What was decoded before of a recording that lies in several files."""

    packets: int
    """How many packets: numbers of frames count on from there."""
    fragments: Array
    """Datagrams of which some fragments were seen, dtype FRAGMENT: it is written on."""
