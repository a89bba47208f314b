"""What could not be decoded, held against what it may hide: it is of some hosts, and of some time.

Anybody can send what nobody can read. So a packet hides a connection only if it can have been part
of one: a connection that waits says something once a heartbeat for as long as it is there, and none
begins or ends with fewer packets than a handful.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from auditor.text.listing import first_of

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.packets.segments import CaptureInfo, UndecodedRun

#: SYN, SYN-ACK, ACK, a hello and its answer: no connection is made with less.
_OPENING = 5
#: A probe and its answer.
_BEAT = 2
#: Layers that are named in one sentence.
_MOST = 3

Runs = list["UndecodedRun"]


class _Heard(NamedTuple):
    """When something may have come, in order: from ``begins`` on, until ``ends``."""

    begins: list[int]
    ends: list[int]


class NotDecoded:
    """What of one capture could not be decoded and may hold segments of Bareos."""

    def __init__(self, info: CaptureInfo) -> None:
        from auditor.packets.undecoded import layer_named

        self._begin, self._end = info.first or 0, info.last or 0
        self._between: dict[str, dict[str, Runs]] = defaultdict(lambda: defaultdict(list))
        self._mixed: Runs = []
        self._tunnels: dict[tuple[frozenset[str], str], Runs] = defaultdict(list)
        untold = {one.layer: one.packets for one in info.may_hold}
        layers = {name: layer_named(name) for name in {one.layer for one in info.runs}}
        for run in info.runs:
            layer = layers[run.layer]
            untold[run.layer] = untold.get(run.layer, 0) - run.packets
            known = bool(run.source and run.target)
            if known:
                self._between[run.source][run.target].append(run)
            elif layer is None or layer.some:
                self._mixed.append(run)
            if not known or layer is None or not layer.between:
                self._tunnels[frozenset((run.source, run.target)), run.layer].append(run)
        self._untold = {layer: count for layer, count in untold.items() if count > 0}
        self._anywhere: dict[int, str] = {}
        self._any: _Heard | None = None
        self._heard: dict[tuple[str, str], _Heard] = {}

    def may_be(self, initiators: Collection[str], acceptors: Collection[str], window: int) -> str:
        """Return, as a clause, what may have been a connection between two hosts that says
        something every ``window`` ns; empty: nothing.

        Both are given by their addresses; no address of the acceptor: it may have any.
        """
        between = [
            run
            for runs in (self._from(initiators, acceptors), self._to(initiators, acceptors))
            for run in runs
        ]
        if between and self._is_one(between, window):
            return _told(between)
        if window not in self._anywhere:
            groups = (one for one in self._tunnels.values() if self._is_one(one, window))
            self._anywhere[window] = next(map(_told, groups), self._what_is_untold())
        return self._anywhere[window]

    def _from(self, ones: Iterable[str], others: Collection[str]) -> Iterable[UndecodedRun]:
        for one in ones:
            for other, runs in self._between.get(one, {}).items():
                if not others or other in others:
                    yield from runs

    def _to(self, ones: Collection[str], others: Collection[str]) -> Iterable[UndecodedRun]:
        for other in others or list(self._between):
            known = self._between.get(other, {})
            for one in ones:
                yield from known.get(one, ())

    def _is_one(self, runs: Sequence[UndecodedRun], window: int) -> bool:
        """Tell whether runs may be packets of one connection."""
        packets, begun, ended = 0, 0, -window - 1
        for run in sorted(runs, key=lambda one: one.first):
            if not packets or run.first - ended > window:
                packets, begun, ended = 0, run.first, run.last
            packets += run.packets
            ended = max(ended, run.last)
            throughout = begun - self._begin <= window >= self._end - ended
            if packets >= (_BEAT if throughout else _OPENING):
                return True
        return False

    def _what_is_untold(self) -> str:
        """Return the same of packets of which nothing tells when and between whom they passed."""
        count = sum(self._untold.values())
        return _sentence(count, "", self._untold) if count >= _BEAT else ""

    def longest_unheard(self, hearer: str, peer: str, begin: int, end: int) -> int:
        """Return the longest time (ns) between two times, in which no packet came from the peer
        that could not be decoded and may have been of a connection others of which were."""
        heard = self._heard_by(hearer, peer)
        start = bisect_right(heard.ends, begin)
        stop = bisect_right(heard.begins, end)
        if start >= stop:
            return end - begin
        begins = [*heard.begins[start:stop], end]
        ends = [begin, *heard.ends[start:stop]]
        return max(0, *(one - other for one, other in zip(begins, ends, strict=True)))

    def came(self, hearer: str, peer: str, begin: int, end: int) -> bool:
        """Tell whether such a packet came between two times."""
        return self.longest_unheard(hearer, peer, begin, end) < end - begin

    def _heard_by(self, hearer: str, peer: str) -> _Heard:
        key = (hearer, peer)
        if key not in self._heard:
            own = self._between.get(peer, {}).get(hearer, [])
            if self._any is None:
                self._any = _in_order(self._mixed)
            self._heard[key] = _in_order([*own, *self._mixed]) if own else self._any
        return self._heard[key]

    def layers_to(self, hearer: str, peer: str) -> str:
        """Return the layers at which reading such packets ended, for people."""
        runs = [*self._between.get(peer, {}).get(hearer, ()), *self._mixed]
        return first_of(sorted({run.layer for run in runs}), _MOST)


def _in_order(runs: Iterable[UndecodedRun]) -> _Heard:
    found = _Heard([], [])
    for run in sorted(runs, key=lambda one: one.first):
        if found.ends and run.first <= found.ends[-1]:
            found.ends[-1] = max(found.ends[-1], run.last)
        else:
            found.begins.append(run.first)
            found.ends.append(run.last)
    return found


def _told(runs: Iterable[UndecodedRun]) -> str:
    """Return what is said of runs: between whom, if that is known of all, and their layers."""
    runs = list(runs)
    layers = sorted({run.layer for run in runs})
    hosts = sorted({host for run in runs for host in (run.source, run.target)})
    between = f" between {hosts[0]} and {hosts[1]}" if len(hosts) == 2 and all(hosts) else ""
    return _sentence(sum(run.packets for run in runs), between, layers)


def _sentence(packets: int, between: str, layers: Iterable[str]) -> str:
    names = first_of(list(layers), _MOST)
    return f"{packets:,} packets{between} that could not be decoded ({names}) may have held it"
