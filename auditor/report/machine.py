"""What ``doctor`` says of a machine, as reports show it."""

from __future__ import annotations

from typing import Any, NamedTuple


class Looked(NamedTuple):
    """One thing that was looked at."""

    name: str
    state: str
    """``ok``, ``limited`` or ``missing``."""
    detail: str
    hint: str
    """What to do about it; empty: nothing."""


class Sees(NamedTuple):
    """What one backend would see here."""

    backend: str
    packets: bool
    sockets: bool
    lacks: tuple[str, ...]
    """What it lacks, by the names of what was looked at, or of capabilities."""


class Machine(NamedTuple):
    """One machine."""

    checks: list[Looked]
    backends: list[Sees]
    """The best first."""
    conclusion: list[str]
    """What it comes to, a sentence each."""

    @property
    def can_capture(self) -> bool:
        """Some backend would see packets."""
        return any(one.packets for one in self.backends)


def machine_object(machine: Machine) -> dict[str, Any]:
    """Return it as JSON has it."""
    return {
        "can_capture": machine.can_capture,
        "conclusion": machine.conclusion,
        "backends": [{**one._asdict(), "lacks": list(one.lacks)} for one in machine.backends],
        "checks": [{**one._asdict(), "hint": one.hint or None} for one in machine.checks],
    }
