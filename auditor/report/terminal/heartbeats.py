"""Heartbeats: what each group of flows was set to, did, and why that is right or wrong."""

from __future__ import annotations

from auditor.report.cells import text
from auditor.report.terminal.connections import SEVERAL, observed
from auditor.report.terminal.screen import Cell, Screen
from auditor.report.told.flow_words import expected, short
from auditor.report.told.groups import FlowGroup, Row, group_heartbeats, heartbeat_verdict
from auditor.report.told.view import View
from auditor.report.told.words import STYLES, count

_HEADER = ("no.", "from", "to", "flows", "set", "seen", "answered", "verdict", "why")
_FLEXIBLE = (1, 2)
#: Columns that the reason must have; with less it stands below its line.
_REASON = 24
_MOST = 40
_UNNUMBERED = "no number fits, so no HeartbeatInterval is known for them"


def render_heartbeats(screen: Screen, view: View) -> None:
    """Write one line a group of flows whose interval is set, or that was judged all the same;
    those on the operating system's timers come together below."""
    groups = group_heartbeats(view.flows)
    if not groups:
        return
    screen.heading("Heartbeats")
    shown = [group for group in groups if not _on_system_timers(group)]
    if shown:
        _render_table(screen, shown[:_MOST])
    if len(shown) > _MOST:
        screen.item(screen.signs.more, f"and {len(shown) - _MOST:,} more groups (--format csv)")
    _render_rest(screen, [group for group in groups if _on_system_timers(group)])


def _render_table(screen: Screen, groups: list[FlowGroup]) -> None:
    """With room, the reason is a column; without, a line below each that did not pass; without
    room for the other columns, each line is a sentence."""
    rows = [_row(screen, group) for group in groups]
    header = [Cell(name, "dim") for name in _HEADER]
    padded = [(*row[:-1], "." * _REASON) for row in (_HEADER, *rows)]
    if screen.roomy and screen.holds(padded, _FLEXIBLE):
        screen.grid([header, *rows], [*screen.fit(padded, _FLEXIBLE)[:-1], 0])
        return
    shown = [_HEADER[:-1], *(row[:-1] for row in rows)]
    widths, narrow = screen.fit(shown, _FLEXIBLE), not screen.holds(shown, _FLEXIBLE)
    if not narrow:
        screen.grid([header[:-1]], widths)
    for group, row in zip(groups, rows, strict=True):
        if narrow:
            _render_sentence(screen, row)
        else:
            screen.grid([row[:-1]], widths)
        if heartbeat_verdict(group.first) != "pass":
            screen.item("", Cell(_reason(group.first), "dim"), hang=6)


def _render_sentence(screen: Screen, row: tuple[Cell | str, ...]) -> None:
    number_, initiator, acceptor, flows, due, seen, answered, verdict, _ = row
    ends = f"{initiator} {screen.signs.arrow} {acceptor}"
    times = f"{str(flows).strip()} {screen.signs.times}"
    told = {"set": due, "seen": seen, "answered": answered}
    beats = ", ".join(f"{value} {name}" for name, value in told.items() if value != "-")
    screen.item(number_, f"{times} {ends}: {beats}: ", verdict, hang=3)


def _row(screen: Screen, group: FlowGroup) -> tuple[Cell | str, ...]:
    flow = group.first
    number_, verdict = text(flow, "connection"), heartbeat_verdict(flow)
    by_socket = verdict != text(flow, "heartbeat_verdict")
    return (
        number_ or "-",
        SEVERAL if group.various else short(text(flow, "initiator_daemon"), number_, "initiator"),
        short(text(flow, "acceptor_daemon"), number_, "acceptor"),
        f"{group.count:>5}",
        expected(flow),
        observed(screen, group) or ("socket" if by_socket else "-"),
        f"{group.answered} of {group.probes}" if group.probes else "-",
        Cell(verdict, STYLES[verdict]),
        _reason(flow),
    )


def _reason(flow: Row) -> str:
    """Return why; where the socket alone decides, why that does."""
    by_socket = heartbeat_verdict(flow) != text(flow, "heartbeat_verdict")
    return text(flow, "socket_reason" if by_socket else "heartbeat_reason")


def _on_system_timers(group: FlowGroup) -> bool:
    """Nothing is set and nothing was seen, so one sentence holds for all of them."""
    flow = group.first
    return not flow["heartbeat_expected_s"] and heartbeat_verdict(flow) == "unknown"


def _render_rest(screen: Screen, groups: list[FlowGroup]) -> None:
    reasons: dict[str, list[FlowGroup]] = {}
    for group in groups:
        numbered = bool(text(group.first, "connection"))
        reason = text(group.first, "heartbeat_reason") if numbered else _UNNUMBERED
        reasons.setdefault(reason, []).append(group)
    for reason, those in reasons.items():
        flows = count(sum(group.count for group in those), "flow")
        numbers = dict.fromkeys(text(group.first, "connection") for group in those)
        what = f"{flows} ({', '.join(numbers)}): " if any(numbers) else f"{flows}: "
        screen.item(screen.signs.bullet, Cell(what, STYLES["quiet"]), Cell(reason, "dim"))
