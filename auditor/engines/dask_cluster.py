"""A Dask cluster: workers on this machine or on others, which have this program installed.

Nothing but tasks and outcomes goes over the wire; how the cluster is secured is its owner's
(docs/scale.md).
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from auditor.engines.packed import MAX_EVIDENCE
from auditor.engines.unit import Failed, Outcome, Task, Thinned, thin_all, together
from auditor.errors import EngineError
from auditor.packets.remote import is_url, shown_url
from auditor.version import __version__

if TYPE_CHECKING:
    from distributed import Client, Future

#: How long (s) a scheduler has to answer, and how long one without any worker may remain so before
#: what is left is given up.
ANSWER_S, NO_WORKERS_S = 10.0, 60.0
#: How often (s) it is looked whether anybody is left to do the work.
_LOOK_S = 1.0
#: Characters of what others say that are repeated.
_REASON = 500
_WITHOUT = (
    "a Dask cluster needs the package distributed, which is not installed: "
    "pip install 'bareos-audit[cluster]'."
)

Tasks = tuple[Task, ...]


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
    work = _Work(client)
    work.hand_over(together(tasks))
    heard = time.monotonic()
    while work.left:
        try:
            future, some = work.done(_LOOK_S)
        except queue.Empty:
            if _has_workers(client):
                heard = time.monotonic()
            elif time.monotonic() - heard > patience:
                break
            continue
        if len(some) > 1 and future.status == "error":
            work.hand_over((task,) for task in some)  # one of them need not spoil the others
        else:
            yield from _outcomes(future, some)
        future.release()
    for task in work.give_up():
        yield Failed(
            task.number, f"{shown_url(task.path)} was not read: the cluster has no workers left."
        )


class _Work:
    """What a cluster was given and has not handed back."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._done: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.left: dict[str, tuple[Future, Tasks]] = {}

    def hand_over(self, work: Iterable[Tasks]) -> None:
        """Give more. What is done shall be forgotten, so nothing else refers to its future:
        evidence would stay in the workers' memory."""
        some = list(work)
        keys = [f"bareos-audit-{uuid4().hex}-{one[0].number}" for one in some]
        futures = self._client.map(thin_all, some, key=keys, pure=False)
        for future, one in zip(futures, some, strict=True):
            self.left[future.key] = future, one
            future.add_done_callback(lambda one: self._done.put(one.key))

    def done(self, patience: float) -> tuple[Future, Tasks]:
        """Return what is done next. Raises queue.Empty after ``patience`` (s)."""
        return self.left.pop(self._done.get(timeout=patience))

    def give_up(self) -> Iterator[Task]:
        """Take back what is left, and yield it."""
        self._client.cancel([future for future, _ in self.left.values()])
        for _, some in self.left.values():
            yield from some


def _outcomes(future: Future, tasks: Tasks) -> Iterator[Outcome]:
    """Yield what became of each task; what a worker says is foreign until it was looked at."""
    given: dict[object, Outcome] = {}
    if future.status == "finished":
        why = "its worker handed back something else"
        try:
            result: Any = future.result()
        except Exception as error:  # noqa: BLE001 - it is gone, or was made by another program
            result, why = [], f"what its worker handed back cannot be had ({type(error).__name__})"
        found = result if isinstance(result, list) else []
        given = {one.number: one for one in found if isinstance(one, Thinned | Failed)}
    elif future.status == "error":
        why = _words(future.exception(), tasks[0])
    else:
        why = "the scheduler went away"
    for task in tasks:
        one = given.get(task.number)
        if isinstance(one, Failed):
            yield Failed(task.number, str(one.reason)[:_REASON])
            continue
        reason = why if one is None else _wrong(one)
        if one is not None and not reason:
            yield one
        else:
            yield Failed(task.number, f"{shown_url(task.path)} was not read: {reason}.")


def _wrong(one: Thinned) -> str:
    """Return why evidence is not believed; empty: it is."""
    program = getattr(one, "program", "of another version")  # early ones did not say
    if program != __version__:
        return (
            f"its worker has bareos-audit {str(program)[:_REASON]}, and this is {__version__}: "
            "install the same on all workers"
        )
    sound = isinstance(one.evidence, bytes) and type(one.octets) is int and one.octets >= 0
    return "" if sound and len(one.evidence) <= MAX_EVIDENCE else "its evidence is none"


def _words(error: BaseException, task: Task) -> str:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return "the workers that read it died one after the other; one may need more memory"
    if isinstance(error, ModuleNotFoundError):
        return f"its worker has no {error.name}: install the same bareos-audit on all workers"
    name = type(error).__name__
    said = "" if is_url(task.path) else f": {error}"[:_REASON]  # of a URL it may tell a secret
    return f"its worker failed ({name}{said})"


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
