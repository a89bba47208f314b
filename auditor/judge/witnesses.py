"""One connection that several taps saw: what each adds to it, and how far their clocks are apart.

Two recordings saw the same connections if the times of their SYNs, FINs and RSTs differ by the same
in all of them. One row tells of such a connection, that of the tap that knows all which the other
knows; where each knows what the other denies, both are told. Beyond a NAT it has other addresses:
then each tap has its row, and the rows name each other. What one tap saw of probes and the other,
between whose own packets of that side they lie, saw none of, did not come through.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auditor.flows.flow import Outcome, Transport
from auditor.flows.how_ended import Ending
from auditor.judge.heartbeat.verdict import Fault, HeartbeatVerdict
from auditor.judge.known_again import known_again
from auditor.judge.matching.destination import AddressVerdict, dialled_address
from auditor.judge.numbered_anew import numbered_anew
from auditor.judge.tables.judged import Judged
from auditor.judge.taps_apart import (
    Apart,
    Pair,
    clocks_apart,
    ends,
    offset_of,
    sides_in_common,
    slack,
)
from auditor.judge.verdicts import Verdict

#: So many probes without a trace at another tap are no loss of that tap.
_EATEN = 3
#: A tap that lacks bytes of more than one in so many connections loses packets at random.
_LOSSY = 4
_UNDECIDED = frozenset({Verdict.UNKNOWN, Verdict.NOT_APPLICABLE})


@dataclass(slots=True)
class Witnesses:
    """What several taps saw of the same connections."""

    apart: list[Apart] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    """Ids of flows that another row tells of, and that row's."""
    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the id of a flow, what is to be said of it in FLOWS."""
    silenced: dict[str, str] = field(default_factory=dict)
    """Ids of flows whose probes another tap saw, and the id of the flow that it saw them on."""
    anew: Counter[str] = field(default_factory=Counter)
    """By the name of a recording, how many of its flows another one of it tells of."""
    copied: Mapping[str, int] = field(default_factory=dict)
    """As of KnownAgain."""

    def note(self, name: str) -> list[str]:
        """Return what is to be said of the recording of this name."""
        said = [str(one) for one in self.apart if name == one.other != one.one]
        if self.anew.get(name):
            said.append(
                f"{self.anew[name]:,} of its connections are in it twice, with other sequence "
                "numbers, as on both sides of a firewall that numbers anew: each counts once."
            )
        if self.copied.get(name):
            said.append(
                f"{self.copied[name]:,} of its connections have sequence numbers that many others "
                "have too: whether other taps saw them under other addresses is not told."
            )
        return said

    def rows(self, judged: Iterable[Judged]) -> list[Judged]:
        """Return the flows that have rows. Of one whose probes were swallowed on the way to its tap
        nothing is known of its heartbeat there."""
        return [
            one._replace(heartbeat=_not_seen_here(one, self.silenced.get(one.id, "")))
            for one in judged
            if one.id not in self.told
        ]


def witnesses(judged: Sequence[Judged]) -> Witnesses:
    """Return which flows of different recordings are one connection."""
    several = len({one.capture.name for one in judged}) > 1
    again = known_again(judged, several=several)
    found = Witnesses(copied=again.copied)
    pairs: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    same = {pair.ids: pair for pair in again.pairs}
    same |= {pair.ids: pair for pair in numbered_anew(judged)}
    for one, other in _candidates(judged) if several else ():
        same.setdefault((one.id, other.id), Pair(one, other))
    for pair in same.values():
        pairs[pair.one.capture.name, pair.other.capture.name].append(pair)
    for some in pairs.values():
        apart = clocks_apart(some)
        if apart is not None:
            found.apart.append(apart)
        lossy = tuple(map(_is_lossy, zip(*((pair.one, pair.other) for pair in some), strict=True)))
        for pair in some:
            offset = offset_of(pair, apart)
            if offset is not None:
                _tell(pair, offset, found, lossy)
    _name_tellers(found)
    for pair in same.values():
        if pair.one.capture.name == pair.other.capture.name:
            found.anew[pair.one.capture.name] += not found.told.keys().isdisjoint(pair.ids)
    return found


def _candidates(judged: Iterable[Judged]) -> Iterator[tuple[Judged, Judged]]:
    """Yield flows of the same ends in different recordings, of several the nearest in order."""
    by_ends: dict[frozenset[tuple[str, int]], dict[str, list[Judged]]] = {}
    for one in judged:
        if one.flow.attempts == 1:
            by_ends.setdefault(ends(one.flow), {}).setdefault(one.capture.name, []).append(one)
    for recordings in by_ends.values():
        first, *others = recordings.values()
        for some in others:
            if len(some) == len(first):
                yield from zip(first, some, strict=True)


def _is_lossy(seen: Sequence[Judged]) -> bool:
    """Tell whether a tap, of what it saw with another, has so much not that it may have missed any
    packet: no firewall swallows data."""
    lost = (
        one.flow.one_sided or one.flow.initiator.missing or one.flow.acceptor.missing
        for one in seen
    )
    return _LOSSY * sum(map(bool, lost)) > len(seen)


def _tell(pair: Pair, apart: int, found: Witnesses, lossy: Sequence[bool]) -> None:
    one, other, translated = pair.one, pair.other, pair.translated
    ways = (
        (one, other, 0 if lossy[1] else _eaten(one, other, apart)),
        (other, one, 0 if lossy[0] else _eaten(other, one, -apart)),
    )
    eaten = next((way for way in ways if way[2]), None)
    if translated:
        for a, b in ((one, other), (other, one)):
            _take(a, b, found).setdefault("translated_as", []).append(b.id)
    if eaten is not None:
        a, b, count = eaten
        said = _take(a, b, found)
        said["probes_eaten"] = max(count, said.get("probes_eaten", 0))
        said["witnesses"] = list(dict.fromkeys([*said["witnesses"], b.capture.name]))
        if translated:
            found.silenced[b.id] = a.id
        else:
            found.told[b.id] = a.id
    elif translated:  # each row has addresses that the other does not know
        return
    elif knows_all(one, other):
        _take(one, other, found)
        found.told[other.id] = one.id
    elif knows_all(other, one):
        _take(other, one, found)
        found.told[one.id] = other.id
    else:
        for a, b in ((one, other), (other, one)):
            _take(a, b, found)["witness_differs"].append(b.id)


def _name_tellers(found: Witnesses) -> None:
    """Name, of a flow that another row tells of, that row."""
    for said in found.columns.values():
        if "translated_as" in said:
            rows = (_teller(one, found.told) for one in said["translated_as"])
            said["translated_as"] = list(dict.fromkeys(rows))


def _teller(name: str, told: Mapping[str, str]) -> str:
    passed = set()
    while name in told and name not in passed:
        passed.add(name)
        name = told[name]
    return name


def _not_seen_here(one: Judged, seen_on: str) -> HeartbeatVerdict:
    if not seen_on or one.heartbeat.verdict is Verdict.PASS:
        return one.heartbeat
    reason = f"the probes that another tap saw (flow {seen_on}) did not come through to this one"
    return replace(one.heartbeat, verdict=Verdict.UNKNOWN, fault=Fault.NONE, reason=reason)


def _take(one: Judged, other: Judged, found: Witnesses) -> dict[str, Any]:
    said = found.columns.setdefault(one.id, {"witnesses": [], "witness_differs": []})
    if other.capture.name not in {one.capture.name, *said["witnesses"]}:
        said["witnesses"].append(other.capture.name)
    if one.flow.initiator.probes and other.flow.initiator.probes:
        said.setdefault("probes_eaten", 0)
    return said


def _eaten(one: Judged, other: Judged, apart: int) -> int:
    """Return how many probes of the initiator ``one`` saw of which ``other`` saw none, though it
    saw that side before and what passed after the last; 0: nothing shows that any were lost."""
    flow, there = one.flow, other.flow
    sides = sides_in_common(flow, there)
    side = next(side for mine, side in sides if mine is flow.initiator)
    if side is not there.initiator or not other.watched:
        return 0
    lost = there.one_sided or side.missing or there.acceptor.missing or there.beats_left_out
    last, seen = other.capture.last, side.first
    if one.capture.name == other.capture.name:  # of its interfaces one may have been left earlier
        last = there.last
    if lost or side.probes or last is None or seen is None:
        return 0
    until = last if there.ended is None else min(last, there.ended)
    times = [probe.time + apart for probe in flow.initiator.probes]
    off = slack(there)
    count = sum(seen + off < time < until - off for time in times)
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
