"""``audit.plot``: the pictures of an audit, for whoever audits from Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from auditor.presentation import Plots
from auditor.report.pictures.charts import Lane, say_nothing
from auditor.report.pictures.sheet import LIGHT, Picture
from auditor.report.told.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from auditor.result import Audit

#: Points that a unit of a picture takes in a figure of its own, and inches of a lane of a chart.
_SCALE, _LANE = 0.8, 0.26
_WIDTH = 10.4


class AuditPlots(Plots):
    """The pictures of one audit."""

    def __init__(self, audit: Audit) -> None:
        self._view = View(audit)

    def overview(self, ax: Axes | None = None) -> Axes:
        """Draw the manual's overview of all connections, each as what was observed of it."""
        from auditor.report.pictures.overview_plot import overview_plot
        from auditor.report.told.standing import standings

        return _picture(overview_plot(standings(self._view)), ax, "")

    def topology(self, ax: Axes | None = None) -> Axes:
        """Draw who there is, and who dialled whom."""
        from auditor.report.pictures.topology_plot import topology_plot
        from auditor.report.told.topology import drawable, topology

        nobody = "Nobody was seen, and no configuration names anybody."
        return _picture(topology_plot(drawable(topology(self._view))), ax, nobody)

    def heartbeats(self, ax: Axes | None = None) -> Axes:
        """Draw each silence and the probe that ended it, over the time of the captures."""
        from auditor.report.pictures.beat_plot import beat_plot

        return _picture(beat_plot(self._view), ax, _NO_PROBE)

    def intervals(self, ax: Axes | None = None) -> Axes:
        """Draw the intervals of probes against when each was due; the x axis is seconds."""
        from auditor.report.pictures.interval_chart import draw_intervals, interval_lanes

        return _chart(draw_intervals, self._view, interval_lanes(self._view), ax, _NO_PROBE)

    def timeline(self, ax: Axes | None = None) -> Axes:
        """Draw when each connection began and ended; the x axis is time, UTC, as matplotlib counts
        it (days since 1970)."""
        from auditor.report.pictures.timeline_chart import draw_timeline, timeline_lanes

        nothing = "The captures hold no connection on any of the site's ports."
        return _chart(draw_timeline, self._view, timeline_lanes(self._view), ax, nothing)


_NO_PROBE = "No keepalive probe was seen, and none is known to be missing."


def _picture(picture: Picture | None, ax: Axes | None, nothing: str) -> Axes:
    """Draw a picture, as large as the axes are."""
    if picture is None:
        ax = _axes(_WIDTH, 1) if ax is None else ax
        say_nothing(ax, nothing)
        return ax
    if ax is None:
        inch = _SCALE / 72
        ax = _axes(picture.width * inch, picture.height * inch, filled=True)
    width = ax.get_window_extent().width / ax.figure.dpi * 72
    ax.set_aspect("equal")
    picture.on(ax, LIGHT, width / picture.width)
    return ax


def _chart(
    draw: Callable[[Axes, View], None],
    view: View,
    lanes: Sequence[Lane],
    ax: Axes | None,
    nothing: str,
) -> Axes:
    """Draw a chart, with room for its lanes."""
    if ax is None:
        ax = _axes(_WIDTH, 1.1 + _LANE * len(lanes) if lanes else 1)
    if lanes:
        draw(ax, view)
    else:
        say_nothing(ax, nothing)
    return ax


def _axes(width: float, height: float, *, filled: bool = False) -> Axes:
    """Return the axes of a figure of so many inches, as the notebook or window shows it."""
    from matplotlib import pyplot

    if filled:
        return pyplot.figure(figsize=(width, height)).add_axes((0, 0, 1, 1))
    return pyplot.subplots(figsize=(width, height), layout="constrained")[1]
