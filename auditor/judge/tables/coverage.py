"""What the captures could have shown: completeness of each, and whether absence means anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auditor.flows.flow import Flow
from auditor.judge.heartbeat.probe_window import probe_window
from auditor.packets.segments import CaptureInfo
from auditor.site.model import Expectation, Permission

_NS = 1e9

#: The columns of EXPECTATIONS that only captures can fill.
OBSERVED = frozenset({"exercised", "opportunity", "opportunity_reason"})


def losses(info: CaptureInfo, flows: Sequence[Flow], overflow: Sequence[str]) -> list[str]:
    """Return in words all that passed the tap and is not in the capture; empty: it is complete.

    ``overflow``: what the flow table could not hold.
    """
    missing = sum(flow.initiator.missing + flow.acceptor.missing for flow in flows)
    one_sided = sum(flow.one_sided for flow in flows)
    found = [*overflow, *info.lacks]
    if info.dropped:
        found.append(f"{info.dropped} packets were dropped while capturing")
    if info.truncated:
        found.append("the file ends inside a record")
    if info.short:
        found.append(f"{info.short} packets were cut inside the TCP header")
    if info.undecoded:
        found.append(f"{info.undecoded} packets could not be decoded")
    if missing:
        found.append(f"{missing} acknowledged bytes were never captured")
    if one_sided:
        found.append(f"{one_sided} flows show one direction only")
    return found


def capture_row(info: CaptureInfo, flows: Sequence[Flow], lost: Sequence[str]) -> dict[str, Any]:
    """Return the row of CAPTURES."""
    first, last = info.first, info.last
    return {
        "name": info.name,
        "format": info.format,
        "backend": info.backend,
        "link": info.link,
        "packets": info.packets,
        "segments": info.segments,
        "first": first,
        "last": last,
        "duration_s": (last - first) / _NS if first is not None and last is not None else None,
        "dropped": info.dropped,
        "missing": sum(flow.initiator.missing + flow.acceptor.missing for flow in flows),
        "incomplete": bool(lost),
        "incomplete_reason": "; ".join(lost),
        "notes": list(info.notes),
    }


def opportunity(
    row: Expectation, idle: int, longest_s: float, addresses: frozenset[str]
) -> Mapping[str, bool | str]:
    """Return whether a required connection would have shown itself.

    A waiting connection is silent between two probes, so the capture must be longer than one
    heartbeat (``idle``: the system's timer in seconds, where none is set), and it must have seen
    the initiator's host at all.
    """
    if row.permission is not Permission.REQUIRED:
        return {"opportunity": False, "opportunity_reason": ""}
    seconds = row.heartbeat.seconds or idle
    if longest_s * _NS <= probe_window(seconds, None).high:
        reason = f"the capture is shorter than its heartbeat of {seconds} s"
        return {"opportunity": False, "opportunity_reason": reason}
    if row.initiator.addresses.isdisjoint(addresses):
        reason = "nothing of its host was captured"
        return {"opportunity": False, "opportunity_reason": reason}
    return {"opportunity": True, "opportunity_reason": ""}
