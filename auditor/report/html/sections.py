"""What the pages of an audit and of a check show, section by section, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.judge.verdicts import Verdict
from auditor.report.html.cards import MOST_CARDS, fail_cards, other_cards
from auditor.report.html.diagram import BOXES, HEIGHT, WIDTH, drawn
from auditor.report.html.grids import flow_grid
from auditor.report.told.standing import standings
from auditor.report.told.verdict import (
    aside,
    basis,
    checked_headline,
    headline,
    is_open,
    what_was_read,
)
from auditor.report.told.view import View

if TYPE_CHECKING:
    from auditor.result import Check

Context = dict[str, Any]


def audit_sections(view: View) -> Context:
    """Return what the page of an audit shows."""
    told, style = headline(view)
    return {
        **_both(view, told, style),
        "rests_on": basis(view) if view.audit.verdict == "fail" or is_open(view) else "",
        "aside": aside(view).removeprefix("; "),
        "flows": flow_grid(view),
    }


def check_sections(check: Check) -> Context:
    """Return what the page of a configuration alone shows."""
    view = View(check)
    told, style = checked_headline(view)
    return {**_both(view, told, style), "rests_on": what_was_read(check), "aside": ""}


def _both(view: View, told: str, style: str) -> Context:
    verdict, _, rest = told.partition(": ")
    known = standings(view)
    return {
        "style_of_verdict": style,
        "verdict": verdict.partition(" (")[0],
        "headline": rest,
        "folder": view.folder,
        "statements": [view.short(one) for one in view.audit.statements],
        "counts": _counts(view),
        "standings": known,
        "arrows": drawn(known),
        "drawing": {"width": WIDTH, "height": HEIGHT, "boxes": BOXES},
        "fails": _cards(fail_cards(view, waived=False)),
        "unknowns": _cards(other_cards(view, Verdict.UNKNOWN)),
        "notes": _cards(other_cards(view, Verdict.NOTE)),
        "waived": _cards(fail_cards(view, waived=True)),
        "captures": view.captures,
    }


def _counts(view: View) -> Mapping[str, int]:
    found = {str(severity): n for severity, n in view.audit.fails_by_severity.items()}
    unknowns = sum(row["verdict"] == Verdict.UNKNOWN for row in view.findings)
    waived = sum(bool(row["waived"]) for row in view.findings)
    return {**found, "undecided": unknowns, "waived": waived}


def _cards(cards: list[Any]) -> Mapping[str, Any]:
    return {"shown": cards[:MOST_CARDS], "left": len(cards[MOST_CARDS:])}
