"""Processes of this machine: one for each of its cores, or as many as are asked for."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from threading import Thread

from auditor.engines.unit import Failed, Outcome, Task, thin_all, thin_one, together
from auditor.packets.remote import shown_url

#: What waits for each process: enough for it never to be idle. What waits is small.
_AHEAD = 2

Tasks = tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Processes:
    """An engine of ``jobs`` processes (1 or more)."""

    jobs: int

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield the outcome of each task; see ``Engine.run``.

        When a process dies, nobody tells over which task it did: all that were handed out are
        tried again, each by itself, and only one that dies again is ``Failed``.
        """
        waiting = deque(together(tasks))
        while waiting:
            suspects = yield from self._until_broken(waiting)
            yield from _one_by_one(suspects)

    def _until_broken(self, waiting: deque[Tasks]) -> Generator[Outcome, None, deque[Task]]:
        """Work through what waits until a process dies; return what was handed out then."""
        running: dict[Future[list[Outcome]], Tasks] = {}
        with _pool(self.jobs) as pool:
            try:
                while waiting or running:
                    while waiting and len(running) < _AHEAD * self.jobs:
                        future = pool.submit(thin_all, waiting[0])  # refused by a broken pool
                        running[future] = waiting.popleft()
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        outcomes = future.result()
                        del running[future]
                        yield from outcomes
            except BrokenProcessPool:
                return deque(task for some in running.values() for task in some)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        return deque()


def _one_by_one(suspects: deque[Task]) -> Iterator[Outcome]:
    while suspects:
        task = suspects[0]
        with _pool(1) as pool:
            try:
                while suspects:
                    task = suspects.popleft()
                    yield pool.submit(thin_one, task).result()
            except BrokenProcessPool:
                yield _died(task)


def _died(task: Task) -> Failed:
    reason = (
        "the process that read it died twice; it may have run out of memory, or the script "
        'that asked for it has no `if __name__ == "__main__":`'
    )
    return Failed(task.number, f"{shown_url(task.path)} could not be thinned: {reason}.")


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Not forked: this process has threads, and kernels that they run.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin)


def _begin() -> None:
    """Leave an interrupt from the keyboard to the process that asked, and end when it does: one
    that was killed tells nobody."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
