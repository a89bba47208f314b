"""What is no audit as tables: expectations, sockets, rules, idle limits, two audits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from auditor.comparison import State
from auditor.report.cells import number, records, text
from auditor.report.json_document import rule_object
from auditor.report.markdown.marks import code, fenced, table, told
from auditor.report.told.view import below, folder
from auditor.text.endpoint_text import endpoint_to_text
from auditor.text.times import length

if TYPE_CHECKING:
    from auditor.comparison import Compared, Comparison
    from auditor.judge.rules.rule import Rule
    from auditor.judge.tables.table import Table
    from auditor.site.middleboxes import Middlebox

#: Rows of one table: the CSV report has all.
_MOST = 300


def expectation_sections(found: Table, problems: Sequence[str]) -> Iterator[str]:
    """Yield the connections that a configuration calls for, and what is wrong in it."""
    yield "## Connections that the configuration calls for"
    header = ("no.", "initiator", "acceptor", "dials", "may it", "heartbeat", "TLS")
    rows = records(found)
    shown = (
        (
            text(row, "connection"),
            text(row, "initiator"),
            text(row, "acceptor"),
            endpoint_to_text(text(row, "address") or "any address", row["port"]),
            text(row, "permission"),
            _heartbeat(number(row, "heartbeat_s")),
            text(row, "tls"),
        )
        for row in rows[:_MOST]
    )
    yield table(header, shown) if rows else "The configuration calls for no connection."
    if left := len(rows[_MOST:]):
        yield f"… and {left:,} more."
    where = folder(rows)
    if problems:
        yield "### The configuration itself"
        yield "\n".join(f"* {told(below(where, one))}" for one in problems[:_MOST])


def _heartbeat(value: float | None) -> str:
    if value is None:
        return ""
    return length(value) if value else "system"


def socket_sections(found: Table) -> Iterator[str]:
    """Yield this host's sockets."""
    yield "## Bareos sockets of this host"
    header = ("no.", "process", "local", "side", "remote", "state", "verdict", "reason")
    rows = records(found)
    shown = (
        (
            text(row, "connection"),
            text(row, "process"),
            endpoint_to_text(text(row, "local_address"), row["local_port"]),
            text(row, "side"),
            endpoint_to_text(text(row, "remote_address"), row["remote_port"]),
            text(row, "state"),
            text(row, "verdict"),
            text(row, "reason"),
        )
        for row in rows[:_MOST]
    )
    yield table(header, shown) if rows else "There is no socket on any of the site's ports."


def idle_limit_sections(boxes: Sequence[Middlebox]) -> Iterator[str]:
    """Yield after how long each middlebox forgets a silent connection."""
    yield "## Idle limits of middleboxes"
    ordered = sorted(boxes, key=lambda box: (box.limit, box.name))
    rows = ((box.name, length(box.limit), box.then, box.source, str(box.read)) for box in ordered)
    yield table(("name", "limit", "then", "source", "read on"), rows)


def rule_sections(rules: Sequence[Rule]) -> Iterator[str]:
    """Yield the catalogue, or all that is known of the only rule."""
    if len(rules) != 1:
        yield "## Rules"
        yield table(("severity", "rule", "finds"), ((r.severity, r.id, r.title) for r in rules))
        return
    (rule,) = rules
    yield f"## {code(rule.id)}"
    yield told(rule.title)
    for name, value in rule_object(rule).items():
        if isinstance(value, str) and name not in {"id", "title"}:
            sentence = name in {"why", "remedy", "manual", "manual_url", "severity", "confidence"}
            yield f"**{name}**" + (f": {told(value)}" if sentence else f"\n\n{fenced([value])}")


def comparison_sections(comparison: Comparison) -> Iterator[str]:
    """Yield what was opened, what is closed, and what is unchanged."""
    counts = {state: len(comparison.of(state)) for state in State}
    sign = "❌" if counts[State.OPENED] else "✅"
    yield f"## {sign} {', '.join(f'{found:,} {state}' for state, found in counts.items())}"
    for state in State:
        found = comparison.of(state)
        if found:
            yield f"### {state.capitalize()}"
            yield "\n".join(_compared(one) for one in found[:_MOST])
        if len(found) > _MOST:
            yield f"… and {len(found) - _MOST:,} more."


def _compared(one: Compared) -> str:
    where = folder([{"sources": list(one.sources)}])
    lines = [f"* **{one.severity}** {told(one.message)} ({code(one.id)})"]
    if one.reason:
        lines.append(f"  * {told(one.reason)}")
    if one.state is State.OPENED:
        lines += [f"  * {code(below(where, place))}" for place in one.sources[:3]]
        lines += [f"  * **Do:** {told(one.remedy)}"] if one.remedy else []
    return "\n".join(lines)
