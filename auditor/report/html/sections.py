"""What the pages of an audit and of a check show, section by section, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from auditor.judge.verdicts import Verdict
from auditor.report.cells import number, text
from auditor.report.html.cards import MOST_CARDS, fail_cards, other_cards
from auditor.report.html.diagram import drawn
from auditor.report.html.grids import flow_grid
from auditor.report.html.inert import coded
from auditor.report.html.site_sections import (
    MOST_RECORDINGS,
    coverage_section,
    heartbeat_section,
    mode_section,
    opinion_section,
    problem_section,
    recording_section,
    topology_section,
)
from auditor.report.pictures.overview_places import BOXES, HEIGHT, WIDTH
from auditor.report.told.groups import Row
from auditor.report.told.standing import standings
from auditor.report.told.verdict import (
    aside,
    basis,
    checked_aside,
    headline,
    is_open,
    what_was_read,
)
from auditor.report.told.view import View
from auditor.report.told.words import count, moment, span
from auditor.text.times import iso

if TYPE_CHECKING:
    from auditor.result import Check

Context = dict[str, Any]

#: Names of captures on the first screen; how each was recorded stands at the end.
_MOST_CAPTURES = 3


def audit_sections(view: View) -> Context:
    """Return what the page of an audit shows."""
    told, style = headline(view)
    return {
        **_both(view, told, style),
        "rests_on": basis(view) if view.audit.verdict == "fail" or is_open(view) else "",
        "aside": aside(view).removeprefix("; "),
        "flows": flow_grid(view),
        "unnumbered": view.coverage()["unnumbered"],
        "topology": topology_section(view),
        "modes": mode_section(view),
        "heartbeats": heartbeat_section(view),
        "coverage": coverage_section(view),
        "recordings": recording_section(view),
        "more_recordings": max(0, len(view.captures) - MOST_RECORDINGS),
        "opinion": opinion_section(view),
    }


def check_sections(check: Check) -> Context:
    """Return what the page of a configuration alone shows."""
    view = View(check)
    told, style = headline(view)
    return {
        **_both(view, told, style),
        "rests_on": what_was_read(check),
        "aside": checked_aside(check).removeprefix("; "),
        "modes": mode_section(view),
        "heartbeats": heartbeat_section(view),
        "coverage": coverage_section(view),
    }


def _both(view: View, told: str, style: str) -> Context:
    verdict, _, rest = told.partition(": ")
    verdict, _, worst = verdict.partition(" (")
    if worst and "(" not in rest:  # of one severity are all, which the word alone does not say
        rest = f"{rest} ({worst}"
    known = standings(view)
    return {
        "style_of_verdict": style,
        "verdict": verdict,
        "headline": rest,
        "configuration": view.audit.basis.configuration or tuple(filter(None, [view.folder])),
        "configured": bool(view.expectations),
        "site_file": view.audit.basis.site_file,
        "made": moment(iso(made)) if (made := view.audit.basis.made) is not None else "",
        "made_by": view.audit.basis.version,
        "statements": [coded(view.short(one)) for one in view.audit.statements],
        "standings": known,
        "arrows": drawn(known),
        "drawing": {"width": WIDTH, "height": HEIGHT, "boxes": BOXES},
        "fails": _cards(fail_cards(view, waived=False)),
        "unknowns": _cards(other_cards(view, Verdict.UNKNOWN)),
        "notes": _cards(other_cards(view, Verdict.NOTE)),
        "waived": _cards(fail_cards(view, waived=True)),
        "captures": _captures(view),
        "problems": problem_section(view),
    }


def _captures(view: View) -> list[Mapping[str, str]]:
    """Return what was read: each capture, or of many how much it is and which are incomplete."""
    if len(view.captures) <= _MOST_CAPTURES:
        return [_capture(row) for row in view.captures]
    packets = count(sum(int(number(row, "packets") or 0) for row in view.captures), "packet")
    lost = [row for row in view.captures if row["incomplete"]]
    told = f"{count(len(view.captures), 'capture')}, {packets}, {len(lost):,} of them incomplete"
    return [{"name": "", "size": told, "lost": ""}, *map(_capture, lost[:_MOST_CAPTURES])]


def _capture(row: Row) -> Mapping[str, str]:
    told = count(int(number(row, "packets") or 0), "packet")
    first, last = moment(row["first"]), moment(row["last"], text(row, "first")[:10])
    lasted = span(number(row, "duration_s") or 0)
    size = f"{told}, {lasted}, {first} – {last} UTC" if first else told
    lost = text(row, "incomplete_reason") if row["incomplete"] else ""
    return {"name": text(row, "name"), "size": size, "lost": lost}


def _cards(cards: list[Any]) -> Mapping[str, Any]:
    return {"shown": cards[:MOST_CARDS], "left": len(cards[MOST_CARDS:])}
