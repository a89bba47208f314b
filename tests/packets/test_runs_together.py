"""What could not be decoded of many files takes no more room than that of some."""

from __future__ import annotations

from auditor.packets.runs_together import MOST_TOGETHER, runs_together
from auditor.packets.segments import UndecodedRun

SECOND = 1_000_000_000
ONE = UndecodedRun("192.0.2.1", "192.0.2.2", "ESP", 0, SECOND, 2)


def test_few_are_as_they_are() -> None:
    assert runs_together([ONE], [ONE, ONE], []) == (ONE, ONE, ONE)


def test_of_many_between_two_hosts_longer_pauses_are_none() -> None:
    runs: tuple[UndecodedRun, ...] = ()
    for file in range(50):
        begins = range(file * 1000, file * 1000 + 1000, 10)
        runs = runs_together(
            runs, [ONE._replace(first=n * SECOND, last=(n + 1) * SECOND) for n in begins]
        )
    assert len(runs) <= MOST_TOGETHER
    assert sum(run.packets for run in runs) == 50 * 100 * 2
    assert (min(run.first for run in runs), max(run.last for run in runs)) == (0, 49991 * SECOND)


def test_of_too_many_hosts_the_others_are_of_any_and_no_packet_is_forgotten() -> None:
    many = [ONE._replace(source=f"host {n}", first=n, last=n) for n in range(MOST_TOGETHER + 1)]
    runs = runs_together(many)
    assert len(runs) == MOST_TOGETHER * 3 // 4
    assert sum(run.packets for run in runs) == 2 * len(many)
    (other,) = (run for run in runs if not run.source)
    assert (other.target, other.layer) == ("", "other layers")
