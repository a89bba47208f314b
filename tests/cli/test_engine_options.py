"""Who reads many captures: ``--jobs``, ``--dask``, ``--work``."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from commandline import TROUBLE, run

REST = [one for one in TROUBLE if one != "analyze"]


def test_work_keeps_evidence_and_comes_to_the_same(tmp_path: Path) -> None:
    work, report = tmp_path / "work", tmp_path / "a.json"
    plain, kept, again = (
        run("analyze", *REST, *more, "--exit-zero", "-f", "json", "-o", report)
        and json.loads(report.read_text())["findings"]
        for more in ([], ["--work", work], ["--work", work])
    )
    assert kept == again
    assert [one["id"] for one in plain] == [one["id"] for one in kept]
    assert (work / "manifest.jsonl").exists()


@pytest.mark.slow
def test_jobs_are_processes() -> None:
    done = run("analyze", *REST, "captures/modes/capture.pcap", "--jobs", "2", "--exit-zero")
    assert done.exit_code == 0
    assert "2 captures" in done.output


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--jobs", "2", "--dask", "tcp://127.0.0.1:1"], "exclude each other"),
        (["--jobs", "0"], "x>=1"),
        (["--jobs", "many"], "not a valid integer"),
        (["--dask", "nonsense://x"], "does not answer"),
        (["--work", "README.md"], "name another --work"),
        (["--work", "w", "--follow"], "--follow reads one capture here"),
    ],
)
def test_what_does_not_fit_is_a_sentence(given: list[str], words: str) -> None:
    done = run("analyze", *REST, *given)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_standard_input_is_read_here() -> None:
    done = run("analyze", "-", "--jobs", "2")
    assert done.exit_code == 2
    assert "cannot be given to others" in done.stderr


def test_dask_logs_nothing_once_it_is_asked() -> None:
    """It sets the levels of its loggers when it is imported, and had put tracebacks on a screen."""
    run("analyze", *REST, "captures/modes/capture.pcap", "--dask", "nonsense://x")
    for name in ("distributed", "distributed.client", "distributed.worker"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)
