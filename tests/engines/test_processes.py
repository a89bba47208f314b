"""Processes of this machine do the work, and may die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from dying import Pipe, write_whole
from paths import CAPTURES, ROOT

from auditor.engines import processes
from auditor.engines.processes import Processes
from auditor.engines.unit import Failed, Outcome, Task, Thinned, thin_one

PORTS = (9101, 9102, 9103)
TROUBLE = CAPTURES / "trouble" / "capture.pcap"
SMALL = CAPTURES / "self-copy" / "capture.pcap"


def kill_readers(_: int) -> Callable[[], None]:
    children = multiprocessing.active_children()
    for child in children:
        assert child.pid is not None
        with suppress(ProcessLookupError):  # the pool ends the others as soon as one has died
            os.kill(child.pid, signal.SIGKILL)

    def dead() -> None:
        for child in children:
            child.join()

    return dead


def by_number(paths: list[str], jobs: int = 2) -> dict[int, Outcome]:
    tasks = [Task(number, path, PORTS) for number, path in enumerate(paths)]
    outcomes = list(Processes(jobs).run(tasks))
    assert len(outcomes) == len(tasks)
    return {outcome.number: outcome for outcome in outcomes}


def test_each_task_has_the_outcome_that_it_has_in_this_process() -> None:
    paths = [str(TROUBLE), "no-such-file.pcap", str(SMALL)] * 2
    expected = {n: thin_one(Task(n, path, PORTS)) for n, path in enumerate(paths)}
    assert by_number(paths) == expected


def test_a_process_that_dies_takes_no_other_task_with_it(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe", kill_readers, write_whole(TROUBLE))
    outcomes = by_number([str(SMALL), pipe.path, str(SMALL), str(TROUBLE)])
    pipe.join()
    assert [one for one in outcomes.values() if isinstance(one, Failed)] == []


def test_a_capture_that_kills_twice_is_named_and_the_rest_is_done(tmp_path: Path) -> None:
    pipe = Pipe(tmp_path / "pipe", kill_readers, kill_readers)
    outcomes = by_number([pipe.path, *[str(SMALL)] * 3], jobs=1)
    pipe.join()
    died = outcomes.pop(0)
    assert isinstance(died, Failed)
    assert "died twice" in died.reason and pipe.path in died.reason
    assert all(isinstance(outcome, Thinned) for outcome in outcomes.values())


def test_no_process_outlives_the_one_that_asked(tmp_path: Path) -> None:
    """One that is killed tells its processes nothing, and they would wait for more for ever."""

    def kill_asker(_: int) -> Callable[[], object]:
        processes = psutil.Process(asker.pid).children(recursive=True)
        assert processes
        asker.kill()
        asker.wait()
        return lambda: alive.extend(psutil.wait_procs(processes, timeout=20)[1])

    alive = list[psutil.Process]()
    pipe = Pipe(tmp_path / "pipe", kill_asker)
    asks = (
        "from auditor.engines.processes import Processes; from auditor.engines.unit import Task; "
        f"list(Processes(1).run([Task(0, {pipe.path!r}, {PORTS})]))"
    )
    asker = subprocess.Popen([sys.executable, "-c", asks], cwd=ROOT)
    pipe.join()
    assert alive == []


def test_a_process_that_nobody_asked_does_not_end() -> None:
    processes._end_with_parent()
