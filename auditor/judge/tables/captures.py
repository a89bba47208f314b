"""CAPTURES: one row a capture, what it holds and what it lost; its columns and what fills them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from auditor.flows.flow import Flow
from auditor.judge.tables.column import Column
from auditor.packets.capture_format import CaptureFormat
from auditor.text.listing import first_of
from auditor.text.times import iso

if TYPE_CHECKING:  # a command that reads no capture loads no numpy
    from auditor.packets.segments import CaptureInfo, Undecoded

_NS = 1e9
#: So many steps of a clock are named.
_SHOWN = 3

CAPTURES: Mapping[str, Column] = {
    "name": Column("str", "path, or - for standard input"),
    "format": Column("str", "what the file is", CaptureFormat),
    "backend": Column("str", "program that wrote it"),
    "link": Column("str", "link type"),
    "packets": Column("Int64", "packets of any kind"),
    "segments": Column("Int64", "TCP segments on the ports of the site"),
    "first": Column("time", "earliest packet"),
    "last": Column("time", "latest packet"),
    "duration_s": Column("Float64", "first to last packet, seconds"),
    "dropped": Column("Int64", "packets lost by the capturing program's own count; NA: not given"),
    "missing": Column("Int64", "bytes acknowledged but never captured, over all flows"),
    "incomplete": Column("bool", "something that passed is not in the capture"),
    "incomplete_reason": Column("str", "what"),
    "undecoded": Column("Int64", "packets that were not decoded and may have held such segments"),
    "undecoded_layers": Column("list", "the same by the layer at which reading them ended"),
    "out_of_order": Column("Int64", "packets behind later ones, which were put in order"),
    "clock_steps": Column("list", "where its clock was set: what it showed, and by how much"),
    "summarised": Column("list", "attempts that are counted and have no rows of FLOWS"),
    "notes": Column("list", "anything else that a reader must know"),
    "recording": Column("Int64", "which recording it is of, from 1: captures of one go together"),
    "frames_before": Column("Int64", "packets of the recording in captures before it"),
}


def losses(info: CaptureInfo, flows: Sequence[Flow], overflow: Sequence[str]) -> list[str]:
    """Return in words all that passed the tap and is not in the capture; empty: it is complete.

    ``overflow``: what the flow table could not hold.
    """
    missing = sum(flow.initiator.missing + flow.acceptor.missing for flow in flows)
    one_sided = sum(flow.one_sided for flow in flows)
    found = [*overflow, *info.lacks, *info.unreadable]
    if info.dropped:
        found.append(f"{info.dropped} packets were dropped while capturing")
    if info.truncated:
        found.append(info.unread or "the file ends inside a record")
    if cut := [one for one in info.may_hold if one.cut]:
        packets = sum(one.packets for one in cut)
        found.append(f"{packets:,} packets could not be decoded: {_layers(cut)}")
    if missing:
        found.append(f"{missing} acknowledged bytes were never captured")
    if one_sided:
        found.append(f"{one_sided} flows show one direction only")
    return found


def capture_row(
    info: CaptureInfo,
    flows: Sequence[Flow],
    lost: Sequence[str],
    summaries: Sequence[str] = (),
    recording: int = 1,
) -> dict[str, Any]:
    """Return the row of CAPTURES; ``summaries``: sentences on attempts without rows, ``recording``
    which one it is of."""
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
        "undecoded": sum(one.packets for one in info.may_hold),
        "undecoded_layers": [f"{one.layer}: {one.packets}" for one in info.may_hold],
        "out_of_order": info.clock.late,
        "clock_steps": _steps(info, flows),
        "summarised": list(summaries),
        "notes": [*info.notes, *_clock_notes(info, flows)],
        "recording": recording,
        "frames_before": info.before,
    }


def _layers(found: Sequence[Undecoded]) -> str:
    """Return ``ESP (12), headers that were cut by the recorder (3)``."""
    return first_of([f"{one.layer} ({one.packets:,})" for one in found], _SHOWN)


def _steps(info: CaptureInfo, flows: Sequence[Flow]) -> list[str]:
    """Return where a clock was set, as ``2027-01-15T08:00:00.000000000Z -3600.000 s``: back as
    packets show it, and forward as the clocks of both ends of connections do."""
    from auditor.flows.lagging import steps_forward

    back = [step for step in info.clock.steps if step.after < step.before]
    told = (*back, *steps_forward(flow.clock_step for flow in flows))
    return [f"{iso(step.before)} {(step.after - step.before) / _NS:+.3f} s" for step in told]


def _clock_notes(info: CaptureInfo, flows: Sequence[Flow]) -> Iterator[str]:
    """Yield what the clock of a capture does to what is read in it."""
    steps, beyond = _steps(info, flows), info.clock.beyond
    if steps:
        shown = first_of(steps, _SHOWN)
        yield f"Its clock was set, and no silence is judged that this cuts: {shown}."
    if beyond:
        yield f"Its clock was set {beyond:,} times more, so that no silence in it is judged."
