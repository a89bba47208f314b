"""Numbers that only the company of other flows can tell (bareos.md §1.4, §3.5).

5b is the connection of a Director to the Storage Daemon that soon after accepts an 8. On a host
that is File Daemon and Storage Daemon at once, 6 and 8 are told apart by what the Director holds
open at that moment: a 3 or 4 of the client for 6, a 5a to the reading daemon for 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.config.site.model import Expectation
from auditor.flows.model import Flow
from auditor.judge.match import Confidence, Match


def settle_data(flows: Sequence[Flow], matches: Sequence[Match]) -> list[Match]:
    """Return the matches with every choice between 6 and 8 settled that can be."""
    pairs = list(zip(flows, matches, strict=True))
    return [_settled(flow, match, pairs) if _undecided(match) else match for flow, match in pairs]


def promote_copies(
    flows: Sequence[Flow], matches: Sequence[Match], rows: Sequence[Expectation]
) -> list[Match]:
    """Return the matches with each 5a that accompanies an 8 turned into a 5b.

    For every 8, in order of time, it is the youngest control connection to the same acceptor that
    was opened before it, was still open, and is not yet taken by another 8.
    """
    found = list(matches)
    copies = {row.id: row for row in rows if row.connection == "5b"}
    taken: set[int] = set()
    eights = [i for i, match in enumerate(matches) if match.connection == "8"]
    for eight in sorted(eights, key=lambda i: flows[i].started):
        control = max(
            _controls(flows, matches, flows[eight], taken),
            key=lambda i: flows[i].started,
            default=None,
        )
        if control is not None:
            taken.add(control)
            found[control] = _as_5b(found[control], copies)
    return found


def _undecided(match: Match) -> bool:
    return match.connection is None and {row.connection for row in match.candidates} == {"6", "8"}


def _settled(flow: Flow, match: Match, pairs: Sequence[tuple[Flow, Match]]) -> Match:
    opened = [
        other
        for company, other in pairs
        if company.started <= flow.started and _open_at(company, flow.started)
    ]
    numbers = set()
    for row in match.candidates:
        if row.connection == "6" and any(_controls_client(other, row) for other in opened):
            numbers.add("6")
        if row.connection == "8" and any(
            other.connection == "5a" and other.acceptor == row.initiator for other in opened
        ):
            numbers.add("8")
    if len(numbers) != 1:
        return match
    rows = tuple(row for row in match.candidates if row.connection in numbers)
    return replace(
        match,
        connection=rows[0].connection,
        confidence=Confidence.LIKELY,
        candidates=rows,
        initiator=rows[0].initiator,
        acceptor=rows[0].acceptor,
        reason="told by the control connections that were open beside it",
    )


def _controls_client(other: Match, row: Expectation) -> bool:
    end = {"3": other.acceptor, "4": other.initiator}.get(other.connection or "")
    return end is not None and end == row.initiator


def _controls(
    flows: Sequence[Flow], matches: Sequence[Match], eight: Flow, taken: set[int]
) -> Iterator[int]:
    for index, (flow, match) in enumerate(zip(flows, matches, strict=True)):
        if (
            match.connection == "5a"
            and index not in taken
            and flow.acceptor.address == eight.acceptor.address
            and flow.acceptor.port == eight.acceptor.port
            and flow.started <= eight.started
            and _open_at(flow, eight.started)
        ):
            yield index


def _open_at(flow: Flow, time: int) -> bool:
    return flow.ended is None or flow.ended >= time


def _as_5b(match: Match, copies: dict[str, Expectation]) -> Match:
    """Return the match with its 5a rows replaced by the 5b rows of the same ends."""
    rows = [copies[row_id] for row in match.candidates if (row_id := f"5b{row.id[2:]}") in copies]
    return replace(match, connection="5b", candidates=tuple(rows))
