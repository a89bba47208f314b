"""A flow in the words of every report for people."""

from __future__ import annotations

from auditor.report.cells import number, text, texts
from auditor.report.told.groups import Row, broke_off
from auditor.report.told.words import seconds
from auditor.site.connections import connections
from auditor.text.endpoint_text import endpoint_to_text

_TRANSPORT = {"tls": "TLS", "postgresql": "PostgreSQL", "unknown": "no hello"}
_OUTCOMES = {"midstream": "no SYN"}


def initiator(flow: Row, number_: str) -> str:
    """Return who dialled; with the address from which its name came if that is not its own."""
    daemon = short(text(flow, "initiator_daemon"), number_, "initiator")
    elsewhere = flow["identity_elsewhere"]
    return f"{daemon} at {text(flow, 'initiator_address')}" if elsewhere else daemon


def acceptor(flow: Row, number_: str) -> str:
    """Return who was dialled; ``-`` for whom nobody knows: its address is told beside it anyway."""
    daemon = text(flow, "acceptor_daemon")
    return "-" if daemon == text(flow, "acceptor_address") else short(daemon, number_, "acceptor")


def short(daemon: str, number_: str, side: str) -> str:
    """Return a daemon without its role where the connection number implies it."""
    role = getattr(connections()[number_], side) if number_ else ""
    return daemon.removeprefix(f"{role} ")


def dialled(flow: Row) -> str:
    """Return the address and port that were dialled, and in which network if there are several."""
    dialled_end = endpoint_to_text(text(flow, "acceptor_address"), flow["acceptor_port"])
    networks = " and ".join(texts(flow, "networks"))
    return f"{dialled_end} in {networks}" if networks else dialled_end


def outcome_of(flow: Row) -> str:
    """Return what became of a flow, for people: the SYN of one that began before the capture was
    not seen."""
    outcome = text(flow, "outcome")
    return _OUTCOMES.get(outcome, outcome)


def seen(flow: Row) -> tuple[str, str]:
    """Return the transport of a flow that was established, else what became of it, and the style
    of that."""
    outcome, transport = text(flow, "outcome"), text(flow, "transport")
    broken = broke_off(flow)
    if outcome in {"refused", "unanswered"} or text(flow, "ending") == "login-refused":
        return broken or outcome, "medium"
    if flow["segments"] == 0:
        return "its socket only", ""
    shown = f"{_TRANSPORT.get(transport, transport)} {text(flow, 'tls_version')}".rstrip()
    shown = shown if outcome == "established" else f"{shown}, {outcome_of(flow)}"
    if broken:
        return f"{shown}, {broken}", "medium"
    return shown, "unknown" if transport == "cleartext" else ""


def expected(flow: Row) -> str:
    """Return the interval that the configuration sets, or that it sets none, or any of several."""
    value = number(flow, "heartbeat_expected_s")
    return "system" if value == 0 else seconds(value) or text(flow, "heartbeat_due") or "?"
