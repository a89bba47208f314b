"""The heartbeat that is due, where it may be any of several (bareos.md §11)."""

from __future__ import annotations

from dataclasses import replace

from auditor.site.heartbeat import Heartbeat

#: What keeps a heartbeat from failing that one in ``Heartbeat.perhaps`` allows.
MAY_BE_ANOTHERS = "a resource whose Address cannot be resolved here may have ordered it"


def each(expected: Heartbeat) -> tuple[Heartbeat, ...]:
    """Return every one that may be in force, for itself."""
    if not (expected.others or expected.perhaps):
        return (expected,)
    return (replace(expected, others=(), perhaps=()), *expected.others)


def shown(expected: Heartbeat, system: int) -> str:
    """Return ``60 s``, ``9 s or 7200 s (system)``; empty: not known. ``system``: the operating
    system's TCP_KEEPIDLE in seconds."""
    if expected.seconds is None:
        return ""
    return " or ".join(
        f"{one.seconds} s" if one.seconds else f"{system} s (system)" for one in each(expected)
    )
