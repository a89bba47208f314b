"""Linux capabilities (capabilities(7)): which there are, which are held, how to grant the others.

Nothing here calls libc, so that help and diagnosis work on any system; ``capset`` changes sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple


class Capability(IntEnum):
    """The capabilities that matter here, by their number in linux/capability.h."""

    CAP_SETPCAP = 8
    CAP_NET_ADMIN = 12
    CAP_NET_RAW = 13
    CAP_SYS_ADMIN = 21
    CAP_PERFMON = 38
    CAP_BPF = 39


class Sets(NamedTuple):
    """The capability sets of one thread, each a bit mask."""

    inheritable: int
    permitted: int
    effective: int
    bounding: int
    ambient: int


def read_sets(task: str = "thread-self") -> Sets:
    """Return the sets of a thread, ``self/task/N`` or the calling one, from proc_pid_status(5)."""
    lines = Path(f"/proc/{task}/status").read_text(encoding="ascii", errors="replace").splitlines()
    fields = dict(line.split(":", 1) for line in lines if ":" in line)
    return Sets(*(int(fields[f"Cap{name}"], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")))


def held(capability: Capability) -> bool:
    """Whether the calling thread may use a capability now."""
    return bool(read_sets().effective >> capability & 1)


def missing(needed: Iterable[Capability]) -> tuple[Capability, ...]:
    """Return those of the capabilities needed that the calling thread lacks."""
    return tuple(capability for capability in needed if not held(capability))


def how_to_grant(lacking: Iterable[Capability]) -> str:
    """Return the sentence that says which rights are missing and how to grant them."""
    names = " and ".join(capability.name for capability in lacking)
    return (
        f"{names} missing: run it as root with sudo, which it gives up before it reads a packet, "
        "or as a service with these AmbientCapabilities («bareos-audit doctor --unit»)."
    )
