"""The first sentences of every report for people: the verdict, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from auditor.report.cells import texts
from auditor.report.told.view import View
from auditor.report.told.words import count
from auditor.site.model import Role
from auditor.text.listing import first_of

if TYPE_CHECKING:
    from auditor.result import Check

#: Names of daemons in a sentence; the JSON report has all.
_MOST = 12


def headline(view: View) -> tuple[str, str]:
    """Return the verdict in a line, and its style: ``fail``, ``pass`` or ``unknown``."""
    match view.audit.verdict:
        case "fail":
            return _failed(view)
        case "pass":
            return _passed(view), "pass"
        case _ if is_open(view):
            return _undecided(view)
        case _:
            return f"could not look: {_blindness(view)}", "unknown"


def checked_aside(check: Check) -> str:
    """Return how much is waived and known in a configuration alone, as what a line goes on with."""
    waived = sum(reason != "" for reason in check.tables["findings"].values("waived"))
    parts = [(waived, "waived"), (check.known, "known")]
    told = ", ".join(f"{number:,} {word}" for number, word in parts if number)
    return f"; {told}" if told else ""


def what_was_read(check: Check) -> str:
    """Return whose configuration was read, and what it calls for, as a sentence."""
    expected = len(check.tables["expectations"])
    rows = count(expected, "connection") if expected else "no connection"
    known = check.described
    names = f"the configuration of {_by_role(known[:_MOST])}" if known else "no daemon's own files"
    more = f" and {len(known) - _MOST} more" if len(known) > _MOST else ""
    return f"Read: {names}{more}; what was read calls for {rows}."


def is_open(view: View) -> bool:
    """Tell whether something grave was seen that could not be decided."""
    return view.audit.verdict == "unknown" and not view.audit.blind


def basis(view: View) -> str:
    """Return what was proven, and what could not be seen."""
    proof = view.audit.proof
    parts = [_connections(view)]
    if proof.heartbeats or proof.unobserved:
        heartbeats = f"heartbeats: {proof.heartbeats:,} proven"
        unseen = f", {proof.unobserved:,} not observable" if proof.unobserved else ""
        parts.append(heartbeats + unseen)
    return "; ".join(parts)


def aside(view: View) -> str:
    """Return how much is undecided, waived and known, as what a line goes on with, or nothing."""
    coverage = view.coverage()
    parts = []
    if coverage["unknowns"] and not (is_open(view) and coverage["unknowns"] == view.audit.open):
        parts.append(f"{coverage['unknowns']:,} undecided")
    if coverage["waived"]:
        parts.append(f"{coverage['waived']:,} waived")
    if coverage["known"]:
        parts.append(f"{coverage['known']:,} known")
    return f"; {', '.join(parts)}" if parts else ""


def _failed(view: View) -> tuple[str, str]:
    """Return the headline of an audit that failed, and its style."""
    found = {severity: n for severity, n in view.audit.fails_by_severity.items() if n}
    parts = [f"{number} {severity}" for severity, number in found.items()]
    total = f"fail ({view.audit.severity}): {count(sum(found.values()), 'finding')}"
    return total if len(parts) == 1 else f"{total} ({', '.join(parts)})", "fail"


def _passed(view: View) -> str:
    """Return the headline of an audit in which nothing failed that counts."""
    if view.checked:
        return f"pass: nothing is {'new' if view.audit.known else 'wrong'} in what was read"
    return f"pass{' (nothing new)' if view.audit.known else ''}: {basis(view)}"


def _undecided(view: View) -> tuple[str, str]:
    """Return the headline of an audit in which something grave is open, and its style."""
    grave = count(view.audit.open, "finding")
    return f"unknown: {grave} that would be high could not be decided", "unknown"


def _connections(view: View) -> str:
    proof = view.audit.proof
    if not view.expectations:
        known = count(proof.numbered, "connection") if proof.numbered else "no connection"
        if view.audit.verdict == "pass":
            return f"ports and hellos show nothing wrong in {known}"
        return f"{known} in which ports and hellos show nothing wrong"
    counts = {"proven": proof.certain, "likely": proof.likely}
    listed = [f"{number:,} {word}" for word, number in counts.items() if number]
    return f"who dials whom: {', '.join(listed) or 'none proven'}"


def _blindness(view: View) -> str:
    if view.checked:
        return "what was read describes no connection"
    if not view.flows:
        nothing = "the captures hold no TCP segment on any of the site's ports"
        unread = [one for row in view.captures for one in texts(row, "undecoded_layers")]
        return f"{nothing} that can be read ({first_of(unread, _MOST)})" if unread else nothing
    if view.audit.unruled:
        return "the rules that were chosen found nothing to judge"
    numbered = [row for row in view.flows if row["numbered"]]
    sure = [row for row in numbered if row["confidence"] != "guess"]
    if any(row["expectation"] or not row["configured"] for row in sure):
        return "no connection was accepted"
    if numbered and not sure:
        return "what each connection is can only be guessed"
    if not view.expectations:
        return "no connection has the number of a Bareos connection"
    return "this configuration describes none of the connections: is it that of another network?"


def _by_role(described: Sequence[str]) -> str:
    """Return ``director d, file daemons f1, f2``."""
    names: dict[str, list[str]] = {}
    for one in described:
        role = next(str(role) for role in Role if one.startswith(f"{role} "))
        names.setdefault(role, []).append(one.removeprefix(f"{role} "))
    return ", ".join(
        f"{role}{'s' if len(found) > 1 else ''} {', '.join(found)}" for role, found in names.items()
    )
