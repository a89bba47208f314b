"""Findings as cards: each cause once, with its evidence, where it is written, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from auditor.judge.verdicts import Verdict
from auditor.report.cells import text, texts
from auditor.report.told.causes import Cause, causes
from auditor.report.told.display_filter import display_filter
from auditor.report.told.finding_words import STATED, sentence, why_unsure
from auditor.report.told.groups import FindingGroup, Row
from auditor.report.told.quotes import quotes
from auditor.report.told.standing import numbers_of
from auditor.report.told.view import View
from auditor.report.told.words import moment, places
from auditor.site.connections import connections
from auditor.text.endpoint_text import endpoint_to_text

#: Cards of one kind, sentences of one card, and places: the JSON report has all.
MOST_CARDS = 200
_MOST_GROUPS = 25
_MOST_PLACES = 8
_MOST_FLOWS = 6

Card = Mapping[str, Any]


def fail_cards(view: View, *, waived: bool) -> list[Card]:
    """Return what failed, worst first: what counts, or what a waiver covers."""
    return [_card(view, cause) for cause in causes(view) if cause.waived == waived]


def other_cards(view: View, verdict: Verdict) -> list[Card]:
    """Return what could not be decided, or is good to know: a card a rule, worst first."""
    found: dict[str, list[Row]] = {}
    for row in view.findings:
        if row["verdict"] == verdict and text(row, "rule") not in STATED:
            found.setdefault(text(row, "rule"), []).append(row)
    ordered = [rule for rule in view.rules if rule in found]
    return [_card(view, Cause(seen=found[rule])) for rule in ordered]


def _card(view: View, cause: Cause) -> Card:
    rule = view.rules[cause.rule]
    happened, reasons = cause.happened(view), cause.reasons(view)
    found = set[str]().union(*(numbers_of(view, row) for row in cause.rows))
    quoted, unquoted = quotes(view, cause.sources())
    listed = places([view.short(place) for place in unquoted])
    return {
        "severity": str(cause.severity),
        "rule": rule.id,
        "title": rule.title,
        "why_it_matters": " ".join(rule.why.split()),
        "others": cause.others,
        "manual": rule.manual,
        "findings": len(cause.rows),
        "numbers": [number for number in connections() if number in found],
        "happened": [_told(view, group) for group in happened[:_MOST_GROUPS]],
        "more": sum(group.rows for group in happened[_MOST_GROUPS:]),
        "reasons": [_told(view, group) for group in reasons[:_MOST_GROUPS]],
        "quotes": quoted[:_MOST_PLACES],
        "more_quotes": len(quoted[_MOST_PLACES:]),
        "places": listed[:_MOST_PLACES],
        "more_places": len(listed[_MOST_PLACES:]),
        "remedy": view.short(cause.remedy),
        "confidence": _surest(cause.rows),
    }


def _surest(rows: Sequence[Row]) -> str:
    found = {text(row, "confidence") for row in rows}
    return next((one for one in ("certain", "likely", "guess") if one in found), "")


def _told(view: View, group: FindingGroup) -> Mapping[str, Any]:
    row, flow = group.first, group.flow
    flows = [view.flow_by_id[one] for one in group.flows if one in view.flow_by_id]
    probes = _probes(view, row)
    # Frames are counted in one capture: those of the others are in no filter with them.
    shown = [one for one in flows[:_MOST_FLOWS] if one["capture"] == flows[0]["capture"]]
    return {
        "id": text(row, "id"),
        "sentence": sentence(view, row),
        "waived": text(row, "waived"),
        "known_since": text(row, "known_since")[:10],
        "count": group.count,
        "unsure": why_unsure(row, flow),
        "time": moment(flow["started"], view.day) if flow is not None else "",
        "evidence": [_pair(one) for one in texts(row, "evidence")],
        "flows": [_ends(view, one, probes) for one in islice(flows, _MOST_FLOWS)],
        "more_flows": max(0, len(flows) - _MOST_FLOWS),
        "filter": display_filter(flows),
        "frames": view.frames.display_filter(shown, probes),
        "frames_of": text(shown[0], "capture") if shown and len(view.captures) > 1 else "",
        "captures": _captures(view, flows),
    }


def _pair(evidence: str) -> tuple[str, str]:
    """Return ``column=value`` apart; what is of another form has no column."""
    column, equals, value = evidence.partition("=")
    return (column, value) if equals and column.isidentifier() else ("", evidence)


def _probes(view: View, row: Row) -> Mapping[str, Sequence[int]]:
    """Return the frames of probes by flow, if a finding is about probes."""
    return view.probe_frames if view.is_on_probes(row) else {}


def _ends(view: View, flow: Row, probes: Mapping[str, Sequence[int]]) -> Mapping[str, str]:
    return {
        "id": text(flow, "id"),
        "from": endpoint_to_text(text(flow, "initiator_address"), flow["initiator_port"]),
        "to": endpoint_to_text(text(flow, "acceptor_address"), flow["acceptor_port"]),
        "initiator": text(flow, "initiator_daemon"),
        "acceptor": text(flow, "acceptor_daemon"),
        "started": moment(flow["started"], view.day),
        "span": view.frames.span(flow),
        "frames": view.frames.named(flow, probes.get(text(flow, "id"), ())),
    }


def _captures(view: View, flows: Iterable[Row]) -> list[str]:
    """Return the captures to open; one alone is named by the report already."""
    found = dict.fromkeys(text(flow, "capture") for flow in flows)
    return [*found] if len(view.captures) > 1 else []
