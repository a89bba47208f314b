"""Processes of this machine: one for each of its cores, or as many as are asked for."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context

from auditor.engines.unit import Failed, Outcome, Task, thin_one
from auditor.packets.remote import shown_url

#: Tasks that wait for each process: enough for it never to be idle. What waits is small.
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Processes:
    """An engine of ``jobs`` processes (1 or more)."""

    jobs: int

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield the outcome of each task; see ``Engine.run``.

        When a process dies, nobody tells over which task it did: all that were handed out are
        tried again, each in a process of its own, and only one that dies again is ``Failed``.
        """
        waiting = deque(tasks)
        while waiting:
            suspects = yield from self._until_broken(waiting)
            for task in suspects:
                yield _alone(task)

    def _until_broken(self, waiting: deque[Task]) -> Generator[Outcome, None, list[Task]]:
        """Work through what waits until a process dies; return what was handed out then."""
        running: dict[Future[Outcome], Task] = {}
        with _pool(self.jobs) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < _AHEAD * self.jobs:
                        task = waiting.popleft()
                        running[pool.submit(thin_one, task)] = task
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        outcome = future.result()
                        del running[future]
                        yield outcome
            except BrokenProcessPool:
                return list(running.values())
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        return []


def _alone(task: Task) -> Outcome:
    with _pool(1) as pool:
        try:
            return pool.submit(thin_one, task).result()
        except BrokenProcessPool:
            reason = (
                "the process that read it died twice; it may have run out of memory, or the script "
                'that asked for it has no `if __name__ == "__main__":`'
            )
            return Failed(task.number, f"{shown_url(task.path)} could not be thinned: {reason}.")


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: this process has threads, and kernels that they run.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave an interrupt from the keyboard to the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
