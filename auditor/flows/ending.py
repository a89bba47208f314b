"""How a flow ended, from its packets alone, and who ended it.

Several facts may speak of one end, and the first that holds is told: what was refused was not
merely closed, and what was lost stays lost, whatever FIN or RST somebody sends afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from auditor.flows.abandoned import with_abandoned
from auditor.flows.flow import Flow, Outcome, Side
from auditor.flows.hops import is_foreign_rst
from auditor.flows.hosts import Hosts
from auditor.flows.how_ended import Ender, Ending, HowEnded
from auditor.flows.icmp_names import icmp_name
from auditor.flows.idle_limit import with_limits
from auditor.flows.loss import find_loss, seconds
from auditor.flows.path_mtu import find_path_mtu
from auditor.flows.refusal import End
from auditor.flows.superseded import with_superseded


def find_endings(flows: Sequence[Flow], hosts: Hosts, end: int) -> list[HowEnded]:
    """Return how each flow of a capture ended, and what that says of the way between two hosts.

    ``hosts`` are those of the flows, ``end`` is the time (ns) at which the capture ended.
    """
    by_itself = [_find_ending(flow, hosts, end) for flow in flows]
    found = with_superseded(flows, with_abandoned(flows, by_itself, end), hosts)
    return with_limits(flows, found, end)


def _find_ending(flow: Flow, hosts: Hosts, end: int) -> HowEnded:
    """Return how a flow ended, by itself; the order is the rank."""
    return (
        _login_refused(flow)
        or find_path_mtu(flow, hosts)
        or find_loss(flow, hosts, end)
        or _rejected(flow)
        or _closed(flow)
        or _reset(flow)
        or _open(flow)
    )


def _login_refused(flow: Flow) -> HowEnded | None:
    """Refused before any job began: ``Flow.refusal`` says by whom and how."""
    refusal = flow.refusal
    if refusal is None:
        return None
    end = flow.acceptor if refusal.by is End.ACCEPTOR else flow.initiator
    said = f"{end.address} refused the login by {refusal.said}"
    return HowEnded(Ending.LOGIN_REFUSED, Ender(refusal.by), said)


def _rejected(flow: Flow) -> HowEnded | None:
    """The SYN was answered by an ICMP error and by nothing else."""
    error = flow.rejection
    if error is None or flow.outcome is not Outcome.UNANSWERED:
        return None
    meaning = icmp_name(error.version, error.type, error.code).meaning
    said = f"answered by {error}" + (f": {meaning}" if meaning else "")
    own = error.sender == flow.acceptor.address
    return HowEnded(Ending.REJECTED, Ender.ACCEPTOR if own else Ender.WAY, said)


def _closed(flow: Flow) -> HowEnded | None:
    """Both sides sent FIN, or one did and a RST came after it.

    The RST is that of a program which closed without reading all, as the Director and the tray
    monitor do (bareos.md §9.11).
    """
    first = _first(flow, "fin")
    if first is None or flow.ended is None:
        return None
    who, side = first
    reset = _first(flow, "rst")
    if reset is not None and reset[1].rst is not None and reset[1].rst < (side.fin or 0):
        return None
    return HowEnded(Ending.ORDERLY, who, f"closed by {side.address} with FIN")


def _reset(flow: Flow) -> HowEnded | None:
    reset = _first(flow, "rst")
    if reset is None:
        return None
    who, side = reset
    if flow.outcome is Outcome.REFUSED:
        return HowEnded(Ending.RESET, who, f"{side.address} answered the SYN with RST")
    peer = flow.acceptor if who is Ender.INITIATOR else flow.initiator
    assert side.rst is not None
    said = f"{side.address} sent RST after {seconds(side.rst - flow.started)}"
    if peer.last is not None:
        said += f", {seconds(max(0, side.rst - peer.last))} after the last segment of its peer"
    if is_foreign_rst(side):
        said += f"; its TTL is {side.rst_ttl} where that host's segments have {side.ttl}"
        who = Ender.WAY
    if side.rst_unsure:
        said += "; it lies ahead of all that was seen of that host, so it may be forged"
    return HowEnded(Ending.RESET, who, said, certain=not side.rst_unsure)


def _open(flow: Flow) -> HowEnded:
    """It was never ended, or never even begun."""
    if flow.outcome is Outcome.UNANSWERED:
        return HowEnded()
    half = _first(flow, "fin")
    if half is not None:
        who, side = half
        return HowEnded(Ending.OPEN, who, f"{side.address} closed its side, its peer has not")
    return HowEnded(Ending.OPEN)


def _first(flow: Flow, what: str) -> tuple[Ender, Side] | None:
    """Return who sent the first ``fin`` or ``rst``; None: nobody."""
    sides = ((Ender.INITIATOR, flow.initiator), (Ender.ACCEPTOR, flow.acceptor))
    sent = [(getattr(side, what), who, side) for who, side in sides]
    found = [one for one in sent if one[0] is not None]
    return min(found, key=lambda one: one[0])[1:] if found else None
