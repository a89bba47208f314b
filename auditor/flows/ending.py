"""How a flow ended, from its packets alone, and who ended it.

Several facts may speak of one end, and the first that holds is told: what was refused was not
merely closed, and what was lost stays lost, whatever FIN or RST somebody sends afterwards.
"""

from __future__ import annotations

from auditor.flows.flow import Ender, Ending, Flow, HowEnded, Outcome, Side
from auditor.flows.refusal import End

_NS = 1e9


def find_ending(flow: Flow) -> HowEnded:
    """Return how the flow ended, who ended it, and the evidence as a part of a sentence.

    The order is the rank: a refused login (what ``Flow.refusal`` says), FIN, RST.
    """
    return _login_refused(flow) or _closed(flow) or _reset(flow) or _open(flow)


def _login_refused(flow: Flow) -> HowEnded | None:
    """Refused before any job began: ``Flow.refusal`` says by whom and how."""
    refusal = flow.refusal
    if refusal is None:
        return None
    end = flow.acceptor if refusal.by is End.ACCEPTOR else flow.initiator
    said = f"{end.address} refused the login by {refusal.said}"
    return HowEnded(Ending.LOGIN_REFUSED, Ender(refusal.by), said)


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
    said = f"{side.address} sent RST after {_seconds(side.rst - flow.started)}"
    if peer.last is not None:
        said += f", {_seconds(max(0, side.rst - peer.last))} after the last segment of its peer"
    return HowEnded(Ending.RESET, who, said)


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


def _seconds(ns: int) -> str:
    """Return a duration as people read it: three decimals below a second, one above."""
    seconds = ns / _NS
    return f"{seconds:.3f} s" if seconds < 1 else f"{seconds:.1f} s"
