"""Which attempts share a row, and which have none: so that a flood takes no more than bounded room.

The first few of those that are alike keep rows of their own, and the rest shares one with their
count. Where even so too many rows are left, since there are so many hosts, attempts are summarised
by the port that they went to (``summaries``): last of all those of hosts that are known to talk.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from auditor.flows.alike import group
from auditor.flows.sharing import Share, may_go, none_shared
from auditor.flows.summaries import summarise
from auditor.flows.tables import HELLO_BYTES
from auditor.flows.tcp_state import NONE
from auditor.packets.segments import Array

#: Of attempts that are alike so many keep rows of their own, and all of them have so many rows; at
#: the end so many are shown one by one, alike or not.
_OWN, _ROWS, _FEW = 16, 8192, 1024
#: The same of ordinary connections: an auditor wants to see each while there are a few thousand.
_OWN_ORDINARY, _ROWS_ORDINARY, _FEW_ORDINARY = 4096, 8192, 16_384

#: A table grows beyond so many rows only where its newer half took so long (ns) to come: no site
#: makes as many connections in an hour.
_BURST, _SLOWLY = 65_536, 3_600_000_000_000


class Looked(NamedTuple):
    """The tables that are looked at: see ``Tables``, but the state as an array of one row."""

    states: Array
    flows: Array
    sides: Array
    hellos: Array
    filled: Array
    traces: Array


class Limits(NamedTuple):
    """How many rows connections that are alike may take."""

    own: int
    """Rows that the first of those that are alike keep."""
    rows: int
    """Rows of all of them."""
    few: int = 0
    """So many keep their rows, alike or not."""


def limits_of(max_flows: int) -> tuple[Limits, Limits]:
    """Return the limits of attempts and of ordinary connections in a table of so many rows."""
    rows, few = max(1, min(_ROWS, max_flows // 4)), min(_FEW, max_flows // 4)
    most = _OWN_ORDINARY, _ROWS_ORDINARY, _FEW_ORDINARY
    shares = max_flows // 64, max_flows // 8, max_flows // 8
    ordinary = Limits(*(min(one, share) for one, share in zip(most, shares, strict=True)))
    return Limits(min(_OWN, max_flows // 64), rows, few), ordinary


def may_grow(flows: Array, state: np.void, most: int) -> bool:
    """Tell whether a table of flows, a row for scratch included, may take more than it does now, if
    it is full; ``most`` is its bound in rows."""
    rows = len(flows) - 1
    newer = int(state["latest"] - flows["first"][rows // 2])
    return rows < most and (rows < _BURST or newer >= _SLOWLY)


class Folding(NamedTuple):
    """What is to become of the first flows of a table."""

    keep: Array
    """Whether it keeps its row, bool."""
    shared: Array
    """The index of the row that stands for it too; NONE: its own, or none."""
    summarised: Array
    """Indices of those that are in no row any more."""
    diallers: Array
    """The side (0 or 1) that dialled."""


class Alike(NamedTuple):
    """The flows of a table by what they have in common, as ``alike.group`` finds it."""

    kinds: Array
    diallers: Array
    groups: Array
    ranks: Array
    sizes: Array

    @property
    def ordinary(self) -> Array:
        """Whether each is an ordinary connection, bool."""
        found: Array = self.kinds >> 61 == 1
        return found


class Kept(NamedTuple):
    """Which ordinary connections keep rows of their own."""

    share: Share
    """Tells of some whether the judgement needs none of them singly."""
    single: Array
    """When connections began that keep theirs in any case, ns."""
    thinned: bool
    """Bytes that are not there were left out on purpose."""


KEEP_ALL = Kept(none_shared, np.zeros(0, "i8"), thinned=False)


def plan_folding(tables: Looked, until: int, limits: tuple[Limits, Limits], kept: Kept) -> Folding:
    """Find what to fold of ``flows[:until]``; nothing is changed.

    ``limits`` are those of attempts and of ordinary connections.
    """
    found, empty = _group(tables, until, thinned=kept.thinned)
    attempts, ordinary = limits
    alike = (found.groups != NONE) & ~found.ordinary & (empty > attempts.few)
    sizes = np.where(alike, found.sizes, 0)
    own = _own_rows(sizes, attempts)
    gone = np.zeros(until, bool)
    (firsts,) = (sizes > 0).nonzero()
    if len(firsts) > attempts.rows:
        gone[_least(tables, found, firsts, attempts.rows)] = True
        gone = alike & gone[found.groups]
    shared = np.where(gone, NONE, _rows_of(found, alike, own))
    if int(found.ordinary.sum()) > ordinary.few:
        own = _own_rows(np.where(found.ordinary, found.sizes, 0), ordinary)
        hosts = _diallers(tables, np.arange(until), found.diallers)
        kinds = found.ordinary, found.kinds, found.groups, found.ranks, found.sizes
        more = may_go(tables.flows[:until], hosts, kinds, own, kept.share)
        more &= ~np.isin(tables.flows["first"][:until], kept.single)
        shared = np.where(more, _rows_of(found, more, own), shared)
    return Folding((shared == NONE) & ~gone, shared, np.flatnonzero(gone), found.diallers)


def _group(tables: Looked, until: int, *, thinned: bool) -> tuple[Alike, int]:
    """Return which flows are alike, and how many attempts are like others or might be."""
    heads = np.full(1 << (2 * until).bit_length(), NONE, "i4")
    following, groups, ranks, sizes = np.zeros((4, until), "i4")
    kinds, diallers = np.zeros(until, "i8"), np.zeros(until, "u1")
    room = np.zeros(HELLO_BYTES, "u1")
    told = kinds, diallers, groups, ranks, sizes
    empty = group(*tables, room, int(thinned), until, heads, following, *told)
    return Alike(*told), int(empty)


def _rows_of(found: Alike, which: Array, own: int) -> Array:
    """Return the index of the row that stands for each of ``which`` from the place ``own`` in its
    group on; NONE: its own."""
    rows = np.full(len(which), NONE, "i8")
    (last,) = ((found.groups != NONE) & (found.ranks == own)).nonzero()
    rows[found.groups[last]] = last
    shared: Array = np.where(which & (found.ranks > own), rows[found.groups], NONE)
    return shared


def _least(tables: Looked, found: Alike, firsts: Array, rows: int) -> Array:
    """Return those of the first attempts of their groups that are to have no row."""
    real = _are_of_talkers(tables, firsts, found.diallers[firsts])
    weight = 2 * real + ((found.sizes[firsts] > 1) | (tables.flows["syns"][firsts] > 1))
    order = np.argsort(2 - weight, kind="stable")
    least: Array = firsts[order[rows:]]
    return least


def _own_rows(sizes: Array, limits: Limits) -> int:
    """Return how many of each group keep a row beside the shared one: fewer if all are too many."""
    own = limits.own
    while own and int(np.minimum(sizes, own + 1).sum()) > limits.rows:
        own //= 2
    return own


def _are_of_talkers(tables: Looked, which: Array, diallers: Array) -> Array:
    """Tell of attempts whether the host that dialled talks with another in this capture.

    It may be one of the site, and what becomes of its attempts matters.
    """
    count = int(tables.states[0]["flow_count"])
    if not tables.states[0]["hello_count"]:
        return np.zeros(len(which), bool)
    said = (tables.sides["payload_bytes"][: 2 * count] > 0).reshape(count, 2)
    talking = np.flatnonzero(said.all(axis=1))
    known = np.unique(np.concatenate([_hosts(tables, talking, end) for end in "ab"]))
    return np.isin(_diallers(tables, which, diallers), known)


def _diallers(tables: Looked, which: Array, diallers: Array) -> Array:
    """Return a number (u8) for the host that dialled each of some flows."""
    ends = (_hosts(tables, which, end) for end in "ab")
    found: Array = np.where(diallers == 0, *ends)
    return found


def _hosts(tables: Looked, which: Array, end: str) -> Array:
    # Nobody can find addresses that seem to be one.
    seeds = tables.states[0]["seeds"] | np.uint64(1)
    high, low = (tables.flows[f"{end}_{half}"][which] for half in ("hi", "lo"))
    known_by: Array = high * seeds[1] + low * seeds[3]
    return known_by


def fold(tables: Looked, found: Folding, summaries: Array) -> None:
    """Let the rows that stay stand for what goes; the caller then closes up."""
    flows, spoke = tables.flows, tables.sides["spoke"]
    summarise(tables.states, flows, tables.sides, found.summarised, summaries)
    (goes,) = (found.shared != NONE).nonzero()
    rows = found.shared[goes]
    for column in ("attempts", "syns"):
        np.add.at(flows[column], rows, flows[column][goes])
    np.maximum.at(flows["last"], rows, flows["last"][goes])
    for k in (0, 1):  # a host that was heard on one of them is alive
        theirs, its = 2 * goes + (found.diallers[goes] ^ k), 2 * rows + (found.diallers[rows] ^ k)
        np.maximum.at(spoke, its, spoke[theirs])
    # What follows on the endpoints of a shared row is no part of it.
    flows["linked"][rows] = 0
