"""What a comment tells of an audit, section by section, the weightiest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from auditor.judge.verdicts import Verdict
from auditor.report.cells import number, text
from auditor.report.html.cards import Card, fail_cards, other_cards
from auditor.report.markdown.marks import code, details, fenced, table, told
from auditor.report.told import flow_words
from auditor.report.told.groups import FlowGroup, group_flows, heartbeat_verdict, identity
from auditor.report.told.quotes import Quote
from auditor.report.told.verdict import (
    aside,
    basis,
    headline,
    is_open,
    what_was_read,
)
from auditor.report.told.view import View
from auditor.report.told.words import count, moment, span
from auditor.result import Check
from auditor.site.connections import connections
from auditor.text.times import iso

_SIGNS = {"fail": "❌", "pass": "✅", "unknown": "❔"}
#: Causes that a comment tells, sentences of one, and rows of the table of connections.
_MOST_CAUSES, _MOST_SENTENCES, _MOST_ROWS = 50, 10, 100
_MOST_OTHERS, _MOST_PLACES = 30, 5


def audit_sections(view: View) -> Iterator[str]:
    """Yield the sections of an audit of captures."""
    yield _heading(*headline(view))
    rests_on = basis(view) if view.audit.verdict == "fail" or is_open(view) else ""
    told_ = f"{rests_on}{aside(view)}".removeprefix("; ")
    yield from _opening([f"{told_.capitalize()}."] if told_ else [], view)
    yield from _findings(view)
    yield from _connections(view)
    yield _recorded(view)


def check_sections(view: View, check: Check) -> Iterator[str]:
    """Yield the sections of a configuration alone."""
    yield _heading(*headline(view))
    yield from _opening([what_was_read(check)], view)
    yield from _findings(view)
    yield _recorded(view)


def _heading(words: str, style: str) -> str:
    return f"## {_SIGNS[style]} {told(words)}"


def _opening(sentences: Iterable[str], view: View) -> Iterator[str]:
    yield from map(told, sentences)
    said = [f"* {told(view.short(one))}" for one in view.audit.statements]
    if said:
        yield "\n".join(said)


def _findings(view: View) -> Iterator[str]:
    fails = fail_cards(view, waived=False)
    if fails:
        yield "### What failed"
    for card in fails[:_MOST_CAUSES]:
        yield _cause(card)
    if left := len(fails[_MOST_CAUSES:]):
        yield f"… and {count(left, 'more cause')}."
    for title, cards in (
        ("Could not be decided", other_cards(view, Verdict.UNKNOWN)),
        ("Good to know", other_cards(view, Verdict.NOTE)),
        ("Waived, or known from the baseline", fail_cards(view, waived=True)),
    ):
        if cards:
            found = sum(card["findings"] for card in cards)
            yield details(f"{title} ({found:,})", _listed(cards))


def _cause(card: Card) -> str:
    lines = [f"#### {card['severity']}: {told(card['title'])}"]
    lines += [f"* {_sentence(one)}" for one in card["happened"][:_MOST_SENTENCES]]
    left = sum(one["count"] for one in card["happened"][_MOST_SENTENCES:]) + card["more"]
    if left:
        lines.append(f"* … and {left:,} more like these")
    lines += [f"* why: {_sentence(one)}" for one in card["reasons"][:_MOST_SENTENCES]]
    if card["remedy"]:
        lines.append(f"\n**Do:** {told(card['remedy'])}")
    return "\n".join([*lines, "", details("Evidence, configuration, packets", _evidence(card))])


def _sentence(one: Mapping[str, Any]) -> str:
    more = ", ".join(filter(None, (one["time"], one["unsure"])))
    times = f" × {one['count']:,}" if one["count"] > 1 else ""
    waived = f" **[waived: {told(one['waived'])}]**" if one["waived"] else ""
    return f"{told(one['sentence'])}{times}{waived}{f' ({told(more)})' if more else ''}"


def _evidence(card: Card) -> str:
    rules = ", ".join(map(code, (card["rule"], *card["others"])))
    parts = [f"Rule {rules}. {told(card['why_it_matters'])}"]
    for quote in card["quotes"]:
        lines = (f"{'>' if one.decisive else ' '}{one.number:5}  {one.text}" for one in quote.lines)
        parts.append(f"{code(quote.file)}\n\n{fenced(lines)}")
    if card["places"]:
        parts.append("\n".join(f"* {code(place)}" for place in card["places"]))
    parts += [_proof(one) for one in card["happened"][:_MOST_SENTENCES]]
    return "\n\n".join(parts)


def _proof(one: Mapping[str, Any]) -> str:
    lines = [f"* Finding {code(one['id'])}"]
    ends = [
        f"{flow['id']} {flow['from']} to {flow['to']}{flow['span'] and ', '}{flow['span']}"
        for flow in one["flows"]
    ]
    if ends:
        more = f" and {one['more_flows']:,} more" if one["more_flows"] else ""
        lines.append(f"  * {', '.join(map(code, ends))}{more}")
    lines += [f"  * in {code(name)}" for name in one["captures"]]
    for shown in filter(None, (one["filter"], one["frames"])):
        lines.append(f"  * Wireshark: {code(shown)}")
    pairs = [f"{column}={value}" if column else value for column, value in one["evidence"]]
    if pairs:
        lines.append(f"  * {', '.join(map(code, pairs))}")
    return "\n".join(lines)


def _listed(cards: Sequence[Card]) -> str:
    lines = []
    for card in cards[:_MOST_OTHERS]:
        lines.append(f"* {code(card['rule'])}")
        lines += [f"  * {_sentence(one)}" for one in card["happened"][:_MOST_SENTENCES]]
        if where := [*map(_place, card["quotes"]), *card["places"]]:
            lines.append(f"  * see {', '.join(map(code, where[:_MOST_PLACES]))}")
            if left := len(where[_MOST_PLACES:]) + card["more_quotes"] + card["more_places"]:
                lines[-1] += f" and {left:,} more"
    if len(cards) > _MOST_OTHERS:
        lines.append(f"* … and {len(cards) - _MOST_OTHERS:,} more")
    return "\n".join(lines)


def _place(quote: Quote) -> str:
    """Return where what is quoted stands."""
    return f"{quote.file}:{', '.join(str(one.number) for one in quote.lines if one.decisive)}"


def _connections(view: View) -> Iterator[str]:
    if not view.flows:
        return
    groups = [(name, one) for name, found in group_flows(view.flows).items() for one in found]
    header = ("no.", "flows", "initiator", "acceptor", "dialled", "seen", "heartbeat", "identity")
    shown = table(header, (_row(name, group) for name, group in groups[:_MOST_ROWS]))
    if left := sum(group.count for _, group in groups[_MOST_ROWS:]):
        shown += f"\n\n… and {count(left, 'more flow')}."
    flows = sum(group.count for _, group in groups)
    yield details(f"Connections ({flows:,})", shown)


def _row(name: str, group: FlowGroup) -> tuple[str, ...]:
    flow = group.first
    verdict = heartbeat_verdict(flow)
    beat = "" if verdict == "notapplicable" else f"{flow_words.expected(flow).strip('?')} {verdict}"
    return (
        name or "none",
        f"{group.count:,}",
        "several" if group.various else flow_words.initiator(flow, name),
        flow_words.acceptor(flow, name),
        flow_words.dialled(flow),
        flow_words.seen(flow)[0],
        beat,
        identity(flow),
    )


def _recorded(view: View) -> str:
    given = view.audit.basis
    lines = [f"* Configuration {code(path)}" for path in given.configuration]
    lines += [f"* Site file {code(given.site_file)}"] if given.site_file else []
    for row in view.captures[:_MOST_OTHERS]:
        told_ = f"{count(int(number(row, 'packets') or 0), 'packet')}"
        if row["first"]:
            lasted = span(number(row, "duration_s") or 0)
            told_ += f", {lasted} from {moment(row['first'])} UTC"
        lost = f"; incomplete: {told(text(row, 'incomplete_reason'))}" if row["incomplete"] else ""
        lines.append(f"* Capture {code(text(row, 'name'))}: {told_}{lost}")
    if left := len(view.captures[_MOST_OTHERS:]):
        lines.append(f"* … and {count(left, 'more capture')}")
    numbers = {text(row, "connection") for row in (*view.expectations, *view.flows)}
    named = [f"{name} {one.title}" for name, one in connections().items() if name in numbers]
    if named:
        lines.append(f"* Numbers: {told(', '.join(named))}")
    made = f", {moment(iso(given.made))} UTC" if given.made is not None else ""
    lines.append(f"* bareos-audit {code(given.version)}{made}")
    return details("What this rests on", "\n".join(lines))
