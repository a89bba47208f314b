"""The frames of a capture that show what is told of one side of a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from auditor.flows.tcp_state import NEVER

if TYPE_CHECKING:
    import numpy as np


class SideFrames(NamedTuple):
    """Numbers from 1 in the capture, as Wireshark counts; 0: there is none."""

    first: int = 0
    """Of its first segment."""
    hello: int = 0
    """Of the first that brought bytes of the beginning of its stream."""
    closing: int = 0
    """Of the FIN or RST by which it closed."""
    last: int = 0
    """Of its latest segment."""


def side_frames(side: np.void, *, kept: bool, unsure: bool) -> SideFrames:
    """Return those of a row of the tracker's table. ``kept``: its FIN counts though it was denied;
    ``unsure``: it closed by a RST that lies ahead of all that was seen of it."""
    return SideFrames(
        int(side["first_frame"]),
        int(side["hello_frame"]),
        _closing(side, kept=kept, unsure=unsure),
        int(side["last_frame"]),
    )


def _closing(side: np.void, *, kept: bool, unsure: bool) -> int:
    reset = side["rst"] != NEVER
    if side["fin"] != NEVER and (not reset or side["fin"] <= side["rst"]):
        return int(side["fin_frame"])
    if reset:
        return int(side["rst_frame"])
    if kept:
        return int(side["fin_frame"])
    return int(side["rst_ahead_frame"]) if unsure else 0
