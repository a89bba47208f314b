"""When a silent connection first speaks, and which setting lets it survive an idle limit.

Linux fires a keepalive timer up to an eighth late (bareos.md §6.1), so a socket's first probe comes
after 1.125 times its idle time at the latest.
"""

from __future__ import annotations

from auditor.site.heartbeat import Heartbeat

_LATEST = 1.125
#: Seconds: what people write.
_ROUND = (1800, 1200, 900, 600, 300, 240, 180, 120, 90, 60, 45, 30, 20, 15, 10)
#: One probe may be lost on the way, and the next comes as much later.
_PROBES = 2
#: Where no limit was given: what Bareos' manual recommends for clients behind firewalls.
_WITHOUT_LIMIT = 60


def first_probe(heartbeat: Heartbeat, idle: int) -> float | None:
    """Return after how many seconds of silence the initiator speaks at the latest; ``idle`` is the
    timer of the operating system. None: its HeartbeatInterval is not known."""
    if heartbeat.seconds is None:
        return None
    latest = _LATEST * (heartbeat.seconds or idle)
    return latest if heartbeat.speaks is None else min(latest, float(heartbeat.speaks))


def surviving_interval(limit: float | None) -> int:
    """Return a HeartbeatInterval (s) that survives an idle limit, one lost probe included."""
    if limit is None:
        return _WITHOUT_LIMIT
    most = limit / (_LATEST * _PROBES)
    return next((one for one in _ROUND if one <= most), max(1, int(most)))
