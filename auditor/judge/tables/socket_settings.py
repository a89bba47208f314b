"""Rows of SETTINGS for connections of which only the recording host's sockets tell the heartbeat,
because the configuration that sets it is not at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from auditor.flows.refusal import End
from auditor.judge.heartbeat.first_probe import first_probe, surviving_interval
from auditor.judge.tables.judged import Judged
from auditor.judge.verdicts import Confidence
from auditor.packets.pcapng_comments import SocketFact
from auditor.site.connections import connections
from auditor.site.heartbeat import Heartbeat
from auditor.site.idle_limits import IdleLimit, IdleLimits
from auditor.site.resolver import is_loopback
from auditor.text import printable
from auditor.text.times import length

#: Consoles need not be bconsole (bareos.md §1.1), and the tray monitor and libpq have no directive.
_DIRECTIVE = frozenset({"3", "4", "5a", "5b", "6", "7", "8"})


def socket_setting_rows(judged: Iterable[Judged], limits: IdleLimits) -> Iterator[dict[str, Any]]:
    """Yield a row of SETTINGS for each program whose sockets alone tell when they first probe."""
    found: dict[tuple[object, ...], tuple[Judged, SocketFact]] = {}
    for one in judged:
        fact = _fact(one)
        if fact is not None:
            whose = fact.process or str(one.match.initiator)
            key = (one.match.connection, whose, fact.keepalive, fact.own_timers, fact.idle_s)
            found.setdefault(key, (one, fact))
    for one, fact in found.values():
        yield _row(one, fact, limits)


def _fact(one: Judged) -> SocketFact | None:
    """Return what the initiator's socket shows, where nothing else tells; a number that is only
    guessed, and a connection within the host, is nobody's fault."""
    known = (
        one.match.expectation is not None and one.match.expectation.heartbeat.seconds is not None
    )
    if known or one.match.connection not in _DIRECTIVE or one.socket is None:
        return None
    sure = one.match.confidence is not Confidence.GUESS and one.socket.side is End.INITIATOR
    here, there = one.flow.initiator.address, one.flow.acceptor.address
    return one.socket.fact if sure and here != there and not is_loopback(there) else None


def _row(one: Judged, fact: SocketFact, limits: IdleLimits) -> dict[str, Any]:
    number = str(one.match.connection)
    ends = (frozenset({end.address}) for end in (one.flow.initiator, one.flow.acceptor))
    limit = limits.of(number, *ends)
    idle = round(fact.idle_s)
    first = first_probe(Heartbeat(idle), idle) if fact.keepalive else float("inf")
    initiator = one.match.initiator
    return {
        "connections": [number],
        "initiator": str(initiator) if initiator is not None else printable(fact.process),
        "known": True,
        "heartbeat_s": idle if fact.own_timers else 0,
        "state": _state(fact, first),
        "first_probe_s": first,
        "limited": limit is not None,
        "limit_s": limit.seconds if limit is not None else None,
        "limit": str(limit) if limit is not None else "",
        "resource": "",
        "source": "",
        "remedy": _remedy(number, limit),
        "used": True,
    }


def _state(fact: SocketFact, first: float | None) -> str:
    owner = f"the process {printable(fact.process)}" if fact.process else "its process"
    if not fact.keepalive:
        return f"{owner} has keepalive off on its socket, so no probe comes"
    idle = length(fact.idle_s)
    has = f"set its socket to {idle}" if fact.own_timers else f"left its socket at {idle} (system)"
    return f"{owner} has {has}, so the first probe comes after up to {length(first or 0)}"


def _remedy(number: str, limit: IdleLimit | None) -> str:
    wanted = surviving_interval(limit.seconds if limit is not None else None)
    return (
        f"Write HeartbeatInterval = {wanted} where it is set for connection {number} "
        f"({connections()[number].heartbeat}; that configuration is not at hand), then restart the "
        "program."
    )
