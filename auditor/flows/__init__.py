"""Tracks segments into flows, keepalive probes and hellos; knows nothing of the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from auditor.flows.flow import Flow, Hello, Identity, Outcome, Side, Transport
from auditor.flows.probe import Probe

if TYPE_CHECKING:
    from auditor.flows.tracker import ConnectionTracker, TrackingResult

__all__ = [
    "ConnectionTracker",
    "Flow",
    "Hello",
    "Identity",
    "Outcome",
    "Probe",
    "Side",
    "TrackingResult",
    "Transport",
]


def __getattr__(name: str) -> Any:
    # Lazily: whoever wants only the types must not wait for numpy and for machine code.
    if name not in ("ConnectionTracker", "TrackingResult"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from auditor.flows import tracker

    return getattr(tracker, name)
