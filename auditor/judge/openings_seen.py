"""Openings × flows: which openings captures saw in use, and what firewall rules would have cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from auditor.flows.flow import Outcome
from auditor.judge.tables.table import Table
from auditor.site.model import Permission
from auditor.site.openings.ends import routed
from auditor.site.openings.opening import Chain, Closed, Direction, Openings
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.listing import first_of

_MADE = frozenset({Outcome.ESTABLISHED, Outcome.MIDSTREAM})
#: Addresses that one sentence names.
_MOST = 4

#: Source, address and port of an opening, as in ``Opening``.
Key = tuple[str, str, int]


class Cut(NamedTuple):
    """Traffic that no opening is for."""

    direction: Direction
    source: str
    address: str
    port: int
    closed: bool
    """The rules refuse it; else they leave it alone, and a firewall that refuses whatever is not
    opened would not."""
    flows: tuple[str, ...]
    """Ids of its flows, in order."""
    attempts: int
    why: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What captures say of openings."""

    captures: tuple[str, ...]
    used: Mapping[tuple[Direction, Key], int]
    """How many connections were made through an opening; one that is missing was not used."""
    cut: tuple[Cut, ...]


def openings_seen(openings: Openings, flows: Table, captures: Table) -> Seen:
    """Return which openings the flows of an audit used, and which flows have none.

    A connection counts as made if both sides were heard of it: anybody can send a SYN in the name
    of another.
    """
    judges = [_Chain(chain, openings) for chain in openings.chains]
    used: dict[tuple[Direction, Key], int] = {}
    cut: dict[tuple[Direction, Key, str], list[Mapping[str, Any]]] = {}
    for row in flows.rows():
        for judge in judges:
            key = judge.key(row)
            if key is None:
                continue
            if key in judge.opened:
                made = row["attempts"] if row["outcome"] in _MADE and not row["one_sided"] else 0
                place = (judge.direction, key)
                used[place] = used.get(place, 0) + made
            else:
                ends = (row["initiator_address"], row["acceptor_address"], row["acceptor_port"])
                cut.setdefault((judge.direction, ends, judge.why(row)), []).append(row)
    closed = {judge.direction: judge for judge in judges}
    return Seen(
        captures=tuple(captures.values("name")),
        used={place: count for place, count in used.items() if count},
        cut=tuple(
            Cut(
                direction,
                *ends,
                closed=closed[direction].closes(ends[1], ends[2]),
                flows=tuple(row["id"] for row in rows),
                attempts=sum(row["attempts"] for row in rows),
                why=why,
            )
            for (direction, ends, why), rows in cut.items()
        ),
    )


class _Chain:
    """One direction, with what is asked of it for each flow."""

    def __init__(self, chain: Chain, openings: Openings) -> None:
        self.direction = chain.direction
        self.opened = {(one.source, one.address, one.port) for one in chain.openings}
        self._closed = frozenset(chain.closed)
        self._here = frozenset[str]().union(*(routed(one.addresses) for one in openings.peers))
        self._names = {str(peer) for peer in openings.peers}
        self._missing = {use.id: gap.missing for gap in chain.gaps for use in gap.uses}
        self._expected: dict[str, list[Key]] = {}
        for one in chain.openings:
            for use in one.uses:
                self._expected.setdefault(use.id, []).append((one.source, one.address, one.port))

    def key(self, row: Mapping[str, Any]) -> Key | None:
        """Return the opening that a flow would need; None: it does not come this way."""
        source, address, port = (
            row["initiator_address"],
            row["acceptor_address"],
            row["acceptor_port"],
        )
        if source == address or not routed([source]) or not routed([address]):
            return None
        if self.direction is Direction.FORWARD:
            return source, address, port
        dials, answers = (self._is_here(row, side) for side in ("initiator", "acceptor"))
        if dials is answers or dials is not (self.direction is Direction.OUTBOUND):
            return None
        return ("", address, port) if dials else (source, "", port)

    def _is_here(self, row: Mapping[str, Any], side: str) -> bool:
        if self._here:
            return row[f"{side}_address"] in self._here
        return row[f"{side}_daemon"] in self._names

    def closes(self, address: str, port: int) -> bool:
        """Tell whether nobody may dial that, but for the openings."""
        return not self._closed.isdisjoint({Closed(address, port), Closed("", port)})

    def why(self, row: Mapping[str, Any]) -> str:
        """Return why no opening is for a flow."""
        expected = row["expectation"]
        if row["permission"] == Permission.FORBIDDEN:
            place = f" ({row['permission_source']})" if row["permission_source"] else ""
            return f"the configuration forbids {expected}{place}"
        if expected in self._missing:
            return f"{expected} has no rule, for {self._missing[expected]}"
        if expected in self._expected:
            listed = list(map(_shown, self._expected[expected]))
            return f"{expected} is opened only {first_of(listed, _MOST)}"
        if row["connection"]:
            return f"which connection {row['connection']} of the configuration it is is not known"
        return row["match_reason"] or "the configuration calls for no such connection"


def _shown(key: Key) -> str:
    source, address, port = key
    return " ".join(_parts(source, address, port))


def _parts(source: str, address: str, port: int) -> Iterator[str]:
    if source:
        yield f"from {source}"
    yield f"to {endpoint_to_text(address, port)}" if address else f"to port {port}"
