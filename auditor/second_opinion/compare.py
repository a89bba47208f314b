"""An audit beside what Wireshark says of the same captures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from auditor.errors import SecondOpinionError
from auditor.judge.tables.table import Row
from auditor.opinion import Agreement, Difference, Opinion
from auditor.result import Audit
from auditor.second_opinion.recorded import Paths, capture_at, recordings
from auditor.second_opinion.wireshark import Ends, Sight, frames_at, program, sights
from auditor.text import printable

SYNS = "SYNs"
DIALLED = "connections, by who dialled"
PROBES = "keepalive probes"
ANSWERS = "answers to them"
IDENTITIES = "identities of TLS"
_KINDS = (SYNS, DIALLED, PROBES, ANSWERS, IDENTITIES)
#: So many differences are named; the others are counted.
_MOST = 1000

#: Why only Wireshark calls a segment a keepalive: it asks for a number and a length alone.
_NO_SILENCE = (
    "bareos-audit takes it for a repetition or an older acknowledgement: Wireshark asks for its "
    "number and length only, not for the silence before it"
)
#: Why only we do (bareos.md §6.3, pitfall 2).
_UNKNOWN_NUMBER = (
    "the connection is older than the capture: Wireshark marks no keepalive before it knows which "
    "number its sender is at"
)


class _Event(NamedTuple):
    """One thing that can be seen: what, between whom, and when or how named."""

    ends: Ends
    mark: object
    """Its time (ns UTC), its name, or its rank among equal ones."""


@dataclass(slots=True)
class _Seen:
    """What one program sees in one capture, and the frame and time of each where it tells."""

    events: dict[str, dict[_Event, Sight | None]] = field(
        default_factory=lambda: {kind: {} for kind in _KINDS}
    )
    counted: dict[str, Counter[Ends]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, kind: str, ends: Ends, mark: object, sight: Sight | None = None) -> None:
        self.events[kind].setdefault(_Event(ends, mark), sight)

    def count(self, kind: str, ends: Ends, sight: Sight | None = None) -> None:
        """Add one of which no program tells which it is, but how many there are."""
        self.add(kind, ends, self.counted[kind][ends], sight)
        self.counted[kind][ends] += 1


def second_opinion(audit: Audit, captures: Sequence[str], ports: Collection[int]) -> Opinion:
    """Return what Wireshark says of the captures that an audit was made of, by path.

    Raises SecondOpinionError where it cannot be asked at all.
    """
    name = program()
    totals: dict[str, list[int]] = {kind: [0, 0, 0] for kind in _KINDS}
    differences: list[Difference] = []
    open_ends: list[str] = []
    flows = [*audit.tables["flows"].rows()]
    for paths in recordings(audit, captures):
        ours = [row for row in flows if row["capture"] in paths]
        left = _folded(ours)
        theirs, gave_up = _theirs(paths, ports, left)
        if left:
            open_ends.append("attempts that share a row are not compared")
        open_ends += gave_up
        mine = _ours(ours, audit)
        by_ends = _by_ends(ours)
        for kind in _KINDS:
            here, there = mine.events[kind], theirs.events[kind]
            for at, number in enumerate((len(here), len(there), len(here.keys() & there.keys()))):
                totals[kind][at] += number
            differences += _differences(kind, paths, here, there, by_ends)
    shown = _with_frames(differences[:_MOST], ports)
    return Opinion(
        program=name,
        agreements=tuple(Agreement(kind, *numbers) for kind, numbers in totals.items()),
        differences=tuple(shown),
        more=max(0, len(differences) - _MOST),
        incomplete="; ".join(dict.fromkeys(open_ends)),
    )


def _folded(rows: Iterable[Row]) -> set[tuple[str, str, int]]:
    """Return between whom rows stand for several connections, whose ports they do not tell."""
    return {
        (row["initiator_address"], row["acceptor_address"], row["acceptor_port"])
        for row in rows
        if (row["attempts"] or 1) > 1
    }


def _theirs(
    paths: Paths, ports: Collection[int], left: Collection[tuple[str, str, int]]
) -> tuple[_Seen, list[str]]:
    """Return what Wireshark sees in the captures of a recording, each of which it reads by itself,
    and why it did not see all."""
    seen, gave_up = _Seen(), []
    elsewhere: set[Sight] = set()
    for path in paths:
        here = set[Sight]()
        try:
            for one in sights(path, ports):
                pair = (one.ends.source, one.ends.destination, one.ends.destination_port)
                if pair in left or (pair[1], pair[0], one.ends.source_port) in left:
                    continue
                nameless = one._replace(frame=0)
                if nameless not in elsewhere:  # captures may overlap
                    _take_in(seen, one._replace(capture=path))
                if len(paths) > 1:
                    here.add(nameless)
        except SecondOpinionError as error:
            gave_up.append(f"{path}: {error}")
        elsewhere |= here
    return seen, gave_up


def _take_in(seen: _Seen, one: Sight) -> None:
    if one.syn:
        seen.count(SYNS, one.ends, one)
        if not one.again:
            seen.add(DIALLED, one.ends, one.time, one)
    if one.probe:
        seen.add(PROBES, one.ends, one.time, one)
    if one.answer:
        seen.count(ANSWERS, one.ends, one)
    if one.identity:
        name = printable(one.identity.decode("utf-8", "replace").replace("\x1e", " "))
        seen.add(IDENTITIES, one.ends, name, one)


def _ours(rows: Iterable[Row], audit: Audit) -> _Seen:
    seen = _Seen()
    ends = {}
    for row in rows:
        if (row["attempts"] or 1) > 1:
            continue
        ends[row["id"]] = there = _ends(row)
        for _ in range(row["syns"] or 0):
            seen.count(SYNS, there)
        if row["syns"]:
            seen.add(DIALLED, there, row["started"])
        if row["transport"] == "tls" and row["identity_type"]:
            seen.add(IDENTITIES, there, f"{row['identity_type']} {row['identity_name']}".strip())
    for probe in audit.tables["probes"].rows():
        if probe["flow"] not in ends:
            continue
        there = ends[probe["flow"]]
        back = Ends(*there[2:], *there[:2])
        here, answer = (there, back) if probe["side"] == "initiator" else (back, there)
        seen.add(PROBES, here, probe["time"])
        if probe["answered"]:
            seen.count(ANSWERS, answer)
    return seen


def _ends(row: Row) -> Ends:
    return Ends(
        row["initiator_address"],
        row["initiator_port"] or 0,
        row["acceptor_address"],
        row["acceptor_port"] or 0,
    )


def _by_ends(rows: Iterable[Row]) -> Mapping[frozenset[tuple[str, int]], Row]:
    return {frozenset({_ends(row)[:2], _ends(row)[2:]}): row for row in rows}


def _differences(
    kind: str,
    paths: Paths,
    ours: Mapping[_Event, Sight | None],
    theirs: Mapping[_Event, Sight | None],
    by_ends: Mapping[frozenset[tuple[str, int]], Row],
) -> Iterator[Difference]:
    for event in (*(one for one in ours if one not in theirs), *theirs.keys() - ours.keys()):
        mine = event in ours
        sight = theirs.get(event)
        time = sight.time if sight is not None else None
        if time is None and kind in {DIALLED, PROBES} and isinstance(event.mark, int):
            time = event.mark
        flow = by_ends.get(frozenset({event.ends[:2], event.ends[2:]}))
        frame = sight.frame if sight is not None else None
        path = sight.capture if sight is not None else capture_at(paths, time)
        reason = _reason(kind, mine, flow)
        yield Difference(kind, mine, path, frame, time, str(event.ends), reason)


def _with_frames(found: Sequence[Difference], ports: Collection[int]) -> Iterator[Difference]:
    """Yield differences with the frames of the probes that only we see: we know their times."""
    frames: dict[str, Mapping[int, int]] = {}
    for one in found:
        if one.frame is not None or one.time is None:
            yield one
            continue
        if one.capture not in frames:
            times = {other.time for other in found if other.time is not None}
            with suppress(SecondOpinionError):
                frames[one.capture] = frames_at(one.capture, ports, times)
        yield one._replace(frame=frames.get(one.capture, {}).get(one.time))


def _reason(kind: str, mine: bool, flow: Row | None) -> str:
    if flow is None:
        return "bareos-audit follows no connection there"
    if flow["tampering_count"]:
        return f"somebody writes into the connection: {flow['tampering']}"
    if kind in {PROBES, ANSWERS}:
        if not mine:
            return _NO_SILENCE
        if flow["outcome"] == "midstream":
            return _UNKNOWN_NUMBER
        return "Wireshark calls it something else, such as a zero window probe or a repetition"
    if kind == DIALLED and not mine:
        return "bareos-audit takes it for a repetition of the SYN before"
    if flow["duplicates"]:
        return "the tap delivered frames twice, which bareos-audit counts once"
    return ""
