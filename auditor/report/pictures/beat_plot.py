"""Heartbeats as a picture: each silence and the probe that ended it, against the interval that was
due, one line a connection, over the time of the captures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from auditor.judge.verdicts import Verdict
from auditor.report.cells import number, text
from auditor.report.pictures.sheet import Picture, Sheet, word
from auditor.report.told.groups import Row, heartbeat_verdict
from auditor.report.told.view import View
from auditor.report.told.words import span

WIDTH = 940
_LANE, _LEFT, _RIGHT, _TOP, _BOTTOM = 24, 250, 90, 40, 40
#: Lines and probes of one picture: the table has every connection, CSV every probe.
MOST_LANES = 24
_MOST_PROBES = 4000
#: Linux fires a keepalive timer up to an eighth late (bareos.md §6.1).
_LATEST = 1.125
_MARKS: Mapping[str, str] = {Verdict.PASS: "✓", Verdict.FAIL: "✕", Verdict.UNKNOWN: "?"}
_NS = 1_000_000_000
_UNITS = (("d", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


@dataclass(frozen=True, slots=True)
class _Lane:
    flow: Row
    start: float
    """Seconds since 1970, as all times here."""
    y: float

    @property
    def watched(self) -> float:
        return number(self.flow, "watched_s") or 0.0

    @property
    def due(self) -> float:
        """The HeartbeatInterval; 0: none is set, or it is not known."""
        return number(self.flow, "heartbeat_expected_s") or 0.0


class _Probe(NamedTuple):
    time: float
    silence: float
    """Since its prober last heard its peer, or last probed."""
    answered: bool


def beat_plot(view: View) -> Picture | None:
    """Return the picture; None: no probe was seen and none is missing."""
    lanes = _lanes(view)
    if not lanes:
        return None
    probes = _probes(view, lanes)
    begin = min(lane.start for lane in lanes.values())
    end = max(lane.start + lane.watched for lane in lanes.values())
    lasting = max(end - begin, 1e-3)
    height = _TOP + len(lanes) * _LANE + _BOTTOM
    scale = begin, (WIDTH - _LEFT - _RIGHT) / lasting

    def draw(sheet: Sheet) -> None:
        for name, lane in lanes.items():
            _draw_lane(sheet, lane, scale)
            _draw_probes(sheet, lane, probes[name], scale)
        _draw_axis(sheet, lasting, height)
        _draw_legend(sheet)

    label = f"Silences and keepalive probes of {len(lanes)} connections"
    return Picture(WIDTH, height, label, draw)


def _lanes(view: View) -> Mapping[str, _Lane]:
    """Return the connections to show: those with a fault first, then those with probes."""
    ranked = []
    for index, flow in enumerate(view.flows):
        fault = heartbeat_verdict(flow) == Verdict.FAIL
        if fault or flow["heartbeat_probes"]:
            ranked.append((not fault, index, flow))
    starts = view.audit.tables["flows"].values("started")
    return {
        text(flow, "id"): _Lane(flow, (starts[index] or 0) / _NS, _TOP + (lane + 0.5) * _LANE)
        for lane, (_, index, flow) in enumerate(
            sorted(ranked, key=lambda one: one[:2])[:MOST_LANES]
        )
    }


def _probes(view: View, lanes: Mapping[str, _Lane]) -> Mapping[str, Sequence[_Probe]]:
    """Return the probes of the initiators, some of them where there are very many."""
    table = view.audit.tables["probes"]
    columns = ("flow", "side", "time", "interval_s", "answered")
    found: dict[str, list[_Probe]] = {name: [] for name in lanes}
    most = _MOST_PROBES // len(lanes)
    for flow, side, time, silence, answered in zip(
        *(table.values(name) for name in columns), strict=True
    ):
        known = found.get(flow) if side == "initiator" and time is not None else None
        if known is not None and len(known) < most:
            known.append(_Probe(time / _NS, silence or 0.0, answered))
    return found


_Scale = tuple[float, float]


def _draw_lane(sheet: Sheet, lane: _Lane, scale: _Scale) -> None:
    begin, across = scale
    flow, y = lane.flow, lane.y
    start = _LEFT + (lane.start - begin) * across
    verdict = heartbeat_verdict(flow)
    ends = (_bare(text(flow, f"{side}_daemon")) for side in ("initiator", "acceptor"))
    label = f"{text(flow, 'connection') or '–'}  {word(' → '.join(ends), 30)}"
    sheet.text(_LEFT - 12, y, label, "ink", 9.5, ha="right")
    end = start + lane.watched * across
    sheet.axes.plot([start, end], [y, y], color=sheet.inks["line"], linewidth=1)
    told = f"{span(lane.due) if lane.due else ''} {_MARKS.get(verdict, '')}".strip()
    ink = verdict if verdict in _MARKS else "muted"
    sheet.text(WIDTH - _RIGHT + 14, y, told, ink, 9.5)


def _bare(daemon: str) -> str:
    for role in ("director", "file daemon", "storage daemon", "console", "tray monitor", "catalog"):
        daemon = daemon.removeprefix(f"{role} ")
    return daemon


def _draw_probes(sheet: Sheet, lane: _Lane, probes: Sequence[_Probe], scale: _Scale) -> None:
    """Draw each silence as a bar, where in it the probe was due as a frame, and the probe as a
    stroke: a long one was answered, a short one was not."""
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import Rectangle

    begin, across = scale
    y, due = lane.y, lane.due
    bars, frames = [], []
    for time, silence, _ in probes:
        end = _LEFT + (time - begin) * across
        bars.append(Rectangle((end - silence * across, y - 4), silence * across, 8))
        if due and silence:
            first = end + (due - silence) * across
            frames.append(Rectangle((first, y - 7), max(1.0, due * (_LATEST - 1) * across), 14))
    ink = sheet.inks["fail" if heartbeat_verdict(lane.flow) == Verdict.FAIL else "pass"]
    sheet.axes.add_collection(PatchCollection(bars, facecolor=sheet.inks["line"], edgecolor="none"))
    sheet.axes.add_collection(
        PatchCollection(frames, facecolor="none", edgecolor=sheet.inks["idle"], linewidth=0.8)
    )
    strokes = [*_strokes(probes, y, scale)]
    sheet.axes.add_collection(LineCollection(strokes, colors=ink, linewidths=2))


def _strokes(
    probes: Sequence[_Probe], y: float, scale: _Scale
) -> Iterator[list[tuple[float, float]]]:
    begin, across = scale
    for time, _, answered in probes:
        x, high = _LEFT + (time - begin) * across, 8 if answered else 3
        yield [(x, y - high), (x, y + high)]


def _draw_axis(sheet: Sheet, lasting: float, height: float) -> None:
    from matplotlib.ticker import MaxNLocator

    bottom = height - _BOTTOM + 4
    across = (WIDTH - _LEFT - _RIGHT) / lasting
    muted = sheet.inks["muted"]
    sheet.axes.plot([_LEFT, WIDTH - _RIGHT], [bottom, bottom], color=muted, linewidth=0.8)
    unit, size = next((one for one in _UNITS if lasting > 3 * one[1]), _UNITS[-1])
    for tick in MaxNLocator(6).tick_values(0, lasting / size):
        if 0 <= tick * size <= lasting:
            x = _LEFT + tick * size * across
            sheet.axes.plot([x, x], [bottom, bottom + 4], color=muted, linewidth=0.8)
            sheet.text(x, bottom + 9, f"{tick:g} {unit}", "muted", 9, ha="center", va="top")


def _draw_legend(sheet: Sheet) -> None:
    """Show what is drawn, above the lanes."""
    from matplotlib.patches import Rectangle

    y, ink = 14, sheet.inks["muted"]
    strokes = {480: 8, 640: 3}
    sheet.axes.add_patch(Rectangle((_LEFT, y - 4), 24, 8, facecolor=sheet.inks["line"]))
    frame: dict[str, Any] = {"facecolor": "none", "edgecolor": sheet.inks["idle"], "linewidth": 0.8}
    sheet.axes.add_patch(Rectangle((_LEFT + 86, y - 7), 6, 14, **frame))
    for x, high in strokes.items():
        sheet.axes.plot([x, x], [y - high, y + high], color=ink, linewidth=2)
    words = {_LEFT + 30: "silence", _LEFT + 98: "when a probe is due", 488: "a probe, answered"}
    for x, told in {**words, 648: "a probe, not answered"}.items():
        sheet.text(x, y, told, "muted", 9)
