"""How each of the thirteen numbers stands: what was seen of it, what failed, what is open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from auditor.judge.proof import sureness
from auditor.judge.verdicts import Confidence, Verdict
from auditor.report.cells import iter_records, text, texts
from auditor.report.told.groups import Row, counts
from auditor.report.told.view import View
from auditor.report.told.words import count
from auditor.site.connections import Connection, connections
from auditor.site.model import Permission


class State(StrEnum):
    """What is known of a connection number."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    """Seen, but not all of it is proven; or something on it could not be decided."""
    PASS = "pass"
    """Each connection that was seen is proven to be what the configuration calls for."""
    FORBIDDEN = "forbidden"
    """The configuration forbids it everywhere, and none was seen."""
    IDLE = "not exercised"


#: What ``state_of`` reads of a flow.
PROOF_COLUMNS = (
    "id",
    "expectation",
    "configured",
    "numbered",
    "outcome",
    "login_refused",
    "confidence",
    "identity_type",
    "identity_proven",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One connection number in an audit."""

    connection: Connection
    state: State
    flows: int
    """Connections that were seen."""
    proven: int
    fails: int
    """Findings that fail, without what is waived."""
    undecided: int
    told: str
    """The state in words."""

    @property
    def number(self) -> str:
        """``1`` … ``12``."""
        return self.connection.connection


class _Counts(NamedTuple):
    flows: int
    proven: int
    fails: int
    undecided: int
    excused: int
    """Fails that do not count."""


def standings(view: View) -> list[Standing]:
    """Return the thirteen numbers in the manual's order."""
    flows, proven = _counted(view)
    fails, open_ = (_found(view, verdict) for verdict in (Verdict.FAIL, Verdict.UNKNOWN))
    excused = _found(view, Verdict.FAIL, counted=False)
    allowed = defaultdict(set)
    for row in view.expectations:
        allowed[text(row, "connection")].add(text(row, "permission"))
    return [
        _standing(
            view, one, _Counts(flows[n], proven[n], fails[n], open_[n], excused[n]), allowed[n]
        )
        for n, one in connections().items()
    ]


def state_of(view: View, flow: Row) -> State:
    """Return how one flow stands: a finding fails it, it is proven to be what the configuration
    calls for, or neither; what a waiver excuses is no proof."""
    if text(flow, "id") in view.excused:
        return State.UNKNOWN
    if text(flow, "id") in view.failed:
        return State.FAIL
    proven = flow["expectation"] and sureness(flow) == Confidence.CERTAIN
    return State.PASS if proven else State.UNKNOWN


def numbers_of(view: View, row: Row) -> Set[str]:
    """Return the connection numbers that a finding is about; none: it is about no number."""
    affected = (one.partition(":")[0] for one in texts(row, "affects"))
    flows = (view.flow_by_id.get(one) for one in texts(row, "flows"))
    seen = (text(flow, "connection") for flow in flows if flow is not None)
    expected = view.number_by_expectation.get(text(row, "expectation"), "")
    return {number for number in (*affected, *seen, expected) if number in connections()}


def _counted(view: View) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Count flows by number, and those that are proven; without a configuration none is."""
    flows, proven = Counter[str](), Counter[str]()
    columns = ("connection", *PROOF_COLUMNS)
    for row in iter_records(view.audit.tables["flows"], columns):
        flows[text(row, "connection")] += 1
        if state_of(view, row) is State.PASS:
            proven[text(row, "connection")] += 1
    return flows, proven


def _found(view: View, verdict: Verdict, *, counted: bool = True) -> Mapping[str, int]:
    rows = (r for r in view.findings if r["verdict"] == verdict and counts(r) == counted)
    return Counter(number for row in rows for number in numbers_of(view, row))


def _standing(view: View, one: Connection, found: _Counts, permissions: Set[str]) -> Standing:
    flows, proven, fails, undecided, excused = found
    if fails:
        state = State.FAIL
    elif undecided or excused or flows > proven or (flows and not view.expectations):
        state = State.UNKNOWN
    elif flows:
        state = State.PASS
    else:
        state = State.FORBIDDEN if permissions == {Permission.FORBIDDEN} else State.IDLE
    told = "; ".join(_words(view, state, found, permissions))
    return Standing(one, state, flows, proven, fails, undecided, told)


def _words(
    view: View,
    state: State,
    found: _Counts,
    permissions: Set[str],
) -> Iterator[str]:
    flows, proven, fails, undecided, excused = found
    if fails:
        yield count(fails, "finding")
    if undecided:
        yield f"{undecided:,} undecided"
    if excused:
        yield f"{excused:,} waived or known"
    if flows and not view.expectations:
        yield f"{flows:,} seen, no configuration says whether they may be"
    elif flows:
        yield f"{flows:,} seen, {proven:,} proven"
    elif state is State.FORBIDDEN:
        yield "forbidden, none seen"
    elif view.checked:
        yield "called for" if permissions - {Permission.FORBIDDEN} else "not called for"
    else:
        unseen = "none seen" if permissions or not view.expectations else "none seen or called for"
        yield unseen
