"""The connections: what was seen of each number, equal flows as one line."""

from __future__ import annotations

from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told import flow_words
from auditor.report.told.groups import (
    FlowGroup,
    Row,
    group_flows,
    heartbeat_verdict,
    identity,
)
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count, seconds
from auditor.site.connections import connections

#: Lines under one number: a scan of ports makes thousands.
_MOST = 25
_INDENT = 2

_HEADER = ("flows", "initiator", "acceptor", "dialled", "seen", "heartbeat", "identity")
_FLEXIBLE = (1, 2)
_FLEXIBLE_ROOMY = (1, 2, 5, 6)
#: Who dialled, where there are too many to name.
SEVERAL = "several"
_MARKS = {"notapplicable": "-"}


def render_connections(screen: Screen, view: View) -> None:
    """Write what was seen, by connection number; flows without a number come last."""
    if not view.flows:
        return
    screen.heading("Connections")
    groups = group_flows(view.flows)
    rows = {number_: _rows(screen, number_, found) for number_, found in groups.items()}
    # A narrow screen leaves out the identity; the heartbeat's numbers have a section of their own.
    header = _HEADER if screen.roomy else _HEADER[:-1]
    everything = [header, *(row for listed in rows.values() for row in listed)]
    flexible = _FLEXIBLE_ROOMY if screen.roomy else _FLEXIBLE
    widths = screen.fit(everything, flexible, indent=_INDENT)
    narrow = not screen.holds(everything, flexible, _INDENT)
    for position, (number_, listed) in enumerate(rows.items()):
        screen.line(*_title(number_, groups[number_]))
        if position == 0 and not narrow:
            screen.grid([[Cell(name, "dim") for name in header]], widths, indent=_INDENT)
        if narrow:
            _render_narrow(screen, listed[:_MOST])
        else:
            screen.grid(listed[:_MOST], widths, indent=_INDENT)
        if len(listed) > _MOST:
            left = sum(group.count for group in groups[number_][_MOST:])
            screen.line(f"{screen.signs.more} and {left:,} more (--format csv)", indent=_INDENT)


def _render_narrow(screen: Screen, rows: list[tuple[Cell | str, ...]]) -> None:
    """Write a flow, or several that look the same, as a sentence: columns would be split."""
    for flows, initiator, acceptor, dialled, seen, heartbeat, *_ in rows:
        ends = f"{initiator} {screen.signs.arrow} {acceptor} ({dialled}): "
        times = f"{str(flows).strip()} {screen.signs.times}"
        shown = heartbeat.text if isinstance(heartbeat, Cell) else heartbeat
        beat = (", heartbeat ", heartbeat) if shown != "-" else ()
        screen.item(times, ends, seen, *beat, hang=len(times) + 1)


def _title(number_: str, groups: list[FlowGroup]) -> tuple[Cell, ...]:
    flows = count(sum(group.count for group in groups), "flow")
    if not number_:
        return Cell("Without a number", STYLES["unknown"]), Cell(f"  {flows}", "dim")
    return Cell(f"{number_:<3}{connections()[number_].title}", "bold"), Cell(f"  {flows}", "dim")


def _rows(screen: Screen, number_: str, groups: list[FlowGroup]) -> list[tuple[Cell | str, ...]]:
    shown: list[tuple[Cell | str, ...]] = [
        (
            f"{group.count:>5}",
            SEVERAL if group.various else flow_words.initiator(group.first, number_),
            flow_words.acceptor(group.first, number_),
            flow_words.dialled(group.first),
            _shown(group.first),
            _heartbeat(screen, group),
            identity(group.first),
        )
        for group in groups
    ]
    return shown if screen.roomy else [row[:-1] for row in shown]


def _shown(flow: Row) -> Cell:
    told, style = flow_words.seen(flow)
    return Cell(told, STYLES.get(style, ""))


def _heartbeat(screen: Screen, group: FlowGroup) -> Cell:
    verdict = heartbeat_verdict(group.first)
    shown = _MARKS.get(verdict, verdict)
    if screen.roomy and verdict != "notapplicable":
        shown = f"{flow_words.expected(group.first).strip('?')} {observed(screen, group)} {shown}"
    return Cell(" ".join(shown.split()), STYLES.get(verdict, "") if verdict != "unknown" else "dim")


def observed(screen: Screen, group: FlowGroup) -> str:
    """Return the interval of the probes that were seen, from the shortest to the longest."""
    if not group.observed:
        return ""
    low, high = seconds(min(group.observed)), seconds(max(group.observed))
    return low if low == high else f"{low.removesuffix(' s')}{screen.signs.to}{high}"
