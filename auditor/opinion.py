"""What another program says of the captures of an audit, and where the two differ."""

from __future__ import annotations

from typing import NamedTuple


class Agreement(NamedTuple):
    """How many of one kind of thing both programs see."""

    what: str
    """Such as ``SYNs``."""
    ours: int
    theirs: int
    both: int


class Difference(NamedTuple):
    """One thing that one program sees and the other does not."""

    what: str
    """Such as ``SYNs``, as in ``Agreement``."""
    ours: bool
    """True: only this program sees it; False: only the other one does."""
    capture: str
    frame: int | None
    """Number of its frame in the capture; None: not known."""
    time: int | None
    """When it was captured, ns UTC; None: not known."""
    ends: str
    """Who sent it to whom, as addresses and ports."""
    reason: str
    """Why the two differ, as far as is known."""


class Opinion(NamedTuple):
    """What the other program says."""

    program: str
    """Its name and version."""
    agreements: tuple[Agreement, ...]
    differences: tuple[Difference, ...]
    """The first of them."""
    more: int = 0
    """How many differences there are beside these."""
    incomplete: str = ""
    """Why not all could be compared; empty: all was."""
