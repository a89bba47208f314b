"""What the checks of this machine come to: which backends would work, and what stays unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from auditor.capture.backend_registry import BACKENDS, BackendEntry, BackendName
from auditor.capture.rights.capabilities import missing

_BLIND = "blind to"
#: The check that fails for want of the rights, which are named.
_SOCKET = "AF_PACKET"
_SOCKETS = "keepalive settings and processes of this host's sockets"


class State(StrEnum):
    """How well something works."""

    OK = "ok"
    LIMITED = "limited"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    detail: str
    """What was found."""
    hint: str = ""
    """What to do about it; empty where there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one backend would see here."""

    backend: BackendName
    packets: bool
    sockets: bool
    """It would see this host's sockets, with their keepalive settings and processes."""
    lacks: tuple[str, ...]
    """What it lacks for packets, or else for the sockets that it could see; a few words each."""


def outlooks(checks: Iterable[Check]) -> list[Outlook]:
    """Return what each backend would see, the best first, by what was looked at."""
    found = {check.name: check for check in checks if check.name != _BLIND}
    return [_outlook(entry, found) for entry in BACKENDS.values()]


def _outlook(entry: BackendEntry, found: dict[str, Check]) -> Outlook:
    rights = [capability.name for capability in missing(entry.capabilities)]
    needed = [name for name in entry.packets_need if not (rights and name == _SOCKET)]
    packets = rights + _lacking(needed, found)
    sockets = _lacking(entry.sockets_need, found)
    return Outlook(
        backend=entry.name,
        packets=not packets,
        sockets=bool(entry.sockets_need) and not packets and not sockets,
        lacks=tuple(packets or sockets),
    )


def _lacking(names: Iterable[str], found: dict[str, Check]) -> list[str]:
    return [name for name in names if name not in found or found[name].state is not State.OK]


def conclusion(seen: Sequence[Outlook]) -> list[str]:
    """Return what it comes to, in sentences: what can capture here, what cannot and why, and
    whether this host's sockets would be seen."""
    works = [str(one.backend) for one in seen if one.packets]
    others = [f"{one.backend} (lacks {', '.join(one.lacks)})" for one in seen if not one.packets]
    if works:
        first = f"can capture with {', '.join(works)}"
        first += f"; cannot with {', '.join(others)}" if others else ""
    else:
        first = f"cannot capture: {', '.join(others)}"
    sockets = next((one for one in seen if one.sockets), None)
    if sockets is not None:
        second = f"{sockets.backend} tells {_SOCKETS}"
    else:
        nearly = [one for one in seen if one.packets and one.lacks]
        lacks = f": {nearly[0].backend} lacks {', '.join(nearly[0].lacks)}" if nearly else ""
        second = f"cannot tell {_SOCKETS}{lacks}"
    return [first, second]


def blind(seen: Sequence[Outlook]) -> Iterator[Check]:
    """Yield what no backend that works here will see, as checks that failed."""
    if not any(one.packets for one in seen):
        hint = "Recordings made elsewhere can still be analysed."
        yield Check(_BLIND, State.MISSING, "no packets at all", hint)
    if not any(one.sockets for one in seen):
        hint = "A wrong heartbeat then shows only once a probe is due, which may take two hours."
        yield Check(_BLIND, State.LIMITED, _SOCKETS, hint)
