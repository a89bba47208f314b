"""What an audit says of itself: when and from what it was made, and the lines that it speaks of."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace

from auditor.config.resources import Excerpt
from auditor.judge.tables.table import Table
from auditor.result import Basis
from auditor.version import __version__

#: So many places are quoted; findings name more only in a configuration that is full of them.
_MOST = 10_000


def made_now(basis: Basis) -> Basis:
    """Return what an audit rests on that is made now, or at SOURCE_DATE_EPOCH, by which others may
    make the same report again (reproducible-builds.org)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    fixed = epoch.isascii() and epoch.isdigit() and len(epoch) <= 10
    made = int(epoch) * 1_000_000_000 if fixed else time.time_ns()
    return replace(basis, made=made, version=__version__)


def excerpts(findings: Table, excerpt: Callable[[str], Excerpt | None]) -> tuple[Excerpt, ...]:
    """Return what the configuration says at each place that findings name, each once."""
    places = dict.fromkeys(place for every in findings.values("sources") for place in every)
    found = (excerpt(place) for place in list(places)[:_MOST])
    return tuple(one for one in found if one is not None)
