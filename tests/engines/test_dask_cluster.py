"""A real Dask cluster of two worker processes does the work, and loses one of them."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from distributed import Client, KilledWorker, LocalCluster
from dying import Pipe, write_whole
from paths import CAPTURES, ROOT

from auditor.engines import dask_cluster
from auditor.engines.dask_cluster import DaskCluster
from auditor.engines.unit import Failed, Task, Thinned, thin_one
from auditor.errors import EngineError
from auditor.version import __version__

#: A cluster is several processes: one at a time.
pytestmark = pytest.mark.xdist_group("dask")

PORTS = (9101, 9102, 9103)
TROUBLE = CAPTURES / "trouble" / "capture.pcap"
SMALL = CAPTURES / "self-copy" / "capture.pcap"


def tasks(*paths: str) -> list[Task]:
    return [Task(number, path, PORTS) for number, path in enumerate(paths)]


def started(folder: Path, workers: int = 2) -> LocalCluster:
    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        dashboard_address=":0",
        memory_limit=None,
        host="127.0.0.1",
        local_directory=str(folder / "dask"),
    )
    if workers:
        cluster.wait_for_workers(workers)
    return cluster


@pytest.fixture(autouse=True)
def workers_find_this_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    logging.getLogger("distributed").setLevel(logging.CRITICAL)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    with started(tmp_path) as cluster:
        yield cluster


def test_a_cluster_makes_the_same_as_this_process_though_a_worker_dies(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    with Client(cluster, set_as_default=False) as client:
        process_of = client.run(os.getpid)

        def kill_reader(_: int) -> Callable[[], object]:
            reading = [
                psutil.Process(process_of[worker])
                for worker, keys in client.processing().items()
                if any(key.endswith("-0") for key in keys)
            ]
            for worker in reading:
                worker.kill()
            return lambda: psutil.wait_procs(reading)

        pipe = Pipe(tmp_path / "pipe", kill_reader, write_whole(TROUBLE))
        paths = [pipe.path, *[str(SMALL)] * 6, "no-such.pcap", str(TROUBLE)]
        outcomes = {one.number: one for one in DaskCluster(client=client).run(tasks(*paths))}
        pipe.join()
        assert client.status == "running"
    expected = {task.number: thin_one(task) for task in tasks(str(TROUBLE), *paths[1:])}
    first, whole = outcomes.pop(0), expected.pop(0)
    assert isinstance(first, Thinned) and isinstance(whole, Thinned)
    assert first.evidence == whole.evidence
    assert outcomes == expected


@pytest.mark.slow
def test_a_scheduler_that_goes_away_leaves_the_rest_named(tmp_path: Path) -> None:
    cluster = started(tmp_path)
    pipe = Pipe(tmp_path / "pipe", lambda _: cluster.close())
    running = DaskCluster(cluster.scheduler_address, patience=2).run(tasks(pipe.path, pipe.path))
    outcomes = list(running)
    pipe.join()
    assert len(outcomes) == 2
    assert all(isinstance(one, Failed) and "was not read" in one.reason for one in outcomes)


def test_nobody_left_to_do_the_work_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with started(tmp_path, workers=0) as empty:
        outcomes = list(DaskCluster(empty.scheduler_address, patience=0.1).run(tasks(str(SMALL))))
    why = f"{SMALL} was not read: the cluster has no workers left."
    assert outcomes == [Failed(0, why)]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:99999"])
def test_a_scheduler_that_is_not_there_is_a_sentence(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "ANSWER_S", 0.2)
    with pytest.raises(EngineError, match=r"does not answer: .*; check the address"):
        list(DaskCluster(address).run(tasks(str(SMALL))))


class Unreadable:
    """What cannot be unpickled here."""


class Future:
    """What is asked of a ``distributed.Future`` that is over."""

    def __init__(self, status: str, outcome: object = None) -> None:
        self.status = status
        self._outcome = outcome

    def result(self) -> object:
        if isinstance(self._outcome, Unreadable):
            raise AttributeError("no attribute 'Evidence' in auditor")
        return self._outcome

    def exception(self) -> object:
        return self._outcome


@pytest.mark.parametrize(
    ("future", "why"),
    [
        (Future("cancelled"), "the scheduler went away"),
        (Future("lost"), "the scheduler went away"),
        (Future("finished", "evidence?"), "its worker handed back something else"),
        (Future("finished", [Failed(8, "of another.")]), "its worker handed back something else"),
        (Future("finished", [Thinned(7, "evidence", 1)]), "its evidence is none"),
        (Future("finished", [Thinned(7, b"e", -1)]), "its evidence is none"),
        (
            Future("finished", [Thinned(7, b"e", 1, "99.0")]),
            f"its worker has bareos-audit 99.0, and this is {__version__}: install the same on all "
            "workers",
        ),
        (
            Future("finished", Unreadable()),
            "what its worker handed back cannot be had (AttributeError)",
        ),
        (Future("error", ValueError("sftp://u:hunter2@h/a")), "its worker failed (ValueError)"),
        (
            Future("error", ModuleNotFoundError(name="auditor")),
            "its worker has no auditor: install the same bareos-audit on all workers",
        ),
        (
            Future("error", KilledWorker("task", None, 3)),
            "the workers that read it died one after the other; one may need more memory",
        ),
    ],
    ids=[
        "cancelled",
        "lost",
        "no outcome",
        "another's",
        "no evidence",
        "no size",
        "another version",
        "no module",
        "failed",
        "without program",
        "killed",
    ],
)
def test_whatever_became_of_a_task_is_a_sentence(future: Future, why: str) -> None:
    given = Task(7, "sftp://u:hunter2@h/a.pcap", PORTS)
    (outcome,) = dask_cluster._outcomes(future, (given,))
    assert outcome == Failed(7, f"sftp://u@h/a.pcap was not read: {why}.")


def test_evidence_of_a_batch_is_told_apart_by_number() -> None:
    given = tuple(tasks("a.pcap", "b.pcap", "c.pcap"))
    handed = [Failed(2, "odd." * 1000), Thinned(0, b"e", 1), Thinned(9, b"e", 1)]
    first, second, third = dask_cluster._outcomes(Future("finished", handed), given)
    assert first == Thinned(0, b"e", 1)
    assert second == Failed(1, "b.pcap was not read: its worker handed back something else.")
    assert isinstance(third, Failed) and len(third.reason) == 500


def test_of_a_file_that_fails_it_is_told_what_failed() -> None:
    (outcome,) = dask_cluster._outcomes(Future("error", ValueError("odd")), tuple(tasks("a.pcap")))
    assert outcome == Failed(0, "a.pcap was not read: its worker failed (ValueError: odd).")


def test_a_scheduler_that_cannot_be_asked_has_no_workers() -> None:
    class Gone:
        def scheduler_info(self, **_: object) -> object:
            raise OSError("closed")

    assert not dask_cluster._has_workers(Gone())


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineError, match=r"bareos-audit\[cluster\]"):
        list(DaskCluster("tcp://127.0.0.1:1").run(tasks(str(SMALL))))
