"""Which ordinary connections may share a row: those that the judgement needs no single one of.

What a connection says of others hangs on its time only in two cases. Who reached another address
soon after an attempt that failed had no trouble (``judge.matching.address_fallback``), and who
logged in in clear soon after TLS was refused agreed to that (``login_fallback``). Those keep rows.
Control connections and the connections of jobs are judged by what else was open beside them, and
keep theirs too; consoles and monitors are not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

import numpy as np

from auditor.flows.flow import Flow, Outcome, Transport
from auditor.flows.how_ended import Ending
from auditor.flows.tcp_state import NONE
from auditor.packets.segments import Array

#: So long (s) after an attempt that failed another way may have been tried instead: longer than
#: ``judge.matching.address_fallback`` and ``login_fallback`` take it for that.
_INSTEAD = 190
#: What is known of so many kinds of connections is kept.
_KINDS = 65_536
_NS = 1_000_000_000
_SECONDS = np.int64(2**31 - 2)


class Sharing(IntEnum):
    """Whether connections that are alike may share a row."""

    NO = 0
    IN_CLEAR = 1
    """They may, but for those that follow anything else of their host."""
    YES = 2


#: Tells that of flows, by the index and the kind of each.
Share = Callable[[Sequence[int], Sequence[int]], Sequence[Sharing]]


def none_shared(which: Sequence[int], kinds: Sequence[int]) -> Sequence[Sharing]:
    """Tell that no flow may: nothing is known of them."""
    del kinds
    return [Sharing.NO] * len(which)


def how_shared(flow: Flow) -> Sharing:
    """Return whether all that are like one flow may share its row."""
    identity = flow.hello.identity
    if identity is None or identity.type != "R_CONSOLE" or flow.hello_contradicts:
        return Sharing.NO
    if flow.outcome is not Outcome.ESTABLISHED or flow.refusal is not None or flow.tampering_count:
        return Sharing.NO
    if flow.how.ending not in {Ending.ORDERLY, Ending.RESET} or not flow.how.certain:
        return Sharing.NO
    return Sharing.YES if flow.hello.transport is Transport.TLS else Sharing.IN_CLEAR


class Sharer:
    """Reads one flow of each kind, once."""

    def __init__(self, build: Callable[[Sequence[int]], Sequence[Flow]]) -> None:
        """``build`` returns flows by their indices, in order."""
        self._build = build
        self._known: dict[int, Sharing] = {}

    def __call__(self, which: Sequence[int], kinds: Sequence[int]) -> Sequence[Sharing]:
        """Return of each flow, given its index and kind, whether those like it may share a row."""
        if len(self._known) > _KINDS:
            self._known.clear()
        new = {kind: i for i, kind in zip(which, kinds, strict=True) if kind not in self._known}
        order = sorted(new, key=new.__getitem__)
        flows = self._build([new[kind] for kind in order]) if new else ()
        self._known.update(zip(order, map(how_shared, flows), strict=True))
        return [self._known[kind] for kind in kinds]


def keep_rows(flows: Array, hosts: Array, shared: Array, failed: Array) -> Array:
    """Return which of some flows, told by ``shared`` (a Sharing each), may go into a shared row.

    ``flows`` are all, of dtype FLOW; ``hosts`` (u8) stand for who dialled each, and ``failed``
    tells of each whether it is an attempt that came to nothing.
    """
    tls = (shared == Sharing.YES) & ~_follow(flows, hosts, failed)
    others = shared != Sharing.IN_CLEAR
    in_clear = (shared == Sharing.IN_CLEAR) & ~_follow(flows, hosts, others)
    found: Array = tls | in_clear
    return found


def _follow(flows: Array, hosts: Array, before: Array) -> Array:
    """Tell of each flow whether one of ``before`` of the same host was there soon before it."""
    (some,) = before.nonzero()
    if not len(some):
        return np.zeros(len(flows), bool)
    codes = np.unique(hosts, return_inverse=True)[1].astype("i8") << np.int64(32)
    since = flows["first"].min()
    starts = np.clip((flows["first"] - since) // _NS, 0, _SECONDS) + codes
    ends = np.clip((flows["last"] - since) // _NS + _INSTEAD, 0, _SECONDS) + codes
    order = some[np.argsort(starts[some], kind="stable")]
    latest = np.maximum.accumulate(ends[order])  # ends of another host lie before all starts
    place = np.searchsorted(starts[order], starts, side="right") - 1
    found: Array = (place >= 0) & (latest[np.maximum(place, 0)] >= starts)
    return found


def may_go(flows: Array, hosts: Array, kinds: Sequence[Array], own: int, share: Share) -> Array:
    """Return which ordinary connections may go into the row of their group.

    ``kinds`` are of each flow: whether it is one, its kind, the first of its group (or NONE), its
    place in that, and at the first how many there are. The first ``own`` keep their rows.
    """
    ordinary, kind, groups, ranks, sizes = kinds
    (firsts,) = (ordinary & (sizes > own + 1)).nonzero()
    told = np.zeros(len(flows), "u1")
    told[firsts] = share(firsts.tolist(), kind[firsts].tolist())
    shared = np.where(ordinary, told[np.maximum(groups, 0)], Sharing.NO)
    if not shared.any():
        return np.zeros(len(flows), bool)
    failed = (groups != NONE) & ~ordinary
    found: Array = keep_rows(flows, hosts, shared, failed) & (ranks > own)
    return found
