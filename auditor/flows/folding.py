"""Which attempts share a row, and which have none: so that a flood takes no more than bounded room.

The first few of those that are alike keep rows of their own, and the rest shares one with their
count. Where even so too many rows are left, since there are so many hosts, attempts are summarised
by the port that they went to (``summaries``): last of all those of hosts that are known to talk.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.flows.alike import group
from auditor.flows.summaries import summarise
from auditor.flows.tcp_state import NONE
from auditor.packets.segments import Array


class Limits(NamedTuple):
    """How many rows attempts may take that moved no payload."""

    own: int
    """Rows that the first of those that are alike keep."""
    rows: int
    """Rows of all of them."""


class Folding(NamedTuple):
    """What is to become of the first flows of a table."""

    keep: Array
    """Whether it keeps its row, bool."""
    shared: Array
    """The index of the row that stands for it too; NONE: its own, or none."""
    summarised: Array
    """Indices of those that are in no row any more."""
    empty: int
    """How many are like others, or might be."""


def plan_folding(
    states: Array, flows: Array, sides: Array, hellos: Array, until: int, limits: Limits
) -> Folding:
    """Find what to fold of ``flows[:until]``; nothing is changed.

    ``states`` has one row; the tables are those of ``Tables``.
    """
    heads = np.full(1 << (2 * until).bit_length(), NONE, "i4")
    following, groups, ranks, sizes = np.zeros((4, until), "i4")
    kinds, diallers = np.zeros(until, "i8"), np.zeros(until, "u1")
    empty = group(
        states, flows, sides, until, hellos, heads, following, kinds, diallers, groups, ranks, sizes
    )
    alike = groups != NONE
    own = _own_rows(sizes, limits)
    gone = np.zeros(until, bool)
    (firsts,) = (sizes > 0).nonzero()
    if len(firsts) > limits.rows:
        real = _are_of_talkers(states, flows, sides, firsts, diallers[firsts])
        weight = 2 * real + ((sizes[firsts] > 1) | (flows["syns"][firsts] > 1))
        order = np.argsort(2 - weight, kind="stable")
        gone[firsts[order[limits.rows :]]] = True
        gone = alike & gone[groups]
    keep = ~alike | (ranks <= own)
    rows = np.full(until, NONE, "i8")
    (last,) = (alike & (ranks == own)).nonzero()
    rows[groups[last]] = last
    shared = np.where(keep | gone, NONE, rows[groups])
    return Folding(keep & ~gone, shared, np.flatnonzero(gone), int(empty))


def _own_rows(sizes: Array, limits: Limits) -> int:
    """Return how many of each group keep a row beside the shared one: fewer if all are too many."""
    own = limits.own
    while own and int(np.minimum(sizes, own + 1).sum()) > limits.rows:
        own //= 2
    return own


def _are_of_talkers(
    states: Array, flows: Array, sides: Array, which: Array, diallers: Array
) -> Array:
    """Tell of attempts whether the host that dialled talks with another in this capture.

    It may be one of the site, and what becomes of its attempts matters.
    """
    count = int(states[0]["flow_count"])
    if not states[0]["hello_count"]:
        return np.zeros(len(which), bool)
    said = (sides["payload_bytes"][: 2 * count] > 0).reshape(count, 2).all(axis=1)
    seeds = states[0]["seeds"] | np.uint64(1)  # nobody can find addresses that seem to be one

    def hosts(flows: Array, end: str) -> Array:
        known_by: Array = flows[f"{end}_hi"] * seeds[1] + flows[f"{end}_lo"] * seeds[3]
        return known_by

    talking, asking = flows[:count][said], flows[which]
    known = np.unique(np.concatenate([hosts(talking, "a"), hosts(talking, "b")]))
    dialler: Array = np.where(diallers == 0, hosts(asking, "a"), hosts(asking, "b"))
    return np.isin(dialler, known)


def fold(states: Array, flows: Array, sides: Array, found: Folding, summaries: Array) -> None:
    """Let the rows that stay stand for what goes; the caller then closes up."""
    summarise(states, flows, sides, found.summarised, summaries)
    (goes,) = (found.shared != NONE).nonzero()
    rows = found.shared[goes]
    for column in ("attempts", "syns"):
        np.add.at(flows[column], rows, flows[column][goes])
    np.maximum.at(flows["last"], rows, flows["last"][goes])
    # What follows on the endpoints of a shared row is no part of it.
    flows["linked"][rows] = 0
