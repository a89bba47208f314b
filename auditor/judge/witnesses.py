"""One connection that several taps saw: what each adds to it, and how far their clocks are apart.

Two recordings saw the same connections if the times of their SYNs, FINs and RSTs differ by the same
in all of them. One row tells of such a connection, that of the tap that knows all which the other
knows; where each knows what the other denies, both are told. What one tap saw of probes and the
other, between whose own packets of that side they lie, saw none of, did not come through.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from auditor.flows.flow import Flow, Outcome, Side, Transport
from auditor.flows.how_ended import Ending
from auditor.judge.heartbeat.verdict import Fault
from auditor.judge.matching.destination import AddressVerdict, dialled_address
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import Verdict

#: Times (ns) that differ by no more are of one packet: what lies between two taps takes less.
_SAME_NS = 200_000_000
#: So many times have to agree: one may be chance.
_MARKS = 2
#: So many probes without a trace at another tap are no loss of that tap.
_EATEN = 3
_UNDECIDED = frozenset({Verdict.UNKNOWN, Verdict.NOT_APPLICABLE})


class Apart(NamedTuple):
    """How far the clocks of two recordings are apart."""

    one: str
    other: str
    """Names of the recordings: that of their first captures."""
    ns: int
    """What the other shows when the one shows 0."""
    spread: int
    """So far (ns) half of the times lie from that at most."""
    marks: int
    """Times that both saw."""

    def __str__(self) -> str:
        way = "ahead of" if self.ns > 0 else "behind"
        return (
            f"It saw connections that {self.one} saw too: by {self.marks:,} packets its clock is "
            f"{abs(self.ns) / 1e9:.6f} s {way} that one's (half of them within "
            f"{self.spread / 1e9:.6f} s)."
        )


@dataclass(slots=True)
class Witnesses:
    """What several taps saw of the same connections."""

    apart: list[Apart] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Ids of flows that another row tells of."""
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the id of a flow, what is to be said of it in FLOWS."""

    def note(self, name: str) -> list[str]:
        """Return what is to be said of the recording of this name."""
        return [str(one) for one in self.apart if one.other == name]


def witnesses(judged: Sequence[Judged]) -> Witnesses:
    """Return which flows of different recordings are one connection."""
    found = Witnesses()
    pairs: dict[tuple[str, str], list[tuple[Judged, Judged]]] = defaultdict(list)
    for one, other in _candidates(judged):
        pairs[one.capture.name, other.capture.name].append((one, other))
    for (name, another), some in pairs.items():
        times = [time for one, other in some for time in _apart(one.flow, other.flow)]
        if len(times) < _MARKS:
            continue
        from statistics import median  # it loads two modules of numbers: not for one recording

        middle = round(median(times))
        near = [abs(time - middle) for time in times]
        if 2 * sum(off <= _SAME_NS for off in near) <= len(near):
            continue
        apart = Apart(name, another, middle, round(median(near)), len(times))
        found.apart.append(apart)
        for one, other in some:
            marks = _apart(one.flow, other.flow)
            if not marks:  # both began before, and are open
                marks = _probes_apart(one.flow, other.flow, middle)
            if marks and all(abs(time - middle) <= _SAME_NS for time in marks):
                _tell(one, other, middle, found)
    return found


def _candidates(judged: Iterable[Judged]) -> Iterator[tuple[Judged, Judged]]:
    """Yield flows of the same ends in different recordings, of several the nearest in order."""
    by_ends: dict[frozenset[tuple[str, int]], dict[str, list[Judged]]] = {}
    for one in judged:
        if one.flow.attempts == 1:
            ends = frozenset((side.address, side.port) for side in _sides(one.flow))
            by_ends.setdefault(ends, {}).setdefault(one.capture.name, []).append(one)
    for recordings in by_ends.values():
        first, *others = recordings.values()
        for some in others:
            if len(some) == len(first):
                yield from zip(first, some, strict=True)


def _sides(flow: Flow) -> tuple[Side, Side]:
    return flow.initiator, flow.acceptor


def _marks(flow: Flow) -> dict[tuple[str, str, int], int]:
    """Return the times (ns) of what both taps see of a connection, by what it is of which end."""
    found = {}
    if flow.outcome is not Outcome.MIDSTREAM:
        found["start", flow.initiator.address, flow.initiator.port] = flow.started
    for side in _sides(flow):
        for kind, time in (("fin", side.fin), ("rst", side.rst)):
            if time is not None:
                found[kind, side.address, side.port] = time
    return found


def _apart(one: Flow, other: Flow) -> list[int]:
    here, there = _marks(one), _marks(other)
    return [there[mark] - here[mark] for mark in here.keys() & there.keys()]


def _probes_apart(one: Flow, other: Flow, apart: int) -> list[int]:
    """Return how far the probes of each end are from the nearest that the other tap saw."""
    found: list[int] = []
    for here in _sides(one):
        there = next((side for side in _sides(other) if side.address == here.address), None)
        times = [probe.time for probe in there.probes] if there is not None else []
        for probe in here.probes:
            at = bisect_left(times, probe.time + apart)
            found.extend(time - probe.time for time in times[max(0, at - 1) : at + 1])
    return [time for time in found if abs(time - apart) <= _SAME_NS]


def _tell(one: Judged, other: Judged, apart: int, found: Witnesses) -> None:
    eaten = _eaten(one, other, apart), _eaten(other, one, -apart)
    for a, b, count in ((one, other, eaten[0]), (other, one, eaten[1])):
        if count:
            _take(a, b, found)["probes_eaten"] = count
            found.told.add(b.id)
            return
    if knows_all(one, other):
        _take(one, other, found)
        found.told.add(other.id)
    elif knows_all(other, one):
        _take(other, one, found)
        found.told.add(one.id)
    else:
        for a, b in ((one, other), (other, one)):
            _take(a, b, found)["witness_differs"].append(b.id)


def _take(one: Judged, other: Judged, found: Witnesses) -> dict[str, Any]:
    said = found.columns.setdefault(one.id, {"witnesses": [], "witness_differs": []})
    said["witnesses"].append(other.capture.name)
    if one.flow.initiator.probes and other.flow.initiator.probes:
        said.setdefault("probes_eaten", 0)
    return said


def _eaten(one: Judged, other: Judged, apart: int) -> int:
    """Return how many probes of the initiator ``one`` saw of which ``other`` saw none, though it
    saw that side before and what passed after the last; 0: nothing shows that any were lost."""
    flow, there = one.flow, other.flow
    side = there.initiator
    if (flow.initiator.address, flow.initiator.port) != (side.address, side.port):
        return 0
    lost = there.one_sided or side.missing or there.acceptor.missing or there.beats_left_out
    last, seen = other.capture.last, side.first
    if lost or side.probes or other.capture.dropped or last is None or seen is None:
        return 0
    until = last if there.ended is None else min(last, there.ended)
    times = [probe.time + apart for probe in flow.initiator.probes]
    count = sum(seen + _SAME_NS < time < until - _SAME_NS for time in times)
    return count if count >= _EATEN else 0


def knows_all(one: Judged, other: Judged) -> bool:
    """Tell whether a row says all that another of the same connection says, and nothing else."""
    here, there = one.flow, other.flow
    hello, less = here.hello, there.hello
    pairs = (
        (here.initiator.address, there.initiator.address, ()),
        (one.match.connection, other.match.connection, (None,)),
        (one.match.expectation, other.match.expectation, (None,)),
        (one.heartbeat.verdict, other.heartbeat.verdict, _UNDECIDED),
        (one.heartbeat.fault, other.heartbeat.fault, (Fault.NONE,)),
        (_address(one), _address(other), (AddressVerdict.UNTELLABLE, "")),
        (here.outcome, there.outcome, (Outcome.MIDSTREAM,)),
        (here.how.ending, there.how.ending, (Ending.OPEN, None)),
        (hello.identity, less.identity, (None,)),
        (hello.transport, less.transport, (Transport.UNKNOWN,)),
        (hello.proven, less.proven, (False,)),
        (here.refusal and here.refusal.kind, there.refusal and there.refusal.kind, (None,)),
        (here.rejection and here.rejection.type, there.rejection and there.rejection.type, (None,)),
        (here.hello_contradicts, there.hello_contradicts, (False,)),
    )
    if other.socket is not None or there.tampering_count > here.tampering_count:
        return False
    return all(mine == its or its in nothing for mine, its, nothing in pairs)


def _address(one: Judged) -> str:
    """Return what is known of the address that was dialled, where a pair of addresses is given."""
    if one.match.expectation is None or one.match.agreed(lambda row: row.lan.pair) is None:
        return ""
    return dialled_address(one.match, one.flow)[0]
