"""What an engine is: whoever turns tasks into outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from auditor.engines.unit import Outcome, Task


class Engine(Protocol):
    """Runs ``thin_one`` on tasks, wherever."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield one outcome for each task, in any order, as they are done.

        A task whose worker died, or that nobody is left to do, is ``Failed``. Raises EngineError
        where no work can begin at all.
        """
        ...
