"""From what a call or an option names to the engine that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from auditor.engines.engine import Engine
from auditor.errors import EngineError

if TYPE_CHECKING:
    from distributed import Client


@runtime_checkable
class Connected(Protocol):
    """What tells a ``distributed.Client`` from another engine: both have ``run``."""

    def scheduler_info(self, n_workers: int = 5, **known: Any) -> Any:
        """Return what the scheduler says of itself."""
        ...


#: What an engine may be given as: a number of processes, a scheduler's address, a connected
#: ``distributed.Client``, an engine; or None: this process.
EngineOption = int | str | Engine | Connected | None


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
    if isinstance(given, Connected):
        from auditor.engines.dask_cluster import DaskCluster

        return DaskCluster(client=cast("Client", given))
    if not isinstance(given, int | float) and callable(getattr(given, "run", None)):
        return given
    raise EngineError(f"{given!r} is no engine: give a number of processes, an address, a Client.")
