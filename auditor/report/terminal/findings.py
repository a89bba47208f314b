"""Findings: what failed, what could not be decided, what is good to know."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from auditor.judge.rules.manual import manual_url
from auditor.judge.rules.rule_text import RuleText
from auditor.report.cells import text
from auditor.report.terminal.in_short import why_not_counted
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.terminal.wrapping import width_of
from auditor.report.told.causes import Cause, causes
from auditor.report.told.finding_words import STATED, sentence, why_unsure
from auditor.report.told.groups import FindingGroup, Row, group_findings
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count, places, some

#: Lines under one rule: whoever has more reads them with another format.
_MOST_FAILS = 25
_MOST_OTHERS = 4
#: Causes of one rule, each with its lines and what to do.
_MOST_CAUSES = 100
_MOST_SOURCES = 3
#: Lines of one file that are quoted.
_MOST_QUOTED = 2
#: Blanks between a place and what is written there.
_APART = 3
_MOST_FLOWS = 4
#: Where the text of a failed finding begins.
_HANG = 8


def render_fails(screen: Screen, view: View) -> None:
    """Write what failed, worst first: each cause once, where it stands, and what to do."""
    alike: dict[object, list[Cause]] = {}
    for cause in (one for one in causes(view) if not one.waived):
        alike.setdefault((cause.severity, cause.rule), []).append(cause)
        told = len(alike[cause.severity, cause.rule])
        if told <= _MOST_CAUSES:
            _render_cause(screen, view, cause)
    for found in alike.values():
        if left := found[_MOST_CAUSES:]:
            screen.gap()
            mark = Cell(left[0].severity, STYLES[left[0].severity])
            rows = count(sum(len(cause.rows) for cause in left), "more finding")
            where = f"with other lines and remedies (rule {left[0].rule}); JSON and CSV have each"
            screen.item(mark, f"{rows} {where}", indent=0, hang=_HANG)


def _render_cause(screen: Screen, view: View, cause: Cause) -> None:
    screen.gap()
    mark = Cell(cause.severity, STYLES[cause.severity])
    _render_groups(screen, view, mark, cause.happened(view), indent=0, others=cause.others)
    _render_groups(screen, view, Cell("why", "bold"), cause.reasons(view), indent=2)
    _render_sources(screen, view, cause.sources())
    if cause.remedy:
        remedy = view.short(cause.remedy)
        screen.item(Cell("do", "bold"), remedy, indent=2, hang=_HANG - 2)


def _render_groups(
    screen: Screen,
    view: View,
    mark: Cell,
    groups: Sequence[FindingGroup],
    indent: int,
    others: Sequence[str] = (),
) -> None:
    shown = groups if len(groups) <= _MOST_FAILS + 1 else groups[:_MOST_FAILS]
    for group in shown:
        rules = (text(group.first, "rule"), *others)
        told = _told(screen, view, group, rules)
        screen.item(mark, *told, indent=indent, hang=_HANG - indent)
        mark = Cell("")
    if len(shown) < len(groups):
        left = sum(group.rows for group in groups[len(shown) :])
        more = f"and {left:,} more like these (rule {groups[0].first['rule']})"
        screen.item(screen.signs.more, more, indent=indent, hang=_HANG - indent)


def render_unknowns(screen: Screen, view: View, left: Container[str] = ()) -> None:
    """Write what could not be decided, and why, but for the rules ``left`` out."""
    groups = [(rule, rows) for rule, rows in _by_rule(view, "unknown") if rule.id not in left]
    if groups:
        screen.heading("Could not be decided")
    for _, rows in groups:
        render_rows(screen, view, rows)


def render_rows(screen: Screen, view: View, rows: Sequence[Row]) -> None:
    """Write findings of one rule, equal ones once."""
    for group in _shown(screen, view, rows, _MOST_OTHERS):
        _render_group(screen, view, group)


def render_notes(screen: Screen, view: View, left: Container[str] = ()) -> None:
    """Write what fails no audit and is good to know, but for the rules ``left`` out."""
    notes = [(rule, rows) for rule, rows in _by_rule(view, "note") if rule.id not in STATED]
    groups = [(rule, rows) for rule, rows in notes if rule.id not in left]
    if groups:
        screen.heading("Good to know")
    for _, rows in groups:
        render_rows(screen, view, rows)


def _render_sources(screen: Screen, view: View, sources: Sequence[str]) -> None:
    """Write where to look, one file after the other, and what is written there: beside the place
    where there is room for it, else below on a screen that has lines enough."""
    files: dict[str, list[str]] = {}
    for source in sources:
        files.setdefault(source.rpartition(":")[0], []).append(source)
    mark = Cell("see", "dim")
    for position, found in enumerate(list(files.values())[:_MOST_SOURCES], start=1):
        lines = screen.folded(places([view.short(source) for source in found])[0], _HANG)
        if position == _MOST_SOURCES < len(files):
            left = count(len(files) - _MOST_SOURCES, "more file")
            lines[-1] += f" {screen.signs.more} and {left}"
        quoted = _quoted(view, found)
        room = screen.width - _HANG - width_of(lines[-1]) - _APART
        beside = quoted.pop() if len(quoted) == 1 and width_of(quoted[0]) <= room else ""
        for line in lines:
            text_beside = f"{' ' * _APART}{beside}" if beside and line is lines[-1] else ""
            cells = (Cell(line, "dim"), Cell(text_beside, "italic"))
            screen.item(mark, *cells, indent=2, hang=_HANG - 2)
            mark = Cell("")
        for line in quoted if screen.roomy else ():
            screen.line(Cell(line, "italic"), indent=_HANG + 2)


def _quoted(view: View, sources: Sequence[str]) -> list[str]:
    """Return what is written at places of one file; the head of a resource, which says less than
    a directive, only where nothing else is."""
    said = [view.written[source] for source in sources if view.written.get(source)]
    heads = [line for line in said if "{" in line]
    return [line for line in said if line not in heads][:_MOST_QUOTED] or heads[:1]


def _by_rule(view: View, verdict: str) -> list[tuple[RuleText, list[Row]]]:
    rows: dict[str, list[Row]] = {rule: [] for rule in view.rules}
    for row in view.findings:
        if row["verdict"] == verdict:
            rows[text(row, "rule")].append(row)
    return [(view.rules[rule], found) for rule, found in rows.items() if found]


def _shown(screen: Screen, view: View, rows: Sequence[Row], most: int) -> Iterator[FindingGroup]:
    """Yield the groups that are shown; write how many are not."""
    groups = group_findings(rows, view.flow_by_id)
    shown = groups if len(groups) <= most + 1 else groups[:most]
    yield from shown
    if len(shown) < len(groups):
        left = sum(group.rows for group in groups[len(shown) :])
        screen.item(screen.signs.more, f"and {left:,} more like these (rule {rows[0]['rule']})")


def _render_group(screen: Screen, view: View, group: FindingGroup) -> None:
    time = _time(screen, view, group)
    parts = _told(screen, view, group)
    screen.item(Cell(time or screen.signs.bullet, "dim"), *parts, hang=len(time) + 2 if time else 2)
    if group.flow is None:
        _render_places(screen, view, list(group.sources))


def _render_places(screen: Screen, view: View, sources: Sequence[str]) -> None:
    """Write where a note on the configuration stands, one file a line."""
    found = places([view.short(place) for place in sources])
    for place in found[:_MOST_SOURCES]:
        for line in screen.folded(place, 4):
            screen.line(Cell(line, "dim"), indent=4)
    if len(found) > _MOST_SOURCES:
        left = count(len(found) - _MOST_SOURCES, "more file")
        screen.line(Cell(f"{screen.signs.more} and {left}", "dim"), indent=4)


def _told(
    screen: Screen, view: View, group: FindingGroup, rules: Sequence[str] = ()
) -> list[Cell | str]:
    """Return a finding in words; with ``rules`` also its time."""
    row = group.first
    parts: list[Cell | str] = [sentence(view, row).replace("×", screen.signs.times)]
    if aside := why_not_counted(row):
        parts.append(Cell(aside, "bold"))
    if group.count > 1:
        parts.append(Cell(f" {screen.signs.times} {group.count}", "bold"))
    time = _time(screen, view, group) if rules else ""
    flows = _flows(screen, view, list(group.flows))
    named = [screen.linked(Cell(rule, "dim"), _manual(view, rule)) for rule in rules]
    rest = ", ".join(filter(None, (time, flows, why_unsure(row, group.flow))))
    for index, cell in enumerate([*named, Cell(rest, "dim")] if rest else named):
        parts += [Cell(", " if index else " (", "dim"), cell]
    if named or rest:
        parts.append(Cell(")", "dim"))
    return parts


def _manual(view: View, rule: str) -> str:
    """Return where Bareos' manual has the subject of a rule; empty: that is not known."""
    return manual_url(view.rules[rule].manual) if rule in view.rules else ""


def _flows(screen: Screen, view: View, flows: Sequence[str]) -> str:
    """Name the flows of a finding; of one alone also where in the capture it is."""
    if len(flows) == 1:
        flow = view.flow_by_id.get(flows[0])
        frames = view.frames.span(flow) if flow is not None else ""
        return f"flow {flows[0]}{', ' if frames else ''}{frames}"
    return f"flows {some(flows, _MOST_FLOWS, screen.signs.more)}" if flows else ""


def _time(screen: Screen, view: View, group: FindingGroup) -> str:
    return screen.times.moment(group.flow["started"], view) if group.flow is not None else ""
