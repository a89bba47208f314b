"""What the recording host's own sockets show of a heartbeat, without waiting for a probe.

Bareos sets SO_KEEPALIVE always, and the timers before the SYN (bareos.md §1.0), so an initiator's
socket shows at connection time whether its HeartbeatInterval is in force. Acceptors carry none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from auditor.flows.flow import Flow, Outcome
from auditor.flows.refusal import End
from auditor.judge.heartbeat.due import MAY_BE_ANOTHERS, each, shown
from auditor.judge.matching.match import Match
from auditor.judge.matching.processes import BCONSOLE
from auditor.judge.verdicts import Verdict
from auditor.packets.pcapng_comments import SocketFact
from auditor.site.heartbeat import Heartbeat

#: A fact is of the flow if it was read from so long (ns) before its SYN was seen to so long after
#: its end: the clocks of sockets and packets are set by the same hand, but not at the same time.
_CLOCK_TOLERANCE = 1_000_000_000
_NOT_THE_INITIATORS = "only the initiator's socket carries the HeartbeatInterval"
#: Consoles need not be bconsole, and others switch no keepalive on (bareos.md §1.1).
_CONSOLES = frozenset({"1", "2"})
#: Linux's TCP_KEEPIDLE where nobody sets any (bareos.md §6.1).
_SYSTEM_S = 7200
#: PostgreSQL's client has keepalive settings of its own.
_CATALOG = "12"

_Ends = tuple[tuple[str, int], tuple[str, int]]


class SocketKeepalive(StrEnum):
    """Whether SO_KEEPALIVE is set."""

    ON = "on"
    OFF = "off"


class SocketVerdict(NamedTuple):
    """The verdict on a heartbeat by the socket at one end of the flow."""

    side: End
    """Whose socket it is."""
    fact: SocketFact
    verdict: Verdict
    reason: str
    """The verdict in words."""


class SocketFacts:
    """The socket facts of one capture, by the flows they are about."""

    def __init__(self, facts: Iterable[SocketFact]) -> None:
        self._by_ends: dict[_Ends, list[SocketFact]] = defaultdict(list)
        for fact in facts:
            self._by_ends[fact.local, fact.remote].append(fact)

    def judge(self, flow: Flow, match: Match, expected: Heartbeat) -> SocketVerdict | None:
        """Return what is known of the initiator's socket, failing that of the acceptor's; None
        where nothing is."""
        found = (self.at(end, flow, match, expected) for end in End)
        return next((verdict for verdict in found if verdict is not None), None)

    def at(self, end: End, flow: Flow, match: Match, expected: Heartbeat) -> SocketVerdict | None:
        """Return what is known of the socket at one end; None where nothing is."""
        fact = self.of(flow, end)
        if fact is None:
            return None
        if end is End.INITIATOR:
            return SocketVerdict(end, fact, *judge_socket(fact, match, expected))
        return SocketVerdict(end, fact, Verdict.NOT_APPLICABLE, _NOT_THE_INITIATORS)

    def of(self, flow: Flow, end: End) -> SocketFact | None:
        """Return what was read last of the socket at one end while the flow was there: ports are
        used again."""
        here, there = flow.initiator, flow.acceptor
        if end is End.ACCEPTOR:
            here, there = there, here
        known = self._by_ends.get(((here.address, here.port), (there.address, there.port)))
        if known is None:
            return None
        before = None if flow.outcome is Outcome.MIDSTREAM else flow.started - _CLOCK_TOLERANCE
        after = None if flow.ended is None else flow.ended + _CLOCK_TOLERANCE
        fitting = (
            fact
            for fact in known
            if (before is None or fact.time >= before) and (after is None or fact.time <= after)
        )
        return max(fitting, key=lambda fact: fact.time, default=None)


def judge_socket(fact: SocketFact, match: Match, expected: Heartbeat) -> tuple[Verdict, str]:
    """Return the verdict on an initiator's socket, and why.

    ``expected.seconds``: 0 for the operating system's timers, None where it is not known.
    """
    if match.connection is None or match.connection == _CATALOG:
        return Verdict.NOT_APPLICABLE, "no HeartbeatInterval speaks of this connection"
    if match.connection in _CONSOLES and fact.process not in {"", BCONSOLE}:
        return Verdict.NOT_APPLICABLE, other_console(fact.process)
    if expected.seconds is None:
        return Verdict.UNKNOWN, f"{_setting(fact)}; {expected.reason}"
    due = f"{expected.seconds} s is configured"
    if expected.others:
        due = f"{shown(expected, _SYSTEM_S)} is due"
    elif not expected.seconds:
        due = f"the operating system's timers are due ({expected.reason})"
    if any(_is_right(fact, one) for one in each(expected)):
        return Verdict.PASS, f"{_setting(fact)}; {due}"
    reason = f"{_setting(fact)} where {due}"
    if match.connection in _CONSOLES and not fact.process and not fact.own_timers:
        return Verdict.UNKNOWN, f"{reason}, but only bconsole sets any, no other console"
    if any(one.seconds is None or _is_right(fact, one) for one in expected.perhaps):
        return Verdict.UNKNOWN, f"{reason}, but {MAY_BE_ANOTHERS}"
    return Verdict.FAIL, reason


def other_console(process: str) -> str:
    """Return why a console that is not bconsole has no heartbeat to keep (bareos.md §1.1)."""
    return f"its process is {process}, and only bconsole has a HeartbeatInterval"


def _is_right(fact: SocketFact, expected: Heartbeat) -> bool:
    if not fact.keepalive:
        return False
    return fact.idle_s == expected.seconds if expected.seconds else not fact.own_timers


def _setting(fact: SocketFact) -> str:
    owner = f"{fact.process} (process {fact.pid})" if fact.process else "its process"
    if not fact.keepalive:
        return f"{owner} has keepalive off on its socket"
    idle = f"{fact.idle_s:.3f}".rstrip("0").rstrip(".")
    if fact.own_timers:
        return f"{owner} has set its socket to probe after {idle} s"
    return f"{owner} left its socket on the system's timer of {idle} s"


def socket_columns(socket: SocketVerdict | None) -> dict[str, Any]:
    """Return the columns ``socket_…`` of FLOWS."""
    if socket is None:
        return {"socket_verdict": str(Verdict.NOT_APPLICABLE)}
    fact = socket.fact
    return {
        "socket_side": socket.side,
        "socket_process": fact.process,
        "socket_pid": fact.pid or None,
        "socket_keepalive": SocketKeepalive.ON if fact.keepalive else SocketKeepalive.OFF,
        "socket_idle_s": fact.idle_s,
        "socket_interval_s": fact.interval_s,
        "socket_count": fact.count,
        "socket_own": fact.own_timers,
        "socket_verdict": str(socket.verdict),
        "socket_reason": socket.reason,
    }
