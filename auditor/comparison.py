"""Two audits of one network: what failed since, what fails no longer, and what still does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from auditor.judge.tables.table import Row
from auditor.judge.verdicts import Severity, Verdict
from auditor.result import Audit, Basis
from auditor.text.markup import html_table

#: What a finding of these tables is about lies in files, not on the wire.
_PROBLEMS = "problems"
_WRITTEN = frozenset({_PROBLEMS, "expectations", "settings"})
#: Findings that a notebook shows.
_SHOWN = 50


class State(StrEnum):
    """What became of a finding."""

    OPENED = "opened"
    """It fails now and did not, or less severely."""
    CLOSED = "closed"
    """It failed and does not now; ``reason`` says whether that is known to be mended."""
    UNCHANGED = "unchanged"
    """It failed and fails."""


class Compared(NamedTuple):
    """One finding of either audit."""

    id: str
    state: State
    rule: str
    severity: str
    """How bad it is, or was when it is closed."""
    message: str
    """As the newer audit that has it tells it."""
    reason: str
    """Why it is opened or closed, where that is not all; empty: it is."""
    sources: tuple[str, ...]
    remedy: str


@dataclass(frozen=True, repr=False)
class Comparison:
    """What two audits have in common, and what not."""

    old: Basis
    new: Basis
    findings: tuple[Compared, ...]
    """Opened ones first, then closed, then unchanged; worst first within each."""

    def __repr__(self) -> str:
        """Return the counts in a line; the findings have the rest."""
        return f"<Comparison {self._counts()}>"

    def _counts(self) -> str:
        return ", ".join(f"{len(self.of(state)):,} {state}" for state in State)

    def of(self, state: State) -> tuple[Compared, ...]:
        """Return the findings in one state."""
        return tuple(one for one in self.findings if one.state is state)

    @property
    def differs(self) -> bool:
        """Whether anything was opened or closed."""
        return any(one.state is not State.UNCHANGED for one in self.findings)

    def _repr_html_(self) -> str:
        """Return the findings as a notebook shows them."""
        shown = [
            (one.state, one.severity, one.message, one.reason) for one in self.findings[:_SHOWN]
        ]
        left = len(self.findings) - len(shown)
        more = f"; {left:,} are not shown" if left else ""
        return html_table(("state", "severity", "finding", "why"), shown, self._counts() + more)


def compare(old: Audit, new: Audit) -> Comparison:
    """Return what became of the findings of ``old``, and which of ``new`` it did not have.

    Findings are the same by their ids. What counts is what fails and no waiver covers, whether a
    baseline had it or not. Raises ValueError where only one of both is of a configuration alone.
    """
    if type(old) is not type(new):
        raise ValueError(
            "an audit of captures cannot be compared with one of a configuration alone"
        )
    before, after = _by_id(old), _by_id(new)
    about = {rule.id: rule.about for rule in (*old.rules, *new.rules)}
    found = [_compared(before.get(key), after.get(key), new, about) for key in {**after, **before}]
    states = [*State]
    shown = (one for one in found if one is not None)
    order = sorted(shown, key=lambda one: (states.index(one.state), _rank(one.severity)))
    return Comparison(old.basis, new.basis, tuple(order))


def _by_id(audit: Audit) -> Mapping[str, Row]:
    """Return the weightiest finding of each id: fails first, and the worst of these."""
    found: dict[str, Row] = {}
    for row in audit.tables["findings"].rows():
        known = found.get(row["id"])
        if known is None or _weight(row) < _weight(known):
            found[row["id"]] = row
    return found


def _weight(row: Row) -> tuple[bool, bool, int]:
    return not _fails(row), row["verdict"] != Verdict.UNKNOWN, _rank(row["severity"])


def _rank(severity: str) -> int:
    return Severity(severity).rank


def _fails(row: Row | None) -> bool:
    return row is not None and row["verdict"] == Verdict.FAIL and not row["waived"]


def _compared(
    was: Row | None, now: Row | None, new: Audit, about: Mapping[str, str]
) -> Compared | None:
    """Return what became of one finding; None: it failed in neither audit."""
    if now is not None and _fails(now):
        worse = was is None or not _fails(was) or _rank(now["severity"]) < _rank(was["severity"])
        state = State.OPENED if worse else State.UNCHANGED
        return _told(state, now, _opened(was) if worse else "")
    if was is not None and _fails(was):
        return _told(State.CLOSED, was, _closed(was, now, new, about))
    return None


def _told(state: State, row: Row, reason: str) -> Compared:
    said = ("id", "rule", "severity", "message", "remedy")
    cells: dict[str, Any] = {name: row[name] for name in said}
    return Compared(state=state, reason=reason, sources=tuple(row["sources"]), **cells)


def _opened(was: Row | None) -> str:
    """Return what the older audit had instead of a fail."""
    if was is None:
        return ""
    if _fails(was):
        return f"it was {was['severity']} before"
    if was["waived"]:
        return f"the waiver for it ({was['waived']}) has ended"
    return "it could not be decided before" if was["verdict"] == Verdict.UNKNOWN else ""


def _closed(was: Row, now: Row | None, new: Audit, about: Mapping[str, str]) -> str:
    """Return what is known of a finding that fails no longer: that nobody could see it again does
    not mend it."""
    if now is not None:
        if now["waived"]:
            return f"it is waived: {now['waived']}"
        return "it can no longer be decided" if now["verdict"] == Verdict.UNKNOWN else ""
    if about[was["rule"]] in _WRITTEN and not new.basis.configuration:
        return "not known to be mended: no configuration was given"
    if was["rule"] in new.basis.left_out:
        return f"not known to be mended: the rule {was['rule']} was left out"
    if about[was["rule"]] == _PROBLEMS:  # its rule is applied only where anything is wrong
        return "what was read of the configuration no longer has it"
    if was["rule"] not in {rule.id for rule in new.rules}:
        return f"not known to be mended: the rule {was['rule']} was not applied"
    if about[was["rule"]] in _WRITTEN:
        return ""
    if not was["affects"]:
        return "it was not seen again"
    seen = set(_connections(new))
    if any(one in seen for one in was["affects"]):
        return ""
    return "not known to be mended: no such connection was seen"


def _connections(audit: Audit) -> Iterator[str]:
    """Yield the connections that were seen, as findings name them in ``affects``."""
    flows = audit.tables["flows"]
    columns = ("connection", "initiator_daemon", "acceptor_daemon")
    for number, initiator, acceptor in zip(*map(flows.values, columns), strict=True):
        yield f"{number}:{initiator}>{acceptor}"
