"""A finding in the words of every report for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from auditor.report.cells import text, texts
from auditor.report.told.groups import Row
from auditor.report.told.view import View

#: The notes that a statement of the first screen sums up; JSON and CSV have each.
STATED = frozenset({"heartbeat-unset", "bacula-site"})

#: Other messages of one finding that are told: its evidence has more.
_MOST_WORDINGS = 3


def sentence(view: View, row: Row) -> str:
    """Return what a finding says, and what other rules found of the same cause."""
    return view.short("; ".join([text(row, "message"), *_also(row)]))


def _also(row: Row) -> Iterator[str]:
    """Yield what its rule said of it in other words, and what another rule found of the same cause,
    one sentence a rule."""
    evidence = texts(row, "evidence")
    for rule in texts(row, "rules"):
        said = (line.removeprefix(f"{rule}: ") for line in evidence if line.startswith(f"{rule}: "))
        yield from islice(said, _MOST_WORDINGS if rule == row["rule"] else 1)


def why_unsure(row: Row, flow: Row | None) -> str:
    """Return how sure a finding is where it is not certain, and why where the flow tells."""
    confidence = text(row, "confidence")
    if confidence == "certain":
        return ""
    reason = text(flow, "match_reason") if flow is not None else ""
    if reason in text(row, "message"):
        return confidence
    return f"{confidence}: {reason}" if reason and confidence == "guess" else confidence
