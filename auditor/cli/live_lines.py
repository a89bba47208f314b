"""Connections as they happen: one calm line for each, and one more when its verdict changes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo

from auditor.pipeline.live import Seen
from auditor.report.cells import Value, number, text
from auditor.report.told.flow_words import outcome_of, short
from auditor.report.told.groups import Row, identity
from auditor.report.told.words import seconds
from auditor.text import printable
from auditor.text.endpoint_text import endpoint_to_text

#: Lines of one look; the rest is only counted.
MOST_LINES = 12
#: How long (s) a connection may go without naming itself before it is shown all the same.
_PATIENCE_S = 2.0
#: Connections that are remembered so as not to be shown again.
_REMEMBERED = 16384
_TRANSPORT = {"tls": "TLS", "cleartext": "cleartext", "postgresql": "PostgreSQL"}
_LIMIT = 400

_Key = tuple[Value, ...]


class Lines:
    """Remembers what was shown, and gives what is new."""

    def __init__(self, *, local_time: bool = False) -> None:
        # The zone is read now: later, when rights were given up, no file may be opened.
        self._zone = None if local_time else UTC
        time.tzset()
        self._shown: OrderedDict[_Key, _Key] = OrderedDict()

    def news(self, seen: Iterable[Seen], until: int) -> Iterator[str]:
        """Yield a line for each connection of which something new is known; fails first, since
        what is too much for one look is only counted. ``until`` is the time of the look, ns UTC.
        """
        new = [one for one in seen if self._is_new(one, until)]
        new.sort(key=lambda one: not one.fails)
        for one in new[:MOST_LINES]:
            yield printable(_line(one, self._zone), _LIMIT)
        if len(new) > MOST_LINES:
            yield f"… and {len(new) - MOST_LINES} more connections"

    def _is_new(self, one: Seen, until: int) -> bool:
        row = one.flow
        if not _is_ripe(row, until):
            return False
        key = tuple(row[name] for name in _ENDS)
        known = (_number(row), row["outcome"], _transport(row), identity(row), _verdict(one))
        if self._shown.get(key) == known:
            self._shown.move_to_end(key)
            return False
        self._shown[key] = known
        if len(self._shown) > _REMEMBERED:
            self._shown.popitem(last=False)
        return True


_ENDS = ("initiator_address", "initiator_port", "acceptor_address", "acceptor_port", "started")


def _is_ripe(row: Row, until: int) -> bool:
    """Return whether a connection has named itself, or will hardly do so any more."""
    named = text(row, "identity_type") or row["transport"] == "postgresql"
    waited = until - (number(row, "started") or 0) > _PATIENCE_S * 1e9
    silent = row["segments"] == 0  # known by its socket alone
    return bool(named or row["ended"] or waited or silent)


def _line(one: Seen, zone: tzinfo | None) -> str:
    row = one.flow
    number_ = text(row, "connection")
    started = (number(row, "started") or 0) / 1e9
    when = datetime.fromtimestamp(started, zone).strftime("%H:%M:%S")
    who = short(text(row, "initiator_daemon"), number_, "initiator")
    whom = short(text(row, "acceptor_daemon"), number_, "acceptor")
    parts = (
        f"{when}  {_number(row):<3}{who} → {whom}",
        _dialled(row),
        outcome_of(row),
        _transport(row),
        identity(row),
        _heartbeat(row),
        _verdict(one),
    )
    return "  ".join(filter(None, parts))


def _number(row: Row) -> str:
    return text(row, "connection") or "-"


def _dialled(row: Row) -> str:
    return endpoint_to_text(text(row, "acceptor_address"), row["acceptor_port"])


def _transport(row: Row) -> str:
    shown = _TRANSPORT.get(text(row, "transport"), "")
    return f"{shown} {text(row, 'tls_version')}".rstrip()


def _heartbeat(row: Row) -> str:
    """Return what is known of it, the surest first: probes that were seen, the socket's setting,
    what is due."""
    observed = number(row, "heartbeat_observed_s")
    if observed is not None:
        return f"heartbeat {seconds(observed)} seen"
    if row["socket_side"] == "initiator":
        if row["socket_keepalive"] != "on":
            return "keepalive off"
        # Without TCP_KEEPIDLE of its own nobody has set anything: the system's timer runs.
        whose = "set" if row["socket_own"] else "(system)"
        return f"heartbeat {seconds(number(row, 'socket_idle_s'))} {whose}"
    due = text(row, "heartbeat_due")
    return f"heartbeat {due} due" if due and row["heartbeat_expected_s"] != 0 else ""


def _verdict(one: Seen) -> str:
    """Return how it was judged; what has no number was held against nothing, so it never passes."""
    if one.fails:
        return f"FAIL {', '.join(one.fails)}"
    if one.unknowns:
        return f"unknown {', '.join(one.unknowns)}"
    if text(one.flow, "connection"):
        return "pass"
    why = text(one.flow, "match_reason")
    return f"unknown: {why}" if why else "unknown"
