"""A Dask cluster: workers on this machine or on others, which have this program installed.

Nothing but tasks and outcomes goes over the wire; how the cluster is secured is its owner's
(docs/scale.md).
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from auditor.engines.unit import Failed, Outcome, Task, Thinned, thin_one
from auditor.errors import EngineError
from auditor.packets.remote import shown_url

if TYPE_CHECKING:
    from distributed import Client, Future

#: How long (s) a scheduler has to answer, and how long one without any worker may remain so before
#: what is left is given up.
ANSWER_S, NO_WORKERS_S = 10.0, 60.0
#: How often (s) it is looked whether anybody is left to do the work.
_LOOK_S = 1.0
_WITHOUT = (
    "a Dask cluster needs the package distributed, which is not installed: "
    "pip install 'bareos-audit[cluster]'."
)


@dataclass(frozen=True, slots=True)
class DaskCluster:
    """An engine that is a Dask cluster."""

    address: str = ""
    """Of its scheduler, such as ``tcp://10.0.0.5:8786``."""
    client: Client | None = None
    """One that is connected already is used instead, and stays open."""
    patience: float = NO_WORKERS_S
    """Seconds."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield the outcome of each task; see ``Engine.run``.

        A task whose worker died is done by another one, as the scheduler's ``allowed-failures``
        has it. Raises EngineError when no scheduler answers.
        """
        client = self.client or _connected(self.address)
        try:
            yield from _run(client, tasks, self.patience)
        finally:
            if client is not self.client:
                client.close(timeout=ANSWER_S)


def _run(client: Client, tasks: Sequence[Task], patience: float) -> Iterator[Outcome]:
    keys = [f"bareos-audit-{uuid4().hex}-{task.number}" for task in tasks]
    futures = client.map(thin_one, tasks, key=keys, pure=False)
    left = {future.key: (future, task) for future, task in zip(futures, tasks, strict=True)}
    del futures  # what is done shall be forgotten: evidence would stay in the workers' memory
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    for future, _ in left.values():
        future.add_done_callback(lambda one: done.put(one.key))
    heard = time.monotonic()
    while left:
        try:
            future, task = left.pop(done.get(timeout=_LOOK_S))
        except queue.Empty:
            if _has_workers(client):
                heard = time.monotonic()
            elif time.monotonic() - heard > patience:
                break
            continue
        yield _outcome(future, task)
        future.release()
    client.cancel([future for future, _ in left.values()])
    for _, task in left.values():
        yield Failed(
            task.number, f"{shown_url(task.path)} was not read: the cluster has no workers left."
        )


def _outcome(future: Future, task: Task) -> Outcome:
    if future.status == "finished":
        result: Any = future.result()
        if isinstance(result, Thinned | Failed) and result.number == task.number:
            return result
        why = "its worker handed back something else"
    elif future.status == "error":
        why = _words(future.exception())
    else:
        why = "the scheduler went away"
    return Failed(task.number, f"{shown_url(task.path)} was not read: {why}.")


def _words(error: BaseException) -> str:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return "the workers that read it died one after the other; one may need more memory"
    if isinstance(error, ModuleNotFoundError):
        return f"its worker has no {error.name}: install the same bareos-audit on all workers"
    return f"its worker failed ({type(error).__name__}: {error})"


def _has_workers(client: Client) -> bool:
    try:
        return bool(client.scheduler_info(n_workers=-1)["workers"])
    except Exception:  # noqa: BLE001 - whatever a scheduler that went away makes of the question
        return False


def _connected(address: str) -> Client:
    try:
        from distributed import Client
    except ModuleNotFoundError:
        raise EngineError(_WITHOUT) from None
    try:
        return Client(address, timeout=ANSWER_S, name="bareos-audit", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            f"the Dask scheduler {address} does not answer: {error or 'no answer'}; "
            "check the address, such as tcp://10.0.0.5:8786."
        ) from None
