"""How an audit shows itself to whoever audits from Python.

Reports and pictures know audits, and imports run one way, so an audit knows neither. It asks what
shows it of a ``Presenter``, which the public calls name (docs/adr/0014).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Plots(ABC):
    """The pictures of one audit, by matplotlib. Each is drawn on ``ax``, or on a figure of its own
    as the notebook or window shows it, and returns the axes."""

    @abstractmethod
    def overview(self, ax: Axes | None = None) -> Axes:
        """Draw the manual's overview of all connections, each as what was observed of it."""

    @abstractmethod
    def topology(self, ax: Axes | None = None) -> Axes:
        """Draw who there is, and who dialled whom."""

    @abstractmethod
    def timeline(self, ax: Axes | None = None) -> Axes:
        """Draw when each connection began and ended; the x axis is time, UTC, as matplotlib counts
        it (days since 1970)."""

    @abstractmethod
    def heartbeats(self, ax: Axes | None = None) -> Axes:
        """Draw each silence and the probe that ended it, over the time of the captures."""

    @abstractmethod
    def intervals(self, ax: Axes | None = None) -> Axes:
        """Draw the intervals of probes against when each was due; the x axis is seconds."""


class Presenter(ABC):
    """What shows audits."""

    @abstractmethod
    def markup(self, audit: Presentable) -> str:
        """Return the verdict and what failed as markup for a notebook's cell, all of it inert."""

    @abstractmethod
    def html(self, audit: Presentable) -> str:
        """Return the report as one HTML page."""

    @abstractmethod
    def json(self, audit: Presentable) -> str:
        """Return the report as JSON."""

    @abstractmethod
    def save(self, audit: Presentable, path: str | Path) -> tuple[Path, ...]:
        """Write the report to a file, as its suffix says; return what was written."""

    @abstractmethod
    def plots(self, audit: Presentable) -> Plots:
        """Return the pictures."""


_named: list[Callable[[], Presenter]] = []


def present_with(presenter: Callable[[], Presenter]) -> None:
    """Name what makes the presenter of all audits; it is called each time that one is needed."""
    _named[:] = [presenter]


class Presentable:
    """What can be shown."""

    def _repr_html_(self) -> str:
        """Return what a notebook shows of a cell that ends with this."""
        return _presenter().markup(self)

    def to_html(self) -> str:
        """Return the report as one self-contained HTML page."""
        return _presenter().html(self)

    def to_json(self) -> str:
        """Return the report as JSON (``docs/report.schema.json``), which ``auditor.load`` reads."""
        return _presenter().json(self)

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Write the report to a file, whole or not at all, in the format that its suffix stands
        for; return the files that were written, which are several for ``.parquet``.

        A file that is there is replaced. Raises OutputError.
        """
        return _presenter().save(self, path)

    @property
    def plot(self) -> Plots:
        """Its pictures: ``audit.plot.overview()``, ``.topology()``, ``.timeline()``,
        ``.heartbeats()``, ``.intervals()``."""
        return _presenter().plots(self)


def _presenter() -> Presenter:
    if not _named:
        raise RuntimeError("nothing shows audits yet: import auditor.api, which names what does")
    return _named[0]()
