"""How far the clocks of two taps are apart, by what both saw of the same connections."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from auditor.flows.flow import Flow, Outcome, Side
from auditor.judge.tables.judged import Judged

#: Times (ns) that differ by no more are of one packet: what lies between two taps takes less.
SAME_NS = 200_000_000
#: So many times have to agree: one may be chance.
_MARKS = 2
#: A clock that nobody sets gains or loses one in so many.
_DRIFT = 10_000


class Pair(NamedTuple):
    """Two flows of which each tap saw one, and which may be one connection."""

    one: Judged
    other: Judged
    known: bool = False
    """By numbers that are no chance, and not only by their ends."""
    translated: bool = False
    """Their ends are not the same."""

    @property
    def ids(self) -> tuple[str, str]:
        """Of both flows."""
        return self.one.id, self.other.id


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


def clocks_apart(pairs: Sequence[Pair]) -> Apart | None:
    """Return how far the clocks are apart of the two recordings that all these pairs are of, in
    that order; None: the times do not agree.

    Where there are pairs that are known they decide: what has the same ends need not be the same.
    """
    surely = [pair for pair in pairs if pair.known]
    times = [time for pair in surely for time in times_apart(pair.one.flow, pair.other.flow)]
    if not times:
        times = [time for pair in pairs for time in times_apart(pair.one.flow, pair.other.flow)]
        if len(times) < _MARKS:
            return None
    from statistics import median  # it loads two modules of numbers: not for one recording

    middle = round(median(times))
    near = [abs(time - middle) for time in times]
    if 2 * sum(off <= SAME_NS for off in near) <= len(near):
        return None
    names = pairs[0].one.capture.name, pairs[0].other.capture.name
    return Apart(*names, middle, round(median(near)), len(times))


def offset_of(pair: Pair, apart: Apart | None) -> int | None:
    """Return how far (ns) the clock of the other tap is ahead for a pair; None: it is none.

    What is known beyond a NAT tells by itself, so that clocks may drift, and nobody's copies of
    connections make others' times disagree. The others have to agree with ``apart``.
    """
    flows = pair.one.flow, pair.other.flow
    marks = times_apart(*flows)
    if pair.translated and marks:
        from statistics import median

        middle, allowed = round(median(marks)), slack(pair.one.flow)
    elif apart is not None:
        middle, allowed = apart.ns, SAME_NS
        marks = marks or probes_apart(*flows, middle)
    else:
        return None
    agree = bool(marks) and all(abs(time - middle) <= allowed for time in marks)
    return middle if agree else None


def slack(flow: Flow) -> int:
    """Return how far (ns) the times of two taps may differ from each other over a connection."""
    return SAME_NS + (flow.last - flow.started) // _DRIFT


def sides_of(flow: Flow) -> tuple[Side, Side]:
    """Return both sides, the initiator's first."""
    return flow.initiator, flow.acceptor


def ends(flow: Flow) -> frozenset[tuple[str, int]]:
    """Return the addresses and ports of both sides."""
    return frozenset((side.address, side.port) for side in sides_of(flow))


def sides_in_common(one: Flow, other: Flow) -> Iterator[tuple[Side, Side]]:
    """Yield the sides that are one: by their ends, or else, of what was translated, by who
    dialled."""
    here, there = sides_of(one), sides_of(other)
    crossed = (there[1].address, there[1].port, there[0].address, there[0].port)
    if (here[0].address, here[0].port, here[1].address, here[1].port) == crossed:
        there = there[1], there[0]
    return zip(here, there, strict=True)


def times_apart(one: Flow, other: Flow) -> list[int]:
    """Return how far (ns) apart the times are of what both taps see of a connection."""
    sides = list(sides_in_common(one, other))
    found = []
    began = Outcome.MIDSTREAM not in {one.outcome, other.outcome}
    if began and sides[0][1] is other.initiator:
        found.append(other.started - one.started)
    for here, there in sides:
        pairs = ((here.fin, there.fin), (here.rst, there.rst))
        found += [b - a for a, b in pairs if a is not None and b is not None]
    if not found:  # it began before, and is open: what was said last is the same
        last = [(here.said, there.said) for here, there in sides if _said_as_much(here, there)]
        found += [b - a for a, b in last if a is not None and b is not None]
    return found


def _said_as_much(here: Side, there: Side) -> bool:
    """Tell whether what both taps saw last of a side is the same, whatever it is numbered by."""
    reached = here.reached is not None and here.reached == there.reached
    return reached or here.payload_bytes == there.payload_bytes > 0


def probes_apart(one: Flow, other: Flow, apart: int) -> list[int]:
    """Return how far the probes of each side are from the nearest that the other tap saw, whose
    clock is ``apart`` (ns) ahead."""
    found: list[int] = []
    for here, there in sides_in_common(one, other):
        times = [probe.time for probe in there.probes]
        for probe in here.probes:
            at = bisect_left(times, probe.time + apart)
            found.extend(time - probe.time for time in times[max(0, at - 1) : at + 1])
    return [time for time in found if abs(time - apart) <= SAME_NS]
