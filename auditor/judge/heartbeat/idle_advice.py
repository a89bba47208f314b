"""What would have kept a connection that was lost after a silence: which directive, and where.

Whose HeartbeatInterval holds for which connection is in ``rules/connections.yaml`` (bareos.md §0,
§9.7). Probes come after 1.125 times the interval at the latest (bareos.md §6.1).
"""

from __future__ import annotations

from auditor.flows.how_ended import HowEnded
from auditor.judge.matching.match import Match
from auditor.site.connections import connections
from auditor.site.heartbeat import Heartbeat
from auditor.text import printable

_NS = 1e9
#: Values that people write, seconds.
_ROUND = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800)
#: Late by an eighth at most.
_LATENESS = 1.125
#: Nothing tells how far below the silence that was not survived the limit lies; but few devices
#: forget so fast that probes every five seconds come too late.
_BELOW_LOST, _FAST = 8, 5
_SYSTEM = "net.ipv4.tcp_keepalive_time on its host"
_TRAY = f"its RefreshInterval below the limit, or {_SYSTEM}"
_CATALOG = f"tcp_keepalives_idle of PostgreSQL, or {_SYSTEM}"
#: Connections whose initiator has no directive, and what helps instead (bareos.md §1.8, §9.7).
_WITHOUT_DIRECTIVE = {"9": _TRAY, "10": _TRAY, "11": _TRAY, "12": _CATALOG}


def interval_below(how: HowEnded) -> int:
    """Return a HeartbeatInterval (s) that the way between two hosts should bear.

    That is half of the shortest silence that was not survived, as far as a survived one proves it,
    and an eighth of it otherwise, or a third where that is very short.
    """
    lost, survived = how.limit / _NS, how.survived / _NS
    most = max(lost / _BELOW_LOST, min(lost / 3, _FAST), min(lost / 2, survived / _LATENESS))
    return max((value for value in _ROUND if value <= most), default=_ROUND[0])


def way_limit(how: HowEnded) -> str:
    """Return in words after how long the way forgets a silent connection; empty: not known."""
    if not how.idle:
        return ""
    lost = "The way between these hosts did not keep a connection that was silent for "
    lost += _seconds(how.limit)
    if not how.survived:
        return lost
    return f"{lost}, and kept one that was for {_seconds(how.survived)}"


def idle_advice(how: HowEnded, match: Match) -> str:
    """Return what would have kept the connection, as a sentence without full stop; empty: it
    was not lost to an idle limit."""
    if not how.idle:
        return ""
    number = match.connection
    if number in _WITHOUT_DIRECTIVE:
        return f"No Bareos directive keeps connection {number}: set {_WITHOUT_DIRECTIVE[number]}"
    wanted = interval_below(how)
    line = f"HeartbeatInterval = {wanted}"
    if number is None:
        return f"In the program that dials, {line} would keep it"
    heartbeat = match.agreed(lambda row: row.heartbeat) or Heartbeat()
    where = f"the {connections()[number].heartbeat} resource"
    if heartbeat.source is not None:
        where += f" ({printable(str(heartbeat.source))})"
    if not heartbeat.seconds:
        return f"Write {line} into {where}"
    if heartbeat.seconds * _LATENESS * _NS < how.limit:
        return (
            f"HeartbeatInterval = {heartbeat.seconds} in {where} would have kept it, had it been "
            "in force: restart the program that dials"
        )
    return f"Lower HeartbeatInterval from {heartbeat.seconds} to {wanted} in {where}"


def _seconds(ns: int) -> str:
    return f"{ns / _NS:.1f} s"
