"""EXPECTATIONS: one row a connection that the configuration requires, allows or forbids; its
columns and what fills them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from auditor.judge.heartbeat.probe_window import probe_window
from auditor.judge.not_decoded import NotDecoded
from auditor.judge.tables.column import Column, place
from auditor.site.connections import connections
from auditor.site.model import Expectation, Permission, TlsPolicy
from auditor.site.resolver import is_loopback
from auditor.site.site_file import Keepalive

_NS = 1e9
_TIMERS = Keepalive()

EXPECTATIONS: Mapping[str, Column] = {
    "id": Column("str", "such as 6:fd1>sd1(store1)"),
    "connection": Column("str", "its number", connections(), rising=connections()),
    "initiator": Column("str", "who dials"),
    "acceptor": Column("str", "who is dialled"),
    "initiator_addresses": Column("list", "where the initiator is known to be; empty: anywhere"),
    "source_address": Column("str", "what the initiator binds to; empty: its system chooses"),
    "address": Column("str", "what is dialled, as written; empty: any address of the acceptor"),
    "addresses": Column("list", "the same, resolved"),
    "port": Column("Int64", "TCP port that is dialled"),
    "permission": Column("str", "what the configuration says of it", Permission),
    "permission_source": Column("str", "file:line that decides it"),
    "heartbeat_s": Column("Int64", "effective HeartbeatInterval; 0: system timers; NA: not known"),
    "heartbeat_known": Column("bool", "the resource that sets it is at hand"),
    "heartbeat_source": Column("str", "file:line that sets it, or of the resource that would"),
    "idle_s": Column("Int64", "silence before its first probe: the above, else the system timer"),
    "heartbeat_reason": Column("str", "why it is 0 or not known"),
    "tls": Column("str", "what the configuration says of TLS", TlsPolicy),
    "tls_source": Column("str", "file:line that decides it"),
    "identity": Column("str", "name that the hello must carry; empty: none, or a job's"),
    "jobs": Column("list", "jobs that are planned to use it (6, 7, 8)"),
    "director": Column("str", "the Director that orders it"),
    "sources": Column("list", "file:line of every fact"),
    "exercised": Column("bool", "a flow of the captures was matched with it"),
    "opportunity": Column("bool", "required ones: the captures could have shown it"),
    "opportunity_reason": Column("str", "why they could not"),
}
#: The columns of EXPECTATIONS that only captures can fill.
OBSERVED = frozenset({"exercised", "opportunity", "opportunity_reason"})


def expectation_row(
    row: Expectation, seen: Mapping[str, bool | str], timers: Keepalive = _TIMERS
) -> dict[str, Any]:
    """Return the row of EXPECTATIONS; ``seen`` holds ``exercised``, ``opportunity`` and
    ``opportunity_reason``, ``timers`` are the operating system's."""
    seconds = row.heartbeat.seconds
    return {
        "id": row.id,
        "connection": row.connection,
        "initiator": str(row.initiator),
        "acceptor": str(row.acceptor),
        "initiator_addresses": sorted(row.initiator.addresses),
        "source_address": row.source_address,
        "address": row.address,
        "addresses": sorted(row.addresses or row.acceptor.addresses),
        "port": row.port,
        "permission": str(row.permission),
        "permission_source": place(row.permission_source),
        "heartbeat_s": seconds,
        "heartbeat_known": seconds is not None,
        "heartbeat_source": place(row.heartbeat.source),
        "idle_s": None if seconds is None else seconds or timers.idle,
        "heartbeat_reason": row.heartbeat.reason,
        "tls": str(row.tls),
        "tls_source": place(row.tls_source),
        "identity": ", ".join(dict.fromkeys(claim.name for claim in row.claims)),
        "jobs": [job.name for job in row.jobs]
        if row.permission is not Permission.FORBIDDEN
        else [],
        "director": row.director,
        "sources": [place(source) for source in row.sources],
        **seen,
    }


class Sight(NamedTuple):
    """What one capture saw of hosts."""

    addresses: frozenset[str]
    """Of both ends of all flows."""
    common: frozenset[str]
    """The addresses at one end of every flow: where the capture was made, if there are any."""
    undecoded: NotDecoded | None = None
    """What it could not decode; None: nothing is there that may be missed."""

    def would_show(self, row: Expectation) -> bool:
        """Tell whether the capture passes what goes between the two ends: with one host in every
        flow, only what that host itself sends or gets."""
        ends = row.initiator.addresses | row.addresses | row.acceptor.addresses
        return not self.common or not self.common.isdisjoint(ends)

    def may_hide(self, row: Expectation, window: int) -> str:
        """Return, as a clause, what of the capture may have been the connection, which says
        something every ``window`` ns; empty: nothing."""
        if self.undecoded is None:
            return ""
        acceptors = row.addresses | row.acceptor.addresses
        return self.undecoded.may_be(row.initiator.addresses, acceptors, window)


def sight(pairs: Iterable[tuple[str, str]], undecoded: NotDecoded | None = None) -> Sight:
    """Return what a capture saw, by the addresses of the two ends of each flow, and what it could
    not decode."""
    hosts = [frozenset(pair) for pair in pairs if not all(map(is_loopback, pair))]
    common = frozenset.intersection(*hosts) if hosts else frozenset[str]()
    return Sight(frozenset[str]().union(*hosts), common, undecoded)


def opportunity(
    row: Expectation, idle: int, longest_s: float, sights: Sequence[Sight], unread: int = 0
) -> Mapping[str, bool | str]:
    """Return whether a required connection would have shown itself.

    A waiting connection is silent between two probes, so the capture must be longer than one
    heartbeat (``idle``: the system's timer in seconds, where none is set), it must have seen
    the initiator's host at all, and pass what goes between the two; no other capture was
    ``unread``, and what could not be decoded was not it.
    """
    if row.permission is not Permission.REQUIRED:
        return {"opportunity": False, "opportunity_reason": ""}
    seconds = row.heartbeat.seconds or idle
    window = probe_window(seconds, None).high
    if longest_s * _NS <= window:
        reason = f"the capture is shorter than its heartbeat of {seconds} s"
        return {"opportunity": False, "opportunity_reason": reason}
    seen = [one for one in sights if not row.initiator.addresses.isdisjoint(one.addresses)]
    if not seen:
        reason = "nothing of its host was captured"
        return {"opportunity": False, "opportunity_reason": reason}
    if not any(one.would_show(row) for one in seen):
        where = ", ".join(sorted(frozenset[str]().union(*(one.common for one in seen))))
        reason = f"the capture was made at {where}, where it does not pass"
        return {"opportunity": False, "opportunity_reason": reason}
    if unread:
        reason = f"{unread} of the captures could not be read, which may hold it"
        return {"opportunity": False, "opportunity_reason": reason}
    if hidden := next(filter(None, (one.may_hide(row, window) for one in sights)), ""):
        return {"opportunity": False, "opportunity_reason": hidden}
    return {"opportunity": True, "opportunity_reason": ""}
