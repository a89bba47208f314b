"""From what a call or an option names to the engine that is meant."""

from __future__ import annotations

from typing import Any, cast

from auditor.engines.engine import Engine
from auditor.errors import EngineError

#: What an engine may be given as: a number of processes, a scheduler's address, a connected
#: ``distributed.Client``, an object with ``run``; or None: this process.
EngineOption = int | str | Engine | Any | None


def choose_engine(given: EngineOption) -> Engine:
    """Return the engine that is meant. Raises EngineError for what means none."""
    if given is None:
        from auditor.engines.here import Here

        return Here()
    if isinstance(given, int) and not isinstance(given, bool):
        from auditor.engines.processes import Processes

        if given < 1:
            raise EngineError(f"{given} processes can do no work: give 1 or more.")
        return Processes(given)
    if isinstance(given, str):
        from auditor.engines.dask_cluster import DaskCluster

        return DaskCluster(given)
    if hasattr(given, "scheduler_info"):  # a Client, which has ``run`` too
        from auditor.engines.dask_cluster import DaskCluster

        return DaskCluster(client=given)
    if callable(getattr(given, "run", None)):
        return cast("Engine", given)
    raise EngineError(f"{given!r} is no engine: give a number of processes, an address, a Client.")
